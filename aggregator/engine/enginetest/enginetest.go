// Package enginetest starts the real engine for tests: the test binary runs
// itself again as the engine's child process.
//
//	func TestMain(m *testing.M) { enginetest.Main(m) }
//	func TestX(t *testing.T)    { process := enginetest.Start(t) … process.URL() … }
package enginetest

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"liaowang/aggregator/engine"
)

// childVariable marks the re-executed test binary.
const childVariable = "LIAOWANG_TEST_ENGINE_CHILD"

// Main runs the tests, or the engine in the child process, and exits.
func Main(m *testing.M) {
	if os.Getenv(childVariable) == "" {
		os.Exit(m.Run())
	}
	var o engine.ChildOptions
	f := flag.NewFlagSet("engine", flag.ExitOnError)
	f.StringVar(&o.Library, "library", "", "")
	f.StringVar(&o.Path, "path", "", "")
	f.IntVar(&o.Connections, "connections", 0, "")
	f.IntVar(&o.ListenerFD, "listener-fd", 0, "")
	f.IntVar(&o.LifelineFD, "lifeline-fd", 0, "")
	_ = f.Parse(os.Args[1:]) // ExitOnError
	err := engine.Child(context.Background(), o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(engine.ExitCode(err))
}

// Start starts an engine on an empty folder and a free port; it ends with the test.
func Start(tb testing.TB) *engine.Process {
	tb.Helper()
	library, err := engine.FindLibrary("")
	if err != nil {
		tb.Fatal(err)
	}
	p, err := engine.Start(tb.Context(), engine.Config{
		Env: append(os.Environ(), childVariable+"=1"), Library: library, Path: tb.TempDir(),
		Listen: "127.0.0.1:0", MaxBackoff: time.Second, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := p.Stop(ctx); err != nil {
			tb.Error(err)
		}
	})
	return p
}
