package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/prometheus/common/expfmt"

	dto "github.com/prometheus/client_model/go"

	"liaowang/aggregator/batch"
	"liaowang/screens/hub"
)

type statusCommand struct {
	URL    string        `help:"Address of a running liaowang up or serve." default:"http://127.0.0.1:8080" placeholder:"URL"`
	JSON   bool          `name:"json" help:"One JSON object, for scripts; with --watch one a line."`
	Watch  bool          `help:"Go on, and show it anew every --over."`
	Over   time.Duration `help:"Time over which batches a second are counted." default:"1s"`
	MaxAge time.Duration `help:"Time since when the data was last seen to be just what is shown, from which on the picture counts as stale." default:"30s"`
}

// Help is the long help.
func (c *statusCommand) Help() string {
	return "Exit codes: 0 what is shown is current; 1 it is not: held, stale, lost, or there is no batch yet; 2 the server cannot be reached. With --watch: 0."
}

// What liaowang status exits with beside 0.
const (
	exitNotCurrent = 1
	exitUnreached  = 2
)

// exitError ends the program with a code; a nil cause has been told already.
type exitError struct {
	code  int
	cause error
}

func (e *exitError) Error() string {
	if e.cause == nil {
		return ""
	}
	return e.cause.Error()
}

// Run asks once, or again and again until ctx is done.
func (c *statusCommand) Run(ctx context.Context, _ *slog.Logger) error {
	if c.Over < 100*time.Millisecond || c.Over > time.Minute {
		return fmt.Errorf("--over %s: a time from 100ms to 1m is expected", c.Over)
	}
	if c.MaxAge < time.Second {
		return fmt.Errorf("--max-age %s: a time from 1s on is expected", c.MaxAge)
	}
	client := &http.Client{Timeout: 10 * time.Second}
	terminal := newProgress(os.Stdout).terminal
	for {
		s, err := c.ask(ctx, client)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !c.Watch:
			return &exitError{exitUnreached, err}
		}
		if c.Watch && terminal && !c.JSON {
			fmt.Fprint(os.Stdout, "\x1b[H\x1b[2J")
		}
		switch {
		case err != nil:
			fmt.Fprintln(os.Stdout, err)
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(c.Over):
			}
		case c.JSON:
			err = json.NewEncoder(os.Stdout).Encode(s)
		default:
			err = s.write(os.Stdout)
		}
		if !c.Watch {
			if err == nil && s.Verdict != verdictCurrent {
				return &exitError{code: exitNotCurrent}
			}
			return err
		}
	}
}

// standing is what liaowang status has found.
type standing struct {
	URL string `json:"url"`
	// Verdict is current, held, stale, lost, silent, store_lost, no_batch or draining.
	Verdict string     `json:"verdict"`
	Ready   bool       `json:"ready"`
	Health  hub.Health `json:"health"`
	// Batch is null before there is one.
	Batch            *batch.Header `json:"batch"`
	BatchesPerSecond float64       `json:"batches_per_second"`
	// Stages are the seconds of the last batch's stages, Slowest the metric that took
	// longest in one; empty where the server does not make batches itself.
	Stages  map[string]float64 `json:"stages_seconds,omitempty"`
	Slowest *slowest           `json:"slowest,omitempty"`
}

type slowest struct {
	Metric string    `json:"metric"`
	Took   string    `json:"took"`
	At     time.Time `json:"at"`
}

const verdictCurrent = "current"

// ask takes everything together; it lasts as long as batches are counted.
func (c *statusCommand) ask(ctx context.Context, client *http.Client) (*standing, error) {
	before, err := c.metrics(ctx, client)
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(c.Over):
	}
	s := &standing{URL: c.URL}
	var ready struct {
		Status string `json:"status"`
		Reason string `json:"reason"`
		hub.Health
	}
	if err := c.get(ctx, client, "/readyz", &ready); err != nil {
		return nil, err
	}
	s.Ready, s.Health = ready.Status == "ready", ready.Health
	var header batch.Header
	if err := c.get(ctx, client, "/api/batch", &header); err != nil {
		return nil, err
	}
	if header.Number > 0 {
		s.Batch = &header
	}
	after, err := c.metrics(ctx, client)
	if err != nil {
		return nil, err
	}
	const number = "liaowang_shown_batch_number"
	s.BatchesPerSecond = max(0, (value(after[number])-value(before[number]))/time.Since(begun).Seconds())
	s.measured(after)
	s.Verdict = verdictCurrent
	switch {
	case ready.Reason == "draining":
		s.Verdict = "draining"
	case s.Batch == nil:
		s.Verdict = "no_batch"
	case s.Health.State != string(batch.SourceOK):
		s.Verdict = s.Health.State
	case s.Health.Verified == nil || s.Health.Time.Sub(*s.Health.Verified) > c.MaxAge:
		s.Verdict = "stale"
	}
	return s, nil
}

// get reads an answer of the API, also one that says 503: it says why.
func (c *statusCommand) get(ctx context.Context, client *http.Client, path string, to any) error {
	return c.request(ctx, client, path, "application/json", func(r *http.Response) error { return json.NewDecoder(r.Body).Decode(to) })
}

func (c *statusCommand) request(ctx context.Context, client *http.Client, path, accept string, read func(*http.Response) error) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.URL, "/")+path, nil)
	if err != nil {
		return fmt.Errorf("--url %s: an address as http://127.0.0.1:8080 is expected", c.URL)
	}
	r.Header.Set("Accept", accept)
	response, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("--url %s cannot be reached: %w; is liaowang up or serve running there?", c.URL, cause(err))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusServiceUnavailable {
		return fmt.Errorf("--url %s: %s is answered with %s; is it liaowang up or serve, of this version?", c.URL, path, response.Status)
	}
	if err := read(response); err != nil {
		return fmt.Errorf("--url %s: %s is not answered as liaowang does: %w", c.URL, path, err)
	}
	return nil
}

// metrics are those of the server, by name. The protobuf form carries exemplars.
func (c *statusCommand) metrics(ctx context.Context, client *http.Client) (map[string]*dto.MetricFamily, error) {
	all := map[string]*dto.MetricFamily{}
	form := expfmt.NewFormat(expfmt.TypeProtoDelim)
	err := c.request(ctx, client, "/metrics", string(form), func(r *http.Response) error {
		d := expfmt.NewDecoder(r.Body, expfmt.ResponseFormat(r.Header))
		for {
			var f dto.MetricFamily
			switch err := d.Decode(&f); {
			case errors.Is(err, io.EOF):
				return nil
			case err != nil:
				return err
			}
			all[f.GetName()] = &f
		}
	})
	return all, err
}

// value is that of a gauge without labels; 0 where there is none.
func value(f *dto.MetricFamily) float64 {
	if f == nil || len(f.Metric) == 0 {
		return 0
	}
	return f.Metric[0].GetGauge().GetValue()
}

// measured takes in the times of the last batch.
func (s *standing) measured(all map[string]*dto.MetricFamily) {
	for _, m := range all["liaowang_batch_last_stage_seconds"].GetMetric() {
		if s.Stages == nil {
			s.Stages = map[string]float64{}
		}
		s.Stages[m.GetLabel()[0].GetValue()] = m.GetGauge().GetValue()
	}
	for _, m := range all["liaowang_batch_stage_seconds"].GetMetric() {
		for _, b := range m.GetHistogram().GetBucket() {
			e := b.GetExemplar()
			if e == nil || s.Slowest != nil && !e.GetTimestamp().AsTime().After(s.Slowest.At) {
				continue
			}
			s.Slowest = &slowest{At: e.GetTimestamp().AsTime()}
			for _, l := range e.GetLabel() {
				switch l.GetName() {
				case "metric":
					s.Slowest.Metric = l.GetValue()
				case "took":
					s.Slowest.Took = l.GetValue()
				}
			}
		}
	}
}
