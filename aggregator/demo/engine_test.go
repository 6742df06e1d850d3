package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
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
	conn      driver.Conn
	catalogue *queries.Catalogue
	process   *engine.Process // all halls are in one
	began     time.Time
	reference time.Time // of the province, where a test asks for one
}

// halls numbers the databases.
var halls atomic.Int64

// newHall makes a database of the test's own.
func newHall(t *testing.T) *hall {
	t.Helper()
	process := enginetest.Shared(t)
	database := fmt.Sprintf("hall_%d", halls.Add(1))
	w := migrated(t, process, database)
	t.Cleanup(func() {
		err := w.Conn().Exec(context.Background(), "DROP DATABASE "+database+" SYNC")
		if err := errors.Join(err, w.Close()); err != nil {
			t.Error(err)
		}
	})
	catalogue, err := queries.Load()
	if err != nil {
		t.Fatal(err)
	}
	return &hall{t: t, conn: w.Conn(), catalogue: catalogue, process: process, began: time.Now()}
}

func migrated(t *testing.T, process *engine.Process, database string) *warehouse.Warehouse {
	t.Helper()
	w, err := warehouse.Open(t.Context(), warehouse.Options{URL: process.URL() + "/" + database})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Migrate(t.Context(), queries.Migrations()); err != nil {
		t.Fatal(err)
	}
	return w
}

// smallProvince names the database that holds the small province of seed 1, still; it is
// loaded for the first test that takes a copy.
const smallProvince = "small_province"

var loadSmall sync.Once

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
	loadSmall.Do(func() {
		w := migrated(h.t, h.process, smallProvince)
		if err := Load(h.t.Context(), w.Conn(), Options{Mode: ModeStill, Seed: 1, Size: small()}); err != nil {
			h.t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			h.t.Fatal(err)
		}
	})
	var tables []string
	err := h.conn.QueryRow(h.t.Context(), "SELECT groupArray(name) FROM system.tables WHERE database = '"+smallProvince+"' AND engine LIKE '%MergeTree' AND total_rows > 0").Scan(&tables)
	if err != nil {
		h.t.Fatal(err)
	}
	if len(tables) == 0 {
		h.t.Fatal("the province that is to be copied could not be loaded")
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

// metric asks a metric of the catalogue for one region: rows of households and,
// where the metric has them, persons, by their code, or by "" without one.
func (h *hall) metric(id, region string) map[string]counted {
	h.t.Helper()
	m, ok := h.catalogue.Metric(id)
	if !ok {
		h.t.Fatalf("metric %s is unknown", id)
	}
	// A metric answers for all regions at once; the test takes one.
	code, persons := "''", "toUInt64(0)"
	if m.Columns[0].Type.IsKey() {
		code = m.Columns[0].Name
	}
	if m.Column("persons") >= 0 {
		persons = "toUInt64(persons)"
	}
	rows, err := h.conn.Query(h.t.Context(), fmt.Sprintf("SELECT %s, toUInt64(households), %s FROM (%s) WHERE scope = '%s'", code, persons, m.SQL, region))
	if err != nil {
		h.t.Fatalf("%s: %v", id, err)
	}
	defer rows.Close()
	answer := map[string]counted{}
	for rows.Next() {
		var code string
		var c counted
		if err := rows.Scan(&code, &c.Households, &c.Persons); err != nil {
			h.t.Fatal(err)
		}
		answer[code] = c
	}
	if err := rows.Err(); err != nil {
		h.t.Fatalf("%s: %v", id, err)
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
		equal(h.t, id, h.metric(id, province), figures)
	}
	equal(h.t, "counties of 三沙市", h.metric("monitored.total", "460300"), map[string]counted{})
}
