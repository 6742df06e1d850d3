package engine

import (
	"bufio"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/sys/unix"
)

// alive reports whether a process runs, zombies not counted.
func alive(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	return !strings.HasPrefix(rest, "Z")
}

func TestChildThatIsKilledComesBack(t *testing.T) {
	p := startEngine(t, testConfig(t, t.TempDir()))
	post(t, p, "CREATE TABLE kept (a UInt32) ENGINE = MergeTree ORDER BY a; INSERT INTO kept SELECT number FROM numbers(100000)").want(t, "")
	first := p.PID()
	// A query that is under way when the child dies fails; it does not hang.
	failed := make(chan error, 1)
	go func() {
		response, err := http.Post(p.URL()+"/", "", strings.NewReader("SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"))
		if err == nil {
			response.Body.Close()
		}
		failed <- err
	}()
	time.Sleep(200 * time.Millisecond)
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; err == nil {
		t.Error("the query of the killed child went well")
	}
	// The address is never free: a new connection waits in the backlog.
	http.DefaultClient.CloseIdleConnections()
	post(t, p, "SELECT count() FROM kept").want(t, "100000\n")
	if p.PID() == first || p.Restarts() != 1 {
		t.Errorf("pid %d after %d, %d restarts", p.PID(), first, p.Restarts())
	}
}

func TestStopLeavesNothing(t *testing.T) {
	path := t.TempDir()
	p, err := Start(context.Background(), testConfig(t, path))
	if err != nil {
		t.Fatal(err)
	}
	pid, address := p.PID(), p.Addr().String()
	// It is not held up by a query that would never end.
	go func() {
		response, err := http.Post(p.URL()+"/", "", strings.NewReader("SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"))
		if err == nil {
			response.Body.Close()
		}
	}()
	time.Sleep(200 * time.Millisecond)
	if err := p.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	if alive(pid) {
		t.Error("the child is there")
	}
	if err := p.Stop(context.Background()); err != nil || p.Err() != nil || p.PID() != 0 {
		t.Errorf("after stop: %v, %v, %d", err, p.Err(), p.PID())
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	folder, err := openFolder(path)
	if err != nil {
		t.Fatal(err)
	}
	folder.close()
}

func TestStopLetsQueriesEnd(t *testing.T) {
	p, err := Start(context.Background(), testConfig(t, t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	answer := make(chan reply, 1)
	go func() {
		answer <- post(t, p, "SELECT sum(sleepEachRow(0.1)) FROM numbers(10) SETTINGS max_block_size = 1")
	}()
	time.Sleep(300 * time.Millisecond)
	if err := p.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	(<-answer).want(t, "0\n")
}

func TestNoChildSurvivesItsParent(t *testing.T) {
	config := testConfig(t, t.TempDir())
	for _, busy := range []bool{false, true} {
		parent := exec.Command(os.Args[0], config.Library, config.Path)
		parent.Env = append(os.Environ(), roleVariable+"=parent")
		out, err := parent.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := parent.Start(); err != nil {
			t.Fatal(err)
		}
		var child int
		var url string
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Sscan(line, &child, &url); err != nil {
			t.Fatal(line)
		}
		if busy {
			for range 4 {
				go func() {
					response, err := http.Post(url, "", strings.NewReader("SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"))
					if err == nil {
						response.Body.Close()
					}
				}()
			}
			time.Sleep(200 * time.Millisecond)
		}
		if !alive(child) {
			t.Fatal("there is no child")
		}
		_ = parent.Process.Kill()
		_ = parent.Wait()
		eventually(t, "the child is gone", func() bool { return !alive(child) })
	}
}

func TestLifelineAloneEndsTheChild(t *testing.T) {
	// What is left if the death signal fails, as it does in some containers.
	config := testConfig(t, t.TempDir())
	near, far, err := socketPair()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	socket, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0], "--library", config.Library, "--path", config.Path, "--listener-fd", "3", "--lifeline-fd", "4")
	child.Env = config.Env
	child.ExtraFiles = []*os.File{socket, far}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	closeAll(socket, far)
	response, err := http.Get("http://" + l.Addr().String() + "/ping")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	near.Close()
	if err := child.Wait(); child.ProcessState.ExitCode() != exitOrphan {
		t.Errorf("the child ended with %v", err)
	}
}

// wantStartError starts an engine that must fail with one clear line.
func wantStartError(t *testing.T, c Config, parts ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	p, err := Start(ctx, c)
	if err == nil {
		p.Stop(ctx)
		t.Fatal("it started")
	}
	var start *StartError
	if !errors.As(err, &start) {
		t.Errorf("error of type %T", err)
	}
	text := err.Error()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q does not say %q", text, part)
		}
	}
	if strings.Contains(text, "\n") || len(text) > 400 {
		t.Errorf("not one clear line: %q", text)
	}
}

func TestStartErrors(t *testing.T) {
	good := testConfig(t, t.TempDir())
	with := func(change func(*Config)) Config {
		c := good
		change(&c)
		return c
	}
	library := func(name string, content []byte) func(*Config) {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return func(c *Config) { c.Library = file }
	}
	file, err := os.Open(good.Library)
	if err != nil {
		t.Fatal(err)
	}
	head := make([]byte, 1<<20)
	_, err = io.ReadFull(file, head)
	file.Close()
	if err != nil {
		t.Fatal(err)
	}
	foreign := append([]byte{}, head...)
	machine := elf.EM_AARCH64
	if foreign[18] == byte(machine) {
		machine = elf.EM_X86_64
	}
	foreign[18], foreign[19] = byte(machine), byte(machine>>8)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	notFolder := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(notFolder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		config Config
		parts  []string
	}{
		"missing":       {with(func(c *Config) { c.Library = "/nowhere/libchdb.so" }), []string{"/nowhere/libchdb.so", "does not exist", "make engine"}},
		"garbage":       {with(library("garbage.so", []byte("not a library"))), []string{"garbage.so", "broken"}},
		"truncated":     {with(library("truncated.so", head)), []string{"truncated.so", "broken"}},
		"foreign":       {with(library("foreign.so", foreign)), []string{"foreign.so"}},
		"no chdb":       {with(func(c *Config) { c.Library = otherLibrary(t) }), []string{"cannot be loaded", "is missing"}},
		"taken":         {with(func(c *Config) { c.Listen = taken.Addr().String() }), []string{taken.Addr().String(), "taken"}},
		"remote":        {with(func(c *Config) { c.Listen = "0.0.0.0:0" }), []string{"only loopback"}},
		"folder":        {with(func(c *Config) { c.Path = filepath.Join(notFolder, "data") }), []string{notFolder, "data folder"}},
		"crash":         {with(func(c *Config) { c.Env = append(c.Env, "ENGINE_TEST_CRASH=1") }), []string{"exit status 2", "crash on purpose"}},
		"no executable": {with(func(c *Config) { c.Executable = "/nowhere/liaowang" }), []string{"/nowhere/liaowang"}},
	} {
		t.Run(name, func(t *testing.T) { wantStartError(t, c.config, c.parts...) })
	}
}

// otherLibrary finds a shared library that is not the engine.
func otherLibrary(t *testing.T) string {
	for _, pattern := range []string{"/lib/*/libm.so.6", "/lib64/libm.so.6", "/usr/lib/libm.so.6"} {
		if files, _ := filepath.Glob(pattern); len(files) > 0 {
			return files[0]
		}
	}
	t.Fatal("no libm.so.6")
	return ""
}

func TestFolderIsLocked(t *testing.T) {
	sharedEngine(t)
	wantStartError(t, testConfig(t, shared.path), shared.path, "in use by another process", fmt.Sprint(shared.process.PID()))
}

func TestStartGivesUpWithItsContext(t *testing.T) {
	c := testConfig(t, t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Start(ctx, c); err == nil {
		t.Fatal("it started")
	}
}

func TestSystemShutdownHitsOnlyTheChild(t *testing.T) {
	p := startEngine(t, testConfig(t, t.TempDir()))
	pid := p.PID()
	response, err := http.Post(p.URL()+"/", "", strings.NewReader("SYSTEM SHUTDOWN"))
	if err == nil {
		response.Body.Close()
	}
	http.DefaultClient.CloseIdleConnections()
	eventually(t, "another child", func() bool { return p.PID() != 0 && p.PID() != pid })
	post(t, p, "SELECT 1").want(t, "1\n")
}

func TestQueueEnds(t *testing.T) {
	// In the child this takes a minute; here the places are taken by hand.
	lib := &library{}
	s := &sessions{lib: lib, wait: 20 * time.Millisecond, slots: semaphore.NewWeighted(1), size: 1}
	if err := s.slots.Acquire(context.Background(), 1); err != nil {
		t.Fatal(err)
	}
	var ex *Exception
	if _, err := s.acquire(context.Background(), &request{}); !errors.As(err, &ex) || ex.Code != 202 || ex.status() != http.StatusServiceUnavailable {
		t.Errorf("got %v", err)
	}
}

func TestInheritedDescriptors(t *testing.T) {
	for _, fd := range []int{0, 2, 1 << 20} {
		var config *ConfigError
		if _, err := inherited(fd, "listener"); !errors.As(err, &config) || ExitCode(err) != ExitConfig {
			t.Errorf("%d: %v", fd, err)
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(r, w)
	fd, err := unix.Dup(int(r.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	f, err := inherited(fd, "lifeline")
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
}
