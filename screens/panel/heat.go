package panel

import (
	"cmp"
	"fmt"
	"slices"

	"liaowang/aggregator/batch"
	"liaowang/queries"
)

// heat is a table in shades: the regions below by figures of several metrics, each with
// steps of its own, or the rows of a metric with two lists of codes, one across the
// other. A number stands in every cell: the shade is what is seen first, not all.
type heat struct{}

func (heat) validate(s *Spec, v *validator) {
	if s.Metric != "" {
		v.takes(s, "metric", "value", "steps", "names", "empty")
		m := v.metric("metric", s.Metric)
		v.need(m == nil || len(m.Columns) > 2 && m.Columns[0].Type == queries.TypeCode && m.Columns[1].Type == queries.TypeCode,
			"metric", "metric %q must have rows by two codes for kind %s, which takes figures else", s.Metric, s.Kind)
		v.measure("value", m, s.Value)
		v.shaded("steps", s.Steps)
		return
	}
	v.takes(s, "figures", "sort", "empty")
	v.need(len(s.Figures) > 0, "figures", "is empty, and so is metric")
	for i, f := range s.Figures {
		at := func(field string) string { return fmt.Sprintf("figures[%d].%s", i, field) }
		m := v.metric(at("metric"), f.Metric)
		if m == nil {
			continue
		}
		v.need(len(m.Columns) > 0 && m.Columns[0].Type == queries.TypeRegion, at("metric"), "metric %q must have rows by region for kind %s", f.Metric, s.Kind)
		v.measure(at("value"), m, f.Value)
		v.need(f.Beside == "" && f.Key == "" && !f.Change && f.Target == 0, at("value"), "kind heat takes id, label, metric, value and steps")
		if f.Steps != nil {
			v.shaded(at("steps"), f.Steps)
		}
	}
}

func (heat) needs(s *Spec, region string, regions *Regions) []batch.Key {
	if s.Metric != "" {
		return []batch.Key{{Metric: s.Metric, Region: s.answering(s.Metric, region, regions)}}
	}
	var keys []batch.Key
	for _, f := range s.Figures {
		keys = append(keys, bars{}.needs(&Spec{Metric: f.Metric, levels: s.levels}, region, regions)...)
	}
	return keys
}

func (heat) option(*Spec, *Input) any { return nil }

func (h heat) data(s *Spec, in *Input) any {
	out := tableData{Title: s.title(in), Columns: []tableColumn{}, Rows: []tableRow{}}
	if s.Metric != "" {
		return h.across(s, in, out)
	}
	at := map[string]int{}
	var shown []amount
	for k, f := range s.Figures {
		m, ok := in.Catalogue.Metric(f.Metric)
		if !ok || m.Column(f.Value) < 0 {
			continue
		}
		scope := bars{}.scope(s, m, in)
		rows := in.records(f.Metric, scope)
		amounts := columnOf(rows, m, f.Value)
		unit := alike(amounts, m.Columns[m.Column(f.Value)])
		if f.Yuan {
			unit = inYuan(amounts)
		}
		out.Columns = append(out.Columns, tableColumn{Name: f.ID, Label: f.Label, Unit: unit})
		for i, r := range rows {
			row, there := at[r.key]
			if !there {
				row = len(out.Rows)
				at[r.key] = row
				out.Rows = append(out.Rows, tableRow{Key: r.key, Label: mark(r, in), Cells: make([]tableCell, 0, len(s.Figures))})
				for range k {
					out.Rows[row].Cells = append(out.Rows[row].Cells, cell(missing))
				}
			}
			out.Rows[row].Cells = append(out.Rows[row].Cells, shaded(amounts[i], f.Steps))
		}
		for i := range out.Rows { // a row that only other metrics have
			for len(out.Rows[i].Cells) < len(out.Columns) {
				out.Rows[i].Cells = append(out.Rows[i].Cells, cell(missing))
			}
		}
		shown = append(shown, amounts...)
	}
	if s.Sort {
		slices.SortStableFunc(out.Rows, func(a, b tableRow) int { return byRank(a.Cells[0].amount, b.Cells[0].amount) })
	}
	if len(out.Rows) == 0 {
		out.Empty = cmp.Or(s.Empty, "没有下一级")
		if !in.Regions.applicable(in.Region) {
			out.Empty = textNA
		}
	}
	out.Footnote = in.footnote(shown...)
	return out
}

// across lays one list of codes across the other.
func (heat) across(s *Spec, in *Input, out tableData) any {
	m, ok := in.Catalogue.Metric(s.Metric)
	if !ok || len(m.Columns) < 3 || m.Column(s.Value) < 0 {
		return out
	}
	region := s.answering(s.Metric, in.Region, in.Regions)
	if out.Empty = in.unanswered(m, region); out.Empty != "" {
		return out
	}
	out.Unit = m.Columns[m.Column(s.Value)].Unit
	cells := crossed(in.Frame(s.Metric, region))
	var shown []amount
	for _, down := range in.Catalogue.Codes[m.Columns[1].Codes] {
		row := tableRow{Key: down.Code, Label: down.ZH, Cells: []tableCell{}}
		for _, along := range in.Catalogue.Codes[m.Columns[0].Codes] {
			a := missing
			if c, ok := cells[[2]string{along.Code, down.Code}]; ok {
				a = record{cells: c}.at(m, s.Value)
			}
			shown = append(shown, a)
			row.Cells = append(row.Cells, shaded(a, s.Steps))
		}
		out.Rows = append(out.Rows, row)
	}
	for _, along := range in.Catalogue.Codes[m.Columns[0].Codes] {
		out.Columns = append(out.Columns, tableColumn{Name: along.Code, Label: s.name(queries.Column{Name: along.Code, Title: along.ZH})})
	}
	out.Footnote = in.footnote(shown...)
	return out
}

// crossed finds the rows of a frame by their first two keys.
func crossed(f *batch.Frame) map[[2]string][]batch.Cell {
	out := map[[2]string][]batch.Cell{}
	if f == nil {
		return out
	}
	for _, row := range f.Rows {
		if len(row) > 2 && row[0].State == batch.IsText && row[1].State == batch.IsText {
			out[[2]string{row[0].Text, row[1].Text}] = row
		}
	}
	return out
}

// shaded gives a number its step; what is no number has none.
func shaded(a amount, bounds []float64) tableCell {
	c := cell(a)
	if a.State != stateOK || bounds == nil {
		return c
	}
	shade := 0
	for _, b := range bounds {
		if *a.Value >= b {
			shade++
		}
	}
	c.Shade = &shade
	return c
}

// months is codes by months: what each department delivered, and where it is 缺报. The
// metric's text says what a month without a number is: an empty delivery is 0, one that
// is not yet due is neither.
type months struct{}

func (months) validate(s *Spec, v *validator) {
	v.takes(s, "metric", "value", "empty")
	m := v.metric("metric", s.Metric)
	v.need(m == nil || len(m.Columns) > 3 && m.Columns[0].Type == queries.TypeCode && m.Columns[1].Type == queries.TypeDate && m.Columns[3].Type == queries.TypeText,
		"metric", "metric %q must have rows by code and date, with a number and a text that says what it means, for kind %s", s.Metric, s.Kind)
	v.measure("value", m, s.Value)
}

func (months) needs(s *Spec, region string, regions *Regions) []batch.Key {
	return []batch.Key{{Metric: s.Metric, Region: s.answering(s.Metric, region, regions)}}
}

func (months) option(*Spec, *Input) any { return nil }

// The words of a month that is no delivery and no 缺报.
const (
	stateNotDue    = "未到期"
	stateNotWanted = "不要求"
)

func (months) data(s *Spec, in *Input) any {
	out := tableData{Title: s.title(in), Columns: []tableColumn{}, Rows: []tableRow{}}
	m, ok := in.Catalogue.Metric(s.Metric)
	if !ok || len(m.Columns) < 4 {
		return out
	}
	region := s.answering(s.Metric, in.Region, in.Regions)
	if out.Empty = in.unanswered(m, region); out.Empty != "" {
		return out
	}
	f := in.Frame(s.Metric, region)
	cells := crossed(f)
	var keys []record
	for at := range cells {
		if !slices.ContainsFunc(keys, func(r record) bool { return r.key == at[1] }) {
			keys = append(keys, record{key: at[1]})
		}
	}
	slices.SortFunc(keys, func(a, b record) int { return slices.Compare([]byte(a.key), []byte(b.key)) })
	month := dates(keys)
	for _, k := range keys {
		out.Columns = append(out.Columns, tableColumn{Name: k.key, Label: month(k.key)})
	}
	for _, code := range in.Catalogue.Codes[m.Columns[0].Codes] {
		row := tableRow{Key: code.Code, Label: code.ZH, Cells: []tableCell{}}
		for _, k := range keys {
			a := missing
			if c, ok := cells[[2]string{code.Code, k.key}]; ok {
				a = record{cells: c}.at(m, s.Value)
				if word := in.words(record{cells: c}, 3, m.Columns[3]); word.Text == stateNotDue || word.Text == stateNotWanted {
					a = amount{Text: word.Text, State: stateNA}
				}
			}
			a.Unit = ""
			row.Cells = append(row.Cells, cell(a))
		}
		out.Rows = append(out.Rows, row)
	}
	if len(keys) == 0 {
		out.Empty = cmp.Or(s.Empty, textMissing)
	}
	return out
}
