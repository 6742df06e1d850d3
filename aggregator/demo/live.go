package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/cenkalti/backoff/v5"
)

// LiveOptions says how the province lives.
type LiveOptions struct {
	// Rate is the mean number of events per second. 0 means 3. ClickHouse may
	// allow fewer; what is missed is not made up for.
	Rate float64
	// Seed is the seed that the province was loaded with.
	Seed uint64
	// Now gives the moment that events happen at. It is required, and must not
	// be before the reference that the province was loaded with.
	Now func() time.Time
	// Logger gets when ClickHouse goes away and comes back. nil discards it.
	Logger *slog.Logger
	// finish is how long a tick may still be written when ctx is done. 0 means
	// finishTimeout.
	finish time.Duration
}

const (
	defaultRate = 3
	// shortestTick bounds how often rows are written: events at a higher rate
	// share ticks.
	shortestTick = 25 * time.Millisecond
	// serveEvery is how long events of the services, which are many and small, wait
	// for each other.
	serveEvery = time.Second
	// answerTimeout bounds the reads and writes of one tick.
	answerTimeout = 15 * time.Second
	// finishTimeout keeps nobody waiting who stops the program.
	finishTimeout = 2 * time.Second
	// refreshEvery is how many events go by before the stock is read again,
	// which others may have changed.
	refreshEvery = 1000
	// Pause between attempts while ClickHouse is away.
	shortestPause, longestPause = 200 * time.Millisecond, 10 * time.Second
)

// live writes the events.
type live struct {
	conn      driver.Conn
	rate      float64
	finish    time.Duration
	now       func() time.Time
	log       *slog.Logger
	rng       *rand.Rand
	picker    picker
	generator *generator

	marker marker
	stock  stock
	lines  lines
	// waiting are events of the services that have not been written, since served.
	waiting [eventKinds]int
	served  time.Time
	// probed is the minute of the last probe of the services.
	probed time.Time
	// sinceRefresh counts events since the stock was read; short says that it
	// promised rows that are not there.
	sinceRefresh int
	short        bool
	// pending is a tick of which nobody knows whether it is written.
	pending *tick
}

// Live writes believable events into a loaded province until ctx is done; it
// completes the event that is under way, within 2 seconds, and returns nil. There must be one Live a database.
//
// While ClickHouse is away it tries again and again. The rows whose fate is not
// known are written first then, under the same keys and versions, and the state
// is read again: nothing is lost or counted twice. Events that were cut off
// between two tables, by the end of a process, are completed at the next start.
//
// It fails if no province is loaded, if it is of another seed (*SeedError), or
// if somebody loads it again meanwhile.
func Live(ctx context.Context, conn driver.Conn, o LiveOptions) error {
	if o.Rate < 0 {
		return fmt.Errorf("demo: rate of %g events per second: must not be negative", o.Rate)
	}
	if o.Now == nil {
		return errors.New("demo: LiveOptions.Now is missing: events need a clock")
	}
	if o.Rate == 0 {
		o.Rate = defaultRate
	}
	if o.finish == 0 {
		o.finish = finishTimeout
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	g, _, err := newGenerator(o.Seed, time.Time{})
	if err != nil {
		return err
	}
	l := &live{conn: conn, rate: o.Rate, finish: o.finish, now: o.Now, log: o.Logger, rng: g.stream(streamLive), generator: g}
	l.picker = picker{conn, l.rng}
	return l.run(ctx)
}

// stopError says that there is nothing to try again for.
type stopError struct{ error }

func (e stopError) Unwrap() error { return e.error }

func (l *live) run(ctx context.Context) error {
	pause := &backoff.ExponentialBackOff{
		InitialInterval: shortestPause, MaxInterval: longestPause, Multiplier: 2, RandomizationFactor: 0.5,
	}
	pause.Reset()
	for away := false; ; away = true {
		err := l.follow(ctx, func() {
			if away {
				l.log.Info("demo goes on: ClickHouse is back")
			}
			pause.Reset()
		})
		if ctx.Err() != nil {
			return nil
		}
		if stop := (stopError{}); errors.As(err, &stop) {
			return stop.error
		}
		wait := pause.NextBackOff()
		l.log.Warn("demo waits: ClickHouse does not take its events", "error", err, "retry_in", wait.Round(time.Millisecond))
		if !sleep(ctx, wait) {
			return nil
		}
	}
}

// follow catches up with the tables and then writes events, until an error. It
// calls ready when it has caught up.
func (l *live) follow(ctx context.Context, ready func()) error {
	if err := l.bounded(ctx, l.catchUp); err != nil {
		return err
	}
	ready()
	gap := max(time.Duration(float64(time.Second)/l.rate), shortestTick)
	due := 0.0
	for {
		// The gap begins before the work: the rate holds while the work fits in.
		timer := time.NewTimer(time.Duration(float64(gap) * (0.5 + l.rng.Float64())))
		due += gap.Seconds() * l.rate
		n := int(due + 1e-6)
		due -= float64(n)
		err := l.bounded(ctx, func(ctx context.Context) error { return l.step(ctx, n) })
		if err != nil {
			timer.Stop()
			return err
		}
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}

func (l *live) bounded(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	return f(ctx)
}

// step plans and writes n events.
func (l *live) step(ctx context.Context, n int) error {
	if l.short || l.sinceRefresh >= refreshEvery {
		if err := l.refresh(ctx); err != nil {
			return err
		}
	}
	t, err := l.plan(ctx, n)
	if err != nil {
		return err
	}
	l.sinceRefresh += n
	return l.write(ctx, t)
}

// write writes a tick, and keeps it where that is not known to have worked. A
// tick that has begun is completed when ctx is done, if ClickHouse is quick.
func (l *live) write(ctx context.Context, t *tick) error {
	ctx, cancel := linger(ctx, l.finish)
	defer cancel()
	l.pending = t
	if l.marker.state == stateStill {
		// Marked first: from the first event on the figures are not the
		// published ones any more.
		m, err := l.marker.next(ctx, l.conn, stateMoved)
		if err != nil {
			return err
		}
		l.marker = m
	}
	if err := t.insert(ctx, l.conn); err != nil {
		return err
	}
	l.pending = nil
	return nil
}

// catchUp brings memory and tables together: it writes what is pending,
// completes what was cut off, and reads the stock.
func (l *live) catchUp(ctx context.Context) error {
	if err := l.checkMarker(ctx); err != nil {
		return err
	}
	if l.pending != nil {
		if err := l.write(ctx, l.pending); err != nil {
			return err
		}
	}
	if err := l.refresh(ctx); err != nil {
		return err
	}
	rest, err := l.unfinished(ctx)
	if err != nil || rest == nil {
		return err
	}
	if err := l.write(ctx, rest); err != nil {
		return err
	}
	return l.refresh(ctx)
}

// refresh reads the marker and the stock.
func (l *live) refresh(ctx context.Context) error {
	if err := l.checkMarker(ctx); err != nil {
		return err
	}
	s, err := readStock(ctx, l.conn)
	if err != nil {
		return err
	}
	if l.lines, err = readLines(ctx, l.conn); err != nil {
		return err
	}
	l.stock, l.sinceRefresh, l.short = s, 0, false
	return nil
}

// checkMarker makes sure that the province is there and that it is this one.
func (l *live) checkMarker(ctx context.Context) error {
	m, found, err := readMarker(ctx, l.conn)
	switch {
	case err != nil:
		return err
	case !found:
		return stopError{errors.New("demo: no province is loaded: load it before it can live")}
	case m.state == stateLoading:
		return stopError{errors.New("demo: the province is not loaded completely: load it before it can live")}
	}
	if err := m.checkSeed(l.generator.seed); err != nil {
		return stopError{err}
	}
	if l.marker.state == stateMoved && m.state == stateStill {
		return stopError{errors.New("demo: somebody has started the province again while it lived")}
	}
	l.marker = m
	return nil
}

// linger returns a context that ends some time after ctx.
func linger(ctx context.Context, after time.Duration) (context.Context, context.CancelFunc) {
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(after, cancel) })
	return late, func() { stop(); cancel() }
}

// sleep waits and reports whether ctx is still not done.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
