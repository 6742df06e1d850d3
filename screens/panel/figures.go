package panel

import (
	"fmt"

	"liaowang/aggregator/batch"
)

// figures is the strip of headline figures, and the single figure: a strip of one.
type figures struct{}

// figureData is one figure with what stands beside it.
type figureData struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	amount
	Beside *amount `json:"beside,omitempty"`
}

func (figures) validate(s *Spec, v *validator) {
	v.takes(s, "figures")
	v.need(len(s.Figures) > 0, "figures", "is empty")
	v.need(s.Kind != KindFigure || len(s.Figures) <= 1, "figures", "kind figure takes one, use figures")
	ids := map[string]bool{}
	for i, f := range s.Figures {
		at := func(field string) string { return fmt.Sprintf("figures[%d].%s", i, field) }
		v.need(f.ID != "" && !ids[f.ID], at("id"), "%q is empty or stands twice", f.ID)
		ids[f.ID] = true
		m := v.metric(at("metric"), f.Metric)
		if m != nil && len(m.Columns) > 0 {
			v.need(!m.Columns[0].Type.IsKey(), at("metric"), "metric %q has many rows: a figure needs a metric of one row", f.Metric)
		}
		v.measure(at("value"), m, f.Value)
		if f.Beside != "" {
			v.measure(at("beside"), m, f.Beside)
		}
	}
}

func (figures) needs(s *Spec, region string, _ *Regions) []batch.Key {
	var keys []batch.Key
	for _, f := range s.Figures {
		keys = append(keys, batch.Key{Metric: f.Metric, Region: region})
	}
	return keys
}

func (figures) option(*Spec, *Input) any { return nil }

func (figures) data(s *Spec, in *Input) any {
	out := make([]figureData, len(s.Figures))
	var shown []amount
	for i, f := range s.Figures {
		out[i] = figureData{ID: f.ID, Label: f.Label, amount: in.single(f.Metric, f.Value)}
		if f.Beside != "" {
			beside := in.single(f.Metric, f.Beside)
			out[i].Beside = &beside
		}
		shown = append(shown, out[i].amount)
	}
	return struct {
		Figures  []figureData `json:"figures"`
		Footnote string       `json:"footnote,omitempty"`
	}{out, in.footnote(shown...)}
}
