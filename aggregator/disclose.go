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

// groups are the suppressed cells of each population that metrics count, with the
// tree of regions that they lie in.
type groups struct {
	tree *disclosure.Tree
	at   map[string]int // the position of a region's code in the tree
	of   map[string]*disclosure.Group
}

// disclose makes frames of what may be shown, and notes which of them changed. A
// population is looked at again when one of its metrics has moved.
func (c *calculator) disclose(number uint64, res *result) {
	res.groups = groups{tree: c.groups.tree, at: c.groups.at, of: maps.Clone(c.groups.of)}
	if res.groups.tree == nil || !slices.Equal(c.regions, res.regions) {
		res.groups = plant(res.regions)
	}
	var again []string
	for _, m := range c.catalogue.Metrics {
		of := m.Disclosure.Of
		switch {
		case len(m.Disclosure.Counts) == 0:
			if res.moved[m.ID] || res.regrid {
				c.show(m.ID, res.truth[m.ID], number, res)
			}
		case !slices.Contains(again, of) && (res.moved[m.ID] || res.groups.of[of] == nil || res.regrid):
			again = append(again, of)
		}
	}
	found := make([]*disclosure.Group, len(again))
	shown := make([]answers, len(again))
	var group errgroup.Group
	group.SetLimit(c.parallel)
	for i, of := range again {
		group.Go(func() error { found[i], shown[i] = c.suppress(of, res); return nil })
	}
	_ = group.Wait() // none of them fails
	for i, of := range again {
		res.groups.of[of] = found[i]
		for _, id := range sortedKeys(shown[i]) {
			c.show(id, shown[i][id], number, res)
		}
	}
}

// plant makes the tree of the regions, which come parents first.
func plant(regions []region) groups {
	g := groups{at: map[string]int{}, of: map[string]*disclosure.Group{}}
	parents := make([]int, len(regions))
	for i, r := range regions {
		parents[i] = -1
		if p, ok := g.at[r.parent]; ok {
			parents[i] = p
		}
		g.at[r.code] = i
	}
	g.tree = disclosure.NewTree(parents)
	return g
}

// show makes a metric's frames.
func (c *calculator) show(id string, rows map[string][][]batch.Cell, number uint64, res *result) {
	for _, r := range res.regions {
		own, ok := rows[r.code]
		if !ok {
			continue
		}
		f := &batch.Frame{Metric: id, Region: r.code, Changed: number, Rows: own}
		if old := c.frames[f.Key()]; old != nil && sameRows(old.Rows, f.Rows) {
			res.frames[f.Key()] = old
			continue
		}
		res.frames[f.Key()] = f
		res.changed = append(res.changed, f)
	}
}

// suppress gives the rows of all metrics that count a population, as they may be
// shown.
func (c *calculator) suppress(of string, res *result) (*disclosure.Group, answers) {
	g := disclosure.NewGroup(res.groups.tree, c.least)
	var metrics []*queries.Metric
	parts := c.partsOf(of)
	var units []int // of every row, in order
	for i := range c.catalogue.Metrics {
		m := &c.catalogue.Metrics[i]
		if m.Disclosure.Of != of || len(m.Disclosure.Counts) == 0 {
			continue
		}
		metrics = append(metrics, m)
		u := newUnits(m, g, parts)
		for at, r := range res.regions {
			for _, row := range res.truth[m.ID][r.code] {
				units = append(units, u.add(row, at, res.groups.at, c.least))
			}
		}
	}
	g.Suppress(c.groups.of[of])
	shown := answers{}
	for _, m := range metrics {
		shown[m.ID] = make(map[string][][]batch.Cell, len(res.truth[m.ID]))
		for _, r := range res.regions {
			rows, ok := res.truth[m.ID][r.code]
			if !ok {
				continue
			}
			own := false
			for i, row := range rows {
				u := units[i]
				if u == unitOpen || u >= 0 && !g.Hidden(u) {
					continue
				}
				if !own {
					rows, own = slices.Clone(rows), true
				}
				rows[i] = hide(m, row)
			}
			units = units[len(rows):]
			shown[m.ID][r.code] = rows
		}
	}
	return g, shown
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

// units finds the units that the rows of a metric are. The first count of a row is
// its unit; further ones are units of their own, hidden with it.
type units struct {
	group  *disclosure.Group
	part   string
	region int   // the column of the row's own region, or -1
	keys   []int // the columns that name the part
	counts []counted
}

// counted is a column that counts.
type counted struct {
	column, partition int
	// part is what the count is of; empty: of what the row's keys say.
	part string
}

func newUnits(m *queries.Metric, g *disclosure.Group, parts map[string]string) *units {
	d := m.Disclosure
	u := &units{group: g, part: d.Part, region: -1}
	for i, col := range m.Columns {
		switch {
		case col.Type == queries.TypeRegion:
			u.region = i
		case col.Type.IsKey() || col.Type == queries.TypeText:
			u.keys = append(u.keys, i)
		}
	}
	for i, name := range d.Counts {
		c := counted{column: m.Column(name)}
		divided, known := parts[name]
		switch {
		case i == 0 && d.Partition == "" && (len(u.keys) > 0 || u.part != ""):
			c.partition = g.Partition(m.ID, true) // rows that divide nothing
		case i == 0:
			c.partition = g.Partition(d.Partition, d.Overlapping)
		case known && len(u.keys) == 0:
			c.partition, c.part = g.Partition(divided, false), name
		default:
			c.partition = g.Partition(m.ID+" "+name, true)
		}
		u.counts = append(u.counts, c)
	}
	return u
}

// partsOf gives the partition of each part that a population is divided into: a
// further count of that name is the same number.
func (c *calculator) partsOf(of string) map[string]string {
	parts := map[string]string{}
	put := func(part, partition string) {
		if _, ok := parts[part]; !ok {
			parts[part] = partition
		}
	}
	for _, m := range c.catalogue.Metrics {
		d := m.Disclosure
		switch {
		case d.Of != of || d.Partition == "" || d.Overlapping:
		case d.Part != "":
			put(d.Part, d.Partition)
		case m.Columns[0].Type == queries.TypeCode && !m.Columns[1].Type.IsKey():
			for _, code := range c.catalogue.Codes[m.Columns[0].Codes] {
				put(code.Code, d.Partition)
			}
		}
	}
	return parts
}

// What is no unit of a group.
const (
	unitOpen  = -1 // nothing is counted here
	unitAlone = -2 // hidden by itself
)

// add adds a row of a region's frame.
func (u *units) add(row []batch.Cell, region int, at map[string]int, least int) int {
	part := u.part
	for i, column := range u.keys {
		if i > 0 || part != "" {
			part += "\x1f"
		}
		part += row[column].Text
	}
	known := true
	if u.region >= 0 {
		region, known = at[row[u.region].Text]
	}
	first := unitOpen
	for i, c := range u.counts {
		cell := row[c.column]
		if cell.State == batch.NotApplicable {
			continue
		}
		count := math.NaN()
		if cell.State == batch.IsNumber {
			count = cell.Number
		}
		switch {
		case !known: // in no region that sums are known of
			if count > 0 && count < float64(least) {
				return unitAlone
			}
		case i == 0:
			first = u.group.Add(c.partition, part, region, count)
		case c.part != "":
			u.tie(&first, u.group.Add(c.partition, c.part, region, count))
		default:
			u.tie(&first, u.group.Add(c.partition, part, region, count))
		}
	}
	return first
}

// tie ties a further unit to a row's first one, or makes it that.
func (u *units) tie(first *int, unit int) {
	if *first == unitOpen {
		*first = unit
		return
	}
	u.group.Tie(*first, unit)
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
		frame := res.frames[batch.Key{Metric: id, Region: f.Region}]
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
