package demo

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"liaowang/aggregator/engine"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// childCommand makes the test's own program the engine's child process.
const childCommand = "engine-child"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == childCommand {
		os.Exit(engine.ExitCode(engineChild(os.Args[2:])))
	}
	os.Exit(m.Run())
}

func engineChild(args []string) error {
	var o engine.ChildOptions
	flags := flag.NewFlagSet(childCommand, flag.ContinueOnError)
	flags.StringVar(&o.Library, "library", "", "")
	flags.StringVar(&o.Path, "path", "", "")
	flags.IntVar(&o.Connections, "connections", 0, "")
	flags.IntVar(&o.ListenerFD, "listener-fd", 0, "")
	flags.IntVar(&o.LifelineFD, "lifeline-fd", 0, "")
	flags.BoolVar(&o.AllowRemote, "allow-remote", false, "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return engine.Child(context.Background(), o)
}

// hall is a database of the real engine with the schema, and the catalogue that
// asks it.
type hall struct {
	t         *testing.T
	conn      driver.Conn
	catalogue *queries.Catalogue
	process   *engine.Process
	began     time.Time
	reference time.Time // of the province, where a test asks for one
}

// newHall starts an engine on data of its own. A test without the library
// fails: what it says would not be known.
func newHall(t *testing.T) *hall {
	t.Helper()
	library, err := engine.FindLibrary("")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	process, err := engine.Start(ctx, engine.Config{
		Args: []string{childCommand}, Library: library, Path: t.TempDir(), Listen: "127.0.0.1:0",
		Logger: slog.New(slog.NewTextHandler(testWriter{t}, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := process.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	w, err := warehouse.Open(ctx, warehouse.Options{URL: process.URL() + "/hall"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := w.Migrate(ctx, queries.Migrations()); err != nil {
		t.Fatal(err)
	}
	catalogue, err := queries.Load()
	if err != nil {
		t.Fatal(err)
	}
	return &hall{t: t, conn: w.Conn(), catalogue: catalogue, process: process, began: time.Now()}
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
