// Package child runs a program that may fail or never end on what it is given, such as one
// that reads anybody's files, within bounds of time, memory and output.
package child

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Limits is what a program may use. All are needed.
type Limits struct {
	Time time.Duration
	// Memory is how much address space it may take, Output how much it may write, bytes.
	Memory, Output int64
}

// Run runs a program, whose errors begin with its name, and gives what it has written. The
// command has path and arguments; in may be nil.
func Run(ctx context.Context, cmd *exec.Cmd, in io.Reader, l Limits) ([]byte, error) {
	name := filepath.Base(cmd.Path)
	limited, cancel := context.WithTimeoutCause(ctx, l.Time, fmt.Errorf("%s was not done after %s", name, l.Time))
	defer cancel()
	run := exec.CommandContext(limited, cmd.Path, cmd.Args[1:]...)
	// It needs its fonts and no more of this process's surroundings.
	for _, name := range []string{"PATH", "HOME", "LANG", "XDG_CACHE_HOME", "XDG_DATA_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH"} {
		if v, ok := os.LookupEnv(name); ok {
			run.Env = append(run.Env, name+"="+v)
		}
	}
	run.Stdin = in
	out, said := &bounded{most: l.Output}, &bounded{most: 4096}
	run.Stdout, run.Stderr = out, said
	if err := run.Start(); err != nil {
		if limited.Err() != nil {
			return nil, context.Cause(limited)
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	limit := unix.Rlimit{Cur: uint64(l.Memory), Max: uint64(l.Memory)}
	_ = unix.Prlimit(run.Process.Pid, unix.RLIMIT_AS, &limit, nil) // it may have ended already
	err := run.Wait()
	switch {
	case limited.Err() != nil:
		return nil, context.Cause(limited)
	case out.over:
		return nil, fmt.Errorf("%s made more than %d MB", name, l.Output>>20)
	case err != nil:
		return nil, fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(said.kept.String()))
	}
	return out.kept.Bytes(), nil
}

// bounded keeps what is written into it up to a number of bytes. It has no other way in.
type bounded struct {
	kept bytes.Buffer
	most int64
	over bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if int64(b.kept.Len()+len(p)) > b.most {
		b.over = true
		return 0, errors.New("too much")
	}
	return b.kept.Write(p)
}
