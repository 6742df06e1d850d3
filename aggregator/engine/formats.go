package engine

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// framing says how the output of a format can be put together from the pieces
// in which the engine gives a running SELECT. It formats every piece as if it
// were a whole result.
type framing uint8

const (
	// framedWhole: the format has a beginning and an end around all rows (JSON,
	// Pretty, Parquet ...). Such a result is produced in one piece.
	framedWhole framing = iota
	// framedRows: nothing but rows; the pieces follow each other as they are.
	framedRows
	// framedNames and framedNamesTypes: rows after a head with the names of the
	// columns, or names and types; the head of all pieces but the first is cut.
	framedNames
	framedNamesTypes
)

// framingOf returns how a format is framed. An unknown format is framedWhole,
// which is right for all.
func framingOf(format string) framing {
	f := strings.ToLower(format)
	switch f {
	case "native", "rowbinary", "jsoneachrow", "jsonlines", "ndjson", "jsonstringseachrow",
		"jsoncompacteachrow", "jsoncompactstringseachrow", "tskv", "null", "rawblob", "msgpack",
		"tsv", "tabseparated", "tsvraw", "tabseparatedraw", "csv", "lineasstring":
		return framedRows
	}
	base, names := strings.CutSuffix(f, "withnames")
	if !names {
		var both bool
		if base, both = strings.CutSuffix(f, "withnamesandtypes"); !both {
			return framedWhole
		}
	}
	switch base {
	case "csv", "tsv", "tabseparated", "jsoncompacteachrow", "jsoncompactstringseachrow", "rowbinary":
		if names {
			return framedNames
		}
		return framedNamesTypes
	}
	return framedWhole
}

// headLength returns how many bytes of a piece are its head. A head that ends
// outside the piece is the whole piece.
func headLength(format string, f framing, piece []byte) int {
	lines := 0
	switch f {
	case framedNames:
		lines = 1
	case framedNamesTypes:
		lines = 2
	default:
		return 0
	}
	if name := strings.ToLower(format); strings.HasPrefix(name, "rowbinary") {
		return binaryHead(piece, lines == 2)
	} else if strings.HasPrefix(name, "csv") {
		return csvHead(piece, lines)
	}
	// The other formats escape line breaks in names.
	at := 0
	for ; lines > 0; lines-- {
		i := bytes.IndexByte(piece[at:], '\n')
		if i < 0 {
			return len(piece)
		}
		at += i + 1
	}
	return at
}

func csvHead(piece []byte, lines int) int {
	inQuotes := false
	for i, c := range piece {
		switch {
		case c == '"':
			inQuotes = !inQuotes // a doubled quote turns it twice
		case c == '\n' && !inQuotes:
			if lines--; lines == 0 {
				return i + 1
			}
		}
	}
	return len(piece)
}

func binaryHead(piece []byte, types bool) int {
	count, n := binary.Uvarint(piece)
	if n <= 0 {
		return len(piece)
	}
	if types {
		count *= 2
	}
	at := n
	for ; count > 0; count-- {
		size, n := binary.Uvarint(piece[at:])
		if n <= 0 || size > uint64(len(piece)-at-n) {
			return len(piece)
		}
		at += n + int(size)
	}
	return at
}
