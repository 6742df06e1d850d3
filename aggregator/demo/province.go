package demo

import (
	"math/rand/v2"
	"time"
)

// firstVersion is the version of every row of the still province. Live events
// write higher ones, so that rows of a moved province can be told.
const firstVersion uint64 = 1

// province is the still province: every row of every table.
type province struct {
	seed         uint64
	reference    time.Time
	size         Size
	lines        lines
	regions      []region
	households   []household
	eliminations []elimination
	leads        []lead
	registered   []registered
	totals       []reportedTotal
	assets       []asset
	profiles     []profile
	measures     []measure
	passages     []passage
	projects     []project
	exchanges    []exchange
	emergencies  []emergency
}

// generator holds what the tables are drawn from.
type generator struct {
	figures   figures
	seed      uint64
	keys      keyring
	geography geography
	calendar  calendar
}

// Streams of random numbers, one a table: a change in how one table is drawn
// leaves the others as they were.
const (
	streamGeography uint64 = iota + 1
	streamHouseholds
	streamLeads
	streamRegistered
	streamAssets
	streamLive
	streamLeadDetails
	streamEliminationIncomes
	streamAssetDetails
	streamProfiles
	streamMeasures
	streamPassages
	streamProjects
	streamExchange
)

func (g *generator) stream(n uint64) *rand.Rand { return rand.New(rand.NewPCG(g.seed, n)) }

// newGenerator reads the regions and weighs them. The same seed gives the same
// geography.
func newGenerator(seed uint64, reference time.Time) (*generator, []region, error) {
	regions, err := readRegions()
	if err != nil {
		return nil, nil, err
	}
	g := &generator{figures: published(), seed: seed, keys: keyring{seed}, calendar: calendar{reference}}
	g.geography = newGeography(regions, g.stream(streamGeography))
	return g, regions, nil
}

// newProvince generates what of the still province does not come about inside
// ClickHouse: the same seed, reference, size and lines give the same rows in the
// same order.
func newProvince(seed uint64, reference time.Time, size Size, l lines) (*province, error) {
	g, regions, err := newGenerator(seed, reference)
	if err != nil {
		return nil, err
	}
	p := &province{seed: seed, reference: reference, size: size, lines: l, regions: regions, leads: g.leads(), assets: g.assets()}
	p.households, p.eliminations = g.households()
	g.describeEliminations(p.eliminations, l)
	g.describeLeads(p.leads)
	p.projects = g.projects(int(size.Projects), size.Years)
	g.describeAssets(p.assets, p.projects)
	for i := range p.households {
		p.profiles = append(p.profiles, g.profile(&p.households[i], l.at(reference)))
	}
	p.measures, p.passages = g.measures(p.households), g.passages(p.leads)
	p.exchanges, p.emergencies = g.exchanges(), g.emergencies()
	p.registered = g.registered()
	p.totals = g.reportedTotals(regions, p.registered)
	return p, nil
}
