package warehouse

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/pressly/goose/v3"
)

// Migrate brings the database to the newest of the numbered migrations. Each is
// applied once; a run that was cut off is simply run again. It refuses a
// database that a newer binary has migrated.
func (w *Warehouse) Migrate(ctx context.Context, migrations fs.FS) error {
	o := *w.options
	o.Auth.Database = w.database
	db := clickhouse.OpenDB(&o)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectClickHouse, db, migrations)
	if err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	have, err := provider.GetDBVersion(ctx)
	if err != nil {
		return w.fail("schema version", err)
	}
	sources := provider.ListSources()
	if newest := sources[len(sources)-1].Version; have > newest {
		return fmt.Errorf("schema: database %s on %s is at version %d, this binary knows versions up to %d: use the newer binary that migrated it", w.database, w.Address(), have, newest)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	return nil
}
