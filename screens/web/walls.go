package web

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"liaowang/screens/hub"
)

// walls are those that displays of any node are a part of, for operators: which tiles are
// there, and since when one is missing.
func (s *server) walls(w http.ResponseWriter, r *http.Request) {
	list, err := s.Hub.Walls(r.Context())
	if err != nil {
		s.wallsLost(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"walls": list})
}

// leaveOut leaves columns and rows out of a wall, and puts all others back.
func (s *server) leaveOut(w http.ResponseWriter, r *http.Request) {
	var out hub.Out
	read := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096))
	read.DisallowUnknownFields()
	if err := read.Decode(&out); err != nil {
		writeError(w, http.StatusBadRequest, "bad_body", `{"columns":[2],"rows":[]} is expected: what is left out, nothing to put all back`)
		return
	}
	wall := chi.URLParam(r, "wall")
	err := s.Hub.LeaveOut(r.Context(), wall, out)
	var wrong *hub.Error
	switch {
	case errors.Is(err, hub.ErrUnknownWall):
		writeError(w, http.StatusNotFound, "unknown_wall", "no display has said lately that it is a part of the wall "+wall)
	case errors.As(err, &wrong):
		writeError(w, http.StatusBadRequest, "bad_body", wrong.Message)
	case err != nil:
		s.wallsLost(w, err)
	default:
		viewer, _ := ViewerOf(r.Context())
		s.Logger.Info("wall changed", "wall", wall, "columns", out.Columns, "rows", out.Rows, "viewer", viewer.Name, "from", r.RemoteAddr)
		s.walls(w, r)
	}
}

func (s *server) wallsLost(w http.ResponseWriter, err error) {
	s.Logger.Warn("walls not read", "err", err)
	w.Header().Set("Retry-After", "1")
	writeError(w, http.StatusServiceUnavailable, "store_lost", "Redis, through which the nodes know of walls, does not answer")
}
