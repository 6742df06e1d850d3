package engine

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// held is how much of an answer is kept before its status is sent. Until
	// then an error still gets a status of its own.
	held = 256 << 10
	// maxHeld bounds the answer that is kept if a client asks for the status to
	// wait for the end of the query.
	maxHeld = 64 << 20
	// stall is how long a client may neither read nor write before it is given
	// up: it holds a place in the engine.
	stall = 2 * time.Minute
	// exceptionMark frames an error within an answer.
	exceptionMark = "__exception__"
)

// errClientGone wraps errors of the connection to the client, which are not
// worth an answer.
var errClientGone = errors.New("the client is gone")

// response writes an answer: output of the engine, through the encoders, into a
// buffer, and once that is full to the client.
type response struct {
	w        http.ResponseWriter
	control  *http.ResponseController
	frames   *frameEncoder // nil without
	http     encoder
	encoding string
	limit    int

	buffer    bytes.Buffer
	committed bool
	written   bool // any output at all
	tag       string
	started   time.Time
	total     progress
}

func newResponse(w http.ResponseWriter, q *request, started time.Time) (*response, error) {
	r := &response{w: w, control: http.NewResponseController(w), encoding: q.encoding, limit: held,
		tag: rand.Text()[:16], started: started}
	if q.waitForEnd {
		r.limit = maxHeld
	}
	var err error
	if r.http, err = newEncoder(q.encoding, sink{r}); err != nil {
		return nil, fmt.Errorf("response encoding: %w", err)
	}
	if q.frames != "" {
		r.frames = newFrameEncoder(q.frames, r.http)
	}
	w.Header().Set("X-ClickHouse-Exception-Tag", r.tag)
	return r, nil
}

// Write takes output of the engine.
func (r *response) Write(p []byte) (int, error) {
	r.written = r.written || len(p) > 0
	if r.frames != nil {
		return r.frames.Write(p)
	}
	return r.http.Write(p)
}

// sink is the end of the encoders.
type sink struct{ r *response }

func (s sink) Write(p []byte) (int, error) {
	r := s.r
	if !r.committed {
		if r.buffer.Len()+len(p) <= r.limit {
			return r.buffer.Write(p)
		}
		if r.limit == maxHeld {
			return 0, &Exception{Code: codeResultTooLarge, Message: "The result is too large to wait for its end (wait_end_of_query)"}
		}
		if err := r.commit(); err != nil {
			return 0, err
		}
	}
	return len(p), r.send(p)
}

// commit sends the status and what was kept.
func (r *response) commit() error {
	r.committed = true
	if r.encoding != "" && r.written {
		r.w.Header().Set("Content-Encoding", r.encoding)
	}
	r.w.Header().Set("X-ClickHouse-Summary", r.summary())
	r.w.WriteHeader(http.StatusOK)
	return r.send(r.buffer.Bytes())
}

func (r *response) send(p []byte) error {
	for len(p) > 0 {
		// In pieces, so that a slow reader is told from one that does not read.
		n := min(len(p), 1<<20)
		if err := r.control.SetWriteDeadline(time.Now().Add(stall)); err != nil {
			return fmt.Errorf("%w: %w", errClientGone, err)
		}
		if _, err := r.w.Write(p[:n]); err != nil {
			return fmt.Errorf("%w: %w", errClientGone, err)
		}
		p = p[n:]
	}
	return nil
}

func (r *response) closeEncoders() error {
	if r.frames != nil {
		if err := r.frames.Close(); err != nil {
			return err
		}
	}
	if !r.written {
		return nil // not even the empty frame of an encoding: no body at all
	}
	return r.http.Close()
}

// finish ends a good answer.
func (r *response) finish() error {
	if err := r.closeEncoders(); err != nil {
		return err
	}
	if !r.committed {
		r.w.Header().Set("Content-Length", strconv.Itoa(r.buffer.Len()))
		return r.commit()
	}
	return nil
}

// fail ends an answer with an error. Once the status is out the error can only
// follow the rows: it is written as the server writes it, and then the
// connection is broken off so that no client takes the rows for the whole.
func (r *response) fail(ex *Exception) {
	if !r.committed {
		writeException(r.w, ex)
		return
	}
	text := ex.Error()
	fmt.Fprintf(r, "\r\n%s\r\n%s\r\n%s\n%d %s\r\n%s\r\n", exceptionMark, r.tag, text, len(text), r.tag, exceptionMark)
	if r.frames != nil {
		_ = r.frames.Flush()
	}
	_ = r.http.Flush()
	_ = r.control.Flush()
	panic(http.ErrAbortHandler)
}

// writeException answers with an error alone.
func writeException(w http.ResponseWriter, ex *Exception) {
	h := w.Header()
	h.Del("Content-Encoding")
	h.Del("Content-Length")
	h.Del("X-ClickHouse-Format")
	h.Set("Content-Type", "text/plain; charset=UTF-8")
	h.Set("X-ClickHouse-Exception-Code", strconv.Itoa(ex.Code))
	w.WriteHeader(ex.status())
	_, _ = io.WriteString(w, ex.Error()+"\n")
}

// summary is what X-ClickHouse-Summary tells: the counts as they are when the
// status is sent, so complete for answers up to the size that is held.
func (r *response) summary() string {
	number := func(n uint64) string { return strconv.FormatUint(n, 10) }
	b, err := json.Marshal(map[string]string{
		"read_rows": number(r.total.readRows), "read_bytes": number(r.total.readBytes),
		"written_rows": number(r.total.writtenRows), "written_bytes": number(r.total.writtenBytes),
		"result_rows": number(r.total.resultRows), "result_bytes": number(r.total.resultBytes),
		"total_rows_to_read": "0", "elapsed_ns": number(uint64(time.Since(r.started))),
	})
	if err != nil {
		return "{}" // cannot be: strings only
	}
	return string(b)
}

// contentType is the type the server gives a format.
func contentType(format string) string {
	switch f := strings.ToLower(format); {
	case f == "native" || f == "parquet" || f == "arrow" || f == "arrowstream" || f == "orc" || strings.HasPrefix(f, "rowbinary"):
		return "application/octet-stream"
	case strings.HasSuffix(f, "eachrow") || f == "jsonlines" || f == "ndjson" || f == "jsoneachrowwithprogress":
		return "application/x-ndjson; charset=UTF-8"
	case strings.HasPrefix(f, "json"):
		return "application/json; charset=UTF-8"
	case strings.HasPrefix(f, "csv"):
		return "text/csv; charset=UTF-8"
	case strings.HasPrefix(f, "tsv") || strings.HasPrefix(f, "tabseparated"):
		return "text/tab-separated-values; charset=UTF-8"
	default:
		return "text/plain; charset=UTF-8"
	}
}
