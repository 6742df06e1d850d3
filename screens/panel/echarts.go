package panel

import (
	"fmt"
	"strings"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"

	"liaowang/queries"
)

// finish is the visitor that every chart is closed with. go-echarts 2.6 writes
// empty components where none is wanted, knows no text style for the whole chart, no ticks on the y axis and no
// second geo; this fills the gaps, through the interface that it has for that.
type finish struct {
	charts.BaseConfigurationVisitor
	// series wraps the i-th series in a type with the fields that are missing.
	series func(i int, s charts.SingleSeries) any
	// components are put beside those of go-echarts: geo, visualMap.
	components map[string]any
}

// VisitSeriesOpt wraps every series.
func (f finish) VisitSeriesOpt(list charts.MultiSeries) any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = f.series(i, s)
	}
	return out
}

// VisitYAxis adds the ticks that opts.YAxis has no field for.
func (finish) VisitYAxis(axes []opts.YAxis) any {
	type yAxis struct {
		opts.YAxis
		AxisTick opts.AxisTick `json:"axisTick"`
	}
	out := make([]yAxis, len(axes))
	for i, a := range axes {
		out[i] = yAxis{a, opts.AxisTick{Show: opts.Bool(false)}}
	}
	return out
}

// Visit takes out the empty components and sets what holds for every chart.
func (f finish) Visit(chart map[string]any) {
	for _, empty := range []string{"title", "legend", "toolbox", "tooltip"} {
		delete(chart, empty)
	}
	chart["textStyle"] = opts.TextStyle{FontFamily: fontFamily, Color: colourLabel}
	// The true value reaches the eye at once: ECharts would take half a second,
	// showing lengths on the way that were in no batch.
	chart["animation"] = false
	for name, c := range f.components {
		if c != nil {
			chart[name] = c
		}
	}
}

// extended is a series with the fields that charts.SingleSeries lacks, or has
// in a form that cannot say what is meant.
type extended struct {
	charts.SingleSeries
	Encode       map[string]string `json:"encode,omitempty"`
	Label        *label            `json:"label,omitempty"`
	Emphasis     *emphasis         `json:"emphasis,omitempty"`
	BarWidth     int               `json:"barWidth,omitempty"`
	BarMaxWidth  int               `json:"barMaxWidth,omitempty"`
	Silent       bool              `json:"silent,omitempty"`
	GeoIndex     types.Int         `json:"geoIndex,omitempty"`
	NameProperty string            `json:"nameProperty,omitempty"`
	SymbolSize   types.Int         `json:"symbolSize,omitempty"`
	EndLabel     *opts.Label       `json:"endLabel,omitempty"`
	// ShowAllSymbol keeps the points of a dense line, at which labels stand.
	ShowAllSymbol bool         `json:"showAllSymbol,omitempty"`
	LabelLayout   *labelLayout `json:"labelLayout,omitempty"`
	Z             int          `json:"z,omitempty"`
}

// labelLayout says what becomes of labels that meet.
type labelLayout struct {
	HideOverlap bool   `json:"hideOverlap,omitempty"`
	MoveOverlap string `json:"moveOverlap,omitempty"`
}

// tones paints the bars of the levels of risk and warning, whose colours are their
// names; nil for every other list. The name stands beside each bar.
func tones(m *queries.Metric, series ...int) any {
	if m == nil || len(m.Columns) == 0 || m.Columns[0].Codes != "risk_level" && m.Columns[0].Codes != "warning_level" {
		return nil
	}
	return []any{map[string]any{
		"type": "piecewise", "show": false, "dimension": "key", "seriesIndex": series,
		"categories": []string{"red", "yellow", "green", "ungraded"},
		"inRange":    map[string]any{"color": []string{colourRed, colourYellow, colourGreen, colourQuiet}},
	}}
}

// plain is a text that a formatter takes for nothing else: braces and bars are its marks.
func plain(text string) string { return strings.NewReplacer("{", "", "}", "", "|", "").Replace(text) }

// label is a label with rich text, a position that may be a place, and a border around its letters.
type label struct {
	opts.Label
	Position        any                       `json:"position,omitempty"`
	Rich            map[string]opts.TextStyle `json:"rich,omitempty"`
	TextBorderColor string                    `json:"textBorderColor,omitempty"`
	TextBorderWidth float64                   `json:"textBorderWidth,omitempty"`
}

// numberText is the formatter of a label that is a number, or the word for why
// there is none: the column "state" names the style of numberStyles.
const numberText = "{{@state}|{@text}}"

func numberStyles() map[string]opts.TextStyle {
	quiet := opts.TextStyle{FontSize: sizeSmall, Color: colourQuiet}
	return map[string]opts.TextStyle{
		string(stateOK):         {FontSize: sizeNumber, Color: colourText},
		string(stateMissing):    quiet,
		string(stateNA):         quiet,
		string(stateSuppressed): {FontSize: sizeNumber, Color: colourLabel},
	}
}

// emphasis is how a row looks for the moment after its number has changed.
type emphasis struct {
	Label     opts.Label     `json:"label"`
	ItemStyle opts.ItemStyle `json:"itemStyle"`
}

// inherited leaves a bar the colour that it has.
const inherited = "inherit"

func changed(bar string) *emphasis {
	return &emphasis{
		Label:     opts.Label{Color: colourText, BackgroundColor: colourChanged},
		ItemStyle: opts.ItemStyle{Color: bar},
	}
}

// dataset is the dataset of an option without data: the names of the columns.
func dataset(header []any) opts.Dataset { return opts.Dataset{Source: [][]any{header}} }

// noData is set on every series, whose data comes as a dataset.
func noData(s *charts.SingleSeries) { s.Data = nil }

// categories is the axis that rows are named on: names to the left, nothing else.
func categories(width float64) opts.YAxis {
	return opts.YAxis{
		Type: "category", Inverse: opts.Bool(true),
		AxisLine:  &opts.AxisLine{Show: opts.Bool(false)},
		SplitLine: &opts.SplitLine{Show: opts.Bool(false)},
		AxisLabel: &opts.AxisLabel{
			Interval: "0", Color: colourLabel, FontSize: sizeLabel, Align: "left",
			Margin: width, Width: int(width) - 10, Overflow: "truncate",
		},
	}
}

// measureAxis is a hidden axis from nothing to the largest value, or to max.
func measureAxis(max any) opts.XAxis {
	return opts.XAxis{Type: "value", Show: opts.Bool(false), Min: 0, Max: max}
}

func px(v float64) string { return fmt.Sprintf("%.0f", v) }
