// Package panel turns frames into what a panel shows: the kinds of panel as
// pure functions, one file a kind. Live view and exports draw from the same
// two answers:
//
//	Option  the ECharts option without data, once per scene (nil: no chart)
//	Data    what changes with a batch: a dataset or formatted figures
//
// Zero, missing (缺报), not applicable (不适用) and suppressed (＊) stay four things
// all the way: every number travels with its text and its state.
package panel

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"liaowang/aggregator/batch"
	"liaowang/queries"
)

// Kind names a way of drawing.
type Kind string

// The kinds of panel.
const (
	KindFigure  Kind = "figure"  // one headline figure
	KindFigures Kind = "figures" // a strip of figures
	KindFacts   Kind = "facts"   // figures one below the other
	KindGauge   Kind = "gauge"   // rates on a track from 0 to 100 %
	KindTicker  Kind = "ticker"  // which figures of the screen have just changed
	KindBars    Kind = "bars"    // horizontal bars: a ranking or a list of codes
	KindShare   Kind = "share"   // the parts of a whole
	KindStages  Kind = "stages"  // ordered stages
	KindTrend   Kind = "trend"   // days, months or years from left to right
	KindFlow    Kind = "flow"    // what flows from where to where
	KindPath    Kind = "path"    // from all to the few: each step and its share of all
	KindMap     Kind = "map"     // counties by shade, with 南海诸岛
	KindTable   Kind = "table"   // codes by measures
	KindList    Kind = "list"    // rows of words and numbers, a page at a time
	KindHeat    Kind = "heat"    // regions or codes by measures, in shades
	KindMonths  Kind = "months"  // codes by months: 0 against 缺报
	KindChecks  Kind = "checks"  // the results of the checks
	KindText    Kind = "text"    // words, its own or a metric's
)

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{
		KindFigure, KindFigures, KindFacts, KindGauge, KindTicker, KindBars, KindShare, KindStages, KindTrend, KindFlow, KindPath,
		KindMap, KindTable, KindList, KindHeat, KindMonths, KindChecks, KindText,
	}
}

// Spec is one panel of a screen. Which fields a kind takes, Validate says.
// The JSON form is what the browser needs for its layout.
type Spec struct {
	ID    string `yaml:"id" json:"id"`
	Kind  Kind   `yaml:"kind" json:"kind"`
	Title string `yaml:"title" json:"title"`
	// Note stands beside the title where figures could be misread.
	Note string `yaml:"note" json:"note,omitempty"`
	Area string `yaml:"area" json:"area"`
	// Check names the check whose failure is told on the panel itself.
	Check string `yaml:"check" json:"check,omitempty"`
	// Text is what a text panel says.
	Text string `yaml:"text" json:"text,omitempty"`

	// Titles replaces Title for a level of region.
	Titles map[Level]string `yaml:"titles" json:"-"`
	// Empty is what stands where there are no rows.
	Empty string `yaml:"empty" json:"-"`
	// Figures are the figures of a strip, of which the first leads, or the columns of a
	// heat table.
	Figures []Figure `yaml:"figures" json:"-"`
	// Metric is what the other kinds draw.
	Metric string `yaml:"metric" json:"-"`
	// Value is the column whose size is drawn, Beside one that is only written.
	Value  string `yaml:"value" json:"-"`
	Beside string `yaml:"beside" json:"-"`
	// Of is the column that Value is a part of, row by row.
	Of string `yaml:"of" json:"-"`
	// Columns are the measures of a table, the lines of a trend, the words of a text.
	Columns []string `yaml:"columns" json:"-"`
	// Names replaces the titles of columns where a panel needs shorter ones.
	Names map[string]string `yaml:"names" json:"-"`
	// Form of a trend: "line", which is the default, or "bars".
	Form string `yaml:"form" json:"-"`
	// Yuan writes money in whole yuan rather than in 万元 or 亿元.
	Yuan bool `yaml:"yuan" json:"-"`
	// Whole is the name of the sum of a path's rows, which is its first step; without it
	// the first row is.
	Whole string `yaml:"whole" json:"-"`
	// Sort puts the largest first, Limit folds what follows into one row.
	Sort  bool `yaml:"sort" json:"-"`
	Limit int  `yaml:"limit" json:"-"`
	// Total writes the sum of the rows beside the title.
	Total bool `yaml:"total" json:"-"`
	// Steps are the lower bounds of the shades above the lowest. They are
	// fixed, so that a shade means the same number in every batch.
	Steps []float64 `yaml:"steps" json:"-"`

	// levels are those that each metric of the panel answers for; see Bind.
	levels map[string][]Level
}

// Bind tells the panel which levels its metrics answer for: what is not counted for the
// region shown is drawn for the nearest above it, and says so. A panel that is not bound
// asks for the region shown, whatever it is.
func (s *Spec) Bind(cat *queries.Catalogue) {
	s.levels = map[string][]Level{}
	metrics := []string{s.Metric}
	for _, f := range s.Figures {
		metrics = append(metrics, f.Metric)
	}
	for _, id := range metrics {
		if m, ok := cat.Metric(id); ok {
			for _, level := range m.Regions {
				s.levels[id] = append(s.levels[id], Level(level))
			}
		}
	}
}

// answering is the region whose answer of a metric is drawn.
func (s *Spec) answering(metric, region string, regions *Regions) string {
	levels, bound := s.levels[metric]
	at := region
	for range Levels() {
		level := regions.level(at)
		switch {
		case !bound || slices.Contains(levels, level):
			return at
		case level == Township:
			at = regions.county(at)
		case level == County:
			at = provinceOf(at)
		}
	}
	return region
}

// of says whose answer is drawn where it is not that of the region shown.
func (s *Spec) of(metric string, in *Input) string {
	switch at := s.answering(metric, in.Region, in.Regions); {
	case at == in.Region:
		return ""
	case in.Regions.level(at) == Province:
		return "（全省）"
	default:
		return "（" + in.Regions.name(at) + "）"
	}
}

// Figure is one figure of a strip, or a column of a heat table.
type Figure struct {
	ID     string `yaml:"id"`
	Label  string `yaml:"label"`
	Metric string `yaml:"metric"`
	Value  string `yaml:"value"`
	Beside string `yaml:"beside"`
	// Key chooses the row of a metric of many: a code, or KeySum for all rows together,
	// or KeyLast for the last day, month or year.
	Key string `yaml:"key"`
	// Yuan writes money in whole yuan rather than in 万元 or 亿元.
	Yuan bool `yaml:"yuan"`
	// Change writes the difference from the end of yesterday. Only daily metrics have one.
	Change bool `yaml:"change"`
	// Target is what a gauge should reach; 0: nothing is marked.
	Target float64 `yaml:"target"`
	// Steps are the shades of a column of a heat table; none: it has none.
	Steps []float64 `yaml:"steps"`
}

// What Figure.Key may be beside a code.
const (
	KeySum  = "sum"
	KeyLast = "last"
)

// Input is what panels are drawn from.
type Input struct {
	Catalogue *queries.Catalogue
	Regions   *Regions
	// Region is the code of the region that the scene shows.
	Region string
	// LeastCell is the least number of households that the batch shows; 0 where it
	// does not say.
	LeastCell int
	// Frame finds a frame of the batch; nil when the batch has none.
	Frame func(metric, region string) *batch.Frame
}

// builder is a kind of panel.
type builder interface {
	// validate says what is wrong with the kind's own fields.
	validate(s *Spec, v *validator)
	needs(s *Spec, region string, regions *Regions) []batch.Key
	// option gives nil for a kind without a chart.
	option(s *Spec, in *Input) any
	data(s *Spec, in *Input) any
}

func (k Kind) builder() (builder, error) {
	switch k {
	case KindFigure, KindFigures, KindFacts, KindGauge:
		return figures{}, nil
	case KindBars:
		return bars{}, nil
	case KindShare:
		return share{}, nil
	case KindStages:
		return stages{}, nil
	case KindTrend:
		return trend{}, nil
	case KindFlow:
		return flow{}, nil
	case KindPath:
		return path{}, nil
	case KindMap:
		return choropleth{}, nil
	case KindTable, KindList:
		return table{}, nil
	case KindHeat:
		return heat{}, nil
	case KindMonths:
		return months{}, nil
	case KindChecks, KindTicker, KindText:
		return words{}, nil
	}
	return nil, fmt.Errorf("kind %q is unknown: must be one of %s", k, list(Kinds()))
}

// Needs lists exactly the frames that a panel is drawn from in a region, beside
// the frame of the regions themselves, which every panel takes its names from.
func Needs(s Spec, region string, regions *Regions) []batch.Key {
	b, err := s.Kind.builder()
	if err != nil {
		return nil
	}
	keys := b.needs(&s, region, regions)
	slices.SortFunc(keys, func(a, b batch.Key) int { return bytes.Compare([]byte(a.String()), []byte(b.String())) })
	return slices.Compact(keys)
}

// Option gives the ECharts option without data, or nil for a panel without a
// chart. It depends on the region, not on the figures.
func Option(s Spec, in Input) (json.RawMessage, error) {
	b, err := s.Kind.builder()
	if err != nil {
		return nil, err
	}
	if option := b.option(&s, &in); option != nil {
		return encode(s.ID, option)
	}
	return nil, nil
}

// Data gives what changes with a batch. The same frames give the same bytes.
func Data(s Spec, in Input) (json.RawMessage, error) {
	b, err := s.Kind.builder()
	if err != nil {
		return nil, err
	}
	return encode(s.ID, b.data(&s, &in))
}

func encode(id string, v any) (json.RawMessage, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("panel %s: %w", id, err)
	}
	return bytes.TrimSpace(buf.Bytes()), nil
}

// title is the title for the level of the region shown, or "" where the
// layout's own title stands.
func (s *Spec) title(in *Input) string {
	title := s.Titles[in.Regions.level(in.Region)]
	if m, ok := in.Catalogue.Metric(s.Metric); ok && len(m.Columns) > 0 && m.Columns[0].Type != queries.TypeRegion {
		if of := s.of(s.Metric, in); of != "" {
			return cmp.Or(title, s.Title) + of
		}
	}
	return title
}
