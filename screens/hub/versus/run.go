package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/screens/hub"
	"liaowang/screens/hub/fanout"
)

type runCommand struct {
	Program   string   `help:"The liaowang program." default:"bin/liaowang" type:"existingfile"`
	Recording string   `help:"What is published: a file that liaowang bench fanout --recording has made." required:"" type:"existingfile"`
	Province  string   `help:"Code of the province." default:"460000"`
	Displays  []int    `help:"Displays that are connected, one number after the other." default:"200,1000,5000"`
	Rate      float64  `help:"Most batches a second." default:"5"`
	Most      float64  `help:"Most messages a second: with many displays, fewer batches." default:"5000"`
	Seconds   float64  `help:"How long batches are published in each case." default:"8"`
	Scene     []string `help:"What displays show, by turns: screen/region." default:"overview/460000"`
	JSON      bool     `name:"json" help:"Print what was measured as JSON."`
}

// Run measures the hub, the plain server and the plain server with deltas by turns.
func (c *runCommand) Run(ctx context.Context) error {
	rec, err := fanout.OpenRecording(c.Recording)
	if err != nil {
		return err
	}
	o := fanout.Options{Now: time.Now}
	for _, text := range c.Scene {
		screen, region, _ := strings.Cut(text, "/")
		o.Scenes = append(o.Scenes, hub.Scene{Screen: screen, Region: region})
	}
	most := 0
	for _, n := range c.Displays {
		most = max(most, n)
	}
	if err := fanout.NeedFiles(most); err != nil {
		return err
	}
	drawn, err := draw(ctx, rec, o.Scenes, c.Province)
	if err != nil {
		return err
	}
	redis, stop, err := fanout.StartRedis(ctx, time.Now)
	if err != nil {
		return err
	}
	defer stop()
	program, err := os.Executable()
	if err != nil {
		return err
	}
	if o.Crowd, err = fanout.StartCrowd(exec.Command(program, "crowd")); err != nil {
		return err
	}
	defer o.Crowd.Stop()
	systems, end, err := c.systems(ctx, rec, drawn, redis, program)
	if err != nil {
		return err
	}
	defer end()
	report := fanout.Report{Frames: rec.Frames()}
	for _, n := range c.Displays {
		rate := min(c.Rate, c.Most/float64(n))
		for _, s := range systems {
			fmt.Fprintf(os.Stderr, "  %s, %d displays\n", s.Name, n)
			m, err := o.Fan(ctx, s, fanout.Case{Displays: n, Rate: rate, Batches: max(1, int(rate*c.Seconds))})
			if err != nil {
				return err
			}
			report.Cases = append(report.Cases, m)
		}
	}
	if c.JSON {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(report)
	}
	if err := report.Table(os.Stdout); err != nil {
		return err
	}
	return ratios(os.Stdout, report.Cases, len(systems))
}

func (c *runCommand) systems(ctx context.Context, rec *fanout.Recording, drawn *scenes, redis, program string) ([]fanout.System, func(), error) {
	connection, err := batch.Connect(redis)
	if err != nil {
		return nil, nil, err
	}
	feed, err := fanout.NewFeed(ctx, batch.NewStore(connection, c.Province), rec, time.Now)
	if err != nil {
		return nil, nil, err
	}
	node, err := newNode(redis)
	if err != nil {
		return nil, nil, err
	}
	if err := node.Run(); err != nil {
		return nil, nil, err
	}
	plain := func(address string) *exec.Cmd {
		return exec.Command(program, "serve", "--redis", redis, "--listen", address)
	}
	// Both publish in the same channels; each server has the one only or the other.
	publish := func(delta bool) func(context.Context) (fanout.Published, error) {
		p := &publisher{node: node, scenes: drawn, delta: delta}
		return p.Publish
	}
	systems := []fanout.System{
		{Name: "liaowang", Dialect: dialectHub, Publish: feed.Publish, Command: func(address string) *exec.Cmd {
			return exec.Command(c.Program, "serve", "--redis", redis, "--province", c.Province, "--listen", address, "--log", "warn")
		}},
		{Name: dialectPlain, Dialect: dialectPlain, Publish: publish(false), Command: plain},
		{Name: dialectDelta, Dialect: dialectDelta, Publish: publish(true), Command: plain},
	}
	for _, s := range systems[1:] {
		if _, err := s.Publish(ctx); err != nil { // there is something to show
			return nil, nil, err
		}
	}
	return systems, func() { _ = node.Shutdown(context.Background()); _ = connection.Close() }, nil
}

// ratios writes what the first system costs for each unit of what the others cost.
func ratios(w io.Writer, cases []fanout.Measured, systems int) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s over the others: below 1 it costs less\n%-22s %8s %12s %12s %8s %8s %8s\n", cases[0].System, "server", "displays", "CPU/deliv", "bytes/batch", "p99", "idle", "loaded")
	for i := 0; i < len(cases); i += systems {
		ours := cases[i]
		for _, m := range cases[i+1 : i+systems] {
			fmt.Fprintf(&b, "%-22s %8d %12.2f %12.2f %8.2f %8.2f %8.2f\n", m.System, m.Displays,
				over(float64(ours.PerDelivered()), float64(m.PerDelivered())), over(ours.PerBatch(), m.PerBatch()),
				over(float64(ours.Heard.P99), float64(m.Heard.P99)), over(float64(ours.Idle), float64(m.Idle)), over(float64(ours.Loaded), float64(m.Loaded)))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func over(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
