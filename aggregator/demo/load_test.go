package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"liaowang/queries"
	"liaowang/queries/warehouse"
)

func TestLoadGivesThePublishedFigures(t *testing.T) {
	h := newHall(t)
	// Dates lead up to today: rows that are older than their retention go.
	h.reference = Today(time.Now())
	var calls [][2]int
	started := time.Now()
	err := Load(t.Context(), h.conn, Options{Mode: ModeStill, Seed: 1, Reference: h.reference, Progress: func(done, total int) {
		calls = append(calls, [2]int{done, total})
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("loaded %d rows in %v", calls[len(calls)-1][1], time.Since(started))
	h.wantFigures()
	for i, c := range calls {
		if c[1] != calls[0][1] || c[0] > c[1] || i > 0 && c[0] <= calls[i-1][0] {
			t.Fatalf("progress went %v", calls)
		}
	}
	if last := calls[len(calls)-1]; last[0] != last[1] {
		t.Errorf("progress ended at %v", last)
	}
	equal(t, "state", h.number("SELECT toUInt64(toInt8(state)) FROM demo_province FINAL"), uint64(2))
	equal(t, "leads without a stage", h.number("SELECT count() FROM leads WHERE lead NOT IN (SELECT lead FROM workflow)"), uint64(0))
	for _, mode := range []Mode{ModeStill, ModeLive} {
		again := Options{Mode: mode, Seed: 1, Reference: h.reference, Progress: func(int, int) { t.Error("a loaded province was loaded again") }}
		if err := Load(t.Context(), h.conn, again); err != nil {
			t.Fatal(err)
		}
	}
	h.isConsistent()
	h.checksHold()
}

// checksHold runs every check of the catalogue over the metrics: only the
// reported totals may differ, and exactly as published.
func (h *hall) checksHold() {
	h.t.Helper()
	taken := map[string]bool{}
	tree := h.tree(taken)
	answers := h.compared(tree, taken)
	var checks, judged []*queries.Check
	for i := range h.catalogue.Checks {
		k := &h.catalogue.Checks[i]
		if k.Policy == "note" && k.ID != "registered.reported" {
			continue // a note says what is remarkable, not that anything is wrong
		}
		checks = append(checks, k)
		if k.Equal == nil {
			h.take(k.Tables, taken)
			judged = append(judged, k)
		}
	}
	failures, _, err := h.cut.Judge(h.t.Context(), judged, h.day(), shanghai())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, k := range checks {
		if k.Equal != nil {
			failures[k.ID] = warehouse.Differences(h.catalogue, k.Equal, answers, tree)
		}
		var regions []string
		for _, r := range failures[k.ID] {
			regions = append(regions, fmt.Sprint(r[0]))
			if k.ID == "registered.reported" && r[1] != "不平, 差1户2人" {
				h.t.Errorf("%s: %s says %s", k.ID, r[0], r[1])
			}
		}
		want := 0
		if k.ID == "registered.reported" {
			want = 3 // a township, its county, the province
		}
		if len(regions) != want {
			h.t.Errorf("%s fails in %d regions: %v", k.ID, len(regions), regions[:min(len(regions), 5)])
		}
	}
}

// compared asks the metrics that checks are about, and keeps what statements of checks read.
// Several in a statement take half as long as each by itself.
func (h *hall) compared(tree *queries.Tree, taken map[string]bool) map[string]warehouse.Answer {
	h.t.Helper()
	answers := map[string]warehouse.Answer{}
	var due []*queries.Metric
	for i := range h.catalogue.Metrics {
		m := &h.catalogue.Metrics[i]
		switch {
		case !h.catalogue.Compared(m.ID):
		case m.Rows == queries.RowsPlaces:
			h.ready(m, taken)
			due = append(due, m)
		default:
			answers[m.ID] = h.ask(m, tree, taken)
		}
	}
	for some := range slices.Chunk(due, 8) {
		found, err := h.cut.AskTogether(h.t.Context(), some, h.day(), shanghai(), tree)
		if err != nil {
			h.t.Fatal(err)
		}
		for i, m := range some {
			answers[m.ID] = found[i]
		}
	}
	for id, answer := range answers {
		if m, _ := h.catalogue.Metric(id); h.catalogue.Checked(id) {
			if err := h.cut.Keep(h.t.Context(), m, answer); err != nil {
				h.t.Fatal(err)
			}
		}
	}
	return answers
}

func TestLoadGoesOnAfterItWasCutOff(t *testing.T) {
	h := newHall(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := Load(ctx, h.conn, Options{Mode: ModeLive, Seed: 1, Size: small(), Progress: func(done, total int) {
		if done > total/2 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error is %v", err)
	}
	equal(t, "state", h.number("SELECT toUInt64(toInt8(state)) FROM demo_province FINAL"), uint64(1))
	// Somebody's row that came in meanwhile stays.
	h.exec("INSERT INTO assets (asset, village, class, original_value, net_value, state, registered_at, version) VALUES (5, 460105100001, 'operating', 100, 50, 'in_use', '2021-01-01 00:00:00', 1)")
	h.load(ModeLive, 1)
	h.wantFigures()
	equal(t, "rows of others", h.number("SELECT count() FROM assets WHERE asset = 5"), uint64(1))
}

func TestStillStartsAMovedProvinceAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("make soak runs it")
	}
	h := loadedHall(t)
	h.exec("INSERT INTO demo_province VALUES (1, 'moved', 100)")
	h.exec("INSERT INTO households SELECT household, village, type, causes, persons, 'eliminated', recognised_at, version + 1, now64(3) FROM households LIMIT 500")
	h.load(ModeLive, 1)
	equal(t, "state", h.number("SELECT toUInt64(toInt8(state)) FROM demo_province FINAL"), uint64(3))
	h.load(ModeStill, 1)
	h.wantFigures()
	equal(t, "state", h.number("SELECT toUInt64(toInt8(state)) FROM demo_province FINAL"), uint64(2))

	// A restart that was cut off before the tables were empty leaves moved rows.
	h.exec("INSERT INTO demo_province VALUES (1, 'loading', 200)")
	h.exec("INSERT INTO households SELECT household, village, type, causes, persons, 'eliminated', recognised_at, version + 1, now64(3) FROM households LIMIT 500")
	h.load(ModeLive, 1)
	h.wantFigures()
}

func TestLoadRefuses(t *testing.T) {
	h := newHall(t)
	const household = "INSERT INTO households (household, village, type, causes, persons, state, recognised_at, version) VALUES (7, 460105100001, 'marginal_poor', ['illness'], 3, 'monitored', '2021-01-01 00:00:00', 1)"
	refused := func(o Options, want string) {
		t.Helper()
		if err := Load(t.Context(), h.conn, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Fatalf("error is %v, want one that says %q", err, want)
		}
	}
	still := Options{Mode: ModeStill, Seed: 1}
	refused(Options{Mode: "fast"}, `demo mode "fast" is unknown`)

	// Before the first load, all that is there is somebody's.
	h.exec("INSERT INTO regions (code, level, parent, name, version) VALUES (460000, 'province', 0, '海南省', 1)")
	refused(still, "table regions holds 1 rows that are not the demo's")
	h.exec("TRUNCATE TABLE regions")
	h.exec(household)
	refused(Options{Mode: ModeLive, Seed: 1}, "table households holds 1 rows that are not the demo's")
	h.exec("TRUNCATE TABLE households")

	h.copySmall()
	refused(Options{Mode: ModeStill, Seed: 2}, "holds the demo province of seed 1, but seed 2 is asked for")
	refused(Options{Mode: ModeLive, Seed: 2}, "holds the demo province of seed 1, but seed 2 is asked for")

	h.exec("INSERT INTO demo_province VALUES (1, 'moved', 100)")
	h.exec(household)
	refused(still, "use another --data folder")
	var foreign *ForeignRowsError
	if err := Load(t.Context(), h.conn, still); !errors.As(err, &foreign) || *foreign != (ForeignRowsError{"households", 1}) {
		t.Fatalf("error is %v", err)
	}
	equal(t, "households are still there", h.number("SELECT count() FROM households FINAL"), uint64(12535))
	h.exec("ALTER TABLE households DELETE WHERE household = 7 SETTINGS mutations_sync = 1")
	h.exec("INSERT INTO reported_totals (subject, region, households, persons, reported_at, version) VALUES ('registered', 460399, 1, 1, '2021-01-01 00:00:00', 1)")
	refused(still, "table reported_totals holds 1 rows")
}
