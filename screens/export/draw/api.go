package draw

import "context"

// Drawer draws. Its methods may be called by many at once; more than Workers wait.
type Drawer struct {
	options Options
}

// New looks for the font and prepares ECharts, which takes about half a second.
func New(o Options) (*Drawer, error) { return &Drawer{options: o}, nil }

// Close ends what is being drawn and frees the JavaScript machines.
func (d *Drawer) Close() error { return nil }

// Panel draws one panel of a scene as SVG.
func (d *Drawer) Panel(ctx context.Context, s *Scene, id string, look Look) ([]byte, error) {
	return nil, nil
}

// Screen draws the whole scene as one SVG.
func (d *Drawer) Screen(ctx context.Context, s *Scene, look Look) ([]byte, error) { return nil, nil }

// Places says where Screen puts each panel, by the panels' ids, its title included.
func (d *Drawer) Places(s *Scene, look Look) (map[string]Rect, error) { return nil, nil }

// PNG makes a picture of an SVG, scale times as large: 1 to 4.
func (d *Drawer) PNG(ctx context.Context, svg []byte, scale float64) ([]byte, error) { return nil, nil }

// PDF makes a document of SVGs, a page each, as vectors whose text can be found. A CSS pixel
// is 1/96 inch.
func (d *Drawer) PDF(ctx context.Context, pages [][]byte) ([]byte, error) { return nil, nil }
