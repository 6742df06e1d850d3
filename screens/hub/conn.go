package hub

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"
)

// What a client may send: a subscription is a line, and it is sent when the scene
// changes. More than this is a flood.
const (
	requestLimit      = 4096 // bytes
	requestsPerSecond = 5
	requestsAtOnce    = 20
)

// ackPause is the least time between two acks of a display: a second, and longer on a node with
// more than a thousand of them, since to read an ack costs as much as to write a batch. An
// ack in a beat is enough to see who is frozen.
func ackPause(displays int, beat time.Duration) time.Duration {
	const least = time.Second
	return max(least, min(beat, least*time.Duration(displays)/1000))
}

// Beats without a word from a display: after so many it is asked, and given up.
const (
	askAfter    = 1
	giveUpAfter = 3
)

// lingering is how long a display that was told to go may take to hang up.
const lingering = time.Second

// conn is one display. What waits for its next request is the only goroutine it has; whoever finds that
// it is owed something writes it, under its lock and without waiting.
type conn struct {
	hub    *Hub
	shard  *shard
	place  int // in the shard, under its lock
	ws     *websocket.Conn
	socket *socket
	limit  *rate.Limiter
	id     uint64
	since  time.Time
	heard  atomic.Uint64 // the beat after which something was heard last

	mu    sync.Mutex
	gone  bool // nothing may be written any more
	stage *stage
	// history and has say which picture the display has; 0: none. edition is that of its
	// screen, empty where the display does not say.
	history, edition   string
	has                uint64
	told               bool // something has answered the subscription
	greeted            bool // the status was told after it
	missed             *picture
	failed             *Error   // to tell; of several only the newest is told
	question           *request // about the time, to answer; of several only the newest is answered
	got                time.Time
	statusSeq, beatSeq uint64
	patches            bool // patches are accepted
	// Of acks: whether they are to be expected, the number that the last subscription
	// began with and when that was, and the last one, nil before the first.
	acks  bool
	began uint64
	asked time.Time
	ack   *Ack
	pace  pace
	// tile is what it shows of a wall, nil where it is none's; wallSeq is how far it has been told of it.
	tile    *Place
	wallSeq uint64
	// alarms says that it is told of alarms, alarmSeq how far it has been.
	alarms   bool
	alarmSeq uint64
}

// greet writes hello, before anything else can be.
func (c *conn) greet() error {
	m, err := encode(helloMessage{
		Type: "hello", Protocol: Version, Build: c.hub.Build, Node: c.hub.Node,
		Time: c.hub.Now().UnixMilli(), BeatMS: c.hub.Beat.Milliseconds(),
		AckMS: ackPause(c.hub.Displays(), c.hub.Beat).Milliseconds(), Limits: limits{requestLimit, requestsAtOnce, requestsPerSecond},
	})
	if err == nil {
		_, err = c.socket.Write(m)
	}
	return err
}

// fail tells the client of an error, instead of an older one not yet told.
func (c *conn) fail(e *Error) {
	c.mu.Lock()
	c.failed = e
	c.mu.Unlock()
	c.flush()
}

// close tells the display to go. The reader ends when it has, or does not.
func (c *conn) close(why Close) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closing(why)
}

// closing is close under the connection's lock.
func (c *conn) closing(why Close) {
	if c.gone {
		return
	}
	c.gone = true
	if why.Reason != hungUp {
		c.hub.meters.closed.WithLabelValues(string(why.Reason)).Inc()
	}
	// Whether it can still be told or not, it is hung up on.
	_, _ = c.socket.Write(why.frame())
	_ = c.ws.SetReadDeadline(time.Now().Add(lingering))
}

// listen begins to take requests.
func (c *conn) listen() {
	c.ws.SetReadLimit(requestLimit)
	c.ws.SetPongHandler(func(string) error { c.hear(); return nil })
	c.ws.SetPingHandler(func(data string) error {
		if c.allowed() {
			_, err := c.socket.Write(newFrame(websocket.PongMessage, []byte(data)))
			return err
		}
		return nil
	})
	c.ws.SetCloseHandler(func(int, string) error {
		c.close(Close{Reason: hungUp})
		return nil
	})
	c.hub.running.Go(c.read)
}

// read waits for a request, does it, and leaves waiting for the next one to another
// goroutine: the stack that inflating, decoding and drawing take would stay with each
// display that waits.
func (c *conn) read() {
	kind, r, err := c.ws.NextReader()
	if err == nil && c.allowed() {
		err = c.receive(kind, r)
	}
	if err == nil {
		c.hub.running.Go(c.read)
		return
	}
	switch {
	case errors.Is(err, websocket.ErrReadLimit):
		c.close(Close{Reason: TooLarge})
		c.letFinish()
	case errors.Is(err, errRead):
		c.close(Close{Reason: Flood})
		c.letFinish()
	}
	c.hub.drop(c)
}

// receive reads a message and does what it asks for. Inflated it may not be longer than
// the limit either.
func (c *conn) receive(kind int, r io.Reader) error {
	body, err := io.ReadAll(io.LimitReader(r, requestLimit+1))
	switch {
	case err != nil:
		return err
	case len(body) > requestLimit:
		return websocket.ErrReadLimit
	}
	c.take(kind, body)
	return nil
}

func (c *conn) hear() { c.heard.Store(c.hub.news.Load().beatSeq) }

// allowed notes that something was heard, and says whether it is to be listened to. One
// that says too much is told to go, and read until it has gone: the end of a connection
// with words unread would overtake the close frame.
func (c *conn) allowed() bool {
	c.hear()
	if !c.limit.Allow() {
		c.close(Close{Reason: Flood})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.gone
}

// letFinish reads on for a while after the display was told to go.
func (c *conn) letFinish() {
	_, _ = io.CopyN(io.Discard, c.socket.Conn, 16*requestLimit)
}

// take does what a message asks for.
func (c *conn) take(kind int, body []byte) {
	if kind != websocket.TextMessage {
		c.fail(&Error{Code: BadMessage, Message: "a text message is expected"})
		return
	}
	r := &request{}
	if err := json.Unmarshal(body, r); err != nil {
		c.fail(&Error{Code: BadMessage, Message: "the message is not the JSON that the protocol describes"})
		return
	}
	var e *Error
	switch r.Type {
	case "subscribe":
		e = c.hub.subscribe(c, r)
	case "ack":
		e = c.acked(r)
	case "time":
		e = c.inquired(r)
	case "steer":
		e = c.steered(r)
	default:
		e = &Error{Code: BadMessage, Message: "the type must be subscribe, ack, time or steer"}
	}
	if e != nil {
		c.fail(e)
	} else if r.Type != "ack" {
		c.flush()
	}
}

// inquired notes a question about the time. A display that does not take the answer
// yet gets it when it does, with the moment of that.
func (c *conn) inquired(r *request) *Error {
	if n := len(r.T0); n == 0 || n > 32 || r.T0[0] != '-' && (r.T0[0] < '0' || r.T0[0] > '9') {
		return &Error{Code: BadMessage, Message: "t0 must be a number"}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.question, c.got = r, c.hub.Now()
	return nil
}

// watch moves the connection to a stage, as a display has asked for, and gives the
// stage that it leaves.
func (c *conn) watch(s *stage, r *request) (left *stage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	left = c.stage
	c.stage, c.told, c.greeted, c.missed = s, false, false, nil
	if c.history, c.edition, c.has = "", "", 0; r.Have != nil {
		c.history, c.edition, c.has = r.Have.History, r.Have.Edition, r.Have.Batch
	}
	c.patches = slices.Contains(r.Accept, acceptPatch)
	c.acks = slices.Contains(r.Accept, acceptAck)
	c.began, c.asked, c.ack = 0, c.hub.Now(), nil
	if left == nil && c.acks {
		c.pace = newPace()
	}
	if c.tile == nil || r.Place == nil || *c.tile != *r.Place {
		c.wallSeq = 0
	}
	c.tile = r.Place
	c.alarms = slices.Contains(r.Accept, acceptAlarm)
	return left
}

// flush writes all that is owed now, as far as the display takes it. What it does
// not take is handed over by the socket, which calls flush again afterwards.
func (c *conn) flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.gone && !c.socket.full() {
		m, err := c.owed()
		if err != nil {
			c.hub.Logger.Error("message not encoded", "err", err)
			return
		}
		if m == nil {
			return
		}
		if _, err := c.socket.Write(m.form(c.socket.deflates)); err != nil {
			c.gone = true
			c.ws.Close()
		}
	}
}

// owed is the newest message that the display is owed, or nil. Latest value wins: what
// lies between is skipped. It is called under the connection's lock.
func (c *conn) owed() (*message, error) {
	if e := c.failed; e != nil {
		c.failed = nil
		return one(errorMessage{"error", e})
	}
	if q := c.question; q != nil {
		c.question = nil
		return one(timeMessage{"time", q.T0, milliseconds(c.got), milliseconds(c.hub.Now())})
	}
	n := c.hub.news.Load()
	if c.tile != nil { // before the picture: it says which part of it is to be drawn
		if m, err := c.hub.walls.owed(c); m != nil || err != nil {
			return m, err
		}
	}
	if c.stage != nil {
		m, err := c.stage.owed(c, n)
		if m != nil || err != nil {
			return m, err
		}
		if !c.greeted {
			// A snapshot may have been encoded a while ago; what is known of the
			// source now follows it.
			c.greeted, c.statusSeq = true, n.statusSeq
			return n.statusMsg()
		}
	}
	if c.statusSeq != n.statusSeq {
		c.statusSeq = n.statusSeq
		return n.statusMsg()
	}
	if a := c.hub.alarmNews.Load(); c.alarms && a != nil && c.alarmSeq != a.seq {
		c.alarmSeq = a.seq
		return a.message, nil
	}
	if c.beatSeq != n.beatSeq {
		c.beatSeq = n.beatSeq
		c.socket.got.Store(0)
		// What was heard after beat 3 was heard less than a beat ago at beat 4.
		quiet := int64(n.beatSeq) - int64(c.heard.Load()) - 1
		if quiet >= giveUpAfter {
			c.closing(Close{Unheard, drainWait})
			return nil, nil
		}
		if quiet >= askAfter {
			return n.askMsg, nil
		}
		return n.beatMsg, nil
	}
	return nil, nil
}
