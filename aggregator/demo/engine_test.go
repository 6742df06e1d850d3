package demo

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"liaowang/aggregator/engine"
	"liaowang/aggregator/engine/enginetest"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// hall is a database of the real engine with the schema, and the catalogue that
// asks it.
type hall struct {
	t         *testing.T
	w         *warehouse.Warehouse
	conn      driver.Conn
	cut       *warehouse.Cut // made by the first question
	catalogue *queries.Catalogue
	process   *engine.Process
	began     time.Time
	reference time.Time // of the province, where a test asks for one
}

// smallProvince names the database that holds the small province of seed 1, still, beside
// the one of the test.
const smallProvince = "small_province"

// provinces are engines with an empty database of the schema, and the small province.
var provinces = enginetest.Template{Fill: func(ctx context.Context, url string) error {
	if err := enginetest.Migrate(ctx, url); err != nil {
		return err
	}
	if err := enginetest.Migrate(ctx, url+"/"+smallProvince); err != nil {
		return err
	}
	w, err := warehouse.Open(ctx, warehouse.Options{URL: url + "/" + smallProvince})
	if err != nil {
		return err
	}
	return errors.Join(Load(ctx, w.Conn(), Options{Mode: ModeStill, Seed: 1, Size: small()}), w.Close())
}}

// newHall makes a hall of the test's own, whose tables are empty.
func newHall(t *testing.T) *hall {
	t.Helper()
	h := &hall{t: t, process: provinces.Start(t), began: time.Now()}
	h.w = enginetest.Open(t, h.process.URL())
	h.conn = h.w.Conn()
	var err error
	if h.catalogue, err = queries.Load(); err != nil {
		t.Fatal(err)
	}
	return h
}

// loadedHall is a hall with the small province of seed 1, still.
func loadedHall(t *testing.T) *hall {
	t.Helper()
	h := newHall(t)
	h.copySmall()
	return h
}

// copySmall brings the hall to what loading the small province of seed 1 gives, for
// tests of what happens to it afterwards: a table is linked in milliseconds.
func (h *hall) copySmall() {
	h.t.Helper()
	var tables []string
	err := h.conn.QueryRow(h.t.Context(), "SELECT groupArray(name) FROM system.tables WHERE database = '"+smallProvince+"' AND engine LIKE '%MergeTree' AND total_rows > 0").Scan(&tables)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, table := range tables {
		h.exec("ALTER TABLE " + table + " REPLACE PARTITION tuple() FROM " + smallProvince + "." + table)
	}
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

func (h *hall) load(mode Mode, seed uint64) {
	h.t.Helper()
	if err := Load(h.t.Context(), h.conn, Options{Mode: mode, Seed: seed, Size: small()}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *hall) exec(sql string) {
	h.t.Helper()
	if err := h.conn.Exec(h.t.Context(), sql); err != nil {
		h.t.Fatal(err)
	}
}

// number asks a question whose answer is one number.
func (h *hall) number(sql string) uint64 {
	h.t.Helper()
	var n uint64
	if err := h.conn.QueryRow(h.t.Context(), sql).Scan(&n); err != nil {
		h.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// ask asks a metric about tables as they are now, or as they were taken already.
func (h *hall) ask(m *queries.Metric, tree *queries.Tree, taken map[string]bool) warehouse.Answer {
	h.t.Helper()
	h.ready(m, taken)
	answer, err := h.cut.Ask(h.t.Context(), m, m.Refresh.Tick(h.day(), shanghai()), tree)
	if err != nil {
		h.t.Fatal(err)
	}
	return answer
}

// ready brings what a metric reads into the cut, unless it has been taken.
func (h *hall) ready(m *queries.Metric, taken map[string]bool) {
	h.t.Helper()
	h.take(m.Tables, taken)
	for _, v := range h.catalogue.Views() {
		// Of tables that are taken, each after those that it reads.
		if taken[v.Name] || slices.ContainsFunc(v.Tables, func(table string) bool { return !taken[table] }) {
			continue
		}
		if _, err := h.cut.Fill(h.t.Context(), &v, v.Refresh.Tick(h.day(), shanghai())); err != nil {
			h.t.Fatal(err)
		}
		taken[v.Name] = true
	}
}

// take brings tables into the cut, unless they have been taken.
func (h *hall) take(tables []string, taken map[string]bool) {
	h.t.Helper()
	if h.cut == nil {
		var err error
		if h.cut, err = h.w.PrepareCut(h.t.Context(), "test", h.catalogue); err != nil {
			h.t.Fatal(err)
		}
	}
	for _, table := range tables {
		if taken[table] {
			continue
		}
		if err := h.cut.Take(h.t.Context(), table); err != nil {
			h.t.Fatal(err)
		}
		taken[table] = true
	}
}

// tree is that of the regions.
func (h *hall) tree(taken map[string]bool) *queries.Tree {
	h.t.Helper()
	m, _ := h.catalogue.Metric(queries.RegionsMetric)
	tree, err := warehouse.ReadTree(h.ask(m, nil, taken))
	if err != nil {
		h.t.Fatal(err)
	}
	return tree
}

// day is the moment that metrics with a clock are asked at.
func (h *hall) day() time.Time {
	if h.reference.IsZero() {
		return DefaultReference()
	}
	return h.reference
}

// metric asks a metric of the catalogue, about tables as they are now or were taken already,
// for one region: rows of households and, where the metric has them, persons, by their code,
// or by "" without one.
func (h *hall) metric(id, region string, tree *queries.Tree, taken map[string]bool) map[string]counted {
	h.t.Helper()
	m, ok := h.catalogue.Metric(id)
	if !ok {
		h.t.Fatalf("metric %s is unknown", id)
	}
	number := func(row warehouse.Row, column string) uint64 {
		i := m.Column(column)
		if i < 0 {
			return 0
		}
		n, ok := row[i].(float64)
		if !ok {
			h.t.Fatalf("%s: %s is %v", id, column, row[i])
		}
		return uint64(n)
	}
	answer := map[string]counted{}
	for _, row := range h.ask(m, tree, taken)[region] {
		code, _ := row[0].(string) // or there is none
		answer[code] = counted{number(row, "households"), number(row, "persons")}
	}
	return answer
}

// wantFigures compares every metric of the province with figures.json.
func (h *hall) wantFigures() {
	h.t.Helper()
	want := readFigures(h.t)
	const province = "460000"
	one := func(c counted) map[string]counted { return map[string]counted{"": c} }
	total, gone := want.Monitored.Total, want.Eliminated
	taken := map[string]bool{}
	tree := h.tree(taken)
	for id, figures := range map[string]map[string]counted{
		"monitored.total":         one(total),
		"monitored.by_type":       want.Monitored.ByType,
		"risk.eliminated":         one(gone),
		"risk.remaining":          one(counted{total.Households - gone.Households, total.Persons - gone.Persons}),
		"registered.total":        one(want.Registered.Total),
		"registered.by_stability": want.Registered.ByStability,
		"leads.by_channel":        byCode(h.t, want.Leads),
		"backlog.by_stage":        byCode(h.t, want.Backlog),
	} {
		equal(h.t, id, h.metric(id, province, tree, taken), figures)
	}
	equal(h.t, "counties of 三沙市", h.metric("monitored.total", "460300", tree, taken), map[string]counted{})
}
