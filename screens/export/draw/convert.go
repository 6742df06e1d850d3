package draw

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// PNG makes a picture of an SVG, scale times as large: 1 to 4.
func (d *Drawer) PNG(ctx context.Context, svg []byte, scale float64) ([]byte, error) {
	if scale < 1 || scale > 4 || math.IsNaN(scale) {
		return nil, fmt.Errorf("draw: a picture %g times as large: must be from 1 to 4", scale)
	}
	return d.convert(ctx, bytes.NewReader(svg), "--format=png", fmt.Sprintf("--zoom=%g", scale))
}

// PDF makes a document of SVGs, a page each, as vectors whose text can be found. A CSS pixel
// is 1/96 inch.
func (d *Drawer) PDF(ctx context.Context, pages [][]byte) ([]byte, error) {
	if len(pages) == 0 {
		return nil, errors.New("draw: a PDF without pages")
	}
	dir, err := os.MkdirTemp("", "liaowang-pdf-") // several pages are files: there is one stdin
	if err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	defer os.RemoveAll(dir)
	args := []string{"--format=pdf"}
	for i, page := range pages {
		name := filepath.Join(dir, fmt.Sprintf("%04d.svg", i))
		if err := os.WriteFile(name, page, 0o600); err != nil {
			return nil, fmt.Errorf("draw: %w", err)
		}
		args = append(args, name)
	}
	return d.convert(ctx, nil, args...)
}

// mostOutput bounds what rsvg-convert may write, bytes.
const mostOutput = 512 << 20

// convert runs rsvg-convert, as many at once as charts are drawn.
func (d *Drawer) convert(ctx context.Context, in *bytes.Reader, args ...string) ([]byte, error) {
	ctx, done, err := d.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	program := d.options.RSVG
	if program == "" {
		program = "rsvg-convert"
	}
	if program, err = exec.LookPath(program); err != nil {
		return nil, fmt.Errorf("%w (%v)", ErrNoRSVG, err)
	}
	select {
	case d.converting <- struct{}{}:
		defer func() { <-d.converting }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	limited, cancel := context.WithTimeoutCause(ctx, d.options.Patience, fmt.Errorf("draw: rsvg-convert was not done after %s", d.options.Patience))
	defer cancel()
	cmd := exec.CommandContext(limited, program, args...)
	// It needs its fonts and no more of this process's surroundings.
	for _, name := range []string{"PATH", "HOME", "LANG", "XDG_CACHE_HOME", "XDG_DATA_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH"} {
		if v, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	if in != nil {
		cmd.Stdin = in
	}
	out, said := &bounded{most: mostOutput}, &bounded{most: 4096}
	cmd.Stdout, cmd.Stderr = out, said
	if err := cmd.Start(); err != nil {
		if limited.Err() != nil {
			return nil, context.Cause(limited)
		}
		return nil, fmt.Errorf("draw: rsvg-convert: %w", err)
	}
	limit := unix.Rlimit{Cur: uint64(d.options.Memory), Max: uint64(d.options.Memory)}
	_ = unix.Prlimit(cmd.Process.Pid, unix.RLIMIT_AS, &limit, nil) // it may have ended already
	err = cmd.Wait()
	switch {
	case limited.Err() != nil:
		return nil, context.Cause(limited)
	case out.over:
		return nil, fmt.Errorf("draw: rsvg-convert made more than %d MB", mostOutput>>20)
	case err != nil:
		return nil, fmt.Errorf("draw: rsvg-convert: %w: %s", err, strings.TrimSpace(said.String()))
	}
	return out.Bytes(), nil
}

// bounded keeps what is written into it up to a number of bytes.
type bounded struct {
	bytes.Buffer
	most int
	over bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.most {
		b.over = true
		return 0, errors.New("too much")
	}
	return b.Buffer.Write(p)
}
