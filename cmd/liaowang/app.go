package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// app is what a subcommand has started. It is taken down in reverse, each step
// bounded, whatever became of the others.
type app struct {
	log *slog.Logger
	// now is the clock of what figures and walls go by.
	now   func() time.Time
	steps []step
	// failed carries the first background part that ended with an error.
	failed chan error
}

type step struct {
	name string
	stop func(context.Context) error
}

// stopTimeout bounds each step of the teardown.
const stopTimeout = 10 * time.Second

func newApp(log *slog.Logger) *app { return &app{log: log, now: time.Now, failed: make(chan error, 1)} }

// onStop adds a step to the teardown.
func (a *app) onStop(name string, stop func(context.Context) error) {
	a.steps = append(a.steps, step{name, stop})
}

// background runs a part until the teardown reaches it.
func (a *app) background(name string, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := run(ctx); err != nil {
			select {
			case a.failed <- fmt.Errorf("%s: %w", name, err):
			default:
			}
		}
	}()
	a.onStop(name, func(ctx context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

// wait blocks until ctx is done or a part has failed.
func (a *app) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-a.failed:
		return err
	}
}

// stop takes everything down and returns all that went wrong.
func (a *app) stop() error {
	var errs []error
	for i := len(a.steps) - 1; i >= 0; i-- {
		s := a.steps[i]
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		if err := s.stop(ctx); err != nil {
			errs = append(errs, fmt.Errorf("stopping %s: %w", s.name, err))
		}
		cancel()
		a.log.Debug("stopped", "part", s.name)
	}
	a.steps = nil
	return errors.Join(errs...)
}
