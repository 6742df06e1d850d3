package queries

import (
	"cmp"
	"slices"
)

// Region is a node of the tree of regions: the province, a county or a township.
type Region struct {
	Code, Parent, Level string
	// Applicable is false where figures about households do not apply, as in 三沙,
	// and in all regions of such a one.
	Applicable bool
}

// Tree is the province with all that it consists of, a parent before its children.
type Tree struct {
	Regions []Region
	at      map[string]int
	top     string
}

// NewTree orders regions; what is not applicable makes what lies in it so.
func NewTree(regions []Region) *Tree {
	t := &Tree{Regions: slices.Clone(regions), at: make(map[string]int, len(regions))}
	// A parent comes before its children: its code is shorter, or sorts first.
	slices.SortFunc(t.Regions, func(a, b Region) int {
		return cmp.Or(cmp.Compare(len(a.Code), len(b.Code)), cmp.Compare(a.Code, b.Code))
	})
	for i := range t.Regions {
		r := &t.Regions[i]
		t.at[r.Code] = i
		if r.Level == "province" {
			// Of several the last, as max(code) would have it.
			t.top = r.Code
		}
		if p, ok := t.at[r.Parent]; ok && p != i && !t.Regions[p].Applicable {
			r.Applicable = false
		}
	}
	return t
}

// Region finds a region by its code.
func (t *Tree) Region(code string) (Region, bool) {
	i, ok := t.at[code]
	if !ok {
		return Region{}, false
	}
	return t.Regions[i], true
}

// Chain gives the regions that a place counts for, from the place itself up to the
// province; the province alone for a place that the tree does not hold.
func (t *Tree) Chain(place string) []Region {
	var chain []Region
	for code := place; len(chain) < 3; {
		r, ok := t.Region(code)
		if !ok {
			break
		}
		chain = append(chain, r)
		code = r.Parent
	}
	if len(chain) == 0 || chain[len(chain)-1].Code != t.top {
		if top, ok := t.Region(t.top); ok {
			chain = append(chain, top)
		}
	}
	return chain
}
