package batch

import (
	"fmt"
	"slices"
)

// Delta is what turns a frame into the one that follows it.
type Delta struct {
	Metric, Region string
	// From is the number in which the frame that it applies to changed, Changed
	// that in which the frame that it makes did.
	From, Changed uint64
	// Splices follow each other in the rows of the old frame.
	Splices []Splice
}

// Splice takes the old rows [At, At+Drop) out, counted from 0, and puts Rows there.
type Splice struct {
	At, Drop int
	Rows     [][]Cell
	// Kept is how many bytes the old rows since the splice before have in Redis, and
	// Cut those that are dropped. Apply does not need them.
	Kept, Cut int
}

// Key returns the key of the frames that it lies between.
func (d *Delta) Key() Key { return Key{d.Metric, d.Region} }

// DeltaFrom finds the delta that turns old, which has been published, into f, with
// the fewest rows that go and come; nil where more than half of the rows would: then f
// itself is as short.
func (f *Frame) DeltaFrom(old *Frame) *Delta {
	most := (len(old.Rows) + len(f.Rows)) / 2
	keep, ok := common(old.Rows, f.Rows, most)
	if !ok {
		return nil
	}
	d := &Delta{Metric: f.Metric, Region: f.Region, From: old.Changed, Changed: f.Changed}
	i, j, kept := 0, 0, 0 // kept is the row after the last splice
	until := func(x, y int) {
		if i < x || j < y {
			s := Splice{At: i, Drop: x - i, Rows: f.Rows[j:y], Kept: size(old.Rows[kept:i]), Cut: size(old.Rows[i:x])}
			d.Splices, kept = append(d.Splices, s), x
		}
	}
	for _, k := range keep {
		until(k.x, k.y)
		i, j = k.x+k.n, k.y+k.n
	}
	until(len(old.Rows), len(f.Rows))
	return d
}

// size is how many bytes published rows have in Redis.
func size(rows [][]Cell) int {
	var buf [256]byte
	n := 0
	for _, row := range rows {
		b, _ := appendRow(append(buf[:0], '\n'), row) // it could be published
		n += len(b)
	}
	return n
}

// Apply makes the frame that follows f. The frames share rows that stayed; f is not
// changed. It fails where the delta is not one of f.
func (f *Frame) Apply(d *Delta) (*Frame, error) {
	if d.Key() != f.Key() || d.From != f.Changed {
		return nil, fmt.Errorf("batch: a delta of %s from batch %d does not apply to %s of batch %d", d.Key(), d.From, f.Key(), f.Changed)
	}
	next := &Frame{Metric: f.Metric, Region: f.Region, Changed: d.Changed, Rows: make([][]Cell, 0, len(f.Rows))}
	at := 0
	for _, s := range d.Splices {
		if s.At < at || s.Drop < 0 || s.Drop > len(f.Rows)-s.At {
			return nil, fmt.Errorf("batch: a delta of %s drops rows [%d, %d+%d) after row %d of %d", d.Key(), s.At, s.At, s.Drop, at, len(f.Rows))
		}
		next.Rows = append(next.Rows, f.Rows[at:s.At]...)
		next.Rows = append(next.Rows, s.Rows...)
		at = s.At + s.Drop
	}
	next.Rows = append(next.Rows, f.Rows[at:]...)
	return next, nil
}

// run is a piece that two lists of rows have in common: n rows from x and from y.
type run struct{ x, y, n int }

// common finds the longest sequence of rows that a and b have in common, as runs in
// order, unless more than most rows go and come. It is the greedy algorithm of
// Myers (An O(ND) Difference Algorithm, 1986). What libraries of it lack is
// the bound, which keeps frames that changed altogether cheap.
func common(a, b [][]Cell, most int) ([]run, bool) {
	same := func(x, y int) bool {
		// A row that stayed mostly is the same piece of memory.
		return len(a[x]) == len(b[y]) && len(a[x]) > 0 && &a[x][0] == &b[y][0] || slices.Equal(a[x], b[y])
	}
	// Rows at both ends are mostly the same.
	head := 0
	for head < len(a) && head < len(b) && same(head, head) {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && same(len(a)-1-tail, len(b)-1-tail) {
		tail++
	}
	n, m := len(a)-head-tail, len(b)-head-tail
	var runs []run
	add := func(r run) {
		if r.n > 0 {
			runs = append(runs, r)
		}
	}
	add(run{0, 0, head})
	if n > 0 && m > 0 {
		middle, ok := myers(n, m, most, func(x, y int) bool { return same(head+x, head+y) })
		if !ok {
			return nil, false
		}
		for _, r := range middle {
			add(run{head + r.x, head + r.y, r.n})
		}
	} else if n+m > most {
		return nil, false
	}
	add(run{len(a) - tail, len(b) - tail, tail})
	return runs, true
}

// myers finds the runs that two lists of n and m rows have in common.
func myers(n, m, most int, same func(x, y int) bool) ([]run, bool) {
	most = min(most, n+m)
	// far[k] is how far into the first list one gets on diagonal k = x-y with d
	// rows gone and come; seen keeps it for each d.
	far := make([]int, 2*most+3)
	mid := most + 1
	var seen [][]int
	for d := 0; d <= most; d++ {
		for k := -d; k <= d; k += 2 {
			x := 0
			switch {
			case d == 0:
			case k == -d || k != d && far[mid+k-1] < far[mid+k+1]:
				x = far[mid+k+1]
			default:
				x = far[mid+k-1] + 1
			}
			for x < n && x-k < m && x >= 0 && x-k >= 0 && same(x, x-k) {
				x++
			}
			far[mid+k] = x
			if x >= n && x-k >= m {
				return back(seen, n, m), true
			}
		}
		seen = append(seen, slices.Clone(far[mid-d:mid+d+1]))
	}
	return nil, false
}

// back walks from the ends of both lists to their beginnings; seen[d][k+d] is how far
// one got with d rows gone and come.
func back(seen [][]int, x, y int) []run {
	var runs []run
	for d := len(seen); d > 0; d-- {
		k, before := x-y, seen[d-1]
		at := func(k int) int { // out of reach below d-1
			if k < -(d-1) || k > d-1 {
				return -1
			}
			return before[k+d-1]
		}
		fromX, fromK := at(k-1), k-1
		beginX := fromX + 1
		if k == -d || k != d && at(k-1) < at(k+1) {
			fromX, fromK = at(k+1), k+1
			beginX = fromX
		}
		if x > beginX {
			runs = append(runs, run{beginX, beginX - k, x - beginX})
		}
		x, y = fromX, fromX-fromK
	}
	if x > 0 {
		runs = append(runs, run{0, 0, x})
	}
	slices.Reverse(runs)
	return runs
}
