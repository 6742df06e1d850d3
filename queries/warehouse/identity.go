package warehouse

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"liaowang/queries"
)

// part is what sums are compared for: a region, and where the identity says by what,
// a code.
type part struct{ region, code string }

// Differences gives the regions in which an identity fails, as its statement would:
// region, words, expected and actual, widest first. Answers are those of its metrics,
// of the regions of the tree; one that is not there has no rows.
func Differences(c *queries.Catalogue, i *queries.Identity, answers map[string]Answer, tree *queries.Tree) []Row {
	n := len(i.Figures)
	sums := map[part][]int64{} // the expected figures, then the actual ones
	for side, terms := range [][]queries.Term{i.Expected, i.Actual} {
		for _, t := range terms {
			m, _ := c.Metric(t.Metric) // validated at load
			if unless, ok := c.Metric(t.Unless); ok && lacks(unless, answers[t.Unless]) {
				continue
			}
			a, by := newAdder(m, &t, i.Figures), m.Column(i.By)
			for region, rows := range answers[t.Metric] {
				if t.Above && len(region) != 6 || t.In != "" && len(answers[t.In][region]) == 0 || t.Applicable && !applies(tree, region) {
					continue
				}
				for _, row := range rows {
					if !a.takes(row) {
						continue
					}
					at := part{region: region}
					if by >= 0 {
						at.code, _ = row[by].(string)
					}
					if sums[at] == nil {
						sums[at] = make([]int64, 2*n)
					}
					a.add(row, sums[at][side*n:][:n])
				}
			}
		}
	}
	var failed []part
	for at, sum := range sums {
		if !slices.Equal(sum[:n], sum[n:]) {
			failed = append(failed, at)
		}
	}
	codes := codesOf(c, i)
	slices.SortFunc(failed, func(a, b part) int {
		return cmp.Or(cmp.Compare(len(a.region), len(b.region)), cmp.Compare(a.region, b.region), cmp.Compare(rank(codes, a.code), rank(codes, b.code)))
	})
	var rows []Row
	for _, at := range failed {
		expected, actual := sums[at][:n], sums[at][n:]
		told := 0
		for i.Figures[0].Label != "" && expected[told] == actual[told] {
			told++
		}
		if i.By == "" {
			words := "不平, " + differences(i.Figures, expected, actual)
			switch {
			case i.Over == "":
			case expected[0] > actual[0]:
				words += ", " + i.Over
			default:
				words += ", " + i.Under
			}
			rows = append(rows, Row{at.region, words, float64(expected[told]), float64(actual[told])})
			continue
		}
		words := name(codes, at.code) + differences(i.Figures, expected, actual)
		if last := len(rows) - 1; last >= 0 && rows[last][0] == at.region {
			rows[last][1] = rows[last][1].(string) + ", " + words
		} else {
			rows = append(rows, Row{at.region, "不平, " + words, float64(expected[told]), float64(actual[told])})
		}
	}
	return rows
}

// lacks reports whether a number of an answer is missing.
func lacks(m *queries.Metric, answer Answer) bool {
	for _, rows := range answer {
		for _, row := range rows {
			for i, col := range m.Columns {
				if row[i] == nil && m.Returned(i) && !col.Type.IsKey() && col.Type != queries.TypeText {
					return true
				}
			}
		}
	}
	return false
}

// applies reports whether figures apply to a region; one that the tree does not have is
// not said to be an exception.
func applies(tree *queries.Tree, region string) bool {
	i := slices.IndexFunc(tree.Regions, func(r queries.Region) bool { return r.Code == region })
	return i < 0 || tree.Regions[i].Applicable
}

func codesOf(c *queries.Catalogue, i *queries.Identity) []queries.Code {
	if i.By == "" {
		return nil
	}
	m, _ := c.Metric(i.Expected[0].Metric)
	return c.Codes[m.Columns[m.Column(i.By)].Codes]
}

func rank(codes []queries.Code, code string) int {
	if i := slices.IndexFunc(codes, func(c queries.Code) bool { return c.Code == code }); i >= 0 {
		return i
	}
	return len(codes)
}

func name(codes []queries.Code, code string) string {
	if i := rank(codes, code); i < len(codes) {
		return codes[i].ZH
	}
	return code
}

// adder adds the rows of a term to the figures.
type adder struct {
	where   map[int]string // codes by the position of their column
	columns [][]int        // of each figure
}

func newAdder(m *queries.Metric, t *queries.Term, figures []queries.Figure) adder {
	a := adder{where: map[int]string{}}
	for key, code := range t.Where {
		a.where[m.Column(key)] = code
	}
	for _, f := range figures {
		var columns []int
		for _, name := range t.Columns(f.Name) {
			columns = append(columns, m.Column(name))
		}
		a.columns = append(a.columns, columns)
	}
	return a
}

func (a adder) takes(row Row) bool {
	for column, code := range a.where {
		if row[column] != code {
			return false
		}
	}
	return true
}

func (a adder) add(row Row, to []int64) {
	for f, columns := range a.columns {
		sum := 0.
		for _, column := range columns {
			v, ok := row[column].(float64)
			if !ok { // missing, and with it the sum
				sum = 0
				break
			}
			sum += v
		}
		to[f] += int64(sum)
	}
}

// differences are the words of a failure: 差1户2人, or with labels
// 资产差1项, 原值差100元.
func differences(figures []queries.Figure, expected, actual []int64) string {
	var parts []string
	for k, f := range figures {
		by := expected[k] - actual[k]
		switch {
		case f.Label == "" && k == 0:
			parts = append(parts, "差"+digits(by)+f.Unit)
		case by == 0:
		case f.Label == "":
			parts = append(parts, digits(by)+f.Unit)
		default:
			parts = append(parts, f.Label+"差"+digits(by)+f.Unit)
		}
	}
	between := ""
	if figures[0].Label != "" {
		between = ", "
	}
	return strings.Join(parts, between)
}

// digits are those of a number without its sign.
func digits(n int64) string { return strconv.FormatInt(max(n, -n), 10) }
