package engine

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// maxDrained bounds how much of the body of a failed request is read off, so
// that a client that writes first and reads then gets to see the error.
const maxDrained = 16 << 20

// handler serves ClickHouse's HTTP interface.
type handler struct {
	sessions    *sessions
	log         *slog.Logger
	stored      func()
	timezone    string
	displayName string
	// anyHost is set if requests need not be addressed to this machine by a
	// name that no other machine can have.
	anyHost bool
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.anyHost && !isLoopbackHost(r.Host) {
		// A page in a browser can reach this machine under a name of its own
		// (DNS rebinding); nothing else calls us by a foreign name.
		http.Error(w, "Host not allowed", http.StatusForbidden)
		return
	}
	switch {
	case r.URL.Path == "/ping" || r.URL.Path == "/replicas_status":
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		_, _ = io.WriteString(w, "Ok.\n")
	case r.URL.Path != "/":
		http.Error(w, "There is no handle "+r.URL.Path+"\nUse / or /ping.", http.StatusNotFound)
	case r.Method == http.MethodOptions:
		w.Header().Set("Allow", "GET, HEAD, POST, OPTIONS")
		w.WriteHeader(http.StatusNoContent)
	case r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPost:
		w.Header().Set("Allow", "GET, HEAD, POST, OPTIONS")
		http.Error(w, "Method not allowed", http.StatusMethodNotAllowed)
	case r.URL.RawQuery == "" && r.Method != http.MethodPost:
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		_, _ = io.WriteString(w, "Ok.\n")
	default:
		h.query(w, r)
	}
}

func isLoopbackHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	if host == "localhost" || host == "" {
		return true
	}
	ip := net.ParseIP(trimBrackets(host))
	return ip != nil && ip.IsLoopback()
}

func trimBrackets(host string) string {
	if len(host) > 1 && host[0] == '[' && host[len(host)-1] == ']' {
		return host[1 : len(host)-1]
	}
	return host
}

func (h *handler) query(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	control := http.NewResponseController(w)
	// The next request on the connection begins without our deadline.
	defer func() { _ = control.SetWriteDeadline(time.Time{}) }()
	in := &body{from: r.Body, control: control}
	q, err := parseRequest(r, in)
	if err != nil {
		h.refuse(w, in, err)
		return
	}
	defer q.release()
	if q.queryID == "" {
		q.queryID = uuid.NewString()
	}
	header := w.Header()
	header.Set("X-ClickHouse-Query-Id", headerValue(q.queryID))
	header.Set("X-ClickHouse-Timezone", h.timezone)
	header.Set("X-ClickHouse-Server-Display-Name", h.displayName)
	statements := q.script.statements
	format := q.outputFormat(statements[len(statements)-1])
	header.Set("X-ClickHouse-Format", headerValue(format))
	header.Set("Content-Type", contentType(format))

	out, err := newResponse(w, q, started)
	if err != nil {
		h.refuse(w, in, err)
		return
	}
	if err := h.run(r.Context(), q, out, in); err != nil {
		h.log.Debug("query failed", "query_id", q.queryID, "error", err)
		if errors.Is(err, errClientGone) {
			panic(http.ErrAbortHandler)
		}
		in.drain()
		out.fail(asException(err))
	}
}

// run runs a request in a session that it has to itself.
func (h *handler) run(ctx context.Context, q *request, out *response, in *body) error {
	s, err := h.sessions.acquire(ctx, q)
	if err != nil {
		return err
	}
	well := false
	defer func() { s.release(well && ctx.Err() == nil && q.leavesNothing()) }()
	e := &execution{session: s, request: q, out: out, body: in, stored: h.stored}
	if err := e.run(); err != nil {
		return err
	}
	well = true
	return out.finish()
}

func (h *handler) refuse(w http.ResponseWriter, in *body, err error) {
	h.log.Debug("request refused", "error", err)
	in.drain()
	writeException(w, asException(err))
}

// asException gives every error a code, so that clients can read it.
func asException(err error) *Exception {
	var ex *Exception
	if errors.As(err, &ex) {
		return ex
	}
	return &Exception{Code: codeStdException, Message: err.Error()}
}

// headerValue makes text of a client fit to stand in a header.
func headerValue(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c < ' ' || c > '~' {
			b[i] = '?'
		}
	}
	return string(b[:min(len(b), 256)])
}

// body is the body of a request, with a bound on how long a client may be
// silent.
type body struct {
	from    io.Reader
	control *http.ResponseController
	failure error // why reading it failed, other than by its end
	ended   bool
}

func (b *body) Read(p []byte) (int, error) {
	if b.ended {
		return 0, io.EOF
	}
	// Errors here mean that the connection is closed, which Read tells too.
	_ = b.control.SetReadDeadline(time.Now().Add(stall))
	n, err := b.from.Read(p)
	switch {
	case err == io.EOF:
		b.ended = true
		// From now on the server reads ahead to learn whether the client is
		// still there; a deadline would look as if it was not.
		_ = b.control.SetReadDeadline(time.Time{})
	case err != nil:
		b.failure = err
	}
	return n, err
}

func (b *body) drain() {
	if b.failure == nil {
		_, _ = io.CopyN(io.Discard, b, maxDrained)
	}
}
