package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"liaowang/queries/warehouse"
)

// record is the record of batches, and of exports, of a server that listens before ClickHouse is there.
type record struct {
	w atomic.Pointer[warehouse.Warehouse]
}

var errStarting = errors.New("the server is starting: ClickHouse is not there yet")

func (r *record) Batch(ctx context.Context, number uint64, wall warehouse.BatchID) (*warehouse.Recorded, error) {
	if w := r.w.Load(); w != nil {
		return w.Batch(ctx, number, wall)
	}
	return nil, errStarting
}

func (r *record) BatchAt(ctx context.Context, at time.Time, wall warehouse.BatchID) (*warehouse.Recorded, error) {
	if w := r.w.Load(); w != nil {
		return w.BatchAt(ctx, at, wall)
	}
	return nil, errStarting
}

func (r *record) Frames(ctx context.Context, b *warehouse.Recorded, metric, region string) ([]warehouse.RecordedFrame, error) {
	if w := r.w.Load(); w != nil {
		return w.Frames(ctx, b, metric, region)
	}
	return nil, errStarting
}

func (r *record) Days(ctx context.Context, metric, region string, from, until time.Time, number uint64) ([]warehouse.ShownDay, error) {
	if w := r.w.Load(); w != nil {
		return w.Days(ctx, metric, region, from, until, number)
	}
	return nil, errStarting
}

func (r *record) Reel(ctx context.Context, from, until time.Time, most int) ([]warehouse.ReelBatch, error) {
	if w := r.w.Load(); w != nil {
		return w.Reel(ctx, from, until, most)
	}
	return nil, errStarting
}

func (r *record) RecordExport(ctx context.Context, e warehouse.Export) error {
	if w := r.w.Load(); w != nil {
		return w.RecordExport(ctx, e)
	}
	return errStarting
}

func (r *record) Export(ctx context.Context, code string) (*warehouse.Export, error) {
	if w := r.w.Load(); w != nil {
		return w.Export(ctx, code)
	}
	return nil, errStarting
}

func (r *record) Briefings(ctx context.Context) ([]warehouse.Briefing, error) {
	if w := r.w.Load(); w != nil {
		return w.Briefings(ctx)
	}
	return nil, errStarting
}

func (r *record) SaveBriefing(ctx context.Context, b warehouse.Briefing) error {
	if w := r.w.Load(); w != nil {
		return w.SaveBriefing(ctx, b)
	}
	return errStarting
}

func (r *record) BriefingRun(ctx context.Context, briefing string, due time.Time) (*warehouse.BriefingRun, error) {
	if w := r.w.Load(); w != nil {
		return w.BriefingRun(ctx, briefing, due)
	}
	return nil, errStarting
}

func (r *record) RecordBriefingRun(ctx context.Context, run warehouse.BriefingRun) error {
	if w := r.w.Load(); w != nil {
		return w.RecordBriefingRun(ctx, run)
	}
	return errStarting
}
