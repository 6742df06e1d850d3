package aggregator

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// Rows that are the very same ones are not laid again, and what was found in a round that
// was not published is laid again in the next.
func TestRowsAreLaidOnceForWhatIsShown(t *testing.T) {
	m := &queries.Metric{ID: "test.total", Absent: queries.AbsentZero, Regions: []string{"province", "county"}, Columns: []queries.Column{{Name: "households", Type: queries.TypeCount}}}
	tree := queries.NewTree([]queries.Region{
		{Code: "460000", Level: "province", Applicable: true},
		{Code: "460100", Parent: "460000", Level: "county", Applicable: true},
		{Code: "460200", Parent: "460000", Level: "county", Applicable: true},
	})
	c := &calculator{frames: map[batch.Key]*batch.Frame{}}
	lay := func(answer warehouse.Answer, again bool) *result {
		res := &result{truth: answers{}, laid: map[string]warehouse.Answer{}, moved: map[string]bool{}, tree: tree, regrid: c.tree == nil || again}
		if !res.regrid {
			// As grid does.
			for id, rows := range c.truth {
				res.truth[id] = rows
			}
			for id, answer := range c.laid {
				res.laid[id] = answer
			}
		}
		c.lay(m, answer, res)
		return res
	}
	expect := func(res *result, moved bool, province, one, two float64) {
		t.Helper()
		want := map[string][][]batch.Cell{"460000": {{batch.Num(province)}}, "460100": {{batch.Num(one)}}, "460200": {{batch.Num(two)}}}
		if diff := cmp.Diff(want, res.truth[m.ID]); diff != "" {
			t.Error(diff)
		}
		if res.moved[m.ID] != moved {
			t.Errorf("moved is %v", res.moved[m.ID])
		}
	}
	first := warehouse.Answer{"460000": {{3.}}, "460100": {{3.}}}
	res := lay(first, false)
	expect(res, true, 3, 3, 0)
	c.commit(res)
	shown, totals := c.truth[m.ID], m

	expect(lay(first, false), false, 3, 3, 0)

	// Of a batch that is held: nothing of it is the last round.
	held := warehouse.Answer{"460000": {{4.}}, "460100": first["460100"], "460200": {{1.}}}
	for range 2 {
		res = lay(held, false)
		expect(res, true, 4, 3, 1)
		if !identical(res.truth[m.ID]["460100"], shown["460100"]) {
			t.Error("a county's rows were laid again, though they are the same ones")
		}
	}
	// Back as it was, and only equal; then published after all.
	expect(lay(first, false), false, 3, 3, 0)
	expect(lay(warehouse.Answer{"460000": {{3.}}, "460100": {{3.}}}, false), false, 3, 3, 0)
	c.commit(res)
	expect(lay(held, false), false, 4, 3, 1)
	expect(lay(first, false), true, 3, 3, 0)

	// A row that stayed among others that did not is the one that is shown.
	two := *m
	two.ID, two.Columns = "test.types", []queries.Column{{Name: "name", Type: queries.TypeText}, m.Columns[0]}
	list := func(n float64) warehouse.Answer {
		return warehouse.Answer{"460100": {{"one", 1.}, {"two", n}}}
	}
	m = &two
	c.commit(lay(list(2), false))
	was := c.truth[m.ID]["460100"]
	if is := lay(list(3), false).truth[m.ID]["460100"]; !identical(is[0], was[0]) || is[1][1] != batch.Num(3) || was[1][1] != batch.Num(2) {
		t.Errorf("%v became %v", was, is)
	}
	m = totals

	// What figures apply to is another: the same rows say something else.
	regions := append([]queries.Region(nil), tree.Regions...)
	regions[2].Applicable = false
	tree = queries.NewTree(regions)
	res = lay(held, true)
	if got := res.truth[m.ID]["460200"]; !res.moved[m.ID] || !cmp.Equal(got, [][]batch.Cell{{batch.NA()}}) {
		t.Errorf("on another grid: %v", got)
	}
	c.commit(res)
	// One that cannot be asked on a new grid keeps its rows, which belong to no answer.
	res = lay(held, true)
	c.layOld(m, res)
	c.commit(res)
	if c.laid[m.ID] != nil {
		t.Error("rows that were kept are said to be laid from an answer")
	}
}
