package faults_test

import (
	"context"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"liaowang/aggregator"
	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
	"liaowang/aggregator/engine/enginetest"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// hall is an aggregator in this process, with a door before its source.
type hall struct {
	t      *testing.T
	door   *door
	w      *warehouse.Warehouse // beside the door
	redis  *redistest.Server
	store  *batch.Store
	reader *reader
	now    atomic.Int64 // added to the clock, ns
	stop   func()
}

func openHall(t *testing.T) *hall {
	t.Helper()
	engine := enginetest.StartMigrated(t)
	h := &hall{t: t, door: openDoor(t, engine.URL()), redis: redistest.Start(t)}
	h.w = enginetest.Open(t, engine.URL())
	h.store = stores(t, 1, h.redis.URL())[0]
	h.reader = &reader{store: h.store, album: &album{seen: map[uint64]picture{}}}
	through, err := warehouse.Open(t.Context(), warehouse.Options{URL: h.door.server.URL + "/liaowang", QueryTimeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := through.Migrate(t.Context(), queries.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := handMade(t)(h.w); err != nil {
		t.Fatal(err)
	}
	cat, err := queries.Load()
	if err != nil {
		t.Fatal(err)
	}
	o := aggregator.Options{Warehouse: through, Store: h.store, Catalogue: cat.Only(contract...), Node: "one", LeastCell: 1,
		Now: func() time.Time { return time.Now().Add(time.Duration(h.now.Load())) }}
	if testing.Verbose() {
		o.Logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() {
		if err := aggregator.New(o).Run(ctx); err != nil {
			t.Error(err)
		}
	})
	h.stop = func() { cancel(); work.Wait() }
	t.Cleanup(func() { h.stop(); through.Close() })
	return h
}

// shows waits until a batch shows a state of the assets, and gives its header.
func (h *hall) shows(state uint64) batch.Header {
	h.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if err := h.reader.read(h.t.Context()); err != nil {
			h.t.Fatal(err)
		}
		if r := h.reader; r.header != nil && r.album.seen[r.header.Number].state == state {
			return *r.header
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("state %d is never shown", state)
		}
	}
}

func (h *hall) write(state uint64) {
	h.t.Helper()
	if err := assets(h.t.Context(), h.w.Conn(), state); err != nil {
		h.t.Fatal(err)
	}
}

// status waits for what the aggregator says of itself.
func (h *hall) status(what string, want func(*batch.Status) bool) *batch.Status {
	h.t.Helper()
	var last *batch.Status
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if snap, err := h.store.Load(h.t.Context(), math.MaxInt64); err == nil {
			if last = snap.Status; want(last) {
				return last
			}
		}
	}
	h.t.Fatalf("%s is never said, but %+v", what, last)
	return nil
}

func lost(s *batch.Status) bool { return s != nil && s.Source == batch.SourceLost }
func ok(s *batch.Status) bool   { return s != nil && s.Source == batch.SourceOK }

// TestASourceThatTakesNothingOrAnswersLateIsSaid: the figures stay, marked, and go on
// without a restart.
func TestASourceThatTakesNothingOrAnswersLateIsSaid(t *testing.T) {
	h := openHall(t)
	state := uint64(1)
	for _, k := range []struct {
		name, words string
		decide      func(asked) fate
	}{
		{"read-only", "只读", func(a asked) fate {
			if a.writes() {
				return fate{code: 164}
			}
			return fate{}
		}},
		{"its disk is full", "磁盘已满", func(a asked) fate {
			if a.writes() && strings.Contains(a.sql, "INSERT") {
				return fate{code: 243}
			}
			return fate{}
		}},
		{"nothing is answered in time", "无应答", func(asked) fate { return fate{after: 3 * time.Second} }},
		{"every statement fails", "报错", func(asked) fate { return fate{code: 202} }},
	} {
		t.Log(k.name)
		h.write(state)
		before := h.shows(state)
		h.status("the source is there", ok)
		h.door.say(k.decide)
		state++
		h.write(state)
		said := h.status(k.name, lost)
		if !strings.Contains(said.Words, k.words) {
			t.Errorf("%s: the wall says %q", k.name, said.Words)
		}
		if snap, err := h.store.Load(t.Context(), 0); err != nil || snap.Header.Number != before.Number {
			t.Errorf("%s: batch %d was shown after %d, %v", k.name, snap.Header.Number, before.Number, err)
		}
		h.door.say(nil)
		h.shows(state)
		h.status("the source is back", ok)
	}
	h.reader.album.inRecord(t, h.w)
}

// TestAMetricThatFailsOrHangsHarmsNoOther: the batch names it and has its old figures.
func TestAMetricThatFailsOrHangsHarmsNoOther(t *testing.T) {
	h := openHall(t)
	h.write(1)
	h.shows(1)
	for i, k := range []struct {
		words string
		fate  fate
	}{{"内存", fate{code: 241}}, {"超时", fate{code: 159}}, {"超时", fate{after: time.Minute}}} {
		h.door.say(func(a asked) fate {
			if strings.Contains(a.comment, "monitored.by_type") { // alone, or with others in a statement
				return k.fate
			}
			return fate{}
		})
		// Each household has four persons then, in all metrics but one.
		if err := households(t.Context(), h.w.Conn(), uint64(i)*60+33); err != nil {
			t.Fatal(err)
		}
		var named *batch.Header
		for deadline := time.Now().Add(2 * time.Minute); named == nil; time.Sleep(20 * time.Millisecond) {
			snap, err := h.store.Load(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			f := index(snap.Frames)
			if len(snap.Header.Failing) > 0 && f.numbers("monitored.total", province)[1] == 12*4 {
				named = snap.Header
			}
			if time.Now().After(deadline) {
				t.Fatalf("no batch goes on without the metric: %+v", snap.Header)
			}
		}
		if f := named.Failing[0]; len(named.Failing) != 1 || f.Metric != "monitored.by_type" || !strings.Contains(f.Words, k.words) {
			t.Errorf("the batch names %+v", named.Failing)
		}
		h.door.say(nil)
		for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
			if snap, err := h.store.Load(t.Context(), 0); err == nil && len(snap.Header.Failing) == 0 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("the metric never answers again")
			}
		}
		if err := households(t.Context(), h.w.Conn(), uint64(i)*60+60); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOneStatementInAHundredFails, of all that are asked, and batches go on.
func TestOneStatementInAHundredFails(t *testing.T) {
	const batches = 25
	h := openHall(t)
	h.write(1)
	h.shows(1)
	random := rand.New(rand.NewPCG(46, 100))
	h.door.say(func(asked) fate {
		if random.IntN(100) == 0 {
			return fate{code: 202}
		}
		return fate{}
	})
	begun, before := time.Now(), len(h.reader.album.seen)
	for state := uint64(2); len(h.reader.album.seen) < before+batches; state++ {
		h.write(state)
		h.shows(state)
	}
	t.Logf("%d batches in %s, while one of a hundred of %d statements failed", batches, time.Since(begun).Round(10*time.Millisecond), len(h.door.all()))
	h.door.say(nil)
	h.reader.album.inOrder(t)
	h.reader.album.inRecord(t, h.w)
}

// TestEveryStatementIsBoundedAndNamed, from the beginning through midnight to the end.
func TestEveryStatementIsBoundedAndNamed(t *testing.T) {
	h := openHall(t)
	h.write(1)
	first := h.shows(1)
	h.now.Store(int64(24 * time.Hour))
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		var n uint64
		if err := h.w.Conn().QueryRow(t.Context(), "SELECT count() FROM daily_figures").Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("midnight after batch %d never comes", first.Number)
		}
	}
	h.write(2)
	h.shows(2)
	h.stop()
	names := map[string]int{}
	for _, a := range h.door.all() {
		name, named := strings.CutPrefix(a.comment, "liaowang:")
		for _, n := range strings.Split(name, ",") { // of a statement that asks several
			names[n]++
		}
		if !named || a.params.Get("max_execution_time") == "" || a.params.Get("max_memory_usage") == "" {
			t.Errorf("unbounded, or not named (%q): %.200s", a.comment, a.sql)
		}
	}
	t.Logf("%d statements under %d names", len(h.door.all()), len(names))
	for _, name := range append([]string{"fingerprint", "take_cut", "insert_batch", "insert_batch_frames", "record_day", "drop_cut"}, contract...) {
		if names[name] == 0 {
			t.Errorf("%s was never asked, this test tells nothing of it", name)
		}
	}
}

// TestARedisWithoutMemoryIsSurvived: nothing is shown that could not be taken whole, and
// the record does not grow meanwhile as if something were.
func TestARedisWithoutMemoryIsSurvived(t *testing.T) {
	h := openHall(t)
	h.write(1)
	before := h.shows(1)
	client := redis.NewClient(&redis.Options{Addr: h.redis.Addr()})
	defer client.Close()
	memory := func(limit string) {
		t.Helper()
		if err := client.ConfigSet(t.Context(), "maxmemory", limit).Err(); err != nil {
			t.Fatal(err)
		}
	}
	memory("1")
	h.write(2)
	h.status("nothing", func(s *batch.Status) bool { return s == nil })
	recorded := func() (n uint64) {
		if err := h.w.Conn().QueryRow(t.Context(), "SELECT count() FROM batch_frames").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	first := recorded() // the status has expired: what was under way has failed
	time.Sleep(3 * time.Second)
	if snap, err := h.store.Load(t.Context(), 0); err != nil || snap.Header.Number != before.Number {
		t.Fatalf("batch %d was shown after %d, %v", snap.Header.Number, before.Number, err)
	}
	if n := recorded(); n != first {
		t.Errorf("%d frames were recorded of batches that nobody could be shown", n-first)
	}
	memory("0")
	h.shows(2)
	h.status("the source is there", ok)
	h.reader.album.inRecord(t, h.w)
}
