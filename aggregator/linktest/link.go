// Package linktest is a network between two processes, for tests that cut it, stall
// it, slow it down, and break it half-way.
//
// Libraries made for this drop what is under way where a connection stalls. A real
// network that is back delivers it, late; that is what an aggregator must be safe from.
package linktest

import (
	"net"
	"sync"
	"testing"
	"time"
)

// Link carries connections to one address. All its methods may be called at any time.
type Link struct {
	listener net.Listener
	to       string
	work     sync.WaitGroup

	mu    sync.Mutex
	turn  *sync.Cond // the state below has changed
	state state
	conns map[*net.TCPConn]bool
	done  bool
}

// state is what the link does to what it carries.
type state struct {
	cut     bool
	stalled bool
	delay   time.Duration
	// left is how many bytes may still pass to the server before then comes about, where
	// it is not nil.
	left int
	then func(*state)
	// reset says that connections end when left is used up.
	reset bool
}

// Start starts a link to an address, host:port; it ends with the test.
func Start(tb testing.TB, to string) *Link {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	l := &Link{listener: listener, to: to, conns: map[*net.TCPConn]bool{}}
	l.turn = sync.NewCond(&l.mu)
	l.work.Go(l.accept)
	tb.Cleanup(l.stop)
	return l
}

// Addr is what clients connect to, host:port.
func (l *Link) Addr() string { return l.listener.Addr().String() }

// Cut resets all connections and every new one.
func (l *Link) Cut() { l.become(state{cut: true}); l.reset() }

// Stall lets nothing pass: connections stay, new ones are taken, and what is sent
// arrives when the link is mended, as if only a cable had been out.
func (l *Link) Stall() { l.become(state{stalled: true}) }

// StallAfter stalls the link when so many bytes more have passed to the server.
func (l *Link) StallAfter(bytes int) {
	l.become(state{left: bytes, then: func(s *state) { *s = state{stalled: true} }})
}

// BreakAfter resets all connections when so many bytes more have passed to the server;
// new ones are taken.
func (l *Link) BreakAfter(bytes int) {
	l.become(state{left: bytes, then: func(s *state) { *s = state{} }, reset: true})
}

// Slow lets every piece of up to 16 KiB take so long, each way.
func (l *Link) Slow(delay time.Duration) { l.become(state{delay: delay}) }

// Mend ends whatever was wrong.
func (l *Link) Mend() { l.become(state{}) }

// Stalled reports whether the link lets nothing pass now.
func (l *Link) Stalled() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state.stalled
}

func (l *Link) become(s state) {
	l.mu.Lock()
	l.state = s
	l.mu.Unlock()
	l.turn.Broadcast()
}

func (l *Link) stop() {
	l.mu.Lock()
	l.done = true
	l.mu.Unlock()
	l.turn.Broadcast()
	l.listener.Close()
	l.reset()
	l.work.Wait()
}

// reset ends all connections as a machine does that knows nothing of them.
func (l *Link) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		_ = c.SetLinger(0) // else it would end in peace
		c.Close()
	}
	clear(l.conns)
}

func (l *Link) accept() {
	for {
		c, err := l.listener.Accept()
		if err != nil {
			return // it is closed
		}
		l.work.Go(func() { l.carry(c.(*net.TCPConn)) })
	}
}

// add takes a connection under the link's care, unless none is to be.
func (l *Link) add(c *net.TCPConn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done || l.state.cut {
		_ = c.SetLinger(0)
		c.Close()
		return false
	}
	l.conns[c] = true
	return true
}

func (l *Link) carry(client *net.TCPConn) {
	if !l.add(client) {
		return
	}
	dialled, err := net.DialTimeout("tcp", l.to, 5*time.Second)
	if err != nil {
		l.end(client)
		return
	}
	server := dialled.(*net.TCPConn)
	if !l.add(server) {
		l.end(client)
		return
	}
	var ways sync.WaitGroup
	ways.Go(func() { l.pump(server, client, true) })
	ways.Go(func() { l.pump(client, server, false) })
	ways.Wait()
	l.end(client)
	l.end(server)
}

func (l *Link) end(c *net.TCPConn) {
	c.Close()
	l.mu.Lock()
	delete(l.conns, c)
	l.mu.Unlock()
}

// pump carries one way until an end is closed.
func (l *Link) pump(to, from *net.TCPConn, up bool) {
	buffer := make([]byte, 16<<10)
	for {
		n, err := from.Read(buffer)
		for rest := buffer[:n]; len(rest) > 0; {
			may, reset := l.pass(len(rest), up)
			if _, err := to.Write(rest[:may]); err != nil {
				_ = from.Close() // nobody takes what it sends
				return
			}
			rest = rest[may:]
			if reset {
				l.reset()
				return
			}
		}
		if err != nil {
			_ = to.CloseWrite() // what was sent before still arrives
			return
		}
	}
}

// pass waits until some bytes may pass, and says how many of n, and whether all
// connections end then.
func (l *Link) pass(n int, up bool) (may int, reset bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if d := l.state.delay; d > 0 {
		l.mu.Unlock()
		time.Sleep(d)
		l.mu.Lock()
	}
	for l.state.stalled && !l.done {
		l.turn.Wait()
	}
	if !up || l.state.then == nil {
		return n, false
	}
	may = min(n, l.state.left)
	if l.state.left -= may; l.state.left == 0 {
		reset = l.state.reset
		l.state.then(&l.state)
	}
	return may, reset
}
