package warehouse_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"liaowang/queries/warehouse"
)

// hall is where days begin.
var hall = time.FixedZone("Asia/Shanghai", 8*60*60)

// recordAt records a batch with one figure, at a moment.
func (r *recorder) recordAt(b warehouse.BatchID, base uint64, at time.Time, value string) {
	r.t.Helper()
	if base == 0 {
		r.full = b.Number
	}
	var frames []warehouse.RecordedFrame
	if value != "" {
		frames = append(frames, warehouse.RecordedFrame{Metric: "a.a", Region: "460000", Changed: b.Number, Rows: json.RawMessage("[[" + value + "]]")})
	}
	err := r.w.RecordBatch(r.t.Context(), warehouse.BatchRecord{
		BatchID: b, AsOf: at, At: at, Base: base, Previous: r.shown, Full: r.full, Header: fmt.Appendf(nil, `{"batch":%d}`, b.Number), Frames: frames,
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

func TestWhatDaysEndedWith(t *testing.T) {
	r := newRecorder(t)
	y, m, d := time.Now().In(hall).Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, hall)
	at := func(day, hour int) time.Time { return today.AddDate(0, 0, day).Add(time.Duration(hour) * time.Hour) }
	show := func(b warehouse.BatchID, base uint64, at time.Time, value string) {
		r.recordAt(b, base, at, value)
		r.shown = b
		if err := r.w.RecordShown(t.Context(), b, at.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	show(id(1, 1), 0, at(-4, 1), "1")
	show(id(1, 2), 1, at(-4, 23), "2")
	show(id(1, 3), 2, at(-2, 0), "3")        // the day before has nothing
	r.recordAt(id(1, 4), 3, at(-2, 23), "4") // never shown
	show(id(2, 4), 0, at(-1, 3), `"suppressed"`)
	show(id(2, 5), 4, at(-1, 22), "") // another metric changed
	show(id(2, 6), 5, at(0, 0), "6")
	keep := func(day int, line, figure string, value float64) {
		t.Helper()
		if err := r.w.RecordDay(t.Context(), at(day, 0), 1, []warehouse.DayFigure{{Metric: "a.a", Region: "460000", Line: line, Figure: figure, Value: value}}); err != nil {
			t.Fatal(err)
		}
	}
	keep(-6, "", "households", 7)
	keep(-4, "", "households", 8) // the record says more
	keep(-40, "", "households", 9)

	words := func(number uint64, from, until int) (all []string) {
		t.Helper()
		days, err := r.w.Days(t.Context(), "a.a", "460000", at(from, 0), at(until, 0), number)
		if err != nil {
			t.Fatal(err)
		}
		for _, day := range days {
			n := slices.IndexFunc([]int{-40, -6, -5, -4, -3, -2, -1, 0}, func(n int) bool { return at(n, 0).Format(time.DateOnly) == day.Day })
			all = append(all, fmt.Sprintf("%d: batch %d %s", []int{-40, -6, -5, -4, -3, -2, -1, 0}[n], day.Number, day.Rows))
			for _, f := range day.Figures {
				all[len(all)-1] += fmt.Sprintf("%s %v", f.Figure, f.Value)
			}
		}
		return all
	}
	want := []string{"-6: batch 0 households 7", "-4: batch 2 [[2]]", "-2: batch 3 [[3]]", `-1: batch 5 [["suppressed"]]`}
	if diff := cmp.Diff(want, words(6, -29, 0)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"-2: batch 3 [[3]]", `-1: batch 5 [["suppressed"]]`, "0: batch 6 [[6]]"}, words(6, -2, 1)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"-6: batch 0 households 7", "-4: batch 2 [[2]]"}, words(2, -29, 0)); diff != "" {
		t.Errorf("for a batch of before: %s", diff)
	}

	reel := func(from, until time.Time, most int) (numbers []uint64) {
		t.Helper()
		all, err := r.w.Reel(t.Context(), from, until, most)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range all {
			numbers = append(numbers, b.Number)
			if b.ShownAt.Before(from) || b.AsOf.IsZero() {
				t.Errorf("batch %d of %s", b.Number, b.ShownAt)
			}
		}
		return numbers
	}
	if got := reel(at(-4, 0), at(1, 0), 500); !slices.Equal(got, []uint64{1, 2, 3, 4, 5, 6}) {
		t.Errorf("all that were shown are %v", got)
	}
	if got := reel(at(-4, 0), at(-3, 0), 1); !slices.Equal(got, []uint64{2}) {
		t.Errorf("one for a day is %v", got)
	}
	if got := reel(at(-3, 0), at(-2, 0), 10); got != nil {
		t.Errorf("a day without batches has %v", got)
	}
}
