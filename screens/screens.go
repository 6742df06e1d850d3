// Package screens holds the screens as data: one declarative file a screen,
// validated against the catalogue of metrics when it is loaded.
package screens

import (
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
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
	ID string `yaml:"id" json:"id"`
	// Place is where the screen stands in the story; lower comes first.
	Place int    `yaml:"place" json:"-"`
	Title string `yaml:"title" json:"title"`
	// Question is the one question that the screen answers.
	Question string `yaml:"question" json:"question"`
	// Systems are the systems of the province that the screen is about, codes of the list
	// "system"; Sources are their names.
	Systems []string     `yaml:"systems" json:"-"`
	Sources []string     `yaml:"-" json:"sources"`
	Grid    []Layout     `yaml:"grid" json:"grid"`
	Panels  []panel.Spec `yaml:"panels" json:"panels"`
	// Edition names what the screen's file says: a file that says something else is
	// another edition.
	Edition string `yaml:"-" json:"edition"`
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

// Load reads and validates the embedded screens, in the order of the story.
func Load(cat *queries.Catalogue) ([]Screen, error) { return LoadFS(files, cat) }

// LoadFS reads every *.yaml of a folder as a screen, in the order of the story. The error
// joins everything that is wrong, each with file, line and what is allowed.
func LoadFS(fsys fs.FS, cat *queries.Catalogue) ([]Screen, error) {
	read, err := readAll(fsys, cat)
	if err != nil {
		return nil, err
	}
	var out []Screen
	var errs []error
	for _, f := range read {
		errs = append(errs, f.err)
		out = append(out, f.screen)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return inOrder(out), nil
}

// file is one file of a folder: a screen, or what is wrong with it.
type file struct {
	name   string
	screen Screen
	err    error
}

// readAll reads the files of a folder in order of their names.
func readAll(fsys fs.FS, cat *queries.Catalogue) ([]file, error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, err
	}
	out := make([]file, 0, len(names))
	at := map[string]string{}
	for _, name := range names {
		f := file{name: name}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			f.err = err
		} else {
			f.screen, f.err = read(name, text, cat, at)
		}
		out = append(out, f)
	}
	return out, nil
}

// read reads one screen; at has the files of those before it by their ids.
func read(name string, text []byte, cat *queries.Catalogue, at map[string]string) (Screen, error) {
	var s Screen
	if err := yaml.UnmarshalWithOptions(text, &s, yaml.Strict()); err != nil {
		return s, fmt.Errorf("%s:%w", name, err)
	}
	sum := sha256.Sum256(text)
	s.Edition = hex.EncodeToString(sum[:6])
	c := checker{file: name, cat: cat}
	c.tree, _ = parser.ParseBytes(text, 0)
	c.screen(&s)
	for i := range s.Panels {
		s.Panels[i].Bind(cat)
	}
	if first, twice := at[s.ID]; twice {
		c.fault("$.id", "screen %q stands in %s already", s.ID, first)
	}
	at[s.ID] = name
	return s, errors.Join(c.errs...)
}

// inOrder sorts screens as the story is told; those of one place by their ids.
func inOrder(list []Screen) []Screen {
	slices.SortStableFunc(list, func(a, b Screen) int {
		return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.ID, b.ID))
	})
	return list
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
	c.systems(s)
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

// systems asks for codes of the list of systems, and finds their names.
func (c *checker) systems(s *Screen) {
	var allowed []string
	names := map[string]string{}
	for _, code := range c.cat.Codes["system"] {
		allowed = append(allowed, code.Code)
		names[code.Code] = code.ZH
	}
	s.Sources = []string{}
	for i, code := range s.Systems {
		if names[code] == "" {
			c.fault(fmt.Sprintf("$.systems[%d]", i), "system %q is unknown: must be one of %s", code, strings.Join(allowed, ", "))
		}
		s.Sources = append(s.Sources, names[code])
	}
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
