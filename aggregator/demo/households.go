package demo

import (
	"math/rand/v2"
	"time"
)

// household is one row of the table households.
type household struct {
	key, village uint64
	kind         string // type of monitored household
	causes       []string
	persons      uint8
	state        string
	recognised   time.Time
	version      uint64
}

// elimination is one row of the table eliminations.
type elimination struct {
	household, village uint64
	at                 time.Time
	event, kind        string
	persons            uint8
	perHead            uint64 // income in the 12 months before; 0 where unknown
}

// eliminatedShare is how readily the risk of a type is eliminated, relative to
// the other types: sudden hardship is the youngest and needs longer.
func eliminatedShare(kind string) float64 {
	switch kind {
	case "unstable_lifted":
		return 0.34
	case "marginal_poor":
		return 0.31
	}
	return 0.26
}

// How often risk comes back: of the households whose risk is eliminated, this
// share had been rolled back once before; of those monitored, this share.
const (
	rolledBackOfEliminated = 0.04
	rolledBackOfMonitored  = 0.015
)

// settlingTime is how long after its recognition the risk of a household may be
// eliminated: one that is gone in the month of recognition or the next looks as
// if it had never been there.
const settlingTime = 62 * 24 * time.Hour

// households draws the monitored households with their eliminations. Types and
// states are drawn as cells, each with its exact households and persons, so that
// every sum over cells is exact, too.
func (g *generator) households() ([]household, []elimination) {
	rng := g.stream(streamHouseholds)
	eliminated := g.eliminatedByType()
	var households []household
	var events []elimination
	for i, all := range g.figures.types {
		gone := eliminated[i]
		still := cell{all.code, all.households - gone.households, all.persons - gone.persons}
		for _, c := range []struct {
			state string
			cell
		}{{stateEliminated, gone}, {stateMonitored, still}} {
			members := sizes(rng, c.households, c.persons)
			for j, village := range g.geography.spread(rng, c.households) {
				h := household{
					key:     g.keys.key(keyHousehold, uint64(len(households))),
					village: village, kind: all.code, causes: causes(rng, all.code),
					persons: members[j], state: c.state, version: firstVersion,
				}
				var past []elimination
				h.recognised, past = g.history(rng, &h)
				households = append(households, h)
				events = append(events, past...)
			}
		}
	}
	return households, events
}

// eliminatedByType divides the eliminated households and their persons by type.
func (g *generator) eliminatedByType() []cell {
	types := g.figures.types
	weights := make([]float64, len(types))
	for i, t := range types {
		weights[i] = float64(t.households) * eliminatedShare(t.code)
	}
	households := apportion(g.figures.eliminated.households, weights)
	for i, t := range types {
		weights[i] = float64(households[i]) * float64(t.persons) / float64(t.households)
	}
	persons := apportion(g.figures.eliminated.persons, weights)
	cells := make([]cell, len(types))
	for i, t := range types {
		cells[i] = cell{t.code, households[i], persons[i]}
	}
	return cells
}

// history draws when a household was recognised and what became of its risk.
// The last event agrees with the household's state.
func (g *generator) history(rng *rand.Rand, h *household) (recognised time.Time, events []elimination) {
	// add draws an event that leaves room days before the reference for others.
	add := func(event string, after time.Time, room int) time.Time {
		kind := assisted
		if event == eventEliminated {
			kind = eliminationKind(rng)
		}
		at := calendar{g.calendar.reference.AddDate(0, 0, -room)}.between(rng, after)
		events = append(events, elimination{household: h.key, village: h.village, at: at, event: event, kind: kind, persons: h.persons})
		return at
	}
	back := rng.Float64()
	switch {
	case h.state == stateEliminated && back < rolledBackOfEliminated:
		recognised = g.calendar.ago(rng, 400, 690)
		first := add(eventEliminated, recognised.Add(settlingTime), 180)
		second := add(eventRolledBack, first, 60)
		add(eventEliminated, second, 0)
	case h.state == stateEliminated:
		recognised = g.calendar.ago(rng, 100, 690)
		add(eventEliminated, recognised.Add(settlingTime), 0)
	case back < rolledBackOfMonitored:
		recognised = g.calendar.ago(rng, 300, 690)
		first := add(eventEliminated, recognised.Add(settlingTime), 60)
		add(eventRolledBack, first, 0)
	default:
		recognised = g.calendar.ago(rng, 1, 690)
	}
	return recognised, events
}

// eliminationKind draws how a risk was eliminated: by assistance mostly.
func eliminationKind(rng *rand.Rand) string {
	if rng.Float64() < 0.12 {
		return "natural"
	}
	return assisted
}

// causes draws one to three risks of a household, the main one first.
func causes(rng *rand.Rand, kind string) []string {
	names := []string{"illness", "disability", "schooling", "labour_shortage", "unstable_employment", "accident",
		"failed_production", "disaster", "housing", "drinking_water", "other"}
	weights := []float64{34, 17, 15, 14, 6, 4, 4, 3, 1, 0.6, 1.4}
	if kind == "sudden_hardship" {
		// Sudden hardship comes from expenses and blows, not from a standing lack.
		weights = []float64{45, 10, 14, 7, 6, 9, 3, 4, 1, 0.3, 0.7}
	}
	n := 1 + draw(rng, []float64{62, 29, 9})
	chosen := make([]string, n)
	for i := range chosen {
		c := draw(rng, weights)
		chosen[i] = names[c]
		weights[c] = 0
	}
	return chosen
}

// belowLine is the share of eliminations that should not have been: the income was
// below the line. The quality rules are to find some.
const belowLine = 0.015

// describeEliminations draws with what income a risk was eliminated.
func (g *generator) describeEliminations(events []elimination, l lines) {
	rng := g.stream(streamEliminationIncomes)
	for i := range events {
		events[i].describe(rng, l)
	}
}

func (e *elimination) describe(rng *rand.Rand, l lines) {
	of := 1.04 + 0.9*rng.Float64()*rng.Float64()
	if rng.Float64() < belowLine {
		of = 0.8 + 0.18*rng.Float64()
	}
	if e.event == eventEliminated {
		e.perHead = uint64(of * float64(l.at(e.at)))
	}
}
