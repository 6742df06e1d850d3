package batch_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
	"liaowang/aggregator/linktest"
)

// TestWhatADeposedLeaderHadSentByHalfIsRefused: its batch stops somewhere on the way, its
// lease runs out, another leads; then the rest arrives.
func TestWhatADeposedLeaderHadSentByHalfIsRefused(t *testing.T) {
	server := redistest.Start(t)
	link := linktest.Start(t, server.Addr())
	near := openStore(t, func(*testing.T) string { return server.URL() })
	far := openStore(t, func(*testing.T) string { return "redis://" + link.Addr() + "/0?read_timeout=1m&write_timeout=1m" })
	ctx := t.Context()
	r := rand.New(rand.NewPCG(46, 9))
	acquire := func(s *batch.Store, node string, ttl time.Duration) batch.Lease {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); ; {
			l, err := s.Acquire(ctx, node, node, batch.Floor{}, ttl)
			if err != nil {
				t.Fatal(err)
			}
			if l.Term != 0 {
				return l
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s never leads", node)
			}
			time.Sleep(l.Left + time.Millisecond)
		}
	}
	const ttl = 200 * time.Millisecond
	for i := range 10 {
		l := acquire(far, "frozen", ttl)
		base := l.Number
		if err := far.Publish(ctx, l, header(l, base+1), 0, numbered(base+1), nil); err != nil {
			t.Fatal(err)
		}
		// All frames of a batch are some 25 KB, its changes some 5.
		sent := 1 + r.IntN(4000)
		link.StallAfter(sent)
		answer := make(chan error, 1)
		go func() {
			published, onto := base+1, byKey(numbered(base+1))
			if i%2 == 1 {
				l.Number, published, onto = base+1, 0, nil
			}
			answer <- far.Publish(ctx, l, header(l, base+2), published, numbered(base+2), onto)
		}()
		for deadline := time.Now().Add(time.Minute); !link.Stalled(); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%d bytes never pass", sent)
			}
		}
		leader := acquire(near, "other", ttl)
		if leader.Term <= l.Term {
			t.Fatalf("term %d follows %d", leader.Term, l.Term)
		}
		if err := near.Publish(ctx, leader, header(leader, leader.Number+1), 0, numbered(leader.Number+1), nil); err != nil {
			t.Fatal(err)
		}
		link.Mend()
		if err := <-answer; !errors.Is(err, batch.ErrDeposed) {
			t.Fatalf("after %d bytes: %v", sent, err)
		}
		snap, err := near.Load(ctx, 0)
		if err != nil {
			t.Fatal(err)
		}
		if snap.Header.Term != leader.Term || fmt.Sprint(snap.Frames[0].Rows) != fmt.Sprint(numbered(leader.Number + 1)[0].Rows) {
			t.Fatalf("after %d bytes batch %d of term %d is there, want that of term %d", sent, snap.Header.Number, snap.Header.Term, leader.Term)
		}
	}
}

func TestAReplicaThatTookOverSaysSo(t *testing.T) {
	local, err := batch.StartLocal()
	if err != nil {
		t.Fatal(err)
	}
	defer local.Close()
	group := redistest.StartSentinel(t)
	for name, url := range map[string]string{"in process": local.URL(), "redis-server": redistest.Start(t).URL(), "Sentinel": group.URL()} {
		if promoted, err := openStore(t, func(*testing.T) string { return url }).Promoted(t.Context()); promoted || err != nil {
			t.Errorf("%s: %v, %v", name, promoted, err)
		}
	}
	group.Master().Kill()
	store := openStore(t, func(*testing.T) string { return group.URL() })
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if promoted, err := store.Promoted(t.Context()); promoted && err == nil {
			return
		} else if time.Now().After(deadline) {
			t.Fatalf("the new master says %v, %v", promoted, err)
		}
	}
}
