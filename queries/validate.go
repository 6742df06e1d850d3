package queries

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Fault is something wrong in a file of the catalogue.
type Fault struct {
	File  string
	Line  int
	Words string
}

// Error gives file, line and words, as compilers do.
func (f Fault) Error() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Words) }

// inFile names the file of faults that do not know it.
func inFile(name string, err error) error {
	if err == nil {
		return nil
	}
	var all []error
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			all = append(all, inFile(name, e))
		}
		return errors.Join(all...)
	}
	f := Fault{Line: 1, Words: err.Error()}
	errors.As(err, &f)
	f.File = name
	return f
}

// fault is something wrong with a key of the header, "column:name", or the
// statement, "SQL".
func (f sqlFile) fault(key, format string, args ...any) error {
	return Fault{Line: f.lineOf(key), Words: fmt.Sprintf(format, args...)}
}

// lineOf finds the line of a header's key, of a column by its name, or of the
// statement: 1 where the file does not have it.
func (f sqlFile) lineOf(key string) int {
	if key == "SQL" {
		return f.line
	}
	form := `(?m)^` + regexp.QuoteMeta(key) + `:`
	if name, ok := strings.CutPrefix(key, "column:"); ok {
		form = `(?m)^\s+- .*\bname: *` + regexp.QuoteMeta(name) + `\b`
	}
	at := regexp.MustCompile(form).FindIndex(f.header)
	if at == nil {
		return 1
	}
	return 1 + strings.Count(string(f.header[:at[0]]), "\n")
}

var yamlPlace = regexp.MustCompile(`^\[(\d+):\d+\] `)

// yamlFault takes the line out of the words of the YAML reader. A header begins
// with its file, so that lines of one are lines of the other.
func yamlFault(err error) error {
	words := err.Error()
	f := Fault{Line: 1, Words: words}
	if at := yamlPlace.FindStringSubmatch(words); at != nil {
		f.Line, _ = strconv.Atoi(at[1])
		f.Words = strings.TrimPrefix(words, at[0])
	}
	return f
}

// clockCall finds a reading of the server's clock. Time is passed in: a figure
// must not depend on when it is asked for.
var clockCall = regexp.MustCompile(`(?i)\b((now|now64|nowInBlock|today|yesterday|curdate|utc_timestamp|utctimestamp|current_date)\s*\(|current_timestamp\b)`)

func (m *Metric) validate(c *Catalogue, f sqlFile) error {
	var errs []error
	need := func(ok bool, key, format string, args ...any) {
		if !ok {
			errs = append(errs, f.fault(key, format, args...))
		}
	}
	need(m.Title != "", "title", "title is empty")
	need(m.Unit != "", "unit", "unit is empty")
	need(m.Definition != "", "definition", "definition is empty")
	need(m.Policy != "", "policy", "policy is empty")
	need(m.Source != "", "source", "source is empty")
	need(len(m.Columns) > 0, "columns", "columns is empty")
	need(len(m.Regions) > 0, "regions", "regions is empty")
	need(m.Absent == AbsentZero || m.Absent == AbsentMissing, "absent", "absent is %q: must be zero or missing", m.Absent)
	for _, level := range m.Regions {
		need(level == "province" || level == "county" || level == "township", "regions", "regions: %q is unknown: must be province, county or township; nothing below is shown", level)
	}
	keys := 0
	for i, col := range m.Columns {
		need(col.Name != "" && col.Title != "", "columns", "columns[%d]: name or title is empty", i)
		switch col.Type {
		case TypeCode:
			need(len(c.Codes[col.Codes]) > 0, "column:"+col.Name, "column %s: code list %q is unknown", col.Name, col.Codes)
		case TypeRegion, TypeText, TypeDate:
		case TypeCount, TypeMoney, TypeNumber:
			need(col.Unit != "", "column:"+col.Name, "column %s: unit is empty", col.Name)
		default:
			need(false, "column:"+col.Name, "column %s: type %q is unknown: must be code, region, text, date, count, money or number", col.Name, col.Type)
		}
		if col.Type.IsKey() {
			need(i == keys, "column:"+col.Name, "column %s: columns of code, region and date come first", col.Name)
			keys++
		}
	}
	errs = append(errs, c.Schema.validateReads(f, m.Reads, m.SQL, m.Refresh), m.validatePlaces(f), m.validateDisclosure(f))
	return errors.Join(errs...)
}

func (k *Check) validate(c *Catalogue, f sqlFile) error {
	var errs []error
	need := func(ok bool, key, format string, args ...any) {
		if !ok {
			errs = append(errs, f.fault(key, format, args...))
		}
	}
	need(k.Title != "", "title", "title is empty")
	need(k.Definition != "", "definition", "definition is empty")
	need(slices.Contains([]string{"note", "warn", "hold"}, k.Policy), "policy", "policy is %q: must be note, warn or hold", k.Policy)
	if k.Equal != nil {
		need(len(k.Metrics) == 0 && len(k.Tables) == 0, "equal", "equal names its metrics itself, and reads no tables")
		need(k.SQL == "", "equal", "a check has either equal or a statement")
		need(k.Refresh == RefreshChange, "refresh", "equal follows no clock")
		return errors.Join(append(errs, k.Equal.validate(c, f))...)
	}
	need(len(k.Metrics) > 0, "metrics", "metrics is empty")
	for _, id := range k.Metrics {
		_, ok := c.metrics[id]
		need(ok, "metrics", "metric %q is unknown", id)
	}
	for _, table := range k.Tables {
		need(c.Schema.has(table), "tables", "tables: there is no table %s", table)
	}
	need(k.SQL != "", "SQL", "no statement follows the header")
	need(!clockCall.MatchString(k.SQL), "SQL", "the statement reads the server's clock; take the time as {now:DateTime('Asia/Shanghai')} and say refresh")
	need(k.Refresh.fits(k.SQL) == "", "refresh", "refresh: %s", k.Refresh.fits(k.SQL))
	return errors.Join(errs...)
}
