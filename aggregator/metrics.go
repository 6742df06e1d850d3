package aggregator

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// metrics are what an operator sees of the aggregator from outside.
type metrics struct {
	batches, failures, frames prometheus.Counter
	number, leading, source   prometheus.Gauge
	stage                     *prometheus.HistogramVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	f := promauto.With(r)
	return &metrics{
		batches:  f.NewCounter(prometheus.CounterOpts{Name: "liaowang_batches_total", Help: "Batches published."}),
		failures: f.NewCounter(prometheus.CounterOpts{Name: "liaowang_round_failures_total", Help: "Rounds that failed and were tried again."}),
		frames:   f.NewCounter(prometheus.CounterOpts{Name: "liaowang_frames_changed_total", Help: "Frames that changed, over all batches."}),
		number:   f.NewGauge(prometheus.GaugeOpts{Name: "liaowang_batch_number", Help: "Number of the newest batch published by this node."}),
		leading:  f.NewGauge(prometheus.GaugeOpts{Name: "liaowang_leading", Help: "1 while this node holds the lease."}),
		source:   f.NewGauge(prometheus.GaugeOpts{Name: "liaowang_source_up", Help: "1 while ClickHouse gives figures."}),
		stage: f.NewHistogramVec(prometheus.HistogramOpts{
			Name: "liaowang_batch_stage_seconds", Help: "Time of each stage of a batch: cut, compute, publish.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 14),
		}, []string{"stage"}),
	}
}

func (m *metrics) published(now, begun, taken, computed time.Time, number uint64, changed int) {
	m.batches.Inc()
	m.frames.Add(float64(changed))
	m.number.Set(float64(number))
	m.stage.WithLabelValues("cut").Observe(taken.Sub(begun).Seconds())
	m.stage.WithLabelValues("compute").Observe(computed.Sub(taken).Seconds())
	m.stage.WithLabelValues("publish").Observe(now.Sub(computed).Seconds())
}
