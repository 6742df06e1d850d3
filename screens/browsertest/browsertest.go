// Package browsertest drives a real Chromium for tests and screenshots.
package browsertest

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
)

// Tab is one page of a browser of its own; it ends with the test.
type Tab struct {
	tb  testing.TB
	ctx context.Context

	mu     sync.Mutex
	errors []string
}

// Open starts Chromium with a window of width × height CSS pixels.
func Open(tb testing.TB, width, height int) *Tab {
	tb.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		tb.Fatal("Chromium is not installed: run make deps")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(width, height),
		chromedp.UserDataDir(tb.TempDir()),
		// A closed network: nothing of the browser's own is to be looked up.
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("hide-scrollbars", true),
	)
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, quit := chromedp.NewContext(alloc)
	t := &Tab{tb: tb, ctx: ctx}
	tb.Cleanup(func() {
		// Closing in order lets Chromium write its profile before the folder goes.
		if err := chromedp.Cancel(ctx); err != nil {
			tb.Logf("chromium: %v", err)
		}
		quit()
		stop()
	})
	// Started on its own context: the browser outlives every step's time.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(int64(width), int64(height))); err != nil {
		tb.Fatalf("chromium: %v", err)
	}
	go t.listen()
	return t
}

// listen keeps what the page complains of.
func (t *Tab) listen() {
	for m, err := range chromedp.Console(t.ctx) {
		if err != nil {
			return
		}
		// A socket that is refused while the server is gone is no fault of the page.
		if m.Type != "error" && !m.IsException() || strings.Contains(m.Text, "WebSocket connection") || strings.Contains(m.Text, "net::ERR_") {
			continue
		}
		t.mu.Lock()
		t.errors = append(t.errors, m.String())
		t.mu.Unlock()
	}
}

// Errors lists what the page has complained of so far.
func (t *Tab) Errors() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.errors...)
}

// stepLimit bounds one step of a test.
const stepLimit = 60 * time.Second

func run[T any](t *Tab, a chromedp.Action[T]) T {
	t.tb.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, stepLimit)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		t.tb.Fatalf("chromium: %v (the page says %q)", err, t.Errors())
	}
	return v
}

// Goto opens a URL.
func (t *Tab) Goto(url string) { t.tb.Helper(); run(t, chromedp.Navigate(url)) }

// Resize makes the window width × height CSS pixels.
func (t *Tab) Resize(width, height int) {
	t.tb.Helper()
	run(t, chromedp.EmulateViewport(int64(width), int64(height)))
}

// Click clicks a point of the window.
func (t *Tab) Click(x, y float64) { t.tb.Helper(); run(t, chromedp.MouseClickXY(x, y)) }

// Press presses keys, as a person at a keyboard does; package kb of chromedp names those
// without a letter.
func (t *Tab) Press(keys string) { t.tb.Helper(); run(t, chromedp.KeyEvent(keys)) }

// Eval evaluates an expression and decodes its JSON value into out.
func (t *Tab) Eval(expression string, out any) {
	t.tb.Helper()
	text := run(t, chromedp.Evaluate[string]("JSON.stringify("+expression+") ?? 'null'"))
	if err := json.Unmarshal([]byte(text), out); err != nil {
		t.tb.Fatalf("%s gives %s: %v", expression, text, err)
	}
}

// Until waits until the expression is true, for at most limit, and gives the
// time that it took.
func (t *Tab) Until(expression string, limit time.Duration) time.Duration {
	t.tb.Helper()
	begun := time.Now()
	for {
		var ok bool
		t.Eval("!!("+expression+")", &ok)
		took := time.Since(begun)
		if ok {
			return took
		}
		if took > limit {
			var text string
			t.Eval("document.body.innerText", &text)
			t.tb.Fatalf("after %s it is still not true that %s; errors %q; the page shows:\n%s", limit, expression, t.Errors(), text)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// Screenshot writes what the window shows as PNG.
func (t *Tab) Screenshot(file string) {
	t.tb.Helper()
	png := t.Picture()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.tb.Fatal(err)
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		t.tb.Fatal(err)
	}
}

// Small writes what a window of width × height shows as WebP, scaled down to at most most
// pixels across, for a place where pictures should be light.
func (t *Tab) Small(file string, width, height, most int) {
	t.tb.Helper()
	picture := run(t, func(ctx context.Context, _ *chromedp.Target) ([]byte, error) {
		quality := int64(70)
		got, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
			Format: "webp", Quality: &quality,
			Clip: &page.Viewport{Width: float64(width), Height: float64(height), Scale: min(1, float64(most)/float64(width))},
		})
		return got.Data, err
	})
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.tb.Fatal(err)
	}
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		t.tb.Fatal(err)
	}
}

// Picture is what the window shows, as PNG.
func (t *Tab) Picture() []byte { t.tb.Helper(); return run(t, chromedp.CaptureScreenshot()) }

// Metrics are Chromium's own counts for the page: seconds for names that end in
// Duration, bytes for those that end in Size.
func (t *Tab) Metrics() map[string]float64 {
	t.tb.Helper()
	return run(t, func(ctx context.Context, _ *chromedp.Target) (map[string]float64, error) {
		if _, err := chromedp.Call(ctx, performance.Enable, performance.EnableParams{}); err != nil {
			return nil, err
		}
		got, err := chromedp.Call(ctx, performance.GetMetrics, cdp.Empty{})
		if err != nil {
			return nil, err
		}
		out := map[string]float64{}
		for _, m := range got.Metrics {
			out[m.Name] = m.Value
		}
		return out, nil
	})
}
