package panel

import (
	"slices"

	"liaowang/aggregator/batch"
	"liaowang/queries"
)

// record is one row of a keyed metric, with its name on the glass.
type record struct {
	key   string
	label string
	cells []batch.Cell
}

// at gives the amount in a column of the metric.
func (r record) at(m *queries.Metric, column string) amount {
	i := m.Column(column)
	if i < 0 || i >= len(r.cells) {
		return missing
	}
	return format(r.cells[i], m.Columns[i])
}

// answers says whether a metric is asked for the level of a region at all.
func answers(m *queries.Metric, level Level) bool { return slices.Contains(m.Regions, string(level)) }

// single gives one amount of a metric without keys for a region.
func (in *Input) single(metric, region, column string) amount {
	m, ok := in.Catalogue.Metric(metric)
	if !ok {
		return missing
	}
	if !in.Regions.applicable(region) || !answers(m, in.Regions.level(region)) {
		return notApplicable
	}
	if f := in.Frame(metric, region); f != nil && len(f.Rows) > 0 {
		return record{cells: f.Rows[0]}.at(m, column)
	}
	return missing
}

// figure gives one amount of what a figure is of, for a region.
func (in *Input) figure(f *Figure, region, column string) amount {
	if f.Key == "" {
		return in.single(f.Metric, region, column)
	}
	m, ok := in.Catalogue.Metric(f.Metric)
	if !ok || m.Column(column) < 0 {
		return missing
	}
	if !in.Regions.applicable(region) || !answers(m, in.Regions.level(region)) {
		return notApplicable
	}
	rows := in.records(f.Metric, region)
	switch f.Key {
	case KeySum:
		return sum(columnOf(rows, m, column), m.Columns[m.Column(column)])
	case KeyLast:
		if len(rows) > 0 {
			return rows[len(rows)-1].at(m, column)
		}
	}
	for _, r := range rows {
		if r.key == f.Key {
			return r.at(m, column)
		}
	}
	return missing
}

// unanswered says why a metric has nothing to show for the region, or "".
func (in *Input) unanswered(m *queries.Metric, region string) string {
	if in.Regions.applicable(region) && answers(m, in.Regions.level(region)) {
		return ""
	}
	return textNA
}

// name is the name of a column on the glass.
func (s *Spec) name(c queries.Column) string {
	if n, ok := s.Names[c.Name]; ok {
		return n
	}
	return c.Title
}

// records gives the rows of a keyed metric for a region, each code of the list
// or each region below in its order, then whatever the frame holds beyond: an
// unknown code is shown under its own name, not dropped. A key without a row is
// missing; where the metric does not apply every cell says so.
func (in *Input) records(metric, region string) []record {
	m, ok := in.Catalogue.Metric(metric)
	if !ok || len(m.Columns) == 0 {
		return nil
	}
	var out []record
	switch key := m.Columns[0]; key.Type {
	case queries.TypeCode:
		for _, c := range in.Catalogue.Codes[key.Codes] {
			out = append(out, record{key: c.Code, label: c.ZH})
		}
	case queries.TypeRegion:
		for _, r := range in.Regions.Children(region) {
			out = append(out, record{key: r.Code, label: r.Name})
		}
	}
	if f := in.Frame(metric, region); f != nil {
		out = fill(out, f, in.Regions)
	}
	for i := range out {
		above := !in.Regions.applicable(region) || !answers(m, in.Regions.level(region))
		below := m.Columns[0].Type == queries.TypeRegion && !in.Regions.applicable(out[i].key)
		if above || below {
			out[i].cells = slices.Repeat([]batch.Cell{batch.NA()}, len(m.Columns))
		}
	}
	return out
}

// fill lays the rows of a frame on the records that are expected.
func fill(out []record, f *batch.Frame, regions *Regions) []record {
	at := make(map[string]int, len(out))
	for i, r := range out {
		at[r.key] = i
	}
	for _, row := range f.Rows {
		if len(row) == 0 || row[0].State != batch.IsText {
			continue // no key: belongs to nothing that could be named
		}
		key := row[0].Text
		i, known := at[key]
		if !known {
			i = len(out)
			at[key] = i
			out = append(out, record{key: key, label: regions.name(key)})
		}
		out[i].cells = row
	}
	return out
}

// columnOf gives one column of records as amounts.
func columnOf(rows []record, m *queries.Metric, name string) []amount {
	out := make([]amount, len(rows))
	for i, r := range rows {
		out[i] = r.at(m, name)
	}
	return out
}
