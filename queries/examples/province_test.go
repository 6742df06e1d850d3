package examples

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"liaowang/aggregator/engine/enginetest"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// asked notes which metrics and checks a test has asked, so that none is without
// an example.
var asked struct {
	sync.Mutex
	ids map[string]bool
}

func TestMain(m *testing.M) {
	enginetest.MainThen(m, func(code int) int {
		if code != 0 || flag.Lookup("test.run").Value.String() != "" || flag.Lookup("test.skip").Value.String() != "" {
			return code
		}
		c, err := queries.Load()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		for _, m := range c.Metrics {
			if !asked.ids[m.ID] {
				fmt.Fprintf(os.Stderr, "metric %s has no example\n", m.ID)
				code = 1
			}
		}
		for _, k := range c.Checks {
			if !asked.ids[k.ID] {
				fmt.Fprintf(os.Stderr, "check %s has no example\n", k.ID)
				code = 1
			}
		}
		return code
	})
}

// The regions of the examples: 海口市 with two townships, 儋州市 with one, and
// 三沙市, which household metrics do not apply to.
const (
	province = "460000"
	haikou   = "460100"
	sansha   = "460300"
	danzhou  = "460400"

	xiuying = "460105100" // township of 海口市
	longhua = "460106100" // township of 海口市
	nada    = "460400100" // township of 儋州市

	xiuyingVillage = "460105100201"
	longhuaVillage = "460106100201"
	nadaVillage    = "460400100201"
)

// stage is the database that all examples play on, one after the other: to make
// its tables takes far longer than to clear them.
var stage struct {
	once      sync.Once
	err       error
	live      *warehouse.Warehouse
	cut       *warehouse.Cut
	catalogue *queries.Catalogue
	used      map[string]bool      // tables that hold rows of an example
	taken     map[string]bool      // tables whose present state is in the cut
	filled    map[string]time.Time // views that are filled from these states, and for which moment
	tree      *queries.Tree        // of the regions in the cut
}

// world is an empty province with its regions, at a moment of the test's choice.
type world struct {
	t         *testing.T
	w         *warehouse.Warehouse
	catalogue *queries.Catalogue
	now       time.Time
}

// zone is the province's clock.
var zone = time.FixedZone("Asia/Shanghai", 8*60*60)

// at makes a world; now is a moment in Asia/Shanghai, "2026-03-15 10:30:00".
func at(t *testing.T, now string) *world {
	t.Helper()
	moment, err := time.ParseInLocation(time.DateTime, now, zone)
	if err != nil {
		t.Fatal(err)
	}
	stage.once.Do(func() { stage.err = build(enginetest.Shared(t).URL()) })
	if stage.err != nil {
		t.Fatal(stage.err)
	}
	for table := range stage.used {
		err := stage.live.Conn().Exec(t.Context(), "ALTER TABLE "+table+" REPLACE PARTITION tuple() FROM untouched."+table+" SETTINGS allow_replace_partition_from_empty_source = 1")
		if err != nil {
			t.Fatal(err)
		}
		delete(stage.taken, table)
	}
	clear(stage.used)
	return &world{t: t, w: stage.live, catalogue: stage.catalogue, now: moment}
}

// build makes the database of the examples, and beside it an untouched one, which
// has the regions and what the migrations seed.
func build(url string) error {
	ctx := context.Background() // they outlive the example that comes first
	c, err := queries.Load()
	if err != nil {
		return err
	}
	stage.catalogue, stage.used, stage.taken = c, map[string]bool{"regions": true}, map[string]bool{}
	stage.filled = map[string]time.Time{}
	for _, database := range []string{"untouched", "examples"} {
		w, err := warehouse.Open(ctx, warehouse.Options{URL: url + "/" + database})
		if err != nil {
			return err
		}
		if err := w.Migrate(ctx, queries.Migrations()); err != nil {
			return err
		}
		if database == "examples" {
			stage.live = w
			break
		}
		err = w.Conn().Exec(ctx, "INSERT INTO regions FORMAT JSONEachRow\n"+strings.Join([]string{
			`{"code":460000,"level":"province","parent":0,"name":"海南省","version":1}`,
			`{"code":460100,"level":"county","parent":460000,"name":"海口市","version":1}`,
			`{"code":460300,"level":"county","parent":460000,"name":"三沙市","applicable":false,"version":1}`,
			`{"code":460400,"level":"county","parent":460000,"name":"儋州市","version":1}`,
			`{"code":460105100,"level":"township","parent":460100,"name":"长流镇","version":1}`,
			`{"code":460106100,"level":"township","parent":460100,"name":"城西镇","version":1}`,
			`{"code":460300100,"level":"township","parent":460300,"name":"永兴","applicable":false,"version":1}`,
			`{"code":460400100,"level":"township","parent":460400,"name":"那大镇","version":1}`,
			`{"code":460105100201,"level":"village","parent":460105100,"name":"甲村","version":1}`,
			`{"code":460106100201,"level":"village","parent":460106100,"name":"乙村","version":1}`,
			`{"code":460400100201,"level":"village","parent":460400100,"name":"丙村","version":1}`,
		}, "\n"))
		if err := errors.Join(err, w.Close()); err != nil {
			return err
		}
	}
	stage.cut, err = stage.live.PrepareCut(ctx, "examples", c)
	return err
}

// exec runs a statement that changes a table otherwise than by rows.
func (x *world) exec(table, statement string) {
	x.t.Helper()
	x.use(table)
	if err := x.w.Conn().Exec(x.t.Context(), statement); err != nil {
		x.t.Fatal(err)
	}
}

// use notes that a table, and what is rolled up from it, is no longer untouched,
// and that the cut does not hold its state.
func (x *world) use(table string) {
	note := func(table string) {
		stage.used[table] = true
		delete(stage.taken, table)
	}
	note(table)
	for _, t := range x.catalogue.Schema.Tables {
		if t.From == table {
			note(t.Name)
		}
	}
}

// insert writes rows as JSON objects; columns that are not named have their
// defaults. Times are UTC: "2026-03-15 02:30:00" is 10:30 in Asia/Shanghai.
func (x *world) insert(table string, rows ...string) {
	x.t.Helper()
	x.use(table)
	// Two examples may insert the same rows.
	if err := x.w.Conn().Exec(x.t.Context(), "INSERT INTO "+table+" SETTINGS insert_deduplicate = 0 FORMAT JSONEachRow\n"+strings.Join(rows, "\n")); err != nil {
		x.t.Fatal(err)
	}
}

// insertN writes n rows made by row(0) … row(n-1).
func (x *world) insertN(table string, n int, row func(i int) string) {
	x.t.Helper()
	rows := make([]string, n)
	for i := range rows {
		rows[i] = row(i)
	}
	x.insert(table, rows...)
}

// cut brings tables of the cut to their present state.
func (x *world) cut(tables ...string) *warehouse.Cut {
	x.t.Helper()
	for _, table := range tables {
		if stage.taken[table] {
			continue
		}
		if err := stage.cut.Take(x.t.Context(), table); err != nil {
			x.t.Fatal(err)
		}
		stage.taken[table] = true
		for _, v := range x.catalogue.Schema.Views {
			if slices.Contains(v.Tables, table) {
				delete(stage.filled, v.Name)
			}
		}
	}
	return stage.cut
}

// ready brings what a metric reads to its present state: tables, then views.
func (x *world) ready(m *queries.Metric) *warehouse.Cut {
	x.t.Helper()
	cut := x.cut(m.Tables...)
	for _, v := range x.catalogue.Only(m.ID).Views() {
		tick := v.Refresh.Tick(x.now, zone)
		if at, ok := stage.filled[v.Name]; ok && at.Equal(tick) {
			continue
		}
		if _, err := cut.Fill(x.t.Context(), &v, tick); err != nil {
			x.t.Fatal(err)
		}
		stage.filled[v.Name] = tick
	}
	return cut
}

// answers asks a metric and compares its whole answer with lines of the form
// "scope value value …", sorted. NULL reads 缺报; scopes whose answer is not given
// must have none. A text with spaces keeps them.
func (x *world) answers(metric string, want ...string) {
	x.t.Helper()
	m, ok := x.catalogue.Metric(metric)
	if !ok {
		x.t.Fatalf("there is no metric %s", metric)
	}
	note(metric)
	cut := x.ready(m)
	answer, err := cut.Ask(x.t.Context(), m, m.Refresh.Tick(x.now, zone), x.tree())
	if err != nil {
		x.t.Fatal(err)
	}
	var got []string
	for scope, rows := range answer {
		if !slices.Contains(m.Regions, levelOf(scope)) {
			x.t.Errorf("%s answers for %s, which is not of its levels %v", metric, scope, m.Regions)
		}
		for _, row := range rows {
			got = append(got, scope+" "+words(row))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		x.t.Errorf("%s (-want +got):\n%s", metric, diff)
	}
}

// rows gives the rows of a metric for one region as lines, in the order in which they
// are shown: that of the code list where the first column is of one, else that of the
// answer.
func (x *world) rows(metric, scope string) []string {
	x.t.Helper()
	m, ok := x.catalogue.Metric(metric)
	if !ok {
		x.t.Fatalf("there is no metric %s", metric)
	}
	note(metric)
	cut := x.ready(m)
	answer, err := cut.Ask(x.t.Context(), m, m.Refresh.Tick(x.now, zone), x.tree())
	if err != nil {
		x.t.Fatal(err)
	}
	found := slices.Clone(answer[scope])
	if list := x.catalogue.Codes[m.Columns[0].Codes]; m.Gridded() && len(list) > 0 {
		place := func(r warehouse.Row) int {
			return slices.IndexFunc(list, func(c queries.Code) bool { return c.Code == r[0] })
		}
		slices.SortStableFunc(found, func(a, b warehouse.Row) int { return place(a) - place(b) })
	}
	var got []string
	for _, row := range found {
		got = append(got, words(row))
	}
	return got
}

// tree is that of the regions as they are now.
func (x *world) tree() *queries.Tree {
	x.t.Helper()
	m, _ := x.catalogue.Metric(queries.RegionsMetric)
	if stage.tree != nil && !slices.ContainsFunc(m.Tables, func(table string) bool { return !stage.taken[table] }) {
		return stage.tree
	}
	answer, err := x.cut(m.Tables...).Ask(x.t.Context(), m, time.Time{}, nil)
	if err != nil {
		x.t.Fatal(err)
	}
	tree, err := warehouse.ReadTree(answer)
	if errors.Is(err, warehouse.ErrNoRegions) {
		tree, err = queries.NewTree(nil), nil
	}
	if err != nil {
		x.t.Fatal(err)
	}
	stage.tree = tree
	return tree
}

// fails evaluates a check and compares the failures with lines of the form
// "region words". None: the identity holds.
func (x *world) fails(check string, want ...string) {
	x.t.Helper()
	x.failsWhen(check, nil, want...)
}

// failsWhen is fails after wrong has changed what the metrics answer: no rows make
// an identity fail whose metrics count the same rows, as long as they are right.
// wrong may be nil.
func (x *world) failsWhen(check string, wrong func(metric string, answer warehouse.Answer), want ...string) {
	x.t.Helper()
	i := slices.IndexFunc(x.catalogue.Checks, func(k queries.Check) bool { return k.ID == check })
	if i < 0 {
		x.t.Fatalf("there is no check %s", check)
	}
	note(check)
	k := &x.catalogue.Checks[i]
	cut := x.cut(k.Tables...)
	answers := map[string]warehouse.Answer{}
	for _, id := range k.Metrics {
		m, _ := x.catalogue.Metric(id)
		x.ready(m)
		answer, err := cut.Ask(x.t.Context(), m, m.Refresh.Tick(x.now, zone), x.tree())
		if err != nil {
			x.t.Fatal(err)
		}
		if wrong != nil {
			answer = maps.Clone(answer) // the cut may answer the same rows again
			for region, rows := range answer {
				answer[region] = slices.Clone(rows)
				for i, row := range rows {
					answer[region][i] = slices.Clone(row)
				}
			}
			wrong(id, answer)
		}
		if err := errors.Join(cut.MakeRoom(x.t.Context(), m), cut.Keep(x.t.Context(), m, answer)); err != nil {
			x.t.Fatal(err)
		}
		answers[id] = answer
	}
	var got []string
	var rows []warehouse.Row
	err := cut.Query(x.t.Context(), k.ID, k.SQL, k.Refresh.Tick(x.now, zone), warehouse.CheckColumns(), func(r warehouse.Row) error {
		_, e := r[2].(float64)
		_, a := r[3].(float64)
		if !e || !a {
			x.t.Errorf("%s: expected and actual are %v and %v", check, r[2], r[3])
		}
		got = append(got, fmt.Sprint(r[0], " ", r[1]))
		rows = append(rows, r)
		return nil
	})
	if err != nil {
		x.t.Fatal(err)
	}
	if k.Equal != nil {
		// What a batch compares by itself is what the statement says.
		if diff := cmp.Diff(rows, warehouse.Differences(x.catalogue, k.Equal, answers, x.tree())); diff != "" {
			x.t.Errorf("%s: statement and comparison differ (-statement +comparison):\n%s", check, diff)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		x.t.Errorf("%s (-want +got):\n%s", check, diff)
	}
}

func note(id string) {
	asked.Lock()
	defer asked.Unlock()
	if asked.ids == nil {
		asked.ids = map[string]bool{}
	}
	asked.ids[id] = true
}

func words(row warehouse.Row) string {
	parts := make([]string, len(row))
	for i, v := range row {
		switch v := v.(type) {
		case nil:
			parts[i] = "缺报"
		case float64:
			// Figures are compared to four places.
			parts[i] = strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.4f", v), "0"), ".")
		default:
			parts[i] = fmt.Sprint(v)
		}
	}
	return strings.Join(parts, " ")
}

func levelOf(scope string) string {
	switch {
	case len(scope) == 9:
		return "township"
	case strings.HasSuffix(scope, "0000"):
		return "province"
	}
	return "county"
}
