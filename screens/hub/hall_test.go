package hub_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
	"liaowang/queries"
	"liaowang/screens"
	"liaowang/screens/hub"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(crowdURL); url != "" {
		crowd(url, os.Args[1])
		return
	}
	// A client whose Redis was gone at the end looks for it once more, a second after it was closed.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}

// hall is a hub over a Redis that the test publishes to.
type hall struct {
	t     testing.TB
	hub   *hub.Hub
	store *batch.Store
	lease batch.Lease
	base  uint64 // the batch that Redis holds
	url   string
	stop  func()
	cut   func() // takes the network away
	// patience is how long a write to a display may take, beat the hub's.
	patience, beat time.Duration
	// The hub's own defaults where they are 0.
	storePatience time.Duration
	most          int
	node          string
	programme     *screens.Programme
	registry      *prometheus.Registry
}

const province = "460000"

// newHall starts one, with a Redis of its own in this process where none is named.
func newHall(t testing.TB, redisURL string, but ...func(*hall)) *hall {
	t.Helper()
	if redisURL == "" {
		redisURL = redistest.Local(t).URL()
	}
	h := &hall{t: t, store: redistest.Store(t, redisURL), patience: time.Minute, beat: 200 * time.Millisecond, node: "n"}
	var err error
	if h.lease, err = h.store.Acquire(t.Context(), "test", "run", batch.Floor{}, time.Hour); err != nil {
		t.Fatal(err)
	}
	for _, f := range but {
		f(h)
	}
	h.serve()
	return h
}

// calm is a hall whose displays may be silent for long.
func calm(h *hall) { h.beat = time.Minute }

// join is another node over the same Redis. It publishes nothing.
func (h *hall) join() *hall {
	h.t.Helper()
	other := *h
	other.node += "2"
	other.serve()
	return &other
}

// serve starts a hub on the hall's store; its end is the test's, or stop.
func (h *hall) serve() {
	h.t.Helper()
	cat, err := queries.Load()
	if err != nil {
		h.t.Fatal(err)
	}
	all, err := screens.Load(cat)
	if err != nil {
		h.t.Fatal(err)
	}
	h.registry = prometheus.NewRegistry()
	h.hub = hub.New(hub.Options{
		StorePatience: h.storePatience, MostDisplays: h.most, Registry: h.registry,
		Programme: h.programme,
		Store:     h.store, Catalogue: cat, Screens: all, Province: province, Build: "b", Node: h.node,
		Beat: h.beat, Look: 50 * time.Millisecond, WriteTimeout: h.patience,
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := h.hub.Run(ctx); err != nil {
			h.t.Error(err)
		}
	}()
	server := httptest.NewUnstartedServer(h.hub)
	network := &network{Listener: server.Listener, open: map[*link]bool{}}
	server.Listener, h.cut = network, network.cut
	server.Start()
	h.url = "ws" + strings.TrimPrefix(server.URL, "http")
	h.stop = sync.OnceFunc(func() {
		closing, end := context.WithTimeout(context.Background(), 10*time.Second)
		defer end()
		if err := h.hub.Close(closing); err != nil {
			h.t.Error(err)
		}
		server.Close()
		cancel()
		<-done
	})
	h.t.Cleanup(h.stop)
}

// network is a listener that can be cut off.
type network struct {
	net.Listener
	mu   sync.Mutex
	open map[*link]bool
}

// link is a connection that a network knows until it is closed.
type link struct {
	*net.TCPConn
	network *network
}

func (n *network) Accept() (net.Conn, error) {
	c, err := n.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l := &link{c.(*net.TCPConn), n}
	_ = l.SetWriteBuffer(4096) // a display that does not read is soon felt
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open[l] = true
	return l, nil
}

func (l *link) Close() error {
	l.network.mu.Lock()
	delete(l.network.open, l)
	l.network.mu.Unlock()
	return l.TCPConn.Close()
}

// cut ends all at once as a power cut does: nobody is told anything.
func (n *network) cut() {
	n.Listener.Close()
	n.mu.Lock()
	defer n.mu.Unlock()
	for l := range n.open {
		_ = l.SetLinger(0)
		l.TCPConn.Close()
	}
}

// publish makes a batch in which 460000 has so many monitored households; the
// first one brings everything else too.
func (h *hall) publish(number uint64, households float64) {
	h.t.Helper()
	h.publishAs("history", number, households)
}

func (h *hall) publishAs(history string, number uint64, households float64) {
	h.t.Helper()
	frames := []*batch.Frame{{Metric: "monitored.total", Region: province, Changed: number, Rows: [][]batch.Cell{{batch.Num(households), batch.Num(2 * households)}}}}
	whole := number == 1
	if whole {
		frames = append(frames,
			regionsFrame(1, "五指山市"),
			&batch.Frame{Metric: "leads.by_channel", Region: province, Changed: 1, Rows: [][]batch.Cell{{batch.Text("department"), batch.Num(7)}}})
	}
	header := batch.Header{History: history, Term: h.lease.Term, Number: number, AsOf: time.Unix(int64(number), 0).UTC(), Checks: []batch.Check{}}
	base := h.base
	if whole {
		base = 0
	}
	if err := h.store.Publish(h.t.Context(), h.lease, header, base, frames, nil); err != nil {
		h.t.Fatal(err)
	}
	h.base = number
}

// regionsFrame names the province and its one county.
func regionsFrame(changed uint64, county string) *batch.Frame {
	return &batch.Frame{Metric: queries.RegionsMetric, Region: province, Changed: changed, Rows: [][]batch.Cell{
		{batch.Text(province), batch.Text("0"), batch.Text("province"), batch.Text("海南省"), batch.Num(1)},
		{batch.Text("469001"), batch.Text(province), batch.Text("county"), batch.Text(county), batch.Num(1)},
	}}
}

// message is any message of the server.
type message struct {
	Type    string
	Build   string
	Code    string
	Edition string
	Retry   bool
	Region  string
	Batch   json.RawMessage
	Status  struct{ Source, Words string }
	Panels  []struct {
		ID     string
		Option json.RawMessage
		Data   json.RawMessage
	}
}

// number is the batch's number, of a header or of a beat.
func (m message) number() uint64 {
	var n uint64
	if json.Unmarshal(m.Batch, &n) == nil {
		return n
	}
	var h batch.Header
	_ = json.Unmarshal(m.Batch, &h)
	return h.Number
}

// String keeps a failure readable.
func (m message) String() string {
	return fmt.Sprintf("%s (batch %d, code %q, source %q, panels %q)", m.Type, m.number(), m.Code, m.Status.Source, m.panels())
}

func (m message) panels() string {
	var ids []string
	for _, p := range m.Panels {
		ids = append(ids, p.ID)
	}
	return strings.Join(ids, " ")
}

// display is a client.
type display struct {
	t  testing.TB
	ws *websocket.Conn
}

func (h *hall) open() *display {
	h.t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{hub.Subprotocol}, HandshakeTimeout: 5 * time.Second}
	ws, response, err := dialer.Dial(h.url, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	response.Body.Close()
	h.t.Cleanup(func() { ws.Close() })
	d := &display{h.t, ws}
	if m := d.next(); m.Type != "hello" || m.Build != "b" {
		h.t.Fatalf("the first message is %v, want hello", m)
	}
	return d
}

func (d *display) say(text string) {
	d.t.Helper()
	if err := d.ws.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		d.t.Fatal(err)
	}
}

func (d *display) subscribe(region, have string) {
	d.t.Helper()
	if have != "" {
		have = `,"have":` + have
	}
	d.say(fmt.Sprintf(`{"type":"subscribe","screen":"overview","region":%q%s}`, region, have))
}

func (d *display) next() message {
	d.t.Helper()
	_ = d.ws.SetReadDeadline(time.Now().Add(10 * time.Second))
	var m message
	if err := d.ws.ReadJSON(&m); err != nil {
		d.t.Fatalf("no message: %v", err)
	}
	return m
}

// until skips signs of life until a message of the type comes.
func (d *display) until(kind string) message {
	d.t.Helper()
	for {
		m := d.next()
		if m.Type == kind {
			return m
		}
		// A node that has just started may not have looked at Redis yet.
		if m.Type != "beat" && m.Type != "status" && m.Code != "no_data_yet" {
			d.t.Fatalf("got %v, want %s", m, kind)
		}
	}
}

func (d *display) closeCode() int {
	d.t.Helper()
	_ = d.ws.SetReadDeadline(time.Now().Add(10 * time.Second))
	for {
		if _, _, err := d.ws.ReadMessage(); err != nil {
			if e := (*websocket.CloseError)(nil); asClose(err, &e) {
				return e.Code
			}
			d.t.Fatalf("the connection ended with %v, want a close code", err)
		}
	}
}

func asClose(err error, target **websocket.CloseError) bool {
	e, ok := err.(*websocket.CloseError)
	*target = e
	return ok
}
