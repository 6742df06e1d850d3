// Package web is the HTTP side: pages, assets, the API, health, and the door
// that every request passes. Figures come from the hub's memory; no request causes a
// query on ClickHouse but a delivery and one for a batch that was shown before, and
// of these only a few are let in at once.
package web

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus"

	"liaowang/queries"
	"liaowang/screens"
	"liaowang/screens/export"
	"liaowang/screens/hub"
)

// Options of the HTTP side. All are needed but Intake, Record, Exports, Now and Logger.
type Options struct {
	Hub       *hub.Hub
	Catalogue *queries.Catalogue
	// Province is the region that is meant when a request names none.
	Province string
	// Static holds the pages and assets of package static.
	Static fs.FS
	// Build identifies Static; assets are served under it and kept by browsers for good.
	Build string
	Door  Door
	// PublicURL is where tablets reach this server, without a slash at its end, for the codes on
	// cards; empty: the name that a request came under, unless that is this machine's own.
	PublicURL string
	Gatherer  prometheus.Gatherer
	// Intake takes deliveries at /intake/; nil: this server takes none.
	Intake http.Handler
	// Record gives back batches that were shown before; nil: this server gives none.
	Record Record
	// Exports makes files of what is shown; nil: this server makes none.
	Exports *export.Exporter
	// Now is the clock. Default time.Now.
	Now    func() time.Time
	Logger *slog.Logger
}

type server struct {
	Options
	pages *template.Template
	past  *past
}

// Handler builds the HTTP side.
func Handler(o Options) (http.Handler, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	pages, err := template.ParseFS(o.Static, "*.html")
	if err != nil {
		return nil, fmt.Errorf("web: pages: %w", err)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &server{Options: o, pages: pages}
	s.past = newPast(o.Record, func(err error) { o.Logger.Warn("record of batches not read", "err", err) })
	r := chi.NewRouter()
	r.Use(s.recover, o.Door.Handler, s.log, headers)
	r.NotFound(func(w http.ResponseWriter, r *http.Request) {
		writeError(w, http.StatusNotFound, "not_found", "there is nothing at "+r.URL.Path)
	})
	// The stream stays outside compression: a wrapped response cannot be upgraded.
	r.Get("/ws", o.Hub.ServeHTTP)
	if o.Intake != nil {
		r.Handle("/intake/{table}", o.Door.Deliveries(o.Intake))
	}
	r.Group(func(r chi.Router) {
		r.Use(middleware.Compress(5))
		r.Get("/", s.page("hall.html"))
		r.Get("/wall/{screen}", s.wall)
		r.Get("/card/{metric}", s.cardPage)
		r.Get("/compare", s.page("compare.html"))
		r.Handle("/static/"+o.Build+"/*", s.assets())
		r.Get("/api/displays", s.displays)
		r.Get("/api/carousels", s.carousels)
		r.Get("/api/walls", s.walls)
		r.Method(http.MethodPost, "/api/walls/{wall}/out", o.Door.Hands(http.HandlerFunc(s.leaveOut)))
		r.Get("/api/batch", s.batch)
		r.Get("/api/batch/{number}", s.past.reading(s.recordedBatch))
		r.Get("/api/batch/{number}/frames", s.past.reading(s.recordedFrames))
		r.Get("/api/checks", s.checks)
		r.Get("/api/compare", s.compare)
		r.Get("/api/search", s.search)
		r.Get("/api/metrics", s.metrics)
		r.Get("/api/metrics/{id}", s.metric)
		r.Get("/api/card/{metric}", s.onBatch(s.card))
		r.Get("/api/card/{metric}/days", s.past.waiting(s.onBatch(s.days)))
		r.Get("/api/card/{metric}/qr.svg", s.code)
		r.Get("/api/scene/{screen}/{region}", s.scene)
		r.Get("/api/reel", s.past.waiting(s.reel))
		r.Get("/api/screens", s.screens)
		r.Get("/api/screens/{id}", s.screen)
		r.Group(s.exports)
		r.Get("/healthz", Healthy)
		r.Get("/readyz", s.ready)
		r.Handle("/metrics", Metrics(o.Gatherer))
	})
	return r, nil
}

// headers keep the page to what this server gives it.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		// ECharts writes style attributes into its tooltips, hence unsafe-inline for styles.
		h.Set("Content-Security-Policy", "default-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; frame-ancestors 'self'; base-uri 'none'; form-action 'self'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

func (s *server) recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil {
				if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					panic(v)
				}
				s.Logger.Error("request panicked", "path", r.URL.Path, "panic", v)
				writeError(w, http.StatusInternalServerError, "internal", "internal error")
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// log notes who asked for what, for a person who looks for something.
func (s *server) log(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		viewer, _ := ViewerOf(r.Context())
		s.Logger.Debug("request", "viewer", viewer.Name, "from", r.RemoteAddr, "method", r.Method, "path", r.URL.Path)
		next.ServeHTTP(w, r)
	})
}

func (s *server) page(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		err := s.pages.ExecuteTemplate(&b, name, map[string]string{"Assets": "/static/" + s.Build, "Build": s.Build})
		if err != nil {
			s.Logger.Error("page not made", "page", name, "err", err)
			writeError(w, http.StatusInternalServerError, "internal", "internal error")
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(b.Bytes())
	}
}

func (s *server) wall(w http.ResponseWriter, r *http.Request) {
	if id := chi.URLParam(r, "screen"); screens.Find(s.Hub.Story(), id) == nil {
		writeError(w, http.StatusNotFound, "unknown_screen", "there is no screen "+id)
		return
	}
	s.page("wall.html")(w, r)
}

func (s *server) assets() http.Handler {
	files := http.StripPrefix("/static/"+s.Build+"/", http.FileServerFS(s.Static))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		files.ServeHTTP(w, r)
	})
}

// Serve makes the HTTP server with bounds on what a client may take.
func Serve(h http.Handler, l *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(l.Handler(), slog.LevelDebug),
	}
}
