package panel

import (
	"fmt"
	"slices"
	"strings"

	"liaowang/queries"
)

// Fault is one thing that is wrong with a panel's declaration.
type Fault struct {
	// Field is the path of the field below the panel: "metric", "figures[1].value".
	Field string
	// Words say what is wrong and what is allowed.
	Words string
}

// Validate lists everything that is wrong with a panel against a catalogue.
func Validate(s Spec, cat *queries.Catalogue) []Fault {
	v := &validator{cat: cat}
	v.need(s.ID != "", "id", "is empty")
	v.need(s.Area != "", "area", "is empty")
	for level := range s.Titles {
		v.need(slices.Contains(Levels(), level), "titles", "level %q is unknown: must be one of %s", level, list(Levels()))
	}
	if s.Check != "" {
		ids := make([]string, len(cat.Checks))
		for i, c := range cat.Checks {
			ids[i] = c.ID
		}
		v.need(slices.Contains(ids, s.Check), "check", "%q is unknown: must be one of %s", s.Check, list(ids))
	}
	b, err := s.Kind.builder()
	if err != nil {
		return append(v.faults, Fault{"kind", err.Error()})
	}
	b.validate(&s, v)
	return v.faults
}

// validator gathers faults.
type validator struct {
	cat    *queries.Catalogue
	faults []Fault
}

func (v *validator) need(ok bool, field, format string, args ...any) {
	if !ok {
		v.faults = append(v.faults, Fault{field, fmt.Sprintf(format, args...)})
	}
}

// takes says which of the kinds' own fields a kind knows.
func (v *validator) takes(s *Spec, fields ...string) {
	set := []struct {
		name string
		set  bool
	}{
		{"figures", s.Figures != nil}, {"metric", s.Metric != ""}, {"value", s.Value != ""},
		{"beside", s.Beside != ""}, {"of", s.Of != ""}, {"columns", s.Columns != nil}, {"names", s.Names != nil}, {"sort", s.Sort}, {"limit", s.Limit != 0},
		{"total", s.Total}, {"steps", s.Steps != nil}, {"text", s.Text != ""}, {"form", s.Form != ""}, {"yuan", s.Yuan}, {"whole", s.Whole != ""}, {"empty", s.Empty != ""},
	}
	for _, f := range set {
		v.need(!f.set || slices.Contains(fields, f.name), f.name, "kind %s does not take it: takes %s", s.Kind, strings.Join(fields, ", "))
	}
}

// metric finds a metric of the catalogue; nil, and a fault, where there is none.
func (v *validator) metric(field, id string) *queries.Metric {
	m, ok := v.cat.Metric(id)
	if !ok {
		ids := make([]string, len(v.cat.Metrics))
		for i := range v.cat.Metrics {
			ids[i] = v.cat.Metrics[i].ID
		}
		v.need(false, field, "metric %q is unknown: must be one of %s", id, list(ids))
		return nil
	}
	return m
}

// keyed asks for a metric whose rows have keys of one of the types.
func (v *validator) keyed(s *Spec, types ...queries.ColumnType) *queries.Metric {
	m := v.metric("metric", s.Metric)
	if m == nil {
		return nil
	}
	v.need(len(m.Columns) > 0 && slices.Contains(types, m.Columns[0].Type), "metric",
		"metric %q must have rows by %s for kind %s", s.Metric, list(types), s.Kind)
	return m
}

// measure asks for a column of numbers.
func (v *validator) measure(field string, m *queries.Metric, name string) {
	v.column(field, m, name, "a number", queries.TypeCount, queries.TypeMoney, queries.TypeNumber)
}

// summable asks for a column of numbers that can be added up: no rates.
func (v *validator) summable(field string, m *queries.Metric, name string) {
	v.column(field, m, name, "a number that can be added up", queries.TypeCount, queries.TypeMoney)
}

// column asks for a column of one of the types.
func (v *validator) column(field string, m *queries.Metric, name, what string, types ...queries.ColumnType) {
	if m == nil {
		return
	}
	var allowed []string
	for _, c := range m.Columns {
		if slices.Contains(types, c.Type) {
			allowed = append(allowed, c.Name)
		}
	}
	v.need(slices.Contains(allowed, name), field, "column %q is not %s of %s: must be one of %s", name, what, m.ID, list(allowed))
}

// shaded asks for one bound below each shade but the lowest.
func (v *validator) shaded(field string, steps []float64) {
	most := len(shades()) - 1
	v.need(len(steps) == most, field, "there are %d: must be %d, one below each shade but the lowest", len(steps), most)
	v.need(slices.IsSorted(steps), field, "must grow")
}

// named asks that names are given to columns that the panel has.
func (v *validator) named(s *Spec, columns ...string) {
	for name := range s.Names {
		v.need(slices.Contains(columns, name), "names", "column %q is not shown: must be one of %s", name, list(columns))
	}
}
