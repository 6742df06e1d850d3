package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"liaowang/queries/warehouse"
	"liaowang/screens/export"
	"liaowang/screens/export/draw"
	"liaowang/screens/hub"
)

// mostFile bounds a file that is verified, mostBody what else a request may hold, bytes.
const (
	mostFile = 64 << 20
	mostBody = 1 << 20
)

// exports are the routes of files: made at once, or as jobs whose progress is asked for;
// briefings; what has changed since a batch; and verifying.
func (s *server) exports(r chi.Router) {
	if s.Exports == nil {
		return
	}
	// What changes something is not for pages of other sites.
	r.Use(http.NewCrossOriginProtection().Handler)
	r.Get("/export/{file}", s.download)
	r.Get("/export/{screen}/{file}", s.download)
	r.Get("/export/briefing/{file}", s.download)
	r.Post("/export/jobs", s.order)
	r.Get("/export/jobs/{job}", s.progress)
	r.Delete("/export/jobs/{job}", s.progress)
	r.Get("/export/jobs/{job}/file", s.fetch)
	r.Get("/api/briefings", s.briefings)
	r.With(s.Door.Own).Put("/api/briefings/{name}", s.saveBriefing)
	r.With(s.Door.Own).Delete("/api/briefings/{name}", s.removeBriefing)
	r.Get("/api/changes/{screen}/{region}", s.changes)
	r.Get("/verify", s.page("verify.html"))
	r.Get("/verify/{code}", s.page("verify.html"))
	r.Get("/api/verify/{code}", s.lookup)
	r.Post("/api/verify", s.verify)
}

// refuseExport answers with why a file is not to be had.
func (s *server) refuseExport(w http.ResponseWriter, err error) {
	var refused *export.Error
	switch {
	case errors.As(err, &refused):
		status := http.StatusBadRequest
		if strings.HasPrefix(refused.Code, "unknown_") {
			status = http.StatusNotFound
		} else if refused.Code == "busy" {
			w.Header().Set("Retry-After", "2")
			status = http.StatusTooManyRequests
		}
		writeError(w, status, refused.Code, refused.Message)
	case errors.Is(err, context.Canceled):
		writeError(w, http.StatusGone, "cancelled", "the export was cancelled")
	case errors.Is(err, draw.ErrNoFont), errors.Is(err, draw.ErrNoRSVG):
		writeError(w, http.StatusNotImplemented, "not_installed", err.Error())
	default:
		s.Logger.Error("export failed", "err", err)
		writeError(w, http.StatusInternalServerError, "not_made", "the file could not be made: "+err.Error())
	}
}

// request reads what an address asks for: /export/{screen}[/{panel}].{format}?region=&theme=&scale=,
// or /export/briefing/{name}.{format}. The batch is not in it yet.
func (s *server) request(ctx context.Context, path string, q url.Values) (export.Request, error) {
	r := export.Request{Theme: draw.Theme(q.Get("theme"))}
	if text := q.Get("scale"); text != "" {
		var err error
		if r.Scale, err = strconv.ParseFloat(text, 64); err != nil {
			return r, &export.Error{Code: "bad_request", Message: fmt.Sprintf("scale %.20q: a number from 1 to 4 is expected", text)}
		}
	}
	region := cmp.Or(q.Get("region"), s.Province)
	steps := strings.Split(strings.Trim(strings.TrimPrefix(path, "/export"), "/"), "/")
	last := len(steps) - 1
	name, format, ok := cutLast(steps[last])
	if !ok || last > 1 {
		return r, &export.Error{Code: "unknown_format", Message: fmt.Sprintf("%.80q: /export/{screen}[/{panel}].{format} is expected, with one of %v", path, export.Formats())}
	}
	r.Format = export.Format(format)
	switch {
	case last == 1 && steps[0] == "briefing":
		b, err := s.Exports.Briefing(ctx, name)
		if err != nil {
			return r, err
		}
		r.Title = b.Title
		for _, scene := range b.Scenes {
			scene.Region = cmp.Or(scene.Region, region)
			r.Scenes = append(r.Scenes, scene)
		}
	case last == 1:
		r.Scenes = []export.Scene{{Screen: steps[0], Region: region, Panel: name}}
	default:
		r.Scenes = []export.Scene{{Screen: name, Region: region}}
	}
	return r, nil
}

func cutLast(file string) (name, extension string, ok bool) {
	i := strings.LastIndexByte(file, '.')
	if i <= 0 {
		return "", "", false
	}
	return file[:i], file[i+1:], true
}

// submit finds the batch of a request and queues it: the newest, one that this node has
// shown lately, or one of the record.
func (s *server) submit(w http.ResponseWriter, r *http.Request, path string, q url.Values, then func(w http.ResponseWriter, r *http.Request, j *export.Job)) {
	ask, err := s.request(r.Context(), path, q)
	if err != nil {
		s.refuseExport(w, err)
		return
	}
	viewer, _ := ViewerOf(r.Context())
	ask.By = viewer.Name
	if base := s.public(r); base != "" {
		ask.Verify = base + "/verify/"
	}
	var job *export.Job
	queue := func(shown *hub.Shown) {
		ask.Batch = shown
		if job, err = s.Exports.Submit(ask); err != nil {
			s.refuseExport(w, err)
		}
	}
	number, err := strconv.ParseUint(cmp.Or(q.Get("batch"), "0"), 10, 63)
	shown := (*hub.Shown)(nil)
	if err == nil && !q.Has("at") {
		shown = s.Hub.Recent(number)
	}
	switch {
	case shown != nil:
		queue(shown)
	case err == nil && number == 0 && !q.Has("at"):
		noBatch(w)
	default:
		s.past.waiting(func(w http.ResponseWriter, r *http.Request) {
			b, err := s.find(r.Context(), q.Get("batch"), q.Get("at"))
			var shown *hub.Shown
			if err == nil {
				shown, err = s.scenery(r.Context(), b, scenesOf(ask.Scenes)...)
			}
			if err != nil {
				s.past.fail(w, err)
				return
			}
			queue(shown)
		})(w, r)
	}
	if job != nil {
		then(w, r, job)
	}
}

func scenesOf(list []export.Scene) (all []hub.Scene) {
	for _, s := range list {
		all = append(all, hub.Scene{Screen: s.Screen, Region: s.Region})
	}
	return all
}

// download makes a file and gives it out; who goes away cancels it.
func (s *server) download(w http.ResponseWriter, r *http.Request) {
	s.submit(w, r, r.URL.Path, r.URL.Query(), func(w http.ResponseWriter, r *http.Request, j *export.Job) {
		// It may wait for others longer than an answer else may take.
		_ = http.NewResponseController(w).SetWriteDeadline(s.Now().Add(exportPatience))
		file, err := j.Wait(r.Context())
		s.give(w, file, err)
	})
}

// exportPatience is how long an answer with a file may take in all.
const exportPatience = 10 * time.Minute

func (s *server) give(w http.ResponseWriter, file *export.File, err error) {
	if err != nil {
		s.refuseExport(w, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", file.Type)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file.Name}))
	h.Set("Content-Length", strconv.Itoa(len(file.Body)))
	h.Set("Cache-Control", "no-store")
	h.Set("Liaowang-Code", file.Code)
	_, _ = w.Write(file.Body)
}

// order queues what {"path": "/export/…?…"} says and answers with its progress.
func (s *server) order(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Path string `json:"path"`
	}
	if !readBody(w, r, &body) {
		return
	}
	u, err := url.Parse(body.Path)
	if err != nil || !strings.HasPrefix(u.Path, "/export/") {
		writeError(w, http.StatusBadRequest, "bad_request", `{"path": "/export/{screen}.pptx?region=…"} is expected`)
		return
	}
	s.submit(w, r, u.Path, u.Query(), func(w http.ResponseWriter, _ *http.Request, j *export.Job) {
		w.Header().Set("Location", "/export/jobs/"+j.ID())
		writeJSON(w, http.StatusAccepted, j.Progress())
	})
}

// readBody reads a request's JSON, or answers why it cannot.
func readBody(w http.ResponseWriter, r *http.Request, into any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostBody))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		writeError(w, http.StatusBadRequest, "bad_request", "the body is not the JSON that is expected: "+err.Error())
		return false
	}
	return true
}

// job finds a job of a request, or answers that there is none.
func (s *server) job(w http.ResponseWriter, r *http.Request) *export.Job {
	j := s.Exports.Job(chi.URLParam(r, "job"))
	if j == nil {
		writeError(w, http.StatusNotFound, "unknown_job", "there is no such export, or its file is no longer kept")
	}
	return j
}

// progress says how far a job is; DELETE ends it first.
func (s *server) progress(w http.ResponseWriter, r *http.Request) {
	j := s.job(w, r)
	if j == nil {
		return
	}
	if r.Method == http.MethodDelete {
		j.Cancel()
	}
	writeJSON(w, http.StatusOK, j.Progress())
}

func (s *server) fetch(w http.ResponseWriter, r *http.Request) {
	j := s.job(w, r)
	if j == nil {
		return
	}
	if p := j.Progress(); p.State == export.Queued || p.State == export.Running {
		w.Header().Set("Retry-After", "1")
		writeError(w, http.StatusConflict, "not_done", "the file is not made yet")
		return
	}
	file, err := j.Wait(r.Context())
	s.give(w, file, err)
}

func (s *server) briefings(w http.ResponseWriter, r *http.Request) {
	all, err := s.Exports.Briefings(r.Context())
	if err != nil {
		s.refuseExport(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"briefings": all})
}

func (s *server) saveBriefing(w http.ResponseWriter, r *http.Request) {
	b := export.Briefing{}
	if !readBody(w, r, &b) {
		return
	}
	b.Name = chi.URLParam(r, "name")
	viewer, _ := ViewerOf(r.Context())
	if err := s.Exports.Save(r.Context(), b, viewer.Name); err != nil {
		s.refuseExport(w, err)
		return
	}
	b.From = "saved"
	writeJSON(w, http.StatusOK, b)
}

func (s *server) removeBriefing(w http.ResponseWriter, r *http.Request) {
	viewer, _ := ViewerOf(r.Context())
	if err := s.Exports.Remove(r.Context(), chi.URLParam(r, "name"), viewer.Name); err != nil {
		s.refuseExport(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// changes is what a screen shows otherwise in the newest batch than in batch ?from=.
func (s *server) changes(w http.ResponseWriter, r *http.Request) {
	scene := export.Scene{Screen: chi.URLParam(r, "screen"), Region: chi.URLParam(r, "region")}
	number, err := strconv.ParseUint(r.URL.Query().Get("from"), 10, 63)
	if err != nil || number == 0 {
		writeError(w, http.StatusBadRequest, "bad_number", "from: the number of a batch is expected")
		return
	}
	now := s.Hub.Recent(0)
	if now == nil {
		noBatch(w)
		return
	}
	from, err := s.shownAgain(r.Context(), number, []export.Scene{scene})
	var list []export.Change
	if err == nil {
		list, err = s.Exports.Changes(from, now, scene)
	}
	if refused := new(export.Error); errors.As(err, &refused) {
		s.refuseExport(w, err)
		return
	} else if err != nil {
		s.past.fail(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"from": number, "from_as_of": from.Header().AsOf, "to": now.Header().Number, "to_as_of": now.Header().AsOf, "changes": list,
	})
}

// shownAgain gives a batch with what some scenes show: from memory or the record.
func (s *server) shownAgain(ctx context.Context, number uint64, scenes []export.Scene) (export.Batch, error) {
	if shown := s.Hub.Recent(number); shown != nil {
		return shown, nil
	}
	if s.past.record == nil {
		return nil, fmt.Errorf("batch %d %w: this server does not read the record", number, warehouse.ErrNotKept)
	}
	if !s.past.takes(ctx, time.Minute) {
		return nil, &export.Error{Code: "busy", Message: "the record of batches is being read by others: ask again in a moment"}
	}
	defer func() { <-s.past.slots }()
	ctx = warehouse.Crowded(ctx)
	b, err := s.find(ctx, strconv.FormatUint(number, 10), "")
	if err != nil {
		return nil, err
	}
	shown, err := s.scenery(ctx, b, scenesOf(scenes)...)
	if err != nil {
		return nil, err
	}
	return shown, nil
}

// lookup says what was exported under a code.
func (s *server) lookup(w http.ResponseWriter, r *http.Request) {
	code := export.ReadCode(chi.URLParam(r, "code"))
	if code == "" {
		writeError(w, http.StatusBadRequest, "bad_code", "a code of twelve characters is expected, as 7Q2M-XK04-9TBC")
		return
	}
	s.report(w, func() (*export.Report, error) { return s.Exports.Lookup(r.Context(), code, s.shownAgain) })
}

// verify says whether the figures of a file, the request's body, are those of its batch.
func (s *server) verify(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostFile))
	if err != nil {
		writeError(w, http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("a file of at most %d MiB is expected", mostFile>>20))
		return
	}
	s.report(w, func() (*export.Report, error) { return s.Exports.Verify(r.Context(), body, s.shownAgain) })
}

func (s *server) report(w http.ResponseWriter, find func() (*export.Report, error)) {
	report, err := find()
	if err != nil {
		s.refuseExport(w, err)
		return
	}
	writeJSON(w, http.StatusOK, report)
}
