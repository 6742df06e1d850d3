package demo

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// table is a table that the demo fills.
type table struct {
	name string
	// key is the column that holds a key of the demo; empty where there is none.
	key string
	// rollups are the sums that ClickHouse keeps of it.
	rollups []rollup
}

// rollup is a table of sums, and its column that counts the rows they came from.
type rollup struct{ name, counts string }

// tables lists the tables that the demo fills. Where tables are emptied, it is
// in this order: an event goes before the state that it led to, so that what a
// cut-off emptying leaves behind is still seen to have moved.
func tables() []table {
	return []table{
		{name: "service_health"},
		{name: "sign_ins", key: "sign_in", rollups: []rollup{{"sign_ins_daily", "sign_ins"}}},
		{name: "visits", key: "visit", rollups: []rollup{{"visits_daily", "visits"}, {"visits_yearly", "visits"}}},
		{name: "sales", key: "sale", rollups: []rollup{{"sales_daily", "sales"}}},
		{name: "fund_flows", key: "flow", rollups: []rollup{{"funds_monthly", "flows"}, {"project_funds", "flows"}}},
		{name: "tickets", key: "ticket"},
		{name: "grids", key: "grid"},
		{name: "archive_loans", key: "loan"},
		{name: "archives", key: "volume"},
		{name: "work_orders", key: "work_order"},
		{name: "lotteries", key: "round"},
		{name: "products", key: "product"},
		{name: "entities", key: "entity"},
		{name: "accounts", key: "account"},
		{name: "organisations", key: "organisation"},
		{name: "emergency_responses", key: "response"},
		{name: "emergency_households", key: "emergency"},
		{name: "emergencies", key: "emergency"},
		{name: "exchange_deliveries", key: "delivery"},
		{name: "incomes", key: "household"},
		{name: "relative_poverty", key: "household"},
		{name: "projects", key: "project"},
		{name: "stage_passages", key: "lead"},
		{name: "measures", key: "measure"},
		{name: "profiles", key: "household"},
		{name: "rural_households", key: "household"},
		{name: "eliminations", key: "household"},
		{name: "households", key: "household"},
		{name: "workflow", key: "lead"},
		{name: "leads", key: "lead"},
		{name: "registered", key: "household"},
		{name: "assets", key: "asset"},
		{name: "reported_totals"},
		{name: "regions"},
	}
}

func tableNamed(name string) table {
	for _, t := range tables() {
		if t.name == name {
			return t
		}
	}
	panic("demo: table " + name + " is not listed") // a mistake in this package
}

// empty deletes every row of the demo's tables.
func empty(ctx context.Context, conn driver.Conn) error {
	for _, t := range tables() {
		if err := t.empty(ctx, conn); err != nil {
			return err
		}
	}
	return nil
}

func (t table) empty(ctx context.Context, conn driver.Conn) error {
	names := []string{t.name}
	for _, r := range t.rollups {
		names = append(names, r.name)
	}
	for _, name := range names {
		if err := conn.Exec(ctx, "TRUNCATE TABLE "+name); err != nil {
			return fmt.Errorf("empty %s: %w", name, err)
		}
	}
	return nil
}

// foreignSQL counts the rows with another key than the demo's, by table. Of tables
// without a key every row counts where nothing was ever loaded.
func foreignSQL(never bool) string {
	var parts []string
	for _, t := range tables() {
		switch {
		case t.key != "" && len(t.rollups) == 0:
			parts = append(parts, fmt.Sprintf("SELECT '%s' AS name, count() AS rows FROM %[1]s FINAL WHERE %s NOT BETWEEN {low:UInt64} AND {high:UInt64}", t.name, t.key))
		case t.key != "":
			// The largest tables: their rows have no versions to choose among.
			parts = append(parts, fmt.Sprintf("SELECT '%s' AS name, count() AS rows FROM %[1]s WHERE %s NOT BETWEEN {low:UInt64} AND {high:UInt64}", t.name, t.key))
		case never && t.name == "service_health":
			parts = append(parts, "SELECT 'service_health' AS name, count() AS rows FROM service_health")
		}
	}
	return strings.Join(parts, "\nUNION ALL\n")
}

// complete reports whether the table holds so many rows of the demo and its sums count
// all of its rows. What is half there is emptied, unless rows of others are among it:
// then the error is a *ForeignRowsError.
func (t table) complete(ctx context.Context, conn driver.Conn, rows uint64) (bool, error) {
	var own, all uint64
	query := fmt.Sprintf("SELECT countIf(%s BETWEEN {low:UInt64} AND {high:UInt64}), count() FROM %s", t.key, t.name)
	if err := conn.QueryRow(withKeys(ctx, nil), query).Scan(&own, &all); err != nil {
		return false, fmt.Errorf("count %s: %w", t.name, err)
	}
	whole := own == rows
	for _, r := range t.rollups {
		var summed uint64
		if err := conn.QueryRow(ctx, fmt.Sprintf("SELECT sum(%s) FROM %s", r.counts, r.name)).Scan(&summed); err != nil {
			return false, fmt.Errorf("count %s: %w", r.name, err)
		}
		whole = whole && summed == all
	}
	switch {
	case whole:
		return true, nil
	case own < all:
		return false, &ForeignRowsError{Table: t.name, Rows: all - own}
	}
	return false, t.empty(ctx, conn)
}
