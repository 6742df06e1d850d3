package aggregator_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"liaowang/aggregator"
	"liaowang/aggregator/batch"
	"liaowang/aggregator/demo"
	"liaowang/queries"
)

const leastCell = 5

var village = regexp.MustCompile(`^46\d{10}$`)

// strict is an aggregator that suppresses small cells.
func (h *hall) strict(node string) (stop func()) {
	return h.start(aggregator.Options{Node: node, LeastCell: leastCell})
}

func TestSmallCellsAndWhatGivesThemAwayAreSuppressed(t *testing.T) {
	h := newHall(t, "")
	h.regions()
	// 长流镇: 6 unstable and 3 marginal households; 西秀镇: 9 of each; 五指山: 7.
	key := uint64(0)
	put := func(n int, village uint64, kind string) {
		for range n {
			key++
			h.household(key, village, kind, 2, "monitored")
		}
	}
	put(6, 460105100001, "unstable_lifted")
	put(3, 460105100001, "marginal_poor")
	put(9, 460105101001, "unstable_lifted")
	put(9, 460105101001, "marginal_poor")
	put(7, 469001100001, "unstable_lifted")
	h.strict("one")
	_, f := h.next("the rows stand", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "34 68; " })
	for _, tt := range []struct{ metric, region, want string }{
		// 9 - 6 = 3 would tell of the three, and so would 12 - 9: the four cells of
		// two townships by two types are hidden, with their persons. Nothing else is.
		{"monitored.by_type", "460105100", "unstable_lifted ＊ ＊; marginal_poor ＊ ＊; sudden_hardship 0 0; "},
		{"monitored.by_type", "460105101", "unstable_lifted ＊ ＊; marginal_poor ＊ ＊; sudden_hardship 0 0; "},
		{"monitored.by_type", "460100", "unstable_lifted 15 30; marginal_poor 12 24; sudden_hardship 0 0; "},
		{"monitored.by_type", "469001", "unstable_lifted 7 14; marginal_poor 0 0; sudden_hardship 0 0; "},
		{"monitored.by_type", "460000", "unstable_lifted 22 44; marginal_poor 12 24; sudden_hardship 0 0; "},
		{"monitored.total", "460105100", "9 18; "},
		{"monitored.by_region", "460000", "460100 27 54; 460300 不适用 不适用; 469001 7 14; "},
		{"monitored.by_region", "460100", "460105100 9 18; 460105101 18 36; "},
	} {
		if got := f.rows(tt.metric, tt.region); got != tt.want {
			t.Errorf("%s for %s: got %q, want %q", tt.metric, tt.region, got, tt.want)
		}
	}
	// A township with three households: what counts them under another name, and
	// the sums they could be found from, go with them.
	put(3, 460105101001, "sudden_hardship") // a further small cell: 21 in 西秀镇
	h.exec(`INSERT INTO regions (code, level, parent, name, applicable, version) VALUES (460105102, 'township', 460100, '新镇', true, 2)`)
	put(3, 460105102001, "unstable_lifted")
	_, f = h.next("the new township stands", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "40 80; " })
	for _, metric := range []string{"monitored.total", "risk.remaining"} {
		if got := f.rows(metric, "460105102"); got != "＊ ＊; " {
			t.Errorf("%s of three households: %q", metric, got)
		}
	}
	if got, want := f.rows("monitored.by_region", "460100"), "460105100 ＊ ＊; 460105101 21 42; 460105102 ＊ ＊; "; got != want {
		t.Errorf("the townships of 海口: got %q, want %q", got, want)
	}
	if got := f.rows("monitored.by_cause", "460105102"); !strings.HasPrefix(got, "illness ＊; disability 0; ") {
		t.Errorf("causes of three households: %q", got)
	}
	// One person more, and no household: what is hidden stays, what is shown moves.
	h.household(10, 460105101001, "unstable_lifted", 3, "monitored")
	_, f = h.next("the new person counts", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "40 81; " })
	if got, want := f.rows("monitored.by_region", "460100"), "460105100 ＊ ＊; 460105101 21 43; 460105102 ＊ ＊; "; got != want {
		t.Errorf("the townships of 海口 with one person more: got %q, want %q", got, want)
	}
}

func TestAFailedCheckTellsNoSmallNumbers(t *testing.T) {
	h := newHall(t, "")
	h.regions()
	for key := range uint64(10) {
		h.household(key+1, 460105100001, "unstable_lifted", 3, "monitored")
	}
	h.household(20, 460999999001, "unstable_lifted", 2, "monitored") // in no known region
	h.strict("one")
	header, _ := h.next("the rows stand", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "11 32; " })
	i := slices.IndexFunc(header.Checks, func(k batch.Check) bool { return k.ID == "monitored.regions" })
	if k := header.Checks[i]; k.OK || k.Words != "不平, 差1户2人" || k.Failures[0].Expected != 11 {
		t.Errorf("where nothing is suppressed the difference is told: %+v", k)
	}
	for key := range uint64(3) {
		h.household(30+key, 469001100001, "unstable_lifted", 3, "monitored")
	}
	header, f := h.next("the small county stands", func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == "14 41; " })
	if got := f.rows("monitored.by_region", "460000"); got != "460100 ＊ ＊; 460300 不适用 不适用; 469001 ＊ ＊; " {
		t.Errorf("counties: %q", got)
	}
	want := batch.Failure{Region: "460000", Words: "不平, 涉及少于5户的数, 不予显示", Suppressed: true}
	if k := header.Checks[i]; k.OK || k.Words != want.Words || !slices.Equal(k.Failures, []batch.Failure{want}) {
		t.Errorf("the check says %+v", k)
	}
}

// TestNobodyFindsASmallCellOfTheDemoProvince publishes the demo province twice, as
// it is and suppressed, and sets a reader on the second who knows every metric of
// the catalogue in every region.
func TestNobodyFindsASmallCellOfTheDemoProvince(t *testing.T) {
	if testing.Short() {
		t.Skip("make soak runs it")
	}
	h := newHall(t, "")
	if err := demo.Load(t.Context(), h.w.Conn(), demo.Options{Mode: demo.ModeStill}); err != nil {
		t.Fatal(err)
	}
	stop := h.run("open")
	_, truth := h.next("the province stands", func(_ batch.Header, f frames) bool { return f.sum("monitored.total", "460000") == 12534 })
	stop()
	h.strict("strict")
	_, shown := h.next("it is suppressed", func(k batch.Header, f frames) bool { return k.LeastCell == leastCell && len(f) == len(truth) })

	t.Run("nothing is keyed below township", func(t *testing.T) {
		for k, f := range truth {
			if len(k.Region) > 9 {
				t.Errorf("frame %s", k)
			}
			for _, row := range f.Rows {
				for _, c := range row {
					if c.State == batch.IsText && village.MatchString(c.Text) {
						t.Errorf("frame %s has a row of %s", k, c.Text)
					}
				}
			}
		}
	})
	t.Run("the province's figures stay", func(t *testing.T) {
		for _, id := range []string{"monitored.total", "monitored.by_type", "monitored.by_region", "monitored.by_cause", "risk.eliminated", "risk.remaining",
			"registered.total", "registered.by_stability", "leads.by_channel", "backlog.by_stage", "assets.by_class"} {
			if got, want := shown.rows(id, "460000"), truth.rows(id, "460000"); got != want {
				t.Errorf("%s: got %q, want %q", id, got, want)
			}
		}
	})
	r := &reading{catalogue: h.cat, truth: truth, shown: shown}
	r.tree(truth[batch.Key{Metric: queries.RegionsMetric, Region: "460000"}])
	t.Run("every metric that counts is read", r.complete)
	r.read(t)
	t.Run("the titles say the truth", r.addsUp)
	t.Run("a reader finds nothing", r.attack)
}

// A household that is said to be eliminated before the row of its elimination arrives
// is left over by the kinds of elimination: that it is, tells nothing of it.
func TestAnEliminationThatIsLateHidesNothing(t *testing.T) {
	h := newHall(t, "")
	h.cat = h.cat.Only("monitored.total", "monitored.by_type", "risk.eliminated", "risk.remaining", "eliminated.by_type", "eliminated.by_kind", "eliminated.by_duration", "eliminated.duration")
	h.regions()
	// In each of two townships 10 eliminated and 10 monitored households; one of the
	// eliminations has not arrived.
	for key := range uint64(40) {
		h.household(key+1, []uint64{460105100001, 469001100001}[key/20], []string{"marginal_poor", "unstable_lifted"}[key/10%2], 3, []string{"eliminated", "monitored"}[key%2])
	}
	h.exec("INSERT INTO eliminations (household, village, persons, at, event, kind) SELECT number * 2 + 1 AS key, key < 20 ? 460105100001 : 469001100001, 3, toDateTime('2020-12-13 12:26:40', 'UTC'), 'eliminated', number % 10 < 4 ? 'natural' : 'assisted' FROM numbers(19)")
	h.strict("one")
	_, f := h.next("the rows stand", func(_ batch.Header, f frames) bool { return f.rows("eliminated.by_kind", "460000") != "none" })
	for _, tt := range []struct{ metric, want string }{
		{"monitored.total", "40 120; "},
		{"risk.eliminated", "20 60; "},
		{"risk.remaining", "20 60; "},
		{"eliminated.by_type", "unstable_lifted 10 30; marginal_poor 10 30; sudden_hardship 0 0; "},
		{"eliminated.by_kind", "assisted 11 33; natural 8 24; "},
		{"eliminated.duration", "19 91; "},
	} {
		if got := f.rows(tt.metric, "460000"); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.metric, got, tt.want)
		}
	}
}

// A household whose profile has not arrived is one in its row alone, which tells
// nothing of it: no total may go for its sake.
func TestAProfileThatIsLateHidesNothing(t *testing.T) {
	h := newHall(t, "")
	h.cat = h.cat.Only("monitored.total", "risk.remaining", "profile.coverage", "profile.by_size")
	h.regions()
	for key := range uint64(13) {
		h.household(key+1, 460105100001, "marginal_poor", 3, "monitored")
	}
	h.exec("INSERT INTO profiles (household, village, persons, version) SELECT number + 1, 460105100001, 3, 1 FROM numbers(12)")
	h.strict("one")
	_, f := h.next("the rows stand", func(_ batch.Header, f frames) bool { return f.rows("profile.coverage", "460000") != "none" })
	for _, tt := range []struct{ metric, want string }{
		{"monitored.total", "13 39; "},
		{"risk.remaining", "13 39; "},
		{"profile.coverage", "with_profile 12 36; without_profile 1 3; "},
		{"profile.by_size", "one 0 0; two 0 0; three 12 36; four 0 0; five 0 0; six 0 0; seven_up 0 0; "},
	} {
		if got := f.rows(tt.metric, "460000"); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.metric, got, tt.want)
		}
	}
}
