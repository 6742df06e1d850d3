package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

// What a server says in these tests; a beat is a second.
const (
	helloText = `{"type":"hello","protocol":1,"time":1000,"beat_ms":1000,"ack_ms":1000}`
	scene7    = `"screen":"overview","region":"460000"`
	header7   = `{"history":"h","term":1,"batch":%d,"as_of":"2026-01-01T00:00:00Z","checks":[]}`
	statusOK  = `{"source":"ok","since":"2026-01-01T00:00:00Z","verified":"2026-01-01T00:00:00Z"}`
)

func snapshotText(number int) string {
	return fmt.Sprintf(`{"type":"snapshot",%s,"batch":%s,"status":%s,"panels":[{"id":"a","data":{"n":%d}}]}`, scene7, fmt.Sprintf(header7, number), statusOK, number)
}

func patchText(base, number int, more string) string {
	return fmt.Sprintf(`{"type":"patch","base":%d,"batch":%d%s,"panels":{"a":{"/n":%d}}}`, base, number, more, number)
}

// hall is a client that runs, and its server.
type hall struct {
	*Client
	t     *testing.T
	s     *server
	conn  *wire
	ended chan error
	stop  context.CancelFunc
}

// follow starts a client; it must end with the test.
func follow(t *testing.T, o Options) *hall {
	t.Helper()
	h := &hall{t: t, s: newServer(), ended: make(chan error, 1)}
	o.URL, o.Scene, o.Dial = "ws://hall/ws", Scene{"overview", "460000"}, h.s.dial
	var err error
	if h.Client, err = New(o); err != nil {
		t.Fatal(err)
	}
	var ctx context.Context
	ctx, h.stop = context.WithCancel(t.Context())
	go func() { h.ended <- h.Run(ctx) }()
	h.conn = <-h.s.dials
	return h
}

func (h *hall) end() {
	h.stop()
	if err := <-h.ended; err != nil {
		h.t.Errorf("the client ended with %v", err)
	}
}

func (h *hall) say(texts ...string) {
	for _, text := range texts {
		h.conn.in <- received{body: []byte(text)}
	}
	synctest.Wait()
}

// held is the newest picture, nil where there is no newer one.
func (h *hall) held() *Picture {
	synctest.Wait()
	select {
	case p := <-h.Pictures():
		return p
	default:
		return nil
	}
}

// of lists what was said, of a type.
func (h *hall) of(kind string) (all []map[string]any) {
	h.conn.mu.Lock()
	defer h.conn.mu.Unlock()
	for _, m := range h.conn.all {
		if m := m.(map[string]any); m["type"] == kind {
			all = append(all, m)
		}
	}
	return all
}

func TestAReaderWhoTakesHisTimeFindsTheNewestPicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := follow(t, Options{})
		defer h.end()
		h.say(helloText, snapshotText(1))
		first := h.held()
		for n := 1; n < 50; n++ {
			h.say(patchText(n, n+1, ""))
		}
		if p := h.held(); p == nil || p.Batch.Number != 50 {
			t.Fatalf("found %v, want the picture of batch 50", p)
		}
		if p := h.held(); p != nil {
			t.Fatalf("found batch %d behind the newest: there is a queue", p.Batch.Number)
		}
		if p, _ := first.Panel("a"); fmt.Sprint(p.Data) != "map[n:1]" {
			t.Fatalf("the first picture has changed to %v", p.Data)
		}
	})
}

func TestSilenceIsALostConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := follow(t, Options{})
		defer h.end()
		h.say(helloText, snapshotText(1))
		time.Sleep(2400 * time.Millisecond)
		h.say(`{"type":"beat","time":3400,"batch":1,"status":` + statusOK + `}`)
		time.Sleep(2400 * time.Millisecond)
		if p := h.held(); p == nil || p.Lost {
			t.Fatalf("before two and a half beats of silence: %v", p)
		}
		time.Sleep(200 * time.Millisecond)
		if p := h.held(); p == nil || !p.Lost || p.Batch.Number != 1 {
			t.Fatalf("after two and a half beats of silence: %v, want batch 1 as lost", p)
		}
		<-h.conn.closed
		h.conn = <-h.s.dials
		h.say(helloText, `{"type":"current",`+scene7+`,"batch":`+fmt.Sprintf(header7, 1)+`,"status":`+statusOK+`}`)
		if p := h.held(); p == nil || p.Lost {
			t.Fatalf("once told that it is current: %v, want it live", p)
		}
	})
}

func TestAHandOverIsNotALostConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := follow(t, Options{})
		defer h.end()
		h.say(helloText, snapshotText(1))
		h.held()
		h.conn.in <- received{err: &websocket.CloseError{Code: 4100, Text: `{"reason":"draining","retry_ms":700}`}}
		h.conn = <-h.s.dials
		time.Sleep(time.Second)
		if p := h.held(); p != nil {
			t.Fatalf("within two seconds: %v was told", p)
		}
		time.Sleep(time.Second)
		if p := h.held(); p == nil || !p.Lost {
			t.Fatalf("after two seconds: %v, want it lost", p)
		}
	})
}

func TestAcksTellOfTheNewestAndNotTooOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := follow(t, Options{Acks: true})
		defer h.end()
		h.say(helloText, snapshotText(1))
		for n := 1; n <= 3; n++ {
			h.Drawn(&Picture{Batch: Header{History: "h", Number: uint64(n)}}, Drawing{At: time.Now(), Ready: time.Now(), Frame: 2 * time.Millisecond, Heap: 7})
			synctest.Wait()
		}
		if acks := h.of("ack"); len(acks) != 1 || acks[0]["batch"] != 1. || acks[0]["frame_ms"] != 2. || acks[0]["heap"] != 7. || acks[0]["ready"] != acks[0]["drawn"] {
			t.Fatalf("at once: %v, want one ack of batch 1", acks)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if acks := h.of("ack"); len(acks) != 2 || acks[1]["batch"] != 3. {
			t.Fatalf("after a second: %v, want an ack of batch 3, too", acks)
		}
		if accept := h.of("subscribe")[0]["accept"]; fmt.Sprint(accept) != "[patch ack]" {
			t.Fatalf("accepts %v", accept)
		}
	})
}

func TestAServerOfBeforeIsAskedNothingThatItDoesNotKnow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := follow(t, Options{})
		defer h.end()
		h.say(`{"type":"hello","protocol":1,"time":1000,"beat_ms":60000}`, snapshotText(1))
		h.Drawn(h.held(), Drawing{At: time.Now()})
		time.Sleep(time.Minute)
		synctest.Wait()
		if asked, acked := h.of("time"), h.of("ack"); asked != nil || acked != nil {
			t.Fatalf("said %v and %v, want a subscription alone", asked, acked)
		}
	})
}

func TestTheMomentToShowIsByThisMachinesClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := follow(t, Options{})
		defer h.end()
		// The server's clock is an hour ahead. A slow answer says half a second more, and is not believed.
		server := func(at time.Time) float64 { return float64(at.Add(time.Hour).UnixMicro()) / 1000 }
		h.say(fmt.Sprintf(`{"type":"hello","time":%f,"beat_ms":60000,"ack_ms":1000}`, server(time.Now())))
		for i, delay := range []time.Duration{time.Second, 10 * time.Millisecond, time.Second} {
			asked := h.of("time")
			if len(asked) != i+1 {
				t.Fatalf("asked for the time %d times, want %d", len(asked), i+1)
			}
			time.Sleep(delay) // all of it on the way there
			now := server(time.Now())
			h.say(fmt.Sprintf(`{"type":"time","t0":%f,"t1":%f,"t2":%f}`, asked[i]["t0"], now, now))
		}
		h.say(snapshotText(1))
		for i, tt := range []struct{ in, want time.Duration }{{300 * time.Millisecond, 300 * time.Millisecond}, {-100 * time.Millisecond, 0}, {2 * time.Second, 0}} {
			h.held()
			now := time.Now()
			h.say(fmt.Sprintf(`{"type":"batch",%s,"show_at":%f,"batch":%s,"panels":[]}`, scene7, server(now.Add(tt.in)), fmt.Sprintf(header7, 2+i)))
			p := h.held()
			switch {
			case p == nil:
				t.Fatalf("%s ahead: no picture", tt.in)
			case tt.want == 0 && !p.ShowAt.IsZero():
				t.Errorf("%s ahead: to be shown at %s, want at once", tt.in, p.ShowAt)
			case tt.want != 0 && p.ShowAt.Sub(now.Add(tt.want)).Abs() > 6*time.Millisecond: // half the delay, and the rounding of the test
				t.Errorf("%s ahead: to be shown in %s", tt.in, p.ShowAt.Sub(now))
			}
		}
	})
}

func TestWhatAServerAnswersInsteadOfAConnection(t *testing.T) {
	asked := make(chan time.Time, 10)
	status := http.StatusServiceUnavailable
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked <- time.Now()
		w.Header().Set("Retry-After", "1")
		http.Error(w, `{"error":{"code":"full","message":"full"}}`, status)
		status = http.StatusForbidden
	}))
	defer server.Close()
	c, err := New(Options{URL: "ws" + strings.TrimPrefix(server.URL, "http"), Scene: Scene{"overview", "460000"}})
	if err != nil {
		t.Fatal(err)
	}
	err = c.Run(t.Context())
	var rejected *Rejected
	if !errors.As(err, &rejected) || rejected.Status != http.StatusForbidden {
		t.Fatalf("ended with %v, want the answer 403", err)
	}
	if pause := (<-asked).Sub(<-asked).Abs(); pause < time.Second {
		t.Errorf("came back after %s, the server asked for a second", pause)
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	if _, err := New(Options{URL: "ws://127.0.0.1/ws"}); err == nil || !strings.Contains(err.Error(), "screen") {
		t.Fatalf("got %v", err)
	}
}

func FuzzState(f *testing.F) {
	f.Add(helloText)
	f.Add(snapshotText(3))
	f.Add(patchText(7, 8, `,"set":{"/as_of":"2026-01-01T00:00:01Z"}`))
	f.Add(`{"type":"patch","base":7,"batch":8,"set":{"":5,"/checks":null},"panels":{"a":{"":null,"/x~1/y":[{}]}}}`)
	f.Add(`{"type":"batch",` + scene7 + `,"batch":{"history":"h","batch":9},"panels":null}`)
	f.Fuzz(func(t *testing.T, text string) {
		s := NewState(Scene{"overview", "460000"})
		if _, _, err := s.Take([]byte(snapshotText(7))); err != nil {
			t.Fatal(err)
		}
		held, err := json.Marshal(s.Picture())
		if err != nil {
			t.Fatal(err)
		}
		first := s.Picture()
		for range 2 {
			var refusal *Refusal
			if _, _, err := s.Take([]byte(text)); err != nil && !errors.As(err, &refusal) {
				t.Fatalf("%v is no refusal", err)
			}
		}
		if p := s.Picture(); p != nil {
			if p.Batch.Number < 7 && p.Batch.History == "h" {
				t.Fatalf("the picture went back to batch %d", p.Batch.Number)
			}
			if _, err := json.Marshal(p); err != nil {
				t.Fatal(err)
			}
		}
		if is, _ := json.Marshal(first); string(is) != string(held) {
			t.Fatalf("a picture that was handed out has changed:\n%s\n%s", held, is)
		}
	})
}
