package main

import (
	"testing"
	"time"

	"liaowang/screens/browsertest"
)

// BenchmarkGlass is what a batch costs the browser: main-thread time by
// Chromium's own count, without a GPU, at 1920×1080, with a live province.
func BenchmarkGlass(b *testing.B) {
	p := up(b, "--data", b.TempDir(), "--demo", "live", "--demo-rate", "20")
	tab := browsertest.Open(b, 1920, 1080)
	drawn(tab, p.url+"/wall/overview")
	tab.Eval(watch, new(bool))
	for b.Loop() {
		before, from := tab.Metrics(), shown(tab)
		time.Sleep(10 * time.Second)
		after, to := tab.Metrics(), shown(tab)
		n := float64(to - from)
		for _, name := range []string{"TaskDuration", "ScriptDuration", "LayoutDuration"} {
			b.ReportMetric(1000*(after[name]-before[name])/n, name+"-ms/batch")
		}
		b.ReportMetric(after["JSHeapUsedSize"]/1e6, "heap-MB")
		b.ReportMetric(n/10, "batches/s")
	}
}

func shown(tab *browsertest.Tab) (n int) {
	tab.Eval("seen.batches.length", &n)
	return n
}
