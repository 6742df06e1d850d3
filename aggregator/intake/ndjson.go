package intake

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// ndjsonReader reads one JSON object a line.
type ndjsonReader struct {
	lines    *bufio.Reader
	contract *contract
	dec      *jsontext.Decoder
	line     uint64
	text     []byte
	// first holds the first object until it is asked for: its names are checked
	// as the headings of the whole file.
	first bool
	in    bytes.Reader
}

func newNDJSON(r io.Reader, c *contract) (*ndjsonReader, error) {
	z := &ndjsonReader{lines: bufio.NewReaderSize(r, 64<<10), contract: c, dec: jsontext.NewDecoder(strings.NewReader(""))}
	err := z.read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, refuse("empty", "the file is empty")
	case errors.Is(err, errLong):
		return nil, refuse("unreadable", "line 1 is longer than %d bytes: one JSON object a line is expected", maxRow)
	case err != nil:
		return nil, err
	}
	names, ok := z.names()
	if !ok {
		return nil, refuse("unreadable", "line %d is no JSON object: one object a line is expected", z.line)
	}
	if _, err := c.resolve(names); err != nil {
		return nil, err
	}
	z.first = true
	return z, nil
}

// read takes the next line that is not blank.
func (z *ndjsonReader) read() error {
	for {
		z.text = z.text[:0]
		z.line++
		for {
			part, err := z.lines.ReadSlice('\n')
			z.text = append(z.text, part...)
			if len(z.text) > maxRow {
				return errLong
			}
			if err == nil {
				break
			}
			if errors.Is(err, io.EOF) && len(z.text) > 0 {
				break
			}
			if !errors.Is(err, bufio.ErrBufferFull) {
				return err
			}
		}
		if z.text = bytes.TrimSpace(z.text); len(z.text) > 0 {
			return nil
		}
	}
}

func (z *ndjsonReader) begin() bool {
	z.in.Reset(z.text)
	z.dec.Reset(&z.in)
	t, err := z.dec.ReadToken()
	return err == nil && t.Kind() == '{'
}

func (z *ndjsonReader) names() ([]string, bool) {
	var names []string
	if !z.begin() {
		return nil, false
	}
	for z.dec.PeekKind() == '"' {
		t, err := z.dec.ReadToken()
		if err != nil {
			return nil, false
		}
		names = append(names, t.String())
		if z.dec.SkipValue() != nil {
			return nil, false
		}
	}
	return names, z.dec.PeekKind() == '}'
}

const reasonJSON = "is no JSON object with each column once"

func (z *ndjsonReader) next(r *row) error {
	r.reset()
	if !z.first {
		err := z.read()
		if errors.Is(err, errLong) {
			return refuse("unreadable", "line %d is longer than %d bytes. Rows before it have been dealt with", z.line, maxRow)
		}
		if err != nil {
			return err
		}
	}
	z.first = false
	r.line = z.line
	if !z.begin() {
		r.flaw = reasonJSON
		return nil
	}
	for z.dec.PeekKind() == '"' {
		t, err := z.dec.ReadToken()
		if err != nil {
			r.flaw = reasonJSON
			return nil
		}
		name := t.String()
		i := z.contract.find(name)
		if i < 0 {
			if r.flaw = "has a column that the contract does not know"; personalColumn(name) || personal(name) != "" {
				r.flaw = "has a column that " + personalLabel
			}
			return nil
		}
		if r.cells[i].here {
			r.flaw = "has a column twice, by name and by title"
			return nil
		}
		if r.cells[i], err = z.value(); err != nil {
			r.flaw = reasonJSON
			return nil
		}
		r.bytes += len(r.cells[i].text)
	}
	if t, err := z.dec.ReadToken(); err != nil || t.Kind() != '}' {
		r.flaw = reasonJSON
	} else if _, err := z.dec.ReadToken(); !errors.Is(err, io.EOF) {
		r.flaw = "has more after the object on its line"
	}
	return nil
}

// nested stands for a value that no column can hold: no code, number or key is so.
const nested = "\x00nested"

func (z *ndjsonReader) value() (cell, error) {
	switch z.dec.PeekKind() {
	case 'n':
		_, err := z.dec.ReadToken()
		return cell{}, err
	case '{':
		return cell{nested, true, false}, z.dec.SkipValue()
	case '[':
		return z.list()
	}
	t, err := z.dec.ReadToken()
	return cell{t.String(), err == nil, false}, err
}

// list joins the values of an array as CSV would write several codes.
func (z *ndjsonReader) list() (cell, error) {
	if _, err := z.dec.ReadToken(); err != nil {
		return cell{}, err
	}
	var parts []string
	for {
		switch z.dec.PeekKind() {
		case ']':
			_, err := z.dec.ReadToken()
			return cell{strings.Join(parts, "|"), true, true}, err
		case '{', '[':
			parts = append(parts, nested)
			if err := z.dec.SkipValue(); err != nil {
				return cell{}, err
			}
		default:
			t, err := z.dec.ReadToken()
			if err != nil {
				return cell{}, err
			}
			parts = append(parts, t.String())
		}
	}
}
