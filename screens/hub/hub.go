// Package hub pushes scenes to displays over WebSocket. PROTOCOL.md says what
// goes over the wire.
//
// Its parts have one job each. The hub follows the batches (follow.go) and keeps the newest
// picture. A stage draws a scene that somebody watches, and encodes each message once
// (stage.go). A shard wakes some of the connections (shard.go); each takes the newest state when
// it can (conn.go), through a socket that never waits (socket.go). Nothing is
// queued for a display: a slow one skips batches.
//
// Locks are taken in this order: a connection's, the hub's, a stage's, a socket's. A
// shard's is held for nothing but its list.
package hub

import (
	"log/slog"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"golang.org/x/time/rate"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/screens"
)

// Options of a hub. Store, Catalogue, Screens and Province are needed; a zero value
// elsewhere means the default.
type Options struct {
	Store     *batch.Store
	Catalogue *queries.Catalogue
	// Screens are those to begin with; Replace gives others.
	Screens []screens.Screen
	// Programme is what walls do by themselves, to begin with; Perform gives another. Default: nothing.
	Programme *screens.Programme
	// Province is the code of the province that the batches are of.
	Province string
	// Build identifies what the browser was given; a display of another build
	// renews itself.
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
	// ShowAfter is how long after its publishing a batch is to be shown, the same on
	// every node: so long it may take to the last display. Default 50 ms.
	ShowAfter time.Duration
	// MostDisplays is how many displays the node takes. Default 20,000.
	MostDisplays int
	// StorePatience is for how long Redis may be lost before the node takes no more
	// displays; those that it has stay. Default 10 s.
	StorePatience time.Duration
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
	meters   meters
	deflater deflater

	shards []*shard
	ids    atomic.Uint64 // of connections, which take the shards in turn
	// story is the screens as they are now.
	story     atomic.Pointer[[]screens.Screen]
	programme atomic.Pointer[screens.Programme]
	// picture is the newest, nil before the first batch.
	picture atomic.Pointer[picture]
	recent  recent
	news    atomic.Pointer[news]
	redis   redisClock // of the follower alone
	// published says when batches were published.
	published published
	walls     *walls
	alarms    *alarms // of the follower alone
	alarmNews atomic.Pointer[alarmNews]

	mu      sync.Mutex // of what follows, and of writing news
	stages  map[Scene]*stage
	undrawn string // why the newest batch is not what is shown; empty when it is
	faulty  string // what is wrong with the files of screens; empty when nothing is
	closed  bool
	// running counts what a connection runs: readers, and what hands over.
	running sync.WaitGroup
}

// news is what every display is told beside its scene. It is never changed: there are
// newer ones. statusSeq and beatSeq grow when there is something to tell; a connection
// remembers how far it has told.
type news struct {
	status             status
	statusSeq, beatSeq uint64
	// statusMsg is made once, when the first display is to be told.
	statusMsg func() (*message, error)
	// askMsg is the beat for those that are asked whether they live.
	beatMsg, askMsg *message
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
	if o.ShowAfter == 0 {
		o.ShowAfter = 50 * time.Millisecond
	}
	if o.MostDisplays <= 0 {
		o.MostDisplays = 20_000
	}
	if o.StorePatience == 0 {
		o.StorePatience = 10 * time.Second
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
	h := &Hub{
		Options: o,
		upgrader: websocket.Upgrader{
			// Nothing is written through the library but its answers to a close or a fault.
			ReadBufferSize: 512, WriteBufferSize: 512, WriteBufferPool: &sync.Pool{},
			HandshakeTimeout: 10 * time.Second, CheckOrigin: o.CheckOrigin, Subprotocols: []string{Subprotocol},
			EnableCompression: true,
		},
		stages: map[Scene]*stage{}, walls: newWalls(), alarms: newAlarms(),
	}
	h.story.Store(&o.Screens)
	if o.Programme == nil {
		h.Options.Programme = &screens.Programme{}
	}
	h.programme.Store(h.Options.Programme)
	h.meters = newMeters(h, o.Registry)
	// The other half of the processors is for the kernel, which has to bring on its way what
	// is written, and for who else is here: with more shards than that, they delay each other.
	for range max(1, runtime.GOMAXPROCS(0)/2) {
		h.shards = append(h.shards, newShard())
	}
	h.tell(&news{status: status{Source: sourceSilent, Since: o.Now().UTC()}})
	h.expose(promauto.With(o.Registry))
	return h
}

// ServeHTTP upgrades a request and returns; the connection lives on without the
// handler's goroutine.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if no := h.refuses(); no != nil {
		h.meters.refused.WithLabelValues(no.Code).Inc()
		no.answer(w)
		return
	}
	s := &socket{timeout: h.WriteTimeout}
	ws, err := h.upgrader.Upgrade(&hijacked{w, s}, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	c := &conn{
		hub: h, ws: ws, socket: s, limit: rate.NewLimiter(requestsPerSecond, requestsAtOnce),
		id: h.ids.Add(1), since: h.Now().UTC(),
	}
	c.shard = h.shards[c.id%uint64(len(h.shards))]
	s.arm(c.flush, h.running.Go)
	if !h.admit(c) {
		c.close(Close{Draining, drainWait})
		ws.Close()
	}
}

// refuses says why the node takes no more displays, or nil.
func (h *Hub) refuses() *Refusal {
	h.mu.Lock()
	closed := h.closed
	h.mu.Unlock()
	now := h.news.Load().status
	switch {
	case closed:
		return refusedDraining
	case now.Source == sourceStoreLost && h.Now().Sub(now.Since) > h.StorePatience:
		return refusedStoreLost
	case h.Displays() >= h.MostDisplays:
		return refusedFull
	}
	return nil
}

// admit greets a connection and takes it in, unless the hub is closed.
func (h *Hub) admit(c *conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	n := h.news.Load()
	c.statusSeq, c.beatSeq = n.statusSeq, n.beatSeq
	c.heard.Store(n.beatSeq)
	if err := c.greet(); err != nil {
		return false
	}
	c.shard.add(c)
	h.meters.displays.Inc()
	c.listen()
	return true
}

// drop forgets a connection whose reader has ended.
func (h *Hub) drop(c *conn) {
	c.mu.Lock()
	c.gone = true
	left := c.stage
	c.stage = nil
	c.mu.Unlock()
	c.ws.Close()
	h.walls.place(c, nil)
	h.leave(left)
	h.meters.displays.Dec()
	c.shard.remove(c) // it counts until nothing of it is left
}

// leave forgets a stage that nobody watches any more.
func (h *Hub) leave(s *stage) {
	if s == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.watchers--; s.watchers == 0 {
		delete(h.stages, s.scene)
	}
}

// subscribe moves a connection to a scene. A scene that cannot be shown leaves
// the connection where it is.
func (h *Hub) subscribe(c *conn, r *request) *Error {
	if r.Place != nil {
		if e := r.Place.check(); e != nil {
			return e
		}
	}
	s, e := h.enter(r.Scene)
	if e != nil {
		return e
	}
	shown := h.picture.Load() != nil
	drawn := shown && s.catchUp()
	h.leave(c.watch(s, r))
	h.walls.place(c, r.Place)
	switch {
	case drawn:
		return nil
	case shown:
		return &Error{Code: NotDrawn, Message: "the screen could not be drawn; the server's log says why", Retry: true}
	}
	return &Error{Code: NoDataYet, Message: "no batch has been published yet; the picture follows by itself", Retry: true}
}

// enter gives the stage of a scene to one more display.
func (h *Hub) enter(scene Scene) (*stage, *Error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	screen := screens.Find(h.Story(), scene.Screen)
	if screen == nil {
		return nil, &Error{Code: UnknownScreen, Message: "there is no screen " + scene.Screen}
	}
	s := h.stages[scene]
	if p := h.picture.Load(); p != nil {
		if _, ok := p.regions.Get(scene.Region); !ok {
			// One that was shown is away for a while: regions may be on their way in.
			return nil, unknownRegion(scene, s != nil)
		}
	}
	if s == nil {
		s = newStage(h, scene, screen)
		h.stages[scene] = s
	}
	s.watchers++
	return s, nil
}

// show makes a picture the newest one and wakes every display.
func (h *Hub) show(p *picture) {
	h.fault("")
	h.picture.Store(p)
	h.recent.add(p)
	h.mu.Lock()
	stages := slices.Collect(maps.Values(h.stages))
	h.mu.Unlock()
	for _, s := range stages {
		s.catchUp()
	}
	h.wakeAll()
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
	was := h.news.Load()
	if h.undrawn != "" && s.Source == string(batch.SourceOK) {
		s.Source, s.Words, s.Holds = string(batch.SourceHeld), h.undrawn, nil
		if was.status.Source == s.Source {
			s.Since = was.status.Since
		}
	}
	if p := h.picture.Load(); p != nil && s.Verified.Before(p.header.AsOf) {
		s.Verified = p.header.AsOf // it was true when it was cut
	}
	next := *was
	next.status = s
	if s.Source != was.status.Source || s.Words != was.status.Words {
		next.statusSeq++
	}
	h.tell(&next)
	if next.statusSeq != was.statusSeq {
		h.wakeAll()
	}
}

func (h *Hub) beat() {
	h.mu.Lock()
	defer h.mu.Unlock()
	next := *h.news.Load()
	next.beatSeq++
	b := beatMessage{Type: "beat", Time: h.Now().UnixMilli(), Status: next.status}
	if p := h.picture.Load(); p != nil {
		b.Batch = p.header.Number
	}
	var err error
	if next.beatMsg, err = h.deflater.encode(b); err != nil {
		h.Logger.Error("beat not encoded", "err", err)
		return
	}
	next.askMsg = next.beatMsg.behind(pingFrame)
	h.tell(&next)
	h.wakeAll()
}

// tell makes news the newest; under the hub's lock.
func (h *Hub) tell(n *news) {
	n.statusMsg = sync.OnceValues(func() (*message, error) {
		return h.deflater.encode(statusMessage{Type: "status", Status: n.status})
	})
	h.news.Store(n)
}

func (h *Hub) wakeAll() {
	for _, s := range h.shards {
		s.wake()
	}
}

// Newest gives the newest batch and the frame for one metric and region, for
// the HTTP side; header is nil before the first batch, frame where there is none.
func (h *Hub) Newest(metric, region string) (header *batch.Header, frame *batch.Frame) {
	p := h.picture.Load()
	if p == nil {
		return nil, nil
	}
	return p.header, p.frame(metric, region)
}

// all lists the connections.
func (h *Hub) all() []*conn {
	var all []*conn
	for _, s := range h.shards {
		all = s.list(all)
	}
	return all
}

// Displays is the number of connections.
func (h *Hub) Displays() int {
	n := 0
	for _, s := range h.shards {
		n += s.count()
	}
	return n
}

// Scenes is the number of scenes that somebody watches.
func (h *Hub) Scenes() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.stages)
}
