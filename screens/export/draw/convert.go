package draw

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"

	"liaowang/screens/export/child"
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
func (d *Drawer) convert(ctx context.Context, in io.Reader, args ...string) ([]byte, error) {
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
	out, err := child.Run(ctx, exec.Command(program, args...), in, child.Limits{Time: d.options.Patience, Memory: d.options.Memory, Output: mostOutput})
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("draw: %w", err)
	}
	return out, err
}
