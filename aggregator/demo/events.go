package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// tick is the rows of the events of one moment. Writing it again changes
// nothing: every row has a key and a version.
type tick struct {
	at           time.Time
	events       int
	leads        []lead // new ones
	households   []household
	stages       []lead // rows of the table workflow
	eliminations []elimination
	registered   []registered
	assets       []asset
	profiles     []profile
	rural        []rural
	passages     []passage
	measures     []measure
	orders       []order
	exchanges    []exchange
	visits       []visit
	signIns      []signIn
	flows        []flow
	sales        []sale
	probes       []probe
}

// insert writes the rows, one insert a table. Identities hold after each: a lead
// comes before its stage, and a household, whose one row says type and state,
// before the stage and the event that tell of it. A lead's passage comes first of
// all: what it says is completed where the rest was cut off.
func (t *tick) insert(ctx context.Context, conn driver.Conn) error {
	for _, s := range []sheet{
		leadSheet(t.leads),
		passageSheet(t.passages),
		householdSheet(t.households),
		profileSheet(t.profiles),
		ruralSheet(t.rural),
		measureSheet(t.measures),
		workflowSheet(t.stages),
		eliminationSheet(t.eliminations),
		registeredSheet(t.registered),
		assetSheet(t.assets),
		orderSheet(t.orders),
		exchangeSheet(t.exchanges),
		visitSheet(t.visits),
		signInSheet(t.signIns),
		flowSheet(t.flows),
		saleSheet(t.sales),
		probeSheet(t.probes),
	} {
		// Sums count what is written: under its token a tick is taken once.
		token := fmt.Sprintf("demo %s %d", s.table, t.at.UnixNano())
		ctx := clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"insert_deduplication_token": token}))
		if err := s.insert(ctx, conn, batchRows, nil); err != nil {
			return err
		}
	}
	return nil
}

// plan draws n events and finds the rows that they happen to. Where there are
// too few, fewer events happen, and the stock is to be read again.
func (l *live) plan(ctx context.Context, n int) (*tick, error) {
	at := l.now().UTC().Truncate(time.Millisecond)
	t := &tick{at: at}
	planned := make([]int, eventKinds)
	for range n {
		kind := eventKind(draw(l.rng, l.stock.weights(l.generator.figures)))
		planned[kind]++
		l.take(kind)
	}
	for range planned[leadArrives] {
		l.arrive(t, at)
	}
	for i, stage := range l.generator.figures.stages {
		if err := l.advance(ctx, t, at, i, stage.code, planned[householdChecked+eventKind(i)]); err != nil {
			return nil, err
		}
	}
	if err := l.settle(ctx, t, at, stateMonitored, planned[riskEliminated]); err != nil {
		return nil, err
	}
	if err := l.settle(ctx, t, at, stateEliminated, planned[riskRolledBack]); err != nil {
		return nil, err
	}
	if err := l.serve(ctx, t, planned); err != nil {
		return nil, err
	}
	if err := l.restabilise(ctx, t, planned[monitoredSteadies:assetAdded]); err != nil {
		return nil, err
	}
	for range planned[assetAdded] {
		l.register(t, at)
	}
	if err := l.reassess(ctx, t, planned[assetRevalued], planned[assetRetired]); err != nil {
		return nil, err
	}
	l.short = l.short || t.events < n
	return t, nil
}

// take keeps the stock from being drawn on twice within a tick. What an event
// adds to the stock is added when its row is made.
func (l *live) take(kind eventKind) {
	f := l.generator.figures
	switch {
	case kind >= householdChecked && kind <= countyDecided:
		l.stock["stage."+f.stages[kind-householdChecked].code]--
	case kind == riskEliminated:
		l.stock["household."+stateMonitored]--
	case kind == riskRolledBack:
		l.stock["household."+stateEliminated]--
	case kind >= monitoredSteadies && kind <= stableSlips:
		l.stock["stability."+f.stabilities[stabilityMoves()[kind-monitoredSteadies].from].code]--
	case kind == orderAnswered:
		l.stock["order.open"]--
	case kind == measureDelivered:
		l.stock["measure.open"]--
	case kind == assetRetired:
		l.stock["asset."+assetInUse]--
	}
}

// arrive makes a lead, at the first stage.
func (l *live) arrive(t *tick, at time.Time) {
	channels := l.generator.figures.channels
	weights := make([]float64, len(channels))
	for i, c := range channels {
		weights[i] = float64(c.households)
	}
	// The leads are counted, and their keys numbered, without gaps.
	row := lead{
		key:     l.generator.keys.key(keyLead, uint64(l.stock["lead"])),
		village: l.generator.geography.village(l.rng), channel: channels[draw(l.rng, weights)].code, reported: at,
		stage: stageHouseholdCheck, entered: at, version: firstVersion + 1,
	}
	row.describe(l.rng)
	t.leads, t.stages = append(t.leads, row), append(t.stages, row)
	t.events++
	l.stock["lead"]++
	l.stock["stage."+stageHouseholdCheck]++
}

// advance moves leads on from the i-th stage, or closes them. The last stage
// recognises a household.
func (l *live) advance(ctx context.Context, t *tick, at time.Time, i int, stage string, n int) error {
	if n == 0 {
		return nil
	}
	picked, err := l.picker.leads(ctx, stage, n)
	if err != nil {
		return err
	}
	for _, row := range picked {
		p := passage{lead: row.key, village: row.village, stage: stage, entered: row.entered, left: at, outcome: outcomePassed}
		if l.rng.Float64() < closedAt(stage) {
			p.outcome = outcomeClosed
		}
		t.passages = append(t.passages, p)
		l.pass(t, row, p)
	}
	return nil
}

// pass does what a passage says: the lead enters its next stage, or is closed.
func (l *live) pass(t *tick, row lead, p passage) {
	stages := l.generator.figures.stages
	i := slices.IndexFunc(stages, func(c cell) bool { return c.code == p.stage })
	row.entered = p.left
	row.version++
	switch {
	case p.outcome == outcomeClosed:
		row.stage = stageClosed
	case i == len(stages)-1:
		row.stage = stageRecognised
		h := l.recognise(row, p.left)
		t.households = append(t.households, h)
		l.follows(t, h)
		l.plans(t, h)
		l.stock["household."+stateMonitored]++
	default:
		row.stage = stages[i+1].code
	}
	l.stock["stage."+row.stage]++
	t.stages = append(t.stages, row)
	t.events++
}

// recognise makes the household of a lead. Its key follows from the lead's: a
// lead whose decision was cut off and is taken again is still one household.
func (l *live) recognise(of lead, at time.Time) household {
	types := l.generator.figures.types
	weights := make([]float64, len(types))
	for i, c := range types {
		weights[i] = float64(c.households)
	}
	kind := types[draw(l.rng, weights)].code
	return household{
		key: l.generator.keys.key(keyRecognised, of.key), village: of.village, kind: kind, causes: causes(l.rng, kind),
		persons: householdSize(l.rng), state: stateMonitored, recognised: at, version: firstVersion + 1,
	}
}

// settle eliminates the risk of monitored households, or rolls back eliminated
// ones.
func (l *live) settle(ctx context.Context, t *tick, at time.Time, from string, n int) error {
	if n == 0 {
		return nil
	}
	picked, err := l.picker.households(ctx, from, at.Add(-settlingTime), n)
	if err != nil {
		return err
	}
	for _, h := range picked {
		e := elimination{household: h.key, village: h.village, at: at, event: eventRolledBack, kind: assisted, persons: h.persons}
		h.state = stateMonitored
		if from == stateMonitored {
			h.state, e.event, e.kind = stateEliminated, eventEliminated, eliminationKind(l.rng)
		}
		e.describe(l.rng, l.lines)
		h.version++
		l.follows(t, h)
		l.stock["household."+h.state]++
		t.households, t.eliminations = append(t.households, h), append(t.eliminations, e)
		t.events++
	}
	return nil
}

// restabilise moves registered households between degrees of stability; planned
// is the number of each move. Totals stay as they are.
func (l *live) restabilise(ctx context.Context, t *tick, planned []int) error {
	for from, stability := range l.generator.figures.stabilities {
		// All moves from one degree are picked at once, so that no household is
		// picked twice.
		var to []int
		for i, move := range stabilityMoves() {
			for range planned[i] {
				if move.from == from {
					to = append(to, move.to)
				}
			}
		}
		if len(to) == 0 {
			continue
		}
		picked, err := l.picker.registered(ctx, stability.code, len(to))
		if err != nil {
			return err
		}
		for i, r := range picked {
			r.stability = l.generator.figures.stabilities[to[i]].code
			r.version++
			l.stock["stability."+r.stability]++
			t.registered = append(t.registered, r)
			t.events++
		}
	}
	return nil
}

// register makes a new asset.
func (l *live) register(t *tick, at time.Time) {
	classes := assetClasses()
	weights := make([]float64, len(classes))
	for i, c := range classes {
		weights[i] = float64(c.count)
	}
	class := classes[draw(l.rng, weights)]
	value := class.value(l.rng)
	n := l.stock["asset."+assetInUse] + l.stock["asset."+assetDisposed]
	a := asset{
		key:     l.generator.keys.key(keyAsset, uint64(n)),
		village: l.generator.geography.village(l.rng), class: class.code, original: value, net: value,
		state: assetInUse, registered: at, version: firstVersion + 1,
	}
	a.describe(l.rng)
	t.assets = append(t.assets, a)
	l.stock["asset."+assetInUse]++
	t.events++
}

// reassess gives assets a new net value, and disposes of others.
func (l *live) reassess(ctx context.Context, t *tick, revalued, disposed int) error {
	if revalued+disposed == 0 {
		return nil
	}
	picked, err := l.picker.assets(ctx, revalued+disposed)
	if err != nil {
		return err
	}
	for i, a := range picked {
		a.version++
		if i < disposed {
			a.state = assetDisposed
			l.stock["asset."+assetDisposed]++
		} else {
			// A share of the original value, not of the last net value: many
			// revaluations write nothing off to zero.
			a.net = uint64(float64(a.original)*(0.35+0.6*l.rng.Float64())) / 100 * 100
		}
		t.assets = append(t.assets, a)
		t.events++
	}
	return nil
}
