package engine

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"go.uber.org/goleak"
)

// roleVariable makes the test binary play another program.
const roleVariable = "ENGINE_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "child":
		os.Exit(playChild())
	case "parent":
		os.Exit(playParent())
	}
	code := m.Run()
	if shared.process != nil {
		if err := shared.process.Stop(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		os.RemoveAll(shared.path)
	}
	http.DefaultClient.CloseIdleConnections()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// playChild is what the product's engine command does.
func playChild() int {
	var o ChildOptions
	flags := flag.NewFlagSet("engine", flag.ContinueOnError)
	flags.StringVar(&o.Library, "library", "", "")
	flags.StringVar(&o.Path, "path", "", "")
	flags.IntVar(&o.Connections, "connections", 0, "")
	flags.IntVar(&o.ListenerFD, "listener-fd", 0, "")
	flags.IntVar(&o.LifelineFD, "lifeline-fd", 0, "")
	if err := flags.Parse(os.Args[1:]); err != nil {
		return 2
	}
	o.Logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	if os.Getenv("ENGINE_TEST_CRASH") != "" {
		panic("crash on purpose")
	}
	return ExitCode(Child(context.Background(), o))
}

// playParent supervises an engine and says where it is, until it is killed.
func playParent() int {
	os.Setenv(roleVariable, "child")
	p, err := Start(context.Background(), Config{Library: os.Args[1], Path: os.Args[2], Listen: "127.0.0.1:0"})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(p.PID(), p.URL())
	select {}
}

// shared is the engine that the tests which do it no harm use together.
var shared struct {
	sync.Once
	process *Process
	path    string
	err     error
}

func testConfig(t testing.TB, path string) Config {
	t.Helper()
	library, err := FindLibrary("")
	if err != nil {
		t.Fatal(err)
	}
	return Config{Library: library, Path: path, Listen: "127.0.0.1:0",
		// Under the race detector a process waits for a second at its end, otherwise.
		Env: append(os.Environ(), roleVariable+"=child", "GORACE=atexit_sleep_ms=0"), MinBackoff: 10 * time.Millisecond}
}

func sharedEngine(t testing.TB) *Process {
	t.Helper()
	shared.Do(func() {
		if shared.path, shared.err = os.MkdirTemp("", "engine-test-"); shared.err == nil {
			shared.process, shared.err = Start(context.Background(), testConfig(t, shared.path))
		}
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.process
}

func startEngine(t testing.TB, c Config) *Process {
	t.Helper()
	p, err := Start(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return p
}

// dial opens the unchanged client.
func dial(t testing.TB, p *Process, change ...func(*clickhouse.Options)) driver.Conn {
	t.Helper()
	o := &clickhouse.Options{Addr: []string{p.Addr().String()}, Protocol: clickhouse.HTTP,
		DialTimeout: 10 * time.Second, ReadTimeout: time.Minute}
	for _, f := range change {
		f(o)
	}
	conn, err := clickhouse.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// reply is an answer over plain HTTP.
type reply struct {
	status int
	header http.Header
	body   string
}

// post is what curl --data-binary does; args are name, value pairs in the URL.
func post(t testing.TB, p *Process, body string, args ...string) reply {
	t.Helper()
	v := url.Values{}
	for i := 0; i < len(args); i += 2 {
		v.Set(args[i], args[i+1])
	}
	r, err := http.NewRequest(http.MethodPost, p.URL()+"/?"+v.Encode(), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return do(t, r)
}

func do(t testing.TB, r *http.Request) reply {
	t.Helper()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var b bytes.Buffer
	if _, err := io.Copy(&b, response.Body); err != nil {
		t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, b.String()}
}

// want fails the test unless the answer is good and is the text.
func (r reply) want(t testing.TB, body string) {
	t.Helper()
	if r.status != http.StatusOK || r.body != body {
		t.Errorf("got %d %q, want %q", r.status, r.body, body)
	}
}

// wantCode fails the test unless the answer is the exception.
func (r reply) wantCode(t testing.TB, status int, code string) {
	t.Helper()
	if r.status != status || r.header.Get("X-ClickHouse-Exception-Code") != code || !strings.HasPrefix(r.body, "Code: "+code+". DB::Exception: ") {
		t.Errorf("got %d, code %q, %q; want %d, code %s", r.status, r.header.Get("X-ClickHouse-Exception-Code"), r.body, status, code)
	}
}

// eventually waits for a condition that another process brings about.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("never happened: %s", what)
}
