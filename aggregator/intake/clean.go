package intake

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// What tables are called that a delivery needs while it runs: a dry run for the
// hashed keys of its rows, and mending for a chunk.
const (
	comparePrefix = "intake_compare_"
	mendPrefix    = "intake_mend_"
)

// Clean drops tables of deliveries that were killed. Those of deliveries that are
// being taken, by whichever process, stay: their leases are held.
func (in *Intake) Clean(ctx context.Context) error {
	rows, err := in.Conn.Query(ctx, "SELECT name FROM system.tables WHERE database = currentDatabase() AND (startsWith(name, {compare:String}) OR startsWith(name, {mend:String}))",
		clickhouse.Named("compare", comparePrefix), clickhouse.Named("mend", mendPrefix))
	if err != nil {
		return fmt.Errorf("tables that deliveries left: %w", err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return fmt.Errorf("tables that deliveries left: %w", err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("tables that deliveries left: %w", err)
	}
	for _, name := range names {
		used, err := in.used(ctx, leaseOf(name))
		if err != nil {
			return err
		}
		if used {
			continue
		}
		if err := in.Conn.Exec(ctx, "DROP TABLE IF EXISTS "+name+" SYNC"); err != nil {
			return fmt.Errorf("table %s that a delivery left: %w", name, err)
		}
		in.Logger.Info("dropped a table that a delivery left when it was killed", "table", name)
	}
	return nil
}

// leaseOf is the lease under which a table is used: a dry run's own, or that of the
// table whose rollups are mended.
func leaseOf(name string) string {
	mended, ok := strings.CutPrefix(name, mendPrefix)
	if !ok {
		return name
	}
	return mended[:max(0, strings.LastIndexByte(mended, '_'))]
}

// used reports whether anybody holds a lease.
func (in *Intake) used(ctx context.Context, target string) (bool, error) {
	in.mu.Lock()
	mine := in.leases[target] != nil
	in.mu.Unlock()
	if mine {
		return true, nil
	}
	others, err := in.claims(ctx, target)
	for _, c := range others {
		if c.live {
			return true, err
		}
	}
	return false, err
}
