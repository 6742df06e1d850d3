package aggregator_test

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"liaowang/aggregator"
	"liaowang/aggregator/batch"
)

func TestAStandbyTakesOverAndTellsEveryChange(t *testing.T) {
	h := newHall(t, "").few()
	h.regions()
	h.household(1, 460105100001, "unstable_lifted", 3, "monitored")
	stopOne := h.run("one")
	first, _ := h.next("the row stands", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "1 3; " })
	stopTwo := h.run("two")
	// The standby says nothing of the source while another leads.
	for deadline := time.Now().Add(1500 * time.Millisecond); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if snap, err := h.store.Load(t.Context(), 0); err != nil || snap.Status != nil && snap.Status.Node != "one" {
			t.Fatalf("beside a leader %v says %+v", err, snap.Status)
		}
	}
	stopOne()
	h.household(2, 460105100001, "unstable_lifted", 4, "monitored")
	second, f := h.next("both rows stand", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "2 7; " })
	if second.Term <= first.Term || second.Number <= first.Number {
		t.Fatalf("batch %d/%d follows %d/%d", second.Term, second.Number, first.Term, first.Number)
	}
	// The first leads again and finds what it had published long ago: a reader
	// of the second's batch must be told all the same.
	h.run("one_again")
	h.household(2, 460105100001, "unstable_lifted", 4, "removed")
	third, _ := h.next("one row stands", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "1 3; " })
	stopTwo()
	h.household(2, 460105100001, "unstable_lifted", 4, "monitored")
	h.next("both stand again", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "2 7; " })
	snap, err := h.store.Load(t.Context(), third.Number)
	if err != nil {
		t.Fatal(err)
	}
	if got := index(snap.Frames).rows("monitored.total", "460000"); got != "2 7; " {
		t.Fatalf("a reader of batch %d is told %q", third.Number, got)
	}
	if f.rows("monitored.total", "469001") == "none" {
		t.Fatal("the batch of the new leader is not whole")
	}
}

func TestAHeldBatchIsHeldAgainWhenTheSourceIsBack(t *testing.T) {
	h := newHall(t, "").few()
	h.regions()
	h.household(1, 460105100001, "unstable_lifted", 3, "monitored")
	h.breakTypes()
	h.run("one")
	first, _ := h.next("the row stands", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "1 3; " })
	h.household(2, 460105100001, "unstable_lifted", 4, "monitored")
	held := func(s *batch.Status) bool { return s != nil && s.Source == batch.SourceHeld }
	verified := h.status(held).Verified
	kill(t, h.engine.PID())
	h.status(func(s *batch.Status) bool { return s != nil && s.Source == batch.SourceLost })
	again := h.status(func(s *batch.Status) bool {
		if s != nil && s.Source == batch.SourceOK {
			t.Fatal("a held batch is said to be current")
		}
		return held(s)
	})
	if !again.Verified.Equal(verified) {
		t.Error("the batch shown is said to be verified while another is held back")
	}
	if snap, err := h.store.Load(t.Context(), 0); err != nil || snap.Header.Number != first.Number {
		t.Fatalf("batch %d was shown though its check fails (%v)", snap.Header.Number, err)
	}
}

func TestACutThatIsLostIsMadeAnew(t *testing.T) {
	h := newHall(t, "").few()
	h.regions()
	h.household(1, 460105100001, "unstable_lifted", 3, "monitored")
	h.run("one")
	first, _ := h.next("the row stands", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "1 3; " })
	h.exec("DROP DATABASE " + h.database + "_cut_one SYNC")
	h.household(2, 460105100001, "unstable_lifted", 4, "monitored")
	second, _ := h.next("both rows stand", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "2 7; " })
	h.exec("ALTER TABLE households ADD COLUMN note String")
	h.household(3, 460105100001, "unstable_lifted", 1, "monitored")
	third, _ := h.next("three rows stand", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "3 8; " })
	if second.Number <= first.Number || third.Number <= second.Number {
		t.Fatalf("batches %d, %d, %d", first.Number, second.Number, third.Number)
	}
}

func TestAStandbyHasComputedWhatItLeadsWith(t *testing.T) {
	h := newHall(t, "").few()
	h.regions()
	h.household(1, 460105100001, "unstable_lifted", 3, "monitored")
	stopOne := h.run("one")
	h.next("the row stands", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "1 3; " })
	h.household(2, 460105100001, "unstable_lifted", 4, "monitored")
	h.next("both rows stand", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "2 7; " })
	registry := prometheus.NewRegistry()
	h.start(aggregator.Options{Node: "two", Gap: time.Millisecond, React: 10 * time.Millisecond, Lease: time.Second, Warm: time.Millisecond, Registry: registry})
	warmed := func() float64 { return counted(t, registry, "liaowang_warm_rounds_total") }
	for deadline := time.Now().Add(time.Minute); warmed() < 1; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the standby does not compute")
		}
	}
	stopOne()
	h.next("another leads", func(k batch.Header, f frames) bool {
		return k.Term > 1 && f.rows("monitored.total", "460000") == "2 7; " && f.rows("monitored.by_type", "469001") != "none"
	})
	for deadline := time.Now().Add(time.Minute); counted(t, registry, "liaowang_batches_total") < 1; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the standby published no batch")
		}
	}
	if asked := counted(t, registry, "liaowang_metrics_asked_total"); asked > 0 {
		t.Errorf("its first batch asked %v metrics anew", asked)
	}
}

// counted reads a counter.
func counted(t *testing.T, r *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	t.Fatalf("there is no counter %s", name)
	return 0
}
