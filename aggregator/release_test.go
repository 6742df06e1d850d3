package aggregator_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"liaowang/aggregator"
	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
	"liaowang/queries/warehouse"
)

// release lets the check of the types pass, in a region or with "" everywhere.
func (h *hall) release(region string, until time.Time) warehouse.HoldRelease {
	h.t.Helper()
	r := warehouse.HoldRelease{Check: "monitored.types", Region: region, At: time.Now().UTC().Truncate(time.Millisecond), By: "值班员", Why: "乡镇更正中", Until: until}
	if err := h.w.ReleaseHold(h.t.Context(), r); err != nil {
		h.t.Fatal(err)
	}
	return r
}

func (h *hall) held() *batch.Status {
	h.t.Helper()
	return h.status(func(s *batch.Status) bool { return s != nil && s.Source == batch.SourceHeld })
}

func (h *hall) current() {
	h.t.Helper()
	h.status(func(s *batch.Status) bool { return s != nil && s.Source == batch.SourceOK })
}

// types is what a batch says of the check of the types.
func types(b batch.Header) batch.Check {
	for _, k := range b.Checks {
		if k.ID == "monitored.types" {
			return k
		}
	}
	return batch.Check{}
}

// A batch that a check holds is published when an operator lets the check pass, as
// failed as it is; when that is revoked the next one is held again, and released by
// itself when the identity holds.
func TestAnOperatorReleasesAHeldBatch(t *testing.T) {
	h := newHall(t, "").few()
	h.regions()
	h.household(1, 460105100001, "unstable_lifted", 3, "monitored")
	h.breakTypes()
	h.run("one")
	first, _ := h.next("the row stands", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "1 3; " })
	h.household(2, 460105100001, "unstable_lifted", 4, "monitored")
	held := h.held()
	want := []batch.Hold{{Check: "monitored.types", Title: types(first).Title, Words: "不平", Failed: 1}}
	if diff := cmp.Diff(want, held.Holds); diff != "" || held.Since.IsZero() || held.Words != want[0].Title+"：不平" {
		t.Errorf("the status is %+v: %s", held, diff)
	}
	r := h.release("", time.Time{})
	released, f := h.next("it is released", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "2 7; " })
	k := types(released)
	if k.OK || k.Words != "不平" || k.Failed != 1 || f.rows("monitored.by_type", "460000") != "unstable_lifted 2 7; marginal_poor 0 0; sudden_hardship 0 0; " {
		t.Errorf("the released check says %+v", k)
	}
	if diff := cmp.Diff([]batch.Release{{By: r.By, Since: r.At, Why: r.Why}}, k.Releases); diff != "" {
		t.Error(diff)
	}
	h.current()
	// The record gives it back.
	recorded, err := h.w.Batch(t.Context(), released.Number, warehouse.BatchID{Term: released.Term, Number: released.Number})
	if err != nil {
		t.Fatal(err)
	}
	if got := types(header(t, recorded)); cmp.Diff(k, got) != "" {
		t.Errorf("the record says %+v, the batch %+v", got, k)
	}

	ended, err := h.w.RevokeHold(t.Context(), "monitored.types", "", "班长", time.Now())
	if err != nil || len(ended) != 1 {
		t.Fatalf("%d releases revoked, %v", len(ended), err)
	}
	h.held()
	h.household(3, 460105100001, "unstable_lifted", 1, "monitored")
	h.household(2, 460105100001, "unstable_lifted", 4, "removed")
	h.household(3, 460105100001, "unstable_lifted", 1, "removed")
	last, _ := h.next("the identity holds again", func(b batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "1 3; " })
	if k := types(last); !k.OK || k.Releases != nil || last.Number != released.Number+1 {
		t.Errorf("batch %d follows %d and says %+v", last.Number, released.Number, k)
	}
	h.current()
	all, err := h.w.AllHoldReleases(t.Context(), 10)
	if err != nil || len(all) != 1 || all[0].RevokedBy != "班长" || all[0].By != "值班员" {
		t.Errorf("the record of releases is %+v, %v", all, err)
	}
}

func header(t *testing.T, b *warehouse.Recorded) batch.Header {
	t.Helper()
	var h batch.Header
	if err := json.Unmarshal(b.Header, &h); err != nil {
		t.Fatal(err)
	}
	return h
}

// The end of a release is an event of its own: nothing in the tables changes then.
func TestAReleaseEndsByTheClock(t *testing.T) {
	h := newHall(t, "").few()
	h.regions()
	h.household(1, 460105100001, "unstable_lifted", 3, "monitored")
	h.household(2, 460105100001, "unstable_lifted", 4, "monitored")
	h.breakTypes()
	var ahead atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	registry := prometheus.NewRegistry()
	h.start(aggregator.Options{Node: "one", Gap: time.Millisecond, React: 10 * time.Millisecond, Lease: time.Second, Now: now, Registry: registry})
	h.held() // before there ever was a batch
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond)
	h.release("", until)
	released, _ := h.next("it is released", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "2 7; " })
	if k := types(released); len(k.Releases) != 1 || k.Releases[0].Until == nil || !k.Releases[0].Until.Equal(until) {
		t.Errorf("the batch says %+v", types(released))
	}
	h.current()
	if got := gathered(t, registry, "liaowang_checks", "policy", "hold", "result", "released"); got != 1 {
		t.Errorf("%v checks are counted as released", got)
	}
	ahead.Store(int64(2 * time.Hour))
	h.held()
	// It stays held after the source was lost, although no table has changed.
	kill(t, h.engine.PID())
	h.status(func(s *batch.Status) bool { return s != nil && s.Source == batch.SourceLost })
	h.status(func(s *batch.Status) bool {
		if s != nil && s.Source == batch.SourceOK {
			t.Fatal("what is held is said to be current")
		}
		return s != nil && s.Source == batch.SourceHeld
	})
	if snap, err := h.store.Load(t.Context(), 0); err != nil || snap.Header.Number != released.Number {
		t.Errorf("%v: after the release's end batch %d is shown, %d was", err, snap.Header.Number, released.Number)
	}
	if got := gathered(t, registry, "liaowang_source_state", "state", "held"); got != 1 {
		t.Errorf("liaowang_source_state{state=held} is %v", got)
	}
}

// gathered is a gauge's or a counter's value, by its labels; -1 where there is none.
func gathered(t *testing.T, r *prometheus.Registry, name string, labels ...string) float64 {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			have := map[string]string{}
			for _, l := range m.GetLabel() {
				have[l.GetName()] = l.GetValue()
			}
			matches := f.GetName() == name
			for i := 0; i < len(labels); i += 2 {
				matches = matches && have[labels[i]] == labels[i+1]
			}
			if matches {
				return m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	return -1
}

// A release for a region lets that region's failure pass and no other's.
func TestAReleaseForARegion(t *testing.T) {
	h := newHall(t, "").few()
	h.regions()
	h.household(1, 460105100001, "unstable_lifted", 3, "monitored")
	for i := range h.cat.Checks {
		if k := &h.cat.Checks[i]; k.ID == "monitored.types" {
			k.Equal = nil // a statement of its own
			k.SQL = `SELECT scope AS region, '不平' AS words, 0. AS expected, toFloat64(households) AS actual FROM "monitored.total" WHERE scope IN ('460100', '469001') AND households > 0`
		}
	}
	h.run("one")
	h.held()
	h.release("469001", time.Time{})
	h.release("460100", time.Time{})
	one, _ := h.next("海口 is released", func(batch.Header, frames) bool { return true })
	if k := types(one); len(k.Releases) != 1 || k.Releases[0].Region != "460100" {
		t.Errorf("the batch says %+v", k)
	}
	if _, err := h.w.RevokeHold(t.Context(), "monitored.types", "469001", "值班员", time.Now()); err != nil {
		t.Fatal(err)
	}
	h.household(2, 469001100001, "unstable_lifted", 4, "monitored")
	held := h.held()
	if len(held.Holds) != 1 || held.Holds[0].Failed != 2 {
		t.Errorf("held by %+v", held.Holds)
	}
	h.release("", time.Time{}) // for all of the check
	h.next("both are released", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "2 7; " })
}

// A release is in ClickHouse: it stands after Redis and the aggregator were lost.
func TestAReleaseSurvivesTheLossOfRedis(t *testing.T) {
	server := redistest.Start(t)
	h := newHall(t, server.URL()).few()
	h.regions()
	h.household(1, 460105100001, "unstable_lifted", 3, "monitored")
	h.household(2, 460105100001, "unstable_lifted", 4, "monitored")
	h.breakTypes()
	r := h.release("", time.Time{})
	stop := h.run("one")
	two := func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "2 7; " }
	before, _ := h.next("it is released", two)
	server.Kill()
	server.Restart()
	after, _ := h.next("it stands again", two)
	stop()
	server.Kill()
	server.Restart()
	h.run("two")
	last, _ := h.next("it stands with another leader", two)
	if after.Number <= before.Number || last.Number <= after.Number {
		t.Errorf("batches %d, %d, %d", before.Number, after.Number, last.Number)
	}
	for _, b := range []batch.Header{before, after, last} {
		if k := types(b); k.OK || len(k.Releases) != 1 || k.Releases[0].By != r.By || !k.Releases[0].Since.Equal(r.At) {
			t.Errorf("batch %d says %+v", b.Number, k)
		}
	}
}

// Health says of a leader and of one that stands by how they are.
func TestHealthKnowsLeaderStandbyHeldAndLost(t *testing.T) {
	server := redistest.Start(t)
	h := newHall(t, server.URL()).few()
	h.regions()
	h.household(1, 460105100001, "unstable_lifted", 3, "monitored")
	h.breakTypes()
	leader := h.healthOf("one")
	is(t, leader, func(s aggregator.Health) bool { return s.State == "ok" && s.Ready && s.Term > 0 && s.Batch > 0 })
	standby := h.healthOf("two")
	is(t, standby, func(s aggregator.Health) bool { return s.State == "standby" && s.Ready && s.Term == 0 })
	h.household(2, 460105100001, "unstable_lifted", 4, "monitored")
	is(t, leader, func(s aggregator.Health) bool {
		return s.State == "held" && s.Ready && s.Since != nil && s.Words != "" && len(s.Holds) == 1
	})
	server.Kill()
	for _, node := range []func() aggregator.Health{leader, standby} {
		is(t, node, func(s aggregator.Health) bool { return s.State == "store_lost" && !s.Ready && s.Why != "" })
	}
	server.Restart()
	h.held()
}

func is(t *testing.T, health func() aggregator.Health, want func(aggregator.Health) bool) {
	t.Helper()
	var last aggregator.Health
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if last = health(); want(last) {
			return
		}
	}
	t.Fatalf("the health is never what is wanted; the last is %+v", last)
}

// healthOf starts an aggregator and gives what tells its health.
func (h *hall) healthOf(node string) func() aggregator.Health {
	h.t.Helper()
	o := aggregator.Options{Warehouse: h.w, Store: h.store, Catalogue: h.cat, Node: node, LeastCell: 1, Gap: time.Millisecond, React: 10 * time.Millisecond, Lease: time.Second}
	if testing.Verbose() {
		o.Logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	a := aggregator.New(o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	h.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			h.t.Error(err)
		}
	})
	return a.Health
}
