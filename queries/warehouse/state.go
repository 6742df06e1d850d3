package warehouse

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Fingerprint says in what state a table's data is: it changes when rows
// arrive, change or go, and only then.
type Fingerprint struct {
	LastBlock, LastMutation, FirstBlock int64
	Folder                              uint64
	// Blocks counts those of a replicated table; its merges may change it, too.
	Blocks int64
	// Shards holds the fingerprints of all shards of a cluster, in words; the other
	// fields are 0 then.
	Shards string
}

// Fingerprints reads the state of the tables from ClickHouse's own books,
// without touching their rows. A table with no rows is absent.
func (w *Warehouse) Fingerprints(ctx context.Context, tables []string) (map[string]Fingerprint, error) {
	ctx, cancel := w.context(ctx, "fingerprint", nil)
	defer cancel()
	rows, err := w.conn.Query(ctx, statement("fingerprint"), clickhouse.Named("database", w.database), clickhouse.Named("tables", tables))
	if err != nil {
		return nil, w.fail("fingerprint", err)
	}
	defer rows.Close()
	found := map[string]Fingerprint{}
	for rows.Next() {
		var table string
		var f Fingerprint
		if err := rows.Scan(&table, &f.LastBlock, &f.LastMutation, &f.FirstBlock, &f.Folder, &f.Blocks); err != nil {
			return nil, w.fail("fingerprint", err)
		}
		found[table] = f
	}
	return found, w.fail("fingerprint", rows.Err())
}

// Fingerprints reads the state of the live tables on the servers that the cut takes
// them from, and fails unless every shard has told its own.
func (c *Cut) Fingerprints(ctx context.Context, tables []string) (map[string]Fingerprint, error) {
	if c.w.cluster == "" {
		return c.w.Fingerprints(ctx, tables)
	}
	local := slices.Clone(tables)
	for i := range local {
		local[i] += c.suffix
	}
	told := make([]map[string]Fingerprint, len(c.shards))
	err := c.each(ctx, func(ctx context.Context, i int, shard *Warehouse) (err error) {
		told[i], err = shard.Fingerprints(ctx, local)
		return err
	})
	if err != nil {
		return nil, err
	}
	found := map[string]Fingerprint{}
	for i, states := range told {
		for table, f := range states {
			table = strings.TrimSuffix(table, c.suffix)
			found[table] = Fingerprint{Shards: found[table].Shards + fmt.Sprintf("%d: %v; ", i, f)}
		}
	}
	return found, nil
}

// Demo reports whether rows of the demo province are among the data.
func (c *Cut) Demo(ctx context.Context) (bool, error) {
	var demo atomic.Bool
	err := c.each(ctx, func(ctx context.Context, _ int, shard *Warehouse) error {
		found, err := shard.flag(ctx, "demo", names{"table": "demo_province" + c.suffix})
		if found {
			demo.Store(true)
		}
		return err
	})
	return demo.Load(), err
}
