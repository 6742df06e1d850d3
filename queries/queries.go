// Package queries holds every question that is asked of ClickHouse, as SQL files
// with headers, and loads and validates them at start:
//
//	tables/    one file a table: its contract, and what its DDL is made of
//	views/     one file a view: what several metrics share
//	schema/    numbered migrations, which say when each table is made
//	metrics/   one file a metric; the file's name is the metric's id
//	checks/    one file a check; the file's name is the check's id
//	codes/     code lists with their names on the glass
//
// A header is the SQL comment that a file begins with; it holds YAML.
package queries

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/goccy/go-yaml"
)

//go:embed tables/*.yaml schema/*.sql schema/cluster/*.sql views/*.sql metrics/*.sql checks/*.sql codes/*.yaml
var files embed.FS

// ColumnType is the type of a metric's column.
type ColumnType string

// The types of a column.
const (
	// TypeCode is a code of the list that the column names; every code of the list has a row.
	TypeCode ColumnType = "code"
	// TypeRegion is the code of a region below the one asked for; every such region has a row.
	TypeRegion ColumnType = "region"
	// TypeText is free text.
	TypeText ColumnType = "text"
	// TypeCount is a number of the column's unit.
	TypeCount ColumnType = "count"
	// TypeMoney is an amount in yuan.
	TypeMoney ColumnType = "money"
	// TypeNumber is a decimal number of the column's unit: a rate, an average.
	TypeNumber ColumnType = "number"
	// TypeDate is a day, as text YYYY-MM-DD.
	TypeDate ColumnType = "date"
)

// IsKey reports whether a column of this type names a row rather than measures.
func (t ColumnType) IsKey() bool { return t == TypeCode || t == TypeRegion || t == TypeDate }

// Column is one column of a metric's frame, in order.
type Column struct {
	Name  string     `yaml:"name" json:"name"`
	Title string     `yaml:"title" json:"title"`
	Type  ColumnType `yaml:"type" json:"type"`
	// Unit stands beside the number: 户, 人, 项, 元. Empty for keys.
	Unit string `yaml:"unit" json:"unit,omitempty"`
	// Codes names the code list of a TypeCode column.
	Codes string `yaml:"codes" json:"codes,omitempty"`
	// Last gives a TypeDate column of places a row for each of the last days,
	// months or years, also where the data has none.
	Last *Span `yaml:"last" json:"last,omitempty"`
	// Ratio of sums, for a column of places that cannot be summed itself. The
	// statement does not return the column.
	Ratio *Ratio `yaml:"ratio" json:"ratio,omitempty"`
}

// Absent says what a row that the data does not hold means.
type Absent string

// What an absent row means.
const (
	AbsentZero    Absent = "zero"    // things are counted: none found is 0
	AbsentMissing Absent = "missing" // a report was due: none found is 缺报
)

// Metric is one question with one SQL file.
type Metric struct {
	ID         string `yaml:"-" json:"id"`
	Title      string `yaml:"title" json:"title"`
	Unit       string `yaml:"unit" json:"unit"`
	Definition string `yaml:"definition" json:"definition"`
	// Policy is the public text that the definition follows.
	Policy string `yaml:"policy" json:"policy"`
	// Source is the system of the province that the rows come from.
	Source string `yaml:"source" json:"source"`
	// Reads names what the statement reads itself: tables and views.
	Reads []string `yaml:"tables" json:"reads"`
	// Tables are all tables that it depends on, those of its views too.
	Tables []string `yaml:"-" json:"tables"`
	// Regions lists the levels that the metric answers for.
	Regions []string `yaml:"regions" json:"regions"`
	Absent  Absent   `yaml:"absent" json:"absent"`
	Columns []Column `yaml:"columns" json:"columns"`
	// Rows are those of RowsRegions by default.
	Rows Rows `yaml:"rows" json:"rows"`
	// Parts are further sums that the statement of places returns after its
	// columns, for ratios; they are not shown.
	Parts []string `yaml:"parts" json:"parts,omitempty"`
	// Note stands on the panel where the figures could be misread (可多选).
	Note string `yaml:"note" json:"note,omitempty"`
	// Refresh defaults to RefreshChange.
	Refresh    Refresh    `yaml:"refresh" json:"refresh"`
	Disclosure Disclosure `yaml:"disclosure" json:"disclosure"`
	// Daily metrics are kept at the end of each day in table daily_figures, for
	// the province and its counties.
	Daily bool `yaml:"daily" json:"daily,omitempty"`
	// SQL returns for all regions at once what Returns says.
	SQL string `yaml:"-" json:"sql"`
	// CutSQL is the statement as a cut takes it: views are tables there.
	CutSQL string `yaml:"-" json:"-"`
	// Line is where the statement begins in its file.
	Line int `yaml:"-" json:"-"`
}

// Column returns the position of the named column, or -1.
func (m *Metric) Column(name string) int {
	return slices.IndexFunc(m.Columns, func(c Column) bool { return c.Name == name })
}

// Gridded reports whether every code of the list or every region below has a row
// in each frame; else the rows are those that the statement returns, in its order.
func (m *Metric) Gridded() bool {
	return (m.Columns[0].Type == TypeCode || m.Columns[0].Type == TypeRegion) && (len(m.Columns) == 1 || !m.Columns[1].Type.IsKey())
}

// Check is one identity that must hold in a batch.
type Check struct {
	ID         string `yaml:"-" json:"id"`
	Title      string `yaml:"title" json:"title"`
	Definition string `yaml:"definition" json:"definition"`
	// Policy is note, warn or hold.
	Policy string `yaml:"policy" json:"policy"`
	// Metrics are the metrics that the identity is about; the SQL reads them
	// by their ids, as tables of their answers with column scope first. Those of Equal
	// need not be listed.
	Metrics []string `yaml:"metrics" json:"metrics"`
	// Equal is the identity of a check that has no statement of its own.
	Equal *Identity `yaml:"equal" json:"equal,omitempty"`
	// Tables are further tables that it reads.
	Tables []string `yaml:"tables" json:"tables,omitempty"`
	// Refresh is that of a metric.
	Refresh Refresh `yaml:"refresh" json:"refresh"`
	// SQL returns one row for each region where the identity fails:
	// region String, words String, expected Float64, actual Float64.
	SQL string `yaml:"-" json:"sql"`
	// Line is where the statement begins in its file.
	Line int `yaml:"-" json:"-"`
}

// unnamed is how a statement takes columns without naming them: *, t.*, f(*), COLUMNS('...'),
// IN "a.metric"; the * of count(*) is none.
var unnamed = regexp.MustCompile("(?i)(\\bselect|\\ball|\\bdistinct|[,.(]|\\*/)\\s*\\*|\\bcolumns\\s*\\(|\\bin\\s*\\(?\\s*[\"`]")
var countOfRows = regexp.MustCompile(`(?i)\bcount\s*\(\s*\*\s*\)`)

// Reads gives the columns of a metric that the check's statement can tell apart, by their
// positions: those whose names stand anywhere in it, and all where it takes some without
// naming them.
func (k *Check) Reads(m *Metric) []int {
	all := unnamed.MatchString(countOfRows.ReplaceAllString(k.SQL, "count()"))
	var columns []int
	for i, col := range m.Columns {
		if all || regexp.MustCompile(`\b`+regexp.QuoteMeta(col.Name)+`\b`).MatchString(k.SQL) {
			columns = append(columns, i)
		}
	}
	return columns
}

// Code is one entry of a code list.
type Code struct {
	Code string `yaml:"code" json:"code"`
	ZH   string `yaml:"zh" json:"zh"`
}

// Catalogue is every metric, check and code list, validated.
type Catalogue struct {
	Metrics []Metric
	Checks  []Check
	Codes   map[string][]Code
	Schema  *Schema

	metrics map[string]int
	parts   map[string]map[string][]Division
}

// Metric finds a metric by its id.
func (c *Catalogue) Metric(id string) (*Metric, bool) {
	i, ok := c.metrics[id]
	if !ok {
		return nil, false
	}
	return &c.Metrics[i], true
}

// Tables lists every table that a metric or check reads, sorted.
func (c *Catalogue) Tables() []string {
	var tables []string
	for _, m := range c.Metrics {
		tables = append(tables, m.Tables...)
	}
	for _, k := range c.Checks {
		tables = append(tables, k.Tables...)
	}
	slices.Sort(tables)
	return slices.Compact(tables)
}

// Only is the catalogue with these metrics and the checks that read no others.
// The tree of regions is always among them.
func (c *Catalogue) Only(metrics ...string) *Catalogue {
	out := &Catalogue{Codes: c.Codes, Schema: c.Schema, metrics: map[string]int{}, parts: c.parts}
	for _, m := range c.Metrics {
		if m.ID == RegionsMetric || slices.Contains(metrics, m.ID) {
			out.metrics[m.ID] = len(out.Metrics)
			out.Metrics = append(out.Metrics, m)
		}
	}
	for _, k := range c.Checks {
		if !slices.ContainsFunc(k.Metrics, func(id string) bool { _, ok := out.metrics[id]; return !ok }) {
			out.Checks = append(out.Checks, k)
		}
	}
	return out
}

// Checked reports whether the statement of a check reads the metric. Those of
// identities are not run.
func (c *Catalogue) Checked(metric string) bool {
	return slices.ContainsFunc(c.Checks, func(k Check) bool { return k.Equal == nil && slices.Contains(k.Metrics, metric) })
}

// Compared reports whether any check is about the metric.
func (c *Catalogue) Compared(metric string) bool {
	return slices.ContainsFunc(c.Checks, func(k Check) bool { return slices.Contains(k.Metrics, metric) })
}

// RegionsMetric is the metric whose frame is the tree of regions itself.
const RegionsMetric = "regions.list"

// Load gives the embedded catalogue, which is read and validated once; nobody may
// change it. The error joins everything that is wrong, each with its file.
func Load() (*Catalogue, error) { return embedded() }

var embedded = sync.OnceValues(func() (*Catalogue, error) {
	schema, err := LoadSchema()
	return load(files, schema, err)
})

// LoadFS reads a catalogue from a file system laid out as this package is.
func LoadFS(fsys fs.FS) (*Catalogue, error) {
	schema, err := LoadSchemaFS(fsys)
	return load(fsys, schema, err)
}

// load reads a catalogue over its tables, and joins what is wrong with them to the rest.
func load(fsys fs.FS, schema *Schema, err error) (*Catalogue, error) {
	if schema == nil {
		return nil, err
	}
	c := &Catalogue{Codes: schema.Codes, Schema: schema, metrics: map[string]int{}}
	errs := []error{err}
	headers := map[string]sqlFile{}
	errs = append(errs, each(fsys, "metrics", func(id string, f sqlFile) error {
		m := Metric{ID: id, SQL: f.sql, Line: f.line, Refresh: RefreshChange, Rows: RowsRegions}
		if err := yaml.UnmarshalWithOptions(f.header, &m, yaml.Strict()); err != nil {
			return yamlFault(err)
		}
		m.Tables, m.CutSQL = schema.below(m.Reads), schema.onCut(m.SQL)
		c.metrics[id] = len(c.Metrics)
		c.Metrics = append(c.Metrics, m)
		headers[id] = f
		return m.validate(c, f)
	}), each(fsys, "checks", func(id string, f sqlFile) error {
		k := Check{ID: id, SQL: f.sql, Line: f.line, Refresh: RefreshChange}
		if err := yaml.UnmarshalWithOptions(f.header, &k, yaml.Strict()); err != nil {
			return yamlFault(err)
		}
		err := k.validate(c, f)
		if k.Equal != nil {
			k.Metrics = k.Equal.metrics()
			if err == nil {
				k.SQL = k.Equal.sql(c)
			}
		}
		c.Checks = append(c.Checks, k)
		return err
	}))
	errs = append(errs, c.tie(headers))
	if _, ok := c.metrics[RegionsMetric]; !ok {
		errs = append(errs, fmt.Errorf("metrics/%s.sql is missing: every other metric needs the regions", RegionsMetric))
	}
	return c, errors.Join(errs...)
}

var idForm = regexp.MustCompile(`^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$`)

// each calls load for every SQL file of a folder, in order of name, and says of
// every fault in which file and line it is.
func each(fsys fs.FS, dir string, load func(id string, f sqlFile) error) error {
	names, err := fs.Glob(fsys, dir+"/*.sql")
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		id := strings.TrimSuffix(path.Base(name), ".sql")
		if !idForm.MatchString(id) {
			errs = append(errs, Fault{File: name, Line: 1, Words: "the name must be like subject.question.sql, in lower case"})
			continue
		}
		f, ok := split(string(text))
		if !ok {
			errs = append(errs, Fault{File: name, Line: 1, Words: "must begin with a header: /* YAML */"})
			continue
		}
		errs = append(errs, inFile(name, load(id, f)))
	}
	return errors.Join(errs...)
}

// sqlFile is a file of a metric or a check.
type sqlFile struct {
	header []byte
	sql    string
	line   int // of the file, in which the statement begins
}

// split parts a file into its header and its statement.
func split(text string) (f sqlFile, ok bool) {
	rest, ok := strings.CutPrefix(text, "/*")
	if !ok {
		return sqlFile{}, false
	}
	header, sql, ok := strings.Cut(rest, "*/")
	trimmed := strings.TrimLeftFunc(sql, unicode.IsSpace)
	begin := len(text) - len(trimmed)
	return sqlFile{header: []byte(header), sql: strings.TrimSpace(sql), line: 1 + strings.Count(text[:begin], "\n")}, ok
}

// Migrations is the embedded schema as numbered migrations, made once.
func Migrations() fs.FS { return embeddedMigrations() }

var embeddedMigrations = sync.OnceValue(func() fs.FS {
	s, err := LoadSchema()
	if err != nil {
		panic(err) // embedded at build time, and tested
	}
	m, err := s.Migrations()
	if err != nil {
		panic(err)
	}
	return m
})
