package warehouse

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"liaowang/queries"
)

// Differences gives the regions in which an identity fails, as its statement would:
// region, words, expected and actual, widest first. Answers are those of its metrics;
// one that is not there has no rows.
func Differences(c *queries.Catalogue, i *queries.Identity, answers map[string]Answer) []Row {
	n := len(i.Figures)
	sums := map[string][]int64{} // by region: the expected figures, then the actual ones
	for side, terms := range [][]queries.Term{i.Expected, i.Actual} {
		for _, t := range terms {
			m, _ := c.Metric(t.Metric) // validated at load
			a := newAdder(m, &t, i.Figures)
			for region, rows := range answers[t.Metric] {
				if t.Above && len(region) != 6 || t.In != "" && len(answers[t.In][region]) == 0 {
					continue
				}
				to := sums[region]
				for _, row := range rows {
					if !a.takes(row) {
						continue
					}
					if to == nil {
						to = make([]int64, 2*n)
						sums[region] = to
					}
					a.add(row, to[side*n:][:n])
				}
			}
		}
	}
	var failed []Row
	for region, sum := range sums {
		expected, actual := sum[:n], sum[n:]
		if slices.Equal(expected, actual) {
			continue
		}
		told := 0
		if i.Figures[0].Label != "" {
			for expected[told] == actual[told] {
				told++
			}
		}
		failed = append(failed, Row{region, differenceWords(i.Figures, expected, actual), float64(expected[told]), float64(actual[told])})
	}
	slices.SortFunc(failed, func(a, b Row) int {
		x, y := a[0].(string), b[0].(string)
		return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
	})
	return failed
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

// differenceWords are the words of a failure: 不平, 差1户2人, or with labels
// 不平, 资产差1项, 原值差100元.
func differenceWords(figures []queries.Figure, expected, actual []int64) string {
	var parts []string
	for k, f := range figures {
		by := expected[k] - actual[k]
		switch {
		case f.Label == "" && k == 0:
			parts = append(parts, "差"+text(by)+f.Unit)
		case by == 0:
		case f.Label == "":
			parts = append(parts, text(by)+f.Unit)
		default:
			parts = append(parts, f.Label+"差"+text(by)+f.Unit)
		}
	}
	between := ""
	if figures[0].Label != "" {
		between = ", "
	}
	return "不平, " + strings.Join(parts, between)
}

func text(n int64) string { return strconv.FormatInt(max(n, -n), 10) }
