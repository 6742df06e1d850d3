package aggregator_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"liaowang/aggregator/demo"
	"liaowang/aggregator/engine/enginetest"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// provinceVariable names a folder that keeps the provinces of BenchmarkRefresh
// from run to run; without it they are loaded anew, which takes minutes.
const provinceVariable = "LIAOWANG_BENCH_PROVINCE"

// BenchmarkRefresh is what the metrics cost in a province of full size: all of
// them for all regions at once, as the first batch of a day asks them, each of
// them alone, and both against a province with a tenth of the history and the
// same households.
func BenchmarkRefresh(b *testing.B) {
	folder := os.Getenv(provinceVariable)
	if folder == "" {
		folder = b.TempDir()
	}
	full := demo.FullSize()
	tenth := full
	tenth.Years, tenth.VisitDays, tenth.SaleDays, tenth.OrderDays = 1, full.VisitDays/10, full.SaleDays/10, full.OrderDays/10
	tenth.Visits, tenth.Sales, tenth.Orders, tenth.Projects = full.Visits/10, full.Sales/10, full.Orders/10, full.Projects/10
	tenth.SignIns, tenth.SignInDays = full.SignIns/10, full.SignInDays/10

	c, err := queries.Load()
	if err != nil {
		b.Fatal(err)
	}
	short := measure(b, c, filepath.Join(folder, "tenth"), tenth)
	long := measure(b, c, filepath.Join(folder, "full"), full)

	var table strings.Builder
	fmt.Fprintf(&table, "%-36s %10s %10s %10s %8s\n", "milliseconds", "p50", "p95", "p50 at 1/10", "ratio")
	slowest := long.each[0]
	for _, m := range long.each {
		i := slices.IndexFunc(short.each, func(s cost) bool { return s.id == m.id })
		fmt.Fprintf(&table, "%-36s %10.1f %10.1f %10.1f %8.2f\n", m.id, m.p50, m.p95, short.each[i].p50, m.p50/short.each[i].p50)
		if m.p95 > slowest.p95 {
			slowest = m
		}
	}
	fmt.Fprintf(&table, "%-36s %10.1f %10.1f %10.1f %8.2f\n", fmt.Sprintf("all %d metrics, four at a time", len(long.each)), long.all.p50, long.all.p95, short.all.p50, long.all.p50/short.all.p50)
	fmt.Println(table.String()) // a benchmark's log is cut off after ten lines
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(long.all.p50, "all-ms")
	b.ReportMetric(slowest.p95, "slowest-p95-ms")
	b.ReportMetric(long.all.p50/short.all.p50, "history-ratio")
}

// cost is how long a statement takes, in milliseconds.
type cost struct {
	id       string
	p50, p95 float64
}

type costs struct {
	all  cost
	each []cost
}

// measure loads a province of a size, if it is not there, and asks its metrics.
func measure(b *testing.B, c *queries.Catalogue, folder string, size demo.Size) costs {
	b.Helper()
	w, err := warehouse.Open(b.Context(), warehouse.Options{URL: enginetest.StartIn(b, folder).URL()})
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	if err := w.Migrate(b.Context(), queries.Migrations()); err != nil {
		b.Fatal(err)
	}
	err = demo.Load(b.Context(), w.Conn(), demo.Options{Mode: demo.ModeLive, Seed: 46, Reference: demo.Today(time.Now()), Size: size})
	if err != nil {
		b.Fatal(err)
	}
	// As the server does by itself with tables of states that are quiet.
	for _, t := range c.Schema.Tables {
		if t.Kind == queries.KindState {
			if err := w.Merge(b.Context(), t.Name); err != nil {
				b.Fatal(err)
			}
		}
	}
	cut, err := w.PrepareCut(b.Context(), "bench", c)
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := cut.Drop(context.WithoutCancel(b.Context())); err != nil {
			b.Error(err)
		}
	}()
	for _, table := range c.Tables() {
		if err := cut.Take(b.Context(), table); err != nil {
			b.Fatal(err)
		}
	}
	now := time.Now().In(time.FixedZone("Asia/Shanghai", 8*60*60))
	regions, _ := c.Metric(queries.RegionsMetric)
	answer, err := cut.Ask(b.Context(), regions, time.Time{}, nil)
	if err != nil {
		b.Fatal(err)
	}
	tree, err := warehouse.ReadTree(answer)
	if err != nil {
		b.Fatal(err)
	}
	ask := func(ctx context.Context, m *queries.Metric) {
		if _, err := cut.Ask(ctx, m, m.Refresh.Tick(now, now.Location()), tree); err != nil {
			b.Error(err)
		}
	}
	var out costs
	out.all = timed("all", 5, func() {
		var group errgroup.Group
		group.SetLimit(4)
		for i := range c.Metrics {
			group.Go(func() error { ask(warehouse.Crowded(b.Context()), &c.Metrics[i]); return nil })
		}
		_ = group.Wait() // none of them fails
	})
	for i := range c.Metrics {
		out.each = append(out.each, timed(c.Metrics[i].ID, 20, func() { ask(b.Context(), &c.Metrics[i]) }))
	}
	slices.SortFunc(out.each, func(a, b cost) int { return cmp.Compare(b.p95, a.p95) })
	return out
}

// timed runs f once to warm up and then n times.
func timed(id string, n int, f func()) cost {
	f()
	took := make([]float64, n)
	for i := range took {
		begun := time.Now()
		f()
		took[i] = float64(time.Since(begun).Microseconds()) / 1000
	}
	slices.Sort(took)
	return cost{id: id, p50: took[n/2], p95: took[(n*95+99)/100-1]}
}
