package panel

import (
	"fmt"
	"slices"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"

	"liaowang/aggregator/batch"
	"liaowang/queries"
)

// choropleth is the map: the counties of the province by shade, and always
// 南海诸岛 as an inset, which no option switches off. In a county or township the
// county is marked among the others, which stay in view for comparison.
type choropleth struct{}

// The inset's size in units: its labels fit, and the island keeps clear of it.
const (
	insetWidth  = 236
	insetHeight = 290
)

// mapHeader names the columns: lng and lat place a label on the island, ilng
// and ilat one in the inset. Area is the key of a county with a shade: a number's,
// or, where the number is suppressed, the one that stands for noShade. What is
// missing or not applicable has none and lies bare.
func mapHeader(value string) []any {
	return []any{"key", "label", value, "text", "state", "lng", "lat", "ilng", "ilat", "area", "shade"}
}

// noShade is below every step.
const noShade = -1

func (choropleth) validate(s *Spec, v *validator) {
	v.takes(s, "metric", "value", "steps")
	v.measure("value", v.keyed(s, queries.TypeRegion), s.Value)
	v.shaded("steps", s.Steps)
}

func (choropleth) needs(s *Spec, region string, _ *Regions) []batch.Key {
	return []batch.Key{{Metric: s.Metric, Region: provinceOf(region)}}
}

// geo is opts.GeoComponent with what it lacks.
type geo struct {
	opts.GeoComponent
	NameProperty   string       `json:"nameProperty"`
	AspectScale    float64      `json:"aspectScale"`
	Left           string       `json:"left,omitempty"`
	Right          string       `json:"right"`
	Top            string       `json:"top,omitempty"`
	Bottom         string       `json:"bottom"`
	Width          int          `json:"width,omitempty"`
	Height         int          `json:"height,omitempty"`
	PreserveAspect string       `json:"preserveAspect"`
	AlignX         string       `json:"preserveAspectAlign,omitempty"`
	AlignY         string       `json:"preserveAspectVerticalAlign,omitempty"`
	BoundingCoords [][2]float64 `json:"boundingCoords,omitempty"`
	Label          opts.Label   `json:"label"`
	Emphasis       disabled     `json:"emphasis"`
	SelectedMode   bool         `json:"selectedMode"`
	Regions        []geoRegion  `json:"regions,omitempty"`
}

type disabled struct {
	Disabled bool `json:"disabled"`
}

type geoRegion struct {
	Name      string       `json:"name"`
	Label     *opts.Label  `json:"label,omitempty"`
	ItemStyle *regionStyle `json:"itemStyle,omitempty"`
}

// regionStyle is opts.ItemStyle with the form of a border's corners.
type regionStyle struct {
	*opts.ItemStyle
	BorderJoin string `json:"borderJoin,omitempty"`
}

// steps is opts.VisualMap with what it lacks.
type steps struct {
	opts.VisualMap
	Dimension    string  `json:"dimension"`
	SeriesIndex  []int   `json:"seriesIndex"`
	Pieces       []piece `json:"pieces"`
	SelectedMode bool    `json:"selectedMode"`
	HoverLink    bool    `json:"hoverLink"`
	ItemWidth    int     `json:"itemWidth"`
	ItemHeight   int     `json:"itemHeight"`
	ItemGap      int     `json:"itemGap"`
	ItemSymbol   string  `json:"itemSymbol"`
	Padding      int     `json:"padding"`
	ShowLabel    bool    `json:"showLabel"`
	OutOfRange   any     `json:"outOfRange"`
}

// piece is one shade; opts.Piece has no label and cannot say a bound of 0.
type piece struct {
	GTE   *float64 `json:"gte,omitempty"`
	LT    *float64 `json:"lt,omitempty"`
	Label string   `json:"label"`
	Color string   `json:"color"`
}

func (c choropleth) option(s *Spec, in *Input) any {
	chart := charts.NewMap()
	chart.AddDataset(dataset(mapHeader(s.Value)))
	for _, name := range []string{"counties", "inset"} {
		chart.AddSeries(name, nil, charts.WithSeriesOpts(noData))
	}
	for _, name := range []string{"names", "inset-names"} {
		chart.AddSeries(name, nil, charts.WithSeriesOpts(func(series *charts.SingleSeries) {
			noData(series)
			series.Type, series.MapType, series.CoordSystem = types.ChartScatter, "", "geo"
		}))
	}
	marked := ""
	if in.Regions.level(in.Region) != Province {
		marked = in.Regions.county(in.Region)
	}
	chart.Accept(finish{
		series: func(i int, series charts.SingleSeries) any { return mapSeries(s, i, series) },
		components: map[string]any{
			"geo":       []geo{mainGeo(marked, in), insetGeo("inset", marked), insetGeo("around", "")},
			"visualMap": c.legend(s, in),
		},
	})
	return chart.JSON()
}

func mapSeries(s *Spec, i int, series charts.SingleSeries) any {
	on := extended{SingleSeries: series, GeoIndex: opts.Int(i % 2)}
	if i < 2 {
		on.NameProperty = "code"
		on.Encode = map[string]string{"itemName": "area", "value": "shade"}
		// A county without a row would else take the palette's first colour.
		on.ItemStyle = &opts.ItemStyle{Color: colourNoData, AreaColor: colourNoData}
		return on
	}
	on.Encode = map[string]string{"lng": "lng", "lat": "lat"}
	if i == 3 {
		on.Encode = map[string]string{"lng": "ilng", "lat": "ilat"}
	}
	on.SymbolSize = opts.Int(0)
	on.ItemStyle = &opts.ItemStyle{Opacity: opts.Float(1)} // a scatter's own 0.8 would dim its label
	on.Silent = true
	on.LabelLayout = &labelLayout{HideOverlap: true} // on a phone there is no room for all
	on.Z = 5
	on.Label = &label{
		Position: "inside",
		Label:    opts.Label{Show: opts.Bool(true), Formatter: "{n|{@label}}\n{v|{@text}}", Align: "center"},
		// A height, since a height of lines makes ECharts put a box behind each.
		Rich: map[string]opts.TextStyle{
			"n": {FontSize: sizeSmall, Color: colourText, Height: 19, TextBorderColor: colourGround, TextBorderWidth: 2},
			"v": {FontSize: sizeSmall, Color: colourText, FontWeight: "bold", Height: 19, TextBorderColor: colourGround, TextBorderWidth: 2},
		},
	}
	on.Emphasis = &emphasis{Label: opts.Label{BackgroundColor: colourGround}} // on any shade
	return on
}

func mainGeo(marked string, in *Input) geo {
	g := geo{
		GeoComponent: opts.GeoComponent{Map: "hainan.main", ItemStyle: area()},
		NameProperty: "code", AspectScale: 0.945, // the cosine of the island's latitude
		Left: "2%", Right: px(insetWidth + 8), Top: "1%", Bottom: "1%", PreserveAspect: "contain",
		Label: opts.Label{Show: opts.Bool(false)}, Emphasis: disabled{true},
	}
	if marked == "" {
		return g
	}
	for _, r := range in.Regions.Children(provinceOf(marked)) {
		style := area()
		if r.Code == marked {
			style.BorderColor, style.BorderWidth = colourText, 3
		} else {
			style.Opacity = opts.Float(0.55)
		}
		g.Regions = append(g.Regions, geoRegion{Name: r.Code, ItemStyle: &regionStyle{ItemStyle: style}})
	}
	return g
}

// insetGeo is 南海诸岛: the islands, and in a layer of its own what lies around.
// Both lie in one box with the same corners, so that they fit exactly.
func insetGeo(layer, marked string) geo {
	g := geo{
		GeoComponent: opts.GeoComponent{Map: "hainan." + layer, ItemStyle: area(), Silent: opts.Bool(layer == "around")},
		NameProperty: "code", AspectScale: 0.975,
		Width: insetWidth, Height: insetHeight, Right: "0", Bottom: "0",
		PreserveAspect: "contain", AlignX: "right", AlignY: "bottom",
		BoundingCoords: hainan().inset,
		Label:          opts.Label{Show: opts.Bool(false)}, Emphasis: disabled{true},
	}
	if layer == "around" {
		g.ItemStyle = &opts.ItemStyle{AreaColor: colourSea, BorderColor: colourSea, BorderWidth: 0.6}
		g.Regions = []geoRegion{
			{Name: "coast", ItemStyle: &regionStyle{ItemStyle: &opts.ItemStyle{AreaColor: colourTrack, BorderColor: colourSea, BorderWidth: 0.6}}},
			{Name: "border", Label: &opts.Label{Show: opts.Bool(true), Formatter: "南海诸岛", Color: colourLabel, FontSize: sizeSmall}},
		}
		return g
	}
	// The islands are smaller than a pixel: a round border makes them dots.
	reefs := &opts.ItemStyle{AreaColor: colourLabel, BorderColor: colourLabel, BorderWidth: 2.4}
	if marked == "460300" {
		reefs = &opts.ItemStyle{AreaColor: colourText, BorderColor: colourText, BorderWidth: 3.6}
	}
	g.ItemStyle = &opts.ItemStyle{AreaColor: colourNoData, BorderColor: colourGround, BorderWidth: 0.3}
	g.Regions = []geoRegion{{Name: "460300", ItemStyle: &regionStyle{reefs, "round"}}}
	return g
}

func area() *opts.ItemStyle {
	return &opts.ItemStyle{AreaColor: colourNoData, BorderColor: colourGround, BorderWidth: 1.2}
}

func (choropleth) legend(s *Spec, in *Input) steps {
	unit := ""
	if m, ok := in.Catalogue.Metric(s.Metric); ok {
		if i := m.Column(s.Value); i >= 0 {
			unit = m.Columns[i].Unit
		}
	}
	l := steps{
		VisualMap: opts.VisualMap{
			Type: "piecewise", Left: "0", Top: "8", Orient: "vertical",
			TextStyle: &opts.TextStyle{Color: colourLabel, FontSize: sizeSmall},
		},
		Dimension: "shade", SeriesIndex: []int{0, 1}, ItemWidth: 22, ItemHeight: 14, ItemGap: 8,
		ItemSymbol: "rect", ShowLabel: true, OutOfRange: map[string]string{"color": colourHidden},
	}
	colours := shades()
	for i := range min(len(s.Steps)+1, len(colours)) {
		p := piece{Color: colours[i]}
		switch {
		case i == 0:
			p.GTE, p.LT, p.Label = new(float64), &s.Steps[0], "少于"+count(s.Steps[0])+unit
		case i == len(s.Steps):
			p.GTE, p.Label = &s.Steps[i-1], count(s.Steps[i-1])+unit+"及以上"
		default:
			p.GTE, p.LT = &s.Steps[i-1], &s.Steps[i]
			p.Label = fmt.Sprintf("%s–%s", count(s.Steps[i-1]), count(s.Steps[i]-1))
		}
		l.Pieces = append(l.Pieces, p)
	}
	slices.Reverse(l.Pieces)
	return l
}

func (choropleth) data(s *Spec, in *Input) any {
	out := chartData{Title: s.title(in), Source: [][]any{mapHeader(s.Value)}}
	m, ok := in.Catalogue.Metric(s.Metric)
	if !ok || len(m.Columns) == 0 {
		return out
	}
	places := hainan().places
	records := in.records(s.Metric, provinceOf(in.Region))
	out.Footnote = in.footnote(columnOf(records, m, s.Value)...)
	for _, r := range records {
		a := r.at(m, s.Value)
		row := []any{r.key, r.label, a.Value, a.Text, a.State, nil, nil, nil, nil, "", nil}
		switch a.State {
		case stateOK:
			row[9], row[10] = r.key, a.Value
		case stateSuppressed:
			row[9], row[10] = r.key, noShade
		}
		if p, ok := places[r.key]; ok {
			row[1] = p.Short
			at := 5
			if !slices.Contains(p.Layers, "main") {
				at, row[1] = 7, p.Name
			}
			row[at], row[at+1] = p.Anchor[0], p.Anchor[1]
		}
		out.Source = append(out.Source, row)
	}
	return out
}
