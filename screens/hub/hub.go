// Package hub pushes scenes to displays over WebSocket. PROTOCOL.md says what
// goes over the wire.
//
// The hub holds the newest batch (follow.go), draws each scene that somebody
// watches once (stage.go), and lets every connection take the newest state when
// it can (conn.go). Nothing is queued for a display: a slow one skips batches.
package hub

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/screens"
)

// Options of a hub. Store, Catalogue, Screens and Province are needed; a zero value
// elsewhere means the default.
type Options struct {
	Store     *batch.Store
	Catalogue *queries.Catalogue
	Screens   []screens.Screen
	// Province is the code of the province that the batches are of.
	Province string
	// Build identifies what the browser was given; a display of another build
	// reloads itself.
	Build string
	// Node names this process.
	Node string
	// MapApproval is the 审图号 printed on the map; empty where none is configured.
	MapApproval string
	// Beat is the pause between two signs of life. Default 5 s.
	Beat time.Duration
	// Look is how often Redis is looked at when no hint comes. Default 1 s.
	Look time.Duration
	// WriteTimeout bounds one write to a display. Default 10 s.
	WriteTimeout time.Duration
	// CheckOrigin admits a browser's Origin. Default: the same host only.
	CheckOrigin func(*http.Request) bool
	// Now is the clock. Default time.Now.
	Now      func() time.Time
	Logger   *slog.Logger
	Registry prometheus.Registerer
}

// Hub serves the displays of one node.
type Hub struct {
	Options
	upgrader websocket.Upgrader
	displays prometheus.Gauge
	sent     prometheus.Counter

	mu      sync.Mutex
	picture *picture
	stages  map[Scene]*stage
	conns   map[*conn]struct{}
	status  status
	undrawn string // why the newest batch is not what is shown; empty when it is
	// statusSeq and beatSeq grow when there is something new to tell; a
	// connection remembers how far it has told.
	statusSeq, beatSeq uint64
	statusMsg, beatMsg *websocket.PreparedMessage
	closed             bool
	writers            sync.WaitGroup
}

// New makes a hub; Run keeps it current.
func New(o Options) *Hub {
	if o.Beat == 0 {
		o.Beat = 5 * time.Second
	}
	if o.Look == 0 {
		o.Look = time.Second
	}
	if o.WriteTimeout == 0 {
		o.WriteTimeout = 10 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	f := promauto.With(o.Registry)
	h := &Hub{
		Options: o,
		upgrader: websocket.Upgrader{
			ReadBufferSize: 1024, WriteBufferSize: 4096, WriteBufferPool: &sync.Pool{},
			HandshakeTimeout: 10 * time.Second, CheckOrigin: o.CheckOrigin, Subprotocols: []string{Subprotocol},
		},
		displays: f.NewGauge(prometheus.GaugeOpts{Name: "liaowang_displays", Help: "Displays connected to this node."}),
		sent:     f.NewCounter(prometheus.CounterOpts{Name: "liaowang_display_batches_total", Help: "Snapshots and batches written to displays."}),
		stages:   map[Scene]*stage{},
		conns:    map[*conn]struct{}{},
		status:   status{Source: sourceSilent, Since: o.Now().UTC()},
	}
	h.expose(f)
	return h
}

// ServeHTTP upgrades a request and returns; the connection lives on without the
// handler's goroutine.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ws, err := h.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	c := newConn(h, ws)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		c.closeNow(closeDraining, "the server is going away")
		return
	}
	h.conns[c] = struct{}{}
	h.displays.Inc()
	c.statusSeq, c.beatSeq = h.statusSeq, h.beatSeq
	h.writers.Add(1)
	go func() { defer h.writers.Done(); c.write() }()
	go c.read()
}

// drop forgets a connection, and a stage that nobody watches any more.
func (h *Hub) drop(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.conns[c]; !ok {
		return
	}
	delete(h.conns, c)
	h.displays.Dec()
	h.leave(c)
}

func (h *Hub) leave(c *conn) {
	if c.stage == nil {
		return
	}
	delete(c.stage.conns, c)
	if len(c.stage.conns) == 0 && h.stages[c.stage.scene] == c.stage {
		delete(h.stages, c.stage.scene)
	}
	c.stage = nil
}

// subscribe moves a connection to a scene; the writer finds what to send. A
// scene that cannot be shown leaves the connection where it is.
func (h *Hub) subscribe(c *conn, scene Scene, has *have) *errorMessage {
	screen := screens.Find(h.Screens, scene.Screen)
	if screen == nil {
		return &errorMessage{Code: errUnknownScreen, Message: "there is no screen " + scene.Screen}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.conns[c]; !ok {
		return nil
	}
	s := h.stages[scene]
	if h.picture != nil {
		if _, ok := h.picture.regions.Get(scene.Region); !ok {
			// One that was shown is away for a while: regions may be on their way in.
			return unknownRegion(scene, s != nil)
		}
	}
	if s == nil {
		s = newStage(scene, screen)
		if h.picture != nil {
			h.paint(s, h.picture)
		}
		h.stages[scene] = s
	}
	if c.stage != s {
		h.leave(c)
	}
	s.conns[c] = struct{}{}
	c.stage, c.want, c.has, c.told, c.greeted = s, has, 0, false, false
	switch {
	case s.at != nil:
		return nil
	case h.picture != nil:
		return &errorMessage{Code: errNotDrawn, Message: "the screen could not be drawn; the server's log says why", Retry: true}
	}
	return &errorMessage{Code: errNoDataYet, Message: "no batch has been published yet; the picture follows by itself", Retry: true}
}

func unknownRegion(scene Scene, retry bool) *errorMessage {
	return &errorMessage{Code: errUnknownRegion, Message: "there is no region " + scene.Region, Retry: retry}
}

// paint draws a stage, or notes that what it shows is not the newest batch.
func (h *Hub) paint(s *stage, p *picture) {
	if err := s.paint(h, p); err != nil {
		h.Logger.Error("scene not drawn", "screen", s.scene.Screen, "region", s.scene.Region, "err", err)
		h.undrawn = "有屏幕无法绘制，见服务日志"
	}
}

// next gives a connection's writer the newest message that it owes its display,
// or nil. Latest value wins: what lies between is skipped.
func (h *Hub) next(c *conn) (*websocket.PreparedMessage, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := c.stage; s != nil && s.at != nil {
		number := s.at.header.Number
		// A picture of the same history can be brought up to date, one of
		// another history cannot.
		if c.want != nil && c.want.History == s.at.header.History {
			c.has = c.want.Batch
		}
		c.want = nil
		switch {
		case c.has > number:
			// This node is behind the one the display comes from: it will catch up.
		case c.has < number:
			m, err := s.message(h, c.has)
			if err == nil {
				c.has, c.told = number, true
				h.sent.Inc()
			}
			return m, err
		case !c.told:
			c.told, c.greeted = true, true
			return prepare(currentMessage{Type: "current", Scene: s.scene, Batch: s.at.header, Status: h.status})
		}
	}
	if c.stage != nil && !c.greeted {
		// A snapshot may have been prepared a while ago; what is known of the
		// source now follows it.
		c.greeted, c.statusSeq = true, h.statusSeq
		return prepare(statusMessage{Type: "status", Status: h.status})
	}
	if c.statusSeq != h.statusSeq {
		c.statusSeq = h.statusSeq
		return h.statusMsg, nil
	}
	if c.beatSeq != h.beatSeq {
		c.beatSeq = h.beatSeq
		return h.beatMsg, nil
	}
	return nil, nil
}

// show makes a picture the newest one and wakes every display.
func (h *Hub) show(p *picture) {
	h.mu.Lock()
	defer h.mu.Unlock()
	other := h.picture != nil && h.picture.header.History != p.header.History
	h.picture, h.undrawn = p, ""
	for _, s := range h.stages {
		if _, ok := p.regions.Get(s.scene.Region); !ok {
			for c := range s.conns {
				c.fail(*unknownRegion(s.scene, true))
			}
			continue
		}
		h.paint(s, p)
		for c := range s.conns {
			if other {
				c.has = 0
			}
			c.wake()
		}
	}
}

// fault notes why the newest batch is not what is shown; empty when it is.
func (h *Hub) fault(words string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.undrawn = words
}

// setStatus keeps what is known of the source, and tells it at once when it is
// another state rather than a newer time.
func (h *Hub) setStatus(s status) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.undrawn != "" && s.Source == string(batch.SourceOK) {
		s.Source, s.Words, s.Holds = string(batch.SourceHeld), h.undrawn, nil
		if h.status.Source == s.Source {
			s.Since = h.status.Since
		}
	}
	if h.picture != nil && s.Verified.Before(h.picture.header.AsOf) {
		s.Verified = h.picture.header.AsOf // it was true when it was cut
	}
	news := s.Source != h.status.Source || s.Words != h.status.Words
	h.status = s
	if !news {
		return
	}
	for _, st := range h.stages {
		delete(st.messages, 0) // a snapshot carries the status
	}
	m, err := prepare(statusMessage{Type: "status", Status: s})
	if err != nil {
		h.Logger.Error("status not encoded", "err", err)
		return
	}
	h.statusMsg = m
	h.statusSeq++
	h.wakeAll()
}

func (h *Hub) beat() {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := beatMessage{Type: "beat", Time: h.Now().UnixMilli(), Status: h.status}
	if h.picture != nil {
		b.Batch = h.picture.header.Number
	}
	m, err := prepare(b)
	if err != nil {
		h.Logger.Error("beat not encoded", "err", err)
		return
	}
	h.beatMsg = m
	h.beatSeq++
	h.wakeAll()
}

func (h *Hub) wakeAll() {
	for c := range h.conns {
		c.wake()
	}
}

// Newest gives the newest batch and the frame for one metric and region, for
// the HTTP side; header is nil before the first batch, frame where there is none.
func (h *Hub) Newest(metric, region string) (header *batch.Header, frame *batch.Frame) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.picture == nil {
		return nil, nil
	}
	return h.picture.header, h.picture.frame(metric, region)
}

// Close tells every display to come back elsewhere and waits for their writers.
func (h *Hub) Close(ctx context.Context) error {
	h.mu.Lock()
	h.closed = true
	for c := range h.conns {
		c.drain()
	}
	h.mu.Unlock()
	done := make(chan struct{})
	go func() { h.writers.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		h.mu.Lock()
		defer h.mu.Unlock()
		for c := range h.conns {
			c.ws.Close()
		}
		return ctx.Err()
	}
}

// Displays is the number of connections.
func (h *Hub) Displays() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.conns)
}

// Scenes is the number of scenes that somebody watches.
func (h *Hub) Scenes() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.stages)
}
