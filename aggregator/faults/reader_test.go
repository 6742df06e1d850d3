package faults_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/queries/warehouse"
)

type frames map[batch.Key]*batch.Frame

func index(all []*batch.Frame) frames {
	f := frames{}
	for _, v := range all {
		f[v.Key()] = v
	}
	return f
}

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// numbers are those of a frame, row by row.
func (f frames) numbers(metric, region string) (all []float64) {
	if frame := f[batch.Key{Metric: metric, Region: region}]; frame != nil {
		for _, row := range frame.Rows {
			for _, c := range row {
				if c.State == batch.IsNumber {
					all = append(all, c.Number)
				}
			}
		}
	}
	return all
}

// print is what tells a batch from every other: header and frames in the bytes that
// readers of the API get.
func (f frames) print(header []byte) ([32]byte, error) {
	all := slices.SortedFunc(maps.Values(f), func(a, b *batch.Frame) int {
		return cmp.Or(cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Region, b.Region))
	})
	sum := sha256.New()
	sum.Write(header)
	for _, frame := range all {
		body, err := json.Marshal(frame)
		if err != nil {
			return [32]byte{}, err
		}
		sum.Write(body)
	}
	return [32]byte(sum.Sum(nil)), nil
}

// album is what all readers have seen.
type album struct {
	mu   sync.Mutex
	seen map[uint64]picture
	// newest is the highest number, and at the state of the assets that it shows.
	newest uint64
}

type picture struct {
	term  uint64
	asOf  time.Time
	print [32]byte
	state uint64
}

// add takes in what a reader sees under a number.
func (a *album) add(number uint64, p picture) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if was, ok := a.seen[number]; ok && was != p {
		return fmt.Errorf("batch %d is one thing to one reader and another to another: %+v and %+v", number, was, p)
	}
	a.seen[number] = p
	a.newest = max(a.newest, number)
	return nil
}

// inOrder tests that what was seen under growing numbers never goes back: neither terms
// nor the data.
func (a *album) inOrder(t *testing.T) {
	t.Helper()
	var last picture
	for _, n := range slices.Sorted(maps.Keys(a.seen)) {
		p := a.seen[n]
		if p.term < last.term || p.asOf.Before(last.asOf) || p.state < last.state {
			t.Errorf("batch %d goes back: %+v follows %+v", n, p, last)
		}
		last = p
	}
}

// reader reads as a hub does.
type reader struct {
	store  *batch.Store
	album  *album
	header *batch.Header
	frames frames
	// older says that Redis may come back older: it is one under Sentinels.
	older bool

	batches, deltas, failed, behind int
}

// read takes in the newest batch and tests it. Redis that does not answer is no fault.
func (r *reader) read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var at uint64
	if r.header != nil {
		at = r.header.Number
	}
	snap, err := r.store.LoadOnto(ctx, at, r.frames)
	if err != nil || snap.Header == nil {
		r.failed++
		return nil
	}
	h := snap.Header
	switch {
	case h.Number == at:
		return nil
	case r.header != nil && h.History != r.header.History:
		return fmt.Errorf("batch %d is of another history", h.Number)
	case h.Number < at && r.older:
		r.behind++
		return nil // a hub stays where it is
	case h.Number < at:
		return fmt.Errorf("batch %d follows %d", h.Number, at)
	case r.header != nil && h.Term < r.header.Term:
		return fmt.Errorf("batch %d of term %d follows %d of term %d", h.Number, h.Term, at, r.header.Term)
	}
	next := maps.Clone(r.frames)
	if next == nil {
		next = frames{}
	}
	maps.Copy(next, index(snap.Frames))
	for k, f := range next {
		if f.Changed > h.Number || f.Changed == 0 {
			return fmt.Errorf("batch %d: frame %s changed in %d", h.Number, k, f.Changed)
		}
	}
	state, err := stateOf(next)
	if err != nil {
		return fmt.Errorf("batch %d of term %d is half of another: %w", h.Number, h.Term, err)
	}
	for _, c := range h.Checks {
		if !c.OK && !c.Unknown {
			return fmt.Errorf("batch %d: check %s: %s", h.Number, c.ID, c.Words)
		}
	}
	header, err := json.Marshal(h)
	if err != nil {
		return err
	}
	print, err := next.print(header)
	if err != nil {
		return err
	}
	r.header, r.frames = h, next
	r.batches++
	r.deltas += snap.Deltas
	if err := r.album.add(h.Number, picture{h.Term, h.AsOf, print, state}); err != nil {
		return err
	}
	if r.batches%20 == 0 {
		return r.whole(ctx)
	}
	return nil
}

// whole compares what deltas have made with what Redis holds.
func (r *reader) whole(ctx context.Context) error {
	snap, err := r.store.Load(ctx, 0)
	if err != nil || snap.Header == nil || snap.Header.Number != r.header.Number {
		return nil // another batch by now
	}
	for k, f := range index(snap.Frames) {
		if got := r.frames[k]; got == nil || fmt.Sprint(got) != fmt.Sprint(f) {
			return fmt.Errorf("batch %d: deltas make of %s %v, in Redis is %v", r.header.Number, k, got, f)
		}
	}
	if len(snap.Frames) != len(r.frames) {
		return fmt.Errorf("batch %d: deltas make %d frames, in Redis are %d", r.header.Number, len(r.frames), len(snap.Frames))
	}
	return nil
}

// follow reads until ctx is done.
func (r *reader) follow(ctx context.Context, t *testing.T, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 7))
	for ctx.Err() == nil {
		if err := r.read(context.WithoutCancel(ctx)); err != nil {
			t.Error(err)
			return
		}
		time.Sleep(time.Duration(random.IntN(20)) * time.Millisecond)
	}
}

// inRecord tests that every batch that was seen can be read again just as it was.
func (a *album) inRecord(t *testing.T, w *warehouse.Warehouse) {
	t.Helper()
	wall := warehouse.BatchID{Term: a.seen[a.newest].term, Number: a.newest}
	doubt := 0
	for _, n := range slices.Sorted(maps.Keys(a.seen)) {
		b, err := w.Batch(t.Context(), n, wall)
		if err != nil {
			t.Errorf("batch %d of term %d was seen, the record says: %v", n, a.seen[n].term, err)
			continue
		}
		if b.InDoubt {
			doubt++
		}
		recorded, err := w.Frames(t.Context(), b, "", "")
		if err != nil {
			t.Errorf("batch %d: %v", n, err)
			continue
		}
		f := frames{}
		for _, r := range recorded {
			frame := &batch.Frame{Metric: r.Metric, Region: r.Region, Changed: r.Changed}
			if err := json.Unmarshal(r.Rows, &frame.Rows); err != nil {
				t.Fatal(err)
			}
			f[frame.Key()] = frame
		}
		if print, err := f.print(b.Header); err != nil || print != a.seen[n].print {
			t.Errorf("batch %d is another in the record than it was on the walls: term %d, %d frames, %v", n, b.Term, len(f), err)
		}
	}
	t.Logf("%d batches were seen, all are in the record, %d of them in doubt", len(a.seen), doubt)
}
