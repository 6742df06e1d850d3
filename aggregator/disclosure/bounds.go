package disclosure

import "math"

// bounds are what a reader can say of each unit who knows all relations and that
// a hidden count is at least 1.
type bounds struct {
	low, high []float64
}

// patience bounds how often each relation is looked at on average. Bounds that
// creep by one at each look would else take as many looks as there are households.
const patience = 100

// confine propagates bounds through the relations until nothing moves.
func (g *Group) confine(relations []int32) bounds {
	b := bounds{low: make([]float64, len(g.units)), high: make([]float64, len(g.units))}
	for i, u := range g.units {
		switch {
		case u.free:
			b.high[i] = math.Inf(1)
		case u.hidden:
			b.low[i], b.high[i] = 1, math.Inf(1)
		default:
			b.low[i], b.high[i] = u.value, u.value
		}
	}
	queued := make([]bool, len(g.relations))
	var queue []int32
	for _, k := range relations {
		if !g.relations[k].broken {
			queued[k] = true
			queue = append(queue, k)
		}
	}
	for looks := patience * len(relations); len(queue) > 0 && looks > 0; looks-- {
		k := queue[0]
		queue = queue[1:]
		queued[k] = false
		g.tighten(b, k, func(u int32) {
			g.each(u, func(other int32, _ bool) {
				if other != k && !queued[other] && !g.relations[other].broken {
					queued[other] = true
					queue = append(queue, other)
				}
			})
		})
	}
	return b
}

// side is the upper or the lower bound of a unit.
type side struct {
	unit  int32
	upper bool
}

// binding finds the relation that a bound comes from, and the bounds of other units
// that it comes from there.
func (g *Group) binding(s side) (relation int32, from []side) {
	b := &g.bounds
	relation = none
	g.each(s.unit, func(k int32, right bool) {
		if relation != none || g.relations[k].broken {
			return
		}
		// A part is bounded by the whole without the other parts, whose opposite
		// bounds count; the whole by its parts.
		whole := g.relations[k].whole
		var low, high float64
		var others []side
		g.terms(k, func(v int32) {
			if !right && v == s.unit {
				return
			}
			low, high = low+b.low[v], high+b.high[v]
			if g.unknown(v) {
				others = append(others, side{v, s.upper == right})
			}
		})
		if !right {
			low, high = b.low[whole]-high, b.high[whole]-low
			if g.unknown(whole) {
				others = append([]side{{whole, s.upper}}, others...)
			}
		}
		if s.upper && high <= b.high[s.unit] || !s.upper && low >= b.low[s.unit] {
			relation, from = k, others
		}
	})
	return relation, from
}

// origins lists the relations that a confined unit's bounds come from, nearest first.
func (g *Group) origins(u int32) []int32 {
	var relations []int32
	seen := map[side]bool{}
	queue := []side{{u, true}, {u, false}}
	for i := 0; i < len(queue); i++ {
		s := queue[i]
		if seen[s] {
			continue
		}
		seen[s] = true
		k, from := g.binding(s)
		if k != none {
			relations = append(relations, k)
			queue = append(queue, from...)
		}
	}
	return relations
}

// tighten applies one relation to the bounds of its terms, and calls moved for
// those that become narrower.
func (g *Group) tighten(b bounds, k int32, moved func(u int32)) {
	whole := g.relations[k].whole
	var low, high float64 // of the terms together, without those that have no upper bound
	open := 0
	g.terms(k, func(u int32) {
		low += b.low[u]
		if math.IsInf(b.high[u], 1) {
			open++
		} else {
			high += b.high[u]
		}
	})
	set := func(u int32, least, most float64) {
		if !g.unknown(u) {
			return
		}
		least, most = max(least, b.low[u]), min(most, b.high[u])
		if least > most || least == b.low[u] && most == b.high[u] {
			return // rows that do not add up confine nothing
		}
		b.low[u], b.high[u] = least, most
		moved(u)
	}
	wholeLow, wholeHigh := b.low[whole], b.high[whole]
	g.terms(k, func(u int32) {
		others, rest := open, high
		if math.IsInf(b.high[u], 1) {
			others--
		} else {
			rest -= b.high[u]
		}
		least := 0.
		if others == 0 {
			least = wholeLow - rest
		}
		was := b.low[u]
		set(u, least, wholeHigh-(low-was))
		// What has just been learned holds for the terms that follow.
		low += b.low[u] - was
		if !math.IsInf(b.high[u], 1) {
			open, high = others, rest+b.high[u]
		}
	})
	most := math.Inf(1)
	if open == 0 {
		most = high
	}
	set(whole, low, most)
}
