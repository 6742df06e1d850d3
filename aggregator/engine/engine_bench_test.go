package engine

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// BenchmarkPointQuery is the time of the smallest question.
func BenchmarkPointQuery(b *testing.B) {
	p := sharedEngine(b)
	conn := dial(b, p)
	var v uint8
	for b.Loop() {
		if err := conn.QueryRow(context.Background(), "SELECT {v:UInt8}", clickhouse.Named("v", 7)).Scan(&v); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInsert10k inserts ten thousand rows in a batch.
func BenchmarkInsert10k(b *testing.B) {
	p := sharedEngine(b)
	ctx := context.Background()
	conn := dial(b, p)
	if err := conn.Exec(ctx, "CREATE OR REPLACE TABLE bench (n UInt64, s LowCardinality(String), d DateTime64(3, 'Asia/Shanghai')) ENGINE = MergeTree ORDER BY n"); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		batch, err := conn.PrepareBatch(ctx, "INSERT INTO bench")
		if err != nil {
			b.Fatal(err)
		}
		for i := range 10_000 {
			if err := batch.Append(uint64(i), "海口", int64(i)); err != nil {
				b.Fatal(err)
			}
		}
		if err := batch.Send(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSelect1M reads a million rows of three columns with the client, and
// as plain text.
func BenchmarkSelect1M(b *testing.B) {
	p := sharedEngine(b)
	const query = "SELECT number, toString(number) AS s, toLowCardinality(toString(number % 100)) AS l FROM numbers(1000000)"
	b.Run("client", func(b *testing.B) {
		conn := dial(b, p)
		for b.Loop() {
			rows, err := conn.Query(context.Background(), query)
			if err != nil {
				b.Fatal(err)
			}
			n := 0
			for rows.Next() {
				n++
			}
			if err := rows.Err(); err != nil || n != 1_000_000 {
				b.Fatal(n, err)
			}
			rows.Close()
		}
	})
	b.Run("tsv", func(b *testing.B) {
		for b.Loop() {
			response, err := http.Post(p.URL()+"/", "", strings.NewReader(query))
			if err != nil {
				b.Fatal(err)
			}
			n, err := io.Copy(io.Discard, response.Body)
			response.Body.Close()
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(n)
		}
	})
}
