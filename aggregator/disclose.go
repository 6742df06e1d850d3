package aggregator

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"golang.org/x/sync/errgroup"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/disclosure"
	"liaowang/queries"
)

// groups are the suppressed cells of the populations that metrics count, with the
// tree of regions that they lie in.
type groups struct {
	tree *disclosure.Tree
	at   map[string]int // the position of a region's code in the tree
	// of are the groups by the first of their populations.
	of map[string]grouped
}

// grouped is a group with the units of its metrics' rows, in order, each row's ending
// with rowEnd.
type grouped struct {
	group *disclosure.Group
	units map[string][]int32
}

// disclose makes frames of what may be shown, and notes which of them changed. A
// population is looked at again when one of its metrics has moved.
func (c *calculator) disclose(number uint64, res *result) {
	res.groups = groups{tree: c.groups.tree, at: c.groups.at, of: maps.Clone(c.groups.of)}
	if res.groups.tree == nil || !slices.Equal(c.tree.Regions, res.tree.Regions) {
		res.groups = plant(res.tree.Regions)
	}
	var again [][]string
	for _, populations := range c.catalogue.Groups() {
		of := populations[0]
		moved := res.groups.of[of].group == nil || res.regrid
		for _, m := range c.catalogue.Metrics {
			moved = moved || res.moved[m.ID] && slices.Contains(populations, m.Disclosure.Of)
		}
		if moved {
			again = append(again, populations)
		}
	}
	for _, m := range c.catalogue.Metrics {
		if len(m.Disclosure.Counts) == 0 && (res.moved[m.ID] || res.regrid) {
			c.show(m.ID, res.truth[m.ID], number, res)
		}
	}
	found := make([]grouped, len(again))
	shown := make([]answers, len(again))
	var group errgroup.Group
	group.SetLimit(c.parallel)
	for i, populations := range again {
		group.Go(func() error { found[i], shown[i] = c.suppress(populations, res); return nil })
	}
	_ = group.Wait() // none of them fails
	for i, populations := range again {
		res.groups.of[populations[0]] = found[i]
		for _, id := range sortedKeys(shown[i]) {
			c.show(id, shown[i][id], number, res)
		}
	}
}

// plant makes the tree of the regions, which come parents first.
func plant(regions []queries.Region) groups {
	g := groups{at: map[string]int{}, of: map[string]grouped{}}
	parents := make([]int, len(regions))
	for i, r := range regions {
		parents[i] = -1
		if p, ok := g.at[r.Parent]; ok {
			parents[i] = p
		}
		g.at[r.Code] = i
	}
	g.tree = disclosure.NewTree(parents)
	return g
}

// show makes a metric's frames.
func (c *calculator) show(id string, rows map[string][][]batch.Cell, number uint64, res *result) {
	for _, r := range res.tree.Regions {
		own, ok := rows[r.Code]
		if !ok {
			continue
		}
		f := &batch.Frame{Metric: id, Region: r.Code, Changed: number, Rows: own}
		if old := c.frames[f.Key()]; old != nil && sameRows(old.Rows, f.Rows) {
			if res.before == nil {
				res.frames[f.Key()] = old
			}
			continue
		}
		res.frames[f.Key()] = f
		res.changed = append(res.changed, f)
	}
}

// suppress gives the rows of the metrics that count a group of populations, as they
// may be shown: a row is suppressed where one of its units is hidden. Where nothing
// counts another number than in the last round, what was hidden stays so, and only
// metrics that have moved are given.
func (c *calculator) suppress(populations []string, res *result) (grouped, answers) {
	var metrics []*queries.Metric
	for i := range c.catalogue.Metrics {
		m := &c.catalogue.Metrics[i]
		if len(m.Disclosure.Counts) > 0 && slices.Contains(populations, m.Disclosure.Of) {
			metrics = append(metrics, m)
		}
	}
	last := c.groups.of[populations[0]]
	if last.group != nil && !res.regrid && !slices.ContainsFunc(metrics, func(m *queries.Metric) bool { return res.moved[m.ID] && !c.countsStay(m, res) }) {
		return last, last.shown(slices.DeleteFunc(metrics, func(m *queries.Metric) bool { return !res.moved[m.ID] }), res)
	}
	// What repeats a number comes after it.
	slices.SortStableFunc(metrics, func(a, b *queries.Metric) int {
		return len(a.Disclosure.Repeats) - len(b.Disclosure.Repeats)
	})
	g := grouped{disclosure.NewGroup(res.groups.tree, c.least), make(map[string][]int32, len(metrics))}
	all := make([]*units, len(metrics))
	for i, m := range metrics {
		all[i] = newUnits(m, c.catalogue, g.group)
	}
	for n, m := range metrics {
		u := all[n]
		var found []int32
		for at, r := range res.tree.Regions {
			for i, row := range res.truth[m.ID][r.Code] {
				found = append(u.add(found, row, i, at, res.groups.at, c.least), rowEnd)
			}
		}
		g.units[m.ID] = found
		u.finish()
	}
	g.group.Suppress(last.group)
	return g, g.shown(metrics, res)
}

// countsStay reports whether a metric's rows are those of the last round, but for
// figures that count nobody.
func (c *calculator) countsStay(m *queries.Metric, res *result) bool {
	var columns []int
	for i, col := range m.Columns {
		counts := slices.ContainsFunc(m.Disclosure.Counted(), func(n queries.Count) bool {
			return slices.Contains(n.Plus, col.Name) || slices.Contains(n.Minus, col.Name)
		})
		if counts || col.Type.IsKey() || col.Type == queries.TypeText {
			columns = append(columns, i)
		}
	}
	same := func(x, y []batch.Cell) bool {
		return !slices.ContainsFunc(columns, func(i int) bool { return x[i] != y[i] })
	}
	for _, r := range res.tree.Regions {
		was, is := c.truth[m.ID][r.Code], res.truth[m.ID][r.Code]
		if !identical(was, is) && !slices.EqualFunc(was, is, same) {
			return false
		}
	}
	return true
}

// shown gives the rows of metrics of the group as they may be shown.
func (g grouped) shown(metrics []*queries.Metric, res *result) answers {
	shown := answers{}
	for _, m := range metrics {
		found := g.units[m.ID]
		shown[m.ID] = make(map[string][][]batch.Cell, len(res.truth[m.ID]))
		for _, r := range res.tree.Regions {
			rows, ok := res.truth[m.ID][r.Code]
			if !ok {
				continue
			}
			own := false
			for i, row := range rows {
				hidden := false
				for ; found[0] != rowEnd; found = found[1:] {
					hidden = hidden || found[0] == unitAlone || g.group.Hidden(int(found[0]))
				}
				found = found[1:]
				if !hidden {
					continue
				}
				if !own {
					rows, own = slices.Clone(rows), true
				}
				rows[i] = hide(m, row)
			}
			shown[m.ID][r.Code] = rows
		}
	}
	return shown
}

// hide takes the numbers out of a row.
func hide(m *queries.Metric, row []batch.Cell) []batch.Cell {
	row = slices.Clone(row)
	for i, col := range m.Columns {
		if !col.Type.IsKey() && col.Type != queries.TypeText {
			row[i] = batch.Hidden()
		}
	}
	return row
}

// discreet is a check's result without the numbers of regions in which one of its
// metrics has a suppressed cell: differences are numbers, too.
func (c *calculator) discreet(k batch.Check, metrics []string, res *result) batch.Check {
	k.Failures = slices.Clone(k.Failures)
	for i, f := range k.Failures {
		if !c.tells(f, metrics, res) {
			continue
		}
		k.Failures[i] = batch.Failure{Region: f.Region, Suppressed: true,
			Words: fmt.Sprintf("不平, 涉及少于%d户的数, 不予显示", c.least)}
	}
	if len(k.Failures) > 0 {
		k.Words = k.Failures[0].Words
	}
	return k
}

// tells reports whether a failure would tell of a small cell.
func (c *calculator) tells(f batch.Failure, metrics []string, res *result) bool {
	small := func(n float64) bool { n = math.Abs(n); return n > 0 && n < float64(c.least) }
	for _, id := range metrics {
		if m, ok := c.catalogue.Metric(id); ok && len(m.Disclosure.Counts) > 0 && (small(f.Expected) || small(f.Actual)) {
			return true
		}
		frame := res.frame(batch.Key{Metric: id, Region: f.Region})
		if frame == nil {
			continue
		}
		for _, row := range frame.Rows {
			if slices.ContainsFunc(row, func(cell batch.Cell) bool { return cell.State == batch.Suppressed }) {
				return true
			}
		}
	}
	return false
}
