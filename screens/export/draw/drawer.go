package draw

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Drawer draws. Its methods may be called by many at once; more than Workers charts wait
// for their turn.
type Drawer struct {
	options  Options
	fonts    *fonts
	themes   *themes
	programs *programs
	free     chan *machine // nil: one that is yet to be made
	// converting has a place for each rsvg-convert that may run.
	converting chan struct{}

	mu     sync.Mutex
	closed bool
	ctx    context.Context
	stop   context.CancelFunc
	work   sync.WaitGroup
}

// New looks for the font and prepares ECharts, which takes about half a second. A machine
// without the font cannot draw: ErrNoFont. rsvg-convert is asked for when it is needed.
func New(o Options) (*Drawer, error) {
	if o.Workers <= 0 {
		o.Workers = 2
	}
	if o.Patience <= 0 {
		o.Patience = 30 * time.Second
	}
	if o.Memory <= 0 {
		o.Memory = 2 << 30
	}
	d := &Drawer{options: o, free: make(chan *machine, o.Workers), converting: make(chan struct{}, o.Workers)}
	var err error
	if d.fonts, err = openFonts(fontPlaces(o.Fonts)); err != nil {
		return nil, err
	}
	if d.themes, err = readThemes(); err == nil {
		d.programs, err = compile()
	}
	if err != nil {
		d.fonts.close()
		return nil, err
	}
	for range o.Workers {
		d.free <- nil
	}
	d.ctx, d.stop = context.WithCancel(context.Background())
	return d, nil
}

// Close ends what is being drawn, waits for it and frees everything.
func (d *Drawer) Close() error {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return nil
	}
	d.closed = true
	d.stop()
	d.mu.Unlock()
	d.work.Wait()
	for range d.options.Workers {
		if m := <-d.free; m != nil {
			m.close()
		}
	}
	d.fonts.close()
	return nil
}

// begin lets one call in; the context ends with the caller's or with the drawer.
func (d *Drawer) begin(ctx context.Context) (context.Context, func(), error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, nil, ErrClosed
	}
	d.work.Add(1)
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(d.ctx, func() { cancel(ErrClosed) })
	return ctx, func() {
		stop()
		cancel(nil)
		d.work.Done()
	}, nil
}

// mostDrawn is how many charts a machine draws before another takes its place, so that
// nothing that ECharts keeps can grow for ever.
const mostDrawn = 500

// chart draws a chart in a machine that is free.
func (d *Drawer) chart(ctx context.Context, c chart) (string, error) {
	var m *machine
	select {
	case m = <-d.free:
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	svg, err := "", error(nil)
	if m == nil {
		m, err = newMachine(d.programs, d.fonts)
	}
	if err == nil {
		svg, err = m.svg(ctx, c)
	}
	if m != nil && (err != nil || m.drawn >= mostDrawn) {
		m.close()
		m = nil // what was left in the middle is not to be trusted
	}
	d.free <- m
	if err != nil {
		return "", fmt.Errorf("panel %s: %w", c.id, err)
	}
	return svg, nil
}
