package hub

import (
	"net"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/screens"
)

// nowhere is a connection that takes everything.
type nowhere struct{ net.Conn }

func (nowhere) Write(p []byte) (int, error)      { return len(p), nil }
func (nowhere) Close() error                     { return nil }
func (nowhere) SetReadDeadline(time.Time) error  { return nil }
func (nowhere) SetWriteDeadline(time.Time) error { return nil }
func (nowhere) RemoteAddr() net.Addr             { return &net.TCPAddr{} }

// FuzzRequest: whatever a client says, the node goes on, and what it writes is sound.
func FuzzRequest(f *testing.F) {
	cat, err := queries.Load()
	if err != nil {
		f.Fatal(err)
	}
	all, err := screens.Load(cat)
	if err != nil {
		f.Fatal(err)
	}
	h := New(Options{Catalogue: cat, Screens: all, Province: "460000"})
	p, err := (*picture)(nil).apply(&batch.Header{History: "h", Term: 1, Number: 7}, []*batch.Frame{{Metric: queries.RegionsMetric, Region: "460000", Changed: 1, Rows: [][]batch.Cell{
		{batch.Text("460000"), batch.Text("0"), batch.Text("province"), batch.Text("海南省"), batch.Num(1)},
	}}})
	if err != nil {
		f.Fatal(err)
	}
	h.date(p, time.Time{}, true)
	h.show(p)
	for _, text := range []string{
		`{"type":"subscribe","screen":"overview","region":"460000","have":{"history":"h","term":1,"batch":6},"accept":["patch","ack"]}`,
		`{"type":"subscribe","screen":"overview","region":"460000","have":null}`,
		`{"type":"subscribe","screen":"overview","region":"","have":{"batch":18446744073709551615}}`,
		`{"type":"ack","batch":7,"ready":1790000000128.5,"drawn":1790000000131.5,"frame_ms":3.1,"heap":21400000}`,
		`{"type":"ack","batch":0,"drawn":-1e308,"frame_ms":1e308,"heap":1e308}`,
		`{"type":"time","t0":1e5}`, `{"type":"time","t0":"1"}`, `{"type":"time"}`, `{}`, `[]`, `null`, `{"type":1}`, "\xff", "",
	} {
		f.Add(websocket.TextMessage, []byte(text))
	}
	f.Add(websocket.BinaryMessage, []byte{1, 2})
	f.Fuzz(func(t *testing.T, kind int, body []byte) {
		s := &socket{Conn: nowhere{}, timeout: time.Minute}
		c := &conn{hub: h, socket: s, limit: rate.NewLimiter(rate.Inf, 1), shard: h.shards[0]}
		var handing sync.WaitGroup
		s.arm(c.flush, handing.Go)
		c.take(websocket.TextMessage, []byte(`{"type":"subscribe","screen":"overview","region":"460000","accept":["patch"]}`))
		for range 2 {
			handing.Wait()
			c.take(kind, body)
		}
		handing.Wait()
		c.describe(time.Now())
		c.mu.Lock()
		if c.has > 7 && c.told {
			t.Errorf("the display is taken to have batch %d, which there is not", c.has)
		}
		c.mu.Unlock()
		h.leave(c.watch(nil, &request{}))
	})
}
