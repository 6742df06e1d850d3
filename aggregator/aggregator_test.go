package aggregator_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"

	"liaowang/aggregator"
	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
	"liaowang/aggregator/engine"
	"liaowang/aggregator/engine/enginetest"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// hall is one aggregator over an engine and a Redis of the test's own.
type hall struct {
	t        testing.TB
	engine   *engine.Process
	database string
	w        *warehouse.Warehouse
	store    *batch.Store
	cat      *queries.Catalogue
	version  uint64
}

func newHall(t testing.TB, redisURL string) *hall {
	t.Helper()
	h := &hall{t: t, engine: enginetest.StartMigrated(t), database: warehouse.DefaultDatabase}
	h.w = enginetest.Open(t, h.engine.URL())
	var err error
	if h.cat, err = queries.Load(); err != nil {
		t.Fatal(err)
	}
	if redisURL == "" {
		redisURL = redistest.Start(t).URL()
	}
	h.store = redistest.Store(t, redisURL)
	return h
}

// few leaves the metrics of the contract and what checks say of them: where the
// catalogue does not matter, asking it all takes most of the time.
func (h *hall) few() *hall {
	h.cat = h.cat.Only("monitored.total", "monitored.by_type", "monitored.by_region", "monitored.by_cause", "risk.eliminated", "risk.remaining",
		"registered.total", "registered.by_stability", "leads.by_channel", "backlog.by_stage", "assets.by_class")
	return h
}

// run starts a quick aggregator that ends with the test, or when stop is called.
func (h *hall) run(node string) (stop func()) {
	h.t.Helper()
	return h.start(aggregator.Options{Node: node, Gap: time.Millisecond, React: 10 * time.Millisecond, Lease: time.Second})
}

// start starts an aggregator over the hall's engine and Redis.
func (h *hall) start(o aggregator.Options) (stop func()) {
	h.t.Helper()
	o.Warehouse, o.Store, o.Catalogue = h.w, h.store, h.cat
	if o.LeastCell == 0 {
		o.LeastCell = 1 // hand-made provinces have few households
	}
	if testing.Verbose() {
		o.Logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	a := aggregator.New(o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := a.Run(ctx); err != nil {
			h.t.Error(err)
		}
	}()
	stop = func() { cancel(); <-done }
	h.t.Cleanup(stop)
	return stop
}

func (h *hall) exec(sql string, args ...any) {
	h.t.Helper()
	if err := h.w.Conn().Exec(h.t.Context(), sql, args...); err != nil {
		h.t.Fatal(err)
	}
}

// regions writes 海南省 with two counties, three townships, and 三沙市 where
// household metrics do not apply.
func (h *hall) regions() {
	h.exec(`INSERT INTO regions (code, level, parent, name, applicable, version) VALUES
		(460000, 'province', 0, '海南省', true, 1),
		(460100, 'county', 460000, '海口市', true, 1),
		(460300, 'county', 460000, '三沙市', false, 1),
		(469001, 'county', 460000, '五指山市', true, 1),
		(460105100, 'township', 460100, '长流镇', true, 1),
		(460105101, 'township', 460100, '西秀镇', true, 1),
		(460321451, 'township', 460300, '永兴', true, 1),
		(469001100, 'township', 469001, '通什镇', true, 1)`)
}

func (h *hall) household(key, village uint64, kind string, persons int, state string, causes ...string) {
	h.t.Helper()
	h.version++
	if len(causes) == 0 {
		causes = []string{"illness"}
	}
	h.exec(`INSERT INTO households (household, village, type, causes, persons, state, recognised_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		key, village, kind, clickhouse.ArraySet(toAny(causes)), persons, state, time.Unix(1_600_000_000, 0), h.version)
}

func toAny(s []string) []any {
	out := make([]any, len(s))
	for i, v := range s {
		out[i] = v
	}
	return out
}

// next waits for a batch in which want holds.
func (h *hall) next(why string, want func(batch.Header, frames) bool) (batch.Header, frames) {
	h.t.Helper()
	var last *batch.Header
	f := frames{}
	for deadline := time.Now().Add(3 * time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		var since uint64
		if last != nil {
			since = last.Number
		}
		snap, err := h.store.LoadOnto(h.t.Context(), since, f) // as a hub does: what changed
		if err != nil || snap.Header == nil || last != nil && snap.Header.Number == last.Number {
			continue
		}
		last = snap.Header
		maps.Copy(f, index(snap.Frames))
		if want(*last, f) {
			return *last, f
		}
	}
	h.t.Fatalf("no batch in which %s; the last is %+v", why, last)
	return batch.Header{}, nil
}

type frames map[batch.Key]*batch.Frame

func index(all []*batch.Frame) frames {
	f := frames{}
	for _, v := range all {
		f[v.Key()] = v
	}
	return f
}

// rows gives a frame's rows in a form that reads well in a test.
func (f frames) rows(metric, region string) string {
	frame := f[batch.Key{Metric: metric, Region: region}]
	if frame == nil {
		return "none"
	}
	out := ""
	for _, row := range frame.Rows {
		for i, c := range row {
			if i > 0 {
				out += " "
			}
			switch c.State {
			case batch.Missing:
				out += "缺报"
			case batch.NotApplicable:
				out += "不适用"
			case batch.IsNumber:
				out += fmt.Sprint(c.Number)
			case batch.IsText:
				out += c.Text
			case batch.Suppressed:
				out += "＊"
			}
		}
		out += "; "
	}
	return out
}

func TestFramesForEveryRegionFromHandMadeRows(t *testing.T) {
	h := newHall(t, "").few()
	h.regions()
	// Three households in two townships of 海口, one in 五指山; one moved from
	// 西秀镇 to 五指山; one was removed and counts nowhere.
	h.household(1, 460105100001, "unstable_lifted", 3, "monitored", "illness", "schooling")
	h.household(2, 460105100002, "marginal_poor", 2, "eliminated")
	h.household(3, 460105101001, "marginal_poor", 5, "monitored")
	h.household(3, 469001100001, "marginal_poor", 5, "monitored", "disability")
	h.household(4, 460105101001, "sudden_hardship", 4, "removed")
	h.exec(`INSERT INTO registered (household, village, stability, persons, version) VALUES
		(1, 460105100001, 'stable', 4, 1), (2, 460105100001, 'stable', 3, 1), (3, 469001100001, 'relatively_stable', 2, 1)`)
	h.exec(`INSERT INTO reported_totals (subject, region, households, persons, reported_at, version) VALUES
		('registered', 460000, 4, 11, 0, 1), ('registered', 460100, 2, 7, 0, 1)`)
	h.exec(`INSERT INTO leads (lead, village, channel, reported_at, version) VALUES (1, 460105100001, 'department', 0, 1), (2, 469001100001, 'other', 0, 1)`)
	h.exec(`INSERT INTO workflow (lead, village, stage, entered_at, version) VALUES (1, 460105100001, 'household_check', 0, 1), (1, 460105100001, 'village_review', 1, 2), (2, 469001100001, 'closed', 0, 1)`)
	h.exec(`INSERT INTO assets (asset, village, class, original_value, net_value, state, registered_at, version) VALUES
		(1, 460105100001, 'operating', 1000, 800, 'in_use', 0, 1), (2, 460105100001, 'operating', 50, 0, 'disposed', 0, 1)`)
	h.run("one")
	header, f := h.next("the rows stand", func(_ batch.Header, f frames) bool {
		return f.rows("monitored.total", "460000") == "3 10; " && f.rows("assets.by_class", "460000") != "none"
	})
	for _, tt := range []struct{ metric, region, want string }{
		{"monitored.total", "460100", "2 5; "},
		{"monitored.total", "460105100", "2 5; "},
		{"monitored.total", "460105101", "0 0; "}, // nobody left: zero, not missing
		{"monitored.total", "469001", "1 5; "},
		{"monitored.total", "460300", "不适用 不适用; "},
		{"monitored.total", "460321451", "不适用 不适用; "},
		{"monitored.by_type", "460000", "unstable_lifted 1 3; marginal_poor 2 7; sudden_hardship 0 0; "},
		{"monitored.by_type", "460300", "unstable_lifted 不适用 不适用; marginal_poor 不适用 不适用; sudden_hardship 不适用 不适用; "},
		{"monitored.by_region", "460000", "460100 2 5; 460300 不适用 不适用; 469001 1 5; "},
		{"monitored.by_region", "460100", "460105100 2 5; 460105101 0 0; "},
		{"monitored.by_region", "460105100", "none"}, // below township nothing is served
		{"risk.eliminated", "460000", "1 2; "},
		{"risk.remaining", "460000", "2 8; "},
		{"registered.total", "460000", "4 11; "},
		{"registered.total", "469001", "缺报 缺报; "}, // a report was due
		{"registered.by_stability", "460000", "monitored_after_lifting 0 0; relatively_stable 1 2; stable 2 7; "},
		{"leads.by_channel", "460000", "self_report 0; grassroots 0; department 1; other 1; "},
		{"backlog.by_stage", "460000", "household_check 0; village_review 1; township_check 0; county_decision 0; "},
		{"assets.by_class", "460000", "public_welfare 0 0 0; operating 1 1000 800; household 0 0 0; "},
	} {
		if got := f.rows(tt.metric, tt.region); got != tt.want {
			t.Errorf("%s for %s: got %q, want %q", tt.metric, tt.region, got, tt.want)
		}
	}
	if got, want := f.rows("monitored.by_cause", "460000"), "illness 2; disability 1; schooling 1; "; got[:len(want)] != want {
		t.Errorf("causes: got %q, want %q first", got, want)
	}
	if header.Demo {
		t.Error("rows that are not the demo's are marked 演示数据")
	}
	var failed []string
	for _, k := range header.Checks {
		subject, _, _ := strings.Cut(k.ID, ".") // the other subjects' tables are empty
		if !k.OK && (subject == "monitored" || subject == "registered") {
			failed = append(failed, k.ID+" "+k.Words)
		}
	}
	if diff := cmp.Diff([]string{"registered.reported 不平, 差1户2人"}, failed); diff != "" {
		t.Error(diff)
	}
}

func TestAnUnknownVillageIsCountedForTheProvinceAndSaid(t *testing.T) {
	h := newHall(t, "").few()
	h.regions()
	h.household(1, 460105100001, "unstable_lifted", 3, "monitored")
	h.household(2, 460999999001, "unstable_lifted", 2, "monitored")
	h.run("one")
	header, _ := h.next("both stand", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "2 5; " })
	i := slices.IndexFunc(header.Checks, func(k batch.Check) bool { return k.ID == "monitored.regions" })
	if i < 0 || header.Checks[i].OK || header.Checks[i].Words != "不平, 差1户2人" {
		t.Errorf("the checks say %+v", header.Checks)
	}
}

func TestARoundThatFindsNothingChangedPublishesNothing(t *testing.T) {
	h := newHall(t, "").few()
	h.regions()
	h.household(1, 460105100001, "unstable_lifted", 3, "monitored")
	h.run("one")
	first, _ := h.next("the row stands", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "1 3; " })
	verified := h.status(func(s *batch.Status) bool { return s != nil && s.Verified.After(first.AsOf) })
	h.status(func(s *batch.Status) bool { return s != nil && s.Verified.After(verified.Verified) })
	snap, err := h.store.Load(t.Context(), 0)
	if err != nil || snap.Header.Number != first.Number {
		t.Fatalf("batch %d followed %d though nothing changed (%v)", snap.Header.Number, first.Number, err)
	}
	// A change of one table changes the frames of that table and no others.
	h.exec(`INSERT INTO leads (lead, village, channel, reported_at, version) VALUES (1, 460105100001, 'department', 0, 1)`)
	second, f := h.next("the lead stands", func(_ batch.Header, f frames) bool {
		return f.rows("leads.by_channel", "460105100") == "self_report 0; grassroots 0; department 1; other 0; "
	})
	if len(f) < 50 {
		t.Fatalf("the batch has %d frames", len(f))
	}
	for k, frame := range f {
		changed := frame.Changed == second.Number
		if shouldChange := k.Metric == "leads.by_channel" && (k.Region == "460000" || k.Region == "460100" || k.Region == "460105100"); changed != shouldChange {
			t.Errorf("frame %s: changed is %v", k, changed)
		}
	}
}

func (h *hall) status(want func(*batch.Status) bool) *batch.Status {
	h.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if snap, err := h.store.Load(h.t.Context(), math.MaxInt64); err == nil && want(snap.Status) {
			return snap.Status
		}
	}
	h.t.Fatal("the status never becomes what is wanted")
	return nil
}

func TestTheEngineKilledIsSaidAndSurvived(t *testing.T) {
	h := newHall(t, "").few()
	h.regions()
	h.household(1, 460105100001, "unstable_lifted", 3, "monitored")
	h.run("one")
	before, _ := h.next("the row stands", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "1 3; " })
	kill(t, h.engine.PID())
	h.status(func(s *batch.Status) bool { return s != nil && s.Source == batch.SourceLost && s.Words != "" })
	h.status(func(s *batch.Status) bool { return s != nil && s.Source == batch.SourceOK })
	h.household(2, 460105100001, "unstable_lifted", 4, "monitored")
	after, _ := h.next("the new row stands", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "2 7; " })
	if after.Number <= before.Number {
		t.Fatalf("batch %d follows %d", after.Number, before.Number)
	}
}

func kill(t testing.TB, pid int) {
	t.Helper()
	p, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
}

func TestRedisKilledAndEmptyLosesNoNumber(t *testing.T) {
	server := redistest.Start(t)
	h := newHall(t, server.URL()).few()
	h.regions()
	h.household(1, 460105100001, "unstable_lifted", 3, "monitored")
	stop := h.run("one")
	before, _ := h.next("the row stands", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "1 3; " })
	server.Kill()
	h.household(2, 460105100001, "unstable_lifted", 4, "monitored")
	server.Restart()
	after, f := h.next("the new row stands", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "2 7; " })
	if after.Number <= before.Number || after.Term <= before.Term {
		t.Fatalf("batch %d/%d follows %d/%d", after.Term, after.Number, before.Term, before.Number)
	}
	if got := f.rows("monitored.by_type", "469001"); got == "none" {
		t.Fatal("the batch after the loss is not whole")
	}
	// Redis and the aggregator lost together: ClickHouse remembers.
	stop()
	server.Kill()
	server.Restart()
	h.run("two")
	last, _ := h.next("the rows stand", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "2 7; " })
	if last.Number <= after.Number || last.Term <= after.Term {
		t.Fatalf("batch %d/%d follows %d/%d", last.Term, last.Number, after.Term, after.Number)
	}
}

func TestABatchIsHeldWhileItsCheckFails(t *testing.T) {
	h := newHall(t, "").few()
	h.regions()
	h.household(1, 460105100001, "unstable_lifted", 3, "monitored")
	h.breakTypes()
	h.run("one")
	first, _ := h.next("the row stands", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "1 3; " })
	h.household(2, 460105100001, "unstable_lifted", 4, "monitored")
	held := h.status(func(s *batch.Status) bool { return s != nil && s.Source == batch.SourceHeld })
	if held.Words == "" {
		t.Error("nothing says why the batch is held")
	}
	if snap, err := h.store.Load(t.Context(), 0); err != nil || snap.Header.Number != first.Number {
		t.Fatalf("batch %d was shown though its check fails (%v)", snap.Header.Number, err)
	}
	h.household(2, 460105100001, "unstable_lifted", 4, "removed")
	h.next("the identity holds again", func(b batch.Header, _ frames) bool { return b.Number > first.Number })
	h.status(func(s *batch.Status) bool { return s != nil && s.Source == batch.SourceOK })
}

// breakTypes makes the check of the types one that two households break.
func (h *hall) breakTypes() {
	for i := range h.cat.Checks {
		if k := &h.cat.Checks[i]; k.ID == "monitored.types" {
			k.Equal = nil
			k.SQL = `SELECT '460000' AS region, '不平' AS words, 1. AS expected, toFloat64(households) AS actual FROM "monitored.total" WHERE scope = '460000' AND households != 1`
		}
	}
}
