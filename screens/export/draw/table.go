package draw

import (
	"math"

	"liaowang/screens/panel"
)

// table is rows by columns: tables, lists, heat tables, and what departments delivered by
// months. Rows that have no room are counted in a line of their own.
type table struct {
	kind    panel.Kind
	Columns []struct {
		Label string `json:"label"`
		Unit  string `json:"unit"`
	} `json:"columns"`
	Rows []tableRow `json:"rows"`
}

type tableRow struct {
	Label string      `json:"label"`
	Sum   bool        `json:"sum"`
	Cells []tableCell `json:"cells"`
}

type tableCell struct {
	amount
	Words bool `json:"words"`
	Shade *int `json:"shade"`
}

const (
	tableHead  = sizeSmall * 1.25
	tableLeast = 24 // of a row that can be read
	tableMost  = 56 // of a table of a few rows, which are not torn apart
	listLeast  = 27
	listMost   = 46
	cellGap    = 2 // between the cells of a heat table
	firstMonth = 84
)

// spaced says that the cells have grounds of their own, with gaps between.
func (t *table) spaced() bool { return t.kind == panel.KindHeat || t.kind == panel.KindMonths }

func (t *table) spacing() float64 {
	if t.spaced() {
		return cellGap
	}
	return 0
}

// padding is what a cell keeps free at its left and right; column 0 is the names.
func (t *table) padding(column int, head bool) (left, right float64) {
	switch t.kind {
	case panel.KindMonths:
		return 0, 6
	case panel.KindHeat:
		if left, right = 8, 8; head {
			left, right = 10, 0
		}
	default:
		left = 10
	}
	if column == 0 {
		left = 0
	}
	return left, right
}

// style is how a cell is set.
func (t *table) style(row *tableRow, c *tableCell) style {
	st := style{size: sizeNumber, bold: row.Sum, colour: "text"}
	switch c.State {
	case "missing":
		st = style{size: sizeNumber, colour: "quiet"}
		if t.kind == panel.KindMonths || t.kind == panel.KindList && c.Words {
			st = style{size: sizeNumber, bold: true, colour: "yellow"}
		}
	case "na":
		st = style{size: sizeNumber, colour: "quiet"}
		if t.kind == panel.KindMonths {
			st.size = sizeSmall
		}
	case "suppressed":
		st = style{size: sizeNumber, colour: "label"}
	default:
		if c.Words {
			st.colour = "label"
		}
	}
	return st
}

func (t *table) name(row *tableRow) style {
	return style{size: sizeLabel, bold: row.Sum, colour: "label"}
}

// headRuns is the name of a column and its unit; a column without one keeps the space before it.
func (t *table) headRuns(i int) []run {
	return []run{{text: t.Columns[i].Label, style: smallLabel}, {text: " ", style: smallQuiet}, {text: t.Columns[i].Unit, style: smallQuiet}}
}

// wants is how wide the content of each column is, with its padding.
func (t *table) wants(p *pen) []float64 {
	widths := make([]float64, len(t.Columns)+1)
	for i := range t.Columns {
		left, right := t.padding(i+1, true)
		widths[i+1] = left + right + p.runsWidth(t.headRuns(i)...)
	}
	for r := range t.Rows {
		row := &t.Rows[r]
		left, right := t.padding(0, false)
		widths[0] = max(widths[0], left+right+p.width(row.Label, t.name(row)))
		for i := range min(len(row.Cells), len(t.Columns)) {
			left, right := t.padding(i+1, false)
			widths[i+1] = max(widths[i+1], left+right+p.width(row.Cells[i].Text, t.style(row, &row.Cells[i])))
		}
	}
	if t.kind == panel.KindMonths { // all months are as wide
		widest := 0.0
		for _, w := range widths[1:] {
			widest = max(widest, w)
		}
		for i := range widths[1:] {
			widths[i+1] = widest
		}
		widths[0] = max(widths[0], firstMonth)
	}
	return widths
}

func (t *table) least(p *pen) float64 {
	w := t.spacing()
	for _, column := range t.wants(p) {
		w += column + t.spacing()
	}
	return w
}

// height is that of all rows: a picture of a panel alone has no page to turn.
func (t *table) height(*pen, float64) float64 {
	row := 34.0
	if t.spaced() {
		row = 30
	}
	return tableHead + 2*t.spacing() + float64(len(t.Rows))*row
}

// widths shares a width among the columns as a browser does: what is over goes to each by
// what it wants.
func (t *table) widths(p *pen, width float64) []float64 {
	wants := t.wants(p)
	total := 0.0
	for _, w := range wants {
		total += w
	}
	over := width - total - float64(len(wants)+1)*t.spacing()
	if t.kind == panel.KindMonths {
		for i := range wants[1:] {
			wants[i+1] += over / float64(len(t.Columns))
		}
		return wants
	}
	for i, w := range wants {
		wants[i] += over * w / total
	}
	return wants
}

// room says how many rows are drawn and how high each is; what is left out is told in one
// more row. A sum, which is last, stays.
func (t *table) room(height float64) (rows []*tableRow, each float64, left int) {
	for i := range t.Rows {
		rows = append(rows, &t.Rows[i])
	}
	least, most := float64(tableLeast), math.Inf(1)
	switch t.kind {
	case panel.KindList:
		least, most = listLeast, listMost
	case panel.KindTable:
		// The head takes its part of what a table of a few rows is high.
		most = (tableMost*float64(len(rows)+1) - tableHead) / max(float64(len(rows)), 1)
	}
	room := height - tableHead - 2*t.spacing()
	if fit := max(int(room/(least+t.spacing())), 1); len(rows) > fit {
		keep := max(fit-1, 1)
		left = len(rows) - keep
		last := rows[len(rows)-1]
		rows = rows[:keep]
		if last.Sum && keep > 1 {
			rows[keep-1] = last
		}
	}
	n := len(rows)
	if left > 0 {
		n++
	}
	return rows, min(room/max(float64(n), 1)-t.spacing(), most), left
}

func (t *table) draw(p *pen, width, height float64) error {
	if len(t.Columns) == 0 {
		return nil
	}
	widths := t.widths(p, width)
	rows, each, left := t.room(height)
	space := t.spacing()
	y := space
	up, _ := p.fonts.line(sizeSmall, tableHead)
	x := space + widths[0] + space
	for i := range t.Columns {
		_, right := t.padding(i+1, true)
		p.runsEnd(x+widths[i+1]-right, y+up, t.headRuns(i)...)
		x += widths[i+1] + space
	}
	y += tableHead + space
	for i, row := range rows {
		t.row(p, row, i, widths, width, y, each)
		y += each + space
	}
	if left > 0 {
		if !t.spaced() {
			p.rect(0, y, width, 1, "track")
		}
		up, down := p.fonts.line(sizeSmall, sizeSmall*1.25)
		p.text(space, y+(each-up-down)/2+up, "另有 "+count(left)+" 行未列出", smallQuiet, start)
	}
	return nil
}

// row draws one row of cells.
func (t *table) row(p *pen, row *tableRow, i int, widths []float64, width, y, height float64) {
	switch {
	case t.spaced():
	case row.Sum:
		p.rect(0, y, width, 1, "line")
	case i > 0:
		p.rect(0, y, width, 1, "track")
	}
	// Lines of letters stand in the middle, below the line over the row.
	baseline := func(size float64) float64 {
		up, down := p.fonts.line(size, size*1.2)
		return y + (height-up-down)/2 + up
	}
	space := t.spacing()
	p.text(space, baseline(sizeLabel), row.Label, t.name(row), start)
	x := space + widths[0] + space
	for k := range min(len(row.Cells), len(t.Columns)) {
		c := &row.Cells[k]
		w := widths[k+1]
		t.ground(p, c, x, y, w, height)
		st := t.style(row, c)
		_, right := t.padding(k+1, false)
		p.text(x+w-right, baseline(st.size), c.Text, st, end)
		x += w + space
	}
}

// ground is the shade of a cell, or the frame of a report that is 缺报.
func (t *table) ground(p *pen, c *tableCell, x, y, w, h float64) {
	switch {
	case t.kind == panel.KindMonths && c.State == "missing":
		p.frame(x, y, w, h, 2, "yellow")
	case t.kind == panel.KindMonths && c.State == "na":
	case t.kind == panel.KindMonths:
		p.rect(x, y, w, h, "shade-0")
	case t.kind == panel.KindHeat && c.State == "suppressed":
		p.rect(x, y, w, h, "hidden")
	case t.kind == panel.KindHeat && c.Shade != nil:
		p.rect(x, y, w, h, "shade-"+count(min(max(*c.Shade, 0), 4)))
	}
}
