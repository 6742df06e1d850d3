package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"syscall"
	"time"
)

// Config says how Start runs the engine. Library and Path are required.
type Config struct {
	// Executable is the program that calls Child. Empty means the running
	// program itself.
	Executable string
	// Args are the first arguments of the child, such as its subcommand. These
	// follow: --library FILE --path DIR --lifeline-fd N.
	Args []string
	// Env is the environment of the child. nil means that of this process.
	Env []string
	// Library is the file libchdb.so; see FindLibrary.
	Library string
	// Path is the folder of the data.
	Path string
	// Listen is the address of the HTTP interface. Empty means 127.0.0.1:8123;
	// port 0 takes a free one.
	Listen string
	// AllowRemote accepts a Listen that is not on loopback, and requests by any name.
	// The interface knows no users: whoever reaches it may read and write the data, and
	// files as this process.
	AllowRemote bool
	// MinBackoff and MaxBackoff bound the pause before a child that crashed is
	// started again; it doubles with every crash. 0 means 200 ms and 30 s.
	MinBackoff, MaxBackoff time.Duration
	// ResetAfter is how long a child must have been up for the pause to begin
	// anew. 0 means one minute.
	ResetAfter time.Duration
	// StartAttempts is how many children may crash before the first is ready.
	// 0 means 3.
	StartAttempts int
	// StopTimeout is how long Stop waits before it kills the child. 0 means 15 s.
	StopTimeout time.Duration
	// OnCrash is called when a child has crashed, before the pause; it must be
	// quick. Clients wait meanwhile and may not notice. nil: nobody is told.
	OnCrash func(reason string)
	// OnStored is called when rows have been stored that came over HTTP. It must be
	// quick. nil: nobody is told.
	OnStored func()
	// Logger gets what happens and every line that the child writes. nil
	// discards it.
	Logger *slog.Logger
}

func (c *Config) setDefaults() error {
	if c.Library == "" || c.Path == "" {
		return &StartError{Reason: "no library or no data folder is configured"}
	}
	if c.Executable == "" {
		exe, err := os.Executable()
		if err != nil {
			return &StartError{Reason: fmt.Sprintf("the program's own file is not known: %v", err)}
		}
		c.Executable = exe
	}
	if c.Listen == "" {
		c.Listen = "127.0.0.1:8123"
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	setDefault(&c.MinBackoff, 200*time.Millisecond)
	setDefault(&c.MaxBackoff, 30*time.Second)
	setDefault(&c.ResetAfter, time.Minute)
	setDefault(&c.StartAttempts, 3)
	setDefault(&c.StopTimeout, 15*time.Second)
	return nil
}

func setDefault[T int | time.Duration](v *T, to T) {
	if *v == 0 {
		*v = to
	}
}

// Process is a supervised engine: a child process that is started again when it
// crashes. This process listens for it, so that the address stays taken while there is
// no child, and clients wait instead of being refused. The child dies with this process,
// however that ends.
type Process struct {
	config    Config
	listener  net.Listener
	server    *http.Server
	transport *http.Transport // to the child
	password  string          // that children ask for
	log       *slog.Logger

	done     chan struct{}
	stopping chan struct{}

	mu       sync.Mutex
	child    *os.Process // nil while there is none
	at       *serving    // where it serves, nil while it does not
	changed  chan struct{}
	stopped  bool
	ready    bool
	restarts int
	err      error
}

// Start starts the engine and returns when it answers, or when it has failed
// for good: then the error is a *StartError that gives the reason in one line.
// ctx bounds the start only; Stop ends the engine.
func Start(ctx context.Context, config Config) (*Process, error) {
	if err := config.setDefaults(); err != nil {
		return nil, err
	}
	p := &Process{config: config, log: config.Logger, password: rand.Text(),
		done: make(chan struct{}), stopping: make(chan struct{}), changed: make(chan struct{})}
	p.transport = &http.Transport{
		DisableCompression:  true, // it is between client and server
		MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return p.dial(ctx, func(s serving) string { return s.HTTP })
		},
	}
	if err := p.listen(); err != nil {
		return nil, err
	}
	p.server = p.proxy()
	go p.supervise()
	err := p.awaitReady(ctx)
	if err != nil {
		// The reason of the child, if it has one, says more than ctx does.
		stopErr := p.Stop(context.WithoutCancel(ctx))
		if cause := p.Err(); cause != nil {
			return nil, cause
		}
		return nil, errors.Join(err, stopErr)
	}
	p.mu.Lock()
	p.ready = true
	p.mu.Unlock()
	return p, nil
}

func (p *Process) listen() error {
	l, err := net.Listen("tcp", p.config.Listen)
	if err != nil {
		if errors.Is(err, syscall.EADDRINUSE) {
			return &StartError{Reason: fmt.Sprintf("the address %s is taken by another program", p.config.Listen)}
		}
		return &StartError{Reason: fmt.Sprintf("the address %s cannot be listened on: %v", p.config.Listen, err)}
	}
	p.listener = l
	if !p.config.AllowRemote && !isLoopback(l.Addr()) {
		l.Close()
		return &StartError{Reason: fmt.Sprintf("the address %s can be reached from other machines; only loopback is served", l.Addr())}
	}
	return nil
}

// awaitReady waits until a child serves.
func (p *Process) awaitReady(ctx context.Context) error {
	for {
		at, changed := p.where()
		if at != nil {
			return nil
		}
		select {
		case <-changed:
		case <-p.done:
			return errEnded
		case <-ctx.Done():
			return &StartError{Reason: "it did not answer in time"}
		}
	}
}

// Addr returns the address of the HTTP interface.
func (p *Process) Addr() net.Addr { return p.listener.Addr() }

// URL returns the base URL of the HTTP interface, without a closing slash.
func (p *Process) URL() string { return "http://" + p.Addr().String() }

// NativeURL is for clients of the native protocol that dial with Dial; database is the
// one that they begin in.
func (p *Process) NativeURL(database string) string {
	u := url.URL{Scheme: "clickhouse", User: url.UserPassword(user, p.password), Host: p.Addr().String(), Path: "/" + database}
	return u.String()
}

// PID returns the process id of the present child, 0 while there is none.
func (p *Process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.child == nil {
		return 0
	}
	return p.child.Pid
}

// Restarts returns how many times a child was started again.
func (p *Process) Restarts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.restarts
}

// Done returns a channel that is closed when there is no child and will be none.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err returns why the engine ended by itself, a *StartError; nil while it runs
// and after Stop.
func (p *Process) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// Wait waits until the engine has ended and returns Err, or ctx's error if that
// ends first.
func (p *Process) Wait(ctx context.Context) error {
	select {
	case <-p.done:
		return p.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Stop ends the engine: it lets running requests end for some seconds, asks the child to
// stop, and kills it when StopTimeout or ctx ends. It returns an error if it had to kill.
// When it returns there is no child and the address is free. Calling it again waits for
// the same.
func (p *Process) Stop(ctx context.Context) error {
	p.mu.Lock()
	first := !p.stopped
	p.stopped = true
	p.mu.Unlock()
	if first {
		close(p.stopping)
		go p.windDown()
	}
	timer := time.NewTimer(p.config.StopTimeout)
	defer timer.Stop()
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
	case <-timer.C:
	}
	p.mu.Lock()
	if p.child != nil {
		_ = p.child.Kill()
	}
	p.mu.Unlock()
	<-p.done
	return errors.New("the engine did not stop in time and was killed")
}

// requestsEnd is how long requests may go on after Stop.
const requestsEnd = 5 * time.Second

func (p *Process) windDown() {
	ctx, cancel := context.WithTimeout(context.Background(), requestsEnd)
	defer cancel()
	if at, _ := p.where(); at != nil {
		_ = p.server.Shutdown(ctx) // those that go on are cut off with the child
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.child != nil {
		_ = p.child.Signal(syscall.SIGTERM)
	}
}

func isLoopback(a net.Addr) bool {
	t, ok := a.(*net.TCPAddr)
	return ok && t.IP.IsLoopback()
}
