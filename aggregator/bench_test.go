package aggregator_test

import (
	"slices"
	"testing"
	"time"

	"liaowang/aggregator"
	"liaowang/aggregator/batch"
	"liaowang/aggregator/demo"
)

// BenchmarkFresh is the time from an insert's return to the batch that shows it
// being readable in Redis: the demo province, default settings, one change at a
// time.
func BenchmarkFresh(b *testing.B) {
	h := newHall(b, "")
	if err := demo.Load(b.Context(), h.w.Conn(), demo.Options{Mode: demo.ModeStill}); err != nil {
		b.Fatal(err)
	}
	h.start(aggregator.Options{Node: "one", LeastCell: 5})
	total := 12534.
	h.next("the province stands", func(_ batch.Header, f frames) bool { return f.sum("monitored.total", "460000") == total })
	var took []time.Duration
	for b.Loop() {
		time.Sleep(300 * time.Millisecond) // so that the least gap between batches has passed
		total++
		h.household(uint64(total), 460106100200, "marginal_poor", 3, "monitored")
		begun := time.Now()
		h.next("the new household counts", func(_ batch.Header, f frames) bool { return f.sum("monitored.total", "460000") == total })
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Milliseconds()), "p99-ms")
}
