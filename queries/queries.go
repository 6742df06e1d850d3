// Package queries holds every question that is asked of ClickHouse, as SQL files
// with headers, and loads and validates them at start:
//
//	schema/    numbered migrations
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

	"github.com/goccy/go-yaml"
)

//go:embed schema/*.sql metrics/*.sql checks/*.sql codes/*.yaml
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
)

// IsKey reports whether a column of this type names a row rather than measures.
func (t ColumnType) IsKey() bool { return t == TypeCode || t == TypeRegion }

// Column is one column of a metric's frame, in order.
type Column struct {
	Name  string     `yaml:"name" json:"name"`
	Title string     `yaml:"title" json:"title"`
	Type  ColumnType `yaml:"type" json:"type"`
	// Unit stands beside the number: 户, 人, 项, 元. Empty for keys.
	Unit string `yaml:"unit" json:"unit,omitempty"`
	// Codes names the code list of a TypeCode column.
	Codes string `yaml:"codes" json:"codes,omitempty"`
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
	Source string   `yaml:"source" json:"source"`
	Tables []string `yaml:"tables" json:"tables"`
	// Regions lists the levels that the metric answers for.
	Regions []string `yaml:"regions" json:"regions"`
	Absent  Absent   `yaml:"absent" json:"absent"`
	Columns []Column `yaml:"columns" json:"columns"`
	// Note stands on the panel where the figures could be misread (可多选).
	Note string `yaml:"note" json:"note,omitempty"`
	// SQL returns the region as column "scope" and then Columns, for all
	// regions at once.
	SQL string `yaml:"-" json:"sql"`
}

// Column returns the position of the named column, or -1.
func (m *Metric) Column(name string) int {
	return slices.IndexFunc(m.Columns, func(c Column) bool { return c.Name == name })
}

// Check is one identity that must hold in a batch.
type Check struct {
	ID         string `yaml:"-" json:"id"`
	Title      string `yaml:"title" json:"title"`
	Definition string `yaml:"definition" json:"definition"`
	// Policy is note, warn or hold.
	Policy string `yaml:"policy" json:"policy"`
	// Metrics are the metrics that the identity is about; the SQL reads them
	// by their ids, as views over the cut.
	Metrics []string `yaml:"metrics" json:"metrics"`
	// SQL returns one row for each region where the identity fails:
	// region String, words String, expected Float64, actual Float64.
	SQL string `yaml:"-" json:"sql"`
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

	metrics map[string]int
}

// Metric finds a metric by its id.
func (c *Catalogue) Metric(id string) (*Metric, bool) {
	i, ok := c.metrics[id]
	if !ok {
		return nil, false
	}
	return &c.Metrics[i], true
}

// Tables lists every table that a metric reads, sorted.
func (c *Catalogue) Tables() []string {
	var tables []string
	for _, m := range c.Metrics {
		tables = append(tables, m.Tables...)
	}
	slices.Sort(tables)
	return slices.Compact(tables)
}

// RegionsMetric is the metric whose frame is the tree of regions itself.
const RegionsMetric = "regions.list"

// Load reads and validates the embedded catalogue. The error joins everything
// that is wrong, each with its file.
func Load() (*Catalogue, error) { return LoadFS(files) }

// LoadFS reads a catalogue from a file system laid out as this package is.
func LoadFS(fsys fs.FS) (*Catalogue, error) {
	c := &Catalogue{Codes: map[string][]Code{}, metrics: map[string]int{}}
	var errs []error
	lists, err := fs.ReadFile(fsys, "codes/codes.yaml")
	if err != nil {
		return nil, err
	}
	if err := yaml.UnmarshalWithOptions(lists, &c.Codes, yaml.Strict()); err != nil {
		errs = append(errs, fmt.Errorf("codes/codes.yaml: %w", err))
	}
	errs = append(errs, each(fsys, "metrics", func(id, sql string, header []byte) error {
		m := Metric{ID: id, SQL: sql}
		if err := yaml.UnmarshalWithOptions(header, &m, yaml.Strict()); err != nil {
			return err
		}
		c.metrics[id] = len(c.Metrics)
		c.Metrics = append(c.Metrics, m)
		return m.validate(c.Codes)
	}), each(fsys, "checks", func(id, sql string, header []byte) error {
		k := Check{ID: id, SQL: sql}
		if err := yaml.UnmarshalWithOptions(header, &k, yaml.Strict()); err != nil {
			return err
		}
		c.Checks = append(c.Checks, k)
		return k.validate(c)
	}))
	if _, ok := c.metrics[RegionsMetric]; !ok {
		errs = append(errs, fmt.Errorf("metrics/%s.sql is missing: every other metric needs the regions", RegionsMetric))
	}
	return c, errors.Join(errs...)
}

var idForm = regexp.MustCompile(`^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$`)

// each calls load for every SQL file of a folder, in order of name.
func each(fsys fs.FS, dir string, load func(id, sql string, header []byte) error) error {
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
			errs = append(errs, fmt.Errorf("%s: the name must be like subject.question.sql, in lower case", name))
			continue
		}
		header, sql, ok := split(string(text))
		if !ok {
			errs = append(errs, fmt.Errorf("%s: must begin with a header: /* YAML */", name))
			continue
		}
		if err := load(id, sql, []byte(header)); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

// split parts a file into its header and its statement.
func split(text string) (header, sql string, ok bool) {
	rest, ok := strings.CutPrefix(text, "/*")
	if !ok {
		return "", "", false
	}
	header, sql, ok = strings.Cut(rest, "*/")
	return header, strings.TrimSpace(sql), ok
}

// clockCall finds a reading of the server's clock. Time is passed in: a figure
// must not depend on when it is asked for.
var clockCall = regexp.MustCompile(`(?i)\b((now|now64|nowInBlock|today|yesterday|curdate|utc_timestamp|utctimestamp|current_date)\s*\(|current_timestamp\b)`)

func (m *Metric) validate(codes map[string][]Code) error {
	var errs []error
	need := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	need(m.Title != "", "title is empty")
	need(m.Unit != "", "unit is empty")
	need(m.Definition != "", "definition is empty")
	need(m.Policy != "", "policy is empty")
	need(m.Source != "", "source is empty")
	need(len(m.Tables) > 0, "tables is empty")
	need(len(m.Columns) > 0, "columns is empty")
	need(len(m.Regions) > 0, "regions is empty")
	need(m.Absent == AbsentZero || m.Absent == AbsentMissing, "absent is %q: must be zero or missing", m.Absent)
	need(m.SQL != "", "no statement follows the header")
	for _, table := range m.Tables {
		need(regexp.MustCompile(`\b`+regexp.QuoteMeta(table)+`\b`).MatchString(m.SQL), "tables: the statement does not read %s", table)
	}
	need(!clockCall.MatchString(m.SQL), "the statement reads the server's clock; take the time as a parameter")
	for _, level := range m.Regions {
		need(level == "province" || level == "county" || level == "township", "regions: %q is unknown: must be province, county or township", level)
	}
	for i, c := range m.Columns {
		need(c.Name != "" && c.Title != "", "columns[%d]: name or title is empty", i)
		switch c.Type {
		case TypeCode:
			need(len(codes[c.Codes]) > 0, "column %s: code list %q is unknown", c.Name, c.Codes)
		case TypeRegion, TypeText:
		case TypeCount, TypeMoney:
			need(c.Unit != "", "column %s: unit is empty", c.Name)
		default:
			need(false, "column %s: type %q is unknown: must be code, region, text, count or money", c.Name, c.Type)
		}
		need(!c.Type.IsKey() || i == 0, "column %s: a code or region column must come first", c.Name)
	}
	return errors.Join(errs...)
}

func (k *Check) validate(c *Catalogue) error {
	var errs []error
	need := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	need(k.Title != "", "title is empty")
	need(k.Definition != "", "definition is empty")
	need(slices.Contains([]string{"note", "warn", "hold"}, k.Policy), "policy is %q: must be note, warn or hold", k.Policy)
	need(len(k.Metrics) > 0, "metrics is empty")
	for _, id := range k.Metrics {
		_, ok := c.metrics[id]
		need(ok, "metric %q is unknown", id)
	}
	need(k.SQL != "", "no statement follows the header")
	need(!clockCall.MatchString(k.SQL), "the statement reads the server's clock; take the time as a parameter")
	return errors.Join(errs...)
}

// Migrations is the folder of numbered schema migrations.
func Migrations() fs.FS {
	sub, err := fs.Sub(files, "schema")
	if err != nil {
		panic(err) // embedded at build time
	}
	return sub
}
