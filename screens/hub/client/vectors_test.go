package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// vector is a file of ../vectors, whose README says what stands in it.
type vector struct {
	About string
	Scene Scene
	Steps []step
}

type step struct {
	About  string
	Server json.RawMessage
	Watch  *Scene
	Close  *struct {
		Code   int
		Reason string
	}
	BackMS  []float64       `json:"back_ms"`
	Picture json.RawMessage // nil: as before; null: none
	Says    []any
	Later   []any
	Refused string
}

// wire is a connection whose other side is the test.
type wire struct {
	in     chan received
	closed chan struct{}

	mu   sync.Mutex
	said []any
	all  []any // acks and questions for the time, too
}

func newWire() *wire { return &wire{in: make(chan received), closed: make(chan struct{})} }

func (w *wire) ReadMessage() (int, []byte, error) {
	select {
	case r := <-w.in:
		return websocket.TextMessage, r.body, r.err
	case <-w.closed:
		return 0, nil, io.ErrClosedPipe
	}
}

func (w *wire) WriteMessage(kind int, body []byte) error {
	if kind != websocket.TextMessage {
		return nil
	}
	var m map[string]any
	if err := json.Unmarshal(body, &m); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, m)
	if m["type"] != "ack" && m["type"] != "time" {
		w.said = append(w.said, m)
	}
	return nil
}

func (w *wire) SetWriteDeadline(time.Time) error { return nil }

func (w *wire) Close() error {
	select {
	case <-w.closed:
	default:
		close(w.closed)
	}
	return nil
}

// take gives what was said since it was asked last.
func (w *wire) take() []any {
	w.mu.Lock()
	defer w.mu.Unlock()
	said := w.said
	w.said = nil
	return said
}

// server is the other side of all of a client's connections.
type server struct {
	dials chan *wire
}

func newServer() *server { return &server{dials: make(chan *wire)} }

func (s *server) dial(ctx context.Context, _ string) (Conn, error) {
	w := newWire()
	select {
	case s.dials <- w:
		return w, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestVectors(t *testing.T) {
	files, err := filepath.Glob("../vectors/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var v vector
			d := json.NewDecoder(bytes.NewReader(text))
			d.DisallowUnknownFields()
			if err := d.Decode(&v); err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) { run(t, v) })
		})
	}
}

// run holds a client against a vector.
func run(t *testing.T, v vector) {
	s := newServer()
	c, err := New(Options{URL: "ws://vectors/ws", Scene: v.Scene, Dial: s.dial})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	conn := <-s.dials
	var held, want any
	for i, step := range v.Steps {
		if conn == nil {
			t.Fatalf("step %d comes after the end", i+1)
		}
		switch {
		case step.Server != nil:
			conn.in <- received{body: step.Server}
		case step.Watch != nil:
			c.Watch(*step.Watch)
		case step.Close != nil:
			began := time.Now()
			conn.in <- received{err: &websocket.CloseError{Code: step.Close.Code, Text: step.Close.Reason}}
			if step.BackMS == nil {
				if err := <-ended; err == nil || !errors.As(err, new(*Closed)) {
					t.Fatalf("step %d %s: the client ended with %v, want a *Closed", i+1, step.About, err)
				}
				conn = nil
				continue
			}
			conn = <-s.dials
			if after := time.Since(began).Seconds() * 1000; after < step.BackMS[0] || after > step.BackMS[1] {
				t.Errorf("step %d %s: back after %.0f ms, want %v", i+1, step.About, after, step.BackMS)
			}
		}
		if step.Refused != "" {
			var refusal *Refusal
			if err := <-ended; !errors.As(err, &refusal) || refusal.Code != step.Refused {
				t.Fatalf("step %d %s: the client ended with %v, want a *Refusal for %s", i+1, step.About, err, step.Refused)
			}
			conn = nil
			continue
		}
		synctest.Wait()
		if got := conn.take(); !cmp.Equal(got, step.Says) {
			t.Fatalf("step %d %s: the client said\n%s", i+1, step.About, cmp.Diff(step.Says, got))
		}
		if step.Later != nil {
			time.Sleep(2 * time.Second)
			synctest.Wait()
			if got := conn.take(); !cmp.Equal(got, step.Later) {
				t.Fatalf("step %d %s: later the client said\n%s", i+1, step.About, cmp.Diff(step.Later, got))
			}
		}
		select {
		case p := <-c.Pictures():
			text, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			held = plain(t, text)
		default:
		}
		if step.Picture != nil {
			want = plain(t, step.Picture)
		}
		if want != nil && !cmp.Equal(held, want) {
			t.Fatalf("step %d %s: the picture differs\n%s", i+1, step.About, cmp.Diff(want, held))
		}
	}
	stop()
	if conn != nil {
		if err := <-ended; err != nil {
			t.Errorf("the client ended with %v once it was told to", err)
		}
	}
	if _, open := <-c.Pictures(); open { // one may be left in it
		if _, open = <-c.Pictures(); open {
			t.Error("the pictures do not end with the client")
		}
	}
}

func plain(t *testing.T, text []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
