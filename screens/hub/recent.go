package hub

import (
	"fmt"
	"sync"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/screens"
	"liaowang/screens/panel"
)

// recentKept is how many pictures stay in memory after they were the newest. What one
// shares with the next is there once, so that they cost little. Who touches a number asks
// for the batch on his glass, which by then is mostly one of these.
const recentKept = 64

// recent are the pictures that were the newest ones last, the oldest first.
type recent struct {
	mu  sync.Mutex
	all []*picture
}

func (r *recent) add(p *picture) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.all); n > 0 && r.all[n-1].header.History != p.header.History {
		r.all = nil // numbers of two histories cannot be compared
	}
	if len(r.all) == recentKept {
		r.all = append(r.all[:0], r.all[1:]...)
	}
	r.all = append(r.all, p)
}

func (r *recent) find(number uint64) *picture {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.all) - 1; i >= 0; i-- {
		if r.all[i].header.Number == number {
			return r.all[i]
		}
	}
	return nil
}

// Shown is one batch as it was shown, or the part of it that it was made from. It is
// never changed.
type Shown struct{ p *picture }

// Recent gives the batch with a number, 0 for the newest, if this node has shown it
// lately; else nil.
func (h *Hub) Recent(number uint64) *Shown {
	p := h.picture.Load()
	if number != 0 && (p == nil || p.header.Number != number) {
		p = h.recent.find(number)
	}
	if p == nil {
		return nil
	}
	return &Shown{p}
}

// Lately lists the headers of the batches that this node has shown last, the oldest first.
func (h *Hub) Lately() []*batch.Header {
	h.recent.mu.Lock()
	defer h.recent.mu.Unlock()
	all := make([]*batch.Header, len(h.recent.all))
	for i, p := range h.recent.all {
		all[i] = p.header
	}
	return all
}

// NewShown makes a batch of its header and frames, for what was shown before. The frame
// of the regions must be among them.
func NewShown(header *batch.Header, frames []*batch.Frame) (*Shown, error) {
	p, err := (*picture)(nil).apply(header, frames)
	if err != nil {
		return nil, err
	}
	return &Shown{p}, nil
}

// Header is the batch's header.
func (s *Shown) Header() *batch.Header { return s.p.header }

// Frame finds a frame; nil where the batch has none.
func (s *Shown) Frame(metric, region string) *batch.Frame { return s.p.frame(metric, region) }

// Input is what panels for a region are drawn from.
func (s *Shown) Input(c *queries.Catalogue, region string) panel.Input {
	return panel.Input{Catalogue: c, Regions: s.p.regions, Region: region, LeastCell: s.p.header.LeastCell, Frame: s.p.frame}
}

// Draw gives the snapshot of a scene as a display of that time would have got it: the
// message of PROTOCOL.md, without a status, which was not recorded. Its errors are those
// that a subscriber gets.
func (h *Hub) Draw(shown *Shown, scene Scene) (any, error) {
	screen := screens.Find(h.Story(), scene.Screen)
	if screen == nil {
		return nil, &Error{Code: UnknownScreen, Message: "there is no screen " + scene.Screen}
	}
	if _, ok := shown.p.regions.Get(scene.Region); !ok {
		return nil, unknownRegion(scene, false)
	}
	s := newStage(h, scene, screen)
	if err := s.paint(shown.p); err != nil {
		return nil, fmt.Errorf("batch %d: %w", shown.p.header.Number, err)
	}
	m := s.snapshot(status{})
	return struct {
		snapshotMessage
		Status *status `json:"status,omitempty"`
		ShowAt int64   `json:"show_at,omitempty"`
	}{snapshotMessage: m}, nil
}
