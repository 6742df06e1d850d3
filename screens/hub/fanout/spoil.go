package fanout

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/gobwas/ws"

	"liaowang/screens/hub"
)

// Spoilt counts what displays did that behave badly, by the ends that they came to.
type Spoilt struct {
	Displays int `json:"displays"`
	// Cut counts connections of theirs that the server ended, or that broke.
	Cut int64 `json:"cut"`
}

// spoiler is a display that behaves badly. The kinds take turns: one reads a message a
// second, one reads nothing and gives signs of life, one does neither, as if its machine
// were gone, one sends without end, one sends what is no message. Cut off, each comes again.
type spoiler struct {
	server server
	scene  hub.Scene
	spoil  func(ctx context.Context, s *spoiler, w *wire) error
	cut    atomic.Int64
}

// The pause before a bad display comes again, and the receive buffer of those that
// do not read, bytes: the kernel holds less for them.
const (
	badPause  = 200 * time.Millisecond
	badBuffer = 4096
)

func (c *crowd) spoil(ctx context.Context, o order) error {
	if c.leave == nil {
		return fmt.Errorf("fanout: no displays have joined that could be disturbed")
	}
	kinds := []func(context.Context, *spoiler, *wire) error{readSlowly, stall, vanish, flood, babble}
	ctx, stop := context.WithCancel(ctx)
	leave := c.leave
	c.leave = func() { stop(); leave() }
	for i := range o.Displays {
		s := &spoiler{server: c.server(), scene: c.order.Scenes[i%len(c.order.Scenes)], spoil: kinds[i%len(kinds)]}
		c.bad = append(c.bad, s)
		c.gone.Go(func() { s.run(ctx) })
	}
	return nil
}

func (c *crowd) spoilt() Spoilt {
	s := Spoilt{Displays: len(c.bad)}
	for _, b := range c.bad {
		s.Cut += b.cut.Load()
	}
	return s
}

func (s *spoiler) run(ctx context.Context) {
	for ctx.Err() == nil {
		var n atomic.Int64
		if w, err := s.server.dial(ctx, &n, badBuffer); err == nil {
			stop := context.AfterFunc(ctx, func() { w.Close() })
			_ = s.spoil(ctx, s, w) // it ends in an error always: it was cut off
			stop()
			w.Close()
			if ctx.Err() == nil {
				s.cut.Add(1)
			}
		}
		rest(ctx, badPause)
	}
}

// enter joins the scene properly.
func (s *spoiler) enter(w *wire) (*display, error) {
	d := &display{session: s.server.dialect.Session(s.scene, false)}
	return d, d.talk(w, func() bool { return true })
}

func readSlowly(ctx context.Context, s *spoiler, w *wire) error {
	if _, err := s.enter(w); err != nil {
		return err
	}
	var buffer []byte
	for {
		if _, err := w.read(&buffer); err != nil {
			return err
		}
		rest(ctx, time.Second)
	}
}

// stall reads nothing more; who cuts it off is seen when it writes.
func stall(ctx context.Context, s *spoiler, w *wire) error {
	if _, err := s.enter(w); err != nil {
		return err
	}
	for {
		rest(ctx, time.Second)
		if err := w.say(ws.OpPong, nil); err != nil {
			return err
		}
	}
}

// vanish does nothing more for a while.
func vanish(ctx context.Context, s *spoiler, w *wire) error {
	if _, err := s.enter(w); err != nil {
		return err
	}
	rest(ctx, 20*time.Second)
	return nil
}

func flood(ctx context.Context, s *spoiler, w *wire) error {
	if _, err := s.enter(w); err != nil {
		return err
	}
	go discard(w)
	for {
		if err := w.say(ws.OpText, []byte(`{"type":"flood"}`)); err != nil {
			return err
		}
		rest(ctx, time.Millisecond)
	}
}

// babble sends what is no message until it is told to go.
func babble(ctx context.Context, s *spoiler, w *wire) error {
	go discard(w)
	for i := 0; ; i++ {
		kind, body := ws.OpBinary, []byte{0xff, 0, byte(i)}
		if i%2 == 1 {
			kind, body = ws.OpText, []byte(`{"type":`)
		}
		if err := w.say(kind, body); err != nil {
			return err
		}
		rest(ctx, 300*time.Millisecond)
	}
}

func discard(w *wire) {
	var buffer []byte
	for {
		if _, err := w.read(&buffer); err != nil {
			return
		}
	}
}

func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
