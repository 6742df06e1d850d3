package aggregator

import (
	"encoding/json"
	"net/http"
	"time"

	"liaowang/aggregator/batch"
)

// What an aggregator's state may be beside a batch.SourceState.
const (
	stateStandby   = "standby"
	stateStarting  = "starting"
	stateRedisLost = "store_lost"
)

// Health is how an aggregator is.
type Health struct {
	// Ready says that this node could publish now, or stands by to; Why says in one line
	// why it could not.
	Ready bool   `json:"-"`
	Why   string `json:"-"`
	// State is ok, lost or held of the leader; standby of another node; starting before
	// ClickHouse has answered; store_lost while Redis does not.
	State string `json:"state"`
	// Since is when State was taken, where that is known.
	Since *time.Time   `json:"since,omitempty"`
	Words string       `json:"words,omitempty"`
	Holds []batch.Hold `json:"holds,omitempty"`
	Node  string       `json:"node"`
	// Term is that of the lease that this node holds, 0 without one.
	Term  uint64 `json:"term"`
	Batch uint64 `json:"batch"`
}

// Readyz answers 503 while this node could not publish, and says how it is in any case. A
// node that stands by is ready: it could.
func (a *Aggregator) Readyz(w http.ResponseWriter, _ *http.Request) {
	h := a.Health()
	type fault struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	body := struct {
		Status string `json:"status"`
		Reason string `json:"reason,omitempty"`
		Error  *fault `json:"error,omitempty"`
		Health
	}{Status: "ready", Health: h}
	status := http.StatusOK
	if !h.Ready {
		status, body.Status, body.Error = http.StatusServiceUnavailable, "not_ready", &fault{"not_ready", h.Why}
		switch body.Reason = h.State; h.State {
		case stateRedisLost:
			body.Reason = "redis_lost"
		case string(batch.SourceLost), stateStandby:
			body.Reason = "source_lost"
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may be gone: there is nobody to tell
}

// Health says how the aggregator is. Safe to call from anywhere.
func (a *Aggregator) Health() Health {
	a.mu.Lock()
	defer a.mu.Unlock()
	h := Health{Node: a.Node, Term: a.lease.Term, Batch: a.lease.Number}
	switch {
	case a.mute != "":
		h.State, h.Why = stateRedisLost, "the lease is not renewed: "+a.mute
	case !a.ready:
		h.State, h.Why = stateStarting, "ClickHouse has not said yet where its batches end"
	case a.lease.Term == 0:
		h.State, h.Ready = stateStandby, a.missed.IsZero()
		h.Why = "ClickHouse does not answer this node: it could not take over"
	case a.status.Source == "":
		h.State, h.Why = stateStarting, "the first round is under way"
	default:
		since := a.status.Since
		h.State, h.Since, h.Words, h.Holds = string(a.status.Source), &since, a.status.Words, a.status.Holds
		h.Ready = a.status.Source != batch.SourceLost
		h.Why = "ClickHouse gives no figures: " + a.status.Words
	}
	if h.Ready {
		h.Why = ""
	}
	return h
}
