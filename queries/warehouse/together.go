package warehouse

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"liaowang/queries"
)

// AskTogether runs metrics of places on the cut in one statement, whose round costs
// more than most of them do: each is a branch of a UNION ALL. now is the moment of which
// their clocks, in the province's zone, have the last tick. When one of them cannot be
// asked, none is. Unlike Ask it does not notice columns that a statement returns beside
// those of its header.
func (c *Cut) AskTogether(ctx context.Context, metrics []*queries.Metric, now time.Time, zone *time.Location, tree *queries.Tree) ([]Answer, error) {
	if len(metrics) == 1 {
		answer, err := c.Ask(ctx, metrics[0], metrics[0].Refresh.Tick(now, zone), tree)
		return []Answer{answer}, err
	}
	all := make([]*sums, len(metrics))
	ids := make([]string, len(metrics))
	var keys, numbers int // of the metric that has most
	for i, m := range metrics {
		all[i], ids[i] = c.sumsOf(m, m.Refresh.Tick(now, zone), tree), m.ID
		keys = max(keys, len(all[i].keys))
		numbers = max(numbers, len(all[i].numbers))
	}
	columns := []string{"metric", "place"}
	for k := range keys {
		columns = append(columns, "key_"+strconv.Itoa(k))
	}
	for n := range numbers {
		columns = append(columns, "number_"+strconv.Itoa(n))
	}
	var sql strings.Builder
	params := map[string]time.Time{}
	for i, m := range metrics {
		if tick := m.Refresh.Tick(now, zone); !tick.IsZero() {
			params[nowOf(m.Refresh)] = tick
		}
		if i > 0 {
			sql.WriteString("\nUNION ALL\n")
		}
		branch(&sql, i, m, len(all[i].keys), keys, numbers)
	}
	err := c.query(ctx, strings.Join(ids, ","), sql.String(), params, columns, func(r []field) error {
		if n := r[0].number; r[0].kind != isNumber || n < 0 || int(n) >= len(all) {
			return fmt.Errorf("metric %v: the number of one of %d is expected", r[0].value(), len(all))
		}
		s := all[int(r[0].number)]
		return s.add(&r[1], r[2:2+len(s.keys)], r[2+keys:2+keys+len(s.numbers)])
	})
	if err != nil {
		return nil, err
	}
	answers := make([]Answer, len(all))
	for i, s := range all {
		answers[i] = c.answerOf(s)
	}
	return answers, nil
}

// branch writes a metric's statement in a form that all have: its number, the place,
// keys as text and numbers, with an empty text and 0 where it has fewer, which nobody reads:
// NULL there would make all numbers of the column ones that may be missing, which cost more
// to read. Casts that say a column's type cost a third more. Names of columns are checked at
// load: letters, digits and _.
func branch(sql *strings.Builder, n int, m *queries.Metric, own, keys, numbers int) {
	fmt.Fprintf(sql, "SELECT %d AS metric, toString(place) AS place", n)
	returns := m.Returns()[1:]
	for k := range keys {
		if k < own {
			fmt.Fprintf(sql, ", toString(%s) AS key_%d", returns[k], k)
		} else {
			fmt.Fprintf(sql, ", '' AS key_%d", k)
		}
	}
	returns = returns[own:]
	for k := range numbers {
		if k < len(returns) {
			fmt.Fprintf(sql, ", toFloat64(%s) AS number_%d", returns[k], k)
		} else {
			fmt.Fprintf(sql, ", 0. AS number_%d", k)
		}
	}
	sql.WriteString("\nFROM (\n" + withNowOf(m.Refresh, m.CutSQL) + "\n)")
}

// nowOf names the parameter that hands a clock's time to its branches, where several
// clocks are in one statement.
func nowOf(clock queries.Refresh) string { return "now_" + string(clock) }

func withNowOf(clock queries.Refresh, sql string) string {
	return strings.ReplaceAll(sql, "{now:", "{"+nowOf(clock)+":")
}
