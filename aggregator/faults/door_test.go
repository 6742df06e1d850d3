package faults_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"
)

// asked is a statement as the source is asked.
type asked struct {
	comment string // its log_comment
	sql     string
	params  url.Values
}

var writing = regexp.MustCompile(`(?is)^\s*(--[^\n]*\n\s*)*(INSERT|ALTER|CREATE|DROP|TRUNCATE)`)

// writes reports whether a server that is read-only would refuse the statement.
func (a asked) writes() bool { return writing.MatchString(a.sql) }

// fate is what becomes of a statement: 0 nothing, else ClickHouse's exception code; and
// how long that takes.
type fate struct {
	code  int
	after time.Duration
}

// door stands before the engine and answers some statements itself, as ClickHouse would.
type door struct {
	server *httptest.Server

	mu     sync.Mutex
	decide func(asked) fate
	asked  []asked
}

func openDoor(tb testing.TB, engine string) *door {
	tb.Helper()
	to, err := url.Parse(engine)
	if err != nil {
		tb.Fatal(err)
	}
	d := &door{}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }, ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }}
	d.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // who asks has gone
		}
		a := asked{params: r.URL.Query(), comment: r.URL.Query().Get("log_comment"), sql: r.URL.Query().Get("query")}
		if a.sql == "" {
			a.sql = string(body)
		}
		d.mu.Lock()
		d.asked = append(d.asked, a)
		f := fate{}
		if d.decide != nil {
			f = d.decide(a)
		}
		d.mu.Unlock()
		if f.after > 0 {
			select {
			case <-time.After(f.after):
			case <-r.Context().Done():
				return
			}
		}
		if f.code != 0 {
			w.Header().Set("X-ClickHouse-Exception-Code", strconv.Itoa(f.code))
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprintf(w, "Code: %d. DB::Exception: the test says so. (TEST)", f.code)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	}))
	tb.Cleanup(d.server.Close)
	return d
}

// say decides what becomes of statements from now on; nil: nothing does.
func (d *door) say(decide func(asked) fate) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.decide = decide
}

// all gives what was asked so far.
func (d *door) all() []asked {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.asked[:len(d.asked):len(d.asked)]
}
