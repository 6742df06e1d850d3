package panel

import (
	"math"
	"strings"

	"liaowang/aggregator/batch"
	"liaowang/queries"
)

// ComparedRow is one figure of several regions, in their order.
type ComparedRow struct {
	Metric string         `json:"metric"`
	Label  string         `json:"label"`
	Cells  []ComparedCell `json:"cells"`
}

// ComparedCell is what the figure is in one region, and its difference from the first in words;
// without words in the first itself.
type ComparedCell struct {
	amount
	Difference string `json:"difference,omitempty"`
}

// Suppressed says that the number must not be shown.
func (c ComparedCell) Suppressed() bool { return c.State == stateSuppressed }

// Footnote says what ＊ means.
func (in Input) Footnote() string { return in.footnote(suppressed) }

// Compared gives the figures that a panel says of each region, of which all must be of one
// batch, side by side: those of figures by their names and those of parts by their codes. What
// is not counted for these regions, goes over time or stands for places has none. once says of
// a figure whether it has not been there before.
func Compared(s Spec, all []Input, once func(figure string) bool) []ComparedRow {
	if len(all) == 0 {
		return nil
	}
	first := &all[0]
	var rows []ComparedRow
	add := func(metric, column, key, label string, yuan bool, of func(in *Input) amount) {
		m, ok := first.Catalogue.Metric(metric)
		if !ok || m.Column(column) < 0 || !answers(m, first.Regions.level(first.Region)) || !once(metric+"/"+column+"/"+key) {
			return
		}
		row := ComparedRow{Metric: metric, Label: label}
		for i := range all {
			a := of(&all[i])
			if yuan && a.Value != nil {
				a.Text, a.Unit = money(math.Round(*a.Value), 1)
			}
			cell := ComparedCell{amount: a}
			if i > 0 {
				cell.Difference = difference(a, row.Cells[0].amount, m.Columns[m.Column(column)])
			}
			row.Cells = append(row.Cells, cell)
		}
		rows = append(rows, row)
	}
	switch s.Kind {
	case KindFigure, KindFigures, KindFacts, KindGauge:
		for i := range s.Figures {
			f := &s.Figures[i]
			add(f.Metric, f.Value, f.Key, f.Label, f.Yuan, func(in *Input) amount { return in.figure(f, in.Region, f.Value) })
			if m, ok := first.Catalogue.Metric(f.Metric); ok && f.Beside != "" && m.Column(f.Beside) >= 0 {
				add(f.Metric, f.Beside, f.Key, f.Label+" · "+m.Columns[m.Column(f.Beside)].Title, f.Yuan, func(in *Input) amount { return in.figure(f, in.Region, f.Beside) })
			}
		}
	case KindBars, KindShare, KindStages:
		m, ok := first.Catalogue.Metric(s.Metric)
		if !ok || len(m.Columns) == 0 || m.Columns[0].Type != queries.TypeCode {
			return nil
		}
		for _, r := range first.records(s.Metric, first.Region) {
			f := &Figure{Metric: s.Metric, Value: s.Value, Key: r.key}
			add(s.Metric, s.Value, r.key, r.label, s.Yuan, func(in *Input) amount { return in.figure(f, in.Region, s.Value) })
		}
	}
	return rows
}

// difference is what an amount is more or less than another of the same column, in words. Only
// of two numbers there is one.
func difference(a, than amount, col queries.Column) string {
	if a.State != stateOK || than.State != stateOK || a.Value == nil || than.Value == nil {
		return "无从比较"
	}
	by := *a.Value - *than.Value
	if by == 0 {
		return "相同"
	}
	d := format(batch.Num(math.Abs(by)), col)
	if col.Unit == "%" {
		d.Unit = "个百分点"
	}
	switch {
	case strings.HasPrefix(d.Text, "<") && by > 0:
		return "略多"
	case strings.HasPrefix(d.Text, "<"):
		return "略少"
	case by > 0:
		return "多" + d.String()
	}
	return "少" + d.String()
}
