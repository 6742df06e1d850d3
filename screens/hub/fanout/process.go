package fanout

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// startPatience bounds how long a process may take until it answers.
const startPatience = 30 * time.Second

// process is one that was started for a measurement.
type process struct {
	cmd *exec.Cmd
	mu  sync.Mutex
	out bytes.Buffer // the last of what it said
}

// Write keeps what the process says, not without end.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out.Len() > 1<<16 {
		p.out.Reset()
	}
	return p.out.Write(b)
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.TrimSpace(p.out.String())
}

// kill ends the process with SIGKILL.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	_ = p.cmd.Wait()
}

// Server is a server under test, in a process of its own.
type Server struct {
	*process
	Address string
	command func(address string) *exec.Cmd
	clock   func() time.Time
}

// StartServer starts a server on a free port of this machine and waits until it takes
// connections. command makes the command that listens on an address.
func StartServer(ctx context.Context, clock func() time.Time, command func(address string) *exec.Cmd) (*Server, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	s := &Server{Address: address, command: command, clock: clock}
	_, err = s.Start(ctx)
	return s, err
}

// Start starts the server, once more after Kill, and gives the moment at which it took
// connections.
func (s *Server) Start(ctx context.Context) (time.Time, error) {
	s.process = &process{cmd: s.command(s.Address)}
	s.cmd.Stdout, s.cmd.Stderr = s.process, s.process
	if err := s.cmd.Start(); err != nil {
		return time.Time{}, err
	}
	end := s.clock().Add(startPatience)
	for {
		conn, err := net.Dial("tcp", s.Address)
		if err == nil {
			return s.clock(), conn.Close()
		}
		if ctx.Err() != nil || s.clock().After(end) {
			s.kill()
			return time.Time{}, fmt.Errorf("fanout: the server at %s does not listen: %w; it said:\n%s", s.Address, errors.Join(ctx.Err(), err), s.said())
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// Kill ends the server with SIGKILL.
func (s *Server) Kill() { s.kill() }

// CPU is the processor's time that the server has used: by its threads that live, to the
// nanosecond, where the kernel counts that. (A Go program's threads do not end.)
func (s *Server) CPU() time.Duration {
	folder := "/proc/" + strconv.Itoa(s.cmd.Process.Pid) + "/task/"
	threads, err := os.ReadDir(folder)
	if err != nil {
		return 0
	}
	var sum time.Duration
	for _, t := range threads {
		text, err := os.ReadFile(folder + t.Name() + "/schedstat")
		if err != nil {
			return ProcessorTime(s.cmd.Process.Pid)
		}
		ran, _, _ := strings.Cut(string(text), " ")
		n, _ := strconv.ParseInt(ran, 10, 64) // 0 where it is no number
		sum += time.Duration(n)
	}
	return sum
}

// Resident is the memory that the server's process holds, bytes; 0 where that is not known.
func (s *Server) Resident() int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(s.cmd.Process.Pid) + "/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kilo, _ := strconv.ParseInt(fields[0], 10, 64) // 0 where it is no number
	return kilo * 1024
}

// Gauge reads a number without labels from the server's /metrics.
func (s *Server) Gauge(ctx context.Context, name string) (float64, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.Address+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
	}
	return 0, fmt.Errorf("fanout: /metrics of %s does not tell of %s", s.Address, name)
}

// ProcessorTime is what a process has used of the processor, 0 where that is not known.
func ProcessorTime(pid int) time.Duration {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond // Linux counts in hundredths
}

// StartRedis starts an empty redis-server that is found on PATH. It ends by stop.
func StartRedis(ctx context.Context, clock func() time.Time) (url string, stop func(), err error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return "", nil, fmt.Errorf("redis-server is not installed: give a Redis of the benchmark's own with --redis, or run make deps: %w", err)
	}
	folder, err := os.MkdirTemp("", "liaowang-redis-")
	if err != nil {
		return "", nil, err
	}
	s, err := StartServer(ctx, clock, func(address string) *exec.Cmd {
		_, port, _ := net.SplitHostPort(address)
		return exec.Command(path, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
			"--dir", folder, "--logfile", filepath.Join(folder, "log"))
	})
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(folder))
	}
	return "redis://" + s.Address + "/0", func() { s.Kill(); _ = os.RemoveAll(folder) }, nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// Crowd is a crowd of displays in a process of its own.
type Crowd struct {
	*process
	in  io.WriteCloser
	out *json.Decoder
}

// StartCrowd starts the crowd's process, whose main is ServeCrowd.
func StartCrowd(cmd *exec.Cmd) (*Crowd, error) {
	c := &Crowd{process: &process{cmd: cmd}}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = c.process
	// Thousands of displays in one process must not be late because it collects their garbage.
	cmd.Env = append(os.Environ(), "GOGC=800")
	c.in, c.out = in, json.NewDecoder(out)
	return c, cmd.Start()
}

// do gives an order and waits for the answer.
func (c *Crowd) do(o order) (a answer, err error) {
	if err = json.NewEncoder(c.in).Encode(o); err == nil {
		err = c.out.Decode(&a)
	}
	if err != nil {
		return a, fmt.Errorf("fanout: the process of the displays has ended: %w; it said:\n%s", err, c.said())
	}
	if a.Error != "" {
		return a, errors.New(a.Error)
	}
	return a, nil
}

// Stop ends the process.
func (c *Crowd) Stop() {
	_ = c.in.Close() // ends it, where it lives
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	c.kill()
}
