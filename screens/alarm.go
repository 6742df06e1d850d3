package screens

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"liaowang/queries"
)

// Alarm is what interrupts a wall that shows by itself: a condition that a new picture meets
// and the one before did not, and the words for it.
type Alarm struct {
	ID    string `yaml:"id"`
	Title string `yaml:"title"`
	// Level is red or yellow; red comes before yellow.
	Level string `yaml:"level"`

	// Of a metric: Rises is by how much the number in Row and Column must be more than before;
	// or New is the column of words by which rows are told apart, of which one was not there.
	Metric string  `yaml:"metric"`
	Row    string  `yaml:"row"`
	Column string  `yaml:"column"`
	Rises  float64 `yaml:"rises"`
	New    string  `yaml:"new"`
	// Regions is where it is looked for: province, or county. Where no county's number may be shown,
	// the province's speaks for them.
	Regions string `yaml:"regions"`
	// Of checks: the policies of those whose failure is one.
	Checks []string `yaml:"checks"`

	// Words say what has happened; those of a check are its own. {now}, {before} and {more} are
	// numbers, and of a new row each column of text by its name.
	Words string `yaml:"words"`
	// Screen shows more of it.
	Screen string `yaml:"screen"`
	// Show is for how long it interrupts, Again after how long the same alarm may come again.
	Show  time.Duration `yaml:"show"`
	Again time.Duration `yaml:"again"`
	// Sound says that displays which may sound do.
	Sound bool `yaml:"sound"`

	Edition string `yaml:"-"`
}

// The levels of alarms, and the bounds of their times.
const (
	AlarmRed    = "red"
	AlarmYellow = "yellow"

	leastShow, mostShow = 5 * time.Second, 10 * time.Minute
	leastGap, mostGap   = time.Minute, 7 * 24 * time.Hour
	defaultShow         = 30 * time.Second
	defaultAgain        = 30 * time.Minute
)

var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

// Fill writes an alarm's words.
func (a *Alarm) Fill(values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(a.Words, func(name string) string { return values[name[1:len(name)-1]] })
}

// alarm checks one against the catalogue and the screens that there are.
func (c *checker) alarm(a *Alarm, ids []string) {
	if !idForm.MatchString(a.ID) {
		c.fault("$.id", "%q must be lower case letters, digits and hyphens", a.ID)
	}
	if a.Title == "" {
		c.fault("$.title", "is empty")
	}
	if a.Level != AlarmRed && a.Level != AlarmYellow {
		c.fault("$.level", "level %q is unknown: must be red or yellow", a.Level)
	}
	if !slices.Contains(ids, a.Screen) {
		c.fault("$.screen", "screen %q is unknown: must be one of %s", a.Screen, strings.Join(ids, ", "))
	}
	if a.Show == 0 {
		a.Show = defaultShow
	}
	if a.Again == 0 {
		a.Again = defaultAgain
	}
	if a.Show < leastShow || a.Show > mostShow {
		c.fault("$.show", "%s must be from %s to %s", a.Show, leastShow, mostShow)
	}
	if a.Again < leastGap || a.Again > mostGap {
		c.fault("$.again", "%s must be from %s to %s", a.Again, leastGap, mostGap)
	}
	if a.Metric == "" {
		c.alarmOfChecks(a)
		return
	}
	if len(a.Checks) > 0 {
		c.fault("$.checks", "an alarm is of a metric or of checks, not of both")
	}
	m, ok := c.cat.Metric(a.Metric)
	if !ok {
		var all []string
		for _, one := range c.cat.Metrics {
			all = append(all, one.ID)
		}
		c.fault("$.metric", "metric %q is unknown: must be one of %s", a.Metric, strings.Join(all, ", "))
		return
	}
	if a.Regions == "" {
		a.Regions = "province"
	}
	if a.Regions != "province" && a.Regions != "county" || !slices.Contains(m.Regions, a.Regions) {
		c.fault("$.regions", "%q is none of %s, or metric %s has no answer for it", a.Regions, "province, county", m.ID)
	}
	allowed := c.alarmOfMetric(a, m)
	if a.Words == "" {
		c.fault("$.words", "is empty: say what has happened")
	}
	for _, found := range placeholder.FindAllStringSubmatch(a.Words, -1) {
		if !slices.Contains(allowed, found[1]) {
			c.fault("$.words", "{%s} is unknown: must be one of {%s}", found[1], strings.Join(allowed, "}, {"))
		}
	}
}

// alarmOfMetric gives the names that the words may hold.
func (c *checker) alarmOfMetric(a *Alarm, m *queries.Metric) []string {
	var texts, numbers []string
	for _, column := range m.Columns {
		switch column.Type {
		case queries.TypeText:
			texts = append(texts, column.Name)
		case queries.TypeCount, queries.TypeMoney, queries.TypeNumber:
			numbers = append(numbers, column.Name)
		}
	}
	if a.New != "" {
		if !slices.Contains(texts, a.New) {
			c.fault("$.new", "column %q holds no words of metric %s: must be one of %s", a.New, m.ID, strings.Join(texts, ", "))
		}
		if a.Rises != 0 || a.Row != "" || a.Column != "" {
			c.fault("$.new", "an alarm is of a new row or of a number that rises, not of both")
		}
		return texts
	}
	if a.Rises <= 0 {
		c.fault("$.rises", "must be above 0: by how much the number is more than before; or new names a column of words")
	}
	if !slices.Contains(numbers, a.Column) {
		c.fault("$.column", "column %q is no number of metric %s: must be one of %s", a.Column, m.ID, strings.Join(numbers, ", "))
	}
	if first := m.Columns[0]; first.Type == queries.TypeCode {
		var codes []string
		for _, code := range c.cat.Codes[first.Codes] {
			codes = append(codes, code.Code)
		}
		if !slices.Contains(codes, a.Row) {
			c.fault("$.row", "row %q is unknown: must be one of %s", a.Row, strings.Join(codes, ", "))
		}
	} else if a.Row != "" {
		c.fault("$.row", "metric %s has no rows by codes", m.ID)
	}
	return []string{"now", "before", "more"}
}

func (c *checker) alarmOfChecks(a *Alarm) {
	if len(a.Checks) == 0 {
		c.fault("$.metric", "is empty: an alarm is of a metric, or of checks by their policies")
	}
	for i, policy := range a.Checks {
		if !slices.Contains([]string{"note", "warn", "hold"}, policy) {
			c.fault(fmt.Sprintf("$.checks[%d]", i), "policy %q is unknown: must be one of note, warn, hold", policy)
		}
	}
	if a.Words != "" {
		c.fault("$.words", "of a check are its own")
	}
}
