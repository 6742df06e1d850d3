package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/demo"
	"liaowang/queries/warehouse"
	"liaowang/screens"
	"liaowang/screens/hub"
	"liaowang/screens/hub/fanout"
)

// recordingFlags are those of measurements that publish what was recorded.
type recordingFlags struct {
	Recording string `help:"File with the batches that are published; recorded from a demo province, and kept in the file, where there is none." placeholder:"FILE"`
	Record    int    `help:"Batches to record." default:"40" placeholder:"N"`
	Data      string `help:"Folder with the engine's data, for the recording; default: a province is loaded anew and removed." placeholder:"DIR"`
	Library   string `name:"engine-library" help:"File libchdb.so, for the recording; default: looked for in node_modules." placeholder:"FILE"`
}

type benchFanoutCommand struct {
	commonFlags
	recordingFlags
	Displays []int         `help:"Displays that are connected, one number after the other." default:"200,1000,5000"`
	Rate     float64       `help:"Batches a second." default:"5"`
	Batches  int           `help:"Batches that are published for each number of displays; 0: memory is read, and nothing published." default:"50"`
	Bad      int           `help:"Displays beside them that are slow, stalled, gone, flooding or sending garbage." placeholder:"N"`
	Scene    []string      `help:"What displays show, by turns: screen/region." default:"overview/460000"`
	Return   int           `help:"Also cut so many displays off at once and wait until all are current." placeholder:"DISPLAYS"`
	Churn    int           `help:"Also let so many displays come and go." placeholder:"DISPLAYS"`
	Exports  int           `help:"Measure each number of displays once more while so many exports of 总览 as PPTX are asked for at once, again and again." placeholder:"N"`
	Redis    string        `help:"Use this Redis rather than a redis-server that is started; what it holds of the province is lost." placeholder:"URL"`
	Settle   time.Duration `help:"Rest before memory is read." default:"2s"`
	JSON     bool          `name:"json" help:"Print what was measured as JSON."`
}

// Run measures this program's hub, in a process of its own.
func (c *benchFanoutCommand) Run(ctx context.Context, log *slog.Logger) (err error) {
	if c.Rate <= 0 || c.Batches < 0 || c.Bad < 0 || c.Return < 0 || c.Churn < 0 {
		return fmt.Errorf("--rate %v, --batches %d, --bad %d, --return %d, --churn %d: a rate above 0 is expected, and no number below 0", c.Rate, c.Batches, c.Bad, c.Return, c.Churn)
	}
	_, all, err := c.load()
	if err != nil {
		return err
	}
	o := fanout.Options{Now: time.Now, Settle: c.Settle}
	for _, text := range c.Scene {
		screen, region, _ := strings.Cut(text, "/")
		if screens.Find(all, screen) == nil || region == "" {
			return fmt.Errorf("--scene %s: a screen and a region are expected, as overview/460000", text)
		}
		o.Scenes = append(o.Scenes, hub.Scene{Screen: screen, Region: region})
	}
	most := c.Return
	for _, n := range c.Displays {
		most = max(most, n+c.Bad)
	}
	if err := fanout.NeedFiles(most); err != nil {
		return err
	}
	a := newApp(log)
	defer func() { err = errors.Join(err, a.stop()) }()
	p := newProgress(os.Stderr)
	defer p.stop()
	rec, err := c.recordingFlags.recording(ctx, c.commonFlags, log, p)
	if err != nil {
		return err
	}
	p.begin("feed")
	if c.Redis == "" {
		if c.Redis, err = a.redisServer(ctx); err != nil {
			return err
		}
	}
	store, err := a.redis(c.Redis, c.Province)
	if err != nil {
		return err
	}
	feed, err := fanout.NewFeed(ctx, store, rec, time.Now)
	if err != nil {
		return err
	}
	p.end(fmt.Sprintf("%d batches, %.0f frames each", len(rec.Steps), rec.Frames()))
	program, err := os.Executable()
	if err != nil {
		return err
	}
	if o.Crowd, err = fanout.StartCrowd(exec.Command(program, "bench", "crowd")); err != nil {
		return err
	}
	a.onStop("displays", func(context.Context) error { o.Crowd.Stop(); return nil })
	serve := []string{"serve", "--redis", c.Redis, "--province", c.Province, "--log", "warn"}
	if c.Exports > 0 { // they are logged in ClickHouse
		folder, remove, err := labFolder(c.Data)
		if err != nil {
			return err
		}
		a.onStop("data", func(context.Context) error { return remove() })
		lab, err := a.lab(ctx, p, labOptions{libchdb: c.Library, folder: folder, size: "standard", registry: newRegistry()})
		if err != nil {
			return err
		}
		serve = append(serve, "--clickhouse", lab.engine.URL()+"/"+warehouse.DefaultDatabase)
		o.Beside = c.export
	}
	system := fanout.System{
		Name: "liaowang", Dialect: "hub", Publish: feed.Publish,
		Command: func(address string) *exec.Cmd {
			return exec.Command(program, append(slices.Clone(serve), "--listen", address)...)
		},
	}
	report := fanout.Report{Frames: rec.Frames()}
	for _, n := range c.Displays {
		p.begin("displays")
		m, err := o.Fan(ctx, system, fanout.Case{Displays: n, Rate: c.Rate, Batches: c.Batches, Bad: c.Bad})
		if err != nil {
			return err
		}
		report.Cases = append(report.Cases, m...)
		p.end(fmt.Sprintf("%d, %d batches", n, c.Batches))
	}
	if c.Return > 0 {
		p.begin("return")
		r, err := o.Return(ctx, system, c.Return, 500*time.Millisecond)
		if err != nil {
			return err
		}
		report.Returned = append(report.Returned, r)
		p.end(fmt.Sprintf("%d displays", c.Return))
	}
	if c.Churn > 0 {
		p.begin("churn")
		r, err := o.Churn(ctx, system, c.Churn, 50)
		if err != nil {
			return err
		}
		report.Churned = append(report.Churned, r)
		p.end(fmt.Sprintf("%d displays", c.Churn))
	}
	if c.JSON {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(report)
	}
	return report.Table(os.Stdout)
}

// export asks a server for exports until the context ends, and counts them.
func (c *benchFanoutCommand) export(ctx context.Context, address string) (int, error) {
	var made atomic.Int64
	asking, ctx := errgroup.WithContext(ctx)
	for range c.Exports {
		asking.Go(func() error {
			for {
				response, err := (serverFlag{"http://" + address}).ask(ctx, http.MethodGet, "/export/overview.pptx", nil)
				if err == nil {
					_, err = io.Copy(io.Discard, response.Body)
					response.Body.Close()
				}
				switch {
				case ctx.Err() != nil:
					return nil
				case err != nil:
					return fmt.Errorf("export: %w", err)
				}
				made.Add(1)
			}
		})
	}
	err := asking.Wait()
	return int(made.Load()), err
}

// recording reads the recording, or makes it of the life of a demo province, as it goes
// on under up.
func (c *recordingFlags) recording(ctx context.Context, common commonFlags, log *slog.Logger, p *progress) (rec *fanout.Recording, err error) {
	if c.Recording != "" {
		rec, err := fanout.OpenRecording(c.Recording)
		if !errors.Is(err, fs.ErrNotExist) {
			return rec, err
		}
	}
	if c.Record < 1 {
		return nil, fmt.Errorf("--record %d: a number of batches from 1 is expected", c.Record)
	}
	folder, remove, err := labFolder(c.Data)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	a := newApp(log)
	defer func() { err = errors.Join(err, a.stop()) }()
	cat, _, err := common.load()
	if err != nil {
		return nil, err
	}
	registry := newRegistry()
	lab, err := a.lab(ctx, p, labOptions{libchdb: c.Library, folder: folder, size: "standard", registry: registry})
	if err != nil {
		return nil, err
	}
	p.begin("recording")
	url, err := a.redisServer(ctx)
	if err != nil {
		return nil, err
	}
	store, err := a.redis(url, common.Province)
	if err != nil {
		return nil, err
	}
	lab.running.Store(a.aggregate(lab.warehouse, store, cat, common, figureFlags{LeastCell: 5, React: 100 * time.Millisecond, BatchesPerSecond: 5}, registry))
	following, end := context.WithCancel(ctx)
	followed := make(chan error, 1)
	go func() {
		var err error
		rec, err = fanout.Follow(following, store)
		followed <- err
	}()
	a.background("demo", func(ctx context.Context) error {
		return demo.Live(ctx, lab.warehouse.Conn(), demo.LiveOptions{Rate: 1, Seed: 46, Now: time.Now, Logger: log})
	})
	err = c.recorded(ctx, store)
	end()
	if err = errors.Join(err, <-followed); err != nil {
		return nil, err
	}
	p.end(fmt.Sprintf("%d batches", len(rec.Steps)))
	if c.Recording != "" {
		err = rec.Save(c.Recording)
	}
	return rec, err
}

// recorded waits until enough batches have been published.
func (c *recordingFlags) recorded(ctx context.Context, store *batch.Store) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(10 * time.Minute); ; {
		snap, err := store.Load(ctx, math.MaxInt64) // the header alone
		if err != nil {
			return err
		}
		if snap.Header != nil && snap.Header.Number > uint64(c.Record) {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("fewer than %d batches within ten minutes", c.Record)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// benchCrowdCommand is the process of the displays.
type benchCrowdCommand struct{}

// Run follows the orders on stdin until it ends.
func (benchCrowdCommand) Run(ctx context.Context) error {
	return fanout.ServeCrowd(ctx, os.Stdin, os.Stdout, map[string]fanout.Dialect{"hub": fanout.Hub{}})
}
