package engine

import (
	"bufio"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
)

const (
	// maxLine bounds a line of the child in the log; the rest is cut.
	maxLine = 4096
	// firstKept and lastKept are how many lines are kept for an error: what a
	// crash says first names it, and then come the stacks.
	firstKept, lastKept = 40, 20
)

// lastLines keeps lines of one child: around its crash the first, and the last.
type lastLines struct {
	mu    sync.Mutex
	crash []string
	last  []string
}

func (l *lastLines) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	crashed := strings.HasPrefix(line, "SIG") || strings.HasPrefix(line, "fatal error:") || strings.HasPrefix(line, "panic:")
	if (crashed || len(l.crash) > 0) && len(l.crash) < firstKept {
		l.crash = append(l.crash, line)
		return
	}
	l.last = append(l.last, line)
	if len(l.last) > lastKept {
		l.last = slices.Delete(l.last, 0, 1)
	}
}

func (l *lastLines) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Concat(l.crash, l.last)
}

// logLines logs what a child writes, line by line.
func (p *Process) logLines(from *os.File, stream string, last *lastLines) {
	r := bufio.NewReaderSize(from, maxLine)
	for {
		line, cut, err := r.ReadLine()
		if len(line) > 0 {
			text := strings.ToValidUTF8(string(line), "\uFFFD")
			last.add(text)
			p.log.Info("engine output", "stream", stream, "line", text)
		}
		for cut && err == nil {
			_, cut, err = r.ReadLine()
		}
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrClosed) {
				p.log.Warn("engine output lost", "stream", stream, "error", err)
			}
			return
		}
	}
}
