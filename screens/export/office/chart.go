package office

import (
	"fmt"
	"strconv"
	"strings"
)

// ChartKind is a way of drawing that Office has, too.
type ChartKind string

// The kinds of chart.
const (
	Bars    ChartKind = "bar" // from left to right, the first on top
	Columns ChartKind = "col"
	Lines   ChartKind = "line"
)

// Chart is a native chart: it can be edited, with its data in a workbook inside.
type Chart struct {
	Kind       ChartKind
	Categories []string
	Series     []Series
	// Workbook is an XLSX file whose sheet Sheet has the categories in column A from row 2
	// on and a series in each further column, its name in row 1.
	Workbook []byte
	Sheet    string
	// Size is that of the type, points.
	Size float64
	// Every is how many names stand for one that is written: 1 writes all, where there is
	// room for them. Unlabelled columns have no numbers at their ends, but a scale.
	Every      int
	Unlabelled bool
}

// Series is a row of values; nil where there is no number.
type Series struct {
	Name   string
	Values []*float64
	// Format is that of the numbers, as of a spreadsheet's cell.
	Format string
}

type chartPart struct {
	xml      string
	workbook []byte
}

// Chart puts a chart into a box.
func (s *Slide) Chart(name string, b Box, c Chart) {
	s.deck.charts = append(s.deck.charts, chartPart{c.xml(), c.Workbook})
	id := s.rel("chart", fmt.Sprintf("../charts/chart%d.xml", len(s.deck.charts)))
	fmt.Fprintf(&s.shapes, `<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr %s/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr>%s<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" r:id="%s"/></a:graphicData></a:graphic></p:graphicFrame>`,
		s.name(name), b.xfrm("p:xfrm"), id)
}

func (c *Chart) xml() string {
	var b strings.Builder
	b.WriteString(`<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><c:date1904 val="0"/><c:roundedCorners val="0"/><c:chart><c:autoTitleDeleted val="1"/><c:plotArea><c:layout/>`)
	if c.Kind == Lines {
		b.WriteString(`<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>`)
	} else {
		fmt.Fprintf(&b, `<c:barChart><c:barDir val="%s"/><c:grouping val="clustered"/><c:varyColors val="0"/>`, c.Kind)
	}
	least := 0.0
	for i, s := range c.Series {
		c.series(&b, i, s)
		for _, v := range s.Values {
			if v != nil {
				least = min(least, *v)
			}
		}
	}
	if c.Kind == Lines {
		b.WriteString(`<c:marker val="1"/><c:axId val="111"/><c:axId val="112"/></c:lineChart>`)
	} else {
		b.WriteString(`<c:gapWidth val="45"/><c:axId val="111"/><c:axId val="112"/></c:barChart>`)
	}
	c.axes(&b, least < 0)
	b.WriteString(`</c:plotArea>`)
	if len(c.Series) > 1 {
		b.WriteString(`<c:legend><c:legendPos val="t"/><c:overlay val="0"/></c:legend>`)
	}
	b.WriteString(`<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart><c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>` + c.words(Ink) + `<c:externalData r:id="rId1"><c:autoUpdate val="0"/></c:externalData></c:chartSpace>`)
	return b.String()
}

// words is the form of text, in which a number is not broken in two.
func (c *Chart) words(colour Colour) string {
	return fmt.Sprintf(`<c:txPr><a:bodyPr wrap="none"/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="%d">%s</a:defRPr></a:pPr><a:endParaRPr lang="zh-CN"/></a:p></c:txPr>`, int(c.Size*100), colour.fill())
}

func (c *Chart) series(b *strings.Builder, i int, s Series) {
	column := string(rune('B' + i))
	last := len(c.Categories) + 1
	fmt.Fprintf(b, `<c:ser><c:idx val="%d"/><c:order val="%d"/><c:tx><c:strRef><c:f>%s!$%s$1</c:f><c:strCache><c:ptCount val="1"/><c:pt idx="0"><c:v>%s</c:v></c:pt></c:strCache></c:strRef></c:tx>`, i, i, c.Sheet, column, escape(s.Name))
	colour := []Colour{Accent, Second, Third, Fourth}[i%4]
	labels := fmt.Sprintf(`<c:numFmt formatCode="%s" sourceLinked="0"/><c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>%s`, escape(s.Format), c.words(Ink))
	shows := `<c:showLegendKey val="0"/><c:showVal val="1"/><c:showCatName val="0"/><c:showSerName val="0"/><c:showPercent val="0"/><c:showBubbleSize val="0"/>`
	switch {
	case c.Kind == Lines:
		dash := []string{"solid", "sysDash", "sysDot", "dash"}[i%4]
		fmt.Fprintf(b, `<c:spPr><a:ln w="22225" cap="rnd">%s<a:prstDash val="%s"/><a:round/></a:ln></c:spPr><c:marker><c:symbol val="none"/></c:marker>`, colour.fill(), dash)
		b.WriteString(`<c:dLbls>`)
		for k := len(s.Values) - 1; k >= 0; k-- { // the last number has its label
			if s.Values[k] != nil {
				fmt.Fprintf(b, `<c:dLbl><c:idx val="%d"/>%s<c:dLblPos val="t"/>%s</c:dLbl>`, k, labels, shows)
				break
			}
		}
		b.WriteString(labels + strings.Replace(shows, `showVal val="1"`, `showVal val="0"`, 1) + `</c:dLbls>`)
	case c.Unlabelled:
		fmt.Fprintf(b, `<c:spPr>%s</c:spPr><c:invertIfNegative val="0"/>`, colour.fill())
	default:
		fmt.Fprintf(b, `<c:spPr>%s</c:spPr><c:invertIfNegative val="0"/><c:dLbls>%s<c:dLblPos val="outEnd"/>%s</c:dLbls>`, colour.fill(), labels, shows)
	}
	fmt.Fprintf(b, `<c:cat><c:strRef><c:f>%s!$A$2:$A$%d</c:f><c:strCache><c:ptCount val="%d"/>`, c.Sheet, last, len(c.Categories))
	for k, text := range c.Categories {
		fmt.Fprintf(b, `<c:pt idx="%d"><c:v>%s</c:v></c:pt>`, k, escape(text))
	}
	fmt.Fprintf(b, `</c:strCache></c:strRef></c:cat><c:val><c:numRef><c:f>%s!$%s$2:$%s$%d</c:f><c:numCache><c:formatCode>%s</c:formatCode><c:ptCount val="%d"/>`, c.Sheet, column, column, last, escape(s.Format), len(s.Values))
	for k, v := range s.Values {
		if v != nil {
			fmt.Fprintf(b, `<c:pt idx="%d"><c:v>%s</c:v></c:pt>`, k, strconv.FormatFloat(*v, 'f', -1, 64))
		}
	}
	b.WriteString(`</c:numCache></c:numRef></c:val>`)
	if c.Kind == Lines {
		b.WriteString(`<c:smooth val="0"/>`)
	}
	b.WriteString(`</c:ser>`)
}

// axes shows the names and leaves the scale away, since numbers stand at what is drawn; of
// lines it shows the scale.
func (c *Chart) axes(b *strings.Builder, negative bool) {
	orientation, at, values := "minMax", "b", "l"
	if c.Kind == Bars {
		orientation, at, values = "maxMin", "l", "t"
	}
	least := `<c:min val="0"/>`
	if negative {
		least = ""
	}
	hidden := "1"
	if c.Kind == Lines || c.Unlabelled {
		hidden = "0"
	}
	names, skip := c.words(Ink), ""
	if c.Every > 1 {
		skip = fmt.Sprintf(`<c:tickLblSkip val="%d"/>`, c.Every)
	}
	fmt.Fprintf(b, `<c:catAx><c:axId val="111"/><c:scaling><c:orientation val="%s"/></c:scaling><c:delete val="0"/><c:axPos val="%s"/><c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/><c:spPr><a:ln w="6350">%s</a:ln></c:spPr>%s<c:crossAx val="112"/><c:crosses val="autoZero"/><c:auto val="0"/><c:lblAlgn val="ctr"/><c:lblOffset val="50"/>%s<c:noMultiLvlLbl val="1"/></c:catAx>`,
		orientation, at, Third.fill(), names, skip)
	fmt.Fprintf(b, `<c:valAx><c:axId val="112"/><c:scaling><c:orientation val="minMax"/>%s</c:scaling><c:delete val="%s"/><c:axPos val="%s"/><c:numFmt formatCode="%s" sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/><c:spPr><a:ln><a:noFill/></a:ln></c:spPr>%s<c:crossAx val="111"/><c:crosses val="autoZero"/><c:crossBetween val="between"/></c:valAx>`,
		least, hidden, values, escape(c.Series[0].Format), c.words(Quiet))
}
