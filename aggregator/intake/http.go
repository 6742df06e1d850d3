package intake

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

const (
	// idle is how long a sender may pause.
	idle = 60 * time.Second
	// deliveriesAtOnce bounds how many are taken at a time; others are asked to come again.
	deliveriesAtOnce = 4
)

// formats are the media types of a delivery.
var formats = map[string]Format{
	"text/csv": CSV, "application/csv": CSV, "text/tab-separated-values": CSV,
	"application/x-ndjson": NDJSON, "application/ndjson": NDJSON, "application/jsonl": NDJSON,
	"application/vnd.apache.parquet": Parquet, "application/x-parquet": Parquet,
}

// Handler is POST /intake/{table}?delivery=ID&dry=1. Who may come in is for the
// door before it; it asks itself only that the request is not another site's.
func (in *Intake) Handler() http.Handler {
	turns := make(chan struct{}, deliveriesAtOnce)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /intake/{table}", func(w http.ResponseWriter, r *http.Request) {
		select {
		case turns <- struct{}{}:
			defer func() { <-turns }()
		default:
			w.Header().Set("Retry-After", "5")
			in.answerError(w, r, refuse("busy", "%d deliveries are being taken: send it again in a moment", deliveriesAtOnce).status(http.StatusServiceUnavailable))
			return
		}
		in.serve(w, r)
	})
	mux.HandleFunc("/intake/{table}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", http.MethodPost)
		in.answerError(w, r, refuse("method_not_allowed", "a delivery is a POST of its file").status(http.StatusMethodNotAllowed))
	})
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in.answerError(w, r, refuse("cross_site", "a page of another site may not deliver").status(http.StatusForbidden))
	}))
	return guard.Handler(mux)
}

func (in *Intake) serve(w http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(w)
	// A delivery may take hours, but never pause for long.
	_ = control.SetWriteDeadline(time.Time{})
	body := &patient{Reader: r.Body, control: control}
	d := Delivery{ID: r.URL.Query().Get("delivery"), Table: r.PathValue("table"), Content: body}
	switch r.URL.Query().Get("dry") {
	case "", "0", "false":
	case "1", "true":
		d.DryRun = true
	default:
		in.answerError(w, r, refuse("bad_request", "dry must be 1 or 0").status(http.StatusBadRequest))
		return
	}
	if name, err := url.PathUnescape(r.Header.Get("X-File-Name")); err == nil {
		d.File = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var known bool
	if d.Format, known = formats[kind]; !known {
		if d.Format, known = FormatOf(d.File); !known {
			in.answerError(w, r, refuse("unknown_format", "Content-Type must be text/csv, application/x-ndjson or application/vnd.apache.parquet").status(http.StatusUnsupportedMediaType))
			return
		}
	}
	switch r.Header.Get("Content-Encoding") {
	case "", "identity", "gzip", "zstd": // the content tells by itself
	default:
		in.answerError(w, r, refuse("unknown_encoding", "Content-Encoding must be gzip or zstd").status(http.StatusUnsupportedMediaType))
		return
	}
	begun := time.Now()
	a, err := in.Take(r.Context(), d)
	if err != nil {
		in.answerError(w, r, err)
		return
	}
	in.Logger.Info("delivery", "delivery", a.Delivery, "table", a.Table, "dry", d.DryRun, "accepted", a.Accepted, "rejected", a.Rejected, "duplicate", a.Duplicate, "took", time.Since(begun).Round(time.Millisecond))
	_ = control.SetReadDeadline(time.Now().Add(idle))
	writeAnswer(w, http.StatusOK, a)
}

func (in *Intake) answerError(w http.ResponseWriter, r *http.Request, err error) {
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal):
		in.Logger.Info("delivery refused", "table", printable(r.PathValue("table")), "code", refusal.Code)
	case errors.Is(err, context.Canceled), r.Context().Err() != nil:
		return // nobody is there to be told
	default:
		in.Logger.Error("delivery failed", "table", printable(r.PathValue("table")), "err", err)
		refusal = refuse("failed", "the delivery could not be finished; send the same file again under the same id, and what has landed counts once").status(http.StatusServiceUnavailable)
	}
	// What is left of the body is not waited for.
	w.Header().Set("Connection", "close")
	writeAnswer(w, refusal.Status, map[string]any{"error": map[string]string{"code": refusal.Code, "message": refusal.Message}})
}

func writeAnswer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // the client may be gone
}

// patient puts off the read deadline as long as the body goes on.
type patient struct {
	io.Reader
	control *http.ResponseController
}

func (p *patient) Read(b []byte) (int, error) {
	_ = p.control.SetReadDeadline(time.Now().Add(idle))
	return p.Reader.Read(b)
}
