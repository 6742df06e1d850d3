package warehouse

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"liaowang/queries"
)

// line is what the keys of a row say; rows of all regions share it.
type line struct {
	at     int // its position among the lines
	keys   []string
	values []any // the keys, as rows hold them
	ranks  []int // of each key in its code list
}

// rowKey names a row of a region: the region below that it is about, empty where the
// metric has no such rows, and its line.
type rowKey struct {
	below string
	line  *line
}

// sums adds the rows of places up to those of regions, again and again: which place and
// which keys count for which rows is found once for a tree of regions and a moment. What it
// answers is the row of the answer before where that has the same numbers.
type sums struct {
	metric  *queries.Metric
	now     time.Time
	codes   map[string][]queries.Code
	tree    *queries.Tree
	keys    []int            // the metric's columns that name a row, the region's apart
	ranks   []map[string]int // of each of them: the place of a code in its list
	numbers map[string]int   // where a summed column or a part stands among a row's numbers
	lines   map[string]*line
	name    []byte // of a line, while it is looked for
	byCode  map[string]*place
	byInt   map[int64]*place
	regions map[string]*region
	exact   []float64 // each column's number before it is rounded, while a row is made
	// asked counts the answers, the one that is being summed among them; last is the one before.
	asked uint32
	last  Answer
}

// place is what a row's place counts for: regions' frames, and in each the rows of a region
// below where the metric has such rows.
type place struct {
	targets []target
	rows    []int32 // by line, and of each by target: the row; -1 while it was not looked for
}

type target struct {
	region *region
	below  string
}

// region holds the rows of a region's frame. A row's numbers are its summed columns, then
// its parts; NaN is one to which nothing but NULL was added.
type region struct {
	keys   []rowKey
	asked  []uint32  // by row: the answer that its numbers are of
	are    []float64 // by row: its numbers
	rows   []Row     // as they were answered last; nil of one that never was
	were   []float64 // by row: the numbers that it was made from
	order  []int32   // of the rows in an answer
	span   []int32   // the rows that every answer has
	answer []Row     // the last one
}

func newSums(m *queries.Metric, now time.Time, codes map[string][]queries.Code, tree *queries.Tree) *sums {
	s := &sums{metric: m, now: now, codes: codes, tree: tree, numbers: map[string]int{}, lines: map[string]*line{},
		byCode: map[string]*place{}, byInt: map[int64]*place{}, regions: map[string]*region{}, exact: make([]float64, len(m.Columns)), asked: 1}
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
	s.span()
	return s
}

// sumsOf gives what a metric is summed in at a moment; nobody else has it until answerOf
// gives it back. Without that, where a statement is given up, it is made anew next time.
func (c *Cut) sumsOf(m *queries.Metric, now time.Time, tree *queries.Tree) *sums {
	c.idle.Lock()
	s := c.sums[m.ID]
	delete(c.sums, m.ID)
	c.idle.Unlock()
	if s == nil || s.metric != m || s.tree != tree || !s.now.Equal(now) {
		return newSums(m, now, c.codes, tree)
	}
	s.asked++
	return s
}

// answerOf gives the answer, all of whose rows have been added.
func (c *Cut) answerOf(s *sums) Answer {
	answer := s.answer()
	if s.crowded(answer) {
		return answer
	}
	c.idle.Lock()
	defer c.idle.Unlock()
	c.sums[s.metric.ID] = s
	return answer
}

// crowded reports whether most of what is kept is of rows that came and went.
func (s *sums) crowded(answer Answer) bool {
	kept, there := len(s.byCode)+len(s.lines), 0
	for _, r := range s.regions {
		kept += len(r.keys)
	}
	for _, rows := range answer {
		there += len(rows)
	}
	return kept > 4*there+1000
}

// add adds a row that the statement returns: place, keys, numbers.
func (s *sums) add(at *field, keys, numbers []field) error {
	p, err := s.place(at)
	if err != nil {
		return err
	}
	for i := range keys {
		if keys[i].kind != isText {
			return fmt.Errorf("column %s holds %v, text is expected", s.metric.Columns[s.keys[i]].Name, keys[i].value())
		}
	}
	for i := range numbers {
		if numbers[i].kind == isText {
			return fmt.Errorf("column %s holds %q, a number is expected", s.metric.Returns()[1+len(keys)+i], numbers[i].text)
		}
	}
	for i, row := range s.rows(p, s.line(keys)) {
		r := p.targets[i].region
		to := s.of(r, row)
		for n := range numbers {
			// Like SQL's sum: what is missing adds nothing.
			if v := &numbers[n]; v.kind == isNumber && math.IsNaN(to[n]) {
				to[n] = v.number
			} else if v.kind == isNumber {
				to[n] += v.number
			}
		}
	}
	return nil
}

// of gives the numbers of a region's row in the answer that is being summed.
func (s *sums) of(r *region, row int32) []float64 {
	n := len(s.numbers)
	numbers := r.are[int(row)*n:][:n]
	if r.asked[row] != s.asked {
		r.asked[row] = s.asked
		for i := range numbers {
			numbers[i] = math.NaN()
		}
	}
	return numbers
}

// place finds what a place counts for.
func (s *sums) place(at *field) (p *place, err error) {
	code := at.text
	switch at.kind {
	case isText:
		if p = s.byCode[code]; p != nil {
			return p, nil
		}
	case isNumber:
		n := int64(at.number)
		if p = s.byInt[n]; p != nil {
			return p, nil
		}
		code = strconv.FormatInt(n, 10)
		defer func() { s.byInt[n] = p }()
	default:
		return nil, fmt.Errorf("place is %v, a region's code is expected", at.value())
	}
	if p = s.byCode[code]; p == nil {
		p = &place{targets: s.targets(code)}
		s.byCode[code] = p
	}
	return p, nil
}

// rows finds the row of each of a place's targets.
func (s *sums) rows(p *place, l *line) []int32 {
	n := len(p.targets)
	for len(p.rows) < (l.at+1)*n {
		p.rows = append(p.rows, -1)
	}
	rows := p.rows[l.at*n:][:n]
	if n > 0 && rows[0] < 0 {
		for i, t := range p.targets {
			rows[i] = s.row(t.region, rowKey{below: t.below, line: l})
		}
	}
	return rows
}

// row finds a region's row, or makes room for it.
func (s *sums) row(r *region, key rowKey) int32 {
	n, found := slices.BinarySearchFunc(r.order, key, func(at int32, key rowKey) int { return r.keys[at].compare(key) })
	if !found {
		r.order = slices.Insert(r.order, n, int32(len(r.keys)))
		r.keys, r.asked, r.rows = append(r.keys, key), append(r.asked, 0), append(r.rows, nil)
		r.are, r.were = append(r.are, make([]float64, len(s.numbers))...), append(r.were, make([]float64, len(s.numbers))...)
	}
	return r.order[n]
}

// line finds the line of the keys, which are texts.
func (s *sums) line(keys []field) *line {
	s.name = s.name[:0]
	for i := range keys {
		s.name = append(append(s.name, keys[i].text...), '\x1f')
	}
	l := s.lines[string(s.name)]
	if l == nil {
		l = &line{at: len(s.lines)}
		for i := range keys {
			text := keys[i].text
			rank, ok := s.ranks[i][text]
			if !ok {
				rank = len(s.ranks[i]) // what no list knows comes last
			}
			l.keys, l.values, l.ranks = append(l.keys, text), append(l.values, text), append(l.ranks, rank)
		}
		s.lines[string(s.name)] = l
	}
	return l
}

func (s *sums) targets(place string) []target {
	var all []target
	below := ""
	divided := s.metric.Columns[0].Type == queries.TypeRegion
	for _, r := range s.tree.Chain(place) {
		if slices.Contains(s.metric.Regions, r.Level) && (!divided || below != "") {
			t := target{region: s.region(r.Code)}
			if divided {
				t.below = below
			}
			all = append(all, t)
		}
		below = r.Code
	}
	return all
}

func (s *sums) region(code string) *region {
	if s.regions[code] == nil {
		s.regions[code] = &region{}
	}
	return s.regions[code]
}

// answer gives the sums with their ratios as the rows of frames, in the order of
// the code lists and of the days, a row for each day of a span among them.
func (s *sums) answer() Answer {
	stayed := s.last != nil
	for _, r := range s.regions {
		for _, row := range r.span {
			if r.asked[row] != s.asked {
				clear(s.of(r, row))
			}
		}
		rows := s.answerFor(r)
		stayed = stayed && len(rows) == len(r.answer) && (len(rows) == 0 || &rows[0] == &r.answer[0])
		r.answer = rows
	}
	if stayed {
		return s.last
	}
	s.last = make(Answer, len(s.regions))
	for code, r := range s.regions {
		if len(r.answer) > 0 {
			s.last[code] = r.answer
		}
	}
	return s.last
}

// answerFor gives the rows of a region: those of the last answer where they stayed, and the
// same slice where all did, by which others see at once that nothing has changed.
func (s *sums) answerFor(r *region) []Row {
	n := len(s.numbers)
	last, same := r.answer, 0 // same of them have stayed
	var rows []Row            // from the first on that has not
	for _, at := range r.order {
		if r.asked[at] != s.asked {
			continue
		}
		are, were := r.are[int(at)*n:][:n], r.were[int(at)*n:][:n]
		if r.rows[at] == nil || !sameBits(are, were) {
			r.rows[at] = s.made(r.keys[at], are)
			copy(were, are)
		}
		row := r.rows[at]
		if rows == nil && same < len(last) && &last[same][0] == &row[0] {
			same++
			continue
		}
		if rows == nil {
			rows = append(make([]Row, 0, max(len(last), same+1)), last[:same]...)
		}
		rows = append(rows, row)
	}
	if rows == nil {
		return last[:same:same]
	}
	return rows
}

// sameBits compares numbers by their bits: NaN is NaN, and a zero with a sign another.
func sameBits(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}

func (k rowKey) compare(other rowKey) int {
	return cmp.Or(cmp.Compare(k.below, other.below), slices.Compare(k.line.ranks, other.line.ranks), slices.Compare(k.line.keys, other.line.keys))
}

// span makes each answer have a row of a region for each day of the metric's span, or for
// each combination of several codes: one of zeros where nothing was added.
func (s *sums) span() {
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
	combinations := [][]field{nil}
	for _, k := range s.keys {
		col := s.metric.Columns[k]
		var values []string
		if col.Last != nil {
			values = col.Last.Keys(s.now)
		} else {
			for _, code := range s.codes[col.Codes] {
				values = append(values, code.Code)
			}
		}
		var longer [][]field
		for _, keys := range combinations {
			for _, v := range values {
				longer = append(longer, append(slices.Clip(keys), field{kind: isText, text: v}))
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
		to := s.region(r.Code)
		n := len(lines)
		to.keys, to.asked, to.rows = slices.Grow(to.keys, n), slices.Grow(to.asked, n), slices.Grow(to.rows, n)
		to.are, to.were = slices.Grow(to.are, n*len(s.numbers)), slices.Grow(to.were, n*len(s.numbers))
		to.order, to.span = slices.Grow(to.order, n), slices.Grow(to.span, n)
		for _, l := range lines {
			to.span = append(to.span, s.row(to, rowKey{line: l}))
		}
	}
}

// made makes the row of a frame: keys, sums and ratios in the order of the columns.
func (s *sums) made(key rowKey, numbers []float64) Row {
	row, exact := make(Row, len(s.metric.Columns)), s.exact
	keys := key.line.values
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
