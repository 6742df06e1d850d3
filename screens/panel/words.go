package panel

import (
	"cmp"
	"fmt"

	"liaowang/aggregator/batch"
)

// words is the kinds without figures of their own: the strip of checks, whose
// results come with every batch's header, the ticker, which tells what changes on the other
// panels of its screen, and text: the panel's own, or the words that
// a metric has, as what an emergency does not yet include.
type words struct{}

type wordsData struct {
	Title string `json:"title,omitempty"`
	Empty string `json:"empty,omitempty"`
	// Paragraphs are the rows of a metric.
	Paragraphs []paragraph `json:"paragraphs,omitempty"`
}

type paragraph struct {
	Key   string `json:"key"`
	Title string `json:"title"`
	Lines []line `json:"lines"`
}

type line struct {
	Label string `json:"label"`
	amount
}

func (words) validate(s *Spec, v *validator) {
	switch {
	case s.Kind == KindChecks, s.Kind == KindTicker:
		v.takes(s)
	case s.Metric == "":
		v.takes(s, "text")
		v.need(s.Text != "", "text", "is empty, and so is metric")
	default:
		v.takes(s, "metric", "columns", "names", "empty")
		v.need(len(s.Columns) > 0, "columns", "is empty")
		m := v.metric("metric", s.Metric)
		for i, name := range s.Columns {
			v.need(m == nil || m.Column(name) >= 0, fmt.Sprintf("columns[%d]", i), "column %q is not of metric %q", name, s.Metric)
		}
		v.named(s, s.Columns...)
	}
}

func (words) needs(s *Spec, region string, regions *Regions) []batch.Key {
	if s.Metric == "" {
		return nil
	}
	return []batch.Key{{Metric: s.Metric, Region: s.answering(s.Metric, region, regions)}}
}

func (words) option(*Spec, *Input) any { return nil }

func (words) data(s *Spec, in *Input) any {
	out := wordsData{}
	m, ok := in.Catalogue.Metric(s.Metric)
	if !ok || len(m.Columns) == 0 {
		return out
	}
	out.Title = s.title(in)
	region := s.answering(s.Metric, in.Region, in.Regions)
	if out.Empty = in.unanswered(m, region); out.Empty != "" {
		return out
	}
	for _, r := range in.records(s.Metric, region) {
		p := paragraph{Key: r.key, Title: r.label, Lines: []line{}}
		for _, name := range s.Columns {
			i := m.Column(name)
			if i < 0 {
				continue
			}
			a := r.at(m, name)
			if a.State == stateMissing { // a text, or truly missing
				a = in.words(r, i, m.Columns[i])
			}
			if a.Text == "" && a.State == stateOK {
				continue // nothing is to be said, as where nothing is left out
			}
			p.Lines = append(p.Lines, line{s.name(m.Columns[i]), a})
		}
		out.Paragraphs = append(out.Paragraphs, p)
	}
	if len(out.Paragraphs) == 0 {
		out.Empty = cmp.Or(s.Empty, textMissing)
	}
	return out
}
