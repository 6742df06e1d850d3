package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"liaowang/aggregator/engine"
	"liaowang/aggregator/engine/enginetest"
)

// mainVariable makes the test binary be liaowang, the engine's child included.
const mainVariable = "LIAOWANG_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(mainVariable) != "" {
		main()
		os.Exit(0)
	}
	code := m.Run()
	for _, temporary := range []string{province.folder, shipped.folder} {
		if temporary != "" {
			_ = os.RemoveAll(temporary)
		}
	}
	os.Exit(code)
}

// patience bounds what a test waits for. It only ends a test that fails: nothing here
// asserts how long something takes.
const patience = 2 * time.Minute

// province is a data folder with the demo province, loaded once for all tests.
var province struct {
	once   sync.Once
	folder string
	said   string // by the command that loaded it
	err    error
}

// loaded gives a data folder of the test's own that holds the demo province.
func loaded(t testing.TB) string {
	t.Helper()
	province.once.Do(func() {
		if province.folder, province.err = os.MkdirTemp("", "liaowang-province-"); province.err != nil {
			return
		}
		var out []byte
		out, province.err = command("demo", "load", "--data", province.folder).CombinedOutput()
		province.said = string(out)
	})
	if province.err != nil {
		t.Fatalf("demo load: %v\n%s", province.err, province.said)
	}
	data := t.TempDir()
	if err := enginetest.Copy(data, province.folder); err != nil {
		t.Fatal(err)
	}
	return data
}

// process is liaowang as a user runs it.
type process struct {
	t      testing.TB
	cmd    *exec.Cmd
	done   chan struct{}
	url    string // of the wall
	engine string // of ClickHouse's HTTP interface

	mu  sync.Mutex
	out bytes.Buffer
}

// shipped is the program as users have it, built once for all tests. The race
// detector, which makes the test binary many times slower, watches over the packages
// in their own tests, and over the whole program where a test says observed. Only
// -trimpath is left out: all packages would be compiled once more for it.
var shipped struct {
	once   sync.Once
	folder string
	err    error
}

// command is a run of the program as it is shipped.
func command(args ...string) *exec.Cmd {
	shipped.once.Do(func() {
		if shipped.folder, shipped.err = os.MkdirTemp("", "liaowang-shipped-"); shipped.err != nil {
			return
		}
		if out, err := exec.Command("go", "build", "-o", filepath.Join(shipped.folder, "liaowang"), ".").CombinedOutput(); err != nil {
			shipped.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	cmd := exec.Command(filepath.Join(shipped.folder, "liaowang"), args...)
	cmd.Err = errors.Join(cmd.Err, shipped.err)
	return cmd
}

// observed is a run of the program within the test binary, and so under the race
// detector where the test is.
func observed(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), mainVariable+"=1")
	return cmd
}

var (
	openLine   = regexp.MustCompile(`Open (http://\S+)`)
	engineLine = regexp.MustCompile(`HTTP interface on (\S+),`)
)

// up runs liaowang up on free ports and waits until it tells its address.
func up(t testing.TB, args ...string) *process {
	t.Helper()
	return upBy(t, command, args...)
}

func upBy(t testing.TB, program func(args ...string) *exec.Cmd, args ...string) *process {
	t.Helper()
	if _, err := engine.FindLibrary(""); err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, done: make(chan struct{})}
	p.cmd = program(append([]string{"up", "--listen", "127.0.0.1:0", "--engine-listen", "127.0.0.1:0"}, args...)...)
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stderr = p
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.done
		if t.Failed() {
			t.Log(p.said())
		}
	})
	ready := make(chan struct{})
	go func() {
		defer close(p.done)
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			fmt.Fprintln(p, lines.Text())
			if m := engineLine.FindStringSubmatch(lines.Text()); m != nil {
				p.engine = "http://" + m[1]
			}
			if m := openLine.FindStringSubmatch(lines.Text()); m != nil {
				p.url = m[1]
				close(ready)
			}
		}
		_ = p.cmd.Wait() // the test reads the state
	}()
	select {
	case <-ready:
	case <-p.done:
		t.Fatalf("liaowang up ended: %s", p.said())
	case <-time.After(patience):
		t.Fatalf("liaowang up is not ready after %s: %s", patience, p.said())
	}
	return p
}

// Write takes what the process says.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(b)
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

// child is the engine's process.
func (p *process) child() int {
	p.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", p.cmd.Process.Pid))
		for _, f := range files {
			text, _ := os.ReadFile(f)
			if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
				return pid
			}
		}
	}
	p.t.Fatal("the engine has no process")
	return 0
}

// exec runs a statement as any ClickHouse client would: plain HTTP.
func (p *process) exec(sql string) {
	p.t.Helper()
	p.ask(sql)
}

// ask is exec, and gives the answer.
func (p *process) ask(sql string) string {
	p.t.Helper()
	r, err := http.Post(p.engine+"/?database=liaowang", "text/plain", strings.NewReader(sql))
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if r.StatusCode != http.StatusOK || err != nil {
		p.t.Fatalf("%s: %s %v", r.Status, body, err)
	}
	return string(body)
}

func (p *process) get(path string, into any) int {
	p.t.Helper()
	r, err := http.Get(p.url + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		p.t.Fatalf("%s: %v", path, err)
	}
	return r.StatusCode
}

func (p *process) ended() {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		p.t.Fatalf("liaowang is still running after %s: %s", patience, p.said())
	}
}

func gone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		// A zombie has ended; whoever adopts it takes its number away.
		if errors.Is(err, os.ErrNotExist) || strings.Contains(string(state), ") Z ") {
			return
		}
	}
	t.Fatalf("process %d is still there", pid)
}

func TestCtrlCStopsEverythingInOrder(t *testing.T) {
	data := loaded(t)
	p := upBy(t, observed, "--data", data, "--demo", "live")
	child := p.child()
	var shown json.RawMessage
	p.get("/api/batch", &shown)
	header, _, _ := strings.Cut(string(shown), `,"status":`) // that of the moment is no part of the batch
	shown = json.RawMessage(header + "}")
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	p.ended()
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	gone(t, child)
	// The data is whole: what was shown before is shown again, under a higher number.
	p = up(t, "--data", data, "--demo", "live")
	var second struct{ Batch, Term uint64 }
	p.get("/api/batch", &second)
	if second.Term < 2 || second.Batch < 2 {
		t.Errorf("term %d, batch %d after a restart: both must have grown", second.Term, second.Batch)
	}
	var first struct{ Batch uint64 }
	if err := json.Unmarshal(shown, &first); err != nil {
		t.Fatal(err)
	}
	var again json.RawMessage
	if status := p.get(fmt.Sprintf("/api/batch/%d", first.Batch), &again); status != http.StatusOK || string(again) != string(shown) {
		t.Errorf("batch %d was shown before the restart as %s, and is given back as %d %s", first.Batch, shown, status, again)
	}
	var all struct{ Frames []json.RawMessage }
	if status := p.get(fmt.Sprintf("/api/batch/%d/frames?region=460000", first.Batch), &all); status != http.StatusOK || len(all.Frames) < 50 {
		t.Errorf("batch %d comes back with %d frames of the province, status %d", first.Batch, len(all.Frames), status)
	}
}

func TestNoChildOutlivesAKilledParent(t *testing.T) {
	p := upBy(t, observed, "--data", t.TempDir(), "--demo", "off")
	child := p.child()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.ended()
	gone(t, child)
}

func TestWhatIsWrongIsSaidInOneLine(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, []byte("not a library"), 0o600); err != nil {
		t.Fatal(err)
	}
	busy := taken.Addr().String()
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"the wall's port is taken", []string{"--listen", busy}, "--listen " + busy + ": address already in use"},
		{"the engine's port is taken", []string{"--engine-listen", busy}, busy},
		{"the data folder is a file", []string{"--data", file}, "data folder"},
		{"the engine's file is broken", []string{"--engine-library", file}, file},
		{"the engine's file is not there", []string{"--engine-library", filepath.Join(folder, "no.so")}, "no.so"},
		{"the network is not let in by chance", []string{"--listen", "0.0.0.0:0"}, "--let-everyone-on-the-network-see"},
		{"ClickHouse's URL is no URL", []string{"--clickhouse", "nonsense"}, "--clickhouse"},
		{"batches are kept for less than nothing", []string{"--keep-batches=-1"}, "--keep-batches -1"},
		{"Redis's URL is no URL", []string{"--redis", "http://x"}, "--redis"},
		{"nobody answers at ClickHouse's URL", []string{"--clickhouse", "http://127.0.0.1:1/x"}, "127.0.0.1:1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd := command(append([]string{"up", "--data", t.TempDir(), "--demo", "off", "--listen", "127.0.0.1:0", "--engine-listen", "127.0.0.1:0"}, tt.args...)...)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			err := cmd.Run()
			if err == nil {
				t.Fatal("it ran")
			}
			line := strings.TrimSpace(stderr.String())
			if strings.Contains(line, "\n") || !strings.HasPrefix(line, "liaowang: ") || !strings.Contains(line, tt.want) {
				t.Fatalf("it says %q, want one line with %q", line, tt.want)
			}
		})
	}
}
