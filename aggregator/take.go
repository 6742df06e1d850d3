package aggregator

import (
	"context"

	"golang.org/x/sync/errgroup"

	"liaowang/queries/warehouse"
)

// takes bounds how often tables that moved while others were taken are taken
// again before a batch goes on without a moment common to all tables.
const takes = 3

// take brings the changed tables into the cut. When nothing moved between two
// looks, the cut is the state of all tables at one moment; while writers never
// pause it is, after a few tries, that of each table at a moment of its own.
func (a *Aggregator) take(ctx context.Context, changed []string, states map[string]warehouse.Fingerprint) error {
	for try := 1; ; try++ {
		if len(changed) == 0 {
			return nil
		}
		if err := a.takeOnce(ctx, changed, states); err != nil || try == takes {
			return err
		}
		var err error
		if states, err = a.states(ctx); err != nil {
			return err
		}
		changed = a.changed(states)
		a.calm = try == 1 && len(changed) == 0
	}
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
