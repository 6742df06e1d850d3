package demo

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"
)

// publishedFile is the form of figures.json, which the wall's figures must be.
type publishedFile struct {
	Monitored struct {
		Total  counted            `json:"total"`
		ByType map[string]counted `json:"by_type"`
	} `json:"monitored"`
	Eliminated counted `json:"risk_eliminated"`
	Registered struct {
		Total       counted            `json:"total"`
		ByStability map[string]counted `json:"by_stability"`
		Difference  counted            `json:"difference"`
	} `json:"registered"`
	Leads   map[string]json.RawMessage `json:"leads_by_channel"`
	Backlog map[string]json.RawMessage `json:"backlog_by_stage"`
}

type counted struct {
	Households uint64 `json:"households"`
	Persons    uint64 `json:"persons"`
}

func (c *counted) add(persons uint8) {
	c.Households++
	c.Persons += uint64(persons)
}

func readFigures(t *testing.T) publishedFile {
	t.Helper()
	text, err := os.ReadFile("testdata/figures.json")
	if err != nil {
		t.Fatal(err)
	}
	var f publishedFile
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// byCode reads the figures of a code list that stand beside sums and notes.
func byCode(t *testing.T, list map[string]json.RawMessage) map[string]counted {
	t.Helper()
	all := map[string]counted{}
	for code, text := range list {
		if code == "sum" || code == "note" {
			continue
		}
		var c counted
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatal(err)
		}
		all[code] = c
	}
	return all
}

func makeProvince(t *testing.T, seed uint64) *province {
	t.Helper()
	p, err := newProvince(seed, DefaultReference(), StandardSize(), lines{2021: 6500})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var theProvince = sync.OnceValues(func() (*province, error) {
	return newProvince(1, DefaultReference(), StandardSize(), lines{2021: 6500})
})

// oneProvince is the province of seed 1, which tests read and do not change.
func oneProvince(t *testing.T) *province {
	t.Helper()
	p, err := theProvince()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: is %v, want %v", what, got, want)
	}
}

func TestProvinceIsExactlyThePublishedFigures(t *testing.T) {
	want := readFigures(t)
	for _, seed := range []uint64{0, 1, 20211201, 1<<64 - 1} {
		p := makeProvince(t, seed)
		var total, eliminated, registered counted
		types, stabilities, channels, stages := map[string]counted{}, map[string]counted{}, map[string]counted{}, map[string]counted{}
		count := func(m map[string]counted, code string, persons uint8) {
			c := m[code]
			c.add(persons)
			m[code] = c
		}
		for _, h := range p.households {
			total.add(h.persons)
			count(types, h.kind, h.persons)
			if h.state == stateEliminated {
				eliminated.add(h.persons)
			}
		}
		for _, r := range p.registered {
			registered.add(r.persons)
			count(stabilities, r.stability, r.persons)
		}
		done := 0
		for _, l := range p.leads {
			count(channels, l.channel, 0)
			if l.stage == stageRecognised || l.stage == stageClosed {
				done++
				continue
			}
			count(stages, l.stage, 0)
		}
		equal(t, "monitored", total, want.Monitored.Total)
		equal(t, "monitored by type", types, want.Monitored.ByType)
		equal(t, "eliminated", eliminated, want.Eliminated)
		equal(t, "registered by stability", stabilities, want.Registered.ByStability)
		equal(t, "leads by channel", channels, byCode(t, want.Leads))
		equal(t, "backlog by stage", stages, byCode(t, want.Backlog))
		equal(t, "leads that are done with", done, 3983)
		equal(t, "province as reported", p.totals[0], reportedTotal{460000, want.Registered.Total.Households, want.Registered.Total.Persons})
		difference := counted{want.Registered.Total.Households - registered.Households, want.Registered.Total.Persons - registered.Persons}
		equal(t, "unexplained", difference, want.Registered.Difference)
	}
}

func TestReportedTotalsDifferInOneTownshipOnly(t *testing.T) {
	p := oneProvince(t)
	rows := map[uint64]counted{}
	parent, level := map[uint64]uint64{}, map[uint64]string{}
	for _, r := range p.regions {
		parent[r.code], level[r.code] = r.parent, r.level
	}
	for _, r := range p.registered {
		for code := parent[r.village]; code != 0; code = parent[code] {
			c := rows[code]
			c.add(r.persons)
			rows[code] = c
		}
	}
	differ, sums := map[string]int{}, map[string]counted{}
	for _, total := range p.totals {
		s := sums[level[total.region]]
		s.Households += total.households
		s.Persons += total.persons
		sums[level[total.region]] = s
		if got := (counted{total.households, total.persons}); got != rows[total.region] {
			differ[level[total.region]]++
			equal(t, "difference", counted{got.Households - rows[total.region].Households, got.Persons - rows[total.region].Persons}, counted{1, 2})
		}
	}
	equal(t, "regions that differ", differ, map[string]int{"province": 1, "county": 1, "township": 1})
	equal(t, "counties together", sums["county"], sums["province"])
	equal(t, "townships together", sums["township"], sums["province"])
	equal(t, "reported totals", len(p.totals), 1+18+238)
}

func TestProvinceFollowsFromTheSeed(t *testing.T) {
	p, again, other := makeProvince(t, 7), makeProvince(t, 7), makeProvince(t, 8)
	for i, s := range p.sheets() {
		a, o := again.sheets()[i], other.sheets()[i]
		if s.rows != a.rows {
			t.Fatalf("%s: %d and %d rows of one seed", s.table, s.rows, a.rows)
		}
		same := 0
		for r := range s.rows {
			row := s.row(r)
			if again := a.row(r); !sameRow(row, again) {
				t.Fatalf("%s: row %d of one seed is %v and %v", s.table, r, row, again)
			}
			if r < o.rows && sameRow(row, o.row(r)) {
				same++
			}
		}
		if s.table != "regions" && s.table != "reported_totals" && same > 0 {
			t.Errorf("%s: two seeds have %d rows in common", s.table, same)
		}
	}
}

// sameRow is reflect.DeepEqual without its cost for what most columns hold.
func sameRow(a, b []any) bool {
	return slices.EqualFunc(a, b, func(x, y any) bool {
		switch x.(type) {
		case uint64, uint32, uint16, uint8, string, bool:
			return x == y
		}
		return reflect.DeepEqual(x, y)
	})
}

func TestKeysAreTheDemosAndUnique(t *testing.T) {
	p := oneProvince(t)
	for _, s := range p.sheets() {
		if s.table == "regions" || s.table == "reported_totals" || s.table == "eliminations" || s.table == "stage_passages" {
			continue
		}
		seen := make(map[uint64]bool, s.rows)
		for i := range s.rows {
			key := s.row(i)[0].(uint64)
			if key < keyLow || key > keyHigh || key>>56 != 0xDE {
				t.Fatalf("%s: key %#x does not begin with 0xDE", s.table, key)
			}
			if seen[key] {
				t.Fatalf("%s: key %#x is there twice", s.table, key)
			}
			seen[key] = true
		}
	}
}

func TestEliminationsAgreeWithStates(t *testing.T) {
	p := oneProvince(t)
	history := map[uint64][]elimination{}
	for _, e := range p.eliminations {
		history[e.household] = append(history[e.household], e)
	}
	net, rolledBack := 0, 0
	for _, h := range p.households {
		last, before := eventRolledBack, h.recognised
		for _, e := range history[h.key] {
			if e.event == last || !e.at.After(before) || !e.at.Before(p.reference) || e.village != h.village || e.persons != h.persons {
				t.Fatalf("household %#x recognised at %v: history %+v", h.key, h.recognised, history[h.key])
			}
			last, before = e.event, e.at
			if e.event == eventRolledBack {
				rolledBack++
			}
		}
		if (last == eventEliminated) != (h.state == stateEliminated) {
			t.Fatalf("household %#x is %s, its history %+v", h.key, h.state, history[h.key])
		}
		if last == eventEliminated {
			net++
		}
	}
	equal(t, "eliminated, net of rollbacks", net, 3695)
	if rolledBack < 100 || rolledBack > 600 {
		t.Errorf("%d rollbacks, want some hundreds", rolledBack)
	}
}

func TestProvinceIsBelievable(t *testing.T) {
	p := oneProvince(t)
	level, parent := map[string]int{}, map[uint64]uint64{}
	for _, r := range p.regions {
		level[r.level]++
		parent[r.code] = r.parent
		if r.parent != 0 && parent[r.parent] == 0 && r.parent != 460000 {
			t.Errorf("region %d %s: its parent %d does not come before it", r.code, r.name, r.parent)
		}
	}
	equal(t, "regions", level, map[string]int{"province": 1, "county": 19, "township": 243, "village": 2750})
	const causesAtMost, years = 3, 2
	types := map[string]map[uint64]int{}
	for _, h := range p.households {
		if types[h.kind] == nil {
			types[h.kind] = map[uint64]int{}
		}
		types[h.kind][county46(parent, h.village)]++
		if n := len(h.causes); n < 1 || n > causesAtMost || len(slices.Compact(slices.Sorted(slices.Values(h.causes)))) != n {
			t.Fatalf("causes are %v", h.causes)
		}
		if h.recognised.Before(p.reference.AddDate(-years, 0, 0)) || !h.recognised.Before(p.reference) {
			t.Fatalf("recognised at %v", h.recognised)
		}
	}
	for kind, counties := range types {
		if len(counties) != 18 || counties[460300] != 0 {
			t.Errorf("%s is met in %d counties, want all but 三沙市: %v", kind, len(counties), counties)
		}
	}
	for _, l := range p.leads {
		if l.entered.Before(l.reported) || !l.entered.Before(p.reference) {
			t.Fatalf("lead reported at %v entered %s at %v", l.reported, l.stage, l.entered)
		}
	}
	var original, net uint64
	for _, a := range p.assets {
		if a.net > a.original {
			t.Fatalf("net %d above original %d", a.net, a.original)
		}
		original += a.original
		net += a.net
	}
	if n := len(p.assets); n < 26_000 || n > 32_000 {
		t.Errorf("%d assets", n)
	}
	if original < 5e9 || original > 3e10 || net > original {
		t.Errorf("assets are worth %d yuan, net %d", original, net)
	}
}

func county46(parent map[uint64]uint64, village uint64) uint64 { return parent[parent[village]] }

func TestApportionAddsUp(t *testing.T) {
	for n := range 50 {
		shares := apportion(n, []float64{5, 0.001, 3, 0, 2})
		total := 0
		for _, s := range shares {
			total += s
		}
		if total != n || shares[3] != 0 {
			t.Errorf("%d is divided into %v", n, shares)
		}
		if n >= 5 && shares[1] == 0 {
			t.Errorf("%d is divided into %v: nobody with a weight goes without", n, shares)
		}
	}
}

func TestOfficeHours(t *testing.T) {
	g, _, err := newGenerator(3, DefaultReference())
	if err != nil {
		t.Fatal(err)
	}
	rng := g.stream(99)
	for range 5000 {
		from := g.calendar.ago(rng, 5, 400)
		at := g.calendar.between(rng, from)
		local := at.In(shanghai())
		if !at.After(from) || !at.Before(g.calendar.reference) || local.Weekday() == time.Saturday || local.Weekday() == time.Sunday || local.Hour() < 8 || local.Hour() > 17 {
			t.Fatalf("between %v and %v: %v", from, g.calendar.reference, local)
		}
	}
}
