package queries

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

// FieldType is the type of a table's column. It says what a delivery may hold,
// and how ClickHouse stores it.
type FieldType string

// The types of a table's column.
const (
	// FieldKey is a keyed hash (UInt64). A delivery holds the sender's own
	// number of the thing; intake hashes it with the province's key.
	FieldKey FieldType = "key"
	// FieldVillage is a 12-digit village code.
	FieldVillage FieldType = "village"
	// FieldRegion is a code of 6, 9 or 12 digits.
	FieldRegion FieldType = "region"
	// FieldCode is a code of the list that the column names, FieldCodes several.
	FieldCode  FieldType = "code"
	FieldCodes FieldType = "codes"
	// FieldCount is a whole number of things, FieldMoney whole yuan, both at least 0.
	FieldCount FieldType = "count"
	FieldMoney FieldType = "money"
	// FieldNumber is a decimal number.
	FieldNumber FieldType = "number"
	FieldBool   FieldType = "bool"
	FieldYear   FieldType = "year"
	FieldDate   FieldType = "date"
	// FieldTime is a moment, stored in UTC to the millisecond.
	FieldTime FieldType = "time"
	FieldText FieldType = "text"
	// FieldSum is a sum that a rollup keeps.
	FieldSum FieldType = "sum"
)

// Field is a column of a table.
type Field struct {
	Name string    `yaml:"name"`
	Type FieldType `yaml:"type"`
	// Title is the column's name for the people who fill it.
	Title string `yaml:"title"`
	About string `yaml:"about"`
	// Codes names the code list of a FieldCode or FieldCodes.
	Codes string `yaml:"codes"`
	// Optional says that the value may be absent (NULL).
	Optional bool `yaml:"optional"`
	// Default is what an absent value means.
	Default any `yaml:"default"`
	// Min and Max bound a number, or how many codes FieldCodes holds. Max 0
	// means the largest number of the type that stores it: 32 bits for counts,
	// 64 for money.
	Min uint64 `yaml:"min"`
	Max uint64 `yaml:"max"`
	// Zero admits 0 for a region: there is none above.
	Zero bool `yaml:"zero"`
}

// TableKind says how rows of a table follow each other.
type TableKind string

// The kinds of a table.
const (
	// KindState: of all rows with a key, the one with the highest version is the state.
	KindState TableKind = "state"
	// KindEvent: a row is something that happened, and stays.
	KindEvent TableKind = "event"
	// KindRollup: sums that ClickHouse keeps up to date as rows of another table arrive.
	KindRollup TableKind = "rollup"
)

// Table is a table's contract: what intake admits, and what the schema is made of.
type Table struct {
	Name  string `yaml:"-"`
	Title string `yaml:"title"`
	// System is the system of the province that the table belongs to, a code of the list system.
	System string    `yaml:"system"`
	Kind   TableKind `yaml:"kind"`
	About  string    `yaml:"about"`
	// Internal tables are written by the program alone.
	Internal bool `yaml:"internal"`
	// Key names the columns that identify a row.
	Key []string `yaml:"key"`
	// Order is the sorting key where that is not Key.
	Order string `yaml:"order"`
	// Keep is an expression: until when a row is kept. Empty: for good.
	Keep string `yaml:"keep"`
	// Check are further constraints: name CHECK expression.
	Check  []string `yaml:"check"`
	Fields []Field  `yaml:"columns"`
	// From and Select make a rollup: the table that it follows, and the
	// statement that sums it.
	From   string `yaml:"from"`
	Select string `yaml:"select"`
}

// Field finds a column by its name.
func (t *Table) Field(name string) (*Field, bool) {
	i := slices.IndexFunc(t.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return nil, false
	}
	return &t.Fields[i], true
}

// Delivered reports whether departments may deliver rows of the table.
func (t *Table) Delivered() bool { return !t.Internal && t.Kind != KindRollup }

// Schema is every table and view, and the code lists that their columns name.
type Schema struct {
	Tables []Table
	// Views come each after those that it reads.
	Views []View
	Codes map[string][]Code
}

// Table finds a table by its name.
func (s *Schema) Table(name string) (*Table, bool) {
	i := slices.IndexFunc(s.Tables, func(t Table) bool { return t.Name == name })
	if i < 0 {
		return nil, false
	}
	return &s.Tables[i], true
}

// LoadSchema gives the embedded tables, which are read and validated once; nobody may
// change them.
func LoadSchema() (*Schema, error) { return embeddedSchema() }

var embeddedSchema = sync.OnceValues(func() (*Schema, error) { return LoadSchemaFS(files) })

// LoadSchemaFS reads tables from a file system laid out as this package is.
func LoadSchemaFS(fsys fs.FS) (*Schema, error) {
	s := &Schema{Codes: map[string][]Code{}}
	lists, err := fs.ReadFile(fsys, "codes/codes.yaml")
	if err != nil {
		return nil, err
	}
	var errs []error
	if err := yaml.UnmarshalWithOptions(lists, &s.Codes, yaml.Strict()); err != nil {
		errs = append(errs, inFile("codes/codes.yaml", yamlFault(err)))
	}
	names, err := fs.Glob(fsys, "tables/*.yaml")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		t := Table{Name: strings.TrimSuffix(path.Base(name), ".yaml")}
		if err := yaml.UnmarshalWithOptions(text, &t, yaml.Strict()); err != nil {
			errs = append(errs, inFile(name, yamlFault(err)))
			continue
		}
		s.Tables = append(s.Tables, t)
	}
	for i := range s.Tables {
		if err := s.Tables[i].validate(s); err != nil {
			errs = append(errs, fmt.Errorf("tables/%s.yaml: %w", s.Tables[i].Name, err))
		}
	}
	errs = append(errs, s.loadViews(fsys))
	return s, errors.Join(errs...)
}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

func (t *Table) validate(s *Schema) error {
	var errs []error
	need := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	need(nameForm.MatchString(t.Name), "the name must be lower case words joined by _")
	need(t.Title != "" && t.About != "", "title or about is empty")
	need(slices.ContainsFunc(s.Codes["system"], func(c Code) bool { return c.Code == t.System }), "system %q is not in code list system", t.System)
	need(slices.Contains([]TableKind{KindState, KindEvent, KindRollup}, t.Kind), "kind is %q: must be state, event or rollup", t.Kind)
	need(len(t.Key) > 0, "key is empty")
	for _, k := range t.Key {
		f, ok := t.Field(k)
		need(ok && !f.Optional, "key: %s is no column, or an optional one", k)
	}
	if t.Kind == KindRollup {
		from, ok := s.Table(t.From)
		need(ok && from.Kind == KindEvent, "from: %q is no table of events", t.From)
		need(t.Select != "", "select is empty")
	}
	seen := map[string]bool{"version": true, "ingested_at": true}
	for _, f := range t.Fields {
		need(nameForm.MatchString(f.Name) && !seen[f.Name], "column %q: the name is taken, or not lower case words joined by _", f.Name)
		seen[f.Name] = true
		need(f.Title != "" && f.About != "", "column %s: title or about is empty", f.Name)
		switch f.Type {
		case FieldCode, FieldCodes:
			need(len(s.Codes[f.Codes]) > 0, "column %s: code list %q is unknown", f.Name, f.Codes)
		case FieldKey, FieldVillage, FieldRegion, FieldCount, FieldMoney, FieldNumber, FieldBool, FieldYear, FieldDate, FieldTime, FieldText:
		case FieldSum:
			need(t.Kind == KindRollup, "column %s: only a rollup holds sums", f.Name)
		default:
			need(false, "column %s: type %q is unknown; one of %s is expected", f.Name, f.Type, strings.Join(fieldTypes(), ", "))
		}
		need(f.Max == 0 || f.Min <= f.Max, "column %s: min is above max", f.Name)
	}
	return errors.Join(errs...)
}

func fieldTypes() []string {
	return slices.Sorted(maps.Keys(map[string]bool{"key": true, "village": true, "region": true, "code": true, "codes": true, "count": true,
		"money": true, "number": true, "bool": true, "year": true, "date": true, "time": true, "text": true, "sum": true}))
}

func (s *Schema) has(table string) bool { _, ok := s.Table(table); return ok }
