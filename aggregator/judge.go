package aggregator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// keep takes in the answers that differ from those that checks were judged by, whose
// results do not hold any more, and hands them to the statements of checks that read them.
// Those are left alone where only columns differ that none of them reads: persons, where
// households are compared with yesterday's.
func (c *calculator) keep(ctx context.Context, found map[string]warehouse.Answer, res *result) error {
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(c.parallel)
	for i := range c.catalogue.Metrics {
		m := &c.catalogue.Metrics[i]
		answer, was := found[m.ID], c.kept[m.ID]
		if answer == nil || !c.catalogue.Compared(m.ID) || was != nil && sameAnswer(was, answer) {
			continue
		}
		seen := was == nil || !sameColumns(was, answer, c.reads[m.ID]) // by statements
		delete(c.kept, m.ID)                                           // until it is known to be there
		for _, k := range c.catalogue.Checks {
			if slices.Contains(k.Metrics, m.ID) && (seen || k.Equal != nil) {
				delete(c.judged, k.ID)
			}
		}
		if seen && c.catalogue.Checked(m.ID) {
			group.Go(func() error { return twice(func() error { return c.cut.Keep(gctx, m, answer) }) })
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, m := range c.catalogue.Metrics {
		if found[m.ID] != nil && c.catalogue.Compared(m.ID) {
			c.kept[m.ID] = found[m.ID]
		}
	}
	return nil
}

// errForgotten: the source has started again and lost what checks read.
var errForgotten = errors.New("the source has started again while checks were evaluated")

// judge evaluates the checks whose results do not hold any more, and gives all. A
// check of which a metric fails, or which fails itself, says nothing: it is not known
// whether its identity holds.
func (c *calculator) judge(ctx context.Context, tables map[string]bool, now time.Time, res *result) (map[string]batch.Check, error) {
	all := map[string]batch.Check{}
	var due []*queries.Check
	for i := range c.catalogue.Checks {
		k := &c.catalogue.Checks[i]
		if id := firstFailing(k.Metrics, res.failing); id != "" {
			m, _ := c.catalogue.Metric(id)
			all[k.ID] = unknown(k, "未能勾稽: 指标“"+m.Title+"”未能计算")
			continue
		}
		known, judged := c.judged[k.ID]
		clock := !k.Refresh.Tick(now, c.zone).Equal(k.Refresh.Tick(c.at, c.zone))
		if judged && !clock && !slices.ContainsFunc(k.Tables, func(t string) bool { return tables[t] }) {
			all[k.ID] = known
			continue
		}
		delete(c.judged, k.ID)
		if k.Equal == nil {
			due = append(due, k)
			continue
		}
		var failures []batch.Failure
		for _, r := range warehouse.Differences(c.catalogue, k.Equal, c.kept, res.tree) {
			f, err := failure(r)
			if err != nil {
				return nil, fmt.Errorf("check %s: %w", k.ID, err)
			}
			failures = append(failures, f)
		}
		found := verdict(k, failures)
		c.judged[k.ID], all[k.ID] = found, found
	}
	failures, errs, err := c.evaluate(ctx, due, now)
	if err != nil {
		return nil, err
	}
	for _, k := range due {
		if err := errs[k.ID]; err != nil {
			all[k.ID] = unknown(k, "未能勾稽: "+words(err))
			continue
		}
		found := verdict(k, failures[k.ID])
		c.judged[k.ID], all[k.ID] = found, found
	}
	return all, nil
}

// verdict is the result of a check with these failures, widest first.
func verdict(k *queries.Check, failures []batch.Failure) batch.Check {
	found := batch.Check{ID: k.ID, Title: k.Title, Policy: batch.Policy(k.Policy), OK: true}
	for _, f := range failures {
		found.Fail(f)
	}
	return found
}

func firstFailing(metrics []string, all map[string]failing) string {
	for _, id := range metrics {
		if _, fails := all[id]; fails {
			return id
		}
	}
	return ""
}

func unknown(k *queries.Check, words string) batch.Check {
	return batch.Check{ID: k.ID, Title: k.Title, Policy: batch.Policy(k.Policy), Unknown: true, Words: words}
}

// evaluate asks for the failures of checks, widest first: some together, and when that
// fails each by itself, to know which it is. It is the last that is asked, and each statement
// says whether the source remembers: what is there then was there all the time, for checks to
// read and in the views that metrics have read.
func (c *calculator) evaluate(ctx context.Context, due []*queries.Check, now time.Time) (map[string][]batch.Failure, map[string]error, error) {
	// Statements are planned on one processor each, and one costs more than most checks.
	each := min(mostTogether, max(leastTogether, (len(due)+c.parallel-1)/c.parallel))
	together := slices.Collect(slices.Chunk(due, each))
	failures, errs := map[string][]batch.Failure{}, map[string]error{}
	var mu sync.Mutex // of both
	remembers := false
	judge := func(ctx context.Context, checks []*queries.Check) error {
		rows, there, err := c.cut.Judge(ctx, checks, now, c.zone)
		if err != nil {
			return err
		}
		if !there {
			return errForgotten
		}
		mu.Lock()
		defer mu.Unlock()
		remembers = true
		for id, all := range rows {
			for _, r := range all {
				f, err := failure(r)
				if err != nil {
					errs[id] = err
				}
				failures[id] = append(failures[id], f)
			}
			slices.SortStableFunc(failures[id], func(a, b batch.Failure) int {
				return cmp.Or(cmp.Compare(len(a.Region), len(b.Region)), cmp.Compare(a.Region, b.Region))
			})
		}
		return nil
	}
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(c.parallel)
	for _, checks := range together {
		group.Go(func() error {
			err := judge(gctx, checks)
			if err == nil || !told(err) && !c.hangs(gctx, err) {
				return err
			}
			for _, k := range checks {
				if err := judge(gctx, []*queries.Check{k}); err != nil && !told(err) && !c.hangs(gctx, err) {
					return err
				} else if err != nil {
					c.log.Warn("check failed", "check", k.ID, "err", err)
					mu.Lock()
					errs[k.ID] = err
					mu.Unlock()
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil || remembers {
		return failures, errs, err
	}
	// No check was evaluated.
	err := twice(func() (err error) { remembers, err = c.cut.Remembers(ctx); return err })
	if err == nil && !remembers {
		err = errForgotten
	}
	return failures, errs, err
}

// A statement evaluates as many checks as this, or asks at most as many metrics, where
// there are so many.
const (
	leastTogether = 3
	mostTogether  = 8
)

// failures lists the metrics that fail, by their ids.
func failures(all map[string]failing) []batch.Failing {
	var list []batch.Failing
	for _, id := range sortedKeys(all) {
		list = append(list, all[id].Failing)
	}
	return list
}

// list gives the results in the catalogue's order, without what they would tell of
// small cells, and the failed checks that hold the batch back: those that nobody has
// released.
func (c *calculator) list(res *result, r releases) (all []batch.Check, holds []batch.Hold) {
	for _, k := range c.catalogue.Checks {
		found := c.discreet(res.checks[k.ID], k.Metrics, res)
		if !found.OK && !found.Unknown && found.Policy == batch.PolicyHold {
			if found.Releases = r.cover(found, res.at); found.Releases == nil {
				holds = append(holds, batch.Hold{Check: found.ID, Title: found.Title, Words: found.Words, Failed: found.Failed})
			}
		}
		all = append(all, found)
	}
	return all, holds
}

// failure reads a row that a check returned.
func failure(r warehouse.Row) (f batch.Failure, err error) {
	var ok [4]bool
	f.Region, ok[0] = r[0].(string)
	f.Words, ok[1] = r[1].(string)
	f.Expected, ok[2] = r[2].(float64)
	f.Actual, ok[3] = r[3].(float64)
	if ok != [4]bool{true, true, true, true} {
		err = fmt.Errorf("row %v: region and words as text, expected and actual as numbers are expected", r)
	}
	return f, err
}
