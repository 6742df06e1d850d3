package fanout

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"liaowang/aggregator/batch"
)

// Feed publishes the batches of a recording to a store, over and over, as an
// aggregator would: with the lease, and with numbers that only grow.
type Feed struct {
	store *batch.Store
	rec   *Recording
	now   func() time.Time

	lease  batch.Lease
	number uint64
	next   int // index of the step that follows
	held   map[batch.Key]*batch.Frame
}

// The lease outlives any run; the status is written anew with every batch.
const feedLease = time.Hour

// NewFeed publishes the recording's first batch.
func NewFeed(ctx context.Context, store *batch.Store, rec *Recording, now func() time.Time) (*Feed, error) {
	f := &Feed{store: store, rec: rec, now: now, held: map[batch.Key]*batch.Frame{}}
	var err error
	if f.lease, err = store.Acquire(ctx, "bench", uuid.NewString(), batch.Floor{}, feedLease); err != nil {
		return nil, err
	}
	if f.lease.Term == 0 {
		return nil, fmt.Errorf("fanout: another aggregator publishes to this Redis; give the benchmark one of its own")
	}
	f.number = f.lease.Number
	_, err = f.publish(ctx, rec.First, 0)
	return f, err
}

// Publish publishes the next batch and gives its number and the moment just before.
func (f *Feed) Publish(ctx context.Context) (Published, error) {
	step := f.rec.Steps[f.next%len(f.rec.Steps)]
	f.next++
	return f.publish(ctx, step, f.number)
}

// Rewind lets the recording's first step follow next.
func (f *Feed) Rewind() { f.next = 0 }

// Number is that of the batch that was published last.
func (f *Feed) Number() uint64 { return f.number }

func (f *Feed) publish(ctx context.Context, step Step, base uint64) (Published, error) {
	number := f.number + 1
	frames := make([]*batch.Frame, len(step.Frames))
	for i, was := range step.Frames {
		is := *was
		is.Changed = number
		frames[i] = &is
	}
	at := f.now()
	header := *step.Header
	header.Term, header.Number, header.AsOf = f.lease.Term, number, at.UTC().Truncate(time.Millisecond)
	if err := f.store.Publish(ctx, f.lease, header, base, frames, f.held); err != nil {
		return Published{}, err
	}
	f.number, f.lease.Number = number, number
	for _, frame := range frames {
		f.held[frame.Key()] = frame
	}
	status := batch.Status{Node: "bench", Term: f.lease.Term, Source: batch.SourceOK, Since: header.AsOf, Verified: header.AsOf}
	return Published{number, at.UnixNano()}, f.store.SetStatus(ctx, f.lease, status, feedLease, false)
}
