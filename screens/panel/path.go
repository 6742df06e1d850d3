package panel

import (
	"cmp"
	"liaowang/aggregator/batch"

	"liaowang/queries"
)

// path leads from all to the few: from every rural household to the monitored. Each step
// says its number and its share of the first, on a track that stands for the first.
type path struct{}

type pathData struct {
	Title    string     `json:"title,omitempty"`
	Empty    string     `json:"empty,omitempty"`
	Footnote string     `json:"footnote,omitempty"`
	Steps    []pathStep `json:"steps"`
}

type pathStep struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	amount
	// Share is the part of the first step, from 0 to 1; 0 where it cannot be told.
	Share   float64 `json:"share"`
	Percent string  `json:"percent"`
}

func (path) validate(s *Spec, v *validator) {
	v.takes(s, "metric", "value", "whole", "empty")
	v.summable("value", v.keyed(s, queries.TypeCode), s.Value)
}

func (path) needs(s *Spec, region string, regions *Regions) []batch.Key {
	return []batch.Key{{Metric: s.Metric, Region: s.answering(s.Metric, region, regions)}}
}

func (path) option(*Spec, *Input) any { return nil }

func (path) data(s *Spec, in *Input) any {
	out := pathData{Title: s.title(in), Steps: []pathStep{}}
	m, ok := in.Catalogue.Metric(s.Metric)
	if !ok || m.Column(s.Value) < 0 {
		return out
	}
	region := s.answering(s.Metric, in.Region, in.Regions)
	if out.Empty = in.unanswered(m, region); out.Empty != "" {
		return out
	}
	rows := in.records(s.Metric, region)
	amounts := columnOf(rows, m, s.Value)
	out.Footnote = in.footnote(amounts...)
	if len(rows) == 0 {
		out.Empty = cmp.Or(s.Empty, textMissing)
		return out
	}
	whole := amounts[0]
	if s.Whole != "" {
		whole = sum(amounts, m.Columns[m.Column(s.Value)])
		out.Steps = append(out.Steps, pathStep{Key: "whole", Label: s.Whole, amount: whole, Share: 1})
	}
	for i, r := range rows {
		step := pathStep{Key: r.key, Label: r.label, amount: amounts[i]}
		if a := amounts[i]; a.State == stateOK && whole.drawn() > 0 {
			step.Share = min(max(*a.Value/whole.drawn(), 0), 1)
			if i > 0 || s.Whole != "" {
				step.Percent = percent(*a.Value / whole.drawn())
			}
		}
		out.Steps = append(out.Steps, step)
	}
	return out
}
