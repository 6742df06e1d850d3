package draw

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"liaowang/screens"
)

// walls are the shapes of walls with the size, in units, that each is drawn for: those of
// static/js/scale.js.
var walls = []struct {
	name          string
	least         float64 // width by height
	width, height float64
}{
	{"wide", 2.4, 2700, 1080}, {"wall", 1.15, 1800, 1080}, {"portrait", 0, 1080, 1880},
}

// The edges of the grid of panels (static/css/wall.css), in units.
const (
	gridTop    = 14
	gridBottom = 12
	gridRow    = 14
)

// sheet is a screen laid out for a picture: everything in units.
type sheet struct {
	layout        *screens.Layout
	unit          float64 // CSS pixels
	width, height float64
	foot          foot
	places        map[string]Rect // of panels by their areas
}

// headHeight is the height of the head of a screen.
func (s *sheet) headHeight() float64 {
	if s.layout.Name == "portrait" {
		return 118
	}
	return 72
}

// lay places the panels of a screen.
func (p *pen) lay(screen *screens.Screen, look Look) (*sheet, error) {
	shape := float64(look.Width) / float64(look.Height)
	w := walls[slices.IndexFunc(walls, func(w struct {
		name          string
		least         float64
		width, height float64
	}) bool {
		return shape >= w.least
	})]
	i := slices.IndexFunc(screen.Grid, func(l screens.Layout) bool { return l.Name == w.name })
	if i < 0 {
		return nil, fmt.Errorf("draw: screen %s has no layout %s", screen.ID, w.name)
	}
	s := &sheet{layout: &screen.Grid[i], foot: p.foot(look)}
	// What stands at the foot takes nothing from the panels: all becomes a little smaller.
	s.unit = min(float64(look.Width)/w.width, float64(look.Height)/(w.height+s.foot.height))
	s.width, s.height = float64(look.Width)/s.unit, float64(look.Height)/s.unit
	p.upright = w.name == "portrait"
	return s, p.place(screen, s)
}

// place works out the grid as CSS does: what is fixed, then what is as high as its panels
// need, then the rest by fractions.
func (p *pen) place(screen *screens.Screen, s *sheet) error {
	columns, err := tracks(s.layout.Columns, s.width-2*gap, gap, nil)
	if err != nil {
		return fmt.Errorf("draw: screen %s: %w", screen.ID, err)
	}
	type box struct{ top, left, bottom, right int }
	areas := map[string]box{}
	for y, line := range s.layout.Areas {
		for x, name := range strings.Fields(line) {
			b, seen := areas[name]
			if !seen {
				b = box{y, x, y, x}
			}
			areas[name] = box{b.top, min(b.left, x), y, max(b.right, x)}
		}
	}
	span := func(list []float64, from, to int, between float64) (at, size float64) {
		for i := range from {
			at += list[i] + between
		}
		for i := from; i <= to; i++ {
			size += list[i]
		}
		return at, size + float64(to-from)*between
	}
	needs := make([]float64, len(s.layout.Rows))
	for i := range screen.Panels {
		b, ok := areas[screen.Panels[i].Area]
		if !ok || b.top != b.bottom || b.right >= len(columns) || s.layout.Rows[b.top] != "auto" {
			continue
		}
		if plan, err := p.scene.plan(screen.Panels[i].ID); err == nil {
			_, width := span(columns, b.left, b.right, gap)
			needs[b.top] = max(needs[b.top], plan.height(p, width))
		}
	}
	top := s.headHeight() + gridTop
	rows, err := tracks(s.layout.Rows, s.height-s.foot.height-top-gridBottom, gridRow, needs)
	if err != nil {
		return fmt.Errorf("draw: screen %s: %w", screen.ID, err)
	}
	s.places = map[string]Rect{}
	for _, spec := range screen.Panels {
		b, ok := areas[spec.Area]
		if !ok || b.right >= len(columns) || b.bottom >= len(rows) {
			return fmt.Errorf("draw: screen %s: the area of panel %s is not in layout %s", screen.ID, spec.ID, s.layout.Name)
		}
		x, width := span(columns, b.left, b.right, gap)
		y, height := span(rows, b.top, b.bottom, gridRow)
		s.places[spec.ID] = Rect{gap + x, top + y, width, height}
	}
	return nil
}

// tracks are the sizes of columns or rows: "150u", "2fr", or "auto", which is what is
// needed. Nothing is smaller than nothing.
func tracks(sizes []string, room, between float64, needs []float64) ([]float64, error) {
	out := make([]float64, len(sizes))
	shares := make([]float64, len(sizes))
	room -= float64(len(sizes)-1) * between
	total := 0.0
	for i, size := range sizes {
		number, fraction := strings.CutSuffix(size, "fr")
		number = strings.TrimSuffix(number, "u")
		v, err := strconv.ParseFloat(number, 64)
		switch {
		case size == "auto" && needs != nil:
			out[i] = needs[i]
		case size == "auto":
			shares[i] = 1
		case err != nil:
			return nil, fmt.Errorf("%q is no size", size)
		case fraction:
			shares[i] = v
		default:
			out[i] = v
		}
		total += shares[i]
		room -= out[i]
	}
	for i, share := range shares {
		if share > 0 {
			out[i] = max(room*share/total, 0)
		}
	}
	return out, nil
}
