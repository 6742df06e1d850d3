package export

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/xuri/excelize/v2"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/screens/export/draw"
	"liaowang/screens/export/office"
	"liaowang/screens/panel"
)

// deck is a presentation that is being made, and how many panels it has.
type deck struct {
	*office.Deck
	x *Exporter
	d *document
	n int
}

// shapeName names the shape that holds the n-th panel of a document, so that it is found
// again wherever it has been moved.
func shapeName(n int, title string) string { return definedName(n) + " " + title }

// onSlides are panels that a slide of a whole screen leaves out: what they say stands at
// its foot.
func onSlides(k panel.Kind) bool { return k == panel.KindChecks || k == panel.KindTicker }

// writePPTX writes a presentation: a slide for each scene, before them for a briefing a
// title and contents.
func (x *Exporter) writePPTX(ctx context.Context, d *document, step func(done, of int)) ([]byte, error) {
	w := &deck{x: x, d: d, Deck: office.NewDeck(office.About{
		Title: d.title(), Creator: d.By, At: d.proof.at, Dark: d.Theme == draw.Dark, Properties: d.properties(),
	})}
	var contents *office.Slide
	if d.Title != "" {
		w.cover()
		contents = w.Slide()
	}
	var slides []*office.Slide
	for i := range d.pages {
		s := w.Slide()
		slides = append(slides, s)
		if err := w.page(ctx, s, &d.pages[i]); err != nil {
			return nil, err
		}
		step(i+1, len(d.pages))
	}
	if contents != nil {
		w.contents(contents, slides)
	}
	var out bytes.Buffer
	if err := w.Write(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

const (
	side   = 40.0 // left and right of a slide
	headed = 86.0 // where panels begin
	footed = 38.0 // what the foot takes
)

func (w *deck) cover() {
	s := w.Slide()
	s.Plate("底线", office.Box{X: 96, Y: 392, Width: 240, Height: 4}, office.Accent)
	title := office.Line(w.d.Title, 40, office.Ink)
	title.Runs[0].Bold = true
	s.Text("标题", office.Box{X: 96, Y: 230, Width: 1088, Height: 140}, true, title)
	lines := []office.Paragraph{office.Line(of(w.d.header), 16, office.Ink), office.Line(w.d.taken(), 14, office.Quiet)}
	if w.d.Verify != "" {
		lines = append(lines, office.Line("验证："+w.d.Verify+w.d.proof.code, 12, office.Quiet))
	}
	s.Text("批次", office.Box{X: 96, Y: 420, Width: 1088, Height: 130}, false, lines...)
}

// contents lists the pages, each a way to it.
func (w *deck) contents(s *office.Slide, slides []*office.Slide) {
	title := office.Line("目录", 26, office.Ink)
	title.Runs[0].Bold = true
	s.Text("标题", office.Box{X: 96, Y: 56, Width: 1088, Height: 56}, true, title)
	step := min(52, 540/float64(len(slides)))
	for i, to := range slides {
		p := &w.d.pages[i]
		size := min(18, step*0.42)
		line := office.Paragraph{Runs: []office.Run{
			{Text: strings.ReplaceAll(fmt.Sprintf("%2d　", i+3), " ", "\u2007"), Size: size, Colour: office.Quiet},
			{Text: p.name(), Size: size, Colour: office.Ink, To: to},
			{Text: "　" + p.where(), Size: size * 0.8, Colour: office.Quiet},
		}}
		s.Text("目录项", office.Box{X: 96, Y: 130 + step*float64(i), Width: 1088, Height: step}, true, line)
	}
	w.foot(s)
}

// head is what stands above the panels of a slide, foot its proof.
func (w *deck) head(s *office.Slide, p *page) {
	title := office.Line(p.name(), 20, office.Ink)
	title.Runs[0].Bold = true
	s.Text("标题", office.Box{X: side, Y: 18, Width: 700, Height: 36}, true, title)
	s.Text("问题", office.Box{X: side, Y: 54, Width: 800, Height: 22}, true, office.Line(p.screen.Question, 11, office.Quiet))
	where := office.Line(p.where(), 13, office.Ink)
	where.Align = office.Right
	s.Text("区划", office.Box{X: 840, Y: 22, Width: 400, Height: 28}, true, where)
	if w.d.header.Demo {
		demo := office.Line("演示数据", 11, office.Quiet)
		demo.Align, demo.Runs[0].Bold = office.Right, true
		s.Text("演示", office.Box{X: 940, Y: 54, Width: 300, Height: 22}, true, demo)
	}
}

func (w *deck) foot(s *office.Slide) {
	s.Text("批次", office.Box{X: side, Y: office.Height - 32, Width: 760, Height: 22}, true, office.Line(of(w.d.header), 8.5, office.Quiet))
	taken := office.Line(w.d.taken(), 8.5, office.Quiet)
	taken.Align = office.Right
	s.Text("导出", office.Box{X: 800, Y: office.Height - 32, Width: 440, Height: 22}, true, taken)
}

func (w *deck) page(ctx context.Context, s *office.Slide, p *page) error {
	w.head(s, p)
	room := office.Box{X: side, Y: headed, Width: office.Width - 2*side, Height: office.Height - headed - footed}
	places := map[string]office.Box{}
	if p.Panel == "" {
		places = placed(p.screen, room, onSlides)
	} else {
		places[p.Panel] = room
	}
	for i := range p.parts {
		if err := ctx.Err(); err != nil {
			return err
		}
		one := &p.parts[i]
		if box, ok := places[one.spec.ID]; ok {
			if err := w.panel(ctx, s, p, one, box); err != nil {
				return fmt.Errorf("export: panel %s/%s: %w", p.Screen, one.spec.ID, err)
			}
		}
		w.n++
	}
	w.foot(s)
	return nil
}

// inside is a box without its rim.
func inside(b office.Box, rim float64) office.Box {
	return office.Box{X: b.X + rim, Y: b.Y + rim, Width: b.Width - 2*rim, Height: b.Height - 2*rim}
}

// panel puts one panel into a box: as a chart, a table, text or a picture.
func (w *deck) panel(ctx context.Context, s *office.Slide, p *page, one *part, box office.Box) error {
	t := &one.sheet
	name := shapeName(w.n, t.Title)
	if picture(one.spec.Kind) {
		return w.picture(ctx, s, p, one, box, name) // it has a ground of its own
	}
	s.Plate("面板", box, office.Panel)
	in := inside(box, 8)
	chart, columns := chartOf(one)
	title := office.Paragraph{Runs: []office.Run{{Text: t.Title, Size: 10.5, Bold: true, Colour: office.Ink}}}
	if len(columns) == 1 && t.Columns[columns[0]].ShownUnit != "" {
		title.Runs = append(title.Runs, office.Run{Text: "　" + t.Columns[columns[0]].ShownUnit, Size: 8.5, Colour: office.Quiet})
	}
	if t.Note != "" {
		title.Runs = append(title.Runs, office.Run{Text: "　" + t.Note, Size: 8.5, Colour: office.Quiet})
	}
	s.Text("面板标题", office.Box{X: in.X, Y: in.Y, Width: in.Width, Height: 18}, true, title)
	body := office.Box{X: in.X, Y: in.Y + 22, Width: in.Width, Height: in.Height - 22}
	if t.Footnote != "" {
		body.Height -= 14
		s.Text("脚注", office.Box{X: in.X, Y: body.Y + body.Height, Width: in.Width, Height: 14}, true, office.Line(t.Footnote, 7, office.Quiet))
	}
	switch {
	case t.Empty != "":
		s.Text(name, body, true, office.Paragraph{Runs: []office.Run{{Text: t.Empty, Size: 11, Colour: office.Quiet}}, Align: office.Centre})
	case chart != nil:
		book, err := workbook(one, chart)
		if err != nil {
			return err
		}
		chart.Workbook = book
		sized(chart, body)
		s.Chart(name, body, *chart)
	case one.spec.Kind == panel.KindFigure, one.spec.Kind == panel.KindFigures, one.spec.Kind == panel.KindPath:
		w.strip(s, one, body)
	case one.spec.Kind == panel.KindFacts, one.spec.Kind == panel.KindGauge:
		s.Table(name, tableBox(t, body), facts(t, body))
	case one.spec.Kind == panel.KindText && one.spec.Metric == "":
		s.Text(name, body, false, office.Line(one.spec.Text, 10, office.Ink))
	default:
		s.Table(name, tableBox(t, body), tableOf(t, body))
	}
	return nil
}

// sized chooses the size of type of a chart and what is written, by the room that there is.
func sized(c *office.Chart, box office.Box) {
	c.Size, c.Every = 8.5, 1
	n := float64(len(c.Categories))
	if c.Kind == office.Bars {
		c.Size = math.Round(2*min(9.5, max(5.5, box.Height/n*0.48))) / 2
		return
	}
	var names, numbers float64
	for _, text := range c.Categories {
		names = max(names, width(text))
	}
	for _, s := range c.Series {
		for _, v := range s.Values {
			if v != nil {
				numbers = max(numbers, width(fmt.Sprintf("%.0f", *v))*1.3)
			}
		}
	}
	digit := c.Size * 0.6 * office.Height / 540
	room := box.Width * 0.92
	c.Every = int(math.Ceil(n * (names + 1) * digit / room))
	c.Unlabelled = c.Kind == office.Columns && n*float64(len(c.Series))*numbers*digit > room
}

// picture draws what Office has no chart for.
func (w *deck) picture(ctx context.Context, s *office.Slide, p *page, one *part, box office.Box, name string) error {
	look := draw.Look{Theme: w.d.Theme, Width: int(box.Width * 1.5), Height: int(box.Height * 1.5)}
	png, err := w.x.panelPNG(ctx, w.d, p, one, look)
	if err != nil {
		return err
	}
	s.Picture(name, fitted(png, box), png, alternative(&one.sheet))
	return nil
}

// fitted is the largest box of a picture's shape within another.
func fitted(png []byte, in office.Box) office.Box {
	if len(png) < 24 {
		return in
	}
	width, height := float64(binary.BigEndian.Uint32(png[16:])), float64(binary.BigEndian.Uint32(png[20:]))
	scale := min(in.Width/max(width, 1), in.Height/max(height, 1))
	out := office.Box{Width: width * scale, Height: height * scale}
	out.X, out.Y = in.X+(in.Width-out.Width)/2, in.Y+(in.Height-out.Height)/2
	return out
}

// alternative says what a picture shows, for those who do not see it and for verify.
func alternative(t *panel.Sheet) string {
	var b strings.Builder
	b.WriteString(t.Title)
	for _, row := range shownRows(t, len(t.Rows)) {
		b.WriteString("；" + strings.Join(row, " "))
	}
	return b.String()
}

// figureLines are the lines of one figure or step: its name, its value, and what stands
// beside.
func figureLines(t *panel.Sheet, r panel.SheetRow) []string {
	value := r.Cells[1].Shown
	if r.Cells[1].State == batch.IsNumber {
		value += t.Columns[1].ShownUnit
	}
	var more []string
	for i, c := range t.Columns {
		switch text := r.Cells[i].Shown; {
		case text == "":
		case c.Name == "beside":
			more = append(more, strings.TrimSpace(r.Cells[i-1].Shown+" "+text))
		case c.Name == "change":
			more = append(more, "较昨日 "+text)
		case c.Name == "share" && r.Cells[i].State == batch.IsNumber:
			more = append(more, "占 "+text+"%")
		}
	}
	return []string{r.Cells[0].Shown, value, strings.Join(more, "　")}
}

// strip sets figures or steps beside each other, each in a box of its own, in type of one
// size.
func (w *deck) strip(s *office.Slide, one *part, box office.Box) {
	t := &one.sheet
	each := box.Width / float64(len(t.Rows))
	size, small := min(26, box.Height*0.27), min(9.5, box.Height*0.13)
	for _, r := range t.Rows {
		lines := figureLines(t, r)
		// A line is as wide as its text: some 0.65 of its size a digit, bold.
		size = min(size, (each-10)/max(width(lines[1]), 1)*540/office.Height/0.65)
		small = min(small, (each-10)/max(width(lines[0]), width(lines[2]), 1)*540/office.Height/0.55)
	}
	for i, r := range t.Rows {
		lines := figureLines(t, r)
		list := []office.Paragraph{office.Line(lines[0], small, office.Quiet), office.Line(lines[1], size, office.Ink)}
		list[1].Runs[0].Bold = true
		if lines[2] != "" {
			list = append(list, office.Line(lines[2], small, office.Quiet))
		}
		b := office.Box{X: box.X + each*float64(i), Y: box.Y + 2, Width: each - 8, Height: box.Height - 2}
		s.Text(fmt.Sprintf("%s.%d %s", definedName(w.n), i+1, r.Cells[0].Shown), b, false, list...)
	}
}

// facts sets figures one below the other.
func facts(t *panel.Sheet, box office.Box) office.Table {
	var rows [][]string
	for _, r := range t.Rows {
		rows = append(rows, figureLines(t, r))
	}
	return tabled(rows, box, true, func(_, column int) (office.Align, bool) {
		if column == 0 {
			return office.Left, false
		}
		return office.Right, column == 1
	})
}

// leastRow is the height of a row that can still be read.
const leastRow = 13.0

// shownRows is a sheet as it is shown, its header first; rows beyond most are counted.
func shownRows(t *panel.Sheet, most int) [][]string {
	var head []string
	for _, c := range t.Columns {
		text := c.Title
		if c.ShownUnit != "" {
			text += "（" + c.ShownUnit + "）"
		}
		head = append(head, text)
	}
	rows := [][]string{head}
	for i, r := range t.Rows {
		if i == most-1 && len(t.Rows) > most {
			rest := make([]string, len(t.Columns))
			if rest[0] = fmt.Sprintf("另有 %d 行", len(t.Rows)-i); len(rest) > 0 {
				rows = append(rows, rest)
			}
			break
		}
		var row []string
		for _, c := range r.Cells {
			row = append(row, c.Shown)
		}
		rows = append(rows, row)
	}
	return rows
}

func tableOf(t *panel.Sheet, box office.Box) office.Table {
	return tabled(shownRows(t, int(box.Height/leastRow)-1), box, false, func(row, column int) (office.Align, bool) {
		align := office.Right
		if c := t.Columns[column]; column == 0 || c.Type == queries.TypeText || c.Type == queries.TypeCode || c.Type == queries.TypeDate {
			align = office.Left
		}
		return align, row > 0 && row <= len(t.Rows) && t.Rows[row-1].Sum
	})
}

// tabled makes a table of texts, its columns as wide as they need and its type as large as
// there is room.
func tabled(rows [][]string, box office.Box, headless bool, form func(row, column int) (office.Align, bool)) office.Table {
	out := office.Table{Widths: make([]float64, len(rows[0])), Headless: headless}
	var whole float64
	for i := range out.Widths {
		for _, row := range rows {
			out.Widths[i] = max(out.Widths[i], min(width(row[i]), 40)+2)
		}
		whole += out.Widths[i]
	}
	out.Size = math.Round(2*max(5, min(9, box.Height/float64(len(rows))*0.45, box.Width/max(whole, 1)*1.25))) / 2
	for k, row := range rows {
		var cells []office.Cell
		for i, text := range row {
			c := office.Cell{Text: text, Colour: office.Ink}
			c.Align, c.Bold = form(k, i)
			if k == 0 && !headless {
				c.Bold, c.Colour = true, office.Quiet
			}
			cells = append(cells, c)
		}
		out.Rows = append(out.Rows, cells)
	}
	return out
}

// tableBox keeps the rows of a short table together.
func tableBox(t *panel.Sheet, box office.Box) office.Box {
	box.Height = min(box.Height, 28*float64(len(t.Rows)+1))
	return box
}

// workbook is what a chart is edited in: the numbers that it draws, and on a second sheet
// the whole table with what is no number.
func workbook(one *part, c *office.Chart) ([]byte, error) {
	b := &book{File: excelize.NewFile(), styles: map[string]int{}, taken: map[string]bool{}}
	defer b.Close()
	b.do(b.SetSheetName("Sheet1", c.Sheet))
	plain := b.style("plain", &excelize.Style{})
	b.put(c.Sheet, 1, 1, one.sheet.Columns[0].Title, plain)
	for k, text := range c.Categories {
		b.put(c.Sheet, 1, k+2, text, plain)
	}
	for i, s := range c.Series {
		format := s.Format
		numbers := b.style("n"+format, &excelize.Style{CustomNumFmt: &format})
		b.put(c.Sheet, i+2, 1, s.Name, plain)
		for k, v := range s.Values {
			if v != nil {
				b.put(c.Sheet, i+2, k+2, *v, numbers)
			}
		}
	}
	b.do(b.SetColWidth(c.Sheet, "A", "A", 24))
	b.table(b.sheet("数据"), 1, &one.sheet)
	var out bytes.Buffer
	if b.err == nil {
		b.err = b.Write(&out)
	}
	return out.Bytes(), b.err
}
