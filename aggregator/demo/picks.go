package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// picker finds the rows that events happen to. It keeps nothing: what is in the
// tables is what counts, also where others write.
type picker struct {
	conn driver.Conn
	rng  *rand.Rand
}

// pick runs a statement for at most n rows of a code, from a random key on.
func (p picker) pick(ctx context.Context, name, code string, n int, more clickhouse.Parameters, row func(driver.Rows) error) error {
	parameters := clickhouse.Parameters{
		"code": code,
		"from": strconv.FormatUint(keyLow|p.rng.Uint64()>>8, 10),
		"n":    strconv.Itoa(n),
	}
	for key, value := range more {
		parameters[key] = value
	}
	return p.query(ctx, name, parameters, row)
}

func (p picker) query(ctx context.Context, name string, parameters clickhouse.Parameters, row func(driver.Rows) error) error {
	rows, err := p.conn.Query(withKeys(ctx, parameters), statement("live/"+name))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// leads picks leads of a stage: key, village, stage and version are filled.
func (p picker) leads(ctx context.Context, stage string, n int) ([]lead, error) {
	var picked []lead
	err := p.pick(ctx, "pick_leads", stage, n, nil, func(r driver.Rows) error {
		l := lead{stage: stage}
		if err := r.Scan(&l.key, &l.village, &l.entered, &l.version); err != nil {
			return err
		}
		picked = append(picked, l)
		return nil
	})
	return picked, err
}

// households picks households of a state that were recognised before a moment.
func (p picker) households(ctx context.Context, state string, before time.Time, n int) ([]household, error) {
	var picked []household
	more := clickhouse.Parameters{"before": strconv.FormatInt(before.UnixMilli(), 10)}
	err := p.pick(ctx, "pick_households", state, n, more, func(r driver.Rows) error {
		h := household{state: state}
		if err := r.Scan(&h.key, &h.village, &h.kind, &h.causes, &h.persons, &h.recognised, &h.version); err != nil {
			return err
		}
		picked = append(picked, h)
		return nil
	})
	return picked, err
}

// registered picks registered households of a degree of stability.
func (p picker) registered(ctx context.Context, stability string, n int) ([]registered, error) {
	var picked []registered
	err := p.pick(ctx, "pick_registered", stability, n, nil, func(rows driver.Rows) error {
		r := registered{stability: stability}
		if err := rows.Scan(&r.key, &r.village, &r.persons, &r.version); err != nil {
			return err
		}
		picked = append(picked, r)
		return nil
	})
	return picked, err
}

// assets picks assets in use.
func (p picker) assets(ctx context.Context, n int) ([]asset, error) {
	var picked []asset
	err := p.pick(ctx, "pick_assets", assetInUse, n, nil, func(r driver.Rows) error {
		a := asset{state: assetInUse}
		if err := r.Scan(&a.key, &a.village, &a.class, &a.original, &a.net, &a.registered, &a.kind, &a.project,
			&a.confirmed, &a.transferred, &a.maintained, &a.condition, &a.income, &a.distributed, &a.version); err != nil {
			return err
		}
		picked = append(picked, a)
		return nil
	})
	return picked, err
}
