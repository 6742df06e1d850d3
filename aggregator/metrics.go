package aggregator

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// metrics are what an operator sees of the aggregator from outside.
type metrics struct {
	batches, frames, asked, warm     prometheus.Counter
	failures                         *prometheus.CounterVec
	number, leading, source, failing prometheus.Gauge
	checks, took                     *prometheus.GaugeVec
	stage                            *prometheus.HistogramVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	f := promauto.With(r)
	return &metrics{
		batches:  f.NewCounter(prometheus.CounterOpts{Name: "liaowang_batches_total", Help: "Batches published."}),
		failures: f.NewCounterVec(prometheus.CounterOpts{Name: "liaowang_round_failures_total", Help: "Rounds that failed and were tried again, by cause: source_silent, source_refuses (it answers with an error), no_regions, redis, other."}, []string{"cause"}),
		frames:   f.NewCounter(prometheus.CounterOpts{Name: "liaowang_frames_changed_total", Help: "Frames that changed, over all batches."}),
		asked:    f.NewCounter(prometheus.CounterOpts{Name: "liaowang_metrics_asked_total", Help: "Metrics that were asked, over all batches."}),
		warm:     f.NewCounter(prometheus.CounterOpts{Name: "liaowang_warm_rounds_total", Help: "Times that this node computed what has changed while it stood by."}),
		number:   f.NewGauge(prometheus.GaugeOpts{Name: "liaowang_batch_number", Help: "Number of the newest batch published by this node."}),
		leading:  f.NewGauge(prometheus.GaugeOpts{Name: "liaowang_leading", Help: "1 while this node holds the lease."}),
		source:   f.NewGauge(prometheus.GaugeOpts{Name: "liaowang_source_up", Help: "1 while ClickHouse gives figures."}),
		failing:  f.NewGauge(prometheus.GaugeOpts{Name: "liaowang_metrics_failing", Help: "Metrics whose figures in the newest batch are old, since they could not be asked."}),
		checks:   f.NewGaugeVec(prometheus.GaugeOpts{Name: "liaowang_checks", Help: "Checks in the last round of this node, by policy and result: holds, fails, released (fails, and an operator lets it pass), unknown (could not be evaluated)."}, []string{"policy", "result"}),
		took:     f.NewGaugeVec(prometheus.GaugeOpts{Name: "liaowang_batch_last_stage_seconds", Help: "Time of each stage of the last batch."}, []string{"stage"}),
		stage: f.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "liaowang_batch_stage_seconds",
			Help:    "Time of each stage of a batch: cut, views, ask (its exemplar names the slowest metric), check and disclose (at once), record, publish; and total.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 14),
		}, []string{"stage"}),
	}
}

// laps are the times of a batch's stages.
type laps struct {
	now    func() time.Time
	begun  time.Time
	last   time.Time
	mu     sync.Mutex // of stages
	stages []lap
	beside *laps // whose stages these are, too
	// slowest is the metric that took longest to answer, and slow how long.
	slowest string
	slow    time.Duration
}

// aside gives laps for what runs beside the stages from now on.
func (l *laps) aside() *laps {
	t := l.now()
	return &laps{now: l.now, begun: t, last: t, beside: l}
}

// skip ends a stage that is not told of.
func (l *laps) skip() { l.last = l.now() }

type lap struct {
	stage string
	took  time.Duration
}

func newLaps(now func() time.Time) *laps {
	t := now()
	return &laps{now: now, begun: t, last: t}
}

// done ends a stage.
func (l *laps) done(stage string) {
	t := l.now()
	to := l
	if l.beside != nil {
		to = l.beside
	}
	to.mu.Lock()
	defer to.mu.Unlock()
	to.stages = append(to.stages, lap{stage, t.Sub(l.last)})
	l.last = t
}

func (m *metrics) published(l *laps, number uint64, changed, asked, failing int) {
	m.batches.Inc()
	m.frames.Add(float64(changed))
	m.asked.Add(float64(asked))
	m.number.Set(float64(number))
	m.failing.Set(float64(failing))
	for _, s := range l.stages {
		m.took.WithLabelValues(s.stage).Set(s.took.Seconds())
		observer := m.stage.WithLabelValues(s.stage)
		if e, ok := observer.(prometheus.ExemplarObserver); ok && s.stage == "ask" && l.slowest != "" {
			e.ObserveWithExemplar(s.took.Seconds(), prometheus.Labels{"metric": l.slowest, "took": l.slow.String()})
			continue
		}
		observer.Observe(s.took.Seconds())
	}
	total := l.last.Sub(l.begun).Seconds()
	m.took.WithLabelValues("total").Set(total)
	m.stage.WithLabelValues("total").Observe(total)
}
