// Package disclosure decides which small cells of statistical tables are kept
// from being shown, and which others have to be hidden with them so that nobody
// finds the small ones by subtraction.
//
//	g := disclosure.NewGroup(tree, 5)             // what counts one population
//	all := g.Add(g.Partition("", false), "", region, 54)
//	odd := g.Add(g.Partition("type", false), "sudden", region, 3)
//	g.Suppress(before)                            // before: the group of the last batch, or nil
//	g.Hidden(odd)                                 // true
//
// A unit is a count of one part of the population in one region. Units are tied by
// what everybody knows: the parts of a partition add up to the whole, or to the part
// that it lies within; further sums may be said (equal numbers, margins of a table,
// coarser divisions); and the regions right below a region add up to it. A unit that
// counts at least 1 and fewer than the least cell is hidden; then further units are
// hidden until
//
//   - no relation has one hidden term alone, and what the hidden terms of a
//     relation sum up to leaves each of them as many values as the least cell,
//     for a reader who knows that a hidden count is at least 1;
//   - no small unit follows from all relations together (linear algebra), nor do
//     they confine it to one value (propagated bounds).
//
// The result follows from the units and the group before, in their order, and from
// nothing else. What was hidden before is preferred where something has to be
// hidden: a pattern that changed from batch to batch while the figures stay would
// show in one batch what it hides in the next.
package disclosure

import "math"

// Tree is the regions that units lie in, each known by its position.
type Tree struct {
	parent   []int32
	children [][]int32
	depth    []int8
}

// NewTree makes a tree from each region's parent, -1 for a root. A parent comes
// before its children.
func NewTree(parents []int) *Tree {
	t := &Tree{parent: make([]int32, len(parents)), children: make([][]int32, len(parents)), depth: make([]int8, len(parents))}
	for i, p := range parents {
		t.parent[i] = int32(p)
		if p >= 0 {
			t.children[p] = append(t.children[p], int32(i))
			t.depth[i] = t.depth[p] + 1
		}
	}
	return t
}

// Group is everything that counts one population.
type Group struct {
	tree       *Tree
	least      float64
	partitions []partition
	names      map[string]int
	parts      []part
	units      []unit
	sums       []sum

	relations []relation
	queue     []int32
	round     int32
	bounds    bounds // of the last verification
	before    []bool // of each unit: hidden in the group before
}

// partition is a division of the population. The first one is no division: its
// one part is the whole.
type partition struct {
	name        string
	overlapping bool
	partial     bool
	whole       int32 // the part that it divides
	names       map[string]int32
	parts       []int32
}

// part is one part of a partition, in every region.
type part struct {
	partition int32
	harmless  bool
	units     []int32 // by region; none where there is no unit
	left      []int32 // sums that it is a term of
	right     []int32 // sums that it is the right side of
	depth     int8    // how many parts it lies within
}

// sum says that parts add up to a whole, in every region.
type sum struct {
	parts []int32
	whole int32
}

// Part names a part of a partition.
type Part struct {
	Partition int
	Name      string
}

// Rest names the part of a partial partition that nobody shows.
const Rest = "\x00rest"

const none = -1

// whole is the partition, and total the part, that is all of the population.
const (
	whole = 0
	total = 0
)

// unit is one count of one part in one region, or the whole of a region that is
// shown nowhere: it ties the partitions together all the same.
type unit struct {
	part, region int32
	value        float64
	small        bool // must not be known
	hidden       bool
	free         bool // unknown to everybody: shown nowhere, or missing
}

// NewGroup makes an empty group. Counts from 1 to below least are small; a least
// of 1 or less hides nothing.
func NewGroup(tree *Tree, least int) *Group {
	g := &Group{tree: tree, least: float64(least), names: map[string]int{}}
	g.Partition("", true)
	g.part(whole, "")
	return g
}

// Partition gives the partition of a name, where "" is the whole. The parts of an
// overlapping one do not add up.
func (g *Group) Partition(name string, overlapping bool) int {
	i, ok := g.names[name]
	if !ok {
		i = len(g.partitions)
		g.names[name] = i
		g.partitions = append(g.partitions, partition{name: name, names: map[string]int32{}})
	}
	g.partitions[i].overlapping = g.partitions[i].overlapping || overlapping
	return i
}

func (g *Group) part(partition int, name string) int32 {
	p := &g.partitions[partition]
	i, ok := p.names[name]
	if !ok {
		i = int32(len(g.parts))
		p.names[name] = i
		p.parts = append(p.parts, i)
		units := make([]int32, len(g.tree.parent))
		for r := range units {
			units[r] = none
		}
		g.parts = append(g.parts, part{partition: int32(partition), units: units})
	}
	return i
}

// Within says that the parts of a partition add up to a part of another one, rather
// than to the whole.
func (g *Group) Within(partition int, whole Part) {
	g.partitions[partition].whole = g.part(whole.Partition, whole.Name)
}

// Partial says that a partition does not name all of what it divides. What is left
// is reckoned with: where it is small, it must not be found out either.
func (g *Group) Partial(partition int) { g.partitions[partition].partial = true }

// Harmless says that a small count of a part may be shown: it says nothing of those
// that it counts. To be said before the part is added.
func (g *Group) Harmless(p Part) { g.parts[g.part(p.Partition, p.Name)].harmless = true }

// Sum says that parts add up to a whole in every region where one of them is shown.
// A part that is not shown there is zero.
func (g *Group) Sum(whole Part, parts []Part) {
	s := sum{whole: g.part(whole.Partition, whole.Name)}
	for _, p := range parts {
		s.parts = append(s.parts, g.part(p.Partition, p.Name))
	}
	g.sums = append(g.sums, s)
}

// Add adds what is shown of a part in a region, and returns its unit; NaN is a count
// that is missing. What is added a second time is the same unit.
func (g *Group) Add(partition int, name string, region int, count float64) int {
	p := g.part(partition, name)
	i := g.parts[p].units[region]
	if i == none {
		i = g.put(unit{part: p, region: int32(region), value: count, free: math.IsNaN(count)})
	}
	u := &g.units[i]
	if u.free && !math.IsNaN(count) {
		u.value, u.free = count, false
	}
	u.small = u.small || count > 0 && count < g.least && !g.parts[p].harmless
	return int(i)
}

func (g *Group) put(u unit) int32 {
	i := int32(len(g.units))
	g.units = append(g.units, u)
	g.parts[u.part].units[u.region] = i
	return i
}

// Count gives what a unit counts, NaN where nobody knows.
func (g *Group) Count(unit int) float64 {
	if g.units[unit].free {
		return math.NaN()
	}
	return g.units[unit].value
}

// Hidden reports whether a unit is to be kept from being shown.
func (g *Group) Hidden(unit int) bool { return g.units[unit].hidden }
