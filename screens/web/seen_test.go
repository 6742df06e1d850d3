package web_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
	"liaowang/queries"
	"liaowang/screens"
	"liaowang/screens/hub"
	"liaowang/screens/web"
	"liaowang/static"
)

// node is a server over a Redis that the test speaks into.
type node struct {
	t        *testing.T
	url      string
	redis    *batch.Local
	store    *batch.Store
	lease    batch.Lease
	registry *prometheus.Registry
}

func newNode(t *testing.T) *node {
	t.Helper()
	n := &node{t: t, registry: prometheus.NewRegistry()}
	var err error
	if n.redis, err = batch.StartLocal(); err != nil {
		t.Fatal(err)
	}
	n.store = redistest.Store(t, n.redis.URL())
	cat, err := queries.Load()
	if err != nil {
		t.Fatal(err)
	}
	all, err := screens.Load(cat)
	if err != nil {
		t.Fatal(err)
	}
	h := hub.New(hub.Options{Store: n.store, Catalogue: cat, Screens: all, Province: "460000", Build: "b", Node: "hall_1", Look: 10 * time.Millisecond, Registry: n.registry})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = h.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	handler, err := web.Handler(web.Options{Hub: h, Catalogue: cat, Province: "460000", Static: static.Files, Build: "b", Gatherer: n.registry})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	n.url = server.URL
	return n
}

// readiness is what a load balancer and a person read of /readyz.
type readiness struct {
	Code   int `json:"-"`
	Status string
	Reason string
	State  string
	Since  time.Time
	Words  string
	Batch  uint64
	Leader string
	Holds  []batch.Hold
	Error  struct{ Code, Message string }
}

// ready waits until /readyz says what is wanted.
func (n *node) ready(what string, want func(readiness) bool) {
	n.t.Helper()
	var last readiness
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		r, body := get(n.t, n.url+"/readyz")
		last = readiness{Code: r.StatusCode}
		if err := json.Unmarshal([]byte(body), &last); err != nil {
			n.t.Fatalf("%s: %v", body, err)
		}
		if want(last) {
			return
		}
	}
	n.t.Fatalf("%s: /readyz never says so; the last is %+v", what, last)
}

func (n *node) say(s batch.Status, ttl time.Duration) {
	n.t.Helper()
	s.Node, s.Term = "computer_1", 1
	if err := n.store.SetStatus(n.t.Context(), n.lease, s, ttl, true); err != nil {
		n.t.Fatal(err)
	}
}

func notReadyBecause(reason, state string) func(readiness) bool {
	return func(r readiness) bool {
		return r.Code == http.StatusServiceUnavailable && r.Status == "not_ready" && r.Reason == reason && r.State == state && r.Error.Code == "not_ready" && r.Error.Message != ""
	}
}

// Only what another node may do better makes a node not ready; what is wrong for all
// is said, and the last good picture is served.
func TestReadinessKnowsWhatIsWrong(t *testing.T) {
	n := newNode(t)
	n.ready("no batch yet", notReadyBecause("no_batch", "silent"))
	var err error
	if n.lease, err = n.store.Acquire(t.Context(), "computer_1", "run", batch.Floor{}, time.Hour); err != nil {
		t.Fatal(err)
	}
	err = n.store.Publish(t.Context(), n.lease, shown(1), 0, []*batch.Frame{
		{Metric: queries.RegionsMetric, Region: "460000", Changed: 1, Rows: [][]batch.Cell{
			{batch.Text("460000"), batch.Text("0"), batch.Text("province"), batch.Text("海南省"), batch.Num(1)}}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	n.ready("nobody speaks", notReadyBecause("aggregator_silent", "silent"))
	since := time.Unix(1_790_000_100, 0).UTC()
	n.say(batch.Status{Source: batch.SourceOK, Since: since}, time.Hour)
	n.ready("current", func(r readiness) bool {
		return r.Code == 200 && r.Status == "ready" && r.State == "ok" && r.Batch == 1 && r.Leader == "computer_1" && r.Error.Code == ""
	})
	hold := batch.Hold{Check: "a.b", Title: "甲", Words: "不平, 差1户", Failed: 1}
	n.say(batch.Status{Source: batch.SourceHeld, Since: since, Words: "甲：不平, 差1户", Holds: []batch.Hold{hold}}, time.Hour)
	n.ready("held", func(r readiness) bool {
		return r.Code == 200 && r.Status == "ready" && r.State == "held" && r.Since.Equal(since) && r.Words == "甲：不平, 差1户" && len(r.Holds) == 1 && r.Holds[0] == hold
	})
	// The newest batch says that it is not all there is.
	_, body := get(t, n.url+"/api/batch")
	var newest struct {
		Batch  uint64
		Status struct {
			Source string
			Since  time.Time
			Words  string
			Holds  []batch.Hold
		}
	}
	if err := json.Unmarshal([]byte(body), &newest); err != nil || newest.Batch != 1 || newest.Status.Source != "held" || !newest.Status.Since.Equal(since) || len(newest.Status.Holds) != 1 {
		t.Errorf("%v: /api/batch says %s", err, body)
	}
	n.say(batch.Status{Source: batch.SourceLost, Since: since, Words: "数据源无应答"}, time.Second)
	n.ready("source lost", func(r readiness) bool {
		return r.Code == 200 && r.State == "lost" && r.Words == "数据源无应答" && len(r.Holds) == 0
	})
	n.ready("silent again", notReadyBecause("aggregator_silent", "silent"))
	n.redis.Close()
	n.ready("redis lost", notReadyBecause("redis_lost", "store_lost"))
	_, body = get(t, n.url+"/metrics")
	for _, line := range []string{`liaowang_shown_state{state="store_lost"} 1`, `liaowang_shown_state{state="ok"} 0`, `liaowang_redis_up{part="hub"} 0`, `liaowang_shown_batch_number 1`} {
		if !strings.Contains(body, line+"\n") {
			t.Errorf("/metrics lacks %s", line)
		}
	}
}

// A scraper that takes OpenMetrics gets exemplars; others get the old form.
func TestExemplarsLeaveTheProcess(t *testing.T) {
	n := newNode(t)
	t.Cleanup(n.redis.Close)
	h := promauto.With(n.registry).NewHistogram(prometheus.HistogramOpts{Name: "a_seconds", Help: "h"})
	h.(prometheus.ExemplarObserver).ObserveWithExemplar(0.1, prometheus.Labels{"metric": "monitored.total"})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, n.url+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "application/openmetrics-text; version=1.0.0")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body strings.Builder
	if err := response.Write(&body); err != nil || !strings.Contains(body.String(), `# {metric="monitored.total"} 0.1`) {
		t.Errorf("%v: %.2000s", err, body.String())
	}
	if _, plain := get(t, n.url+"/metrics"); strings.Contains(plain, "# {") || !strings.Contains(plain, "a_seconds_count 1") {
		t.Errorf("%.2000s", plain)
	}
}
