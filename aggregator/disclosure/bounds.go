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
	for _, k := range relations {
		queued[k] = true
	}
	queue := append([]int32(nil), relations...)
	for looks := patience * len(relations); len(queue) > 0 && looks > 0; looks-- {
		k := queue[0]
		queue = queue[1:]
		queued[k] = false
		g.tighten(b, k, func(u int32) {
			g.each(u, func(other int32, _ bool) {
				if other != k && !queued[other] {
					queued[other] = true
					queue = append(queue, other)
				}
			})
		})
	}
	return b
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
