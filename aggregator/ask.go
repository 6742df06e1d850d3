package aggregator

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// filling is a view as the cut holds it.
type filling struct {
	state warehouse.ViewState
	tick  time.Time // of its clock, for which it was filled
	// known says that the state is that of the tables; else it is the last one that
	// was, to compare with, if there ever was one.
	known, ever bool
	// err is why it could not be filled, and until when it is not tried again.
	err   error
	pause time.Duration
	until time.Time
}

// failing is a metric that could not be asked. Its frames stay those of the last
// batch in which it could.
type failing struct {
	batch.Failing
	pause time.Duration
	until time.Time // when it is tried again
}

// The pauses between the tries of a metric that fails, each with up to a quarter more
// at random, so that what failed together is not tried together for ever.
const (
	firstPause = time.Second
	mostPause  = time.Minute
)

// empty notes that the cut no longer holds a view as its tables say.
func (c *calculator) empty(view string) {
	f := c.filled[view]
	f.known = false
	c.filled[view] = f
}

// fill fills the views that are not as the tables say, each after those that it
// reads. What reads one whose rows are others now is stale. A view that cannot be
// filled fails the metrics that read it, when they are asked. After each, settled is called.
func (c *calculator) fill(ctx context.Context, now time.Time, settled func()) error {
	done := make(map[string]chan struct{}, len(c.views))
	for _, v := range c.views {
		done[v.Name] = make(chan struct{})
	}
	group, gctx := errgroup.WithContext(ctx)
	turns := make(chan struct{}, c.parallel)
	for i := range c.views {
		v := &c.views[i]
		group.Go(func() error {
			defer close(done[v.Name])
			for _, r := range v.Reads {
				if done[r] != nil {
					<-done[r]
				}
			}
			below := c.broken(v.Reads)
			c.filling.Lock()
			was := c.filled[v.Name]
			c.filling.Unlock()
			if was.known || was.err != nil && was.until.After(now) || gctx.Err() != nil {
				return gctx.Err()
			}
			is := filling{state: was.state, ever: was.ever, tick: v.Refresh.Tick(now, c.zone), err: below}
			if below == nil {
				turns <- struct{}{}
				is.err = twice(func() (err error) { is.state, err = c.cut.Fill(gctx, v, is.tick); return err })
				<-turns
			}
			if is.err != nil && !told(is.err) && !c.hangs(gctx, is.err) {
				return is.err
			}
			if is.known = is.err == nil; is.known {
				is.ever = true
			} else {
				is.state = was.state
				is.pause = next(was.pause)
				is.until = now.Add(is.pause)
			}
			c.filling.Lock()
			defer settled() // after the lock is given back
			defer c.filling.Unlock()
			c.filled[v.Name] = is
			if is.known && was.ever && was.err == nil && was.state == is.state && !v.Moves {
				return nil // the same rows: nobody need ask again
			}
			for _, o := range c.views {
				if slices.Contains(o.Reads, v.Name) {
					c.empty(o.Name)
				}
			}
			for _, m := range c.catalogue.Metrics {
				if slices.Contains(m.Reads, v.Name) {
					c.stale[m.ID] = true
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// broken is why what reads these cannot be asked, or nil.
func (c *calculator) broken(reads []string) error {
	c.filling.Lock()
	defer c.filling.Unlock()
	for _, r := range reads {
		if err := c.filled[r].err; err != nil {
			return err
		}
	}
	return nil
}

// told reports whether the source has answered that it cannot, or not with figures.
// Everything else is a source that does not answer, which ends the round.
func told(err error) bool {
	var failed *warehouse.Error
	return errors.As(err, &failed) && failed.Told()
}

// twice does again what the source has refused once: it may have been busy. What is
// done must be the same when it is done twice.
func twice(f func() error) error {
	err := f()
	if told(err) {
		err = f()
	}
	return err
}

// hangs reports whether a statement alone was not answered in time: the source answers
// another. A source that answers none ends the round.
func (c *calculator) hangs(ctx context.Context, err error) bool {
	if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err = c.cut.Remembers(ctx)
	return err == nil || told(err)
}

// questions are metrics that are asked, and what they have said.
type questions struct {
	due     []*queries.Metric
	answers []warehouse.Answer
	errs    []error
	took    []time.Duration
}

// questions lists the stale metrics that have no answer yet, in the catalogue's order. One
// that has failed is left alone for a while.
func (c *calculator) questions(now time.Time, wanted func(*queries.Metric) bool) *questions {
	q := &questions{}
	for i := range c.catalogue.Metrics {
		m := &c.catalogue.Metrics[i]
		if f, fails := c.failing[m.ID]; (c.stale[m.ID] || fails) && !(fails && f.until.After(now)) && wanted(m) {
			q.due = append(q.due, m)
		}
	}
	n := len(q.due)
	q.answers, q.errs, q.took = make([]warehouse.Answer, n), make([]error, n), make([]time.Duration, n)
	return q
}

// gather fills views and asks the stale metrics, those whose views are there while others
// are filled. One that fails is asked once more, and then left alone for a while; the others
// go on. When none of several answers, it is not the metrics.
func (c *calculator) gather(ctx context.Context, now time.Time, found map[string]warehouse.Answer, res *result, l *laps, goOn func() error) error {
	var waves []*questions
	asked := map[string]bool{}
	// wave takes the metrics that can be asked and have not been, unless they are too few.
	wave := func(least int, can func(*queries.Metric) bool) *questions {
		q := c.questions(now, func(m *queries.Metric) bool { return found[m.ID] == nil && !asked[m.ID] && can(m) })
		if len(q.due) < least {
			return nil
		}
		for _, m := range q.due {
			asked[m.ID] = true
		}
		waves = append(waves, q)
		return q
	}
	group, gctx := errgroup.WithContext(ctx)
	// Few at a time: those who wait for views come last.
	turns := make(chan struct{}, max(c.parallel/2, 1))
	early := func(least int) {
		c.filling.Lock()
		defer c.filling.Unlock()
		unsettled := c.unsettled()
		if len(unsettled) == 0 {
			return
		}
		q := wave(least, func(m *queries.Metric) bool {
			return !slices.ContainsFunc(m.Reads, func(r string) bool { return unsettled[r] })
		})
		if q != nil {
			group.Go(func() error { return c.ask(gctx, now, q, turns, res.tree) })
		}
	}
	group.Go(func() error {
		early(1)
		// To the end, whatever fails: a statement that is given up may still fill a view
		// after it has been filled anew.
		if err := c.fill(ctx, now, func() { early(mostTogether) }); err != nil {
			return err
		}
		l.done("views")
		if err := goOn(); err != nil {
			return err
		}
		q := wave(0, func(*queries.Metric) bool { return true })
		return c.ask(gctx, now, q, make(chan struct{}, c.parallel), res.tree)
	})
	if err := group.Wait(); err != nil {
		return err
	}
	return c.hear(now, found, res, waves)
}

// unsettled are the views that are to be filled, or lie above one that is.
func (c *calculator) unsettled() map[string]bool {
	found := map[string]bool{}
	for _, v := range c.views {
		if !c.filled[v.Name].known || slices.ContainsFunc(v.Reads, func(r string) bool { return found[r] }) {
			found[v.Name] = true
		}
	}
	return found
}

// ask asks metrics, so many statements at a time as there are turns.
func (c *calculator) ask(ctx context.Context, now time.Time, q *questions, turns chan struct{}, tree *queries.Tree) error {
	if len(q.due) > cap(turns) {
		ctx = warehouse.Crowded(ctx)
	}
	group, gctx := errgroup.WithContext(ctx)
	for _, part := range c.parts(q.due, cap(turns)) {
		group.Go(func() error {
			turns <- struct{}{}
			defer func() { <-turns }()
			if err := gctx.Err(); err != nil {
				return err
			}
			begun := time.Now()
			if len(part) > 1 {
				err := c.askPart(gctx, q, part, now, tree)
				switch {
				case err == nil:
					for _, i := range part {
						q.took[i] = time.Since(begun) / time.Duration(len(part))
					}
					return nil
				case errors.Is(err, context.DeadlineExceeded) && !c.hangs(gctx, err):
					return err // who answers nothing is not asked for each
				}
			}
			for _, i := range part {
				begun := time.Now()
				q.answers[i], q.errs[i] = c.askAlone(gctx, q.due[i], now, tree)
				q.took[i] = time.Since(begun)
				if q.errs[i] != nil && !told(q.errs[i]) && !c.hangs(gctx, q.errs[i]) {
					return q.errs[i]
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// hear takes in what metrics have said.
func (c *calculator) hear(now time.Time, found map[string]warehouse.Answer, res *result, all []*questions) error {
	asked, failed := 0, 0
	var why error
	for _, q := range all {
		asked += len(q.due)
		for i, m := range q.due {
			if q.took[i] > res.slow {
				res.slowest, res.slow = m.ID, q.took[i]
			}
			if q.errs[i] == nil {
				found[m.ID] = q.answers[i]
				res.answered = append(res.answered, m.ID)
				delete(res.failing, m.ID)
				continue
			}
			failed++
			f := res.failing[m.ID]
			if f.Metric == "" {
				f.Failing = batch.Failing{Metric: m.ID, Title: m.Title, Since: now.UTC()}
			}
			if why == nil {
				why = q.errs[i]
			}
			if f.Words = words(q.errs[i]); f.pause == 0 {
				c.log.Warn("metric failed", "metric", m.ID, "err", q.errs[i])
			}
			f.pause = next(f.pause)
			f.until = now.Add(f.pause + rand.N(f.pause/4))
			res.failing[m.ID] = f
		}
	}
	if failed > 1 && failed == asked {
		return fmt.Errorf("none of %d metrics answers: %w", failed, why)
	}
	return nil
}

// parts divides the metrics that are due, by their positions, into those that one
// statement asks: there are so many as may run at once, unless metrics are many. A
// metric that fails or cannot be asked is a part of its own.
func (c *calculator) parts(due []*queries.Metric, atOnce int) [][]int {
	var parts [][]int
	var together []int
	for i, m := range due {
		if _, fails := c.failing[m.ID]; fails || m.Rows != queries.RowsPlaces || c.broken(m.Reads) != nil {
			parts = append(parts, []int{i})
		} else {
			together = append(together, i)
		}
	}
	if len(together) == 0 {
		return parts
	}
	dealt := make([][]int, max(min(atOnce, len(together)), (len(together)+mostTogether-1)/mostTogether))
	for k, i := range together { // metrics of one subject stand side by side, and cost alike
		dealt[k%len(dealt)] = append(dealt[k%len(dealt)], i)
	}
	return append(parts, dealt...)
}

// askPart asks a part in one statement. Where it fails, each is asked by itself, to know
// which it is.
func (c *calculator) askPart(ctx context.Context, q *questions, part []int, now time.Time, tree *queries.Tree) error {
	metrics := make([]*queries.Metric, len(part))
	for k, i := range part {
		metrics[k] = q.due[i]
	}
	found, err := c.cut.AskTogether(ctx, metrics, now, c.zone, tree)
	if err != nil {
		return err
	}
	for k, i := range part {
		q.answers[i] = found[k]
	}
	return nil
}

// askAlone asks a metric, and once more when it fails.
func (c *calculator) askAlone(ctx context.Context, m *queries.Metric, now time.Time, tree *queries.Tree) (answer warehouse.Answer, err error) {
	if err := c.broken(m.Reads); err != nil {
		return nil, err
	}
	for range 2 {
		if answer, err = c.cut.Ask(ctx, m, m.Refresh.Tick(now, c.zone), tree); err == nil {
			return answer, nil
		}
		if errors.Is(err, context.DeadlineExceeded) {
			break // who does not answer is not waited for twice
		}
	}
	return nil, err
}

// next is the pause after one.
func next(pause time.Duration) time.Duration { return min(max(2*pause, firstPause), mostPause) }

// words say in a line of Chinese why a statement failed. They go to every display:
// what the source said may quote rows, and goes to the log alone.
func words(err error) string {
	var failed *warehouse.Error
	switch errors.As(err, &failed); {
	case failed == nil:
		return "未能计算"
	case failed.Code == codeTimeout, errors.Is(err, context.DeadlineExceeded):
		return "查询超时"
	case failed.Code == codeMemory:
		return "查询超出内存限额"
	case failed.Code == 0:
		return "查询返回的行不合规定"
	}
	return fmt.Sprintf("查询出错 (代码 %d)", failed.Code)
}

// sourceWords say in a line of Chinese why there are no figures.
func sourceWords(err error) string {
	var failed *warehouse.Error
	switch {
	case errors.Is(err, warehouse.ErrNoRegions):
		return "区划表为空, 尚不能成批"
	case !errors.As(err, &failed):
		return "新批次不能成批"
	case failed.Code == 0:
		return "数据源无应答"
	case failed.Code == codeReadOnly, failed.Code == codeTableReadOnly:
		return "数据源只读, 新批次不能成批"
	case failed.Code == codeNoSpace:
		return "数据源磁盘已满, 新批次不能成批"
	}
	return fmt.Sprintf("数据源报错: %s (代码 %d)", failed.Statement, failed.Code)
}

// Exception codes of ClickHouse.
const (
	codeTimeout       = 159
	codeReadOnly      = 164
	codeMemory        = 241
	codeTableReadOnly = 242
	codeNoSpace       = 243
)
