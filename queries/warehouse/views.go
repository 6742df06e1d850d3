package warehouse

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"liaowang/queries"
)

// ViewState tells whether two fillings of a view have the same rows, in any order; that
// of a view whose rows move is always zero.
type ViewState struct {
	Rows, Hash uint64
}

// createView makes the table that holds a view's rows. Views that it reads must be
// there. It is in memory, since it is filled anew with nearly every batch; Remembers
// tells when it was lost.
func (c *Cut) createView(ctx context.Context, v *queries.View) error {
	if err := c.run(ctx, v, time.Unix(0, 0), "CREATE TABLE "+c.own(v)+" ENGINE = Memory EMPTY AS "+v.CutSQL); err != nil || c.w.cluster == "" {
		return err
	}
	return c.spreadView(ctx, v)
}

// Fill brings a view to the state of the cut's tables, and of the views that it
// reads, which must have been filled before. now is that of Ask.
func (c *Cut) Fill(ctx context.Context, v *queries.View, now time.Time) (ViewState, error) {
	if err := c.run(ctx, v, time.Time{}, "TRUNCATE TABLE "+c.own(v)); err != nil {
		return ViewState{}, err
	}
	if err := c.run(ctx, v, now, "INSERT INTO "+c.own(v)+" "+v.CutSQL); err != nil {
		return ViewState{}, err
	}
	if v.Moves {
		return ViewState{}, nil
	}
	return c.viewState(ctx, v)
}

func (c *Cut) viewState(ctx context.Context, v *queries.View) (state ViewState, err error) {
	ctx, cancel := c.w.context(ctx, "view."+v.Name, nil)
	defer cancel()
	// As a tuple: the hash of a NULL among arguments is NULL, and its row would not count.
	err = c.conn.QueryRow(ctx, "SELECT count(), sum(cityHash64(tuple(*))) FROM "+c.own(v)).Scan(&state.Rows, &state.Hash)
	return state, c.w.fail("view."+v.Name, err)
}

// own names the table that a view's rows are in.
func (c *Cut) own(v *queries.View) string { return v.Name + c.suffix }

// run runs a statement about a view. Names of views are checked at load.
func (c *Cut) run(ctx context.Context, v *queries.View, now time.Time, sql string) error {
	ctx, cancel := c.w.context(ctx, "view."+v.Name, nil)
	defer cancel()
	var params []any
	if !now.IsZero() {
		params = append(params, clickhouse.Named("now", now.Format(time.DateTime)))
	}
	return c.w.fail("view."+v.Name, c.conn.Exec(ctx, sql, params...))
}
