package batch_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
)

// numbered are the frames of a batch that a reader can check: row i of each holds the
// newest number that leaves i when it is parted by forty.
func numbered(number uint64) (all []*batch.Frame) {
	for region := range 30 {
		f := &batch.Frame{Metric: "a.a", Region: fmt.Sprint(460000 + region), Changed: number}
		for i := range uint64(40) {
			newest := number - min(number, (number+40-i)%40)
			f.Rows = append(f.Rows, []batch.Cell{batch.Text(fmt.Sprint("row ", i)), batch.Num(float64(newest))})
		}
		all = append(all, f)
	}
	return all
}

func byKey(frames []*batch.Frame) map[batch.Key]*batch.Frame {
	m := make(map[batch.Key]*batch.Frame, len(frames))
	for _, f := range frames {
		m[f.Key()] = f
	}
	return m
}

// publisher publishes numbered batches as an aggregator does.
type publisher struct {
	store  *batch.Store
	lease  batch.Lease
	floor  batch.Floor
	base   uint64
	before map[batch.Key]*batch.Frame
	why    error // why the last try failed
}

// try publishes a batch, or finds out why not.
func (p *publisher) try(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	l, err := p.store.Acquire(ctx, "a", "run", p.floor, 5*time.Second)
	if err != nil {
		p.base = 0
		return err
	}
	if l.Number != p.base || l.Term != p.lease.Term {
		p.base = 0
	}
	p.lease = l
	h := header(l, max(l.Number, p.floor.Number)+1)
	p.floor = batch.Floor{Term: l.Term, Number: h.Number} // recorded before it is published
	base := p.base
	p.base = 0
	frames := numbered(h.Number)
	if err := p.store.Publish(ctx, l, h, base, frames, p.before); err != nil {
		return err
	}
	p.base, p.before = h.Number, byKey(frames)
	return nil
}

// run publishes until ctx is done.
func (p *publisher) run(ctx context.Context) {
	for ctx.Err() == nil {
		pause := 20 * time.Millisecond // so that a reader mostly sees each batch, and deltas
		if p.why = p.try(ctx); p.why != nil {
			pause = 100 * time.Millisecond
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// follower reads as a hub does, and checks every batch it takes.
type follower struct {
	store  *batch.Store
	number atomic.Uint64
	frames map[batch.Key]*batch.Frame
	deltas int
	behind int // how often Redis held an older batch than this has
}

func (f *follower) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	at := f.number.Load()
	snap, err := f.store.LoadOnto(ctx, at, f.frames)
	if err != nil || snap.Header == nil {
		return nil // it keeps the picture that it has
	}
	if snap.Header.Number <= at {
		if snap.Header.Number < at {
			f.behind++
		}
		return nil
	}
	next := maps.Clone(f.frames)
	if next == nil {
		next = map[batch.Key]*batch.Frame{}
	}
	maps.Copy(next, byKey(snap.Frames))
	want := numbered(snap.Header.Number)
	if len(next) != len(want) {
		return fmt.Errorf("batch %d has %d frames, expected %d", snap.Header.Number, len(next), len(want))
	}
	for _, w := range want {
		if got := next[w.Key()]; got == nil || fmt.Sprint(got.Rows) != fmt.Sprint(w.Rows) {
			return fmt.Errorf("batch %d has half of another: %+v, expected %+v", snap.Header.Number, got, w)
		}
	}
	f.frames, f.deltas = next, f.deltas+snap.Deltas
	f.number.Store(snap.Header.Number)
	return nil
}

// scene is a publisher and a follower at work, each with a client of its own.
type scene struct {
	t        *testing.T
	follower *follower
	hints    atomic.Int64
}

func play(t *testing.T, url string) *scene {
	t.Helper()
	open := func() *batch.Store { return openStore(t, func(*testing.T) string { return url }) }
	s := &scene{t: t, follower: &follower{store: open()}}
	p := &publisher{store: open()}
	listener := open()
	ctx, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { p.run(ctx) })
	work.Go(func() {
		for ctx.Err() == nil {
			if err := s.follower.look(ctx); err != nil {
				t.Error(err)
				return
			}
			time.Sleep(2 * time.Millisecond)
		}
	})
	news := listener.News(ctx)
	work.Go(func() {
		for range news {
			s.hints.Add(1)
		}
	})
	t.Cleanup(func() {
		stop()
		work.Wait()
		t.Logf("%d batches, %d frames as deltas, Redis was behind the reader %d times", s.follower.number.Load(), s.follower.deltas, s.follower.behind)
	})
	return s
}

// goesOn waits until the reader has taken many batches more, and hints have come.
func (s *scene) goesOn(after string) {
	s.t.Helper()
	number, hints, begun := s.follower.number.Load(), s.hints.Load(), time.Now()
	first := time.Duration(0)
	for s.follower.number.Load() < number+30 || s.hints.Load() < hints+10 {
		if first == 0 && s.follower.number.Load() > number+2 {
			first = time.Since(begun)
		}
		if time.Since(begun) > time.Minute {
			s.t.Fatalf("%s: within a minute the reader went from batch %d to %d and heard %d hints", after, number, s.follower.number.Load(), s.hints.Load()-hints)
		}
		time.Sleep(5 * time.Millisecond)
	}
	s.t.Logf("%s: the next batches after %v, hints again and 30 batches after %v", after, first.Round(time.Millisecond), time.Since(begun).Round(time.Millisecond))
}

// TestAMasterThatIsLostIsReplaced kills and freezes masters under a publisher and a
// reader: batches go on without a restart, numbers never go back at the reader, and
// no batch is half of another.
func TestAMasterThatIsLostIsReplaced(t *testing.T) {
	key := "liaowang:{460000}:head"
	for name, start := range map[string]func(*testing.T) (url string, master func() *redistest.Server){
		"Sentinel": func(t *testing.T) (string, func() *redistest.Server) {
			g := redistest.StartSentinel(t)
			return g.URL(), g.Master
		},
		"cluster": func(t *testing.T) (string, func() *redistest.Server) {
			g := redistest.StartCluster(t)
			return g.URL(), func() *redistest.Server { return g.Master(key) }
		},
	} {
		t.Run(name+" killed", func(t *testing.T) {
			url, master := start(t)
			s := play(t, url)
			s.goesOn("start")
			master().Kill()
			s.goesOn("master killed")
		})
		t.Run(name+" frozen", func(t *testing.T) {
			url, master := start(t)
			s := play(t, url)
			s.goesOn("start")
			old := master()
			old.Freeze()
			s.goesOn("master frozen")
			old.Resume()
			s.goesOn("old master goes on")
		})
	}
}

// TestABatchLostInAFailOverIsFollowedByAllFrames: replication is asynchronous, so that
// a new master may not have what a reader has seen.
func TestABatchLostInAFailOverIsFollowedByAllFrames(t *testing.T) {
	g := redistest.StartSentinel(t)
	open := func() *batch.Store { return openStore(t, func(*testing.T) string { return g.URL() }) }
	p, f := &publisher{store: open()}, &follower{store: open()}
	until := func(what string, do func() bool) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); !do(); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("never: %s; the last try: %v", what, p.why)
			}
		}
	}
	for range 3 {
		if err := errors.Join(p.try(t.Context()), f.look(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	old := g.Master()
	var replicas []*redistest.Server
	for _, s := range g.Servers {
		if s != old {
			s.Caught(old) // has the three batches
			s.Freeze()
			replicas = append(replicas, s)
		}
	}
	old.Forsake()
	if err := errors.Join(p.try(t.Context()), f.look(t.Context())); err != nil {
		t.Fatal(err)
	}
	old.Kill()
	for _, s := range replicas {
		s.Resume()
	}
	lost := f.number.Load()
	until("Redis answers again and holds an older batch", func() bool {
		if err := f.look(t.Context()); err != nil {
			t.Fatal(err)
		}
		return f.behind > 0
	})
	if f.number.Load() != lost || lost != 4 {
		t.Fatalf("the reader went from batch %d to %d", lost, f.number.Load())
	}
	until("the next batch is published", func() bool { p.why = p.try(t.Context()); return p.why == nil })
	if err := f.look(t.Context()); err != nil || f.number.Load() <= lost {
		t.Fatalf("after batch %d, which was lost, the reader has %d, %v", lost, f.number.Load(), err)
	}
}

func TestProvincesOfANationLieOnDifferentServers(t *testing.T) {
	g := redistest.StartCluster(t)
	client, err := batch.Connect(g.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	servers := map[string]bool{}
	for _, province := range []string{"460000", "440000", "450000", "530000"} {
		s := batch.NewStore(client, province)
		p, f := &publisher{store: s}, &follower{store: s}
		for range 3 {
			if err := errors.Join(p.try(t.Context()), f.look(t.Context())); err != nil {
				t.Fatalf("%s: %v", province, err)
			}
		}
		if f.number.Load() != 3 || f.deltas == 0 {
			t.Fatalf("%s: the reader has batch %d, %d deltas", province, f.number.Load(), f.deltas)
		}
		servers[g.Master("liaowang:{"+province+"}:head").Addr()] = true
	}
	if len(servers) < 2 {
		t.Fatalf("all provinces lie on %v", servers)
	}
}
