package hub

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"github.com/gorilla/websocket"
)

// restLimit bounds what is kept for a display beyond the one message that did not
// fit: control frames, bytes.
const restLimit = 4096

// readLimit bounds what a display may send from one beat to the next, bytes. Messages are
// counted where they are read; this is for pongs and pieces of messages without end.
const readLimit = 1 << 20

var (
	errRest = errors.New("hub: the display takes nothing and asks for more")
	errRead = errors.New("hub: the display sends more than it may")
)

// tooBig is what the library says to a message that is too large. It does not say whether to
// come back, as the connection does, which knows of the fault, too.
var tooBig = newFrame(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseMessageTooBig, ""))

// socket is a display's connection. Writing to it does not wait: what the kernel
// does not take at once is kept, and a goroutine that lives only as long hands it over.
// So one goroutine serves many displays and none of them delays another, and a display
// that takes what it gets costs no goroutine for writing and no timer.
type socket struct {
	net.Conn
	raw     syscall.RawConn // nil where there is none: then all is kept first
	timeout time.Duration   // how long handing over one message may take
	// freed is called when all that was kept has been handed over; spawn runs what
	// hands it over.
	freed func()
	spawn func(func())
	got   atomic.Int64 // bytes read since the last beat
	// deflates says that permessage-deflate was agreed on.
	deflates bool

	mu    sync.Mutex
	armed bool
	busy  bool     // a goroutine hands over what is kept
	rest  [][]byte // kept, behind what that goroutine has taken
	size  int      // bytes in rest
	// The arguments of try, which are handed on through attempt: a closure for
	// each message would be garbage for each message.
	attempt func(fd uintptr)
	piece   []byte
	taken   int
	fault   error
}

// hijacked gives the upgrader a socket instead of the connection under it.
type hijacked struct {
	http.ResponseWriter
	socket *socket
}

func (w *hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	s := w.socket
	s.Conn = conn
	if sys, ok := conn.(syscall.Conn); ok {
		if raw, err := sys.SyscallConn(); err == nil {
			s.raw = raw
		}
	}
	s.attempt = func(fd uintptr) { s.taken, s.fault = writeNow(fd, s.piece) }
	return s, rw, nil
}

// arm begins: until then writes wait, as the upgrader expects it.
func (s *socket) arm(freed func(), spawn func(func())) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed, s.freed, s.spawn = true, freed, spawn
}

func (s *socket) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	if err == nil && s.got.Add(int64(n)) > readLimit {
		return 0, errRead
	}
	return n, err
}

// Write hands p over, or keeps what does not fit. It may keep p itself: whoever
// writes here does not write into p again.
func (s *socket) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.armed {
		// The answer to the upgrade, which alone says what has been agreed on.
		s.deflates = bytes.Contains(p, []byte("permessage-deflate"))
		return s.Conn.Write(p)
	}
	if bytes.Equal(p, tooBig) {
		return len(p), nil
	}
	if s.busy {
		if s.size+len(p) > restLimit {
			return 0, errRest
		}
		s.keep(p)
		return len(p), nil
	}
	n, err := s.try(p)
	if err != nil {
		return n, err
	}
	if n < len(p) {
		s.keep(p[n:])
		s.busy = true
		s.spawn(s.handOver)
	}
	return len(p), nil
}

func (s *socket) keep(p []byte) {
	s.rest = append(s.rest, p)
	s.size += len(p)
}

// try writes what the kernel takes now.
func (s *socket) try(p []byte) (int, error) {
	if s.raw == nil {
		return 0, nil
	}
	for {
		s.piece = p
		err := s.raw.Control(s.attempt)
		s.piece = nil
		switch {
		case err != nil:
			return 0, err
		case s.fault == syscall.EINTR:
		case s.fault == syscall.EAGAIN:
			return 0, nil
		default:
			return s.taken, s.fault
		}
	}
}

// writeNow writes to a connection what the kernel takes at once. Go's scheduler is not told
// of the call, which cannot wait, nor is its poller made ready for a wait that never comes:
// that is an eighth of what a short message costs, and there is one for each display.
func writeNow(fd uintptr, p []byte) (int, error) {
	n, _, fault := syscall.RawSyscall(syscall.SYS_WRITE, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	if fault != 0 {
		return 0, fault
	}
	return int(n), nil
}

// handOver writes what is kept, waiting for the display, and ends when nothing is left.
func (s *socket) handOver() {
	for {
		s.mu.Lock()
		rest := s.rest
		s.rest, s.size = nil, 0
		if len(rest) == 0 {
			_ = s.Conn.SetWriteDeadline(time.Time{})
			s.busy = false
			s.mu.Unlock()
			s.freed()
			return
		}
		s.mu.Unlock()
		for _, p := range rest {
			_ = s.Conn.SetWriteDeadline(time.Now().Add(s.timeout))
			if _, err := s.Conn.Write(p); err != nil {
				s.Close() // the reader ends, and with it the display
				return
			}
		}
	}
}

// full says that the display has not taken yet what it was given.
func (s *socket) full() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.busy
}

// SetWriteDeadline leaves an armed socket alone: nothing waits but handOver, which
// sets its own.
func (s *socket) SetWriteDeadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.armed {
		return nil
	}
	return s.Conn.SetWriteDeadline(t)
}
