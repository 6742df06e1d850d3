package warehouse

import (
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/google/go-cmp/cmp"
)

// Values are read into the same place, row after row: nothing of one may be left in the next.
func TestColumnsAreReadAsTextNumberOrNothing(t *testing.T) {
	text, number := "red", 1.5
	for kind, tt := range map[string]struct{ values, want []any }{
		"String":                           {[]any{"red", "", "blue"}, []any{"red", "", "blue"}},
		"Nullable(String)":                 {[]any{text, nil, text}, []any{"red", nil, "red"}},
		"LowCardinality(String)":           {[]any{"red", "blue", "red"}, []any{"red", "blue", "red"}},
		"LowCardinality(Nullable(String))": {[]any{"red", nil, "red"}, []any{"red", nil, "red"}},
		"Enum8('red' = 1, 'blue' = 2)":     {[]any{"red", "blue"}, []any{"red", "blue"}},
		"FixedString(3)":                   {[]any{"red"}, []any{"red"}},
		"Float64":                          {[]any{1.5, 0., -2.}, []any{1.5, 0., -2.}},
		"Nullable(Float64)":                {[]any{number, nil, 0.}, []any{1.5, nil, 0.}},
		"Float32":                          {[]any{float32(0.5)}, []any{0.5}},
		"UInt8":                            {[]any{uint8(0), uint8(255)}, []any{0., 255.}},
		"Nullable(UInt8)":                  {[]any{uint8(7), nil}, []any{7., nil}},
		"UInt64":                           {[]any{uint64(460105001)}, []any{460105001.}},
		"Nullable(UInt64)":                 {[]any{uint64(1), nil, uint64(3)}, []any{1., nil, 3.}},
		"Int64":                            {[]any{int64(-5)}, []any{-5.}},
		"Bool":                             {[]any{true, false}, []any{1., 0.}},
	} {
		t.Run(kind, func(t *testing.T) {
			col, err := column.Type(kind).Column("c", &column.ServerContext{Timezone: time.UTC})
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range tt.values {
				if err := col.AppendRow(v); err != nil {
					t.Fatal(err)
				}
			}
			col.Encode(&proto.Buffer{}) // only then is one of few values complete
			s := newScanner(col.ScanType())
			var got []any
			f := make([]field, 1)
			for i := range tt.values {
				if err := col.ScanRow(s.dest, i); err != nil {
					t.Fatal(err)
				}
				if err := s.read(&f[0]); err != nil {
					t.Fatal(err)
				}
				got = append(got, rowOf(f)...)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatCannotBeShownIsRefused(t *testing.T) {
	col, err := column.Type("Date").Column("c", &column.ServerContext{Timezone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	if err := col.AppendRow("2026-03-15"); err != nil {
		t.Fatal(err)
	}
	s := newScanner(col.ScanType())
	if err := col.ScanRow(s.dest, 0); err != nil {
		t.Fatal(err)
	}
	if err := s.read(&field{}); err == nil || !strings.Contains(err.Error(), "type time.Time cannot be shown") {
		t.Errorf("a date: %v", err)
	}
}
