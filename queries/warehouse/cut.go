package warehouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"

	"liaowang/queries"
)

// Cut is a second database that holds a state of the live tables: of each table
// the state at one moment. Metrics and checks read the cut and nothing else, so
// that writers who never pause cannot show on one panel and not on the next.
//
// Taking a table links its live parts in one atomic statement: a few
// milliseconds, no copy, whatever the size of the table.
//
// A cut lives on one server of the URL's, which all its statements go to: another
// server may be in another state. When that one is lost the cut is, and another is
// to be made where a server answers. Of a cluster it lives on one replica of each
// shard, and on the one server that is asked for all of them.
type Cut struct {
	w        *Warehouse // the server that answers for the cut
	shards   []*Warehouse
	suffix   string // of the names of tables on a shard
	database string
	conn     driver.Conn
	codes    map[string][]queries.Code
	// take are the settings of the statement that takes a table.
	take clickhouse.Settings
	// sums are what metrics of places were summed in last, by their ids.
	sums map[string]*sums
	idle sync.Mutex // guards sums: those in it are idle
}

// emptySource lets a table that holds no rows be taken too. Newer servers refuse
// it by default, older ones do not know the setting.
const emptySource = "allow_replace_partition_from_empty_source"

// preparing is how many tables of a cut are made at once.
const preparing = 4

// PrepareCut makes an empty cut for one reader; its name must be that reader's
// alone. Tables take the form that the live ones have now, and each metric that a
// check reads gets a table for its answer under its id.
func (w *Warehouse) PrepareCut(ctx context.Context, name string, c *queries.Catalogue) (_ *Cut, err error) {
	cut := &Cut{database: w.database + "_cut_" + name, codes: c.Codes, take: clickhouse.Settings{}, sums: map[string]*sums{}}
	if err := cut.choose(ctx, w); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, cut.Close())
		}
	}()
	known, err := cut.w.flag(ctx, "has_setting", nil, clickhouse.Named("name", emptySource))
	if err != nil {
		return nil, err
	}
	if known {
		cut.take[emptySource] = 1
	}
	if err := cut.createTables(ctx, c.Tables()); err != nil {
		return nil, err
	}
	if cut.conn, err = cut.w.open(cut.database); err != nil {
		return nil, err
	}
	for _, step := range []string{"create_memory", "fill_memory"} {
		if err := cut.w.exec(ctx, cut.conn, step, nil); err != nil {
			return nil, err
		}
	}
	for _, v := range c.Views() {
		if err := cut.createView(ctx, &v); err != nil {
			return nil, err
		}
	}
	answers, actx := errgroup.WithContext(ctx)
	answers.SetLimit(preparing)
	for i := range c.Metrics {
		if m := &c.Metrics[i]; c.Checked(m.ID) {
			answers.Go(func() error { return cut.MakeRoom(actx, m) })
		}
	}
	return cut, answers.Wait()
}

// createTables makes the cut's tables, anew.
func (c *Cut) createTables(ctx context.Context, tables []string) error {
	if c.w.cluster != "" {
		return c.createShards(ctx, tables)
	}
	if err := c.w.exec(ctx, c.w.conn, "drop_cut", names{"cut": c.database}); err != nil {
		return err
	}
	if err := c.w.createDatabase(ctx, c.database); err != nil {
		return err
	}
	// Nearly two hundred statements, each of which waits for the disk.
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(preparing)
	for _, table := range tables {
		group.Go(func() error {
			if err := c.w.exec(ctx, c.w.conn, "create_cut_table", c.names(table)); err != nil {
				return err
			}
			return c.w.exec(ctx, c.w.conn, "settle_cut_table", c.names(table))
		})
	}
	return group.Wait()
}

func (c *Cut) names(table string) names {
	return names{"cut": c.database, "live": c.w.database, "table": table + c.suffix}
}

// MakeRoom makes the table that holds a metric's answer for the statements of checks:
// scope and keys as text, figures as numbers that may be missing. It is in memory,
// since it is rewritten with every batch; Remembers tells when it was lost.
// PrepareCut makes those of the metrics that checks read.
func (c *Cut) MakeRoom(ctx context.Context, m *queries.Metric) error {
	var columns []string
	for _, col := range answerColumns(m) {
		columns = append(columns, col.Name+" "+col.Type)
	}
	ctx, cancel := c.w.context(ctx, m.ID, nil)
	defer cancel()
	// Ids and columns are checked at load: letters, digits, _ and one dot.
	sql := "CREATE TABLE IF NOT EXISTS \"" + m.ID + "\" (" + strings.Join(columns, ", ") + ") ENGINE = Memory SETTINGS " + onlyNewest
	return c.w.twice(m.ID, func() error { return c.conn.Exec(ctx, sql) })
}

// onlyNewest lets a table in memory hold the rows of its newest insert and drop those
// of all before, in one step: so an answer replaces the one before it.
const onlyNewest = "min_rows_to_keep = 1, max_rows_to_keep = 1"

func answerColumns(m *queries.Metric) []clickhouse.ColumnNameAndType {
	columns := []clickhouse.ColumnNameAndType{{Name: "scope", Type: "String"}}
	for _, col := range m.Columns {
		kind := "Nullable(Float64)"
		if col.Type.IsKey() || col.Type == queries.TypeText {
			kind = "String"
		}
		columns = append(columns, clickhouse.ColumnNameAndType{Name: col.Name, Type: kind})
	}
	return columns
}

// Remembers reports whether all answers kept since PrepareCut are still there. A
// server that has started again has forgotten them, and checks on nothing hold.
func (c *Cut) Remembers(ctx context.Context) (bool, error) {
	remembers := false
	err := c.Query(ctx, "remembers", statement("remembers"), time.Time{}, []string{"remembers"}, func(r Row) error {
		remembers = r[0] == 1.0
		return nil
	})
	return remembers, err
}

// Keep makes an answer what checks read under the metric's id.
func (c *Cut) Keep(ctx context.Context, m *queries.Metric, answer Answer) error {
	ctx, cancel := c.w.context(ctx, m.ID, nil)
	defer cancel()
	if len(answer) == 0 {
		return c.w.fail(m.ID, c.conn.Exec(ctx, "TRUNCATE TABLE \""+m.ID+"\""))
	}
	// The client need not ask for the columns, which costs more than the insert.
	ctx = clickhouse.Context(ctx, clickhouse.WithColumnNamesAndTypes(answerColumns(m)))
	insert, err := c.conn.PrepareBatch(ctx, "INSERT INTO \""+m.ID+"\"")
	if err != nil {
		return c.w.fail(m.ID, err)
	}
	defer insert.Close()
	for scope, rows := range answer {
		for _, row := range rows {
			if err := insert.Append(append([]any{scope}, row...)...); err != nil {
				return c.w.fail(m.ID, err)
			}
		}
	}
	return c.w.fail(m.ID, insert.Send())
}

// Take brings one table of the cut to its present state, on all shards at a time.
func (c *Cut) Take(ctx context.Context, table string) error {
	return c.each(ctx, func(ctx context.Context, _ int, shard *Warehouse) error {
		return shard.execWith(ctx, shard.conn, "take_cut", c.names(table), c.take)
	})
}

// Close closes the cut's connections and leaves its tables.
func (c *Cut) Close() error {
	var errs []error
	if c.conn != nil {
		errs = append(errs, c.conn.Close())
	}
	return errors.Join(append(errs, leave(c.shards))...)
}

// Drop closes the cut and drops its tables.
func (c *Cut) Drop(ctx context.Context) error {
	err := c.each(ctx, func(ctx context.Context, _ int, shard *Warehouse) error {
		return shard.exec(ctx, shard.conn, "drop_cut", names{"cut": c.database})
	})
	return errors.Join(err, c.Close())
}

// Row is one row of an answer: string, float64, or nil for NULL.
type Row []any

// Query runs a statement on the cut, under the name of its metric or check, and
// gives each row to f. It fails when the columns are not those expected, in order.
// now is what the statement takes as {now:DateTime('Asia/Shanghai')}, if it does.
func (c *Cut) Query(ctx context.Context, name, sql string, now time.Time, columns []string, f func(Row) error) error {
	return c.query(ctx, name, sql, nows(now), columns, func(fields []field) error { return f(rowOf(fields)) })
}

// nows are the parameters of a statement with one clock, or with none.
func nows(now time.Time) map[string]time.Time {
	if now.IsZero() {
		return nil
	}
	return map[string]time.Time{"now": now}
}

// query is Query with any parameters that are times, and rows as they are read: f must
// not keep the slice.
func (c *Cut) query(ctx context.Context, name, sql string, times map[string]time.Time, columns []string, f func([]field) error) error {
	ctx, cancel := c.w.context(ctx, name, nil)
	defer cancel()
	var params []any
	for name, t := range times {
		params = append(params, clickhouse.Named(name, t.Format(time.DateTime)))
	}
	rows, err := c.conn.Query(ctx, sql, params...)
	if err != nil {
		return c.w.fail(name, err)
	}
	defer rows.Close()
	// An answer with no rows may come without columns.
	if got := rows.Columns(); len(got) > 0 && !slices.Equal(got, columns) {
		return c.w.fail(name, contentError{fmt.Errorf("the statement returns columns %q, its header says %q", got, columns)})
	}
	types := rows.ColumnTypes()
	dest, scanners, fields := make([]any, len(types)), make([]scanner, len(types)), make([]field, len(types))
	for i, t := range types {
		scanners[i] = newScanner(t.ScanType())
		dest[i] = scanners[i].dest
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return c.w.fail(name, err)
		}
		for i := range fields {
			if err := scanners[i].read(&fields[i]); err != nil {
				return c.w.fail(name, contentError{fmt.Errorf("column %s: %w", columns[i], err)})
			}
		}
		if err := f(fields); err != nil {
			return c.w.fail(name, contentError{err})
		}
	}
	return c.w.fail(name, rows.Err())
}
