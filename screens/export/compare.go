package export

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"image"
	_ "image/png" // how pictures are read
	"strings"

	"github.com/xuri/excelize/v2"

	"liaowang/queries/warehouse"
	"liaowang/screens/export/office"
)

func compareCSV(r *Report, want, got []byte) error {
	read := func(body []byte) ([][]string, error) {
		c := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte(bom))))
		c.FieldsPerRecord, c.LazyQuotes = -1, true
		return c.ReadAll()
	}
	a, err := read(want)
	if err != nil {
		return err
	}
	b, err := read(got)
	if err != nil {
		return err
	}
	r.compareRows("", a, b)
	return nil
}

// compareRows compares two tables cell by cell.
func (r *Report) compareRows(where string, want, got [][]string) {
	cell := func(rows [][]string, i, k int) string {
		if i < len(rows) && k < len(rows[i]) {
			return rows[i][k]
		}
		return ""
	}
	for i := range max(len(want), len(got)) {
		var columns int
		if i < len(want) {
			columns = len(want[i])
		}
		if i < len(got) {
			columns = max(columns, len(got[i]))
		}
		for k := range columns {
			r.compare(fmt.Sprintf("%s第 %d 行第 %d 列", where, i+1, k+1), cell(want, i, k), cell(got, i, k))
		}
	}
}

// compareXLSX compares the tables of the panels, wherever they have been moved, and what
// charts draw.
func compareXLSX(r *Report, d *document, want, got []byte) error {
	a, err := openXLSX(want)
	if err != nil {
		return err
	}
	defer a.Close()
	b, err := openXLSX(got)
	if err != nil {
		return err
	}
	defer b.Close()
	places := func(f *excelize.File) map[string]string {
		out := map[string]string{}
		for _, n := range f.GetDefinedName() {
			out[n.Name] = n.RefersTo
		}
		return out
	}
	here, there := places(a), places(b)
	n := 0
	for i := range d.pages {
		for k := range d.pages[i].parts {
			title := d.pages[i].parts[k].sheet.Title
			for _, name := range []string{definedName(n), definedName(n) + "_chart"} {
				from, ok := here[name]
				if !ok {
					continue
				}
				rows, err := ranged(a, from)
				if err != nil {
					return err
				}
				found, err := ranged(b, there[name])
				if err != nil {
					r.unchecked("%s 的表在文件里找不到", title)
					continue
				}
				r.compareRows(title+" ", rows, found)
			}
			n++
		}
	}
	return nil
}

// ranged reads the cells of a range as 'Sheet'!$A$4:$C$9: numbers with all their digits.
func ranged(f *excelize.File, ref string) ([][]string, error) {
	sheet, area, ok := strings.Cut(ref, "!")
	from, to, several := strings.Cut(area, ":")
	if !ok {
		return nil, fmt.Errorf("no range: %.60q", ref)
	}
	if !several {
		to = from
	}
	sheet = strings.ReplaceAll(strings.Trim(sheet, "'"), "''", "'")
	left, top, err := excelize.CellNameToCoordinates(strings.ReplaceAll(from, "$", ""))
	if err != nil {
		return nil, err
	}
	right, bottom, err := excelize.CellNameToCoordinates(strings.ReplaceAll(to, "$", ""))
	if err != nil {
		return nil, err
	}
	if (right-left+1)*(bottom-top+1) > 1_000_000 {
		return nil, fmt.Errorf("%s is too large", ref)
	}
	var rows [][]string
	for y := top; y <= bottom; y++ {
		var row []string
		for x := left; x <= right; x++ {
			at, err := excelize.CoordinatesToCellName(x, y)
			if err != nil {
				return nil, err
			}
			text, err := f.GetCellValue(sheet, at, excelize.Options{RawCellValue: true})
			if err != nil {
				return nil, err
			}
			if formula, _ := f.GetCellFormula(sheet, at); formula != "" {
				text = "=" + formula
			}
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// shapes are those of a presentation that hold figures, by the first word of their names.
func shapes(f *office.File) (byKey map[string]office.Shape, order []string) {
	byKey = map[string]office.Shape{}
	for _, s := range f.Shapes {
		key, _, _ := strings.Cut(s.Name, " ")
		if strings.HasPrefix(key, "LW_") {
			if _, twice := byKey[key]; !twice {
				order = append(order, key)
			}
			byKey[key] = s
		}
	}
	return byKey, order
}

func (x *Exporter) comparePPTX(r *Report, e *warehouse.Export, want, got []byte) error {
	a, err := office.Read(want)
	if err != nil {
		return err
	}
	b, err := office.Read(got)
	if err != nil {
		return err
	}
	here, order := shapes(a)
	there, _ := shapes(b)
	for _, key := range order {
		w := here[key]
		_, title, _ := strings.Cut(w.Name, " ")
		g, ok := there[key]
		where := fmt.Sprintf("第 %d 页 %s ", w.Slide, title)
		switch {
		case !ok:
			r.unchecked("%s在文件里找不到", where)
		case w.Picture != nil:
			x.compareImages(r, e, where, w.Picture, g.Picture)
		case w.Chart != nil:
			r.compareCharts(where, w.Chart, g.Chart)
		case w.Rows != nil:
			r.compareRows(where, w.Rows, g.Rows)
		default:
			r.compare(where, strings.Join(w.Lines, " / "), strings.Join(g.Lines, " / "))
		}
	}
	return nil
}

func (r *Report) compareCharts(where string, want, got *office.Drawn) {
	if got == nil {
		r.unchecked("%s不再是图表", where)
		return
	}
	rows := func(c *office.Drawn) [][]string {
		out := [][]string{{""}}
		for _, text := range c.Categories {
			out = append(out, []string{text})
		}
		for _, s := range c.Series {
			out[0] = append(out[0], s.Name)
			for k, v := range s.Values {
				if k+1 < len(out) {
					text := ""
					if v != nil {
						text = number(*v)
					}
					out[k+1] = append(out[k+1], text)
				}
			}
		}
		return out
	}
	r.compareRows(where+"图 ", rows(want), rows(got))
	a, err := openXLSX(want.Workbook)
	if err != nil {
		return
	}
	defer a.Close()
	b, err := openXLSX(got.Workbook)
	if err != nil {
		r.unchecked("%s图表里的数据表读不出来", where)
		return
	}
	defer b.Close()
	for _, sheet := range a.GetSheetList() {
		raw := excelize.Options{RawCellValue: true}
		from, _ := a.GetRows(sheet, raw)
		to, err := b.GetRows(sheet, raw)
		if err != nil {
			r.unchecked("%s图表里没有表“%s”", where, sheet)
			continue
		}
		r.compareRows(where+sheet+" ", from, to)
	}
}

// texts are the words of a drawing in their order.
func texts(svg []byte) (all []string) {
	reader := xml.NewDecoder(bytes.NewReader(svg))
	depth := 0
	var words strings.Builder
	for {
		token, err := reader.Token()
		if err != nil {
			return all
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Local == "text" {
				depth++
				words.Reset()
			}
		case xml.CharData:
			if depth > 0 {
				words.Write(t)
			}
		case xml.EndElement:
			if t.Name.Local == "text" {
				depth--
				all = append(all, strings.TrimSpace(words.String()))
			}
		}
	}
}

func compareSVG(r *Report, want, got []byte) {
	r.compareTexts("", texts(want), texts(got))
	if r.Different == 0 {
		r.unchecked("文字都是这一批的；图形的长短和颜色未逐一核对")
	}
}

// compareImages compares two pictures dot by dot.
func (x *Exporter) compareImages(r *Report, e *warehouse.Export, where string, want, got []byte) {
	if bytes.Equal(want, got) {
		r.Checked++
		return
	}
	a, _, err := image.Decode(bytes.NewReader(want))
	if err != nil {
		r.unchecked("%s重画不出来", where)
		return
	}
	// A picture that says it is huge is not read.
	c, _, err := image.DecodeConfig(bytes.NewReader(got))
	if err != nil || a.Bounds().Dx() != c.Width || a.Bounds().Dy() != c.Height {
		r.unchecked("%s的大小或格式不是导出时的", where)
		return
	}
	b, _, err := image.Decode(bytes.NewReader(got))
	if err != nil {
		r.unchecked("%s读不出来", where)
		return
	}
	at := a.Bounds()
	apart, box := 0, image.Rectangle{}
	for y := at.Min.Y; y < at.Max.Y; y++ {
		for k := at.Min.X; k < at.Max.X; k++ {
			r1, g1, b1, _ := a.At(k, y).RGBA()
			r2, g2, b2, _ := b.At(k, y).RGBA()
			if r1>>8 != r2>>8 || g1>>8 != g2>>8 || b1>>8 != b2>>8 {
				apart++
				box = box.Union(image.Rect(k, y, k+1, y+1))
			}
		}
	}
	if apart > 0 && e.Build != x.Build {
		r.unchecked("%s：导出以后程序换过，重画的图与它有 %d 点不同，不能据此断定", where, apart)
		return
	}
	text := ""
	if apart > 0 {
		text = fmt.Sprintf("有 %d 点不同，在 %v", apart, box)
	}
	r.compare(where, "", text)
}
