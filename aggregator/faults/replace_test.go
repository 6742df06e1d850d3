package faults_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
	"liaowang/aggregator/demo"
	"liaowang/aggregator/engine/enginetest"
	"liaowang/aggregator/linktest"
	"liaowang/queries/warehouse"
)

// pair are two aggregators, one of which leads, each with networks of its own.
type pair struct {
	tb     testing.TB
	client *redis.Client
	store  *batch.Store
	w      *warehouse.Warehouse
	nodes  map[string]*process
	source map[string]*linktest.Link
	redis  map[string]*linktest.Link
}

func startPair(tb testing.TB, few bool, fill func(*warehouse.Warehouse) error) *pair {
	tb.Helper()
	engine, server := enginetest.StartMigrated(tb), redistest.Start(tb)
	w := enginetest.Open(tb, engine.URL())
	if err := fill(w); err != nil {
		tb.Fatal(err)
	}
	p := &pair{tb: tb, w: w, client: redis.NewClient(&redis.Options{Addr: server.Addr()}), nodes: map[string]*process{}, source: map[string]*linktest.Link{}, redis: map[string]*linktest.Link{}}
	tb.Cleanup(func() { p.client.Close() })
	p.store = batch.NewStore(p.client, province)
	for _, name := range []string{"one", "two"} {
		p.source[name], p.redis[name] = linktest.Start(tb, engine.Addr().String()), linktest.Start(tb, server.Addr())
		p.nodes[name] = start(tb, settings{Node: name, ClickHouse: "http://" + p.source[name].Addr() + "/liaowang", Redis: "redis://" + p.redis[name].Addr() + "/0", Few: few})
	}
	return p
}

// ready waits until one leads and has published, and the other stands by; it gives the
// leader's name and term.
func (p *pair) ready() (leader string, term uint64) {
	p.tb.Helper()
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		snap, err := p.store.Load(p.tb.Context(), 0)
		if err != nil {
			p.tb.Fatal(err)
		}
		able, err := p.client.Exists(p.tb.Context(), "liaowang:{460000}:able").Result()
		if err != nil {
			p.tb.Fatal(err)
		}
		if snap.Header != nil && snap.Status != nil && snap.Status.Term == snap.Header.Term && snap.Status.Source == batch.SourceOK && able > 0 && p.term() == snap.Header.Term {
			return snap.Status.Node, snap.Header.Term
		}
		if time.Now().After(deadline) {
			p.tb.Fatalf("there is no leader with another who stands by: %+v, able: %d", snap.Status, able)
		}
	}
}

// term is that of the lease, 0 where nobody has it.
func (p *pair) term() uint64 {
	term, _ := strconv.ParseUint(p.client.HGet(p.tb.Context(), "liaowang:{460000}:lease", "term").Val(), 10, 64)
	return term
}

// replaced waits until another leads, and until a batch of that one can be read.
func (p *pair) replaced(term uint64) (led, shown time.Duration) {
	p.tb.Helper()
	begun := time.Now()
	for deadline := begun.Add(2 * time.Minute); ; time.Sleep(2 * time.Millisecond) {
		if led == 0 && p.term() > term {
			led = time.Since(begun)
		}
		var h batch.Header
		if head, err := p.client.HGet(p.tb.Context(), "liaowang:{460000}:head", "header").Result(); led > 0 && err == nil {
			if err := json.Unmarshal([]byte(head), &h); err == nil && h.Term > term {
				return led, time.Since(begun)
			}
		}
		if time.Now().After(deadline) {
			p.tb.Fatalf("the leader of term %d is never replaced", term)
		}
	}
}

// TestALeaderWhoCannotReachTheSourceStandsAside: it is cut off from the engine, another
// is not, and goes on. When the network is back nothing is the matter.
func TestALeaderWhoCannotReachTheSourceStandsAside(t *testing.T) {
	p := startPair(t, true, handMade(t))
	leader, term := p.ready()
	p.source[leader].Cut()
	if err := assets(t.Context(), p.w.Conn(), 7); err != nil {
		t.Fatal(err)
	}
	p.replaced(term)
	snap, err := p.store.Load(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if state, err := stateOf(index(snap.Frames)); err != nil || state != 7 || snap.Header.Term <= term {
		t.Fatalf("batch %d of term %d shows state %d, %v; the leader cut off had term %d", snap.Header.Number, snap.Header.Term, state, err, term)
	}
	p.source[leader].Mend()
	if next, _ := p.ready(); next == leader {
		t.Fatalf("%s leads again, though the other did not fail", leader)
	}
}

// handMade fills the tables with the writers' first state.
func handMade(tb testing.TB) func(*warehouse.Warehouse) error {
	return func(w *warehouse.Warehouse) error {
		for _, sql := range []string{regionRows, moreRegionRows} {
			if err := w.Conn().Exec(tb.Context(), sql); err != nil {
				return err
			}
		}
		if err := households(tb.Context(), w.Conn(), 0); err != nil {
			return err
		}
		return assets(tb.Context(), w.Conn(), 0)
	}
}

// BenchmarkReplacement measures how long a leader that is killed, frozen or cut off leads
// on in name (led), and how long until a batch of the next can be read (shown): all
// metrics, of the demo province, and the next begins with nothing.
func BenchmarkReplacement(b *testing.B) {
	p := startPair(b, false, func(w *warehouse.Warehouse) error {
		return demo.Load(b.Context(), w.Conn(), demo.Options{Mode: demo.ModeStill, Reference: demo.Today(time.Now())})
	})
	for _, k := range []struct {
		name       string
		begin, end func(leader string)
	}{
		{"killed", func(n string) { p.nodes[n].kill() }, func(n string) { p.nodes[n].restart() }},
		{"frozen", func(n string) { send(p.nodes[n].cmd.Process.Pid, syscall.SIGSTOP) }, func(n string) { send(p.nodes[n].cmd.Process.Pid, syscall.SIGCONT) }},
		{"cut off from Redis", func(n string) { p.redis[n].Cut() }, func(n string) { p.redis[n].Mend() }},
		{"network to Redis stalls", func(n string) { p.redis[n].Stall() }, func(n string) { p.redis[n].Mend() }},
		{"cut off from the source", func(n string) { p.source[n].Cut() }, func(n string) { p.source[n].Mend() }},
	} {
		b.Run(k.name, func(b *testing.B) {
			var led, shown []time.Duration
			for range b.N {
				leader, term := p.ready()
				k.begin(leader)
				l, s := p.replaced(term)
				led, shown = append(led, l), append(shown, s)
				k.end(leader)
			}
			slices.Sort(led)
			slices.Sort(shown)
			for name, all := range map[string][]time.Duration{"led": led, "shown": shown} {
				b.ReportMetric(all[len(all)/2].Seconds(), name+"-p50-s")
				b.ReportMetric(all[len(all)-1].Seconds(), name+"-max-s")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}
