package fresh

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// Poll asks every metric of the live tables once a second, as a wall does that does
// not know what has changed, and returns how many statements it has asked. Where a
// round takes longer than a second the next follows at once.
func Poll(ctx context.Context, w *warehouse.Warehouse, c *queries.Catalogue, seconds int, now func() time.Time) (int, error) {
	zone := batch.Hall
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	statements := 0
	for end := now().Add(time.Duration(seconds) * time.Second); now().Before(end); {
		for _, m := range c.Metrics {
			if err := ask(ctx, w, m, m.Refresh.Tick(now(), zone)); err != nil {
				return statements, err
			}
			statements++
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return statements, ctx.Err()
		}
	}
	return statements, nil
}

func ask(ctx context.Context, w *warehouse.Warehouse, m queries.Metric, tick time.Time) error {
	var params []any
	if !tick.IsZero() {
		params = append(params, clickhouse.Named("now", tick.Format(time.DateTime)))
	}
	rows, err := w.Conn().Query(ctx, m.SQL, params...)
	if err != nil {
		return fmt.Errorf("%s: %w", m.ID, err)
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}
