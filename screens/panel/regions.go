package panel

import (
	"fmt"
	"slices"
	"strings"

	"liaowang/aggregator/batch"
)

// Level is the level of a region in the tree.
type Level string

// The levels of regions that screens are shown for.
const (
	Province Level = "province"
	County   Level = "county"
	Township Level = "township"
)

// Levels lists every level, widest first.
func Levels() []Level { return []Level{Province, County, Township} }

// Region is one node of the tree of regions.
type Region struct {
	Code   string `json:"code"`
	Parent string `json:"parent"`
	Level  Level  `json:"level"`
	Name   string `json:"name"`
	// Applicable is false where household figures mean nothing, here or in any
	// region above: they are shown as 不适用, never as 0.
	Applicable bool `json:"applicable"`
}

// Regions is the tree of regions as one batch knows it.
type Regions struct {
	nodes    map[string]*Region
	children map[string][]string
}

// NewRegions reads the tree from the frame of the metric regions.list.
func NewRegions(frame *batch.Frame) (*Regions, error) {
	if frame == nil {
		return nil, fmt.Errorf("panel: the batch has no frame of the regions")
	}
	r := &Regions{nodes: map[string]*Region{}, children: map[string][]string{}}
	for i, row := range frame.Rows {
		if len(row) < 5 || slices.ContainsFunc(row[:4], func(c batch.Cell) bool { return c.State != batch.IsText }) {
			return nil, fmt.Errorf("panel: regions: row %d is not code, parent, level, name, applicable", i)
		}
		n := &Region{Code: row[0].Text, Parent: row[1].Text, Level: Level(row[2].Text), Name: row[3].Text,
			Applicable: row[4].State == batch.IsNumber && row[4].Number != 0}
		if _, twice := r.nodes[n.Code]; twice || n.Code == "" {
			return nil, fmt.Errorf("panel: regions: row %d: code %q is empty or stands twice", i, n.Code)
		}
		if !slices.Contains(Levels(), n.Level) {
			return nil, fmt.Errorf("panel: regions: row %d: level %q is unknown: must be one of %s", i, n.Level, list(Levels()))
		}
		r.nodes[n.Code] = n
		r.children[n.Parent] = append(r.children[n.Parent], n.Code)
	}
	for _, codes := range r.children {
		slices.Sort(codes)
	}
	for code, n := range r.nodes {
		for _, above := range r.Path(code) {
			n.Applicable = n.Applicable && r.nodes[above.Code].Applicable
		}
	}
	return r, nil
}

// Get finds a region by its code.
func (r *Regions) Get(code string) (Region, bool) {
	if r == nil || r.nodes[code] == nil {
		return Region{}, false
	}
	return *r.nodes[code], true
}

// Children lists the regions right below a region, by code.
func (r *Regions) Children(code string) []Region {
	if r == nil {
		return nil
	}
	out := make([]Region, 0, len(r.children[code]))
	for _, c := range r.children[code] {
		out = append(out, *r.nodes[c])
	}
	return out
}

// Path lists the regions from the province down to the region itself; nil for
// an unknown code.
func (r *Regions) Path(code string) []Region {
	if r == nil {
		return nil
	}
	var path []Region
	for n := r.nodes[code]; n != nil && len(path) < len(Levels()); n = r.nodes[n.Parent] {
		path = append(path, *n)
	}
	slices.Reverse(path)
	return path
}

// name is the name on the glass; a code that nobody knows is shown as it is.
func (r *Regions) name(code string) string {
	if n, ok := r.Get(code); ok {
		return n.Name
	}
	return code
}

// applicable says whether household figures mean something in a region. They
// do where the tree does not know the region: what it reports is shown.
func (r *Regions) applicable(code string) bool {
	n, ok := r.Get(code)
	return !ok || n.Applicable
}

// level is the level by the tree, or else by the length of the code.
func (r *Regions) level(code string) Level {
	if n, ok := r.Get(code); ok {
		return n.Level
	}
	return levelOf(code)
}

// levelOf reads the level from a code of GB/T 2260 or GB/T 10114.
func levelOf(code string) Level {
	switch {
	case len(code) > 6:
		return Township
	case strings.HasSuffix(code, "0000"):
		return Province
	}
	return County
}

// provinceOf gives the code of the province that a code lies in.
func provinceOf(code string) string {
	if len(code) < 2 {
		return code
	}
	return code[:2] + "0000"
}

// county gives the code of the county that a region lies in; of a province, itself.
// It is the tree that says so: a township of a district has the district's digits
// (460107004), and lies in the city (460100).
func (r *Regions) county(code string) string {
	if n, ok := r.Get(code); ok && n.Level == Township {
		return n.Parent
	}
	if len(code) < 6 {
		return code
	}
	return code[:6] // the tree does not know it
}
