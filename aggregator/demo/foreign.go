package demo

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// ForeignRowsError says that a table of the database holds rows that are not the
// demo's: loading the province from the beginning would delete them, or show
// them as demo data.
type ForeignRowsError struct {
	Table string
	Rows  uint64
}

// Error says it to the operator.
func (e *ForeignRowsError) Error() string {
	return fmt.Sprintf("table %s holds %d rows that are not the demo's: the demo province is not loaded over them; use another --data folder for the demo", e.Table, e.Rows)
}

// foreignRows finds rows that are not the demo's: those with another key and, of
// regions and reported totals, those whose code is not among own, which is
// sorted; nil where nothing was ever loaded. The error is a *ForeignRowsError if there are some.
func foreignRows(ctx context.Context, conn driver.Conn, own []uint64) error {
	rows, err := conn.Query(withKeys(ctx, nil), foreignSQL(own == nil))
	if err != nil {
		return fmt.Errorf("look for rows that are not the demo's: %w", err)
	}
	defer rows.Close()
	found := map[string]uint64{}
	for rows.Next() {
		var table string
		var n uint64
		if err := rows.Scan(&table, &n); err != nil {
			return fmt.Errorf("look for rows that are not the demo's: %w", err)
		}
		found[table] = n
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("look for rows that are not the demo's: %w", err)
	}
	if err := foreignRegions(ctx, conn, own, found); err != nil {
		return err
	}
	// In the order of the schema, so that the same data gives the same message.
	for _, t := range tables() {
		if n := found[t.name]; n > 0 {
			return &ForeignRowsError{Table: t.name, Rows: n}
		}
	}
	return nil
}

// foreignRegions counts the regions and reported totals whose code is not own.
func foreignRegions(ctx context.Context, conn driver.Conn, own []uint64, found map[string]uint64) error {
	rows, err := conn.Query(ctx, statement("region_keys"))
	if err != nil {
		return fmt.Errorf("look for regions that are not the demo's: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		var code uint64
		if err := rows.Scan(&table, &code); err != nil {
			return fmt.Errorf("look for regions that are not the demo's: %w", err)
		}
		if _, ok := slices.BinarySearch(own, code); !ok {
			found[table]++
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("look for regions that are not the demo's: %w", err)
	}
	return nil
}

// hasMoved reports whether rows that only live events write are there.
func hasMoved(ctx context.Context, conn driver.Conn) (bool, error) {
	var n uint64
	ctx = withKeys(ctx, clickhouse.Parameters{"first": strconv.FormatUint(firstVersion, 10)})
	if err := conn.QueryRow(ctx, statement("moved_rows")).Scan(&n); err != nil {
		return false, fmt.Errorf("look for live events: %w", err)
	}
	return n > 0, nil
}
