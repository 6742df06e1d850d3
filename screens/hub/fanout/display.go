package fanout

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gobwas/ws"
)

// How a display comes back: as the browser does (static/js/stream.js).
const (
	firstDelay   = 200 * time.Millisecond
	longestDelay = 5 * time.Second
)

// display is one of the crowd: a goroutine that reads, and comes back when it is cut off.
type display struct {
	server  server
	session Session

	// arrived counts bytes as they came over the wire, with everything around them.
	arrived atomic.Int64
	// shows is the number of the batch that the display has.
	shows atomic.Uint64
	// joined says that there has been a picture; lost counts the ends of its connections.
	joined atomic.Bool
	lost   atomic.Int64

	mu      sync.Mutex // the session's, too, once there is a connection
	samples []sample
	err     error // of a session that cannot go on
}

// sample is the arrival of a batch.
type sample struct {
	number uint64
	at     int64 // Unix nanoseconds
}

// run keeps the display connected until ctx is done.
func (d *display) run(ctx context.Context) {
	attempt := 0
	for ctx.Err() == nil {
		live, err := d.connection(ctx)
		if errors.Is(err, errSession) {
			return
		}
		if live {
			attempt = 0
		}
		ceiling := min(longestDelay, firstDelay<<min(attempt, 10))
		attempt++
		select {
		case <-ctx.Done():
		case <-time.After(ceiling/2 + rand.N(ceiling/2)):
		}
	}
}

// errSession: the session cannot go on; display.err says why.
var errSession = errors.New("fanout: the session has failed")

// connection is the life of one; live says that it has brought a picture.
func (d *display) connection(ctx context.Context) (live bool, err error) {
	w, err := d.server.dial(ctx, &d.arrived, 0)
	if err != nil {
		return false, err
	}
	defer context.AfterFunc(ctx, func() { w.Close() })()
	defer w.Close()
	err = d.talk(w, func() bool { live = true; return false })
	if err != nil && ctx.Err() == nil {
		d.lost.Add(1)
	}
	return live, err
}

// talk reads until the connection ends, or enough says so after a picture has come.
func (d *display) talk(w *wire, enough func() bool) error {
	if said := d.session.Opened(); said != nil {
		if err := w.say(ws.OpText, said); err != nil {
			return err
		}
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	for {
		message, err := w.read(buffer)
		if err != nil {
			return err
		}
		number, answer, err := d.take(message)
		if err != nil {
			return err
		}
		if number > 0 && enough() {
			return nil
		}
		if answer != nil {
			if err := w.say(ws.OpText, answer); err != nil {
				return err
			}
		}
	}
}

func (d *display) take(message []byte) (uint64, []byte, error) {
	at := time.Now().UnixNano()
	d.mu.Lock()
	defer d.mu.Unlock()
	number, answer, err := d.session.Take(message)
	if err != nil {
		d.err = err
		return 0, nil, errSession
	}
	if number > 0 {
		d.shows.Store(number)
		d.joined.Store(true)
		if n := len(d.samples); n == 0 || d.samples[n-1].number < number { // not told once more
			d.samples = append(d.samples, sample{number, at})
		}
	}
	return number, answer, nil
}

// picture is what the session shows now.
func (d *display) picture() ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.session.Picture()
}

// buffers hold one message each; a display takes one while it is connected.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 4096); return &b }}
