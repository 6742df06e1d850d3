package engine

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
)

// proxy hands requests on to the child's HTTP interface, under an address that outlives
// any child, as the only user that the server knows.
func (p *Process) proxy() *http.Server {
	reverse := &httputil.ReverseProxy{
		Transport:     p.transport,
		FlushInterval: -1, // a result is for whoever reads it, not for a buffer
		ErrorLog:      slog.NewLogLogger(p.log.Handler(), slog.LevelDebug),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", childHost
			// The interface knows no users: all are accepted and mean nothing.
			query := r.Out.URL.Query()
			query.Del("user")
			query.Del("password")
			r.Out.URL.RawQuery = query.Encode()
			r.Out.Header.Del("Authorization")
			r.Out.Header.Set("X-ClickHouse-User", user)
			r.Out.Header.Set("X-ClickHouse-Key", p.password)
		},
		ModifyResponse: func(r *http.Response) error {
			if p.config.OnStored != nil && wrote(r) {
				p.config.OnStored()
			}
			return nil
		},
		// The child is gone, or the client: there is nothing to say, and a client must
		// not take it for an answer.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	return &http.Server{
		// What a browser sends across origins can write without being asked.
		Handler:           http.NewCrossOriginProtection().Handler(p.door(reverse)),
		ReadHeaderTimeout: 30 * time.Second,
		IdleTimeout:       5 * time.Minute,
		MaxHeaderBytes:    2 << 20, // a query may stand in the URL
		ErrorLog:          slog.NewLogLogger(p.log.Handler(), slog.LevelDebug),
	}
}

// childHost stands for whichever child there is.
const childHost = "engine"

// door lets in what is meant for the server's HTTP interface, and none of its pages.
func (p *Process) door(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !p.config.AllowRemote && !isLoopbackHost(r.Host):
			// A page in a browser can reach this machine under a name of its own
			// (DNS rebinding); nothing else calls us by a foreign name.
			http.Error(w, "Host not allowed", http.StatusForbidden)
		case r.URL.Path != "/" && r.URL.Path != "/ping" && r.URL.Path != "/replicas_status":
			http.Error(w, "There is no handle "+r.URL.Path+"\nUse / or /ping.", http.StatusNotFound)
		default:
			id := withID(r)
			defer func() {
				if r.Context().Err() != nil {
					p.kill(id)
				}
			}()
			next.ServeHTTP(w, r)
		}
	})
}

// withID gives a request's query an id, if it has none.
func withID(r *http.Request) string {
	query := r.URL.Query()
	if !query.Has("query_id") && r.URL.Path == "/" && (r.Method == http.MethodPost || query.Has("query")) {
		query.Set("query_id", uuid.NewString())
		r.URL.RawQuery = query.Encode()
	}
	return query.Get("query_id")
}

// kill ends a query whose client is gone: nobody would read what it finds.
func (p *Process) kill(id string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	to := url.URL{Scheme: "http", Host: childHost, Path: "/", RawQuery: url.Values{"param_id": {id}}.Encode()}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), strings.NewReader("KILL QUERY WHERE query_id = {id:String} ASYNC"))
	if err == nil {
		r.Header.Set("X-ClickHouse-User", user)
		r.Header.Set("X-ClickHouse-Key", p.password)
		var response *http.Response
		if response, err = p.transport.RoundTrip(r); err == nil {
			err = response.Body.Close()
		}
	}
	if err != nil {
		p.log.Debug("query left to itself", "query_id", id, "error", err)
	}
}

func isLoopbackHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	if host == "localhost" || host == "" {
		return true
	}
	ip := net.ParseIP(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	return ip != nil && ip.IsLoopback()
}

// wrote reports whether a request has stored rows.
func wrote(r *http.Response) bool {
	var summary struct {
		Rows string `json:"written_rows"`
	}
	return r.StatusCode == http.StatusOK && json.Unmarshal([]byte(r.Header.Get("X-ClickHouse-Summary")), &summary) == nil &&
		summary.Rows != "" && summary.Rows != "0"
}

// Dial connects to the engine's native protocol, whatever the address says; while there
// is no child it waits for one. The user and password are those of NativeURL.
func (p *Process) Dial(ctx context.Context, _ string) (net.Conn, error) {
	return p.dial(ctx, func(s serving) string { return s.Native })
}

func (p *Process) dial(ctx context.Context, address func(serving) string) (net.Conn, error) {
	var dialer net.Dialer
	for {
		at, changed := p.where()
		if at != nil {
			conn, err := dialer.DialContext(ctx, "tcp", address(*at))
			if err == nil || ctx.Err() != nil {
				return conn, err
			}
			// It has just ended, which is noticed in a moment.
		}
		select {
		case <-changed:
		case <-p.done:
			return nil, errEnded
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

var errEnded = errors.New("the engine has ended")

// where gives where the child serves, nil while there is none that does, and a channel
// that is closed when that is another.
func (p *Process) where() (*serving, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at, p.changed
}

// serves notes where the child serves: nil, when it has ended.
func (p *Process) serves(at *serving) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at = at
	close(p.changed)
	p.changed = make(chan struct{})
	if at == nil {
		p.transport.CloseIdleConnections()
	}
}
