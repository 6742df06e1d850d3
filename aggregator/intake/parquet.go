package intake

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

const (
	// maxPage bounds a page of a Parquet file, which is in memory whole, and
	// maxPages what the pages of a row group take that are there at a time.
	maxPage  = 64 << 20
	maxPages = 256 << 20
	// maxPageHeader bounds what stands before a page.
	maxPageHeader = 64 << 10
	// maxRowGroups bounds how many a file is divided into.
	maxRowGroups = 100_000
)

var errParquet = refuse("unreadable", "the file is no Parquet file, or it is damaged: write it again and send it again")

// parquetReader reads a Parquet file row group by row group and page by page.
type parquetReader struct {
	file   *parquet.File
	groups []parquet.RowGroup
	rows   parquet.Rows
	buffer []parquet.Row
	ready  []parquet.Row
	line   uint64
	leaves []leaf
	text   []byte
}

// leaf is how a column of the file becomes cells.
type leaf struct {
	place int
	// depth is the definition level of a value that is there.
	depth int
	print func(b []byte, v parquet.Value) []byte
}

// newParquet opens a file. What parquet-go panics at is a damaged file.
func newParquet(r io.ReaderAt, size int64, c *contract) (z *parquetReader, err error) {
	defer func() {
		if recover() != nil {
			z, err = nil, errParquet
		}
	}()
	if err := checkFooter(r, size); err != nil {
		return nil, err
	}
	f, err := parquet.OpenFile(r, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(64<<10))
	if err != nil {
		return nil, errParquet
	}
	z = &parquetReader{file: f, groups: f.RowGroups(), buffer: make([]parquet.Row, 64)}
	if len(z.groups) > maxRowGroups {
		return nil, errParquet
	}
	var headings []string
	for _, f := range f.Schema().Fields() {
		headings = append(headings, f.Name())
	}
	places, err := c.resolve(headings)
	if err != nil {
		return nil, err
	}
	z.leaves = make([]leaf, len(f.Schema().Columns()))
	for i, column := range f.Root().Columns() {
		if err := z.column(column, places[i], c); err != nil {
			return nil, err
		}
	}
	for i := range f.Metadata().RowGroups {
		held := int64(0)
		for j := range f.Metadata().RowGroups[i].Columns {
			n, err := checkPages(r, size, &f.Metadata().RowGroups[i].Columns[j].MetaData)
			if err != nil {
				return nil, err
			}
			held += n
		}
		if held > maxPages {
			return nil, refuse("too_large", "the pages of a row group of the Parquet file take more than %d MiB at a time: write the file with smaller pages", maxPages>>20)
		}
	}
	return z, nil
}

// column notes how the values of one column are read: a single one, or a list.
func (z *parquetReader) column(c *parquet.Column, place int, of *contract) error {
	name := of.fields[place].Name
	for !c.Leaf() {
		if len(c.Columns()) != 1 {
			return refuse("unreadable", "column %s: a single value or a list of values is expected, not a structure", name)
		}
		c = c.Columns()[0]
	}
	print := printer(c.Type())
	if print == nil {
		return refuse("unreadable", "column %s: Parquet type %s is not taken: use a string, an integer, a double, a boolean, a date or a timestamp", name, c.Type())
	}
	z.leaves[c.Index()] = leaf{place, c.MaxDefinitionLevel(), print}
	return nil
}

func printer(t parquet.Type) func([]byte, parquet.Value) []byte {
	if l := t.LogicalType(); l != nil {
		switch v := l.Value.(type) {
		case *format.DateType:
			return func(b []byte, v parquet.Value) []byte {
				return time.Unix(int64(v.Int32())*86400, 0).UTC().AppendFormat(b, time.DateOnly)
			}
		case *format.TimestampType:
			moment := time.UnixMilli
			switch v.Unit.Value.(type) {
			case *format.MicroSeconds:
				moment = time.UnixMicro
			case *format.NanoSeconds:
				moment = func(n int64) time.Time { return time.Unix(n/1e9, n%1e9) }
			}
			layout := "2006-01-02T15:04:05.999Z"
			if !v.IsAdjustedToUTC {
				layout = "2006-01-02 15:04:05.999" // a clock on the wall, of the province
			}
			return func(b []byte, v parquet.Value) []byte { return moment(v.Int64()).UTC().AppendFormat(b, layout) }
		case *format.DecimalType, *format.TimeType:
			return nil
		case *format.IntType:
			if !v.IsSigned {
				if t.Kind() == parquet.Int32 {
					return func(b []byte, v parquet.Value) []byte { return strconv.AppendUint(b, uint64(v.Uint32()), 10) }
				}
				return func(b []byte, v parquet.Value) []byte { return strconv.AppendUint(b, v.Uint64(), 10) }
			}
		}
	}
	switch t.Kind() {
	case parquet.Boolean:
		return func(b []byte, v parquet.Value) []byte { return strconv.AppendBool(b, v.Boolean()) }
	case parquet.Int32:
		return func(b []byte, v parquet.Value) []byte { return strconv.AppendInt(b, int64(v.Int32()), 10) }
	case parquet.Int64:
		return func(b []byte, v parquet.Value) []byte { return strconv.AppendInt(b, v.Int64(), 10) }
	case parquet.Float:
		return func(b []byte, v parquet.Value) []byte { return appendFloat(b, float64(v.Float()), 32) }
	case parquet.Double:
		return func(b []byte, v parquet.Value) []byte { return appendFloat(b, v.Double(), 64) }
	case parquet.ByteArray, parquet.FixedLenByteArray:
		return func(b []byte, v parquet.Value) []byte { return append(b, v.ByteArray()...) }
	}
	return nil
}

// appendFloat writes whole numbers that a double holds exactly as such; larger
// ones keep the form whose digits are known to be lost.
func appendFloat(b []byte, v float64, bits int) []byte {
	if v > -1<<53 && v < 1<<53 {
		return strconv.AppendFloat(b, v, 'f', -1, bits)
	}
	return strconv.AppendFloat(b, v, 'E', -1, bits)
}

// checkPages walks the headers of a column's pages, so that none that claims to
// be huge is ever given memory. It gives what the column takes at most: a page and
// a dictionary.
func checkPages(r io.ReaderAt, size int64, m *format.ColumnMetaData) (int64, error) {
	at := m.DataPageOffset
	if d := m.DictionaryPageOffset; d != 0 {
		if d > at { // reading would begin where this walk does not
			return 0, errParquet
		}
		at = d
	}
	end := at + m.TotalCompressedSize
	if at < 4 || m.TotalCompressedSize < 0 || end > size || end < at {
		return 0, errParquet
	}
	var protocol thrift.CompactProtocol
	dictionary, page, data := int64(0), int64(0), m.TotalCompressedSize == 0
	for at < end {
		data = data || at == m.DataPageOffset
		section := &counting{Reader: bufio.NewReaderSize(io.NewSectionReader(r, at, min(end-at, maxPageHeader)), 512)}
		var h format.PageHeader
		if err := thrift.NewDecoder(protocol.NewReader(section)).Decode(&h); err != nil {
			return 0, errParquet
		}
		values := int64(0)
		if h.DataPageHeader.Valid {
			values = int64(h.DataPageHeader.V.NumValues)
		}
		if h.DataPageHeaderV2.Valid {
			values = int64(h.DataPageHeaderV2.V.NumValues)
		}
		// Many values can stand in a few bytes, and each takes an index when it is read.
		takes := max(int64(h.UncompressedPageSize), 4*values)
		if h.CompressedPageSize < 0 || h.UncompressedPageSize < 0 || values < 0 || h.CompressedPageSize > maxPage || takes > maxPage {
			return 0, refuse("too_large", "a page of the Parquet file is larger than %d MiB: write the file with smaller pages", maxPage>>20)
		}
		if at += section.n + int64(h.CompressedPageSize); h.DictionaryPageHeader.Valid {
			dictionary = max(dictionary, takes)
		} else {
			page = max(page, takes)
		}
	}
	if !data {
		return 0, errParquet // the pages would be read from between two of these
	}
	return dictionary + page, nil
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

func (z *parquetReader) next(r *row) (err error) {
	defer func() {
		if recover() != nil {
			err = errParquet
		}
	}()
	for len(z.ready) == 0 {
		if err := z.fill(); err != nil {
			return err
		}
	}
	r.reset()
	z.line++
	r.line = z.line
	for _, v := range z.ready[0] {
		l := &z.leaves[v.Column()]
		if v.IsNull() || v.DefinitionLevel() < l.depth {
			continue
		}
		z.text = l.print(z.text[:0], v)
		if len(z.text) > maxRow {
			r.flaw = "holds a value that is too long"
			break
		}
		c := &r.cells[l.place]
		if c.here {
			c.text += "|" // one more of a list
			c.list = true
		}
		c.text += string(z.text)
		c.here = true
		if r.bytes += len(z.text); r.bytes > maxRow {
			r.flaw = fmt.Sprintf("is longer than %d bytes", maxRow)
			break
		}
	}
	z.ready = z.ready[1:]
	return nil
}

// fill reads some more rows.
func (z *parquetReader) fill() error {
	if z.rows == nil {
		if len(z.groups) == 0 {
			return io.EOF
		}
		z.rows = z.groups[0].Rows()
		z.groups = z.groups[1:]
	}
	n, err := z.rows.ReadRows(z.buffer)
	z.ready = z.buffer[:n]
	switch {
	case errors.Is(err, io.EOF):
		err = z.rows.Close()
		z.rows = nil
	case err == nil && n == 0:
		err = errParquet
	}
	if err != nil {
		return errParquet
	}
	return nil
}

func (z *parquetReader) close() {
	defer func() { _ = recover() }() // of a damaged file, nothing is lost
	if z.rows != nil {
		_ = z.rows.Close()
	}
}
