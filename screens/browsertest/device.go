package browsertest

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	_ "image/png" // what frames come as
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// call sends a command of the browser's protocol to the page.
func call[P, R any](t *Tab, cmd cdp.Command[P, R], params P) R {
	t.tb.Helper()
	return run(t, func(ctx context.Context, _ *chromedp.Target) (R, error) { return chromedp.Call(ctx, cmd, params) })
}

// Freeze stops the page as a browser does that saves power; Thaw lets it go on.
func (t *Tab) Freeze() { t.tb.Helper(); t.lifecycle("frozen") }

// Thaw lets a page go on that was frozen, and shows it again: the browser hides what it freezes.
func (t *Tab) Thaw() {
	t.tb.Helper()
	t.lifecycle("active")
	call(t, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
}

func (t *Tab) lifecycle(state page.SetWebLifecycleStateState) {
	t.tb.Helper()
	call(t, page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: state})
}

// Act runs a statement as if a person had touched the page.
func (t *Tab) Act(statement string) {
	t.tb.Helper()
	yes := true
	got := call(t, runtime.Evaluate, runtime.EvaluateParams{Expression: statement, UserGesture: &yes, AwaitPromise: &yes})
	if got.ExceptionDetails != nil {
		t.tb.Fatalf("%s: %s", statement, got.ExceptionDetails.Text)
	}
}

// Touch makes the window a tablet's, with touch and width × height CSS pixels.
func (t *Tab) Touch(width, height int) {
	t.tb.Helper()
	call(t, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: int64(width), Height: int64(height), DeviceScaleFactor: 2, Mobile: true})
	call(t, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true, MaxTouchPoints: 5})
}

// Swipe draws a finger over the glass from one point to another.
func (t *Tab) Swipe(x1, y1, x2, y2 float64) {
	t.tb.Helper()
	const steps = 8
	for i := range steps + 1 {
		at := float64(i) / steps
		kind := input.DispatchTouchEventType("touchMove")
		if i == 0 {
			kind = "touchStart"
		}
		t.touch(kind, &input.TouchPoint{X: x1 + at*(x2-x1), Y: y1 + at*(y2-y1)})
	}
	t.touch("touchEnd")
}

// Tap touches a point of the window.
func (t *Tab) Tap(x, y float64) {
	t.tb.Helper()
	t.touch("touchStart", &input.TouchPoint{X: x, Y: y})
	t.touch("touchEnd")
}

func (t *Tab) touch(kind input.DispatchTouchEventType, points ...*input.TouchPoint) {
	t.tb.Helper()
	if points == nil {
		points = []*input.TouchPoint{}
	}
	call(t, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points})
}

// Type writes a text where the keyboard is, as an input method does.
func (t *Tab) Type(text string) {
	t.tb.Helper()
	call(t, input.InsertText, input.InsertTextParams{Text: text})
}

// Part is what a screen reader is told of: a role and a name, and a value where there is one.
type Part struct{ Role, Name, Value string }

// Parts lists all that a screen reader is told of the page.
func (t *Tab) Parts() []Part {
	t.tb.Helper()
	var all []Part
	for _, n := range call(t, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{}).Nodes {
		if !n.Ignored {
			all = append(all, Part{said(n.Role), said(n.Name), said(n.Value)})
		}
	}
	return all
}

func said(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	var text string
	if err := json.Unmarshal(v.Value, &text); err != nil {
		text = strings.Trim(string(v.Value), `"`) // a number or a state
	}
	return text
}

// Frames calls see for what the window shows, as often as it changes, until the function that it gives is
// called, which waits for the last one.
func (t *Tab) Frames(width int, see func(image.Image)) (stop func()) {
	t.tb.Helper()
	ctx, cancel := context.WithCancel(t.ctx)
	events := chromedp.Events(ctx, page.ScreencastFrame)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ev, err := range events {
			if err != nil {
				return
			}
			if _, err := chromedp.Run(ctx, func(ctx context.Context, _ *chromedp.Target) (cdp.Empty, error) {
				return chromedp.Call(ctx, page.ScreencastFrameAck, page.ScreencastFrameAckParams{SessionID: ev.SessionID})
			}); err != nil {
				return
			}
			picture, _, err := image.Decode(bytes.NewReader(ev.Data))
			if err != nil {
				t.tb.Errorf("a frame: %v", err)
				return
			}
			see(picture)
		}
	}()
	call(t, page.StartScreencast, page.StartScreencastParams{Format: "png", MaxWidth: int64(width), MaxHeight: int64(width)})
	return func() {
		call(t, page.StopScreencast, cdp.Empty{})
		cancel()
		<-done
	}
}
