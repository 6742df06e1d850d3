package aggregator_test

import (
	"testing"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
)

// A check says since when it has not held, whoever leads and whatever Redis has lost; and
// begins anew when it has held in between.
func TestACheckSaysSinceWhenItHasNotHeld(t *testing.T) {
	server := redistest.Start(t)
	h := newHall(t, server.URL()).few()
	h.regions()
	h.household(1, 460105100001, "unstable_lifted", 3, "monitored")
	h.breakTypes()
	stop := h.run("one")
	shows := func(rows string) func(batch.Header, frames) bool {
		return func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == rows }
	}
	first, _ := h.next("the row stands", shows("1 3; "))
	if k := types(first); !k.OK || k.Since != nil {
		t.Fatalf("the check that holds says %+v", k)
	}
	h.household(2, 460105100001, "unstable_lifted", 4, "monitored")
	h.held()
	h.release("", time.Time{})
	failed, _ := h.next("it is released", shows("2 7; "))
	since := types(failed).Since
	if since == nil || !since.Equal(failed.AsOf) {
		t.Fatalf("it fails first in the batch of %s and says since %v", failed.AsOf, since)
	}
	stop()
	// Another leader, whose Redis has lost all.
	server.Kill()
	server.Restart()
	h.run("two")
	h.household(3, 460105100001, "unstable_lifted", 1, "monitored")
	later, _ := h.next("another leads", shows("3 8; "))
	if k := types(later); k.OK || k.Since == nil || !k.Since.Equal(*since) {
		t.Errorf("under another leader it says since %v, before since %v", k.Since, since)
	}
	h.household(2, 460105100001, "unstable_lifted", 4, "removed")
	h.household(3, 460105100001, "unstable_lifted", 1, "removed")
	holds, _ := h.next("it holds again", shows("1 3; "))
	if k := types(holds); !k.OK || k.Since != nil {
		t.Errorf("the check that holds again says %+v", k)
	}
	h.household(4, 460105100001, "unstable_lifted", 5, "monitored")
	again, _ := h.next("it fails again", shows("2 8; "))
	if k := types(again); k.OK || k.Since == nil || !k.Since.Equal(again.AsOf) {
		t.Errorf("it fails anew at %s and says since %v", again.AsOf, k.Since)
	}
}
