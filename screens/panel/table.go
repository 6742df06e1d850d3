package panel

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"liaowang/aggregator/batch"
	"liaowang/queries"
)

// table is codes by measures: the classes of assets with count and values. Its
// last row is the sum, worked out from the rows that are shown. A list is a table whose
// columns may be words, and which turns its pages where it is longer than its panel.
type table struct{}

type tableData struct {
	Title   string        `json:"title,omitempty"`
	Empty   string        `json:"empty,omitempty"`
	Unit    string        `json:"unit,omitempty"` // beside the title, where columns have none
	Columns []tableColumn `json:"columns"`
	Rows    []tableRow    `json:"rows"`
	// Footnote stands below the rows.
	Footnote string `json:"footnote,omitempty"`
}

type tableColumn struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Unit  string `json:"unit"`
}

type tableRow struct {
	Key   string      `json:"key"`
	Label string      `json:"label"`
	Sum   bool        `json:"sum,omitempty"`
	Cells []tableCell `json:"cells"`
}

type tableCell struct {
	amount
	// Words are no number: they are set as names are.
	Words bool `json:"words,omitempty"`
	// Shade is the step of a heat table, from 0; absent: it has none.
	Shade *int `json:"shade,omitempty"`
}

func cell(a amount) tableCell { return tableCell{amount: a} }

func (table) validate(s *Spec, v *validator) {
	v.need(len(s.Columns) > 0, "columns", "is empty")
	v.named(s, s.Columns...)
	if s.Kind == KindList {
		v.takes(s, "metric", "columns", "names", "sort", "empty")
		m := v.metric("metric", s.Metric)
		for i, name := range s.Columns {
			if m != nil && m.Column(name) < 0 {
				v.need(false, fmt.Sprintf("columns[%d]", i), "column %q is not of %s", name, m.ID)
			}
		}
		v.need(m == nil || len(m.Columns) > 0 && m.Columns[0].Type != queries.TypeCount, "metric", "metric %q has one row without a name: use figures", s.Metric)
		return
	}
	v.takes(s, "metric", "columns", "names", "total", "sort", "empty")
	m := v.keyed(s, queries.TypeCode, queries.TypeRegion)
	for i, name := range s.Columns {
		v.measure(fmt.Sprintf("columns[%d]", i), m, name)
	}
}

func (table) needs(s *Spec, region string, regions *Regions) []batch.Key {
	return bars{}.needs(s, region, regions)
}

func (table) option(*Spec, *Input) any { return nil }

func (table) data(s *Spec, in *Input) any {
	out := tableData{Title: s.title(in), Columns: []tableColumn{}, Rows: []tableRow{}}
	m, ok := in.Catalogue.Metric(s.Metric)
	if !ok || len(m.Columns) == 0 {
		return out
	}
	scope := bars{}.scope(s, m, in)
	if out.Empty = in.unanswered(m, scope); out.Empty != "" {
		return out
	}
	rows := in.records(s.Metric, scope)
	if s.Sort && len(s.Columns) > 0 {
		slices.SortStableFunc(rows, func(a, b record) int { return byRank(a.at(m, s.Columns[0]), b.at(m, s.Columns[0])) })
	}
	for _, r := range rows {
		out.Rows = append(out.Rows, tableRow{Key: r.key, Label: mark(r, in)})
	}
	if len(rows) == 0 {
		out.Empty = cmp.Or(s.Empty, "没有下一级")
		return out
	}
	if s.Total {
		out.Rows = append(out.Rows, tableRow{Key: "sum", Label: "合计", Sum: true})
	}
	for _, name := range s.Columns {
		i := m.Column(name)
		if i < 0 {
			continue
		}
		col := m.Columns[i]
		if c := col.Type; c == queries.TypeText || c == queries.TypeCode || c == queries.TypeDate {
			out.Columns = append(out.Columns, tableColumn{Name: name, Label: s.name(col)})
			for k, r := range rows {
				out.Rows[k].Cells = append(out.Rows[k].Cells, tableCell{amount: in.words(r, i, col), Words: true})
			}
			continue
		}
		cells := columnOf(rows, m, name)
		if s.Total {
			total := notApplicable
			total.Text = "" // rates are not added up
			if col.Type != queries.TypeNumber {
				total = sum(cells, col)
			}
			cells = append(cells, total)
		}
		if note := in.footnote(cells...); note != "" {
			out.Footnote = note
		}
		unit := alike(cells, col)
		out.Columns = append(out.Columns, tableColumn{Name: name, Label: s.name(col), Unit: unit})
		for k := range out.Rows {
			out.Rows[k].Cells = append(out.Rows[k].Cells, cell(cells[k]))
		}
	}
	return out
}

// words is a cell that is no number: a text, or the name of a code.
func (in *Input) words(r record, i int, col queries.Column) amount {
	if i >= len(r.cells) {
		return missing
	}
	switch c := r.cells[i]; c.State {
	case batch.IsText:
		for _, code := range in.Catalogue.Codes[col.Codes] {
			if code.Code == c.Text {
				return amount{Text: code.ZH, State: stateOK}
			}
		}
		if c.Text == textMissing {
			return missing // a metric's own word for it
		}
		return amount{Text: c.Text, State: stateOK}
	case batch.NotApplicable:
		return notApplicable
	case batch.Suppressed:
		return suppressed
	}
	return missing
}

// alike writes a column of money in one unit, that of its largest amount, so
// that the rows can be compared, and gives the unit of the column,
// or none where no cell is a number.
func alike(cells []amount, col queries.Column) string {
	if !slices.ContainsFunc(cells, func(a amount) bool { return a.State == stateOK }) {
		return ""
	}
	if col.Type == queries.TypeNumber && slices.ContainsFunc(cells, func(a amount) bool { return strings.Contains(a.Text, ".") }) {
		for i, c := range cells { // 6.0 below 5.9
			if c.Value != nil && *c.Value != 0 && !strings.Contains(c.Text, ".") {
				cells[i].Text += ".0"
			}
		}
	}
	if col.Type != queries.TypeMoney {
		return col.Unit
	}
	var largest float64
	for _, c := range cells {
		largest = math.Max(largest, math.Abs(c.drawn()))
	}
	unit := moneyUnit(largest)
	_, name := money(0, unit)
	for i, c := range cells {
		if c.Value != nil {
			cells[i].Text, cells[i].Unit = money(*c.Value, unit)
		}
	}
	return name
}
