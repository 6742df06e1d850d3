package warehouse

import (
	"math/rand/v2"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"liaowang/queries"
)

// asker asks a metric of the examples as a cut does, for rows of its own.
type asker struct {
	t    *testing.T
	cut  *Cut
	m    *queries.Metric
	now  time.Time
	tree *queries.Tree
}

func newAsker(t *testing.T, m *queries.Metric) *asker {
	return &asker{t: t, cut: &Cut{codes: colours, sums: map[string]*sums{}}, m: m, now: day, tree: tree}
}

func byColour(levels ...string) *queries.Metric {
	return &queries.Metric{ID: "test.colours", Rows: queries.RowsPlaces, Regions: levels, Columns: []queries.Column{
		{Name: "colour", Type: queries.TypeCode, Codes: "colour"}, {Name: "households", Type: queries.TypeCount}}}
}

// ask gives the answer, and fails where it is another than that of who asks for the first time.
func (a *asker) ask(rows ...Row) Answer {
	a.t.Helper()
	s, first := a.cut.sumsOf(a.m, a.now, a.tree), newSums(a.m, a.now, colours, a.tree)
	for _, r := range rows {
		for _, s := range []*sums{s, first} {
			if err := add(s, r); err != nil {
				a.t.Fatal(err)
			}
		}
	}
	got := a.cut.answerOf(s)
	if diff := cmp.Diff(first.answer(), got); diff != "" {
		a.t.Fatalf("asked for the first time and asked again (-first +again):\n%s", diff)
	}
	return got
}

func same[T any](a, b []T) bool { return len(a) == len(b) && &a[0] == &b[0] }

func sameMap(a, b Answer) bool {
	return reflect.ValueOf(a).UnsafePointer() == reflect.ValueOf(b).UnsafePointer()
}

func TestWhatStayedIsTheSameRow(t *testing.T) {
	a := newAsker(t, byColour(all...))
	first := a.ask(Row{460105001.0, "red", 1.0}, Row{460105001.0, "blue", 2.0}, Row{460105002.0, "red", 4.0})
	if again := a.ask(Row{460105002.0, "red", 4.0}, Row{460105001.0, "red", 1.0}, Row{460105001.0, "blue", 2.0}); !sameMap(first, again) {
		t.Error("an equal answer is another one")
	}
	next := a.ask(Row{460105001.0, "red", 1.0}, Row{460105001.0, "blue", 3.0}, Row{460105002.0, "red", 4.0})
	if !same(first["460105002"], next["460105002"]) {
		t.Error("a region to which nothing happened has other rows")
	}
	if same(first["460000"], next["460000"]) || !same(first["460000"][0], next["460000"][0]) || same(first["460000"][1], next["460000"][1]) {
		t.Errorf("%v became %v: the first row is expected to be the same, and the second another", first["460000"], next["460000"])
	}
	// What was answered before has not changed.
	want := Answer{"460000": {{"red", 5.0}, {"blue", 2.0}}, "460100": {{"red", 5.0}, {"blue", 2.0}}, "460105001": {{"red", 1.0}, {"blue", 2.0}}, "460105002": {{"red", 4.0}}}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Error(diff)
	}
}

func TestARegionLosesItsRowsAndHasThemAgain(t *testing.T) {
	a := newAsker(t, byColour(all...))
	red, blue := Row{460105001.0, "red", 1.0}, Row{460105001.0, "blue", 2.0}
	other := Row{460105002.0, "red", 4.0}
	a.ask(red, blue, other)
	if got := a.ask(other); got["460105001"] != nil {
		t.Errorf("rows %v of a region that has none", got["460105001"])
	}
	if got := a.ask(blue, other); len(got["460105001"]) != 1 || len(got["460000"]) != 2 {
		t.Errorf("one row of two is back: %v", got)
	}
	a.ask(red, blue, other)
	a.ask()
	a.ask(red, blue, other)
}

func TestAnotherTreeAndAnotherMomentAreSummedAnew(t *testing.T) {
	a := newAsker(t, &queries.Metric{ID: "test.days", Rows: queries.RowsPlaces, Regions: all, Columns: []queries.Column{
		{Name: "day", Type: queries.TypeDate, Last: &queries.Span{Days: 2}}, {Name: "visits", Type: queries.TypeCount}}})
	visits := Row{460105001.0, "2026-03-15", 1.0}
	a.ask(visits)
	a.now = day.AddDate(0, 0, 1)
	if got, want := a.ask(visits)["460105001"], []Row{{"2026-03-15", 1.0}, {"2026-03-16", 0.0}}; !cmp.Equal(got, want) {
		t.Errorf("on the next day: %v, want %v", got, want)
	}
	// The township goes to another county.
	regions := append([]queries.Region(nil), tree.Regions...)
	for i := range regions {
		if regions[i].Code == "460105001" {
			regions[i].Parent = "460300"
		}
	}
	a.tree = queries.NewTree(regions)
	if got := a.ask(visits); len(got["460300"]) != 1 || got["460100"][0][1] != 0.0 {
		t.Errorf("in another county: %v", got)
	}
}

// A statement that is given up has added some of its rows; two may ask for one metric at a time.
func TestWhatWasGivenUpCountsForNothing(t *testing.T) {
	a := newAsker(t, byColour(all...))
	row := Row{460105001.0, "red", 1.0}
	first := a.ask(row)
	if err := add(a.cut.sumsOf(a.m, a.now, a.tree), row); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, a.ask(row)); diff != "" {
		t.Error(diff)
	}
	one, two := a.cut.sumsOf(a.m, a.now, a.tree), a.cut.sumsOf(a.m, a.now, a.tree)
	for _, s := range []*sums{one, two} {
		if err := add(s, row); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, a.cut.answerOf(s)); diff != "" {
			t.Error(diff)
		}
	}
}

// Keys that come and go do not stay for ever.
func TestWhatCameAndWentIsForgotten(t *testing.T) {
	a := newAsker(t, &queries.Metric{ID: "test.names", Rows: queries.RowsPlaces, Regions: all, Columns: []queries.Column{
		{Name: "name", Type: queries.TypeText}, {Name: "households", Type: queries.TypeCount}}})
	for i := range 2000 {
		a.ask(Row{460105001.0, strconv.Itoa(i), 1.0})
		if s := a.cut.sums[a.m.ID]; s != nil && len(s.lines) > 1000 {
			t.Fatalf("%d names are kept for one that is there", len(s.lines))
		}
	}
}

// Whatever the rows are, who asks again and again gets what who asks once does.
func TestAskedAgainIsAskedOnce(t *testing.T) {
	two := 2
	r := rand.New(rand.NewPCG(46, 1))
	for _, m := range []*queries.Metric{
		byColour(all...),
		byColour("county"),
		{ID: "test.total", Rows: queries.RowsPlaces, Regions: all, Parts: []string{"persons"}, Columns: []queries.Column{
			{Name: "households", Type: queries.TypeCount},
			{Name: "each", Type: queries.TypeNumber, Ratio: &queries.Ratio{Of: "persons", To: "households", Digits: &two}}}},
		{ID: "test.below", Rows: queries.RowsPlaces, Regions: []string{"province", "county"}, Columns: []queries.Column{
			{Name: "region", Type: queries.TypeRegion}, {Name: "households", Type: queries.TypeCount}}},
		{ID: "test.crossed", Rows: queries.RowsPlaces, Regions: all, Columns: []queries.Column{
			{Name: "colour", Type: queries.TypeCode, Codes: "colour"}, {Name: "other", Type: queries.TypeCode, Codes: "colour"}, {Name: "households", Type: queries.TypeCount}}},
	} {
		a := newAsker(t, m)
		places := []any{460105001.0, "460105001", 460105002.0, 460300001.0, 460100.0, 460000.0, 469999999.0}
		keys := len(newSums(m, day, colours, tree).keys)
		var rows []Row
		for range 300 {
			for range r.IntN(4) {
				row := Row{places[r.IntN(len(places))]}
				for range keys {
					row = append(row, []string{"red", "blue", "green"}[r.IntN(3)])
				}
				for range len(m.Returns()) - 1 - keys {
					row = append(row, []any{nil, 0.0, 1.0, 2.0, -1.0}[r.IntN(5)])
				}
				rows = append(rows, row)
			}
			for len(rows) > 0 && r.IntN(3) > 0 {
				i := r.IntN(len(rows))
				rows = append(rows[:i], rows[i+1:]...)
			}
			a.ask(rows...)
		}
	}
}
