package panel

import (
	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"liaowang/aggregator/batch"
	"liaowang/queries"
)

// share is the parts of a whole: each part a bar on a track that stands for the
// whole, with its exact count and its share. Bars on tracks can be compared and
// read at ten metres, also a part of 2 %, which a ring or one stacked bar hides.
type share struct{}

func shareHeader(value string) []any {
	return []any{"key", "label", value, "share", "whole", "text", "detail", "percent", "state"}
}

func (share) validate(s *Spec, v *validator) {
	v.takes(s, "metric", "value", "beside", "of", "total")
	m := v.keyed(s, queries.TypeCode)
	v.summable("value", m, s.Value)
	if s.Of != "" {
		v.summable("of", m, s.Of)
		v.need(!s.Total && s.Beside == "", "of", "rows with wholes of their own take neither total nor beside")
	}
	if s.Beside != "" {
		v.measure("beside", m, s.Beside)
	}
}

func (share) needs(s *Spec, region string, regions *Regions) []batch.Key {
	return []batch.Key{{Metric: s.Metric, Region: s.answering(s.Metric, region, regions)}}
}

func (share) option(s *Spec, in *Input) any {
	chart := charts.NewBar()
	axis := categories(0)
	axis.AxisLabel = &opts.AxisLabel{Show: opts.Bool(false)}
	chart.SetGlobalOptions(
		charts.WithGridOpts(opts.Grid{Left: "0", Right: "0", Top: "14", Bottom: "0"}),
		charts.WithXAxisOpts(measureAxis(1)),
		charts.WithYAxisOpts(axis),
	)
	chart.AddDataset(dataset(shareHeader(s.Value)))
	chart.AddSeries("whole", nil, charts.WithItemStyleOpts(opts.ItemStyle{Color: colourTrack}), charts.WithSeriesOpts(noData))
	chart.AddSeries("part", nil, charts.WithItemStyleOpts(opts.ItemStyle{Color: colourAccent}), charts.WithSeriesOpts(noData))
	m, _ := in.Catalogue.Metric(s.Metric)
	chart.Accept(finish{series: shareSeries, components: map[string]any{"visualMap": tones(m, 1)}})
	return chart.JSON()
}

// shareSeries lays the part on the track. The track, which is always as wide as
// the whole, carries the numbers at its right end; the part carries the name.
func shareSeries(i int, series charts.SingleSeries) any {
	series.BarGap = "-100%"
	s := extended{SingleSeries: series, BarWidth: 10, Emphasis: changed(colourTrack),
		Encode: map[string]string{"x": "whole", "y": "label"},
		Label: &label{
			Position: []any{"100%", -5},
			Label: opts.Label{Show: opts.Bool(true), Align: "right", VerticalAlign: "bottom", FontSize: sizeNumber,
				Color: colourText, Formatter: numberText + "{d|{@detail}}{p|{@percent}}"},
			Rich: numberStyles(),
		},
	}
	s.Label.Rich["d"] = opts.TextStyle{FontSize: sizeSmall, Color: colourQuiet, Padding: []int{0, 0, 0, 10}}
	s.Label.Rich["p"] = opts.TextStyle{FontSize: sizeNumber, Color: colourText, Width: 62, Align: "right"}
	if i == 1 {
		s.Z = 3
		s.Emphasis = changed(inherited)
		s.Encode = map[string]string{"x": "share", "y": "label"}
		s.Label = &label{
			Position: []any{0, -5},
			Label: opts.Label{Show: opts.Bool(true), Align: "left", VerticalAlign: "bottom", FontSize: sizeLabel,
				Color: colourLabel, Formatter: "{@label}"},
		}
		s.Emphasis.Label = opts.Label{Color: colourLabel}
	}
	return s
}

func (share) data(s *Spec, in *Input) any {
	out := chartData{Title: s.title(in), Source: [][]any{shareHeader(s.Value)}}
	m, ok := in.Catalogue.Metric(s.Metric)
	if !ok || m.Column(s.Value) < 0 {
		return out
	}
	region := s.answering(s.Metric, in.Region, in.Regions)
	if !answers(m, in.Regions.level(region)) {
		out.Empty = in.unanswered(m, region)
		return out
	}
	rows := in.records(s.Metric, region)
	whole := sum(columnOf(rows, m, s.Value), m.Columns[m.Column(s.Value)])
	if s.Total {
		out.Total = &whole
	}
	out.Footnote = in.footnote(columnOf(rows, m, s.Value)...)
	for _, r := range rows {
		a := r.at(m, s.Value)
		part, written, detail := 0.0, "", ""
		if s.Of != "" {
			whole = r.at(m, s.Of)
			if detail = "共" + whole.String(); whole.State != stateOK {
				detail = ""
			}
		}
		if a.State == stateOK && whole.drawn() > 0 {
			part = min(*a.Value/whole.drawn(), 1)
			written = percent(*a.Value / whole.drawn())
		}
		if b := r.at(m, s.Beside); s.Beside != "" && a.State == stateOK {
			detail = b.String()
		}
		out.Source = append(out.Source, []any{r.key, r.label, a.Value, part, 1, a.String(), detail, written, a.State})
	}
	return out
}
