package intake

import (
	"errors"
	"io"
	"strings"
)

// Format is how a file writes rows.
type Format string

// The formats of a file.
const (
	CSV     Format = "csv"
	NDJSON  Format = "ndjson"
	Parquet Format = "parquet"
)

// FormatOf tells a file's format by its name, compressed or not.
func FormatOf(name string) (Format, bool) {
	name = strings.ToLower(name)
	for _, packed := range []string{".gz", ".gzip", ".zst", ".zstd"} {
		name = strings.TrimSuffix(name, packed)
	}
	switch {
	case strings.HasSuffix(name, ".csv"), strings.HasSuffix(name, ".txt"), strings.HasSuffix(name, ".tsv"):
		return CSV, true
	case strings.HasSuffix(name, ".ndjson"), strings.HasSuffix(name, ".jsonl"), strings.HasSuffix(name, ".json"):
		return NDJSON, true
	case strings.HasSuffix(name, ".parquet"):
		return Parquet, true
	}
	return "", false
}

// row is one row of a file.
type row struct {
	line  uint64
	cells []cell // in the order of the contract
	bytes int    // what it takes to hold them
	// flaw says that the row cannot be read at all.
	flaw string
}

func (r *row) reset() {
	clear(r.cells)
	r.bytes, r.flaw = 0, ""
}

// rowReader gives the rows of a file one after the other. Its errors are io.EOF,
// a *Refusal, or those of what it reads from.
type rowReader interface {
	next(*row) error
}

// maxRow bounds a row, so that a quote that is never closed does not take the
// rest of the file for one.
const maxRow = 1 << 20

// errLong says that a row is beyond maxRow.
var errLong = errors.New("row too long")

// bounded fails when more than maxRow bytes were taken since the last mark.
type bounded struct {
	r    io.Reader
	left int
}

func (b *bounded) mark() { b.left = maxRow }

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLong
	}
	n, err := b.r.Read(p)
	b.left -= n
	return n, err
}

// openRows reads text formats from r.
func openRows(f Format, r io.Reader, c *contract) (rowReader, error) {
	switch f {
	case CSV:
		return newCSV(utf8Text(r), c)
	case NDJSON:
		return newNDJSON(utf8Text(r), c)
	}
	return nil, refuse("unknown_format", "format %q: csv, ndjson or parquet is expected", printable(string(f))).status(415)
}
