package demo

import (
	"context"
	"fmt"
	"math"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// stock is how many of each thing there are: "lead", "stage.<code>",
// "household.<state>", "stability.<code>", "asset.<state>", "order.open",
// "measure.open".
type stock map[string]int

func readStock(ctx context.Context, conn driver.Conn) (stock, error) {
	rows, err := conn.Query(withKeys(ctx, nil), statement("live/stock"))
	if err != nil {
		return nil, fmt.Errorf("read the stock: %w", err)
	}
	defer rows.Close()
	s := stock{}
	for rows.Next() {
		var thing string
		var n uint64
		if err := rows.Scan(&thing, &n); err != nil {
			return nil, fmt.Errorf("read the stock: %w", err)
		}
		s[thing] = int(n)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the stock: %w", err)
	}
	return s, nil
}

// against is a stock relative to what the still province has.
func (s stock) against(thing string, still int) float64 { return float64(s[thing]) / float64(still) }

// eventKind is what may happen in the province.
type eventKind int

const (
	leadArrives eventKind = iota
	householdChecked
	villageReviewed
	townshipChecked
	countyDecided
	riskEliminated
	riskRolledBack
	// Registered households move between neighbouring degrees of stability.
	monitoredSteadies
	relativeSlips
	relativeSteadies
	stableSlips
	assetAdded
	assetRevalued
	assetRetired
	visitPaid
	signedIn
	productSold
	fundsMoved
	orderOpened
	orderAnswered
	measureDelivered
	departmentDelivered
	eventKinds // how many there are
)

// How often things happen, relative to each other, in the still province.
// Working values of the demo.
const (
	leadWeight        = 10.0
	stabilityWeight   = 5.0 // each of the four moves
	assetWeight       = 0.6 // registered, and as often disposed
	revaluationWeight = 10.0
	visitWeight       = 14.0
	signInWeight      = 10.0
	saleWeight        = 5.0
	fundWeight        = 3.0
	orderWeight       = 2.0
	measureWeight     = 3.0
	exchangeWeight    = 0.02
	// openOrders and openMeasures are about as many as the still province has.
	openOrders, openMeasures = 450, 1650
	// rolledBackShare is how many rollbacks come on one elimination.
	rolledBackShare = 0.1
	// slowing is the power of the growth in leads by which the flow slows down:
	// at 3 events per second there are 2.4 times the leads after a week, and a
	// thousand still come every day.
	slowing = 5
)

// closedAt is the share of the leads of a stage that is closed there; the others
// go on. The first check finds most of the false alarms.
func closedAt(stage string) float64 {
	switch stage {
	case stageHouseholdCheck:
		return 0.45
	case stageVillageReview:
		return 0.25
	case stageTownshipCheck:
		return 0.08
	}
	return 0.10
}

// weights says how likely each kind of event is next. Whatever leaves a stock
// does so in proportion to it, and at the still province's stock as much leaves
// as arrives: no stock drains or explodes, however long the demo runs.
//
// Only the totals of all leads and all monitored households can do nothing but
// grow. As they do, the whole flow slows down, and the events that change no
// total take its place.
func (s stock) weights(f figures) []float64 {
	w := make([]float64, eventKinds)
	leads, _ := sum(f.channels)
	flow := leadWeight / math.Pow(max(s.against("lead", leads), 1), slowing)
	w[leadArrives] = flow
	reaches := flow
	for i, stage := range f.stages {
		w[householdChecked+eventKind(i)] = reaches * s.against("stage."+stage.code, stage.households)
		reaches *= 1 - closedAt(stage.code)
	}
	all, _ := sum(f.types)
	w[riskEliminated] = reaches / (1 - rolledBackShare) * s.against("household."+stateMonitored, all-f.eliminated.households)
	if s["household."+stateEliminated] > 0 {
		w[riskRolledBack] = w[riskEliminated] * rolledBackShare
	}
	for i, move := range stabilityMoves() {
		from := f.stabilities[move.from]
		w[monitoredSteadies+eventKind(i)] = stabilityWeight * s.against("stability."+from.code, from.households)
	}
	assets := 0
	for _, c := range assetClasses() {
		assets += c.count
	}
	w[assetAdded] = assetWeight
	w[assetRetired] = assetWeight * s.against("asset."+assetInUse, assets)
	if s["asset."+assetInUse] > 0 {
		w[assetRevalued] = revaluationWeight
	}
	w[visitPaid], w[signedIn], w[productSold], w[fundsMoved] = visitWeight, signInWeight, saleWeight, fundWeight
	w[orderOpened], w[departmentDelivered] = orderWeight, exchangeWeight
	w[orderAnswered] = orderWeight * min(s.against("order.open", openOrders), 3)
	w[measureDelivered] = measureWeight * min(s.against("measure.open", openMeasures), 3)
	return w
}

// stabilityMove is a change between two degrees, by their position in the
// figures.
type stabilityMove struct{ from, to int }

// stabilityMoves lists the moves in the order of their event kinds.
func stabilityMoves() []stabilityMove {
	return []stabilityMove{{0, 1}, {1, 0}, {1, 2}, {2, 1}}
}
