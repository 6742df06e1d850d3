package fanout

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"liaowang/screens/hub"
)

// Patience bounds what is waited for: that all displays have joined, or show a batch.
const Patience = time.Minute

// order is what the crowd's process is told, one JSON object a line.
type order struct {
	Do      string      `json:"do"`
	Address string      `json:"address,omitempty"`
	Dialect string      `json:"dialect,omitempty"`
	Scenes  []hub.Scene `json:"scenes,omitempty"`
	// Displays join, Times of them one after the other, AtOnce at a time.
	Displays int `json:"displays,omitempty"`
	Times    int `json:"times,omitempty"`
	AtOnce   int `json:"at_once,omitempty"`
	// Batches are those that were published.
	Batches []Published `json:"batches,omitempty"`
	Number  uint64      `json:"number,omitempty"`
}

// Published is a batch and the moment just before it was published, Unix nanoseconds.
type Published struct {
	Number uint64 `json:"number"`
	At     int64  `json:"at"`
}

// answer is what the crowd's process says to an order.
type answer struct {
	Error  string `json:"error,omitempty"`
	At     int64  `json:"at,omitempty"` // Unix nanoseconds
	Heard  Heard  `json:"heard"`
	Spoilt Spoilt `json:"spoilt"`
}

// Heard is what the good displays got between Begin and End.
type Heard struct {
	// Displays are the good ones, Batches those that were published.
	Displays int `json:"displays"`
	Batches  int `json:"batches"`
	// Delivered are the messages that brought a newer batch, over all displays: fewer
	// than Displays × Batches where one message brought several.
	Delivered int `json:"delivered"`
	// Missing are the batches that displays neither got nor got a newer one instead of.
	Missing int `json:"missing"`
	// Bytes are those that came over the wire, over all displays.
	Bytes int64 `json:"bytes"`
	// Lost counts connections that ended.
	Lost int64 `json:"lost"`
	// From the moment before a batch is published until a display has it, or a newer one.
	P50  time.Duration `json:"p50_ns"`
	P99  time.Duration `json:"p99_ns"`
	P999 time.Duration `json:"p999_ns"`
	Most time.Duration `json:"most_ns"`
	// Whole are the displays that read everything: at the end the picture of each was
	// held against that of a display that has just come.
	Whole int `json:"whole"`
}

// wholeOneOf says of how many displays one reads everything.
const wholeOneOf = 100

// crowd is the state of the crowd's process.
type crowd struct {
	dialects map[string]Dialect
	inflater *inflater
	order    order // the one by which the displays joined
	displays []*display
	bad      []*spoiler
	arrived  int64
	lost     int64
	leave    context.CancelFunc
	gone     sync.WaitGroup
}

// ServeCrowd is the main of the crowd's process: it follows orders until in ends.
func ServeCrowd(ctx context.Context, in io.Reader, out io.Writer, dialects map[string]Dialect) error {
	c := &crowd{dialects: dialects, inflater: newInflater()}
	defer c.end()
	orders, answers := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var o order
		if err := orders.Decode(&o); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("fanout: an order does not read: %w", err)
		}
		a, err := c.follow(ctx, o)
		if err != nil {
			a.Error = err.Error()
		}
		if err := answers.Encode(a); err != nil {
			return err
		}
	}
}

func (c *crowd) follow(ctx context.Context, o order) (a answer, err error) {
	switch o.Do {
	case "join":
		return a, c.join(ctx, o)
	case "spoil":
		return a, c.spoil(ctx, o)
	case "begin":
		c.begin()
	case "end":
		a.Heard, err = c.finish(ctx, o.Batches)
		a.Spoilt = c.spoilt()
	case "wait":
		a.At, err = c.wait(ctx, o.Number)
	case "churn":
		return a, c.churn(ctx, o)
	case "leave":
		c.end()
	default:
		return a, fmt.Errorf("fanout: there is no order %q", o.Do)
	}
	return a, err
}

// join lets displays connect, some at a time, and waits until each has a picture.
func (c *crowd) join(ctx context.Context, o order) error {
	d := c.dialects[o.Dialect]
	if d == nil || len(o.Scenes) == 0 {
		return fmt.Errorf("fanout: dialect %q, %d scenes: a dialect that this process speaks and a scene are expected", o.Dialect, len(o.Scenes))
	}
	c.end()
	c.order = o
	ctx, c.leave = context.WithCancel(ctx)
	turn := make(chan struct{}, 64)
	for i := range o.Displays {
		one := &display{server: server{o.Address, d, c.inflater}, session: d.Session(o.Scenes[i%len(o.Scenes)], i%wholeOneOf == 0)}
		c.displays = append(c.displays, one)
		turn <- struct{}{}
		c.gone.Go(func() { one.run(ctx) })
		go func() { // the next may come once this one has joined, or has taken long
			defer func() { <-turn }()
			until(ctx, time.Now().Add(time.Second), one.joined.Load)
		}()
	}
	end := time.Now().Add(Patience)
	for i, d := range c.displays {
		if !until(ctx, end, d.joined.Load) {
			return fmt.Errorf("fanout: %d of %d displays have joined within %s: %w", i, o.Displays, Patience, d.failed())
		}
	}
	return nil
}

// server is the one that the displays have joined.
func (c *crowd) server() server {
	return server{c.order.Address, c.dialects[c.order.Dialect], c.inflater}
}

// until waits until something holds and reports whether it does.
func until(ctx context.Context, end time.Time, holds func() bool) bool {
	for !holds() {
		if ctx.Err() != nil || time.Now().After(end) {
			return false
		}
		time.Sleep(time.Millisecond)
	}
	return true
}

func (d *display) failed() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return d.err
	}
	return errors.New("the server has not answered")
}

func (c *crowd) begin() {
	c.arrived, c.lost = 0, 0
	for _, d := range c.displays {
		d.mu.Lock()
		d.samples = d.samples[:0]
		d.mu.Unlock()
		c.arrived += d.arrived.Load()
		c.lost += d.lost.Load()
	}
}

// wait waits until every display shows a batch, or a newer one, and gives the moment.
func (c *crowd) wait(ctx context.Context, number uint64) (int64, error) {
	end := time.Now().Add(Patience)
	for i, d := range c.displays {
		if !until(ctx, end, func() bool { return d.shows.Load() >= number }) {
			return 0, fmt.Errorf("fanout: display %d shows batch %d after %s, and not %d: %w", i, d.shows.Load(), Patience, number, d.failed())
		}
	}
	var last int64
	for _, d := range c.displays {
		d.mu.Lock()
		at, found := slices.BinarySearchFunc(d.samples, number, func(s sample, n uint64) int { return compare(s.number, n) })
		if found || at < len(d.samples) {
			last = max(last, d.samples[at].at)
		}
		d.mu.Unlock()
	}
	return last, nil
}

func compare(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// finish gives what was heard of the batches once they have arrived.
func (c *crowd) finish(ctx context.Context, batches []Published) (Heard, error) {
	h := Heard{Displays: len(c.displays), Batches: len(batches)}
	if len(batches) > 0 {
		last := batches[len(batches)-1].Number
		end := time.Now().Add(Patience)
		for _, d := range c.displays {
			until(ctx, end, func() bool { return d.shows.Load() >= last }) // who does not is missing
		}
	}
	times := make([]time.Duration, 0, len(c.displays)*len(batches))
	for _, d := range c.displays {
		h.Bytes += d.arrived.Load()
		h.Lost += d.lost.Load()
		d.mu.Lock()
		if d.err != nil {
			err := d.err
			d.mu.Unlock()
			return h, err
		}
		h.Delivered += len(d.samples)
		next := 0
		for _, p := range batches {
			for next < len(d.samples) && d.samples[next].number < p.Number {
				next++
			}
			if next == len(d.samples) {
				h.Missing++
				continue
			}
			times = append(times, time.Duration(d.samples[next].at-p.At))
		}
		d.mu.Unlock()
	}
	h.Bytes -= c.arrived
	h.Lost -= c.lost
	slices.Sort(times)
	h.P50, h.P99, h.P999, h.Most = quantile(times, 0.5), quantile(times, 0.99), quantile(times, 0.999), quantile(times, 1)
	return h, c.compare(ctx, &h)
}

// quantile is the time that a share of sorted times did not exceed; 0 of none.
func quantile(times []time.Duration, share float64) time.Duration {
	if len(times) == 0 {
		return 0
	}
	return times[max(0, int(math.Ceil(share*float64(len(times))))-1)]
}

// compare holds the pictures of the whole displays against one that comes now.
func (c *crowd) compare(ctx context.Context, h *Heard) error {
	for i, scene := range c.order.Scenes {
		var want []byte
		for j := range c.displays {
			if j%len(c.order.Scenes) != i || j%wholeOneOf != 0 {
				continue
			}
			if want == nil {
				late := &display{server: c.server()}
				late.session = late.server.dialect.Session(scene, true)
				ctx, stop := context.WithCancel(ctx)
				done := make(chan struct{})
				go func() { defer close(done); late.run(ctx) }()
				joined := until(ctx, time.Now().Add(Patience), late.joined.Load)
				stop()
				<-done
				var err error
				if want, err = late.picture(); err != nil || !joined {
					return fmt.Errorf("fanout: a display that came at the end has no picture: %w", errors.Join(err, late.failed()))
				}
			}
			got, err := c.displays[j].picture()
			if err != nil {
				return err
			}
			if !bytes.Equal(got, want) {
				return fmt.Errorf("fanout: display %d shows another picture of %s/%s than one that has just come:\n%.2000s\n%.2000s", j, scene.Screen, scene.Region, got, want)
			}
			h.Whole++
		}
	}
	return nil
}

// churn lets displays come and go, some at a time: each stays until it has a picture.
func (c *crowd) churn(ctx context.Context, o order) error {
	d := c.dialects[o.Dialect]
	if d == nil || len(o.Scenes) == 0 {
		return fmt.Errorf("fanout: dialect %q, %d scenes: a dialect that this process speaks and a scene are expected", o.Dialect, len(o.Scenes))
	}
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for range max(o.AtOnce, 1) {
		g.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= o.Times || ctx.Err() != nil {
					return ctx.Err()
				}
				if err := visit(ctx, server{o.Address, d, c.inflater}, o.Scenes[i%len(o.Scenes)]); err != nil {
					return fmt.Errorf("fanout: display %d of %d that come and go: %w", i+1, o.Times, err)
				}
			}
		})
	}
	return g.Wait()
}

// visit connects, waits for a picture and goes without a word.
func visit(ctx context.Context, s server, scene hub.Scene) error {
	ctx, stop := context.WithTimeout(ctx, Patience)
	defer stop()
	one := &display{server: s, session: s.dialect.Session(scene, false)}
	w, err := s.dial(ctx, &one.arrived, 0)
	if err != nil {
		return err
	}
	defer w.Close()
	defer context.AfterFunc(ctx, func() { w.Close() })()
	return one.talk(w, func() bool { return true })
}

// end lets everybody go.
func (c *crowd) end() {
	if c.leave != nil {
		c.leave()
	}
	c.gone.Wait()
	c.displays, c.bad = nil, nil
}
