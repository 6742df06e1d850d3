package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"liaowang/aggregator"
	"liaowang/aggregator/demo"
	"liaowang/aggregator/engine"
	"liaowang/aggregator/intake"
	"liaowang/queries/warehouse"
)

type upCommand struct {
	commonFlags
	glassFlags
	deliveryFlags
	figureFlags
	clusterFlag
	Data         string  `help:"Folder of the engine's data." default:"data"`
	Demo         string  `help:"The demo province: live goes on with events, still shows exactly the published figures, off loads none." enum:"live,still,off" default:"live"`
	DemoRate     float64 `help:"Events of the demo province, a second." default:"3"`
	DemoSeed     uint64  `help:"Seed that the demo province follows from." default:"46"`
	ClickHouse   string  `name:"clickhouse" help:"Use this ClickHouse rather than the embedded engine: clickhouse://user:password@host:9000/database or http://host:8123/database." env:"LIAOWANG_CLICKHOUSE" placeholder:"URL"`
	Redis        string  `help:"Use this Redis rather than one in the process: redis://host:6379/0, redis-sentinel://host1:26379,host2:26379/master or redis-cluster://host1:6379,host2:6379; rediss for TLS." env:"LIAOWANG_REDIS" placeholder:"URL"`
	EngineListen string  `help:"Loopback address of the engine's ClickHouse HTTP interface." default:"127.0.0.1:8123"`
	Library      string  `name:"engine-library" help:"File libchdb.so; default: looked for in node_modules." placeholder:"FILE"`
}

// Run runs everything until ctx is done.
func (c *upCommand) Run(ctx context.Context, log *slog.Logger) (err error) {
	begun := time.Now()
	if c.DemoRate <= 0 || c.DemoRate > 1000 {
		return fmt.Errorf("--demo-rate %v: a number of events a second, above 0 and at most 1000, is expected", c.DemoRate)
	}
	if err := c.figureFlags.check(); err != nil {
		return err
	}
	cat, all, err := c.load()
	if err != nil {
		return err
	}
	l, err := c.listen("--listen", c.Listen)
	if err != nil {
		return err
	}
	defer l.Close() // once more after the server's own, harmless
	a := newApp(log)
	defer func() { err = errors.Join(err, a.stop()) }()
	p := newProgress(os.Stdout)
	defer p.stop()
	fmt.Fprintln(os.Stdout, "瞭望 Liaowang")

	// Whom a crash of the engine is told to, and that it has stored rows, once there is
	// an aggregator.
	var running atomic.Pointer[aggregator.Aggregator]
	registry := newRegistry()
	url := c.ClickHouse
	if url == "" && c.Cluster != "" {
		return errors.New("--clickhouse-cluster: the embedded engine is one server; name one of the cluster's with --clickhouse")
	}
	if url == "" {
		crashes := engineCrashes(registry)
		onCrash := func(string) {
			crashes.Inc()
			if agg := running.Load(); agg != nil {
				agg.SourceCrashed()
			}
		}
		onStored := func() {
			if agg := running.Load(); agg != nil {
				agg.Changed()
			}
		}
		if url, err = c.engine(ctx, a, p, onCrash, onStored); err != nil {
			return err
		}
	}
	store, err := a.redisOrOwn(c.Redis, c.Province)
	if err != nil {
		return err
	}
	rows := &deliveries{network: c.NetworkDelivers}
	shown := &record{}
	hub, err := a.glass(l, c.glassFlags, rows, shown, c.commonFlags, cat, all, store, registry)
	if err != nil {
		return err
	}
	p.begin("schema")
	w, err := a.warehouse(ctx, url, c.clusterFlag, registry)
	if err != nil {
		return err
	}
	if err := c.keep(ctx, w); err != nil {
		return err
	}
	shown.w.Store(w)
	p.end("in place on " + w.Address())
	if err := c.province(ctx, w, p); err != nil {
		return err
	}
	if c.Cluster != "" {
		rows.refuse(&intake.Refusal{Code: "cluster", Status: http.StatusNotImplemented, Message: "deliveries into a cluster are not taken here yet: insert into its tables with a ClickHouse client"})
	} else if err := rows.open(ctx, w, c.deliveryFlags, c.Data, log); err != nil {
		return err
	}
	p.begin("batch")
	running.Store(a.aggregate(w, store, cat, c.commonFlags, c.figureFlags, registry))
	if c.Demo == "live" {
		a.background("demo", func(ctx context.Context) error {
			return demo.Live(ctx, w.Conn(), demo.LiveOptions{Rate: c.DemoRate, Seed: c.DemoSeed, Now: time.Now, Logger: log})
		})
	}
	if c.Demo != "off" {
		header, err := a.firstBatch(ctx, hub, begun)
		if header == nil {
			return err // stopped before there was one
		}
		p.end(fmt.Sprintf("%d is out, %s after the start", header.Number, time.Since(begun).Round(10*time.Millisecond)))
	} else {
		p.end("follows when table regions has a province, a county and a township")
	}
	a.onStop("displays", hub.Close) // told first, while all else still runs
	fmt.Fprintf(os.Stdout, "\nOpen http://%s\n", l.Addr())
	fmt.Fprintln(os.Stdout, "Ctrl-C stops everything.")
	return a.wait(ctx)
}

// engineCrashes counts what the aggregator may not notice: clients wait while the engine
// is started again.
func engineCrashes(r prometheus.Registerer) prometheus.Counter {
	return promauto.With(r).NewCounter(prometheus.CounterOpts{Name: "liaowang_engine_crashes_total", Help: "Crashes of the embedded engine, each of which was followed by a new start."})
}

// engine starts the embedded engine and gives its URL.
func (c *upCommand) engine(ctx context.Context, a *app, p *progress, onCrash func(string), onStored func()) (string, error) {
	library, err := engine.FindLibrary(c.Library)
	if err != nil {
		return "", err
	}
	p.begin("engine")
	process, err := engine.Start(ctx, engine.Config{
		Args: []string{"engine"}, Library: library, Path: filepath.Join(c.Data, "engine"),
		Listen: c.EngineListen, MaxBackoff: 2 * time.Second, OnCrash: onCrash, OnStored: onStored, Logger: a.log,
	})
	if err != nil {
		return "", fmt.Errorf("--engine-listen %s, --data %s: %w", c.EngineListen, c.Data, err)
	}
	a.onStop("engine", process.Stop)
	a.background("engine watch", func(ctx context.Context) error {
		select {
		case <-process.Done():
			return process.Err()
		case <-ctx.Done():
			return nil
		}
	})
	p.end("ClickHouse's HTTP interface on " + process.Addr().String() + ", data in " + c.Data)
	return process.URL() + "/" + warehouse.DefaultDatabase, nil
}

// province loads the demo province if it is wanted and not there.
func (c *upCommand) province(ctx context.Context, w *warehouse.Warehouse, p *progress) error {
	if c.Demo == "off" {
		return nil
	}
	p.begin("province")
	err := demo.Load(ctx, w.Conn(), demo.Options{Mode: demo.Mode(c.Demo), Seed: c.DemoSeed, Reference: demo.Today(time.Now()), Progress: p.rows})
	if err != nil {
		return err
	}
	p.end("demo, " + c.Demo)
	return nil
}
