package browsertest

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// Worker is a worker of a page.
type Worker struct {
	tb  testing.TB
	ctx context.Context
}

// Worker does something with which the page begins a worker, and gives that.
func (t *Tab) Worker(begin func()) *Worker {
	t.tb.Helper()
	ctx, stop := context.WithTimeout(t.ctx, stepLimit)
	defer stop()
	attached := chromedp.Events(ctx, target.AttachedToTarget)
	begin()
	for e, err := range attached {
		if err != nil {
			t.tb.Fatalf("chromium: no worker has begun: %v", err)
		}
		if e.TargetInfo.Type == "worker" {
			ctx, quit := chromedp.NewContext(t.ctx, chromedp.WithTargetID(e.TargetInfo.TargetID))
			t.tb.Cleanup(quit)
			// Attached on its own context: what it says is heard for longer than this step.
			if _, err := chromedp.Call(ctx, runtime.Enable, cdp.Empty{}); err != nil {
				t.tb.Fatalf("chromium's worker: %v", err)
			}
			return &Worker{t.tb, ctx}
		}
	}
	t.tb.Fatal("chromium: no worker has begun")
	return nil
}

// Do runs a statement in the worker.
func (w *Worker) Do(statement string) {
	w.tb.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, stepLimit)
	defer cancel()
	got, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: statement})
	if err != nil {
		w.tb.Fatalf("chromium's worker: %v", err)
	}
	if got.ExceptionDetails != nil {
		w.tb.Fatalf("%s: %s", statement, got.ExceptionDetails.Text)
	}
}

// Held collects the worker's garbage and says what is left; a worker has no nodes.
func (w *Worker) Held() Held {
	w.tb.Helper()
	return heap(w.tb, w.ctx)
}
