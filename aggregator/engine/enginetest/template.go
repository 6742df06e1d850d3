package enginetest

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"liaowang/aggregator/engine"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// Template is the data of an engine, which is made for the first test that takes a copy.
// A copy is there in a tenth of the time that it takes to make all tables.
type Template struct {
	// Fill gets the URL of an engine that is empty.
	Fill func(ctx context.Context, url string) error

	once   sync.Once
	folder string
	err    error
}

// Start starts an engine on a copy and a free port; it ends with the test.
func (t *Template) Start(tb testing.TB) *engine.Process {
	tb.Helper()
	t.once.Do(func() {
		if t.folder, t.err = os.MkdirTemp("", "liaowang-template-"); t.err == nil {
			templates.add(t.folder)
			t.err = t.fill()
		}
	})
	folder := tb.TempDir()
	err := t.err
	if err == nil {
		err = Copy(folder, t.folder)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return StartIn(tb, folder)
}

func (t *Template) fill() error {
	ctx := context.Background() // it outlives the test that comes first
	p, err := start(ctx, t.folder)
	if err != nil {
		return err
	}
	if err := t.Fill(ctx, p.URL()); err != nil {
		_ = stop(p) // why it could not be filled says more
		return err
	}
	return stop(p)
}

var migrated = Template{Fill: Migrate}

// StartMigrated starts an engine of the test's own, whose default database has the schema and
// what migrations write, on a free port; it ends with the test. All of them have one history.
func StartMigrated(tb testing.TB) *engine.Process {
	tb.Helper()
	return migrated.Start(tb)
}

// Migrate gives a database the schema.
func Migrate(ctx context.Context, url string) error {
	w, err := warehouse.Open(ctx, warehouse.Options{URL: url})
	if err != nil {
		return err
	}
	defer w.Close()
	return w.Migrate(ctx, queries.Migrations())
}

// Open opens the database at a URL; it is closed with the test.
func Open(tb testing.TB, url string) *warehouse.Warehouse {
	tb.Helper()
	w, err := warehouse.Open(tb.Context(), warehouse.Options{URL: url})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { w.Close() })
	return w
}

// partName is the name of a part's folder.
var partName = regexp.MustCompile(`^[0-9a-z-]+_\d+_\d+_\d+(_\d+)?$`)

// Copy copies the data folder of an engine that is stopped into an empty one. Files of parts,
// which ClickHouse writes once, are linked. Symbolic links are left out: it makes them anew.
func Copy(to, from string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch {
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(to, name), 0o750)
		case !entry.Type().IsRegular():
			return nil
		}
		if partName.MatchString(filepath.Base(filepath.Dir(path))) && os.Link(path, filepath.Join(to, name)) == nil {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), content, 0o640)
	})
}

// folders are those of templates, which end with the binary.
type folders struct {
	mu  sync.Mutex
	all []string
}

var templates folders

func (f *folders) add(folder string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = append(f.all, folder)
}

func (f *folders) remove() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, folder := range f.all {
		if err := os.RemoveAll(folder); err != nil {
			fmt.Fprintln(os.Stderr, "template:", err)
		}
	}
}
