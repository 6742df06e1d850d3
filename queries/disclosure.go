package queries

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Disclosure says how small cells of a metric are kept from being shown. Either
// Shown gives the reason why they need not be, or Counts names what is counted.
//
// A population is all that one word of Of counts. It is divided by partitions, whose
// parts may be divided further (Within), so that all panels that could be subtracted
// from each other are known to be tied.
type Disclosure struct {
	// Shown is the reason why small cells may be shown: nothing of a person can
	// be learned from them.
	Shown string `yaml:"shown" json:"shown,omitempty"`
	// Counts are what the rows count, each a column or a sum or difference of
	// columns, with the name of what it is the count of: "covered", "unhelped =
	// households - helped". The name defaults to the column; "all" is all of Of, or
	// of Within. A name that is a part
	// of the population says that it is the same number as that part's, or in a metric
	// with keys, that the rows divide that part. A row where one of them is above 0
	// and below the least cell is suppressed. The first one adds up.
	Counts []string `yaml:"counts" json:"counts,omitempty"`
	// Of names what is counted, the same word in every metric that counts it.
	Of string `yaml:"of" json:"of,omitempty"`
	// Within is the part of Of that the metric is confined to. Empty: all of Of.
	Within string `yaml:"within" json:"within,omitempty"`
	// Partition names a division whose parts add up to all of Of, or of Within. The
	// rows of a metric with a code or date column are its parts; one without is the
	// Part; or its counts are parts, where no Part is named. Without a Partition the
	// metric counts all.
	Partition string `yaml:"partition" json:"partition,omitempty"`
	Part      string `yaml:"part" json:"part,omitempty"`
	// Overlapping says that the rows do not add up (可多选).
	Overlapping bool `yaml:"overlapping" json:"overlapping,omitempty"`
	// Partial says that the rows do not name everything: what is left over is a
	// number that anybody can find by subtraction.
	Partial bool `yaml:"partial" json:"partial,omitempty"`
	// Margins are the partitions of the metric's keys, in order, where there are
	// several: a table's rows and columns add up to their parts.
	Margins []string `yaml:"margins" json:"margins,omitempty"`
	// Coarser gives for each coarser partition which of the metric's own codes
	// each of its parts is made of.
	Coarser map[string]map[string][]string `yaml:"coarser" json:"coarser,omitempty"`
	// Equals gives parts of this metric that are known to be the same number as
	// a part of another population, "population.part".
	Equals map[string]string `yaml:"equals" json:"equals,omitempty"`
	// Harmless names parts of which a small count may be shown, since it says nothing
	// of how a household fares (缺画像: that a row has not arrived yet). Rest is what a
	// partial partition leaves over.
	Harmless []string `yaml:"harmless" json:"harmless,omitempty"`
	// Tells names parts that are given away by the rates of the rows, or "all": the
	// rows are suppressed wherever these are.
	Tells []string `yaml:"tells" json:"tells,omitempty"`
	// Leading says that the first row of a region counts all (that of the newest
	// event); the others count something else.
	Leading bool `yaml:"leading" json:"leading,omitempty"`
	// Repeats says that rows show the number of all once more: RepeatsNear or
	// RepeatsEqual.
	Repeats Repeats `yaml:"repeats" json:"repeats,omitempty"`
}

// All is the name of all that a metric counts, among counts and what rows tell.
const All = "all"

// Rest is the name of what a partial partition leaves over, among what is harmless.
const Rest = "rest"

// Repeats is a way in which rows repeat a number.
type Repeats string

// The ways in which rows repeat a number.
const (
	// RepeatsNear is a number that was reported and may differ from the counted one
	// by a little: it is suppressed wherever that is.
	RepeatsNear Repeats = "near"
	// RepeatsEqual is for rows some of which are the same number under another name
	// (the year of the newest event): those where the numbers are equal.
	RepeatsEqual Repeats = "equal"
)

// Count is one number that a metric's rows count.
type Count struct {
	// Name is the part that it counts, or else a name of its own.
	Name string
	// Plus and Minus are the columns that it is made of.
	Plus, Minus []string
}

var countForm = regexp.MustCompile(`^(?:(\w+) = )?(\w+(?: [+-] \w+)*)$`)

// Counted reads Counts, which are validated.
func (d *Disclosure) Counted() []Count {
	counts := make([]Count, len(d.Counts))
	for i, text := range d.Counts {
		counts[i], _ = parseCount(text)
	}
	return counts
}

func parseCount(text string) (Count, bool) {
	found := countForm.FindStringSubmatch(text)
	if found == nil {
		return Count{}, false
	}
	words := strings.Fields(found[2])
	c := Count{Name: found[1], Plus: words[:1:1]}
	for i := 1; i+1 < len(words); i += 2 {
		if words[i] == "+" {
			c.Plus = append(c.Plus, words[i+1])
		} else {
			c.Minus = append(c.Minus, words[i+1])
		}
	}
	if c.Name == "" {
		c.Name = found[2]
	}
	return c, true
}

// Groups lists the populations of the metrics, those together that parts of each
// other are equal to, each sorted.
func (c *Catalogue) Groups() [][]string {
	var groups [][]string
	of := func(population string) int {
		i := slices.IndexFunc(groups, func(g []string) bool { return slices.Contains(g, population) })
		if i < 0 {
			i = len(groups)
			groups = append(groups, []string{population})
		}
		return i
	}
	for _, m := range c.Metrics {
		d := m.Disclosure
		if len(d.Counts) == 0 {
			continue
		}
		of(d.Of)
		for _, part := range slices.Sorted(maps.Keys(d.Equals)) {
			other, _, _ := strings.Cut(d.Equals[part], ".")
			if a, b := of(d.Of), of(other); a != b {
				groups[a] = append(groups[a], groups[b]...)
				groups = slices.Delete(groups, b, b+1)
			}
		}
	}
	for _, g := range groups {
		slices.Sort(g)
	}
	return groups
}

// Division is a partition of a population, or of a part of it.
type Division struct {
	Of, Within, Partition string
}

// Place finds the division that a part of a population belongs to; false where
// there is no such part.
func (c *Catalogue) Place(of, part string) (Division, bool) {
	places := c.parts[of][part]
	if len(places) != 1 {
		return Division{}, false
	}
	return places[0], true
}

// Overlaps reports whether the parts of a division do not add up.
func (c *Catalogue) Overlaps(at Division) bool {
	return slices.ContainsFunc(c.Metrics, func(m Metric) bool {
		d := m.Disclosure
		return d.Overlapping && Division{d.Of, d.Within, d.Partition} == at
	})
}

// Keys are the columns that name the part that a row counts.
func (m *Metric) Keys() []int {
	var keys []int
	for i, col := range m.Columns {
		if col.Type != TypeRegion && (col.Type.IsKey() || col.Type == TypeText) {
			keys = append(keys, i)
		}
	}
	return keys
}

// named lists the parts that a metric names: by a code, a part, or its counts.
func (m *Metric) named(c *Catalogue) []string {
	d := m.Disclosure
	keys := m.Keys()
	switch {
	case d.Partition == "" || len(d.Counts) == 0:
		return nil
	case d.Part != "":
		return []string{d.Part}
	case len(keys) == 0:
		var names []string
		for _, n := range d.Counted() {
			if n.Name != All {
				names = append(names, n.Name)
			}
		}
		return names
	case len(keys) == 1 && m.Columns[keys[0]].Type == TypeCode:
		return c.codes(m, 0)
	}
	return nil
}

// codes lists the codes of a metric's key.
func (c *Catalogue) codes(m *Metric, key int) []string {
	var codes []string
	for _, code := range c.Codes[m.Columns[m.Keys()[key]].Codes] {
		codes = append(codes, code.Code)
	}
	return codes
}

// validateDisclosure validates what needs no other metric.
func (m *Metric) validateDisclosure(f sqlFile) error {
	var errs []error
	need := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, f.fault("disclosure", "disclosure: "+format, args...))
		}
	}
	d := m.Disclosure
	need((d.Shown == "") != (len(d.Counts) == 0), "either shown with its reason, or counts is expected")
	need(len(d.Counts) == 0 || d.Of != "", "of is empty")
	for _, text := range d.Counts {
		count, ok := parseCount(text)
		need(ok, "counts: %q is not understood: a column, or like \"name = column - column\" is expected", text)
		for _, name := range slices.Concat(count.Plus, count.Minus) {
			i := m.Column(name)
			need(i >= 0 && m.Columns[i].Type == TypeCount, "counts: %s is no column of type count", name)
		}
	}
	keys := len(m.Keys())
	need(d.Part == "" || d.Partition != "", "part %s needs a partition", d.Part)
	need(!d.Overlapping || !d.Partial, "partial says how parts add up, overlapping that they do not")
	need(len(d.Margins) == 0 || len(d.Margins) == keys && keys > 1, "margins: %d partitions are named, the metric has %d keys; at least two of both are needed", len(d.Margins), keys)
	need(len(d.Coarser) == 0 || keys == 1 && d.Partition != "", "coarser is for metrics with a partition and one key")
	need(!d.Leading || keys > 0 && d.Partition == "", "leading is for metrics with keys and no partition")
	need(d.Repeats == "" || d.Repeats == RepeatsNear || d.Repeats == RepeatsEqual, "repeats is %q: must be near or equal", d.Repeats)
	return errors.Join(errs...)
}

// tie finds the parts of all populations and validates what metrics say of those of
// others.
func (c *Catalogue) tie(headers map[string]sqlFile) error {
	c.parts = map[string]map[string][]Division{}
	for i := range c.Metrics {
		m := &c.Metrics[i]
		d := m.Disclosure
		if c.parts[d.Of] == nil {
			c.parts[d.Of] = map[string][]Division{}
		}
		for _, part := range m.named(c) {
			at := Division{d.Of, d.Within, d.Partition}
			if !slices.Contains(c.parts[d.Of][part], at) {
				c.parts[d.Of][part] = append(c.parts[d.Of][part], at)
			}
		}
	}
	// A count that is named as a part of another partition is that part, and none of
	// the metric's own.
	for i := range c.Metrics {
		m := &c.Metrics[i]
		d := m.Disclosure
		if d.Part != "" || len(m.Keys()) > 0 {
			continue
		}
		for _, part := range m.named(c) {
			own := Division{d.Of, d.Within, d.Partition}
			if places := c.parts[d.Of][part]; len(places) > 1 {
				c.parts[d.Of][part] = slices.DeleteFunc(places, func(at Division) bool { return at == own })
			}
		}
	}
	var errs []error
	for i := range c.Metrics {
		m := &c.Metrics[i]
		errs = append(errs, inFile("metrics/"+m.ID+".sql", m.validateTies(c, headers[m.ID])))
	}
	return errors.Join(errs...)
}

// validateTies validates what a metric says of parts and partitions of others.
func (m *Metric) validateTies(c *Catalogue, f sqlFile) error {
	var errs []error
	fault := func(format string, args ...any) {
		errs = append(errs, f.fault("disclosure", "disclosure: "+format, args...))
	}
	place := func(key, of, part string) {
		switch places := c.parts[of][part]; len(places) {
		case 0:
			fault("%s: %s has no part %s; its parts are %s", key, of, part, strings.Join(slices.Sorted(maps.Keys(c.parts[of])), ", "))
		case 1:
		default:
			fault("%s: %s is a part of several divisions of %s: %s", key, part, of, divisions(places))
		}
	}
	d := m.Disclosure
	if d.Within != "" {
		place("within", d.Of, d.Within)
		for seen, at := []string{d.Within}, d.Within; ; {
			p, ok := c.Place(d.Of, at)
			if !ok || p.Within == "" {
				break
			}
			if at = p.Within; slices.Contains(seen, at) {
				fault("within: %s lies within itself", at)
				break
			}
			seen = append(seen, at)
		}
	}
	for i, n := range d.Counted() {
		if (i > 0 || d.Part == "") && len(c.parts[d.Of][n.Name]) > 1 {
			place("counts", d.Of, n.Name)
		}
	}
	for _, part := range d.Tells {
		if part != All {
			place("tells", d.Of, part)
		}
	}
	for _, part := range d.Harmless {
		switch {
		case part != Rest:
			place("harmless", d.Of, part)
		case !d.Partial:
			fault("harmless: rest is what a partial partition leaves over, and this one is not partial")
		}
	}
	for own, other := range d.Equals {
		place("equals", d.Of, own)
		of, part, _ := strings.Cut(other, ".")
		place("equals", of, part)
	}
	for i, margin := range d.Margins {
		if i < len(m.Keys()) && !slices.ContainsFunc(c.Metrics, func(o Metric) bool { return o.divides(d, margin) && slices.Equal(o.named(c), c.codes(m, i)) }) {
			fault("margins: no metric divides %s by %s with the codes of column %s", d.Of, margin, m.Columns[m.Keys()[i]].Name)
		}
	}
	for _, coarser := range slices.Sorted(maps.Keys(d.Coarser)) {
		at := slices.IndexFunc(c.Metrics, func(o Metric) bool { return o.divides(d, coarser) && len(o.named(c)) > 0 })
		if at < 0 {
			fault("coarser: no metric divides %s by %s", d.Of, coarser)
			continue
		}
		var own []string
		for part, codes := range d.Coarser[coarser] {
			if !slices.Contains(c.Metrics[at].named(c), part) {
				fault("coarser: partition %s has no part %s", coarser, part)
			}
			own = append(own, codes...)
		}
		slices.Sort(own)
		if want := slices.Sorted(slices.Values(m.named(c))); !slices.Equal(own, want) {
			fault("coarser: the parts of %s are made of %s; each of %s is needed once", coarser, strings.Join(own, ", "), strings.Join(want, ", "))
		}
	}
	return errors.Join(errs...)
}

// divides reports whether the metric's rows are the parts of a partition beside d.
func (m *Metric) divides(d Disclosure, partition string) bool {
	return m.Disclosure.Of == d.Of && m.Disclosure.Within == d.Within && m.Disclosure.Partition == partition && len(m.Keys()) < 2
}

func divisions(all []Division) string {
	var words []string
	for _, d := range all {
		if d.Within == "" {
			words = append(words, d.Partition)
		} else {
			words = append(words, fmt.Sprintf("%s within %s", d.Partition, d.Within))
		}
	}
	return strings.Join(words, ", ")
}
