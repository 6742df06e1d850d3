package fanout

import (
	"bufio"
	"bytes"
	"compress/flate"
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gobwas/httphead"
	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsflate"
)

// mostMessage bounds a message, bytes.
const mostMessage = 64 << 20

// wire is a display's WebSocket connection. One goroutine reads, and writes; another may only
// write where that one does not.
type wire struct {
	net.Conn
	in *bufio.Reader
	// inflater is that of the whole crowd.
	inflater *inflater
}

// counted counts what is read from a connection.
type counted struct {
	net.Conn
	n *atomic.Int64
}

func (c counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.n.Add(int64(n))
	return n, err
}

// server is what a crowd connects to, and how.
type server struct {
	address  string
	dialect  Dialect
	inflater *inflater
}

// dial opens a connection. It offers permessage-deflate, as browsers do; a server need not
// take it. n counts the bytes that come; receive is the size of the kernel's buffer for them, 0
// for what is usual.
func (s server) dial(ctx context.Context, n *atomic.Int64, receive int) (*wire, error) {
	each := wsflate.Parameters{ServerNoContextTakeover: true, ClientNoContextTakeover: true}
	dialer := ws.Dialer{
		Timeout: 30 * time.Second, ReadBufferSize: 1024, WriteBufferSize: 1024, Extensions: []httphead.Option{each.Option()},
		NetDial: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			if tcp, ok := conn.(*net.TCPConn); ok && receive > 0 {
				_ = tcp.SetReadBuffer(receive) // the default is good enough for the rest
			}
			return counted{conn, n}, nil
		},
	}
	if p := s.dialect.Subprotocol(); p != "" {
		dialer.Protocols = []string{p}
	}
	conn, in, _, err := dialer.Dial(ctx, "ws://"+s.address+s.dialect.Path())
	if err != nil {
		return nil, err
	}
	if in == nil { // nothing has come after the answer
		in = bufio.NewReaderSize(conn, 1024)
	}
	return &wire{conn, in, s.inflater}, nil
}

// read gives the next message, in the buffer or in memory that all displays share: it is not to
// be written into, and valid until the next is read. Pings are answered.
func (w *wire) read(buffer *[]byte) ([]byte, error) {
	message, deflated := (*buffer)[:0], false
	for {
		h, err := ws.ReadHeader(w.in)
		if err != nil {
			return nil, err
		}
		if h.Masked || h.Length > mostMessage-int64(len(message)) {
			return nil, fmt.Errorf("fanout: a frame of %d bytes, masked: %t; at most %d that are not are expected", h.Length, h.Masked, mostMessage)
		}
		begin := len(message)
		message = append(message, make([]byte, h.Length)...)
		body := message[begin:]
		if _, err := io.ReadFull(w.in, body); err != nil {
			return nil, err
		}
		switch h.OpCode {
		case ws.OpPing:
			if err := w.say(ws.OpPong, body); err != nil {
				return nil, err
			}
			message = message[:begin]
			continue
		case ws.OpPong:
			message = message[:begin]
			continue
		case ws.OpClose:
			code, reason := ws.ParseCloseFrameData(body)
			return nil, fmt.Errorf("fanout: the server closes: %d %s", code, reason)
		}
		deflated = deflated || h.Rsv1()
		if !h.Fin {
			continue
		}
		*buffer = message
		if deflated {
			return w.inflater.inflate(message)
		}
		return message, nil
	}
}

// say writes a message or a control frame.
func (w *wire) say(opcode ws.OpCode, body []byte) error {
	frame, err := ws.CompileFrame(ws.MaskFrame(ws.NewFrame(opcode, true, body)))
	if err != nil {
		return err
	}
	_, err = w.Write(frame)
	return err
}

// inflater inflates a message once for all displays that get it: displays of a hall have a
// processor each for that, those of a crowd would keep the server from its own.
type inflater struct {
	mu    sync.Mutex
	known map[string][]byte
}

func newInflater() *inflater { return &inflater{known: map[string][]byte{}} }

// mostKnown is how many messages are remembered, far more than are on their way at once.
const mostKnown = 256

// ending is what a message without context takeover ends with before it is sent (RFC 7692,
// 7.2.1), and a last block that is empty.
const ending = "\x00\x00\xff\xff\x01\x00\x00\xff\xff"

func (i *inflater) inflate(deflated []byte) ([]byte, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if message, ok := i.known[string(deflated)]; ok {
		return message, nil
	}
	in := flate.NewReader(io.MultiReader(bytes.NewReader(deflated), bytes.NewReader([]byte(ending))))
	message, err := io.ReadAll(io.LimitReader(in, mostMessage))
	if err != nil {
		return nil, fmt.Errorf("fanout: a message of %d bytes does not inflate: %w", len(deflated), err)
	}
	if len(i.known) >= mostKnown {
		clear(i.known)
	}
	i.known[string(deflated)] = message
	return message, nil
}
