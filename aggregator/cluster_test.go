package aggregator_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
	"liaowang/aggregator/engine/enginetest"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// hallOn is a hall over servers of the test's own.
func hallOn(t *testing.T, o warehouse.Options) *hall {
	t.Helper()
	h := &hall{t: t, database: warehouse.DefaultDatabase, w: opened(t, o)}
	var err error
	if h.cat, err = queries.Load(); err != nil {
		t.Fatal(err)
	}
	client, err := batch.Connect(redistest.Start(t).URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	h.store = batch.NewStore(client, "460000")
	return h.few()
}

func opened(t *testing.T, o warehouse.Options) *warehouse.Warehouse {
	t.Helper()
	w, err := warehouse.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// hallOnCluster is a hall over the shards of a cluster, whose tables it makes.
func hallOnCluster(t *testing.T, c *enginetest.Cluster, servers ...*enginetest.Server) *hall {
	t.Helper()
	h := hallOn(t, warehouse.Options{URL: enginetest.URL("", servers...), Cluster: c.Name})
	statements, err := h.cat.Schema.DDL(queries.Layout{Cluster: c.Name, Single: true, Apart: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.w.CreateOnCluster(t.Context(), statements, nil); err != nil {
		t.Fatal(err)
	}
	return h
}

// total waits for a batch after another one that says how many households, and how
// many persons, are monitored.
func (h *hall) total(after uint64, want string) uint64 {
	h.t.Helper()
	header, f := h.next("the total is "+want, func(b batch.Header, f frames) bool {
		return b.Number > after && f.rows("monitored.total", "460000") == want
	})
	identities(h.t, f)
	return header.Number
}

// Both servers hold the same rows, as replicas do; a household more on the second one
// tells which of them was asked.
func TestAnotherServerTakesOver(t *testing.T) {
	c := enginetest.StartCluster(t, 1, 2)
	first, second := c.Shards[0][0], c.Shards[0][1]
	h := hallOn(t, warehouse.Options{URL: enginetest.URL("", first, second)})
	household := `INSERT INTO households (household, village, type, causes, persons, state, recognised_at, version) VALUES `
	for _, s := range c.Shards[0] {
		w := opened(t, warehouse.Options{URL: enginetest.URL("", s)})
		if err := w.Migrate(t.Context(), queries.Migrations()); err != nil {
			t.Fatal(err)
		}
		on := *h
		on.w = w
		on.regions()
		on.household(1, 460105100001, "unstable_lifted", 3, "monitored")
		if s == second {
			on.household(2, 469001100001, "marginal_poor", 4, "monitored")
		}
	}
	h.run("one")
	last := h.total(0, "1 3; ")
	first.Kill()
	last = h.total(last, "2 7; ")
	// The first is back and is not mixed with what the second says.
	first.Start(t)
	on := *h
	on.w = opened(t, warehouse.Options{URL: enginetest.URL("", second)})
	on.exec(household + "(3, 460105101001, 'marginal_poor', ['illness'], 1, 'monitored', '2021-01-01', 1)")
	last = h.total(last, "3 8; ")
	second.Kill()
	h.total(last, "1 3; ")
}

// Replicas of a shard differ here by a household, which tells which was asked.
func TestAReplicaOfAShardIsLost(t *testing.T) {
	c := enginetest.StartCluster(t, 2, 2)
	h := hallOnCluster(t, c, c.Shards[0][0], c.Shards[1][1])
	shard := func(i int, r int) *hall {
		on := *h
		on.w = opened(t, warehouse.Options{URL: enginetest.URL("", c.Shards[i][r])})
		return &on
	}
	regions := "INSERT INTO regions_local (code, level, parent, name, version) VALUES "
	for r := range 2 {
		shard(0, r).exec("INSERT INTO history_local VALUES ('61f0c404-5cb3-11e7-907b-a6006ad3dba0', 0)")
		shard(0, r).exec(regions + "(460000, 'province', 0, '海南省', 1), (460100, 'county', 460000, '海口市', 1), (469001, 'county', 460000, '五指山市', 1)")
		shard(1, r).exec(regions + "(460105100, 'township', 460100, '长流镇', 1), (460105101, 'township', 460100, '西秀镇', 1), (469001100, 'township', 469001, '通什镇', 1)")
	}
	household := "INSERT INTO households_local (household, village, type, causes, persons, state, recognised_at, version) VALUES "
	const one, two, three = "(1, 460105100001, 'marginal_poor', ['illness'], 1, 'monitored', '2021-01-01', 1)", "(2, 460105101001, 'marginal_poor', ['illness'], 2, 'monitored', '2021-01-01', 1)", "(3, 469001100001, 'unstable_lifted', ['illness'], 4, 'monitored', '2021-01-01', 1)"
	shard(0, 0).exec(household + one)
	shard(0, 1).exec(household + one + ", (10, 460105100001, 'marginal_poor', ['illness'], 10, 'eliminated', '2021-01-01', 1)")
	shard(1, 0).exec(household + two)
	shard(1, 1).exec(household + two + "," + three)
	h.run("one")
	last := h.total(0, "2 3; ")
	c.Shards[1][0].Kill()
	last = h.total(last, "3 7; ")

	// It is back, holds a cut of before and stands first in the cluster: it is not read.
	c.Shards[1][0].Start(t)
	shard(1, 1).exec(household + "(5, 460105100001, 'marginal_poor', ['illness'], 1, 'monitored', '2021-01-01', 1)")
	last = h.total(last, "4 8; ")

	// The whole shard is gone: nothing less is shown.
	c.Shards[1][0].Kill()
	c.Shards[1][1].Kill()
	shard(0, 0).exec(household + "(4, 460105100001, 'marginal_poor', ['illness'], 1, 'monitored', '2021-01-01', 1)")
	h.status(func(s *batch.Status) bool { return s != nil && s.Source == batch.SourceLost })
	if snap, err := h.store.Load(t.Context(), 0); err != nil || snap.Header.Number != last {
		t.Fatalf("batch %d followed %d without a shard (%v)", snap.Header.Number, last, err)
	}
	c.Shards[1][1].Start(t)
	last = h.total(last, "5 9; ")

	// The server that is asked goes, too.
	c.Shards[0][0].Kill()
	h.total(last, "5 18; ")
}

// A writer who never pauses writes over all shards; each of his households lies on
// one, and every identity holds.
func TestAWriterOnAClusterBreaksNoIdentity(t *testing.T) {
	c := enginetest.StartCluster(t, 2, 1)
	h := hallOnCluster(t, c, c.Shards[0][0])
	h.exec("INSERT INTO history (id) VALUES (generateUUIDv4())")
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
	last, seen := uint64(0), 0
	f := frames{}
	for deadline := time.Now().Add(5 * time.Minute); seen < 8; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d batches in five minutes", seen)
		}
		snap, err := h.store.LoadOnto(ctx, last, f)
		if err != nil {
			t.Fatal(err)
		}
		if snap.Header == nil || snap.Header.Number == last {
			continue
		}
		last = snap.Header.Number
		for k, v := range index(snap.Frames) {
			f[k] = v
		}
		seen++
		for _, k := range snap.Header.Checks {
			if !k.OK {
				t.Fatalf("batch %v: %s: %s %+v", last, k.ID, k.Words, k.Failures)
			}
		}
		identities(t, f)
	}
	stop()
	writer.Wait()
	// At the end the figures are those of the tables. (The last insert was cut off: it may
	// arrive a moment later, or not.)
	header, shown := h.next("the figures are the tables'", func(_ batch.Header, f frames) bool {
		var households uint64
		if err := h.w.Conn().QueryRow(t.Context(), "SELECT count() FROM households FINAL WHERE state != 'removed'").Scan(&households); err != nil {
			t.Fatal(err)
		}
		return f.sum("monitored.total", "460000") == float64(households)
	})
	// It is recorded over the shards, and read from there.
	id := warehouse.BatchID{Term: header.Term, Number: header.Number}
	recorded, err := h.w.Batch(t.Context(), id.Number, id)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := h.w.Frames(t.Context(), recorded, "", "")
	if err != nil || len(kept) != len(shown) {
		t.Fatalf("%d frames of batch %d are recorded, want %d: %v", len(kept), id.Number, len(shown), err)
	}
}
