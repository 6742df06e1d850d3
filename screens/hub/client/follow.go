package client

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/gorilla/websocket"
)

// follower is a client that runs. All of it belongs to one goroutine; others only open
// connections and read from them.
type follower struct {
	*Client
	state
	clock
	growing *backoff.ExponentialBackOff
	lost    bool // as told

	// Of a connection.
	conn      Conn
	greeted   bool
	beat      time.Duration
	ackPause  time.Duration // 0: the server takes no acks
	questions int           // for the time that follow each other at once
	owed      *ack          // is to be told
	acked     *ack          // was told last

	// Timers that are idle until they are set.
	overdue *time.Timer // the picture is lost
	silence *time.Timer // nothing was heard for too long
	again   *time.Timer // to subscribe once more
	asks    *time.Timer // for the time
	acks    *time.Timer // the next ack may be sent
	waits   bool        // for acks
}

// errSilent: nothing has been heard for too long.
var errSilent = errors.New("client: nothing was heard for two and a half beats")

func (f *follower) run(ctx context.Context) error {
	f.growing = newBackOff()
	for _, t := range []**time.Timer{&f.overdue, &f.silence, &f.again, &f.asks, &f.acks} {
		*t = time.NewTimer(time.Hour)
		(*t).Stop()
		defer (*t).Stop()
	}
	for {
		err := f.connection(ctx)
		if ctx.Err() != nil {
			return nil
		}
		wait, err := pause(err, f.growing)
		if err != nil {
			f.lose()
			return err
		}
		f.o.Logger.Info("connection lost", "url", f.o.URL, "back_in", wait)
		if !f.lost {
			f.overdue.Reset(grace)
		}
		back := time.NewTimer(wait)
		for rests := true; rests; {
			select {
			case <-ctx.Done():
				back.Stop()
				return nil
			case <-f.overdue.C:
				f.lose()
			case s := <-f.scenes:
				f.watch(s)
			case <-back.C:
				rests = false
			}
		}
	}
}

// received is a message, or why there are no more.
type received struct {
	body []byte
	err  error
}

// connection is the life of one; it returns why it has ended.
func (f *follower) connection(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	heard := make(chan received)
	opened := make(chan Conn)
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := f.o.Dial(ctx, f.o.URL)
		if err != nil {
			hand(ctx, heard, received{err: err})
			return
		}
		defer conn.Close()
		if !hand(ctx, opened, conn) {
			return
		}
		for err == nil {
			var r received
			_, r.body, r.err = conn.ReadMessage()
			if err = r.err; !hand(ctx, heard, r) {
				return
			}
		}
	}()
	defer func() {
		stop()
		if f.conn != nil {
			f.conn.Close()
		}
		<-done
		f.conn, f.greeted, f.owed, f.waits = nil, false, nil, false
		for _, t := range []*time.Timer{f.silence, f.again, f.asks, f.acks} {
			t.Stop()
		}
	}()
	f.clock.forget()
	for {
		var err error
		select {
		case <-ctx.Done():
			if f.conn != nil {
				f.say(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")) // it ends anyway
			}
			return ctx.Err()
		case f.conn = <-opened:
			f.beat = defaultBeat
			f.silence.Reset(f.patience())
		case r := <-heard:
			if err = r.err; err == nil {
				f.silence.Reset(f.patience())
				err = f.hear(r.body)
			}
		case <-f.silence.C:
			f.lose()
			err = errSilent
		case <-f.overdue.C:
			f.lose()
		case s := <-f.scenes:
			if f.watch(s); f.greeted {
				err = f.subscribe()
			}
		case <-f.again.C:
			err = f.subscribe()
		case <-f.asks.C:
			err = f.askTime()
		case a := <-f.drawn:
			f.owed = &a
			err = f.sendAck()
		case <-f.acks.C:
			f.waits = false
			err = f.sendAck()
		}
		if err != nil {
			return err
		}
	}
}

// hand gives a value to whoever waits for it and reports whether somebody did.
func hand[T any](ctx context.Context, to chan<- T, v T) bool {
	select {
	case to <- v:
		return true
	case <-ctx.Done():
		return false
	}
}

func (f *follower) patience() time.Duration { return time.Duration(missing * float64(f.beat)) }

// hear lets one message do what it does.
func (f *follower) hear(body []byte) error {
	var m message
	if err := decode(body, &m); err != nil {
		return nil // not ours: the next message or the silence will tell
	}
	switch m.Type {
	case "hello":
		if m.BeatMS > 0 {
			f.beat = time.Duration(m.BeatMS) * time.Millisecond
			f.silence.Reset(f.patience())
		}
		f.ackPause = time.Duration(m.AckMS) * time.Millisecond
		f.guess(m.Time)
		f.greeted = true
		if err := f.subscribe(); err != nil || f.ackPause == 0 {
			return err // a server of before knows neither acks nor questions
		}
		f.questions = askedAtOnce
		return f.askTime()
	case "time":
		f.heard(&m)
		if f.questions--; f.questions > 0 {
			return f.askTime()
		}
		f.asks.Reset(askedEvery)
		return nil
	case "beat":
		f.guess(m.Time)
	}
	waiting := f.waiting
	news, do, err := f.take(&m)
	if err != nil {
		return err
	}
	if waiting && !f.waiting && f.picture != nil {
		f.growing.Reset()
		f.overdue.Stop()
		f.lost = false
		f.again.Stop()
		news = true
		if a := f.acked; a != nil && a.Batch == f.picture.Batch.Number {
			f.owed = a // each subscription begins without acks
		}
		if err := f.sendAck(); err != nil {
			return err
		}
	}
	if news {
		f.tell(f.showAt(&m))
	}
	switch do {
	case askNow:
		return f.subscribe()
	case askLater:
		f.again.Reset(askPause)
	}
	return nil
}

// showAt is the moment to wait for, zero where there is none.
func (f *follower) showAt(m *message) time.Time {
	if m.ShowAt == 0 {
		return time.Time{}
	}
	now, at := f.o.Now(), f.here(m.ShowAt)
	if !at.After(now) || at.After(now.Add(time.Second)) {
		return time.Time{}
	}
	return at
}

// tell hands out what is known now.
func (f *follower) tell(showAt time.Time) {
	if f.picture == nil {
		return
	}
	p := *f.picture
	p.Status, p.Lost, p.ShowAt = f.status, f.lost, showAt
	replace(f.pictures, &p)
}

func (f *follower) lose() {
	if f.overdue.Stop(); !f.lost {
		f.lost = true
		f.tell(time.Time{})
	}
}

func (f *follower) subscribe() error {
	f.again.Stop()
	return f.sayJSON(f.ask())
}

func (f *follower) askTime() error {
	return f.sayJSON(struct {
		Type string  `json:"type"`
		T0   float64 `json:"t0"`
	}{"time", f.milli()})
}

// sendAck sends the ack that is owed, if one may be sent now.
func (f *follower) sendAck() error {
	a := f.owed
	if a == nil || f.waits || f.ackPause == 0 || f.picture == nil || a.history != f.picture.Batch.History {
		return nil
	}
	f.owed, f.acked, f.waits = nil, a, true
	f.acks.Reset(f.ackPause)
	if a.Drawn = f.there(a.at); !a.ready.IsZero() {
		a.Ready = f.there(a.ready)
	}
	return f.sayJSON(a)
}

func (f *follower) sayJSON(body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return f.say(websocket.TextMessage, text)
}

func (f *follower) say(kind int, body []byte) error {
	if err := f.conn.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return err
	}
	return f.conn.WriteMessage(kind, body)
}
