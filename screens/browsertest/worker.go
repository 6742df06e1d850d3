package browsertest

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
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
			return &Worker{t.tb, ctx}
		}
	}
	t.tb.Fatal("chromium: no worker has begun")
	return nil
}

// Do runs a statement in the worker.
func (w *Worker) Do(statement string) {
	w.tb.Helper()
	got := worked(w, runtime.Evaluate, runtime.EvaluateParams{Expression: statement})
	if got.ExceptionDetails != nil {
		w.tb.Fatalf("%s: %s", statement, got.ExceptionDetails.Text)
	}
}

// Heap collects the worker's garbage and gives the bytes that its heap holds then, with what the engine
// has compiled.
func (w *Worker) Heap() int64 {
	w.tb.Helper()
	for range 3 { // what finalizers let go of goes with the next
		worked(w, heapprofiler.CollectGarbage, cdp.Empty{})
	}
	return int64(worked(w, runtime.GetHeapUsage, cdp.Empty{}).UsedSize)
}

func worked[P, R any](w *Worker, command cdp.Command[P, R], params P) R {
	w.tb.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, stepLimit)
	defer cancel()
	got, err := chromedp.Call(ctx, command, params)
	if err != nil {
		w.tb.Fatalf("chromium's worker: %v", err)
	}
	return got
}
