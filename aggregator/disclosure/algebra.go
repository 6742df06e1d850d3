package disclosure

import (
	"cmp"
	"math/bits"
	"slices"
)

// exposure is a small unit that is found out: confined by bounds, or else determined
// by the relations together.
type exposure struct {
	unit     int32
	confined bool
}

// exposed lists the small units that follow from all relations together, or are
// confined by them to one value.
//
// After the first round only those are asked for that what was hidden in the last
// round can have changed.
func (g *Group) exposed() []exposure {
	relations := g.unsettled()
	other := g.alternative(relations)
	g.bounds = g.confine(relations)
	b := &g.bounds
	var exposed []exposure
	consider := func(u int32) {
		switch {
		case !g.units[u].small:
		case other[u] == 0:
			exposed = append(exposed, exposure{unit: u})
		case b.high[u]-b.low[u] < 1:
			exposed = append(exposed, exposure{unit: u, confined: true})
		}
	}
	for _, k := range relations {
		g.terms(k, consider)
		consider(g.relations[k].whole)
	}
	slices.SortFunc(exposed, func(a, b exposure) int { return cmp.Compare(a.unit, b.unit) })
	return slices.Compact(exposed)
}

// unsettled lists the relations that hold something unknown: in the first round
// all, then those that hang together with one that the last round touched.
func (g *Group) unsettled() []int32 {
	var found []int32
	in := make([]bool, len(g.relations))
	for k := range g.relations {
		rel := &g.relations[k]
		if rel.exists && (g.round == 1 || rel.touched == g.round-1) && (rel.hidden > 0 || rel.free > 0 || g.unknown(rel.whole)) {
			in[k] = true
			found = append(found, int32(k))
		}
	}
	if g.round == 1 {
		return found
	}
	for i := 0; i < len(found); i++ {
		spread := func(u int32) {
			if !g.unknown(u) {
				return
			}
			g.each(u, func(k int32, _ bool) {
				if !in[k] {
					in[k] = true
					found = append(found, k)
				}
			})
		}
		g.terms(found[i], spread)
		spread(g.relations[found[i]].whole)
	}
	return found
}

// alternative gives a direction in which the unknown units may be changed together
// without any relation noticing, drawn at random among all such directions: a unit
// follows from the relations just if it stands still in all of them, that is, but
// for one chance in 2⁶¹, if it stands still in this one. So one elimination answers
// for every unit, and it need not be carried to the end for each.
//
// It is done in the integers modulo a prime, exactly. The coefficients are 1 and
// -1, so that the prime does not divide what would be 0 only modulo it.
func (g *Group) alternative(relations []int32) []uint64 {
	e := g.equations(relations)
	e.eliminate()
	z := make([]uint64, len(g.units))
	for u := range g.units {
		if g.unknown(int32(u)) {
			z[u] = scatter(uint64(u))
		}
	}
	for _, p := range slices.Backward(e.pivots) {
		var sum, own uint64
		for _, t := range p.row {
			if t.unit == p.unit {
				own = t.coefficient
			} else {
				sum = add(sum, mul(t.coefficient, z[t.unit]))
			}
		}
		z[p.unit] = mul(minus(sum), inverse(own))
	}
	return z
}

// term is an unknown of an equation.
type term struct {
	unit        int32
	coefficient uint64
}

// pivot is an unknown with the equation that gives it, in unknowns that are
// eliminated later or never.
type pivot struct {
	unit int32
	row  []term
}

// equations are the homogeneous equations of the unknowns, sparse.
type equations struct {
	rows [][]term // sorted by unit; nil when eliminated
	// in lists the rows that an unknown stands in, also some where it did; count
	// says in how many it does.
	in      [][]int32
	count   []int32
	alone   []int32   // unknowns that stand in one row
	lengths [][]int32 // rows by their length, also some that had it
	pivots  []pivot
	spare   []term
}

// longest is the length from which on rows are not told apart.
const longest = 48

func (g *Group) equations(relations []int32) *equations {
	e := &equations{rows: make([][]term, len(relations)), in: make([][]int32, len(g.units)),
		count: make([]int32, len(g.units)), lengths: make([][]int32, longest+1)}
	// Rows and lists of rows are cut from two pieces of memory: there are tens of
	// thousands, nearly all of them short.
	var terms []term
	var lists []int32
	const list = 4
	for i, k := range relations {
		if cap(terms)-len(terms) < len(g.tree.parent) {
			terms = make([]term, 0, 1<<14+len(g.tree.parent))
		}
		begin := len(terms)
		put := func(u int32, c uint64) {
			if g.unknown(u) {
				terms = append(terms, term{u, c})
				if e.in[u] == nil {
					if len(lists) < list {
						lists = make([]int32, 1<<14)
					}
					e.in[u], lists = lists[:0:list], lists[list:]
				}
				e.in[u] = append(e.in[u], int32(i))
				e.count[u]++
			}
		}
		g.terms(k, func(u int32) { put(u, 1) })
		put(g.relations[k].whole, prime-1)
		row := terms[begin:len(terms):len(terms)]
		slices.SortFunc(row, func(a, b term) int { return cmp.Compare(a.unit, b.unit) })
		e.set(int32(i), row)
	}
	for u, n := range e.count {
		if n == 1 {
			e.alone = append(e.alone, int32(u))
		}
	}
	return e
}

func (e *equations) set(i int32, row []term) {
	e.rows[i] = row
	n := min(len(row), longest)
	e.lengths[n] = append(e.lengths[n], i)
}

// eliminate takes rows of one unknown first, then unknowns of one row, which fill
// nothing in, then the shortest row with the rarest of its unknowns.
func (e *equations) eliminate() {
	for {
		if i := e.shortest(1, 1); i != none {
			e.pivot(i, e.rows[i][0].unit)
			continue
		}
		if n := len(e.alone); n > 0 {
			u := e.alone[n-1]
			e.alone = e.alone[:n-1]
			if e.count[u] == 1 {
				e.pivot(e.row(u), u)
			}
			continue
		}
		i := e.shortest(2, longest)
		if i == none {
			return
		}
		rarest := e.rows[i][0].unit
		for _, t := range e.rows[i] {
			if e.count[t.unit] < e.count[rarest] {
				rarest = t.unit
			}
		}
		e.pivot(i, rarest)
	}
}

// shortest takes a row of the least length between two, or none.
func (e *equations) shortest(from, to int) int32 {
	for n := from; n <= to; n++ {
		for rows := e.lengths[n]; len(rows) > 0; rows = e.lengths[n] {
			i := rows[len(rows)-1]
			e.lengths[n] = rows[:len(rows)-1]
			if e.rows[i] != nil && min(len(e.rows[i]), longest) == n {
				return i
			}
		}
	}
	return none
}

// row finds the one row that an unknown stands in.
func (e *equations) row(u int32) int32 {
	for _, i := range e.in[u] {
		if _, ok := e.find(i, u); ok {
			return i
		}
	}
	return none
}

func (e *equations) find(i, u int32) (int, bool) {
	return slices.BinarySearchFunc(e.rows[i], u, func(t term, u int32) int { return cmp.Compare(t.unit, u) })
}

// pivot solves a row for an unknown and takes it out of all others.
func (e *equations) pivot(i, u int32) {
	row := e.rows[i]
	at, _ := e.find(i, u)
	inverted := inverse(row[at].coefficient)
	e.rows[i] = nil
	e.pivots = append(e.pivots, pivot{u, row})
	for _, t := range row {
		e.drop(t.unit)
	}
	in := e.in[u]
	e.in[u] = nil
	for _, j := range in {
		if at, ok := e.find(j, u); ok {
			e.merge(j, row, minus(mul(e.rows[j][at].coefficient, inverted)))
		}
	}
}

func (e *equations) drop(u int32) {
	if e.count[u]--; e.count[u] == 1 {
		e.alone = append(e.alone, u)
	}
}

// merge adds a row, times a factor, to row j.
func (e *equations) merge(j int32, row []term, factor uint64) {
	old := e.rows[j]
	sum := e.spare[:0]
	for len(old) > 0 || len(row) > 0 {
		switch {
		case len(row) == 0 || len(old) > 0 && old[0].unit < row[0].unit:
			sum = append(sum, old[0])
			old = old[1:]
		case len(old) == 0 || row[0].unit < old[0].unit:
			u := row[0].unit
			sum = append(sum, term{u, mul(row[0].coefficient, factor)})
			e.in[u] = append(e.in[u], j)
			e.count[u]++
			row = row[1:]
		default:
			if c := add(old[0].coefficient, mul(row[0].coefficient, factor)); c != 0 {
				sum = append(sum, term{old[0].unit, c})
			} else {
				e.drop(old[0].unit)
			}
			old, row = old[1:], row[1:]
		}
	}
	e.spare = sum
	e.set(j, append(e.rows[j][:0], sum...))
}

// prime is 2⁶¹ - 1.
const prime = 1<<61 - 1

func add(a, b uint64) uint64 {
	if a += b; a >= prime {
		a -= prime
	}
	return a
}

func minus(a uint64) uint64 {
	if a == 0 {
		return 0
	}
	return prime - a
}

func mul(a, b uint64) uint64 {
	switch { // most coefficients are 1 or -1
	case a == 1:
		return b
	case b == 1:
		return a
	case a == prime-1:
		return minus(b)
	case b == prime-1:
		return minus(a)
	}
	high, low := bits.Mul64(a, b)
	return add(high<<3|low>>61, low&prime)
}

func inverse(a uint64) uint64 {
	if a == 1 || a == prime-1 {
		return a
	}
	result := uint64(1)
	for exponent := uint64(prime - 2); exponent > 0; exponent >>= 1 {
		if exponent&1 == 1 {
			result = mul(result, a)
		}
		a = mul(a, a)
	}
	return result
}

// scatter gives a number below the prime for a unit, never 0, the same in every
// run (splitmix64).
func scatter(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return (x^x>>31)%(prime-1) + 1
}
