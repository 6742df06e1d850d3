package hub

import (
	"testing"

	"liaowang/aggregator/batch"
)

// The last pictures of one history are found by their numbers, and no others.
func TestRecentPicturesAreFound(t *testing.T) {
	var r recent
	add := func(history string, number uint64) {
		r.add(&picture{header: &batch.Header{History: history, Number: number}})
	}
	for n := range uint64(recentKept + 10) {
		add("a", n+1)
	}
	for number, found := range map[uint64]bool{0: false, 1: false, 10: false, 11: true, recentKept + 10: true, recentKept + 11: false} {
		if p := r.find(number); (p != nil) != found || found && p.header.Number != number {
			t.Errorf("batch %d: %+v", number, p)
		}
	}
	if len(r.all) != recentKept {
		t.Errorf("%d are kept", len(r.all))
	}
	add("b", 11)
	if p := r.find(11); p == nil || p.header.History != "b" || r.find(12) != nil {
		t.Error("a batch of another history is taken for one of this")
	}
}
