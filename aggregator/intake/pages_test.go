package intake

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"liaowang/queries"
)

// madePage is a page of a Parquet file that is made by hand.
type madePage struct {
	header format.PageHeader
	body   []byte
}

// madeColumn is a column of one.
type madeColumn struct {
	name       string
	kind       format.Type
	length     int32
	repetition format.FieldRepetitionType
	codec      format.CompressionCodec
	pages      []madePage
}

func null[T any](v T) thrift.Null[T] { return thrift.Null[T]{V: v, Valid: true} }

func dataPage(values int, encoding format.Encoding, body []byte) madePage {
	return madePage{format.PageHeader{Type: format.DataPage, UncompressedPageSize: int32(len(body)), CompressedPageSize: int32(len(body)),
		DataPageHeader: null(format.DataPageHeader{NumValues: int32(values), Encoding: encoding, DefinitionLevelEncoding: format.RLE, RepetitionLevelEncoding: format.RLE})}, body}
}

func dictionaryPage(values int32, body []byte) madePage {
	return madePage{format.PageHeader{Type: format.DictionaryPage, UncompressedPageSize: int32(len(body)), CompressedPageSize: int32(len(body)),
		DictionaryPageHeader: null(format.DictionaryPageHeader{NumValues: values, Encoding: format.Plain})}, body}
}

// made puts columns of one row group of one row together as a file.
func made(t *testing.T, columns ...madeColumn) []byte {
	t.Helper()
	var protocol thrift.CompactProtocol
	file := []byte("PAR1")
	schema := []format.SchemaElement{{Name: "rows", NumChildren: null(int32(len(columns)))}}
	group := format.RowGroup{NumRows: 1}
	for _, c := range columns {
		element := format.SchemaElement{Name: c.name, Type: null(c.kind), RepetitionType: null(c.repetition)}
		if c.kind == format.FixedLenByteArray {
			element.TypeLength = null(c.length)
		}
		schema = append(schema, element)
		m := format.ColumnMetaData{Type: c.kind, Encoding: []format.Encoding{format.Plain}, PathInSchema: []string{c.name}, Codec: c.codec, NumValues: 1}
		begin := int64(len(file))
		for _, p := range c.pages {
			switch {
			case p.header.Type == format.DictionaryPage:
				m.DictionaryPageOffset = int64(len(file))
			case m.DataPageOffset == 0:
				m.DataPageOffset = int64(len(file))
			}
			head, err := thrift.Marshal(&protocol, p.header)
			if err != nil {
				t.Fatal(err)
			}
			file = append(append(file, head...), p.body...)
		}
		m.TotalCompressedSize = int64(len(file)) - begin
		m.TotalUncompressedSize = m.TotalCompressedSize
		group.Columns = append(group.Columns, format.ColumnChunk{MetaData: m})
	}
	footer, err := thrift.Marshal(&protocol, format.FileMetaData{Version: 1, Schema: schema, NumRows: 1, RowGroups: []format.RowGroup{group}})
	if err != nil {
		t.Fatal(err)
	}
	file = append(file, footer...)
	return append(binary.LittleEndian.AppendUint32(file, uint32(len(footer))), "PAR1"...)
}

// long are so many runs of 2^31-1 values each, in the bytes of a value.
func long(runs int, value ...byte) []byte {
	return bytes.Repeat(append(binary.AppendUvarint(nil, math.MaxInt32<<1), value...), runs)
}

// measured puts a level's length before it.
func measured(b []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(b))), b...)
}

func plainText(s string) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(s))), s...)
}

// readWhole reads a file as a delivery does and says how many good rows it has and
// how much memory was asked for.
func readWhole(t *testing.T, table string, content []byte) (good int, asked uint64, err error) {
	t.Helper()
	s, err := queries.LoadSchema()
	if err != nil {
		t.Fatal(err)
	}
	c, err := newContract(s, table)
	if err != nil {
		t.Fatal(err)
	}
	k := c.newChunk()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	z, err := newParquet(bytes.NewReader(content), int64(len(content)), c)
	if err == nil {
		defer z.close()
		chunks := newChunker(c, z, &Key{make([]byte, keyBytes)}, 1)
		for err == nil && !k.last {
			err = chunks.next(k, func(err error) bool { return errors.Is(err, io.EOF) })
			good += len(k.good)
			for _, f := range k.flaws {
				t.Logf("line %d: %s %s", f.Line, f.Column, f.Reason)
			}
		}
	}
	runtime.ReadMemStats(&after)
	return good, after.TotalAlloc - before.TotalAlloc, err
}

// Some bytes of a Parquet file can ask for gigabytes: each way to do so is refused
// before memory is given.
func TestAParquetFileThatAsksForMemoryIsRefused(t *testing.T) {
	year := madeColumn{name: "year", kind: format.Int32, pages: []madePage{dataPage(1, format.Plain, binary.LittleEndian.AppendUint32(nil, 2026))}}
	yuan := madeColumn{name: "yuan", kind: format.Int64, pages: []madePage{dataPage(1, format.Plain, binary.LittleEndian.AppendUint64(nil, 8400))}}
	basis := func(change func(*madeColumn)) madeColumn {
		c := madeColumn{name: "basis", kind: format.ByteArray, pages: []madePage{dataPage(1, format.Plain, plainText("工作值"))}}
		change(&c)
		return c
	}
	compressed := func(codec format.CompressionCodec, size int32, body []byte) madeColumn {
		return basis(func(c *madeColumn) {
			c.codec = codec
			c.pages = []madePage{dataPage(1, format.Plain, body)}
			c.pages[0].header.UncompressedPageSize = size
		})
	}
	var zeros bytes.Buffer
	z, err := zstd.NewWriter(&zeros)
	if err != nil {
		t.Fatal(err)
	}
	for range 160 {
		_, _ = z.Write(make([]byte, 1<<20))
	}
	z.Close()
	// A value of a million bytes, and a million more that begin with all of it.
	delta := func(count int, first, rest int64) []byte {
		b := binary.AppendUvarint(nil, 128)
		b = binary.AppendUvarint(b, 1)
		b = binary.AppendUvarint(b, uint64(count))
		b = binary.AppendVarint(b, first)
		for i := 1; i < count; i += 128 {
			if i == 1 { // the first step leads to rest, the others stay there
				b = binary.AppendVarint(b, 0)
				b = append(b, 32)
				b = append(b, binary.LittleEndian.AppendUint32(nil, uint32(rest-first))...)
				b = append(b, make([]byte, 127*4)...)
				continue
			}
			b = append(binary.AppendVarint(b, 0), 0)
		}
		return b
	}
	const many = 100_000
	prefixes := append(delta(many, 0, 1_000_000), delta(many, 1_000_000, 0)...)
	prefixes[len(prefixes)-1] = 0
	huge := int32(math.MaxInt32)

	for name, columns := range map[string][]madeColumn{
		"definition levels": {year, yuan, basis(func(c *madeColumn) {
			c.repetition = format.Optional
			c.pages = []madePage{dataPage(1, format.Plain, append(measured(long(200, 1)), plainText("a")...))}
		})},
		"definition levels, version 2": {year, yuan, basis(func(c *madeColumn) {
			c.repetition = format.Optional
			body := append(long(200, 1), plainText("a")...)
			c.pages = []madePage{{format.PageHeader{Type: format.DataPageV2, UncompressedPageSize: int32(len(body)), CompressedPageSize: int32(len(body)),
				DataPageHeaderV2: null(format.DataPageHeaderV2{NumValues: 1, NumRows: 1, Encoding: format.Plain, DefinitionLevelsByteLength: int32(len(long(200, 1)))})}, body}}
		})},
		"indexes of a dictionary": {year, yuan, basis(func(c *madeColumn) {
			c.pages = []madePage{dictionaryPage(1, plainText("a")), dataPage(1, format.RLEDictionary, append([]byte{1}, long(200, 0)...))}
		})},
		"indexes without a dictionary": {year, yuan, basis(func(c *madeColumn) {
			c.pages = []madePage{dataPage(1, format.RLEDictionary, []byte{1, 2, 0})}
		})},
		"a dictionary's values":  {year, yuan, basis(func(c *madeColumn) { c.pages = slices.Insert(c.pages, 0, dictionaryPage(huge, plainText("a"))) })},
		"a page's values":        {year, yuan, basis(func(c *madeColumn) { c.pages[0].header.DataPageHeader.V.NumValues = huge })},
		"zstd":                   {year, yuan, compressed(format.Zstd, 7, zeros.Bytes())},
		"zstd that says so":      {year, yuan, compressed(format.Zstd, huge, zeros.Bytes())},
		"snappy":                 {year, yuan, compressed(format.Snappy, 7, binary.AppendUvarint(nil, math.MaxUint32))},
		"lz4 that never is done": {year, yuan, compressed(format.Lz4Raw, 7, []byte{0xff, 0xff, 0xff})},
		"repeated beginnings": {year, yuan, basis(func(c *madeColumn) {
			c.pages = []madePage{dataPage(many, format.DeltaByteArray, append(prefixes, make([]byte, 1_000_000)...))}
		})},
		"deltas": {{name: "year", kind: format.Int32, pages: []madePage{dataPage(1, format.DeltaBinaryPacked, slices.Concat([]byte{0x80, 1, 1}, binary.AppendUvarint(nil, math.MaxInt32), []byte{0, 0, 0}))}}, yuan, basis(func(*madeColumn) {})},
		"lengths": {year, yuan, basis(func(c *madeColumn) {
			c.pages = []madePage{dataPage(1, format.DeltaLengthByteArray, slices.Concat([]byte{0x80, 1, 1}, binary.AppendUvarint(nil, math.MaxInt32), []byte{0, 0, 0}))}
		})},
		"width": {year, yuan, basis(func(c *madeColumn) { c.kind, c.length = format.FixedLenByteArray, 1<<30 })},
		"a list": {year, yuan, basis(func(c *madeColumn) {
			c.repetition = format.Repeated
			const n = 1 << 20
			run := func(n uint64, v byte) []byte { return append(binary.AppendUvarint(nil, n<<1), v) }
			c.pages = []madePage{dataPage(n, format.Plain, slices.Concat(measured(slices.Concat(run(1, 0), run(n-1, 1))), measured(run(n, 1)), bytes.Repeat(plainText(""), n)))}
		})},
	} {
		good, asked, err := readWhole(t, "income_lines", made(t, columns...))
		var r *Refusal
		if !errors.As(err, &r) {
			t.Errorf("%s: %d rows, %v", name, good, err)
			continue
		}
		t.Logf("%s: %d KiB, %s", name, asked>>10, r.Message)
		if asked > 80<<20 {
			t.Errorf("%s: %d MiB were asked for", name, asked>>20)
		}
	}
	// The same file without tricks is taken.
	if good, _, err := readWhole(t, "income_lines", made(t, year, yuan, basis(func(*madeColumn) {}))); err != nil || good != 1 {
		t.Errorf("%d good rows, %v", good, err)
	}
}

// Every encoding, codec and version of pages that writers use is read.
func TestPagesOfEveryKindAreRead(t *testing.T) {
	const rows = 1200
	text := func(encoding func(parquet.Node) parquet.Node) parquet.Group {
		return parquet.Group{"year": parquet.Encoded(parquet.Leaf(parquet.Int32Type), &parquet.DeltaBinaryPacked), "yuan": parquet.Encoded(parquet.Leaf(parquet.DoubleType), &parquet.ByteStreamSplit), "basis": encoding(parquet.String())}
	}
	encoded := func(e func(parquet.Node) parquet.Node) *parquet.Schema { return parquet.NewSchema("rows", text(e)) }
	schemas := map[string]*parquet.Schema{
		"plain":      encoded(func(n parquet.Node) parquet.Node { return parquet.Encoded(n, &parquet.Plain) }),
		"dictionary": encoded(func(n parquet.Node) parquet.Node { return parquet.Encoded(n, &parquet.RLEDictionary) }),
		"lengths":    encoded(func(n parquet.Node) parquet.Node { return parquet.Encoded(n, &parquet.DeltaLengthByteArray) }),
		"beginnings": encoded(func(n parquet.Node) parquet.Node { return parquet.Encoded(n, &parquet.DeltaByteArray) }),
		"optional":   encoded(func(n parquet.Node) parquet.Node { return parquet.Optional(parquet.Encoded(n, &parquet.RLEDictionary)) }),
		"optional too": encoded(func(n parquet.Node) parquet.Node {
			return parquet.Optional(parquet.Encoded(n, &parquet.DeltaByteArray))
		}),
	}
	for name, schema := range schemas {
		codecs := []parquet.WriterOption{parquet.Compression(&parquet.Snappy)}
		if name == "beginnings" { // one encoding in each codec will do
			codecs = append(codecs, parquet.Compression(&parquet.Uncompressed), parquet.Compression(&parquet.Gzip), parquet.Compression(&parquet.Brotli), parquet.Compression(&parquet.Zstd), parquet.Compression(&parquet.Lz4Raw))
		}
		for _, codec := range codecs {
			for version := 1; version <= 2; version++ {
				var b bytes.Buffer
				w := parquet.NewWriter(&b, schema, codec, parquet.DataPageVersion(version), parquet.PageBufferSize(2000), parquet.MaxRowsPerRowGroup(rows/2))
				for i := range rows {
					row := map[string]any{"year": int32(1950 + i%150), "yuan": float64(i), "basis": "依据 " + strings.Repeat("文件", i%7) + fmt.Sprint(i%13)}
					if err := w.Write(row); err != nil {
						t.Fatal(err)
					}
				}
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				if good, _, err := readWhole(t, "income_lines", b.Bytes()); err != nil || good != rows {
					t.Errorf("%s, version %d: %d good rows, %v", name, version, good, err)
				}
			}
		}
	}
	type household struct {
		Household string   `parquet:"household"`
		Village   int64    `parquet:"village,dict"`
		Type      string   `parquet:"type,dict"`
		Causes    []string `parquet:"causes,list"`
		Persons   *uint32  `parquet:"persons,optional"`
		State     string   `parquet:"state"`
		At        string   `parquet:"recognised_at"`
	}
	var b bytes.Buffer
	w := parquet.NewGenericWriter[household](&b, parquet.PageBufferSize(1000))
	causes := []string{"illness", "disability", "disaster"}
	four := uint32(4)
	for i := range rows {
		if _, err := w.Write([]household{{fmt.Sprint("H-", i), 460105100201, "marginal_poor", causes[:1+i%3], &four, "monitored", "2026-03-15 10:30:00"}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if good, _, err := readWhole(t, "households", b.Bytes()); err != nil || good != rows {
		t.Errorf("lists: %d good rows, %v", good, err)
	}
}
