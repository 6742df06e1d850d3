package browsertest

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/memory"
	"github.com/chromedp/chromedp"
)

// Held is what a page holds once its garbage is collected.
type Held struct {
	// Heap is bytes of JavaScript's heap without what the engine has compiled: that grows for
	// hours, whenever a function has become worth it, and is thrown away where it is not used.
	Heap int64
	// Code is bytes that the engine has compiled.
	Code int64
	// Nodes and Listeners are those of the DOM, detached ones, too.
	Nodes, Listeners int64
}

// snapshot is a heap snapshot of Chromium, as far as it is read here: nodes are rows of numbers
// whose columns the meta names.
type snapshot struct {
	Snapshot struct {
		Meta struct {
			NodeFields []string `json:"node_fields"`
			NodeTypes  []any    `json:"node_types"`
		} `json:"meta"`
	} `json:"snapshot"`
	Nodes []int64 `json:"nodes"`
}

// Held collects the page's garbage and says what is left.
func (t *Tab) Held() Held {
	t.tb.Helper()
	held := heap(t.tb, t.ctx)
	dom := call(t, memory.GetDOMCounters, cdp.Empty{})
	held.Nodes, held.Listeners = dom.Nodes, dom.JsEventListeners
	return held
}

// heap collects the garbage of a page or a worker and says what is left.
func heap(tb testing.TB, ctx context.Context) (held Held) {
	tb.Helper()
	var mu sync.Mutex
	var text strings.Builder
	ctx, stop := context.WithTimeout(ctx, stepLimit)
	defer stop()
	if err := chromedp.Listen(ctx, func(e any) {
		if e, ok := e.(*heapprofiler.EventAddHeapSnapshotChunk); ok {
			mu.Lock()
			defer mu.Unlock()
			text.WriteString(e.Chunk)
		}
	}); err != nil {
		tb.Fatalf("chromium: %v", err)
	}
	for range 3 { // what finalizers let go of goes with the next
		if _, err := chromedp.Call(ctx, heapprofiler.CollectGarbage, cdp.Empty{}); err != nil {
			tb.Fatalf("chromium: %v", err)
		}
	}
	// It answers when the last piece has been sent.
	if _, err := chromedp.Call(ctx, heapprofiler.TakeHeapSnapshot, heapprofiler.TakeHeapSnapshotParams{}); err != nil {
		tb.Fatalf("chromium: %v", err)
	}
	mu.Lock()
	defer mu.Unlock()
	var s snapshot
	if err := json.Unmarshal([]byte(text.String()), &s); err != nil {
		tb.Fatalf("chromium: the heap's snapshot cannot be read: %v", err)
	}
	column := map[string]int{}
	for i, name := range s.Snapshot.Meta.NodeFields {
		column[name] = i
	}
	kinds, _ := s.Snapshot.Meta.NodeTypes[column["type"]].([]any)
	for at := 0; at+len(column) <= len(s.Nodes); at += len(column) {
		size := s.Nodes[at+column["self_size"]]
		switch kind, _ := kinds[s.Nodes[at+column["type"]]].(string); kind {
		case "code":
			held.Code += size
		case "native": // the browser's own, which is no part of the heap
		default:
			held.Heap += size
		}
	}
	return held
}
