package intake

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"

	"liaowang/queries"
)

// Chunks end at the first of these bounds. Both follow from the file alone.
const (
	chunkRows  = 100_000
	chunkBytes = 16 << 20
	// flawBytes is what a flaw is counted as.
	flawBytes = 64
)

// chunk is some rows of a file, in columns. Every value but text is a number; see
// field.parse.
type chunk struct {
	number int
	// rows is how many rows of the file it holds, good and bad.
	rows int
	// good are the rows that the contract admits: their places in the chunk.
	good  []int32
	lines []uint64 // of good rows
	nums  [][]uint64
	texts [][]string
	nulls [][]bool
	// explicit are the good rows that bring a version of their own.
	explicit []bool
	flaws    []Flaw
	bad      int
	// fingerprint is the hash of the file up to the end of the chunk.
	fingerprint string
	last        bool
	// read is how much of the file has been read so far.
	read int64
}

func (c *contract) newChunk() *chunk {
	return &chunk{nums: make([][]uint64, len(c.fields)), texts: make([][]string, len(c.fields)), nulls: make([][]bool, len(c.fields))}
}

func (k *chunk) reset(number int) {
	k.number, k.rows, k.bad, k.last = number, 0, 0, false
	k.good, k.lines, k.flaws, k.explicit = k.good[:0], k.lines[:0], k.flaws[:0], k.explicit[:0]
	for i := range k.nums {
		clear(k.texts[i])
		k.nums[i], k.texts[i], k.nulls[i] = k.nums[i][:0], k.texts[i][:0], k.nulls[i][:0]
	}
}

// chunker cuts a file into chunks.
type chunker struct {
	contract *contract
	reader   rowReader
	hasher   *hasher
	content  hash.Hash
	row      row
	scratch  []byte
	number   int
	rows     int // of a chunk
	// moment is the version of rows that bring none.
	moment uint64
	values []uint64
	words  []string
	null   []bool
}

func newChunker(c *contract, r rowReader, key *Key, moment uint64) *chunker {
	z := &chunker{contract: c, reader: r, hasher: key.hasher(), content: sha256.New(), moment: moment, rows: chunkRows}
	z.row.cells = make([]cell, len(c.fields))
	z.values, z.words, z.null = make([]uint64, len(c.fields)), make([]string, len(c.fields)), make([]bool, len(c.fields))
	// The same file for another table, or under another key, is another content.
	z.content.Write([]byte(c.table.Name + "\x00" + key.ID()))
	return z
}

// next fills k with the next chunk; k.last says that the file ends with it.
func (z *chunker) next(k *chunk, end func(error) bool) error {
	z.number++
	k.reset(z.number)
	for bytes := 0; k.rows < z.rows && bytes < chunkBytes; {
		err := z.reader.next(&z.row)
		if end(err) {
			k.last = true
			break
		}
		if err != nil {
			return err
		}
		z.note()
		flaws := len(k.flaws)
		z.take(k)
		k.rows++
		// An empty row can have a flaw in every column.
		bytes += z.row.bytes + flawBytes*(len(k.flaws)-flaws)
	}
	k.fingerprint = hex.EncodeToString(z.content.Sum(nil)[:16])
	return nil
}

// note adds the row to the fingerprint.
func (z *chunker) note() {
	b := z.scratch[:0]
	b = append(b, z.row.flaw...)
	for i := range z.row.cells {
		c := &z.row.cells[i]
		n := uint64(len(c.text)) << 2
		if c.here {
			n |= 1
		}
		if c.list { // a column of one value refuses a list of one
			n |= 2
		}
		b = binary.AppendUvarint(b, n)
		b = append(b, c.text...)
	}
	z.content.Write(b)
	z.scratch = b
}

// take validates the row and adds it to the chunk, or its flaws.
func (z *chunker) take(k *chunk) {
	r := &z.row
	if r.flaw != "" {
		k.flaws = append(k.flaws, Flaw{Line: r.line, Reason: r.flaw})
		k.bad++
		return
	}
	before, explicit := len(k.flaws), true
	for i := range z.contract.fields {
		f := &z.contract.fields[i]
		n, text, null, reason := f.parse(r.cells[i], z.hasher)
		if reason != "" {
			k.flaws = append(k.flaws, Flaw{Line: r.line, Column: f.Name, Reason: reason})
			continue
		}
		if i == z.contract.version && null {
			n, null, explicit = z.moment, false, false
		}
		z.values[i], z.words[i], z.null[i] = n, text, null
	}
	if len(k.flaws) == before {
		for _, c := range z.contract.checks {
			if z.values[c.lower] > z.values[c.upper] {
				k.flaws = append(k.flaws, Flaw{Line: r.line, Column: z.contract.fields[c.lower].Name, Reason: c.reason})
			}
		}
	}
	if len(k.flaws) > before {
		k.bad++
		return
	}
	for i := range z.contract.fields {
		f := &z.contract.fields[i]
		if f.Type == queries.FieldText {
			k.texts[i] = append(k.texts[i], z.words[i])
		} else {
			k.nums[i] = append(k.nums[i], z.values[i])
		}
		if f.Optional {
			k.nulls[i] = append(k.nulls[i], z.null[i])
		}
	}
	k.good = append(k.good, int32(k.rows))
	k.lines = append(k.lines, r.line)
	k.explicit = append(k.explicit, explicit)
}

// rowKey is a row's key, comparable.
type rowKey [maxKeyColumns]uint64

// key is the key of the n-th good row.
func (c *contract) key(k *chunk, n int) (key rowKey) {
	for i, place := range c.keys {
		if c.fields[place].Type == queries.FieldText {
			key[i] = wordKey(k.texts[place][n])
		} else {
			key[i] = k.nums[place][n]
		}
	}
	return key
}

// wordKey stands for a text in a key.
func wordKey(s string) uint64 {
	sum := sha256.Sum256([]byte(s))
	return binary.BigEndian.Uint64(sum[:])
}
