package hub_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
	"liaowang/screens/hub"
)

func (d *display) read(into any) {
	d.t.Helper()
	_ = d.ws.SetReadDeadline(time.Now().Add(time.Minute))
	if err := d.ws.ReadJSON(into); err != nil {
		d.t.Fatal(err)
	}
}

// reason waits for the close and gives what its reason says.
func (d *display) reason() (code int, why struct {
	Reason  string
	RetryMS int64 `json:"retry_ms"`
}) {
	d.t.Helper()
	_ = d.ws.SetReadDeadline(time.Now().Add(time.Minute))
	for {
		_, _, err := d.ws.ReadMessage()
		var e *websocket.CloseError
		switch {
		case err == nil:
			continue
		case !errors.As(err, &e):
			d.t.Fatalf("the connection ended with %v, expected a close code", err)
		case len(e.Text) > 123:
			d.t.Fatalf("the reason has %d bytes", len(e.Text))
		}
		if err := json.Unmarshal([]byte(e.Text), &why); err != nil {
			d.t.Fatalf("the reason is %q: %v", e.Text, err)
		}
		return e.Code, why
	}
}

func TestHelloSaysWhatAClientMaySend(t *testing.T) {
	h := newHall(t, "")
	ws, response, err := websocket.DefaultDialer.Dial(h.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	defer ws.Close()
	_, text, err := ws.ReadMessage()
	if err != nil || !strings.Contains(string(text), `"ack_ms":1000,"limits":{"message_bytes":4096,"messages_at_once":20,"messages_per_second":5}`) {
		t.Fatalf("%s, %v", text, err)
	}
}

func TestTheServersClockIsTold(t *testing.T) {
	h := newHall(t, "", calm)
	d := h.open()
	for _, t0 := range []string{"81234.5", "-1", "1e3"} {
		before := time.Now()
		d.say(`{"type":"time","t0":` + t0 + `}`)
		var m struct {
			Type   string
			T0     json.RawMessage
			T1, T2 float64
		}
		for m.Type != "time" {
			d.read(&m)
		}
		ms := func(t time.Time) float64 { return float64(t.UnixMicro())/1000 - 0.001 }
		if string(m.T0) != t0 || m.T1 < ms(before) || m.T2 < m.T1 || m.T2 > ms(time.Now())+1 {
			t.Fatalf("asked with %s at %f: %+v", t0, ms(before), m)
		}
	}
	for _, wrong := range []string{`"a"`, "null", "[1]", `{"a":1}`, strings.Repeat("1", 50)} {
		d.say(`{"type":"time","t0":` + wrong + `}`)
		if m := d.until("error"); m.Code != "bad_message" {
			t.Fatalf("t0 %s: %v", wrong, m)
		}
	}
}

// TestAllNodesShowABatchAtTheSameMoment: it follows from when the batch was published.
func TestAllNodesShowABatchAtTheSameMoment(t *testing.T) {
	server := redistest.Start(t)
	one := newHall(t, server.URL(), calm)
	other := one.join()
	one.publish(1, 10)
	var viewers []*viewer
	for _, h := range []*hall{one, one, other} {
		v := h.view(province)
		v.until(1)
		viewers = append(viewers, v)
	}
	one.publish(2, 11)
	published := time.Now()
	var at []int64
	for _, v := range viewers {
		var m struct {
			Type   string
			ShowAt int64 `json:"show_at"`
		}
		for m.Type != "patch" {
			v.read(&m)
		}
		at = append(at, m.ShowAt)
	}
	for _, ms := range at {
		// Each node knows the clock of Redis to half of the quickest answer's time.
		if apart := ms - at[0]; apart < -50 || apart > 50 {
			t.Fatalf("the displays are to show it at %d", at)
		}
		if late := ms - published.UnixMilli(); late < -1000 || late > 1000 {
			t.Fatalf("%d ms after it was published", late)
		}
	}
}

func TestAcksShowWhoIsBehind(t *testing.T) {
	h := newHall(t, "")
	h.publish(1, 10)
	good, frozen, quiet := h.view(province), h.view(province), h.open()
	quiet.subscribe(province, "")
	good.until(1)
	frozen.until(1)
	quiet.until("snapshot")
	good.say(`{"type":"ack","batch":1,"drawn":0,"frame_ms":1}`)
	frozen.say(`{"type":"ack","batch":1,"drawn":0,"frame_ms":1}`)
	h.publish(2, 11)
	good.until(2)
	ack := fmt.Sprintf(`{"type":"ack","batch":2,"drawn":%d.5,"frame_ms":3.5,"heap":1000}`, time.Now().UnixMilli())
	good.say(ack)
	good.say(`{"type":"ack","batch":9}`) // of another connection: let pass
	for _, d := range []*display{good.display, frozen.display, quiet} {
		d.listen()
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		list := h.hub.List()
		if len(list) != 3 {
			t.Fatalf("%d displays", len(list))
		}
		if list[0].Ack != nil && list[0].Ack.Batch == 2 && list[1].Behind {
			g, f, q := list[0], list[1], list[2]
			if g.Behind || g.Ack.FrameMS != 3.5 || g.Ack.Heap != 1000 || g.Ack.DrawnMS == nil || *g.Ack.DrawnMS > 60_000 || *g.LagMS != 0 {
				t.Errorf("the good one: %+v, %+v", g, g.Ack)
			}
			if f.Ack.Batch != 1 || f.Ack.DrawnMS != nil || *f.LagMS == 0 || f.Batch != 2 || f.Screen != "overview" || f.Region != province || f.Remote == "" {
				t.Errorf("the frozen one: %+v, %+v", f, f.Ack)
			}
			if q.Behind || q.Ack != nil || q.LagMS != nil || q.Acks {
				t.Errorf("the one that acks nothing: %+v", q)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%+v %+v", list, list[0].Ack)
		}
	}
	if n := h.gauge("liaowang_displays_behind"); n != 1 {
		t.Errorf("%v displays are behind, expected 1", n)
	}
	d := h.open()
	d.say(`{"type":"ack","batch":2,"frame_ms":-1}`)
	if m := d.until("error"); m.Code != "bad_message" {
		t.Error(m)
	}
}

// listen lets a display live on: it answers pings, and nobody looks at it any more.
func (d *display) listen() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = d.ws.SetReadDeadline(time.Time{})
		for {
			if _, _, err := d.ws.ReadMessage(); err != nil {
				return
			}
		}
	}()
	d.t.Cleanup(func() { d.ws.Close(); <-done })
}

// gauge reads a gauge or a counter of the hub's registry.
func (h *hall) gauge(name string) float64 {
	h.t.Helper()
	all, err := h.registry.Gather()
	if err != nil {
		h.t.Fatal(err)
	}
	for _, f := range all {
		if f.GetName() == name {
			m := f.GetMetric()[0]
			return m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	h.t.Fatalf("there is no %s", name)
	return 0
}

// refusal asks for a connection and gives how it was refused.
func (h *hall) refusal() (code string) {
	h.t.Helper()
	ws, response, err := websocket.DefaultDialer.Dial(h.url, nil)
	if err == nil {
		ws.Close()
		return ""
	}
	if response == nil {
		h.t.Fatal(err)
	}
	var body struct{ Error hub.Refusal }
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		h.t.Fatalf("HTTP %d: %v", response.StatusCode, err)
	}
	if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" || body.Error.Message == "" {
		h.t.Fatalf("HTTP %d, %v, %+v", response.StatusCode, response.Header, body)
	}
	return body.Error.Code
}

func TestANodeTakesNoMoreThanItMay(t *testing.T) {
	h := newHall(t, "", calm, func(h *hall) { h.most = 2 })
	first := h.open()
	h.open()
	if code := h.refusal(); code != "full" {
		t.Fatalf("refused with %q", code)
	}
	first.ws.Close()
	for deadline := time.Now().Add(time.Minute); h.refusal() != ""; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the node stays full though one has gone")
		}
	}
}

// TestANodeWithoutRedisKeepsItsDisplaysAndTakesNoOthers: they are told, it is not ready.
func TestANodeWithoutRedisKeepsItsDisplaysAndTakesNoOthers(t *testing.T) {
	server := redistest.Start(t)
	h := newHall(t, server.URL(), func(h *hall) { h.storePatience = 100 * time.Millisecond })
	h.publish(1, 10)
	d := h.open()
	d.subscribe(province, "")
	d.until("snapshot")
	server.Kill()
	for m := d.next(); m.Status.Source != "store_lost"; m = d.next() {
	}
	if h.hub.Ready() == nil {
		t.Fatal("the node says that it is ready")
	}
	for deadline := time.Now().Add(time.Minute); h.refusal() != "store_lost"; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the node still takes displays")
		}
	}
	for range 3 { // the one that it has stays
		if m := d.until("beat"); m.number() != 1 {
			t.Fatal(m)
		}
	}
	server.Restart()
	for deadline := time.Now().Add(time.Minute); h.refusal() != ""; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the node takes no displays though Redis is back")
		}
	}
}

func TestClosesSayWhenToComeBack(t *testing.T) {
	h := newHall(t, "")
	h.publish(1, 10)
	t.Run("a flood", func(t *testing.T) {
		d := h.open()
		for range 30 {
			if d.ws.WriteMessage(websocket.TextMessage, []byte("{}")) != nil {
				break // already closed
			}
		}
		if code, why := d.reason(); code != 4001 || why.Reason != "flood" || why.RetryMS != 0 {
			t.Fatalf("%d %+v", code, why)
		}
	})
	t.Run("a flood of pings", func(t *testing.T) {
		d := h.open()
		for range 50 {
			if d.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Minute)) != nil {
				break
			}
		}
		if code, why := d.reason(); code != 4001 || why.Reason != "flood" {
			t.Fatalf("%d %+v", code, why)
		}
	})
	t.Run("one that is not heard", func(t *testing.T) {
		d := h.open()
		d.ws.SetPingHandler(func(string) error { return nil })
		if code, why := d.reason(); code != 4101 || why.Reason != "unheard" || why.RetryMS <= 0 {
			t.Fatalf("%d %+v", code, why)
		}
	})
	t.Run("draining", func(t *testing.T) {
		h := newHall(t, "", calm)
		h.publish(1, 10)
		var all []*display
		for range 60 {
			d := h.open()
			d.subscribe(province, "")
			all = append(all, d)
		}
		go h.stop()
		waits := map[int64]bool{}
		for _, d := range all {
			code, why := d.reason()
			if code != 4100 || why.Reason != "draining" || why.RetryMS <= 0 || why.RetryMS > 1000 {
				t.Fatalf("%d %+v", code, why)
			}
			waits[why.RetryMS] = true
		}
		if len(waits) < 10 {
			t.Fatalf("60 displays come back at %d moments", len(waits))
		}
		if h.hub.Ready() == nil {
			t.Fatal("a node that is going away says that it is ready")
		}
		h.stop()
	})
}

func TestWhoeverComesWhileANodeGoesIsRefused(t *testing.T) {
	h := newHall(t, "")
	h.open() // it does not hang up: the node waits for it
	closed := make(chan struct{})
	go func() { defer close(closed); _ = h.hub.Close(t.Context()) }()
	for deadline := time.Now().Add(time.Minute); h.refusal() != "draining"; {
		if time.Now().After(deadline) {
			t.Fatal("the node takes displays though it is going away")
		}
	}
	<-closed
}

// TestManyComeBackAtOnce: each is answered from the hub's memory.
func TestManyComeBackAtOnce(t *testing.T) {
	h := newHall(t, "", calm)
	h.publish(1, 10)
	h.publish(2, 11)
	h.newestAny(2)
	all := make([]*display, 200)
	for i := range all {
		all[i] = h.open()
	}
	for i, d := range all {
		d.subscribe(province, fmt.Sprintf(`{"history":"history","batch":%d}`, 1+i%2))
	}
	for i, d := range all {
		d.until([]string{"batch", "current"}[i%2])
	}
}

// newestAny waits until the hub has a batch.
func (h *hall) newestAny(number uint64) *batch.Header {
	h.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if header, _ := h.hub.Newest("", ""); header != nil && header.Number >= number {
			return header
		}
	}
	h.t.Fatalf("the hub never has batch %d", number)
	return nil
}
