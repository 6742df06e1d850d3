package export

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/screens/export/office"
	"liaowang/screens/panel"
)

// Rows of a sheet: title, batch, note, then the header of the table.
const headerRow = 4

// aboutSheet says what a workbook is of, chartSheet has what charts draw where a table holds
// more than numbers.
const (
	aboutSheet = "说明"
	chartSheet = "图表数据"
)

// book is a workbook that is being made.
type book struct {
	*excelize.File
	styles map[string]int
	taken  map[string]bool // names of sheets, in lower case
	charts int             // columns of chartSheet that are used
	err    error           // the first that went wrong
}

// do notes what goes wrong.
func (b *book) do(err error) {
	if b.err == nil {
		b.err = err
	}
}

// style makes a style once.
func (b *book) style(name string, s *excelize.Style) int {
	if id, ok := b.styles[name]; ok {
		return id
	}
	id, err := b.NewStyle(s)
	b.do(err)
	b.styles[name] = id
	return id
}

const (
	ink   = "14202A"
	quiet = "52636E"
)

func (b *book) text(name string, size float64, bold bool, colour string) int {
	return b.style(name, &excelize.Style{Font: &excelize.Font{Size: size, Bold: bold, Color: colour, Family: "Microsoft YaHei"}, Alignment: &excelize.Alignment{Vertical: "center"}})
}

// cell is the style of a cell of a table.
func (b *book) cell(format string, bold bool, align string, colour string) int {
	return b.style(fmt.Sprint("cell ", format, bold, align, colour), &excelize.Style{
		Font: &excelize.Font{Size: 11, Bold: bold, Color: colour, Family: "Microsoft YaHei"}, CustomNumFmt: &format,
		Alignment: &excelize.Alignment{Horizontal: align, Vertical: "center"},
		Border:    []excelize.Border{{Type: "bottom", Color: "D5DCE1", Style: 1}},
	})
}

func (b *book) put(sheet string, column, row int, value any, style int) {
	at, err := excelize.CoordinatesToCellName(column, row)
	b.do(err)
	switch v := value.(type) {
	case float64:
		b.do(b.SetCellFloat(sheet, at, v, -1, 64))
	case string:
		b.do(b.SetCellStr(sheet, at, v)) // a text is no formula, whatever it begins with
	}
	b.do(b.SetCellStyle(sheet, at, at, style))
}

// sheet adds a sheet with a name that Excel takes and no other has.
func (b *book) sheet(title string) string {
	clean := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) || r < ' ' {
			return ' '
		}
		return r
	}, title)
	cut := func(text string, most int) string {
		for utf8.RuneCountInString(text) > most {
			_, size := utf8.DecodeLastRuneInString(text)
			text = text[:len(text)-size]
		}
		return text
	}
	name := cut(strings.TrimSpace(clean), 31)
	for n := 2; name == "" || b.taken[strings.ToLower(name)]; n++ {
		name = fmt.Sprintf("%s %d", cut(strings.TrimSpace(clean), 27), n)
	}
	b.taken[strings.ToLower(name)] = true
	_, err := b.NewSheet(name)
	b.do(err)
	return name
}

// writeXLSX writes a workbook: what it is of, then a sheet for each panel.
func (x *Exporter) writeXLSX(ctx context.Context, d *document, step func(done, of int)) ([]byte, error) {
	b := &book{File: excelize.NewFile(), styles: map[string]int{}, taken: map[string]bool{aboutSheet: true, chartSheet: true}}
	defer b.Close()
	b.do(b.SetSheetName("Sheet1", aboutSheet))
	n, all := 0, d.count()
	for i := range d.pages {
		p := &d.pages[i]
		for k := range p.parts {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if p.parts[k].spec.Kind != panel.KindTicker { // it tells of the live view
				b.panel(d, p, &p.parts[k], n)
			}
			n++
			step(n, all)
		}
	}
	x.about(b, d)
	b.do(b.SetDocProps(&excelize.DocProperties{Title: d.title(), Creator: d.By, Created: d.proof.at.UTC().Format("2006-01-02T15:04:05Z"), Modified: d.proof.at.UTC().Format("2006-01-02T15:04:05Z")}))
	for _, p := range d.properties() {
		b.do(b.SetCustomProps(excelize.CustomProperty{Name: p.Name, Value: p.Value}))
	}
	b.SetActiveSheet(0)
	var out bytes.Buffer
	if b.err == nil {
		b.err = b.Write(&out)
	}
	if b.err != nil {
		return nil, fmt.Errorf("export: workbook: %w", b.err)
	}
	return out.Bytes(), nil
}

// count is how many panels a document has.
func (d *document) count() (n int) {
	for i := range d.pages {
		n += len(d.pages[i].parts)
	}
	return n
}

// definedName names the table of the n-th panel of a document, so that it is found again
// wherever it has been moved.
func definedName(n int) string { return fmt.Sprintf("LW_%d", n+1) }

// panel adds the sheet of one panel, the n-th of the document.
func (b *book) panel(d *document, p *page, one *part, n int) {
	t := &one.sheet
	name := b.sheet(t.Title)
	b.put(name, 1, 1, t.Title, b.text("title", 16, true, ink))
	b.put(name, 1, 2, p.where()+" · "+of(d.header), b.text("about", 10, false, quiet))
	line := d.taken()
	if t.Note != "" {
		line = t.Note + " · " + line
	}
	b.put(name, 1, 3, line, b.text("about", 10, false, quiet))
	last := b.table(name, headerRow, t)
	foot := last + 2
	for _, text := range []string{t.Empty, t.Footnote} {
		if text != "" {
			b.put(name, 1, foot, text, b.text("about", 10, false, quiet))
			foot++
		}
	}
	if len(t.Columns) > 0 {
		end, err := excelize.CoordinatesToCellName(len(t.Columns), last, true)
		b.do(err)
		b.do(b.SetDefinedName(&excelize.DefinedName{Name: definedName(n), RefersTo: fmt.Sprintf("'%s'!$A$%d:%s", name, headerRow, end), Comment: p.Screen + "/" + p.Region + "/" + one.spec.ID}))
		b.do(b.SetPanes(name, &excelize.Panes{Freeze: true, XSplit: 1, YSplit: headerRow, TopLeftCell: fmt.Sprintf("B%d", headerRow+1), ActivePane: "bottomRight"}))
	}
	if c, columns := chartOf(one); c != nil {
		b.chart(name, t, c, columns, definedName(n)+"_chart")
	}
	b.printed(name, d)
}

// table writes a sheet's table and says which row is its last.
func (b *book) table(name string, row int, t *panel.Sheet) int {
	for i, c := range t.Columns {
		align := "right"
		if i == 0 || c.Type == queries.TypeText {
			align = "left"
		}
		head := b.style("head "+align, &excelize.Style{
			Font: &excelize.Font{Size: 11, Bold: true, Color: "FFFFFF", Family: "Microsoft YaHei"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"25769B"}},
			Alignment: &excelize.Alignment{Horizontal: align, Vertical: "center", WrapText: true},
		})
		b.put(name, i+1, row, heading(c), head)
		widest := width(heading(c))
		format := valueFormat(t, i)
		for k, r := range t.Rows {
			cell := r.Cells[i]
			switch cell.State {
			case batch.IsNumber:
				own := format
				if own == "" {
					own = numberFormat(cell.Number)
				}
				b.put(name, i+1, row+1+k, cell.Number, b.cell(own, r.Sum, "right", ink))
			case batch.IsText:
				b.put(name, i+1, row+1+k, cell.Text, b.cell("@", r.Sum, "left", ink))
			default:
				b.put(name, i+1, row+1+k, cell.Shown, b.cell("@", r.Sum, "right", quiet))
			}
			widest = math.Max(widest, width(cell.Shown))
			if cell.State == batch.IsNumber {
				widest = math.Max(widest, width(fmt.Sprintf("%.0f", cell.Number))*1.35)
			}
		}
		column, err := excelize.ColumnNumberToName(i + 1)
		b.do(err)
		b.do(b.SetColWidth(name, column, column, math.Min(widest+3, 60)))
	}
	return row + len(t.Rows)
}

// width is that of a text in digits.
func width(text string) (w float64) {
	for _, r := range text {
		if w++; r > 0x2000 {
			w++
		}
	}
	return w
}

// valueFormat is how a column's values are written; "" where each has its own.
func valueFormat(t *panel.Sheet, i int) string {
	c := t.Columns[i]
	if c.Unit == "" && c.Type == queries.TypeNumber {
		return ""
	}
	for _, r := range t.Rows {
		if v := r.Cells[i]; v.State == batch.IsNumber && v.Number != math.Trunc(v.Number) {
			return numberFormat(v.Number)
		}
	}
	return "#,##0"
}

func numberFormat(v float64) string {
	if v == math.Trunc(v) {
		return "#,##0"
	}
	return "#,##0.00"
}

// chart draws a native chart beside a table: of the table itself, or where that holds words
// among its numbers, or money in 元 that is shown in 万元, of a copy in which what is no
// number is empty. A word would be drawn as 0.
func (b *book) chart(sheet string, t *panel.Sheet, c *office.Chart, columns []int, called string) {
	from, names, values := sheet, 1, columns
	head, first := headerRow, headerRow+1
	if !plain(t, columns) {
		from, head, first = chartSheet, 3, 4
		names, values = b.copied(t, c, head, called)
	}
	ref := func(column, first, last int) string {
		a, err := excelize.CoordinatesToCellName(column, first, true)
		b.do(err)
		z, err := excelize.CoordinatesToCellName(column, last, true)
		b.do(err)
		if first == last {
			return fmt.Sprintf("'%s'!%s", from, a)
		}
		return fmt.Sprintf("'%s'!%s:%s", from, a, z)
	}
	last := first + len(c.Categories) - 1
	colours := []string{"25769B", "7C8E99", "9FB8C6", "BCC8CF"}
	chart := &excelize.Chart{Type: excelize.Bar, ShowBlanksAs: "gap", Legend: excelize.ChartLegend{Position: "none"}, VaryColors: new(bool)}
	dark := excelize.Font{Size: 10, Color: ink}
	chart.XAxis.Font, chart.YAxis.Font = dark, dark
	switch c.Kind {
	case office.Columns:
		chart.Type = excelize.Col
	case office.Lines:
		chart.Type = excelize.Line
	default:
		chart.YAxis.None = true
		chart.XAxis.ReverseOrder = true
	}
	if len(c.Series) > 1 {
		chart.Legend.Position = "top"
	}
	chart.PlotArea.ShowVal = c.Kind != office.Lines && len(c.Categories)*len(c.Series) <= 40
	for i, s := range c.Series {
		at := values[i]
		if from == sheet {
			at++ // columns of a sheet count from 1
		}
		colour := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colours[i%len(colours)]}}
		series := excelize.ChartSeries{Name: ref(at, head, head), Categories: ref(names, first, last), Values: ref(at, first, last), Fill: colour}
		if c.Kind == office.Lines {
			series.Line = excelize.LineOptions{Width: 1.75, Fill: colour}
			series.Marker.Symbol = "none"
		}
		chart.PlotArea.NumFmt.CustomNumFmt = s.Format
		chart.Series = append(chart.Series, series)
	}
	chart.Title = excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: t.Title, Font: &excelize.Font{Size: 12, Bold: true, Color: ink}}}}
	chart.Dimension = excelize.ChartDimension{Width: 720, Height: uint(max(320, 60+24*len(c.Categories)*len(c.Series)))}
	if c.Kind != office.Bars {
		chart.Dimension.Height = 360
	}
	at, err := excelize.CoordinatesToCellName(len(t.Columns)+2, headerRow)
	b.do(err)
	b.do(b.AddChart(sheet, at, chart))
}

// copied copies what a chart draws to the sheet for it: names in a column, a series in each
// further one. It gives these columns, from 1.
func (b *book) copied(t *panel.Sheet, c *office.Chart, head int, called string) (names int, values []int) {
	if b.charts == 0 {
		_, err := b.NewSheet(chartSheet)
		b.do(err)
		b.put(chartSheet, 1, 1, "各图所用的数；不是数的留空，原因见各表", b.text("about", 10, false, quiet))
	}
	names = b.charts + 1
	b.charts += len(c.Series) + 2
	b.put(chartSheet, names, head-1, t.Title, b.text("about", 10, false, quiet))
	for k, text := range c.Categories {
		b.put(chartSheet, names, head+1+k, text, b.cell("@", false, "left", ink))
	}
	for i, s := range c.Series {
		at := names + 1 + i
		values = append(values, at)
		b.put(chartSheet, at, head, s.Name, b.cell("@", true, "right", ink))
		for k, v := range s.Values {
			if v != nil {
				b.put(chartSheet, at, head+1+k, *v, b.cell(s.Format, false, "right", ink))
			}
		}
	}
	from, err := excelize.CoordinatesToCellName(names, head, true)
	b.do(err)
	to, err := excelize.CoordinatesToCellName(names+len(c.Series), head+len(c.Categories), true)
	b.do(err)
	b.do(b.SetDefinedName(&excelize.DefinedName{Name: called, RefersTo: fmt.Sprintf("'%s'!%s:%s", chartSheet, from, to)}))
	return names, values
}

// printed sets a sheet up for paper.
func (b *book) printed(sheet string, d *document) {
	landscape, a4, one, many, yes := "landscape", 9, 1, 0, true
	b.do(b.SetPageLayout(sheet, &excelize.PageLayoutOptions{Orientation: &landscape, Size: &a4, FitToWidth: &one, FitToHeight: &many}))
	b.do(b.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &yes}))
	side, end, edge := 0.5, 0.75, 0.3 // inches
	b.do(b.SetPageMargins(sheet, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &end, Bottom: &end, Header: &edge, Footer: &edge}))
	demo := ""
	if d.header.Demo {
		demo = "演示数据"
	}
	// An & begins a code there.
	by := strings.ReplaceAll(d.taken(), "&", "&&")
	b.do(b.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{OddHeader: "&R" + demo, OddFooter: fmt.Sprintf("&L第 %d 批&C%s&R&P / &N", d.header.Number, by)}))
}

// aboutWidths are those of the columns of that sheet, in digits.
var aboutWidths = [...]float64{30, 70, 40, 30}

// about fills the sheet that says what the workbook is of, and what its figures mean.
func (x *Exporter) about(b *book, d *document) {
	bold := b.style("label", &excelize.Style{Font: &excelize.Font{Size: 11, Bold: true, Color: ink, Family: "Microsoft YaHei"}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	wrap := b.style("wrap", &excelize.Style{Font: &excelize.Font{Size: 11, Color: ink, Family: "Microsoft YaHei"}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	row := 1
	// A row is as high as the longest of its texts needs, which no program works out for us.
	high := func(texts ...string) {
		lines := 1.0
		for i, text := range texts {
			lines = math.Max(lines, math.Ceil(width(text)/(aboutWidths[i]-2)))
		}
		b.do(b.SetRowHeight(aboutSheet, row, 17*lines))
	}
	say := func(label, text string) {
		b.put(aboutSheet, 1, row, label, bold)
		b.put(aboutSheet, 2, row, text, wrap)
		high(label, text)
		row++
	}
	b.put(aboutSheet, 1, row, d.title(), b.text("title", 16, true, ink))
	row += 2
	say("批次", fmt.Sprintf("第 %d 批（%s）", d.header.Number, d.header.History))
	say("数据截至", moment(d.header.AsOf))
	say("勾稽", judged(d.header))
	if d.header.Demo {
		say("数据", "演示数据")
	}
	say("导出", d.By+" · "+moment(d.proof.at))
	say("验证码", d.proof.code)
	if d.Verify != "" {
		say("验证地址", d.Verify+d.proof.code)
	}
	say("状态", "0 是零；缺报是应报而未报；不适用是此处无此指标；＊ 是户数过少或可据以推算、按规定不显示")
	for _, c := range d.header.Checks {
		if !c.OK {
			say(c.Title, result(c)+"："+c.Words)
		}
	}
	row++
	for i, title := range []string{"指标", "口径", "政策依据", "来源"} {
		b.put(aboutSheet, i+1, row, title, bold)
	}
	for _, m := range d.metrics(x.Catalogue) {
		row++
		texts := []string{m.Title, m.Definition, m.Policy, m.Source}
		for i, text := range texts {
			texts[i] = strings.Join(strings.Fields(text), " ")
			b.put(aboutSheet, i+1, row, texts[i], wrap)
		}
		high(texts...)
	}
	for i, w := range aboutWidths {
		column := string(rune('A' + i))
		b.do(b.SetColWidth(aboutSheet, column, column, w))
	}
	b.printed(aboutSheet, d)
}

// metrics lists the metrics that a document shows, each once.
func (d *document) metrics(cat *queries.Catalogue) []*queries.Metric {
	var all []*queries.Metric
	known := map[string]bool{}
	for i := range d.pages {
		for _, one := range d.pages[i].parts {
			for _, f := range panel.Metrics(one.spec) {
				if m, ok := cat.Metric(f.Metric); ok && !known[m.ID] {
					known[m.ID] = true
					all = append(all, m)
				}
			}
		}
	}
	return all
}
