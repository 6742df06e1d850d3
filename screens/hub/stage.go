package hub

import (
	"encoding/json"
	"fmt"
	"maps"
	"sync"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/screens"
	"liaowang/screens/panel"
)

// picture is the newest batch as this node holds it. It is never changed: a new
// batch makes a new picture.
type picture struct {
	header *batch.Header
	// rest is the header as it goes over the wire, without the number.
	rest    json.RawMessage
	frames  frames
	regions *panel.Regions
	// showAt is when displays are to show it, Unix milliseconds of this node's clock; 0
	// where it is not known.
	showAt int64
}

func (p *picture) frame(metric, region string) *batch.Frame {
	return p.frames[region][metric]
}

// frames are by region and metric. A batch changes frames of few regions: what one
// picture shares with the next is not copied.
type frames map[string]map[string]*batch.Frame

// with lays newer frames over a copy.
func (f frames) with(changed []*batch.Frame) frames {
	next := maps.Clone(f)
	if next == nil {
		next = frames{}
	}
	own := map[string]bool{} // regions that are copied already
	for _, one := range changed {
		if !own[one.Region] {
			of := maps.Clone(next[one.Region])
			if of == nil {
				of = map[string]*batch.Frame{}
			}
			next[one.Region], own[one.Region] = of, true
		}
		next[one.Region][one.Metric] = one
	}
	return next
}

// apply lays newer frames over a picture.
func (p *picture) apply(h *batch.Header, changed []*batch.Frame) (*picture, error) {
	rest, err := json.Marshal(struct {
		*batch.Header
		Number *uint64 `json:"batch,omitempty"`
	}{Header: h})
	if err != nil {
		return nil, fmt.Errorf("hub: batch %d: %w", h.Number, err)
	}
	next := &picture{header: h, rest: rest}
	if p != nil && p.header.History == h.History {
		next.frames, next.regions = p.frames, p.regions
	}
	next.frames = next.frames.with(changed)
	for _, f := range changed {
		if f.Metric != queries.RegionsMetric {
			continue
		}
		if next.regions, err = panel.NewRegions(f); err != nil {
			return nil, err
		}
		for region := range next.frames { // one that is gone has no figures
			if _, ok := next.regions.Get(region); !ok {
				delete(next.frames, region)
			}
		}
	}
	if next.regions == nil {
		return nil, fmt.Errorf("hub: batch %d has no frame of %s", h.Number, queries.RegionsMetric)
	}
	return next, nil
}

// stage holds what a scene's displays are to show: each panel encoded once, and
// each message once for all displays that have the same picture.
type stage struct {
	hub   *Hub
	scene Scene
	// watchers is how many displays show the scene, under the hub's lock.
	watchers int

	mu    sync.Mutex
	tried *picture // the last one that was to be painted
	at    *picture // the one that is painted; nil before the first
	// missed is the newest picture if the region is not in it.
	missed *picture
	// edition is that of the screen which panels are of.
	edition string
	panels  []stagePanel
	// past are the pictures that were shown last, without frames: patches begin there.
	past []past
	// messages are encoded for the number that a display already has.
	messages map[messageKey]*message
	// whole and current tell the status too: they are as of news.
	whole, current *message
	news           *news
}

type stagePanel struct {
	spec    panel.Spec
	name    []byte // its id as JSON
	option  json.RawMessage
	data    json.RawMessage
	changed uint64 // the number of the batch in which its figures last changed
}

// messageKey is what a display has, and whether it takes patches.
type messageKey struct {
	since uint64
	patch bool
}

// newStage makes an empty stage for a screen.
func newStage(h *Hub, scene Scene, screen *screens.Screen) *stage {
	return &stage{hub: h, scene: scene, edition: screen.Edition, panels: bare(screen)}
}

// bare is the panels of a screen before anything is drawn.
func bare(screen *screens.Screen) []stagePanel {
	panels := make([]stagePanel, len(screen.Panels))
	for i, spec := range screen.Panels {
		panels[i] = stagePanel{spec: spec, name: jsonString(spec.ID)}
	}
	return panels
}

// catchUp brings the stage to the hub's picture, and says whether it shows one.
func (s *stage) catchUp() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.hub.picture.Load()
	if p == s.tried {
		return s.at != nil
	}
	s.tried, s.missed = p, nil
	if _, ok := p.regions.Get(s.scene.Region); !ok {
		s.missed = p
	} else if err := s.paint(p); err != nil {
		s.hub.Logger.Error("scene not drawn", "screen", s.scene.Screen, "region", s.scene.Region, "err", err)
		s.hub.fault("有屏幕无法绘制，见服务日志")
	}
	return s.at != nil
}

// paint draws anew what changed. A stage that cannot be drawn stays as it is.
func (s *stage) paint(p *picture) error {
	in := panel.Input{Catalogue: s.hub.Catalogue, Regions: p.regions, Region: s.scene.Region, LeastCell: p.header.LeastCell, Frame: p.frame}
	panels := make([]stagePanel, len(s.panels))
	for i, was := range s.panels {
		next := was
		next.changed = changedIn(was.spec, s.scene.Region, s.hub.Province, p)
		fresh := was.data == nil || s.at == nil || s.at.regions != p.regions || s.at.header.History != p.header.History
		var err error
		if fresh {
			if next.option, err = panel.Option(was.spec, in); err != nil {
				return fmt.Errorf("hub: panel %s/%s: %w", s.scene.Screen, was.spec.ID, err)
			}
		}
		if fresh || next.changed != was.changed {
			if next.data, err = panel.Data(was.spec, in); err != nil {
				return fmt.Errorf("hub: panel %s/%s: %w", s.scene.Screen, was.spec.ID, err)
			}
		}
		panels[i] = next
	}
	s.remember(p.header.History)
	s.panels, s.at = panels, p
	s.messages = map[messageKey]*message{}
	s.whole, s.current, s.news = nil, nil, nil
	return nil
}

// changedIn is the newest batch in which one of a panel's frames changed. It
// follows from the frames alone, so that it means the same on every node and
// after a restart.
func changedIn(spec panel.Spec, region, province string, p *picture) uint64 {
	newest := regionsChanged(p, province)
	for _, k := range panel.Needs(spec, region, p.regions) {
		if f := p.frame(k.Metric, k.Region); f != nil {
			newest = max(newest, f.Changed)
		}
	}
	return newest
}

func regionsChanged(p *picture, province string) uint64 {
	if f := p.frame(queries.RegionsMetric, province); f != nil {
		return f.Changed
	}
	return 0
}

// owed is what takes a display's picture to the newest batch, or nil. It is called
// under the connection's lock.
func (s *stage) owed(c *conn, n *news) (*message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.missed != nil && c.missed != s.missed {
		c.missed = s.missed
		return one(errorMessage{"error", unknownRegion(s.scene, true)})
	}
	if s.at == nil {
		return nil, nil
	}
	h := s.at.header
	if c.history != h.History {
		c.has = 0 // a picture of another history cannot be brought up to date
	}
	if c.edition != "" && c.edition != s.edition {
		c.has = 0 // nor can one of other panels
	}
	switch {
	case c.has > h.Number:
		return nil, nil // this node is behind the one the display comes from: it will catch up
	case c.has == h.Number && c.told:
		return nil, nil
	}
	m, err := s.message(c.has, c.patches && c.told, n)
	if err != nil {
		return nil, err
	}
	c.edition = s.edition
	if !c.told {
		c.told, c.began = true, h.Number
	}
	if c.has == h.Number {
		c.greeted = true
		return m, nil
	}
	c.history, c.has = h.History, h.Number
	s.hub.meters.sent.Inc()
	return m, nil
}

// message takes a display from the number that it has to the stage's picture: a
// snapshot from 0, else what changed.
func (s *stage) message(since uint64, patch bool, n *news) (*message, error) {
	if s.news != n {
		s.news, s.whole, s.current = n, nil, nil
	}
	var err error
	switch since {
	case 0:
		if s.whole == nil {
			s.whole, err = s.hub.deflater.encode(s.snapshot(n.status))
		}
		return s.whole, err
	case s.at.header.Number:
		if s.current == nil {
			s.current, err = s.hub.deflater.encode(currentMessage{Type: "current", Scene: s.scene, Batch: s.at.header, Status: n.status})
		}
		return s.current, err
	}
	key := messageKey{since, patch}
	if m := s.messages[key]; m != nil {
		return m, nil
	}
	var m *message
	if patch {
		m = s.patch(since)
	}
	if m == nil {
		whole := messageKey{since: s.base(since)}
		if m = s.messages[whole]; m == nil {
			if m, err = s.hub.deflater.encode(s.since(whole.since)); err != nil {
				return nil, err
			}
			s.messages[whole] = m
		}
	}
	s.messages[key] = m
	return m, nil
}

func (s *stage) snapshot(now status) snapshotMessage {
	m := snapshotMessage{
		Type: "snapshot", Scene: s.scene, Edition: s.edition, MapApproval: s.hub.MapApproval,
		ShowAt: s.at.showAt, Batch: s.at.header, Status: now, Panels: []panelMessage{},
	}
	m.RegionName, m.Path = s.names()
	for _, p := range s.panels {
		m.Panels = append(m.Panels, panelMessage{p.spec.ID, p.option, p.data})
	}
	return m
}

// names are the region's, and those of the way from the province to it.
func (s *stage) names() (name string, path []place) {
	path = []place{}
	for _, r := range s.at.regions.Path(s.scene.Region) {
		path = append(path, place{r.Code, r.Name})
		name = r.Name
	}
	return name, path
}

// since is what changed after a number.
func (s *stage) since(number uint64) batchMessage {
	m := batchMessage{Type: "batch", Scene: s.scene, ShowAt: s.at.showAt, Batch: s.at.header, Panels: []panelMessage{}}
	named := regionsChanged(s.at, s.hub.Province) > number
	if named {
		m.RegionName, m.Path = s.names()
	}
	for _, p := range s.panels {
		if p.changed <= number {
			continue
		}
		update := panelMessage{ID: p.spec.ID, Data: p.data}
		if named {
			update.Option = p.option // names stand in it
		}
		m.Panels = append(m.Panels, update)
	}
	return m
}

// base is the lowest number from which the same panels have changed: displays
// that name different numbers share a message, whatever they name.
func (s *stage) base(since uint64) uint64 {
	low := uint64(1)
	for _, p := range s.panels {
		if p.changed <= since {
			low = max(low, p.changed)
		}
	}
	return low
}

func unknownRegion(scene Scene, retry bool) *Error {
	return &Error{Code: UnknownRegion, Message: "there is no region " + scene.Region, Retry: retry}
}
