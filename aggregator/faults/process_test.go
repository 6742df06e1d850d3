package faults_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"liaowang/aggregator"
	"liaowang/aggregator/batch"
	"liaowang/aggregator/engine/enginetest"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// childVariable holds the settings of an aggregator that the test binary, started again, is.
const childVariable = "LIAOWANG_TEST_AGGREGATOR"

func TestMain(m *testing.M) {
	if text := os.Getenv(childVariable); text != "" {
		if err := aggregate(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	enginetest.Main(m)
}

// settings are those of an aggregator process.
type settings struct {
	Node, ClickHouse, Redis string
	// Few leaves the metrics of the contract: of all, a leader that is new takes seconds here.
	Few   bool
	Lease time.Duration
	Gap   time.Duration
	Log   bool
}

// contract are the metrics whose rows the writers write.
var contract = []string{"monitored.total", "monitored.by_type", "monitored.by_region", "risk.eliminated", "risk.remaining", "assets.by_class"}

// aggregate is the process: as liaowang aggregate, but waiting where that would end and
// be started again by systemd.
func aggregate(text string) error {
	var s settings
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // until the test is gone
		os.Exit(0)
	}()
	cat, err := queries.Load()
	if err != nil {
		return err
	}
	if s.Few {
		cat = cat.Only(contract...)
	}
	client, err := batch.Connect(s.Redis)
	if err != nil {
		return err
	}
	defer client.Close()
	var w *warehouse.Warehouse
	for {
		if w, err = warehouse.Open(ctx, warehouse.Options{URL: s.ClickHouse}); err == nil {
			break
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(200 * time.Millisecond):
		}
	}
	defer w.Close()
	o := aggregator.Options{Warehouse: w, Store: batch.NewStore(client, province), Catalogue: cat, Node: s.Node, LeastCell: 1, Lease: s.Lease, Gap: s.Gap}
	if s.Log {
		o.Logger = slog.New(slog.NewTextHandler(os.Stderr, nil)).With("node", s.Node)
	}
	return aggregator.New(o).Run(ctx)
}

// process is an aggregator that a test may kill and freeze.
type process struct {
	t        testing.TB
	settings settings
	cmd      *exec.Cmd
	stdin    io.Closer
}

// start starts an aggregator; it ends with the test.
func start(t testing.TB, s settings) *process {
	t.Helper()
	s.Log = testing.Verbose()
	p := &process{t: t, settings: s}
	t.Cleanup(p.kill)
	p.restart()
	return p
}

func (p *process) restart() {
	p.t.Helper()
	text, err := json.Marshal(p.settings)
	if err != nil {
		p.t.Fatal(err)
	}
	p.cmd = exec.Command(os.Args[0])
	p.cmd.Env = append(os.Environ(), childVariable+"="+string(text))
	p.cmd.Stderr = os.Stderr
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) kill() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	p.stdin.Close()
	p.cmd = nil
}
