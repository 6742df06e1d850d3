package hub_test

import (
	"context"
	"encoding/json"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// counter counts what comes over a connection.
type counter struct {
	net.Conn
	bytes *atomic.Int64
}

func (c counter) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.bytes.Add(int64(n))
	return n, err
}

// dialer opens connections whose bytes are counted.
func dialer(deflates bool) (*websocket.Dialer, *atomic.Int64) {
	var n atomic.Int64
	return &websocket.Dialer{EnableCompression: deflates, NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		return counter{conn, &n}, err
	}}, &n
}

func TestMessagesAreDeflatedForWhoeverAgreed(t *testing.T) {
	h := newHall(t, "", calm)
	h.publish(1, 10)
	got := map[bool][]string{}
	size := map[bool]int64{}
	for _, deflates := range []bool{false, true} {
		dial, bytes := dialer(deflates)
		ws, response, err := dial.Dial(h.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		defer ws.Close()
		if agreed := strings.Contains(response.Header.Get("Sec-WebSocket-Extensions"), "permessage-deflate"); agreed != deflates {
			t.Fatalf("deflate was agreed on: %v, offered: %v", agreed, deflates)
		}
		_ = ws.SetReadDeadline(time.Now().Add(time.Minute))
		if err := ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"subscribe","screen":"overview","region":"460000"}`)); err != nil {
			t.Fatal(err)
		}
		for len(got[deflates]) == 0 {
			_, text, err := ws.ReadMessage()
			if err != nil {
				t.Fatal(err)
			}
			var m struct {
				Type   string          `json:"type"`
				Panels json.RawMessage `json:"panels"`
			}
			if err := json.Unmarshal(text, &m); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			if m.Type == "snapshot" {
				got[deflates] = append(got[deflates], string(m.Panels))
			}
		}
		size[deflates] = bytes.Load()
	}
	if got[true][0] != got[false][0] {
		t.Error("the snapshots differ")
	}
	if size[true] > size[false]/2 {
		t.Errorf("deflated it takes %d bytes, plain %d", size[true], size[false])
	}
}

func TestAMessageThatInflatesBeyondTheLimitIsRefused(t *testing.T) {
	h := newHall(t, "", calm)
	h.publish(1, 10)
	dial, _ := dialer(true)
	ws, response, err := dial.Dial(h.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	defer ws.Close()
	if err := ws.WriteMessage(websocket.TextMessage, []byte(strings.Repeat(" ", 1<<20))); err != nil { // about a thousand bytes
		t.Fatal(err)
	}
	_ = ws.SetReadDeadline(time.Now().Add(time.Minute))
	for {
		if _, _, err = ws.ReadMessage(); err != nil {
			break
		}
	}
	if !websocket.IsCloseError(err, 4002) {
		t.Fatalf("closed with %v", err)
	}
}
