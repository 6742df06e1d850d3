package hub

import (
	"context"
	"math/rand/v2"
	"time"
)

// Displays that are told to go come back elsewhere: so many a second are told, each to
// wait for a time of its own, so that the other nodes are not hit by all at once.
const (
	drainPerSecond = 2500
	drainStep      = 20 * time.Millisecond
	drainWait      = 200 * time.Millisecond // at least: who balances has to see that this node is not ready
	drainJitter    = 600 * time.Millisecond
)

// Close hands every display over to other nodes and waits until they have gone. From its
// first moment the node is not ready and takes no displays.
func (h *Hub) Close(ctx context.Context) error {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	defer func() {
		for _, c := range h.all() { // those that were not told in time
			c.ws.Close()
		}
	}()
	step := time.NewTicker(drainStep)
	defer step.Stop()
	for i, c := range h.all() {
		if i > 0 && i%(drainPerSecond*int(drainStep/time.Millisecond)/1000) == 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-step.C:
			}
		}
		c.close(Close{Draining, drainWait + rand.N(drainJitter)})
	}
	done := make(chan struct{})
	go func() { h.running.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
