package hub

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// behindAfter is how long a display may not have drawn what there is before it counts
// as behind, in beats.
const behindAfter = 2

// publishedKept is how many batches are remembered by when they were published.
const publishedKept = 256

// Display is one connection, for operators.
type Display struct {
	// ID is the connection's on this node; a display that comes back has another.
	ID     uint64 `json:"id"`
	Node   string `json:"node"`
	Remote string `json:"remote"`
	// Screen and Region are empty before it has subscribed.
	Screen string    `json:"screen"`
	Region string    `json:"region"`
	Since  time.Time `json:"since"`
	// Place is what it shows of a wall; null where it is none's.
	Place *Place `json:"place"`
	// Batch is what was written to it last; 0: nothing.
	Batch uint64 `json:"batch"`
	// Acks says whether it tells what it has drawn, Ack is what it told last.
	Acks bool `json:"acks"`
	Ack  *Ack `json:"ack"`
	// LagMS is for how long there has been a batch that it has not drawn, milliseconds; null
	// where it tells nothing of what it draws.
	LagMS *int64 `json:"lag_ms"`
	// Behind says that this is so long that a person should look at the display.
	Behind bool `json:"behind"`
	// Stuck says that it does not take what was written to it.
	Stuck bool `json:"stuck"`
	// needs is after how long it is ready to show a batch, as far as it is waited for.
	needs time.Duration
}

// Ack is what a display says of the newest batch that it has drawn.
type Ack struct {
	Batch uint64 `json:"batch"`
	// At is when this node heard of it.
	At time.Time `json:"at"`
	// DrawnMS is how long after its publishing the batch was drawn, milliseconds; null where
	// it was the picture that the display began with.
	DrawnMS *float64 `json:"drawn_ms"`
	// ReadyMS is how long after its publishing the batch could have been drawn, milliseconds;
	// null where DrawnMS is, or the display does not say.
	ReadyMS *float64 `json:"ready_ms"`
	FrameMS float64  `json:"frame_ms"`
	// Heap is the bytes of memory in use; 0: not known.
	Heap float64 `json:"heap"`
}

// meters are what Prometheus is told of displays.
type meters struct {
	displays     prometheus.Gauge
	sent         prometheus.Counter
	refused      *prometheus.CounterVec
	closed       *prometheus.CounterVec
	drawn, frame prometheus.Histogram
}

func newMeters(h *Hub, r prometheus.Registerer) meters {
	f := promauto.With(r)
	f.NewGaugeFunc(prometheus.GaugeOpts{Name: "liaowang_displays_behind", Help: "Displays that have not drawn what there is for two beats though they are connected."},
		func() float64 {
			n := 0
			now := h.Now()
			for _, c := range h.all() {
				c.mu.Lock()
				if _, behind := c.lag(now); behind {
					n++
				}
				c.mu.Unlock()
			}
			return float64(n)
		})
	f.NewGaugeFunc(prometheus.GaugeOpts{Name: "liaowang_wall_tiles_missing", Help: "Tiles of walls at any node that are missing and have not been left out."},
		func() float64 {
			h.walls.mu.Lock()
			defer h.walls.mu.Unlock()
			return float64(h.walls.missing)
		})
	return meters{
		displays: f.NewGauge(prometheus.GaugeOpts{Name: "liaowang_displays", Help: "Displays connected to this node."}),
		sent:     f.NewCounter(prometheus.CounterOpts{Name: "liaowang_display_batches_total", Help: "Snapshots and batches written to displays."}),
		refused:  f.NewCounterVec(prometheus.CounterOpts{Name: "liaowang_displays_refused_total", Help: "Displays that this node did not take, by code."}, []string{"code"}),
		closed:   f.NewCounterVec(prometheus.CounterOpts{Name: "liaowang_displays_closed_total", Help: "Displays that this node told to go, by reason."}, []string{"reason"}),
		drawn: f.NewHistogram(prometheus.HistogramOpts{Name: "liaowang_display_drawn_seconds", Help: "From a batch's publishing to its frame on a display that says so.",
			Buckets: []float64{.025, .05, .075, .1, .15, .2, .3, .5, 1, 2, 5, 10}}),
		frame: f.NewHistogram(prometheus.HistogramOpts{Name: "liaowang_display_frame_seconds", Help: "How long displays take to draw a batch.",
			Buckets: []float64{.001, .002, .004, .008, .016, .033, .066, .1, .25, 1}}),
	}
}

// published remembers when batches were published, by this node's clock.
type published struct {
	mu  sync.Mutex
	all []publishing // of one history, numbers grow
}

type publishing struct {
	number uint64
	at     time.Time
}

// add notes a batch; anew forgets those of before.
func (p *published) add(number uint64, at time.Time, anew bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if anew {
		p.all = nil
	}
	if len(p.all) == publishedKept {
		p.all = append(p.all[:0], p.all[1:]...)
	}
	p.all = append(p.all, publishing{number, at})
}

// of is when a batch was published; false where that is not remembered.
func (p *published) of(number uint64) (time.Time, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.all) - 1; i >= 0; i-- {
		if p.all[i].number == number {
			return p.all[i].at, true
		}
	}
	return time.Time{}, false
}

// after is when the first batch after a number was published that is remembered;
// false where there is none.
func (p *published) after(number uint64) (time.Time, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range p.all {
		if b.number > number {
			return b.at, true
		}
	}
	return time.Time{}, false
}

// acked notes what a display says it has drawn.
func (c *conn) acked(r *request) *Error {
	if r.FrameMS < 0 || r.Heap < 0 {
		return &Error{Code: BadMessage, Message: "frame_ms and heap must not be below 0"}
	}
	now := c.hub.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stage == nil || r.Batch > c.has {
		return nil // of the scene before
	}
	was := c.ack
	c.acks = true
	c.ack = &Ack{Batch: r.Batch, At: now.UTC(), FrameMS: r.FrameMS, Heap: r.Heap}
	if was != nil && was.Batch >= r.Batch && c.began != r.Batch {
		c.ack.DrawnMS, c.ack.ReadyMS = was.DrawnMS, was.ReadyMS // told again
		return nil
	}
	c.hub.meters.frame.Observe(r.FrameMS / 1000)
	at, known := c.hub.published.of(r.Batch)
	drawn := time.UnixMicro(int64(r.Drawn * 1000))
	if r.Batch == c.began || !known || drawn.Before(at.Add(-time.Second)) || drawn.After(now.Add(time.Second)) {
		return nil // the picture that it began with says nothing of speed, nor does a clock that is wrong
	}
	took := max(0, drawn.Sub(at))
	c.hub.meters.drawn.Observe(took.Seconds())
	c.ack.DrawnMS = inMS(took)
	if r.Ready == 0 {
		c.pace = pace{}
		return nil
	}
	ready := max(0, min(time.UnixMicro(int64(r.Ready*1000)).Sub(at), took))
	c.ack.ReadyMS = inMS(ready)
	before := c.pace.needs()
	if c.pace.add(ready); c.tile != nil && c.pace.needs() != before {
		c.hub.walls.wake()
	}
	return nil
}

func inMS(d time.Duration) *float64 {
	ms := float64(d.Microseconds()) / 1000
	return &ms
}

// describe says what an operator is told of a connection.
func (c *conn) describe(now time.Time) Display {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := Display{
		ID: c.id, Node: c.hub.Node, Remote: c.socket.RemoteAddr().String(), Since: c.since,
		Batch: c.has, Acks: c.acks, Ack: c.ack, Stuck: c.socket.full(), Place: c.tile, needs: c.pace.needs(),
	}
	if c.stage == nil {
		return d
	}
	d.Screen, d.Region = c.stage.scene.Screen, c.stage.scene.Region
	if c.acks {
		lag, behind := c.lag(now)
		ms := lag.Milliseconds()
		d.LagMS, d.Behind = &ms, behind
	}
	return d
}

// lag is for how long there has been a batch that the display has not drawn, and whether
// that is too long; 0 for one that does not tell. It is called under the connection's lock.
func (c *conn) lag(now time.Time) (lag time.Duration, behind bool) {
	if c.stage == nil || !c.acks {
		return 0, false
	}
	var drawn uint64
	if c.ack != nil {
		drawn = c.ack.Batch
	}
	at, waits := c.hub.published.after(drawn)
	if !waits {
		return 0, false
	}
	if at.Before(c.asked) {
		at = c.asked
	}
	lag = max(0, now.Sub(at))
	return lag, lag > behindAfter*c.hub.Beat
}

// List describes the displays of this node, by their ids.
func (h *Hub) List() []Display {
	now := h.Now()
	list := []Display{}
	for _, c := range h.all() {
		list = append(list, c.describe(now))
	}
	slices.SortFunc(list, func(a, b Display) int { return cmp.Compare(a.ID, b.ID) })
	return list
}
