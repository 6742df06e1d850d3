package aggregator_test

import (
	"testing"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
)

func TestARedisMasterKilledUnderSentinelsIsReplacedWithoutARestart(t *testing.T) {
	group := redistest.StartSentinel(t)
	h := newHall(t, group.URL()).few()
	h.regions()
	h.household(1, 460105100001, "unstable_lifted", 3, "monitored")
	h.run("one")
	before, _ := h.next("the row stands", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "1 3; " })
	group.Master().Kill()
	h.household(2, 460105100001, "unstable_lifted", 4, "monitored")
	after, f := h.next("the new row stands", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "2 7; " })
	if after.Number <= before.Number {
		t.Fatalf("batch %d follows %d", after.Number, before.Number)
	}
	if got := f.rows("monitored.by_type", "469001"); got == "none" {
		t.Fatal("the batch after the fail-over is not whole")
	}
	h.household(3, 460105100001, "unstable_lifted", 1, "monitored")
	h.next("a third row stands", func(b batch.Header, f frames) bool {
		return b.Number > after.Number && f.rows("monitored.total", "460000") == "3 8; "
	})
}
