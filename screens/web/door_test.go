package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"liaowang/screens/web"
)

// Rows are taken from this machine alone, by a name of its own, unless the door says
// otherwise.
func TestDeliveriesComeFromThisMachine(t *testing.T) {
	for _, tt := range []struct {
		network      bool
		remote, host string
		status       int
	}{
		{false, "127.0.0.1:50000", "127.0.0.1:8080", 200},
		{false, "[::1]:50000", "localhost:8080", 200},
		{false, "127.0.0.1:50000", "[::1]:8080", 200},
		{false, "10.1.2.3:50000", "127.0.0.1:8080", 403}, // says so, comes from elsewhere
		{false, "10.1.2.3:50000", "10.1.2.4:8080", 403},
		{false, "127.0.0.1:50000", "rebound.example:8080", 403}, // a page's name for this address
		{false, "127.0.0.1:50000", "localhost.example", 403},
		{false, "", "127.0.0.1:8080", 403},
		{true, "10.1.2.3:50000", "10.1.2.4:8080", 200},
		{true, "127.0.0.1:50000", "wall.example", 200},
	} {
		let := false
		h := web.Door{NetworkDelivers: tt.network}.Deliveries(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { let = true }))
		r := httptest.NewRequest(http.MethodPost, "/intake/visits", strings.NewReader("visit\n"))
		r.RemoteAddr, r.Host = tt.remote, tt.host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != tt.status || let != (tt.status == 200) {
			t.Errorf("%+v: %d, let in: %v", tt, w.Code, let)
		}
		if tt.status == 403 && !strings.Contains(w.Body.String(), "--let-everyone-on-the-network-deliver") {
			t.Errorf("%+v: the answer does not say what to do: %s", tt, w.Body)
		}
	}
	// The door that lets everybody see lets nobody deliver by that.
	h := web.Door{Network: true}.Deliveries(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("let in") }))
	r := httptest.NewRequest(http.MethodPost, "/intake/visits", nil)
	r.RemoteAddr, r.Host = "10.1.2.3:50000", "10.1.2.4:8080"
	h.ServeHTTP(httptest.NewRecorder(), r)
}
