package intake

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// maxWindow bounds what a zstd stream may ask for.
const maxWindow = 32 << 20

// decompress unwraps gzip and zstd, known by their first bytes, whatever the
// sender says of them.
func decompress(r io.Reader) (io.Reader, func(), error) {
	source := &noting{Reader: r}
	b := bufio.NewReaderSize(source, 64<<10)
	head, err := b.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, nil, errDamaged
		}
		return damaged{z, source}, func() { _ = z.Close() }, nil
	case bytes.Equal(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(b, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, nil, errDamaged
		}
		return damaged{z, source}, z.Close, nil
	}
	return b, func() {}, nil
}

var errDamaged = refuse("damaged", "the compressed file is damaged or cut off: send it again")

// damaged says in our words that a compressed stream cannot be read on. An error
// that its source gave stays what it is.
type damaged struct {
	io.Reader
	source *noting
}

func (d damaged) Read(p []byte) (int, error) {
	n, err := d.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && d.source.err == nil {
		return n, errDamaged
	}
	return n, err
}

// noting remembers an error of its reader that is not the end.
type noting struct {
	io.Reader
	err error
}

func (r *noting) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// lookahead is how much text after the first character outside ASCII decides
// which encoding it is.
const lookahead = 32 << 10

// utf8Text gives text as UTF-8. Chinese departments send GB18030 too, and
// spreadsheets UTF-16 with a mark.
func utf8Text(r io.Reader) io.Reader {
	b := bufio.NewReaderSize(r, 2*lookahead)
	head, _ := b.Peek(3)
	switch {
	case bytes.Equal(head, []byte("\xef\xbb\xbf")):
		_, _ = b.Discard(3)
		return b
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return transform.NewReader(b, unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder())
	}
	return &undecided{b: b}
}

// undecided passes ASCII through until something else decides the encoding.
type undecided struct {
	b       *bufio.Reader
	decided io.Reader
}

func (u *undecided) Read(p []byte) (int, error) {
	if u.decided != nil {
		return u.decided.Read(p)
	}
	if len(p) == 0 {
		return 0, nil
	}
	if _, err := u.b.Peek(1); err != nil {
		return 0, err
	}
	head, _ := u.b.Peek(u.b.Buffered())
	n := 0
	for n < len(head) && n < len(p) && head[n] < 0x80 {
		n++
	}
	if n > 0 {
		return u.b.Read(p[:n])
	}
	head, _ = u.b.Peek(lookahead)
	if validPrefix(head) {
		u.decided = u.b
	} else {
		u.decided = transform.NewReader(u.b, simplifiedchinese.GB18030.NewDecoder())
	}
	return u.decided.Read(p)
}

// validPrefix reports whether b is UTF-8 up to a character that its end may cut.
func validPrefix(b []byte) bool {
	for i := 0; i < utf8.UTFMax && len(b) > 0; i++ {
		if utf8.Valid(b) {
			return true
		}
		if utf8.FullRune(b[max(0, len(b)-1):]) && b[len(b)-1] < 0x80 {
			return false
		}
		b = b[:len(b)-1]
	}
	return utf8.Valid(b)
}
