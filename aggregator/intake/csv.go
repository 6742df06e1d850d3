package intake

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
)

// csvReader reads CSV with headings, divided by commas, tabs or semicolons.
type csvReader struct {
	in     *bounded
	csv    *csv.Reader
	places []int
}

func newCSV(r io.Reader, c *contract) (*csvReader, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	divider := ','
	head, err := b.Peek(16 << 10)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	if line, _, _ := bytes.Cut(head, []byte("\n")); bytes.IndexByte(line, ',') < 0 {
		for _, mark := range []rune{'\t', ';'} {
			if bytes.ContainsRune(line, mark) {
				divider = mark
			}
		}
	}
	in := &bounded{r: b, left: maxRow}
	z := &csvReader{in: in, csv: csv.NewReader(in)}
	z.csv.Comma, z.csv.ReuseRecord, z.csv.FieldsPerRecord = divider, true, -1
	headings, err := z.csv.Read()
	var parse *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return nil, refuse("empty", "the file is empty: not even headings are there")
	case errors.As(err, &parse), errors.Is(err, errLong):
		return nil, refuse("unreadable", "the first line cannot be read as headings of a CSV file")
	case err != nil:
		return nil, err
	}
	if z.places, err = c.resolve(headings); err != nil {
		return nil, err
	}
	return z, nil
}

func (z *csvReader) next(r *row) error {
	r.reset()
	z.in.mark()
	record, err := z.csv.Read()
	var parse *csv.ParseError
	switch {
	case errors.As(err, &parse) && !errors.Is(err, errLong):
		r.line, r.flaw = uint64(parse.StartLine), "cannot be read: a quote inside a value must be doubled, and a value with quotes stand in quotes"
		return nil
	case errors.Is(err, errLong):
		return refuse("unreadable", "a row is longer than %d bytes, after line %d: is a quote not closed? Rows before it have been dealt with", maxRow, r.line)
	case err != nil:
		return err
	}
	line, _ := z.csv.FieldPos(0)
	r.line = uint64(line)
	if len(record) != len(z.places) {
		r.flaw = fmt.Sprintf("has %d values, the headings are %d", len(record), len(z.places))
		return nil
	}
	for i, s := range record {
		r.cells[z.places[i]] = cell{s, true, false}
		r.bytes += len(s)
	}
	return nil
}
