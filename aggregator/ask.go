package aggregator

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
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
// filled fails the metrics that read it, when they are asked.
func (c *calculator) fill(ctx context.Context, now time.Time) error {
	done := make(map[string]chan struct{}, len(c.views))
	for _, v := range c.views {
		done[v.Name] = make(chan struct{})
	}
	var mu sync.Mutex // of filled and stale
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
			mu.Lock()
			was, below := c.filled[v.Name], c.broken(v.Reads)
			mu.Unlock()
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
			mu.Lock()
			defer mu.Unlock()
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

// ask asks the stale metrics. One that fails is asked once more, and then left alone
// for a while; the others go on. When none of several answers, it is not the metrics.
func (c *calculator) ask(ctx context.Context, now time.Time, found map[string]warehouse.Answer, res *result) error {
	var due []*queries.Metric
	for i := range c.catalogue.Metrics {
		m := &c.catalogue.Metrics[i]
		if f, fails := c.failing[m.ID]; found[m.ID] == nil && (c.stale[m.ID] || fails) && !(fails && f.until.After(now)) {
			due = append(due, m)
		}
	}
	if len(due) > c.parallel {
		ctx = warehouse.Crowded(ctx)
	}
	errs := make([]error, len(due))
	answers := make([]warehouse.Answer, len(due))
	took := make([]time.Duration, len(due))
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(c.parallel)
	for _, part := range c.parts(due) {
		group.Go(func() error {
			begun := time.Now()
			if len(part) > 1 {
				err := c.askPart(gctx, due, part, now, answers, res)
				switch {
				case err == nil:
					for _, i := range part {
						took[i] = time.Since(begun) / time.Duration(len(part))
					}
					return nil
				case errors.Is(err, context.DeadlineExceeded) && !c.hangs(gctx, err):
					return err // who answers nothing is not asked for each
				}
			}
			for _, i := range part {
				begun := time.Now()
				answers[i], errs[i] = c.askAlone(gctx, due[i], now, res)
				took[i] = time.Since(begun)
				if errs[i] != nil && !told(errs[i]) && !c.hangs(gctx, errs[i]) {
					return errs[i]
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	failed := 0
	for i, m := range due {
		if took[i] > res.slow {
			res.slowest, res.slow = m.ID, took[i]
		}
		if errs[i] == nil {
			found[m.ID] = answers[i]
			res.answered = append(res.answered, m.ID)
			delete(res.failing, m.ID)
			continue
		}
		failed++
		f := res.failing[m.ID]
		if f.Metric == "" {
			f.Failing = batch.Failing{Metric: m.ID, Title: m.Title, Since: now.UTC()}
		}
		if f.Words = words(errs[i]); f.pause == 0 {
			c.log.Warn("metric failed", "metric", m.ID, "err", errs[i])
		}
		f.pause = next(f.pause)
		f.until = now.Add(f.pause + rand.N(f.pause/4))
		res.failing[m.ID] = f
	}
	if failed > 1 && failed == len(due) {
		return fmt.Errorf("none of %d metrics answers: %w", failed, errs[0])
	}
	return nil
}

// parts divides the metrics that are due, by their positions, into those that one
// statement asks: there is one for each that may run at once, unless they are many. A
// metric that fails or cannot be asked is a part of its own.
func (c *calculator) parts(due []*queries.Metric) [][]int {
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
	dealt := make([][]int, max(min(c.parallel, len(together)), (len(together)+mostTogether-1)/mostTogether))
	for k, i := range together { // metrics of one subject stand side by side, and cost alike
		dealt[k%len(dealt)] = append(dealt[k%len(dealt)], i)
	}
	return append(parts, dealt...)
}

// askPart asks a part in one statement. Where it fails, each is asked by itself, to know
// which it is.
func (c *calculator) askPart(ctx context.Context, due []*queries.Metric, part []int, now time.Time, answers []warehouse.Answer, res *result) error {
	metrics := make([]*queries.Metric, len(part))
	for k, i := range part {
		metrics[k] = due[i]
	}
	found, err := c.cut.AskTogether(ctx, metrics, now, c.zone, res.tree)
	if err != nil {
		return err
	}
	for k, i := range part {
		answers[i] = found[k]
	}
	return nil
}

// askAlone asks a metric, and once more when it fails.
func (c *calculator) askAlone(ctx context.Context, m *queries.Metric, now time.Time, res *result) (answer warehouse.Answer, err error) {
	if err := c.broken(m.Reads); err != nil {
		return nil, err
	}
	for range 2 {
		if answer, err = c.cut.Ask(ctx, m, m.Refresh.Tick(now, c.zone), res.tree); err == nil {
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
