package web

import (
	"slices"
	"testing"

	"liaowang/queries/warehouse"
)

func TestWhatWasAskedForLastIsRecalled(t *testing.T) {
	id := func(n uint64) warehouse.BatchID { return warehouse.BatchID{Term: 1, Number: n} }
	frames := func(bytes int) []warehouse.RecordedFrame {
		return []warehouse.RecordedFrame{{Rows: make([]byte, bytes)}}
	}
	c := newRecall(10_000)
	for n := range uint64(4) {
		c.put(id(n), frames(3000))
		c.put(id(n), frames(3000)) // by two requests at once
		c.get(id(0))
	}
	c.put(id(9), frames(20_000))
	var left []uint64
	for n := range uint64(10) {
		if _, ok := c.get(id(n)); ok {
			left = append(left, n)
		}
	}
	if !slices.Equal(left, []uint64{0, 2, 3}) || c.bytes > c.most {
		t.Errorf("batches %d are left, %d bytes", left, c.bytes)
	}
	if other := (warehouse.BatchID{Term: 2, Number: 3}); c.at[other] != nil {
		t.Error("a batch of another term is taken for it")
	}
}
