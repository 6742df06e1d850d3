package hub_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
)

var soak = flag.Int("soak", 0, "how many times longer churn and faults last; 0: as in make test")

// raw opens a WebSocket connection by hand, for a client that keeps to nothing.
func (h *hall) raw() net.Conn {
	h.t.Helper()
	host, _, _ := strings.Cut(strings.TrimPrefix(h.url, "ws://"), "/")
	c, err := net.Dial("tcp", host)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { c.Close() })
	_ = c.(*net.TCPConn).SetReadBuffer(4096)
	fmt.Fprintf(c, "GET /ws HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", host)
	return c
}

// masked is a frame of a client.
func masked(first byte, body string) []byte {
	f := []byte{first, 0x80 | byte(len(body)), 0, 0, 0, 0}
	return append(f, body...)
}

// TestBadDisplaysHarmNoGoodOnes: among displays that are slow, stalled, half open, that
// send rubbish or too much, each good one gets every picture that matters to it.
func TestBadDisplaysHarmNoGoodOnes(t *testing.T) {
	h := newHall(t, "", func(h *hall) { h.beat, h.patience = 10*time.Second, 5*time.Second })
	h.publish(1, 10)
	var bad sync.WaitGroup
	var ended atomic.Bool
	quit := func() { ended.Store(true); bad.Wait() }
	defer quit()
	subscribe := fmt.Sprintf(`{"type":"subscribe","screen":"overview","region":%q}`, province)
	spoil := map[string]func(*rand.Rand){
		"stalled": func(*rand.Rand) {
			c := h.raw()
			_, _ = c.Write(masked(0x81, subscribe))
		},
		"half open": func(*rand.Rand) { h.raw() },
		"slow": func(*rand.Rand) {
			c := h.raw()
			_, _ = c.Write(masked(0x81, subscribe))
			piece := make([]byte, 100)
			for !ended.Load() {
				_ = c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
				if _, err := c.Read(piece); errors.Is(err, io.EOF) {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
		},
		"rubbish": func(r *rand.Rand) {
			for !ended.Load() {
				c := h.raw()
				junk := make([]byte, r.IntN(2000))
				for i := range junk {
					junk[i] = byte(r.IntN(256))
				}
				if r.IntN(2) == 0 { // rubbish in a frame
					junk = masked(0x81+byte(r.IntN(3)), string(junk[:min(len(junk), 125)]))
				}
				_, _ = c.Write(junk)
				time.Sleep(10 * time.Millisecond)
				c.Close()
			}
		},
		"without end": func(*rand.Rand) {
			for !ended.Load() {
				c := h.raw()
				_, _ = c.Write(masked(0x01, "{"))
				for !ended.Load() {
					if _, err := c.Write(append(masked(0x00, ""), masked(0x8a, "")...)); err != nil {
						break // cut off
					}
				}
				c.Close()
			}
		},
		"flood": func(r *rand.Rand) {
			for !ended.Load() {
				c := h.raw()
				for range 2000 {
					if _, err := c.Write(masked([]byte{0x81, 0x89, 0x01, 0x80}[r.IntN(4)], subscribe)); err != nil {
						break
					}
				}
				c.Close()
			}
		},
	}
	for name, f := range spoil {
		for i := range 3 {
			bad.Go(func() { f(rand.New(rand.NewPCG(uint64(i), uint64(len(name))))) })
		}
	}
	const batches = 60
	var good sync.WaitGroup
	viewers := make([]*viewer, 20)
	for i := range viewers {
		viewers[i] = h.view([]string{province, "469001"}[i%2])
		good.Go(func() { viewers[i].until(batches) })
	}
	r := rand.New(rand.NewPCG(1, 2))
	for n := uint64(2); n <= batches; n++ {
		h.chance(r, n)
	}
	good.Wait()
	quit()
	for _, region := range []string{province, "469001"} {
		fresh := h.view(region)
		fresh.until(batches)
		for _, v := range viewers {
			if v.region == region {
				v.same(fresh)
			}
		}
	}
}

// TestChurnLeavesNothingBehind: displays that come and go, in whatever way, leave no
// goroutine, no connection, no scene and no memory.
func TestChurnLeavesNothingBehind(t *testing.T) {
	h := newHall(t, "")
	h.publish(1, 10)
	h.newestAny(1)
	rounds := 600 + *soak*20_000
	h.churn(100) // what is made once has been made
	goroutines, heap := h.weigh()
	h.churn(rounds)
	if n := h.hub.Scenes(); n != 0 {
		t.Errorf("%d scenes are left though nobody watches", n)
	}
	more, after := h.weigh()
	t.Logf("%d came and went: %d goroutines before, %d after; heap %d KiB before, %d after", rounds, goroutines, more, heap>>10, after>>10)
	if more > goroutines+3 { // of the store's connections to Redis
		t.Errorf("%d goroutines before, %d after", goroutines, more)
	}
	if after > heap+4<<20 {
		t.Errorf("heap of %d KiB before, %d KiB after", heap>>10, after>>10)
	}
}

// churn lets so many displays come and go, and waits until all have gone.
func (h *hall) churn(rounds int) {
	h.t.Helper()
	var work sync.WaitGroup
	var next atomic.Int64
	for range 8 {
		work.Go(func() {
			for i := next.Add(1); i <= int64(rounds); i = next.Add(1) {
				ws, response, err := websocket.DefaultDialer.Dial(h.url, nil)
				if err != nil {
					h.t.Error(err)
					return
				}
				response.Body.Close()
				if i%4 > 0 {
					_ = ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"subscribe","screen":"overview","region":"460000","accept":["patch"]}`))
				}
				if i%4 == 2 {
					for range 2 {
						_, _, _ = ws.ReadMessage()
					}
					_ = ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""), time.Now().Add(time.Minute))
				}
				if i%4 == 3 {
					_ = ws.NetConn().(*net.TCPConn).SetLinger(0) // it breaks off
				}
				ws.Close()
			}
		})
	}
	work.Wait()
	for deadline := time.Now().Add(time.Minute); h.hub.Displays() > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			h.t.Fatalf("%d displays are left", h.hub.Displays())
		}
	}
}

// weigh gives the goroutines and the heap, bytes, once they no longer fall.
func (h *hall) weigh() (goroutines int, heap uint64) {
	var m runtime.MemStats
	for range 20 {
		time.Sleep(20 * time.Millisecond)
		runtime.GC()
		runtime.ReadMemStats(&m)
		if n := runtime.NumGoroutine(); goroutines == 0 || n < goroutines {
			goroutines = n
		}
		if heap == 0 || m.HeapAlloc < heap {
			heap = m.HeapAlloc
		}
	}
	return goroutines, heap
}

// hallOfTwo is two nodes over one Redis, and what is published to it whatever happens.
type hallOfTwo struct {
	*testing.T
	redis  *redistest.Server
	nodes  [2]*hall
	urls   [2]atomic.Pointer[string]
	number atomic.Uint64 // of the newest batch that Redis has taken
	ended  atomic.Bool
	work   sync.WaitGroup
}

// publish makes batches until the end, as an aggregator does: whenever Redis has
// forgotten something it gets all frames.
func (h *hallOfTwo) publish() {
	node := h.nodes[0]
	floor := batch.Floor{Number: 1}
	base := uint64(0)
	for n := uint64(2); !h.ended.Load(); time.Sleep(10 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		lease, err := node.store.Acquire(ctx, "test", "run", floor, time.Hour)
		if err == nil {
			frames := []*batch.Frame{{Metric: "monitored.total", Region: province, Changed: n, Rows: [][]batch.Cell{{batch.Num(float64(n)), batch.Num(1)}}}}
			if base == 0 {
				frames = append(frames, regionsFrame(n, "五指山市"))
			}
			header := batch.Header{History: "history", Term: lease.Term, Number: n, AsOf: time.Unix(int64(n), 0).UTC(), Checks: []batch.Check{}}
			if err = node.store.Publish(ctx, lease, header, base, frames, nil); err == nil {
				h.number.Store(n)
				base = n
			} else {
				base = 0
			}
			floor = batch.Floor{Term: lease.Term, Number: n}
			n++ // whether it has arrived or not, the number is used
		}
		cancel()
	}
}

// wallDisplay is a display as the browser is: it comes back, to whichever node takes it.
type wallDisplay struct {
	*hallOfTwo
	number atomic.Uint64 // what it shows
	marked atomic.Bool   // it says that what it shows is old
}

func (d *wallDisplay) run(node int) {
	for ; !d.ended.Load(); node = 1 - node {
		d.marked.Store(true)
		ws, response, err := websocket.DefaultDialer.Dial(*d.urls[node].Load(), nil)
		if response != nil {
			response.Body.Close()
		}
		if err == nil {
			d.watch(ws)
			ws.Close()
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (d *wallDisplay) watch(ws *websocket.Conn) {
	have := ""
	if n := d.number.Load(); n > 0 {
		have = fmt.Sprintf(`,"have":{"history":"history","batch":%d}`, n)
	}
	if ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"subscribe","screen":"overview","region":"460000","accept":["patch"]`+have+`}`)) != nil {
		return
	}
	for !d.ended.Load() {
		_ = ws.SetReadDeadline(time.Now().Add(2 * time.Second)) // of beats of 200 ms
		var m message
		if ws.ReadJSON(&m) != nil {
			return
		}
		n := m.number()
		switch m.Type {
		case "snapshot", "batch", "patch", "current":
			if n < d.number.Load() {
				d.Errorf("the display went from batch %d to %d", d.number.Load(), n)
			}
			d.number.Store(n)
		}
		if m.Status.Source != "" {
			d.marked.Store(m.Status.Source == "store_lost")
		}
	}
}

// settle waits until every display shows what was the newest when it began, or a newer one.
func (h *hallOfTwo) settle(displays []*wallDisplay, after string) {
	h.Helper()
	newest := h.number.Load()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(5 * time.Millisecond) {
		behind := 0
		for _, d := range displays {
			if d.number.Load() < newest {
				behind++
			}
		}
		if behind == 0 {
			return
		}
		if time.Now().After(deadline) {
			h.Fatalf("after %s %d of %d displays do not get to batch %d", after, behind, len(displays), newest)
		}
	}
}

// TestNoDisplayIsConnectedAndFrozen: while nodes are killed and drained and Redis is lost, each
// display shows the newest batch soon, or says that it does not.
func TestNoDisplayIsConnectedAndFrozen(t *testing.T) {
	h := &hallOfTwo{T: t, redis: redistest.Start(t)}
	h.nodes[0] = newHall(t, h.redis.URL())
	h.nodes[0].publish(1, 1)
	h.number.Store(1)
	h.nodes[1] = h.nodes[0].join()
	for i := range h.nodes {
		h.urls[i].Store(&h.nodes[i].url)
	}
	displays := make([]*wallDisplay, 12)
	defer h.work.Wait()
	defer h.ended.Store(true)
	h.work.Go(h.publish)
	for i := range displays {
		displays[i] = &wallDisplay{hallOfTwo: h}
		h.work.Go(func() { displays[i].run(i % 2) })
	}
	h.settle(displays, "the start")
	for round := range 1 + 10**soak {
		i := round % 2
		h.nodes[i].kill()
		h.settle(displays, "a node was killed")
		h.again(i)
		h.nodes[1-i].stop()
		h.settle(displays, "a node was drained")
		h.again(1 - i)
		h.redis.Kill()
		for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(5 * time.Millisecond) {
			marked := 0
			for _, d := range displays {
				if d.marked.Load() {
					marked++
				}
			}
			if marked == len(displays) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("without Redis only %d of %d displays are told", marked, len(displays))
			}
		}
		h.redis.Restart()
		at := h.number.Load()
		for deadline := time.Now().Add(time.Minute); h.number.Load() < at+2; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("nothing is published though Redis is back")
			}
		}
		h.settle(displays, "Redis was lost")
	}
}

// again starts a node anew.
func (h *hallOfTwo) again(i int) {
	h.Helper()
	h.nodes[i] = h.nodes[1-i].join()
	h.urls[i].Store(&h.nodes[i].url)
}

// kill ends a node as a power cut does: nobody is told anything.
func (h *hall) kill() {
	h.cut()
	h.stop()
}
