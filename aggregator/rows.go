package aggregator

import (
	"cmp"
	"maps"
	"slices"

	"liaowang/aggregator/batch"
	"liaowang/queries/warehouse"
)

func compareKeys(a, b batch.Key) int {
	return cmp.Or(cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Region, b.Region))
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// sameRows compares two answers. Cells are plain values.
func sameRows(a, b [][]batch.Cell) bool {
	return slices.EqualFunc(a, b, func(x, y []batch.Cell) bool { return slices.Equal(x, y) })
}

// sortedFrames lists frames in a fixed order, so that equal batches are equal bytes.
func sortedFrames(m map[batch.Key]*batch.Frame) []*batch.Frame {
	return slices.SortedFunc(maps.Values(m), func(a, b *batch.Frame) int { return compareKeys(a.Key(), b.Key()) })
}

// sameAnswer compares two answers of a metric.
func sameAnswer(a, b warehouse.Answer) bool {
	return maps.EqualFunc(a, b, func(x, y []warehouse.Row) bool {
		return slices.EqualFunc(x, y, func(p, q warehouse.Row) bool { return slices.Equal(p, q) })
	})
}
