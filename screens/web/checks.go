package web

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/screens/hub"
	"liaowang/screens/panel"
)

// mostResults is how many results of before a check's card tells at most.
const mostResults = 20

// checkList is what stands behind the strip of checks: every check of a batch, what does
// not hold first.
type checkList struct {
	History string         `json:"history"`
	Batch   uint64         `json:"batch"`
	AsOf    time.Time      `json:"as_of"`
	Demo    bool           `json:"demo"`
	Newest  bool           `json:"newest"`
	Checks  []checkDetails `json:"checks"`
	// Before are the batches whose results are told, the oldest first: those that this node
	// has shown lately.
	Before []uint64 `json:"before"`
}

// checkDetails is one check of a batch.
type checkDetails struct {
	ID         string       `json:"id"`
	Title      string       `json:"title"`
	Definition string       `json:"definition"`
	Policy     batch.Policy `json:"policy"`
	// Follows says in words what its policy makes of a failure.
	Follows string     `json:"follows"`
	State   string     `json:"state"` // holds, fails or unknown
	Words   string     `json:"words,omitempty"`
	Since   *time.Time `json:"since,omitempty"`
	// Sides name what is held against each other; Metrics is all that the check reads.
	Sides    [2]string       `json:"sides"`
	Metrics  []cardRef       `json:"metrics"`
	Failures []failureDetail `json:"failures,omitempty"`
	Failed   int             `json:"failed,omitempty"`
	Releases []batch.Release `json:"releases,omitempty"`
	// Results are those of Before: holds, fails, unknown, or empty where the batch has not
	// evaluated the check.
	Results []string `json:"results"`
}

// failureDetail is a region in which a check fails, with the figures of both sides where they
// may be told.
type failureDetail struct {
	Region   string `json:"region"`
	Name     string `json:"name"`
	Words    string `json:"words"`
	Expected any    `json:"expected,omitempty"`
	Actual   any    `json:"actual,omitempty"`
}

// follows says what becomes of a batch in which a check of a policy fails.
func follows(p batch.Policy) string {
	switch p {
	case batch.PolicyHold:
		return "不平则新批次不上屏：画面停在最后平的一批，直到平，或由值班人员放行并留名"
	case batch.PolicyWarn:
		return "不平仍上屏，并在大屏示警；数字照报不改"
	}
	return "不平仍上屏，只说明差额；数字照报不改"
}

// checks answers with the checks of a batch: the newest, or that of a number or a moment.
func (s *server) checks(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if number, err := strconv.ParseUint(cmp.Or(q.Get("batch"), "0"), 10, 63); err == nil && !q.Has("at") {
		if shown := s.Hub.Recent(number); shown != nil {
			writeJSON(w, http.StatusOK, s.listed(shown))
			return
		} else if number == 0 {
			noBatch(w)
			return
		}
	}
	s.past.waiting(func(w http.ResponseWriter, r *http.Request) {
		b, err := s.find(r.Context(), q.Get("batch"), q.Get("at"))
		var shown *hub.Shown
		if err == nil {
			shown, err = s.rebuilt(r.Context(), b, nil)
		}
		if err != nil {
			s.past.fail(w, err)
			return
		}
		writeJSON(w, http.StatusOK, s.listed(shown))
	})(w, r)
}

func (s *server) listed(shown *hub.Shown) checkList {
	h := shown.Header()
	in := shown.Input(s.Catalogue, s.Province)
	newest, _ := s.Hub.Newest("", "")
	out := checkList{History: h.History, Batch: h.Number, AsOf: h.AsOf, Demo: h.Demo, Checks: []checkDetails{}, Before: []uint64{},
		Newest: newest != nil && newest.History == h.History && newest.Number == h.Number}
	var before []*batch.Header
	for _, b := range s.Hub.Lately() {
		if b.History == h.History && b.Number <= h.Number {
			before = append(before, b)
		}
	}
	before = before[max(0, len(before)-mostResults):]
	for _, b := range before {
		out.Before = append(out.Before, b.Number)
	}
	for i := range h.Checks {
		out.Checks = append(out.Checks, s.details(&h.Checks[i], in, before))
	}
	weight := map[batch.Policy]int{batch.PolicyHold: 0, batch.PolicyWarn: 1, batch.PolicyNote: 2}
	order := []string{"fails", "unknown", "holds"}
	slices.SortStableFunc(out.Checks, func(a, b checkDetails) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.State), slices.Index(order, b.State)), cmp.Compare(weight[a.Policy], weight[b.Policy]))
	})
	return out
}

func (s *server) details(found *batch.Check, in panel.Input, before []*batch.Header) checkDetails {
	d := checkDetails{ID: found.ID, Title: found.Title, Policy: found.Policy, Follows: follows(found.Policy), State: checkState(found),
		Words: found.Words, Since: found.Since, Failed: found.Failed, Releases: found.Releases, Metrics: []cardRef{}, Results: make([]string, len(before)), Sides: [2]string{"应为", "实为"}}
	var figures []queries.Figure
	if i := slices.IndexFunc(s.Catalogue.Checks, func(k queries.Check) bool { return k.ID == found.ID }); i >= 0 {
		k := s.Catalogue.Checks[i]
		d.Definition = k.Definition
		for _, id := range k.Metrics {
			if m, ok := s.Catalogue.Metric(id); ok {
				d.Metrics = append(d.Metrics, cardRef{Metric: id, Label: m.Title})
			}
		}
		if k.Equal != nil {
			figures = k.Equal.Figures
			d.Sides = [2]string{s.side(k.Equal.Expected), s.side(k.Equal.Actual)}
		}
	}
	for _, f := range found.Failures {
		one := failureDetail{Region: f.Region, Name: f.Region, Words: f.Words}
		if r, ok := in.Regions.Get(f.Region); ok {
			one.Name = r.Name
		}
		if !f.Suppressed && f.Expected != f.Actual {
			column := queries.Column{Type: queries.TypeCount, Unit: unitOf(figures, f)}
			one.Expected, one.Actual = panel.Written(batch.Num(f.Expected), column), panel.Written(batch.Num(f.Actual), column)
		}
		d.Failures = append(d.Failures, one)
	}
	for i, h := range before {
		if k := slices.IndexFunc(h.Checks, func(c batch.Check) bool { return c.ID == found.ID }); k >= 0 {
			d.Results[i] = checkState(&h.Checks[k])
		}
	}
	return d
}

func checkState(c *batch.Check) string {
	switch {
	case c.OK:
		return "holds"
	case c.Unknown:
		return "unknown"
	}
	return "fails"
}

// side names one side of an identity by its metrics.
func (s *server) side(terms []queries.Term) string {
	var names []string
	for _, t := range terms {
		if m, ok := s.Catalogue.Metric(t.Metric); ok && !slices.Contains(names, m.Title) {
			names = append(names, m.Title)
		}
	}
	return strings.Join(names, " + ")
}

// unitOf is the unit of a failure's two figures: of several, the one whose difference its words
// tell; empty where they do not.
func unitOf(figures []queries.Figure, f batch.Failure) string {
	for _, figure := range figures {
		if strings.Contains(f.Words, fmt.Sprintf("差%.0f%s", math.Abs(f.Expected-f.Actual), figure.Unit)) {
			return figure.Unit
		}
	}
	return ""
}
