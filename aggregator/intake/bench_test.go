package intake_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"liaowang/aggregator/intake"
)

// visits generates visits as CSV or NDJSON without end or storage.
type visits struct {
	format intake.Format
	next   int
	until  int
	size   int64 // ends after so many bytes, where it is given
	made   int64
	buf    []byte
	left   []byte
}

func (v *visits) Read(p []byte) (int, error) {
	for len(v.left) == 0 {
		if v.until > 0 && v.next >= v.until || v.size > 0 && v.made >= v.size {
			return 0, io.EOF
		}
		v.buf = v.buf[:0]
		if v.next == 0 && v.format == intake.CSV {
			v.buf = append(v.buf, visitHead...)
		}
		for range 200 {
			n := v.next
			v.next++
			minute, day, year := n%60, n/60%28+1, 2020+n%6
			if v.format == intake.CSV {
				v.buf = append(v.buf, "V-"...)
				v.buf = strconv.AppendInt(v.buf, int64(n), 10)
				v.buf = append(v.buf, ",H-"...)
				v.buf = strconv.AppendInt(v.buf, int64(n%1_270_000), 10)
				v.buf = fmt.Appendf(v.buf, ",460105100201,%d-03-%02d 10:%02d:00,visit,no_risk\n", year, day, minute)
			} else {
				v.buf = fmt.Appendf(v.buf, `{"visit":"V-%d","household":"H-%d","village":460105100201,"at":"%d-03-%02d 10:%02d:00","kind":"visit","result":"no_risk"}`+"\n", n, n%1_270_000, year, day, minute)
			}
		}
		v.left = v.buf
		v.made += int64(len(v.buf))
	}
	n := copy(p, v.left)
	v.left = v.left[n:]
	return n, nil
}

func benchmarkIntake(b *testing.B, file string, content func(n int) io.Reader) {
	const rows = 1_000_000
	b.ReportAllocs()
	for i := range b.N {
		b.StopTimer()
		p := newProvince(b)
		in := content(rows)
		b.StartTimer()
		a, err := p.takeAs(intake.Delivery{ID: fmt.Sprint("bench-", i), Table: "visits", File: file, Content: in})
		if err != nil {
			b.Fatal(err)
		}
		if a.Accepted != rows {
			b.Fatalf("%+v", a)
		}
	}
	b.ReportMetric(float64(b.N)*rows/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkIntakeCSV(b *testing.B) {
	benchmarkIntake(b, "visits.csv", func(n int) io.Reader { return &visits{format: intake.CSV, until: n} })
}

func BenchmarkIntakeNDJSON(b *testing.B) {
	benchmarkIntake(b, "visits.ndjson", func(n int) io.Reader { return &visits{format: intake.NDJSON, until: n} })
}

func BenchmarkIntakeParquet(b *testing.B) {
	risk := "no_risk"
	var content []byte
	benchmarkIntake(b, "visits.parquet", func(n int) io.Reader {
		if content == nil {
			rows := make([]parquetVisit, n)
			for i := range rows {
				rows[i] = parquetVisit{int64(i + 1), fmt.Sprint("H-", i%1_270_000), 460105100201, time.Date(2020+i%6, 3, i/60%28+1, 2, i%60, 0, 0, time.UTC), "visit", &risk}
			}
			content = parquetFile(b, rows)
		}
		return bytes.NewReader(content)
	})
}

var soak = flag.Int64("soak", 0, "bytes of CSV that TestMemoryIsFlat delivers, in GiB; 0: 64 MiB")

// TestMemoryIsFlat delivers a file in a process whose memory is measured. With
// -soak 5 it is one of 5 GiB.
func TestMemoryIsFlat(t *testing.T) {
	size := int64(64 << 20)
	if raceDetector {
		size = 8 << 20
	}
	if *soak > 0 {
		size = *soak << 30
	}
	p := newProvince(t)
	begun := time.Now()
	peak := resident(t)
	last := time.Now()
	v := &visits{format: intake.CSV, size: size}
	a, err := p.takeAs(intake.Delivery{ID: "soak", Table: "visits", File: "visits.csv", Content: v, Progress: func(rows, bytes int64) {
		peak = max(peak, resident(t))
		if time.Since(last) > 20*time.Second {
			last = time.Now()
			t.Logf("%s: %d rows, %d MiB read, %d MiB resident", time.Since(begun).Round(time.Second), rows, bytes>>20, resident(t)>>20)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d rows, %d MiB in %s: %.0f rows/s; at most %d MiB resident", a.Accepted, v.made>>20, time.Since(begun).Round(time.Millisecond), float64(a.Accepted)/time.Since(begun).Seconds(), peak>>20)
	if a.Accepted != uint64(v.next) {
		t.Errorf("%+v of %d rows", a, v.next)
	}
	if peak > 256<<20 && !raceDetector { // which takes several times the memory
		t.Errorf("%d MiB were resident", peak>>20)
	}
	runtime.KeepAlive(p)
}

// resident is the process's memory, from the kernel.
func resident(t testing.TB) int64 {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}
