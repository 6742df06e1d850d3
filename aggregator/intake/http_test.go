package intake_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
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
