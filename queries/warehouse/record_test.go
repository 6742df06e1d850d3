package warehouse_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"liaowang/aggregator/engine/enginetest"
	"liaowang/queries/warehouse"
)

// began is when batches of these tests are recorded from: yesterday, since what is
// older than it is kept goes at once.
var began = time.Now().UTC().Add(-24 * time.Hour).Truncate(time.Second)

// recorder records batches as an aggregator does.
type recorder struct {
	t     testing.TB
	w     *warehouse.Warehouse
	full  uint64
	shown warehouse.BatchID
}

func newRecorder(t testing.TB) *recorder {
	t.Helper()
	return &recorder{t: t, w: enginetest.Open(t, enginetest.StartMigrated(t).URL())}
}

func id(term, number uint64) warehouse.BatchID {
	return warehouse.BatchID{Term: term, Number: number}
}

// at is when a batch of a number is recorded.
func at(number uint64) time.Time { return began.Add(time.Duration(number) * time.Second) }

// record records a batch that has the figures, each a metric for the province. All
// are there with base 0, else those that changed.
func (r *recorder) record(b warehouse.BatchID, base uint64, doubt bool, figures map[string]int) {
	r.t.Helper()
	if base == 0 {
		r.full = b.Number
	}
	var frames []warehouse.RecordedFrame
	for metric, v := range figures {
		frames = append(frames, warehouse.RecordedFrame{Metric: metric, Region: "460000", Changed: b.Number, Rows: json.RawMessage(fmt.Sprintf("[[%d]]", v))})
	}
	err := r.w.RecordBatch(r.t.Context(), warehouse.BatchRecord{
		BatchID: b, AsOf: at(b.Number), At: at(b.Number), Base: base, Previous: r.shown, Doubt: doubt, Full: r.full,
		Header: fmt.Appendf(nil, `{"batch":%d}`, b.Number), Frames: frames,
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// show records a batch and shows it.
func (r *recorder) show(b warehouse.BatchID, base uint64, figures map[string]int) {
	r.t.Helper()
	r.record(b, base, false, figures)
	r.shown = b
}

// figures gives a batch back, in words.
func (r *recorder) figures(b *warehouse.Recorded, metric string) string {
	r.t.Helper()
	frames, err := r.w.Frames(r.t.Context(), b, metric, "")
	if err != nil {
		return err.Error()
	}
	var words []string
	for _, f := range frames {
		words = append(words, fmt.Sprintf("%s/%s@%d %s", f.Metric, f.Region, f.Changed, f.Rows))
	}
	return string(b.Header) + " " + strings.Join(words, ", ")
}

func TestRecordedBatchesAreGivenBackAsTheyWereShown(t *testing.T) {
	r := newRecorder(t)
	ctx := t.Context()
	if last, err := r.w.LastBatch(ctx); err != nil || last != (warehouse.LastRecorded{}) {
		t.Fatalf("of an empty record: %+v, %v", last, err)
	}
	r.show(id(1, 1), 0, map[string]int{"a.a": 1, "b.b": 1, "c.c": 1})
	r.show(id(1, 2), 1, map[string]int{"a.a": 2})
	r.show(id(1, 3), 2, nil) // only a check's result is another
	r.record(id(1, 4), 3, false, map[string]int{"a.a": 4, "b.b": 4})
	// Another leader uses the number that the first did not show.
	r.show(id(2, 4), 0, map[string]int{"a.a": 5, "b.b": 1})
	r.record(id(2, 5), 4, false, map[string]int{"a.a": 6})
	r.record(id(2, 6), 0, false, map[string]int{"a.a": 6, "b.b": 1})
	r.show(id(2, 7), 0, map[string]int{"a.a": 7, "b.b": 1})
	r.show(id(2, 8), 7, map[string]int{"b.b": 8})
	wall := id(2, 8)
	r.record(id(2, 9), 8, false, map[string]int{"b.b": 9}) // and is about to be shown

	for number, want := range map[uint64]string{
		1:  `{"batch":1} a.a/460000@1 [[1]], b.b/460000@1 [[1]], c.c/460000@1 [[1]]`,
		2:  `{"batch":2} a.a/460000@2 [[2]], b.b/460000@1 [[1]], c.c/460000@1 [[1]]`,
		3:  `{"batch":3} a.a/460000@2 [[2]], b.b/460000@1 [[1]], c.c/460000@1 [[1]]`,
		4:  `{"batch":4} a.a/460000@4 [[5]], b.b/460000@4 [[1]]`,
		5:  "batch 5 was recorded and never shown",
		6:  "batch 6 was recorded and never shown",
		7:  `{"batch":7} a.a/460000@7 [[7]], b.b/460000@7 [[1]]`,
		8:  `{"batch":8} a.a/460000@7 [[7]], b.b/460000@8 [[8]]`,
		9:  "batch 9 has not been shown yet: it is recorded, and batch 8 is on the walls",
		10: "batch 10 has not been shown yet: the newest is 8",
	} {
		got := ""
		if b, err := r.w.Batch(ctx, number, wall); err != nil {
			got = err.Error()
		} else if got = r.figures(b, ""); b.InDoubt {
			got += " in doubt"
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("batch %d: %s", number, diff)
		}
	}
	b, err := r.w.Batch(ctx, 8, wall)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.figures(b, "b.b"), `{"batch":8} b.b/460000@8 [[8]]`; got != want {
		t.Errorf("of one metric: %s", got)
	}
	if got, want := r.figures(b, "no.such"), `{"batch":8} `; got != want {
		t.Errorf("of no metric: %s", got)
	}

	// What was on the walls at a moment.
	for moment, want := range map[time.Time]uint64{
		at(1): 1, at(2).Add(900 * time.Millisecond): 2, at(3): 3, at(5): 4, at(6).Add(time.Millisecond): 4, at(7): 7, at(9): 8, at(1000): 8,
	} {
		if b, err := r.w.BatchAt(ctx, moment, wall); err != nil || b.Number != want {
			t.Errorf("at %s: %+v, %v, want %d", moment, b, err, want)
		}
	}
	if _, err := r.w.BatchAt(ctx, at(1).Add(-time.Millisecond), wall); !errors.Is(err, warehouse.ErrBeforeFirst) {
		t.Errorf("before the first: %v", err)
	}
	if last, err := r.w.LastBatch(ctx); err != nil || last != (warehouse.LastRecorded{Term: 2, Number: 9, Shown: wall}) {
		t.Errorf("the record ends with %+v, %v", last, err)
	}
}

func TestABatchIsInDoubtOnlyWhileNobodyKnows(t *testing.T) {
	r := newRecorder(t)
	ctx := t.Context()
	r.show(id(1, 1), 0, map[string]int{"a.a": 1})
	r.show(id(1, 2), 1, map[string]int{"a.a": 2})
	doubt := func(number uint64, wall warehouse.BatchID) string {
		t.Helper()
		b, err := r.w.Batch(ctx, number, wall)
		switch {
		case err != nil:
			return err.Error()
		case b.InDoubt:
			return "in doubt"
		}
		return "shown"
	}
	if got := doubt(2, warehouse.BatchID{}); got != "in doubt" {
		t.Errorf("batch 2, and nobody knows what is on the walls: %s", got)
	}
	if got := doubt(2, id(1, 2)); got != "shown" {
		t.Errorf("batch 2 is on the walls: %s", got)
	}
	// Redis and the leader are lost. The next knows of batch 1 only.
	r.shown = id(1, 1)
	r.record(id(2, 3), 0, true, map[string]int{"a.a": 3})
	if got := doubt(2, id(2, 3)); got != "in doubt" {
		t.Errorf("batch 2 after a loss: %s", got)
	}
	if got := doubt(1, id(2, 3)); got != "shown" {
		t.Errorf("batch 1 after a loss: %s", got)
	}
	// It is noted that batch 3 was shown, and the leader after that is in no doubt.
	if err := r.w.RecordShown(ctx, id(2, 3), at(3)); err != nil {
		t.Fatal(err)
	}
	if last, err := r.w.LastBatch(ctx); err != nil || last.Shown != id(2, 3) {
		t.Fatalf("the record ends with %+v, %v", last, err)
	}
	r.shown = id(2, 3)
	r.record(id(3, 4), 0, true, map[string]int{"a.a": 4})
	for number, want := range map[uint64]string{2: "in doubt", 3: "shown", 4: "shown"} {
		if got := doubt(number, id(3, 4)); got != want {
			t.Errorf("batch %d: %s, want %s", number, got, want)
		}
	}
}

// What has expired is not given back in part, and numbers go on.
func TestBatchesExpireWhole(t *testing.T) {
	r := newRecorder(t)
	ctx := t.Context()
	exec := func(sql string) {
		t.Helper()
		if err := r.w.Conn().Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	count := func(sql string) (n uint64) {
		t.Helper()
		if err := r.w.Conn().QueryRow(ctx, sql).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	// One batch long ago, from which one of today is rebuilt, as no aggregator does it.
	day := began
	began = day.Add(-40 * 24 * time.Hour)
	r.show(id(1, 1), 0, map[string]int{"a.a": 1, "b.b": 1})
	began = day
	r.show(id(1, 2), 1, map[string]int{"a.a": 2})
	r.show(id(1, 3), 0, map[string]int{"a.a": 3, "b.b": 3})
	wall := id(1, 3)
	if err := r.w.KeepBatches(ctx, 0); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"batches", "batch_frames"} {
		if n := count("SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = '" + table + "' AND create_table_query LIKE '%TTL%'"); n != 0 {
			t.Errorf("table %s expires though batches are kept for good", table)
		}
	}
	for range 2 { // the second time there is nothing to do
		if err := r.w.KeepBatches(ctx, 30); err != nil {
			t.Fatal(err)
		}
	}
	if n := count("SELECT count() FROM system.tables WHERE database = currentDatabase() AND create_table_query LIKE '%TTL%toIntervalDay(32)%' AND name IN ('batches', 'batch_frames')"); n != 2 {
		t.Errorf("%d of two tables keep batches for 32 days", n)
	}
	for _, table := range []string{"batches", "batch_frames"} {
		exec("ALTER TABLE " + table + " MATERIALIZE TTL SETTINGS mutations_sync = 2")
		exec("OPTIMIZE TABLE " + table + " FINAL")
	}
	if n := count("SELECT count() FROM batch_frames WHERE number = 1"); n != 0 {
		t.Fatalf("%d frames of batch 1 have not expired", n)
	}
	if _, err := r.w.Batch(ctx, 1, wall); !errors.Is(err, warehouse.ErrNotKept) {
		t.Errorf("batch 1: %v", err)
	}
	two, err := r.w.Batch(ctx, 2, wall)
	if err != nil {
		t.Fatal(err)
	}
	for _, metric := range []string{"", "a.a", "b.b"} {
		if frames, err := r.w.Frames(ctx, two, metric, ""); !errors.Is(err, warehouse.ErrNotKept) {
			t.Errorf("batch 2 came in part: %v, %v", frames, err)
		}
	}
	three, err := r.w.Batch(ctx, 3, wall)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.figures(three, ""), `{"batch":3} a.a/460000@3 [[3]], b.b/460000@3 [[3]]`; got != want {
		t.Errorf("batch 3: %s", got)
	}
	// Everything has expired: the number is still known.
	exec("ALTER TABLE batches UPDATE header = '' WHERE 1 SETTINGS mutations_sync = 2")
	exec("TRUNCATE TABLE batch_frames")
	if last, err := r.w.LastBatch(ctx); err != nil || last.Number != 3 || last.Term != 1 {
		t.Errorf("the record ends with %+v, %v", last, err)
	}
	if _, err := r.w.Batch(ctx, 3, wall); !errors.Is(err, warehouse.ErrNotKept) {
		t.Errorf("batch 3: %v", err)
	}
}
