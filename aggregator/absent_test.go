package aggregator

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"liaowang/aggregator/batch"
	"liaowang/queries"
)

// A county without assets has none of them, worth nothing; how many of none are
// confirmed is no number, and 0 % would read as a county that neglects its assets.
func TestAbsentRatesAreNoZeros(t *testing.T) {
	m := &queries.Metric{Absent: queries.AbsentZero, Columns: []queries.Column{
		{Name: "class", Type: queries.TypeCode},
		{Name: "assets", Type: queries.TypeCount},
		{Name: "value", Type: queries.TypeMoney},
		{Name: "rate", Type: queries.TypeNumber},
		{Name: "remark", Type: queries.TypeText},
	}}
	key, missing := batch.Text("operating"), batch.Cell{}
	for name, tt := range map[string]struct {
		absent     queries.Absent
		applicable bool
		want       []batch.Cell
	}{
		"counted":      {queries.AbsentZero, true, []batch.Cell{key, batch.Num(0), batch.Num(0), missing, missing}},
		"due":          {queries.AbsentMissing, true, []batch.Cell{key, missing, missing, missing, missing}},
		"inapplicable": {queries.AbsentZero, false, []batch.Cell{key, batch.NA(), batch.NA(), batch.NA(), batch.NA()}},
	} {
		m.Absent = tt.absent
		if diff := cmp.Diff(tt.want, (&calculator{}).absent(m, tt.applicable, &key)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// With no emergency going on the list of them is empty; a total of nobody still is 0.
func TestEmptyListsHaveNoRows(t *testing.T) {
	events := &queries.Metric{Absent: queries.AbsentZero, Columns: []queries.Column{
		{Name: "name", Type: queries.TypeText},
		{Name: "households", Type: queries.TypeCount},
	}}
	total := &queries.Metric{Absent: queries.AbsentZero, Columns: events.Columns[1:]}
	for name, tt := range map[string]struct {
		metric     *queries.Metric
		applicable bool
		want       [][]batch.Cell
	}{
		"list":         {events, true, [][]batch.Cell{}},
		"inapplicable": {events, false, [][]batch.Cell{{batch.NA(), batch.NA()}}},
		"total":        {total, true, [][]batch.Cell{{batch.Num(0)}}},
	} {
		got := (&calculator{}).rows(tt.metric, queries.Region{Code: "460200", Applicable: tt.applicable}, nil, nil)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
