package warehouse_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"liaowang/aggregator/engine/enginetest"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

func TestMigrations(t *testing.T) {
	w := enginetest.Open(t, enginetest.Start(t).URL())
	for range 2 { // a second run finds nothing to do
		if err := w.Migrate(t.Context(), queries.Migrations()); err != nil {
			t.Fatal(err)
		}
	}
	first, err := w.History(t.Context())
	if err != nil || first == "" {
		t.Fatalf("history %q, %v", first, err)
	}

	// A newer binary knows one more; the older one then refuses the database.
	newer := fstest.MapFS{"9999_more.sql": {Data: []byte("-- +goose NO TRANSACTION\n-- +goose Up\nCREATE TABLE more (a UInt8) ENGINE = MergeTree ORDER BY a;\n")}}
	files, err := fs.Glob(queries.Migrations(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := fs.ReadFile(queries.Migrations(), name)
		if err != nil {
			t.Fatal(err)
		}
		newer[name] = &fstest.MapFile{Data: text}
	}
	if err := w.Migrate(t.Context(), newer); err != nil {
		t.Fatal(err)
	}
	err = w.Migrate(t.Context(), queries.Migrations())
	if err == nil || !strings.Contains(err.Error(), "is at version 9999, this binary knows versions up to ") {
		t.Fatalf("an older binary says %v", err)
	}
	if again, err := w.History(t.Context()); err != nil || again != first {
		t.Fatalf("the history went from %q to %q, %v", first, again, err)
	}
}

// TestAMigrationThatWasCutOff: the tables are there, the note of it is not.
func TestAMigrationThatWasCutOff(t *testing.T) {
	w := enginetest.Open(t, enginetest.StartMigrated(t).URL())
	before, err := w.History(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Conn().Exec(t.Context(), "TRUNCATE TABLE goose_db_version"); err != nil {
		t.Fatal(err)
	}
	if err := w.Conn().Exec(t.Context(), "DROP TABLE assets"); err != nil {
		t.Fatal(err)
	}
	if err := w.Migrate(t.Context(), queries.Migrations()); err != nil {
		t.Fatal(err)
	}
	var n uint64
	if err := w.Conn().QueryRow(t.Context(), "SELECT count() FROM assets").Scan(&n); err != nil {
		t.Fatal(err)
	}
	if after, err := w.History(t.Context()); err != nil || after != before {
		t.Fatalf("the history went from %q to %q, %v", before, after, err)
	}
}

func TestATableRefusesWhatItsContractDoesNotKnow(t *testing.T) {
	w := enginetest.Open(t, enginetest.StartMigrated(t).URL())
	insert := func(village, kind, causes, persons string) error {
		return w.Conn().Exec(t.Context(), "INSERT INTO households (household, village, type, causes, persons, state, recognised_at, version) VALUES (1, "+
			village+", "+kind+", "+causes+", "+persons+", 'monitored', 0, 1)")
	}
	for _, tt := range []struct{ village, kind, causes, persons, want string }{
		{"460105100001", "'marginal_poor'", "['illness']", "4", ""},
		{"460105100001", "'poor'", "['illness']", "4", "poor"},
		{"460105100001", "'marginal_poor'", "['bad luck']", "4", "bad luck"},
		{"460105100001", "'marginal_poor'", "[]", "4", "causes_range"},
		{"460105100001", "'marginal_poor'", "['illness']", "0", "persons_range"},
		{"460105", "'marginal_poor'", "['illness']", "4", "village_digits"},
	} {
		err := insert(tt.village, tt.kind, tt.causes, tt.persons)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}

func TestFingerprintsSeeEveryChangeAndNoMerge(t *testing.T) {
	w := enginetest.Open(t, enginetest.StartMigrated(t).URL())
	state := func() warehouse.Fingerprint {
		t.Helper()
		f, err := w.Fingerprints(t.Context(), []string{"leads"})
		if err != nil {
			t.Fatal(err)
		}
		return f["leads"]
	}
	last := state()
	for _, tt := range []struct {
		sql     string
		changes bool
	}{
		{"INSERT INTO leads (lead, village, channel, reported_at, version) VALUES (1, 460105100001, 'other', 0, 1)", true},
		{"INSERT INTO leads (lead, village, channel, reported_at, version) VALUES (1, 460105100001, 'other', 0, 2)", true},
		{"OPTIMIZE TABLE leads FINAL", false},
		{"INSERT INTO workflow (lead, village, stage, entered_at, version) VALUES (1, 460105100001, 'closed', 0, 1)", false},
		{"ALTER TABLE leads DELETE WHERE lead = 1 SETTINGS mutations_sync = 2", true},
		{"INSERT INTO leads (lead, village, channel, reported_at, version) VALUES (2, 460105100001, 'other', 0, 1)", true},
		{"CREATE TABLE other AS leads", false},
		{"INSERT INTO other (lead, village, channel, reported_at, version) VALUES (3, 460105100001, 'other', 0, 1)", false},
		{"EXCHANGE TABLES other AND leads", true},
		{"TRUNCATE TABLE leads", true},
	} {
		if err := w.Conn().Exec(t.Context(), tt.sql); err != nil {
			t.Fatal(err)
		}
		if now := state(); (now != last) != tt.changes {
			t.Errorf("%s: fingerprint went from %+v to %+v", tt.sql, last, now)
		}
		last = state()
	}
}

func TestErrorsNameStatementAndCode(t *testing.T) {
	p := enginetest.Start(t)
	w, err := warehouse.Open(t.Context(), warehouse.Options{URL: p.URL(), QueryTimeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	_, err = w.LastBatch(t.Context()) // before any migration
	var failed *warehouse.Error
	if !errors.As(err, &failed) || failed.Statement != "last_batch" || failed.Code != 60 {
		t.Fatalf("got %v, want statement last_batch with code 60", err)
	}
	for _, url := range []string{"nonsense", "http://user:secret@host:port/x", "http://user:sec/ret@host/x", "http://u:secret#x@host/x", "clickhouse://u:%secret@host", "http://127.0.0.1:1/no`quote"} {
		_, err := warehouse.Open(t.Context(), warehouse.Options{URL: url})
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func named(name string, value any) any { return clickhouse.Named(name, value) }
