package hub

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"liaowang/aggregator/batch"
)

// Why displays are better served by another node. What is wrong for every node alike,
// a source that is lost or a batch that is held, is none of it: the last good picture
// is shown and marked, and taking every node away would take that away too.
var (
	ErrDraining  = errors.New("the node is draining")
	ErrRedisLost = errors.New("redis does not answer")
	ErrNoBatch   = errors.New("no batch has been published yet")
	// ErrSilent may be this node's alone: a Redis that was replaced and does not know it
	// hears no aggregator.
	ErrSilent = errors.New("no aggregator says anything")
)

// Health is how this node is, and what it knows of batch and source.
type Health struct {
	// State is what the stream calls source: ok, held, lost, silent or store_lost.
	State    string       `json:"state"`
	Since    time.Time    `json:"since"`
	Words    string       `json:"words,omitempty"`
	Holds    []batch.Hold `json:"holds,omitempty"`
	Batch    uint64       `json:"batch"`
	Term     uint64       `json:"term"`
	AsOf     *time.Time   `json:"as_of,omitempty"`
	Verified *time.Time   `json:"verified,omitempty"`
	// Leader is the node of the aggregator that spoke last.
	Leader   string `json:"leader,omitempty"`
	Node     string `json:"node"`
	Displays int    `json:"displays"`
	// Screens says what is wrong with the files of screens; the last good ones are shown.
	Screens string `json:"screens,omitempty"`
	// Time is this node's clock, by which ages are to be told.
	Time time.Time `json:"time"`
}

// Health says how the node is; the error is that of Ready.
func (h *Hub) Health() (Health, error) {
	s := h.news.Load().status
	all := Health{State: s.Source, Since: s.Since, Words: s.Words, Holds: s.Holds, Leader: s.leader, Node: h.Node, Displays: h.Displays(), Time: h.Now().UTC()}
	h.mu.Lock()
	all.Screens = h.faulty
	h.mu.Unlock()
	if !s.Verified.IsZero() {
		all.Verified = &s.Verified
	}
	if p := h.picture.Load(); p != nil {
		b := p.header
		all.Batch, all.Term, all.AsOf = b.Number, b.Term, &b.AsOf
	}
	return all, h.Ready()
}

// Ready says why displays are better served by another node, or nil.
func (h *Hub) Ready() error {
	h.mu.Lock()
	closed := h.closed
	h.mu.Unlock()
	source := h.news.Load().status.Source
	switch {
	case closed:
		return ErrDraining
	case source == sourceStoreLost:
		return ErrRedisLost
	case h.picture.Load() == nil:
		return ErrNoBatch
	case source == sourceSilent:
		return ErrSilent
	}
	return nil
}

// expose lets an operator see what this node shows.
func (h *Hub) expose(f promauto.Factory) {
	gauge := func(name, help string, labels prometheus.Labels, of func(status) float64) {
		f.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, func() float64 { return of(h.news.Load().status) })
	}
	for _, state := range []string{string(batch.SourceOK), string(batch.SourceHeld), string(batch.SourceLost), sourceSilent, sourceStoreLost} {
		gauge("liaowang_shown_state", "1 for the state that this node's displays are told: ok, held, lost, silent or store_lost.", prometheus.Labels{"state": state},
			func(s status) float64 { return yes(s.Source == state) })
	}
	gauge("liaowang_shown_since_timestamp_seconds", "When the state that displays are told began, Unix time.", nil, func(s status) float64 { return unixTime(s.Since) })
	gauge("liaowang_shown_batch_number", "Number of the batch that this node shows; 0 before there is one.", nil, func(status) float64 {
		if p := h.picture.Load(); p != nil {
			return float64(p.header.Number)
		}
		return 0
	})
	gauge("liaowang_shown_as_of_timestamp_seconds", "as_of of the batch that this node shows, Unix time; 0 before there is one.", nil, func(status) float64 {
		if p := h.picture.Load(); p != nil {
			return unixTime(p.header.AsOf)
		}
		return 0
	})
	gauge("liaowang_shown_verified_timestamp_seconds", "When the data was last seen to be just what this node shows, Unix time; 0 before that.", nil, func(s status) float64 { return unixTime(s.Verified) })
	gauge("liaowang_screens_faulty", "1 while a file of the folder of screens is wrong and the last good screen is shown in its place.", nil, func(status) float64 {
		h.mu.Lock()
		defer h.mu.Unlock()
		return yes(h.faulty != "")
	})
	gauge("liaowang_redis_up", "1 while Redis answers this part of the process.", prometheus.Labels{"part": "hub"}, func(s status) float64 { return yes(s.Source != sourceStoreLost) })
}

func yes(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func unixTime(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}
