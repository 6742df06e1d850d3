package engine

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"net"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

var compressions = map[string]*clickhouse.Compression{
	"none":    nil,
	"lz4":     {Method: clickhouse.CompressionLZ4},
	"zstd":    {Method: clickhouse.CompressionZSTD, Level: 1},
	"gzip":    {Method: clickhouse.CompressionGZIP, Level: 1},
	"deflate": {Method: clickhouse.CompressionDeflate, Level: 1},
	"brotli":  {Method: clickhouse.CompressionBrotli, Level: 1},
}

func compressed(c *clickhouse.Compression) func(*clickhouse.Options) {
	return func(o *clickhouse.Options) {
		o.Compression = c
		o.Settings = clickhouse.Settings{"enable_http_compression": 1}
	}
}

func TestClientCompressions(t *testing.T) {
	p := sharedEngine(t)
	ctx := context.Background()
	for name, c := range compressions {
		t.Run(name, func(t *testing.T) {
			conn := dial(t, p, compressed(c))
			if err := conn.Ping(ctx); err != nil {
				t.Fatal(err)
			}
			if err := conn.Exec(ctx, "CREATE OR REPLACE TABLE compression (n UInt64, s LowCardinality(String)) ENGINE = MergeTree ORDER BY n"); err != nil {
				t.Fatal(err)
			}
			batch, err := conn.PrepareBatch(ctx, "INSERT INTO compression")
			if err != nil {
				t.Fatal(err)
			}
			const rows = 30_000
			for i := range uint64(rows) {
				if err := batch.Append(i, fmt.Sprint(i%7)); err != nil {
					t.Fatal(err)
				}
			}
			if err := batch.Send(); err != nil {
				t.Fatal(err)
			}
			got, err := conn.Query(ctx, "SELECT n, s FROM compression ORDER BY n")
			if err != nil {
				t.Fatal(err)
			}
			defer got.Close()
			var want uint64
			for ; got.Next(); want++ {
				var n uint64
				var s string
				if err := got.Scan(&n, &s); err != nil {
					t.Fatal(err)
				}
				if n != want || s != fmt.Sprint(n%7) {
					t.Fatalf("row %d is %d, %q", want, n, s)
				}
			}
			if err := got.Err(); err != nil || want != rows {
				t.Errorf("%d rows, %v", want, err)
			}
			var ex *clickhouse.Exception
			if err := conn.Exec(ctx, "SELECT * FROM no_such_table"); !errors.As(err, &ex) || ex.Code != 60 {
				t.Errorf("exec: %v", err)
			}
			if _, err := conn.Query(ctx, "SELECT throwIf(1)"); !errors.As(err, &ex) || ex.Code != 395 {
				t.Errorf("query: %v", err)
			}
		})
	}
}

func TestClientSeesAnErrorWithinAStream(t *testing.T) {
	p := sharedEngine(t)
	for name, c := range compressions {
		t.Run(name, func(t *testing.T) {
			// Rows that do not compress, so that every encoding gets past what
			// is held back.
			rows, err := dial(t, p, compressed(c)).Query(context.Background(),
				"SELECT number, randomString(4), throwIf(number = 300000) FROM numbers(400000) SETTINGS max_threads = 1, max_block_size = 10000")
			if err != nil {
				t.Fatalf("not a stream: %v", err)
			}
			defer rows.Close()
			n := 0
			for rows.Next() {
				n++
			}
			err = rows.Err()
			if err == nil {
				t.Fatalf("%d rows and no error", n)
			}
			var ex *clickhouse.Exception
			if !errors.As(err, &ex) || ex.Code != 395 {
				t.Logf("after %d rows the client saw only: %v", n, err)
				if c == nil {
					t.Error("without compression the exception must be seen")
				}
			}
		})
	}
}

// everyType is a row with all the types that the product uses.
type everyType struct {
	U64  uint64                      `ch:"u64"`
	LC   string                      `ch:"lc"`
	LN   *string                     `ch:"ln"`
	N    *int64                      `ch:"n"`
	A    []string                    `ch:"a"`
	AN   []*int32                    `ch:"an"`
	AA   [][]uint8                   `ch:"aa"`
	AL   []string                    `ch:"al"`
	M    map[string]uint64           `ch:"m"`
	ML   map[string][]string         `ch:"ml"`
	E    string                      `ch:"e"`
	D    decimal.Decimal             `ch:"d"`
	D128 decimal.Decimal             `ch:"d128"`
	DT   time.Time                   `ch:"dt"`
	DT64 time.Time                   `ch:"dt64"`
	Date time.Time                   `ch:"date"`
	D32  time.Time                   `ch:"d32"`
	FS   string                      `ch:"fs"`
	ID   uuid.UUID                   `ch:"id"`
	T    map[string]any              `ch:"t"`
	B    bool                        `ch:"b"`
	F    float64                     `ch:"f"`
	I128 *big.Int                    `ch:"i128"`
	IP4  net.IP                      `ch:"ip4"`
	IP6  net.IP                      `ch:"ip6"`
	SA   uint64                      `ch:"sa"`
	Deep map[string]map[string]*int8 `ch:"deep"`
}

func TestClientTypes(t *testing.T) {
	p := sharedEngine(t)
	ctx := context.Background()
	conn := dial(t, p)
	err := conn.Exec(ctx, `CREATE OR REPLACE TABLE types (
		u64 UInt64, lc LowCardinality(String), ln LowCardinality(Nullable(String)), n Nullable(Int64),
		a Array(String), an Array(Nullable(Int32)), aa Array(Array(UInt8)), al Array(LowCardinality(String)),
		m Map(String, UInt64), ml Map(LowCardinality(String), Array(LowCardinality(String))),
		e Enum8('红' = -1, 'it''s' = 2), d Decimal(18, 4), d128 Decimal(38, 10),
		dt DateTime('Asia/Shanghai'), dt64 DateTime64(6, 'Asia/Shanghai'), date Date, d32 Date32,
		fs FixedString(4), id UUID, t Tuple(x Int8, y String), b Bool, f Float64, i128 Int128,
		ip4 IPv4, ip6 IPv6, sa SimpleAggregateFunction(sum, UInt64), deep Map(String, Map(String, Nullable(Int8)))
	) ENGINE = MergeTree ORDER BY u64`)
	if err != nil {
		t.Fatal(err)
	}
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	text, number, small, tiny := "海口", int64(-5), int32(7), int8(-1)
	full := everyType{
		U64: 1<<64 - 1, LC: "三沙", LN: &text, N: &number, A: []string{"", "a\x00b", "'"}, AN: []*int32{nil, &small},
		AA: [][]uint8{{1, 2}, {}, {3}}, AL: []string{"x", "y", "x"}, M: map[string]uint64{"k": 1, "": 2},
		ML: map[string][]string{"k": {"v", "w"}}, E: "it's", D: decimal.RequireFromString("-12345678901234.5678"),
		D128: decimal.RequireFromString("1234567890123456789012345678.0123456789"),
		DT:   time.Date(2026, 2, 28, 23, 59, 59, 0, shanghai), DT64: time.Date(2026, 3, 1, 0, 0, 0, 123456000, shanghai),
		Date: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), D32: time.Date(1925, 1, 2, 0, 0, 0, 0, time.UTC),
		FS: "ab\x00c", ID: uuid.MustParse("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), T: map[string]any{"x": int8(-3), "y": "z"},
		B: true, F: 0.1, I128: new(big.Int).Neg(new(big.Int).Lsh(big.NewInt(1), 100)),
		IP4: net.IPv4(10, 0, 0, 1).To4(), IP6: net.ParseIP("2001:db8::1"), SA: 9,
		Deep: map[string]map[string]*int8{"o": {"i": &tiny, "null": nil}},
	}
	empty := full
	empty.U64, empty.LC, empty.LN, empty.N, empty.E = 0, "", nil, nil, "红"
	empty.A, empty.AN, empty.AA, empty.AL = []string{}, []*int32{}, [][]uint8{}, []string{}
	empty.M, empty.ML, empty.Deep = map[string]uint64{}, map[string][]string{}, map[string]map[string]*int8{}
	want := []everyType{empty, full}
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO types")
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if err := batch.AppendStruct(&want[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
	var got []everyType
	if err := conn.Select(ctx, &got, "SELECT * FROM types ORDER BY u64"); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d rows", len(got))
	}
	for i := range want {
		g, w := reflect.ValueOf(got[i]), reflect.ValueOf(want[i])
		for f := range g.NumField() {
			if a, b := g.Field(f).Interface(), w.Field(f).Interface(); !same(a, b) {
				t.Errorf("row %d, %s: got %#v, want %#v", i, g.Type().Field(f).Name, a, b)
			}
		}
	}
	if err := conn.Select(ctx, &got, "SELECT * FROM types WHERE u64 = 5"); err != nil {
		t.Errorf("no rows: %v", err)
	}
	var ex *clickhouse.Exception
	if _, err := conn.Query(ctx, "SELECT uniqState(1)"); !errors.As(err, &ex) || ex.Code != codeNotImplemented {
		t.Errorf("a type that the client cannot read: %v", err)
	}
}

func same(a, b any) bool {
	switch a := a.(type) {
	case time.Time:
		b := b.(time.Time)
		// A Date has no zone of its own; the client gives it the server's.
		return a.Equal(b) && (a.Location().String() == b.Location().String() || b.Location() == time.UTC)
	case decimal.Decimal:
		return a.Equal(b.(decimal.Decimal))
	case *big.Int:
		return a.Cmp(b.(*big.Int)) == 0
	case net.IP:
		return a.Equal(b.(net.IP))
	}
	return reflect.DeepEqual(a, b)
}

func TestClientParameters(t *testing.T) {
	p := sharedEngine(t)
	conn := dial(t, p)
	for _, s := range []string{"", "'", `\`, `\'`, `\\n`, "a\nb\tc\r", "\x00", "{x:String}", "'; DROP TABLE t; --", "`\"", "海南 %s ?", "\\N",
		strings.Repeat("长", 5000), "&a=b+c%20", "/* */ -- #"} {
		var got string
		if err := conn.QueryRow(context.Background(), "SELECT {s:String}", clickhouse.Named("s", s)).Scan(&got); err != nil || got != s {
			t.Errorf("%q came back as %q, %v", s, got, err)
		}
		if err := conn.QueryRow(context.Background(), "SELECT ?", s).Scan(&got); err != nil || got != s {
			t.Errorf("bound %q came back as %q, %v", s, got, err)
		}
	}
	var n *string
	if err := conn.QueryRow(context.Background(), "SELECT {s:Nullable(String)}", clickhouse.Named("s", nil)).Scan(&n); err != nil || n != nil {
		t.Errorf("NULL came back as %v, %v", n, err)
	}
	var sum uint64
	if err := conn.QueryRow(context.Background(), "SELECT arraySum({a:Array(UInt8)})", clickhouse.Named("a", []uint16{1, 2, 3})).Scan(&sum); err != nil || sum != 6 {
		t.Errorf("array: %d, %v", sum, err)
	}
}

func TestClientSettingsAndDatabase(t *testing.T) {
	p := sharedEngine(t)
	ctx := context.Background()
	conn := dial(t, p, func(o *clickhouse.Options) {
		o.Auth.Database, o.Auth.Username, o.Auth.Password = "system", "default", "any"
		o.Settings = clickhouse.Settings{"max_execution_time": 10}
	})
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"log_comment": "it's"}), clickhouse.WithQueryID("q"))
	var database, comment string
	if err := conn.QueryRow(ctx, "SELECT currentDatabase(), getSetting('log_comment')").Scan(&database, &comment); err != nil || database != "system" || comment != "it's" {
		t.Errorf("%q, %q, %v", database, comment, err)
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"max_execution_time": 0.2}))
	var ex *clickhouse.Exception
	if err := conn.Exec(ctx, "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"); !errors.As(err, &ex) || ex.Code != 159 {
		t.Errorf("time limit: %v", err)
	}
}

func TestClientConcurrently(t *testing.T) {
	p := sharedEngine(t)
	conn := dial(t, p, func(o *clickhouse.Options) { o.MaxOpenConns, o.MaxIdleConns = 16, 16 })
	var group sync.WaitGroup
	for g := range 16 {
		group.Go(func() {
			for i := range 10 {
				var got uint64
				err := conn.QueryRow(context.Background(), "SELECT sum(number) + {g:UInt64} FROM numbers({n:UInt64})",
					clickhouse.Named("g", g), clickhouse.Named("n", i+1)).Scan(&got)
				if want := uint64(i*(i+1)/2 + g); err != nil || got != want {
					t.Errorf("got %d, want %d, %v", got, want, err)
				}
			}
		})
	}
	group.Wait()
}

func TestClientCancels(t *testing.T) {
	p := sharedEngine(t)
	conn := dial(t, p)
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	started := time.Now()
	if err := conn.Exec(ctx, "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 2"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(started); took > 3*time.Second {
		t.Errorf("took %v", took)
	}
	eventually(t, "the query is gone", func() bool {
		return post(t, p, "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64(number) = 2%' AND query NOT LIKE '%processes%'").body == "0\n"
	})
}
