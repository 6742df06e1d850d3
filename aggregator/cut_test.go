package aggregator_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"liaowang/aggregator/batch"
)

// TestAWriterWhoNeverPausesBreaksNoIdentity: while households appear, move
// between counties, change type, are eliminated and rolled back as fast as a
// writer can insert, every batch is one state of the data.
func TestAWriterWhoNeverPausesBreaksNoIdentity(t *testing.T) {
	batches := 150
	if testing.Short() {
		batches = 60
	}
	h := newHall(t, "").few()
	h.regions()
	h.household(1, 460105100001, "unstable_lifted", 3, "monitored")
	ctx, stop := context.WithCancel(t.Context())
	var writer sync.WaitGroup
	writer.Go(func() {
		if err := scribble(ctx, h.w.Conn()); err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	})
	defer func() { stop(); writer.Wait() }()
	h.run("one")

	var seen, moved int
	var last, total float64
	f := frames{}
	for deadline := time.Now().Add(8 * time.Minute); seen < batches; {
		if time.Now().After(deadline) {
			t.Fatalf("%d batches in eight minutes, want %d", seen, batches)
		}
		snap, err := h.store.LoadOnto(ctx, uint64(last), f)
		if err != nil {
			t.Fatal(err)
		}
		if snap.Header == nil || float64(snap.Header.Number) <= last {
			time.Sleep(2 * time.Millisecond)
			continue
		}
		last = float64(snap.Header.Number)
		for k, v := range index(snap.Frames) { // what changed, laid over what was there
			f[k] = v
		}
		seen++
		for _, k := range snap.Header.Checks {
			if !k.OK {
				t.Fatalf("batch %v: %s: %s %+v", last, k.ID, k.Words, k.Failures)
			}
		}
		identities(t, f)
		if now := f.sum("monitored.total", "460000"); now != total {
			total, moved = now, moved+1
		}
	}
	if moved < batches/2 {
		t.Fatalf("the figures moved in %d of %d batches: the writer hardly wrote", moved, seen)
	}
	t.Logf("%d batches, %d of them with another total, at the end %v households", seen, moved, total)
}

// identities are worked out from the frames as they are shown, not by the SQL
// of the checks.
func identities(t testing.TB, f frames) {
	t.Helper()
	for _, region := range []string{"460000", "460100", "469001", "460105100", "460105101", "469001100"} {
		total := f.sum("monitored.total", region)
		if types := f.sum("monitored.by_type", region); types != total {
			t.Fatalf("%s: types sum to %v, total is %v", region, types, total)
		}
		if parts := f.sum("risk.eliminated", region) + f.sum("risk.remaining", region); parts != total {
			t.Fatalf("%s: eliminated and remaining sum to %v, total is %v", region, parts, total)
		}
	}
	for _, region := range []string{"460000", "460100", "469001"} {
		if below, total := f.sum("monitored.by_region", region), f.sum("monitored.total", region); below != total {
			t.Fatalf("%s: regions below sum to %v, total is %v", region, below, total)
		}
	}
}

// sum adds the households of a frame's rows.
func (f frames) sum(metric, region string) (n float64) {
	frame := f[batch.Key{Metric: metric, Region: region}]
	if frame == nil {
		return -1
	}
	for _, row := range frame.Rows {
		for _, c := range row {
			if c.State == batch.IsNumber {
				n += c.Number
				break // households come before persons
			}
		}
	}
	return n
}

// scribble inserts states of households without a pause until ctx is done.
func scribble(ctx context.Context, conn driver.Conn) error {
	r := rand.New(rand.NewPCG(46, 1))
	villages := []uint64{460105100001, 460105101001, 469001100001}
	types := []string{"unstable_lifted", "marginal_poor", "sudden_hardship"}
	states := []string{"monitored", "monitored", "eliminated", "removed"}
	for version := uint64(1000); ; version++ {
		insert, err := conn.PrepareBatch(ctx, "INSERT INTO households (household, village, type, causes, persons, state, recognised_at, version)")
		if err != nil {
			return err
		}
		for range 1 + r.IntN(20) {
			err := insert.Append(uint64(r.IntN(4000)), villages[r.IntN(3)], types[r.IntN(3)], []string{"illness"}, uint8(1+r.IntN(9)), states[r.IntN(4)], time.Unix(1_600_000_000, 0), version)
			if err != nil {
				return err
			}
		}
		if err := insert.Send(); err != nil {
			return err
		}
	}
}
