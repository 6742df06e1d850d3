package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/screens/hub"
	"liaowang/screens/panel"
)

// leastCompared and mostCompared bound the regions that stand side by side.
const (
	leastCompared = 2
	mostCompared  = 4
)

// comparison is what the screens say of some regions, side by side, of one batch.
type comparison struct {
	History  string            `json:"history"`
	Batch    uint64            `json:"batch"`
	AsOf     time.Time         `json:"as_of"`
	Demo     bool              `json:"demo"`
	Newest   bool              `json:"newest"`
	Regions  []cardRegion      `json:"regions"`
	Sections []comparedSection `json:"sections"`
	// Footnote says what ＊ means where there is one.
	Footnote string `json:"footnote,omitempty"`
}

// comparedSection is what one panel of a screen says of them.
type comparedSection struct {
	Screen string              `json:"screen"`
	Story  string              `json:"story"` // the screen's title
	Panel  string              `json:"panel"`
	Title  string              `json:"title"`
	Rows   []panel.ComparedRow `json:"rows"`
}

// compare answers with the same figures of two to four regions of one level, of the newest
// batch or of that of a number or a moment.
func (s *server) compare(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	regions := strings.Split(q.Get("regions"), ",")
	slices.Sort(regions) // only to see whether one stands twice
	if twice := len(slices.Compact(slices.Clone(regions))) != len(regions); twice || len(regions) < leastCompared || len(regions) > mostCompared {
		writeError(w, http.StatusBadRequest, "bad_regions", fmt.Sprintf("regions %.60q: %d to %d codes of regions are expected, each once, as 460100,460200", q.Get("regions"), leastCompared, mostCompared))
		return
	}
	regions = strings.Split(q.Get("regions"), ",")
	if number, err := strconv.ParseUint(cmp.Or(q.Get("batch"), "0"), 10, 63); err == nil && !q.Has("at") {
		if shown := s.Hub.Recent(number); shown != nil {
			s.sideBySide(w, regions, shown)
			return
		} else if number == 0 {
			noBatch(w)
			return
		}
	}
	s.past.waiting(func(w http.ResponseWriter, r *http.Request) {
		b, err := s.find(r.Context(), q.Get("batch"), q.Get("at"))
		var keys []batch.Key
		for _, region := range regions {
			keys = append(keys, batch.Key{Region: region})
		}
		var shown *hub.Shown
		if err == nil {
			shown, err = s.rebuilt(r.Context(), b, keys)
		}
		if err != nil {
			s.past.fail(w, err)
			return
		}
		s.sideBySide(w, regions, shown)
	})(w, r)
}

func (s *server) sideBySide(w http.ResponseWriter, regions []string, shown *hub.Shown) {
	h := shown.Header()
	newest, _ := s.Hub.Newest("", "")
	out := comparison{History: h.History, Batch: h.Number, AsOf: h.AsOf, Demo: h.Demo, Sections: []comparedSection{},
		Newest: newest != nil && newest.History == h.History && newest.Number == h.Number}
	var all []panel.Input
	for _, code := range regions {
		in := shown.Input(s.Catalogue, code)
		region, ok := in.Regions.Get(code)
		if !ok {
			writeError(w, http.StatusNotFound, "unknown_region", fmt.Sprintf("there is no region %.40s in batch %d", code, h.Number))
			return
		}
		if len(out.Regions) > 0 && region.Level != out.Regions[0].Level {
			writeError(w, http.StatusBadRequest, "bad_regions", fmt.Sprintf("%s is a %s, %s a %s: regions of one level are expected", out.Regions[0].Name, out.Regions[0].Level, region.Name, region.Level))
			return
		}
		out.Regions = append(out.Regions, cardRegion{region.Code, region.Name, region.Level})
		all = append(all, in)
	}
	seen := map[string]bool{}
	once := func(figure string) bool {
		before := seen[figure]
		seen[figure] = true
		return !before
	}
	hidden := false
	for _, screen := range s.Hub.Story() {
		for _, p := range screen.Panels {
			rows := panel.Compared(p, all, once)
			if len(rows) == 0 {
				continue
			}
			out.Sections = append(out.Sections, comparedSection{screen.ID, screen.Title, p.ID, p.Title, rows})
			for _, row := range rows {
				hidden = hidden || slices.ContainsFunc(row.Cells, panel.ComparedCell.Suppressed)
			}
		}
	}
	if hidden {
		out.Footnote = all[0].Footnote()
	}
	writeJSON(w, http.StatusOK, out)
}
