package aggregator_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"liaowang/aggregator"
	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
	"liaowang/queries/warehouse"
)

// onWall is a batch as Redis held it: header and frames in the bytes that readers got.
type onWall struct {
	id     warehouse.BatchID
	header string
	frames map[batch.Key]string
	seen   time.Time
}

// onWall reads what is on the walls now.
func (h *hall) onWall() *onWall {
	h.t.Helper()
	snap, err := h.store.Load(h.t.Context(), 0)
	if err != nil {
		h.t.Fatal(err)
	}
	if snap.Header == nil {
		return &onWall{}
	}
	text := func(v any) string {
		body, err := json.Marshal(v)
		if err != nil {
			h.t.Fatal(err)
		}
		return string(body)
	}
	w := &onWall{id: warehouse.BatchID{Term: snap.Header.Term, Number: snap.Header.Number}, header: text(snap.Header), frames: map[batch.Key]string{}, seen: time.Now()}
	for _, f := range snap.Frames {
		w.frames[f.Key()] = text(f)
	}
	return w
}

// givenBack compares a batch in the record with what was on the walls.
func (h *hall) givenBack(was *onWall, now warehouse.BatchID) {
	h.t.Helper()
	ctx := h.t.Context()
	b, err := h.w.Batch(ctx, was.id.Number, now)
	if err != nil {
		h.t.Fatal(err)
	}
	if b.BatchID != was.id || b.InDoubt {
		h.t.Errorf("batch %+v comes back as %+v, in doubt: %v", was.id, b.BatchID, b.InDoubt)
	}
	if diff := cmp.Diff(was.header, string(b.Header)); diff != "" {
		h.t.Errorf("header of batch %d: %s", was.id.Number, diff)
	}
	frames, err := h.w.Frames(ctx, b, "", "")
	if err != nil {
		h.t.Fatal(err)
	}
	got := map[batch.Key]string{}
	for _, f := range frames {
		body, err := json.Marshal(f)
		if err != nil {
			h.t.Fatal(err)
		}
		got[batch.Key{Metric: f.Metric, Region: f.Region}] = string(body)
	}
	if diff := cmp.Diff(was.frames, got); diff != "" {
		h.t.Fatalf("frames of batch %d: %s", was.id.Number, diff)
	}
}

func (h *hall) count(sql string) (n uint64) {
	h.t.Helper()
	if err := h.w.Conn().QueryRow(h.t.Context(), sql).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

// TestEveryBatchIsGivenBackAsItWasShown: under a writer who never pauses, a change of
// leader and a lost Redis, each batch that was seen comes back byte by byte.
func TestEveryBatchIsGivenBackAsItWasShown(t *testing.T) {
	server := redistest.Start(t)
	h := newHall(t, server.URL()).few()
	h.regions()
	h.household(1, 460105100001, "unstable_lifted", 3, "monitored")
	ctx, end := context.WithCancel(t.Context())
	var writer sync.WaitGroup
	writer.Go(func() {
		if err := scribble(ctx, h.w.Conn()); err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	})
	defer func() { end(); writer.Wait() }()
	seen := map[uint64]*onWall{}
	watch := func(batches int) {
		t.Helper()
		for deadline := time.Now().Add(3 * time.Minute); batches > 0; time.Sleep(2 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%d batches are missing", batches)
			}
			if w := h.onWall(); w.id.Number > 0 && seen[w.id.Number] == nil {
				seen[w.id.Number] = w
				batches--
			}
		}
	}
	stop := h.run("one")
	first := 40
	if testing.Short() {
		first = 25
	}
	watch(first)
	stop()
	stop = h.run("two")
	watch(10)
	stop()
	server.Kill()
	server.Restart()
	stop = h.run("three")
	watch(10)
	end()
	writer.Wait()
	stop()
	last := h.onWall()
	seen[last.id.Number] = last
	t.Logf("%d batches seen, %d recorded", len(seen), h.count("SELECT uniqExact(number) FROM batches"))
	if n := h.count("SELECT count() FROM batches WHERE base > 0 AND full = number"); n == 0 {
		t.Error("all frames were never recorded but where all were published")
	}
	if n := h.count("SELECT count() FROM batches WHERE base > 0 AND full < number AND frames < 40"); n < 20 {
		t.Errorf("changes alone were recorded with %d batches", n)
	}
	for _, w := range seen {
		h.givenBack(w, last.id)
	}
	for _, w := range seen {
		b, err := h.w.BatchAt(t.Context(), w.seen, last.id)
		// It may have been followed by another between reading and looking at the clock.
		if err != nil || b.Number < w.id.Number || seen[b.Number+1] != nil && seen[b.Number+1].seen.Before(w.seen) {
			t.Errorf("at %s: %+v, %v; batch %d was seen", w.seen, b, err, w.id.Number)
		}
	}
	// All numbers are accounted for, also those that nobody here saw.
	for number := uint64(1); number <= last.id.Number; number++ {
		b, err := h.w.Batch(t.Context(), number, last.id)
		switch {
		case err == nil && b.InDoubt, err != nil && !errors.Is(err, warehouse.ErrNeverShown) && !errors.Is(err, warehouse.ErrNoBatch):
			t.Errorf("batch %d: %+v, %v", number, b, err)
		case err != nil && seen[number] != nil:
			t.Errorf("batch %d was seen, and: %v", number, err)
		}
	}
}

func TestABatchOfADeposedLeaderWasNeverShown(t *testing.T) {
	server := redistest.Start(t)
	h := newHall(t, server.URL()).few()
	h.regions()
	h.household(1, 460105100001, "unstable_lifted", 3, "monitored")
	stop := h.start(aggregator.Options{Node: "one", Gap: time.Millisecond, React: 10 * time.Millisecond, Lease: time.Hour})
	h.next("the row stands", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "1 3; " })
	before := h.onWall()
	// The lease is another's, and the leader does not know.
	client, err := batch.Connect(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	const lease = "liaowang:{460000}:lease"
	if err := client.HSet(t.Context(), lease, "run", "another").Err(); err != nil {
		t.Fatal(err)
	}
	h.household(2, 460105100001, "unstable_lifted", 4, "monitored")
	for deadline := time.Now().Add(time.Minute); h.count("SELECT max(number) FROM batches") == before.id.Number; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nothing is recorded")
		}
	}
	if now := h.onWall(); now.id != before.id {
		t.Fatalf("batch %+v was shown", now.id)
	}
	unshown := before.id.Number + 1
	if _, err := h.w.Batch(t.Context(), unshown, before.id); !errors.Is(err, warehouse.ErrNotYet) {
		t.Errorf("batch %d, of which nobody knows more: %v", unshown, err)
	}
	stop()
	if err := client.Del(t.Context(), lease).Err(); err != nil {
		t.Fatal(err)
	}
	h.run("two")
	h.next("both rows stand", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "2 7; " })
	after := h.onWall()
	if _, err := h.w.Batch(t.Context(), unshown, after.id); !errors.Is(err, warehouse.ErrNeverShown) {
		t.Errorf("batch %d: %v", unshown, err)
	}
	h.givenBack(before, after.id)
	h.givenBack(after, after.id)
}

// A node that stood by while numbers grew takes over after Redis has lost its data.
func TestAStandbyGoesOnFromTheRecordWhenRedisIsEmpty(t *testing.T) {
	server := redistest.Start(t)
	h := newHall(t, server.URL()).few()
	h.regions()
	h.household(1, 460105100001, "unstable_lifted", 3, "monitored")
	stopOne := h.run("one")
	h.next("the row stands", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "1 3; " })
	h.run("two")
	for deadline := time.Now().Add(time.Minute); h.count("SELECT count() FROM system.databases WHERE name = '"+h.database+"_cut_two'") == 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nobody stands by")
		}
	}
	for range 3 {
		h.household(1, 460105100001, "unstable_lifted", 3, "removed")
		h.next("no row stands", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "0 0; " })
		h.household(1, 460105100001, "unstable_lifted", 3, "monitored")
		h.next("the row stands again", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "1 3; " })
	}
	before := h.onWall()
	server.Kill()
	stopOne()
	server.Restart()
	h.next("the row stands with the other", func(b batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "1 3; " })
	after := h.onWall()
	if after.id.Number <= before.id.Number || after.id.Term <= before.id.Term {
		t.Fatalf("batch %+v follows %+v", after.id, before.id)
	}
	h.givenBack(before, after.id)
	h.givenBack(after, after.id)
}

// A frame's record is its JSON, whatever cells it has.
func TestARecordedFrameIsTheFrame(t *testing.T) {
	f := &batch.Frame{Metric: "a.b", Region: "460000", Changed: 7, Rows: [][]batch.Cell{{batch.Num(0), {}, batch.NA(), batch.Hidden(), batch.Text("<丁&>\u2028")}}}
	want, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.AppendRows(nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(warehouse.RecordedFrame{Metric: f.Metric, Region: f.Region, Changed: f.Changed, Rows: rows})
	if err != nil || string(got) != string(want) {
		t.Fatalf("%s, %v, want %s", got, err, want)
	}
}
