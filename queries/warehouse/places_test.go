package warehouse

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"liaowang/queries"
)

// tree is a province with one county of two townships, and one to which figures do
// not apply.
var tree = queries.NewTree([]queries.Region{
	{Code: "460105001", Parent: "460100", Level: "township", Applicable: true},
	{Code: "460105002", Parent: "460100", Level: "township", Applicable: true},
	{Code: "460300001", Parent: "460300", Level: "township", Applicable: true},
	{Code: "460100", Parent: "460000", Level: "county", Applicable: true},
	{Code: "460300", Parent: "460000", Level: "county"},
	{Code: "460000", Parent: "0", Level: "province", Applicable: true},
})

var all = []string{"province", "county", "township"}

var (
	day     = time.Date(2026, 3, 15, 0, 0, 0, 0, time.FixedZone("Asia/Shanghai", 8*60*60))
	colours = map[string][]queries.Code{"colour": {{Code: "red"}, {Code: "blue"}}}
)

func sum(t *testing.T, m *queries.Metric, rows ...Row) Answer {
	t.Helper()
	s := newSums(m, day, colours, tree)
	for _, r := range rows {
		if err := add(s, r); err != nil {
			t.Fatal(err)
		}
	}
	return s.answer()
}

// add adds a row as a statement returns it.
func add(s *sums, r Row) error {
	fields := make([]field, len(r))
	for i, v := range r {
		switch v := v.(type) {
		case string:
			fields[i] = field{kind: isText, text: v}
		case float64:
			fields[i] = field{kind: isNumber, number: v}
		}
	}
	return s.add(&fields[0], fields[1:1+len(s.keys)], fields[1+len(s.keys):])
}

func TestPlacesCountForWhatTheyLieIn(t *testing.T) {
	m := &queries.Metric{Rows: queries.RowsPlaces, Regions: all, Columns: []queries.Column{
		{Name: "colour", Type: queries.TypeCode, Codes: "colour"}, {Name: "households", Type: queries.TypeCount}}}
	got := sum(t, m,
		Row{460105001.0, "blue", 1.0},
		Row{460105001.0, "red", 2.0},
		Row{460105002.0, "blue", 4.0},
		Row{460100.0, "blue", 8.0},      // of the county, of none of its townships
		Row{"460000", "blue", 16.0},     // of the province alone
		Row{469999999.0, "blue", 32.0},  // of no region that is known: the province's
		Row{460105002.0, "green", 64.0}, // of a code that no list knows: last
		Row{460105001.0, "red", nil},    // missing: adds nothing
		Row{460105002.0, "red", nil},    // missing, and nothing beside it
	)
	want := Answer{
		"460000":    {{"red", 2.0}, {"blue", 61.0}, {"green", 64.0}},
		"460100":    {{"red", 2.0}, {"blue", 13.0}, {"green", 64.0}},
		"460105001": {{"red", 2.0}, {"blue", 1.0}},
		"460105002": {{"red", nil}, {"blue", 4.0}, {"green", 64.0}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyLevelsOfTheMetricAreAnswered(t *testing.T) {
	m := &queries.Metric{Rows: queries.RowsPlaces, Regions: []string{"county"}, Columns: []queries.Column{{Name: "households", Type: queries.TypeCount}}}
	got := sum(t, m, Row{460105001.0, 1.0}, Row{460105002.0, 1.0}, Row{0.0, 1.0})
	if diff := cmp.Diff(Answer{"460100": {{2.0}}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestRegionsBelowAreRows(t *testing.T) {
	m := &queries.Metric{Rows: queries.RowsPlaces, Regions: []string{"province", "county"}, Columns: []queries.Column{
		{Name: "region", Type: queries.TypeRegion}, {Name: "households", Type: queries.TypeCount}}}
	got := sum(t, m, Row{460105002.0, 1.0}, Row{460105001.0, 2.0}, Row{460100.0, 4.0}, Row{460000.0, 8.0}, Row{469999999.0, 16.0})
	// What lies in no county is in none of the province's rows.
	want := Answer{"460000": {{"460100", 7.0}}, "460100": {{"460105001", 2.0}, {"460105002", 1.0}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRatiosAreOfTheSums(t *testing.T) {
	none, two := 0, 2
	m := &queries.Metric{Rows: queries.RowsPlaces, Regions: []string{"province", "township"}, Parts: []string{"income", "persons", "before", "persons_before"}, Columns: []queries.Column{
		{Name: "households", Type: queries.TypeCount},
		{Name: "per_head", Type: queries.TypeMoney, Ratio: &queries.Ratio{Of: "income", To: "persons", Digits: &none}},
		{Name: "per_head_before", Type: queries.TypeMoney, Ratio: &queries.Ratio{Of: "before", To: "persons_before", Digits: &none}},
		{Name: "growth", Type: queries.TypeNumber, Ratio: &queries.Ratio{Of: "per_head", To: "per_head_before", Times: 100, Less: 100, Digits: &two}},
	}}
	got := sum(t, m, Row{460105001.0, 1.0, 1000.0, 3.0, 900.0, 3.0}, Row{460105002.0, 1.0, 100.0, 1.0, 0.0, 0.0})
	want := Answer{
		// 1000/3 = 333.33 and 300: 11.11 % more, not the 11 % of 333 and 300. Nobody
		// had an income before in the other.
		"460105001": {{1.0, 333.0, 300.0, 11.11}},
		"460105002": {{1.0, 100.0, nil, nil}},
		// 1100/4 = 275 against 300, and not the mean of two ratios.
		"460000": {{2.0, 275.0, 300.0, -8.33}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDaysWithoutRowsAreZeroWhereFiguresApply(t *testing.T) {
	m := &queries.Metric{Rows: queries.RowsPlaces, Regions: []string{"county"}, Columns: []queries.Column{
		{Name: "day", Type: queries.TypeDate, Last: &queries.Span{Days: 2}}, {Name: "visits", Type: queries.TypeCount}}}
	got := sum(t, m, Row{460105001.0, "2026-03-14", 5.0}, Row{460300001.0, "2026-03-15", 1.0})
	want := Answer{"460100": {{"2026-03-14", 5.0}, {"2026-03-15", 0.0}}, "460300": {{"2026-03-15", 1.0}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSpans(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.FixedZone("Asia/Shanghai", 8*60*60))
	for _, tt := range []struct {
		span queries.Span
		want string
	}{
		{queries.Span{Days: 3}, "[2026-02-27 2026-02-28 2026-03-01]"},
		{queries.Span{Months: 4}, "[2025-12-01 2026-01-01 2026-02-01 2026-03-01]"},
		{queries.Span{Years: 2}, "[2025-01-01 2026-01-01]"},
	} {
		if got := fmt.Sprint(tt.span.Keys(now)); got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.span, got, tt.want)
		}
	}
}
