package engine

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"strings"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// nativeTranscoder rewrites blocks of the Native format from revision 0, which
// the engine writes, to the revision a client asked for: since then a block
// begins with its info, and every column says whether its serialization is a
// special one.
//
// At revision 0 the engine leaves the time zone out of DateTime('zone'), so
// that the column would be shown in the zone of the server. If a column looks
// like that, types is asked for the types as they are.
type nativeTranscoder struct {
	revision uint64
	types    func() []string
	zoned    []string // what types returned
	asked    bool
	source   bytes.Reader
	raw      *bufio.Reader
	reader   *chproto.Reader
	out      chproto.Buffer
}

func newNativeTranscoder(revision uint64, types func() []string) *nativeTranscoder {
	t := &nativeTranscoder{revision: revision, types: types}
	// chproto takes a buffered reader of this size as it is, so that looking
	// ahead in it sees what the decoder will see.
	t.raw = bufio.NewReaderSize(&t.source, 128*1024)
	t.reader = chproto.NewReader(t.raw)
	return t
}

// transcode rewrites the blocks in piece. The result is valid until the next
// call. Types that the decoder of clickhouse-go does not know are refused,
// since that client could not read them either.
func (t *nativeTranscoder) transcode(piece []byte) ([]byte, error) {
	t.source.Reset(piece)
	t.raw.Reset(&t.source)
	t.out.Reset()
	for {
		if _, err := t.raw.Peek(1); err != nil {
			return t.out.Buf, nil
		}
		block := proto.NewBlock()
		if err := block.Decode(t.reader, 0); err != nil {
			return nil, &Exception{Code: codeNotImplemented,
				Message: fmt.Sprintf("The result cannot be written for the protocol version of the client: %v", err)}
		}
		if err := t.encode(block); err != nil {
			return nil, fmt.Errorf("encode a Native block: %w", err)
		}
	}
}

func (t *nativeTranscoder) encode(block *proto.Block) error {
	if err := block.EncodeHeader(&t.out, t.revision); err != nil {
		return err
	}
	for i, c := range block.Columns {
		zoned := t.zonedType(i, c.Type())
		// A block without rows has no data, not even the prefixes that
		// EncodeColumn would write for some types.
		if zoned == "" && block.Rows() > 0 {
			if err := block.EncodeColumn(&t.out, t.revision, i); err != nil {
				return err
			}
			continue
		}
		t.out.PutString(c.Name())
		t.out.PutString(cmp.Or(zoned, string(c.Type())))
		if t.revision >= proto.DBMS_MIN_REVISION_WITH_CUSTOM_SERIALIZATION {
			t.out.PutBool(false)
		}
		if block.Rows() > 0 {
			c.Encode(&t.out)
		}
	}
	return nil
}

// zonedType returns the whole type of a column that lost its time zone, and
// nothing for others.
func (t *nativeTranscoder) zonedType(i int, is column.Type) string {
	if is != "DateTime" || t.types == nil {
		return ""
	}
	if !t.asked {
		t.asked, t.zoned = true, t.types()
	}
	if i < len(t.zoned) && strings.HasPrefix(t.zoned[i], "DateTime('") {
		return t.zoned[i]
	}
	return ""
}
