package web_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
	"liaowang/aggregator/engine/enginetest"
	"liaowang/queries"
	"liaowang/screens"
	"liaowang/screens/hub"
	"liaowang/screens/web"
	"liaowang/static"
)

func TestDisplaysAreListed(t *testing.T) {
	server := serve(t, true)
	ws, response, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http")+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	defer ws.Close()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		answer, body := get(t, server.URL+"/api/displays")
		var list struct{ Displays []hub.Display }
		if err := json.Unmarshal([]byte(body), &list); answer.StatusCode != http.StatusOK || err != nil {
			t.Fatalf("%s %s %v", answer.Status, body, err)
		}
		if len(list.Displays) == 1 && list.Displays[0].Remote == ws.LocalAddr().String() {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(body)
		}
	}
}

func TestMain(m *testing.M) { enginetest.Main(m) }

// serve runs the HTTP side over a hub whose Redis holds the batch, if there is one.
func serve(t *testing.T, publish bool) *httptest.Server {
	t.Helper()
	number := uint64(0)
	if publish {
		number = 1
	}
	return serveBatch(t, number, web.Options{})
}

// shown is the header of the batch with a number as these tests publish it.
func shown(number uint64) batch.Header {
	return batch.Header{
		History: "h", Term: 1, Number: number, AsOf: time.Unix(1_790_000_000, 0).UTC(), Demo: true,
		Checks: []batch.Check{{ID: "a.b", Title: "t", Policy: batch.PolicyNote, Words: "不平, 差1户2人"}},
	}
}

// serveBatch serves the batch with a number, 0 for none, with further options.
func serveBatch(t *testing.T, number uint64, o web.Options) *httptest.Server {
	t.Helper()
	publish := number > 0
	store := redistest.Store(t, redistest.Local(t).URL())
	cat, err := queries.Load()
	if err != nil {
		t.Fatal(err)
	}
	all, err := screens.Load(cat)
	if err != nil {
		t.Fatal(err)
	}
	if publish {
		lease, err := store.Acquire(t.Context(), "test", "run", batch.Floor{}, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		err = store.Publish(t.Context(), lease, shown(number), 0, []*batch.Frame{
			{Metric: queries.RegionsMetric, Region: "460000", Changed: 1, Rows: [][]batch.Cell{
				{batch.Text("460000"), batch.Text("0"), batch.Text("province"), batch.Text("海南省"), batch.Num(1)},
				{batch.Text("460300"), batch.Text("460000"), batch.Text("county"), batch.Text("三沙市"), batch.Num(0)}}},
			{Metric: "registered.total", Region: "460000", Changed: 1, Rows: [][]batch.Cell{{batch.Num(0), {}}}},
			{Metric: "registered.total", Region: "460300", Changed: 1, Rows: [][]batch.Cell{{batch.NA(), batch.NA()}}},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.SetStatus(t.Context(), lease, batch.Status{Source: batch.SourceOK}, time.Hour, false); err != nil {
			t.Fatal(err)
		}
	}
	h := hub.New(hub.Options{Store: store, Catalogue: cat, Screens: all, Province: "460000", Build: "b"})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = h.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	o.Hub, o.Catalogue, o.Province, o.Static, o.Build, o.Gatherer = h, cat, "460000", static.Files, "b", prometheus.NewRegistry()
	handler, err := web.Handler(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	for deadline := time.Now().Add(10 * time.Second); publish && h.Ready() != nil; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(h.Ready())
		}
	}
	return server
}

func get(t *testing.T, url string, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(header) == 2 && header[0] == "Host" {
		r.Host = header[1]
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func TestAMetricIsAnsweredWithItsThreeKindsOfNothing(t *testing.T) {
	s := serve(t, true)
	for region, want := range map[string]string{"": "[[0,null]]", "460000": "[[0,null]]", "460300": `[["n/a","n/a"]]`} {
		_, body := get(t, s.URL+"/api/metrics/registered.total?region="+region)
		var got struct {
			Metric, Region string
			Batch          uint64
			AsOf           time.Time `json:"as_of"`
			Columns        []struct{ Name, Type, Unit string }
			Rows           json.RawMessage
		}
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		if string(got.Rows) != want || got.Batch != 1 || got.Metric != "registered.total" || got.AsOf.Unix() != 1_790_000_000 {
			t.Errorf("region %q: %s", region, body)
		}
		if len(got.Columns) != 2 || got.Columns[0].Name != "households" || got.Columns[0].Unit != "户" {
			t.Errorf("columns %v", got.Columns)
		}
	}
}

func TestTheBatchSaysWhatItsChecksSay(t *testing.T) {
	s := serve(t, true)
	_, body := get(t, s.URL+"/api/batch")
	var got map[string]any
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	check := got["checks"].([]any)[0].(map[string]any)
	if got["batch"] != 1.0 || got["demo"] != true || got["as_of"] == "" || got["term"] == nil || check["ok"] != false || check["words"] != "不平, 差1户2人" {
		t.Fatal(body)
	}
}

func TestEveryNumberCanBeAsked(t *testing.T) {
	s := serve(t, false)
	_, body := get(t, s.URL+"/api/metrics")
	var got struct {
		Metrics []struct {
			ID, Title, Unit, Definition, Policy, Source, SQL string
			Tables                                           []string
		}
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Metrics) < 11 {
		t.Fatalf("%d metrics", len(got.Metrics))
	}
	for _, m := range got.Metrics {
		if m.ID == "" || m.Title == "" || m.Unit == "" || m.Definition == "" || m.Policy == "" || m.Source == "" || m.SQL == "" || len(m.Tables) == 0 {
			t.Errorf("metric %q leaves something unsaid", m.ID)
		}
	}
}

func TestAnswersWhereThereIsNothing(t *testing.T) {
	empty, full := serve(t, false), serve(t, true)
	for _, tt := range []struct {
		url    string
		status int
		code   string
	}{
		{empty.URL + "/api/batch", 503, "no_data_yet"},
		{empty.URL + "/api/metrics/monitored.total", 503, "no_data_yet"},
		{empty.URL + "/readyz", 503, "not_ready"},
		{full.URL + "/readyz", 200, ""},
		{empty.URL + "/healthz", 200, ""},
		{full.URL + "/api/metrics/no.such", 404, "unknown_metric"},
		{full.URL + "/api/metrics/registered.total?region=1", 404, "unknown_region"},
		{full.URL + "/api/screens/nope", 404, "unknown_screen"},
		{full.URL + "/wall/nope", 404, "unknown_screen"},
		{full.URL + "/wall/..%2f..%2fetc", 404, "unknown_screen"},
		{full.URL + "/nothing", 404, "not_found"},
		{full.URL + "/api/screens", 200, ""},
		{full.URL + "/api/screens/overview", 200, ""},
		{full.URL + "/wall/overview", 200, ""},
		{full.URL + "/", 200, ""},
		{full.URL + "/static/b/js/wall.js", 200, ""},
		{full.URL + "/static/other/js/wall.js", 404, "not_found"},
	} {
		r, body := get(t, tt.url)
		if r.StatusCode != tt.status || tt.code != "" && !strings.Contains(body, `"code":"`+tt.code+`"`) {
			t.Errorf("%s: %d %.200s, want %d %s", tt.url, r.StatusCode, body, tt.status, tt.code)
		}
	}
}

func TestPagesLoadNothingFromElsewhere(t *testing.T) {
	s := serve(t, false)
	r, body := get(t, s.URL+"/wall/overview")
	if strings.Contains(body, "http://") || strings.Contains(body, "https://") {
		t.Error("the page names an address outside")
	}
	if csp := r.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'self'") {
		t.Errorf("Content-Security-Policy is %q", csp)
	}
	if r, _ := get(t, s.URL+"/static/b/vendor/echarts/VERSION"); !strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
		t.Error("assets are not kept by browsers")
	}
}

func TestTheDoor(t *testing.T) {
	s := serve(t, false)
	for host, want := range map[string]int{"": 200, "localhost:8080": 200, "[::1]:8080": 200, "elsewhere.example": 403, "10.0.0.1:8080": 403} {
		for _, path := range []string{"/healthz", "/", "/api/metrics"} {
			header := []string{}
			if host != "" {
				header = []string{"Host", host}
			}
			if r, body := get(t, s.URL+path, header...); r.StatusCode != want {
				t.Errorf("host %q, %s: %d %s, want %d", host, path, r.StatusCode, body, want)
			}
		}
	}
	refused := map[string]bool{}
	for _, address := range []string{"127.0.0.1:80", "[::1]:80", "localhost:80", ":80", "0.0.0.0:80", "192.168.1.1:80", "hall.example:80"} {
		refused[address] = web.Door{}.CheckListen(address) != nil
	}
	want := map[string]bool{"127.0.0.1:80": false, "[::1]:80": false, "localhost:80": false, ":80": true, "0.0.0.0:80": true, "192.168.1.1:80": true, "hall.example:80": true}
	if diff := cmp.Diff(want, refused); diff != "" {
		t.Error(diff)
	}
	if err := (web.Door{Network: true}).CheckListen("0.0.0.0:80"); err != nil {
		t.Error(err)
	}
}
