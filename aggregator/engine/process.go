package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
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
	// follow: --library FILE --path DIR --connections N --listener-fd N
	// --lifeline-fd N, and --allow-remote if AllowRemote is set.
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
	// Connections is how many queries run at a time. 0 means 4.
	Connections int
	// AllowRemote lets Listen be an address that is not on loopback. See
	// ServeOptions.
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
	// StopTimeout is how long Stop waits before it kills the child. 0 means 10 s.
	StopTimeout time.Duration
	// OnCrash is called when a child has crashed, before the pause; it must be
	// quick. Clients wait meanwhile and may not notice. nil: nobody is told.
	OnCrash func(reason string)
	// OnStored is called when rows that came with a request have been stored, soon
	// after; several may be told of by one call, and what INSERT SELECT stores is not.
	// It must be quick. nil: nobody is told.
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
	setDefault(&c.Connections, 4)
	setDefault(&c.MinBackoff, 200*time.Millisecond)
	setDefault(&c.MaxBackoff, 30*time.Second)
	setDefault(&c.ResetAfter, time.Minute)
	setDefault(&c.StartAttempts, 3)
	setDefault(&c.StopTimeout, 10*time.Second)
	return nil
}

func setDefault[T int | time.Duration](v *T, to T) {
	if *v == 0 {
		*v = to
	}
}

// Process is a supervised engine: a child process that is started again when it
// crashes. Its listening socket belongs to this process, so that the address
// stays taken while there is no child, and clients wait instead of being
// refused. The child dies with this process, however that ends.
type Process struct {
	config   Config
	listener *net.TCPListener
	socket   *os.File // the listener, as the child inherits it
	log      *slog.Logger

	done     chan struct{}
	stopping chan struct{}

	mu       sync.Mutex
	child    *os.Process // nil while there is none
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
	p := &Process{config: config, log: config.Logger, done: make(chan struct{}), stopping: make(chan struct{})}
	if err := p.listen(); err != nil {
		return nil, err
	}
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
	p.listener = l.(*net.TCPListener)
	if !p.config.AllowRemote && !isLoopback(l.Addr()) {
		l.Close()
		return &StartError{Reason: fmt.Sprintf("the address %s can be reached from other machines; only loopback is served", l.Addr())}
	}
	if p.socket, err = p.listener.File(); err != nil {
		l.Close()
		return &StartError{Reason: fmt.Sprintf("the listener cannot be handed on: %v", err)}
	}
	return nil
}

// awaitReady waits until the engine answers. A request made before the child
// serves waits in the listener's backlog.
func (p *Process) awaitReady(ctx context.Context) error {
	transport := &http.Transport{DisableKeepAlives: true}
	client := &http.Client{Transport: transport}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-p.done:
			cancel()
		case <-ctx.Done():
		}
	}()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL()+"/ping", nil)
		if err != nil {
			return err
		}
		if response, err := client.Do(request); err == nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1024))
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return &StartError{Reason: "it did not answer in time"}
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Addr returns the address of the HTTP interface.
func (p *Process) Addr() net.Addr { return p.listener.Addr() }

// URL returns the base URL of the HTTP interface, without a closing slash.
func (p *Process) URL() string { return "http://" + p.Addr().String() }

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

// Stop ends the engine: it asks the child to stop, which lets running queries
// end for some seconds, and kills it when StopTimeout or ctx ends. It returns an
// error if it had to kill. When it returns there is no child and the address is
// free. Calling it again waits for the same.
func (p *Process) Stop(ctx context.Context) error {
	p.mu.Lock()
	if !p.stopped {
		p.stopped = true
		close(p.stopping)
		if p.child != nil {
			_ = p.child.Signal(syscall.SIGTERM)
		}
	}
	p.mu.Unlock()
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
