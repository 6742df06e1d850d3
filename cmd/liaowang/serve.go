package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"

	"liaowang/aggregator"
	"liaowang/queries/warehouse"
	"liaowang/screens/web"
)

type serveCommand struct {
	commonFlags
	glassFlags
	Redis      string `help:"Redis that holds the batches: redis://host:6379/0, redis-sentinel://host1:26379,host2:26379/master or redis-cluster://host1:6379,host2:6379; rediss for TLS." required:"" env:"LIAOWANG_REDIS" placeholder:"URL"`
	ClickHouse string `name:"clickhouse" help:"ClickHouse that batches are recorded in, for those that were shown before; without it none are given back." env:"LIAOWANG_CLICKHOUSE" placeholder:"URL"`
}

// Run serves walls until ctx is done.
func (c *serveCommand) Run(ctx context.Context, log *slog.Logger) (err error) {
	cat, all, err := c.load()
	if err != nil {
		return err
	}
	l, err := c.listen("--listen", c.Listen)
	if err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		// What displays leave behind when they join is more than what they hold afterwards.
		debug.SetGCPercent(50)
	}
	a := newApp(log)
	defer func() { err = errors.Join(err, a.stop()) }()
	store, err := a.redis(c.Redis, c.Province)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	registry := newRegistry()
	var shown kept
	if c.ClickHouse != "" {
		// The walls do not wait for it.
		w, err := warehouse.Open(ctx, warehouse.Options{URL: c.ClickHouse, Existing: true, Registry: registry})
		if err != nil {
			return errors.Join(err, l.Close())
		}
		a.onStop("clickhouse", func(context.Context) error { return w.Close() })
		shown = w
	}
	hub, err := a.glass(l, c.glassFlags, nil, shown, c.commonFlags, cat, all, store, registry)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	a.onStop("displays", hub.Close)
	log.Info("serving", "url", "http://"+l.Addr().String())
	return a.wait(ctx)
}

type aggregateCommand struct {
	commonFlags
	doorFlags
	figureFlags
	clusterFlag
	ClickHouse string `name:"clickhouse" help:"ClickHouse, clickhouse://user:password@host:9000,host2:9000/database?secure=true or http://host:8123/database." required:"" env:"LIAOWANG_CLICKHOUSE" placeholder:"URL"`
	Redis      string `help:"Redis that batches are published to: redis://host:6379/0, redis-sentinel://host1:26379,host2:26379/master or redis-cluster://host1:6379,host2:6379; rediss for TLS." required:"" env:"LIAOWANG_REDIS" placeholder:"URL"`
	Metrics    string `help:"Address of /metrics, /healthz and /readyz, as 127.0.0.1:9101; empty: none." placeholder:"ADDR"`
}

// Run publishes batches until ctx is done.
func (c *aggregateCommand) Run(ctx context.Context, log *slog.Logger) (err error) {
	if err := c.figureFlags.check(); err != nil {
		return err
	}
	cat, _, err := c.load()
	if err != nil {
		return err
	}
	a := newApp(log)
	defer func() { err = errors.Join(err, a.stop()) }()
	store, err := a.redis(c.Redis, c.Province)
	if err != nil {
		return err
	}
	registry := newRegistry()
	w, err := a.warehouse(ctx, c.ClickHouse, c.clusterFlag, registry)
	if err != nil {
		return err
	}
	if err := c.keep(ctx, w); err != nil {
		return err
	}
	var seen net.Listener
	if c.Metrics != "" {
		if seen, err = c.listen("--metrics", c.Metrics); err != nil {
			return err
		}
	}
	agg := a.aggregate(w, store, cat, c.commonFlags, c.figureFlags, registry)
	if seen != nil {
		a.seen(seen, web.Door{Network: c.Everyone}, registry, agg)
	}
	metrics := "none"
	if seen != nil {
		metrics = "http://" + seen.Addr().String()
	}
	log.Info("aggregating", "clickhouse", w.Address(), "metrics", metrics)
	return a.wait(ctx)
}

// seen serves what an operator asks of an aggregator.
func (a *app) seen(l net.Listener, door web.Door, r *prometheus.Registry, agg *aggregator.Aggregator) {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", web.Metrics(r))
	mux.HandleFunc("GET /healthz", web.Healthy)
	mux.HandleFunc("GET /readyz", agg.Readyz)
	server := web.Serve(door.Handler(mux), a.log)
	a.background("metrics", func(context.Context) error {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	a.onStop("metrics", server.Shutdown)
}
