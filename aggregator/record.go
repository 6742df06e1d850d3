package aggregator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/queries/warehouse"
)

// All frames of a batch are recorded this long after the last time, and when so many
// times as many have been recorded as changes: so a batch is rebuilt from few rows,
// and what is old may expire.
const (
	fullAfter      = 6 * time.Hour
	changesPerFull = 8
)

// noteAfter is how long a batch stays the newest before it is noted as shown. Mostly
// the next batch's record says so before.
const noteAfter = time.Second

// record is what the aggregator knows of what is recorded of its batches.
type record struct {
	last  warehouse.BatchID // the newest batch known to have been shown
	noted bool              // the record says so

	term    uint64 // of the last batch recorded; 0 before the first
	full    uint64 // the last batch with all frames in the record
	at      time.Time
	changes int // frames recorded since
}

// knows takes in which batch the record says was shown last.
func (r *record) knows(id warehouse.BatchID) {
	if id.Number > r.last.Number {
		r.last, r.noted = id, true
	}
}

// shown takes in that a batch was published.
func (r *record) shown(id warehouse.BatchID) { r.last, r.noted = id, false }

// shownBefore is what a batch's record says of the batches before it.
type shownBefore struct {
	id    warehouse.BatchID // the last one known to have been shown
	doubt bool              // later ones may have been shown, too
	// recorded is the highest number in the record where it was looked at, else 0.
	recorded uint64
	// header is that of id where it was asked for, and nil where nobody has it any more.
	header *batch.Header
}

// shownLast asks what was shown last, where it was not this leader's last batch:
// Redis if it holds that, else the record.
func (a *Aggregator) shownLast(ctx context.Context, lease batch.Lease) (shownBefore, error) {
	snap, err := a.Store.Load(ctx, math.MaxInt64)
	if err != nil {
		return shownBefore{}, storeError{err}
	}
	last, err := a.Warehouse.LastBatch(ctx)
	if err != nil {
		return shownBefore{}, err
	}
	a.record.knows(last.Shown)
	if last.Term >= lease.Term && a.record.term != lease.Term {
		// Redis has lost its data, and this node stood by when it learnt the floor.
		return shownBefore{}, a.leadAnew(ctx, lease, last)
	}
	found := shownBefore{id: a.record.last, doubt: true, recorded: last.Number}
	if h := snap.Header; h != nil && h.History == a.history && h.Number >= found.id.Number {
		found.id = warehouse.BatchID{Term: h.Term, Number: h.Number}
		// What is recorded above it was not shown, unless by a master that is lost.
		if found.doubt = last.Number > h.Number; found.doubt {
			if found.doubt, err = a.Store.Promoted(ctx); err != nil {
				return shownBefore{}, storeError{err}
			}
		}
		found.header = h
	} else if found.header, err = a.recordedHeader(ctx, found.id); err != nil {
		return shownBefore{}, err
	}
	return found, nil
}

// recordedHeader is the header of a batch by the record, nil where the record does not have
// it: it is kept no longer, or another server has it.
func (a *Aggregator) recordedHeader(ctx context.Context, id warehouse.BatchID) (*batch.Header, error) {
	if id.Number == 0 {
		return nil, nil
	}
	b, err := a.Warehouse.Batch(ctx, id.Number, id)
	switch {
	case errors.Is(err, warehouse.ErrNotKept), errors.Is(err, warehouse.ErrNoBatch), errors.Is(err, warehouse.ErrNeverShown), errors.Is(err, warehouse.ErrNotYet):
		return nil, nil
	case err != nil:
		return nil, err
	}
	var h batch.Header
	if err := json.Unmarshal(b.Header, &h); err != nil {
		return nil, fmt.Errorf("record of batch %d: %w", id.Number, err)
	}
	return &h, nil
}

// dated says since when each check has not held, going by what was shown last.
func dated(checks []batch.Check, last *batch.Header, now time.Time) []batch.Check {
	before := map[string]*time.Time{}
	for _, k := range last.Checks {
		if before[k.ID] = k.Since; !k.OK && k.Since == nil { // by a version that did not say
			before[k.ID] = &last.AsOf
		}
	}
	out := slices.Clone(checks)
	for i := range out {
		switch since := before[out[i].ID]; {
		case out[i].OK:
			out[i].Since = nil
		case since != nil:
			out[i].Since = since
		default:
			out[i].Since = &now
		}
	}
	return out
}

// errUsedTerm: no two leaders may have one term.
var errUsedTerm = errors.New("another leader had this term before Redis lost its data: a new one is taken")

// leadAnew gives the lease back, to take it again above what is recorded.
func (a *Aggregator) leadAnew(ctx context.Context, lease batch.Lease, last warehouse.LastRecorded) error {
	a.mu.Lock()
	a.floor = batch.Floor{Term: max(a.floor.Term, last.Term), Number: max(a.floor.Number, last.Number)}
	a.mu.Unlock()
	return storeError{errors.Join(fmt.Errorf("term %d: %w", lease.Term, errUsedTerm), a.Store.Release(ctx, lease))}
}

// recordBatch keeps what is about to be published: header, frames, and all frames
// now and then.
func (a *Aggregator) recordBatch(ctx context.Context, h batch.Header, base uint64, previous shownBefore, frames []*batch.Frame, res *result) error {
	header, err := json.Marshal(h)
	if err != nil {
		return err
	}
	now := a.Now().UTC()
	k := &a.record
	full := base == 0
	if !full && (k.term != h.Term || now.Sub(k.at) >= fullAfter || k.changes+len(frames) > changesPerFull*res.count()) {
		frames, full = res.whole(), true
	}
	if full {
		k.full, k.at, k.changes = h.Number, now, 0
	} else {
		k.changes += len(frames)
	}
	k.term = h.Term
	recorded, err := recordedFrames(frames)
	if err != nil {
		return err
	}
	err = a.Warehouse.RecordBatch(ctx, warehouse.BatchRecord{
		BatchID: warehouse.BatchID{Term: h.Term, Number: h.Number}, AsOf: h.AsOf, At: now, Base: base,
		Previous: previous.id, Doubt: previous.doubt, Full: k.full, Header: header, Frames: recorded,
	})
	if err == nil && previous.id == k.last {
		k.noted = true
	}
	return err
}

func recordedFrames(frames []*batch.Frame) ([]warehouse.RecordedFrame, error) {
	all := make([]warehouse.RecordedFrame, len(frames))
	for i, f := range frames {
		rows, err := f.AppendRows(nil)
		if err != nil {
			return nil, err
		}
		all[i] = warehouse.RecordedFrame{Metric: f.Metric, Region: f.Region, Changed: f.Changed, Rows: rows}
	}
	return all, nil
}

// noteShown notes that the newest batch was shown, once it has stood for a while.
func (a *Aggregator) noteShown(ctx context.Context, now time.Time) error {
	k := &a.record
	if k.noted || k.last.Number == 0 || !now.IsZero() && now.Sub(a.at) < noteAfter {
		return nil
	}
	if now.IsZero() {
		now = a.Now()
	}
	if err := a.Warehouse.RecordShown(ctx, k.last, now.UTC()); err != nil {
		return err
	}
	k.noted = true
	return nil
}

// whole gives every frame of the result as it is, in a fixed order.
func (r *result) whole() []*batch.Frame {
	all := make(map[batch.Key]*batch.Frame, r.count())
	maps.Copy(all, r.before)
	maps.Copy(all, r.frames)
	return sortedFrames(all)
}

// count is how many frames there are, about: those of regions that are new count twice.
func (r *result) count() int { return max(len(r.before), len(r.frames)) }
