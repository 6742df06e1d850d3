package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
)

// ServeOptions says what Serve serves. Library, Path and Listener are required.
type ServeOptions struct {
	// Library is the file libchdb.so; see FindLibrary.
	Library string
	// Path is the folder of the data. It is made if it does not exist, and is
	// locked against other processes.
	Path string
	// Listener is where clients come in. Serve closes it.
	Listener net.Listener
	// Connections is how many queries run at a time; others wait. 0 means 4.
	Connections int
	// QueueTimeout is how long a query waits for a place before it fails with
	// code 202. 0 means 60 seconds.
	QueueTimeout time.Duration
	// ShutdownTimeout is how long queries may go on after ctx is done before
	// they are cancelled. 0 means 5 seconds.
	ShutdownTimeout time.Duration
	// AllowRemote accepts a listener that is not on loopback, and requests by
	// any name. The interface knows no users: whoever reaches it may read and
	// write the data, and files as this process.
	AllowRemote bool
	// OnStored is called when rows that came with a request have been stored; it must
	// be quick. nil: nobody is told.
	OnStored func()
	// Logger gets what happens. nil discards it.
	Logger *slog.Logger
}

// afterCancel is how long a cancelled query is waited for. One that does not
// react is left to the end of the process.
const afterCancel = 3 * time.Second

// Serve loads the engine and serves ClickHouse's HTTP interface on the
// listener until ctx is done; then it lets running queries end within
// ShutdownTimeout, cancels the others, closes the engine and returns nil.
//
// Errors that trying again cannot mend are a *ConfigError. The library cannot
// be unloaded or started twice: a process calls Serve once.
func Serve(ctx context.Context, o ServeOptions) error {
	if o.Connections == 0 {
		o.Connections = 4
	}
	if o.QueueTimeout == 0 {
		o.QueueTimeout = time.Minute
	}
	if o.ShutdownTimeout == 0 {
		o.ShutdownTimeout = 5 * time.Second
	}
	if o.OnStored == nil {
		o.OnStored = func() {}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Listener == nil {
		return configError("no listener was given", nil)
	}
	defer o.Listener.Close()
	if !o.AllowRemote && !isLoopback(o.Listener.Addr()) {
		return configError(fmt.Sprintf("the address %s can be reached from other machines; only loopback is served", o.Listener.Addr()), nil)
	}
	if o.Connections < 0 {
		return configError(fmt.Sprintf("%d connections were asked for", o.Connections), nil)
	}
	folder, err := openFolder(o.Path)
	if err != nil {
		return err
	}
	defer folder.close()
	// Beside the engine's memory ours is nothing, and would be collected ten times a second.
	debug.SetGCPercent(1000)
	started := time.Now()
	h, err := open(o, folder)
	if err != nil {
		return err
	}
	o.Logger.Info("engine ready", "path", folder.path, "address", o.Listener.Addr().String(),
		"version", h.sessions.lib.version(), "connections", o.Connections, "took", time.Since(started).Round(time.Millisecond))
	return h.serve(ctx, o)
}

func isLoopback(a net.Addr) bool {
	if t, ok := a.(*net.TCPAddr); ok {
		return t.IP.IsLoopback()
	}
	return a.Network() == "unix"
}

// open loads the library and opens the data.
func open(o ServeOptions, folder *folder) (*handler, error) {
	handlers := faultHandlers()
	lib, err := loadLibrary(o.Library)
	if err != nil {
		return nil, err
	}
	s, err := newSessions(lib, folder.path, o.Connections, o.QueueTimeout)
	if err != nil {
		// The engine gives its reasons to nobody; all that can be looked at from
		// outside was looked at by openFolder and loadLibrary.
		return nil, fmt.Errorf("the engine cannot open the data in %s (data of a newer version, or damaged?)", folder.path)
	}
	if faultHandlers() != handlers {
		return nil, configError(fmt.Sprintf("the engine's library %s takes the signals of the process: it is older than 26.7.3", o.Library), nil)
	}
	h := &handler{sessions: s, log: o.Logger, stored: o.OnStored, anyHost: o.AllowRemote}
	_, err = s.control.exec("SELECT timezone(), displayName()", "TabSeparated", nil, func(b []byte) error {
		h.timezone, h.displayName, _ = strings.Cut(strings.TrimSpace(string(b)), "\t")
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("the engine does not answer: %w", err)
	}
	return h, nil
}

func (h *handler) serve(ctx context.Context, o ServeOptions) error {
	// Requests outlive ctx by ShutdownTimeout.
	requests, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	server := &http.Server{
		// What a browser sends across origins can write without being asked.
		Handler:           http.NewCrossOriginProtection().Handler(h),
		BaseContext:       func(net.Listener) context.Context { return requests },
		ReadHeaderTimeout: 30 * time.Second,
		IdleTimeout:       5 * time.Minute,
		MaxHeaderBytes:    2 << 20, // a query may stand in the URL
		ErrorLog:          slog.NewLogLogger(h.log.Handler(), slog.LevelDebug),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(o.Listener) }()
	select {
	case err := <-served:
		cancel()
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	h.log.Info("engine stopping")
	grace, cancelGrace := context.WithTimeout(context.WithoutCancel(ctx), o.ShutdownTimeout)
	defer cancelGrace()
	if err := server.Shutdown(grace); err != nil {
		cancel()
	}
	last, cancelLast := context.WithTimeout(context.WithoutCancel(ctx), afterCancel)
	defer cancelLast()
	if err := h.sessions.drain(last); err != nil {
		h.log.Warn("engine left open", "reason", err)
	}
	_ = server.Close()
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}
