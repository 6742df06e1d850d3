// Package aggregator turns rows into batches: it sees that tables have changed,
// takes one cut of them, asks the cut for the metrics and checks that depend on
// them, and publishes the batch to Redis in one atomic step.
//
//	a := aggregator.New(aggregator.Options{Warehouse: w, Store: s, Catalogue: c, Node: "hall_1"})
//	err := a.Run(ctx) // until ctx is done; what goes wrong is shown, survived and logged
package aggregator

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/prometheus/client_golang/prometheus"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// Options of an aggregator. Warehouse, Store, Catalogue and Node are needed; a
// zero value elsewhere means the default.
type Options struct {
	Warehouse *warehouse.Warehouse
	Store     *batch.Store
	Catalogue *queries.Catalogue
	// Node names this process among the aggregators: letters, digits and _, and
	// no other's, since the cut is named after it.
	Node string
	// React is how often the state of the tables is looked at when nobody hints that
	// it may have changed. Default 100 ms.
	React time.Duration
	// Gap is the least time from the beginning of a batch to that of the next.
	// Default 200 ms.
	Gap time.Duration
	// Lease is how long this node may publish without renewing, which it does four
	// times as often. Default 2 s: with the time that a first batch takes, a leader that is
	// gone is replaced within three.
	Lease time.Duration
	// Parallel bounds the statements that run at once. Default 4.
	Parallel int
	// Warm is how often a node that stands by computes what has changed, so that it need
	// not begin from nothing when it leads. Default 5 s; below 0: never.
	Warm time.Duration
	// LeastCell is the least count of households that is shown: what counts fewer,
	// but some, is suppressed, and so is what would give it away. Default 5; 1
	// shows everything.
	LeastCell int
	// Now is the clock. Default time.Now.
	Now func() time.Time
	// Zone is the zone whose midnight ends a day. Default Asia/Shanghai, as a
	// fixed zone: it has had no daylight saving since 1991.
	Zone     *time.Location
	Logger   *slog.Logger
	Registry prometheus.Registerer
}

// patience is how long the state of the tables may take to be told. Asking costs
// a few milliseconds; a source that needs longer is shown as lost.
const patience = 2 * time.Second

// Aggregator computes and publishes the batches of one province.
type Aggregator struct {
	Options
	metrics *metrics
	tables  []string

	// Owned by Run's goroutine.
	cut     *warehouse.Cut
	calc    *calculator
	history string
	demo    bool
	done    map[string]warehouse.Fingerprint // the states that calc has answers for
	pending map[string]bool                  // tables that changed since the last published batch
	// base is the batch that Redis holds and calc has the frames of; 0 when
	// that is not known, and then the next batch carries all frames.
	base    uint64
	good    batch.Header // the last one published
	last    uint64       // number of the newest batch, published or tried
	at      time.Time    // when the last one was tried
	holding []batch.Hold // what holds back what the tables show
	again   bool         // what holds was found before a round failed
	letting releases     // what operators let pass
	why     string       // why no batch could be computed; empty when one could
	pace    pace         // what was found of those who write when tables were taken the last time
	calm    int          // how often in a row nothing moved meanwhile
	busy    int          // batches of those who never pause
	refused bool         // the last round ended with a statement that the source refused
	record  record

	// Shared with the keeper.
	mu     sync.Mutex
	lease  batch.Lease
	sent   int // batches published, so that a renewal under way meanwhile is not believed
	floor  batch.Floor
	ready  bool              // the floor is known
	asOf   time.Time         // of the last batch published
	status batch.Status      // without a Source until the first round
	told   batch.SourceState // what readers were last hinted at
	hint   chan struct{}     // the keeper has something to say
	look   chan struct{}     // the tables may have changed
	heard  time.Time         // when the source last told the state of the tables
	missed time.Time         // since when it does not; zero while it does
	run    string
	mute   string // why the keeper could not speak; empty when it could
}

// demoTable marks the province as 演示数据; no metric reads it.
const demoTable = "demo_province"

// New makes an aggregator.
func New(o Options) *Aggregator {
	if o.React == 0 {
		o.React = 100 * time.Millisecond
	}
	if o.Gap == 0 {
		o.Gap = 200 * time.Millisecond
	}
	if o.Lease == 0 {
		o.Lease = 2 * time.Second
	}
	if o.Warm == 0 {
		o.Warm = 5 * time.Second
	}
	if o.Parallel == 0 {
		o.Parallel = 4
	}
	if o.LeastCell == 0 {
		o.LeastCell = 5
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = batch.Hall
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	a := &Aggregator{
		Options: o,
		metrics: newMetrics(o.Registry),
		tables:  append(o.Catalogue.Tables(), demoTable, warehouse.HoldReleasesTable),
		done:    map[string]warehouse.Fingerprint{},
		pending: map[string]bool{},
		status:  batch.Status{Node: o.Node},
		hint:    make(chan struct{}, 1),
		look:    make(chan struct{}, 1),
		run:     rand.Text(),
	}
	a.expose(o.Registry)
	return a
}

// Run works until ctx is done and returns nil then. A source or a Redis that
// fails is told to the readers, logged, and tried again with growing pauses.
func (a *Aggregator) Run(ctx context.Context) error {
	var beside sync.WaitGroup
	beside.Go(func() { a.keep(ctx) })
	beside.Go(func() { a.watch(ctx) })
	defer func() {
		beside.Wait()
		a.close(context.WithoutCancel(ctx))
	}()
	retry := backoff.NewExponentialBackOff()
	retry.InitialInterval = a.React
	retry.MaxInterval = 2 * time.Second
	timer := time.NewTimer(0)
	defer timer.Stop()
	looks := a.look
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-looks:
		}
		pause := a.React
		looks = a.look
		if err := a.round(ctx); err == nil {
			if a.why == "" {
				retry.Reset()
			}
		} else if ctx.Err() == nil {
			a.metrics.failures.WithLabelValues(cause(err)).Inc()
			if why := err.Error(); why != a.why { // once for each reason
				a.Logger.Warn("round failed", "err", err)
				a.why = why
			}
			pause = retry.NextBackOff()
			looks = nil // what failed is not tried sooner because there is more to do
		}
		if wait := a.at.Add(a.Gap).Sub(a.Now()); wait > 0 {
			// No batch before then, whatever has changed.
			pause, looks = min(pause, wait), nil
		}
		timer.Reset(pause)
	}
}

// Changed hints that rows have been stored, so that the aggregator looks now and not
// only when it would anyway. Safe to call from anywhere; it does not wait.
func (a *Aggregator) Changed() {
	select {
	case a.look <- struct{}{}:
	default:
	}
}

func (a *Aggregator) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	lease := a.held()
	lease.Node, lease.Run = a.Node, a.run // the name is ours also without the lease
	if err := a.Store.Release(ctx, lease); err != nil {
		a.Logger.Warn("lease not released", "err", err)
	}
	if err := a.noteShown(ctx, time.Time{}); err != nil {
		a.Logger.Warn("the last batch is not noted as shown", "err", err)
	}
	if a.cut != nil {
		if err := a.cut.Drop(ctx); err != nil {
			a.Logger.Warn("cut not dropped", "err", err)
		}
	}
}

// round looks once, and publishes a batch if there is anything new.
func (a *Aggregator) round(ctx context.Context) error {
	err := a.step(ctx)
	if err == nil || ctx.Err() != nil {
		a.refused = false
		return err
	}
	// Whatever failed, a batch that was held is judged again, and tables that
	// were taken are taken again.
	a.again = true
	for t := range a.pending {
		delete(a.done, t)
	}
	var failed *warehouse.Error
	switch {
	case errors.As(err, new(storeError)):
		// Whatever it was, what Redis holds now is asked before more is published.
		a.forfeit()
		return err
	case errors.Is(err, errForgotten), errors.As(err, &failed) && (failed.Code != 0 && (a.refused || !failed.Told()) || failed.Code == 0 && a.Warehouse.Elsewhere()):
		// The server answers, but not as it did: it was restored, or tables have
		// another form. Or it does not answer and another may. The cut is made anew.
		// (What it refused once it may have been too busy for.)
		a.unprepare()
	}
	a.refused = failed != nil && failed.Code != 0
	a.lost(err)
	return err
}

// storeError is a failure of Redis, which the keeper tells of.
type storeError struct{ error }

func (e storeError) Unwrap() error { return e.error }

func (a *Aggregator) step(ctx context.Context) error {
	if a.cut == nil {
		if err := a.prepare(ctx); err != nil {
			return err
		}
	}
	lease := a.held()
	if lease.Term == 0 {
		a.base = 0 // what another node has published since is not known
		return a.warm(ctx)
	}
	if lease.Number != a.base || lease.Term != a.good.Term {
		a.base = 0 // Redis came back with another batch than ours, or empty
	}
	asOf := a.Now().UTC()
	states, err := a.states(ctx)
	if err != nil {
		return err
	}
	if err := a.endDay(ctx, asOf); err != nil {
		return err
	}
	changed := a.changed(states)
	due := a.calc.due(asOf) || a.letting.end(a.calc.asked, asOf)
	switch {
	case len(changed) == 0 && !due && a.base != 0 && len(a.pending) == 0 && a.holding == nil:
		a.why = ""
		a.verified(asOf)
		return a.noteShown(ctx, asOf)
	case len(changed) == 0 && !due && a.holding != nil && !a.again && (a.base != 0 || a.good.Number == 0):
		a.hold(a.holding)
		return nil // what the tables show has been judged
	case asOf.Sub(a.at) < a.Gap:
		return nil // seen, and due in a moment
	}
	a.at = asOf
	return a.batch(ctx, lease, changed, states)
}

// warm computes what a batch would hold, and publishes nothing.
func (a *Aggregator) warm(ctx context.Context) error {
	now := a.Now()
	if a.Warm < 0 || now.Sub(a.at) < a.Warm {
		return nil
	}
	a.at = now
	states, err := a.states(ctx)
	if err != nil {
		return err
	}
	changed := a.changed(states)
	if len(changed) == 0 && len(a.pending) == 0 && !a.calc.due(now) {
		return nil
	}
	l := newLaps(a.Now)
	beside, err := a.take(ctx, changed, states)
	if err != nil {
		return err
	}
	if beside != nil {
		defer func() { <-beside }()
	}
	l.done("cut")
	res, err := a.calc.compute(ctx, a.pending, a.last, l, func() error { return nil })
	if err != nil {
		return err
	}
	a.calc.commit(res)
	clear(a.pending)
	a.metrics.warm.Inc()
	a.good = batch.Header{} // of frames that are no longer held
	a.again = true          // what held a batch when this node led may hold no longer
	a.why = ""
	return nil
}

// prepare reads what outlives this process and makes an empty cut.
func (a *Aggregator) prepare(ctx context.Context) error {
	last, err := a.Warehouse.LastBatch(ctx)
	if err != nil {
		return err
	}
	a.record.knows(last.Shown)
	if a.history, err = a.Warehouse.History(ctx); err != nil {
		return err
	}
	cut, err := a.Warehouse.PrepareCut(ctx, a.Node, a.Catalogue)
	if err != nil {
		return err
	}
	a.cut, a.calc = cut, newCalculator(a.Catalogue, cut, a.Options)
	a.base = 0
	a.heardOf(nil)
	a.mu.Lock()
	a.floor = batch.Floor{Term: max(a.floor.Term, last.Term), Number: max(a.floor.Number, last.Number)}
	a.ready = true
	a.mu.Unlock()
	a.wake()
	return nil
}

// unprepare forgets the cut and all that was computed from it.
func (a *Aggregator) unprepare() {
	if a.cut == nil {
		return
	}
	if err := a.cut.Close(); err != nil {
		a.Logger.Warn("cut not closed", "err", err)
	}
	a.cut, a.calc = nil, nil
	clear(a.done)
	clear(a.pending)
}

func (a *Aggregator) states(ctx context.Context) (map[string]warehouse.Fingerprint, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var states map[string]warehouse.Fingerprint
	err := twice(func() (err error) { states, err = a.cut.Fingerprints(ctx, a.tables); return err })
	a.heardOf(err)
	return states, err
}

func (a *Aggregator) changed(states map[string]warehouse.Fingerprint) []string {
	var changed []string
	for _, t := range a.tables {
		done, known := a.done[t]
		if !known || done != states[t] {
			changed = append(changed, t)
		}
	}
	return changed
}

// batch takes what changed into the cut, computes what depends on it, and
// publishes the batch unless a check holds it back. Nothing is forgotten when a
// step fails.
func (a *Aggregator) batch(ctx context.Context, lease batch.Lease, changed []string, states map[string]warehouse.Fingerprint) error {
	l := newLaps(a.Now)
	beside, err := a.take(ctx, changed, states)
	if err != nil {
		return err
	}
	l.done("cut")
	taken := l.last
	number := max(a.last, lease.Number) + 1
	res, err := a.calc.compute(ctx, a.pending, number, l, func() error {
		select {
		case found := <-beside:
			beside <- found
			if found.err == nil && a.pace == paceCalm && len(a.changed(found.states)) > 0 {
				return errMoved
			}
		default:
		}
		return nil
	})
	if beside != nil {
		found := <-beside
		if err == nil {
			err = found.err
		}
		if err == nil || errors.Is(err, errMoved) {
			if moved := a.found(found); moved != nil {
				return a.batch(ctx, lease, moved, found.states)
			}
		}
	}
	if err != nil {
		return err
	}
	checks, holds := a.calc.list(res, a.letting)
	a.judged(checks)
	a.again = false
	if a.holding = holds; holds != nil {
		a.hold(holds)
		if a.base == 0 && a.good.Number != 0 && len(a.calc.frames) > 0 {
			// Redis has lost the last good batch, which is to stay on the walls.
			last := a.calc.last()
			if err := a.send(ctx, lease, number, a.good, last, l); err != nil {
				return err
			}
			a.calc.commit(last) // what changes next changes these
		}
		a.why = ""
		return nil
	}
	h := batch.Header{History: a.history, AsOf: taken.UTC(), Demo: a.demo, LeastCell: a.LeastCell, Checks: checks, Failing: failures(res.failing)}
	if err := a.send(ctx, lease, number, h, res, l); err != nil {
		return err
	}
	a.why = ""
	a.calc.commit(res)
	clear(a.pending)
	a.metrics.published(l, a.good.Number, len(res.changed), len(res.answered), len(res.failing))
	a.verified(h.AsOf) // last: who reads that this node is well finds the batch in its metrics
	return nil
}

// endDay keeps the figures that a day ended with, at the first look after it.
func (a *Aggregator) endDay(ctx context.Context, now time.Time) error {
	ended := queries.RefreshDay.Tick(a.calc.at, a.Zone)
	if a.calc.at.IsZero() || a.calc.recorded.Equal(ended) || !queries.RefreshDay.Tick(now, a.Zone).After(ended) {
		return nil
	}
	if err := a.Warehouse.RecordDay(ctx, ended, a.good.Number, a.calc.dayFigures()); err != nil {
		return err
	}
	a.calc.recorded = ended
	return nil
}
