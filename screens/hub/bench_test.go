package hub_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// crowdURL names the hub to a process that is a crowd of displays and nothing else.
const crowdURL = "LIAOWANG_CROWD_URL"

// crowd opens so many displays, says so, and keeps them until its input ends.
func crowd(url, count string) {
	n, _ := strconv.Atoi(count)
	var open sync.WaitGroup
	turn := make(chan struct{}, 64)
	for i := range n {
		turn <- struct{}{}
		open.Go(func() {
			defer func() { <-turn }()
			dialer := websocket.Dialer{ReadBufferSize: 512, WriteBufferSize: 512}
			ws, _, err := dialer.Dial(url, nil)
			if err != nil {
				fmt.Println("display", i, err)
				os.Exit(1)
			}
			_ = ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"subscribe","screen":"overview","region":"460000","accept":["patch"]}`))
			for range 2 {
				_, _, _ = ws.ReadMessage()
			}
			go func() {
				for {
					if _, _, err := ws.ReadMessage(); err != nil {
						return
					}
				}
			}()
		})
	}
	open.Wait()
	fmt.Println("open")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
}

// invite starts a crowd in a process of its own and waits until all are there.
func (h *hall) invite(b *testing.B, n int) {
	b.Helper()
	cmd := exec.Command(os.Args[0], strconv.Itoa(n))
	cmd.Env = append(os.Environ(), crowdURL+"="+h.url)
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	if said, err := bufio.NewReader(out).ReadString('\n'); err != nil || said != "open\n" {
		b.Fatalf("the crowd says %q, %v", said, err)
	}
}

// BenchmarkIdle says what a display costs that only listens: resident memory of the
// server's process, bytes, as it is and once the garbage of connecting is collected.
func BenchmarkIdle(b *testing.B) {
	const displays = 8000
	h := newHall(b, "", calm)
	h.publish(1, 10)
	h.newestAny(1)
	h.invite(b, 50)
	before := resident(b)
	h.invite(b, displays)
	time.Sleep(time.Second)
	b.ReportMetric(float64(resident(b)-before)/displays, "resident-B/display")
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(resident(b)-before)/displays, "collected-B/display")
	b.ReportMetric(float64(m.StackInuse)/displays, "stack-B/display")
	b.ReportMetric(float64(m.HeapInuse)/displays, "heap-B/display")
}

// BenchmarkBatch says what a batch costs the server per display that gets it: time of
// its CPUs, kernel included.
func BenchmarkBatch(b *testing.B) {
	for _, displays := range []int{200, 1000, 5000} {
		b.Run(strconv.Itoa(displays), func(b *testing.B) {
			h := newHall(b, "", calm)
			h.publish(1, 10)
			h.newestAny(1)
			h.invite(b, displays)
			n := uint64(1)
			b.ResetTimer()
			begun := cpu(b)
			for b.Loop() {
				n++
				h.publish(n, float64(n))
				for h.gauge("liaowang_display_batches_total") < float64(n*uint64(displays)) {
					time.Sleep(time.Millisecond)
				}
			}
			b.ReportMetric(float64((cpu(b)-begun).Nanoseconds())/float64(b.N*displays), "cpu-ns/delivery")
		})
	}
}

// cpu is what this process has used of its CPUs.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// resident is the resident memory of this process, bytes.
func resident(b *testing.B) int64 {
	b.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Skip("resident memory is read from /proc")
	}
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}
