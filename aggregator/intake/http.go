package intake

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// deliveriesAtOnce bounds how many are taken at a time; others are asked to come again.
	deliveriesAtOnce = 4
	// slowest is how many bytes a second a sender must bring on the whole, or a few
	// that bring one a minute would keep all others out.
	slowest = 512
)

// formats are the media types of a delivery.
var formats = map[string]Format{
	"text/csv": CSV, "application/csv": CSV, "text/tab-separated-values": CSV,
	"application/x-ndjson": NDJSON, "application/ndjson": NDJSON, "application/jsonl": NDJSON,
	"application/vnd.apache.parquet": Parquet, "application/x-parquet": Parquet,
}

// Handler is POST /intake/{table}?delivery=ID&dry=1. Who may come in is for the
// door before it; it asks itself only that the request is no web page's.
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
	// Programs deliver, pages do not, and every browser says from which page a POST
	// comes. A page may call its own site by our address's name, so that the two look
	// the same: none is let in.
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != "" {
			in.answerError(w, r, refuse("cross_site", "a page in a browser may not deliver: use a program, as curl or liaowang intake").status(http.StatusForbidden))
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (in *Intake) serve(w http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(w)
	// A delivery may take hours, but never pause for long.
	_ = control.SetWriteDeadline(time.Time{})
	body := &patient{Reader: r.Body, control: control, idle: in.Idle}
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
	_ = control.SetReadDeadline(time.Now().Add(in.Idle))
	writeAnswer(w, http.StatusOK, a)
}

func (in *Intake) answerError(w http.ResponseWriter, r *http.Request, err error) {
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal):
		in.Logger.Info("delivery refused", "table", printable(r.PathValue("table")), "code", refusal.Code)
	case errors.Is(err, os.ErrDeadlineExceeded):
		refusal = refuse("too_slow", "the file stopped coming, or comes too slowly: send it again under the same id").status(http.StatusRequestTimeout)
	case errors.Is(err, context.Canceled), r.Context().Err() != nil:
		// Nobody is there to be told. Should somebody be, no answer at all must not
		// look like a good one.
		panic(http.ErrAbortHandler)
	default:
		in.Logger.Error("delivery failed", "table", printable(r.PathValue("table")), "err", err)
		refusal = refuse("failed", "the delivery could not be finished; send the same file again under the same id, and what has landed counts once").status(http.StatusServiceUnavailable)
	}
	refusal.ServeHTTP(w, r)
}

func writeAnswer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // the client may be gone
}

// patient puts off the read deadline as long as the body goes on, and not too
// slowly. How long the server takes to land what it read is not counted.
type patient struct {
	io.Reader
	control *http.ResponseController
	idle    time.Duration
	bytes   int64
	waited  time.Duration
}

func (p *patient) Read(b []byte) (int, error) {
	begun := time.Now()
	allowed := p.idle + time.Duration(p.bytes/slowest)*time.Second - p.waited
	_ = p.control.SetReadDeadline(begun.Add(min(p.idle, allowed)))
	n, err := p.Reader.Read(b)
	p.bytes += int64(n)
	p.waited += time.Since(begun)
	if err == io.EOF {
		// The server now waits for the connection to close; landing may take longer.
		_ = p.control.SetReadDeadline(time.Time{})
	}
	return n, err
}
