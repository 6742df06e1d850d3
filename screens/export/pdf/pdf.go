// Package pdf reads what the pages of a PDF say, and tells pages that draw the same from
// others. A file of anybody's can keep a reader busy for ever or let it take all memory, so
// it is read in a process of its own, whose time and memory are bounded:
//
//	doc, err := pdf.Outside(ctx, exec.Command(program, "read-pdf"), body)
//
// and that process runs Serve.
package pdf

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"

	"github.com/ledongthuc/pdf"
)

// Document is what a PDF holds.
type Document struct {
	Pages []Page `json:"pages"`
	// Rest is the digest of what is beside the pages: forms, layers, what is done on opening.
	Rest string `json:"rest"`
}

// Page is one page.
type Page struct {
	// Texts are its texts in the order in which they are written, each as long as it was
	// written in one go.
	Texts []string `json:"texts"`
	// Drawing is the digest of everything that is drawn: contents, fonts, pictures, notes.
	Drawing string `json:"drawing"`
	// Foreign says that there are letters of which the file does not say what they stand for.
	Foreign bool `json:"foreign,omitempty"`
}

// Bounds of what is read.
const (
	mostPages  = 500
	mostValues = 2_000_000 // objects of one page
	mostDeep   = 64        // how deep they lie in each other
	mostForms  = 16        // the same of drawings in drawings
	mostStream = 64 << 20  // decoded bytes of one stream
)

// Read reads a PDF. It must be let run in a process that may end: see the package.
func Read(body []byte) (doc *Document, err error) {
	defer func() {
		if v := recover(); v != nil {
			doc, err = nil, fmt.Errorf("pdf: %v", v)
		}
	}()
	r, err := pdf.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return nil, fmt.Errorf("pdf: %w", err)
	}
	n := r.NumPage()
	if n > mostPages {
		return nil, fmt.Errorf("pdf: %d pages: at most %d are read", n, mostPages)
	}
	doc = &Document{}
	for i := range n {
		p := r.Page(i + 1)
		if p.V.IsNull() {
			return nil, fmt.Errorf("pdf: page %d of %d is not there", i+1, n)
		}
		w := &writing{}
		w.read(p.V.Key("Contents"), p.Resources(), 0)
		w.end()
		page := Page{Texts: w.texts, Foreign: w.foreign}
		if page.Drawing, err = drawing(p); err != nil {
			return nil, fmt.Errorf("pdf: page %d: %w", i+1, err)
		}
		doc.Pages = append(doc.Pages, page)
	}
	doc.Rest, err = digest(r.Trailer().Key("Root"), "Pages", "Metadata", "StructTreeRoot")
	return doc, err
}

// writing collects the texts of a page.
type writing struct {
	texts   []string
	text    strings.Builder
	foreign bool
}

// end is where a text ends.
func (w *writing) end() {
	if text := strings.TrimSpace(w.text.String()); text != "" {
		w.texts = append(w.texts, text)
	}
	w.text.Reset()
}

// read follows contents, and the drawings that they show.
func (w *writing) read(contents, resources pdf.Value, deep int) {
	if contents.IsNull() {
		return
	}
	if deep > mostForms {
		panic("drawings in drawings without end")
	}
	fonts := map[string]*pdf.Font{}
	var font *pdf.Font
	show := func(v pdf.Value) {
		if v.Kind() != pdf.String || v.RawString() == "" {
			return
		}
		if font == nil || !says(font) {
			w.foreign = true
			return
		}
		w.text.WriteString(font.Encoder().Decode(v.RawString()))
	}
	pdf.Interpret(contents, func(stack *pdf.Stack, op string) {
		args := make([]pdf.Value, stack.Len())
		for i := range args {
			args[len(args)-1-i] = stack.Pop()
		}
		if len(args) == 0 {
			if op == "ET" || op == "T*" {
				w.end()
			}
			return
		}
		last := args[len(args)-1]
		switch op {
		case "Tf":
			name := args[0].Name()
			if fonts[name] == nil {
				fonts[name] = &pdf.Font{V: resources.Key("Font").Key(name)}
			}
			font = fonts[name]
		case "Td", "TD":
			w.end()
		case "'", `"`:
			w.end()
			show(last)
		case "Tj":
			show(last)
		case "TJ":
			for i := range last.Len() {
				show(last.Index(i))
			}
		case "Do":
			if form := resources.Key("XObject").Key(last.Name()); form.Key("Subtype").Name() == "Form" {
				own := form.Key("Resources")
				if own.IsNull() {
					own = resources
				}
				w.end()
				w.read(form, own, deep+1)
				w.end()
			}
		}
	})
}

// says tells whether the file says what the letters of a font stand for.
func says(f *pdf.Font) bool {
	if f.V.Key("ToUnicode").Kind() == pdf.Stream {
		return true
	}
	switch e := f.V.Key("Encoding"); e.Kind() {
	case pdf.Name:
		return e.Name() == "WinAnsiEncoding" || e.Name() == "MacRomanEncoding"
	case pdf.Dict:
		return true
	}
	return false
}

// inherited are the entries of a page that may stand above it.
var inherited = []string{"Resources", "MediaBox", "CropBox", "Rotate"}

// drawing is the digest of a page.
func drawing(p pdf.Page) (string, error) {
	d := &digester{Hash: sha256.New()}
	if err := d.value(p.V, append([]string{"StructParents"}, inherited...), 0); err != nil {
		return "", err
	}
	for _, key := range inherited {
		v := p.V
		for up := 0; v.Key(key).IsNull() && !v.IsNull() && up < mostDeep; up++ {
			v = v.Key("Parent")
		}
		if err := d.value(v.Key(key), nil, 1); err != nil {
			return "", err
		}
	}
	return d.text(), nil
}

// digest is over a value and all that it leads to, however the file lays it out, without
// some entries of it.
func digest(v pdf.Value, without ...string) (string, error) {
	d := &digester{Hash: sha256.New()}
	err := d.value(v, without, 0)
	return d.text(), err
}

func (d *digester) text() string { return hex.EncodeToString(d.Sum(nil)) }

type digester struct {
	hash.Hash
	values int
}

func (d *digester) value(v pdf.Value, without []string, deep int) error {
	if d.values++; d.values > mostValues || deep > mostDeep {
		return errors.New("it leads to too much")
	}
	entries := func() error {
		for _, key := range v.Keys() {
			// Where a page stands, and how a stream is packed, is not drawn.
			if key == "Parent" || key == "P" && deep > 0 || slices.Contains(without, key) || v.Kind() == pdf.Stream && slices.Contains([]string{"Length", "Filter", "DecodeParms"}, key) {
				continue
			}
			fmt.Fprintf(d, "%q:", key)
			if err := d.value(v.Key(key), nil, deep+1); err != nil {
				return err
			}
		}
		return nil
	}
	switch v.Kind() {
	case pdf.Dict:
		fmt.Fprint(d, "<")
		if err := entries(); err != nil {
			return err
		}
		fmt.Fprint(d, ">")
	case pdf.Stream:
		fmt.Fprint(d, "stream<")
		if err := entries(); err != nil {
			return err
		}
		r := v.Reader()
		defer r.Close()
		n, err := io.Copy(d, io.LimitReader(r, mostStream+1))
		switch {
		case err != nil:
			return err
		case n > mostStream:
			return errors.New("a stream is too long")
		}
		fmt.Fprintf(d, ">%d", n)
	case pdf.Array:
		fmt.Fprint(d, "[")
		for i := range v.Len() {
			if err := d.value(v.Index(i), nil, deep+1); err != nil {
				return err
			}
		}
		fmt.Fprint(d, "]")
	case pdf.String:
		fmt.Fprintf(d, "(%q)", v.RawString())
	case pdf.Name:
		fmt.Fprintf(d, "/%q", v.Name())
	case pdf.Integer, pdf.Real:
		fmt.Fprintf(d, " %g", v.Float64())
	case pdf.Bool:
		fmt.Fprintf(d, " %t", v.Bool())
	default:
		fmt.Fprint(d, " null")
	}
	return nil
}
