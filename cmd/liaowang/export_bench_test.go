package main

import (
	"slices"
	"testing"
	"time"
)

// BenchmarkExports is what a file costs from the question to its last byte, while the demo
// province lives.
func BenchmarkExports(b *testing.B) {
	p := up(b, "--data", loaded(b), "--demo", "live")
	for _, name := range []string{"overview/cause.csv", "overview/cause.svg", "overview/cause.png", "overview.xlsx", "overview.png", "overview.pptx", "briefing/story.pptx", "briefing/story.pdf"} {
		b.Run(name, func(b *testing.B) {
			p.t = b
			var took []time.Duration
			for b.Loop() {
				begun := time.Now()
				p.fetched("/export/" + name)
				took = append(took, time.Since(begun))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Milliseconds()), "p95-ms")
		})
	}
	p.t = b
}
