package hub_test

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
	"liaowang/screens"
)

func TestSnapshotThenWhatChanged(t *testing.T) {
	h := newHall(t, "")
	h.publish(1, 10)
	d := h.open()
	d.subscribe(province, "")
	snap := d.until("snapshot")
	if snap.number() != 1 || len(snap.Panels) < 9 {
		t.Fatalf("snapshot of batch %d with %d panels", snap.number(), len(snap.Panels))
	}
	h.publish(2, 11)
	part := d.until("batch")
	if part.number() != 2 {
		t.Fatalf("batch %d, want 2", part.number())
	}
	if got := part.panels(); got != "monitored" {
		t.Fatalf("panels %q changed, want monitored alone", got)
	}
	if !strings.Contains(string(part.Panels[0].Data), `"text":"11"`) {
		t.Fatalf("the headline says %s", part.Panels[0].Data)
	}
}

func TestResume(t *testing.T) {
	h := newHall(t, "")
	h.publish(1, 10)
	h.publish(2, 11)
	for _, tt := range []struct{ name, have, want, panels string }{
		{"the newest", `{"history":"history","term":1,"batch":2}`, "current", ""},
		{"an older one", `{"history":"history","term":1,"batch":1}`, "batch", "monitored"},
		{"another history", `{"history":"other","term":9,"batch":99}`, "snapshot", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := h.open()
			d.subscribe(province, tt.have)
			m := d.until(tt.want)
			if m.number() != 2 || tt.panels != "" && m.panels() != tt.panels {
				t.Fatalf("batch %d with panels %q, want 2 with %q", m.number(), m.panels(), tt.panels)
			}
		})
	}
	t.Run("a newer one than this node has", func(t *testing.T) {
		d := h.open()
		d.subscribe(province, `{"history":"history","term":1,"batch":3}`)
		for range 3 {
			if m := d.next(); m.Type != "beat" && m.Type != "status" {
				t.Fatalf("got %v: the picture went back", m)
			}
		}
		h.publish(3, 12)
		h.publish(4, 13)
		for { // the node may pass batch 3, which the display has
			m := d.next()
			if m.Type == "batch" && m.number() == 4 {
				break
			}
			if m.Type != "beat" && m.Type != "status" && (m.Type != "current" || m.number() != 3) {
				t.Fatalf("got %v, want batch 4", m)
			}
		}
	})
	t.Run("after a restart of the node", func(t *testing.T) {
		h.stop()
		h.serve()
		d := h.open()
		d.subscribe(province, `{"history":"history","term":1,"batch":3}`)
		for {
			m := d.next()
			if m.Type == "batch" && m.number() == 4 && m.panels() == "monitored" {
				return
			}
			if m.Type != "beat" && m.Type != "status" && m.Code != "no_data_yet" {
				t.Fatalf("got %v, want what changed since batch 3", m)
			}
		}
	})
}

func TestAnotherHistoryReplacesThePicture(t *testing.T) {
	server := redistest.Start(t)
	h := newHall(t, server.URL())
	h.publish(1, 10)
	h.publish(2, 11)
	d := h.open()
	d.subscribe(province, "")
	for m := d.until("snapshot"); m.number() < 2; m = d.until("batch") {
	}
	server.Kill()
	server.Restart()
	lease, err := h.store.Acquire(t.Context(), "test", "run", batch.Floor{}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	h.lease = lease
	h.publishAs("new", 1, 3)
	if m := d.until("snapshot"); m.number() != 1 {
		t.Fatalf("batch %d, want 1 of the new history", m.number())
	}
}

func TestASubscriptionBeforeTheFirstBatchIsServedWhenItComes(t *testing.T) {
	h := newHall(t, "")
	d := h.open()
	d.subscribe(province, "")
	if m := d.until("error"); m.Code != "no_data_yet" || !m.Retry {
		t.Fatalf("got %v", m)
	}
	h.publish(1, 10)
	d.until("snapshot")
}

func TestRequestsThatAreWrong(t *testing.T) {
	h := newHall(t, "")
	h.publish(1, 10)
	for _, tt := range []struct{ name, text, code string }{
		{"not JSON", "hello", "bad_message"},
		{"another type", `{"type":"shout"}`, "bad_message"},
		{"a number", "7", "bad_message"},
		{"unknown screen", `{"type":"subscribe","screen":"nope","region":"460000"}`, "unknown_screen"},
		{"unknown region", `{"type":"subscribe","screen":"overview","region":"999999"}`, "unknown_region"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := h.open()
			d.say(tt.text)
			if m := d.until("error"); m.Code != tt.code {
				t.Fatalf("got %v, want %s", m, tt.code)
			}
			d.subscribe(province, "") // the connection lives on
			d.until("snapshot")
		})
	}
	t.Run("too large", func(t *testing.T) {
		d := h.open()
		d.say(`{"type":"` + strings.Repeat("x", 5000) + `"}`)
		if code := d.closeCode(); code != 4002 {
			t.Fatalf("closed with %d, want 4002", code)
		}
	})
	t.Run("a flood", func(t *testing.T) {
		d := h.open()
		for range 100 {
			if d.ws.WriteMessage(websocket.TextMessage, []byte("{}")) != nil {
				break // already closed
			}
		}
		if code := d.closeCode(); code != 4001 {
			t.Fatalf("closed with %d, want 4001", code)
		}
	})
	t.Run("a page of another site", func(t *testing.T) {
		_, response, err := websocket.DefaultDialer.Dial(h.url, http.Header{"Origin": {"http://elsewhere.example"}})
		if err == nil || response == nil || response.StatusCode != http.StatusForbidden {
			t.Fatalf("let in: %v %v", response, err)
		}
	})
}

// TestASlowDisplaySkipsBatches: a display that does not read gets the newest
// batch when it does, and costs the others nothing.
func TestASlowDisplaySkipsBatches(t *testing.T) {
	h := newHall(t, "", calm)
	h.publish(1, 10)
	dialer := websocket.Dialer{NetDial: func(network, addr string) (net.Conn, error) {
		c, err := net.Dial(network, addr)
		if err == nil {
			err = c.(*net.TCPConn).SetReadBuffer(4096)
		}
		return c, err
	}}
	ws, response, err := dialer.Dial(h.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	defer ws.Close()
	slow, good := &display{t, ws}, h.open()
	slow.next()
	slow.subscribe(province, "")
	good.subscribe(province, "")
	slow.until("snapshot")
	good.until("snapshot")
	const batches = 600
	var at uint64
	for n := uint64(2); n <= batches; n++ {
		h.publish(n, float64(n))
		if n%20 == 0 { // the good one keeps up
			for at < n {
				if m := good.until("batch"); m.number() > at {
					at = m.number()
				} else {
					t.Fatalf("batch %d after %d", m.number(), at)
				}
			}
		}
	}
	var got int
	var last uint64
	for last < batches {
		m := slow.until("batch")
		if m.number() <= last {
			t.Fatalf("batch %d after %d", m.number(), last)
		}
		last = m.number()
		got++
	}
	t.Logf("the slow display got %d of %d batches", got, batches)
	if got > batches/2 {
		t.Fatalf("the slow display got %d of %d batches: they were queued for it", got, batches)
	}
}

// TestAStalledDisplayIsCutOff: one that takes nothing for too long is gone, and
// nothing of it is left.
func TestAStalledDisplayIsCutOff(t *testing.T) {
	h := newHall(t, "", calm, func(h *hall) { h.patience = 300 * time.Millisecond })
	h.publish(1, 10)
	d := h.open()
	d.subscribe(province, "")
	for n := uint64(2); h.hub.Displays() > 0; n++ {
		if n > 20_000 {
			t.Fatal("the stalled display is still there")
		}
		h.publish(n, float64(n))
	}
}

func TestTheStateOfTheSourceIsTold(t *testing.T) {
	server := redistest.Start(t)
	h := newHall(t, server.URL())
	h.publish(1, 10)
	say := func(s batch.Status) {
		t.Helper()
		if err := h.store.SetStatus(t.Context(), h.lease, s, time.Second, true); err != nil {
			t.Fatal(err)
		}
	}
	say(batch.Status{Source: batch.SourceOK})
	d := h.open()
	d.subscribe(province, "")
	d.until("snapshot")
	wait := func(source string) {
		t.Helper()
		for {
			if m := d.next(); (m.Type == "status" || m.Type == "beat") && m.Status.Source == source {
				return
			}
		}
	}
	wait("ok")
	say(batch.Status{Source: batch.SourceLost, Words: "数据源无应答"})
	wait("lost")
	wait("silent") // the status has run out
	server.Kill()
	wait("store_lost")
	if h.hub.Ready() == nil {
		t.Error("a node without Redis says that it is ready")
	}
	server.Restart()
	wait("silent")
}

func TestDrainingTellsDisplaysToComeBack(t *testing.T) {
	h := newHall(t, "")
	h.publish(1, 10)
	d := h.open()
	d.subscribe(province, "")
	d.until("snapshot")
	go h.stop()
	if code := d.closeCode(); code != 4100 {
		t.Fatalf("closed with %d, want 4100", code)
	}
	h.stop()
}

// A screen that changes is another picture for its displays, and nothing to all others.
func TestAnotherEditionOfAScreen(t *testing.T) {
	h := newHall(t, "", calm)
	h.publish(1, 10)
	d, other := h.open(), h.open()
	d.subscribe(province, "")
	snap := d.until("snapshot")
	other.say(`{"type":"subscribe","screen":"people","region":"460000"}`)
	other.until("snapshot")

	list := slices.Clone(h.hub.Story())
	at := slices.IndexFunc(list, func(s screens.Screen) bool { return s.ID == "overview" })
	before := list[at].Edition
	if snap.Edition != before {
		t.Errorf("the snapshot is of edition %q, the screen of %q", snap.Edition, before)
	}
	list[at].Panels, list[at].Edition = list[at].Panels[:2], "another"
	h.hub.Replace(list)
	anew := d.until("snapshot")
	if anew.Edition != "another" || len(anew.Panels) != 2 || anew.number() != 1 {
		t.Errorf("after the change: edition %q, batch %d, %d panels", anew.Edition, anew.number(), len(anew.Panels))
	}
	h.publish(2, 11)
	if part := d.until("batch"); part.panels() != "monitored" || part.number() != 2 {
		t.Errorf("batch %d brings %q", part.number(), part.panels())
	}
	if m := other.until("batch"); m.number() != 2 {
		t.Errorf("a display of another screen was told of batch %d", m.number())
	}

	// Who comes back with a picture of the edition before gets all anew.
	for have, want := range map[string]string{
		fmt.Sprintf(`{"history":"history","term":1,"batch":2,"edition":%q}`, before): "snapshot",
		`{"history":"history","term":1,"batch":2,"edition":"another"}`:               "current",
		`{"history":"history","term":1,"batch":2}`:                                   "current",
	} {
		back := h.open()
		back.subscribe(province, have)
		back.until(want)
	}

	// One that is gone stays with those who show it.
	h.hub.Replace(list[at+1:])
	h.publish(3, 12)
	if part := d.until("batch"); part.number() != 3 {
		t.Errorf("the display of a screen that is gone shows batch %d", part.number())
	}
	late := h.open()
	late.subscribe(province, "")
	if m := late.until("error"); m.Code != "unknown_screen" {
		t.Errorf("the answer is %+v", m)
	}
}
