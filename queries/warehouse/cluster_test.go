package warehouse_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/sync/errgroup"

	"liaowang/aggregator/demo"
	"liaowang/aggregator/engine/enginetest"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

func openCluster(t testing.TB, c *enginetest.Cluster, servers ...*enginetest.Server) *warehouse.Warehouse {
	t.Helper()
	w, err := warehouse.Open(t.Context(), warehouse.Options{URL: enginetest.URL("liaowang", servers...), Cluster: c.Name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// onCluster opens database liaowang over all shards and makes its tables.
func onCluster(t testing.TB, c *enginetest.Cluster, servers ...*enginetest.Server) *warehouse.Warehouse {
	t.Helper()
	w := openCluster(t, c, servers...)
	schema, err := queries.LoadSchema()
	if err != nil {
		t.Fatal(err)
	}
	statements, err := schema.DDL(queries.Layout{Cluster: c.Name, Single: true, Apart: true})
	if err != nil {
		t.Fatal(err)
	}
	sow, err := schema.Sow()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.CreateOnCluster(t.Context(), statements, sow); err != nil {
		t.Fatal(err)
	}
	if err := w.VerifyCluster(t.Context(), schema); err != nil {
		t.Fatal(err)
	}
	return w
}

// answers asks everything of a database: every view, metric and check; metrics in few
// statements, or each by itself.
func answers(t *testing.T, w *warehouse.Warehouse, c *queries.Catalogue, now time.Time, together bool) map[string]any {
	t.Helper()
	cut, err := w.PrepareCut(t.Context(), "test", c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := cut.Drop(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	for _, table := range c.Tables() {
		if err := cut.Take(t.Context(), table); err != nil {
			t.Fatal(err)
		}
	}
	all := map[string]any{}
	regions, _ := c.Metric(queries.RegionsMetric)
	answer, err := cut.Ask(t.Context(), regions, time.Time{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := warehouse.ReadTree(answer)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range c.Views() {
		v.Moves = false // its rows are compared here
		state, err := cut.Fill(t.Context(), &v, v.Refresh.Tick(now, now.Location()))
		if err != nil {
			t.Fatal(err)
		}
		all["view "+v.Name] = state.Rows
	}
	var due []*queries.Metric
	for i := range c.Metrics {
		m := &c.Metrics[i]
		if m.Rows == queries.RowsPlaces && together {
			due = append(due, m)
			continue
		}
		answer, err := cut.Ask(t.Context(), m, m.Refresh.Tick(now, now.Location()), tree)
		if err != nil {
			t.Errorf("metric %s: %v", m.ID, err)
		}
		all["metric "+m.ID] = answer
	}
	for some := range slices.Chunk(due, 8) {
		found, err := cut.AskTogether(t.Context(), some, now, now.Location(), tree)
		if err != nil {
			t.Errorf("metrics together: %v", err)
			continue
		}
		for i, m := range some {
			all["metric "+m.ID] = found[i]
		}
	}
	for i := range c.Metrics {
		m := &c.Metrics[i]
		answer, _ := all["metric "+m.ID].(warehouse.Answer)
		if err := errors.Join(cut.MakeRoom(t.Context(), m), cut.Keep(t.Context(), m, answer)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range c.Checks {
		k := &c.Checks[i]
		found, _, err := cut.Judge(t.Context(), []*queries.Check{k}, now, now.Location())
		if err != nil {
			t.Errorf("check %s: %v", k.ID, err)
			continue
		}
		for _, rows := range found { // a check promises no order
			slices.SortFunc(rows, func(a, b warehouse.Row) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
		all["check "+k.ID] = found
	}
	return all
}

// The demo province lies once on one machine and once over the shards of a cluster,
// with rows of every table apart from those that they are joined with: every metric
// and every check says the same of both.
func TestAClusterAnswersAsOneMachine(t *testing.T) {
	c := enginetest.StartCluster(t, 2, 1)
	first := c.Shards[0][0]
	one, err := warehouse.Open(t.Context(), warehouse.Options{URL: enginetest.URL("one", first)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { one.Close() })
	all := onCluster(t, c, first)
	if err := one.Migrate(t.Context(), queries.Migrations()); err != nil {
		t.Fatal(err)
	}
	var both errgroup.Group
	for _, w := range []*warehouse.Warehouse{one, all} {
		both.Go(func() error {
			return demo.Load(t.Context(), w.Conn(), demo.Options{Mode: demo.ModeStill, Seed: 1, Size: demo.Size{
				Households: 2000, Years: 2, Projects: 100, Flows: 12, Visits: 2000, VisitDays: 200, SignIns: 1000, SignInDays: 20,
				Sales: 500, SaleDays: 100, Orders: 500, OrderDays: 90, Archives: 300,
			}})
		})
	}
	if err := both.Wait(); err != nil {
		t.Fatal(err)
	}
	catalogue, err := queries.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, database := range []string{"liaowang", "one"} {
		// Versions of a key that lie in parts of their own.
		err := all.Conn().Exec(t.Context(), "INSERT INTO "+database+".households SELECT * REPLACE (persons + 1 AS persons, version + 1 AS version) FROM one.households FINAL WHERE household % 5 = 0")
		if err != nil {
			t.Fatal(err)
		}
	}
	var parts []string
	if err := all.Conn().QueryRow(t.Context(), "SELECT groupArray(toString(rows)) FROM (SELECT count() AS rows FROM liaowang.households GROUP BY _shard_num)").Scan(&parts); err != nil || len(parts) != 2 {
		t.Fatalf("households lie on shards as %v, want two: %v", parts, err)
	}
	if err := all.KeepBatches(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	now := demo.DefaultReference().In(time.FixedZone("Asia/Shanghai", 8*60*60))
	want := answers(t, one, catalogue, now, false)
	got := answers(t, all, catalogue, now, true)
	if n := len(catalogue.Metrics) + len(catalogue.Checks) + len(catalogue.Views()); len(want) != n {
		t.Errorf("%d answers, want %d", len(want), n)
	}
	for what, answer := range want {
		if reflect.DeepEqual(answer, got[what]) {
			continue // most are, and to say where two differ takes far longer
		}
		// Sums of floats depend on their order.
		if diff := cmp.Diff(answer, got[what], cmpopts.EquateApprox(1e-9, 1e-9)); diff != "" {
			t.Errorf("%s: one machine (-) and a cluster (+) differ:\n%.2000s", what, diff)
		}
	}
}

// The tables are replicated as they are on a cluster with a Keeper; they take no rows
// here, and can be cut all the same.
func TestReplicatedTablesAreCut(t *testing.T) {
	c := enginetest.StartCluster(t, 1, 1)
	w := openCluster(t, c, c.Shards[0][0])
	catalogue, err := queries.Load()
	if err != nil {
		t.Fatal(err)
	}
	err = w.VerifyCluster(t.Context(), catalogue.Schema)
	if err == nil || !strings.Contains(err.Error(), "has no table") || !strings.Contains(err.Error(), "liaowang schema --cluster province") {
		t.Fatalf("a cluster without tables: %v", err)
	}
	statements, err := catalogue.Schema.DDL(queries.Layout{Cluster: c.Name, Apart: true})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second run finds nothing to do
		if err := w.CreateOnCluster(t.Context(), statements, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.VerifyCluster(t.Context(), catalogue.Schema); err != nil {
		t.Fatal(err)
	}
	var plain uint64
	if err := w.Conn().QueryRow(t.Context(), "SELECT count() FROM system.tables WHERE database = 'liaowang' AND endsWith(name, '_local') AND NOT startsWith(engine, 'Replicated')").Scan(&plain); err != nil || plain > 0 {
		t.Fatalf("%d tables are not replicated: %v", plain, err)
	}
	for range 2 { // what a reader left is dropped
		cut, err := w.PrepareCut(t.Context(), "test", catalogue)
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range catalogue.Tables() {
			if err := cut.Take(t.Context(), table); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := cut.Fingerprints(t.Context(), catalogue.Tables()); err != nil {
			t.Fatal(err)
		}
		if err := cut.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var cuts, replicated uint64
	err = w.Conn().QueryRow(t.Context(), "SELECT uniq(database), countIf(startsWith(engine, 'Replicated')) FROM system.tables WHERE match(database, '^liaowang_cut_test_')").Scan(&cuts, &replicated)
	if err != nil || cuts != 1 || replicated != 0 {
		t.Fatalf("%d cuts are there with %d replicated tables, want one with none: %v", cuts, replicated, err)
	}
}

func TestAClusterThatCannotBeAsked(t *testing.T) {
	c := enginetest.StartCluster(t, 1, 1)
	for _, tt := range []struct{ url, cluster, want string }{
		{"http://127.0.0.1:1/liaowang", "province", "--clickhouse clickhouse://… is expected"},
		{enginetest.URL("liaowang", c.Shards[0][0]), "no such", "letters, digits and _"},
		{enginetest.URL("liaowang", c.Shards[0][0]), "nation", `knows no cluster "nation"`},
	} {
		w, err := warehouse.Open(t.Context(), warehouse.Options{URL: tt.url, Cluster: tt.cluster})
		if err == nil {
			err = w.VerifyCluster(t.Context(), &queries.Schema{})
			w.Close()
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s, cluster %q: %v, want %q", tt.url, tt.cluster, err, tt.want)
		}
	}
}

// BenchmarkCut compares one machine with a cluster of two shards, on the machine that
// both share: what a look costs, what it costs to take a table, and to ask a metric.
func BenchmarkCut(b *testing.B) {
	c := enginetest.StartCluster(b, 2, 1)
	catalogue, err := queries.Load()
	if err != nil {
		b.Fatal(err)
	}
	catalogue = catalogue.Only("monitored.by_type")
	m, _ := catalogue.Metric("monitored.by_type")
	regions, _ := catalogue.Metric(queries.RegionsMetric)
	one, err := warehouse.Open(b.Context(), warehouse.Options{URL: enginetest.URL("one", c.Shards[0][0])})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { one.Close() })
	if err := one.Migrate(b.Context(), queries.Migrations()); err != nil {
		b.Fatal(err)
	}
	for name, w := range map[string]*warehouse.Warehouse{"one": one, "cluster": onCluster(b, c, c.Shards[0][0])} {
		for _, sql := range []string{
			"INSERT INTO regions (code, level, parent, name, version) VALUES (460000, 'province', 0, '海南省', 1), (460100, 'county', 460000, '海口市', 1), (460105100, 'township', 460100, '长流镇', 1)",
			"INSERT INTO households (household, village, type, causes, persons, state, recognised_at, version) SELECT number, 460105100001, 'marginal_poor', ['illness'], 3, 'monitored', '2021-01-01', 1 FROM numbers(100000)",
		} {
			if err := w.Conn().Exec(b.Context(), sql); err != nil {
				b.Fatal(err)
			}
		}
		cut, err := w.PrepareCut(b.Context(), name, catalogue)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { cut.Close() })
		for _, table := range catalogue.Tables() {
			if err := cut.Take(b.Context(), table); err != nil {
				b.Fatal(err)
			}
		}
		answer, err := cut.Ask(b.Context(), regions, time.Time{}, nil)
		if err != nil {
			b.Fatal(err)
		}
		tree, err := warehouse.ReadTree(answer)
		if err != nil {
			b.Fatal(err)
		}
		for what, do := range map[string]func() error{
			"look": func() error { _, err := cut.Fingerprints(b.Context(), catalogue.Tables()); return err },
			"take": func() error { return cut.Take(b.Context(), "households") },
			"ask":  func() error { _, err := cut.Ask(b.Context(), m, time.Time{}, tree); return err },
		} {
			b.Run(what+"/"+name, func(b *testing.B) {
				for b.Loop() {
					if err := do(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
