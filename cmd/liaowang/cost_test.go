package main

import (
	"cmp"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
	"liaowang/queries"
	"liaowang/screens"
	"liaowang/screens/browsertest"
	"liaowang/screens/hub/fanout"
)

// recordingEnv names a recording that make bench-fanout has made; without it one is made.
const recordingEnv = "LIAOWANG_BENCH_RECORDING"

// replay is a wall's server whose batches come from a recording: what it costs to show them
// is measured on a machine that does not make them at the same time.
type replay struct {
	url  string
	feed *fanout.Feed
	sent *atomic.Int64 // bytes, over all connections
	all  []screens.Screen
}

var recorded = sync.OnceValues(func() (*fanout.Recording, error) {
	if file := os.Getenv(recordingEnv); file != "" {
		return fanout.OpenRecording(file)
	}
	folder, err := os.MkdirTemp("", "liaowang-recording-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "recording")
	if out, err := command("bench", "fanout", "--recording", file, "--displays", "10", "--batches", "0", "--log", "warn").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("bench fanout: %w\n%s", err, out)
	}
	return fanout.OpenRecording(file)
})

func startReplay(tb testing.TB) *replay {
	tb.Helper()
	rec, err := recorded()
	if err != nil {
		tb.Fatal(err)
	}
	cat, err := queries.Load()
	if err != nil {
		tb.Fatal(err)
	}
	r := &replay{sent: new(atomic.Int64)}
	if r.all, err = screens.Load(cat); err != nil {
		tb.Fatal(err)
	}
	connection, err := batch.Connect(redistest.Start(tb).URL())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = connection.Close() })
	c := commonFlags{Province: "460000"}
	store := batch.NewStore(connection, c.Province)
	if r.feed, err = fanout.NewFeed(tb.Context(), store, rec, time.Now); err != nil {
		tb.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	r.url = "http://" + l.Addr().String()
	a := newApp(slog.New(slog.DiscardHandler))
	tb.Cleanup(func() {
		if err := a.stop(); err != nil {
			tb.Error(err)
		}
	})
	if _, err = a.glass(countingListener{l, r.sent}, glassFlags{}, nil, nil, c, cat, r.all, store, newRegistry()); err != nil {
		tb.Fatal(err)
	}
	return r
}

// next publishes a batch and gives its number.
func (r *replay) next(tb testing.TB) uint64 {
	tb.Helper()
	p, err := r.feed.Publish(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return p.Number
}

// countingListener counts what is sent over its connections.
type countingListener struct {
	net.Listener
	sent *atomic.Int64
}

func (l countingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return countedConn{c, l.sent}, nil
}

type countedConn struct {
	net.Conn
	sent *atomic.Int64
}

func (c countedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.sent.Add(int64(n))
	return n, err
}

// stamped says in the browser's trace when a batch is on the glass.
const stamped = `new MutationObserver(() => performance.mark('batch')).observe(document.documentElement, {attributeFilter: ['data-batch']})`

// BenchmarkGlass is what a batch costs the browser's main thread, by Chromium's own trace, for
// each screen at 1920×1080 without a GPU: all that the thread does from a batch to the next,
// more than a second later, so that the marks of what has changed have gone again. What it
// does anyway, for the clock, is measured before and taken off.
func BenchmarkGlass(b *testing.B) {
	r := startReplay(b)
	inside := os.Getenv("LIAOWANG_BENCH_INSIDE") != ""
	for _, s := range r.all {
		b.Run(s.ID, func(b *testing.B) {
			tab := browsertest.Open(b, 1920, 1080)
			tab.Goto(r.url + "/wall/" + s.ID)
			tab.Until(`document.documentElement.dataset.truth === 'ok'`, patience)
			tab.Eval("("+stamped+", 0)", new(int))
			for range 10 { // as a wall that has been on for a while
				r.next(b)
				time.Sleep(100 * time.Millisecond)
			}
			time.Sleep(2 * time.Second)
			const rest = 5 * time.Second
			var idle work
			for _, t := range tab.Trace(false, func() { time.Sleep(rest) }).Tasks {
				idle.add(t)
			}
			const pause = 1300 * time.Millisecond
			trace := tab.Trace(inside, func() {
				for b.Loop() {
					r.next(b)
					time.Sleep(pause)
				}
			})
			drawn := trace.Marks["batch"]
			if len(drawn) < 2 {
				return // too few to say anything
			}
			each := make([]work, len(drawn)-1)
			for _, t := range trace.Tasks {
				// A batch's window begins some way before it is drawn: it arrives, is decoded, and waits.
				i, _ := slices.BinarySearch(drawn, t.Begun+200*time.Millisecond)
				if i > 0 && i < len(drawn) {
					each[i-1].add(t)
				}
			}
			for name, of := range map[string]func(work) time.Duration{
				"ms": func(w work) time.Duration { return w.wall }, "cpu-ms": func(w work) time.Duration { return w.cpu },
			} {
				var all []time.Duration
				for i, w := range each {
					all = append(all, of(w)-time.Duration(float64(of(idle))*float64(drawn[i+1]-drawn[i])/float64(rest)))
				}
				slices.Sort(all)
				b.ReportMetric(ms(at(all, 0.5)), "p50-"+name)
				b.ReportMetric(ms(at(all, 0.95)), "p95-"+name)
				b.ReportMetric(ms(of(idle))/rest.Seconds(), "idle-"+name+"/s")
			}
			for name, d := range trace.Inside {
				if each := d / time.Duration(len(drawn)); each > 200*time.Microsecond {
					b.Logf("%-32s %.2f ms a batch", name, ms(each))
				}
			}
		})
	}
}

// BenchmarkFirstScreen is how long it takes from an address in an empty browser until a screen
// is complete, and what comes over the wire for it.
func BenchmarkFirstScreen(b *testing.B) {
	r := startReplay(b)
	for _, s := range r.all {
		b.Run(s.ID, func(b *testing.B) {
			var took []time.Duration
			var bytes int64
			for b.Loop() {
				b.StopTimer()
				tab := browsertest.Open(b, 1920, 1080)
				tab.Goto("about:blank")
				was := r.sent.Load()
				b.StartTimer()
				tab.Goto(r.url + "/wall/" + s.ID)
				tab.Until(`document.documentElement.dataset.drawn`, patience)
				b.StopTimer()
				var at float64 // since the page began to be fetched, when the picture had been drawn, by the page's clock
				tab.Eval(`performance.getEntriesByName('first-picture')[0].startTime`, &at)
				took = append(took, time.Duration(at*float64(time.Millisecond)))
				bytes += r.sent.Load() - was
				b.StartTimer()
			}
			slices.Sort(took)
			b.ReportMetric(ms(at(took, 0.5)), "p50-ms")
			b.ReportMetric(ms(at(took, 1)), "most-ms")
			b.ReportMetric(float64(bytes)/float64(len(took))/1000, "KB")
		})
	}
}

// BenchmarkTiles is how far apart four browsers draw the same batch, which are the tiles of one
// wall and share this machine, and how long after its publishing the last of them has.
func BenchmarkTiles(b *testing.B) {
	r := startReplay(b)
	for _, s := range r.all {
		b.Run(s.ID, func(b *testing.B) {
			var tabs []*browsertest.Tab
			for i := range 4 {
				tab := browsertest.Open(b, 960, 540)
				tab.Goto(fmt.Sprintf("%s/wall/%s?wall=hall&tile=%d,%d&of=2x2", r.url, s.ID, 1+i%2, 1+i/2))
				tabs = append(tabs, tab)
			}
			for _, tab := range tabs {
				tab.Until(isLive, patience)
				tab.Eval(noting, new(bool))
			}
			for range 10 { // as a wall that has been on for a while
				r.next(b)
				time.Sleep(1300 * time.Millisecond)
			}
			published := map[uint64]float64{}
			for b.Loop() {
				number := r.next(b)
				published[number] = float64(time.Now().UnixMicro()) / 1000
				time.Sleep(1300 * time.Millisecond)
			}
			drawn := map[uint64][]note{}
			for _, tab := range tabs {
				var noted []note
				tab.Eval("noted", &noted)
				for _, n := range noted {
					drawn[n.Batch] = append(drawn[n.Batch], n)
				}
			}
			var begun, done, eye []time.Duration
			since := func(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }
			for number, at := range published {
				if notes := drawn[number]; len(notes) == len(tabs) {
					first, last := slices.MinFunc(notes, earlier), slices.MaxFunc(notes, earlier)
					begun = append(begun, since(last.Begun-first.Begun))
					ends := []float64{notes[0].Done, notes[1].Done, notes[2].Done, notes[3].Done}
					done = append(done, since(slices.Max(ends)-slices.Min(ends)))
					eye = append(eye, since(slices.Max(ends)-at))
				}
			}
			if len(begun) == 0 {
				b.Fatal("no batch was drawn by all tiles")
			}
			for name, all := range map[string][]time.Duration{"begun-apart-ms": begun, "done-apart-ms": done, "to-the-last-ms": eye} {
				slices.Sort(all)
				b.ReportMetric(ms(at(all, 0.5)), "p50-"+name)
				b.ReportMetric(ms(at(all, 0.95)), "p95-"+name)
			}
		})
	}
}

func earlier(a, b note) int { return cmp.Compare(a.Begun, b.Begun) }

var glassBatches = flag.Int("glass-batches", 0, "batches that a browser shows one after the other; make soak gives 50000")

// TestAWallKeepsItsMemory lets a browser show very many batches.
func TestAWallKeepsItsMemory(t *testing.T) {
	if *glassBatches == 0 {
		t.Skip("make soak runs it: it takes a quarter of an hour")
	}
	r := startReplay(t)
	tab := browsertest.Open(t, 1920, 1080)
	thread := tab.Worker(func() { tab.Goto(r.url + "/wall/overview") })
	tab.Until(`document.documentElement.dataset.truth === 'ok'`, patience)
	settled := func(number uint64) (page, charts browsertest.Held) {
		tab.Until(fmt.Sprintf(`Number(document.documentElement.dataset.batch) >= %d`, number), patience)
		time.Sleep(3 * time.Second) // marks have gone
		return tab.Held(), thread.Held()
	}
	early := min(2000, *glassBatches/2)
	var first, firstCharts browsertest.Held
	tick := time.NewTicker(time.Second / 60)
	defer tick.Stop()
	for i := range *glassBatches {
		number := r.next(t)
		if i+1 == early {
			first, firstCharts = settled(number)
			t.Logf("after %d batches: %+v, the thread of charts: %+v", i+1, first, firstCharts)
		}
		if (i+1)%5000 == 0 || i+1 == *glassBatches {
			last, charts := settled(number)
			t.Logf("after %d batches: %+v, the thread of charts: %+v", i+1, last, charts)
			if limit := firstCharts.Heap + firstCharts.Heap/20; charts.Heap > limit {
				t.Errorf("after %d batches the heap of the thread of charts holds %d bytes, after the first %d it held %d", i+1, charts.Heap, early, firstCharts.Heap)
			}
			if limit := first.Heap + first.Heap/20; last.Heap > limit {
				t.Errorf("after %d batches the heap holds %d bytes, after the first %d it held %d", i+1, last.Heap, early, first.Heap)
			}
			if last.Nodes > first.Nodes+first.Nodes/100 || last.Listeners > first.Listeners {
				t.Errorf("after %d batches there are %d nodes and %d listeners, after the first %d %d and %d", i+1, last.Nodes, last.Listeners, early, first.Nodes, first.Listeners)
			}
		}
		<-tick.C
	}
	if e := tab.Errors(); len(e) > 0 {
		t.Errorf("the page complains: %q", e)
	}
}

// work is what a thread has done.
type work struct{ wall, cpu time.Duration }

func (w *work) add(t browsertest.Task) {
	w.wall += t.Wall
	w.cpu += t.CPU
}

func at(sorted []time.Duration, share float64) time.Duration {
	return sorted[int(share*float64(len(sorted)-1))]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
