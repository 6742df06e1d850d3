package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"liaowang/aggregator/batch/redistest"
)

var metricsLine = regexp.MustCompile(`msg=aggregating .*metrics=(http://\S+)`)

// An aggregator by itself tells an operator how it is: 503 while it has no figures,
// with what is missing, and what it measured with the slowest metric's name.
func TestAnAggregatorByItselfIsSeenFromOutside(t *testing.T) {
	p := up(t, "--data", t.TempDir(), "--demo", "off")
	c := aggregateCommand{ClickHouse: p.engine + "/liaowang", Redis: redistest.Start(t).URL(), Metrics: "127.0.0.1:0"}
	c.Province, c.Node, c.LeastCell, c.React, c.BatchesPerSecond = "460000", "apart", 5, 100*time.Millisecond, 5
	ctx, stop := context.WithCancel(t.Context())
	said, log := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- c.Run(ctx, slog.New(slog.NewTextHandler(log, nil)))
		log.Close()
	}()
	url := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(said); lines.Scan(); {
			if m := metricsLine.FindStringSubmatch(lines.Text()); m != nil {
				url <- m[1]
			}
		}
	}()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	var address string
	select {
	case address = <-url:
	case err := <-ended:
		ended <- err
		t.Fatal(err)
	case <-time.After(patience):
		t.Fatal("the aggregator does not say where it listens")
	}
	ready := func(status int, words string) {
		t.Helper()
		body := ""
		for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
			got, text := fetch(t, address+"/readyz", "")
			if body = text; got == status && strings.Contains(body, words) && json.Valid([]byte(body)) {
				return
			}
		}
		t.Fatalf("/readyz is never %d with %s: %s", status, words, body)
	}
	ready(http.StatusServiceUnavailable, `"reason":"source_lost"`)
	ready(http.StatusServiceUnavailable, "区划表为空")
	p.exec(`INSERT INTO regions (code, level, parent, name, version) VALUES
		(460000, 'province', 0, '海南省', 1), (460100, 'county', 460000, '海口市', 1), (460106100, 'township', 460100, '城西镇', 1)`)
	ready(http.StatusOK, `"state":"ok"`)
	_, text := fetch(t, address+"/metrics", "application/openmetrics-text; version=1.0.0")
	for _, want := range []string{`liaowang_batch_stage_seconds_bucket{stage="ask"`, `liaowang_source_state{state="ok"} 1`, `liaowang_round_failures_total{cause="no_regions"}`, `liaowang_redis_up{part="aggregator"} 1`} {
		if !strings.Contains(text, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	// The labels of an exemplar come in any order.
	if exemplar := regexp.MustCompile(`stage="ask",le="[^"]+"} 1 # {[^}]*metric="[a-z_]+\.`); !exemplar.MatchString(text) {
		t.Errorf("/metrics does not name the slowest metric:\n%s", text)
	}
	if status, _ := fetch(t, address+"/healthz", ""); status != http.StatusOK {
		t.Errorf("/healthz answers %d", status)
	}
}

func fetch(t *testing.T, url, accept string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}
