// Package redistest runs real redis-servers for tests: one, a group under Sentinels,
// a cluster.
package redistest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Server is a redis-server process that a test may kill, freeze and start again.
type Server struct {
	tb   testing.TB
	port int
	dir  string
	args []string
	cmd  *exec.Cmd
	log  string
}

// Start starts an empty redis-server on a free port; it ends with the test.
func Start(tb testing.TB) *Server {
	tb.Helper()
	return start(tb)
}

// start starts a redis-server with further arguments.
func start(tb testing.TB, args ...string) *Server {
	tb.Helper()
	s := &Server{tb: tb, port: freePort(tb), dir: tb.TempDir(), args: args}
	s.log = filepath.Join(s.dir, "log")
	tb.Cleanup(s.Kill)
	s.Restart()
	return s
}

func freePort(tb testing.TB) int {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Addr is where the server listens, host:port.
func (s *Server) Addr() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// URL is what batch.Connect takes.
func (s *Server) URL() string { return "redis://" + s.Addr() + "/0" }

// Kill ends the process with SIGKILL. What it held is lost.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.cmd = nil
}

// Freeze stops the process with SIGSTOP: connections stay, nothing is answered.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP) }

// Resume lets a frozen process go on where it stood.
func (s *Server) Resume() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) {
	s.tb.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.tb.Fatal(err)
	}
}

// Restart starts the process, empty, on the same port, and waits for it.
func (s *Server) Restart() {
	s.tb.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		s.tb.Fatalf("redis-server is not installed: run make test, or make deps: %v", err)
	}
	args := append([]string{"--port", strconv.Itoa(s.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
		"--dir", s.dir, "--logfile", s.log}, s.args...)
	s.run(path, args...)
}

// run starts the process and waits until it answers.
func (s *Server) run(path string, args ...string) {
	s.tb.Helper()
	s.cmd = exec.Command(path, args...)
	if err := s.cmd.Start(); err != nil {
		s.tb.Fatal(err)
	}
	s.until("it answers", func(ctx context.Context, c *redis.Client) bool { return c.Ping(ctx).Err() == nil })
}

// until waits until something holds of the server.
func (s *Server) until(what string, holds func(context.Context, *redis.Client) bool) {
	s.tb.Helper()
	c := redis.NewClient(&redis.Options{Addr: s.Addr(), MaxRetries: -1, PoolSize: 1})
	defer c.Close()
	for deadline := time.Now().Add(30 * time.Second); !holds(context.Background(), c); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(s.log)
			s.tb.Fatalf("redis-server at port %d: not within half a minute: %s; its log:\n%s", s.port, what, log)
		}
	}
}
