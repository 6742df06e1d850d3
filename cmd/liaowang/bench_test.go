package main

import (
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"testing"

	"liaowang/screens/hub/fanout"
)

// What follows runs the benchmarks small: that they measure what they say, not how much.

func TestBenchFanoutMeasures(t *testing.T) {
	if testing.Short() {
		t.Skip("make soak runs it")
	}
	recording := filepath.Join(t.TempDir(), "recording")
	out, err := command("bench", "fanout", "--json", "--recording", recording, "--record", "2", "--data", loaded(t), "--log", "warn", "--settle", "50ms",
		"--displays", "12", "--batches", "10", "--rate", "10", "--bad", "5", "--return", "12", "--churn", "20", "--scene", "overview/460000,overview/469001").Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, told(err))
	}
	if rec, err := fanout.OpenRecording(recording); err != nil || len(rec.Steps) < 2 {
		t.Fatalf("the recording was not kept: %v", err)
	}
	var report fanout.Report
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if len(report.Cases) != 2 || report.Frames < 1 {
		t.Fatalf("measured %d cases, %.1f frames a batch: want one without and one with bad displays", len(report.Cases), report.Frames)
	}
	for _, m := range report.Cases {
		h := m.Heard
		if h.Displays != 12 || h.Batches != 10 || h.Missing != 0 || h.Lost != 0 || h.Delivered < 12 || h.Delivered > 120 {
			t.Errorf("with %d bad displays: %+v", m.Bad, h)
		}
		if m.CPU <= 0 || m.PerBatch() <= 0 || h.P50 <= 0 || h.P50 > h.P99 || h.P99 > h.Most {
			t.Errorf("with %d bad displays: CPU %s, %.0f bytes a batch, p50 %s, p99 %s, most %s", m.Bad, m.CPU, m.PerBatch(), h.P50, h.P99, h.Most)
		}
		if h.Whole < 1 {
			t.Error("no display was looked at whole")
		}
	}
	if report.Cases[1].Spoilt.Displays != 5 {
		t.Errorf("spoilt: %+v", report.Cases[1].Spoilt)
	}
	if r := report.Returned; len(r) != 1 || r[0].Displays != 12 || r[0].Current <= 0 || r[0].Bytes <= 0 {
		t.Errorf("returned: %+v", r)
	}
	if c := report.Churned; len(c) != 1 || c[0].Times != 20 || c[0].Before.Goroutines < 1 || c[0].After.Displays != 0 {
		t.Errorf("churned: %+v", c)
	}
}

func TestBenchGlassMeasures(t *testing.T) {
	if testing.Short() {
		t.Skip("make soak runs it")
	}
	out, err := command("bench", "glass", "--json", "--changes", "3", "--data", loaded(t), "--log", "warn").Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, told(err))
	}
	var report glassReport
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if len(report.All) != 3 || len(report.Kinds) != 3 || report.All[0] <= 0 {
		t.Fatalf("measured %+v", report)
	}
}

// told is what a program that failed said on stderr.
func told(err error) string {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return string(exit.Stderr)
	}
	return ""
}
