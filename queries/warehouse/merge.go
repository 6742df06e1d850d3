package warehouse

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Merge makes one part of a table's parts, as the server does by itself in time, and waits
// for it, up to an hour. It is for tables that were filled at once and are to be measured as
// those of a province that has been there for long.
func (w *Warehouse) Merge(ctx context.Context, table string) error {
	if !identifier.MatchString(table) {
		return fmt.Errorf("merge: %q cannot be the name of a table", table)
	}
	conn, err := clickhouse.Open(w.patient("merge"))
	if err != nil {
		return fmt.Errorf("clickhouse %s: %w", w.Address(), err)
	}
	defer conn.Close()
	return w.fail("merge", conn.Exec(ctx, names{"table": table}.in(statement("merge"))))
}
