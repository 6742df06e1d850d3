package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"
)

// ChildOptions says what the child process of a supervisor runs. The supervisor
// gives them as flags; see Config.Args.
type ChildOptions struct {
	Library     string // as in ServeOptions
	Path        string // as in ServeOptions
	Connections int    // as in ServeOptions
	// ListenerFD is the file descriptor of the listening socket.
	ListenerFD int
	// LifelineFD is the file descriptor of the socket whose other end the
	// supervisor holds: when that is closed, the child exits at once. The child
	// writes on it why it failed.
	LifelineFD  int
	AllowRemote bool         // as in ServeOptions
	Logger      *slog.Logger // nil discards
}

// exitOrphan is the exit code of a child whose supervisor is gone. Nobody reads
// it but a person.
const exitOrphan = 79

// report is a line that a child writes on the lifeline: when it fails, why; and that
// rows have been stored.
type report struct {
	Reason string `json:"reason,omitempty"`
	Stored bool   `json:"stored,omitempty"`
}

// Child runs the engine as the child of a supervisor: Serve on the inherited
// listener, until SIGTERM, SIGINT or the end of ctx. It exits the process at
// once when the supervisor is gone. The caller exits with ExitCode of the error.
func Child(ctx context.Context, o ChildOptions) error {
	ctx, stop := signal.NotifyContext(ctx, unix.SIGTERM, unix.SIGINT)
	defer stop()
	lifeline, err := inherited(o.LifelineFD, "lifeline")
	if err != nil {
		return err
	}
	// Reading needs no C++ thread, and exiting runs no destructor: a busy engine
	// holds up neither.
	go func() {
		_, _ = io.Copy(io.Discard, lifeline)
		os.Exit(exitOrphan)
	}()
	stored := make(chan struct{}, 1)
	go func() {
		for range stored { // until the process ends
			tell(lifeline, report{Stored: true})
		}
	}()
	err = serveInherited(ctx, o, func() {
		select {
		case stored <- struct{}{}:
		default: // one that is not told yet tells of this, too
		}
	})
	if err != nil {
		tell(lifeline, report{Reason: err.Error()})
	}
	return err
}

// tell writes a line on the lifeline. A supervisor that does not read is not waited
// for: it is stopped, or gone.
func tell(lifeline *os.File, r report) {
	line, _ := json.Marshal(r)
	_ = lifeline.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = lifeline.Write(append(line, '\n'))
}

func serveInherited(ctx context.Context, o ChildOptions, stored func()) error {
	socket, err := inherited(o.ListenerFD, "listener")
	if err != nil {
		return err
	}
	listener, err := net.FileListener(socket)
	socket.Close()
	if err != nil {
		return configError("the inherited listener cannot be used", err)
	}
	return Serve(ctx, ServeOptions{
		Library: o.Library, Path: o.Path, Listener: listener, Connections: o.Connections,
		AllowRemote: o.AllowRemote, OnStored: stored, Logger: o.Logger,
	})
}

// inherited wraps a descriptor that the parent gave, and keeps it from the
// processes that the engine may start.
func inherited(fd int, name string) (*os.File, error) {
	if fd < 3 {
		return nil, configError(fmt.Sprintf("the %s has no file descriptor: this command is started by `liaowang up`", name), nil)
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, unix.FD_CLOEXEC); err != nil {
		if errors.Is(err, unix.EBADF) {
			return nil, configError(fmt.Sprintf("the %s's file descriptor %d is not open: this command is started by `liaowang up`", name, fd), nil)
		}
		return nil, configError(fmt.Sprintf("the %s's file descriptor %d cannot be used", name, fd), err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, configError(fmt.Sprintf("the %s's file descriptor %d cannot be used", name, fd), err)
	}
	return os.NewFile(uintptr(fd), name), nil
}
