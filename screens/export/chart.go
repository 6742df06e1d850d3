package export

import (
	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/screens/export/office"
	"liaowang/screens/panel"
)

// chartOf gives the native chart of a panel whose kind has a counterpart in Office; nil
// where it has none, or nothing to draw. columns are those of the sheet that are its series.
func chartOf(p *part) (c *office.Chart, columns []int) {
	c, columns = &office.Chart{Kind: office.Bars, Sheet: "图表"}, []int{1}
	switch p.spec.Kind {
	case panel.KindBars:
	case panel.KindShare:
		if p.spec.Of != "" { // parts of different wholes are compared by their shares
			columns = []int{len(p.sheet.Columns) - 1}
		}
	case panel.KindStages:
		c.Kind = office.Columns
	case panel.KindTrend:
		c.Kind = office.Lines
		if p.spec.Form == "bars" {
			c.Kind = office.Columns
		}
		columns = nil
		for i := range p.sheet.Columns {
			if i > 0 {
				columns = append(columns, i)
			}
		}
	default:
		return nil, nil
	}
	if len(p.sheet.Rows) == 0 || len(p.sheet.Columns) < 2 {
		return nil, nil
	}
	for _, i := range columns {
		column := p.sheet.Columns[i]
		s := office.Series{Name: column.Title, Format: shownFormat(column)}
		if column.ShownUnit != "" {
			s.Name += "（" + column.ShownUnit + "）"
		}
		for _, r := range p.sheet.Rows {
			if r.Sum {
				continue
			}
			var v *float64
			if cell := r.Cells[i]; cell.State == batch.IsNumber {
				v = new(float64)
				*v = cell.Number / unit(column)
			}
			s.Values = append(s.Values, v)
		}
		c.Series = append(c.Series, s)
	}
	for _, r := range p.sheet.Rows {
		if r.Sum {
			continue
		}
		name := r.Cells[0].Shown
		// Where nothing is drawn the name says why: a bar of no length reads as 0.
		if cell := r.Cells[columns[0]]; len(columns) == 1 && cell.State != batch.IsNumber {
			name += "（" + cell.Shown + "）"
		}
		c.Categories = append(c.Categories, name)
	}
	return c, columns
}

// plain says that a table holds just what a chart of it draws: numbers, as they are shown.
func plain(t *panel.Sheet, columns []int) bool {
	for i, r := range t.Rows {
		if r.Sum && i < len(t.Rows)-1 {
			return false
		}
		for _, c := range columns {
			if !r.Sum && r.Cells[c].State != batch.IsNumber {
				return false
			}
		}
	}
	for _, c := range columns {
		if unit(t.Columns[c]) != 1 {
			return false
		}
	}
	return true
}

// unit is how many of a column's values make one of what is shown.
func unit(c panel.SheetColumn) float64 {
	switch {
	case c.Type == queries.TypeMoney && c.ShownUnit == "万元":
		return 1e4
	case c.Type == queries.TypeMoney && c.ShownUnit == "亿元":
		return 1e8
	}
	return 1
}

// shownFormat is how a spreadsheet writes what is shown.
func shownFormat(c panel.SheetColumn) string {
	switch {
	case c.Type == queries.TypeMoney && c.ShownUnit == "亿元":
		return "#,##0.00"
	case c.Type == queries.TypeMoney && c.ShownUnit == "万元", c.Type == queries.TypeNumber:
		return "#,##0.0"
	}
	return "#,##0"
}
