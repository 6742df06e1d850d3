package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"time"

	"liaowang/aggregator/fresh"
	"liaowang/screens"
	"liaowang/screens/hub/client"
	"liaowang/screens/panel"
)

type benchGlassCommand struct {
	commonFlags
	figureFlags
	Size    string        `help:"Size of the demo province: standard, tenth, full or ten." enum:"standard,tenth,full,ten" default:"standard"`
	Data    string        `help:"Folder with the engine's data; default: a province is loaded anew and removed." placeholder:"DIR"`
	Changes int           `help:"Changes that are waited for, one after the other." default:"60"`
	Load    int           `help:"Rows a second that others change meanwhile." default:"0"`
	Pause   time.Duration `help:"Pause before each change." default:"300ms"`
	Redis   string        `help:"Use this Redis rather than one in the process." placeholder:"URL"`
	JSON    bool          `name:"json" help:"Print what was measured as JSON."`
	Library string        `name:"engine-library" help:"File libchdb.so; default: looked for in node_modules." placeholder:"FILE"`
}

// glassReport is what was measured: from an insert's return until a client of the stream
// holds a picture that shows it, by the kind of change, and how long that picture then
// waits for the moment at which all displays of a wall change.
type glassReport struct {
	Size  string                 `json:"size"`
	All   fresh.Times            `json:"all_ns"`
	Kinds map[string]fresh.Times `json:"kinds_ns"`
	Waits fresh.Times            `json:"waits_ns"`
}

// Run runs engine, aggregator, Redis and hub as up does, and a client of the stream.
func (c *benchGlassCommand) Run(ctx context.Context, log *slog.Logger) (err error) {
	if err := c.figureFlags.check(); err != nil {
		return err
	}
	if c.Changes < 1 || c.Load < 0 {
		return fmt.Errorf("--changes %d, --load %d: at least one change is expected, and no number below 0", c.Changes, c.Load)
	}
	cat, all, err := c.load()
	if err != nil {
		return err
	}
	folder, remove, err := labFolder(c.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	a := newApp(log)
	defer func() { err = errors.Join(err, a.stop()) }()
	p := newProgress(os.Stderr)
	defer p.stop()
	registry := newRegistry()
	lab, err := a.lab(ctx, p, labOptions{libchdb: c.Library, folder: folder, size: c.Size, registry: registry})
	if err != nil {
		return err
	}
	store, err := a.redisOrOwn(c.Redis, c.Province)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	hub, err := a.glass(l, glassFlags{}, nil, nil, c.commonFlags, cat, all, store, registry)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	a.onStop("displays", hub.Close)
	lab.running.Store(a.aggregate(lab.warehouse, store, cat, c.commonFlags, c.figureFlags, registry))
	display, err := client.New(client.Options{URL: "ws://" + l.Addr().String() + "/ws", Scene: client.Scene{Screen: "overview", Region: c.Province}, Logger: log})
	if err != nil {
		return err
	}
	a.background("display", display.Run)
	reader := newGlassReader(screens.Find(all, "overview"), display)
	a.background("reader", reader.run)
	p.begin("glass")
	report, err := fresh.Run(ctx, fresh.Options{
		Warehouse: lab.warehouse, Store: store, Catalogue: cat, Province: c.Province, Changes: c.Changes, Pause: c.Pause, Load: c.Load,
		Kinds: []string{"household recognised", "lead reported", "household eliminated"}, Reader: reader, Now: time.Now,
		Cost: func() fresh.Cost { return fresh.Cost{} },
	})
	if err != nil {
		return err
	}
	p.end(fmt.Sprintf("%d changes", c.Changes))
	out := glassReport{Size: c.Size, All: report.All, Kinds: report.Kinds, Waits: reader.waits}
	slices.Sort(out.Waits)
	if c.JSON {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(out)
	}
	fmt.Printf("\nFrom an insert's return to a picture at a client of the stream, milliseconds\n%-24s %6s %8s %8s %8s\n", c.Size, "n", "p50", "p99", "most")
	line := func(name string, t fresh.Times) {
		fmt.Printf("%-24s %6d %8.0f %8.0f %8.0f\n", name, len(t), millis(t.At(0.5)), millis(t.At(0.99)), millis(t.At(1)))
	}
	for _, kind := range fresh.Kinds() {
		if t := out.Kinds[kind]; t != nil {
			line(kind, t)
		}
	}
	line("all", out.All)
	line("then waits to be shown", out.Waits)
	return nil
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// glassReader reads figures off the panels of a display.
type glassReader struct {
	screen  *screens.Screen
	display *client.Client
	news    chan struct{}
	newest  chan arrived // holds one
	picture *client.Picture
	waits   fresh.Times // of the pictures that were read
}

type arrived struct {
	picture *client.Picture
	wait    time.Duration
}

func newGlassReader(screen *screens.Screen, display *client.Client) *glassReader {
	return &glassReader{screen: screen, display: display, news: make(chan struct{}, 1), newest: make(chan arrived, 1)}
}

// run keeps the newest picture until the display ends.
func (r *glassReader) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case p, ok := <-r.display.Pictures():
			if !ok {
				return nil
			}
			a := arrived{picture: p}
			if !p.ShowAt.IsZero() {
				a.wait = time.Until(p.ShowAt)
			}
			select {
			case <-r.newest:
			default:
			}
			r.newest <- a
			select {
			case r.news <- struct{}{}:
			default:
			}
		}
	}
}

// Read implements fresh.Reader.
func (r *glassReader) Read(context.Context) (bool, error) {
	select {
	case a := <-r.newest:
		if r.picture != nil && a.picture.Batch.Number > r.picture.Batch.Number {
			r.waits = append(r.waits, a.wait)
		}
		r.picture = a.picture
	default:
	}
	return r.picture != nil, nil
}

// News implements fresh.Reader.
func (r *glassReader) News() <-chan struct{} { return r.news }

// rowKinds are the kinds of panel whose data are rows of a metric.
var rowKinds = []panel.Kind{panel.KindBars, panel.KindShare, panel.KindStages}

// Sum implements fresh.Reader: it looks for a panel that draws the metric's column.
func (r *glassReader) Sum(metric, column string) (float64, error) {
	for _, spec := range r.screen.Panels {
		for _, f := range spec.Figures {
			if f.Metric == metric && f.Value == column {
				return r.figure(spec.ID, f.ID)
			}
		}
		if spec.Metric == metric && spec.Value == column && slices.Contains(rowKinds, spec.Kind) {
			return r.rows(spec.ID, column)
		}
	}
	return 0, fmt.Errorf("no panel of screen %s draws %s of %s", r.screen.ID, column, metric)
}

func (r *glassReader) figure(id, figure string) (float64, error) {
	var data struct {
		Figures []struct {
			ID    string
			Value float64
		}
	}
	if err := r.data(id, &data); err != nil {
		return 0, err
	}
	for _, f := range data.Figures {
		if f.ID == figure {
			return f.Value, nil
		}
	}
	return 0, fmt.Errorf("panel %s shows no figure %s", id, figure)
}

func (r *glassReader) rows(id, column string) (float64, error) {
	var data struct{ Source [][]any }
	if err := r.data(id, &data); err != nil {
		return 0, err
	}
	if len(data.Source) == 0 {
		return 0, fmt.Errorf("panel %s has no rows", id)
	}
	total, at := 0., slices.Index(data.Source[0], any(column))
	if at < 0 {
		return 0, fmt.Errorf("panel %s has no column %s", id, column)
	}
	for _, row := range data.Source[1:] {
		if v, ok := row[at].(float64); ok {
			total += v
		}
	}
	return total, nil
}

func (r *glassReader) data(id string, into any) error {
	p, ok := r.picture.Panel(id)
	if !ok {
		return fmt.Errorf("the picture has no panel %s", id)
	}
	return p.Decode(into)
}
