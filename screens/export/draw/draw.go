// Package draw makes pictures of what is on a wall, without a browser: one panel or a whole
// screen as SVG, and SVG as PNG or PDF. It knows panels and layout, and nothing of where a
// scene comes from or where its picture goes.
//
//	d, err := draw.New(draw.Options{})
//	defer d.Close()
//	scene, err := draw.Read(screen, snapshot)          // what the live view gets
//	svg, err := d.Screen(ctx, scene, draw.Look{Footer: "第 17 批 · 数据截至 …"})
//	png, err := d.PNG(ctx, svg, 2)
//
// Charts are drawn by the ECharts of the live view, from the same option and data, in a
// JavaScript machine inside the process. What the live view lays out as HTML is laid out
// here by the same measures (static/DESIGN.md), on the widths of a real font.
package draw

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/screens"
	"liaowang/screens/panel"
)

// Options says what a Drawer may use. The zero value takes what fits this machine.
type Options struct {
	// Workers is how many charts are drawn at once, each in a JavaScript machine of about
	// 40 MB that is made when it is first needed; 0: 2.
	Workers int
	// Fonts are files or folders that are looked at for a Chinese font before those of the
	// system.
	Fonts []string
	// RSVG is the program rsvg-convert; empty: the one in PATH.
	RSVG string
	// Patience is how long one PNG or PDF may take; 0: 30 s.
	Patience time.Duration
	// Memory is how much address space one PNG or PDF may take, bytes; 0: 2 GiB.
	Memory int64
}

// Theme is light, for paper, or dark, as on the wall.
type Theme string

// The themes.
const (
	Light Theme = "light"
	Dark  Theme = "dark"
)

// Look says how a picture looks.
type Look struct {
	// Theme is Light where it is empty.
	Theme Theme
	// Width and Height are the size of the picture in CSS pixels. A screen is 1920 × 1080
	// where they are 0 and is laid out for the shape that they have, its type a fraction of
	// the height, as on a wall. A panel is as large as on a wall of 1920 × 1080 where they
	// are 0, its rows all there; its type does not depend on them.
	Width, Height int
	// Footer is the line of provenance along the foot: region, batch, as_of, checks, who
	// and when. It takes a second line where it is long. 演示数据 stands before it while
	// the batch has rows of the demo province.
	Footer string
	// Code is the short code by which the picture can be verified, written at the right of
	// the foot; QR is what the square code beside it says. Empty: none.
	Code, QR string
}

// Scene is a screen for a region in one batch, as the live view gets it.
type Scene struct {
	Screen screens.Screen `json:"-"`
	// Region is the code of the region shown, Path the way to it from the province.
	Region      string  `json:"region"`
	RegionName  string  `json:"region_name"`
	Path        []Place `json:"path"`
	MapApproval string  `json:"map_approval"`
	// Batch tells number, as_of, whether it is 演示数据, and the results of the checks.
	Batch  batch.Header `json:"batch"`
	Panels []Content    `json:"panels"`
}

// Place is one step of the way from the province to a region.
type Place struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Content is what one panel shows: what panel.Option and panel.Data give.
type Content struct {
	ID     string          `json:"id"`
	Option json.RawMessage `json:"option"` // nil: no chart
	Data   json.RawMessage `json:"data"`
}

// Read takes a scene from a snapshot of the stream or of /api/scene, of the screen named.
func Read(screen screens.Screen, snapshot []byte) (*Scene, error) {
	s := &Scene{Screen: screen}
	if err := json.Unmarshal(snapshot, s); err != nil {
		return nil, fmt.Errorf("draw: the snapshot of screen %s: %w", screen.ID, err)
	}
	return s, nil
}

// panel finds what a panel is and what it shows.
func (s *Scene) panel(id string) (*panel.Spec, *Content, error) {
	for i := range s.Screen.Panels {
		if s.Screen.Panels[i].ID != id {
			continue
		}
		for k := range s.Panels {
			if s.Panels[k].ID == id {
				return &s.Screen.Panels[i], &s.Panels[k], nil
			}
		}
	}
	return nil, nil, &UnknownPanelError{Screen: s.Screen.ID, Panel: id}
}

// Rect is a place on a picture, CSS pixels.
type Rect struct{ X, Y, Width, Height float64 }

// What is not to be had says what to install.
var (
	ErrNoFont = errors.New("draw: no Chinese font is found: install fonts-noto-cjk (Debian) or google-noto-sans-cjk-fonts, or name a file")
	ErrNoRSVG = errors.New("draw: rsvg-convert is not found, which makes PNG and PDF: install librsvg2-bin (Debian) or librsvg2-tools")
	ErrClosed = errors.New("draw: the drawer is closed")
)

// UnknownPanelError names a panel that a screen does not have.
type UnknownPanelError struct{ Screen, Panel string }

func (e *UnknownPanelError) Error() string {
	return fmt.Sprintf("draw: screen %s has no panel %s", e.Screen, e.Panel)
}
