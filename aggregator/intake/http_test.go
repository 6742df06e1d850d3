package intake_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"liaowang/aggregator/intake"
)

func (p *province) post(t *testing.T, server, path, body string, header ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
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
	return response.StatusCode, strings.TrimSpace(string(text))
}

func TestDeliveriesOverHTTP(t *testing.T) {
	p := newProvince(t)
	server := httptest.NewServer(p.in.Handler())
	defer server.Close()
	csv := visitHead + "1,1,460105100201,2026-03-15 10:00:00,visit,no_risk\nx,1,460105100201,2026-03-15 10:00:00,visit,no_risk\n"
	status, text := p.post(t, server.URL, "/intake/visits?delivery=d1", csv, "Content-Type", "text/csv; charset=utf-8", "X-File-Name", "%E8%B5%B0%E8%AE%BF.csv")
	if want := `{"delivery":"d1","table":"visits","accepted":1,"rejected":1,"duplicate":0,"quarantine":[{"line":3,"column":"visit","reason":"must be a number or code with digits: a word alone may be a person's name"}]}`; status != 200 || text != want {
		t.Errorf("%d %s", status, text)
	}
	if n := p.number("SELECT count() FROM quarantine WHERE file = '走访.csv'"); n != 1 {
		t.Error("the file's name is not in quarantine")
	}
	for _, tt := range []struct {
		path, body string
		header     []string
		status     int
		code       string
	}{
		{"/intake/visits?delivery=d2", visitHead, []string{"Content-Type", "image/png"}, 415, "unknown_format"},
		{"/intake/visits?delivery=d2", visitHead, []string{"Content-Type", "text/csv", "Content-Encoding", "br"}, 415, "unknown_encoding"},
		{"/intake/visits", visitHead, []string{"Content-Type", "text/csv"}, 400, "bad_delivery"},
		{"/intake/nothing?delivery=d2", visitHead, []string{"Content-Type", "text/csv"}, 404, "unknown_table"},
		{"/intake/visits?delivery=d2&dry=maybe", visitHead, []string{"Content-Type", "text/csv"}, 400, "bad_request"},
		{"/intake/visits?delivery=d1", visitHead, []string{"Content-Type", "text/csv"}, 409, "other_content"},
		{"/intake/visits?delivery=d3", "姓名,visit\n", []string{"Content-Type", "text/csv"}, 422, "personal_columns"},
		{"/intake/visits?delivery=d3", csv, []string{"Content-Type", "text/csv", "Origin", "http://elsewhere.example", "Sec-Fetch-Site", "cross-site"}, 403, "cross_site"},
		{"/intake/visits?delivery=d3", csv, []string{"Content-Type", "text/csv", "Origin", "http://rebound.example:8080", "Host", "rebound.example:8080"}, 403, "cross_site"},
	} {
		status, text := p.post(t, server.URL, tt.path, tt.body, tt.header...)
		var got struct {
			Error struct{ Code, Message string }
		}
		if err := json.Unmarshal([]byte(text), &got); err != nil || status != tt.status || got.Error.Code != tt.code || got.Error.Message == "" {
			t.Errorf("%s: %d %s, want %d %s", tt.path, status, text, tt.status, tt.code)
		}
	}
	r, err := http.Get(server.URL + "/intake/visits")
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", r.StatusCode)
	}
}

// A sender who is slow, but never for long, is waited for beyond the server's own
// bound of a request.
func TestASlowSenderIsWaitedFor(t *testing.T) {
	p := newProvince(t)
	server := httptest.NewUnstartedServer(p.in.Handler())
	server.Config.ReadTimeout, server.Config.WriteTimeout = 300*time.Millisecond, 300*time.Millisecond
	server.Start()
	defer server.Close()
	in, out := io.Pipe()
	go func() {
		defer out.Close()
		_, _ = io.WriteString(out, visitHead)
		for _, visit := range []string{"1", "2", "3"} {
			time.Sleep(300 * time.Millisecond)
			_, _ = io.WriteString(out, visit+",1,460105100201,2026-03-15 10:00:00,visit,no_risk\n")
		}
	}()
	response, err := http.Post(server.URL+"/intake/visits?delivery=slow", "text/csv", in)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	if response.StatusCode != 200 || !strings.Contains(string(text), `"accepted":3`) {
		t.Errorf("%d %s", response.StatusCode, text)
	}
}

// serveIdle serves an intake whose senders may pause for so long only.
func (p *province) serveIdle(idle time.Duration, rows int) *httptest.Server {
	o := p.in.Options
	o.Idle, o.ChunkRows = idle, rows
	server := httptest.NewServer(intake.New(o).Handler())
	p.t.Cleanup(server.Close)
	return server
}

// When all of a file is here, it may take as long as it takes to land.
func TestLandingMayTakeLongerThanASenderMayPause(t *testing.T) {
	p := newProvince(t)
	server := p.serveIdle(50*time.Millisecond, 5)
	var b strings.Builder
	b.WriteString(visitHead)
	for i := range 100 {
		fmt.Fprintf(&b, "v-%d,1,460105100201,2026-03-15 10:00:00,visit,no_risk\n", i)
	}
	status, text := p.post(t, server.URL, "/intake/visits?delivery=long", b.String(), "Content-Type", "text/csv")
	if status != 200 || !strings.Contains(text, `"accepted":100`) {
		t.Errorf("%d %s", status, text)
	}
}

// A sender who brings a byte now and then is told to come again.
func TestASenderWhoOnlyHoldsThePlaceIsSentAway(t *testing.T) {
	p := newProvince(t)
	server := p.serveIdle(300*time.Millisecond, 0)
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = fmt.Fprintf(conn, "POST /intake/visits?delivery=drip HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 100000\r\n\r\n%s", visitHead)
	go func() {
		for range 100 {
			time.Sleep(50 * time.Millisecond)
			if _, err := io.WriteString(conn, "1"); err != nil {
				return
			}
		}
	}()
	_ = conn.SetReadDeadline(time.Now().Add(3 * time.Second))
	line, err := bufio.NewReader(conn).ReadString('\n')
	if !strings.Contains(line, "408") {
		t.Errorf("%q %v", line, err)
	}
}

// Deliveries that fail before their first chunk leave no reader behind.
func TestFailedDeliveriesLeaveNothingRunning(t *testing.T) {
	p := newProvince(t)
	before := runtime.NumGoroutine()
	for i := range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		// Nothing can be written once the file is open.
		content := io.MultiReader(strings.NewReader(visitHead), readerFunc(func([]byte) (int, error) { cancel(); return 0, io.EOF }))
		_, err := p.in.Take(ctx, intake.Delivery{ID: fmt.Sprint("gone-", i), Table: "visits", Format: intake.CSV, Content: content, DryRun: i%2 == 0})
		if err == nil {
			t.Fatal("the delivery was taken")
		}
	}
	for range 50 {
		if runtime.NumGoroutine() <= before+5 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
