package aggregator_test

import (
	"slices"
	"strings"
	"testing"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/disclosure/disclosuretest"
	"liaowang/queries"
)

// wall is what somebody who reads the titles takes the numbers for: for each metric
// its columns, or differences of columns, and the quantity that they count. A
// quantity that ends with : is one for each code or date of the metric. Nothing here
// is taken from the headers' disclosure.
var wall = map[string][][2]string{
	"monitored.total":             {{"households", "monitored"}},
	"monitored.by_region":         {{"households", "monitored"}},
	"monitored.by_type":           {{"households", "type:"}},
	"monitored.by_cause":          {{"households", "any cause:"}},
	"monitored.by_first_cause":    {{"households", "first cause:"}},
	"monitored.by_type_and_cause": {{"households", "type and cause:"}},
	"monitored.new_by_month":      {{"households", "recognised in:"}},
	"risk.eliminated":             {{"households", "risk:eliminated"}},
	"risk.remaining":              {{"households", "risk:remaining"}},
	"quality.rates":               {{"households", "monitored"}, {"", "risk:eliminated"}, {"", "risk:remaining"}, {"", "covered:covered"}},
	"quality.by_rule":             {{"households", "rule:"}},
	"profile.coverage":            {{"households", "profile:"}},
	"measures.beneficiaries":      {{"households", "benefited:benefited"}},

	"eliminated.by_cause":       {{"households", "eliminated by cause:"}},
	"eliminated.by_type":        {{"households", "eliminated by type:"}},
	"eliminated.by_kind":        {{"households", "way:"}},
	"eliminated.by_duration":    {{"households", "duration:"}},
	"eliminated.duration":       {{"households", "risk:eliminated"}},
	"eliminated.without_labour": {{"households", "without labour:without"}, {"", "risk:eliminated"}},
	"eliminated.by_month":       {{"eliminated", "elimination in:"}, {"rolled_back", "rollback in:"}},
	"eliminated.rollbacks":      {{"eliminated", "eliminated this year"}, {"rolled_back", "rolled back:all"}, {"again", "again:yes"}, {"rolled_back-again", "again:no"}},

	"visits.coverage":    {{"visited", "visited:yes"}, {"not_visited", "visited:no"}},
	"measures.coverage":  {{"households", "risk:remaining"}, {"covered", "covered:covered"}, {"uncovered", "covered:not"}},
	"measures.mismatch":  {{"households", "remaining by cause:"}, {"mismatched", "mismatched:"}, {"households-mismatched", "matched:"}},
	"risk.assessed":      {{"households", "assessed:yes"}, {"without", "assessed:no"}},
	"risk.by_level":      {{"households", "level:"}},
	"risk.by_score":      {{"households", "score:"}},
	"risk.by_indicator":  {{"households", "indicator:"}},
	"risk.by_region":     {{"households", "assessed:yes"}, {"red", "level:red"}, {"yellow", "level:yellow"}, {"green", "level:green"}},
	"profile.by_size":    {{"households", "size:"}},
	"profile.by_income":  {{"households", "monitored by income:"}},
	"profile.employment": {{"households", "employment:"}},
	"security.secured":   {{"households", "secured:yes"}, {"unsecured", "secured:no"}},
	"security.by_kind":   {{"households", "security:"}},

	"profile.by_age":         {{"households", "age:"}},
	"profile.by_education":   {{"households", "education:"}},
	"profile.by_health":      {{"households", "health:"}},
	"profile.by_income_kind": {{"households", "income kind:"}},
	"profile.by_labour":      {{"households", "labour:"}},

	"path.by_standing": {{"households", "standing:"}},
	"path.by_region":   {{"households", "farmers"}, {"general", "standing:general"}, {"screened", "standing:screened"}, {"relative", "standing:relative"}, {"monitored", "standing:monitored"}},
	"rural.by_income":  {{"households", "farmers by income:"}},
	"relative.stock":   {{"households", "standing:relative"}},

	"relative.all_events": {{"households", "event:"}},
	"relative.by_event":   {{"households", "event of the year:"}},
	"relative.by_month":   {{"entered", "entered in:"}, {"improved", "improved in:"}, {"handed_on", "handed on in:"}},

	"registered.by_region":    {{"households", "registered"}},
	"registered.by_stability": {{"households", "stability:"}},
	"registered.total":        {{"households", "registered, reported"}, {"", "registered"}},
	"consolidation.stability": {{"households", "stability:"}, {"", "registered"}},
	"income.below_line":       {{"households", "income:known"}, {"below", "line:below"}, {"households-below", "line:above"}},
	"income.by_year":          {{"households", "income of:"}},
	"income.growth":           {{"households", "income of two years"}},
	"income.structure":        {{"households", "income by kind:"}},
	"measures.by_kind":        {{"planned", "measure:"}},
	"measures.by_group":       {{"planned", "group:"}},
	"measures.amounts":        {{"measures", "group:"}},
	"measures.timeliness":     {{"measures", "measures"}, {"in_time+late", "delivered"}},
	"measures.by_effect":      {{"measures", "effect:"}},
	"measures.by_month":       {{"measures", "delivered in:"}},
	"emergency.relief":        {{"households", "hit"}, {"relieved", "relieved:yes"}, {"households-relieved", "relieved:no"}},
	"emergency.by_region":     {{"households", "hit"}},
	"emergency.reassessment":  {{"households", "reassessment:"}},
	"emergency.current":       {{"households", "hit by:another"}},
	"emergency.by_year":       {{"households", "hit in:"}},
	"emergency.by_action":     {{"households", "action:"}},
	"emergency.by_department": {{"households", "department:"}},
}

// known is what the titles say to add up: a whole and the quantities that it is the
// sum of. One that ends with : stands for all its codes; a rest is a part that
// nobody shows.
var known = [][]string{
	{"monitored", "type:"}, {"monitored", "first cause:"}, {"monitored", "risk:"}, {"monitored", "profile:"},
	{"monitored", "recognised in:", "rest recognised:before"},
	{"monitored", "benefited:", "rest benefited:not"},
	{"risk:eliminated", "eliminated by cause:"}, {"risk:eliminated", "eliminated by type:"}, {"risk:eliminated", "way:"},
	{"risk:eliminated", "duration:"}, {"risk:eliminated", "without labour:", "rest labour:with"},
	{"risk:remaining", "visited:"}, {"risk:remaining", "covered:"}, {"risk:remaining", "assessed:"},
	{"risk:remaining", "remaining by cause:", "rest cause:other"},
	{"rule:cause_measure_mismatch", "mismatched:"},
	{"assessed:yes", "level:"}, {"assessed:yes", "score:"},
	{"profile:with_profile", "size:"}, {"profile:with_profile", "monitored by income:"}, {"profile:with_profile", "employment:"}, {"profile:with_profile", "secured:"},
	{"rolled back:all", "again:"},
	{"farmers", "standing:"}, {"farmers", "farmers by income:"}, {"risk:remaining", "standing:monitored"},
	{"registered", "stability:"}, {"registered", "income:", "rest income:unknown"}, {"income:known", "line:"},
	{"measures", "measure:"}, {"measures", "group:"}, {"delivered", "effect:"},
	{"group:development", "measure:industry", "measure:employment", "measure:finance", "measure:public_post", "measure:consumption"},
	{"group:health", "measure:health"},
	{"group:education", "measure:compulsory_education", "measure:other_education"},
	{"group:security", "measure:comprehensive_security", "measure:housing", "measure:drinking_water"},
	{"group:other", "measure:social_assistance", "measure:relocation", "measure:living_conditions", "measure:infrastructure", "measure:insurance"},
	{"event:entered", "entered in:", "rest entered:before"}, {"event:improved", "improved in:", "rest improved:before"}, {"event:handed_on", "handed on in:", "rest handed on:before"},
	{"hit", "relieved:"}, {"hit", "reassessment:"}, {"hits", "action:"}, {"hits", "department:"},
}

// reading compares what is shown with the truth.
type reading struct {
	catalogue    *queries.Catalogue
	truth, shown frames
	codes        []string
	at           map[string]int
	parents      []int

	values         map[disclosuretest.Cell]float64
	shows, starred map[disclosuretest.Cell]bool
	sums           []disclosuretest.Sum
	names          map[string][]disclosuretest.Name // of each partition
}

func (r *reading) tree(list *batch.Frame) {
	r.at = map[string]int{}
	up := map[string]string{}
	for _, row := range list.Rows {
		r.codes = append(r.codes, row[0].Text)
		up[row[0].Text] = row[1].Text
	}
	for i, code := range r.codes {
		r.at[code] = i
	}
	for _, code := range r.codes {
		parent, ok := r.at[up[code]]
		if !ok {
			parent = -1
		}
		r.parents = append(r.parents, parent)
	}
}

// complete fails for a metric that counts households and that the reader does not know.
func (r *reading) complete(t *testing.T) {
	for _, m := range r.catalogue.Metrics {
		if counts := len(m.Disclosure.Counts) > 0; counts != (len(wall[m.ID]) > 0) {
			t.Errorf("%s: counts households: %t; what it shows is said above: %t", m.ID, counts, !counts)
		}
	}
}

func quantity(words string) disclosuretest.Name {
	partition, part, _ := strings.Cut(words, ":")
	return disclosuretest.Name{Partition: partition, Part: part}
}

// read takes every number of the frames for what it is.
func (r *reading) read(t *testing.T) {
	r.values = map[disclosuretest.Cell]float64{}
	r.shows, r.starred = map[disclosuretest.Cell]bool{}, map[disclosuretest.Cell]bool{}
	wrong := map[string]bool{} // one fault of a metric is enough
	told := map[disclosuretest.Cell]bool{}
	for i := range r.catalogue.Metrics {
		m := &r.catalogue.Metrics[i]
		for region, code := range r.codes {
			key := batch.Key{Metric: m.ID, Region: code}
			if r.truth[key] == nil {
				continue
			}
			for k, row := range r.truth[key].Rows {
				in, part := region, ""
				for c, col := range m.Columns {
					switch {
					case col.Type == queries.TypeRegion:
						in = r.at[row[c].Text]
					case col.Type.IsKey() || col.Type == queries.TypeText:
						part += "|" + row[c].Text
					}
				}
				for _, w := range wall[m.ID] {
					n := quantity(w[1])
					switch {
					case m.ID == "emergency.current" && k == 0:
						n = disclosuretest.Name{Partition: "hit"}
					case m.ID == "emergency.current":
						n.Part += part
					case strings.HasSuffix(w[1], ":"):
						n.Part = strings.TrimPrefix(part, "|")
					}
					c := disclosuretest.Cell{Partition: n.Partition, Part: n.Part, Region: in}
					if w[0] == "" { // a rate tells it
						if shown(m, r.shown[key].Rows[k]) && row[0].State != batch.NotApplicable {
							told[c] = true
						}
						continue
					}
					v, ok := value(m, row, w[0])
					if !ok {
						continue
					}
					if old, twice := r.values[c]; twice && old != v && !wrong[m.ID] {
						wrong[m.ID] = true
						t.Errorf("%s: %v in %s is %v, another metric or row says %v", m.ID, c, r.codes[in], v, old)
					}
					r.values[c] = v
					if shown(m, r.shown[key].Rows[k]) {
						r.shows[c] = true
						if v >= 1 && v < leastCell {
							t.Errorf("%s shows %v of %v in %s", m.ID, v, c, r.codes[in])
						}
					} else {
						r.starred[c] = true
					}
				}
			}
		}
	}
	// The year of the newest event, where no other event hit the region.
	for c, v := range r.values {
		if hit := (disclosuretest.Cell{Partition: "hit", Region: c.Region}); c.Partition == "hit in" && v == r.values[hit] && v > 0 && r.shows[c] {
			r.shows[hit] = true
		}
	}
	for _, k := range known {
		s := disclosuretest.Sum{Whole: quantity(k[0])}
		for _, term := range k[1:] {
			switch {
			case strings.HasPrefix(term, "rest "):
				s.Rest = quantity(term)
			case strings.HasSuffix(term, ":"):
				s.All = strings.TrimSuffix(term, ":")
			default:
				s.Parts = append(s.Parts, quantity(term))
			}
		}
		r.sums = append(r.sums, s)
	}
	r.margins()
	r.unseen()
	for c := range told {
		if _, ok := r.values[c]; ok {
			r.shows[c] = true
		}
	}
}

// margins are the sums of the table of types and causes.
func (r *reading) margins() {
	sums := map[disclosuretest.Name][]disclosuretest.Name{}
	seen := map[string]bool{}
	for c := range r.values {
		if c.Partition != "type and cause" || seen[c.Part] {
			continue
		}
		seen[c.Part] = true
		kind, cause, _ := strings.Cut(c.Part, "|")
		for _, to := range []disclosuretest.Name{{Partition: "type", Part: kind}, {Partition: "first cause", Part: cause}} {
			sums[to] = append(sums[to], disclosuretest.Name{Partition: c.Partition, Part: c.Part})
		}
	}
	for to, parts := range sums {
		r.sums = append(r.sums, disclosuretest.Sum{Whole: to, Parts: parts})
	}
}

// unseen reckons what nobody shows: wholes, and what divisions leave over.
func (r *reading) unseen() {
	for range 3 { // a whole may be a part
		for _, s := range r.sums {
			for region := range r.codes {
				whole := disclosuretest.Cell{Partition: s.Whole.Partition, Part: s.Whole.Part, Region: region}
				sum, any := r.sum(s, region)
				switch all, known := r.values[whole]; {
				case !any:
				case !known && s.Rest == disclosuretest.Name{}:
					r.values[whole] = sum
				case known && s.Rest != disclosuretest.Name{}:
					r.values[disclosuretest.Cell{Partition: s.Rest.Partition, Part: s.Rest.Part, Region: region}] = all - sum
				}
			}
		}
	}
}

// sum adds the terms of a sum in a region, without a rest.
func (r *reading) sum(s disclosuretest.Sum, region int) (sum float64, any bool) {
	parts := s.Parts
	if s.All != "" {
		parts = r.parts(s.All)
	}
	for _, p := range parts {
		c := disclosuretest.Cell{Partition: p.Partition, Part: p.Part, Region: region}
		if v, ok := r.values[c]; ok {
			sum, any = sum+v, true
		}
	}
	return sum, any
}

// parts lists what a partition is seen to have.
func (r *reading) parts(partition string) []disclosuretest.Name {
	if r.names == nil {
		r.names = map[string][]disclosuretest.Name{}
		seen := map[disclosuretest.Name]bool{}
		for c := range r.values {
			if n := (disclosuretest.Name{Partition: c.Partition, Part: c.Part}); !seen[n] {
				seen[n] = true
				r.names[c.Partition] = append(r.names[c.Partition], n)
			}
		}
	}
	return r.names[partition]
}

// shown reports whether a row shows numbers.
func shown(m *queries.Metric, row []batch.Cell) bool {
	return !slices.ContainsFunc(row, func(c batch.Cell) bool { return c.State == batch.Suppressed })
}

// value is that of a column, or of a sum or a difference of two.
func value(m *queries.Metric, row []batch.Cell, words string) (float64, bool) {
	of := func(name string) (float64, bool) {
		c := row[m.Column(name)]
		return c.Number, c.State == batch.IsNumber
	}
	i := strings.IndexAny(words, "+-")
	if i < 0 {
		return of(words)
	}
	a, ok := of(words[:i])
	b, also := of(words[i+1:])
	if words[i] == '-' {
		b = -b
	}
	return a + b, ok && also
}

// addsUp tests that the sums hold.
func (r *reading) addsUp(t *testing.T) {
	for _, s := range r.sums {
		for region, code := range r.codes {
			all, ok := r.values[disclosuretest.Cell{Partition: s.Whole.Partition, Part: s.Whole.Part, Region: region}]
			sum, any := r.sum(s, region)
			if ok && any && (sum > all || sum != all && s.Rest == disclosuretest.Name{}) {
				t.Errorf("%v in %s is %v, its parts are %v", s.Whole, code, all, sum)
				break
			}
		}
	}
}

// attack sets the reader on all numbers together.
func (r *reading) attack(t *testing.T) {
	reader := disclosuretest.Reader{Parents: r.parents, Overlapping: map[string]bool{}, Sums: r.sums,
		Shown: map[disclosuretest.Cell]float64{}, Hidden: map[disclosuretest.Cell]bool{}, Least: 0}
	small, hidden, over, counties := 0, 0, map[string]int{}, map[string]int{}
	for c, v := range r.values {
		reader.Overlapping[c.Partition] = true // what adds up is said
		switch {
		case r.shows[c]:
			reader.Shown[c] = v
		case r.starred[c]:
			reader.Hidden[c] = true
			hidden++
			if v < 1 || v >= leastCell {
				over[c.Partition]++
				if len(r.codes[c.Region]) == 6 {
					counties[c.Partition]++
				}
			}
		}
		if v >= 1 && v < leastCell {
			small++
		}
	}
	t.Logf("%d cells, %d small, %d suppressed; of those that are not small, by quantity: %v, of these for counties %v", len(r.values), small, hidden, over, counties)
	found := func(tell func(c disclosuretest.Cell, l disclosuretest.Learned)) (n int) {
		for c, l := range reader.Attack() {
			if v := r.values[c]; v >= 1 && v < leastCell && (l.Determined || l.High-l.Low < 1) {
				if n++; n < 20 {
					tell(c, l)
				}
			}
		}
		return n
	}
	if n := found(func(c disclosuretest.Cell, l disclosuretest.Learned) {
		t.Errorf("%v is %v in %s and found out: %+v", c, r.values[c], r.codes[c.Region], l)
	}); n > 0 {
		t.Errorf("%d cells are found out", n)
	}
	// The attack has teeth: small cells that are hidden alone are found.
	for c := range reader.Hidden {
		if v := r.values[c]; v < 1 || v >= leastCell {
			delete(reader.Hidden, c)
			reader.Shown[c] = v
		}
	}
	n := found(func(disclosuretest.Cell, disclosuretest.Learned) {})
	t.Logf("%d small cells would be found if they were suppressed alone", n)
	if n < small/10 {
		t.Errorf("the reader finds %d of %d small cells that are hidden alone", n, small)
	}
}
