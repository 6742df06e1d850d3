package web

import (
	"errors"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"liaowang/screens/hub"
)

// Metrics answers with what the gatherer has, in the form that a scraper asks for:
// only OpenMetrics carries exemplars.
func Metrics(g prometheus.Gatherer) http.Handler {
	return promhttp.HandlerFor(g, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// Healthy answers that the process lives.
func Healthy(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// answer is how the body of /readyz begins; what follows says how the node is.
type answer struct {
	Status string `json:"status"` // ready or not_ready
	// Reason and Error are there with 503 alone.
	Reason string    `json:"reason,omitempty"`
	Error  *apiError `json:"error,omitempty"`
}

func notReady(reason, message string) answer {
	return answer{Status: "not_ready", Reason: reason, Error: &apiError{"not_ready", message}}
}

// ready answers 503 while displays are better served by another node, and says how
// the source is in any case.
func (s *server) ready(w http.ResponseWriter, _ *http.Request) {
	health, err := s.Hub.Health()
	body := struct {
		answer
		hub.Health
	}{answer{Status: "ready"}, health}
	status := http.StatusOK
	if err != nil {
		status = http.StatusServiceUnavailable
		body.answer = notReady(reason(err), err.Error())
	}
	writeJSON(w, status, body)
}

// reason is a word for why a node is not ready.
func reason(err error) string {
	switch {
	case errors.Is(err, hub.ErrDraining):
		return "draining"
	case errors.Is(err, hub.ErrRedisLost):
		return "redis_lost"
	case errors.Is(err, hub.ErrNoBatch):
		return "no_batch"
	}
	return "aggregator_silent"
}
