package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"liaowang/aggregator/demo"
	"liaowang/aggregator/engine"
	"liaowang/queries/warehouse"
)

// demoCommand is the group of what can be done with the demo province.
type demoCommand struct {
	Load demoLoadCommand `cmd:"" help:"Load a demo province, for example one of full size: 1.27 million households, ten years, more than 50 million events."`
}

type demoLoadCommand struct {
	Size         string `help:"How much: standard, as up loads it, or full." enum:"standard,full" default:"standard"`
	ClickHouse   string `name:"clickhouse" help:"ClickHouse to load into: clickhouse://user:password@host:9000/database or http://host:8123/database." env:"LIAOWANG_CLICKHOUSE" placeholder:"URL" xor:"where"`
	Data         string `help:"Folder of the embedded engine's data, as up uses it; up must not be running on it." placeholder:"DIR" xor:"where"`
	Seed         uint64 `help:"Seed that the province follows from; up must be given the same as --demo-seed." default:"46"`
	Reference    string `help:"Day that the dates lead up to, YYYY-MM-DD. Default: today. A load that was cut off goes on if it is given the same again." placeholder:"DATE"`
	EngineListen string `help:"Loopback address of the engine while it loads." default:"127.0.0.1:0"`
	Library      string `name:"engine-library" help:"File libchdb.so; default: looked for in node_modules." placeholder:"FILE"`
}

// Run loads the province and ends.
func (c *demoLoadCommand) Run(ctx context.Context, log *slog.Logger) (err error) {
	if (c.ClickHouse == "") == (c.Data == "") {
		return errors.New("where to load the demo province is not said: give --clickhouse URL or --data DIR, one of them")
	}
	size, err := demo.SizeNamed(c.Size)
	if err != nil {
		return fmt.Errorf("--size: %w", err)
	}
	reference, err := c.reference(time.Now())
	if err != nil {
		return err
	}
	a := newApp(log)
	defer func() { err = errors.Join(err, a.stop()) }()
	p := newProgress(os.Stdout)
	defer p.stop()
	url := c.ClickHouse
	if url == "" {
		if url, err = c.engine(ctx, a, p); err != nil {
			return err
		}
	}
	p.begin("schema")
	w, err := a.warehouse(ctx, url, clusterFlag{}, newRegistry())
	if err != nil {
		return err
	}
	p.end("in place on " + w.Address())
	p.begin("province")
	loaded := false
	err = demo.Load(ctx, w.Conn(), demo.Options{
		Mode: demo.ModeLive, Seed: c.Seed, Reference: reference, Size: size,
		Progress: func(done, total int) { loaded = true; p.rows(done, total) },
	})
	switch {
	case err != nil:
		return err
	case !loaded:
		p.end("is there already; nothing was loaded")
	default:
		p.end("demo, " + c.Size + ", up to " + reference.Format(time.DateOnly))
	}
	return nil
}

// reference is the day that was asked for, else today.
func (c *demoLoadCommand) reference(now time.Time) (time.Time, error) {
	today := demo.Today(now)
	if c.Reference == "" {
		return today, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, c.Reference, today.Location())
	if err != nil {
		return day, fmt.Errorf("--reference %s: a day as %s is expected", c.Reference, today.Format(time.DateOnly))
	}
	if day.After(today) {
		return day, fmt.Errorf("--reference %s lies in the future: nothing has happened yet; give %s or a day before", c.Reference, today.Format(time.DateOnly))
	}
	return day, nil
}

// engine starts the embedded engine for the load and gives its URL.
func (c *demoLoadCommand) engine(ctx context.Context, a *app, p *progress) (string, error) {
	library, err := engine.FindLibrary(c.Library)
	if err != nil {
		return "", err
	}
	p.begin("engine")
	process, err := engine.Start(ctx, engine.Config{
		Args: []string{"engine"}, Library: library, Path: filepath.Join(c.Data, "engine"),
		Listen: c.EngineListen, MaxBackoff: 2 * time.Second, Logger: a.log,
	})
	if err != nil {
		return "", fmt.Errorf("--data %s: %w", c.Data, err)
	}
	a.onStop("engine", process.Stop)
	p.end("data in " + c.Data)
	return process.URL() + "/" + warehouse.DefaultDatabase, nil
}
