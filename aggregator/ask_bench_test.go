package aggregator_test

import (
	"context"
	"os"
	"slices"
	"testing"
	"time"

	"liaowang/aggregator/demo"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// BenchmarkAsk is what the process that asks has to do for each row of its metrics'
// answers, not what the source does: for a batch in which the rows are those of the batch
// before, as nearly all are, and for one on another tree of regions, which is summed anew.
// Its figures are those of all metrics of places, asked a few at a time.
func BenchmarkAsk(b *testing.B) {
	h := newHall(b, "")
	if err := demo.Load(b.Context(), h.w.Conn(), demo.Options{Mode: demo.ModeStill}); err != nil {
		b.Fatal(err)
	}
	cut, err := h.w.PrepareCut(b.Context(), "bench", h.cat)
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := cut.Drop(context.WithoutCancel(b.Context())); err != nil {
			b.Error(err)
		}
	}()
	for _, table := range h.cat.Tables() {
		if err := cut.Take(b.Context(), table); err != nil {
			b.Fatal(err)
		}
	}
	now := demo.DefaultReference()
	for _, v := range h.cat.Views() {
		if _, err := cut.Fill(b.Context(), &v, v.Refresh.Tick(now, now.Location())); err != nil {
			b.Fatal(err)
		}
	}
	regions, _ := h.cat.Metric(queries.RegionsMetric)
	answer, err := cut.Ask(b.Context(), regions, time.Time{}, nil)
	if err != nil {
		b.Fatal(err)
	}
	var metrics []*queries.Metric
	for i := range h.cat.Metrics {
		if h.cat.Metrics[i].Rows == queries.RowsPlaces {
			metrics = append(metrics, &h.cat.Metrics[i])
		}
	}
	for _, name := range []string{"the same rows", "another tree"} {
		b.Run(name, func(b *testing.B) {
			tree, err := warehouse.ReadTree(answer)
			if err != nil {
				b.Fatal(err)
			}
			ask := func() (rows int) {
				if name == "another tree" {
					tree = queries.NewTree(tree.Regions)
				}
				for part := range slices.Chunk(metrics, 8) {
					answers, err := cut.AskTogether(b.Context(), part, now, now.Location(), tree)
					if err != nil {
						b.Fatal(err)
					}
					for _, a := range answers {
						for _, of := range a {
							rows += len(of)
						}
					}
				}
				return rows
			}
			ask()
			rows, busy := 0, cpu(b, os.Getpid())
			for b.Loop() {
				rows = ask()
			}
			each := float64(rows) * float64(b.N)
			b.ReportMetric(float64(rows), "rows/op")
			b.ReportMetric(1e9*(cpu(b, os.Getpid())-busy)/each, "cpu-ns/row")
		})
	}
}
