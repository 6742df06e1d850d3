package intake

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/parquet-go/parquet-go"

	"liaowang/queries"
)

// A footer whose structs nest as deep as its bytes allow is refused: descending
// into it would end the process.
func TestADeepFooterIsRefused(t *testing.T) {
	s, err := queries.LoadSchema()
	if err != nil {
		t.Fatal(err)
	}
	c, err := newContract(s, "households")
	if err != nil {
		t.Fatal(err)
	}
	for name, footer := range map[string][]byte{
		"structs": bytes.Repeat([]byte{0xfc}, maxFooter-16),
		"lists":   append([]byte{0xf9}, bytes.Repeat([]byte{0x19}, maxFooter-17)...),
		"parts":   append(append([]byte{0x49, 0xfc, 0x80, 0x80, 0x80, 0x04}, make([]byte, 8<<20)...), 0), // 8Mi empty row groups
		"schema":  append(append([]byte{0x29, 0xfc, 0xd0, 0x0f}, bytes.Repeat([]byte{0x48, 0x01, 'a', 0x15, 0x02, 0x00}, 2000)...), 0),
		"cut off": {0x15},
		"no end":  {},
	} {
		b := append([]byte("PAR1"), footer...)
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(footer))), "PAR1"...)
		if _, err := newParquet(bytes.NewReader(b), int64(len(b)), c); err != errParquet {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Footers as writers make them, with statistics and metadata, pass.
func TestFootersOfFilesPass(t *testing.T) {
	type row struct {
		Household string   `parquet:"household,dict"`
		Causes    []string `parquet:"causes,list"`
		Persons   *int32   `parquet:"persons,optional"`
	}
	var b bytes.Buffer
	w := parquet.NewGenericWriter[row](&b, parquet.KeyValueMetadata("writer", "a program"), parquet.MaxRowsPerRowGroup(10))
	for range 500 {
		if _, err := w.Write([]row{{"H-1", []string{"illness"}, nil}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := checkFooter(bytes.NewReader(b.Bytes()), int64(b.Len())); err != nil {
		t.Error(err)
	}
}
