package warehouse

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/pressly/goose/v3"

	"liaowang/queries"
)

// patience bounds each statement that writes all rows of a table anew.
const patience = time.Hour

// patient are the options of connections for such statements.
func (w *Warehouse) patient(comment string) *clickhouse.Options {
	o := *w.options
	o.Auth.Database = w.database
	o.Settings = maps.Clone(w.settings)
	maps.Copy(o.Settings, clickhouse.Settings{"log_comment": "liaowang:" + comment, "max_execution_time": int(patience.Seconds())})
	o.ReadTimeout = patience
	return &o
}

// Migrate brings the database to the newest of the numbered migrations. Each is
// applied once; a run that was cut off is simply run again. Then the views are made
// as this binary has them. It refuses a database that a newer binary has migrated.
func (w *Warehouse) Migrate(ctx context.Context, migrations fs.FS) error {
	db := clickhouse.OpenDB(w.patient("schema")) // a migration may write rows anew, of which there are many
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
	views, err := fs.Glob(migrations, queries.ViewsFolder+"/*.sql")
	if err != nil {
		return err
	}
	for _, name := range views {
		statement, err := fs.ReadFile(migrations, name)
		if err != nil {
			return err
		}
		if err := w.define(ctx, name, string(statement)); err != nil {
			return err
		}
	}
	return nil
}

// define runs a statement that makes a view.
func (w *Warehouse) define(ctx context.Context, name, statement string) error {
	ctx, cancel := w.context(ctx, name, nil)
	defer cancel()
	return w.fail(name, w.conn.Exec(ctx, statement))
}
