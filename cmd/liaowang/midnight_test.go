package main

import (
	"context"
	"log/slog"
	"net"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"liaowang/aggregator/batch/redistest"
	"liaowang/aggregator/demo"
	"liaowang/screens/browsertest"
)

// upAt runs what up does within the test, by a clock of the test's own, and gives the wall's address.
func upAt(t *testing.T, data string, now func() time.Time) string {
	t.Helper()
	t.Setenv(mainVariable, "1") // the engine's child is this binary
	c := upCommand{Data: data, EngineListen: "127.0.0.1:0", Demo: "still"}
	c.Province = "460000"
	c.React, c.BatchesPerSecond, c.LeastCell = 50*time.Millisecond, 5, 5
	cat, all, err := c.load()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a := newApp(slog.New(slog.DiscardHandler))
	a.now = now
	t.Cleanup(func() {
		if err := a.stop(); err != nil {
			t.Error(err)
		}
	})
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { null.Close() })
	p := newProgress(null)
	t.Cleanup(p.stop)
	url, err := c.engine(t.Context(), a, p, func(string) {}, func() {})
	if err != nil {
		t.Fatal(err)
	}
	registry := newRegistry()
	w, err := a.warehouse(t.Context(), url, clusterFlag{}, registry)
	if err != nil {
		t.Fatal(err)
	}
	// One in this process, under the race detector, needs seconds for all frames.
	store, err := a.redis(redistest.Start(t).URL(), c.Province)
	if err != nil {
		t.Fatal(err)
	}
	hub, err := a.glass(l, c.glassFlags, nil, w, c.commonFlags, cat, all, store, registry)
	if err != nil {
		t.Fatal(err)
	}
	a.aggregate(w, store, cat, c.commonFlags, c.figureFlags, registry)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if header, err := a.firstBatch(ctx, hub, time.Time{}); header == nil {
		t.Fatalf("no batch: %v", err)
	}
	return "http://" + l.Addr().String()
}

// Midnight in Asia/Shanghai passes under walls that nobody touches: the date, the change since
// yesterday and the days of charts are the new day's, without a row and without loading a page.
func TestMidnightPassesUnderTheWalls(t *testing.T) {
	data := loaded(t)
	today := demo.Today(time.Now())
	var ahead atomic.Int64 // how far the clock has been moved
	begun := time.Now()
	url := upAt(t, data, func() time.Time {
		return today.Add(23 * time.Hour).Add(time.Since(begun)).Add(time.Duration(ahead.Load()))
	})
	type glass struct {
		Since string   // the change since yesterday
		Days  []string // that charts write
		Batch int
	}
	const look = `({Since: document.querySelector('.change:not(:empty)')?.textContent ?? '', Batch: Number(document.documentElement.dataset.batch),
		Days: [...document.querySelectorAll('#screen svg text')].map((e) => e.textContent).filter((t) => /^\d+月\d+日$/.test(t))})`
	screens := []string{"overview", "routine"}
	walls := make([]*browsertest.Tab, len(screens))
	evening := make([]glass, len(screens))
	for i, screen := range screens {
		walls[i] = browsertest.Open(t, 1920, 1080)
		walls[i].Goto(url + "/wall/" + screen)
		walls[i].Until(`document.documentElement.dataset.truth === 'ok' && document.querySelectorAll('#screen svg text').length > 20`, patience)
		walls[i].Eval("(window.untouched = true)", new(bool))
		walls[i].Eval(look, &evening[i])
	}
	if evening[0].Since != "" || len(evening[1].Days) < 3 {
		t.Fatalf("in the evening the glass says %+v", evening)
	}
	ahead.Store(int64(time.Hour))
	tomorrow := today.AddDate(0, 0, 1).Format("2006年1月2日")
	for i, tab := range walls {
		tab.Until(`document.querySelector('#day').textContent.startsWith('`+tomorrow+`') && /数据截至 00:\d\d:\d\d/.test(document.querySelector('#as-of').textContent)`, patience)
		tab.Until(`document.querySelector('.change:not(:empty)')?.textContent.startsWith('较昨日')`, patience)
		var morning glass
		if tab.Eval(look, &morning); slices.Equal(morning.Days, evening[i].Days) && len(morning.Days) > 0 || len(morning.Days) != len(evening[i].Days) {
			t.Errorf("%s: charts show the days %q, in the evening they showed %q", screens[i], morning.Days, evening[i].Days)
		}
		if morning.Batch > evening[i].Batch+3 {
			t.Errorf("%s: batch %d follows %d though nothing happened", screens[i], morning.Batch, evening[i].Batch)
		}
		var alone bool
		if tab.Eval("window.untouched === true && document.documentElement.dataset.truth === 'ok'", &alone); !alone {
			t.Errorf("%s: the page was loaded again, or is not live", screens[i])
		}
		if e := tab.Errors(); len(e) > 0 {
			t.Errorf("%s: the page complains: %q", screens[i], e)
		}
	}
	var since string
	if walls[0].Eval(`document.querySelector('[data-figure=total] .change').textContent`, &since); since != "较昨日 0" {
		t.Errorf("at midnight the total has changed by %q since yesterday", since)
	}
}
