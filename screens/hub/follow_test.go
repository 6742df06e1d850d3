package hub_test

import (
	"fmt"
	"testing"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
)

// long is a frame of so many rows that a changed one travels alone.
func long(number uint64, first float64) *batch.Frame {
	f := &batch.Frame{Metric: "monitored.by_cause", Region: province, Changed: number}
	for i := range 40 {
		f.Rows = append(f.Rows, []batch.Cell{batch.Text(fmt.Sprint("cause_", i)), batch.Num(first)})
		first = 0
	}
	return f
}

// send publishes a batch of the frames, as changes of before if there are any.
func (h *hall) send(number uint64, before map[batch.Key]*batch.Frame, frames ...*batch.Frame) {
	h.t.Helper()
	header := batch.Header{History: "history", Term: h.lease.Term, Number: number, AsOf: time.Unix(int64(number), 0).UTC(), Checks: []batch.Check{}}
	if err := h.store.Publish(h.t.Context(), h.lease, header, h.base, frames, before); err != nil {
		h.t.Fatal(err)
	}
	h.base = number
}

// newest waits until the hub shows a batch and gives its long frame.
func (h *hall) newest(number uint64) *batch.Frame {
	h.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if header, f := h.hub.Newest("monitored.by_cause", province); header != nil && header.Number >= number {
			return f
		}
	}
	h.t.Fatalf("the hub never shows batch %d", number)
	return nil
}

func TestDeltasMakeNewFramesAndLeaveThoseThatAreShown(t *testing.T) {
	h := newHall(t, "")
	h.publish(1, 1)
	first := long(2, 1)
	h.send(2, nil, first)
	shown := h.newest(2)
	snap, err := h.store.LoadOnto(t.Context(), 1, nil)
	if err != nil || len(snap.Frames) != 1 {
		t.Fatal(err)
	}
	second := long(3, 5)
	h.send(3, map[batch.Key]*batch.Frame{first.Key(): first}, second)
	if snap, err = h.store.LoadOnto(t.Context(), 2, map[batch.Key]*batch.Frame{first.Key(): first}); err != nil || snap.Deltas != 1 {
		t.Fatalf("%d frames travelled as deltas, expected 1: %v", snap.Deltas, err)
	}
	if f := h.newest(3); fmt.Sprint(f) != fmt.Sprint(second) {
		t.Errorf("the hub has %v, expected %v", f, second)
	}
	if fmt.Sprint(shown) != fmt.Sprint(first) {
		t.Errorf("the frame of the batch before became %v", shown)
	}
}

func TestARedisThatCameBackOlderDoesNotTakeTheHubBack(t *testing.T) {
	server := redistest.Start(t)
	h := newHall(t, server.URL())
	h.publish(1, 1)
	h.send(5, nil, long(5, 5))
	h.newest(5)
	server.Kill()
	server.Restart()
	var err error
	if h.lease, err = h.store.Acquire(t.Context(), "test", "run", batch.Floor{}, time.Hour); err != nil {
		t.Fatal(err)
	}
	h.base = 0
	h.publish(1, 1)
	h.send(3, nil, long(3, 3)) // what a fail-over may bring back
	d := h.open()
	d.subscribe(province, "null")
	if m := d.until("snapshot"); m.number() != 5 {
		t.Fatalf("the hub shows batch %d, expected 5", m.number())
	}
	h.send(6, nil, long(6, 6))
	if f := h.newest(6); f.Changed != 6 {
		t.Errorf("the frame is that of batch %d, expected 6", f.Changed)
	}
}
