package aggregator

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"liaowang/aggregator/batch"
	"liaowang/queries/warehouse"
)

// expose lets an operator see the state that keeper and rounds share.
func (a *Aggregator) expose(r prometheus.Registerer) {
	f := promauto.With(r)
	gauge := func(name, help string, labels prometheus.Labels, of func() float64) {
		f.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, func() float64 {
			a.mu.Lock()
			defer a.mu.Unlock()
			return of()
		})
	}
	for _, s := range []batch.SourceState{batch.SourceOK, batch.SourceLost, batch.SourceHeld} {
		gauge("liaowang_source_state", "1 for the state of the source as the leader finds it: ok, lost or held; 0 for all on a node that does not lead.",
			prometheus.Labels{"state": string(s)}, func() float64 { return yes(a.status.Source == s) })
	}
	gauge("liaowang_source_since_timestamp_seconds", "When the source took its state, Unix time; 0 on a node that does not lead.", nil, func() float64 {
		if a.status.Source == "" {
			return 0
		}
		return unix(a.status.Since)
	})
	gauge("liaowang_batch_as_of_timestamp_seconds", "as_of of the newest batch published by this node, Unix time; 0 before there is one.", nil, func() float64 { return unix(a.asOf) })
	gauge("liaowang_batch_verified_timestamp_seconds", "When the newest batch was last seen to be just what the tables hold, Unix time; 0 before that.", nil, func() float64 { return unix(a.status.Verified) })
	gauge("liaowang_lease_term", "Term of the lease that this node holds; 0 without one.", nil, func() float64 { return float64(a.lease.Term) })
	gauge("liaowang_redis_up", "1 while Redis answers this part of the process.", prometheus.Labels{"part": "aggregator"}, func() float64 { return yes(a.mute == "") })
	f.NewCounterFunc(prometheus.CounterOpts{Name: "liaowang_published_bytes_total", Help: "Bytes of headers and frames handed to Redis."}, func() float64 { return float64(a.Store.Sent()) })
}

// yes is 1 or 0.
func yes(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func unix(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

// judged tells of the checks of a round, published or held.
func (a *Aggregator) judged(checks []batch.Check) {
	for _, policy := range []batch.Policy{batch.PolicyNote, batch.PolicyWarn, batch.PolicyHold} {
		count := map[string]int{}
		for _, k := range checks {
			switch {
			case k.Policy != policy:
			case k.OK:
				count["holds"]++
			case k.Unknown:
				count["unknown"]++
			case k.Releases != nil:
				count["released"]++
			default:
				count["fails"]++
			}
		}
		for _, result := range []string{"holds", "fails", "released", "unknown"} {
			a.metrics.checks.WithLabelValues(string(policy), result).Set(float64(count[result]))
		}
	}
}

// cause is what a round failed by, in one of few words.
func cause(err error) string {
	var failed *warehouse.Error
	switch {
	case errors.As(err, new(storeError)):
		return "redis"
	case errors.Is(err, warehouse.ErrNoRegions):
		return "no_regions"
	case errors.As(err, &failed) && failed.Code != 0:
		return "source_refuses"
	case errors.As(err, &failed):
		return "source_silent"
	}
	return "other"
}

// tellState logs that the source has taken another state; under the lock.
func (a *Aggregator) tellState(s batch.SourceState, words string) {
	level := slog.LevelWarn
	if s == batch.SourceOK {
		level = slog.LevelInfo
	}
	a.Logger.Log(context.Background(), level, "source", "state", string(s), "was", string(a.status.Source), "words", words)
}
