package client_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
	"liaowang/queries"
	"liaowang/screens"
	"liaowang/screens/hub"
	"liaowang/screens/hub/client"
	"liaowang/screens/hub/fanout"
)

// patience only ends a test that fails.
const patience = 2 * time.Minute

// node is a hub with its HTTP server.
type node struct {
	url  string
	stop func()
}

func startNode(t *testing.T, redis string) *node {
	t.Helper()
	connection, err := batch.Connect(redis)
	if err != nil {
		t.Fatal(err)
	}
	cat, err := queries.Load()
	if err != nil {
		t.Fatal(err)
	}
	all, err := screens.Load(cat)
	if err != nil {
		t.Fatal(err)
	}
	h := hub.New(hub.Options{Store: batch.NewStore(connection, "460000"), Catalogue: cat, Screens: all, Province: "460000", Build: "b", Node: "n"})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	web := httptest.NewServer(h)
	n := &node{url: "ws" + strings.TrimPrefix(web.URL, "http")}
	stopped := false
	n.stop = func() {
		if stopped {
			return
		}
		stopped = true
		closing, end := context.WithTimeout(context.Background(), patience)
		defer end()
		if err := h.Close(closing); err != nil {
			t.Error(err)
		}
		web.Close()
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		connection.Close()
	}
	t.Cleanup(n.stop)
	return n
}

// recording is some batches in which the number of households goes up.
func recording(batches int) *fanout.Recording {
	step := func(n int, frames ...*batch.Frame) fanout.Step {
		total := &batch.Frame{Metric: "monitored.total", Region: "460000", Rows: [][]batch.Cell{{batch.Num(float64(1000 + n)), batch.Num(float64(3000 + n))}}}
		return fanout.Step{Header: &batch.Header{History: "h", Checks: []batch.Check{}}, Frames: append(frames, total)}
	}
	regions := &batch.Frame{Metric: queries.RegionsMetric, Region: "460000", Rows: [][]batch.Cell{
		{batch.Text("460000"), batch.Text("0"), batch.Text("province"), batch.Text("海南省"), batch.Num(1)},
		{batch.Text("469001"), batch.Text("460000"), batch.Text("county"), batch.Text("五指山市"), batch.Num(1)},
	}}
	rec := &fanout.Recording{First: step(0, regions)}
	for n := range batches {
		rec.Steps = append(rec.Steps, step(n+1))
	}
	return rec
}

// run lets a client follow until the test ends.
func run(t *testing.T, o client.Options) *client.Client {
	t.Helper()
	c, err := client.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("the client ended with %v", err)
		}
	})
	return c
}

// until waits for a picture of a batch, or a newer one; none may be older than the one before.
func until(t *testing.T, c *client.Client, number uint64) *client.Picture {
	t.Helper()
	var last uint64
	for end := time.After(patience); ; {
		select {
		case p, ok := <-c.Pictures():
			if !ok {
				t.Fatal("the client has ended")
			}
			if p.Batch.Number < last {
				t.Fatalf("batch %d after %d: the picture went back", p.Batch.Number, last)
			}
			if last = p.Batch.Number; last >= number && !p.Lost {
				return p
			}
		case <-end:
			t.Fatalf("no picture of batch %d; the last was %d", number, last)
		}
	}
}

func headline(t *testing.T, p *client.Picture) float64 {
	t.Helper()
	var data struct{ Figures []struct{ Value float64 } }
	panel, ok := p.Panel("monitored")
	if !ok {
		t.Fatal("no panel monitored")
	}
	if err := panel.Decode(&data); err != nil || len(data.Figures) == 0 {
		t.Fatalf("panel monitored: %v, %v", data, err)
	}
	return data.Figures[0].Value
}

func TestAClientFollowsTheHubFromNodeToNode(t *testing.T) {
	redis := redistest.Start(t)
	connection, err := batch.Connect(redis.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	feed, err := fanout.NewFeed(t.Context(), batch.NewStore(connection, "460000"), recording(40), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	first, second := startNode(t, redis.URL()), startNode(t, redis.URL())
	var at atomic.Pointer[node]
	at.Store(first)
	scene := client.Scene{Screen: "overview", Region: "460000"}
	c := run(t, client.Options{URL: "ws://hall/ws", Scene: scene, Acks: true, Dial: func(ctx context.Context, _ string) (client.Conn, error) {
		return client.Dial(ctx, at.Load().url)
	}})
	publish := func(n int) {
		for range n {
			if _, err := feed.Publish(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := headline(t, until(t, c, 1)); got != 1000 {
		t.Fatalf("the headline says %v, want 1000", got)
	}
	for range 10 { // one by one: patches
		publish(1)
		p := until(t, c, feed.Number())
		if got := headline(t, p); got != float64(999+feed.Number()) {
			t.Fatalf("batch %d: the headline says %v", feed.Number(), got)
		}
		c.Drawn(p, client.Drawing{At: time.Now()})
	}
	publish(10) // all at once: what lies between may be skipped
	until(t, c, feed.Number())
	at.Store(second)
	first.stop() // it drains: the client is told to come back
	publish(5)
	p := until(t, c, feed.Number())
	late := until(t, run(t, client.Options{URL: second.url, Scene: scene}), feed.Number())
	if a, b := text(t, p), text(t, late); a != b {
		t.Errorf("who has followed shows\n%s\nwho has just come\n%s", a, b)
	}
	c.Watch(client.Scene{Screen: "overview", Region: "469001"})
	for p.Region != "469001" {
		p = until(t, c, feed.Number())
	}
	if p.RegionName != "五指山市" {
		t.Errorf("the region is called %s", p.RegionName)
	}
}

func text(t *testing.T, p *client.Picture) string {
	t.Helper()
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func Example() {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	c, err := client.New(client.Options{
		URL:   "ws://127.0.0.1:8080/ws",
		Scene: client.Scene{Screen: "overview", Region: "460000"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	for p := range c.Pictures() {
		switch {
		case p.Lost:
			fmt.Println("no connection; batch", p.Batch.Number, "is the last that was seen")
		case p.Status.Source != "ok":
			fmt.Println("old since", p.Status.Since, p.Status.Words)
		default:
			fmt.Println("batch", p.Batch.Number, "of", p.Batch.AsOf, "with", len(p.Panels), "panels")
		}
	}
	if err := <-done; err != nil {
		fmt.Println(err)
	}
}
