package disclosure

import (
	"cmp"
	"slices"
)

// relation is what is known of one sum: parts = total. Relations are numbered:
// first those of sums, by sum and region, then those of regions, by
// part and the region above.
type relation struct {
	exists bool
	queued bool
	// broken says that the figures do not add up, as while rows of one of two tables are
	// late. What is hidden may be near what such a sum says, so that no term of it stays
	// hidden alone; but bounds that follow from sums that contradict each other confine
	// everything, and hiding more does not help.
	broken bool
	whole  int32 // the unit on the right side
	hidden int32 // parts that are suppressed
	live   int32 // of them those that are not zero
	sum    float64
	free   int32 // parts that nobody knows
	// touched is the last round of verification in which a term was hidden.
	touched int32
}

// Suppress hides the small units and those that would give them away. Before is
// the group of the last batch, over the same tree, or nil.
func (g *Group) Suppress(before *Group) {
	g.divide()
	g.addBetween()
	g.addWholes()
	g.addBetween()
	g.addRests()
	g.relate()
	g.recall(before)
	nothing := true
	for i := range g.units {
		u := &g.units[i]
		nothing = nothing && !u.small
		if u.small && !u.free && !u.hidden {
			g.hide(int32(i))
		}
	}
	if nothing {
		return
	}
	g.settle()
	for g.round = 1; ; g.round++ {
		widened := false
		for _, e := range g.exposed() {
			if !g.touched(e.unit) {
				widened = g.widen(e) || widened
				g.settle()
			}
		}
		if !widened { // nobody is exposed, or all that is not zero is hidden
			return
		}
	}
}

// divide makes sums of the partitions, and notes for each part the sums that it
// stands in.
func (g *Group) divide() {
	for i := range g.partitions {
		p := &g.partitions[i]
		if p.partial && !p.overlapping {
			g.part(i, Rest)
		}
		// A part alone does not add up to the whole.
		if !p.overlapping && len(p.parts) > 1 {
			g.sums = append(g.sums, sum{parts: p.parts, whole: p.whole})
		}
	}
	for i := range g.parts {
		p := int32(i)
		for up := g.above(p); up != none && g.parts[i].depth < 99; up = g.above(up) {
			g.parts[i].depth++
		}
	}
	for i, s := range g.sums {
		g.parts[s.whole].right = append(g.parts[s.whole].right, int32(i))
		for _, part := range s.parts {
			g.parts[part].left = append(g.parts[part].left, int32(i))
		}
	}
}

// above gives the part that a part lies within, or none.
func (g *Group) above(part int32) int32 {
	if up := g.partitions[g.parts[part].partition].whole; up != part && up != total {
		return up
	}
	return none
}

// addWholes adds the right side of each sum in each region where it has terms and
// the right side is not shown, also where that makes it a term of another sum.
func (g *Group) addWholes() {
	for again := true; again; {
		again = false
		for _, s := range g.sums {
			whole := g.parts[s.whole].units
			for _, part := range s.parts {
				for r, u := range g.parts[part].units {
					if u != none && whole[r] == none {
						g.put(unit{part: s.whole, region: int32(r), free: true})
						again = true
					}
				}
			}
		}
	}
}

// addBetween adds the regions between two that a part is shown in: their sums are
// known to add up, too.
func (g *Group) addBetween() {
	for p := range g.parts {
		units := g.parts[p].units
		for r, u := range units {
			if u == none {
				continue
			}
			top := g.tree.parent[r]
			for top >= 0 && units[top] == none {
				top = g.tree.parent[top]
			}
			if top < 0 {
				continue
			}
			for up := g.tree.parent[r]; up != top; up = g.tree.parent[up] {
				g.put(unit{part: int32(p), region: up, free: true})
			}
		}
	}
}

// addRests adds what partial partitions leave over.
func (g *Group) addRests() {
	for _, p := range g.partitions {
		left, ok := p.names[Rest]
		if !ok {
			continue
		}
		for r := range g.tree.parent {
			found, known, sum := false, true, 0.
			for _, part := range p.parts {
				if u := g.parts[part].units[r]; u != none {
					found, known, sum = true, known && !g.units[u].free, sum+g.units[u].value
				}
			}
			if !found {
				continue
			}
			n := unit{part: left, region: int32(r), free: true}
			if w := g.parts[p.whole].units[r]; w != none && known && !g.units[w].free {
				n.value = g.units[w].value - sum
				n.small = n.value > 0 && n.value < g.least && !g.parts[left].harmless
			}
			g.put(n)
		}
	}
}

// relate finds the relations that exist and counts what nobody knows.
func (g *Group) relate() {
	regions := len(g.tree.parent)
	g.relations = make([]relation, (len(g.sums)+len(g.parts))*regions)
	for k := range g.relations {
		part := int32(k/regions - len(g.sums))
		if part < 0 {
			part = g.sums[k/regions].whole
		}
		rel := &g.relations[k]
		if rel.whole = g.parts[part].units[k%regions]; rel.whole == none {
			continue
		}
		sum := 0.
		g.terms(int32(k), func(u int32) {
			rel.exists = true
			if sum += g.units[u].value; g.units[u].free {
				rel.free++
			}
		})
		right := &g.units[rel.whole]
		rel.broken = rel.exists && rel.free == 0 && !right.free && sum != right.value
	}
}

// recall finds for each unit whether it was hidden before.
func (g *Group) recall(before *Group) {
	g.before = make([]bool, len(g.units))
	if before == nil || before.tree != g.tree {
		return
	}
	for _, p := range g.partitions {
		i, ok := before.names[p.name]
		if !ok {
			continue
		}
		for name, now := range p.names {
			then, ok := before.partitions[i].names[name]
			if !ok {
				continue
			}
			for r, u := range g.parts[now].units {
				if old := before.parts[then].units[r]; u != none && old != none {
					g.before[u] = before.units[old].hidden
				}
			}
		}
	}
}

// each calls f with the relations that a unit stands in, and whether it is their
// right side.
func (g *Group) each(u int32, f func(k int32, right bool)) {
	regions := int32(len(g.tree.parent))
	part, r := g.units[u].part, g.units[u].region
	call := func(k int32, right bool) {
		if g.relations[k].exists {
			f(k, right)
		}
	}
	for _, i := range g.parts[part].right {
		call(i*regions+r, true)
	}
	for _, i := range g.parts[part].left {
		call(i*regions+r, false)
	}
	above := (int32(len(g.sums)) + part) * regions
	call(above+r, true)
	if parent := g.tree.parent[r]; parent >= 0 {
		call(above+parent, false)
	}
}

// terms calls f with the units on the left side of a relation.
func (g *Group) terms(k int32, f func(u int32)) {
	regions := int32(len(g.tree.parent))
	block, r := k/regions, k%regions
	if int(block) < len(g.sums) {
		for _, part := range g.sums[block].parts {
			if u := g.parts[part].units[r]; u != none {
				f(u)
			}
		}
		return
	}
	units := g.parts[int(block)-len(g.sums)].units
	for _, child := range g.tree.children[r] {
		if u := units[child]; u != none {
			f(u)
		}
	}
}

// unknown reports whether a reader is not told a unit.
func (g *Group) unknown(u int32) bool { return g.units[u].hidden || g.units[u].free }

// hide hides a unit.
func (g *Group) hide(u int32) {
	g.units[u].hidden = true
	g.each(u, func(k int32, right bool) {
		rel := &g.relations[k]
		if !right {
			rel.hidden++
			rel.sum += g.units[u].value
			if g.units[u].value != 0 {
				rel.live++
			}
		}
		rel.touched = g.round
		if !rel.queued {
			rel.queued = true
			g.queue = append(g.queue, k)
		}
	})
}

// weak reports whether a relation alone says too much of a hidden term.
func (g *Group) weak(k int32) bool {
	rel := &g.relations[k]
	right := &g.units[rel.whole]
	switch {
	case rel.free > 0 || right.free:
		return false // linear algebra finds out
	case right.hidden:
		return rel.hidden == 0 && right.value != 0
	}
	return rel.live > 0 && (rel.hidden == 1 || rel.sum < float64(rel.live)+g.least-1)
}

// settle mends every relation that has changed until none is weak.
func (g *Group) settle() {
	for len(g.queue) > 0 {
		k := g.queue[0]
		g.queue = g.queue[1:]
		g.relations[k].queued = false
		for g.weak(k) {
			u := g.chooseIn(k)
			if u == none {
				// All that is not zero is hidden, and still the rest says what the
				// hidden term is: the figures do not add up, and whoever reckons
				// with the sum finds what is not so. To go on hiding would only
				// empty the neighbourhood.
				g.relations[k].exists = false
				break
			}
			g.hide(u)
		}
	}
}

// choice ranks a unit that could be hidden: the smallest is hidden.
type choice struct {
	unit             int32
	headline, fresh  int8
	level, undivided int8
	opens            int
	value            float64
}

func (c choice) compare(d choice) int {
	return cmp.Or(
		cmp.Compare(c.headline, d.headline),   // the province's own totals last
		cmp.Compare(c.fresh, d.fresh),         // what was hidden before first
		cmp.Compare(c.level, d.level),         // townships before counties
		cmp.Compare(c.undivided, d.undivided), // parts before totals, totals of parts before those of all
		cmp.Compare(c.opens, d.opens),         // what mends other relations, and breaks none
		cmp.Compare(c.value, d.value),
		cmp.Compare(c.unit, d.unit),
	)
}

// choose finds the best unit to hide among those considered, or none.
func (g *Group) choose(among func(consider func(u int32))) int32 {
	best := choice{unit: none}
	among(func(u int32) {
		n := &g.units[u]
		if n.hidden || n.free || n.value == 0 {
			return
		}
		c := choice{unit: u, level: -g.tree.depth[n.region], value: n.value}
		if whole := g.wholeLike(n.part); whole != none {
			c.undivided = 100 - g.parts[whole].depth
			if g.tree.depth[n.region] == 0 {
				c.headline = 1
			}
		}
		if !g.before[u] {
			c.fresh = 1
		}
		g.each(u, func(k int32, right bool) {
			rel := &g.relations[k]
			switch {
			case g.weak(k):
				c.opens--
			case rel.hidden == 0 && rel.free == 0 && !g.unknown(rel.whole):
				c.opens++
			}
		})
		if best.unit == none || c.compare(best) < 0 {
			best = c
		}
	})
	return best.unit
}

// wholeLike gives a part that is divided, or the one that it is equal to, or none.
func (g *Group) wholeLike(part int32) int32 {
	if len(g.parts[part].right) > 0 {
		return part
	}
	for _, i := range g.parts[part].left {
		if s := &g.sums[i]; len(s.parts) == 1 {
			return s.whole
		}
	}
	return none
}

// chooseIn finds the best unit to hide in a relation, or none.
func (g *Group) chooseIn(k int32) int32 {
	return g.choose(func(consider func(u int32)) {
		g.terms(k, consider)
		consider(g.relations[k].whole)
	})
}

// touched reports whether a relation of the unit has changed in this round, so
// that whether it is still exposed has to be found out again.
func (g *Group) touched(u int32) bool {
	touched := false
	g.each(u, func(k int32, _ bool) { touched = touched || g.relations[k].touched == g.round })
	return touched
}

// widen hides one more unit near one that is exposed: of the relations that confine
// it, or of those that it stands in, or else of those that its hidden neighbours
// stand in, and so on. It reports whether it found one.
func (g *Group) widen(e exposure) bool {
	if e.confined {
		for _, k := range g.origins(e.unit) {
			if g.relations[k].touched == g.round {
				return false // as touched
			}
			if u := g.chooseIn(k); u != none {
				g.hide(u)
				return true
			}
		}
	}
	seen := map[int32]bool{}
	for near := []int32{e.unit}; len(near) > 0; {
		var relations []int32
		for _, v := range near {
			g.each(v, func(k int32, _ bool) {
				if !seen[k] {
					seen[k] = true
					relations = append(relations, k)
				}
			})
		}
		var next []int32
		found := g.choose(func(consider func(u int32)) {
			for _, k := range relations {
				g.terms(k, consider)
				consider(g.relations[k].whole)
			}
		})
		if found != none {
			g.hide(found)
			return true
		}
		for _, k := range relations {
			visit := func(v int32) {
				if g.unknown(v) {
					next = append(next, v)
				}
			}
			g.terms(k, visit)
			visit(g.relations[k].whole)
		}
		slices.Sort(next)
		near = slices.Compact(next)
	}
	return false
}
