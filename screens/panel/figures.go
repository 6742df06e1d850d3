package panel

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"liaowang/aggregator/batch"
	"liaowang/queries"
)

// figures is every kind that says some figures by their names: the single headline and
// the strip of them, facts one below the other, and gauges.
type figures struct{}

// YesterdayMetric says what the daily metrics of one row were at the end of yesterday.
const YesterdayMetric = "figures.yesterday"

// figureData is one figure with what stands beside it.
type figureData struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	amount
	Beside *amount `json:"beside,omitempty"`
	// What is the name of what stands beside, where it is more than the persons of households.
	What string `json:"what,omitempty"`
	// Change is the difference from yesterday, with its sign.
	Change *amount `json:"change,omitempty"`
	// Target is what a gauge should reach, in the figure's own unit.
	Target float64 `json:"target,omitempty"`
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
		v.need(f.Steps == nil, at("steps"), "only kind heat takes it")
		m := v.metric(at("metric"), f.Metric)
		if m == nil || len(m.Columns) == 0 {
			continue
		}
		keyed := m.Columns[0].Type.IsKey()
		v.need(!keyed || f.Key != "", at("metric"), "metric %q has many rows: a figure needs a metric of one row, or the key of one", f.Metric)
		v.need(keyed || f.Key == "", at("key"), "metric %q has one row: it takes none", f.Metric)
		v.measure(at("value"), m, f.Value)
		if f.Beside != "" {
			v.measure(at("beside"), m, f.Beside)
		}
		switch c := m.Columns[0]; {
		case f.Key == KeySum:
			v.summable(at("value"), m, f.Value)
		case f.Key == KeyLast:
			v.need(c.Type == queries.TypeDate, at("key"), "%s is of metrics by date, %q is by %s", KeyLast, f.Metric, c.Type)
		case f.Key != "" && c.Type == queries.TypeCode:
			codes := make([]string, 0, len(v.cat.Codes[c.Codes]))
			for _, code := range v.cat.Codes[c.Codes] {
				codes = append(codes, code.Code)
			}
			v.need(slices.Contains(codes, f.Key), at("key"), "%q is unknown: must be %s or one of %s", f.Key, KeySum, list(codes))
		}
		v.need(!f.Change || m.Daily && !keyed, at("change"), "metric %q is not kept at the end of a day", f.Metric)
		v.need(f.Target == 0 || s.Kind == KindGauge, at("target"), "only kind gauge takes it")
		if i := m.Column(f.Value); i >= 0 {
			v.need(s.Kind != KindGauge || m.Columns[i].Unit == "%", at("value"), "kind gauge takes rates in %%, %q is in %s", f.Value, m.Columns[i].Unit)
		}
	}
}

func (figures) needs(s *Spec, region string, regions *Regions) []batch.Key {
	var keys []batch.Key
	for _, f := range s.Figures {
		at := s.answering(f.Metric, region, regions)
		keys = append(keys, batch.Key{Metric: f.Metric, Region: at})
		if f.Change {
			keys = append(keys, batch.Key{Metric: YesterdayMetric, Region: at})
		}
	}
	return keys
}

func (figures) option(*Spec, *Input) any { return nil }

func (figures) data(s *Spec, in *Input) any {
	out := make([]figureData, len(s.Figures))
	var shown []amount
	for i := range s.Figures {
		f := &s.Figures[i]
		at := s.answering(f.Metric, in.Region, in.Regions)
		out[i] = figureData{ID: f.ID, Label: f.Label + s.of(f.Metric, in), amount: in.figure(f, at, f.Value), Target: f.Target}
		if f.Yuan && out[i].Value != nil {
			out[i].Text, out[i].Unit = money(math.Round(*out[i].Value), 1)
		}
		if f.Beside != "" {
			beside := in.figure(f, at, f.Beside)
			out[i].Beside = &beside
			if m, ok := in.Catalogue.Metric(f.Metric); ok && f.Beside != "persons" && m.Column(f.Beside) >= 0 {
				out[i].What = m.Columns[m.Column(f.Beside)].Title
			}
		}
		if f.Change {
			out[i].Change = in.change(f, at, out[i].amount)
		}
		shown = append(shown, out[i].amount)
	}
	return struct {
		Title    string       `json:"title,omitempty"`
		Figures  []figureData `json:"figures"`
		Footnote string       `json:"footnote,omitempty"`
	}{s.title(in), out, in.footnote(shown...)}
}

// change is the difference from the end of yesterday; nil where one of the two is no
// number, as on the first day.
func (in *Input) change(f *Figure, region string, now amount) *amount {
	frame := in.Frame(YesterdayMetric, region)
	m, ok := in.Catalogue.Metric(f.Metric)
	if frame == nil || !ok || now.Value == nil {
		return nil
	}
	i := m.Column(f.Value)
	for _, row := range frame.Rows {
		if len(row) < 2 || row[0].State != batch.IsText || row[0].Text != f.Metric+"/"+f.Value || row[1].State != batch.IsNumber || i < 0 {
			continue
		}
		d := *now.Value - row[1].Number
		a := format(batch.Num(math.Abs(d)), m.Columns[i])
		if a.Value == nil {
			return nil
		}
		a.Value = &d
		switch {
		case strings.HasPrefix(a.Text, "<") && d > 0:
			a.Text, a.Unit = "略增", ""
		case strings.HasPrefix(a.Text, "<"):
			a.Text, a.Unit = "略减", ""
		case d > 0:
			a.Text = "+" + a.Text
		case d < 0:
			a.Text = "−" + a.Text
		}
		return &a
	}
	return nil
}
