package fanout

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gorilla/websocket"
)

// What a server of another library sends is read: in pieces, deflated, with pings between.
func TestADisplayReadsWhatServersSend(t *testing.T) {
	long, ponged := strings.Repeat("海南省 460000 ", 2000), make(chan string, 3)
	up := websocket.Upgrader{EnableCompression: true, WriteBufferSize: 512, Subprotocols: []string{Hub{}.Subprotocol()}}
	serving := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := up.Upgrade(w, r, nil)
		if err != nil {
			return // the client says so
		}
		defer conn.Close()
		conn.SetPongHandler(func(said string) error { ponged <- said; return nil })
		for i, text := range []string{long, "short", long} {
			conn.EnableWriteCompression(i != 1)
			piece, _ := conn.NextWriter(websocket.TextMessage)
			_, _ = piece.Write([]byte(text[:len(text)/2]))
			_ = conn.WriteControl(websocket.PingMessage, []byte("there?"), time.Now().Add(time.Minute))
			_, _ = piece.Write([]byte(text[len(text)/2:]))
			_ = piece.Close()
		}
		_, said, _ := conn.ReadMessage()
		_ = conn.WriteMessage(websocket.TextMessage, said)
		_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(4001, "moved"), time.Now().Add(time.Minute))
	}))
	defer serving.Close()
	var came atomic.Int64
	w, err := (server{strings.TrimPrefix(serving.URL, "http://"), Hub{}, newInflater()}).dial(t.Context(), &came, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var buffer []byte
	for _, want := range []string{long, "short", long} {
		if got, err := w.read(&buffer); err != nil || string(got) != want {
			t.Fatalf("read are %d bytes (%v), expected %d", len(got), err, len(want))
		}
	}
	if err := w.say(ws.OpText, []byte("good evening")); err != nil {
		t.Fatal(err)
	}
	if got, err := w.read(&buffer); err != nil || string(got) != "good evening" {
		t.Fatalf("the echo is %q (%v)", got, err)
	}
	if _, err := w.read(&buffer); err == nil || !strings.Contains(err.Error(), "4001 moved") {
		t.Fatalf("a close says %v", err)
	}
	if said := <-ponged; said != "there?" {
		t.Fatalf("the pong says %q", said)
	}
	if n := came.Load(); n == 0 || n > int64(len(long)) {
		t.Fatalf("%d bytes came: two messages of %d are deflated", n, len(long))
	}
}
