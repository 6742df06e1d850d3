package aggregator

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
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
	cut       *warehouse.Cut
	parallel  int

	zone  *time.Location
	least int // the least cell that is shown

	tree     *queries.Tree
	truth    answers
	groups   groups
	frames   map[batch.Key]*batch.Frame
	checks   map[string]batch.Check
	at       time.Time // the moment that frames are of
	asked    time.Time // the moment of the last round, published or held
	recorded time.Time // the last day that was kept
	// kept are the answers that the cut holds for checks to read.
	kept map[string]warehouse.Answer
	// judged are the results of the checks on what is kept.
	judged map[string]batch.Check
}

func newCalculator(c *queries.Catalogue, cut *warehouse.Cut, parallel int, zone *time.Location, least int) *calculator {
	return &calculator{catalogue: c, cut: cut, parallel: parallel, zone: zone, least: least,
		frames: map[batch.Key]*batch.Frame{}, checks: map[string]batch.Check{}, kept: map[string]warehouse.Answer{}, judged: map[string]batch.Check{}}
}

// due reports whether a clock has ticked since the last round.
func (c *calculator) due(now time.Time) bool {
	for _, r := range []queries.Refresh{queries.RefreshDay, queries.RefreshHour, queries.RefreshMinute} {
		if !r.Tick(now, c.zone).Equal(r.Tick(c.asked, c.zone)) && c.clocked(r) {
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
	groups groups
	// frames are those that this round made anew. The others are still those of the
	// last round, before, which is nil where the grid is a new one.
	frames, before map[batch.Key]*batch.Frame
	checks         map[string]batch.Check
	tree           *queries.Tree
	at             time.Time
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
// commit makes the result the last round.
func (c *calculator) compute(ctx context.Context, tables map[string]bool, number uint64, now time.Time) (*result, error) {
	res := &result{truth: answers{}, frames: map[batch.Key]*batch.Frame{}, tree: c.tree, at: now, moved: map[string]bool{}}
	stale := func(reads []string, clock queries.Refresh) bool {
		return res.regrid || slices.ContainsFunc(reads, func(t string) bool { return tables[t] }) ||
			!clock.Tick(now, c.zone).Equal(clock.Tick(c.at, c.zone))
	}
	// The tree of regions first: it is the grid that all others fill.
	regions, _ := c.catalogue.Metric(queries.RegionsMetric)
	found := make([]warehouse.Answer, len(c.catalogue.Metrics))
	if stale(regions.Tables, regions.Refresh) || c.tree == nil {
		answer, err := c.cut.Ask(ctx, regions, regions.Refresh.Tick(now, c.zone), nil)
		if err != nil {
			return nil, err
		}
		if res.tree, err = warehouse.ReadTree(answer); err != nil {
			return nil, err
		}
		res.regrid = true
		found[slices.IndexFunc(c.catalogue.Metrics, func(m queries.Metric) bool { return m.ID == regions.ID })] = answer
	} else {
		maps.Copy(res.truth, c.truth)
		res.before = c.frames
	}
	var due []int
	for i := range c.catalogue.Metrics {
		if m := &c.catalogue.Metrics[i]; found[i] == nil && stale(m.Tables, m.Refresh) {
			due = append(due, i)
		}
	}
	if len(due) > c.parallel {
		ctx = warehouse.Crowded(ctx)
	}
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(c.parallel)
	for _, i := range due {
		m := &c.catalogue.Metrics[i]
		group.Go(func() (err error) {
			found[i], err = c.cut.Ask(gctx, m, m.Refresh.Tick(now, c.zone), res.tree)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if err := c.keep(ctx, found); err != nil {
		return nil, err
	}
	if err := c.judge(ctx, stale, now); err != nil {
		return nil, err
	}
	res.checks = maps.Clone(c.judged)
	for i := range c.catalogue.Metrics {
		if found[i] != nil {
			c.fill(&c.catalogue.Metrics[i], found[i], res)
		}
	}
	c.disclose(number, res)
	slices.SortFunc(res.changed, func(a, b *batch.Frame) int { return compareKeys(a.Key(), b.Key()) })
	c.asked = now
	return res, nil
}

// keep hands the answers that differ from those that the cut holds to the checks
// that read them, whose results do not hold any more.
func (c *calculator) keep(ctx context.Context, answers []warehouse.Answer) error {
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(c.parallel)
	for i := range c.catalogue.Metrics {
		m := &c.catalogue.Metrics[i]
		if answers[i] == nil || !c.catalogue.Checked(m.ID) || c.kept[m.ID] != nil && sameAnswer(c.kept[m.ID], answers[i]) {
			continue
		}
		delete(c.kept, m.ID) // until it is known to be there
		for _, k := range c.catalogue.Checks {
			if slices.Contains(k.Metrics, m.ID) {
				delete(c.judged, k.ID)
			}
		}
		group.Go(func() error { return c.cut.Keep(gctx, m, answers[i]) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, m := range c.catalogue.Metrics {
		if answers[i] != nil && c.catalogue.Checked(m.ID) {
			c.kept[m.ID] = answers[i]
		}
	}
	return nil
}

// errForgotten: the source has started again and lost what checks read.
var errForgotten = errors.New("the source has started again while checks were evaluated")

// judge evaluates the checks whose results do not hold any more.
func (c *calculator) judge(ctx context.Context, stale func([]string, queries.Refresh) bool, now time.Time) error {
	checks := make([]*batch.Check, len(c.catalogue.Checks))
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(c.parallel)
	for i := range c.catalogue.Checks {
		k := &c.catalogue.Checks[i]
		if _, judged := c.judged[k.ID]; judged && !stale(k.Tables, k.Refresh) {
			continue
		}
		delete(c.judged, k.ID)
		group.Go(func() (err error) { checks[i], err = c.check(gctx, k, now); return err })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	// Asked last: what is there now was there all the time.
	remembers, err := c.cut.Remembers(ctx)
	if err != nil {
		return err
	}
	if !remembers {
		return errForgotten
	}
	for _, k := range checks {
		if k != nil {
			c.judged[k.ID] = *k
		}
	}
	return nil
}

// last is the last round as a result of its own, in which nothing changed.
func (c *calculator) last() *result {
	return &result{truth: c.truth, groups: c.groups, before: c.frames, frames: map[batch.Key]*batch.Frame{}, checks: c.checks, tree: c.tree, at: c.at}
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
	c.truth, c.groups = res.truth, res.groups
	c.tree, c.checks, c.at = res.tree, res.checks, res.at
	if res.before == nil {
		c.frames = res.frames
	} else {
		maps.Copy(c.frames, res.frames)
	}
}

// check evaluates one identity on the cut.
func (c *calculator) check(ctx context.Context, k *queries.Check, now time.Time) (*batch.Check, error) {
	out := &batch.Check{ID: k.ID, Title: k.Title, Policy: batch.Policy(k.Policy), OK: true}
	err := c.cut.Query(ctx, k.ID, k.SQL, k.Refresh.Tick(now, c.zone), warehouse.CheckColumns(), func(r warehouse.Row) error {
		f := batch.Failure{}
		var ok [4]bool
		f.Region, ok[0] = r[0].(string)
		f.Words, ok[1] = r[1].(string)
		f.Expected, ok[2] = r[2].(float64)
		f.Actual, ok[3] = r[3].(float64)
		if ok != [4]bool{true, true, true, true} {
			return fmt.Errorf("row %v: region and words as text, expected and actual as numbers are expected", r)
		}
		out.Fail(f)
		return nil
	})
	return out, err
}

// list gives the results in the catalogue's order, without what they would tell of
// small cells, and the first failed check
// that holds a batch back, or nil.
func (c *calculator) list(res *result) (all []batch.Check, hold *batch.Check) {
	for _, k := range c.catalogue.Checks {
		found := c.discreet(res.checks[k.ID], k.Metrics, res)
		all = append(all, found)
		if hold == nil && !found.OK && found.Policy == batch.PolicyHold {
			hold = &found
		}
	}
	return all, hold
}
