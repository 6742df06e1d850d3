package intake

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"liaowang/queries"
)

// storedTypes asks ClickHouse for the types of the contract's columns.
func (c *contract) storedTypes(ctx context.Context, conn driver.Conn) ([]string, error) {
	rows, err := conn.Query(ctx, "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String}", clickhouse.Named("table", c.table.Name))
	if err != nil {
		return nil, fmt.Errorf("columns of %s: %w", c.table.Name, err)
	}
	defer rows.Close()
	types := make([]string, len(c.fields))
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			return nil, fmt.Errorf("columns of %s: %w", c.table.Name, err)
		}
		if i := c.place(name); i >= 0 {
			types[i] = kind
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("columns of %s: %w", c.table.Name, err)
	}
	for i, t := range types {
		if t == "" {
			return nil, fmt.Errorf("table %s has no column %s: the schema is older than this program; start liaowang up or aggregate, which bring it up to date", c.table.Name, c.fields[i].Name)
		}
	}
	return types, nil
}

// append gives a column of the picked rows to a batch.
func (f *field) append(b driver.BatchColumn, stored string, k *chunk, at int, picked []int) error {
	stored, _ = strings.CutPrefix(stored, "Nullable(")
	stored, _, _ = strings.Cut(stored, "(")
	stored = strings.TrimSuffix(stored, ")")
	nums := k.nums[at]
	var nulls []bool
	if f.Optional {
		nulls = k.nulls[at]
	}
	if f.Name == versionField.Name && f.Type == queries.FieldCount {
		nulls = nil // intake has given rows without one the delivery's
	}
	switch stored {
	case "String":
		return give(b, nulls, picked, func(n int) string { return k.texts[at][n] })
	case "UInt8":
		return give(b, nulls, picked, func(n int) uint8 { return uint8(nums[n]) })
	case "UInt16":
		return give(b, nulls, picked, func(n int) uint16 { return uint16(nums[n]) })
	case "UInt32":
		return give(b, nulls, picked, func(n int) uint32 { return uint32(nums[n]) })
	case "UInt64":
		return give(b, nulls, picked, func(n int) uint64 { return nums[n] })
	case "Float64":
		return give(b, nulls, picked, func(n int) float64 { return math.Float64frombits(nums[n]) })
	case "Bool":
		return give(b, nulls, picked, func(n int) bool { return nums[n] != 0 })
	case "Date":
		return give(b, nulls, picked, func(n int) time.Time { return time.Unix(int64(nums[n])*86400, 0).UTC() })
	case "DateTime64":
		return give(b, nulls, picked, func(n int) int64 { return int64(nums[n]) })
	case "Enum8":
		return give(b, nulls, picked, func(n int) int8 { return int8(nums[n]) })
	case "Array":
		names := make([]string, len(f.codes)+1)
		for name, code := range f.codes {
			if isASCII(name) {
				names[code] = name
			}
		}
		return give(b, nil, picked, func(n int) []string {
			list := make([]string, nums[n]>>56)
			for i := range list {
				list[i] = names[nums[n]>>(8*i)&0xff]
			}
			return list
		})
	}
	return fmt.Errorf("type %s of ClickHouse is not known to intake", stored)
}

// isASCII tells a code from its Chinese name.
func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}

// give appends values at once; ones that may be absent go as pointers.
func give[T any](b driver.BatchColumn, nulls []bool, picked []int, value func(n int) T) error {
	values := make([]T, len(picked))
	for i, n := range picked {
		values[i] = value(n)
	}
	if nulls == nil {
		return b.Append(values)
	}
	pointers := make([]*T, len(picked))
	for i, n := range picked {
		if !nulls[n] {
			pointers[i] = &values[i]
		}
	}
	return b.Append(pointers)
}

// regions are the codes that the province knows.
type regions struct {
	known    map[uint64]bool
	villages bool
}

func readRegions(ctx context.Context, conn driver.Conn) (*regions, error) {
	rows, err := conn.Query(ctx, "SELECT code, level = 'village' FROM regions FINAL")
	if err != nil {
		return nil, fmt.Errorf("regions: %w", err)
	}
	defer rows.Close()
	r := &regions{known: map[uint64]bool{}}
	for rows.Next() {
		var code uint64
		var village uint8
		if err := rows.Scan(&code, &village); err != nil {
			return nil, fmt.Errorf("regions: %w", err)
		}
		r.known[code] = true
		r.villages = r.villages || village != 0
	}
	return r, rows.Err()
}

// village says what is wrong with a village's code. Where the province has loaded
// no villages, its township decides; where it has no regions at all, nothing does.
func (r *regions) village(code uint64) string {
	switch {
	case len(r.known) == 0 || r.known[code] || !r.villages && r.known[code/1000]:
		return ""
	case r.villages:
		return "is no village of table regions"
	}
	return "is in no township of table regions"
}

func (r *regions) region(code uint64) string {
	if len(r.known) == 0 || r.known[code] || code >= 1e11 && r.village(code) == "" {
		return ""
	}
	return "is no region of table regions"
}
