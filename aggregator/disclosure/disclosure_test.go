package disclosure_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"liaowang/aggregator/disclosure"
	"liaowang/aggregator/disclosure/disclosuretest"
)

const least = 5

type cell = disclosuretest.Cell

func at(partition, part string, region int) cell {
	return cell{Partition: partition, Part: part, Region: region}
}

// tables are the true figures, as they would be shown without suppression.
type tables struct {
	parents []int
	overlap map[string]bool
	order   []cell
	values  map[cell]float64
}

func newTables(parents ...int) *tables {
	return &tables{parents: parents, overlap: map[string]bool{}, values: map[cell]float64{}}
}

func (t *tables) put(partition, part string, region int, value float64) {
	c := at(partition, part, region)
	if _, ok := t.values[c]; !ok {
		t.order = append(t.order, c)
	}
	t.values[c] = value
}

// suppress gives the cells that are hidden, and the group for the next batch.
func (t *tables) suppress(tree *disclosure.Tree, before *disclosure.Group) (map[cell]bool, *disclosure.Group) {
	g := disclosure.NewGroup(tree, least)
	units := map[cell]int{}
	for _, c := range t.order {
		units[c] = g.Add(g.Partition(c.Partition, t.overlap[c.Partition]), c.Part, c.Region, t.values[c])
	}
	g.Suppress(before)
	hidden := map[cell]bool{}
	for c, u := range units {
		if g.Hidden(u) {
			hidden[c] = true
		}
	}
	return hidden, g
}

// safe fails the test where an attacker learns a small cell, or one is shown.
func (t *tables) safe(tb testing.TB, hidden map[cell]bool) {
	tb.Helper()
	r := &disclosuretest.Reader{Parents: t.parents, Overlapping: t.overlap, Shown: map[cell]float64{}, Hidden: hidden, Least: 1}
	for c, v := range t.values {
		if !hidden[c] {
			r.Shown[c] = v
		}
	}
	found := r.Attack()
	for c, v := range t.values {
		if v < 1 || v >= least {
			continue
		}
		if !hidden[c] {
			tb.Fatalf("%v is %v and shown", c, v)
		}
		l, tied := found[c]
		if tied && (l.Determined || l.High-l.Low < 1) {
			tb.Fatalf("%v is %v and found out: %+v", c, v, l)
		}
	}
}

func (t *tables) want(tb testing.TB, hidden map[cell]bool, cells ...cell) {
	tb.Helper()
	want := map[cell]bool{}
	for _, c := range cells {
		want[c] = true
	}
	if !maps.Equal(want, hidden) {
		tb.Errorf("hidden are %v, want %v", slices.Collect(maps.Keys(hidden)), cells)
	}
	t.safe(tb, hidden)
}

func TestASmallPartTakesTheSmallestOtherWithIt(t *testing.T) {
	x := newTables(-1)
	x.put("", "", 0, 100)
	x.put("type", "a", 0, 3)
	x.put("type", "b", 0, 40)
	x.put("type", "c", 0, 57)
	x.put("type", "d", 0, 0)
	hidden, _ := x.suppress(disclosure.NewTree(x.parents), nil)
	// 100 - 57 = 43 is left for a and b: a lies between 1 and 42. Zero is shown.
	x.want(t, hidden, at("type", "a", 0), at("type", "b", 0))
}

func TestSmallPartsThatFillTheirSumNeedAThird(t *testing.T) {
	x := newTables(-1)
	x.put("", "", 0, 30)
	x.put("type", "a", 0, 1)
	x.put("type", "b", 0, 1)
	x.put("type", "c", 0, 8)
	x.put("type", "d", 0, 20)
	hidden, _ := x.suppress(disclosure.NewTree(x.parents), nil)
	// a + b = 2 would tell both of them to be 1.
	x.want(t, hidden, at("type", "a", 0), at("type", "b", 0), at("type", "c", 0))
}

func TestASmallWholeHidesItsOnlyPart(t *testing.T) {
	x := newTables(-1)
	x.put("", "", 0, 3)
	x.put("type", "a", 0, 3)
	x.put("type", "b", 0, 0)
	hidden, _ := x.suppress(disclosure.NewTree(x.parents), nil)
	x.want(t, hidden, at("", "", 0), at("type", "a", 0))
}

func TestTheWholeIsHiddenOnlyWhereNothingElseCanBe(t *testing.T) {
	x := newTables(-1)
	x.put("", "", 0, 5)
	x.put("type", "a", 0, 3)
	x.put("type", "b", 0, 2)
	hidden, _ := x.suppress(disclosure.NewTree(x.parents), nil)
	x.want(t, hidden, at("", "", 0), at("type", "a", 0), at("type", "b", 0))
}

func TestPartsThatOverlapAreNotSubtracted(t *testing.T) {
	x := newTables(-1)
	x.overlap["cause"] = true
	x.put("", "", 0, 100)
	x.put("cause", "a", 0, 3)
	x.put("cause", "b", 0, 99)
	hidden, _ := x.suppress(disclosure.NewTree(x.parents), nil)
	x.want(t, hidden, at("cause", "a", 0))
}

func TestATownshipTakesAnotherOfItsCountyWithIt(t *testing.T) {
	x := newTables(-1, 0, 0, 1, 1, 1, 2, 2)
	for region, value := range []float64{200, 80, 120, 3, 30, 47, 60, 60} {
		x.put("", "", region, value)
	}
	hidden, _ := x.suppress(disclosure.NewTree(x.parents), nil)
	x.want(t, hidden, at("", "", 3), at("", "", 4))
}

// A small cell in a table of townships by types needs a rectangle: its row and
// its column must each hold a second one, and so must theirs.
func TestASmallCellInsideATableHidesARectangle(t *testing.T) {
	x := newTables(-1, 0, 0, 0)
	inside := [][]float64{{3, 20, 30}, {40, 25, 30}, {50, 26, 9}}
	for i, part := range []string{"a", "b", "c"} {
		down := 0.
		for region := range 3 {
			x.put("type", part, region+1, inside[region][i])
			down += inside[region][i]
		}
		x.put("type", part, 0, down)
	}
	for region, row := range inside {
		x.put("", "", region+1, row[0]+row[1]+row[2])
	}
	x.put("", "", 0, 233)
	hidden, _ := x.suppress(disclosure.NewTree(x.parents), nil)
	x.want(t, hidden, at("type", "a", 1), at("type", "b", 1), at("type", "a", 2), at("type", "b", 2))
}

// A division that is not loaded yet says that the small whole is zero. What it says
// is wrong, and hiding the neighbours would not change it.
func TestASumThatDoesNotHoldHidesNothingFurther(t *testing.T) {
	x := newTables(-1, 0, 0, 0, 0)
	for region, value := range []float64{103, 3, 20, 30, 50} {
		x.put("", "", region, value)
		x.put("path", "a", region, 0)
		x.put("path", "b", region, 0)
	}
	hidden, _ := x.suppress(disclosure.NewTree(x.parents), nil)
	if want := (map[cell]bool{at("", "", 1): true, at("", "", 2): true}); !maps.Equal(hidden, want) {
		t.Errorf("hidden are %v, want %v", hidden, want)
	}
}

// Two divisions of a whole that nobody shows are equal sums all the same.
func TestDivisionsAreComparedThoughTheirWholeIsNotShown(t *testing.T) {
	x := newTables(-1)
	x.put("type", "a", 0, 3)
	x.put("type", "b", 0, 40)
	x.put("type", "c", 0, 60)
	x.put("state", "on", 0, 50)
	x.put("state", "off", 0, 53)
	hidden, _ := x.suppress(disclosure.NewTree(x.parents), nil)
	x.want(t, hidden, at("type", "a", 0), at("type", "b", 0))
}

func TestADivisionAloneHidesNothingElse(t *testing.T) {
	x := newTables(-1)
	x.put("type", "a", 0, 3)
	x.put("type", "b", 0, 40)
	hidden, _ := x.suppress(disclosure.NewTree(x.parents), nil)
	x.want(t, hidden, at("type", "a", 0))
}

func TestZeroAndMissingAreNotSmall(t *testing.T) {
	g := disclosure.NewGroup(disclosure.NewTree([]int{-1}), least)
	zero := g.Add(g.Partition("wide", true), "b", 0, 0)
	missing := g.Add(g.Partition("wide", true), "c", 0, math.NaN())
	g.Suppress(nil)
	if g.Hidden(zero) || g.Hidden(missing) {
		t.Errorf("0 is hidden: %t; missing: %t", g.Hidden(zero), g.Hidden(missing))
	}
}

func TestALeastCellOfOneHidesNothing(t *testing.T) {
	g := disclosure.NewGroup(disclosure.NewTree([]int{-1}), 1)
	u := g.Add(0, "", 0, 1)
	g.Suppress(nil)
	if g.Hidden(u) {
		t.Error("hidden")
	}
}

// Without the cells that are hidden with them, small ones are found: the attack
// has teeth.
func TestTheReaderFindsSmallCellsThatAreHiddenAlone(t *testing.T) {
	found := 0
	for seed := range uint64(50) {
		x := province(rand.New(rand.NewPCG(seed, 3)), 8, 3, 20)
		r := &disclosuretest.Reader{Parents: x.parents, Overlapping: x.overlap, Shown: map[cell]float64{}, Hidden: map[cell]bool{}, Least: 1}
		for c, v := range x.values {
			if v >= 1 && v < least {
				r.Hidden[c] = true
			} else {
				r.Shown[c] = v
			}
		}
		for c, l := range r.Attack() {
			switch {
			case !r.Hidden[c]: // a whole that nobody shows
			case l.Low > x.values[c] || l.High < x.values[c]:
				t.Fatalf("seed %d: %v is %v, the reader says %+v", seed, c, x.values[c], l)
			case l.Determined || l.Low == l.High:
				found++
			}
		}
	}
	if found < 100 {
		t.Errorf("the reader finds %d cells", found)
	}
}

// province is a random one: households with a value in each division, counted at
// every level, some figures of which are shown.
func province(random *rand.Rand, townships, divisions int, households float64) *tables {
	parents := []int{-1}
	counties := 1 + random.IntN(max(townships/6, 1)+1)
	for range counties {
		parents = append(parents, 0)
	}
	for range townships {
		parents = append(parents, 1+random.IntN(counties))
	}
	t := newTables(parents...)
	counted := map[cell]float64{}
	width := make([]int, divisions)
	skew := make([]float64, divisions)
	for d := range divisions {
		width[d] = 1 + random.IntN(6)
		skew[d] = 1 + 3*random.Float64()
	}
	for region := range parents {
		if region <= counties {
			continue
		}
		for range int(households * random.ExpFloat64()) {
			for up := region; up >= 0; up = parents[up] {
				counted[at("", "", up)]++
			}
			for d := range divisions {
				part := fmt.Sprint(int(float64(width[d]) * math.Pow(random.Float64(), skew[d])))
				for up := region; up >= 0; up = parents[up] {
					counted[at(fmt.Sprint("division", d), part, up)]++
				}
			}
		}
	}
	level := func(region int) int {
		switch {
		case region == 0:
			return 0
		case region <= counties:
			return 1
		}
		return 2
	}
	whole := [3]bool{random.IntN(4) > 0, random.IntN(4) > 0, random.IntN(4) > 0}
	for region := range parents {
		if whole[level(region)] {
			t.put("", "", region, counted[at("", "", region)])
		}
	}
	for d := range divisions {
		down := random.IntN(3)
		name := fmt.Sprint("division", d)
		for region := range parents {
			for part := range width[d] {
				if c := at(name, fmt.Sprint(part), region); level(region) <= down {
					t.put(c.Partition, c.Part, region, counted[c])
				}
			}
		}
	}
	return t
}

func TestNoReaderFindsASmallCellInRandomProvinces(t *testing.T) {
	cells, small, hiddenCells := 0, 0, 0
	for seed := range uint64(600) {
		random := rand.New(rand.NewPCG(seed, 1))
		x := province(random, 1+random.IntN(14), 1+random.IntN(4), 2+30*random.Float64())
		tree := disclosure.NewTree(x.parents)
		hidden, _ := x.suppress(tree, nil)
		again, _ := x.suppress(tree, nil)
		if !maps.Equal(hidden, again) {
			t.Fatalf("seed %d: two runs differ", seed)
		}
		x.safe(t, hidden)
		cells += len(x.values)
		hiddenCells += len(hidden)
		for _, v := range x.values {
			if v >= 1 && v < least {
				small++
			}
		}
	}
	t.Logf("%d cells, %d small, %d hidden with them", cells, small, hiddenCells-small)
}

func FuzzSuppress(f *testing.F) {
	for seed := range uint64(5) {
		f.Add(seed, uint8(8), uint8(3), uint8(20))
	}
	f.Fuzz(func(t *testing.T, seed uint64, townships, divisions, households uint8) {
		x := province(rand.New(rand.NewPCG(seed, 2)), 1+int(townships)%24, 1+int(divisions)%5, 1+float64(households%60))
		hidden, _ := x.suppress(disclosure.NewTree(x.parents), nil)
		x.safe(t, hidden)
	})
}

// What is hidden beside the small cells stays while it can, though another choice
// would now be the smallest.
func TestThePatternStaysWhileTheFiguresMove(t *testing.T) {
	x := newTables(-1)
	x.put("", "", 0, 100)
	x.put("type", "a", 0, 3)
	x.put("type", "b", 0, 40)
	x.put("type", "c", 0, 57)
	tree := disclosure.NewTree(x.parents)
	first, g := x.suppress(tree, nil)
	x.put("type", "b", 0, 49)
	x.put("type", "c", 0, 48)
	second, _ := x.suppress(tree, g)
	if !maps.Equal(first, second) {
		t.Errorf("hidden was %v, then %v", first, second)
	}
	x.safe(t, second)
	if fresh, _ := x.suppress(tree, nil); maps.Equal(first, fresh) {
		t.Error("the test would pass without a memory")
	}
}

// BenchmarkSuppress is a full province at once: 18 counties, 244 townships, forty
// divisions shown down to the townships, in one group and so at its hardest. In "the
// same again" the figures stand and the pattern of before is there.
func BenchmarkSuppress(b *testing.B) {
	x := full(rand.New(rand.NewPCG(7, 7)), 40)
	tree := disclosure.NewTree(x.parents)
	values := make([]float64, len(x.order))
	for i, c := range x.order {
		values[i] = x.values[c]
	}
	suppress := func(before *disclosure.Group) (g *disclosure.Group, hidden int) {
		g = disclosure.NewGroup(tree, least)
		units := make([]int, len(x.order))
		for i, c := range x.order {
			units[i] = g.Add(g.Partition(c.Partition, false), c.Part, c.Region, values[i])
		}
		g.Suppress(before)
		for _, u := range units {
			if g.Hidden(u) {
				hidden++
			}
		}
		return g, hidden
	}
	run := func(b *testing.B, before *disclosure.Group) {
		hidden := 0
		b.ReportAllocs()
		for b.Loop() {
			_, hidden = suppress(before)
		}
		b.ReportMetric(float64(len(x.order)), "units")
		b.ReportMetric(float64(hidden), "hidden")
	}
	b.Run("anew", func(b *testing.B) { run(b, nil) })
	first, _ := suppress(nil)
	b.Run("the same again", func(b *testing.B) { run(b, first) })
}

// full is a province of the size of Hainan, with 12,534 households.
func full(random *rand.Rand, divisions int) *tables {
	parents := []int{-1}
	for range 18 {
		parents = append(parents, 0)
	}
	for i := range 244 {
		parents = append(parents, 1+i%18)
	}
	x := newTables(parents...)
	counted := map[cell]float64{}
	for range 12534 {
		region := 19 + random.IntN(244)
		for up := region; up >= 0; up = parents[up] {
			counted[at("", "", up)]++
		}
		for d := range divisions {
			part := fmt.Sprint(int(float64(3+d%6) * math.Pow(random.Float64(), 2)))
			for up := region; up >= 0; up = parents[up] {
				counted[at(fmt.Sprint("division", d), part, up)]++
			}
		}
	}
	for region := range parents {
		x.put("", "", region, counted[at("", "", region)])
		for d := range divisions {
			for part := range 3 + d%6 {
				c := at(fmt.Sprint("division", d), fmt.Sprint(part), region)
				x.put(c.Partition, c.Part, region, counted[c])
			}
		}
	}
	return x
}

// What a small count says nothing of is shown, and hides nothing.
func TestAHarmlessPartIsShown(t *testing.T) {
	g := disclosure.NewGroup(disclosure.NewTree([]int{-1}), least)
	coverage := g.Partition("coverage", false)
	g.Harmless(disclosure.Part{Partition: coverage, Name: "without"})
	with, without := g.Add(coverage, "with", 0, 20), g.Add(coverage, "without", 0, 1)
	odd, even := g.Add(g.Partition("size", false), "odd", 0, 3), g.Add(g.Partition("size", false), "even", 0, 18)
	g.Suppress(nil)
	for unit, want := range map[int]bool{with: false, without: false, odd: true, even: true} {
		if g.Hidden(unit) != want {
			t.Errorf("unit %d is hidden: %v", unit, g.Hidden(unit))
		}
	}
}
