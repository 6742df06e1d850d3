package browsertest

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
)

// Task is what a page's main thread did without a pause.
type Task struct {
	// Begun is by the browser's clock.
	Begun time.Duration
	// Wall is how long it took, CPU how much of the processor's time the thread had of that:
	// the rest was others' who share the machine.
	Wall, CPU time.Duration
}

// Trace is what the browser says of the page's main thread, in the order of time.
type Trace struct {
	Tasks []Task
	// Marks are the moments of performance.mark(name), by the name.
	Marks map[string][]time.Duration
	// Inside is the time of what tasks are made of, by Chromium's name for it; only where it
	// was asked for, since to trace it makes all of it slower.
	Inside map[string]time.Duration
}

// traced is an event of the trace; times are microseconds.
type traced struct {
	Name, Cat, Ph string
	Pid, Tid      int
	Ts, Dur, Tdur float64
	Args          struct {
		Name string `json:"name"`
	}
}

// Trace traces the page while something happens; inside, what tasks are made of, too.
func (t *Tab) Trace(inside bool, during func()) Trace {
	t.tb.Helper()
	categories := []string{"toplevel", "blink.user_timing"}
	if inside {
		categories = append(categories, "devtools.timeline", "v8.execute")
	}
	var events []traced
	done := make(chan error, 1)
	collect := func(e any) {
		switch e := e.(type) {
		case *tracing.EventDataCollected:
			for _, raw := range e.Value {
				var one traced
				if json.Unmarshal(raw, &one) == nil { // those with arguments of another form are none of ours
					events = append(events, one)
				}
			}
		case *tracing.EventTracingComplete:
			done <- nil
		}
	}
	ctx, stop := context.WithCancel(t.ctx)
	defer stop()
	if err := chromedp.Listen(ctx, collect); err != nil {
		t.tb.Fatalf("chromium: %v", err)
	}
	run(t, func(ctx context.Context, _ *chromedp.Target) (cdp.Empty, error) {
		return chromedp.Call(ctx, tracing.Start, tracing.StartParams{
			TransferMode: tracing.StartTransferModeReportEvents,
			TraceConfig:  &tracing.TraceConfig{RecordMode: tracing.TraceConfigRecordModeRecordAsMuchAsPossible, IncludedCategories: categories},
		})
	})
	during()
	run(t, func(ctx context.Context, _ *chromedp.Target) (cdp.Empty, error) {
		return chromedp.Call(ctx, tracing.End, cdp.Empty{})
	})
	select {
	case <-done:
	case <-time.After(stepLimit):
		t.tb.Fatal("chromium: the trace has not come")
	}
	return read(events)
}

// read finds the page's main thread: of all renderers the one with the most to do.
func read(events []traced) Trace {
	type thread struct{ pid, tid int }
	main := map[thread]bool{}
	for _, e := range events {
		if e.Name == "thread_name" && e.Args.Name == "CrRendererMain" {
			main[thread{e.Pid, e.Tid}] = true
		}
	}
	by := map[thread]*Trace{}
	var most *Trace
	for _, e := range events {
		id := thread{e.Pid, e.Tid}
		if !main[id] {
			continue
		}
		if by[id] == nil {
			by[id] = &Trace{Marks: map[string][]time.Duration{}, Inside: map[string]time.Duration{}}
		}
		of := by[id]
		at, wall, cpu := micro(e.Ts), micro(e.Dur), micro(e.Tdur)
		switch {
		case e.Cat == "blink.user_timing":
			of.Marks[e.Name] = append(of.Marks[e.Name], at)
		case e.Ph == "X" && (e.Name == "RunTask" || e.Name == "ThreadControllerImpl::RunTask"):
			of.Tasks = append(of.Tasks, Task{at, wall, cpu})
		case e.Ph == "X":
			of.Inside[e.Name] += cpu
		}
		if most == nil || len(of.Tasks) > len(most.Tasks) {
			most = of
		}
	}
	if most == nil {
		return Trace{}
	}
	slices.SortFunc(most.Tasks, func(a, b Task) int { return cmp.Compare(a.Begun, b.Begun) })
	return *most
}

func micro(us float64) time.Duration { return time.Duration(us * float64(time.Microsecond)) }
