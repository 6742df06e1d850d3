package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"liaowang/aggregator/batch"
	"liaowang/queries/warehouse"
	"liaowang/screens"
	"liaowang/screens/hub"
	"liaowang/screens/panel"
)

const (
	// mostReel is how many batches a reel has at most, longestReel the time that it spans.
	mostReel    = 240
	longestReel = 31 * 24 * time.Hour
)

// scene is the snapshot of a screen for a region as it was shown: of a batch, or at a
// moment. It is drawn by the code that draws what is live.
func (s *server) scene(w http.ResponseWriter, r *http.Request) {
	where := hub.Scene{Screen: chi.URLParam(r, "screen"), Region: chi.URLParam(r, "region")}
	screen := screens.Find(s.Hub.Story(), where.Screen)
	if screen == nil {
		writeError(w, http.StatusNotFound, "unknown_screen", "there is no screen "+where.Screen)
		return
	}
	q := r.URL.Query()
	if number, err := strconv.ParseUint(q.Get("batch"), 10, 63); err == nil && number > 0 && !q.Has("at") {
		if shown := s.Hub.Recent(number); shown != nil {
			s.drawn(w, shown, where)
			return
		}
	}
	s.past.waiting(func(w http.ResponseWriter, r *http.Request) {
		b, err := s.find(r.Context(), q.Get("batch"), q.Get("at"))
		var shown *hub.Shown
		if err == nil {
			shown, err = s.scenery(r.Context(), b, where)
		}
		if err != nil {
			s.past.fail(w, err)
			return
		}
		h := w.Header()
		h.Set(shownHeader, shownWord(b))
		h.Set("Liaowang-Recorded-At", b.At.UTC().Format(time.RFC3339Nano))
		s.drawn(w, shown, where)
	})(w, r)
}

// scenery rebuilds of a batch what some scenes show.
func (s *server) scenery(ctx context.Context, b *warehouse.Recorded, scenes ...hub.Scene) (*hub.Shown, error) {
	tree, err := s.rebuilt(ctx, b, nil)
	if err != nil {
		return nil, err
	}
	regions := tree.Input(s.Catalogue, s.Province).Regions
	var keys []batch.Key
	for _, scene := range scenes {
		screen := screens.Find(s.Hub.Story(), scene.Screen)
		if screen == nil {
			continue
		}
		for _, p := range screen.Panels {
			for _, k := range panel.Needs(p, scene.Region, regions) {
				// A region's frames lie near each other: all of them cost as little as one.
				if all := (batch.Key{Region: k.Region}); !slices.Contains(keys, all) {
					keys = append(keys, all)
				}
			}
		}
	}
	return s.rebuilt(ctx, b, keys)
}

func (s *server) drawn(w http.ResponseWriter, shown *hub.Shown, where hub.Scene) {
	message, err := s.Hub.Draw(shown, where)
	var refused *hub.Error
	switch {
	case errors.As(err, &refused):
		writeError(w, http.StatusNotFound, string(refused.Code), refused.Message)
	case err != nil:
		s.Logger.Error("scene of before not drawn", "screen", where.Screen, "region", where.Region, "err", err)
		writeError(w, http.StatusInternalServerError, "not_drawn", "the screen could not be drawn; the server's log says why")
	default:
		writeJSON(w, http.StatusOK, message)
	}
}

// reel lists batches that were shown between two moments, evenly over the time.
func (s *server) reel(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	from, err := parseMoment(q.Get("from"))
	var until time.Time
	if err == nil {
		until, err = parseMoment(q.Get("until"))
	}
	most := mostReel
	if text := q.Get("most"); err == nil && text != "" {
		if most, err = strconv.Atoi(text); err != nil || most < 1 || most > mostReel {
			err = &requestError{"bad_number", fmt.Sprintf("most %.40q: a number from 1 to %d is expected", text, mostReel)}
		}
	}
	if err == nil && (!from.Before(until) || until.Sub(from) > longestReel) {
		err = &requestError{"bad_time", "from must be before until, by 31 days at most"}
	}
	var all []warehouse.ReelBatch
	if err == nil {
		all, err = s.past.record.Reel(r.Context(), from, until, most)
	}
	if err != nil {
		s.past.fail(w, err)
		return
	}
	if all == nil {
		all = []warehouse.ReelBatch{}
	}
	writeJSON(w, http.StatusOK, map[string]any{"from": from.UTC(), "until": until.UTC(), "batches": all})
}
