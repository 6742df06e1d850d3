package queries

import (
	"errors"
	"slices"
	"time"
)

// Rows says what the rows of a metric's statement are.
type Rows string

const (
	// RowsRegions: a statement returns the region as column "scope", as text, and
	// then all columns of the metric: the rows are those of the frames.
	RowsRegions Rows = "regions"
	// RowsPlaces: a statement returns the region's code that a row belongs to as
	// column "place", mostly that of the township, and of the metric's columns those
	// that can be summed, with the keys that they are summed by; then the parts. The
	// figures of a region are the sums over its places, so that regions add up by
	// construction, and no statement joins the tree of regions. A place that the tree
	// does not hold counts for the province alone. A region column, which names the
	// regions below, is not returned either: it follows from the place.
	RowsPlaces Rows = "places"
)

// Span is a number of days, months or years that ends with the present one.
type Span struct {
	Days   int `yaml:"days" json:"days,omitempty"`
	Months int `yaml:"months" json:"months,omitempty"`
	Years  int `yaml:"years" json:"years,omitempty"`
}

// Keys gives the first day of each of the span's days, months or years up to that
// of now, the oldest first, as YYYY-MM-DD.
func (s Span) Keys(now time.Time) []string {
	var keys []string
	y, m, d := now.Date()
	add := func(y int, m time.Month, d int) {
		keys = append(keys, time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	}
	for i := s.Days - 1; i >= 0; i-- {
		add(y, m, d-i)
	}
	for i := s.Months - 1; i >= 0; i-- {
		add(y, m-time.Month(i), 1)
	}
	for i := s.Years - 1; i >= 0; i-- {
		add(y-i, time.January, 1)
	}
	return keys
}

// Ratio is Times * Of / To - Less, rounded to Digits where they are given. It is
// missing where To is 0 or one of the two is missing.
type Ratio struct {
	// Of and To name summed columns, parts, or ratios further left, which are
	// taken before they are rounded.
	Of     string  `yaml:"of" json:"of"`
	To     string  `yaml:"to" json:"to"`
	Times  float64 `yaml:"times" json:"times,omitempty"` // 1 where it is not given
	Less   float64 `yaml:"less" json:"less,omitempty"`
	Digits *int    `yaml:"digits" json:"digits,omitempty"`
}

// Returns lists the columns of the metric's statement.
func (m *Metric) Returns() []string {
	first := "scope"
	if m.Rows == RowsPlaces {
		first = "place"
	}
	columns := []string{first}
	for i := range m.Columns {
		if m.Returned(i) {
			columns = append(columns, m.Columns[i].Name)
		}
	}
	return append(columns, m.Parts...)
}

// Returned reports whether the statement returns the i-th column.
func (m *Metric) Returned(i int) bool {
	return m.Rows != RowsPlaces || m.Columns[i].Ratio == nil && m.Columns[i].Type != TypeRegion
}

// validatePlaces checks what only metrics of places may say.
func (m *Metric) validatePlaces(f sqlFile) error {
	var errs []error
	need := func(ok bool, key, format string, args ...any) {
		if !ok {
			errs = append(errs, f.fault(key, format, args...))
		}
	}
	places := m.Rows == RowsPlaces
	need(places || m.Rows == RowsRegions, "rows", "rows is %q: must be regions or places", m.Rows)
	need(places || len(m.Parts) == 0, "parts", "parts: only rows of places have them")
	summed := slices.Clone(m.Parts)
	for _, col := range m.Columns {
		key := "column:" + col.Name
		if col.Last != nil {
			n := col.Last.Days + col.Last.Months + col.Last.Years
			need(places && col.Type == TypeDate, key, "column %s: last is for dates of places", col.Name)
			need(n > 0 && (n == col.Last.Days || n == col.Last.Months || n == col.Last.Years), key, "column %s: last must be days, months or years, and one of them", col.Name)
			need(m.Refresh != RefreshChange, "refresh", "refresh: column %s has the last days up to the present one, so the metric must follow a clock", col.Name)
		}
		if col.Ratio != nil {
			need(places, key, "column %s: ratio is for rows of places", col.Name)
			need(!col.Type.IsKey() && col.Type != TypeText, key, "column %s: a ratio is a number", col.Name)
			for _, of := range []string{col.Ratio.Of, col.Ratio.To} {
				need(slices.Contains(summed, of), key, "column %s: ratio of %q, which is neither a part nor a figure further left", col.Name, of)
			}
		}
		if !col.Type.IsKey() && col.Type != TypeText {
			need(!places || col.Ratio != nil || col.Unit != "%", key, "column %s: shares cannot be summed: say what it is the ratio of", col.Name)
			summed = append(summed, col.Name)
		}
	}
	return errors.Join(errs...)
}
