package engine

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// user is who clients are to the server. The server's own user, default, may come from
// nowhere.
const user = "liaowang"

// configName is the file in the folder of the data that holds the server's configuration,
// made anew with each start.
const configName = "server.xml"

// afterStop is how long a server that is told to stop is waited for: its statements are
// cancelled, and tables are closed.
const afterStop = 8 * time.Second

// server is the library as a ClickHouse server, in this process.
type server struct {
	at serving
	// password is the user's.
	password string
	client   *http.Client
	ended    chan struct{}
	err      error // why it ended; read after ended
}

// serving is where a server answers: on loopback, at ports that were free.
type serving struct {
	HTTP   string `json:"http"`
	Native string `json:"native"`
}

// configuration is what differs from what the server does by itself.
type configuration struct {
	XMLName xml.Name `xml:"clickhouse"`
	HTTP    string   `xml:"http_port"`
	Native  string   `xml:"tcp_port"`
	Listen  string   `xml:"listen_host"`
	Profile struct{} `xml:"profiles>default"`
	Quota   struct{} `xml:"quotas>default"`
	Itself  account  `xml:"users>default"`
	Clients account  `xml:"users>liaowang"`
	// Users is this file again: users are read from a file of their own.
	Users string `xml:"users_config"`
}

type account struct {
	Password string `xml:"password"`
	Network  string `xml:"networks>ip"`
	Profile  string `xml:"profile"`
	Quota    string `xml:"quota"`
}

// startServer opens the data in the folder and serves it. Its ports are free ones, and
// were still when it was asked; it answers whoever knows the password.
func startServer(ctx context.Context, lib *library, f *folder, password string) (*server, error) {
	s := &server{password: password, ended: make(chan struct{}), client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	if err := s.choose(); err != nil {
		return nil, err
	}
	config, err := s.configure(f)
	if err != nil {
		return nil, err
	}
	go func() {
		defer close(s.ended)
		// The library keeps what is the thread's own.
		runtime.LockOSThread()
		s.err = lib.run("clickhouse", "--config-file="+config, "--path="+f.path, "--query="+serveForever)
	}()
	if err := s.await(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// serveForever makes the library's command line, which is that of clickhouse local, a
// server. The library ends with its last statement.
const serveForever = "SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; " + lasting

// lasting lasts for as long as anything does, and can be killed at any second.
const lasting = "SELECT sleepEachRow(1) FROM system.numbers SETTINGS function_sleep_max_microseconds_per_block = 0, max_block_size = 1, max_threads = 1, log_comment = 'liaowang:engine' FORMAT Null"

// choose finds ports that nobody listens on.
func (s *server) choose() error {
	for _, address := range []*string{&s.at.HTTP, &s.at.Native} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("no port for the engine: %w", err)
		}
		defer l.Close() // when both are chosen: they are two
		*address = l.Addr().String()
	}
	return nil
}

func (s *server) configure(f *folder) (path string, err error) {
	c := configuration{Listen: "127.0.0.1",
		// The server's own statements count as of this address, where it does not listen.
		Itself:  account{Network: "::1", Profile: "default", Quota: "default"},
		Clients: account{Network: "127.0.0.1", Password: s.password, Profile: "default", Quota: "default"},
	}
	_, c.HTTP, _ = net.SplitHostPort(s.at.HTTP)
	_, c.Native, _ = net.SplitHostPort(s.at.Native)
	path = filepath.Join(f.path, configName)
	c.Users = path
	text, err := xml.MarshalIndent(c, "", "  ")
	if err != nil {
		return "", err
	}
	// Anew, since its password is for nobody else to read.
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", configError("the engine's configuration cannot be written", err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return "", configError("the engine's configuration cannot be written", err)
	}
	return path, nil
}

// await waits until the server answers, or has ended.
func (s *server) await(ctx context.Context) error {
	for {
		if _, err := s.ask(ctx, "SELECT 1"); err == nil {
			return nil
		}
		select {
		case <-s.ended:
			// The library gives its reasons to nobody but its standard error; all that
			// can be looked at from outside was looked at before.
			return fmt.Errorf("the engine cannot open the data (data of a newer version, or damaged?)%s", s.why())
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// why is what the server said when it ended, if it did.
func (s *server) why() string {
	if s.err == nil {
		return ""
	}
	return ": " + s.err.Error()
}

// ask runs a statement and gives what it answers.
func (s *server) ask(ctx context.Context, sql string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.at.HTTP+"/", strings.NewReader(sql))
	if err != nil {
		return "", err
	}
	r.Header.Set("X-ClickHouse-User", user)
	r.Header.Set("X-ClickHouse-Key", s.password)
	response, err := s.client.Do(r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("the engine answers %d: %s", response.StatusCode, oneLine(string(body)))
	}
	return strings.TrimSpace(string(body)), err
}

// stop ends the server; it returns when the server has ended, or does not.
func (s *server) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), afterStop)
	defer cancel()
	_, err := s.ask(ctx, "KILL QUERY WHERE Settings['log_comment'] = 'liaowang:engine' ASYNC")
	select {
	case <-s.ended:
		return nil
	case <-ctx.Done():
		return errors.Join(err, ctx.Err())
	}
}
