// Package aggregator turns rows into batches: it sees that tables have changed,
// takes one cut of them, asks the cut for the metrics and checks that depend on
// them, and publishes the batch to Redis in one atomic step.
//
//	a, err := aggregator.New(aggregator.Options{Warehouse: w, Store: s, Catalogue: c, Node: "hall-1"})
//	err = a.Run(ctx) // until ctx is done; what goes wrong is shown, survived and logged
package aggregator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

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
	// Node names this process among the aggregators: letters, digits and _.
	Node string
	// React is how often the state of the tables is looked at. Default 100 ms.
	React time.Duration
	// Gap is the least time between two batches. Default 200 ms.
	Gap time.Duration
	// Lease is how long this node may publish without renewing. Default 3 s.
	Lease time.Duration
	// Parallel bounds the statements that run at once. Default 4.
	Parallel int
	// Now is the clock. Default time.Now.
	Now      func() time.Time
	Logger   *slog.Logger
	Registry prometheus.Registerer
}

// errNoRegions: without the tree of regions there is nothing to compute frames for.
var errNoRegions = errors.New("table regions holds no province, county or township yet")

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
	// shown is the term that the newest batch was published in; 0 before the
	// first. A new term begins with all frames.
	shown uint64
	last  uint64 // number of the newest batch
	at    time.Time

	// Shared with the keeper.
	mu     sync.Mutex
	lease  batch.Lease
	floor  batch.Floor
	ready  bool // the floor is known
	status batch.Status
	told   batch.SourceState // what readers were last hinted at
	hint   chan struct{}
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
		o.Lease = 3 * time.Second
	}
	if o.Parallel == 0 {
		o.Parallel = 4
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	return &Aggregator{
		Options: o,
		metrics: newMetrics(o.Registry),
		tables:  append(o.Catalogue.Tables(), demoTable),
		done:    map[string]warehouse.Fingerprint{},
		pending: map[string]bool{},
		status:  batch.Status{Node: o.Node, Source: batch.SourceLost, Since: o.Now().UTC(), Words: "正在连接数据源"},
		hint:    make(chan struct{}, 1),
	}
}

// Run works until ctx is done and returns nil then. A source or a Redis that
// fails is told to the readers, logged, and tried again with growing pauses.
func (a *Aggregator) Run(ctx context.Context) error {
	keeper := make(chan struct{})
	go func() { defer close(keeper); a.keep(ctx) }()
	defer func() {
		<-keeper
		a.close(context.WithoutCancel(ctx))
	}()
	retry := backoff.NewExponentialBackOff()
	retry.InitialInterval = a.React
	retry.MaxInterval = 2 * time.Second
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		pause := a.React
		if err := a.round(ctx); err == nil {
			retry.Reset()
		} else if ctx.Err() == nil {
			a.metrics.failures.Inc()
			a.Logger.Warn("round failed", "err", err)
			pause = retry.NextBackOff()
		}
		timer.Reset(pause)
	}
}

func (a *Aggregator) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if lease := a.held(); lease.Term != 0 {
		if err := a.Store.Release(ctx, lease); err != nil {
			a.Logger.Warn("lease not released", "err", err)
		}
	}
	if a.cut != nil {
		if err := a.cut.Close(ctx); err != nil {
			a.Logger.Warn("cut not dropped", "err", err)
		}
	}
}

// round looks once, and publishes a batch if there is anything new.
func (a *Aggregator) round(ctx context.Context) error {
	if a.cut == nil {
		if err := a.prepare(ctx); err != nil {
			a.lost(err)
			return err
		}
	}
	lease := a.held()
	if lease.Term == 0 {
		return nil // another node publishes, or Redis has not answered yet
	}
	asOf := a.Now().UTC()
	states, err := a.look(ctx)
	if err != nil {
		a.lost(err)
		return err
	}
	changed := a.changed(states)
	if len(changed) == 0 && lease.Term == a.shown {
		a.verified(asOf)
		return nil
	}
	if asOf.Sub(a.at) < a.Gap {
		return nil // seen, and due in a moment
	}
	if err := a.publish(ctx, lease, changed, states); err != nil {
		if refused(err) {
			a.forfeit()
		} else if errors.As(err, new(*warehouse.Error)) || errors.Is(err, errNoRegions) {
			a.lost(err)
			for t := range a.pending { // a held batch is looked at again when the source is back
				delete(a.done, t)
			}
		}
		return err
	}
	return nil
}

func refused(err error) bool {
	return errors.Is(err, batch.ErrDeposed) || errors.Is(err, batch.ErrOld)
}

// prepare reads what outlives this process and makes an empty cut.
func (a *Aggregator) prepare(ctx context.Context) error {
	term, number, err := a.Warehouse.LastBatch(ctx)
	if err != nil {
		return err
	}
	if a.history, err = a.Warehouse.History(ctx); err != nil {
		return err
	}
	cut, err := a.Warehouse.PrepareCut(ctx, a.Node, a.Catalogue)
	if err != nil {
		return err
	}
	a.cut, a.calc = cut, newCalculator(a.Catalogue, cut, a.Parallel)
	a.mu.Lock()
	a.floor = batch.Floor{Term: max(a.floor.Term, term), Number: max(a.floor.Number, number)}
	a.ready = true
	a.mu.Unlock()
	a.wake()
	return nil
}

func (a *Aggregator) look(ctx context.Context) (map[string]warehouse.Fingerprint, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return a.Warehouse.Fingerprints(ctx, a.tables)
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

// publish takes the changed tables into the cut, computes what depends on them
// and publishes it. Nothing is forgotten when a step fails.
func (a *Aggregator) publish(ctx context.Context, lease batch.Lease, changed []string, states map[string]warehouse.Fingerprint) error {
	begun := a.Now()
	asOf := begun.UTC()
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(a.Parallel)
	for _, t := range changed {
		if t != demoTable {
			group.Go(func() error { return a.cut.Take(gctx, t) })
			a.pending[t] = true
			continue
		}
		group.Go(func() (err error) { a.demo, err = a.Warehouse.Demo(gctx); return err })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	taken := a.Now()
	number := max(a.last, lease.Number) + 1
	res, err := a.calc.compute(ctx, a.pending, number)
	if err != nil {
		return err
	}
	settle := func() { // these states have their answers, until a table changes again
		for _, t := range changed {
			a.done[t] = states[t]
		}
		a.at = asOf
	}
	checks, hold := a.calc.list(res)
	if hold != nil {
		settle()
		a.shown = lease.Term
		a.set(batch.SourceHeld, hold.Title+"："+hold.Words)
		return nil
	}
	computed := a.Now()
	h := batch.Header{History: a.history, Term: lease.Term, Number: number, AsOf: asOf, Demo: a.demo, Checks: checks}
	whole := res.regrid || lease.Term != a.shown
	if err := a.send(ctx, lease, h, res, whole); err != nil {
		return err
	}
	settle()
	a.calc.commit(res)
	clear(a.pending)
	a.shown, a.last = lease.Term, number
	a.mu.Lock()
	a.floor = batch.Floor{Term: max(a.floor.Term, lease.Term), Number: max(a.floor.Number, number)}
	a.mu.Unlock()
	a.verified(asOf)
	a.set(batch.SourceOK, "")
	a.metrics.published(a.Now(), begun, taken, computed, number, len(res.changed))
	return nil
}

// send records the batch and publishes it; recorded first, so that no number
// that was ever shown can come a second time.
func (a *Aggregator) send(ctx context.Context, lease batch.Lease, h batch.Header, res *result, whole bool) error {
	body, err := json.Marshal(h)
	if err != nil {
		return err
	}
	if err := a.Warehouse.RecordBatch(ctx, h.Term, h.Number, h.AsOf, body); err != nil {
		return err
	}
	frames := res.changed
	if whole {
		frames = sortedFrames(res.frames)
	}
	err = a.Store.Publish(ctx, lease, h, frames, whole)
	if errors.Is(err, batch.ErrIncomplete) {
		err = a.Store.Publish(ctx, lease, h, sortedFrames(res.frames), true)
	}
	if err != nil {
		return fmt.Errorf("batch %d: %w", h.Number, err)
	}
	return nil
}
