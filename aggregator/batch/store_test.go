package batch_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestStore is the contract that every Redis must keep: the one in the process, a
// real redis-server, one under Sentinels and a cluster.
func TestStore(t *testing.T) {
	for name, start := range map[string]func(*testing.T) string{
		"in process": func(t *testing.T) string {
			l, err := batch.StartLocal()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(l.Close)
			return l.URL()
		},
		"redis-server": func(t *testing.T) string { return redistest.Start(t).URL() },
	} {
		t.Run(name, func(t *testing.T) { contract(t, start); deltas(t, start) })
	}
	t.Run("Sentinel", func(t *testing.T) {
		g := redistest.StartSentinel(t)
		start := func(*testing.T) string { g.Flush(); return g.URL() }
		contract(t, start)
		deltas(t, start)
	})
	t.Run("cluster", func(t *testing.T) {
		g := redistest.StartCluster(t)
		start := func(*testing.T) string { g.Flush(); return g.URL() }
		contract(t, start)
		deltas(t, start)
	})
}

// openStore opens a store in a Redis of its own.
func openStore(t *testing.T, start func(*testing.T) string) *batch.Store {
	t.Helper()
	client, err := batch.Connect(start(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return batch.NewStore(client, "460000")
}

func header(l batch.Lease, number uint64) batch.Header {
	return batch.Header{History: "h", Term: l.Term, Number: number, AsOf: time.Unix(int64(number), 0).UTC(), Checks: []batch.Check{}}
}

func contract(t *testing.T, start func(*testing.T) string) {
	open := func(t *testing.T) *batch.Store { return openStore(t, start) }
	ctx := t.Context()
	frame := func(metric string, changed uint64, v float64) *batch.Frame {
		return &batch.Frame{Metric: metric, Region: "460000", Changed: changed, Rows: [][]batch.Cell{{batch.Num(v)}}}
	}
	acquire := func(t *testing.T, s *batch.Store, node string, floor batch.Floor, ttl time.Duration) batch.Lease {
		t.Helper()
		l, err := s.Acquire(ctx, node, node+"-run", floor, ttl)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	head := header

	t.Run("notes are left, kept and dropped in one step", func(t *testing.T) {
		s := open(t)
		first, now, err := s.Notes(ctx, []batch.Act{{Name: "a", Text: "one two"}, {Name: "b/é", Text: ""}}, true)
		if err != nil || len(first) != 2 || first["a"].Text != "one two" || !first["a"].Left.Equal(now) || now.IsZero() {
			t.Fatalf("left are %v at %s, %v", first, now, err)
		}
		next, later, err := s.Notes(ctx, []batch.Act{{Name: "a", Text: "other", Once: true}, {Name: "b/é", Drop: true}, {Name: "c", Text: "new", Once: true}}, false)
		if err != nil || len(next) != 2 || next["a"] != first["a"] || next["c"].Text != "new" || later.Before(now) {
			t.Fatalf("then there are %v, %v", next, err)
		}
	})
	t.Run("a published batch is read back whole, then by what changed", func(t *testing.T) {
		s := open(t)
		if snap, err := s.Load(ctx, 0); err != nil || snap.Header != nil || snap.Status != nil {
			t.Fatalf("an empty store gives %+v, %v", snap, err)
		}
		l := acquire(t, s, "a", batch.Floor{}, time.Minute)
		h := head(l, 1)
		a, b := frame("a.a", 1, 1), frame("b.b", 1, 2)
		if err := s.Publish(ctx, l, h, 0, []*batch.Frame{a, b}, nil); err != nil {
			t.Fatal(err)
		}
		snap, err := s.Load(ctx, 0)
		if err != nil {
			t.Fatal(err)
		}
		if age := snap.Now.Sub(snap.Published); snap.Published.IsZero() || age < 0 || age > time.Minute {
			t.Fatalf("published at %s, read at %s", snap.Published, snap.Now)
		}
		if diff := cmp.Diff(batch.Snapshot{Header: &h, Published: snap.Published, Now: snap.Now, Frames: []*batch.Frame{a, b}}, snap); diff != "" {
			t.Fatal(diff)
		}
		b = frame("b.b", 2, 3)
		if err := s.Publish(ctx, l, head(l, 2), 1, []*batch.Frame{b}, nil); err != nil {
			t.Fatal(err)
		}
		if snap, err = s.Load(ctx, 1); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]*batch.Frame{b}, snap.Frames); diff != "" || snap.Header.Number != 2 {
			t.Fatalf("after 1: batch %d\n%s", snap.Header.Number, diff)
		}
		if snap, err = s.Load(ctx, 2); err != nil || len(snap.Frames) != 0 || snap.Header.Number != 2 {
			t.Fatalf("nothing is newer than 2, got %+v, %v", snap, err)
		}
		if snap, err = s.Load(ctx, 0); err != nil || len(snap.Frames) != 2 {
			t.Fatalf("from 0 all frames are due, got %d, %v", len(snap.Frames), err)
		}
	})
	t.Run("frames that are gone do not outlive a whole batch", func(t *testing.T) {
		s := open(t)
		l := acquire(t, s, "a", batch.Floor{}, time.Minute)
		if err := s.Publish(ctx, l, head(l, 1), 0, []*batch.Frame{frame("a.a", 1, 1), frame("b.b", 1, 1)}, nil); err != nil {
			t.Fatal(err)
		}
		l.Number = 1
		if err := s.Publish(ctx, l, head(l, 2), 0, []*batch.Frame{frame("a.a", 1, 1)}, nil); err != nil {
			t.Fatal(err)
		}
		if snap, err := s.Load(ctx, 0); err != nil || len(snap.Frames) != 1 {
			t.Fatalf("want one frame, got %d, %v", len(snap.Frames), err)
		}
	})
	t.Run("one node leads; a deposed one publishes nothing", func(t *testing.T) {
		s := open(t)
		a := acquire(t, s, "a", batch.Floor{}, 300*time.Millisecond)
		if b := acquire(t, s, "b", batch.Floor{}, time.Minute); b.Term != 0 {
			t.Fatalf("b leads beside a, term %d", b.Term)
		}
		if again := acquire(t, s, "a", batch.Floor{}, 300*time.Millisecond); again.Term != a.Term {
			t.Fatalf("a renewed its lease and the term went from %d to %d", a.Term, again.Term)
		}
		var b batch.Lease
		for deadline := time.Now().Add(5 * time.Second); b.Term == 0; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the lease of a never runs out")
			}
			b = acquire(t, s, "b", batch.Floor{}, time.Minute)
		}
		if b.Term <= a.Term {
			t.Fatalf("b's term %d is not above a's %d", b.Term, a.Term)
		}
		if err := s.Publish(ctx, a, head(a, 1), 0, []*batch.Frame{frame("a.a", 1, 1)}, nil); !errors.Is(err, batch.ErrDeposed) {
			t.Fatalf("a published after it was deposed: %v", err)
		}
		if err := s.Publish(ctx, b, head(b, 1), 0, []*batch.Frame{frame("a.a", 1, 1)}, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.Release(ctx, b); err != nil {
			t.Fatal(err)
		}
		if c := acquire(t, s, "c", batch.Floor{}, time.Minute); c.Term <= b.Term || c.Number != 1 {
			t.Fatalf("after b's release c has %+v", c)
		}
	})
	t.Run("numbers only grow", func(t *testing.T) {
		s := open(t)
		l := acquire(t, s, "a", batch.Floor{}, time.Minute)
		if err := s.Publish(ctx, l, head(l, 5), 0, nil, nil); err != nil {
			t.Fatal(err)
		}
		other := head(l, 5)
		other.AsOf = other.AsOf.Add(time.Second)
		for _, h := range []batch.Header{other, head(l, 4)} {
			if err := s.Publish(ctx, l, h, 0, nil, nil); !errors.Is(err, batch.ErrOld) {
				t.Fatalf("number %d after 5: %v", h.Number, err)
			}
		}
	})
	t.Run("a batch whose publishing was not answered may be sent again", func(t *testing.T) {
		s := open(t)
		l := acquire(t, s, "a", batch.Floor{}, time.Minute)
		if err := s.Publish(ctx, l, head(l, 1), 0, []*batch.Frame{frame("a.a", 1, 1)}, nil); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := s.Publish(ctx, l, head(l, 2), 1, []*batch.Frame{frame("a.a", 2, 2)}, nil); err != nil {
				t.Fatal(err)
			}
		}
		if snap, err := s.Load(ctx, 0); err != nil || snap.Header.Number != 2 || len(snap.Frames) != 1 {
			t.Fatalf("got %+v, %v", snap, err)
		}
	})
	t.Run("an emptied Redis goes on from the floor, with a whole batch", func(t *testing.T) {
		s := open(t)
		l := acquire(t, s, "a", batch.Floor{Term: 7, Number: 40}, time.Minute)
		if l.Term != 8 || l.Number != 40 {
			t.Fatalf("from floor 7/40: %+v", l)
		}
		if err := s.Publish(ctx, l, head(l, 41), 40, nil, nil); !errors.Is(err, batch.ErrIncomplete) {
			t.Fatalf("changes over nothing were published: %v", err)
		}
		if err := s.Publish(ctx, l, head(l, 41), 0, nil, nil); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("changes are laid over the batch that they are changes of, and no other", func(t *testing.T) {
		s := open(t)
		l := acquire(t, s, "a", batch.Floor{}, time.Minute)
		if err := s.Publish(ctx, l, head(l, 5), 0, []*batch.Frame{frame("a.a", 5, 1)}, nil); err != nil {
			t.Fatal(err)
		}
		for _, base := range []uint64{4, 6} { // a Redis that came back older, or newer
			if err := s.Publish(ctx, l, head(l, 7), base, []*batch.Frame{frame("a.a", 7, 2)}, nil); !errors.Is(err, batch.ErrIncomplete) {
				t.Fatalf("changes of batch %d were laid over batch 5: %v", base, err)
			}
		}
		if err := s.Publish(ctx, l, head(l, 7), 5, []*batch.Frame{frame("a.a", 7, 2)}, nil); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("all frames are laid over the batch that the lease says was the last", func(t *testing.T) {
		s := open(t)
		l := acquire(t, s, "a", batch.Floor{}, time.Minute)
		if err := s.Publish(ctx, l, head(l, 1), 0, []*batch.Frame{frame("a.a", 1, 1)}, nil); err != nil {
			t.Fatal(err)
		}
		// The answer to that was lost: the lease does not know of batch 1.
		if err := s.Publish(ctx, l, head(l, 2), 0, []*batch.Frame{frame("a.a", 2, 1)}, nil); !errors.Is(err, batch.ErrMoved) {
			t.Fatalf("a batch that was shown was passed over: %v", err)
		}
		l = acquire(t, s, "a", batch.Floor{}, time.Minute)
		if err := s.Publish(ctx, l, head(l, 2), 0, []*batch.Frame{frame("a.a", 2, 1)}, nil); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("two processes do not run under one name", func(t *testing.T) {
		s := open(t)
		if _, err := s.Acquire(ctx, "a", "first", batch.Floor{}, time.Minute); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Acquire(ctx, "a", "second", batch.Floor{}, time.Minute); !errors.Is(err, batch.ErrNameTaken) {
			t.Fatalf("the second was let in: %v", err)
		}
		if err := s.Release(ctx, batch.Lease{Node: "a", Run: "second", Term: 1}); err != nil {
			t.Fatal(err)
		}
		if l, err := s.Acquire(ctx, "a", "first", batch.Floor{}, time.Minute); err != nil || l.Term != 1 {
			t.Fatalf("another's release took the first's lease: %+v, %v", l, err)
		}
	})
	t.Run("news is hinted at and a status expires", func(t *testing.T) {
		s := open(t)
		listening, stop := context.WithCancel(ctx)
		news := s.News(listening)
		defer func() {
			stop()
			for range news { // until it is closed
			}
		}()
		hint := func(of string) {
			t.Helper()
			select {
			case <-news:
			case <-time.After(10 * time.Second):
				t.Fatalf("no hint of %s", of)
			}
		}
		hint("what came before it listened")
		l := acquire(t, s, "a", batch.Floor{}, time.Minute)
		if err := s.SetStatus(ctx, l, batch.Status{Node: "a", Source: batch.SourceOK}, 300*time.Millisecond, true); err != nil {
			t.Fatal(err)
		}
		hint("the status")
		if snap, err := s.Load(ctx, 0); err != nil || snap.Status == nil || snap.Status.Source != batch.SourceOK {
			t.Fatalf("status %+v, %v", snap.Status, err)
		}
		for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			snap, err := s.Load(ctx, 0)
			if err != nil {
				t.Fatal(err)
			}
			if snap.Status == nil {
				return
			}
			if time.Now().After(deadline) {
				t.Fatal("the status of a silent aggregator never goes")
			}
		}
	})
	t.Run("a deposed aggregator says nothing", func(t *testing.T) {
		s := open(t)
		deposed := acquire(t, s, "a", batch.Floor{}, 50*time.Millisecond)
		leader := acquire(t, s, "b", batch.Floor{}, time.Minute)
		for deadline := time.Now().Add(time.Minute); leader.Term == 0; leader = acquire(t, s, "b", batch.Floor{}, time.Minute) {
			if leader.Left < 0 || leader.Left > 50*time.Millisecond {
				t.Fatalf("a lease of 50 ms is said to last %s", leader.Left)
			}
			if time.Now().After(deadline) {
				t.Fatal("the lease never runs out")
			}
			time.Sleep(leader.Left + time.Millisecond)
		}
		if err := s.SetStatus(ctx, leader, batch.Status{Node: "b", Source: batch.SourceOK}, time.Minute, false); err != nil {
			t.Fatal(err)
		}
		if err := s.SetStatus(ctx, deposed, batch.Status{Node: "a", Source: batch.SourceLost}, time.Minute, true); !errors.Is(err, batch.ErrDeposed) {
			t.Fatalf("it speaks, and gets %v", err)
		}
		if snap, err := s.Load(ctx, 0); err != nil || snap.Status == nil || snap.Status.Node != "b" {
			t.Fatalf("status %+v, %v", snap.Status, err)
		}
	})
	t.Run("thousands of frames travel in one step, whole and as deltas", func(t *testing.T) {
		s := open(t)
		l := acquire(t, s, "a", batch.Floor{}, time.Minute)
		made := func(number uint64) (all []*batch.Frame) {
			for i := range 7001 {
				f := &batch.Frame{Metric: "a.a", Region: fmt.Sprint(i), Changed: number, Rows: [][]batch.Cell{{batch.Num(float64(number))}}}
				for j := range i % 2 * 60 { // rows that stay, so that every other frame's delta is shorter
					f.Rows = append(f.Rows, []batch.Cell{batch.Num(float64(j))})
				}
				all = append(all, f)
			}
			return all
		}
		before := map[batch.Key]*batch.Frame{}
		for number := range uint64(3) {
			frames := made(number + 1)
			if err := s.Publish(ctx, l, head(l, number+1), number, frames, before); err != nil {
				t.Fatal(err)
			}
			snap, err := s.LoadOnto(ctx, number, before)
			if err != nil || len(snap.Frames) != len(frames) || number > 0 && snap.Deltas != len(frames)/2 {
				t.Fatalf("batch %d: %d frames, %d of them as deltas, %v", number+1, len(snap.Frames), snap.Deltas, err)
			}
			for _, f := range frames {
				before[f.Key()] = f
			}
			for _, f := range snap.Frames {
				if !reflect.DeepEqual(before[f.Key()], f) { // twenty thousand times: cmp takes a minute
					t.Fatal(cmp.Diff(before[f.Key()], f))
				}
			}
		}
		if snap, err := s.Load(ctx, 1); err != nil || len(snap.Frames) != len(before) {
			t.Fatalf("after 1: %d frames, %v", len(snap.Frames), err)
		}
	})
}

func TestCellKeepsZeroMissingNotApplicableAndSuppressedApart(t *testing.T) {
	row := []batch.Cell{batch.Num(0), {}, batch.NA(), batch.Hidden(), batch.Text("丁"), batch.Num(12345678901234)}
	body, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	if want := `[0,null,"n/a","suppressed","丁",12345678901234]`; string(body) != want {
		t.Fatalf("got %s, want %s", body, want)
	}
	var back []batch.Cell
	if err := json.Unmarshal(body, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(row, back); diff != "" {
		t.Fatal(diff)
	}
	for _, reads := range []string{"n/a", "suppressed"} {
		if _, err := json.Marshal(batch.Text(reads)); err == nil {
			t.Fatalf("a text that reads %s was let through", reads)
		}
	}
}

func FuzzCell(f *testing.F) {
	for _, s := range []string{"null", "1.5", `"n/a"`, `"suppressed"`, `"x"`, "-0", "1e400", "[]", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var c batch.Cell
		if json.Unmarshal([]byte(s), &c) != nil {
			return
		}
		body, err := json.Marshal(c)
		if err != nil {
			t.Fatalf("%q was read and cannot be written: %v", s, err)
		}
		var back batch.Cell
		if err := json.Unmarshal(body, &back); err != nil || back != c {
			t.Fatalf("%q became %s became %+v, %v", s, body, back, err)
		}
	})
}
