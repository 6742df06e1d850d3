package intake

import (
	"errors"
	"io"
	"strings"
	"testing"

	"liaowang/queries"
)

// A chunk of rows that lack everything holds no more than one of good rows.
func TestFlawsAreBoundedAsRowsAre(t *testing.T) {
	s, err := queries.LoadSchema()
	if err != nil {
		t.Fatal(err)
	}
	c, err := newContract(s, "rural_households")
	if err != nil {
		t.Fatal(err)
	}
	var head []string
	for i := range c.fields {
		head = append(head, c.fields[i].Name)
	}
	body := strings.Repeat(strings.Repeat(",", len(head)-1)+"\n", 3*chunkRows)
	reader, err := openRows(CSV, strings.NewReader(strings.Join(head, ",")+"\n"+body), c)
	if err != nil {
		t.Fatal(err)
	}
	z := newChunker(c, reader, &Key{make([]byte, keyBytes)}, 1)
	k, rows := c.newChunk(), 0
	for !k.last {
		if err := z.next(k, func(err error) bool { return errors.Is(err, io.EOF) }); err != nil {
			t.Fatal(err)
		}
		if most := chunkBytes/flawBytes + len(head); len(k.flaws) > most {
			t.Fatalf("a chunk of %d rows has %d flaws", k.rows, len(k.flaws))
		}
		rows += k.rows
	}
	if rows != 3*chunkRows {
		t.Errorf("%d rows", rows)
	}
}
