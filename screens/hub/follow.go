package hub

import (
	"context"
	"sync"
	"time"

	"liaowang/aggregator/batch"
)

// Run follows the batches in Redis until ctx is done. What is stored is the
// truth: a hint only says that looking now is worth it.
func (h *Hub) Run(ctx context.Context) error {
	hints := h.Store.News(ctx)
	defer func() {
		for range hints { // until it is closed
		}
	}()
	var parts sync.WaitGroup
	parts.Go(func() { h.beatUntil(ctx) })
	for _, s := range h.shards {
		parts.Go(func() { s.run(ctx) })
	}
	defer parts.Wait()
	look := time.NewTicker(h.Look)
	defer look.Stop()
	for {
		if h.refresh(ctx) {
			h.meet(ctx)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-h.walls.poke:
		case <-hints:
		case <-look.C:
		}
	}
}

// beatUntil gives signs of life however long Redis takes to answer.
func (h *Hub) beatUntil(ctx context.Context) {
	beat := time.NewTicker(h.Beat)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
			h.beat()
		}
	}
}

// refresh brings the hub to what Redis holds, and says whether it answers. When it does not,
// the last picture stays and is marked.
func (h *Hub) refresh(ctx context.Context) bool {
	at, was := h.picture.Load(), h.news.Load().status
	patience := 3 * time.Second
	if at == nil {
		patience = 30 * time.Second // all frames of a province, and no picture that would grow old meanwhile
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var since uint64
	held := func(batch.Key) *batch.Frame { return nil }
	if at != nil {
		since = at.header.Number
		held = func(k batch.Key) *batch.Frame { return at.frame(k.Metric, k.Region) }
	}
	asked := h.Now()
	snap, err := h.Store.LoadOver(ctx, since, held)
	if err == nil {
		h.redis.heard(asked, h.Now(), snap.Now)
	}
	if err == nil && at != nil && snap.Header != nil && snap.Header.History != at.header.History {
		// Another database is behind the hall now: nothing of the old picture holds.
		snap, err = h.Store.Load(ctx, 0)
		at = nil
	}
	if err != nil {
		if ctx.Err() != context.Canceled {
			h.setStatus(h.since(was, status{Source: sourceStoreLost, Verified: was.Verified}))
			if was.Source != sourceStoreLost {
				h.Logger.Warn("redis lost", "err", err)
			}
		}
		return false
	}
	if snap.Header != nil && (at == nil || snap.Header.Number > at.header.Number) {
		if next, err := at.apply(snap.Header, snap.Frames); err != nil {
			h.Logger.Error("batch not shown", "err", err)
			h.fault("新批次无法读取，见服务日志")
		} else {
			h.date(next, snap.Published, at == nil)
			if at == nil {
				// Whoever joins finds no picture of which nothing is known.
				h.setStatus(h.since(was, sourceStatus(snap, was)))
			} else if next.header.History == at.header.History {
				h.watchFor(at, next)
			}
			h.show(next)
		}
	}
	now := h.since(was, sourceStatus(snap, was))
	if at != nil && was.Source != sourceSilent && was.Source != sourceStoreLost {
		h.holding(was.Holds, now.Holds, now.Since)
	}
	h.setStatus(now)
	return true
}

// date says when a picture was published and is to be shown, by this node's clock; anew
// where it is the first, or the first of another history.
func (h *Hub) date(p *picture, published time.Time, anew bool) {
	at, known := h.redis.here(published)
	if !known {
		at = h.Now()
	} else {
		p.showAt = at.Add(h.ShowAfter).UnixMilli()
	}
	h.published.add(p.header.Number, at, anew)
}

// sourceStatus is what a display should know of the source.
func sourceStatus(snap batch.Snapshot, was status) status {
	if snap.Status == nil {
		return status{Source: sourceSilent, Verified: was.Verified}
	}
	s := status{Source: string(snap.Status.Source), Since: snap.Status.Since, Verified: snap.Status.Verified, Words: snap.Status.Words, Holds: snap.Status.Holds, leader: snap.Status.Node}
	if s.Verified.Before(was.Verified) {
		s.Verified = was.Verified // an aggregator that has just started has verified nothing yet
	}
	return s
}

// since dates a state that this node found out by itself.
func (h *Hub) since(was, s status) status {
	if s.Since.IsZero() {
		if s.Since = was.Since; was.Source != s.Source {
			s.Since = h.Now().UTC()
		}
	}
	return s
}
