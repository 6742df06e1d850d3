package warehouse

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"liaowang/queries"
)

// Answer is what a metric said: for each region's code the rows of its frame,
// in the order of the header's columns. Nobody may change it: that of a metric of places is
// the very same one as before where it is equal, and so are in another the rows of a region.
type Answer map[string][]Row

// ErrNoRegions: without the tree of regions there is nothing to answer for.
var ErrNoRegions = errors.New("table regions holds no province, county or township yet")

// Ask runs a metric on the cut, whose views must have been filled. now is the beginning of its clock's day, hour or
// minute, in the province's zone; the zero time for a metric without a clock. The
// tree is that of the same cut; only rows of places need it.
func (c *Cut) Ask(ctx context.Context, m *queries.Metric, now time.Time, tree *queries.Tree) (Answer, error) {
	if m.Rows == queries.RowsPlaces {
		s := c.sumsOf(m, now, tree)
		keys := len(s.keys)
		err := c.query(ctx, m.ID, m.CutSQL, nows(now), m.Returns(), func(r []field) error { return s.add(&r[0], r[1:1+keys], r[1+keys:]) })
		if err != nil {
			return nil, err
		}
		return c.answerOf(s), nil
	}
	answer := Answer{}
	err := c.Query(ctx, m.ID, m.CutSQL, now, m.Returns(), func(r Row) error {
		scope, ok := r[0].(string)
		if !ok {
			return fmt.Errorf("scope is %v, a region's code as text is expected", r[0])
		}
		for i, col := range m.Columns {
			_, isText := r[i+1].(string)
			if (col.Type.IsKey() || col.Type == queries.TypeText) != isText && r[i+1] != nil {
				return fmt.Errorf("column %s holds %v, which is not of type %s", col.Name, r[i+1], col.Type)
			}
		}
		answer[scope] = append(answer[scope], r[1:])
		return nil
	})
	if m.Gridded() {
		// The same order always, so that equal answers are equal.
		for _, rows := range answer {
			sortKeys(rows, c.codes[m.Columns[0].Codes])
		}
	}
	return answer, err
}

// Judge evaluates checks on the cut, all in one statement, and gives the rows of each
// that fails: region, words, expected and actual; and what Remembers says. now is the
// moment of which their clocks, in the province's zone, have the last tick. When one of
// them cannot be evaluated, none is.
func (c *Cut) Judge(ctx context.Context, checks []*queries.Check, now time.Time, zone *time.Location) (found map[string][]Row, remembers bool, err error) {
	found = make(map[string][]Row, len(checks))
	var sql strings.Builder
	times := map[string]time.Time{}
	for _, k := range checks {
		if tick := k.Refresh.Tick(now, zone); !tick.IsZero() {
			times[nowOf(k.Refresh)] = tick
		}
		// Ids are checked at load: letters, digits, _ and one dot.
		sql.WriteString("SELECT '" + k.ID + "' AS id, region, words, expected, actual FROM (\n" + withNowOf(k.Refresh, k.SQL) + "\n)\nUNION ALL\n")
	}
	sql.WriteString("SELECT '', '', '', toFloat64(remembers), 0. FROM (\n" + statement("remembers") + "\n)")
	name := "checks.all"
	if len(checks) == 1 {
		name = checks[0].ID
	}
	err = c.query(ctx, name, sql.String(), times, append([]string{"id"}, CheckColumns()...), func(fields []field) error {
		r := rowOf(fields)
		id, ok := r[0].(string)
		if !ok {
			return fmt.Errorf("check %v: an id as text is expected", r[0])
		}
		if id == "" {
			remembers = r[3] == 1.
			return nil
		}
		found[id] = append(found[id], r[1:])
		return nil
	})
	return found, remembers, err
}

// ReadTree makes the tree of what metric queries.RegionsMetric answered.
func ReadTree(answer Answer) (*queries.Tree, error) {
	var regions []queries.Region
	for scope, rows := range answer {
		for _, r := range rows {
			n := queries.Region{}
			var ok [4]bool
			n.Code, ok[0] = r[0].(string)
			n.Parent, ok[1] = r[1].(string)
			n.Level, ok[2] = r[2].(string)
			applicable, isNumber := r[4].(float64)
			n.Applicable, ok[3] = applicable != 0, isNumber
			if ok != [4]bool{true, true, true, true} {
				return nil, fmt.Errorf("%s: row %v of %s: code, parent and level as text and applicable as a number are expected", queries.RegionsMetric, r, scope)
			}
			regions = append(regions, n)
		}
	}
	if len(regions) == 0 {
		return nil, ErrNoRegions
	}
	return queries.NewTree(regions), nil
}
