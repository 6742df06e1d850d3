package panel

import (
	"cmp"
	"fmt"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"liaowang/aggregator/batch"
	"liaowang/queries"
)

// flow is what flows from where to where: the chain of funds. ECharts gives a sankey no
// dataset, so its data are the nodes and links that the series takes: setting them
// changes the chart and does not build it anew.
type flow struct{}

// flowData is the series' data by ECharts' own names, with what stands around it.
type flowData struct {
	Title    string     `json:"title,omitempty"`
	Empty    string     `json:"empty,omitempty"`
	Footnote string     `json:"footnote,omitempty"`
	Nodes    []flowNode `json:"nodes"`
	Links    []flowLink `json:"links"`
}

type flowNode struct {
	Name string `json:"name"`
	// Text is the amount that passes, written.
	Text  string    `json:"text"`
	Label flowLabel `json:"label"`
	// ItemStyle steps back what has not gone on.
	ItemStyle flowStyle `json:"itemStyle"`
}

type flowLabel struct {
	Formatter string `json:"formatter"`
	Position  string `json:"position"`
}

type flowStyle struct {
	Color string `json:"color"`
}

type flowLink struct {
	Source string  `json:"source"`
	Target string  `json:"target"`
	Value  float64 `json:"value"`
}

func (flow) validate(s *Spec, v *validator) {
	v.takes(s, "metric", "value", "empty")
	m := v.metric("metric", s.Metric)
	v.need(m == nil || len(m.Columns) > 2 && m.Columns[0].Type == queries.TypeText && m.Columns[1].Type == queries.TypeText,
		"metric", "metric %q must have rows of two texts, from where and to where, for kind %s", s.Metric, s.Kind)
	v.summable("value", m, s.Value)
}

func (flow) needs(s *Spec, region string, regions *Regions) []batch.Key {
	return []batch.Key{{Metric: s.Metric, Region: s.answering(s.Metric, region, regions)}}
}

func (flow) option(s *Spec, _ *Input) any {
	chart := charts.NewSankey()
	chart.AddSeries(s.ID, nil, nil, charts.WithSeriesOpts(noData))
	chart.Accept(finish{series: func(_ int, series charts.SingleSeries) any {
		return sankey{
			Type: series.Type, ID: s.ID, Left: 2, Right: 190, Top: 8, Bottom: 34,
			NodeWidth: 14, NodeGap: 26, NodeAlign: "left", Draggable: false, Silent: true, LayoutIterations: 0,
			Label: label{Position: "right", Label: opts.Label{Show: opts.Bool(true), FontSize: sizeLabel, Color: colourLabel},
				Rich: map[string]opts.TextStyle{
					"n": {FontSize: sizeLabel, Color: colourLabel, Height: 24},
					"v": {FontSize: sizeNumber, Color: colourText, Height: 24},
				}},
			ItemStyle: opts.ItemStyle{Color: colourAccent, BorderWidth: 0},
			LineStyle: opts.LineStyle{Color: colourChanged, Opacity: opts.Float(0.55), Curveness: 0.5},
			Emphasis:  disabled{true},
		}
	}})
	return chart.JSON()
}

// sankey is a series of ECharts with the fields that charts.SingleSeries lacks.
type sankey struct {
	Type             string         `json:"type"`
	ID               string         `json:"id"`
	Left             int            `json:"left"`
	Right            int            `json:"right"`
	Top              int            `json:"top"`
	Bottom           int            `json:"bottom"`
	NodeWidth        int            `json:"nodeWidth"`
	NodeGap          int            `json:"nodeGap"`
	NodeAlign        string         `json:"nodeAlign"`
	Draggable        bool           `json:"draggable"`
	Silent           bool           `json:"silent"`
	LayoutIterations int            `json:"layoutIterations"`
	Label            label          `json:"label"`
	ItemStyle        opts.ItemStyle `json:"itemStyle"`
	LineStyle        opts.LineStyle `json:"lineStyle"`
	Emphasis         disabled       `json:"emphasis"`
}

func (flow) data(s *Spec, in *Input) any {
	out := flowData{Title: s.title(in), Nodes: []flowNode{}, Links: []flowLink{}}
	m, ok := in.Catalogue.Metric(s.Metric)
	if !ok || m.Column(s.Value) < 0 {
		return out
	}
	region := s.answering(s.Metric, in.Region, in.Regions)
	if out.Empty = in.unanswered(m, region); out.Empty != "" {
		return out
	}
	col := m.Columns[m.Column(s.Value)]
	// A node passes on what comes in, or gives out what it has: the larger of the two.
	var order []string
	into, onward := map[string][]amount{}, map[string][]amount{}
	known := map[string]bool{}
	note := func(name string) {
		if !known[name] {
			known[name] = true
			order = append(order, name)
		}
	}
	frame := in.Frame(s.Metric, region)
	if frame == nil {
		out.Empty = textMissing
		return out
	}
	var shown []amount
	for _, row := range frame.Rows {
		if len(row) <= m.Column(s.Value) || row[0].State != batch.IsText || row[1].State != batch.IsText {
			continue
		}
		from, to, a := row[0].Text, row[1].Text, format(row[m.Column(s.Value)], col)
		shown = append(shown, a)
		if from == to || known[to] && reaches(out.Links, to, from) {
			continue // a circle is no flow, and ECharts refuses it
		}
		note(from)
		note(to)
		into[to], onward[from] = append(into[to], a), append(onward[from], a)
		out.Links = append(out.Links, flowLink{from, to, max(a.drawn(), 0)})
	}
	if len(order) == 0 {
		out.Empty = cmp.Or(s.Empty, "没有流动")
	}
	out.Footnote = in.footnote(shown...)
	for _, name := range order {
		passes := into[name]
		if on := onward[name]; len(passes) == 0 || len(on) > 0 && sum(on, col).drawn() > sum(passes, col).drawn() {
			passes = on
		}
		text := sum(passes, col).String()
		n := flowNode{Name: name, Text: text, Label: flowLabel{fmt.Sprintf("{n|%s}\n{v|%s}", plain(name), plain(text)), "right"}, ItemStyle: flowStyle{colourAccent}}
		if len(onward[name]) == 0 && staysBehind(out.Links, name) {
			n.ItemStyle.Color = colourQuiet
		}
		out.Nodes = append(out.Nodes, n)
	}
	return out
}

// reaches says whether links lead from one node to another.
func reaches(links []flowLink, from, to string) bool {
	seen := map[string]bool{}
	var follow func(string) bool
	follow = func(at string) bool {
		if at == to {
			return true
		}
		if seen[at] {
			return false
		}
		seen[at] = true
		for _, l := range links {
			if l.Source == at && follow(l.Target) {
				return true
			}
		}
		return false
	}
	return follow(from)
}

// staysBehind says whether an end is none of the main way: what flows from a node first
// is the way on, what follows has not gone it.
func staysBehind(links []flowLink, end string) bool {
	first := map[string]string{}
	for _, l := range links {
		if first[l.Source] == "" {
			first[l.Source] = l.Target
		}
	}
	for _, l := range links {
		if l.Target == end && first[l.Source] == end {
			return false
		}
	}
	return true
}
