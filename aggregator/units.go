package aggregator

import (
	"math"
	"slices"
	"strings"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/disclosure"
	"liaowang/queries"
)

// units finds the units of a group that the rows of a metric are.
type units struct {
	metric    *queries.Metric
	catalogue *queries.Catalogue
	group     *disclosure.Group
	base      int // the metric's own partition
	whole     disclosure.Part
	region    int   // the column of the row's own region, or -1
	keys      []int // the columns that name the part
	counts    []counted
	tells     []disclosure.Part
	// margins are for each key the parts of a table by the part that they add up to.
	margins []map[string][]disclosure.Part
	parts   map[string]bool // what margins hold
}

// counted is a number that rows count.
type counted struct {
	plus, minus []int // columns
	partition   int
	// part is what the number counts; empty: what the row's keys say.
	part string
}

// What is no unit of a group, but stands among the units of rows.
const (
	rowEnd    = -1
	unitAlone = -2 // hidden by itself
)

// keySeparator stands between the keys of a part that has several.
const keySeparator = "\x1f"

// partition gives a division as a partition of the group, tied to what it divides.
func partition(g *disclosure.Group, c *queries.Catalogue, at queries.Division, overlapping bool) int {
	i := g.Partition(strings.Join([]string{at.Of, at.Within, at.Partition}, keySeparator), overlapping)
	g.Within(i, whole(g, c, at.Of, at.Within))
	return i
}

// whole gives the part that is all of a population, or of what a metric is confined to.
func whole(g *disclosure.Group, c *queries.Catalogue, of, within string) disclosure.Part {
	if within == "" {
		return disclosure.Part{Partition: g.Partition(of, true)}
	}
	return named(g, c, of, within)
}

// named gives a part by its name. The catalogue has validated that there is one.
func named(g *disclosure.Group, c *queries.Catalogue, of, part string) disclosure.Part {
	at, _ := c.Place(of, part)
	return disclosure.Part{Partition: partition(g, c, at, c.Overlaps(at)), Name: part}
}

func newUnits(m *queries.Metric, c *queries.Catalogue, g *disclosure.Group) *units {
	d := m.Disclosure
	u := &units{metric: m, catalogue: c, group: g, region: -1, keys: m.Keys(), whole: whole(g, c, d.Of, d.Within), parts: map[string]bool{}}
	for i, col := range m.Columns {
		if col.Type == queries.TypeRegion {
			u.region = i
		}
	}
	at := queries.Division{Of: d.Of, Within: d.Within, Partition: d.Partition}
	switch {
	case d.Partition == "":
		u.base = g.Partition(m.ID, true) // rows that divide nothing
	default:
		// The cells of a table add up through its margins.
		u.base = partition(g, c, at, d.Overlapping || len(d.Margins) > 0)
		if d.Partial {
			g.Partial(u.base)
		}
	}
	// Whether all counts are of parts (months of each event), or only some beside
	// the metric's own.
	_, ofParts := c.Place(d.Of, d.Counted()[0].Name)
	for i, count := range d.Counted() {
		n := counted{}
		for _, name := range count.Plus {
			n.plus = append(n.plus, m.Column(name))
		}
		for _, name := range count.Minus {
			n.minus = append(n.minus, m.Column(name))
		}
		place, known := c.Place(d.Of, count.Name)
		keyed := len(u.keys) > 0
		switch {
		case keyed && known && d.Partition != "":
			// The same rows of a part: it is divided as the metric's own is.
			n.partition = partition(g, c, queries.Division{Of: d.Of, Within: count.Name, Partition: d.Partition}, d.Overlapping)
			if d.Partial && ofParts {
				g.Partial(n.partition)
			}
		case i == 0 && keyed:
			n.partition = u.base
		case i == 0 && d.Part != "":
			n.partition, n.part = u.base, d.Part
		case count.Name == queries.All || i == 0 && d.Partition == "" && d.Repeats == "":
			n.partition, n.part = u.whole.Partition, u.whole.Name
		case !keyed && known:
			n.partition, n.part = partition(g, c, place, c.Overlaps(place)), count.Name
		default:
			n.partition = g.Partition(m.ID+" "+count.Name, true)
		}
		u.counts = append(u.counts, n)
	}
	for _, part := range d.Tells {
		if part == queries.All {
			u.tells = append(u.tells, u.whole)
		} else {
			u.tells = append(u.tells, named(g, c, d.Of, part))
		}
	}
	for _, part := range d.Harmless {
		if part == queries.Rest {
			g.Harmless(disclosure.Part{Partition: u.base, Name: disclosure.Rest})
		} else {
			g.Harmless(named(g, c, d.Of, part))
		}
	}
	for range d.Margins {
		u.margins = append(u.margins, map[string][]disclosure.Part{})
	}
	return u
}

// add adds a row of a region's frame, the i-th, and appends its units.
func (u *units) add(found []int32, row []batch.Cell, i, region int, at map[string]int, least int) []int32 {
	d := u.metric.Disclosure
	before := len(found)
	part := ""
	for k, column := range u.keys {
		if k > 0 {
			part += keySeparator
		}
		part += row[column].Text
	}
	known := true
	if u.region >= 0 {
		region, known = at[row[u.region].Text]
	}
	put := func(p disclosure.Part, count float64) int {
		n := u.group.Add(p.Partition, p.Name, region, count)
		found = append(found, int32(n))
		return n
	}
	for k, n := range u.counts {
		count, applicable := n.of(row)
		if !applicable {
			continue
		}
		own := disclosure.Part{Partition: n.partition, Name: n.part}
		if len(u.keys) > 0 && own != u.whole {
			own.Name = part
		}
		switch {
		case !known: // in no region that sums are known of
			if count > 0 && count < float64(least) {
				found = append(found, unitAlone)
			}
			continue
		case k == 0 && d.Leading && i == 0:
			own = u.whole
		case k == 0 && d.Repeats != "":
			all := u.group.Add(u.whole.Partition, u.whole.Name, region, math.NaN())
			if d.Repeats == queries.RepeatsNear || u.group.Count(all) == count {
				found = append(found, int32(all))
			}
		}
		put(own, count)
		if k == 0 && u.margins != nil {
			u.margin(row, own)
		}
	}
	if len(found) > before && known {
		for _, p := range u.tells {
			put(p, math.NaN())
		}
	}
	return found
}

// of gives the number that a row counts, NaN where it is missing.
func (n *counted) of(row []batch.Cell) (count float64, applicable bool) {
	put := func(columns []int, sign float64) bool {
		for _, column := range columns {
			switch cell := row[column]; cell.State {
			case batch.NotApplicable:
				return false
			case batch.IsNumber:
				count += sign * cell.Number
			default:
				count = math.NaN()
			}
		}
		return true
	}
	return count, put(n.plus, 1) && put(n.minus, -1)
}

// margin notes a cell of a table under the parts that it belongs to.
func (u *units) margin(row []batch.Cell, cell disclosure.Part) {
	if u.parts[cell.Name] {
		return
	}
	u.parts[cell.Name] = true
	for k, column := range u.keys {
		code := row[column].Text
		u.margins[k][code] = append(u.margins[k][code], cell)
	}
}

// finish says the sums that the header does.
func (u *units) finish() {
	d := u.metric.Disclosure
	beside := func(within, name string) int {
		at := queries.Division{Of: d.Of, Within: within, Partition: name}
		return partition(u.group, u.catalogue, at, u.catalogue.Overlaps(at))
	}
	for k, margin := range u.margins {
		for _, code := range sortedKeys(margin) {
			u.group.Sum(disclosure.Part{Partition: beside(d.Within, d.Margins[k]), Name: code}, margin[code])
		}
	}
	for _, name := range sortedKeys(d.Coarser) {
		to := beside(d.Within, name)
		for _, part := range sortedKeys(d.Coarser[name]) {
			var codes []disclosure.Part
			for _, code := range d.Coarser[name][part] {
				codes = append(codes, disclosure.Part{Partition: u.base, Name: code})
			}
			u.group.Sum(disclosure.Part{Partition: to, Name: part}, codes)
		}
	}
	for _, part := range sortedKeys(d.Equals) {
		of, other, _ := strings.Cut(d.Equals[part], ".")
		if !slices.ContainsFunc(u.catalogue.Metrics, func(m queries.Metric) bool { return m.Disclosure.Of == of }) {
			continue // a catalogue of some metrics only
		}
		u.group.Sum(named(u.group, u.catalogue, of, other), []disclosure.Part{named(u.group, u.catalogue, d.Of, part)})
	}
}
