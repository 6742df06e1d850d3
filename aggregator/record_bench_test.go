package aggregator_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/queries/warehouse"
)

// BenchmarkRecord is what recording a batch costs before it can be shown, rows into
// JSON included: one of 40 frames, as a household's change makes, and all frames of a
// province. Then what a recorded batch takes on the disk, and how long it takes to
// give one back.
func BenchmarkRecord(b *testing.B) {
	for _, size := range []int{40, 31_800} {
		b.Run(fmt.Sprint(size, " frames"), func(b *testing.B) {
			h := newHall(b, "")
			if err := h.w.KeepBatches(b.Context(), 0); err != nil {
				b.Fatal(err)
			}
			begun := time.Now().UTC()
			var number uint64
			record := func(n int) {
				number++
				full := max(number-number%1000, 1) // as full batches come among small ones
				if size == 31_800 {
					full = number
				}
				r := warehouse.BatchRecord{
					BatchID: warehouse.BatchID{Term: 1, Number: number}, AsOf: begun.Add(time.Duration(number) * time.Second), At: begun.Add(time.Duration(number) * time.Second),
					Base: number - 1, Previous: warehouse.BatchID{Term: 1, Number: number - 1}, Full: full, Header: benchHeader(b, h, number),
				}
				for i := range n {
					rows, err := json.Marshal(benchRows(number, i))
					if err != nil {
						b.Fatal(err)
					}
					r.Frames = append(r.Frames, warehouse.RecordedFrame{Metric: h.cat.Metrics[i*len(h.cat.Metrics)/n].ID, Region: fmt.Sprint(460000000 + i), Changed: number, Rows: rows})
				}
				if err := h.w.RecordBatch(b.Context(), r); err != nil {
					b.Fatal(err)
				}
			}
			record(31_800) // and what has to be started once
			for range 5 {
				record(size)
			}
			var took []float64
			busy := cpu(b, h.engine.PID())
			for b.Loop() {
				began := time.Now()
				record(size)
				took = append(took, float64(time.Since(began).Microseconds())/1000)
			}
			slices.Sort(took)
			b.ReportMetric(1000*(cpu(b, h.engine.PID())-busy)/float64(len(took)), "engine-cpu-ms")
			b.ReportMetric(took[len(took)/2], "p50-ms")
			b.ReportMetric(took[len(took)*99/100], "p99-ms")

			wall := warehouse.BatchID{Term: 1, Number: number}
			last, err := h.w.Batch(b.Context(), number, wall)
			if err != nil {
				b.Fatal(err)
			}
			began := time.Now()
			frames, err := h.w.Frames(b.Context(), last, "", "")
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(time.Since(began).Milliseconds()), "rebuild-ms")
			began = time.Now()
			if _, err := h.w.Frames(b.Context(), last, frames[0].Metric, frames[0].Region); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(time.Since(began).Microseconds())/1000, "one-frame-ms")

			// As they lie when ClickHouse has merged them, less the one that all begin with.
			bytes := func() (n uint64) {
				for _, table := range []string{"batches", "batch_frames"} {
					h.exec("OPTIMIZE TABLE " + table + " FINAL")
				}
				return h.count("SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = '" + h.database + "' AND table IN ('batches', 'batch_frames')")
			}
			all := bytes()
			h.exec("ALTER TABLE batch_frames DELETE WHERE number > 1 SETTINGS mutations_sync = 2")
			h.exec("ALTER TABLE batches DELETE WHERE number > 1 SETTINGS mutations_sync = 2")
			b.ReportMetric(float64(all-bytes())/float64(number-1), "disk-B/batch")
		})
	}
}

// cpu is how long a process has computed, in seconds.
func cpu(b *testing.B, pid int) float64 {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // after the name, which may hold anything
	fields := strings.Fields(rest)
	ticks := 0.
	for _, field := range fields[11:13] { // in the program and in the kernel
		n, err := strconv.ParseFloat(field, 64)
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	return ticks / 100
}

// benchRows are rows of a frame as they are on the walls: a code, a few numbers.
func benchRows(number uint64, frame int) [][]batch.Cell {
	rows := make([][]batch.Cell, 1+frame%12)
	for i := range rows {
		rows[i] = []batch.Cell{batch.Text(fmt.Sprint("code_", i)), batch.Num(float64((frame*7919+i*104729)%5000) + float64(number%50)), batch.Num(float64((frame * i) % 997)), batch.Hidden()}
	}
	return rows
}

func benchHeader(b *testing.B, h *hall, number uint64) []byte {
	header := batch.Header{History: "2f0e3c36-8c3c-4c5e-9d4a-000000000000", Term: 1, Number: number, AsOf: time.Unix(1_790_000_000+int64(number), 0).UTC(), LeastCell: 5}
	for _, k := range h.cat.Checks {
		header.Checks = append(header.Checks, batch.Check{ID: k.ID, Title: k.Title, Policy: batch.Policy(k.Policy), OK: true})
	}
	body, err := json.Marshal(header)
	if err != nil {
		b.Fatal(err)
	}
	return body
}
