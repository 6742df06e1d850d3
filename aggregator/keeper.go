package aggregator

import (
	"context"
	"time"

	"liaowang/aggregator/batch"
)

// keep renews the lease and says how the aggregator is, apart from the rounds,
// so that a slow statement neither loses the lease nor silences the aggregator.
func (a *Aggregator) keep(ctx context.Context) {
	beat := time.NewTimer(0)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
		case <-a.hint:
		}
		beat.Reset(a.beat(ctx))
	}
}

// beat renews the lease, or tries to take it, speaks, and says when to do so again.
func (a *Aggregator) beat(ctx context.Context) (pause time.Duration) {
	pause = a.Lease / 4
	a.mu.Lock()
	floor, ready, sent := a.floor, a.ready, a.sent
	a.mu.Unlock()
	if !ready {
		return pause // the floor is not known, and a number could go back
	}
	bounded, cancel := context.WithTimeout(ctx, a.Lease)
	defer cancel()
	lease, err := a.Store.Acquire(bounded, a.Node, a.run, floor, a.Lease)
	if ctx.Err() != nil {
		return pause // the lease is released, not lost
	}
	if err == nil {
		if lease.Term == 0 {
			// When the other's lease runs out this one is there to take it. (It lasts
			// at least a millisecond more: a server's clock has no finer.)
			pause = min(pause, lease.Left+time.Millisecond)
		}
		a.keepLease(lease, sent)
		if aside, failed := a.stand(bounded, lease); aside || failed != nil {
			a.say(failed)
			return pause + pause // for the other to take it
		}
		// Only the leader speaks for the source, and once it has seen it.
		if status, news := a.report(); lease.Term != 0 && status.Source != "" {
			err = a.Store.SetStatus(bounded, lease, status, a.Lease, news)
		}
	} else {
		a.keepLease(batch.Lease{}, sent)
	}
	a.say(err)
	return pause
}

// say logs when Redis is lost and when it is back, once each.
func (a *Aggregator) say(err error) {
	why := ""
	if err != nil {
		why = err.Error()
	}
	a.mu.Lock()
	was := a.mute
	a.mute = why
	a.mu.Unlock()
	if (why == "") != (was == "") {
		if err != nil {
			a.Logger.Warn("lease not renewed", "err", err)
		} else {
			a.Logger.Info("redis answers again")
		}
	}
}

// keepLease keeps what Acquire said. sent is the count of batches when it was
// asked: what was published meanwhile is newer than the answer.
func (a *Aggregator) keepLease(l batch.Lease, sent int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if l.Term != 0 && l.Term != a.lease.Term {
		a.Logger.Info("leading", "term", l.Term, "batch", l.Number)
		a.told = "" // readers have heard nothing of this leader
	}
	if l.Term != 0 && l.Term == a.lease.Term && sent != a.sent {
		l.Number = a.lease.Number
	}
	if l.Term == 0 {
		a.status.Source = "" // what was seen while leading is not news later
	}
	a.lease = l
	a.floor.Term = max(a.floor.Term, l.Term)
	a.metrics.leading.Set(0)
	if l.Term != 0 {
		a.metrics.leading.Set(1)
	}
}

// forfeit stops publishing until the lease is renewed or taken again.
func (a *Aggregator) forfeit() {
	a.mu.Lock()
	a.lease = batch.Lease{}
	a.mu.Unlock()
	a.wake()
}

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
	a.metrics.source.Set(1)
	a.set(batch.SourceOK, "")
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status.Verified = at
}

// hold notes what holds back what the tables show.
func (a *Aggregator) hold(holds []batch.Hold) {
	a.metrics.source.Set(1)
	a.set(batch.SourceHeld, holdWords(holds), holds...)
}

// lost notes that there are no figures, and why, in words for the wall.
func (a *Aggregator) lost(err error) {
	a.metrics.source.Set(0)
	a.set(batch.SourceLost, sourceWords(err))
}

// SourceCrashed tells readers at once of a loss that somebody else has seen; the
// next look that is answered ends it. Safe to call from anywhere.
func (a *Aggregator) SourceCrashed() {
	if a.held().Term == 0 {
		return // the leader speaks for the source
	}
	a.metrics.source.Set(0)
	a.set(batch.SourceLost, "数据源重启")
}

func (a *Aggregator) set(s batch.SourceState, words string, holds ...batch.Hold) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.status.Source != s {
		a.tellState(s, words)
		a.status.Source, a.status.Since = s, a.Now().UTC()
		a.wake()
	}
	a.status.Words, a.status.Holds = words, holds
}

// wake lets the keeper speak now rather than at its next beat.
func (a *Aggregator) wake() {
	select {
	case a.hint <- struct{}{}:
	default:
	}
}
