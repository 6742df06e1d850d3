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
	"strings"
	"sync"
	"testing"
	"time"

	"liaowang/aggregator/engine"
)

// childVariable marks the re-executed test binary.
const childVariable = "LIAOWANG_TEST_ENGINE_CHILD"

// Main runs the tests, or the engine in the child process, and exits.
func Main(m *testing.M) { MainThen(m, func(code int) int { return code }) }

// MainThen is Main with a last word: then gets the tests' exit code and gives
// the process's.
func MainThen(m *testing.M, then func(code int) int) {
	if folder := os.Getenv(serverVariable); folder != "" {
		fmt.Fprintln(os.Stderr, serve(folder))
		os.Exit(1)
	}
	if os.Getenv(childVariable) == "" {
		code := m.Run()
		shared.stop()
		templates.remove()
		os.Exit(then(code))
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
	return StartIn(tb, tb.TempDir())
}

// StartIn starts an engine on a folder of the caller's, whose data it finds again;
// it ends with the test.
func StartIn(tb testing.TB, folder string) *engine.Process {
	tb.Helper()
	p, err := start(tb.Context(), folder)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := stop(p); err != nil {
			tb.Error(err)
		}
	})
	return p
}

// start starts an engine. Where the race detector watches over it, too, it does not wait
// for a second at its end, as that does otherwise, in case that a race is still to be told.
func start(ctx context.Context, folder string) (*engine.Process, error) {
	library, err := engine.FindLibrary("")
	if err != nil {
		return nil, err
	}
	return engine.Start(ctx, engine.Config{
		Env: append(os.Environ(), childVariable+"=1", "GORACE="+strings.TrimSpace(os.Getenv("GORACE")+" atexit_sleep_ms=0")), Library: library, Path: folder,
		Listen: "127.0.0.1:0", MaxBackoff: time.Second, Logger: slog.New(slog.DiscardHandler),
	})
}

func stop(p *engine.Process) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return p.Stop(ctx)
}

// sharedEngine is one engine for all tests of a binary.
type sharedEngine struct {
	once    sync.Once
	folder  string
	process *engine.Process
	err     error
}

var shared sharedEngine

// Shared gives an engine that all tests of the binary share; it ends with Main.
// Tests keep apart by databases of their own.
func Shared(tb testing.TB) *engine.Process {
	tb.Helper()
	shared.once.Do(func() {
		if shared.folder, shared.err = os.MkdirTemp("", "liaowang-engine-"); shared.err == nil {
			shared.process, shared.err = start(context.Background(), shared.folder)
		}
	})
	if shared.err != nil {
		tb.Fatal(shared.err)
	}
	return shared.process
}

func (s *sharedEngine) stop() {
	if s.process != nil {
		if err := stop(s.process); err != nil {
			fmt.Fprintln(os.Stderr, "shared engine:", err)
		}
	}
	if s.folder != "" {
		_ = os.RemoveAll(s.folder) // a temporary folder
	}
}
