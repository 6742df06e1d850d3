package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/centrifugal/centrifuge"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/screens"
	"liaowang/screens/hub"
	"liaowang/screens/panel"
)

// drawer makes the plain server do what the hub does: it reads the frames from Redis,
// draws the panels whose figures changed, with the same code, and publishes the scene.
type drawer struct {
	store    *batch.Store
	node     *centrifuge.Node
	cat      *queries.Catalogue
	delta    bool
	province string
	scenes   []*drawn

	number  uint64
	held    map[batch.Key]*batch.Frame
	regions *panel.Regions

	mu      sync.Mutex
	offsets map[uint64]uint64 // of the first scene's publications, by the batch's number
}

// drawn is a scene as it was published last.
type drawn struct {
	hub.Scene
	screen *screens.Screen
	panels []json.RawMessage
}

func newDrawer(store *batch.Store, node *centrifuge.Node, delta bool, province string, all []hub.Scene) (*drawer, error) {
	cat, err := queries.Load()
	if err != nil {
		return nil, err
	}
	known, err := screens.Load(cat)
	if err != nil {
		return nil, err
	}
	d := &drawer{store: store, node: node, cat: cat, delta: delta, province: province, held: map[batch.Key]*batch.Frame{}, offsets: map[uint64]uint64{}}
	for _, scene := range all {
		screen := screens.Find(known, scene.Screen)
		if screen == nil {
			return nil, fmt.Errorf("there is no screen %s", scene.Screen)
		}
		d.scenes = append(d.scenes, &drawn{Scene: scene, screen: screen, panels: make([]json.RawMessage, len(screen.Panels))})
	}
	return d, nil
}

// run publishes every batch that it finds until ctx is done.
func (d *drawer) run(ctx context.Context) error {
	for hints := d.store.News(ctx); ; {
		if err := d.look(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-hints:
		case <-time.After(time.Second):
		}
	}
}

func (d *drawer) look(ctx context.Context) error {
	snap, err := d.store.LoadOnto(ctx, d.number, d.held)
	if err != nil || snap.Header == nil || snap.Header.Number == d.number {
		return err
	}
	changed := make(map[batch.Key]bool, len(snap.Frames))
	for _, f := range snap.Frames {
		changed[f.Key()] = true
		d.held[f.Key()] = f
		if f.Metric == queries.RegionsMetric {
			if d.regions, err = panel.NewRegions(f); err != nil {
				return err
			}
		}
	}
	d.number = snap.Header.Number
	for i, s := range d.scenes {
		body, err := d.draw(s, snap.Header, changed)
		if err != nil {
			return err
		}
		r, err := d.node.Publish(channel(s.Scene), body, centrifuge.WithHistory(1, time.Hour), centrifuge.WithDelta(d.delta))
		if err != nil {
			return err
		}
		if i == 0 {
			d.mu.Lock()
			d.offsets[d.number] = r.Offset
			d.mu.Unlock()
		}
	}
	return nil
}

// draw gives all that a display needs: the header, and each panel's data. The options of
// the charts do not change; a page has them already.
func (d *drawer) draw(s *drawn, header *batch.Header, changed map[batch.Key]bool) ([]byte, error) {
	in := panel.Input{Catalogue: d.cat, Regions: d.regions, Region: s.Region, LeastCell: header.LeastCell,
		Frame: func(metric, region string) *batch.Frame { return d.held[batch.Key{Metric: metric, Region: region}] }}
	type panelMessage struct {
		ID   string          `json:"id"`
		Data json.RawMessage `json:"data"`
	}
	var panels []panelMessage
	for i, spec := range s.screen.Panels {
		stale := s.panels[i] == nil
		for _, k := range panel.Needs(spec, s.Region, d.regions) {
			stale = stale || changed[k]
		}
		if stale {
			data, err := panel.Data(spec, in)
			if err != nil {
				return nil, err
			}
			s.panels[i] = data
		}
		panels = append(panels, panelMessage{spec.ID, s.panels[i]})
	}
	return json.Marshal(struct {
		hub.Scene
		Batch  *batch.Header  `json:"batch"`
		Panels []panelMessage `json:"panels"`
	}{s.Scene, header, panels})
}

// serveOffsets tells which publication brought which batch.
func (d *drawer) serveOffsets(w http.ResponseWriter, _ *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	_ = json.NewEncoder(w).Encode(d.offsets) // who has gone does not want to know
}
