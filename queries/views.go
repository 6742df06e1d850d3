package queries

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// View is a statement that several metrics share: what they count, a row each, as
// the households with their profiles. In the database it is a view, so that whoever
// asks a metric's statement there finds it. In a cut it is a table in memory, filled
// when something that it reads has changed, and its metrics are asked again only
// when that has changed its rows.
type View struct {
	Name  string `yaml:"-" json:"view"`
	Title string `yaml:"title" json:"title"`
	About string `yaml:"about" json:"about"`
	// Reads names what the statement reads itself: tables and other views.
	Reads []string `yaml:"tables" json:"reads"`
	// Tables are all tables that it depends on.
	Tables []string `yaml:"-" json:"tables"`
	// Refresh is that of a metric. A view that follows a clock takes its time as an
	// argument: visit_hours(now = {now:DateTime('Asia/Shanghai')}).
	Refresh Refresh `yaml:"refresh" json:"refresh"`
	// Moves says that its rows are mostly others when what it reads has changed: they are
	// not compared with those before, and its metrics are asked.
	Moves bool   `yaml:"moves" json:"moves,omitempty"`
	SQL   string `yaml:"-" json:"sql"`
	// CutSQL is the statement as a cut takes it: views are tables there.
	CutSQL string `yaml:"-" json:"-"`
	// Line is where the statement begins in its file.
	Line int `yaml:"-" json:"-"`
}

// View finds a view by its name.
func (s *Schema) View(name string) (*View, bool) {
	i := slices.IndexFunc(s.Views, func(v View) bool { return v.Name == name })
	if i < 0 {
		return nil, false
	}
	return &s.Views[i], true
}

// loadViews reads the views and puts each after those that it reads.
func (s *Schema) loadViews(fsys fs.FS) error {
	names, err := fs.Glob(fsys, "views/*.sql")
	if err != nil {
		return err
	}
	var errs []error
	var all []View
	found := map[string]sqlFile{}
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		f, ok := split(string(text))
		if !ok {
			errs = append(errs, Fault{File: name, Line: 1, Words: "must begin with a header: /* YAML */"})
			continue
		}
		v := View{Name: strings.TrimSuffix(path.Base(name), ".sql"), SQL: f.sql, Line: f.line, Refresh: RefreshChange}
		if err := yaml.UnmarshalWithOptions(f.header, &v, yaml.Strict()); err != nil {
			errs = append(errs, inFile(name, yamlFault(err)))
			continue
		}
		all, found[v.Name] = append(all, v), f
	}
	for len(all) > 0 {
		// One whose own views are all there already.
		i := slices.IndexFunc(all, func(v View) bool {
			return !slices.ContainsFunc(v.Reads, func(r string) bool {
				return slices.ContainsFunc(all, func(o View) bool { return o.Name == r })
			})
		})
		if i < 0 {
			errs = append(errs, inFile("views/"+all[0].Name+".sql", found[all[0].Name].fault("tables", "tables: views read each other in a circle")))
			break
		}
		v := all[i]
		all = slices.Delete(all, i, i+1)
		errs = append(errs, inFile("views/"+v.Name+".sql", v.validate(s, found[v.Name])))
		v.Tables, v.CutSQL = s.below(v.Reads), s.onCut(v.SQL)
		s.Views = append(s.Views, v)
	}
	return errors.Join(errs...)
}

func (v *View) validate(s *Schema, f sqlFile) error {
	var errs []error
	need := func(ok bool, key, format string, args ...any) {
		if !ok {
			errs = append(errs, f.fault(key, format, args...))
		}
	}
	need(nameForm.MatchString(v.Name) && !s.has(v.Name), "title", "the name must be lower case words joined by _, and no table's")
	need(v.Title != "" && v.About != "", "title", "title or about is empty")
	errs = append(errs, s.validateReads(f, v.Reads, v.SQL, v.Refresh))
	return errors.Join(errs...)
}

// validateReads checks what a statement with a header says that it reads, and its clock.
func (s *Schema) validateReads(f sqlFile, reads []string, sql string, refresh Refresh) error {
	var errs []error
	need := func(ok bool, key, format string, args ...any) {
		if !ok {
			errs = append(errs, f.fault(key, format, args...))
		}
	}
	need(len(reads) > 0, "tables", "tables is empty")
	need(sql != "", "SQL", "no statement follows the header")
	for _, name := range reads {
		v, view := s.View(name)
		need(view || s.has(name), "tables", "tables: there is no table or view %s", name)
		need(regexp.MustCompile(`\b`+regexp.QuoteMeta(name)+`\b`).MatchString(sql), "tables", "tables: the statement does not read %s", name)
		if view && v.Refresh != RefreshChange {
			need(!regexp.MustCompile(`\b`+regexp.QuoteMeta(name)+`\b`).MatchString(s.onCut(sql)) || strings.Contains(sql, name+viewArgument),
				"SQL", "view %s follows a clock: read it as %s%s", name, name, viewArgument)
			need(refresh == v.Refresh, "refresh", "refresh is %s, but view %s has %s", refresh, name, v.Refresh)
		}
	}
	for _, v := range s.Views {
		need(slices.Contains(reads, v.Name) || !regexp.MustCompile(`\b(FROM|JOIN)\s+`+regexp.QuoteMeta(v.Name)+`\b`).MatchString(sql), "tables", "tables: the statement reads view %s, which is not among them", v.Name)
	}
	need(!clockCall.MatchString(sql), "SQL", "the statement reads the server's clock; take the time as {now:DateTime('Asia/Shanghai')} and say refresh")
	need(refresh.fits(sql) == "", "refresh", "refresh: %s", refresh.fits(sql))
	return errors.Join(errs...)
}

// viewArgument is how a statement hands its time to a view that follows a clock.
const viewArgument = `(now = {now:DateTime('Asia/Shanghai')})`

// onCut gives the statement as a cut takes it: views that follow a clock have been
// filled for it there, and take none.
func (s *Schema) onCut(sql string) string {
	for _, v := range s.Views {
		sql = strings.ReplaceAll(sql, v.Name+viewArgument, v.Name)
	}
	return sql
}

// below lists the tables that statements which read these names depend on, sorted.
func (s *Schema) below(reads []string) []string {
	var tables []string
	for _, name := range reads {
		if v, ok := s.View(name); ok {
			tables = append(tables, v.Tables...)
		} else {
			tables = append(tables, name)
		}
	}
	slices.Sort(tables)
	return slices.Compact(tables)
}

// createViews gives the statements that make the views, or make them anew.
func (s *Schema) createViews(l Layout) []string {
	var statements []string
	for _, v := range s.Views {
		statements = append(statements, fmt.Sprintf("CREATE OR REPLACE VIEW %s%s AS\n%s\nCOMMENT %s", v.Name, l.on(), v.SQL, quote(v.Title+": "+v.About)))
	}
	return statements
}

// Views lists the views that the catalogue's metrics read, each after those that it
// reads itself.
func (c *Catalogue) Views() []View {
	wanted := map[string]bool{}
	for _, m := range c.Metrics {
		for _, name := range m.Reads {
			wanted[name] = true
		}
	}
	for _, v := range slices.Backward(c.Schema.Views) {
		if wanted[v.Name] {
			for _, name := range v.Reads {
				wanted[name] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(c.Schema.Views), func(v View) bool { return !wanted[v.Name] })
}
