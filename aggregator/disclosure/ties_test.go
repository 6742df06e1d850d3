package disclosure_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"liaowang/aggregator/disclosure"
	"liaowang/aggregator/disclosure/disclosuretest"
)

// ties is a group whose partitions divide parts of each other, and the reader who
// knows it.
type ties struct {
	group  *disclosure.Group
	reader disclosuretest.Reader
	units  map[cell]int
	truth  map[cell]float64
}

func newTies(parents ...int) *ties {
	return &ties{group: disclosure.NewGroup(disclosure.NewTree(parents), least), units: map[cell]int{}, truth: map[cell]float64{},
		reader: disclosuretest.Reader{Parents: parents, Overlapping: map[string]bool{}, Shown: map[cell]float64{}, Hidden: map[cell]bool{}, Least: 1}}
}

// partition divides a part, "" being the whole.
func (x *ties) partition(name, of, part string, partial bool) {
	p := x.group.Partition(name, false)
	x.group.Within(p, disclosure.Part{Partition: x.group.Partition(of, false), Name: part})
	s := disclosuretest.Sum{Whole: disclosuretest.Name{Partition: of, Part: part}, All: name}
	if partial {
		x.group.Partial(p)
		s.Rest = disclosuretest.Name{Partition: "rest of " + name}
		x.reader.Overlapping[s.Rest.Partition] = true
	}
	x.reader.Overlapping[name] = true // its sum is said
	x.reader.Sums = append(x.reader.Sums, s)
}

func (x *ties) sum(partition, part, of string, parts ...string) {
	s := disclosuretest.Sum{Whole: disclosuretest.Name{Partition: partition, Part: part}}
	var terms []disclosure.Part
	for _, p := range parts {
		s.Parts = append(s.Parts, disclosuretest.Name{Partition: of, Part: p})
		terms = append(terms, disclosure.Part{Partition: x.group.Partition(of, false), Name: p})
	}
	x.group.Sum(disclosure.Part{Partition: x.group.Partition(partition, false), Name: part}, terms)
	x.reader.Sums = append(x.reader.Sums, s)
}

func (x *ties) put(partition, part string, region int, value float64) {
	c := at(partition, part, region)
	x.truth[c] = value
	x.units[c] = x.group.Add(x.group.Partition(partition, false), part, region, value)
}

// safe suppresses, sets the reader on what is shown, and gives what is hidden.
func (x *ties) safe(t *testing.T) map[cell]bool {
	t.Helper()
	x.group.Suppress(nil)
	for c, u := range x.units {
		if x.group.Hidden(u) {
			x.reader.Hidden[c] = true
		} else {
			x.reader.Shown[c] = x.truth[c]
		}
	}
	for c, l := range x.reader.Attack() {
		if v := x.truth[c]; v >= 1 && v < least && (l.Determined || l.High-l.Low < 1) {
			t.Fatalf("%v is %v and found out: %+v", c, v, l)
		}
	}
	for c, v := range x.truth {
		if v >= 1 && v < least && !x.reader.Hidden[c] {
			t.Fatalf("%v is %v and shown", c, v)
		}
	}
	return x.reader.Hidden
}

// Of 50 households 20 have their risk eliminated: 3 in one way, 17 in the other. The
// three follow from 20 - 17, so that one of these two must go; and 20 from 50 - 30.
func TestAPartThatIsDividedFurtherIsASumToo(t *testing.T) {
	x := newTies(-1)
	x.partition("risk", "", "", false)
	x.partition("way", "risk", "eliminated", false)
	x.put("", "", 0, 50)
	x.put("risk", "eliminated", 0, 20)
	x.put("risk", "remaining", 0, 30)
	x.put("way", "natural", 0, 3)
	x.put("way", "assisted", 0, 17)
	hidden := x.safe(t)
	if len(hidden) != 2 || !hidden[at("way", "assisted", 0)] {
		t.Errorf("hidden are %v", hidden)
	}
}

// The part that is divided is shown nowhere; it follows from 50 - 30 all the same.
func TestAPartThatNobodyShowsIsReckonedWith(t *testing.T) {
	x := newTies(-1)
	x.partition("risk", "", "", false)
	x.partition("way", "risk", "eliminated", false)
	x.put("", "", 0, 50)
	x.put("risk", "remaining", 0, 30)
	x.put("risk", "nobody", 0, 0)
	x.put("way", "natural", 0, 3)
	x.put("way", "assisted", 0, 17)
	if hidden := x.safe(t); !hidden[at("way", "assisted", 0)] {
		t.Errorf("hidden are %v", hidden)
	}
}

// Two populations show the same number: a cell hidden in one is hidden in the other.
func TestEqualNumbersAreHiddenTogether(t *testing.T) {
	x := newTies(-1, 0, 0, 0)
	x.partition("risk", "", "", false)
	x.partition("standing", "farmers", "", false)
	x.sum("risk", "remaining", "standing", "monitored")
	for region, n := range []float64{60, 3, 17, 40} {
		x.put("risk", "remaining", region, n)
		x.put("risk", "eliminated", region, 2*n)
		x.put("standing", "monitored", region, n)
		x.put("standing", "general", region, 1000*n)
	}
	hidden := x.safe(t)
	for region := range 4 {
		if hidden[at("risk", "remaining", region)] != hidden[at("standing", "monitored", region)] {
			t.Errorf("region %d: hidden are %v", region, hidden)
		}
	}
}

// What a division leaves over is found by subtraction: 50 - 47 = 3.
func TestWhatIsLeftOverIsNotTold(t *testing.T) {
	x := newTies(-1)
	x.partition("helped", "", "", true)
	x.put("", "", 0, 50)
	x.put("helped", "helped", 0, 47)
	if hidden := x.safe(t); len(hidden) != 1 {
		t.Errorf("hidden are %v", hidden)
	}
}

func TestATableAndItsMargins(t *testing.T) {
	x := newTies(-1)
	x.partition("type", "", "", false)
	x.partition("cause", "", "", false)
	values := [][]float64{{3, 20, 40}, {30, 50, 60}}
	for i, row := range values {
		sum := 0.
		var cells []string
		for j, v := range row {
			x.put("table", fmt.Sprint(i, j), 0, v)
			cells, sum = append(cells, fmt.Sprint(i, j)), sum+v
		}
		x.put("type", fmt.Sprint(i), 0, sum)
		x.sum("type", fmt.Sprint(i), "table", cells...)
	}
	for j := range values[0] {
		x.put("cause", fmt.Sprint(j), 0, values[0][j]+values[1][j])
		x.sum("cause", fmt.Sprint(j), "table", fmt.Sprint(0, j), fmt.Sprint(1, j))
	}
	x.reader.Overlapping["table"] = true
	// A rectangle: no row and no column holds one hidden cell alone.
	if hidden := x.safe(t); len(hidden) != 4 {
		t.Errorf("hidden are %v", hidden)
	}
}

// Random provinces whose parts are divided three deep, by a coarser division too.
func TestNoReaderFindsASmallCellOfPartsOfParts(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 4))
		parents := []int{-1, 0, 0}
		for i := range 3 + random.IntN(8) {
			parents = append(parents, 1+i%2)
		}
		x := newTies(parents...)
		x.partition("risk", "", "", false)
		x.partition("assessed", "risk", "1", false)
		x.partition("level", "assessed", "0", false)
		x.partition("score", "assessed", "0", false)
		x.partition("helped", "risk", "1", true)
		x.sum("level", "0", "score", "0", "1")
		x.sum("level", "1", "score", "2", "3", "4")
		counted := map[cell]float64{}
		count := func(region int, partition, part string) {
			for up := region; up >= 0; up = parents[up] {
				counted[at(partition, part, up)]++
			}
		}
		for region := 3; region < len(parents); region++ {
			for range int(25 * random.ExpFloat64()) {
				count(region, "", "")
				risk := random.IntN(3) / 2
				count(region, "risk", fmt.Sprint(risk))
				if risk == 0 {
					continue
				}
				if random.IntN(5) > 0 {
					count(region, "helped", "helped")
				}
				assessed := random.IntN(6) / 5
				count(region, "assessed", fmt.Sprint(assessed))
				if assessed == 1 {
					continue
				}
				score := int(5 * math.Pow(random.Float64(), 2))
				count(region, "score", fmt.Sprint(score))
				count(region, "level", fmt.Sprint(min(score/2, 1)))
			}
		}
		for region := range parents {
			for i, partition := range []string{"risk", "assessed", "level", "score"} {
				for part := range []int{2, 2, 2, 5}[i] {
					c := at(partition, fmt.Sprint(part), region)
					x.put(c.Partition, c.Part, c.Region, counted[c])
				}
			}
			x.put("helped", "helped", region, counted[at("helped", "helped", region)])
			x.put("", "", region, counted[at("", "", region)])
		}
		x.safe(t)
	}
}
