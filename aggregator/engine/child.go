package engine

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"
)

// ChildOptions says what the child process of a supervisor runs. The supervisor
// gives them as flags; see Config.Args.
type ChildOptions struct {
	// Library is the file libchdb.so; see FindLibrary.
	Library string
	// Path is the folder of the data. It is made if it does not exist, and is
	// locked against other processes.
	Path string
	// LifelineFD is the file descriptor of the socket whose other end the
	// supervisor holds: when that is closed, the child exits at once. The child
	// reads on it what it is to do, and writes what becomes of it.
	LifelineFD int
	Logger     *slog.Logger // nil discards
}

// exitOrphan is the exit code of a child whose supervisor is gone. Nobody reads
// it but a person.
const exitOrphan = 79

// order is the line that a child reads on the lifeline.
type order struct {
	// Password is that of the only user who may come from outside.
	Password string `json:"password"`
}

// report is a line that a child writes on the lifeline: where it serves; and when it
// fails, why.
type report struct {
	Serving *serving `json:"serving,omitempty"`
	Reason  string   `json:"reason,omitempty"`
}

// Child runs the engine as the child of a supervisor, until SIGTERM, SIGINT or the end
// of ctx. It exits the process at once when the supervisor is gone. The caller exits
// with ExitCode of the error. The library cannot be unloaded or started twice: a process
// calls Child once.
func Child(ctx context.Context, o ChildOptions) error {
	ctx, stop := signal.NotifyContext(ctx, unix.SIGTERM, unix.SIGINT)
	defer stop()
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	lifeline, err := inherited(o.LifelineFD, "lifeline")
	if err != nil {
		return err
	}
	ordered := make(chan order, 1)
	// Reading needs no C++ thread, and exiting runs no destructor: a busy engine
	// holds up neither.
	go func() {
		for lines := bufio.NewScanner(lifeline); lines.Scan(); {
			var o order
			if json.Unmarshal(lines.Bytes(), &o) == nil {
				ordered <- o
			}
		}
		os.Exit(exitOrphan)
	}()
	var password string
	select {
	case o := <-ordered:
		password = o.Password
	case <-ctx.Done():
		return nil
	}
	err = serve(ctx, o, password, func(at serving) { tell(lifeline, report{Serving: &at}) })
	if err != nil {
		tell(lifeline, report{Reason: err.Error()})
	}
	return err
}

// tell writes a line on the lifeline. Whoever does not read is not waited for: it is
// stopped, or gone.
func tell(lifeline *os.File, what any) {
	line, _ := json.Marshal(what)
	_ = lifeline.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = lifeline.Write(append(line, '\n'))
}

// serve runs the engine until ctx is done. Errors that trying again cannot mend are a
// *ConfigError.
func serve(ctx context.Context, o ChildOptions, password string, ready func(serving)) error {
	folder, err := openFolder(o.Path)
	if err != nil {
		return err
	}
	defer folder.close()
	started := time.Now()
	handlers := faultHandlers()
	lib, err := loadLibrary(o.Library)
	if err != nil {
		return err
	}
	s, err := startServer(ctx, lib, folder, password)
	if ctx.Err() != nil {
		return nil // before it was ready
	}
	if err != nil {
		return err
	}
	if faultHandlers() != handlers {
		return configError(fmt.Sprintf("the engine's library %s takes the signals of the process: it is older than 26.7.3", o.Library), nil)
	}
	o.Logger.Info("engine ready", "path", folder.path, "version", lib.version(), "took", time.Since(started).Round(time.Millisecond))
	ready(s.at)
	select {
	case <-s.ended:
		return errors.New("the engine ended by itself" + s.why())
	case <-ctx.Done():
	}
	o.Logger.Info("engine stopping")
	if err := s.stop(); err != nil {
		o.Logger.Warn("engine left open", "reason", err)
	}
	return nil
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
