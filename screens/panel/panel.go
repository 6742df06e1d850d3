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
	KindBars    Kind = "bars"    // horizontal bars: a ranking or a list of codes
	KindShare   Kind = "share"   // the parts of a whole
	KindStages  Kind = "stages"  // ordered stages
	KindMap     Kind = "map"     // counties by shade, with 南海诸岛
	KindTable   Kind = "table"   // codes by measures
	KindChecks  Kind = "checks"  // the results of the checks
	KindText    Kind = "text"    // words
)

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{KindFigure, KindFigures, KindBars, KindShare, KindStages, KindMap, KindTable, KindChecks, KindText}
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
	// Figures are the figures of a strip; the first leads.
	Figures []Figure `yaml:"figures" json:"-"`
	// Metric is what the other kinds draw.
	Metric string `yaml:"metric" json:"-"`
	// Value is the column whose size is drawn, Beside one that is only written.
	Value  string `yaml:"value" json:"-"`
	Beside string `yaml:"beside" json:"-"`
	// Columns are the measures of a table.
	Columns []string `yaml:"columns" json:"-"`
	// Sort puts the largest first, Limit folds what follows into one row.
	Sort  bool `yaml:"sort" json:"-"`
	Limit int  `yaml:"limit" json:"-"`
	// Total writes the sum of the rows beside the title.
	Total bool `yaml:"total" json:"-"`
	// Steps are the lower bounds of a map's shades above the lowest. They are
	// fixed, so that a shade means the same number in every batch.
	Steps []float64 `yaml:"steps" json:"-"`
}

// Figure is one figure of a strip.
type Figure struct {
	ID     string `yaml:"id"`
	Label  string `yaml:"label"`
	Metric string `yaml:"metric"`
	Value  string `yaml:"value"`
	Beside string `yaml:"beside"`
}

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
	case KindFigure, KindFigures:
		return figures{}, nil
	case KindBars:
		return bars{}, nil
	case KindShare:
		return share{}, nil
	case KindStages:
		return stages{}, nil
	case KindMap:
		return choropleth{}, nil
	case KindTable:
		return table{}, nil
	case KindChecks, KindText:
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
	return s.Titles[in.Regions.level(in.Region)]
}
