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

// line is what the keys of a row say; rows of all regions share it.
type line struct {
	keys  []string
	ranks []int // of each key in its code list
}

// rowKey names a row of a region: the region below that it is about, empty where the
// metric has no such rows, and its line.
type rowKey struct {
	below string
	line  *line
}

// sums adds the rows of places up to those of regions. A row's numbers are its summed
// columns, then its parts; NaN is one to which nothing but NULL was added.
type sums struct {
	metric  *queries.Metric
	codes   map[string][]queries.Code
	tree    *queries.Tree
	keys    []int            // the metric's columns that name a row, the region's apart
	ranks   []map[string]int // of each of them: the place of a code in its list
	numbers map[string]int   // where a summed column or a part stands among a row's numbers
	lines   map[string]*line
	byPlace map[any][]target
	rows    map[string]map[rowKey][]float64 // by scope
}

// target is what a place counts for: a region's frame, and in it the rows of a
// region below where the metric has such rows.
type target struct {
	rows  map[rowKey][]float64
	below string
}

func newSums(m *queries.Metric, codes map[string][]queries.Code, tree *queries.Tree) *sums {
	s := &sums{metric: m, codes: codes, tree: tree, numbers: map[string]int{}, lines: map[string]*line{},
		byPlace: map[any][]target{}, rows: map[string]map[rowKey][]float64{}}
	for i, col := range m.Columns {
		switch {
		case !m.Returned(i):
		case col.Type.IsKey() || col.Type == queries.TypeText:
			ranks := map[string]int{}
			for n, code := range codes[col.Codes] {
				ranks[code.Code] = n
			}
			s.keys, s.ranks = append(s.keys, i), append(s.ranks, ranks)
		default:
			s.numbers[col.Name] = len(s.numbers)
		}
	}
	for _, part := range m.Parts {
		s.numbers[part] = len(s.numbers)
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
	keys, numbers := row[1:1+len(s.keys)], row[1+len(s.keys):]
	for i, v := range keys {
		if _, ok := v.(string); !ok {
			return fmt.Errorf("column %s holds %v, text is expected", s.metric.Columns[s.keys[i]].Name, v)
		}
	}
	for i, v := range numbers {
		if _, ok := v.(float64); !ok && v != nil {
			return fmt.Errorf("column %s holds %q, a number is expected", s.metric.Returns()[1+len(keys)+i], v)
		}
	}
	l := s.line(keys)
	for _, t := range targets {
		key := rowKey{below: t.below, line: l}
		to, ok := t.rows[key]
		if !ok {
			to = make([]float64, len(numbers))
			for i := range to {
				to[i] = math.NaN()
			}
			t.rows[key] = to
		}
		for i, v := range numbers {
			// Like SQL's sum: what is missing adds nothing.
			if v, ok := v.(float64); ok && math.IsNaN(to[i]) {
				to[i] = v
			} else if ok {
				to[i] += v
			}
		}
	}
	return nil
}

// line finds the line of the keys, which are texts.
func (s *sums) line(keys []any) *line {
	name := ""
	switch len(keys) {
	case 0:
	case 1:
		name = keys[0].(string)
	default:
		var b strings.Builder
		for _, key := range keys {
			b.WriteString(key.(string))
			b.WriteByte('\x1f')
		}
		name = b.String()
	}
	l := s.lines[name]
	if l == nil {
		l = &line{}
		for i, key := range keys {
			text := key.(string)
			rank, ok := s.ranks[i][text]
			if !ok {
				rank = len(s.ranks[i]) // what no list knows comes last
			}
			l.keys, l.ranks = append(l.keys, text), append(l.ranks, rank)
		}
		s.lines[name] = l
	}
	return l
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
	divided := s.metric.Columns[0].Type == queries.TypeRegion
	for _, r := range s.tree.Chain(place) {
		if slices.Contains(s.metric.Regions, r.Level) && (!divided || below != "") {
			t := target{rows: s.of(r.Code)}
			if divided {
				t.below = below
			}
			all = append(all, t)
		}
		below = r.Code
	}
	return all
}

// of gives the rows of a region.
func (s *sums) of(region string) map[rowKey][]float64 {
	if s.rows[region] == nil {
		s.rows[region] = map[rowKey][]float64{}
	}
	return s.rows[region]
}

// answer gives the sums with their ratios as the rows of frames, in the order of
// the code lists and of the days, a row for each day of a span among them.
func (s *sums) answer(now time.Time) Answer {
	s.span(now)
	answer := make(Answer, len(s.rows))
	exact := make([]float64, len(s.metric.Columns))
	for scope, rows := range s.rows {
		keys := make([]rowKey, 0, len(rows))
		for key := range rows {
			keys = append(keys, key)
		}
		slices.SortFunc(keys, rowKey.compare)
		all := make([]Row, len(keys))
		for i, key := range keys {
			all[i] = s.row(key, rows[key], exact)
		}
		answer[scope] = all
	}
	return answer
}

func (k rowKey) compare(other rowKey) int {
	return cmp.Or(cmp.Compare(k.below, other.below), slices.Compare(k.line.ranks, other.line.ranks), slices.Compare(k.line.keys, other.line.keys))
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
	combinations := [][]any{nil}
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
		var longer [][]any
		for _, keys := range combinations {
			for _, v := range values {
				longer = append(longer, append(slices.Clip(keys), v))
			}
		}
		combinations = longer
	}
	lines := make([]*line, len(combinations))
	for i, keys := range combinations {
		lines[i] = s.line(keys)
	}
	for _, r := range s.tree.Regions {
		if !r.Applicable || !slices.Contains(s.metric.Regions, r.Level) {
			continue
		}
		rows := s.of(r.Code)
		for _, l := range lines {
			if key := (rowKey{line: l}); rows[key] == nil {
				rows[key] = make([]float64, len(s.numbers))
			}
		}
	}
}

// row makes the row of a frame: keys, sums and ratios in the order of the columns.
// exact takes each column's number before it is rounded.
func (s *sums) row(key rowKey, numbers, exact []float64) Row {
	row := make(Row, len(s.metric.Columns))
	keys := key.line.keys
	for i, col := range s.metric.Columns {
		switch {
		case col.Type == queries.TypeRegion:
			row[i] = key.below
			continue
		case col.Type.IsKey() || col.Type == queries.TypeText:
			row[i], keys = keys[0], keys[1:]
			continue
		case col.Ratio == nil:
			exact[i] = numbers[s.numbers[col.Name]]
		default:
			exact[i] = ratio(col.Ratio, func(name string) float64 {
				if n, ok := s.numbers[name]; ok {
					return numbers[n]
				}
				return exact[s.metric.Column(name)]
			})
		}
		value := exact[i]
		if col.Ratio != nil {
			value = rounded(value, col.Ratio.Digits)
		}
		if !math.IsNaN(value) {
			row[i] = value
		}
	}
	return row
}

// ratio is NaN where it is missing.
func ratio(r *queries.Ratio, exact func(name string) float64) float64 {
	to := exact(r.To)
	if to == 0 {
		return math.NaN()
	}
	return cmp.Or(r.Times, 1)*exact(r.Of)/to - r.Less
}

// rounded rounds half to even, as ClickHouse rounds floats.
func rounded(v float64, digits *int) float64 {
	if digits != nil {
		scale := math.Pow10(*digits)
		v = math.RoundToEven(v*scale) / scale
	}
	return v + 0 // no minus sign before a zero
}

// sortKeys orders rows by their first column, as its code list does; what the list
// does not know comes last, and where there is none the order is that of the text.
func sortKeys(rows []Row, list []queries.Code) {
	place := func(r Row) (int, string) {
		key, _ := r[0].(string)
		if n := slices.IndexFunc(list, func(c queries.Code) bool { return c.Code == key }); n >= 0 {
			return n, key
		}
		return len(list), key
	}
	slices.SortFunc(rows, func(a, b Row) int {
		x, keyA := place(a)
		y, keyB := place(b)
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(keyA, keyB))
	})
}
