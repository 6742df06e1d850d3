// Package screens holds the screens as data: one declarative file a screen,
// validated against the catalogue of metrics when it is loaded.
package screens

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"liaowang/queries"
	"liaowang/screens/panel"
)

//go:embed *.yaml
var files embed.FS

// Screen is a page of panels. Its JSON form is the layout that the browser gets.
type Screen struct {
	ID    string `yaml:"id" json:"id"`
	Title string `yaml:"title" json:"title"`
	// Question is the one question that the screen answers.
	Question string       `yaml:"question" json:"question"`
	Grid     []Layout     `yaml:"grid" json:"grid"`
	Panels   []panel.Spec `yaml:"panels" json:"panels"`
}

// Layout places the panels for one shape of display. Sizes are "3fr", "auto" or
// "150u": units of 1/1080 of a wall's height.
type Layout struct {
	Name    string   `yaml:"name" json:"name"`
	Columns []string `yaml:"columns" json:"columns"`
	Rows    []string `yaml:"rows" json:"rows"`
	// Areas has one line a row, with the names of panel areas; "." is empty.
	Areas []string `yaml:"areas" json:"areas"`
}

// Layouts lists the shapes of display that every screen has a layout for.
func Layouts() []string { return []string{"wall", "wide", "portrait", "tablet", "narrow"} }

// Load reads and validates the embedded screens, in order of their files.
func Load(cat *queries.Catalogue) ([]Screen, error) { return LoadFS(files, cat) }

// LoadFS reads every *.yaml of a folder as a screen. The error joins everything
// that is wrong, each with file, line and what is allowed.
func LoadFS(fsys fs.FS, cat *queries.Catalogue) ([]Screen, error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, err
	}
	var out []Screen
	var errs []error
	at := map[string]string{}
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		var s Screen
		if err := yaml.UnmarshalWithOptions(text, &s, yaml.Strict()); err != nil {
			errs = append(errs, fmt.Errorf("%s:%w", name, err))
			continue
		}
		c := checker{file: name, cat: cat}
		c.tree, _ = parser.ParseBytes(text, 0)
		c.screen(&s)
		if first, twice := at[s.ID]; twice {
			c.fault("$.id", "screen %q stands in %s already", s.ID, first)
		}
		at[s.ID] = name
		errs = append(errs, c.errs...)
		out = append(out, s)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return out, nil
}

// Find gives the screen of an id, or nil.
func Find(list []Screen, id string) *Screen {
	if i := slices.IndexFunc(list, func(s Screen) bool { return s.ID == id }); i >= 0 {
		return &list[i]
	}
	return nil
}

// checker validates one file and finds the line of each fault.
type checker struct {
	file string
	tree *ast.File
	cat  *queries.Catalogue
	errs []error
}

func (c *checker) fault(path, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s:%d: %s: %s", c.file, c.line(path), strings.TrimPrefix(path, "$."), fmt.Sprintf(format, args...)))
}

// line finds the line that a path stands in, or the nearest one above it that
// the file has: a field that is wanting has no line of its own.
func (c *checker) line(path string) int {
	for path != "" && path != "$" && c.tree != nil {
		if p, err := yaml.PathString(path); err == nil {
			if node, err := p.FilterFile(c.tree); err == nil && node != nil {
				return node.GetToken().Position.Line
			}
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return 1
}

var (
	idForm   = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	sizeForm = regexp.MustCompile(`^([0-9]+(\.[0-9]+)?(u|fr)|auto)$`)
)

func (c *checker) screen(s *Screen) {
	if !idForm.MatchString(s.ID) {
		c.fault("$.id", "%q must be lower case letters, digits and hyphens", s.ID)
	}
	if s.Title == "" {
		c.fault("$.title", "is empty")
	}
	if s.Question == "" {
		c.fault("$.question", "is empty: a screen answers one question")
	}
	areas := map[string]bool{}
	ids := map[string]bool{}
	for i, p := range s.Panels {
		base := fmt.Sprintf("$.panels[%d]", i)
		if !idForm.MatchString(p.ID) {
			c.fault(base+".id", "%q must be lower case letters, digits and hyphens", p.ID)
		}
		if ids[p.ID] {
			c.fault(base+".id", "panel %q stands twice", p.ID)
		}
		if areas[p.Area] {
			c.fault(base+".area", "area %q has a panel already", p.Area)
		}
		ids[p.ID], areas[p.Area] = true, true
		for _, f := range panel.Validate(p, c.cat) {
			c.fault(base+"."+f.Field, "%s", f.Words)
		}
	}
	if len(s.Panels) == 0 {
		c.fault("$.panels", "is empty")
	}
	c.grid(s, areas)
}

// grid asks for a layout of every shape, with every panel once in each.
func (c *checker) grid(s *Screen, areas map[string]bool) {
	var have []string
	for i, l := range s.Grid {
		base := fmt.Sprintf("$.grid[%d]", i)
		if !slices.Contains(Layouts(), l.Name) {
			c.fault(base+".name", "layout %q is unknown: must be one of %s", l.Name, strings.Join(Layouts(), ", "))
		}
		have = append(have, l.Name)
		for field, sizes := range map[string][]string{"columns": l.Columns, "rows": l.Rows} {
			for k, size := range sizes {
				if !sizeForm.MatchString(size) {
					c.fault(fmt.Sprintf("%s.%s[%d]", base, field, k), "%q is no size: must be like 150u, 1fr or auto", size)
				}
			}
		}
		if len(l.Areas) != len(l.Rows) {
			c.fault(base+".areas", "%d lines for %d rows", len(l.Areas), len(l.Rows))
		}
		c.areas(base, l, areas)
	}
	for _, name := range Layouts() {
		if !slices.Contains(have, name) {
			c.fault("$.grid", "layout %q is missing: must have %s", name, strings.Join(Layouts(), ", "))
		}
	}
}

// areas asks that every area is a rectangle, holds a panel and is there.
func (c *checker) areas(base string, l Layout, areas map[string]bool) {
	type box struct{ top, left, bottom, right, cells int }
	boxes := map[string]box{}
	for y, line := range l.Areas {
		names := strings.Fields(line)
		at := fmt.Sprintf("%s.areas[%d]", base, y)
		if len(names) != len(l.Columns) {
			c.fault(at, "%d areas for %d columns", len(names), len(l.Columns))
		}
		for x, name := range names {
			if name == "." {
				continue
			}
			b, seen := boxes[name]
			if !seen {
				b = box{top: y, left: x, right: x}
				if !areas[name] {
					c.fault(at, "area %q has no panel", name)
				}
			}
			b.bottom, b.left, b.right, b.cells = y, min(b.left, x), max(b.right, x), b.cells+1
			boxes[name] = b
		}
	}
	for _, name := range slices.Sorted(maps.Keys(areas)) {
		b, ok := boxes[name]
		if !ok {
			c.fault(base+".areas", "the area %q of a panel is not in the grid", name)
		} else if b.cells != (b.bottom-b.top+1)*(b.right-b.left+1) {
			c.fault(base+".areas", "area %q is not a rectangle", name)
		}
	}
}
