package panel

import (
	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"liaowang/aggregator/batch"
	"liaowang/queries"
)

// stages is what waits at each stage of a procedure, in the order of the
// procedure from left to right. It is no funnel: a stage is not a part of the
// stage before it.
type stages struct{}

func (stages) validate(s *Spec, v *validator) {
	v.takes(s, "metric", "value", "total")
	v.measure("value", v.keyed(s, queries.TypeCode), s.Value)
}

func (stages) needs(s *Spec, region string, regions *Regions) []batch.Key {
	return []batch.Key{{Metric: s.Metric, Region: s.answering(s.Metric, region, regions)}}
}

func (stages) option(s *Spec, _ *Input) any {
	chart := charts.NewBar()
	chart.SetGlobalOptions(
		charts.WithGridOpts(opts.Grid{Left: "0", Right: "0", Top: "32", Bottom: "28"}),
		charts.WithXAxisOpts(opts.XAxis{
			Type:      "category",
			AxisLine:  &opts.AxisLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: colourLine}},
			AxisTick:  &opts.AxisTick{Show: opts.Bool(false)},
			AxisLabel: &opts.AxisLabel{Interval: "0", Color: colourLabel, FontSize: sizeSmall},
		}),
		charts.WithYAxisOpts(opts.YAxis{Type: "value", Show: opts.Bool(false), Min: 0, Max: "dataMax"}),
	)
	chart.AddDataset(dataset(barHeader(s.Value)))
	chart.AddSeries(s.ID, nil, charts.WithItemStyleOpts(opts.ItemStyle{Color: colourAccent}), charts.WithSeriesOpts(noData))
	chart.Accept(finish{series: func(_ int, series charts.SingleSeries) any {
		return extended{
			SingleSeries: series,
			Encode:       map[string]string{"x": "label", "y": "bar"},
			BarMaxWidth:  64,
			Label: &label{Position: "top", Rich: numberStyles(),
				Label: opts.Label{Show: opts.Bool(true), Formatter: numberText}},
			Emphasis: changed(inherited),
		}
	}})
	return chart.JSON()
}

func (stages) data(s *Spec, in *Input) any {
	return bars{}.data(s, in)
}
