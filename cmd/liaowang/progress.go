package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// progress tells a person what the start is doing: a line a step, with a count
// for the long ones where the output is a terminal.
type progress struct {
	out      io.Writer
	terminal bool
	name     string
	begun    time.Time
}

func newProgress(f *os.File) *progress {
	info, err := f.Stat()
	return &progress{out: f, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

func (p *progress) begin(name string) {
	p.name, p.begun = name, time.Now()
	if p.terminal {
		fmt.Fprintf(p.out, "  %-9s …", name)
	}
}

func (p *progress) rows(done, total int) {
	if p.terminal && total > 0 {
		fmt.Fprintf(p.out, "\r\x1b[K  %-9s %3d %%  %d of %d rows", p.name, done*100/total, done, total)
	}
}

func (p *progress) end(words string) {
	if p.terminal {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
	fmt.Fprintf(p.out, "  %-9s %s  (%s)\n", p.name, words, time.Since(p.begun).Round(10*time.Millisecond))
	p.name = ""
}

// stop ends a step that will not be done.
func (p *progress) stop() {
	if p.name != "" {
		p.end("not done")
	}
}
