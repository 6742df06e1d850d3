package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"liaowang/aggregator/engine/enginetest"
	"liaowang/queries/warehouse"
	"liaowang/screens/web"
)

// noon is when batch 0 of these tests would have been recorded.
var noon = time.Date(2030, 3, 14, 4, 0, 0, 0, time.UTC)

// recorded is a database with the record of five batches, a minute apart: 1, 2, 4 and 5
// were shown, 5 is on the walls, and 3 was never shown. Whatever more is recorded with
// all frames.
func recorded(t *testing.T, more ...warehouse.RecordedFrame) *warehouse.Warehouse {
	t.Helper()
	w := enginetest.Open(t, enginetest.StartMigrated(t).URL())
	for _, b := range []struct {
		number, base, previous, full uint64
		rows                         map[string]string
	}{
		{1, 0, 0, 1, map[string]string{"460000": "[[10,20]]", "460300": `[["n/a","n/a"]]`}},
		{2, 1, 1, 1, map[string]string{"460000": `[[11,"suppressed"]]`}},
		{3, 2, 2, 1, map[string]string{"460000": "[[12,24]]"}},
		{4, 0, 2, 4, map[string]string{"460000": "[[13,26]]", "460300": `[["n/a","n/a"]]`}},
		{5, 4, 4, 4, map[string]string{"460000": "[[14]]"}},
	} {
		header, err := json.Marshal(shown(b.number))
		if err != nil {
			t.Fatal(err)
		}
		r := warehouse.BatchRecord{
			BatchID: warehouse.BatchID{Term: 1, Number: b.number}, AsOf: noon, At: noon.Add(time.Duration(b.number) * time.Minute),
			Base: b.base, Previous: warehouse.BatchID{Term: 1, Number: b.previous}, Full: b.full, Header: header,
		}
		for region, rows := range b.rows {
			r.Frames = append(r.Frames, warehouse.RecordedFrame{Metric: "registered.total", Region: region, Changed: b.number, Rows: []byte(rows)})
		}
		if b.base == 0 {
			r.Frames = append(r.Frames, more...)
		}
		if err := w.RecordBatch(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func clock() time.Time { return noon.Add(time.Hour) }

func TestABatchIsGivenBackAsItWasShown(t *testing.T) {
	s := serveBatch(t, 5, web.Options{Record: recorded(t), Now: clock})
	_, newest := get(t, s.URL+"/api/batch")
	newest, _, _ = strings.Cut(newest, `,"status":`) // of now, which the record does not say
	newest += "}\n"
	if r, body := get(t, s.URL+"/api/batch/5"); body != newest || r.Header.Get("Liaowang-Shown") != "yes" {
		t.Errorf("batch 5 was shown as %s and is given back as %s (%v)", newest, body, r.Header)
	}
	header := func(number uint64) string {
		body, err := json.Marshal(shown(number))
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	for _, tt := range []struct{ path, location, want string }{
		{"/api/batch/1", "/api/batch/1", header(1) + "\n"},
		{"/api/batch?at=2030-03-14T04:02:59Z", "/api/batch/2", header(2) + "\n"},
		{"/api/batch?at=2030-03-14T12:03:30", "/api/batch/2", header(2) + "\n"}, // 3 was not shown; in Asia/Shanghai
		{"/api/batch?at=2030-03-14T12:04:00%2B08:00", "/api/batch/4", header(4) + "\n"},
		{"/api/batch?at=2030-03-14T12:04:00+08:00", "/api/batch/4", header(4) + "\n"},
		{"/api/batch/2/frames", "/api/batch/2/frames", `{"batch":` + header(2) + `,"shown":"yes","recorded_at":"2030-03-14T04:02:00Z","frames":[` +
			`{"metric":"registered.total","region":"460000","changed":2,"rows":[[11,"suppressed"]]},` + "\n" +
			`{"metric":"registered.total","region":"460300","changed":1,"rows":[["n/a","n/a"]]}]}` + "\n"},
	} {
		for range 2 { // the second time from memory
			r, body := get(t, s.URL+tt.path)
			if diff := cmp.Diff(tt.want, body); diff != "" || r.Header.Get("Content-Location") != tt.location {
				t.Errorf("%s is at %s: %s", tt.path, r.Header.Get("Content-Location"), diff)
			}
		}
	}
	// Parts of a batch, also from one that is in memory.
	for path, want := range map[string]string{
		"/api/batch/2/frames?metric=registered.total&region=460300": `"rows":[["n/a","n/a"]]}]}`,
		"/api/batch/1/frames?metric=registered.total&region=460000": `"frames":[{"metric":"registered.total","region":"460000","changed":1,"rows":[[10,20]]}]}`,
		"/api/batch/1/frames?metric=monitored.total":                `"frames":[]}`,
		"/api/metrics/registered.total?batch=2":                     `"rows":[[11,"suppressed"]]}`,
		"/api/metrics/registered.total?batch=1&region=460300":       `"rows":[["n/a","n/a"]]}`,
		"/api/metrics/registered.total?at=2030-03-14T12:01:30":      `"rows":[[10,20]]}`,
	} {
		if _, body := get(t, s.URL+path); !strings.HasSuffix(body, want+"\n") {
			t.Errorf("%s: %s", path, body)
		}
	}
	// The answer for a batch of before has the shape of that for the newest.
	shape := func(path string) (keys []string) {
		_, body := get(t, s.URL+path)
		var got map[string]any
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		for _, key := range []string{"metric", "region", "batch", "as_of", "demo", "columns", "rows"} {
			keys = append(keys, fmt.Sprintf("%s: %T", key, got[key]))
		}
		return keys
	}
	if diff := cmp.Diff(shape("/api/metrics/registered.total"), shape("/api/metrics/registered.total?batch=2")); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNotGivenBackIsSaid(t *testing.T) {
	w := recorded(t)
	// All of 1 to 3 has expired.
	if err := w.Conn().Exec(t.Context(), "ALTER TABLE batch_frames DELETE WHERE number = 1 SETTINGS mutations_sync = 2"); err != nil {
		t.Fatal(err)
	}
	s := serveBatch(t, 5, web.Options{Record: w, Now: clock})
	without := serveBatch(t, 5, web.Options{})
	for _, tt := range []struct {
		url    string
		status int
		code   string
	}{
		{s.URL + "/api/batch/3", 404, "never_shown"},
		{s.URL + "/api/batch/6", 404, "not_yet"},
		{s.URL + "/api/batch/0", 400, "bad_number"},
		{s.URL + "/api/batch/five", 400, "bad_number"},
		{s.URL + "/api/batch/99999999999999999999", 400, "bad_number"},
		{s.URL + "/api/batch/2/frames", 410, "no_longer_kept"},
		{s.URL + "/api/batch/2/frames?metric=registered.total&region=460000", 410, "no_longer_kept"},
		{s.URL + "/api/metrics/registered.total?batch=2", 410, "no_longer_kept"},
		{s.URL + "/api/metrics/registered.total?batch=5", 410, "other_columns"},
		{s.URL + "/api/metrics/registered.total?batch=5&region=469999", 404, "unknown_region"},
		{s.URL + "/api/metrics/no.such?batch=5", 404, "unknown_metric"},
		{s.URL + "/api/metrics/registered.total?batch=5&at=2030-03-14T12:04:00", 400, "two_batches"},
		{s.URL + "/api/batch/5?at=2030-03-14T12:04:00", 400, "two_batches"},
		{s.URL + "/api/batch?at=2030-03-14T12:00:59", 404, "before_first"},
		{s.URL + "/api/batch?at=2030-03-14T13:00:01", 400, "in_the_future"},
		{s.URL + "/api/batch?at=yesterday", 400, "bad_time"},
		{s.URL + "/api/batch?at=", 400, "bad_time"},
		{without.URL + "/api/batch/5", 501, "no_record"},
		{without.URL + "/api/batch?at=2030-03-14T12:04:00", 501, "no_record"},
		{without.URL + "/api/metrics/registered.total?batch=5", 501, "no_record"},
	} {
		r, body := get(t, tt.url)
		if r.StatusCode != tt.status || !strings.Contains(body, `"code":"`+tt.code+`"`) {
			t.Errorf("%s: %d %.300s, want %d %s", tt.url, r.StatusCode, body, tt.status, tt.code)
		}
	}
	if _, body := get(t, without.URL+"/api/batch/5"); !strings.Contains(body, "--clickhouse") {
		t.Errorf("it is not said what is missing: %s", body)
	}
}

// gated lets whoever reads the record wait.
type gated struct {
	web.Record
	entered, leave chan struct{}
}

func (g gated) Batch(ctx context.Context, number uint64, wall warehouse.BatchID) (*warehouse.Recorded, error) {
	g.entered <- struct{}{}
	<-g.leave
	return g.Record.Batch(ctx, number, wall)
}

func TestFewReadTheRecordAtOnce(t *testing.T) {
	const readers = 2
	g := gated{recorded(t), make(chan struct{}), make(chan struct{})}
	s := serveBatch(t, 5, web.Options{Record: g, Now: clock})
	read := make(chan int, readers)
	for range readers {
		go func() {
			r, err := http.Get(s.URL + "/api/batch/4/frames")
			if err != nil {
				t.Error(err)
				read <- 0
				return
			}
			r.Body.Close()
			read <- r.StatusCode
		}()
	}
	for range readers {
		<-g.entered
	}
	r, body := get(t, s.URL+"/api/batch/4")
	if r.StatusCode != 429 || r.Header.Get("Retry-After") == "" || !strings.Contains(body, `"busy"`) {
		t.Errorf("one more: %d %s", r.StatusCode, body)
	}
	if r, _ := get(t, s.URL+"/api/batch"); r.StatusCode != 200 {
		t.Errorf("the newest batch, which nobody reads from the record: %d", r.StatusCode)
	}
	close(g.leave)
	for range readers {
		if status := <-read; status != 200 {
			t.Errorf("one of %d: %d", readers, status)
		}
	}
	go func() { <-g.entered }()
	if r, body := get(t, s.URL+"/api/batch/4"); r.StatusCode != 200 {
		t.Errorf("when they have read: %d %s", r.StatusCode, body)
	}
}

func TestARecordThatCannotBeReadIsSaid(t *testing.T) {
	w, err := warehouse.Open(t.Context(), warehouse.Options{URL: "http://user:secret@127.0.0.1:1/liaowang", Existing: true})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	s := serveBatch(t, 5, web.Options{Record: w, Now: clock})
	r, body := get(t, s.URL+"/api/batch/4")
	if r.StatusCode != 503 || r.Header.Get("Retry-After") == "" || !strings.Contains(body, `"record_not_read"`) || strings.Contains(body, "secret") {
		t.Errorf("%d %s", r.StatusCode, body)
	}
}
