package panel

import (
	"cmp"
	"slices"
	"strings"

	"liaowang/aggregator/batch"
	"liaowang/queries"
)

// Sheet is what a panel says, as a table: what files hold of it, and what a file is
// compared with. Its first column names the rows. A panel that folds its last rows into
// one has all of them here.
type Sheet struct {
	Title   string
	Note    string
	Columns []SheetColumn
	Rows    []SheetRow
	// Empty says why there are no rows.
	Empty string
	// Footnote says what ＊ means where there is one.
	Footnote string
}

// SheetColumn is a column of a sheet.
type SheetColumn struct {
	Name  string
	Title string
	Type  queries.ColumnType
	// Unit is that of the values, ShownUnit that of what is shown: money is in 元 and
	// shown in 万元. Both are empty where rows have units of their own.
	Unit, ShownUnit string
}

// SheetRow is a row of a sheet; Sum says that it is the sum of those above.
type SheetRow struct {
	Key   string
	Sum   bool
	Cells []SheetCell
}

// SheetCell is a value and how the glass writes it, without the column's unit.
type SheetCell struct {
	batch.Cell
	Shown string
}

// Tabulate gives the sheet of a panel, from the same rows that Data draws. Panels of kind
// checks and ticker have none: they show no frame.
func Tabulate(s Spec, in Input) Sheet {
	out := Sheet{Title: cmp.Or(s.title(&in), s.Title), Note: s.Note}
	switch s.Kind {
	case KindFigure, KindFigures, KindFacts, KindGauge:
		out.figures(&s, &in)
	case KindBars, KindStages, KindShare, KindPath, KindMap:
		out.ranked(&s, &in)
	case KindTrend:
		out.dated(&s, &in)
	case KindFlow:
		out.flow(&s, &in)
	case KindTable, KindList, KindHeat, KindMonths:
		out.table(&s, &in)
	case KindText:
		out.words(&s, &in)
	}
	if out.Empty == "" && len(out.Rows) == 0 && s.Kind != KindChecks && s.Kind != KindTicker {
		out.Empty = cmp.Or(s.Empty, textMissing)
	}
	return out
}

// cell is an amount as a value.
func (a amount) cell() SheetCell {
	c := SheetCell{Shown: a.Text}
	switch {
	case a.State == stateSuppressed:
		c.Cell = batch.Hidden()
	case a.State == stateNA:
		c.Cell = batch.NA()
	case a.State == stateOK && a.Value != nil:
		c.Cell = batch.Num(*a.Value)
	case a.State == stateOK:
		c.Cell = batch.Text(a.Text)
	}
	return c
}

// whole is cell with the unit in what is shown.
func (a amount) whole() SheetCell {
	c := a.cell()
	if a.State == stateOK {
		c.Shown = a.String()
	}
	return c
}

func worded(text string) SheetCell { return SheetCell{batch.Text(text), text} }

func names(title string) SheetColumn {
	return SheetColumn{Name: "name", Title: title, Type: queries.TypeText}
}

// figures is a row for each figure; units stand in the rows.
func (t *Sheet) figures(s *Spec, in *Input) {
	t.Columns = []SheetColumn{
		names("指标"), {Name: "value", Title: "数值", Type: queries.TypeNumber}, {Name: "unit", Title: "单位", Type: queries.TypeText},
	}
	beside := slices.ContainsFunc(s.Figures, func(f Figure) bool { return f.Beside != "" })
	change := slices.ContainsFunc(s.Figures, func(f Figure) bool { return f.Change })
	if beside {
		t.Columns = append(t.Columns, SheetColumn{Name: "beside_name", Title: "并列指标", Type: queries.TypeText},
			SheetColumn{Name: "beside", Title: "并列数值", Type: queries.TypeNumber}, SheetColumn{Name: "beside_unit", Title: "并列单位", Type: queries.TypeText})
	}
	if change {
		t.Columns = append(t.Columns, SheetColumn{Name: "change", Title: "较昨日", Type: queries.TypeNumber})
	}
	var shown []amount
	for i := range s.Figures {
		f := &s.Figures[i]
		at := s.answering(f.Metric, in.Region, in.Regions)
		a := in.figure(f, at, f.Value)
		if f.Yuan && a.Value != nil {
			all := []amount{a}
			inYuan(all)
			a = all[0]
		}
		row := SheetRow{Key: f.ID, Cells: []SheetCell{worded(f.Label + s.of(f.Metric, in)), a.whole(), in.unit(f.Metric, f.Value)}}
		shown = append(shown, a)
		if beside && f.Beside == "" {
			row.Cells = append(row.Cells, worded(""), worded(""), worded(""))
		} else if beside {
			b := in.figure(f, at, f.Beside)
			shown = append(shown, b)
			row.Cells = append(row.Cells, in.beside(f), b.whole(), in.unit(f.Metric, f.Beside))
		}
		if change {
			c := worded("")
			if f.Change {
				if d := in.change(f, at, a); d != nil {
					c = d.whole()
				}
			}
			row.Cells = append(row.Cells, c)
		}
		t.Rows = append(t.Rows, row)
	}
	t.Footnote = in.footnote(shown...)
}

// beside names what stands beside a figure. The persons of households go without saying.
func (in *Input) beside(f *Figure) SheetCell {
	m, ok := in.Catalogue.Metric(f.Metric)
	if !ok || m.Column(f.Beside) < 0 {
		return worded("")
	}
	c := worded(m.Columns[m.Column(f.Beside)].Title)
	if f.Beside == "persons" {
		c.Shown = ""
	}
	return c
}

// unit is the unit of a metric's values as a cell.
func (in *Input) unit(metric, column string) SheetCell {
	if m, ok := in.Catalogue.Metric(metric); ok && m.Column(column) >= 0 {
		return worded(valueUnit(m.Columns[m.Column(column)]))
	}
	return worded("")
}

func valueUnit(c queries.Column) string {
	if c.Type == queries.TypeMoney {
		return "元"
	}
	return c.Unit
}

// measure appends a column of amounts.
func (t *Sheet) measure(c queries.Column, title string, amounts []amount, in *Input) {
	unit := alike(amounts, c)
	t.Columns = append(t.Columns, SheetColumn{Name: c.Name, Title: title, Type: c.Type, Unit: valueUnit(c), ShownUnit: unit})
	for i, a := range amounts {
		t.Rows[i].Cells = append(t.Rows[i].Cells, a.cell())
	}
	if note := in.footnote(amounts...); note != "" {
		t.Footnote = note
	}
}

// ranked is the codes of a list or regions, with one size and what stands beside it.
func (t *Sheet) ranked(s *Spec, in *Input) {
	m, ok := in.Catalogue.Metric(s.Metric)
	if !ok || m.Column(s.Value) < 0 {
		return
	}
	scope := bars{}.scope(s, m, in)
	if s.Kind == KindMap {
		scope = provinceOf(in.Region)
	}
	if !answers(m, in.Regions.level(scope)) {
		t.Empty = in.unanswered(m, scope)
		return
	}
	rows := in.records(s.Metric, scope)
	if s.Sort {
		slices.SortStableFunc(rows, func(a, b record) int { return byRank(a.at(m, s.Value), b.at(m, s.Value)) })
	}
	t.Columns = []SheetColumn{names(m.Columns[0].Title)}
	values := columnOf(rows, m, s.Value)
	for _, r := range rows {
		t.Rows = append(t.Rows, SheetRow{Key: r.key, Cells: []SheetCell{worded(r.label)}})
	}
	column := m.Columns[m.Column(s.Value)]
	if s.Whole != "" {
		values = append([]amount{sum(values, column)}, values...)
		t.Rows = append([]SheetRow{{Key: "whole", Cells: []SheetCell{worded(s.Whole)}}}, t.Rows...)
	}
	t.measure(column, s.name(column), values, in)
	for _, beside := range []string{s.Beside, s.Of} {
		if i := m.Column(beside); beside != "" && i >= 0 {
			t.measure(m.Columns[i], s.name(m.Columns[i]), columnOf(rows, m, beside), in)
		}
	}
	if s.Kind == KindShare || s.Kind == KindPath {
		t.shares(s, m, rows, values)
	}
	if s.Total {
		t.total(s, m, rows, in)
	}
}

// shares appends the part of the whole, in per cent.
func (t *Sheet) shares(s *Spec, m *queries.Metric, rows []record, values []amount) {
	whole := missing
	if s.Kind == KindShare {
		whole = sum(values, m.Columns[m.Column(s.Value)])
	} else if len(values) > 0 {
		whole = values[0]
	}
	t.Columns = append(t.Columns, SheetColumn{Name: "share", Title: "占比", Type: queries.TypeNumber, Unit: "%", ShownUnit: "%"})
	for i, v := range values {
		of := whole
		if s.Of != "" {
			of = rows[i].at(m, s.Of)
		}
		a := v // what is no number has no share, for the same reason
		switch {
		case a.State == stateOK && of.drawn() > 0:
			share := *v.Value / of.drawn()
			a = amount{Value: new(float64), Text: strings.TrimSuffix(percent(share), "%"), Unit: "%", State: stateOK}
			*a.Value = share * 100
		case a.State == stateOK:
			a = of
			if of.State == stateOK {
				a = notApplicable // there is no part of nothing
			}
		}
		t.Rows[i].Cells = append(t.Rows[i].Cells, a.cell())
	}
}

// total appends the sum of the rows; columns that are not added up say nothing.
func (t *Sheet) total(s *Spec, m *queries.Metric, rows []record, in *Input) {
	row := SheetRow{Key: "sum", Sum: true, Cells: []SheetCell{worded("合计")}}
	for _, c := range t.Columns[1:] {
		i := m.Column(c.Name)
		if i < 0 || m.Columns[i].Type == queries.TypeNumber {
			row.Cells = append(row.Cells, worded(""))
			continue
		}
		all := []amount{sum(columnOf(rows, m, c.Name), m.Columns[i])}
		if m.Columns[i].Type == queries.TypeMoney && all[0].Value != nil {
			all[0].Text, all[0].Unit = money(*all[0].Value, unitOf(c.ShownUnit))
		}
		row.Cells = append(row.Cells, all[0].cell())
	}
	t.Rows = append(t.Rows, row)
}

// unitOf is a unit of money by its name.
func unitOf(name string) float64 {
	switch name {
	case "万元":
		return 1e4
	case "亿元":
		return 1e8
	}
	return 1
}

// dated is days, months or years by columns.
func (t *Sheet) dated(s *Spec, in *Input) {
	m, ok := in.Catalogue.Metric(s.Metric)
	if !ok || len(m.Columns) == 0 {
		return
	}
	region := s.answering(s.Metric, in.Region, in.Regions)
	if t.Empty = in.unanswered(m, region); t.Empty != "" {
		return
	}
	rows := in.records(s.Metric, region)
	t.Columns = []SheetColumn{names(m.Columns[0].Title)}
	full, short := fullDates(rows), dates(rows)
	for _, r := range rows {
		t.Rows = append(t.Rows, SheetRow{Key: r.key, Cells: []SheetCell{{batch.Text(full(r.key)), short(r.key)}}})
	}
	columns, _ := trend{}.lines(s, in)
	for _, c := range columns {
		amounts := columnOf(rows, m, c.Name)
		t.measure(c, s.name(c), amounts, in)
	}
}

// fullDates is dates with the year in each.
func fullDates(rows []record) func(key string) string {
	all := func(suffix string) bool {
		return !slices.ContainsFunc(rows, func(r record) bool { return !strings.HasSuffix(r.key, suffix) })
	}
	return func(key string) string {
		switch {
		case len(key) != len("2006-01-02"):
			return key
		case all("-01-01"):
			return key[:4] + "年"
		case all("-01"):
			return key[:4] + "年" + strings.TrimLeft(key[5:7], "0") + "月"
		}
		return key
	}
}

// flow is a row for each way.
func (t *Sheet) flow(s *Spec, in *Input) {
	m, ok := in.Catalogue.Metric(s.Metric)
	if !ok || m.Column(s.Value) < 2 {
		return
	}
	region := s.answering(s.Metric, in.Region, in.Regions)
	if t.Empty = in.unanswered(m, region); t.Empty != "" {
		return
	}
	i := m.Column(s.Value)
	t.Columns = []SheetColumn{names(m.Columns[0].Title), {Name: "to", Title: m.Columns[1].Title, Type: queries.TypeText}}
	var amounts []amount
	if f := in.Frame(s.Metric, region); f != nil {
		for _, row := range f.Rows {
			if len(row) > i && row[0].State == batch.IsText && row[1].State == batch.IsText {
				t.Rows = append(t.Rows, SheetRow{Key: row[0].Text + "/" + row[1].Text, Cells: []SheetCell{worded(row[0].Text), worded(row[1].Text)}})
				amounts = append(amounts, format(row[i], m.Columns[i]))
			}
		}
	}
	t.measure(m.Columns[i], m.Columns[i].Title, amounts, in)
}

// table is what is a table on the glass, too.
func (t *Sheet) table(s *Spec, in *Input) {
	b, err := s.Kind.builder()
	if err != nil {
		return
	}
	d, ok := b.data(s, in).(tableData)
	if !ok {
		return
	}
	t.Empty, t.Footnote = d.Empty, d.Footnote
	if d.Empty != "" {
		return
	}
	first := "名称"
	if m, ok := in.Catalogue.Metric(s.Metric); ok && len(m.Columns) > 0 {
		first = m.Columns[0].Title
		if s.Kind == KindHeat {
			first = m.Columns[1].Title
		}
	}
	t.Columns = []SheetColumn{names(first)}
	for k, c := range d.Columns {
		column := SheetColumn{Name: c.Name, Title: c.Label, Type: queries.TypeNumber, ShownUnit: cmp.Or(c.Unit, d.Unit)}
		metric, value := s.Metric, c.Name
		switch {
		case s.Kind == KindHeat && s.Metric == "":
			metric, value = s.Figures[k].Metric, s.Figures[k].Value
		case s.Kind == KindHeat, s.Kind == KindMonths:
			value = s.Value
		}
		if m, ok := in.Catalogue.Metric(metric); ok && m.Column(value) >= 0 {
			found := m.Columns[m.Column(value)]
			column.Type, column.Unit = found.Type, valueUnit(found)
		}
		t.Columns = append(t.Columns, column)
	}
	for _, r := range d.Rows {
		row := SheetRow{Key: r.Key, Sum: r.Sum, Cells: []SheetCell{worded(strings.TrimPrefix(r.Label, "▸"))}}
		for _, c := range r.Cells {
			one := c.amount.cell()
			if r.Sum && c.Text == "" {
				one = worded("")
			}
			row.Cells = append(row.Cells, one)
		}
		t.Rows = append(t.Rows, row)
	}
}

// words is a row for each paragraph of a metric, or for the panel's own text.
func (t *Sheet) words(s *Spec, in *Input) {
	if s.Metric == "" {
		t.Columns = []SheetColumn{names("内容")}
		t.Rows = []SheetRow{{Cells: []SheetCell{worded(s.Text)}}}
		return
	}
	d, ok := words{}.data(s, in).(wordsData)
	if !ok {
		return
	}
	if t.Empty = d.Empty; t.Empty != "" {
		return
	}
	t.Columns = []SheetColumn{names("名称")}
	for i, p := range d.Paragraphs {
		row := SheetRow{Key: p.Key, Cells: []SheetCell{worded(p.Title)}}
		for _, l := range p.Lines {
			if i == 0 {
				t.Columns = append(t.Columns, SheetColumn{Name: l.Label, Title: l.Label, Type: queries.TypeText})
			}
			row.Cells = append(row.Cells, l.whole())
		}
		t.Rows = append(t.Rows, row)
	}
}
