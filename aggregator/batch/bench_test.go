package batch_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
)

// province is as many frames as the first batch of the full province has, of rows
// as they mostly are.
func province(frames int) (all []*batch.Frame) {
	for i := range frames {
		f := &batch.Frame{Metric: fmt.Sprintf("monitored.by_something_%d", i%60), Region: fmt.Sprint(460000000 + i), Changed: 1}
		for j := range 1 + i%20 {
			f.Rows = append(f.Rows, []batch.Cell{batch.Text(fmt.Sprint("code_", j)), batch.Num(float64(i * j)), batch.Num(float64(i) / 3), batch.Hidden()})
		}
		all = append(all, f)
	}
	return all
}

// BenchmarkEncode and BenchmarkDecode handle the 31,800 frames of a first batch.
func BenchmarkEncode(b *testing.B) {
	all := province(31_800)
	b.Run("lines", func(b *testing.B) {
		for b.Loop() {
			for _, f := range all {
				if _, err := f.AppendLines(nil); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("encoding_json", func(b *testing.B) {
		for b.Loop() {
			for _, f := range all {
				if _, err := json.Marshal(f); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	var texts, bodies []string
	for _, f := range province(31_800) {
		texts = append(texts, lines(b, f))
		body, err := json.Marshal(f)
		if err != nil {
			b.Fatal(err)
		}
		bodies = append(bodies, string(body))
	}
	b.Run("lines", func(b *testing.B) {
		for b.Loop() {
			for _, s := range texts {
				if _, err := batch.ParseFrame(s); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("encoding_json", func(b *testing.B) {
		for b.Loop() {
			for _, s := range bodies {
				if err := json.Unmarshal([]byte(s), &batch.Frame{}); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// BenchmarkTravel publishes a thousand changed frames and reads them, and says how
// many bytes Redis took and gave for each.
func BenchmarkTravel(b *testing.B) {
	series := func(region string, number uint64) *batch.Frame {
		f := &batch.Frame{Metric: "monitored.trend", Region: region, Changed: number}
		for d := range uint64(365) {
			day := time.Unix(0, 0).AddDate(0, 0, int(number+d)).UTC().Format(time.DateOnly)
			f.Rows = append(f.Rows, []batch.Cell{batch.Text(day), batch.Num(float64(1000 + 7*(number+d)))})
		}
		return f
	}
	table := func(region string, number uint64) *batch.Frame {
		f := &batch.Frame{Metric: "monitored.by_region", Region: region, Changed: number}
		for i := range 20 {
			f.Rows = append(f.Rows, []batch.Cell{batch.Text(fmt.Sprint(460000 + i)), batch.Num(float64(100 * i)), batch.Num(float64(300 * i))})
		}
		f.Rows[number%20][1] = batch.Num(float64(number))
		f.Rows[number%20][2] = batch.Num(float64(number))
		return f
	}
	for name, make := range map[string]func(string, uint64) *batch.Frame{"series of 365 days that slides": series, "table of 20 rows": table} {
		for _, deltas := range []bool{true, false} {
			how := map[bool]string{true: "deltas", false: "whole"}[deltas]
			b.Run(name+"/"+how, func(b *testing.B) { travel(b, make, deltas) })
		}
	}
}

func travel(b *testing.B, make func(region string, number uint64) *batch.Frame, deltas bool) {
	const frames = 1000
	client, err := batch.Connect(redistest.Start(b).URL())
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	s := batch.NewStore(client, "460000")
	l, err := s.Acquire(b.Context(), "a", "run", batch.Floor{}, time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	number := uint64(1)
	next := func() []*batch.Frame {
		var all []*batch.Frame
		for i := range frames {
			all = append(all, make(fmt.Sprint(460000000+i), number))
		}
		return all
	}
	all := next()
	held := map[batch.Key]*batch.Frame{}
	if err := s.Publish(b.Context(), l, header(l, number), 0, all, nil); err != nil {
		b.Fatal(err)
	}
	var publish, load time.Duration
	in, out := traffic(b, client)
	for b.Loop() {
		for _, f := range all {
			held[f.Key()] = f
		}
		if !deltas {
			held = nil
		}
		base := number
		number++
		all = next()
		begun := time.Now()
		if err := s.Publish(b.Context(), l, header(l, number), base, all, held); err != nil {
			b.Fatal(err)
		}
		published := time.Now()
		if snap, err := s.LoadOnto(b.Context(), base, held); err != nil || len(snap.Frames) != frames {
			b.Fatal(len(snap.Frames), err)
		}
		publish, load = publish+published.Sub(begun), load+time.Since(published)
		if !deltas {
			held = map[batch.Key]*batch.Frame{}
		}
	}
	newIn, newOut := traffic(b, client)
	b.ReportMetric(float64(newIn-in)/float64(b.N)/frames, "B-in/frame")
	b.ReportMetric(float64(newOut-out)/float64(b.N)/frames, "B-out/frame")
	b.ReportMetric(float64(publish.Microseconds())/float64(b.N)/1000, "publish-ms")
	b.ReportMetric(float64(load.Microseconds())/float64(b.N)/1000, "load-ms")
}

// traffic is how many bytes a Redis has taken and given.
func traffic(b *testing.B, client redis.UniversalClient) (in, out int) {
	b.Helper()
	info, err := client.Info(b.Context(), "stats").Result()
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch name {
		case "total_net_input_bytes":
			in, err = strconv.Atoi(value)
		case "total_net_output_bytes":
			out, err = strconv.Atoi(value)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	return in, out
}
