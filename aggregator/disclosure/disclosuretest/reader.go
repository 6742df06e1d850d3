// Package disclosuretest attacks published figures, for the tests of whoever
// suppresses some of them. It shares nothing with package disclosure.
package disclosuretest

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
)

// Cell names a number as a reader finds it: what part of which division, where.
type Cell struct {
	// Partition and Part are empty for the whole.
	Partition, Part string
	// Region is the position of the region among the parents.
	Region int
}

// Reader is somebody who wants to know what is hidden. He knows the tree of
// regions, which divisions add up, all numbers that are shown, and how much a hidden
// one is at least. He puts all sums into one matrix and reduces it to the end, and
// lets intervals shrink until they stand.
type Reader struct {
	// Parents gives each region's parent, -1 for a root.
	Parents []int
	// Overlapping are the partitions whose parts do not add up.
	Overlapping map[string]bool
	Shown       map[Cell]float64
	Hidden      map[Cell]bool
	// Sums are what else he knows to add up.
	Sums []Sum
	// Least is what a hidden number is at least.
	Least float64
}

// Sum is a sum that holds in every region: of parts, or of all parts of a partition.
type Sum struct {
	Whole Name
	Parts []Name
	// All is a partition whose parts are all terms.
	All string
	// Rest says that they leave something over, which is a part that nobody shows.
	Rest Name
}

// Name is a Cell without its region.
type Name struct{ Partition, Part string }

// sum is an equation: coefficients of what is unknown, and what they add up to.
type sum struct {
	terms map[int]int
	right float64
}

// Learned is what the reader found of one hidden cell.
type Learned struct {
	// Determined says that it follows from the sums.
	Determined bool
	// Low and High are what it is at least and at most.
	Low, High float64
}

// Attack gives what is found of each cell that any sum holds and that is not shown.
func (r *Reader) Attack() map[Cell]Learned {
	var unknowns []Cell
	index := map[Cell]int{}
	unknown := func(c Cell) int {
		i, ok := index[c]
		if !ok {
			i = len(unknowns)
			index[c] = i
			unknowns = append(unknowns, c)
		}
		return i
	}
	known := func(c Cell) bool { _, ok := r.Shown[c]; return ok || r.Hidden[c] }
	var all []Cell
	for c := range r.Shown {
		all = append(all, c)
	}
	for c := range r.Hidden {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b Cell) int {
		return cmp.Or(cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Part, b.Part), cmp.Compare(a.Region, b.Region))
	})
	// Wholes that nobody shows can be reckoned with all the same.
	wholes := map[Cell]bool{}
	parts := map[string]map[string]bool{}
	for _, c := range all {
		if c.Partition != "" && !r.Overlapping[c.Partition] {
			if parts[c.Partition] == nil {
				parts[c.Partition] = map[string]bool{}
			}
			parts[c.Partition][c.Part] = true
			if w := (Cell{"", "", c.Region}); !known(w) {
				wholes[w] = true
			}
		}
	}
	for w := range wholes {
		all = append(all, w)
	}
	exists := map[Cell]bool{}
	for _, c := range all {
		exists[c] = true
	}
	said := r.said(&all, exists)
	var sums []sum
	equation := func(left []Cell, right Cell) {
		s := sum{terms: map[int]int{}}
		put := func(c Cell, k int) {
			if v, ok := r.Shown[c]; ok {
				s.right -= float64(k) * v
			} else {
				s.terms[unknown(c)] += k
			}
		}
		for _, c := range left {
			put(c, 1)
		}
		put(right, -1)
		if len(s.terms) > 0 {
			sums = append(sums, s)
		}
	}
	type at struct {
		partition string
		region    int
	}
	divided, below := map[at][]Cell{}, map[Cell][]Cell{}
	for _, c := range all {
		if len(parts[c.Partition]) > 1 {
			divided[at{c.Partition, c.Region}] = append(divided[at{c.Partition, c.Region}], c)
		}
		if p := r.Parents[c.Region]; p >= 0 {
			above := Cell{c.Partition, c.Part, p}
			below[above] = append(below[above], c)
		}
	}
	for _, e := range said {
		equation(e.left, e.right)
	}
	for k, left := range divided {
		equation(left, Cell{"", "", k.region})
	}
	for above, left := range below {
		if exists[above] {
			equation(left, above)
		}
	}
	low, high := intervals(sums, len(unknowns), func(i int) float64 {
		if r.Hidden[unknowns[i]] {
			return r.Least
		}
		return 0 // what nobody shows
	})
	fixed := solved(sums)
	found := map[Cell]Learned{}
	for i, c := range unknowns {
		found[c] = Learned{fixed[i], low[i], high[i]}
	}
	return found
}

// equality is a sum in a region.
type equality struct {
	left  []Cell
	right Cell
}

// said gives the further sums in every region where they have terms. What they, or
// the regions between others, have that nobody shows is added to all.
func (r *Reader) said(all *[]Cell, exists map[Cell]bool) []equality {
	put := func(c Cell) bool {
		if exists[c] {
			return false
		}
		exists[c] = true
		*all = append(*all, c)
		return true
	}
	var found []equality
	for again := true; again; {
		again = false
		found = found[:0]
		names := map[string]map[string]bool{}
		for _, c := range *all {
			if names[c.Partition] == nil {
				names[c.Partition] = map[string]bool{}
			}
			names[c.Partition][c.Part] = true
			for up, missing := r.Parents[c.Region], []int(nil); up >= 0; up = r.Parents[up] {
				if exists[Cell{c.Partition, c.Part, up}] {
					for _, m := range missing {
						again = put(Cell{c.Partition, c.Part, m}) || again
					}
					break
				}
				missing = append(missing, up)
			}
		}
		for _, s := range r.Sums {
			parts := s.Parts
			if s.All != "" {
				for _, part := range slices.Sorted(maps.Keys(names[s.All])) {
					parts = append(parts, Name{s.All, part})
				}
			}
			for region := range r.Parents {
				e := equality{right: Cell{s.Whole.Partition, s.Whole.Part, region}}
				for _, p := range parts {
					if c := (Cell{p.Partition, p.Part, region}); exists[c] {
						e.left = append(e.left, c)
					}
				}
				if len(e.left) == 0 {
					continue
				}
				if s.Rest != (Name{}) {
					rest := Cell{s.Rest.Partition, s.Rest.Part, region}
					again = put(rest) || again
					e.left = append(e.left, rest)
				}
				again = put(e.right) || again
				found = append(found, e)
			}
		}
	}
	return found
}

// solved reduces the matrix completely, modulo a prime of its own, and lists the
// unknowns that stand alone in a row.
func solved(sums []sum) map[int]bool {
	const p = 1<<31 - 1
	power := func(a, n int) int {
		result := 1
		for ; n > 0; n >>= 1 {
			if n&1 == 1 {
				result = result * a % p
			}
			a = a * a % p
		}
		return result
	}
	rows := map[int]map[int]int{} // by the unknown that leads the row
	holders := map[int]map[int]bool{}
	reduce := func(row, by map[int]int, factor int) {
		for u, c := range by {
			if n := ((row[u]-factor*c%p)%p + p) % p; n == 0 {
				delete(row, u)
			} else {
				row[u] = n
			}
		}
	}
	for _, s := range sums {
		row := map[int]int{}
		for u, c := range s.terms {
			if c != 0 {
				row[u] = (c + p) % p
			}
		}
		for _, u := range slices.Sorted(maps.Keys(s.terms)) {
			if by := rows[u]; by != nil && row[u] != 0 {
				reduce(row, by, row[u])
			}
		}
		if len(row) == 0 {
			continue
		}
		lead := slices.Min(slices.Collect(maps.Keys(row)))
		inverted := power(row[lead], p-2)
		for u := range row {
			row[u] = row[u] * inverted % p
		}
		for other := range holders[lead] {
			if old := rows[other]; old != nil && old[lead] != 0 {
				reduce(old, row, old[lead])
				for u := range old {
					hold(holders, u, other)
				}
			}
		}
		rows[lead] = row
		for u := range row {
			hold(holders, u, lead)
		}
	}
	fixed := map[int]bool{}
	for lead, row := range rows {
		if len(row) == 1 {
			fixed[lead] = true
		}
	}
	return fixed
}

func hold(holders map[int]map[int]bool, u, row int) {
	if holders[u] == nil {
		holders[u] = map[int]bool{}
	}
	holders[u][row] = true
}

// intervals shrinks what each unknown may be, sum by sum, until nothing moves.
func intervals(sums []sum, n int, least func(i int) float64) (low, high []float64) {
	low, high = make([]float64, n), make([]float64, n)
	for i := range n {
		low[i], high[i] = least(i), math.Inf(1)
	}
	for moved := true; moved; {
		moved = false
		for _, s := range sums {
			for u, c := range s.terms {
				// c·u = right - the others, which lie between two ends.
				from, to := s.right, s.right
				for v, k := range s.terms {
					switch {
					case v == u:
					case k > 0:
						from, to = from-float64(k)*high[v], to-float64(k)*low[v]
					default:
						from, to = from-float64(k)*low[v], to-float64(k)*high[v]
					}
				}
				if c < 0 {
					from, to = -to, -from
				}
				if c == 0 || math.IsNaN(from) || math.IsNaN(to) {
					continue
				}
				if from > low[u] {
					low[u], moved = from, true
				}
				if to < high[u] {
					high[u], moved = to, true
				}
			}
		}
	}
	return low, high
}

// String names the cell in a test's words.
func (c Cell) String() string {
	return fmt.Sprintf("%s/%s in region %d", c.Partition, c.Part, c.Region)
}
