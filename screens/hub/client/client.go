package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/gorilla/websocket"
)

// subprotocol is what the client asks for.
const subprotocol = "liaowang.v1"

// The pauses of a client that comes back, and what it waits for.
const (
	firstPause  = 200 * time.Millisecond
	longPause   = 5 * time.Second
	askPause    = time.Second // before a scene that is not ready is asked for again
	defaultBeat = 5 * time.Second
	missing     = 2.5             // beats that are not heard until the connection is lost
	grace       = 2 * time.Second // that a hand-over may take before the picture is called lost
	writeTime   = 10 * time.Second
	askedAtOnce = 4 // questions for the time after hello
	askedEvery  = 30 * time.Second
)

// Conn is a WebSocket connection; *websocket.Conn is one.
type Conn interface {
	ReadMessage() (kind int, message []byte, err error)
	WriteMessage(kind int, message []byte) error
	SetWriteDeadline(t time.Time) error
	Close() error
}

// Options of a client. URL and Scene are needed.
type Options struct {
	// URL of the stream, for example ws://127.0.0.1:8080/ws.
	URL   string
	Scene Scene
	// Acks says that each picture that is drawn will be told of by Drawn: who then tells
	// of none counts as frozen.
	Acks bool
	// Dial opens a connection. Default: Dial of this package.
	Dial func(ctx context.Context, url string) (Conn, error)
	// Now is the clock. Default time.Now.
	Now    func() time.Time
	Logger *slog.Logger // default: says nothing
}

// Client follows one scene.
type Client struct {
	o        Options
	pictures chan *Picture
	scenes   chan Scene
	drawn    chan ack
}

// Drawing is what a client tells the server's operators of the picture on the glass.
type Drawing struct {
	At    time.Time     // when its frame was drawn
	Ready time.Time     // when it could have been; zero where that is not known
	Frame time.Duration // how long drawing took
	Heap  int64         // bytes of memory in use; 0 where it is not known
}

type ack struct {
	Type    string  `json:"type"`
	Batch   uint64  `json:"batch"`
	Ready   float64 `json:"ready,omitempty"`
	Drawn   float64 `json:"drawn"`
	FrameMS float64 `json:"frame_ms"`
	Heap    int64   `json:"heap,omitempty"`

	history   string
	at, ready time.Time
}

// New makes a client; Run lets it follow.
func New(o Options) (*Client, error) {
	if o.URL == "" || o.Scene.Screen == "" || o.Scene.Region == "" {
		return nil, fmt.Errorf("client: URL %q, screen %q, region %q: all three are needed", o.URL, o.Scene.Screen, o.Scene.Region)
	}
	if o.Dial == nil {
		o.Dial = Dial
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Client{o: o, pictures: make(chan *Picture, 1), scenes: make(chan Scene, 1), drawn: make(chan ack, 1)}, nil
}

// Pictures carries the newest picture, also when only its status is new or it is lost.
// It holds one: what is not taken is replaced. It is closed when Run returns.
func (c *Client) Pictures() <-chan *Picture { return c.pictures }

// Watch changes the scene; the newest change wins.
func (c *Client) Watch(s Scene) { replace(c.scenes, s) }

// Drawn tells the server that a picture is on the glass. Of several the newest is told.
func (c *Client) Drawn(p *Picture, d Drawing) {
	replace(c.drawn, ack{Type: "ack", Batch: p.Batch.Number, FrameMS: float64(d.Frame) / 1e6, Heap: d.Heap, history: p.Batch.History, at: d.At, ready: d.Ready})
}

// replace puts a value into a channel of one place, instead of one not yet taken.
func replace[T any](to chan T, v T) {
	for {
		select {
		case to <- v:
			return
		default:
		}
		select {
		case <-to:
		default:
		}
	}
}

// Run follows the scene until ctx is done, and comes back whenever the connection is
// lost. It returns nil when ctx is done, else why the client must not come back: a
// *Refusal, a *Closed or a *Rejected. It may be called once.
func (c *Client) Run(ctx context.Context) error {
	defer close(c.pictures)
	f := &follower{Client: c, state: state{scene: c.o.Scene, acks: c.o.Acks}, clock: clock{now: c.o.Now}}
	return f.run(ctx)
}

// Closed is a close of the server's that says not to come back.
type Closed struct {
	Code   int
	Reason string
}

func (c *Closed) Error() string {
	return fmt.Sprintf("client: the server has closed the connection and says not to come back: %s (%d)", c.Reason, c.Code)
}

// Rejected is an answer to the request for a connection other than the connection.
type Rejected struct {
	Status int // of HTTP
	Words  string
	// After is how long to wait before another try, where the server says so.
	After time.Duration
}

func (r *Rejected) Error() string {
	return fmt.Sprintf("client: the server takes no connection: HTTP %d %s", r.Status, r.Words)
}

// final says that asking again does not help.
func (r *Rejected) final() bool {
	switch r.Status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
		return true
	}
	return false
}

// Dial opens a connection to a hub.
func Dial(ctx context.Context, url string) (Conn, error) {
	dialer := websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, HandshakeTimeout: 10 * time.Second, Subprotocols: []string{subprotocol},
		ReadBufferSize: 4096, WriteBufferSize: 1024, EnableCompression: true, // where the server does
	}
	ws, response, err := dialer.DialContext(ctx, url, nil)
	if err == nil {
		return ws, nil
	}
	if response == nil || !errors.Is(err, websocket.ErrBadHandshake) {
		return nil, err
	}
	words, _ := io.ReadAll(io.LimitReader(response.Body, 500)) // what there is of them
	seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
	return nil, &Rejected{response.StatusCode, string(words), time.Duration(max(seconds, 0)) * time.Second}
}

// pause is how long to wait before coming back after an error, or why not to come back.
func pause(err error, growing *backoff.ExponentialBackOff) (time.Duration, error) {
	var rejected *Rejected
	if errors.As(err, &rejected) {
		if rejected.final() {
			return 0, err
		}
		return max(growing.NextBackOff(), rejected.After), nil
	}
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return 0, err
	}
	var closed *websocket.CloseError
	if !errors.As(err, &closed) {
		return growing.NextBackOff(), nil
	}
	var said struct {
		Reason  string `json:"reason"`
		RetryMS int64  `json:"retry_ms"`
	}
	if json.Unmarshal([]byte(closed.Text), &said) != nil {
		said.Reason = closed.Text
	}
	switch {
	case closed.Code >= 4000 && closed.Code < 4100, closed.Code == websocket.CloseMessageTooBig:
		return 0, &Closed{closed.Code, said.Reason}
	case closed.Code >= 4100 && closed.Code < 4200:
		if said.RetryMS > 0 {
			return time.Duration(said.RetryMS) * time.Millisecond, nil
		}
		return rand.N(firstPause), nil
	}
	return growing.NextBackOff(), nil
}

func newBackOff() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval, b.Multiplier, b.RandomizationFactor = firstPause, longPause, 2, 0.5
	return b
}
