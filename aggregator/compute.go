package aggregator

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// calculator turns a cut into frames and check results. It keeps the last
// answers, so that only what depends on a changed table is asked again.
type calculator struct {
	catalogue *queries.Catalogue
	views     []queries.View
	cut       *warehouse.Cut
	parallel  int

	log   *slog.Logger
	zone  *time.Location
	least int // the least cell that is shown

	tree     *queries.Tree
	truth    answers
	laid     map[string]warehouse.Answer // what truth was laid from, of metrics that have answered
	groups   groups
	frames   map[batch.Key]*batch.Frame
	checks   map[string]batch.Check
	failing  map[string]failing
	at       time.Time // the moment that frames are of
	asked    time.Time // the moment of the last round, published or held
	recorded time.Time // the last day that was kept

	// stale are the metrics whose answer may be another by now. One that was asked
	// is stale until its batch is published.
	stale map[string]bool
	// filling guards stale and filled while views are filled.
	filling sync.Mutex
	// filled are the views that the cut holds as its tables say.
	filled map[string]filling
	// kept are the answers that checks were judged by; of those that their statements read
	// the cut holds what they read, too.
	kept map[string]warehouse.Answer
	// reads are the columns of metrics that statements of checks read.
	reads map[string][]int
	// judged are the results of the checks on what is kept.
	judged map[string]batch.Check
}

func newCalculator(c *queries.Catalogue, cut *warehouse.Cut, o Options) *calculator {
	reads := map[string][]int{}
	for _, k := range c.Checks {
		for _, id := range k.Metrics {
			if m, ok := c.Metric(id); ok && k.Equal == nil {
				reads[id] = append(reads[id], k.Reads(m)...)
			}
		}
	}
	return &calculator{catalogue: c, reads: reads, views: c.Views(), cut: cut, parallel: o.Parallel, zone: o.Zone, least: o.LeastCell, log: o.Logger,
		frames: map[batch.Key]*batch.Frame{}, checks: map[string]batch.Check{}, failing: map[string]failing{},
		stale: map[string]bool{}, filled: map[string]filling{}, kept: map[string]warehouse.Answer{}, judged: map[string]batch.Check{}}
}

// due reports whether a clock has ticked since the last round, or a metric that
// failed is to be tried again.
func (c *calculator) due(now time.Time) bool {
	for _, r := range []queries.Refresh{queries.RefreshDay, queries.RefreshHour, queries.RefreshMinute} {
		if !r.Tick(now, c.zone).Equal(r.Tick(c.asked, c.zone)) && c.clocked(r) {
			return true
		}
	}
	for _, f := range c.failing {
		if !f.until.After(now) {
			return true
		}
	}
	return false
}

// clocked reports whether anything follows the clock.
func (c *calculator) clocked(r queries.Refresh) bool {
	return slices.ContainsFunc(c.catalogue.Metrics, func(m queries.Metric) bool { return m.Refresh == r }) ||
		slices.ContainsFunc(c.catalogue.Checks, func(k queries.Check) bool { return k.Refresh == r })
}

// result is what one round found: every frame and check of the batch to be.
type result struct {
	// truth is what frames are made from, and checks are the true results: both
	// hold small cells and go no further.
	truth  answers
	laid   map[string]warehouse.Answer
	groups groups
	// frames are those that this round made anew. The others are still those of the
	// last round, before, which is nil where the grid is a new one.
	frames, before map[batch.Key]*batch.Frame
	checks         map[string]batch.Check
	failing        map[string]failing
	tree           *queries.Tree
	at             time.Time
	// answered are the metrics that were asked and have answered.
	answered []string
	// slowest is the metric that took longest, and slow how long.
	slowest string
	slow    time.Duration
	// moved are the metrics of which a row differs from the last round's.
	moved map[string]bool
	// changed are the frames whose rows differ from the last round's, sorted.
	changed []*batch.Frame
	// regrid says that the tree of regions was read again: frames of regions
	// that are gone must go.
	regrid bool
}

// compute asks the cut for every metric and check that reads one of the tables or
// whose clock has ticked. Nothing of the calculator that was published changes:
// commit makes the result the last round. Between views and metrics it asks whether to
// go on; an error ends it.
func (c *calculator) compute(ctx context.Context, tables map[string]bool, number uint64, l *laps, goOn func() error) (*result, error) {
	now := l.last // of the cut
	res := &result{truth: answers{}, laid: map[string]warehouse.Answer{}, frames: map[batch.Key]*batch.Frame{}, tree: c.tree, at: now, moved: map[string]bool{}, failing: maps.Clone(c.failing)}
	c.mark(tables, now)
	found := map[string]warehouse.Answer{}
	if err := c.grid(ctx, now, found, res); err != nil {
		return nil, err
	}
	if err := c.gather(ctx, now, found, res, l, goOn); err != nil {
		return nil, err
	}
	l.done("ask")
	l.slowest, l.slow = res.slowest, res.slow
	// The source evaluates checks while this process makes frames: neither needs what
	// the other finds.
	var checked errgroup.Group
	checked.Go(func() (err error) {
		l := l.aside()
		defer l.done("check")
		if err := c.keep(ctx, found, res); err != nil {
			return err
		}
		res.checks, err = c.judge(ctx, tables, now, res)
		return err
	})
	for i := range c.catalogue.Metrics {
		if m := &c.catalogue.Metrics[i]; found[m.ID] != nil {
			c.lay(m, found[m.ID], res)
		} else if _, fails := res.failing[m.ID]; fails && (res.regrid || c.truth[m.ID] == nil) {
			c.layOld(m, res)
		}
	}
	c.disclose(number, res)
	l.done("disclose")
	if err := checked.Wait(); err != nil {
		return nil, err
	}
	l.skip()
	slices.SortFunc(res.changed, func(a, b *batch.Frame) int { return compareKeys(a.Key(), b.Key()) })
	c.asked = now
	return res, nil
}

// mark notes what may be another by now: what reads a table that has changed, and
// what follows a clock that has ticked.
func (c *calculator) mark(tables map[string]bool, now time.Time) {
	changed := func(reads []string) bool {
		return slices.ContainsFunc(reads, func(t string) bool { return tables[t] })
	}
	for _, v := range c.views {
		if f, ok := c.filled[v.Name]; changed(v.Reads) || ok && !f.tick.Equal(v.Refresh.Tick(now, c.zone)) {
			c.empty(v.Name)
		}
	}
	for _, m := range c.catalogue.Metrics {
		if changed(m.Reads) || !m.Refresh.Tick(now, c.zone).Equal(m.Refresh.Tick(c.at, c.zone)) {
			c.stale[m.ID] = true
		}
	}
}

// grid reads the tree of regions where it may be another: it is the grid that all
// metrics fill, so that all of them are asked then.
func (c *calculator) grid(ctx context.Context, now time.Time, found map[string]warehouse.Answer, res *result) error {
	if !c.stale[queries.RegionsMetric] && c.tree != nil {
		maps.Copy(res.truth, c.truth)
		maps.Copy(res.laid, c.laid)
		res.before = c.frames
		return nil
	}
	regions, _ := c.catalogue.Metric(queries.RegionsMetric)
	var answer warehouse.Answer
	err := twice(func() (err error) {
		answer, err = c.cut.Ask(ctx, regions, regions.Refresh.Tick(now, c.zone), nil)
		return err
	})
	if err != nil {
		return err
	}
	if res.tree, err = warehouse.ReadTree(answer); err != nil {
		return err
	}
	res.regrid = true
	found[regions.ID] = answer
	res.answered = append(res.answered, regions.ID)
	for _, m := range c.catalogue.Metrics {
		c.stale[m.ID] = true
	}
	return nil
}

// last is the last round as a result of its own, in which nothing changed.
func (c *calculator) last() *result {
	return &result{truth: c.truth, laid: c.laid, groups: c.groups, before: c.frames, frames: map[batch.Key]*batch.Frame{}, checks: c.checks, failing: c.failing, tree: c.tree, at: c.at}
}

// frame finds a frame, or nil.
func (r *result) frame(k batch.Key) *batch.Frame {
	if f := r.frames[k]; f != nil {
		return f
	}
	return r.before[k]
}

// all gives every frame, said to have changed in batch number, in a fixed order.
func (r *result) all(number uint64) []*batch.Frame {
	for k, f := range r.before {
		if r.frames[k] == nil {
			r.frames[k] = f
		}
	}
	for k, f := range r.frames {
		f := *f
		f.Changed = number
		r.frames[k] = &f
	}
	return sortedFrames(r.frames)
}

// commit makes a published result the last round.
func (c *calculator) commit(res *result) {
	c.truth, c.laid, c.groups = res.truth, res.laid, res.groups
	c.tree, c.checks, c.failing, c.at = res.tree, res.checks, res.failing, res.at
	for _, id := range res.answered {
		delete(c.stale, id)
	}
	if res.before == nil {
		c.frames = res.frames
	} else {
		maps.Copy(c.frames, res.frames)
	}
}
