package faults_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"liaowang/aggregator"
	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
	"liaowang/aggregator/demo"
	"liaowang/aggregator/engine"
	"liaowang/aggregator/engine/enginetest"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

var cutBatches = flag.Int("cut-batches", 3, "how many batches the test of one cut reads")

// oneTable lists the checks whose identity is about one table: it must hold in every
// batch, also while writers never pause. Those over two tables may straddle (ARCHITECTURE,
// One cut): what they say is compared with what is computed from scratch when it is quiet.
func oneTable(c *queries.Catalogue) map[string]bool {
	all := map[string]bool{}
	for _, k := range c.Checks {
		tables := map[string]bool{}
		for _, t := range k.Tables {
			tables[t] = true
		}
		for _, id := range k.Metrics {
			m, _ := c.Metric(id)
			for _, t := range m.Tables {
				tables[t] = true
			}
		}
		delete(tables, "regions") // changed by nobody while others are
		delete(tables, "parameters")
		if len(tables) == 1 {
			all[k.ID] = true
		}
	}
	return all
}

// scribbler writes rows into every table that departments deliver: rows that are there
// under new keys, and states that take over another's values. So each row is one that
// its contract admits.
type scribbler struct {
	conn   driver.Conn
	tables []queries.Table
}

func columns(t *queries.Table) []string {
	var all []string
	for _, f := range t.Fields {
		all = append(all, f.Name)
	}
	if t.Kind == queries.KindState {
		all = append(all, "version")
	}
	return all
}

func final(t *queries.Table) string {
	if t.Kind == queries.KindState {
		return t.Name + " FINAL"
	}
	return t.Name
}

// write writes a few rows of a table.
func (s *scribbler) write(ctx context.Context, t *queries.Table, r *rand.Rand) error {
	names := columns(t)
	pick := func(salt uint64, rows int) string {
		return fmt.Sprintf("SELECT * FROM %s ORDER BY cityHash64(%s, %d) LIMIT %d", final(t), strings.Join(t.Key, ", "), salt, rows)
	}
	rows := 1 + r.IntN(10)
	key, _ := t.Field(t.Key[0])
	if len(t.Key) == 1 && key.Type == queries.FieldKey && (t.Kind == queries.KindEvent || r.IntN(3) == 0) {
		values := slices.Clone(names)
		values[slices.Index(names, key.Name)] = fmt.Sprintf("cityHash64(%s, %d) AS fresh", key.Name, r.Uint64())
		return s.conn.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM (%s)", t.Name, strings.Join(names, ", "), strings.Join(values, ", "), pick(r.Uint64(), rows)))
	}
	if t.Kind != queries.KindState {
		return nil
	}
	values := make([]string, len(names))
	for i, n := range names {
		switch {
		case n == "version":
			values[i] = "a.version + 1"
		case slices.Contains(t.Key, n):
			values[i] = "a." + n
		default:
			values[i] = "b." + n
		}
	}
	numbered := func(salt uint64) string {
		return fmt.Sprintf("(SELECT *, rowNumberInAllBlocks() AS nth FROM (%s))", pick(salt, rows))
	}
	return s.conn.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s AS a INNER JOIN %s AS b ON a.nth = b.nth",
		t.Name, strings.Join(names, ", "), strings.Join(values, ", "), numbered(r.Uint64()), numbered(r.Uint64())))
}

// run writes without a pause until ctx is done.
func (s *scribbler) run(ctx context.Context, seed uint64) error {
	r := rand.New(rand.NewPCG(seed, 11))
	for ctx.Err() == nil {
		t := &s.tables[r.IntN(len(s.tables))]
		if err := s.write(context.WithoutCancel(ctx), t, r); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	return nil
}

// smallProvince fills the tables with rows of the demo province, in three villages.
func smallProvince(t *testing.T, e *engine.Process, w *warehouse.Warehouse, schema *queries.Schema) []queries.Table {
	t.Helper()
	from, err := warehouse.Open(t.Context(), warehouse.Options{URL: e.URL() + "/whole"})
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	if err := from.Migrate(t.Context(), queries.Migrations()); err != nil {
		t.Fatal(err)
	}
	size := demo.Size{Households: 1000, Years: 2, Projects: 100, Flows: 12, Visits: 2000, VisitDays: 200, SignIns: 1000, SignInDays: 20,
		Sales: 500, SaleDays: 100, Orders: 500, OrderDays: 90, Archives: 300}
	if err := demo.Load(t.Context(), from.Conn(), demo.Options{Mode: demo.ModeStill, Seed: 1, Size: size, Reference: demo.Today(time.Now())}); err != nil {
		t.Fatal(err)
	}
	if err := w.Conn().Exec(t.Context(), regionRows); err != nil {
		t.Fatal(err)
	}
	var tables []queries.Table
	for _, table := range schema.Tables {
		if !table.Delivered() || table.Name == "regions" {
			continue
		}
		tables = append(tables, table)
		values := columns(&table)
		for i, f := range table.Fields {
			switch f.Type {
			case queries.FieldVillage:
				values[i] = fmt.Sprintf("if(isNull(%[1]s) OR %[1]s = 0, %[1]s, [%[2]d, %[3]d, %[4]d][1 + assumeNotNull(%[1]s) %% 3]) AS %[1]s_", f.Name, villages[0], villages[1], villages[2])
			case queries.FieldRegion:
				values[i] = fmt.Sprintf("multiIf(isNull(%[1]s) OR %[1]s IN (0, 460000), %[1]s, %[1]s < 1000000, [460100, 469001][1 + assumeNotNull(%[1]s) %% 2], %[1]s < 1000000000, [460105100, 460105101, 469001100][1 + assumeNotNull(%[1]s) %% 3], [%[2]d, %[3]d, %[4]d][1 + assumeNotNull(%[1]s) %% 3]) AS %[1]s_", f.Name, villages[0], villages[1], villages[2])
			}
		}
		sql := fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM whole.%s LIMIT 3000", table.Name, strings.Join(columns(&table), ", "), strings.Join(values, ", "), table.Name)
		if err := w.Conn().Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", table.Name, err)
		}
	}
	return tables
}

// compute starts an aggregator on a database that shows everything, and gives its store.
func compute(t *testing.T, w *warehouse.Warehouse, cat *queries.Catalogue, node string, now func() time.Time) (store *batch.Store, stop func()) {
	t.Helper()
	store = stores(t, 1, redistest.Start(t).URL())[0]
	a := aggregator.New(aggregator.Options{Warehouse: w, Store: store, Catalogue: cat, Node: node, LeastCell: 1, Gap: time.Millisecond, React: 20 * time.Millisecond, Now: now})
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() {
		if err := a.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	stop = func() { cancel(); work.Wait() }
	t.Cleanup(stop)
	return store, stop
}

// TestWritersOverAllTablesBreakNoIdentity: while rows of every table come and change
// without a pause, each batch is of one cut, and the deltas make just what is computed
// from scratch.
func TestWritersOverAllTablesBreakNoIdentity(t *testing.T) {
	cat, err := queries.Load()
	if err != nil {
		t.Fatal(err)
	}
	e := enginetest.StartMigrated(t)
	open := func(database string) *warehouse.Warehouse {
		w, err := warehouse.Open(t.Context(), warehouse.Options{URL: e.URL() + "/" + database})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { w.Close() })
		if err := w.Migrate(t.Context(), queries.Migrations()); err != nil {
			t.Fatal(err)
		}
		return w
	}
	w := open("liaowang")
	tables := smallProvince(t, e, w, cat.Schema)
	// A clock so slow that no minute ends between a batch and its like from scratch.
	begun := time.Now()
	base := begun.Truncate(time.Hour)
	now := func() time.Time { return base.Add(time.Since(begun) / 100) }
	store, _ := compute(t, w, cat, "one", now)
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	t.Logf("the writers write by -fault-seed %d into %d tables; %d metrics, %d checks, %d of which are of one table", *seed, len(tables), len(cat.Metrics), len(cat.Checks), len(oneTable(cat)))
	f := follower{t: t, store: store, frames: frames{}, must: oneTable(cat), failed: map[string]int{}}
	f.next(0)
	rounds := 0
	for f.batches < *cutBatches && !t.Failed() {
		ctx, rest := context.WithCancel(t.Context())
		var writers sync.WaitGroup
		for i := range 2 {
			s := &scribbler{conn: w.Conn(), tables: tables}
			writers.Go(func() {
				if err := s.run(ctx, *seed+uint64(10*rounds+i)); err != nil {
					t.Error(err)
				}
			})
		}
		for until := min(f.batches+max(*cutBatches/8, 15), *cutBatches); f.batches < until && !t.Failed(); {
			f.next(f.header.Number)
		}
		rest()
		writers.Wait()
		rounds++
		f.settle()
		f.asInRedis()
		f.asRecorded(w)
		f.asFromScratch(w, open(fmt.Sprint("scratch_", rounds)), cat, now)
	}
	t.Logf("%d batches in %s, %d deltas, %d frames each; checks over several tables that failed in some: %v", f.batches, time.Since(begun).Round(time.Second), f.deltas, len(f.frames), f.failed)
}

// follower reads every batch that it can as a hub does.
type follower struct {
	t       *testing.T
	store   *batch.Store
	header  *batch.Header
	frames  frames
	must    map[string]bool
	batches int
	deltas  int
	failed  map[string]int
}

// next waits for a batch after number and takes it in.
func (f *follower) next(number uint64) {
	f.t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(2 * time.Millisecond) {
		if f.read(number) {
			return
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("no batch follows %d", number)
		}
	}
}

func (f *follower) read(number uint64) bool {
	f.t.Helper()
	snap, err := f.store.LoadOnto(f.t.Context(), number, f.frames)
	if err != nil {
		f.t.Fatal(err)
	}
	if snap.Header == nil || snap.Header.Number <= number {
		return false
	}
	f.header = snap.Header
	maps.Copy(f.frames, index(snap.Frames))
	f.batches++
	f.deltas += snap.Deltas
	for _, k := range f.header.Checks {
		switch {
		case k.Unknown:
			f.t.Errorf("batch %d: %s: %s", f.header.Number, k.ID, k.Words)
		case !k.OK && f.must[k.ID]:
			f.t.Errorf("batch %d: %s, which is about one table: %s %+v", f.header.Number, k.ID, k.Words, k.Failures)
		case !k.OK:
			f.failed[k.ID]++
		}
	}
	for _, k := range f.header.Failing {
		f.t.Errorf("batch %d: metric %s fails: %s", f.header.Number, k.Metric, k.Words)
	}
	return true
}

// settle reads until the newest batch is verified to be what the tables hold.
func (f *follower) settle() {
	f.t.Helper()
	quiet := 0
	for deadline := time.Now().Add(3 * time.Minute); quiet < 10; time.Sleep(100 * time.Millisecond) {
		snap, err := f.store.Load(f.t.Context(), f.header.Number)
		if err != nil {
			f.t.Fatal(err)
		}
		switch {
		case f.read(f.header.Number):
			quiet = 0
		case snap.Status != nil && snap.Status.Source == batch.SourceOK && snap.Status.Verified.After(f.header.AsOf):
			quiet++
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("it never settles: %+v", snap.Status)
		}
	}
}

// text is a frame without the number of the batch that it changed in.
func text(f *batch.Frame, changed bool) string {
	g := *f
	if !changed {
		g.Changed = 0
	}
	body, err := json.Marshal(g)
	if err != nil {
		return err.Error()
	}
	return string(body)
}

func (f *follower) same(what string, other frames, changed bool) {
	f.t.Helper()
	wrong := 0
	for k, g := range f.frames {
		o := other[k]
		if o == nil {
			f.t.Errorf("batch %d: %s has no frame %s", f.header.Number, what, k)
		} else if a, b := text(g, changed), text(o, changed); a != b {
			if wrong++; wrong < 5 {
				f.t.Errorf("batch %d, %s: deltas make\n%s\n%s is\n%s", f.header.Number, k, a, what, b)
			}
		}
	}
	if len(other) != len(f.frames) {
		f.t.Errorf("batch %d: %d frames, %s has %d", f.header.Number, len(f.frames), what, len(other))
	}
}

func (f *follower) asInRedis() {
	f.t.Helper()
	snap, err := f.store.Load(f.t.Context(), 0)
	if err != nil {
		f.t.Fatal(err)
	}
	f.same("what Redis holds", index(snap.Frames), true)
}

func (f *follower) asRecorded(w *warehouse.Warehouse) {
	f.t.Helper()
	b, err := w.Batch(f.t.Context(), f.header.Number, warehouse.BatchID{Term: f.header.Term, Number: f.header.Number})
	if err != nil {
		f.t.Fatal(err)
	}
	recorded, err := w.Frames(f.t.Context(), b, "", "")
	if err != nil {
		f.t.Fatal(err)
	}
	all := frames{}
	for _, r := range recorded {
		g := &batch.Frame{Metric: r.Metric, Region: r.Region, Changed: r.Changed}
		if err := json.Unmarshal(r.Rows, &g.Rows); err != nil {
			f.t.Fatal(err)
		}
		all[g.Key()] = g
	}
	f.same("the record", all, true)
}

// asFromScratch compares with what an aggregator that begins with nothing makes of a copy
// of the tables.
func (f *follower) asFromScratch(w, scratch *warehouse.Warehouse, cat *queries.Catalogue, now func() time.Time) {
	f.t.Helper()
	var names []string
	err := w.Conn().QueryRow(f.t.Context(), "SELECT groupArray(name) FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND NOT startsWith(name, 'batch') AND name != 'goose_db_version'").Scan(&names)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, name := range names {
		if err := scratch.Conn().Exec(f.t.Context(), "ALTER TABLE "+name+" REPLACE PARTITION tuple() FROM liaowang."+name+" SETTINGS allow_replace_partition_from_empty_source = 1"); err != nil {
			f.t.Fatalf("%s: %v", name, err)
		}
	}
	store, stop := compute(f.t, scratch, cat, "scratch", now)
	defer stop()
	g := follower{t: f.t, store: store, frames: frames{}, must: f.must, failed: map[string]int{}}
	g.next(0)
	f.same("the batch computed from scratch", g.frames, false)
	// Since when a check does not hold only who was there can tell.
	if diff := cmp.Diff(g.header.Checks, f.header.Checks, cmpopts.IgnoreFields(batch.Check{}, "Since")); diff != "" {
		f.t.Errorf("batch %d: the checks say other than from scratch: %s", f.header.Number, diff)
	}
}
