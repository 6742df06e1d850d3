package warehouse

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"liaowang/queries"
)

// keySeparator stands between the keys of a row that has several.
const keySeparator = "\x1f"

// summed is one row of one region while it is summed up.
type summed struct {
	keys   []string
	values []float64 // NaN where nothing but NULL was summed
}

// sums adds the rows of places up to those of regions.
type sums struct {
	metric  *queries.Metric
	codes   map[string][]queries.Code
	tree    *queries.Tree
	keys    []int // the metric's columns that name a row, the region's apart
	values  []int // the metric's columns that are summed
	byPlace map[any][]target
	rows    map[string]map[string]*summed // by scope and keys
}

// target is what a place counts for: a region's frame, and in it the row of a
// region below where the metric has such rows.
type target struct {
	rows  map[string]*summed
	below string
}

func newSums(m *queries.Metric, codes map[string][]queries.Code, tree *queries.Tree) *sums {
	s := &sums{metric: m, codes: codes, tree: tree, byPlace: map[any][]target{}, rows: map[string]map[string]*summed{}}
	for i, col := range m.Columns {
		switch {
		case !m.Returned(i):
		case col.Type.IsKey() || col.Type == queries.TypeText:
			s.keys = append(s.keys, i)
		default:
			s.values = append(s.values, i)
		}
	}
	return s
}

// add adds a row as the statement returns it: place, columns, parts.
func (s *sums) add(row Row) error {
	targets, ok := s.byPlace[row[0]]
	if !ok {
		place, err := placeCode(row[0])
		if err != nil {
			return err
		}
		targets = s.targets(place)
		s.byPlace[row[0]] = targets
	}
	keys := make([]string, len(s.keys))
	values := make([]float64, 0, len(row)-1-len(keys))
	for i, v := range row[1:] {
		if i < len(keys) {
			text, ok := v.(string)
			if !ok {
				return fmt.Errorf("column %s holds %v, text is expected", s.metric.Columns[s.keys[i]].Name, v)
			}
			keys[i] = text
			continue
		}
		switch v := v.(type) {
		case nil:
			values = append(values, math.NaN())
		case float64:
			values = append(values, v)
		default:
			return fmt.Errorf("column %s holds %q, a number is expected", s.metric.Returns()[i+1], v)
		}
	}
	line := strings.Join(keys, keySeparator)
	for _, t := range targets {
		own, ownLine := keys, line
		if t.below != "" {
			own, ownLine = append([]string{t.below}, keys...), t.below+keySeparator+line
		}
		to, ok := t.rows[ownLine]
		if !ok {
			t.rows[ownLine] = &summed{keys: own, values: slices.Clone(values)}
			continue
		}
		for i, v := range values {
			// Like SQL's sum: what is missing adds nothing.
			if math.IsNaN(to.values[i]) {
				to.values[i] = v
			} else if !math.IsNaN(v) {
				to.values[i] += v
			}
		}
	}
	return nil
}

func placeCode(v any) (string, error) {
	switch v := v.(type) {
	case float64:
		return strconv.FormatInt(int64(v), 10), nil
	case string:
		return v, nil
	}
	return "", fmt.Errorf("place is %v, a region's code is expected", v)
}

func (s *sums) targets(place string) []target {
	var all []target
	below := ""
	for _, r := range s.tree.Chain(place) {
		divided := s.metric.Columns[0].Type == queries.TypeRegion
		if slices.Contains(s.metric.Regions, r.Level) && (!divided || below != "") {
			if s.rows[r.Code] == nil {
				s.rows[r.Code] = map[string]*summed{}
			}
			t := target{rows: s.rows[r.Code]}
			if divided {
				t.below = below
			}
			all = append(all, t)
		}
		below = r.Code
	}
	return all
}

// answer gives the sums with their ratios as the rows of frames, in the order of
// the code lists and of the days, a row for each day of a span among them.
func (s *sums) answer(now time.Time) Answer {
	s.span(now)
	answer := make(Answer, len(s.rows))
	for scope, rows := range s.rows {
		all := make([]*summed, 0, len(rows))
		for _, r := range rows {
			all = append(all, r)
		}
		slices.SortFunc(all, s.compare)
		for _, r := range all {
			answer[scope] = append(answer[scope], s.row(r))
		}
	}
	return answer
}

// span puts a row of zeros where a region has none for a day of the metric's span,
// or for one of the combinations of several codes.
func (s *sums) span(now time.Time) {
	spans := len(s.keys) > 1
	for _, k := range s.keys {
		spans = spans || s.metric.Columns[k].Last != nil
	}
	for _, k := range s.keys {
		// What has no list of what there could be has no gaps either.
		spans = spans && (s.metric.Columns[k].Last != nil || s.metric.Columns[k].Type == queries.TypeCode)
	}
	if !spans || s.metric.Columns[0].Type == queries.TypeRegion {
		return
	}
	lines := [][]string{nil}
	for _, k := range s.keys {
		col := s.metric.Columns[k]
		var values []string
		if col.Last != nil {
			values = col.Last.Keys(now)
		} else {
			for _, code := range s.codes[col.Codes] {
				values = append(values, code.Code)
			}
		}
		var longer [][]string
		for _, line := range lines {
			for _, v := range values {
				longer = append(longer, append(slices.Clip(line), v))
			}
		}
		lines = longer
	}
	for _, r := range s.tree.Regions {
		if !r.Applicable || !slices.Contains(s.metric.Regions, r.Level) {
			continue
		}
		if s.rows[r.Code] == nil {
			s.rows[r.Code] = map[string]*summed{}
		}
		for _, keys := range lines {
			line := strings.Join(keys, keySeparator)
			if s.rows[r.Code][line] == nil {
				s.rows[r.Code][line] = &summed{keys: keys, values: make([]float64, len(s.values)+len(s.metric.Parts))}
			}
		}
	}
}

// compare orders the rows of a region by their keys.
func (s *sums) compare(a, b *summed) int {
	shift := len(a.keys) - len(s.keys) // of a region column
	for i := range a.keys {
		if a.keys[i] == b.keys[i] {
			continue
		}
		if i >= shift {
			return compareKeys(s.codes[s.metric.Columns[s.keys[i-shift]].Codes], a.keys[i], b.keys[i])
		}
		return cmp.Compare(a.keys[i], b.keys[i])
	}
	return 0
}

// row makes the row of a frame: keys, sums and ratios in the order of the columns.
func (s *sums) row(r *summed) Row {
	row := make(Row, len(s.metric.Columns))
	exact := make(map[string]float64, len(r.values)) // before rounding
	for i, column := range s.values {
		exact[s.metric.Columns[column].Name] = r.values[i]
	}
	for i, part := range s.metric.Parts {
		exact[part] = r.values[len(s.values)+i]
	}
	keys := r.keys
	for i, col := range s.metric.Columns {
		if col.Type.IsKey() || col.Type == queries.TypeText {
			row[i], keys = keys[0], keys[1:]
			continue
		}
		value := exact[col.Name]
		if col.Ratio != nil {
			value = ratio(col.Ratio, exact)
			exact[col.Name] = value
			value = rounded(value, col.Ratio.Digits)
		}
		if !math.IsNaN(value) {
			row[i] = value
		}
	}
	return row
}

// ratio is NaN where it is missing.
func ratio(r *queries.Ratio, exact map[string]float64) float64 {
	of, to := exact[r.Of], exact[r.To]
	if to == 0 {
		return math.NaN()
	}
	return cmp.Or(r.Times, 1)*of/to - r.Less
}

// rounded rounds half to even, as ClickHouse rounds floats.
func rounded(v float64, digits *int) float64 {
	if digits != nil {
		scale := math.Pow10(*digits)
		v = math.RoundToEven(v*scale) / scale
	}
	return v + 0 // no minus sign before a zero
}

// compareKeys orders keys as their code list does; those that it does not know come
// last, and where there is no list they are ordered as text.
func compareKeys(list []queries.Code, a, b string) int {
	place := func(key string) int {
		if n := slices.IndexFunc(list, func(c queries.Code) bool { return c.Code == key }); n >= 0 {
			return n
		}
		return len(list)
	}
	return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b))
}
