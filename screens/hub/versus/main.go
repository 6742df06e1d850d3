// Versus runs the same batches for the same number of displays through Liaowang's hub and
// through a plain server on centrifuge, one after the other, and prints what each costs.
// README.md says what is equal and what differs.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"liaowang/screens/hub/fanout"
)

type cli struct {
	Run   runCommand   `cmd:"" default:"withargs" help:"Measure both and print the ratios."`
	Serve serveCommand `cmd:"" hidden:"" help:"Be the plain server; started by run."`
	Crowd crowdCommand `cmd:"" hidden:"" help:"Be the displays; started by run."`
}

func main() {
	k := kong.Parse(&cli{}, kong.Name("versus"), kong.Description("Liaowang's hub beside a plain server on centrifuge."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k.BindTo(ctx, (*context.Context)(nil))
	if err := k.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "versus:", err)
		os.Exit(1)
	}
}

// The dialects of the crowd.
const (
	dialectHub   = "hub"
	dialectPlain = "centrifuge"
	dialectDelta = "centrifuge with delta"
)

type crowdCommand struct{}

// Run follows the orders on stdin until it ends.
func (crowdCommand) Run(ctx context.Context) error {
	return fanout.ServeCrowd(ctx, os.Stdin, os.Stdout, map[string]fanout.Dialect{
		dialectHub: fanout.Hub{}, dialectPlain: dialect{}, dialectDelta: dialect{delta: true},
	})
}
