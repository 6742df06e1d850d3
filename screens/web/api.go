package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/screens"
)

// apiError is the body of every error answer.
type apiError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// The client may be gone: there is nobody to tell.
	_ = json.NewEncoder(w).Encode(body)
}

func writeError(w http.ResponseWriter, status int, code, message string) {
	writeJSON(w, status, map[string]apiError{"error": {code, message}})
}

func noBatch(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "1")
	writeError(w, http.StatusServiceUnavailable, "no_data_yet", "no batch has been published yet")
}

// batch is the header of the newest batch, or of that of a moment.
func (s *server) batch(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Has("at") {
		s.past.reading(s.recordedBatch)(w, r)
		return
	}
	h, _ := s.Hub.Newest("", "")
	if h == nil {
		noBatch(w)
		return
	}
	health, _ := s.Hub.Health()
	writeJSON(w, http.StatusOK, newestBatch{h, sourceStatus{health.State, health.Since, health.Verified, health.Words, health.Holds}})
}

// newestBatch is the header of the newest batch, and whether it is all that there is to
// show. What was shown before has no status: it was newest once.
type newestBatch struct {
	*batch.Header
	Status sourceStatus `json:"status"`
}

// sourceStatus is what the stream calls S.
type sourceStatus struct {
	Source   string       `json:"source"`
	Since    time.Time    `json:"since"`
	Verified *time.Time   `json:"verified,omitempty"`
	Words    string       `json:"words,omitempty"`
	Holds    []batch.Hold `json:"holds,omitempty"`
}

// displays are the connections of this node, for operators: who watches what, and who is
// connected and does not draw.
func (s *server) displays(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{"displays": s.Hub.List()})
}

// metrics is the catalogue: what every number means and where it comes from.
// Statements are there for those who may see them.
func (s *server) metrics(w http.ResponseWriter, r *http.Request) {
	metrics, checks := slices.Clone(s.Catalogue.Metrics), slices.Clone(s.Catalogue.Checks)
	if viewer, _ := ViewerOf(r.Context()); !viewer.SQL {
		for i := range metrics {
			metrics[i].SQL = ""
		}
		for i := range checks {
			checks[i].SQL = ""
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"metrics": metrics, "checks": checks, "codes": s.Catalogue.Codes})
}

// frameAnswer is one metric for one region, as of one batch.
type frameAnswer struct {
	Metric  string           `json:"metric"`
	Region  string           `json:"region"`
	Batch   uint64           `json:"batch"`
	AsOf    time.Time        `json:"as_of"`
	Demo    bool             `json:"demo"`
	Columns []queries.Column `json:"columns"`
	Rows    any              `json:"rows"` // [][]batch.Cell, or its JSON
}

func (s *server) metric(w http.ResponseWriter, r *http.Request) {
	m, ok := s.Catalogue.Metric(chi.URLParam(r, "id"))
	if !ok {
		writeError(w, http.StatusNotFound, "unknown_metric", "there is no metric "+chi.URLParam(r, "id"))
		return
	}
	region := r.URL.Query().Get("region")
	if region == "" {
		region = s.Province
	}
	if q := r.URL.Query(); q.Has("batch") || q.Has("at") {
		s.past.reading(func(w http.ResponseWriter, r *http.Request) { s.recordedMetric(w, r, m, region) })(w, r)
		return
	}
	h, f := s.Hub.Newest(m.ID, region)
	switch {
	case h == nil:
		noBatch(w)
	case f == nil:
		writeError(w, http.StatusNotFound, "unknown_region", "metric "+m.ID+" has no answer for region "+region)
	default:
		writeJSON(w, http.StatusOK, frameAnswer{m.ID, region, h.Number, h.AsOf, h.Demo, m.Columns, f.Rows})
	}
}

// screenEntry is a line of the list of screens.
type screenEntry struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Question string `json:"question"`
}

func (s *server) screens(w http.ResponseWriter, _ *http.Request) {
	list := []screenEntry{}
	for _, v := range s.Hub.Story() {
		list = append(list, screenEntry{v.ID, v.Title, v.Question})
	}
	writeJSON(w, http.StatusOK, list)
}

func (s *server) screen(w http.ResponseWriter, r *http.Request) {
	if v := screens.Find(s.Hub.Story(), chi.URLParam(r, "id")); v != nil {
		writeJSON(w, http.StatusOK, s.withCards(v))
		return
	}
	writeError(w, http.StatusNotFound, "unknown_screen", "there is no screen "+chi.URLParam(r, "id"))
}

// carousels lists what walls can show by themselves.
func (s *server) carousels(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, append([]screens.Carousel{}, s.Hub.Programme().Carousels...))
}
