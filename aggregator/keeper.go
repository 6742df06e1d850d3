package aggregator

import (
	"context"
	"errors"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/queries/warehouse"
)

// keep renews the lease and says how the aggregator is, apart from the rounds,
// so that a slow statement neither loses the lease nor silences the aggregator.
func (a *Aggregator) keep(ctx context.Context) {
	tick := time.NewTicker(a.Lease / 3)
	defer tick.Stop()
	for {
		a.beat(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-a.hint:
		}
	}
}

func (a *Aggregator) beat(ctx context.Context) {
	a.mu.Lock()
	floor, ready := a.floor, a.ready
	a.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, a.Lease)
	defer cancel()
	if ready { // before that the floor is not known, and a number could go back
		lease, err := a.Store.Acquire(ctx, a.Node, floor, a.Lease)
		if err != nil {
			a.forfeit()
			a.Logger.Warn("lease not renewed", "err", err)
			return
		}
		if a.take(lease) {
			a.Logger.Info("leading", "term", lease.Term, "batch", lease.Number)
		}
		if lease.Term == 0 {
			return // the leader speaks for the source
		}
	}
	status, news := a.report()
	if err := a.Store.SetStatus(ctx, status, a.Lease, news); err != nil {
		a.Logger.Warn("status not told", "err", err)
	}
}

// take keeps a lease and reports whether its term is a new one.
func (a *Aggregator) take(l batch.Lease) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	isNew := l.Term != 0 && l.Term != a.lease.Term
	a.lease = l
	a.floor.Term = max(a.floor.Term, l.Term)
	a.metrics.leading.Set(0)
	if l.Term != 0 {
		a.metrics.leading.Set(1)
	}
	return isNew
}

// forfeit stops publishing until the lease is taken again.
func (a *Aggregator) forfeit() { a.take(batch.Lease{}); a.wake() }

func (a *Aggregator) held() batch.Lease {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.lease
}

// report is the status to tell, and whether readers should hear of it at once.
func (a *Aggregator) report() (batch.Status, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.status
	s.Term = a.lease.Term
	news := a.told != s.Source
	a.told = s.Source
	return s, news
}

// verified notes that the newest batch shows just what the tables hold.
func (a *Aggregator) verified(at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status.Verified = at
	if a.status.Source == batch.SourceLost {
		a.status.Source, a.status.Since, a.status.Words = batch.SourceOK, at, ""
		a.wake()
	}
	a.metrics.source.Set(1)
}

// lost notes that the source gives no figures, and why, in words for the wall.
func (a *Aggregator) lost(err error) {
	words := "数据源无应答"
	var failed *warehouse.Error
	switch {
	case errors.Is(err, errNoRegions):
		words = "区划表为空, 尚不能成批"
	case errors.As(err, &failed) && failed.Code != 0:
		words = "数据源报错: " + failed.Statement
	}
	a.metrics.source.Set(0)
	a.set(batch.SourceLost, words)
}

func (a *Aggregator) set(s batch.SourceState, words string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.status.Source != s {
		a.status.Source, a.status.Since = s, a.Now().UTC()
		a.wake()
	}
	a.status.Words = words
}

// wake lets the keeper speak now rather than at its next beat.
func (a *Aggregator) wake() {
	select {
	case a.hint <- struct{}{}:
	default:
	}
}
