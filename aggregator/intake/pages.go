package intake

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"math/bits"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

const (
	// maxPage bounds a page of a Parquet file, which is in memory whole, and
	// maxPages what the pages of a row group take that are there at a time.
	maxPage  = 64 << 20
	maxPages = 256 << 20
	// maxPageHeader bounds what stands before a page.
	maxPageHeader = 64 << 10
	// maxListed bounds the values of a list: a row is in memory whole.
	maxListed = 1_000
	// runSlack is how many values more than its header says a page may write: runs
	// are padded.
	runSlack = 512
)

var (
	errPage = refuse("too_large", "a page is larger than %d MiB: write the Parquet file with smaller pages", maxPage>>20)
	// errPageLies says that a page is not what its header says.
	errPageLies = refuse("unreadable", "a page holds more than its header says, or is damaged: write the Parquet file again, with another program if it is so again, and send that")
	errListed   = refuse("too_large", "a row has a list of more than %d values: is the column the right one?", maxListed)
)

// pageWalk reads the pages of a column of a row group as parquet-go will, which
// gives each as much memory as it asks for: a few bytes can ask for gigabytes. So
// nothing reaches the library that has not been walked here.
type pageWalk struct {
	file io.ReaderAt
	size int64
	meta *format.ColumnMetaData
	// maxRepeat and maxDefine are the column's levels, width the bytes of a value
	// whose size is fixed.
	maxRepeat, maxDefine int
	width                int64
	// listed counts the values of the row that is being read.
	listed int
	// bodies are what pages are unpacked into, nil where only headers are looked at.
	bodies *bodies
}

func newPageWalk(r io.ReaderAt, size int64, m *format.ColumnMetaData, c *parquet.Column) *pageWalk {
	w := &pageWalk{file: r, size: size, meta: m, maxRepeat: c.MaxRepetitionLevel(), maxDefine: c.MaxDefinitionLevel()}
	switch c.Type().Kind() {
	case parquet.Boolean:
		w.width = 1
	case parquet.Int32, parquet.Float:
		w.width = 4
	case parquet.Int64, parquet.Double:
		w.width = 8
	case parquet.FixedLenByteArray:
		w.width = int64(c.Type().Length())
	default:
		w.width = 16 // a text is found by its place and its length
	}
	return w
}

// walk looks at every page. It gives what the column takes at most: a page and a
// dictionary.
func (w *pageWalk) walk() (int64, error) {
	at := w.meta.DataPageOffset
	if d := w.meta.DictionaryPageOffset; d != 0 {
		if d > at { // reading would begin where this walk does not
			return 0, errParquet
		}
		at = d
	}
	end := at + w.meta.TotalCompressedSize
	if at < 4 || w.meta.TotalCompressedSize < 0 || end > w.size || end < at {
		return 0, errParquet
	}
	var protocol thrift.CompactProtocol
	dictionary, page, data := int64(0), int64(0), w.meta.TotalCompressedSize == 0
	hasDictionary := false
	for at < end {
		data = data || at == w.meta.DataPageOffset
		section := &counting{Reader: bufio.NewReaderSize(io.NewSectionReader(w.file, at, min(end-at, maxPageHeader)), 512)}
		var h format.PageHeader
		if err := thrift.NewDecoder(protocol.NewReader(section)).Decode(&h); err != nil {
			return 0, errParquet
		}
		at += section.n
		takes, err := w.header(&h)
		if err != nil {
			return 0, err
		}
		if int64(h.CompressedPageSize) > end-at {
			return 0, errParquet
		}
		if h.Type == format.DictionaryPage {
			hasDictionary = true
			dictionary = max(dictionary, takes)
		} else {
			page = max(page, takes)
		}
		if w.bodies != nil {
			if err := w.body(&h, at, hasDictionary); err != nil {
				return 0, err
			}
		}
		at += int64(h.CompressedPageSize)
	}
	if !data {
		return 0, errParquet // the pages would be read from between two of these
	}
	return dictionary + page, nil
}

// header gives what a page takes in memory, by what its header says.
func (w *pageWalk) header(h *format.PageHeader) (int64, error) {
	values := int64(0)
	ok := true
	switch h.Type {
	case format.DataPage:
		values, ok = int64(h.DataPageHeader.V.NumValues), h.DataPageHeader.Valid && !h.DictionaryPageHeader.Valid
	case format.DataPageV2:
		values, ok = int64(h.DataPageHeaderV2.V.NumValues), h.DataPageHeaderV2.Valid && !h.DictionaryPageHeader.Valid
	case format.DictionaryPage:
		values, ok = int64(h.DictionaryPageHeader.V.NumValues), h.DictionaryPageHeader.Valid
	default:
		ok = false
	}
	if !ok || h.CompressedPageSize < 0 || h.UncompressedPageSize < 0 || values < 0 {
		return 0, errParquet
	}
	// Values of a fixed width are unpacked; of others each takes an index.
	takes := max(int64(h.UncompressedPageSize), max(w.width, 4)*values)
	if h.CompressedPageSize > maxPage || takes > maxPage {
		return 0, errPage
	}
	return takes, nil
}

// body unpacks a page and counts what it holds.
func (w *pageWalk) body(h *format.PageHeader, at int64, hasDictionary bool) error {
	packed, err := w.bodies.read(w.file, at, int(h.CompressedPageSize))
	if err != nil {
		return err
	}
	if h.Type != format.DataPageV2 {
		if packed, err = w.bodies.unpack(w.meta.Codec, packed, int(h.UncompressedPageSize)); err != nil {
			return err
		}
	}
	var repeats, defines []byte
	var values int
	var encoding format.Encoding
	switch h.Type {
	case format.DictionaryPage:
		return w.dictionary(&h.DictionaryPageHeader.V, packed)
	case format.DataPage:
		v := &h.DataPageHeader.V
		values, encoding = int(v.NumValues), v.Encoding
		ok := true
		if w.maxRepeat > 0 {
			ok = v.RepetitionLevelEncoding == format.RLE
			repeats, packed = levelsOf(packed, &ok)
		}
		if w.maxDefine > 0 {
			ok = ok && v.DefinitionLevelEncoding == format.RLE
			defines, packed = levelsOf(packed, &ok)
		}
		if !ok {
			return errPageLies
		}
	case format.DataPageV2:
		v := &h.DataPageHeaderV2.V
		values, encoding = int(v.NumValues), v.Encoding
		r, d := int(v.RepetitionLevelsByteLength), int(v.DefinitionLevelsByteLength)
		if r < 0 || d < 0 || r > len(packed) || d > len(packed)-r || v.NumNulls < 0 || v.NumNulls > v.NumValues || v.NumRows < 0 {
			return errPageLies
		}
		repeats, defines, packed = packed[:r], packed[r:r+d], packed[r+d:]
		if !v.IsCompressed.Valid || v.IsCompressed.V {
			if packed, err = w.bodies.unpack(w.meta.Codec, packed, max(0, int(h.UncompressedPageSize)-r-d)); err != nil {
				return err
			}
		}
	}
	if w.maxRepeat > 0 {
		if err := w.lists(repeats, values); err != nil {
			return err
		}
	}
	if w.maxDefine > 0 && !runsWithin(defines, bits.Len(uint(w.maxDefine)), values+runSlack, nil) {
		return errPageLies
	}
	if !w.values(encoding, packed, values, hasDictionary) {
		return errPageLies
	}
	return nil
}

// dictionary is written plainly: no more values than bytes.
func (w *pageWalk) dictionary(h *format.DictionaryPageHeader, body []byte) error {
	//lint:ignore SA1019 no longer to be written, but files have it
	if h.Encoding != format.Plain && h.Encoding != format.PlainDictionary || int64(h.NumValues) > int64(len(body))*8 {
		return errPageLies
	}
	return nil
}

// values reports whether the values of a page are not more than it says.
func (w *pageWalk) values(encoding format.Encoding, body []byte, values int, hasDictionary bool) bool {
	most := values + runSlack
	switch encoding {
	case format.Plain, format.ByteStreamSplit: // as many bytes as they are
		return true
	//lint:ignore SA1019 no longer to be written, but files have it
	case format.PlainDictionary, format.RLEDictionary:
		if len(body) == 0 {
			return hasDictionary
		}
		return hasDictionary && body[0] <= 32 && runsWithin(body[1:], int(body[0]), most, nil)
	case format.RLE:
		ok := true
		runs, _ := levelsOf(body, &ok)
		return len(body) == 0 || ok && runsWithin(runs, 1, most, nil)
	case format.DeltaBinaryPacked:
		return len(body) == 0 || deltaCount(body) <= uint64(most)
	case format.DeltaLengthByteArray:
		_, rest, ok := deltaSum(body, most)
		return ok && rest != nil
	case format.DeltaByteArray:
		// Each value repeats the beginning of the one before: what they are together
		// has nothing to do with the bytes that are here.
		prefixes, rest, ok := deltaSum(body, most)
		if !ok {
			return false
		}
		suffixes, _, ok := deltaSum(rest, most)
		return ok && prefixes+suffixes <= maxPage
	}
	return false
}

// lists refuses a row that is too long a list; it may go on over pages.
func (w *pageWalk) lists(repeats []byte, values int) error {
	long := false
	ok := runsWithin(repeats, bits.Len(uint(w.maxRepeat)), values+runSlack, func(level uint64, n int) {
		if level == 0 {
			w.listed = 1 // of the last of these rows
			return
		}
		w.listed += n
		long = long || w.listed > maxListed
	})
	switch {
	case !ok:
		return errPageLies
	case long:
		return errListed
	}
	return nil
}

// levelsOf cuts levels off a page that begins with their length.
func levelsOf(b []byte, ok *bool) (levels, rest []byte) {
	if !*ok || len(b) < 4 || uint64(binary.LittleEndian.Uint32(b)) > uint64(len(b)-4) {
		*ok = false
		return nil, nil
	}
	n := int(binary.LittleEndian.Uint32(b))
	return b[4 : 4+n], b[4+n:]
}

// runsWithin walks the hybrid of runs and bit-packed values and reports whether it
// is whole and holds at most so many. each, where it is given, is told of runs.
func runsWithin(b []byte, width, most int, each func(value uint64, n int)) bool {
	for len(b) > 0 {
		head, n := binary.Uvarint(b)
		if n <= 0 {
			return false
		}
		b = b[n:]
		count := head >> 1
		if count > uint64(most) {
			return false
		}
		if head&1 == 0 {
			if most -= int(count); len(b) < (width+7)/8 {
				return false
			}
			if each != nil && count > 0 {
				each(uintOf(b, 0, width), int(count))
			}
			b = b[(width+7)/8:]
			continue
		}
		if most -= 8 * int(count); most < 0 || int(count)*width > len(b) {
			return false
		}
		if each != nil {
			for i := range 8 * int(count) {
				each(uintOf(b, i, width), 1)
			}
		}
		b = b[int(count)*width:]
	}
	return true
}

// uintOf is the i-th of values of so many bits, at most 32, the lowest bits first.
func uintOf(b []byte, i, width int) uint64 {
	at := i * width
	var word [8]byte
	copy(word[:], b[at/8:])
	return binary.LittleEndian.Uint64(word[:]) >> (at % 8) & (1<<width - 1)
}

// deltaCount is how many values delta encoding says it holds.
func deltaCount(b []byte) uint64 {
	d, ok := newDelta(b)
	if !ok {
		return 1 << 63
	}
	return d.count
}

// delta is the head of delta encoding.
type delta struct {
	perMini, minis int
	count          uint64
	first          int64
	rest           []byte
}

func newDelta(b []byte) (d delta, ok bool) {
	var head [3]uint64
	for i := range head {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return d, false
		}
		head[i], b = v, b[n:]
	}
	first, n := binary.Varint(b)
	if n <= 0 || head[0] > 1<<16 || head[1] == 0 || head[1] > head[0] || head[0]%head[1] != 0 || head[0]/head[1]%8 != 0 {
		return d, false
	}
	return delta{int(head[0] / head[1]), int(head[1]), head[2], first, b[n:]}, true
}

// deltaSum sums up lengths in delta encoding, of which there must be at most so
// many and none below zero. It gives what stands behind them.
func deltaSum(b []byte, most int) (sum uint64, rest []byte, ok bool) {
	d, ok := newDelta(b)
	if !ok || d.count > uint64(most) {
		return 0, nil, false
	}
	value, left := d.first, int(d.count)
	take := func(v int64) bool {
		left--
		value = v
		sum += uint64(v)
		return v >= 0 && v <= maxPage
	}
	if left > 0 && !take(value) {
		return 0, nil, false
	}
	b = d.rest
	for left > 0 {
		least, n := binary.Varint(b)
		if n <= 0 || len(b) < n+d.minis {
			return 0, nil, false
		}
		widths := b[n : n+d.minis]
		b = b[n+d.minis:]
		for _, width := range widths {
			if left == 0 {
				break
			}
			if width > 32 || d.perMini*int(width)/8 > len(b) {
				return 0, nil, false
			}
			for i := 0; i < d.perMini && left > 0; i++ {
				if !take(value + least + int64(uintOf(b, i, int(width)))) {
					return 0, nil, false
				}
			}
			b = b[d.perMini*int(width)/8:]
		}
	}
	return sum, b, true
}

// bodies are what pages are read and unpacked into, one after the other.
type bodies struct {
	packed, plain []byte
	zstd          *zstd.Decoder
}

func (b *bodies) close() {
	if b != nil && b.zstd != nil {
		b.zstd.Close()
	}
}

func room(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n)
	}
	return b[:n]
}

func (b *bodies) read(r io.ReaderAt, at int64, n int) ([]byte, error) {
	b.packed = room(b.packed, n)
	if _, err := io.ReadFull(io.NewSectionReader(r, at, int64(n)), b.packed); err != nil {
		return nil, errParquet
	}
	return b.packed, nil
}

// unpack gives a page unpacked. One that becomes larger than its header says is
// refused before it does.
func (b *bodies) unpack(codec format.CompressionCodec, packed []byte, size int) ([]byte, error) {
	if codec == format.Uncompressed {
		return packed, nil
	}
	b.plain = room(b.plain, size)
	n, err := 0, error(nil)
	switch codec {
	case format.Snappy:
		if n, err = snappy.DecodedLen(packed); err != nil || n > size {
			return nil, errPageLies
		}
		_, err = snappy.Decode(b.plain[:n], packed)
	case format.Lz4Raw:
		n, err = lz4.UncompressBlock(packed, b.plain)
	case format.Zstd:
		if b.zstd == nil {
			if b.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxPage)); err != nil {
				return nil, err
			}
		}
		if err = b.zstd.Reset(bytes.NewReader(packed)); err == nil {
			n, err = fill(b.zstd, b.plain)
		}
	case format.Gzip:
		var z *gzip.Reader
		if z, err = gzip.NewReader(bytes.NewReader(packed)); err == nil {
			n, err = fill(z, b.plain)
		}
	case format.Brotli:
		n, err = fill(brotli.NewReader(bytes.NewReader(packed)), b.plain)
	default:
		return nil, refuse("unreadable", "the Parquet file is compressed in a way that is not taken: write it with Snappy, Zstandard or gzip")
	}
	if err != nil {
		return nil, errPageLies
	}
	return b.plain[:n], nil
}

// fill reads all of r, which must not be more than b holds.
func fill(r io.Reader, b []byte) (int, error) {
	n, err := io.ReadFull(r, b)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return n, nil
	}
	if err != nil {
		return n, err
	}
	var more [1]byte
	if k, err := io.ReadFull(r, more[:]); k > 0 || err != io.EOF {
		return n, errPageLies
	}
	return n, nil
}

// counting counts the bytes that are read.
type counting struct {
	*bufio.Reader
	n int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *counting) ReadByte() (byte, error) {
	b, err := c.Reader.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

// Discard is how the decoder passes over fields that it does not know.
func (c *counting) Discard(n int) (int, error) {
	n, err := c.Reader.Discard(n)
	c.n += int64(n)
	return n, err
}
