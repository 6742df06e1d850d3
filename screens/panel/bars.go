package panel

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"liaowang/aggregator/batch"
	"liaowang/queries"
)

// bars is horizontal bars with their numbers at the end: a ranking of regions,
// or the codes of a list. A township has no level below that is shown: it sees
// itself among the townships of its county.
type bars struct{}

// chartData is the dataset of a chart with what stands around it.
type chartData struct {
	// Title replaces the title of the layout; empty: that one stands.
	Title string `json:"title,omitempty"`
	// Total stands beside the title.
	Total *amount `json:"total,omitempty"`
	// Unit stands beside the title where numbers have none of their own.
	Unit string `json:"unit,omitempty"`
	// Empty says why there are no rows.
	Empty string `json:"empty,omitempty"`
	// Footnote stands below the rows.
	Footnote string  `json:"footnote,omitempty"`
	Source   [][]any `json:"source"`
}

// barHeader names the columns. "bar" is the length that is drawn: the value, or
// nothing for what is no number, so that its text still has a place.
func barHeader(value string) []any {
	return []any{"key", "label", value, "bar", "text", "state", "detail"}
}

func (bars) validate(s *Spec, v *validator) {
	v.takes(s, "metric", "value", "beside", "sort", "limit", "total", "empty")
	m := v.keyed(s, queries.TypeCode, queries.TypeRegion)
	v.measure("value", m, s.Value)
	if s.Beside != "" {
		v.measure("beside", m, s.Beside)
	}
	if s.Total || s.Limit > 0 {
		v.summable("value", m, s.Value)
	}
	v.need(s.Limit == 0 || s.Limit >= 3, "limit", "%d is too few: must be at least 3, or 0 for all", s.Limit)
}

func (bars) needs(s *Spec, region string, regions *Regions) []batch.Key {
	keys := []batch.Key{{Metric: s.Metric, Region: s.answering(s.Metric, region, regions)}}
	if regions.level(region) == Township {
		keys = append(keys, batch.Key{Metric: s.Metric, Region: regions.county(region)})
	}
	return keys
}

// scope is the region whose rows are listed.
func (bars) scope(s *Spec, m *queries.Metric, in *Input) string {
	if m.Columns[0].Type == queries.TypeRegion && in.Regions.level(in.Region) == Township {
		return in.Regions.county(in.Region)
	}
	return s.answering(m.ID, in.Region, in.Regions)
}

func (b bars) rows(s *Spec, in *Input) ([]record, *queries.Metric) {
	m, ok := in.Catalogue.Metric(s.Metric)
	if !ok || len(m.Columns) == 0 {
		return nil, nil
	}
	return in.records(s.Metric, b.scope(s, m, in)), m
}

func (b bars) option(s *Spec, in *Input) any {
	rows, m := b.rows(s, in)
	widest := 3.0
	for _, r := range rows {
		widest = max(widest, ems(r.label))
	}
	most := 9.0 // of regions: the longest are known by less
	if m != nil && len(m.Columns) > 0 && m.Columns[0].Type == queries.TypeCode {
		most = 13
	}
	names := min(widest, most)*sizeLabel + 18
	numbers := 5.2 * sizeNumber
	if s.Beside != "" {
		numbers += 4.4 * sizeSmall
	}
	chart := charts.NewBar()
	chart.SetGlobalOptions(
		charts.WithGridOpts(opts.Grid{Left: px(names), Right: px(numbers), Top: "2", Bottom: "2"}),
		charts.WithXAxisOpts(measureAxis("dataMax")),
		charts.WithYAxisOpts(categories(names)),
	)
	chart.AddDataset(dataset(barHeader(s.Value)))
	chart.AddSeries(s.ID, nil,
		charts.WithItemStyleOpts(opts.ItemStyle{Color: colourAccent}),
		charts.WithSeriesOpts(noData))
	chart.Accept(finish{series: func(_ int, series charts.SingleSeries) any {
		series.BarCategoryGap = "40%"
		return extended{
			SingleSeries: series,
			Encode:       map[string]string{"x": "bar", "y": "label"},
			BarMaxWidth:  20,
			Label: &label{Position: "right", Rich: detailed(numberStyles()),
				Label: opts.Label{Show: opts.Bool(true), Formatter: numberText + "{d|{@detail}}"}},
			Emphasis: changed(inherited),
		}
	}, components: map[string]any{"visualMap": tones(m, 0)}})
	return chart.JSON()
}

func (b bars) data(s *Spec, in *Input) any {
	out := chartData{Title: s.title(in), Source: [][]any{barHeader(s.Value)}}
	rows, m := b.rows(s, in)
	if m == nil {
		return out
	}
	i := m.Column(s.Value)
	if i < 0 {
		return out
	}
	if !answers(m, in.Regions.level(b.scope(s, m, in))) {
		out.Empty = in.unanswered(m, b.scope(s, m, in))
		return out
	}
	if len(rows) == 0 {
		out.Empty = cmp.Or(s.Empty, "没有下一级")
		if !in.Regions.applicable(in.Region) {
			out.Empty = textNA
		}
	}
	if s.Total {
		total := sum(columnOf(rows, m, s.Value), m.Columns[i])
		out.Total = &total
	}
	out.Footnote = in.footnote(columnOf(rows, m, s.Value)...)
	if s.Sort {
		slices.SortStableFunc(rows, func(a, b record) int {
			return byRank(a.at(m, s.Value), b.at(m, s.Value))
		})
	}
	rest := []record(nil)
	if s.Limit > 0 && len(rows) > s.Limit {
		rows, rest = rows[:s.Limit-1], rows[s.Limit-1:]
	}
	for _, r := range rows {
		row := barRow(r.key, mark(r, in), r.at(m, s.Value))
		if b := r.at(m, s.Beside); s.Beside != "" && row[5] == stateOK && b.State == stateOK {
			row[6] = b.String()
		}
		out.Source = append(out.Source, row)
	}
	if len(rest) > 0 {
		folded := sum(columnOf(rest, m, s.Value), m.Columns[i])
		row := barRow("rest", fmt.Sprintf("其余%d个", len(rest)), folded)
		row[3] = 0 // many in one are not compared with one
		out.Source = append(out.Source, row)
	}
	return out
}

// mark points at the region shown, among its neighbours.
func mark(r record, in *Input) string {
	if r.key == in.Region {
		return "▸" + r.label
	}
	return r.label
}

func barRow(key, label string, a amount) []any {
	return []any{key, label, a.Value, a.drawn(), a.String(), a.State, ""}
}

// detailed adds the style of what stands behind a number.
func detailed(styles map[string]opts.TextStyle) map[string]opts.TextStyle {
	styles["d"] = opts.TextStyle{FontSize: sizeSmall, Color: colourQuiet, Padding: []int{0, 0, 0, 8}}
	return styles
}

// byRank puts large before small, numbers before what is missing, then what is
// suppressed, in the order of the regions, which tells nothing of its size, and what
// does not apply last.
func byRank(a, b amount) int {
	order := map[state]int{stateOK: 0, stateMissing: 1, stateSuppressed: 2, stateNA: 3}
	if d := cmp.Compare(order[a.State], order[b.State]); d != 0 {
		return d
	}
	return cmp.Compare(b.drawn(), a.drawn())
}
