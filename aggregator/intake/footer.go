package intake

import (
	"bytes"
	"encoding/binary"
	"io"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

const (
	// maxFooter bounds what describes a Parquet file, which is in memory whole.
	maxFooter = 16 << 20
	// maxNesting, maxStructs and maxSchema bound what is made of it: the library
	// descends as deep as the footer says, and a stack that overflows ends the process.
	maxNesting = 32
	maxStructs = 500_000
	maxSchema  = 1_000
)

// checkFooter refuses a file whose footer is not one that a table's columns need.
func checkFooter(r io.ReaderAt, size int64) error {
	var tail [8]byte
	if size < 12 {
		return errParquet
	}
	if _, err := r.ReadAt(tail[:], size-8); err != nil {
		return err
	}
	length := int64(binary.LittleEndian.Uint32(tail[:]))
	if string(tail[4:]) != "PAR1" || length > maxFooter || length > size-12 {
		return errParquet
	}
	footer := make([]byte, length)
	if _, err := r.ReadAt(footer, size-8-length); err != nil {
		return err
	}
	if !shallow(footer) {
		return errParquet
	}
	var m format.FileMetaData
	var protocol thrift.CompactProtocol
	if err := thrift.NewDecoder(protocol.NewReader(bytes.NewReader(footer))).Decode(&m); err != nil || len(m.Schema) > maxSchema || len(m.RowGroups) > maxRowGroups {
		return errParquet
	}
	return nil
}

// shallow walks a struct in Thrift's compact protocol without descending into
// itself, and reports whether it is whole, not nested deeply and not of many parts.
func shallow(b []byte) bool {
	type level struct {
		element byte // type of the elements of a list, 0: the fields of a struct
		left    uint64
	}
	stack := []level{{}}
	structs := 1
	varint := func() (uint64, bool) {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return 0, false
		}
		b = b[n:]
		return v, true
	}
	pass := func(n uint64) bool {
		if n > uint64(len(b)) {
			return false
		}
		b = b[n:]
		return true
	}
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		kind, field := top.element, top.element == 0
		if field {
			if len(b) == 0 {
				return false
			}
			head := b[0]
			b = b[1:]
			if kind = head & 15; kind == 0 {
				stack = stack[:len(stack)-1]
				continue
			}
			if head>>4 == 0 {
				if _, ok := varint(); !ok {
					return false
				}
			}
		} else if top.left == 0 {
			stack = stack[:len(stack)-1]
			continue
		} else {
			top.left--
		}
		ok := true
		switch kind {
		case 1, 2: // a boolean field stands in its type
			ok = field || pass(1)
		case 3:
			ok = pass(1)
		case 4, 5, 6:
			_, ok = varint()
		case 7:
			ok = pass(8)
		case 8:
			var n uint64
			if n, ok = varint(); ok {
				ok = pass(n)
			}
		case 9, 10:
			if len(b) == 0 {
				return false
			}
			head := b[0]
			b = b[1:]
			n := uint64(head >> 4)
			if n == 15 {
				n, ok = varint()
			}
			// Every element takes a byte or more.
			if ok = ok && n <= uint64(len(b)) && (n == 0 || head&15 != 0); ok && n > 0 {
				stack = append(stack, level{head & 15, n})
			}
		case 12:
			structs++
			stack = append(stack, level{})
		case 13:
			ok = pass(16)
		default: // maps are in no footer
			return false
		}
		if !ok || len(stack) > maxNesting || structs > maxStructs {
			return false
		}
	}
	return true
}
