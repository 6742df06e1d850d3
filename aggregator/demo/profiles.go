package demo

import (
	"math/rand/v2"
	"slices"
)

// profile is one row of the table profiles: what a monitored household is like. It
// follows from the household's key, its row and the year's income line, so that every
// version of it is about the same people.
type profile struct {
	household, village                                 uint64
	persons                                            uint8
	under7, school, grown, old                         uint8 // by age
	skilled, ordinary, weak, lost, none                uint8 // by labour
	employed                                           uint8
	healthy, chronic, serious, disabled                uint8
	unschooled, primary, junior, senior, college       uint8
	wage, business, property, transfer, expense, rigid uint32
	food, clothing, schooling, medical, housing, water bool
	version                                            uint64
}

// perHead is the disposable income per head.
func (p *profile) perHead() uint32 {
	return (p.wage + p.business + p.property + p.transfer - p.expense) / uint32(p.persons)
}

// ageGroup of a member.
type ageGroup int

const (
	under7 ageGroup = iota
	ofSchool
	grown
	old
)

// profile makes the profile that agrees with the household's causes and state.
func (g *generator) profile(h *household, line uint64) profile {
	rng := rand.New(rand.NewPCG(g.seed^streamProfiles, h.key))
	has := func(cause string) bool { return slices.Contains(h.causes, cause) }
	p := profile{household: h.key, village: h.village, persons: h.persons, version: h.version}
	eliminated := h.state == stateEliminated
	ages := memberAges(rng, int(h.persons), has("schooling"), has("labour_shortage"))
	for i, age := range ages {
		p.addLabour(rng, age, has("labour_shortage"))
		p.addSchooling(rng, age)
		p.addHealth(rng, age, i == len(ages)-1 && has("illness"), i == max(len(ages)-2, 0) && has("disability"))
	}
	if eliminated && p.skilled+p.ordinary+p.weak == 0 {
		// No risk is eliminated where nobody can work.
		p.recover()
	}
	p.employ(rng, has("unstable_employment"), has("labour_shortage"))
	p.earn(rng, h, line, eliminated)
	p.secure(rng, h, eliminated)
	return p
}

// memberAges draws the ages: a child of school age where one is needed, and at least
// one grown-up, or an old one where hands are short.
func memberAges(rng *rand.Rand, n int, child, shortage bool) []ageGroup {
	ages := make([]ageGroup, n)
	for i := range ages {
		ages[i] = ageGroup(draw(rng, []float64{8, 13, 57, 22}))
	}
	if child {
		ages[0] = ofSchool
	}
	switch {
	case n == 1 && !child && ages[0] < grown:
		ages[0] = old
	case n > 1 && shortage:
		ages[n-1] = old
	case n > 1:
		ages[n-1] = grown
	}
	return ages
}

// addLabour counts a member by the ability to work.
func (p *profile) addLabour(rng *rand.Rand, age ageGroup, shortage bool) {
	weights := []float64{12, 68, 13, 7} // skilled, ordinary, weak, lost
	switch {
	case age == under7:
		p.under7++
	case age == ofSchool:
		p.school++
	case age == old:
		p.old++
		weights = []float64{1, 12, 40, 47}
	default:
		p.grown++
	}
	if age < grown {
		p.none++
		return
	}
	if shortage {
		weights[0], weights[1] = 0, 0
	}
	*[]*uint8{&p.skilled, &p.ordinary, &p.weak, &p.lost}[draw(rng, weights)]++
}

// recover gives one member work that suits a weak one; in a household of children
// only, one has grown up.
func (p *profile) recover() {
	p.weak++
	switch {
	case p.lost > 0:
		p.lost--
	case p.school > 0:
		p.none, p.school, p.grown = p.none-1, p.school-1, p.grown+1
	default:
		p.none, p.under7, p.grown = p.none-1, p.under7-1, p.grown+1
	}
}

func (p *profile) addSchooling(rng *rand.Rand, age ageGroup) {
	weights := [][]float64{{1, 0, 0, 0, 0}, {4, 66, 30, 0, 0}, {4, 24, 48, 16, 8}, {34, 48, 14, 3, 1}}[age]
	*[]*uint8{&p.unschooled, &p.primary, &p.junior, &p.senior, &p.college}[draw(rng, weights)]++
}

// addHealth counts a member by health; several states may hold.
func (p *profile) addHealth(rng *rand.Rand, age ageGroup, ill, disabled bool) {
	often := []float64{0.01, 0.015, 0.08, 0.3}[age]
	serious := ill && rng.Float64() < 0.6 || rng.Float64() < often/10
	chronic := ill && !serious || rng.Float64() < often
	disabled = disabled || rng.Float64() < often/4
	for state, holds := range map[*uint8]bool{&p.serious: serious, &p.chronic: chronic, &p.disabled: disabled, &p.healthy: !serious && !chronic && !disabled} {
		if holds {
			*state++
		}
	}
}

func (p *profile) employ(rng *rand.Rand, unstable, shortage bool) {
	chance := 0.74
	if unstable || shortage {
		chance = 0.3
	}
	for range p.skilled + p.ordinary {
		if rng.Float64() < chance {
			p.employed++
		}
	}
	for range p.weak {
		if rng.Float64() < chance/4 {
			p.employed++
		}
	}
}

// earn divides an income around the year's line into its sources.
func (p *profile) earn(rng *rand.Rand, h *household, line uint64, eliminated bool) {
	of := 0.62 + 0.42*rng.Float64() // of the line
	self := 300 + 9000*rng.Float64()*rng.Float64()
	switch {
	case eliminated:
		of = 1.08 + 0.7*rng.Float64()*rng.Float64()
	case h.kind == "sudden_hardship":
		// Above the range, but hit by an expense.
		of = 1.02 + 0.5*rng.Float64()
		self = 14_000 + 66_000*rng.Float64()*rng.Float64()
	}
	net := uint32(of*float64(line)) * uint32(p.persons)
	part := func(share float64) uint32 { return uint32(share * float64(net)) }
	p.rigid = uint32(self)
	p.property = part(0.03 * rng.Float64())
	p.transfer = part(0.1 + 0.22*rng.Float64())
	gained := part(0.08 + 0.24*rng.Float64())
	p.expense = uint32(float64(gained) * (0.35 + 0.4*rng.Float64()))
	p.business = gained + p.expense
	if p.wage = net - p.property - p.transfer - gained; p.employed == 0 {
		p.transfer, p.wage = p.transfer+p.wage, 0
	}
}

// secure says which of food, clothing, school, medicine, housing and water are secured:
// all of them where a risk is eliminated.
func (p *profile) secure(rng *rand.Rand, h *household, eliminated bool) {
	missing := func(chance float64, cause string, because float64) bool {
		if slices.Contains(h.causes, cause) {
			chance = because
		}
		return rng.Float64() < chance && !eliminated
	}
	p.food = !missing(0.001, "", 0)
	p.clothing = !missing(0.001, "", 0)
	p.schooling = !(missing(0.004, "schooling", 0.05) && p.school > 0)
	p.medical = !missing(0.012, "illness", 0.02)
	p.housing = !missing(0.006, "housing", 1)
	p.water = !missing(0.003, "drinking_water", 1)
}

func profileSheet(rows []profile) sheet {
	return sheet{"profiles", len(rows), func(i int) []any {
		r := &rows[i]
		return []any{r.household, r.village, r.persons, r.under7, r.school, r.grown, r.old,
			r.skilled, r.ordinary, r.weak, r.lost, r.none, r.employed, r.healthy, r.chronic, r.serious, r.disabled,
			r.unschooled, r.primary, r.junior, r.senior, r.college,
			r.wage, r.business, r.property, r.transfer, r.expense, r.rigid,
			r.food, r.clothing, r.schooling, r.medical, r.housing, r.water, r.version}
	}}
}
