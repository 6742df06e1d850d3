package draw

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// outlines are the shapes of a map. Three quarters of the time that ECharts takes for a map
// in an interpreter go into its five thousand points, which never change: it is given the bounds of
// each region as a rectangle, from which it works out the same places, and what it draws
// for a rectangle is then the outline.
type outlines struct {
	// bounds is the map with rectangles, as GeoJSON: registered as "bounds.layer".
	bounds string
	// regions are those of all layers in the order in which ECharts draws them.
	regions []*region
}

type region struct {
	layer  string
	rings  [][][2]float64 // degrees
	bounds [4]float64     // west, south, east, north
}

type feature struct {
	Type       string `json:"type"`
	Properties struct {
		Code   string      `json:"code"`
		Name   string      `json:"name"`
		Layers []string    `json:"layers"`
		CP     *[2]float64 `json:"cp,omitempty"`
	} `json:"properties"`
	Geometry geometry `json:"geometry"`
}

type geometry struct {
	Type        string           `json:"type"`
	Coordinates [][][][2]float64 `json:"coordinates"`
}

// readOutlines reads a map of static/maps.
func readOutlines(geoJSON string) (*outlines, error) {
	var in struct {
		Type     string    `json:"type"`
		Features []feature `json:"features"`
	}
	if err := json.Unmarshal([]byte(geoJSON), &in); err != nil {
		return nil, fmt.Errorf("draw: the map: %w", err)
	}
	o := &outlines{}
	layers := map[string][]*region{}
	for i := range in.Features {
		f := &in.Features[i]
		r := &region{bounds: [4]float64{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}}
		for _, polygon := range f.Geometry.Coordinates {
			for k, ring := range polygon {
				r.rings = append(r.rings, ring)
				for _, p := range ring {
					if k > 0 {
						break // what is cut out of a region does not make it larger
					}
					r.bounds[0], r.bounds[1] = min(r.bounds[0], p[0]), min(r.bounds[1], p[1])
					r.bounds[2], r.bounds[3] = max(r.bounds[2], p[0]), max(r.bounds[3], p[1])
				}
			}
		}
		if len(r.rings) == 0 {
			return nil, errors.New("draw: the map has a region without an outline")
		}
		for _, name := range f.Properties.Layers {
			of := *r
			of.layer = name
			layers[name] = append(layers[name], &of)
		}
		west, south, east, north := r.bounds[0], r.bounds[1], r.bounds[2], r.bounds[3]
		f.Geometry = geometry{"MultiPolygon", [][][][2]float64{{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}}}
	}
	for _, name := range []string{"main", "inset", "around"} {
		o.regions = append(o.regions, layers[name]...)
	}
	bounds, err := json.Marshal(in)
	o.bounds = string(bounds)
	return o, err
}

// rectangle is what ECharts draws for a region that is one.
var rectangle = regexp.MustCompile(`<path d="M(-?[\d.]+) (-?[\d.]+)L(-?[\d.]+) (-?[\d.]+)L(-?[\d.]+) (-?[\d.]+)L(-?[\d.]+) (-?[\d.]+)L?[-\d. ]*Z"`)

// trace puts the outlines in place of the rectangles of a map. It gives false where it
// cannot be sure that each stands for its region.
func (o *outlines) trace(svg string) (string, bool) {
	found := rectangle.FindAllStringSubmatchIndex(svg, -1)
	if len(found) != len(o.regions) {
		return "", false
	}
	// How degrees become units, layer by layer, from what is farthest apart.
	places := map[string]*place{}
	boxes := make([][4]float64, len(found))
	for i, m := range found {
		r := o.regions[i]
		if places[r.layer] == nil {
			places[r.layer] = newPlace()
		}
		inf := math.Inf(1)
		box := [4]float64{inf, inf, -inf, -inf}
		for k := range 4 {
			x, _ := strconv.ParseFloat(svg[m[2+4*k]:m[3+4*k]], 64)
			y, _ := strconv.ParseFloat(svg[m[4+4*k]:m[5+4*k]], 64)
			box = [4]float64{min(box[0], x), min(box[1], y), max(box[2], x), max(box[3], y)}
		}
		boxes[i] = box
		places[r.layer].x.see(r.bounds[0], r.bounds[2], box[0], box[2])
		places[r.layer].y.see(-r.bounds[3], -r.bounds[1], box[1], box[3])
	}
	var b strings.Builder
	last := 0
	for i, m := range found {
		r := o.regions[i]
		at := places[r.layer]
		for k, want := range [4]float64{at.x.at(r.bounds[0]), at.y.at(-r.bounds[3]), at.x.at(r.bounds[2]), at.y.at(-r.bounds[1])} {
			if d := want - boxes[i][k]; d > alike || d < -alike {
				return "", false
			}
		}
		b.WriteString(svg[last:m[0]])
		b.WriteString(`<path d="`)
		at.write(&b, r)
		b.WriteString(`"`)
		last = m[1]
	}
	b.WriteString(svg[last:])
	return b.String(), true
}

// alike is how far a rectangle may be from where its region is, units: ECharts rounds to
// tenths.
const alike = 0.3

// scale leads from degrees to units along one direction.
type scale struct{ least, most, from, to float64 }

// see takes what reaches from least to most degrees and stands from from to to.
func (s *scale) see(least, most, from, to float64) {
	s.least, s.most = min(s.least, least), max(s.most, most)
	s.from, s.to = min(s.from, from), max(s.to, to)
}

func (s *scale) at(v float64) float64 {
	return s.from + (v-s.least)/(s.most-s.least)*(s.to-s.from)
}

type place struct{ x, y scale }

func newPlace() *place {
	inf := math.Inf(1)
	return &place{scale{inf, -inf, inf, -inf}, scale{inf, -inf, inf, -inf}}
}

// near is the distance below which a point of an outline is left out, units.
const near = 0.3

// write writes an outline as the data of a path.
func (p *place) write(b *strings.Builder, r *region) {
	number := func(v float64) {
		b.WriteString(strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64))
	}
	for _, ring := range r.rings {
		var x, y float64
		for i, point := range ring {
			toX, toY := p.x.at(point[0]), p.y.at(-point[1])
			if i > 0 && math.Abs(toX-x) < near && math.Abs(toY-y) < near {
				continue
			}
			x, y = toX, toY
			b.WriteByte("ML"[min(i, 1)])
			number(x)
			b.WriteByte(' ')
			number(y)
		}
		b.WriteByte('Z')
	}
}
