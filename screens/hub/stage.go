package hub

import (
	"encoding/json"
	"fmt"

	"github.com/gorilla/websocket"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/screens"
	"liaowang/screens/panel"
)

// picture is the newest batch as this node holds it. It is never changed: a new
// batch makes a new picture.
type picture struct {
	header  *batch.Header
	frames  map[batch.Key]*batch.Frame
	regions *panel.Regions
}

func (p *picture) frame(metric, region string) *batch.Frame {
	return p.frames[batch.Key{Metric: metric, Region: region}]
}

// apply lays newer frames over a picture.
func (p *picture) apply(h *batch.Header, changed []*batch.Frame) (*picture, error) {
	next := &picture{header: h, frames: make(map[batch.Key]*batch.Frame, len(changed))}
	if p != nil && p.header.History == h.History {
		for k, f := range p.frames {
			next.frames[k] = f
		}
		next.regions = p.regions
	}
	for _, f := range changed {
		next.frames[f.Key()] = f
		if f.Metric != queries.RegionsMetric {
			continue
		}
		regions, err := panel.NewRegions(f)
		if err != nil {
			return nil, err
		}
		next.regions = regions
		for k := range next.frames { // a region that is gone has no figures
			if _, ok := regions.Get(k.Region); !ok {
				delete(next.frames, k)
			}
		}
	}
	if next.regions == nil {
		return nil, fmt.Errorf("hub: batch %d has no frame of %s", h.Number, queries.RegionsMetric)
	}
	return next, nil
}

// stage holds what a scene's displays are to show: each panel encoded once, and
// each message prepared once for all displays that have the same picture.
// It is owned by the hub's lock.
type stage struct {
	scene  Scene
	panels []stagePanel
	at     *picture
	// messages are prepared for the number a display already has.
	messages map[uint64]*websocket.PreparedMessage
	conns    map[*conn]struct{}
}

type stagePanel struct {
	spec    panel.Spec
	option  json.RawMessage
	data    json.RawMessage
	changed uint64 // the number of the batch in which its figures last changed
}

func (s *stage) input(h *Hub, p *picture) panel.Input {
	return panel.Input{Catalogue: h.Catalogue, Regions: p.regions, Region: s.scene.Region, LeastCell: p.header.LeastCell, Frame: p.frame}
}

// paint brings the stage to a picture, drawing anew only what changed.
func (s *stage) paint(h *Hub, p *picture) error {
	in := s.input(h, p)
	panels := make([]stagePanel, len(s.panels))
	for i, was := range s.panels {
		next := was
		next.changed = changedIn(was.spec, s.scene.Region, h.Province, p)
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
	s.panels, s.at = panels, p
	s.messages = map[uint64]*websocket.PreparedMessage{}
	return nil
}

// changedIn is the newest batch in which one of a panel's frames changed. It
// follows from the frames alone, so that it means the same on every node and
// after a restart.
func changedIn(spec panel.Spec, region, province string, p *picture) uint64 {
	newest := regionsChanged(p, province)
	for _, k := range panel.Needs(spec, region, p.regions) {
		if f := p.frames[k]; f != nil {
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

// message is what takes a display from the number it has to the stage's
// picture: a snapshot from 0, else what changed.
func (s *stage) message(h *Hub, since uint64) (*websocket.PreparedMessage, error) {
	since = s.base(since)
	if m := s.messages[since]; m != nil {
		return m, nil
	}
	var body any
	if since == 0 {
		snap := snapshotMessage{
			Type: "snapshot", Scene: s.scene, MapApproval: h.MapApproval,
			Batch: s.at.header, Status: h.status, Panels: []panelMessage{}, Path: []place{},
		}
		for _, r := range s.at.regions.Path(s.scene.Region) {
			snap.Path = append(snap.Path, place{r.Code, r.Name})
			snap.RegionName = r.Name
		}
		for _, p := range s.panels {
			snap.Panels = append(snap.Panels, panelMessage{p.spec.ID, p.option, p.data})
		}
		body = snap
	} else {
		named := regionsChanged(s.at, h.Province)
		part := batchMessage{Type: "batch", Scene: s.scene, Batch: s.at.header, Panels: []panelMessage{}}
		for _, p := range s.panels {
			m := panelMessage{ID: p.spec.ID, Data: p.data}
			if named > since {
				m.Option = p.option // names stand in it
			}
			if p.changed > since {
				part.Panels = append(part.Panels, m)
			}
		}
		body = part
	}
	m, err := prepare(body)
	if err != nil {
		return nil, err
	}
	s.messages[since] = m
	return m, nil
}

// base is the lowest number from which the same panels have changed: displays
// that name different numbers share a message, whatever they name.
func (s *stage) base(since uint64) uint64 {
	if since == 0 {
		return 0
	}
	low := uint64(1)
	for _, p := range s.panels {
		if p.changed <= since {
			low = max(low, p.changed)
		}
	}
	return low
}

func prepare(body any) (*websocket.PreparedMessage, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("hub: encode: %w", err)
	}
	return websocket.NewPreparedMessage(websocket.TextMessage, text)
}

// newStage makes an empty stage for a screen.
func newStage(scene Scene, screen *screens.Screen) *stage {
	s := &stage{scene: scene, conns: map[*conn]struct{}{}}
	for _, spec := range screen.Panels {
		s.panels = append(s.panels, stagePanel{spec: spec})
	}
	return s
}
