package aggregator

import (
	"context"
	"time"

	"liaowang/aggregator/batch"
)

// longPatience is how long the source may take to answer beside a round: the statements
// of the round may keep it busy.
const longPatience = 5 * time.Second

// watch looks whether the source answers while no round does: this node stands by, or
// a statement takes long.
func (a *Aggregator) watch(ctx context.Context) {
	tick := time.NewTicker(a.Lease / 4)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if quiet, _ := a.unheard(); quiet < a.Lease/2 {
			continue
		}
		// Not the state of the tables: the cut that tells it belongs to the rounds.
		bounded, cancel := context.WithTimeout(ctx, longPatience)
		_, err := a.Warehouse.History(bounded)
		cancel()
		a.heardOf(err)
		if err != nil && ctx.Err() == nil && !told(err) && a.held().Term != 0 {
			a.lost(err) // a round that waits for an answer cannot say so
		}
	}
}

// heardOf notes whether the source has answered.
func (a *Aggregator) heardOf(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case err == nil || told(err):
		a.heard, a.missed = a.Now(), time.Time{}
	case a.missed.IsZero():
		a.missed = a.Now()
	}
}

// unheard is how long ago the source last answered, and how long it is known not to;
// 0 where it was never asked, or answers.
func (a *Aggregator) unheard() (quiet, missed time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.Now()
	if !a.heard.IsZero() {
		quiet = now.Sub(a.heard)
	}
	if !a.missed.IsZero() {
		missed = now.Sub(a.missed)
	}
	return quiet, missed
}

// stand lets a leader who does not find the source stand aside for a node that does,
// and says of one that stands by that it is such. It reports whether the lease was
// given up.
func (a *Aggregator) stand(ctx context.Context, lease batch.Lease) (aside bool, err error) {
	quiet, missed := a.unheard()
	if lease.Term == 0 {
		if missed > 0 || quiet > a.Lease {
			return false, nil
		}
		return false, a.Store.Volunteer(ctx, a.run, a.Lease/2)
	}
	if missed < a.Lease/2 { // where nobody finds it, all know by then
		return false, nil
	}
	if aside, err = a.Store.Yield(ctx, lease); aside {
		a.Logger.Warn("this aggregator does not find the source, another does: it stands by", "term", lease.Term)
		a.mu.Lock()
		a.lease = batch.Lease{}
		a.mu.Unlock()
		a.metrics.leading.Set(0)
	}
	return aside, err
}
