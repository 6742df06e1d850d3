package hub

import (
	"context"
	"sync"
)

// shard is some of the connections, and the goroutine that writes to them when there
// is news for all.
type shard struct {
	poke chan struct{} // holds one token: there may be something to write

	mu    sync.Mutex
	conns []*conn
}

func newShard() *shard { return &shard{poke: make(chan struct{}, 1)} }

func (s *shard) add(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.place = len(s.conns)
	s.conns = append(s.conns, c)
}

func (s *shard) remove(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.conns) - 1
	s.conns[c.place] = s.conns[last]
	s.conns[c.place].place = c.place
	s.conns[last] = nil
	s.conns = s.conns[:last]
}

// list appends the connections of now to into.
func (s *shard) list(into []*conn) []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(into, s.conns...)
}

func (s *shard) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// wake lets the shard look what its connections are owed.
func (s *shard) wake() {
	select {
	case s.poke <- struct{}{}:
	default:
	}
}

// run writes what is owed whenever the shard is woken. Whoever joins meanwhile is
// served by its own reader.
func (s *shard) run(ctx context.Context) {
	var conns []*conn
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.poke:
		}
		conns = s.list(conns[:0])
		for _, c := range conns {
			c.flush()
		}
		clear(conns) // those that go are not to be kept here
	}
}
