package intake

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"liaowang/queries"
)

// versionField is the column of a state table that a delivery may leave out: the
// version then is the delivery's own moment.
var versionField = queries.Field{Name: "version", Type: queries.FieldCount, Title: "版本", Max: 1<<63 - 1, Optional: true}

// contract is a table's contract, prepared for reading rows fast.
type contract struct {
	table  *queries.Table
	fields []field
	// keys are the places of the key's columns.
	keys []int
	// version is the place of the column version, -1 for events.
	version int
	checks  []check
	// keepColumn and keepDays: rows whose moment is older are deleted; -1: none.
	keepColumn, keepDays int
}

// field is a column as rows are read into it.
type field struct {
	queries.Field
	codes map[string]uint64
	limit uint64
	isKey bool
	// serial: numbers of 11 digits are serials here, not phones.
	serial bool
	// words: a text that is only a person's name is refused, unless it is one of known.
	words bool
	known []string
	// absent is what an absent value means where there is a default.
	absent   uint64
	absentOK bool
}

// check is a constraint of the form: one column is not above another.
type check struct {
	lower, upper int
	reason       string
}

const (
	maxKeyColumns = 4
	maxCodes      = 7 // codes that one number holds, see packCodes
)

var (
	checkForm = regexp.MustCompile(`^\w+ CHECK (\w+) <= (\w+)$`)
	keepForm  = regexp.MustCompile(`^(\w+) \+ (\d+) days$`)
)

func newContract(s *queries.Schema, name string) (*contract, error) {
	t, ok := s.Table(name)
	if !ok || !t.Delivered() {
		return nil, refuse("unknown_table", "there is no table %q that takes deliveries; there are %s", printable(name), strings.Join(Deliverable(s), ", ")).status(404)
	}
	c := &contract{table: t, version: -1, keepColumn: -1}
	for _, f := range t.Fields {
		g := field{Field: f, limit: f.Limit(), isKey: slices.Contains(t.Key, f.Name)}
		if g.words = ofPeople(t, &f); g.words {
			g.known = codeNames(s)
		}
		switch f.Type {
		case queries.FieldCode, queries.FieldCodes:
			if f.Type == queries.FieldCodes && f.Max > maxCodes {
				return nil, fmt.Errorf("table %s: column %s: intake holds %d codes at most", name, f.Name, maxCodes)
			}
			g.codes = map[string]uint64{}
			for i, code := range s.Codes[f.Codes] {
				g.codes[code.ZH] = uint64(i + 1)
			}
			for i, code := range s.Codes[f.Codes] {
				g.codes[code.Code] = uint64(i + 1)
			}
		}
		switch v := f.Default.(type) {
		case nil:
		case bool:
			g.absentOK = true
			if v {
				g.absent = 1
			}
		case string:
			g.absent, g.absentOK = g.codes[v]
			if !g.absentOK {
				return nil, fmt.Errorf("table %s: column %s: default %q is no code", name, f.Name, v)
			}
		default:
			n, err := strconv.ParseUint(fmt.Sprint(v), 10, 64)
			if err != nil {
				return nil, fmt.Errorf("table %s: column %s: default %v: %w", name, f.Name, v, err)
			}
			g.absent, g.absentOK = n, true
		}
		c.fields = append(c.fields, g)
	}
	if t.Kind == queries.KindState {
		c.version = len(c.fields)
		c.fields = append(c.fields, field{Field: versionField, limit: versionField.Max})
	}
	for _, k := range t.Key {
		c.keys = append(c.keys, c.place(k))
	}
	if len(c.keys) > maxKeyColumns {
		return nil, fmt.Errorf("table %s: intake takes keys of %d columns at most", name, maxKeyColumns)
	}
	for _, text := range t.Check {
		m := checkForm.FindStringSubmatch(text)
		if m == nil || c.place(m[1]) < 0 || c.place(m[2]) < 0 {
			return nil, fmt.Errorf("table %s: intake cannot hold rows to %q: only 'name CHECK column <= column' is known", name, text)
		}
		lower, upper := c.place(m[1]), c.place(m[2])
		c.checks = append(c.checks, check{lower, upper, fmt.Sprintf("must not be above %s (%s)", m[2], c.fields[upper].Title)})
	}
	if t.Keep != "" {
		m := keepForm.FindStringSubmatch(t.Keep)
		if m == nil || c.place(m[1]) < 0 {
			return nil, fmt.Errorf("table %s: intake cannot read keep %q", name, t.Keep)
		}
		c.keepColumn = c.place(m[1])
		c.keepDays, _ = strconv.Atoi(m[2]) // digits
	}
	return c, nil
}

// codeNames are what the code lists call their codes.
func codeNames(s *queries.Schema) []string {
	var names []string
	for _, list := range s.Codes {
		for _, code := range list {
			names = append(names, code.ZH)
		}
	}
	return names
}

// takeSerials lets key columns of these names hold serials that look like phones.
func (c *contract) takeSerials(columns []string) {
	for i := range c.fields {
		f := &c.fields[i]
		f.serial = f.Type == queries.FieldKey && slices.Contains(columns, f.Name)
	}
}

// KeyColumns lists the columns that hold numbers of things, which become hashes.
func KeyColumns(s *queries.Schema) []string {
	var names []string
	for i := range s.Tables {
		for _, f := range s.Tables[i].Fields {
			if f.Type == queries.FieldKey && s.Tables[i].Delivered() && !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// Deliverable lists the tables that departments may deliver rows of.
func Deliverable(s *queries.Schema) []string {
	var names []string
	for i := range s.Tables {
		if s.Tables[i].Delivered() {
			names = append(names, s.Tables[i].Name)
		}
	}
	return names
}

func (c *contract) place(name string) int {
	return slices.IndexFunc(c.fields, func(f field) bool { return f.Name == name })
}

// find gives the place of a column by its name or its title, -1 if there is none.
func (c *contract) find(heading string) int {
	heading = strings.TrimSpace(heading)
	return slices.IndexFunc(c.fields, func(f field) bool { return strings.EqualFold(f.Name, heading) || f.Title == heading })
}

// required reports whether a delivery must have the column.
func (f *field) required() bool { return !f.Optional && !f.absentOK }

// resolve turns a file's headings into places, or refuses the file. What it
// refuses is called by its place: a file without headings would have its first
// row quoted.
func (c *contract) resolve(headings []string) ([]int, error) {
	places := make([]int, len(headings))
	var unknown, personalAt, twice []string
	seen := map[int]bool{}
	for i, h := range headings {
		places[i] = c.find(h)
		at := strconv.Itoa(i + 1)
		switch {
		case places[i] >= 0 && seen[places[i]]:
			twice = append(twice, c.fields[places[i]].Name)
		case places[i] >= 0:
			seen[places[i]] = true
		case personalColumn(h) || personal(h) != "":
			personalAt = append(personalAt, at)
		default:
			unknown = append(unknown, at)
		}
	}
	switch {
	case len(personalAt) > 0:
		return nil, refuse("personal_columns", "column %s: names, ID numbers, phones, bank cards and addresses are not taken; remove the column from the file and destroy copies that are not needed. Nothing of the file was kept", strings.Join(personalAt, ", "))
	case len(unknown) > 0:
		return nil, refuse("unknown_columns", "column %s: table %s has no such column; allowed are %s. Is the first line the headings?", strings.Join(unknown, ", "), c.table.Name, c.allowed())
	case len(twice) > 0:
		return nil, refuse("repeated_columns", "column %s stands in the file twice", strings.Join(twice, ", "))
	}
	var missing []string
	for i := range c.fields {
		if f := &c.fields[i]; f.required() && !seen[i] {
			missing = append(missing, f.Name+" ("+f.Title+")")
		}
	}
	if len(missing) > 0 {
		return nil, refuse("missing_columns", "table %s needs these columns, which the file does not have: %s", c.table.Name, strings.Join(missing, ", "))
	}
	return places, nil
}

func (c *contract) allowed() string {
	var names []string
	for _, f := range c.fields {
		names = append(names, f.Name+" ("+f.Title+")")
	}
	return strings.Join(names, ", ")
}

var unprintable = regexp.MustCompile(`[^A-Za-z0-9_.:-]+`)

// printable is a name from outside as a message may repeat it.
func printable(s string) string {
	if personal(s) != "" {
		return "…"
	}
	s = unprintable.ReplaceAllString(s, "?")
	return s[:min(len(s), 64)]
}
