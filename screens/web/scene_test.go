package web_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"liaowang/queries/warehouse"
	"liaowang/screens/web"
)

// sceneOf is what these tests look at of a snapshot.
type sceneOf struct {
	Type, Screen, Region string
	Batch                struct{ Batch uint64 }
	Status               any
	Panels               []struct {
		ID   string
		Data json.RawMessage
	}
}

func askScene(t *testing.T, url string) (s sceneOf) {
	t.Helper()
	r, body := get(t, url)
	if err := json.Unmarshal([]byte(body), &s); err != nil || r.StatusCode != 200 {
		t.Fatalf("%s: %d %s %v", url, r.StatusCode, body, err)
	}
	return s
}

func (s sceneOf) panel(id string) string {
	for _, p := range s.Panels {
		if p.ID == id {
			return string(p.Data)
		}
	}
	return ""
}

// A scene of before is drawn from its batch alone, by the code that draws what is live.
func TestASceneIsDrawnAsItWasShown(t *testing.T) {
	s := serveBatch(t, 5, web.Options{Record: recorded(t, tree()), Now: clock})
	was := askScene(t, s.URL+"/api/scene/overview/460000?batch=2")
	if was.Type != "snapshot" || was.Batch.Batch != 2 || was.Status != nil || !strings.Contains(was.panel("registered"), `"text":"11"`) || !strings.Contains(was.panel("registered"), "＊") {
		t.Errorf("batch 2: %+v %s", was.Batch, was.panel("registered"))
	}
	if at := askScene(t, s.URL+"/api/scene/overview/460000?at=2030-03-14T12:02:30"); cmp.Diff(was, at) != "" {
		t.Errorf("at a moment of batch 2: %s", cmp.Diff(was, at))
	}
	// The newest comes from memory, where there is no record too.
	without := serveBatch(t, 5, web.Options{})
	if now := askScene(t, without.URL+"/api/scene/overview/460300?batch=5"); now.Batch.Batch != 5 || !strings.Contains(now.panel("registered"), "不适用") {
		t.Errorf("batch 5: %s", now.panel("registered"))
	}
	for _, tt := range []struct {
		url    string
		status int
		code   string
	}{
		{s.URL + "/api/scene/nope/460000?batch=2", 404, "unknown_screen"},
		{s.URL + "/api/scene/overview/1?batch=2", 404, "unknown_region"},
		{s.URL + "/api/scene/overview/460000?batch=3", 404, "never_shown"},
		{s.URL + "/api/scene/overview/460000", 400, "bad_time"},
		{s.URL + "/api/scene/overview/460000?at=2030-03-14T23:00:00", 400, "in_the_future"},
		{without.URL + "/api/scene/overview/460000?batch=4", 501, "no_record"},
		{s.URL + "/api/reel?from=2030-03-14T12:00:00", 400, "bad_time"},
		{s.URL + "/api/reel?from=2030-03-14T12:00:00&until=2030-05-14T12:00:00", 400, "bad_time"},
		{s.URL + "/api/reel?from=2030-03-14T12:00:00&until=2030-03-14T13:00:00&most=100000", 400, "bad_number"},
		{without.URL + "/api/reel?from=2030-03-14T12:00:00&until=2030-03-14T13:00:00", 501, "no_record"},
	} {
		r, body := get(t, tt.url)
		if r.StatusCode != tt.status || !strings.Contains(body, `"code":"`+tt.code+`"`) {
			t.Errorf("%s: %d %.200s, want %d %s", tt.url, r.StatusCode, body, tt.status, tt.code)
		}
	}
}

func TestAReelLeadsThroughADay(t *testing.T) {
	s := serveBatch(t, 5, web.Options{Record: recorded(t), Now: clock})
	_, body := get(t, s.URL+"/api/reel?from=2030-03-14T00:00:00&until=2030-03-15T00:00:00&most=1440")
	if !strings.Contains(body, "bad_number") {
		t.Errorf("%s", body)
	}
	for path, want := range map[string][]uint64{
		"/api/reel?from=2030-03-14T12:00:00&until=2030-03-14T13:00:00&most=60": {1, 2, 4}, // nothing says of 5 yet that it was shown
		"/api/reel?from=2030-03-14T12:00:00&until=2030-03-14T13:00:00&most=1":  {4},
		"/api/reel?from=2030-03-13T00:00:00&until=2030-03-14T00:00:00":         {},
	} {
		_, body := get(t, s.URL+path)
		var got struct{ Batches []warehouse.ReelBatch }
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		numbers := []uint64{}
		for _, b := range got.Batches {
			numbers = append(numbers, b.Number)
		}
		if diff := cmp.Diff(want, numbers); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}

// blocked lets whoever asks for a reel wait, and counts those who read.
type blocked struct {
	web.Record
	entered, leave chan struct{}
	reading, most  atomic.Int64
}

func (b *blocked) Reel(context.Context, time.Time, time.Time, int) ([]warehouse.ReelBatch, error) {
	if n := b.reading.Add(1); n > b.most.Load() {
		b.most.Store(n)
	}
	b.entered <- struct{}{}
	<-b.leave
	b.reading.Add(-1)
	return nil, nil
}

// People wait for their turn rather than be refused, a bounded number of them; two read.
func TestReplaysWaitForTheirTurn(t *testing.T) {
	const readers, queued, more = 2, 16, 4
	b := &blocked{entered: make(chan struct{}, queued), leave: make(chan struct{})}
	s := serveBatch(t, 5, web.Options{Record: b, Now: clock})
	statuses := make(chan int)
	for range queued + more {
		go func() {
			r, err := http.Get(s.URL + "/api/reel?from=2030-03-14T12:00:00&until=2030-03-14T13:00:00")
			if err != nil {
				t.Error(err)
				statuses <- 0
				return
			}
			r.Body.Close()
			statuses <- r.StatusCode
		}()
	}
	for range readers {
		<-b.entered
	}
	for range more {
		if status := <-statuses; status != http.StatusTooManyRequests {
			t.Errorf("one too many: %d", status)
		}
	}
	close(b.leave)
	read := 0
	for range queued {
		switch status := <-statuses; status {
		case http.StatusOK:
			read++
		case http.StatusTooManyRequests: // its patience was over: this machine was busy
		default:
			t.Errorf("one that waited: %d", status)
		}
	}
	if read < readers || b.most.Load() != readers {
		t.Errorf("%d have read, %d at once", read, b.most.Load())
	}
}
