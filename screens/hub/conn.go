package hub

import (
	"encoding/json"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"
)

// requestLimit bounds what a client may send, bytes: a subscription is a line.
const requestLimit = 4096

// A client subscribes when its scene changes. More than this is a flood.
const (
	requestsPerSecond = 5
	requestsAtOnce    = 20
)

// conn is one display. Its reader and its writer are the only goroutines it
// has, and only the writer writes.
type conn struct {
	hub   *Hub
	ws    *websocket.Conn
	ready chan struct{} // holds one token: there may be something to write
	gone  chan struct{} // closed when the reader has ended
	// failed carries at most one error to tell; the newest wins.
	failed chan errorMessage

	// Under the hub's lock.
	stage              *stage
	want               *have  // what the display says it has, until it can be compared
	has                uint64 // number of the batch that the display has
	told               bool   // something has answered the subscription
	greeted            bool   // the status was told after it
	statusSeq, beatSeq uint64
	draining           bool
}

func newConn(h *Hub, ws *websocket.Conn) *conn {
	return &conn{hub: h, ws: ws, ready: make(chan struct{}, 1), gone: make(chan struct{}), failed: make(chan errorMessage, 1)}
}

// wake lets the writer look whether it owes anything.
func (c *conn) wake() {
	select {
	case c.ready <- struct{}{}:
	default:
	}
}

// fail tells the client of an error, instead of an older one not yet told.
func (c *conn) fail(e errorMessage) {
	e.Type = "error"
	select {
	case <-c.failed:
	default:
	}
	select {
	case c.failed <- e:
	default:
	}
	c.wake()
}

// drain asks the writer to close; under the hub's lock.
func (c *conn) drain() { c.draining = true; c.wake() }

func (c *conn) closeNow(code int, reason string) {
	// The peer may be gone: there is nobody to tell of an error here.
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(time.Second))
	_ = c.ws.Close()
}

// read takes requests until the connection ends.
func (c *conn) read() {
	defer close(c.gone)
	limit := rate.NewLimiter(requestsPerSecond, requestsAtOnce)
	c.ws.SetReadLimit(requestLimit)
	alive := func(string) error { return c.ws.SetReadDeadline(time.Now().Add(3 * c.hub.Beat)) }
	c.ws.SetPongHandler(alive)
	_ = alive("")
	for {
		kind, body, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		if !limit.Allow() {
			c.closeNow(closeFlood, "too many messages")
			return
		}
		var r request
		switch {
		case kind != websocket.TextMessage:
			c.fail(errorMessage{Code: errBadMessage, Message: "a text message is expected"})
		case json.Unmarshal(body, &r) != nil:
			c.fail(errorMessage{Code: errBadMessage, Message: "the message is not the JSON that the protocol describes"})
		case r.Type != "subscribe":
			c.fail(errorMessage{Code: errBadMessage, Message: "the type must be subscribe"})
		default:
			if e := c.hub.subscribe(c, r.Scene, r.Have); e != nil {
				c.fail(*e)
			}
			c.wake()
		}
	}
}

// write sends the newest of what is owed whenever there is something, and ends
// the connection when the reader has ended or a write takes too long.
func (c *conn) write() {
	defer c.hub.drop(c)
	defer c.ws.Close()
	hello := helloMessage{
		Type: "hello", Protocol: Version, Build: c.hub.Build, Node: c.hub.Node,
		Time: c.hub.Now().UnixMilli(), BeatMS: c.hub.Beat.Milliseconds(),
	}
	if c.bound(); c.ws.WriteJSON(hello) != nil {
		return
	}
	ping := time.NewTicker(c.hub.Beat)
	defer ping.Stop()
	for {
		select {
		case <-c.gone:
			return
		case <-ping.C:
			if c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(c.hub.WriteTimeout)) != nil {
				return
			}
		case <-c.ready:
			if !c.flush() {
				return
			}
		}
	}
}

// flush writes all that is owed now and reports whether the connection lives.
func (c *conn) flush() bool {
	for {
		select {
		case e := <-c.failed:
			if c.bound(); c.ws.WriteJSON(e) != nil {
				return false
			}
		default:
		}
		m, err := c.hub.next(c)
		if err != nil {
			c.hub.Logger.Error("message not encoded", "err", err)
			return true
		}
		if m == nil {
			if c.isDraining() {
				c.closeNow(closeDraining, "the server is going away")
				return false
			}
			return true
		}
		if c.bound(); c.ws.WritePreparedMessage(m) != nil {
			return false
		}
	}
}

// bound gives the next write its time.
func (c *conn) bound() {
	// It fails on a closed connection only; the write then says so.
	_ = c.ws.SetWriteDeadline(time.Now().Add(c.hub.WriteTimeout))
}

func (c *conn) isDraining() bool {
	c.hub.mu.Lock()
	defer c.hub.mu.Unlock()
	return c.draining
}
