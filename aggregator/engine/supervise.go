package engine

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/sys/unix"
)

// errStopped says that no child is to be started any more.
var errStopped = errors.New("stopped")

// supervise keeps a child running until Stop, or until it fails for good.
func (p *Process) supervise() {
	// The kernel sends the child its death signal when the *thread* that started
	// it ends. Go ends threads as it likes, but not one that a goroutine is
	// locked to: this one, which lives as long as any child.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(p.done)
	defer p.socket.Close()
	defer p.listener.Close()
	pause := &backoff.ExponentialBackOff{
		InitialInterval: p.config.MinBackoff, MaxInterval: p.config.MaxBackoff,
		Multiplier: 2, RandomizationFactor: 0.5,
	}
	pause.Reset()
	for crashes := 1; ; crashes++ {
		started := time.Now()
		end, err := p.runChild()
		switch {
		case errors.Is(err, errStopped) || p.isStopping():
			return
		case err != nil:
			p.fail(&StartError{Reason: fmt.Sprintf("the program %s cannot be started: %v", p.config.Executable, err)})
			return
		case end.permanent || !p.isReady() && crashes >= p.config.StartAttempts:
			p.fail(&StartError{Reason: end.reason, Output: end.output})
			return
		}
		up := time.Since(started)
		if up >= p.config.ResetAfter {
			pause.Reset()
		}
		wait := pause.NextBackOff()
		p.log.Error("engine crashed", "reason", end.reason, "up", up.Round(time.Millisecond), "restart_in", wait.Round(time.Millisecond))
		if p.config.OnCrash != nil {
			p.config.OnCrash(end.reason)
		}
		select {
		case <-p.stopping:
			return
		case <-time.After(wait):
		}
		p.mu.Lock()
		p.restarts++
		p.mu.Unlock()
	}
}

func (p *Process) isStopping() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stopped
}

func (p *Process) isReady() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ready
}

func (p *Process) fail(err *StartError) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
	p.log.Info("engine failed for good", "reason", err.Reason) // who started it says so aloud
}

// ending is how a child ended.
type ending struct {
	reason    string
	permanent bool
	output    []string
}

// runChild runs one child to its end.
func (p *Process) runChild() (ending, error) {
	lifeline, far, err := socketPair()
	if err != nil {
		return ending{}, err
	}
	defer lifeline.Close()
	stdout, stdoutFar, err := os.Pipe()
	if err != nil {
		far.Close()
		return ending{}, err
	}
	stderr, stderrFar, err := os.Pipe()
	if err != nil {
		closeAll(far, stdout, stdoutFar)
		return ending{}, err
	}
	args := append(append([]string{}, p.config.Args...),
		"--library", p.config.Library, "--path", p.config.Path,
		"--connections", strconv.Itoa(p.config.Connections), "--listener-fd", "3", "--lifeline-fd", "4")
	if p.config.AllowRemote {
		args = append(args, "--allow-remote")
	}
	cmd := exec.Command(p.config.Executable, args...)
	cmd.Env = p.config.Env
	cmd.Stdout, cmd.Stderr = stdoutFar, stderrFar
	cmd.ExtraFiles = []*os.File{p.socket, far}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig: syscall.SIGKILL,
		// A group of its own: Ctrl+C in a terminal is for the parent to handle,
		// and SYSTEM SHUTDOWN makes the engine signal its whole group.
		Setpgid: true,
	}
	err = p.startChild(cmd)
	closeAll(far, stdoutFar, stderrFar)
	if err != nil {
		closeAll(stdout, stderr)
		return ending{}, err
	}
	p.log.Info("engine started", "pid", cmd.Process.Pid, "address", p.Addr().String(), "path", p.config.Path)

	last := &lastLines{}
	var told string
	var readers sync.WaitGroup
	readers.Go(func() { p.logLines(stdout, "stdout", last) })
	readers.Go(func() { p.logLines(stderr, "stderr", last) })
	readers.Go(func() { told = p.listenTo(lifeline) })
	err = cmd.Wait()
	p.mu.Lock()
	p.child = nil
	p.mu.Unlock()
	// The child may have left a process behind that holds the pipes; what it
	// says does not matter any more.
	grace := time.AfterFunc(time.Second, func() { closeAll(stdout, stderr, lifeline) })
	readers.Wait()
	grace.Stop()
	closeAll(stdout, stderr)
	return describe(cmd.ProcessState, err, told, last.lines()), nil
}

// listenTo reads what the child says on its lifeline, and returns why it failed if
// it said so.
func (p *Process) listenTo(lifeline io.Reader) (reason string) {
	for lines := bufio.NewScanner(lifeline); lines.Scan(); {
		var r report
		switch err := json.Unmarshal(lines.Bytes(), &r); {
		case err != nil: // cut off by the child's end
		case r.Stored && p.config.OnStored != nil:
			p.config.OnStored()
		case r.Reason != "":
			reason = r.Reason
		}
	}
	return reason
}

func (p *Process) startChild(cmd *exec.Cmd) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return errStopped
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	p.child = cmd.Process
	return nil
}

// describe says in one line why a child ended: in its own words if it left any,
// else by what the runtime printed or how the kernel ended it.
func describe(state *os.ProcessState, err error, told string, output []string) ending {
	e := ending{output: output, permanent: state.ExitCode() == ExitConfig}
	if told != "" {
		e.reason = oneLine(told)
		return e
	}
	e.reason = "it ended by itself"
	if err != nil {
		e.reason = "it ended with " + err.Error()
	}
	for _, l := range output {
		switch {
		case strings.HasPrefix(l, "SIGILL"):
			e.reason = "this machine's processor lacks instructions that the engine needs; use a ClickHouse server"
			e.permanent = true
			return e
		case strings.HasPrefix(l, "fatal error:"), strings.HasPrefix(l, "panic:"), strings.HasPrefix(l, "SIG"):
			e.reason += ": " + oneLine(l)
			return e
		}
	}
	if len(output) > 0 {
		e.reason += ": " + oneLine(output[len(output)-1])
	}
	return e
}

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 1000 {
		s = strings.ToValidUTF8(s[:1000], "") + "…"
	}
	return s
}

// socketPair returns the two ends of a lifeline. The kernel closes the near one
// when this process dies, which the child notices.
func socketPair() (near, far *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("lifeline: %w", err)
	}
	return os.NewFile(uintptr(fds[0]), "lifeline"), os.NewFile(uintptr(fds[1]), "lifeline"), nil
}

func closeAll(files ...*os.File) {
	for _, f := range files {
		f.Close()
	}
}
