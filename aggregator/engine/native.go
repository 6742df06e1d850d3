package engine

import (
	"bufio"
	"bytes"
	"fmt"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// nativeTranscoder rewrites blocks of the Native format from revision 0, which
// the engine writes, to the revision a client asked for: since then a block
// begins with its info, and every column says whether its serialization is a
// special one.
type nativeTranscoder struct {
	revision uint64
	source   bytes.Reader
	raw      *bufio.Reader
	reader   *chproto.Reader
	out      chproto.Buffer
}

func newNativeTranscoder(revision uint64) *nativeTranscoder {
	t := &nativeTranscoder{revision: revision}
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
	if block.Rows() > 0 {
		return block.Encode(&t.out, t.revision)
	}
	// A block without rows has no data, not even the prefixes that Encode would
	// write for some types.
	if err := block.EncodeHeader(&t.out, t.revision); err != nil {
		return err
	}
	for _, c := range block.Columns {
		t.out.PutString(c.Name())
		t.out.PutString(string(c.Type()))
		if t.revision >= proto.DBMS_MIN_REVISION_WITH_CUSTOM_SERIALIZATION {
			t.out.PutBool(false)
		}
	}
	return nil
}
