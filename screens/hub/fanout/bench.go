package fanout

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"liaowang/screens/hub"
)

// System is a server under test with what feeds it.
type System struct {
	Name    string
	Dialect string // by which the crowd's process knows it
	// Command runs the server on an address.
	Command func(address string) *exec.Cmd
	// Publish publishes the next batch of a recording.
	Publish func(ctx context.Context) (Published, error)
	// Rewind lets the recording begin anew, so that each case is of the same batches; nil
	// where that is no matter.
	Rewind func()
	// Numbers gives batches the numbers by which displays know them, where these are
	// not those that they were published under; nil where they are.
	Numbers func(ctx context.Context, address string, batches []Published) ([]Published, error)
}

// Options of a measurement.
type Options struct {
	Crowd *Crowd
	// Scenes are those that displays watch, by turns.
	Scenes []hub.Scene
	Now    func() time.Time
	// Settle is how long everything rests before memory is read.
	Settle time.Duration
	// Beside is other work that a server is given while batches are published, as by those
	// who export, until the context ends, and tells how often it was done; nil: none.
	Beside func(ctx context.Context, address string) (times int, err error)
}

// Case is how much is asked of a system.
type Case struct {
	Displays int     `json:"displays"`
	Rate     float64 `json:"rate"` // batches a second
	Batches  int     `json:"batches"`
	Bad      int     `json:"bad,omitempty"` // displays that behave badly, beside the others
}

// Measured is what a case has cost.
type Measured struct {
	System string `json:"system"`
	Case
	Heard Heard `json:"heard"`
	// Beside is how often other work was done meanwhile.
	Beside int `json:"beside,omitempty"`
	// Most is the most memory that the server's process held meanwhile, bytes.
	Most   int64  `json:"most_bytes"`
	Spoilt Spoilt `json:"spoilt"`
	// CPU is the processor's time that the server has used from the first batch until
	// the last has arrived.
	CPU time.Duration `json:"cpu_ns"`
	// Idle and Loaded are the memory of the server's process per connection, bytes:
	// resident, less what it held before the displays joined; the most under load.
	Idle   int64 `json:"idle_bytes"`
	Loaded int64 `json:"loaded_bytes"`
}

// PerDelivered is the server's processor's time for a message that brings a newer batch.
func (m Measured) PerDelivered() time.Duration {
	return m.CPU / time.Duration(max(m.Heard.Delivered, 1))
}

// PerBatch is what a display gets over the wire for a batch, bytes.
func (m Measured) PerBatch() float64 {
	return float64(m.Heard.Bytes) / float64(max(m.Displays*m.Batches, 1))
}

func (o *Options) settle(ctx context.Context) { rest(ctx, o.Settle) }

// warm are the displays that are there, and the batches that are shown, before
// memory is read for the first time.
const warm = 10

// Fan measures one case on a server of its own. Where displays behave badly, or there is
// other work, it is measured without them first, on the same server.
func (o Options) Fan(ctx context.Context, s System, c Case) (all []Measured, err error) {
	server, err := StartServer(ctx, o.Now, s.Command)
	if err != nil {
		return nil, err
	}
	defer server.Kill()
	if s.Rewind != nil {
		s.Rewind()
	}
	defer func() {
		if _, e := o.Crowd.do(order{Do: "leave"}); err == nil {
			err = e
		}
	}()
	if err := o.join(server, s, warm); err != nil {
		return nil, err
	}
	if _, err := o.publish(ctx, s, warm, 20, nil); err != nil {
		return nil, err
	}
	if _, err := o.Crowd.do(order{Do: "leave"}); err != nil {
		return nil, err
	}
	o.settle(ctx)
	before := server.Resident()
	if err := o.join(server, s, c.Displays); err != nil {
		return nil, err
	}
	o.settle(ctx)
	m := Measured{System: s.Name, Case: c, Idle: (server.Resident() - before) / int64(c.Displays)}
	if c.Batches == 0 {
		return []Measured{m}, nil
	}
	if c.Bad > 0 {
		good := m
		good.Bad = 0
		if err := o.window(ctx, s, server, before, &good); err != nil {
			return nil, err
		}
		all = append(all, good)
		if _, err := o.Crowd.do(order{Do: "spoil", Displays: c.Bad}); err != nil {
			return nil, err
		}
		o.settle(ctx)
	}
	if o.Beside != nil {
		alone := m
		if err := o.window(ctx, s, server, before, &alone); err != nil {
			return nil, err
		}
		all = append(all, alone)
		working, stop := context.WithCancel(ctx)
		done := make(chan error, 1)
		times := 0
		go func() {
			var err error
			times, err = o.Beside(working, server.Address)
			done <- err
		}()
		defer func() {
			stop()
			err = errors.Join(err, <-done)
			all[len(all)-1].Beside = times
		}()
		o.settle(ctx)
	}
	err = o.window(ctx, s, server, before, &m)
	return append(all, m), err
}

// window publishes batches and reads what they cost.
func (o Options) window(ctx context.Context, s System, server *Server, before int64, m *Measured) error {
	if _, err := o.Crowd.do(order{Do: "begin"}); err != nil {
		return err
	}
	used := server.CPU()
	var most int64
	batches, err := o.publish(ctx, s, m.Batches, m.Rate, func() { most = max(most, server.Resident()) })
	if err != nil {
		return err
	}
	if s.Numbers != nil {
		if batches, err = s.Numbers(ctx, server.Address, batches); err != nil {
			return err
		}
	}
	a, err := o.Crowd.do(order{Do: "end", Batches: batches})
	if err != nil {
		return fmt.Errorf("%s, %d displays: %w", s.Name, m.Displays, err)
	}
	m.CPU, m.Loaded, m.Most = server.CPU()-used, (most-before)/int64(m.Displays), most
	m.Heard, m.Spoilt = a.Heard, a.Spoilt
	return nil
}

func (o Options) join(server *Server, s System, displays int) error {
	_, err := o.Crowd.do(order{Do: "join", Address: server.Address, Dialect: s.Dialect, Scenes: o.Scenes, Displays: displays})
	if err != nil {
		return fmt.Errorf("%s: %w; the server said:\n%s", s.Name, err, server.said())
	}
	return nil
}

// publish publishes batches at a steady rate and waits a pause after the last.
func (o Options) publish(ctx context.Context, s System, n int, rate float64, each func()) ([]Published, error) {
	var out []Published
	tick := time.NewTicker(time.Duration(float64(time.Second) / rate))
	defer tick.Stop()
	for range n {
		p, err := s.Publish(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
		if each != nil {
			each()
		}
	}
	return out, nil
}

// Returned is what became of displays that were cut off all at once.
type Returned struct {
	System   string `json:"system"`
	Displays int    `json:"displays"`
	// Current is the time from the moment at which the server takes connections again
	// until all displays show a batch that was published while it was away.
	Current time.Duration `json:"current_ns"`
	// CPU is the server's processor's time for it, Bytes what came to a display.
	CPU   time.Duration `json:"cpu_ns"`
	Bytes int64         `json:"bytes_per_display"`
}

// Return kills a server that displays are connected to, publishes a batch meanwhile and
// starts it again on its port after away.
func (o Options) Return(ctx context.Context, s System, displays int, away time.Duration) (r Returned, err error) {
	r = Returned{System: s.Name, Displays: displays}
	server, err := StartServer(ctx, o.Now, s.Command)
	if err != nil {
		return r, err
	}
	defer func() { server.Kill() }()
	defer func() {
		if _, e := o.Crowd.do(order{Do: "leave"}); err == nil {
			err = e
		}
	}()
	if err := o.join(server, s, displays); err != nil {
		return r, err
	}
	o.settle(ctx)
	if _, err := o.Crowd.do(order{Do: "begin"}); err != nil {
		return r, err
	}
	server.Kill()
	published, err := s.Publish(ctx)
	if err != nil {
		return r, err
	}
	rest(ctx, away)
	back, err := server.Start(ctx)
	if err != nil {
		return r, err
	}
	a, err := o.Crowd.do(order{Do: "wait", Number: published.Number})
	if err != nil {
		return r, err
	}
	r.Current, r.CPU = time.Unix(0, a.At).Sub(back), server.CPU()
	a, err = o.Crowd.do(order{Do: "end", Batches: []Published{published}})
	r.Bytes = a.Heard.Bytes / int64(displays)
	return r, err
}

// Churned is what displays that came and went have left behind.
type Churned struct {
	System string `json:"system"`
	Times  int    `json:"times"`
	// Took is the time for all of them.
	Took   time.Duration `json:"took_ns"`
	Before Standing      `json:"before"`
	After  Standing      `json:"after"`
}

// Standing is what a server holds when nobody is connected.
type Standing struct {
	Goroutines int `json:"goroutines"`
	Displays   int `json:"displays"`
	// Heap is what was live on the heap when it was collected last; Resident the process's
	// memory, bytes.
	Heap     int64 `json:"heap_bytes"`
	Resident int64 `json:"resident_bytes"`
}

// Churn lets displays come and go, some at once. It reads /metrics and is for systems that
// have them.
func (o Options) Churn(ctx context.Context, s System, times, atOnce int) (c Churned, err error) {
	c = Churned{System: s.Name, Times: times}
	server, err := StartServer(ctx, o.Now, s.Command)
	if err != nil {
		return c, err
	}
	defer server.Kill()
	visit := order{Do: "churn", Address: server.Address, Dialect: s.Dialect, Scenes: o.Scenes, Times: max(times/10, atOnce), AtOnce: atOnce}
	if _, err := o.Crowd.do(visit); err != nil { // until pools and caches are full
		return c, err
	}
	if c.Before, err = o.standing(ctx, server); err != nil {
		return c, err
	}
	begun := o.Now()
	visit.Times = times
	if _, err := o.Crowd.do(visit); err != nil {
		return c, err
	}
	c.Took = o.Now().Sub(begun)
	c.After, err = o.standing(ctx, server)
	return c, err
}

// standing reads what a server holds once everybody has gone, and goes on for a while: what
// served the last ones may still end.
func (o Options) standing(ctx context.Context, server *Server) (Standing, error) {
	var out Standing
	end := o.Now().Add(Patience)
	for quiet := 0; quiet < 20; {
		var read [3]float64
		for i, name := range []string{"go_goroutines", "liaowang_displays", "go_gc_heap_live_bytes"} {
			v, err := server.Gauge(ctx, name)
			if err != nil {
				return out, err
			}
			read[i] = v
		}
		is := Standing{int(read[0]), int(read[1]), int64(read[2]), server.Resident()}
		if is.Displays == 0 {
			quiet++
		}
		if out.Goroutines > 0 {
			is.Goroutines = min(is.Goroutines, out.Goroutines)
		}
		out = is
		if ctx.Err() != nil || o.Now().After(end) {
			return out, fmt.Errorf("fanout: %d displays are still connected", out.Displays)
		}
		rest(ctx, 100*time.Millisecond)
	}
	return out, nil
}
