package intake

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// maxRowGroups bounds how many a Parquet file is divided into.
const maxRowGroups = 100_000

var errParquet = refuse("unreadable", "the file is no Parquet file, or it is damaged: write it again and send it again")

// parquetReader reads a Parquet file row group by row group and page by page.
type parquetReader struct {
	at      io.ReaderAt
	size    int64
	file    *parquet.File
	columns []*parquet.Column // the leaves, in their order
	names   []string          // what the contract calls them
	// group is the next row group.
	group  int
	bodies bodies
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
	z = &parquetReader{at: r, size: size, file: f, buffer: make([]parquet.Row, 64)}
	var headings []string
	for _, f := range f.Schema().Fields() {
		headings = append(headings, f.Name())
	}
	places, err := c.resolve(headings)
	if err != nil {
		return nil, err
	}
	z.leaves = make([]leaf, len(f.Schema().Columns()))
	z.columns, z.names = make([]*parquet.Column, len(z.leaves)), make([]string, len(z.leaves))
	for i, column := range f.Root().Columns() {
		if err := z.column(column, places[i], c); err != nil {
			return nil, err
		}
	}
	for i := range f.Metadata().RowGroups {
		if err := z.walk(i, nil); err != nil {
			return nil, err
		}
	}
	return z, nil
}

// walk looks at the pages of a row group: at their headers, and with bodies at what
// they hold.
func (z *parquetReader) walk(group int, b *bodies) error {
	chunks := z.file.Metadata().RowGroups[group].Columns
	if len(chunks) != len(z.columns) {
		return errParquet
	}
	held := int64(0)
	for i := range chunks {
		w := newPageWalk(z.at, z.size, &chunks[i].MetaData, z.columns[i])
		w.bodies = b
		n, err := w.walk()
		if r, ok := err.(*Refusal); ok && r != errParquet {
			return refuse(r.Code, "column %s, row group %d: %s", z.names[i], group+1, r.Message)
		}
		if err != nil {
			return err
		}
		held += n
	}
	if held > maxPages {
		return refuse("too_large", "the pages of a row group of the Parquet file take more than %d MiB at a time: write the file with smaller pages", maxPages>>20)
	}
	return nil
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
	if c.Type().Kind() == parquet.FixedLenByteArray && c.Type().Length() > maxTextBytes {
		return refuse("unreadable", "column %s: every value takes %d bytes: use a string", name, c.Type().Length())
	}
	z.leaves[c.Index()] = leaf{place, c.MaxDefinitionLevel(), print}
	z.columns[c.Index()], z.names[c.Index()] = c, name
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
		groups := z.file.RowGroups()
		if z.group == len(groups) {
			return io.EOF
		}
		if err := z.walk(z.group, &z.bodies); err != nil {
			return err
		}
		z.rows = groups[z.group].Rows()
		z.group++
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
	z.bodies.close()
	if z.rows != nil {
		_ = z.rows.Close()
	}
}
