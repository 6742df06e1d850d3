package demo

import (
	"math/rand/v2"
	"slices"
	"time"
)

// measure is one row of the table measures. Zero times are empty.
type measure struct {
	key, household, village   uint64
	kind                      string
	planned, delivered, ended time.Time
	budget, spent             uint64
	effect                    string
	version                   uint64
}

// measuresFor lists what helps against a cause, the most fitting first.
func measuresFor(cause string) []string {
	switch cause {
	case "illness":
		return []string{"health", "comprehensive_security", "social_assistance"}
	case "disability":
		return []string{"comprehensive_security", "public_post", "health"}
	case "schooling":
		return []string{"compulsory_education", "other_education"}
	case "disaster":
		return []string{"living_conditions", "insurance", "social_assistance"}
	case "accident":
		return []string{"insurance", "social_assistance", "comprehensive_security"}
	case "labour_shortage":
		return []string{"comprehensive_security", "public_post"}
	case "failed_production":
		return []string{"industry", "finance", "consumption"}
	case "unstable_employment":
		return []string{"employment", "public_post"}
	case "housing":
		return []string{"housing"}
	case "drinking_water":
		return []string{"drinking_water"}
	}
	return []string{"industry", "comprehensive_security", "relocation"}
}

// Shares of households whose measures leave something to be warned of.
const (
	neverMeasured  = 0.015 // no measure at all
	neverDelivered = 0.03  // planned only
	mismatched     = 0.05  // measures that do not fit the cause
)

// measures draws the measures of monitored households.
func (g *generator) measures(households []household) []measure {
	rng := g.stream(streamMeasures)
	var all []measure
	for i := range households {
		h := &households[i]
		kinds := plannedKinds(rng, h)
		fate := rng.Float64()
		if fate < neverMeasured {
			continue
		}
		for _, kind := range kinds {
			if m, ok := g.measure(rng, h, kind, uint64(len(all)), fate >= neverMeasured+neverDelivered); ok {
				all = append(all, m)
			}
		}
	}
	return all
}

// plannedKinds draws what is planned for a household: against each cause, and what
// helps those who can work.
func plannedKinds(rng *rand.Rand, h *household) []string {
	if rng.Float64() < mismatched {
		return []string{"infrastructure", "consumption"}
	}
	var kinds []string
	add := func(kind string) {
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	for _, cause := range h.causes {
		fitting := measuresFor(cause)
		add(fitting[0])
		for _, kind := range fitting[1:] {
			if rng.Float64() < 0.5 {
				add(kind)
			}
		}
	}
	if !slices.Contains(h.causes, "labour_shortage") && rng.Float64() < 0.82 {
		add([]string{"industry", "employment", "public_post", "finance", "consumption"}[draw(rng, []float64{34, 40, 14, 6, 6})])
	}
	if rng.Float64() < 0.45 {
		add("insurance")
	}
	return kinds
}

// measure draws one; false where its time has not come.
func (g *generator) measure(rng *rand.Rand, h *household, kind string, n uint64, delivered bool) (measure, bool) {
	within := func(from time.Time, most int) time.Time {
		return from.Add(time.Duration(1+rng.IntN(most*24*60)) * time.Minute)
	}
	m := measure{key: g.keys.key(keyMeasure, n), household: h.key, village: h.village, kind: kind, effect: "unassessed", version: firstVersion}
	m.planned = within(h.recognised, 18)
	at, over := within(m.planned, 14), time.Time{}
	if rng.Float64() < 0.06 {
		at = within(at, 120) // late
	}
	if rng.Float64() < 0.3 {
		over = within(at.AddDate(0, 0, 120), 240)
	}
	m.budget = measureAmount(rng, kind)
	effect := []string{"good", "fair", "poor"}[draw(rng, []float64{80, 17, 3})]
	spent := m.budget * uint64(82+rng.IntN(19)) / 100
	if !m.planned.Before(g.calendar.reference) {
		return m, false
	}
	if !delivered || !at.Before(g.calendar.reference) {
		return m, true
	}
	m.delivered, m.spent = at, spent
	if over.Before(g.calendar.reference) {
		m.ended = over
	}
	if at.Before(g.calendar.reference.AddDate(0, 0, -90)) {
		m.effect = effect
	}
	return m, true
}

// measureAmount draws what a measure costs, in whole hundreds of yuan.
func measureAmount(rng *rand.Rand, kind string) uint64 {
	middle := map[string]float64{"housing": 30_000, "relocation": 60_000, "industry": 5000, "finance": 20_000, "infrastructure": 8000, "insurance": 120}[kind]
	if middle == 0 {
		middle = 2600
	}
	return uint64(middle*(0.5+rng.Float64())/20) * 20
}

func measureSheet(rows []measure) sheet {
	return sheet{"measures", len(rows), func(i int) []any {
		r := &rows[i]
		return []any{r.key, r.household, r.village, r.kind, r.planned, known(r.delivered), known(r.ended), r.budget, r.spent, r.effect, r.version}
	}}
}
