package demo

import (
	"context"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// unfinished finds what an event that was cut off between two tables still lacks, and
// returns it as a tick; nil where nothing is lacking.
func (l *live) unfinished(ctx context.Context) (*tick, error) {
	t := &tick{at: l.now().UTC().Truncate(time.Millisecond)}
	for _, find := range []func(context.Context, *tick) error{l.leadsWithoutStage, l.passagesAhead, l.statesWithoutEvent, l.withoutTwins} {
		if err := find(ctx, t); err != nil {
			return nil, err
		}
	}
	if len(t.stages)+len(t.eliminations)+len(t.profiles) == 0 {
		return nil, nil
	}
	return t, nil
}

func (l *live) leadsWithoutStage(ctx context.Context, t *tick) error {
	return l.picker.query(ctx, "leads_without_stage", nil, func(r driver.Rows) error {
		row := lead{stage: stageHouseholdCheck, entered: t.at, version: firstVersion + 1}
		if err := r.Scan(&row.key, &row.village); err != nil {
			return err
		}
		t.stages = append(t.stages, row)
		return nil
	})
}

// passagesAhead finds leads that have left a stage which they still stand at.
func (l *live) passagesAhead(ctx context.Context, t *tick) error {
	return l.picker.query(ctx, "passages_ahead", nil, func(r driver.Rows) error {
		var row lead
		var p passage
		if err := r.Scan(&row.key, &row.village, &p.stage, &p.outcome, &p.left, &row.version); err != nil {
			return err
		}
		l.pass(t, row, p)
		return nil
	})
}

func (l *live) statesWithoutEvent(ctx context.Context, t *tick) error {
	return l.picker.query(ctx, "states_without_event", nil, func(r driver.Rows) error {
		e := elimination{at: t.at, kind: assisted}
		if err := r.Scan(&e.household, &e.village, &e.persons, &e.event); err != nil {
			return err
		}
		e.describe(l.rng, l.lines)
		t.eliminations = append(t.eliminations, e)
		return nil
	})
}

// withoutTwins finds households whose profile or row among all rural households is not
// of their version.
func (l *live) withoutTwins(ctx context.Context, t *tick) error {
	return l.picker.query(ctx, "households_without_twins", nil, func(r driver.Rows) error {
		var h household
		if err := r.Scan(&h.key, &h.village, &h.kind, &h.causes, &h.persons, &h.state, &h.recognised, &h.version); err != nil {
			return err
		}
		// A lead that was cut off as it was recognised is recognised again by this tick,
		// which writes its household anew, and the twins with it.
		if !slices.ContainsFunc(t.households, func(again household) bool { return again.key == h.key }) {
			l.follows(t, h)
		}
		return nil
	})
}
