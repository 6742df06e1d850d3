package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"testing"
	"time"

	"github.com/centrifugal/centrifuge"
	"github.com/gorilla/websocket"

	"liaowang/screens/hub"
	"liaowang/screens/hub/fanout"
)

// What the displays of the plain server hold is what was published, with deltas and
// without, and the light ones see the same numbers.
func TestThePlainServersDisplaysHoldWhatWasPublished(t *testing.T) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Fatalf("redis-server is not installed: run make deps: %v", err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	redis, end, err := fanout.StartRedis(ctx, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	served := make(chan error, 1)
	go func() {
		served <- (&serveCommand{Redis: redis, Listen: address, plainFlags: plainFlags{Ping: 5 * time.Second}}).Run(ctx)
	}()
	node, err := newNode(redis)
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Run(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = node.Shutdown(context.Background()) }()
	scene := hub.Scene{Screen: "overview", Region: "460000"}
	body := func(n int) string {
		return fmt.Sprintf(`{"batch":%d,"text":"不平 \"%d\"","rows":[1,2,3,4,5,6,7,8,9]}`, n, n*n)
	}
	publish := func(n int) uint64 {
		t.Helper()
		r, err := node.Publish(channel(scene), []byte(body(n)), centrifuge.WithHistory(1, time.Hour), centrifuge.WithDelta(true))
		if err != nil {
			t.Fatal(err)
		}
		return r.Offset
	}
	publish(1)
	type display struct {
		name string
		ws   *websocket.Conn
		fanout.Session
	}
	var displays []display
	for _, delta := range []bool{false, true} {
		for _, whole := range []bool{false, true} {
			d := display{name: fmt.Sprintf("delta %v, whole %v", delta, whole), Session: dialect{delta: delta}.Session(scene, whole)}
			for {
				var response *http.Response
				d.ws, response, err = websocket.DefaultDialer.DialContext(ctx, "ws://"+address+path, nil)
				if err == nil {
					response.Body.Close()
					break
				}
				if ctx.Err() != nil {
					t.Fatal(err)
				}
				time.Sleep(10 * time.Millisecond)
			}
			defer d.ws.Close()
			if err := d.ws.WriteMessage(websocket.TextMessage, d.Opened()); err != nil {
				t.Fatal(err)
			}
			displays = append(displays, d)
		}
	}
	until := func(number uint64, n int) {
		t.Helper()
		for _, d := range displays {
			for has := uint64(0); has < number; {
				_ = d.ws.SetReadDeadline(time.Now().Add(time.Minute))
				_, m, err := d.ws.ReadMessage()
				if err != nil {
					t.Fatalf("%s: %v", d.name, err)
				}
				if has, _, err = d.Take(m); err != nil {
					t.Fatalf("%s: %v", d.name, err)
				}
			}
			picture, err := d.Picture()
			if err != nil || picture != nil && string(picture) != body(n) {
				t.Fatalf("%s holds %s, %v, want %s", d.name, picture, err, body(n))
			}
		}
	}
	until(1, 1)
	for n := 2; n < 10; n++ {
		until(publish(n), n)
	}
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
