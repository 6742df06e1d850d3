package panel

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"liaowang/aggregator/batch"
	"liaowang/queries"
)

// trend is days, months or years from left to right. Its first line is the accent's, the
// others are light, dashed and dotted: names stand at their ends, since a legend is not
// found at ten metres. A gap is a gap, with the word for it on the ground line.
type trend struct{}

// Forms of a trend.
const (
	formLine = "line"
	formBars = "bars"
)

// mostLines is how many lines can be told apart without colours.
const mostLines = 4

// trendHeader names the columns: of each line the value and the text that is written at
// a point, mostly none; then what stands on the ground line where there is no number.
func trendHeader(columns []string) []any {
	header := []any{"key", "label"}
	for _, c := range columns {
		header = append(header, c, c+"_text")
	}
	return append(header, "ground", "gap")
}

func (trend) validate(s *Spec, v *validator) {
	v.takes(s, "metric", "columns", "names", "form", "yuan", "empty")
	v.need(s.Form == "" || s.Form == formLine || s.Form == formBars, "form", "%q is unknown: must be %s or %s", s.Form, formLine, formBars)
	m := v.keyed(s, queries.TypeDate)
	v.need(len(s.Columns) > 0, "columns", "is empty")
	v.need(len(s.Columns) <= mostLines, "columns", "there are %d: more than %d lines cannot be told apart", len(s.Columns), mostLines)
	for i, name := range s.Columns {
		v.measure(fmt.Sprintf("columns[%d]", i), m, name)
	}
	v.named(s, s.Columns...)
}

func (trend) needs(s *Spec, region string, regions *Regions) []batch.Key {
	return []batch.Key{{Metric: s.Metric, Region: s.answering(s.Metric, region, regions)}}
}

// lines are the columns that are drawn, and the width of what stands at their ends.
func (trend) lines(s *Spec, in *Input) (columns []queries.Column, end float64) {
	m, ok := in.Catalogue.Metric(s.Metric)
	if !ok {
		return nil, 0
	}
	for _, name := range s.Columns {
		if i := m.Column(name); i >= 0 {
			columns = append(columns, m.Columns[i])
			end = max(end, ems(s.name(m.Columns[i])))
		}
	}
	if len(columns) == 1 {
		end = 0
	}
	return columns, end*sizeNumber + 5*sizeNumber
}

func (t trend) option(s *Spec, in *Input) any {
	columns, end := t.lines(s, in)
	bars := s.Form == formBars
	right := end
	if len(columns) == 1 {
		right = 30
	}
	align := "center"
	if !bars {
		align = "right" // clear of what stands at the ends of lines
	}
	chart := charts.NewLine()
	chart.SetGlobalOptions(
		charts.WithGridOpts(opts.Grid{Left: "14", Right: px(right), Top: "30", Bottom: "28"}),
		charts.WithXAxisOpts(opts.XAxis{
			Type:      "category",
			AxisLine:  &opts.AxisLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: colourLine}},
			AxisTick:  &opts.AxisTick{Show: opts.Bool(false)},
			AxisLabel: &opts.AxisLabel{Color: colourLabel, FontSize: sizeSmall, ShowMinLabel: opts.Bool(bars), Align: align},
		}),
		charts.WithYAxisOpts(opts.YAxis{Type: "value", Show: opts.Bool(false), Min: 0, Max: "dataMax"}),
	)
	chart.AddDataset(dataset(trendHeader(s.Columns)))
	for _, c := range columns {
		chart.AddSeries(c.Name, nil, charts.WithSeriesOpts(noData))
	}
	chart.AddSeries("gaps", nil, charts.WithSeriesOpts(noData))
	chart.Accept(finish{series: func(i int, series charts.SingleSeries) any {
		if i == len(columns) {
			return gaps(series)
		}
		return trendSeries(i, series, columns[i].Name, bars, len(columns) == 1)
	}, components: map[string]any{"xAxis": []any{trendAxis(chart.XAxisList[0], bars)}}})
	return chart.JSON()
}

// trendAxis lets a line reach both ends of the axis, and a bar have its room.
func trendAxis(a opts.XAxis, bars bool) any {
	return struct {
		opts.XAxis
		BoundaryGap bool `json:"boundaryGap"`
	}{a, bars}
}

func trendSeries(i int, series charts.SingleSeries, column string, bars, alone bool) any {
	colour := []string{colourAccent, colourLabel, colourQuiet, colourQuiet}[i%mostLines]
	written := opts.Label{Show: opts.Bool(true), Formatter: "{@" + column + "_text}", FontSize: sizeNumber, Color: colourText}
	s := extended{
		SingleSeries: series,
		Encode:       map[string]string{"x": "label", "y": column},
		Emphasis:     changed(inherited),
	}
	s.ItemStyle = &opts.ItemStyle{Color: colour}
	if bars {
		s.Type, s.BarMaxWidth = "bar", 44
		s.Label = &label{Label: written, Position: "top", TextBorderColor: colourGround, TextBorderWidth: 3} // over a neighbour that is higher
		s.LabelLayout = &labelLayout{HideOverlap: true}
		return s
	}
	// A point no larger than its line: it is seen where it stands alone.
	s.Type, s.Symbol, s.SymbolSize, s.ShowAllSymbol = "line", "circle", opts.Int(4), true
	s.LineStyle = &opts.LineStyle{Color: colour, Width: 2.5, Type: []string{"solid", "solid", "dashed", "dotted"}[i%mostLines]}
	if alone {
		s.Label = &label{Label: written, Position: "top"}
		return s
	}
	// Several ends may meet: they make room for one another.
	written.LineHeight = 21
	s.EndLabel, s.LabelLayout = &written, &labelLayout{MoveOverlap: "shiftY", HideOverlap: true}
	return s
}

// gaps is what stands on the ground line where a number is missing or suppressed.
func gaps(series charts.SingleSeries) any {
	s := extended{SingleSeries: series, Encode: map[string]string{"x": "label", "y": "ground"}, Silent: true, Z: 4}
	s.Type, s.SymbolSize = "scatter", opts.Int(0)
	s.ItemStyle = &opts.ItemStyle{Opacity: opts.Float(1)}
	s.Label = &label{Position: "top", Label: opts.Label{Show: opts.Bool(true), Formatter: "{@gap}", FontSize: sizeSmall, Color: colourLabel}}
	s.Emphasis = &emphasis{Label: opts.Label{BackgroundColor: colourGround}}
	s.LabelLayout = &labelLayout{HideOverlap: true} // a number is worth more than the word for a gap beside it
	return s
}

func (t trend) data(s *Spec, in *Input) any {
	out := chartData{Title: s.title(in), Source: [][]any{trendHeader(s.Columns)}}
	m, ok := in.Catalogue.Metric(s.Metric)
	if !ok {
		return out
	}
	region := s.answering(s.Metric, in.Region, in.Regions)
	if out.Empty = in.unanswered(m, region); out.Empty != "" {
		return out
	}
	columns, _ := t.lines(s, in)
	rows := in.records(s.Metric, region)
	if len(rows) == 0 {
		out.Empty = cmp.Or(s.Empty, textMissing)
	}
	lines := make([][]amount, len(columns))
	for i, c := range columns {
		lines[i] = columnOf(rows, m, c.Name)
		unit := alike(lines[i], c)
		if s.Yuan {
			unit = inYuan(lines[i])
		}
		if len(columns) == 1 {
			out.Unit = unit
		}
		if note := in.footnote(lines[i]...); note != "" {
			out.Footnote = note
		}
	}
	day := dates(rows)
	for k, r := range rows {
		row := []any{r.key, day(r.key)}
		var gap string
		for i, line := range lines {
			row = append(row, line[k].Value, t.written(s, columns, lines, i, k))
			if line[k].State != stateOK && gap == "" {
				gap = line[k].Text
			}
		}
		if gap == "" {
			row = append(row, nil, "")
		} else {
			row = append(row, 0, gap)
		}
		out.Source = append(out.Source, row)
	}
	return out
}

// written is the text at a point of a line: at its last number, with name and unit where
// there are several; of one line at its highest, too, and of few bars at each, without
// the unit, which stands beside the title.
func (trend) written(s *Spec, columns []queries.Column, lines [][]amount, i, k int) string {
	line := lines[i]
	if line[k].State != stateOK {
		return ""
	}
	last, highest := k, k
	for at, a := range line {
		if a.State != stateOK {
			continue
		}
		last = max(last, at)
		if *a.Value > *line[highest].Value {
			highest = at
		}
	}
	switch {
	case s.Form == formBars && len(lines) == 1 && len(line) <= 7:
		return line[k].Text
	case k == last && len(lines) > 1:
		return s.name(columns[i]) + " " + line[k].String()
	case k == last, len(lines) == 1 && k == highest && last-k > len(line)/5:
		return line[k].Text
	}
	return ""
}

// dates says how the keys of rows are written: as years, months or days. A month says
// its year where one begins, or the row of months does.
func dates(rows []record) func(key string) string {
	all := func(suffix string) bool {
		return !slices.ContainsFunc(rows, func(r record) bool { return !strings.HasSuffix(r.key, suffix) })
	}
	number := func(s string) string { return strings.TrimLeft(s, "0") }
	return func(key string) string {
		switch {
		case len(key) != len("2006-01-02"):
			return key
		case all("-01-01"):
			return key[:4] + "年"
		case all("-01"):
			if key[5:7] == "01" {
				return key[2:4] + "年1月"
			}
			return number(key[5:7]) + "月"
		}
		return number(key[5:7]) + "月" + number(key[8:]) + "日"
	}
}
