package queries

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Identity is a check without a statement of its own: in every region that one of the
// sides has rows for, two sums are equal. The program adds up the answers that it has
// anyway; the check's SQL is made from it, for whoever asks.
type Identity struct {
	// Expected and Actual are the sides, each the sum of its terms.
	Expected []Term `yaml:"expected" json:"expected"`
	Actual   []Term `yaml:"actual" json:"actual"`
	// Figures are what is added up and compared, each by itself.
	Figures []Figure `yaml:"figures" json:"figures"`
	// By is a column of codes that all terms have: the sums are equal for each code.
	// It takes one figure, without a label, since the code names what differs.
	By string `yaml:"by" json:"by,omitempty"`
	// Over and Under are added to the words of a failure where the first figure is more
	// than the actual one, or not: 线索多于环节记录.
	Over  string `yaml:"over" json:"over,omitempty"`
	Under string `yaml:"under" json:"under,omitempty"`
}

// Figure is one number of an identity.
type Figure struct {
	// Name is the column that the terms have, unless they say another.
	Name string `yaml:"name" json:"name"`
	Unit string `yaml:"unit" json:"unit"`
	// Label names the figure in the words of a failure: 原值. Without one the first
	// figure's difference is always told, those of the others where there is one.
	Label string `yaml:"label" json:"label,omitempty"`
}

// Term is what one metric adds to a side.
type Term struct {
	Metric string `yaml:"metric" json:"metric"`
	// Where keeps the rows whose key column has a code.
	Where map[string]string `yaml:"where" json:"where,omitempty"`
	// Take gives for a figure the column that it is, or a sum of columns: "recognised +
	// closed". A row in which one of them is missing adds nothing.
	Take map[string]string `yaml:"take" json:"take,omitempty"`
	// Above leaves townships out: the other side has rows for regions with regions below.
	Above bool `yaml:"above" json:"above,omitempty"`
	// In names a metric: only regions that it answers for.
	In string `yaml:"in" json:"in,omitempty"`
	// Applicable leaves out regions to which figures do not apply (三沙市): the other
	// side has no rows for them.
	Applicable bool `yaml:"applicable" json:"applicable,omitempty"`
	// Unless names a metric: the term adds nothing while a number of that is missing,
	// as levels are while their thresholds are not set.
	Unless string `yaml:"unless" json:"unless,omitempty"`
}

// Columns gives the columns that add up to a figure.
func (t *Term) Columns(figure string) []string {
	take, ok := t.Take[figure]
	if !ok {
		return []string{figure}
	}
	return strings.Split(take, " + ")
}

// metrics lists the metrics of all terms, each once.
func (i *Identity) metrics() []string {
	var ids []string
	for _, t := range i.terms() {
		for _, id := range []string{t.Metric, t.In, t.Unless} {
			if id != "" && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

func (i *Identity) terms() []Term { return slices.Concat(i.Expected, i.Actual) }

func (i *Identity) validate(c *Catalogue, f sqlFile) error {
	var errs []error
	need := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, f.fault("equal", "equal: "+format, args...))
		}
	}
	need(len(i.Expected) > 0 && len(i.Actual) > 0, "expected and actual need a term each")
	if len(i.Figures) == 0 {
		need(false, "figures is empty")
		return errors.Join(errs...)
	}
	need((i.Over == "") == (i.Under == "") && (i.Over == "" || i.By == "" && i.Figures[0].Label == ""), "over and under go together, without by and labels")
	need(i.By == "" || len(i.Figures) == 1 && i.Figures[0].Label == "", "by takes one figure, without a label")
	for n, figure := range i.Figures {
		need(nameForm.MatchString(figure.Name) && figure.Unit != "", "figure %q: a name in lower case and a unit are expected", figure.Name)
		need((figure.Label == "") == (i.Figures[0].Label == ""), "figure %s: all figures have a label, or none", figure.Name)
		need(!slices.ContainsFunc(i.Figures[:n], func(o Figure) bool { return o.Name == figure.Name }), "figure %s stands twice", figure.Name)
	}
	for _, t := range i.terms() {
		m, ok := c.Metric(t.Metric)
		if !ok {
			need(false, "metric %q is unknown", t.Metric)
			continue
		}
		for _, id := range []string{t.In, t.Unless} {
			_, ok := c.Metric(id)
			need(id == "" || ok, "in or unless: metric %q is unknown", id)
		}
		if i.By != "" {
			n := m.Column(i.By)
			need(n >= 0 && m.Columns[n].Type == TypeCode, "by: %s is no column of codes of %s", i.By, t.Metric)
		}
		for key, code := range t.Where {
			n := m.Column(key)
			need(n >= 0 && m.Columns[n].Type == TypeCode, "where: %s is no column of codes of %s", key, t.Metric)
			need(n < 0 || slices.ContainsFunc(c.Codes[m.Columns[n].Codes], func(o Code) bool { return o.Code == code }), "where: %s has no code %q", key, code)
		}
		for _, figure := range i.Figures {
			for _, name := range t.Columns(figure.Name) {
				n := m.Column(name)
				need(n >= 0 && !m.Columns[n].Type.IsKey() && m.Columns[n].Type != TypeText, "%s has no column of numbers %q for figure %s; say it with take", t.Metric, name, figure.Name)
			}
		}
		for figure := range t.Take {
			need(slices.ContainsFunc(i.Figures, func(o Figure) bool { return o.Name == figure }), "take: there is no figure %s", figure)
		}
	}
	return errors.Join(errs...)
}

// sql is the identity as a statement with the columns of a check. All names in it are
// checked at load.
func (i *Identity) sql(c *Catalogue) string {
	if i.By != "" {
		return i.sqlBy(c)
	}
	var b strings.Builder
	var sums, differ, words, expected, actual []string
	for _, f := range i.Figures {
		sums = append(sums, fmt.Sprintf("sumIf(toInt64(ifNull(%s, 0)), side = 'expected') AS e_%s", f.Name, f.Name),
			fmt.Sprintf("sumIf(toInt64(ifNull(%s, 0)), side = 'actual') AS a_%s", f.Name, f.Name))
		differ = append(differ, fmt.Sprintf("e_%s != a_%s", f.Name, f.Name))
		difference := fmt.Sprintf("concat(%s, toString(abs(e_%s - a_%s)), %s)", quote(f.Label+"差"), f.Name, f.Name, quote(f.Unit))
		if f.Label == "" && len(words) > 0 {
			difference = fmt.Sprintf("concat(toString(abs(e_%s - a_%s)), %s)", f.Name, f.Name, quote(f.Unit))
		}
		if f.Label != "" || len(words) > 0 {
			difference = fmt.Sprintf("if(e_%s = a_%s, '', %s)", f.Name, f.Name, difference)
		}
		words = append(words, difference)
		expected, actual = append(expected, differ[len(differ)-1], "e_"+f.Name), append(actual, differ[len(differ)-1], "a_"+f.Name)
	}
	if i.Over != "" {
		words = append(words, fmt.Sprintf("if(e_%s > a_%s, %s, %s)", i.Figures[0].Name, i.Figures[0].Name, quote(", "+i.Over), quote(", "+i.Under)))
	}
	joined := "concat('不平, ', " + strings.Join(words, ", ") + ")"
	first, second := "e_"+i.Figures[0].Name, "a_"+i.Figures[0].Name
	if i.Figures[0].Label != "" {
		joined = "concat('不平, ', arrayStringConcat(arrayFilter(w -> w != '', [" + strings.Join(words, ", ") + "]), ', '))"
		if n := len(expected) - 2; n > 0 {
			first = "multiIf(" + strings.Join(append(expected[:n:n], expected[n+1]), ", ") + ")"
			second = "multiIf(" + strings.Join(append(actual[:n:n], actual[n+1]), ", ") + ")"
		}
	}
	fmt.Fprintf(&b, "SELECT region,\n       %s AS words,\n       toFloat64(%s) AS expected,\n       toFloat64(%s) AS actual\nFROM\n(\n", joined, first, second)
	b.WriteString("    -- A side without rows is 0; its sum alone would be NULL, which differs from nothing.\n")
	fmt.Fprintf(&b, "    SELECT scope AS region,\n           %s\n    FROM\n    (\n", strings.Join(sums, ",\n           "))
	i.union(c, &b)
	fmt.Fprintf(&b, "    )\n    GROUP BY region\n)\nWHERE %s\nORDER BY length(region), region", strings.Join(differ, " OR "))
	return b.String()
}

// union writes the rows of all terms, each with its side.
func (i *Identity) union(c *Catalogue, b *strings.Builder) {
	for n, t := range i.terms() {
		if n > 0 {
			b.WriteString("        UNION ALL\n")
		}
		side := "expected"
		if n >= len(i.Expected) {
			side = "actual"
		}
		fmt.Fprintf(b, "        SELECT %s AS side, scope", quote(side))
		if i.By != "" {
			b.WriteString(", " + i.By)
		}
		for _, f := range i.Figures {
			columns := strings.Join(t.Columns(f.Name), " + ")
			if b.WriteString(", " + columns); columns != f.Name {
				b.WriteString(" AS " + f.Name)
			}
		}
		fmt.Fprintf(b, " FROM \"%s\"\n", t.Metric)
		if conditions := t.conditions(c); len(conditions) > 0 {
			b.WriteString("        WHERE " + strings.Join(conditions, " AND ") + "\n")
		}
	}
}

// sqlBy is sql where the sums are equal for each code.
func (i *Identity) sqlBy(c *Catalogue) string {
	m, _ := c.Metric(i.Expected[0].Metric)
	var codes, names, ranks []string
	for n, code := range c.Codes[m.Columns[m.Column(i.By)].Codes] {
		codes, names, ranks = append(codes, quote(code.Code)), append(names, quote(code.ZH)), append(ranks, fmt.Sprint(n))
	}
	list := strings.Join(codes, ", ")
	f := i.Figures[0]
	var b strings.Builder
	fmt.Fprintf(&b, `SELECT region,
       concat('不平, ', arrayStringConcat(groupArray(concat(name, '差', toString(abs(expected_sum - actual_sum)), %s)), ', ')) AS words,
       toFloat64(groupArray(expected_sum)[1]) AS expected,
       toFloat64(groupArray(actual_sum)[1]) AS actual
FROM
(
    -- A side without rows is 0; its sum alone would be NULL, which differs from nothing.
    SELECT scope AS region,
           transform(%s, [%s], [%s], %s) AS name,
           sumIf(toInt64(ifNull(%s, 0)), side = 'expected') AS expected_sum,
           sumIf(toInt64(ifNull(%s, 0)), side = 'actual') AS actual_sum
    FROM
    (
`, quote(f.Unit), i.By, list, strings.Join(names, ", "), i.By, f.Name, f.Name)
	i.union(c, &b)
	fmt.Fprintf(&b, `    )
    GROUP BY region, %s
    HAVING expected_sum != actual_sum
    ORDER BY region, transform(%s, [%s], [%s], %d)
)
GROUP BY region
ORDER BY length(region), region`, i.By, i.By, list, strings.Join(ranks, ", "), len(ranks))
	return b.String()
}

func (t *Term) conditions(c *Catalogue) []string {
	var all []string
	for key, code := range t.Where {
		all = append(all, key+" = "+quote(code))
	}
	slices.Sort(all)
	if t.Above {
		all = append(all, "length(scope) = 6")
	}
	if t.In != "" {
		all = append(all, "scope IN (SELECT scope FROM \""+t.In+"\")")
	}
	if t.Applicable {
		all = append(all, "scope NOT IN (SELECT toString(code) FROM regions FINAL WHERE NOT applicable)")
	}
	if m, ok := c.Metric(t.Unless); ok {
		var missing []string
		for i, col := range m.Columns {
			if m.Returned(i) && !col.Type.IsKey() && col.Type != TypeText {
				missing = append(missing, "isNull("+col.Name+")")
			}
		}
		all = append(all, "(SELECT countIf("+strings.Join(missing, " OR ")+") FROM \""+t.Unless+"\") = 0")
	}
	return all
}
