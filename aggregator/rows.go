package aggregator

import (
	"cmp"
	"maps"
	"reflect"
	"slices"

	"liaowang/aggregator/batch"
	"liaowang/queries/warehouse"
)

func compareKeys(a, b batch.Key) int {
	return cmp.Or(cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Region, b.Region))
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// identical reports whether two slices are the same piece of memory: their elements, which
// nobody changes, need not be compared.
func identical[E any](a, b []E) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// sameRows compares two answers. Cells are plain values.
func sameRows(a, b [][]batch.Cell) bool {
	return identical(a, b) || slices.EqualFunc(a, b, func(x, y []batch.Cell) bool { return identical(x, y) || slices.Equal(x, y) })
}

// sortedFrames lists frames in a fixed order, so that equal batches are equal bytes.
func sortedFrames(m map[batch.Key]*batch.Frame) []*batch.Frame {
	return slices.SortedFunc(maps.Values(m), func(a, b *batch.Frame) int { return compareKeys(a.Key(), b.Key()) })
}

// sameAnswer compares two answers of a metric.
func sameAnswer(a, b warehouse.Answer) bool {
	return identicalAnswer(a, b) || equalAnswers(a, b, func(p, q warehouse.Row) bool { return slices.Equal(p, q) })
}

// sameColumns compares some columns of two answers of a metric, row by row.
func sameColumns(a, b warehouse.Answer, columns []int) bool {
	return equalAnswers(a, b, func(p, q warehouse.Row) bool {
		return !slices.ContainsFunc(columns, func(i int) bool { return p[i] != q[i] })
	})
}

func equalAnswers(a, b warehouse.Answer, same func(p, q warehouse.Row) bool) bool {
	return maps.EqualFunc(a, b, func(x, y []warehouse.Row) bool {
		return identical(x, y) || slices.EqualFunc(x, y, func(p, q warehouse.Row) bool { return identical(p, q) || same(p, q) })
	})
}

// identicalAnswer reports whether two answers are the same one, as a metric's is to which
// nothing has happened.
func identicalAnswer(a, b warehouse.Answer) bool {
	return a != nil && b != nil && reflect.ValueOf(a).UnsafePointer() == reflect.ValueOf(b).UnsafePointer()
}
