package warehouse

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Why a batch cannot be given back. The errors of Batch, BatchAt and Frames wrap one of
// these and say which batch it is.
var (
	// ErrNeverShown: the batch was recorded and then not published.
	ErrNeverShown = errors.New("was recorded and never shown")
	// ErrNotKept: the batch was there and has expired, or is older than the record.
	ErrNotKept = errors.New("is no longer kept")
	// ErrNotYet: the batch is newer than what is on the walls.
	ErrNotYet = errors.New("has not been shown yet")
	// ErrNoBatch: no batch has that number.
	ErrNoBatch = errors.New("does not exist: the number was passed over")
	// ErrBeforeFirst: nothing is known to have been shown by then.
	ErrBeforeFirst = errors.New("no batch is known to have been shown by then")
)

// Recorded is a batch that was shown.
type Recorded struct {
	BatchID
	// AsOf is the moment of its cut, At that of recording, just before it was shown.
	AsOf, At time.Time
	// Base is the batch that it was published as a change of, 0 with all frames.
	Base uint64
	// InDoubt says that it was recorded, and that Redis was lost before anybody
	// could note whether it was shown.
	InDoubt bool
	// Header is the header as published, JSON.
	Header []byte

	full uint64
}

// Batch gives the batch with a number. wall is the batch on the walls now, as Redis
// has it: no record of a later batch says of it yet that it was shown.
func (w *Warehouse) Batch(ctx context.Context, number uint64, wall BatchID) (*Recorded, error) {
	all, err := w.recorded(ctx, number)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		last, err := w.LastBatch(ctx)
		switch {
		case err != nil:
			return nil, err
		case number > last.Number:
			return nil, fmt.Errorf("batch %d %w: the newest is %d", number, ErrNotYet, max(wall.Number, last.Shown.Number))
		}
		return nil, fmt.Errorf("batch %d %w", number, ErrNoBatch)
	}
	var why error
	for _, r := range all {
		if r.full == 0 { // from before frames were recorded
			return nil, fmt.Errorf("batch %d %w", number, ErrNotKept)
		}
		// One of the leaders that recorded the number has shown it, or none.
		err := w.shown(ctx, r, wall)
		switch {
		case err == nil && len(r.Header) == 0:
			return nil, fmt.Errorf("batch %d %w", number, ErrNotKept)
		case err == nil:
			return r, nil
		case errors.Is(err, ErrNeverShown) || errors.Is(err, ErrNotYet):
			if why == nil || errors.Is(err, ErrNotYet) {
				why = err
			}
		default:
			return nil, err
		}
	}
	return nil, why
}

// BatchAt gives the batch that was on the walls at a moment, to within the few
// milliseconds between recording and showing. wall is the batch on them now.
func (w *Warehouse) BatchAt(ctx context.Context, at time.Time, wall BatchID) (*Recorded, error) {
	last, previous, err := w.lastAt(ctx, at)
	if err != nil {
		return nil, err
	}
	for _, id := range []BatchID{last, previous} {
		if id.Number == 0 {
			break
		}
		found, err := w.Batch(ctx, id.Number, wall)
		// What was recorded last by then says what had been shown, if it was not itself.
		if errors.Is(err, ErrNeverShown) || errors.Is(err, ErrNotYet) || err == nil && found.BatchID != id {
			continue
		}
		return found, err
	}
	return nil, fmt.Errorf("%s: %w", at.Format(time.RFC3339), ErrBeforeFirst)
}

// lastAt gives the last batch recorded by a moment, and the one that it says was
// shown before it.
func (w *Warehouse) lastAt(ctx context.Context, at time.Time) (last, previous BatchID, err error) {
	ctx, cancel := w.context(ctx, "recorded_at", nil)
	defer cancel()
	rows, err := w.conn.Query(ctx, statement("recorded_at"), clickhouse.Named("at", at.UnixMilli()))
	if err != nil {
		return last, previous, w.fail("recorded_at", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&last.Term, &last.Number, &previous.Term, &previous.Number); err != nil {
			return last, previous, w.fail("recorded_at", err)
		}
	}
	return last, previous, w.fail("recorded_at", rows.Err())
}

// recorded gives what leaders have recorded under a number, the newest term first.
func (w *Warehouse) recorded(ctx context.Context, number uint64) ([]*Recorded, error) {
	ctx, cancel := w.context(ctx, "recorded_batch", nil)
	defer cancel()
	rows, err := w.conn.Query(ctx, statement("recorded_batch"), clickhouse.Named("number", number))
	if err != nil {
		return nil, w.fail("recorded_batch", err)
	}
	defer rows.Close()
	var all []*Recorded
	for rows.Next() {
		r := &Recorded{BatchID: BatchID{Number: number}}
		var header string
		if err := rows.Scan(&r.Term, &r.AsOf, &r.At, &r.Base, &r.full, &header); err != nil {
			return nil, w.fail("recorded_batch", err)
		}
		r.Header = []byte(header)
		switch n := len(all); {
		case n == 0 || all[n-1].Term != r.Term:
			all = append(all, r)
		case all[n-1].full == 0:
			all[n-1] = r // the other row only says that it was shown
		}
	}
	return all, w.fail("recorded_batch", rows.Err())
}

// shown returns nil when a batch was shown, or may have been (InDoubt), and else
// ErrNeverShown or ErrNotYet.
func (w *Warehouse) shown(ctx context.Context, r *Recorded, wall BatchID) error {
	if r.BatchID == wall {
		return nil
	}
	ctx, cancel := w.context(ctx, "recorded_after", nil)
	defer cancel()
	rows, err := w.conn.Query(ctx, statement("recorded_after"), clickhouse.Named("number", r.Number),
		clickhouse.Named("wall", wall.Number), clickhouse.Named("wall_term", wall.Term))
	if err != nil {
		return w.fail("recorded_after", err)
	}
	defer rows.Close()
	passed := false // a batch is shown that knows nothing of this one
	for rows.Next() {
		var id, previous BatchID
		var doubt bool
		if err := rows.Scan(&id.Term, &id.Number, &previous.Term, &previous.Number, &doubt); err != nil {
			return w.fail("recorded_after", err)
		}
		if previous == r.BatchID {
			r.InDoubt = false
			return nil
		}
		if id.Number > r.Number && previous.Number < r.Number && doubt {
			r.InDoubt = true
		}
		if previous.Number >= r.Number || id == wall {
			passed = true
			break
		}
	}
	switch err := rows.Err(); {
	case err != nil:
		return w.fail("recorded_after", err)
	case r.InDoubt:
		return nil
	case passed:
		return fmt.Errorf("batch %d %w", r.Number, ErrNeverShown)
	case wall.Number == 0:
		r.InDoubt = true // nobody knows what was shown last
		return nil
	}
	return fmt.Errorf("batch %d %w: it is recorded, and batch %d is on the walls", r.Number, ErrNotYet, wall.Number)
}

// Frames gives the frames of a batch just as they were shown, by metric and region;
// with a metric or a region, those of it alone. It fails with ErrNotKept rather than
// give some of them.
func (w *Warehouse) Frames(ctx context.Context, r *Recorded, metric, region string) ([]RecordedFrame, error) {
	frames, err := w.frames(ctx, r, metric, region)
	if err != nil {
		return nil, err
	}
	// Asked last: what is there now was there all the time.
	whole, err := w.whole(ctx, r)
	if err == nil && !whole {
		err = fmt.Errorf("batch %d %w", r.Number, ErrNotKept)
	}
	if err != nil {
		return nil, err
	}
	return frames, nil
}

func (w *Warehouse) frames(ctx context.Context, r *Recorded, metric, region string) ([]RecordedFrame, error) {
	ctx, cancel := w.context(ctx, "recorded_frames", nil)
	defer cancel()
	rows, err := w.conn.Query(ctx, statement("recorded_frames"), append(r.place(), clickhouse.Named("metric", metric), clickhouse.Named("region", region))...)
	if err != nil {
		return nil, w.fail("recorded_frames", err)
	}
	defer rows.Close()
	frames := []RecordedFrame{}
	for rows.Next() {
		var f RecordedFrame
		var body string
		if err := rows.Scan(&f.Metric, &f.Region, &f.Changed, &body); err != nil {
			return nil, w.fail("recorded_frames", err)
		}
		f.Rows = []byte(body)
		frames = append(frames, f)
	}
	return frames, w.fail("recorded_frames", rows.Err())
}

// place is where the frames of a batch lie.
func (r *Recorded) place() []any {
	return []any{
		clickhouse.Named("day", r.At.UTC().Format(time.DateOnly)), clickhouse.Named("full", r.full),
		clickhouse.Named("term", r.Term), clickhouse.Named("number", r.Number),
	}
}

// whole reports whether every frame that was recorded for a batch is still there.
func (w *Warehouse) whole(ctx context.Context, r *Recorded) (bool, error) {
	ctx, cancel := w.context(ctx, "recorded_whole", nil)
	defer cancel()
	var recorded, present uint64
	if err := w.conn.QueryRow(ctx, statement("recorded_whole"), r.place()...).Scan(&recorded, &present); err != nil {
		return false, w.fail("recorded_whole", err)
	}
	return recorded > 0 && recorded == present, nil
}
