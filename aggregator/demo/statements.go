package demo

import (
	"context"
	"embed"
	"fmt"
	"strconv"

	"github.com/ClickHouse/clickhouse-go/v2"
)

//go:embed sql
var sqlFiles embed.FS

// statement is the text of an embedded SQL file, named by its path below sql
// without the ending. A file that is not there is a mistake in this package.
func statement(name string) string {
	text, err := sqlFiles.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic(fmt.Sprintf("demo: statement %s: %v", name, err))
	}
	return string(text)
}

// withKeys hands the range of the demo's keys to a statement as {low:UInt64} and
// {high:UInt64}, and further parameters in pairs of name and value.
func withKeys(ctx context.Context, more clickhouse.Parameters) context.Context {
	parameters := clickhouse.Parameters{
		"low":  strconv.FormatUint(keyLow, 10),
		"high": strconv.FormatUint(keyHigh, 10),
	}
	for name, value := range more {
		parameters[name] = value
	}
	return clickhouse.Context(ctx, clickhouse.WithParameters(parameters))
}
