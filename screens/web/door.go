package web

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Viewer is who asks. Until there are accounts, everyone who is let in is the
// local viewer and may see every screen.
type Viewer struct {
	Name string
	// SQL says that the statements behind the figures may be seen.
	SQL bool
}

// Door decides for every request, WebSocket included, who is asking and whether
// they come in. There is no way around it.
type Door struct {
	// Network lets in requests from other machines although nobody is asked who
	// they are.
	Network bool
	// NetworkDelivers lets other machines deliver rows too.
	NetworkDelivers bool
	// NetworkSQL shows other machines the statements behind the figures too: they name
	// tables, columns and thresholds.
	NetworkSQL bool
	// NetworkWalls lets other machines change walls too: what is left out of them.
	NetworkWalls bool
}

type viewerKey struct{}

// ViewerOf gives the viewer that the door let in.
func ViewerOf(ctx context.Context) (Viewer, bool) {
	v, ok := ctx.Value(viewerKey{}).(Viewer)
	return v, ok
}

// Handler lets requests in to next.
func (d Door) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A page of another site can make a browser ask a loopback address under
		// a name of its own; such a request carries that name as its host.
		if !d.Network && !loopbackHost(r.Host) {
			writeError(w, http.StatusForbidden, "forbidden_host", fmt.Sprintf("this server answers to loopback names only, not to %q", r.Host))
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), viewerKey{}, Viewer{Name: "local", SQL: d.NetworkSQL || here(r)})))
	})
}

// Deliveries lets requests in that bring rows: from this machine alone, unless the
// door says otherwise, since nobody is asked who they are.
func (d Door) Deliveries(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !d.NetworkDelivers && !here(r) {
			writeError(w, http.StatusForbidden, "forbidden_sender", "rows are taken from this machine only: run liaowang intake on it, or start the server with --let-everyone-on-the-network-deliver")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Hands lets requests in that change what walls are: from this machine alone, unless the door says
// otherwise. A page of another site is not let in wherever it is open.
func (d Door) Hands(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, origin, _ := strings.Cut(r.Header.Get("Origin"), "://")
		switch {
		case !d.NetworkWalls && !here(r):
			writeError(w, http.StatusForbidden, "forbidden_hand", "walls are changed from this machine only: open the page on it, or start the server with --let-everyone-on-the-network-change-walls")
		case origin != "" && !strings.EqualFold(origin, r.Host):
			writeError(w, http.StatusForbidden, "forbidden_origin", "the page that asks is of another site")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// Own lets requests in that change what this server keeps for everybody, as briefings:
// from this machine alone, since nobody is asked who they are.
func (d Door) Own(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !here(r) {
			writeError(w, http.StatusForbidden, "forbidden_hand", "briefings are saved from this machine only; a file in the folder of --screens makes one, too")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// here says that a request comes from this machine, and that no proxy on it says
// otherwise.
func here(r *http.Request) bool {
	for _, by := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip"} {
		if r.Header.Get(by) != "" {
			return false
		}
	}
	return loopbackHost(r.RemoteAddr) && loopbackHost(r.Host)
}

func loopbackHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	if host == "localhost" {
		return true
	}
	if n := len(host); n > 1 && host[0] == '[' && host[n-1] == ']' {
		host = host[1 : n-1]
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// CheckListen refuses an address that other machines reach, unless the door is
// open to the network.
func (d Door) CheckListen(address string) error {
	if d.Network || loopbackHost(address) {
		return nil
	}
	return fmt.Errorf("%s: other machines could open every screen, and there are no accounts yet; listen on 127.0.0.1, or say --let-everyone-on-the-network-see", address)
}
