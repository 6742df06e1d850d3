package aggregator

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"liaowang/aggregator/batch"
	"liaowang/queries/warehouse"
)

// send records a batch and publishes it; recorded first, so that no number that
// was ever shown can come a second time.
func (a *Aggregator) send(ctx context.Context, lease batch.Lease, number uint64, h batch.Header, res *result, l *laps) error {
	base := a.base
	// Until it is known to be published, it is not known what Redis holds.
	a.base, a.last = 0, number
	previous := shownBefore{id: warehouse.BatchID{Term: lease.Term, Number: base}}
	if base == 0 {
		// All frames are to be recorded: not again and again for a Redis without memory.
		if err := a.Store.Writable(ctx); err != nil {
			return storeError{fmt.Errorf("batch %d: %w", number, err)}
		}
		var err error
		if previous, err = a.shownLast(ctx, lease); err != nil {
			return err
		}
		number = max(number, previous.recorded+1)
		a.last = number
	}
	if res.regrid {
		base = 0
	}
	h.Term, h.Number = lease.Term, number
	last := &a.good
	if previous.header != nil {
		last = previous.header
	}
	h.Checks = dated(h.Checks, last, h.AsOf)
	frames, before := res.changed, res.before
	if base == 0 {
		// Readers cannot tell which of them they have.
		frames, before = res.all(number), nil
	}
	var packed batch.Packed
	var packing errgroup.Group
	packing.Go(func() (err error) { packed, err = batch.Pack(frames, before); return err })
	err := a.recordBatch(ctx, h, base, previous, frames, res)
	if err := errors.Join(err, packing.Wait()); err != nil {
		return err
	}
	l.done("record")
	if err := a.Store.PublishPacked(ctx, lease, h, base, packed); err != nil {
		return storeError{fmt.Errorf("batch %d: %w", number, err)}
	}
	l.done("publish")
	a.record.shown(warehouse.BatchID{Term: h.Term, Number: number})
	a.base, a.good = number, h
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sent++
	a.asOf = h.AsOf
	a.lease.Number = number
	a.floor = batch.Floor{Term: max(a.floor.Term, h.Term), Number: max(a.floor.Number, number)}
	return nil
}
