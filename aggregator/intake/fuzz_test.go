package intake

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"liaowang/queries"
)

// fuzz reads a file as a delivery does, up to where rows would land: whatever the
// file holds, nothing panics, every row is good or bad, and memory stays bounded.
func fuzz(t *testing.T, c *contract, f Format, content []byte) {
	if len(content) > 1<<20 {
		return
	}
	var err error
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var reader rowReader
	if f == Parquet {
		reader, err = newParquet(bytes.NewReader(content), int64(len(content)), c)
	} else {
		var plain io.Reader
		var done func()
		if plain, done, err = decompress(bytes.NewReader(content)); err == nil {
			defer done()
			reader, err = openRows(f, plain, c)
		}
	}
	if err != nil {
		mustRefuse(t, err)
		return
	}
	z := newChunker(c, reader, &Key{make([]byte, keyBytes)}, 1)
	z.rows = 1000
	k := c.newChunk()
	for rounds := 0; !k.last && rounds < 50; rounds++ {
		if err := z.next(k, func(err error) bool { return errors.Is(err, io.EOF) }); err != nil {
			mustRefuse(t, err)
			break
		}
		if k.rows != len(k.good)+k.bad {
			t.Fatalf("%d rows, %d good, %d bad", k.rows, len(k.good), k.bad)
		}
		for i := range c.fields {
			if n := max(len(k.nums[i]), len(k.texts[i])); n != len(k.good) {
				t.Fatalf("column %s has %d values of %d rows", c.fields[i].Name, n, len(k.good))
			}
		}
	}
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 200<<20 {
		t.Fatalf("%d MiB are held", grown>>20)
	}
}

func mustRefuse(t *testing.T, err error) {
	var r *Refusal
	if !errors.As(err, &r) {
		t.Fatalf("%T: %v: a file is refused in words of ours", err, err)
	}
}

func fuzzContract(f *testing.F) *contract {
	s, err := queries.LoadSchema()
	if err != nil {
		f.Fatal(err)
	}
	c, err := newContract(s, "households")
	if err != nil {
		f.Fatal(err)
	}
	return c
}

const fuzzHead = "household,village,type,causes,persons,state,recognised_at,version\n"

func FuzzCSV(f *testing.F) {
	c := fuzzContract(f)
	f.Add([]byte(fuzzHead + "H-1,460105100201,marginal_poor,illness|因残,4,监测中,2026-03-15 10:30:00,1\n"))
	f.Add([]byte("\xef\xbb\xbf" + fuzzHead + "\"a\nb1\",460105100201,\"x\"y,,,,\n"))
	f.Add([]byte("\xff\xfeh\x00o\x00"))
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"))
	f.Add([]byte("\x28\xb5\x2f\xfd\x04\x00\x01\x00\x00"))
	f.Add([]byte("\xbb\xa7\xb1\xe0\xba\xc5,village\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		fuzz(t, c, CSV, content)
		fuzz(t, c, CSV, append([]byte(fuzzHead), content...))
	})
}

func FuzzNDJSON(f *testing.F) {
	c := fuzzContract(f)
	row := `{"household":"H-1","village":460105100201,"type":"marginal_poor","causes":["illness"],"persons":4,"state":"monitored","recognised_at":"2026-03-15 10:30:00"}` + "\n"
	f.Add([]byte(row))
	f.Add([]byte(`{"household":{"a":[1e400,{}]},"village":null}`))
	f.Add([]byte(`{"household":"\ud800","household":1}`))
	f.Add([]byte("[1]\n{}\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		fuzz(t, c, NDJSON, content)
		fuzz(t, c, NDJSON, append([]byte(row), content...))
	})
}

func FuzzParquet(f *testing.F) {
	c := fuzzContract(f)
	type household struct {
		Household  int64     `parquet:"household"`
		Village    float64   `parquet:"village"`
		Type       string    `parquet:"type,dict"`
		Causes     []string  `parquet:"causes,list"`
		Persons    *int32    `parquet:"persons,optional"`
		State      string    `parquet:"state"`
		Recognised time.Time `parquet:"recognised_at,timestamp(microsecond)"`
	}
	four := int32(4)
	for _, codec := range []parquet.WriterOption{parquet.Compression(&parquet.Uncompressed), parquet.Compression(&parquet.Snappy), parquet.Compression(&parquet.Zstd)} {
		for _, version := range []int{1, 2} {
			var b bytes.Buffer
			w := parquet.NewGenericWriter[household](&b, codec, parquet.DataPageVersion(version))
			if _, err := w.Write([]household{{1, 460105100201, "marginal_poor", []string{"illness", "因残"}, &four, "monitored", time.UnixMilli(1)}, {}}); err != nil {
				f.Fatal(err)
			}
			if err := w.Close(); err != nil {
				f.Fatal(err)
			}
			f.Add(b.Bytes())
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) { fuzz(t, c, Parquet, content) })
}
