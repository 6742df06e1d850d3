package batch_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"liaowang/aggregator/batch"
)

// lines is the form of a frame in Redis.
func lines(t testing.TB, f *batch.Frame) string {
	t.Helper()
	b, err := f.AppendLines(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestADeltaIsTheRowsThatChanged(t *testing.T) {
	series := func(first, days int) (rows [][]batch.Cell) {
		for d := range days {
			rows = append(rows, []batch.Cell{batch.Text(fmt.Sprint("day ", first+d)), batch.Num(float64((first + d) * 7))})
		}
		return rows
	}
	row := func(day int, v float64) []batch.Cell {
		return []batch.Cell{batch.Text(fmt.Sprint("day ", day)), batch.Num(v)}
	}
	altered := func(rows [][]batch.Cell, at int, v float64) [][]batch.Cell {
		rows = slices.Clone(rows)
		rows[at] = []batch.Cell{rows[at][0], batch.Num(v)}
		return rows
	}
	for _, tt := range []struct {
		name     string
		old, new [][]batch.Cell
		want     []batch.Splice
	}{
		{"nothing", series(0, 20), series(0, 20), nil},
		{"one row in place", series(0, 20), altered(series(0, 20), 7, 1), []batch.Splice{{At: 7, Drop: 1, Rows: [][]batch.Cell{row(7, 1)}}}},
		{"two rows far apart", series(0, 20), altered(altered(series(0, 20), 2, 1), 15, 2),
			[]batch.Splice{{At: 2, Drop: 1, Rows: [][]batch.Cell{row(2, 1)}}, {At: 15, Drop: 1, Rows: [][]batch.Cell{row(15, 2)}}}},
		{"a series that slides", series(0, 365), series(1, 365), []batch.Splice{{At: 0, Drop: 1}, {At: 365, Rows: series(365, 1)}}},
		{"a series that slides and whose last day changed", series(0, 365), altered(series(1, 365), 363, 1),
			[]batch.Splice{{At: 0, Drop: 1}, {At: 364, Drop: 1, Rows: [][]batch.Cell{row(364, 1), row(365, 365*7)}}}},
		{"a series that grows", series(0, 30), series(0, 31), []batch.Splice{{At: 30, Rows: series(30, 1)}}},
	} {
		old := &batch.Frame{Metric: "a.a", Region: "460000", Changed: 16, Rows: tt.old}
		f := &batch.Frame{Metric: "a.a", Region: "460000", Changed: 17, Rows: tt.new}
		d := f.DeltaFrom(old)
		if d == nil {
			t.Fatalf("%s: there is no delta", tt.name)
		}
		same := cmp.Comparer(func(a, b batch.Splice) bool {
			return a.At == b.At && a.Drop == b.Drop && fmt.Sprint(a.Rows) == fmt.Sprint(b.Rows)
		})
		if diff := cmp.Diff(tt.want, d.Splices, same); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		if got, err := old.Apply(d); err != nil || lines(t, got) != lines(t, f) {
			t.Errorf("%s: applied it gives %v, %v", tt.name, got, err)
		}
	}
	old := &batch.Frame{Metric: "a.a", Region: "460000", Changed: 16, Rows: series(0, 100)}
	anew := &batch.Frame{Metric: "a.a", Region: "460000", Changed: 17, Rows: series(1000, 100)}
	if d := anew.DeltaFrom(old); d != nil {
		t.Errorf("a frame that changed altogether has a delta of %d splices", len(d.Splices))
	}
}

func TestADeltaOfAnotherFrameIsRefused(t *testing.T) {
	f := &batch.Frame{Metric: "a.a", Region: "460000", Changed: 16, Rows: [][]batch.Cell{{batch.Num(1)}, {batch.Num(2)}}}
	delta := func(from uint64, region string, s ...batch.Splice) *batch.Delta {
		return &batch.Delta{Metric: "a.a", Region: region, From: from, Changed: 17, Splices: s}
	}
	for name, d := range map[string]*batch.Delta{
		"another batch's":        delta(15, "460000"),
		"another region's":       delta(16, "460100"),
		"past the end":           delta(16, "460000", batch.Splice{At: 1, Drop: 2}),
		"beginning past the end": delta(16, "460000", batch.Splice{At: 3}),
		"backwards":              delta(16, "460000", batch.Splice{At: 1, Drop: 1}, batch.Splice{At: 0, Drop: 1}),
		"before the beginning":   delta(16, "460000", batch.Splice{At: -1}),
	} {
		if got, err := f.Apply(d); err == nil {
			t.Errorf("%s was applied: %v", name, got)
		}
	}
}

// world is a province of random frames that change at random.
type world struct {
	r      *rand.Rand
	number uint64
	frames map[batch.Key]*batch.Frame
}

func newWorld(seed uint64, frames int) *world {
	w := &world{r: rand.New(rand.NewPCG(seed, 46)), number: 1, frames: map[batch.Key]*batch.Frame{}}
	for i := range frames {
		f := &batch.Frame{Metric: fmt.Sprintf("a.m%d", i%7), Region: fmt.Sprint(460000 + i), Changed: 1, Rows: [][]batch.Cell{}}
		for range w.r.IntN(60) {
			f.Rows = append(f.Rows, w.row())
		}
		w.frames[f.Key()] = f
	}
	return w
}

func (w *world) row() []batch.Cell {
	texts := []string{"", "海口市", "a \"b\"\n\\c\t", "line\u2028<&>", "\xff", "丁"}
	row := make([]batch.Cell, 4)
	for i := range row {
		switch w.r.IntN(6) {
		case 0:
			row[i] = batch.Num(float64(w.r.IntN(5)))
		case 1:
			row[i] = batch.Num((w.r.Float64() - 0.5) * 1e17)
		case 2:
			row[i] = batch.Text(texts[w.r.IntN(len(texts))])
		case 3:
			row[i] = batch.NA()
		case 4:
			row[i] = batch.Hidden()
		}
	}
	return row
}

// next changes some frames and gives them, and what they were.
func (w *world) next() (changed []*batch.Frame, before map[batch.Key]*batch.Frame) {
	w.number++
	before = maps.Clone(w.frames)
	for _, k := range slices.SortedFunc(maps.Keys(w.frames), func(a, b batch.Key) int { return compare(a, b) }) {
		if w.r.IntN(3) > 0 {
			continue
		}
		f := *w.frames[k]
		f.Changed = w.number
		f.Rows = slices.Clone(f.Rows)
		for range 1 + w.r.IntN(3) {
			w.alter(&f)
		}
		w.frames[k] = &f
		changed = append(changed, &f)
	}
	return changed, before
}

func compare(a, b batch.Key) int {
	return slices.Compare([]string{a.Metric, a.Region}, []string{b.Metric, b.Region})
}

func (w *world) alter(f *batch.Frame) {
	at := w.r.IntN(len(f.Rows) + 1)
	switch kind := w.r.IntN(8); {
	case kind == 0:
		f.Rows = slices.Insert(f.Rows, at, w.row())
	case kind == 1:
		f.Rows = append(f.Rows, w.row())
	case kind == 2 && w.r.IntN(5) == 0:
		f.Rows = [][]batch.Cell{}
	case kind == 3 && w.r.IntN(3) == 0:
		w.r.Shuffle(len(f.Rows), func(i, j int) { f.Rows[i], f.Rows[j] = f.Rows[j], f.Rows[i] })
	case at == len(f.Rows):
	case kind == 4:
		f.Rows = slices.Delete(f.Rows, at, at+1)
	case kind == 5:
		f.Rows = append(f.Rows[1:], w.row())
	default:
		f.Rows[at] = w.row()
	}
}

func (w *world) all() []*batch.Frame { return slices.Collect(maps.Values(w.frames)) }

// reader follows batches as a hub does.
type reader struct {
	number uint64
	frames map[batch.Key]*batch.Frame
	deltas int
}

func (r *reader) follow(t *testing.T, s *batch.Store) {
	t.Helper()
	held := make(map[batch.Key]string, len(r.frames))
	for k, f := range r.frames {
		held[k] = lines(t, f)
	}
	snap, err := s.LoadOnto(t.Context(), r.number, r.frames)
	if err != nil {
		t.Fatal(err)
	}
	for k, f := range r.frames {
		if got := lines(t, f); got != held[k] {
			t.Fatalf("a frame that the reader held was changed from %q to %q", held[k], got)
		}
	}
	next := maps.Clone(r.frames)
	if next == nil {
		next = map[batch.Key]*batch.Frame{}
	}
	for _, f := range snap.Frames {
		next[f.Key()] = f
	}
	r.number, r.frames, r.deltas = snap.Header.Number, next, r.deltas+snap.Deltas
}

// deltas are the parts of the contract that speak of deltas.
func deltas(t *testing.T, start func(*testing.T) string) {
	t.Run("whoever applies deltas has the bytes of whoever fetches afresh", func(t *testing.T) {
		s := openStore(t, start)
		for seed := range uint64(6) {
			w := newWorld(seed, 40)
			w.number += 100 * seed
			l, err := s.Acquire(t.Context(), "a", "run", batch.Floor{}, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range w.frames {
				f.Changed = w.number
			}
			if err := s.Publish(t.Context(), l, header(l, w.number), 0, w.all(), nil); err != nil {
				t.Fatal(err)
			}
			var each, third reader
			for range 20 {
				each.follow(t, s)
				if w.number%3 == 0 {
					third.follow(t, s)
				}
				base := w.number
				changed, before := w.next()
				if err := s.Publish(t.Context(), l, header(l, w.number), base, changed, before); err != nil {
					t.Fatal(err)
				}
			}
			var afresh reader
			for _, r := range []*reader{&each, &third, &afresh} {
				r.follow(t, s)
				if r.number != w.number || len(r.frames) != len(w.frames) {
					t.Fatalf("seed %d: batch %d of %d frames, expected %d of %d", seed, r.number, len(r.frames), w.number, len(w.frames))
				}
				for k, f := range w.frames {
					if got, want := lines(t, r.frames[k]), lines(t, f); got != want {
						t.Fatalf("seed %d: %s reads\n%s\nand was computed as\n%s", seed, k, got, want)
					}
				}
			}
			if each.deltas < 50 || third.deltas == 0 || afresh.deltas != 0 {
				t.Fatalf("seed %d: %d, %d and %d frames travelled as deltas", seed, each.deltas, third.deltas, afresh.deltas)
			}
		}
	})
	table := func(region string, changed uint64, first float64) *batch.Frame {
		f := &batch.Frame{Metric: "a.a", Region: region, Changed: changed}
		for i := range 20 {
			f.Rows = append(f.Rows, []batch.Cell{batch.Text(fmt.Sprint("row ", i)), batch.Num(first)})
			first = 0
		}
		return f
	}
	held := func(frames ...*batch.Frame) map[batch.Key]*batch.Frame {
		m := map[batch.Key]*batch.Frame{}
		for _, f := range frames {
			m[f.Key()] = f
		}
		return m
	}
	t.Run("a delta of what Redis does not hold changes nothing", func(t *testing.T) {
		s := openStore(t, start)
		l, err := s.Acquire(t.Context(), "a", "run", batch.Floor{}, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		one, two := table("460001", 5, 1), table("460002", 5, 1)
		if err := s.Publish(t.Context(), l, header(l, 5), 0, []*batch.Frame{one, two}, nil); err != nil {
			t.Fatal(err)
		}
		other := table("460002", 4, 1) // not what was published
		changed := []*batch.Frame{table("460001", 6, 2), table("460002", 6, 2)}
		if err := s.Publish(t.Context(), l, header(l, 6), 5, changed, held(one, other)); !errors.Is(err, batch.ErrIncomplete) {
			t.Fatalf("a delta was laid over a frame that it is not of: %v", err)
		}
		snap, err := s.Load(t.Context(), 0)
		if err != nil || snap.Header.Number != 5 {
			t.Fatalf("%+v, %v", snap.Header, err)
		}
		for _, f := range snap.Frames {
			if want := held(one, two)[f.Key()]; lines(t, f) != lines(t, want) {
				t.Fatalf("%s was changed by a batch that was refused", f.Key())
			}
		}
		if err := s.Publish(t.Context(), l, header(l, 6), 5, changed, held(one, two)); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("a reader who holds something else gets whole frames", func(t *testing.T) {
		s := openStore(t, start)
		l, err := s.Acquire(t.Context(), "a", "run", batch.Floor{}, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		first, second := table("460001", 5, 1), table("460001", 6, 2)
		if err := s.Publish(t.Context(), l, header(l, 5), 0, []*batch.Frame{first}, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.Publish(t.Context(), l, header(l, 6), 5, []*batch.Frame{second}, held(first)); err != nil {
			t.Fatal(err)
		}
		short := &batch.Frame{Metric: "a.a", Region: "460001", Changed: 5}
		for name, has := range map[string]map[batch.Key]*batch.Frame{
			"no frame": held(), "the frame of another batch": held(table("460001", 4, 1)), "a shorter frame": held(short),
		} {
			snap, err := s.LoadOnto(t.Context(), 5, has)
			if err != nil || len(snap.Frames) != 1 || snap.Deltas != 0 || lines(t, snap.Frames[0]) != lines(t, second) {
				t.Fatalf("who holds %s gets %+v, %v", name, snap, err)
			}
		}
		if snap, err := s.LoadOnto(t.Context(), 5, held(first)); err != nil || snap.Deltas != 1 || lines(t, snap.Frames[0]) != lines(t, second) {
			t.Fatalf("who holds it gets %+v, %v", snap, err)
		}
	})
}

func FuzzFrame(f *testing.F) {
	for _, s := range []string{
		`{"metric":"a.a","region":"460000","changed":17}`, "{\"metric\":\"a\\n\",\"region\":\"\",\"changed\":0}\n[]\n[null,\"n/a\",-0,1.5,\"\\u4e01\"]",
		"16\n{\"metric\":\"a.a\",\"region\":\"460000\",\"changed\":17}\n1 1 1 4 8 4\n[1]\n5 0 0 7 0 0", "1\n{", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if frame, err := batch.ParseFrame(s); err == nil {
			once := lines(t, frame)
			again, err := batch.ParseFrame(once)
			if err != nil || lines(t, again) != once {
				t.Fatalf("%q became %q became %v, %v", s, once, again, err)
			}
		}
		if d, err := batch.ParseDelta(s); err == nil {
			once, err := d.AppendLines(nil)
			if err != nil {
				t.Fatal(err)
			}
			again, err := batch.ParseDelta(string(once))
			if diff := cmp.Diff(d, again); err != nil || diff != "" {
				t.Fatalf("%q became %q: %v %s", s, once, err, diff)
			}
			_, _ = (&batch.Frame{Metric: d.Metric, Region: d.Region, Changed: d.From, Rows: make([][]batch.Cell, 5)}).Apply(d)
		}
	})
}
