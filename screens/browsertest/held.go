package browsertest

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/memory"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Held is what a page holds once its garbage is collected.
type Held struct {
	// Heap is bytes of JavaScript's heap.
	Heap int64
	// Nodes and Listeners are those of the DOM, detached ones, too.
	Nodes, Listeners int64
}

// Held collects the page's garbage and says what is left.
func (t *Tab) Held() Held {
	t.tb.Helper()
	return run(t, func(ctx context.Context, _ *chromedp.Target) (Held, error) {
		for range 3 { // what finalizers let go of goes with the next
			if _, err := chromedp.Call(ctx, heapprofiler.CollectGarbage, cdp.Empty{}); err != nil {
				return Held{}, err
			}
		}
		heap, err := chromedp.Call(ctx, runtime.GetHeapUsage, cdp.Empty{})
		if err != nil {
			return Held{}, err
		}
		dom, err := chromedp.Call(ctx, memory.GetDOMCounters, cdp.Empty{})
		return Held{Heap: int64(heap.UsedSize), Nodes: dom.Nodes, Listeners: dom.JsEventListeners}, err
	})
}
