package aggregator

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"liaowang/queries/warehouse"
)

// takes bounds how often tables that moved while others were taken are taken
// again before a batch goes on without a moment common to all tables.
const takes = 3

// pace is what the last batch has found of those who write.
type pace int

const (
	paceUnknown pace = iota
	paceCalm         // nothing moved while tables were taken, the last few times
	paceBusy         // something always did
)

// calmAfter is how often nothing must have moved before the second look is beside the
// computing: where some writer comes every now and then, what was computed meanwhile
// would be dropped too often.
const calmAfter = 3

// looksWhenBusy is how many batches of those who never pause share one look beside the
// computing, which can only find that they do now: it costs what a small metric does.
const looksWhenBusy = 4

// errMoved: tables moved while they were taken, and a moment of all of them is to be had.
var errMoved = errors.New("tables moved while they were taken")

// take brings the changed tables into the cut. When nothing moved between two
// looks, the cut is the state of all tables at one moment; while writers never
// pause it is, after a few tries, that of each table at a moment of its own.
// Where the last batches were calm, or the last one found no calm at all, the second look
// is beside the computing, and what it finds comes over the channel: nil where there is none.
func (a *Aggregator) take(ctx context.Context, changed []string, states map[string]warehouse.Fingerprint) (beside chan look, err error) {
	for try := 1; len(changed) > 0; try++ {
		if err := a.takeOnce(ctx, changed, states); err != nil {
			return nil, err
		}
		if try == 1 && a.pace != paceUnknown {
			if !a.looks() {
				return nil, nil
			}
			beside = make(chan look, 1)
			go func() { states, err := a.states(ctx); beside <- look{states, err} }()
			return beside, nil
		}
		if try == takes {
			a.pace = paceBusy
			return nil, nil
		}
		if states, err = a.states(ctx); err != nil {
			return nil, err
		}
		if changed = a.changed(states); try == 1 {
			a.stays(len(changed) == 0)
		}
	}
	return nil, nil
}

// looks reports whether a batch looks beside its computing.
func (a *Aggregator) looks() bool {
	if a.pace != paceBusy {
		return true
	}
	a.busy++
	return a.busy%looksWhenBusy == 0
}

// stays notes whether nothing moved while tables were taken.
func (a *Aggregator) stays(calm bool) {
	if a.pace = paceUnknown; !calm {
		a.calm = 0
	} else if a.calm++; a.calm >= calmAfter {
		a.pace = paceCalm
	}
}

// found takes in what a look beside the computing has found: the tables to take again
// where what was computed is of no one moment, though one is to be had.
func (a *Aggregator) found(l look) []string {
	moved := a.changed(l.states)
	switch {
	case len(moved) == 0:
		a.stays(true)
	case a.pace == paceCalm:
		a.stays(false)
		return moved
	}
	return nil // who never pauses is not waited for
}

// takeOnce brings tables into the cut.
func (a *Aggregator) takeOnce(ctx context.Context, changed []string, states map[string]warehouse.Fingerprint) error {
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(a.Parallel)
	for _, t := range changed {
		a.done[t] = states[t]
		a.pending[t] = true
		switch t {
		case demoTable:
			group.Go(func() error {
				return twice(func() (err error) { a.demo, err = a.cut.Demo(gctx); return err })
			})
		case warehouse.HoldReleasesTable:
			group.Go(func() error {
				return twice(func() (err error) { a.letting, err = a.cut.HoldReleases(gctx, a.at); return err })
			})
		default:
			group.Go(func() error { return a.cut.Take(gctx, t) })
		}
	}
	return group.Wait()
}

// look is what a look at the tables found.
type look struct {
	states map[string]warehouse.Fingerprint
	err    error
}
