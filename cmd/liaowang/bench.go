package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"liaowang/aggregator"
	"liaowang/aggregator/demo"
	"liaowang/aggregator/engine"
	"liaowang/aggregator/fresh"
	"liaowang/queries/warehouse"
	"liaowang/screens/hub/fanout"
)

// benchCommand is the group of what can be measured.
type benchCommand struct {
	Fresh  benchFreshCommand  `cmd:"" help:"Time from an insert's return to its batch in Redis, one change at a time and under load, beside what polling costs."`
	Fanout benchFanoutCommand `cmd:"" help:"Batches to many displays: time from publishing, processor's time and bytes per batch, memory per connection."`
	Glass  benchGlassCommand  `cmd:"" help:"Time from an insert's return to a picture at a client of the stream, with everything that up runs."`
	Crowd  benchCrowdCommand  `cmd:"" hidden:"" help:"Be the displays of a benchmark; started by it."`
}

type benchFreshCommand struct {
	commonFlags
	figureFlags
	Size    []string      `help:"Sizes of the demo province to measure, one after the other: standard, tenth, full or ten." enum:"standard,tenth,full,ten" default:"standard"`
	Data    string        `help:"Folder that keeps the provinces between runs, one in a folder of its size; default: loaded anew and removed." placeholder:"DIR"`
	Changes int           `help:"Changes that are waited for, without and again with load." default:"200"`
	Load    int           `help:"Rows a second that others change meanwhile, in the second part; 0: no second part." default:"5000"`
	Block   int           `help:"Rows of one insert of the load, which two deliverers land, each in a table of its own." default:"500"`
	Poll    int           `help:"Seconds of polling to compare with; 0: none." default:"10"`
	Pause   time.Duration `help:"Pause before each change." default:"300ms"`
	Redis   string        `help:"Use this Redis rather than a redis-server that is started; what it holds of the province is lost." placeholder:"URL"`
	JSON    bool          `name:"json" help:"Print what was measured as JSON."`
	Library string        `name:"engine-library" help:"File libchdb.so; default: looked for in node_modules." placeholder:"FILE"`
}

// Run measures each size and prints tables.
func (c *benchFreshCommand) Run(ctx context.Context, log *slog.Logger) error {
	if err := c.figureFlags.check(); err != nil {
		return err
	}
	if c.Changes < 1 || c.Load < 0 || c.Poll < 0 || c.Block < 1 {
		return fmt.Errorf("--changes %d, --load %d, --block %d, --poll %d: at least one change and one row are expected, and no number below 0", c.Changes, c.Load, c.Block, c.Poll)
	}
	var all []measured
	for _, size := range c.Size {
		m, err := c.measure(ctx, size, log)
		if err != nil {
			return fmt.Errorf("size %s: %w", size, err)
		}
		all = append(all, m)
	}
	if c.JSON {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(all)
	}
	return tabulate(os.Stdout, all)
}

// measured is what was measured of one size.
type measured struct {
	Size   string        `json:"size"`
	Alone  fresh.Report  `json:"alone"`
	Loaded *fresh.Report `json:"loaded,omitempty"`
	Polled *polled       `json:"polled,omitempty"`
}

// polled is what asking every metric once a second costs.
type polled struct {
	fresh.Cost
	Took time.Duration `json:"took_ns"`
}

func (c *benchFreshCommand) measure(ctx context.Context, size string, log *slog.Logger) (m measured, err error) {
	m.Size = size
	cat, _, err := c.load()
	if err != nil {
		return m, err
	}
	data := c.Data
	if data != "" {
		data = filepath.Join(data, size)
	}
	folder, remove, err := labFolder(data)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	a := newApp(log)
	defer func() { err = errors.Join(err, a.stop()) }()
	p := newProgress(os.Stderr)
	defer p.stop()
	registry := newRegistry()
	lab, err := a.lab(ctx, p, labOptions{libchdb: c.Library, folder: folder, size: size, registry: registry})
	if err != nil {
		return m, err
	}
	w, process := lab.warehouse, lab.engine
	// What was loaded at once lies in parts that all hold rows of every day. Where rows have come
	// day by day it does not, and what is older has long been merged.
	p.begin("merge")
	for _, t := range cat.Schema.Tables {
		if err := w.Merge(ctx, t.Name); err != nil {
			return m, err
		}
	}
	p.end(fmt.Sprintf("%d tables", len(cat.Schema.Tables)))
	url := c.Redis
	if url == "" {
		if url, err = a.redisServer(ctx); err != nil {
			return m, err
		}
	}
	store, err := a.redis(url, c.Province)
	if err != nil {
		return m, err
	}
	if c.Poll > 0 {
		p.begin("polling")
		m.Polled = &polled{}
		before, begun := c.cost(registry, process.PID()), time.Now()
		n, err := fresh.Poll(ctx, w, cat, c.Poll, time.Now)
		if err != nil {
			return m, err
		}
		m.Polled.Cost, m.Polled.Took = c.cost(registry, process.PID()).Less(before), time.Since(begun)
		m.Polled.Statements = uint64(n)
		p.end(fmt.Sprintf("%d statements", n))
	}
	p.begin("alone")
	lab.running.Store(a.aggregate(w, store, cat, c.commonFlags, c.figureFlags, registry))
	o := fresh.Options{Warehouse: w, Store: store, Catalogue: cat, Province: c.Province, Changes: c.Changes, Pause: c.Pause, Now: time.Now,
		Cost: func() fresh.Cost { return c.cost(registry, process.PID()) }}
	if m.Alone, err = fresh.Run(ctx, o); err != nil {
		return m, err
	}
	p.end(fmt.Sprintf("%d changes", c.Changes))
	if c.Load > 0 {
		p.begin("loaded")
		o.Load, o.Block = c.Load, c.Block
		report, err := fresh.Run(ctx, o)
		if err != nil {
			return m, err
		}
		m.Loaded = &report
		p.end(fmt.Sprintf("%d changes, %d rows of others", c.Changes, report.Loaded))
	}
	return m, nil
}

// redisServer starts a redis-server of the benchmark's own, as an installation has one: the
// one in the process runs scripts on this process's account, several times slower.
func (a *app) redisServer(ctx context.Context) (url string, err error) {
	url, stop, err := fanout.StartRedis(ctx, time.Now)
	if err != nil {
		return "", err
	}
	a.onStop("redis-server", func(context.Context) error { stop(); return nil })
	return url, nil
}

// labFolder is the folder given, or one that is made, and removed at the end.
func labFolder(given string) (folder string, remove func() error, err error) {
	if given != "" {
		return given, func() error { return nil }, nil
	}
	folder, err = os.MkdirTemp("", "liaowang-bench-")
	return folder, func() error { return os.RemoveAll(folder) }, err
}

// labOptions say what is measured on.
type labOptions struct {
	libchdb  string // the file; empty: looked for
	folder   string // of the engine's data
	size     string // of the demo province
	registry *prometheus.Registry
}

// lab is an engine with a demo province to measure on.
type lab struct {
	engine    *engine.Process
	warehouse *warehouse.Warehouse
	// running is told when rows have been stored, once there is an aggregator.
	running atomic.Pointer[aggregator.Aggregator]
}

// lab starts an engine and loads a province unless the folder holds one.
func (a *app) lab(ctx context.Context, p *progress, o labOptions) (*lab, error) {
	size, err := demo.SizeNamed(o.size)
	if err != nil {
		return nil, err
	}
	library, err := engine.FindLibrary(o.libchdb)
	if err != nil {
		return nil, err
	}
	p.begin("engine")
	l := &lab{}
	l.engine, err = engine.Start(ctx, engine.Config{
		Args: []string{"engine"}, Library: library, Path: filepath.Join(o.folder, "engine"), Listen: "127.0.0.1:0", Logger: a.log,
		OnStored: func() {
			if agg := l.running.Load(); agg != nil {
				agg.Changed()
			}
		},
	})
	if err != nil {
		return nil, err
	}
	a.onStop("engine", l.engine.Stop)
	p.end("data in " + o.folder)
	p.begin("province")
	if l.warehouse, err = a.warehouse(ctx, l.engine.URL()+"/"+warehouse.DefaultDatabase, clusterFlag{}, o.registry); err != nil {
		return nil, err
	}
	err = demo.Load(ctx, l.warehouse.Conn(), demo.Options{Mode: demo.ModeLive, Seed: 46, Reference: demo.Today(time.Now()), Size: size, Progress: p.rows})
	if err != nil {
		return nil, err
	}
	p.end(o.size)
	return l, nil
}

// cost reads what has been spent: counters of the registry, and the clocks of the
// two processes.
func (c *benchFreshCommand) cost(r *prometheus.Registry, engine int) fresh.Cost {
	cost := fresh.Cost{Engine: fanout.ProcessorTime(engine), Process: fanout.ProcessorTime(os.Getpid()), Stages: map[string]time.Duration{}}
	families, err := r.Gather()
	if err != nil {
		return cost // counters of our own registry: nothing there can fail
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			switch f.GetName() {
			case "liaowang_statement_seconds":
				cost.Statements += m.GetHistogram().GetSampleCount()
			case "liaowang_batches_total":
				cost.Batches += uint64(m.GetCounter().GetValue())
			case "liaowang_metrics_asked_total":
				cost.Metrics += uint64(m.GetCounter().GetValue())
			case "liaowang_batch_stage_seconds":
				cost.Stages[m.GetLabel()[0].GetValue()] += time.Duration(m.GetHistogram().GetSampleSum() * float64(time.Second))
			}
		}
	}
	return cost
}

// tabulate prints what was measured for a person.
func tabulate(w io.Writer, all []measured) error {
	var b strings.Builder
	ms := func(d time.Duration) string { return fmt.Sprintf("%.0f", float64(d)/float64(time.Millisecond)) }
	fmt.Fprintf(&b, "\nFrom an insert's return to its batch in Redis, milliseconds\n%-10s %-24s %8s %8s %8s %8s\n", "size", "change", "n", "p50", "p99", "most")
	line := func(size, name string, t fresh.Times) {
		fmt.Fprintf(&b, "%-10s %-24s %8d %8s %8s %8s\n", size, name, len(t), ms(t.At(0.5)), ms(t.At(0.99)), ms(t.At(1)))
	}
	for _, m := range all {
		for _, kind := range fresh.Kinds() {
			line(m.Size, kind, m.Alone.Kinds[kind])
		}
		line(m.Size, "all, one at a time", m.Alone.All)
		if m.Loaded != nil {
			line(m.Size, fmt.Sprintf("all, under %.0f rows/s", float64(m.Loaded.Loaded)/m.Loaded.Took.Seconds()), m.Loaded.All)
		}
	}
	fmt.Fprintf(&b, "\nCost of one change, one at a time\n%-10s %-24s %10s %10s %12s %12s %12s\n", "size", "change", "metrics", "statements", "batch ms", "engine ms", "process ms")
	for _, m := range all {
		for _, kind := range fresh.Kinds() {
			s, n := m.Alone.Spent[kind], float64(max(len(m.Alone.Kinds[kind]), 1))
			per := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) / n }
			fmt.Fprintf(&b, "%-10s %-24s %10.1f %10.1f %12.1f %12.1f %12.1f\n", m.Size, kind, float64(s.Metrics)/n, float64(s.Statements)/n, per(s.Stages["total"]), per(s.Engine), per(s.Process))
		}
	}
	stages := []string{"cut", "views", "ask", "check", "disclose", "record", "publish"}
	fmt.Fprintf(&b, "\nThe batch of one change, milliseconds\n%-10s %-24s", "size", "change")
	for _, stage := range stages {
		fmt.Fprintf(&b, " %9s", stage)
	}
	fmt.Fprintln(&b)
	for _, m := range all {
		for _, kind := range fresh.Kinds() {
			fmt.Fprintf(&b, "%-10s %-24s", m.Size, kind)
			for _, stage := range stages {
				fmt.Fprintf(&b, " %9.1f", float64(m.Alone.Spent[kind].Stages[stage])/float64(time.Millisecond)/float64(max(len(m.Alone.Kinds[kind]), 1)))
			}
			fmt.Fprintln(&b)
		}
	}
	fmt.Fprintf(&b, "\nA second of it, beside asking every metric once a second\n%-10s %-34s %12s %14s %14s\n", "size", "", "statements", "engine CPU s", "process CPU s")
	for _, m := range all {
		second := func(name string, c fresh.Cost, took time.Duration) {
			s := took.Seconds()
			fmt.Fprintf(&b, "%-10s %-34s %12.0f %14.2f %14.2f\n", m.Size, name, float64(c.Statements)/s, c.Engine.Seconds()/s, c.Process.Seconds()/s)
		}
		second(fmt.Sprintf("driven by change, %.1f changes a second", float64(len(m.Alone.All))/m.Alone.Took.Seconds()), m.Alone.Total, m.Alone.Took)
		if m.Loaded != nil {
			second(fmt.Sprintf("driven by change, %.0f rows a second", float64(m.Loaded.Loaded)/m.Loaded.Took.Seconds()), m.Loaded.Total, m.Loaded.Took)
		}
		if m.Polled != nil {
			second("polling", m.Polled.Cost, m.Polled.Took)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
