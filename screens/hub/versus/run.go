package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
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
	Seconds   float64  `help:"How long batches are published in each case." default:"20"`
	Rounds    int      `help:"How often each case is measured, the servers by turns; of the rounds the one with the middle p99 is told." default:"3"`
	Scene     []string `help:"What displays show, by turns: screen/region." default:"overview/460000"`
	Drawn     bool     `name:"drawn-elsewhere" help:"Give the plain server scenes that somebody else has drawn, while the hub still draws its own."`
	plainFlags
	JSON bool `name:"json" help:"Print what was measured as JSON."`
}

// Run measures the hub, the plain server and the plain server with deltas by turns.
func (c *runCommand) Run(ctx context.Context) error {
	rec, err := fanout.OpenRecording(c.Recording)
	if err != nil {
		return err
	}
	o := fanout.Options{Now: time.Now, Settle: 2 * time.Second, Scenes: scenesOf(c.Scene)}
	most := 0
	for _, n := range c.Displays {
		most = max(most, n)
	}
	if err := fanout.NeedFiles(most); err != nil {
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
	systems, end, err := c.systems(ctx, rec, o.Scenes, redis, program)
	if err != nil {
		return err
	}
	defer end()
	report := fanout.Report{Frames: rec.Frames()}
	for _, n := range c.Displays {
		rate := min(c.Rate, c.Most/float64(n))
		rounds := make([][]fanout.Measured, len(systems))
		for range max(1, c.Rounds) {
			for i, s := range systems {
				fmt.Fprintf(os.Stderr, "  %s, %d displays\n", s.Name, n)
				m, err := o.Fan(ctx, s, fanout.Case{Displays: n, Rate: rate, Batches: max(1, int(rate*c.Seconds))})
				if err != nil {
					return err
				}
				rounds[i] = append(rounds[i], m...)
			}
		}
		for _, of := range rounds {
			report.Cases = append(report.Cases, middle(of))
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

// middle is the round with the middle p99: one hitch of the machine in a hundred batches is
// that round's p99, whoever's turn it was.
func middle(rounds []fanout.Measured) fanout.Measured {
	slices.SortFunc(rounds, func(a, b fanout.Measured) int { return cmp.Compare(a.Heard.P99, b.Heard.P99) })
	return rounds[len(rounds)/2]
}

// scenesOf reads scenes of the form screen/region.
func scenesOf(texts []string) (all []hub.Scene) {
	for _, text := range texts {
		screen, region, _ := strings.Cut(text, "/")
		all = append(all, hub.Scene{Screen: screen, Region: region})
	}
	return all
}

func (c *runCommand) systems(ctx context.Context, rec *fanout.Recording, scenes []hub.Scene, redis, program string) ([]fanout.System, func(), error) {
	connection, err := batch.Connect(redis)
	if err != nil {
		return nil, nil, err
	}
	feed, err := fanout.NewFeed(ctx, batch.NewStore(connection, c.Province), rec, time.Now)
	if err != nil {
		return nil, nil, err
	}
	end := func() { _ = connection.Close() }
	systems := []fanout.System{{
		Name: "liaowang", Dialect: dialectHub, Publish: feed.Publish, Rewind: feed.Rewind, Command: func(address string) *exec.Cmd {
			return exec.Command(c.Program, "serve", "--redis", redis, "--province", c.Province, "--listen", address, "--log", "warn")
		},
	}}
	if c.Drawn {
		drawn, err := draw(ctx, rec, scenes, c.Province)
		if err != nil {
			return nil, end, err
		}
		node, err := newNode(redis)
		if err != nil {
			return nil, end, err
		}
		if err := node.Run(); err != nil {
			return nil, end, err
		}
		end = func() { _ = node.Shutdown(context.Background()); _ = connection.Close() }
		for _, name := range []string{dialectPlain, dialectDelta} {
			p := &publisher{node: node, scenes: drawn, delta: name == dialectDelta}
			if _, err := p.Publish(ctx); err != nil { // there is something to show
				return nil, end, err
			}
			systems = append(systems, fanout.System{Name: name, Dialect: name, Publish: p.Publish, Rewind: p.Rewind, Command: func(address string) *exec.Cmd {
				return exec.Command(program, append([]string{"serve", "--redis", redis, "--listen", address}, c.args()...)...)
			}})
		}
		return systems, end, nil
	}
	for _, name := range []string{dialectPlain, dialectDelta} {
		systems = append(systems, fanout.System{Name: name, Dialect: name, Publish: feed.Publish, Rewind: feed.Rewind, Numbers: offsets, Command: func(address string) *exec.Cmd {
			args := append([]string{"serve", "--redis", redis, "--listen", address, "--draw", "--province", c.Province, "--scene", strings.Join(c.Scene, ",")}, c.args()...)
			if name == dialectDelta {
				args = append(args, "--delta")
			}
			return exec.Command(program, args...)
		}})
	}
	return systems, end, nil
}

// offsets gives batches the offsets of their publications: of one that the server has
// skipped that of the next.
func offsets(ctx context.Context, address string, batches []fanout.Published) ([]fanout.Published, error) {
	if len(batches) == 0 {
		return nil, nil
	}
	known := map[uint64]uint64{}
	last := batches[len(batches)-1].Number
	for end := time.Now().Add(fanout.Patience); known[last] == 0; {
		if ctx.Err() != nil || time.Now().After(end) {
			return nil, fmt.Errorf("the plain server has not published batch %d", last)
		}
		time.Sleep(20 * time.Millisecond)
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+offsetsPath, nil)
		if err != nil {
			return nil, err
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			return nil, err
		}
		err = json.NewDecoder(response.Body).Decode(&known)
		_ = response.Body.Close() // it is read
		if err != nil {
			return nil, err
		}
	}
	out := slices.Clone(batches)
	for i := len(out) - 1; i >= 0; i-- {
		if at := known[out[i].Number]; at > 0 {
			last = at
		}
		out[i].Number = last
	}
	return out, nil
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
