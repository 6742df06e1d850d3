// Liaowang 瞭望 shows a province's figures on the walls of its command hall.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/redis/go-redis/v9"

	"liaowang/aggregator/engine"
)

// cli is every subcommand; kong makes flags and help from it.
type cli struct {
	Up        upCommand        `cmd:"" help:"Run everything on this machine: engine, aggregator and wall."`
	Aggregate aggregateCommand `cmd:"" help:"Compute batches from a ClickHouse server and publish them to Redis."`
	Serve     serveCommand     `cmd:"" help:"Serve walls and tablets from the batches in Redis."`
	Status    statusCommand    `cmd:"" help:"Say on a terminal how a running up or serve is: batch, source, checks, releases, displays."`
	Release   releaseCommand   `cmd:"" help:"Let a failing check of policy hold pass, with name and reason; end that again; or list what is released."`
	Export    exportCommand    `cmd:"" help:"Write a file of what a running up or serve shows: one panel, a screen or a briefing, as SVG, PNG, PDF, XLSX, CSV or PPTX."`
	Verify    verifyCommand    `cmd:"" help:"Say whether the figures of an exported file are those of the batch that it names."`
	Check     checkCommand     `cmd:"" help:"Validate every table, metric, check and screen against a live database; say what is wrong with file and line."`
	Schema    schemaCommand    `cmd:"" help:"Print the statements that make every table, for one machine or for a cluster."`
	Intake    intakeCommand    `cmd:"" help:"Deliver files of rows: CSV, NDJSON or Parquet."`
	Contract  contractCommand  `cmd:"" help:"Print what the tables' deliveries must look like."`
	Demo      demoCommand      `cmd:"" help:"Load the demo province by itself."`
	Bench     benchCommand     `cmd:"" help:"Measure this machine: how long a row needs until its batch can be read, and what many displays cost."`
	ReadPDF   readPDFCommand   `cmd:"" name:"read-pdf" hidden:"" help:"Read the PDF on standard input; started by what verifies files."`
	Engine    engineCommand    `cmd:"" hidden:"" help:"Run the embedded engine; started and watched by up."`

	Log string `help:"Least level that is logged to standard error: debug, info, warn or error. Default: warn for up, info else." default:"" placeholder:"LEVEL"`
}

func main() {
	var c cli
	k := kong.Parse(&c,
		kong.Name("liaowang"),
		kong.Description("瞭望: the wall of a provincial command hall. From rows in ClickHouse to figures in the hall."),
		kong.ShortUsageOnError(),
	)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		stop() // a second Ctrl-C ends the program at once
	}()
	if c.Log == "" {
		if c.Log = "info"; k.Command() == "up" {
			c.Log = "warn" // a person reads up's own lines
		}
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log)); err != nil {
		k.Fatalf("--log %s: debug, info, warn or error is expected", c.Log)
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	redis.SetLogger(redisLog{logger})
	k.BindTo(ctx, (*context.Context)(nil))
	k.Bind(logger)
	if err := k.Run(); err != nil {
		var exit *exitError
		if errors.As(err, &exit) {
			if exit.cause != nil {
				fmt.Fprintln(os.Stderr, "liaowang:", err)
			}
			os.Exit(exit.code)
		}
		fmt.Fprintln(os.Stderr, "liaowang:", err)
		os.Exit(engine.ExitCode(err))
	}
}

// redisLog takes what the Redis client says: attempts that failed, which the
// parts that use it report in their own words.
type redisLog struct{ log *slog.Logger }

func (l redisLog) Printf(_ context.Context, format string, v ...any) {
	l.log.Debug("redis client", "says", fmt.Sprintf(format, v...))
}
