package demo

import (
	"testing"
	"time"
)

// stillStock counts the still province.
func stillStock(p *province) stock {
	s := stock{"lead": len(p.leads), "asset." + assetInUse: len(p.assets)}
	for _, l := range p.leads {
		s["stage."+l.stage]++
	}
	for _, h := range p.households {
		s["household."+h.state]++
	}
	for _, r := range p.registered {
		s["stability."+r.stability]++
	}
	return s
}

// A week at the default rate, on counts alone: every event does what its row
// would do to the stock.
func TestFlowStaysBelievableForAWeek(t *testing.T) {
	p := oneProvince(t)
	g, _, err := newGenerator(1, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	f := g.figures
	l := &live{generator: g, rng: g.stream(streamLive), stock: stillStock(p)}
	first := stillStock(p)
	arrived := [7]int{}
	const day = defaultRate * 24 * 60 * 60
	for event := range 7 * day {
		kind := eventKind(draw(l.rng, l.stock.weights(f)))
		l.take(kind)
		switch {
		case kind == leadArrives:
			arrived[event/day]++
			l.arrive(&tick{}, time.Time{})
		case kind >= householdChecked && kind <= countyDecided:
			i := int(kind - householdChecked)
			switch {
			case l.rng.Float64() < closedAt(f.stages[i].code):
				l.stock["stage."+stageClosed]++
			case kind == countyDecided:
				l.stock["household."+stateMonitored]++
			default:
				l.stock["stage."+f.stages[i+1].code]++
			}
		case kind == riskEliminated:
			l.stock["household."+stateEliminated]++
		case kind == riskRolledBack:
			l.stock["household."+stateMonitored]++
		case kind >= monitoredSteadies && kind <= stableSlips:
			l.stock["stability."+f.stabilities[stabilityMoves()[kind-monitoredSteadies].to].code]++
		case kind == assetAdded:
			l.stock["asset."+assetInUse]++
		}
		for thing, n := range l.stock {
			if n < 0 {
				t.Fatalf("%s fell to %d", thing, n)
			}
		}
		if event%1000 != 0 {
			continue
		}
		for _, thing := range []string{"stage." + stageHouseholdCheck, "stage." + stageVillageReview, "household." + stateMonitored,
			"stability.monitored_after_lifting", "stability.relatively_stable", "stability.stable", "asset." + assetInUse} {
			if r := l.stock.against(thing, first[thing]); r < 0.7 || r > 1.4 {
				t.Fatalf("after %d events %s is at %.2f of the still province", event, thing, r)
			}
		}
		if n := l.stock["stage."+stageTownshipCheck]; n < 50 || n > 250 {
			t.Fatalf("after %d events %d leads wait for the township", event, n)
		}
		if n := l.stock["stage."+stageCountyDecision]; n > 40 {
			t.Fatalf("after %d events %d leads wait for the county", event, n)
		}
	}
	if r := l.stock.against("lead", first["lead"]); r > 2.5 {
		t.Errorf("a week makes %.1f times the leads", r)
	}
	households := l.stock["household."+stateMonitored] + l.stock["household."+stateEliminated]
	if households > 2*12534 {
		t.Errorf("a week makes %d monitored households", households)
	}
	if arrived[6] < 400 {
		t.Errorf("leads have run dry: %v a day", arrived)
	}
	t.Logf("leads a day %v, in all %d; monitored in all %d", arrived, l.stock["lead"], households)
}
