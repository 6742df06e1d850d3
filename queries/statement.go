package queries

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

var regionCode = regexp.MustCompile(`^[0-9]{6,12}$`)

// Statement is the metric's statement as any client runs it on the live database: with
// the time of its clock written in, and for one region, where the program does nothing
// but add up. It answers as of when it is run.
func (m *Metric) Statement(region string, level string, now time.Time, zone *time.Location) string {
	sql := m.SQL
	if tick := m.Refresh.Tick(now, zone); !tick.IsZero() {
		sql = nowParameter.ReplaceAllLiteralString(sql, fmt.Sprintf("toDateTime(%s, 'Asia/Shanghai')", quote(tick.In(zone).Format(time.DateTime))))
	}
	if !regionCode.MatchString(region) {
		return sql
	}
	inner := "(\n" + indent(sql) + "\n)"
	if m.Rows != RowsPlaces {
		return fmt.Sprintf("SELECT * EXCEPT (scope)\nFROM\n%s\nWHERE scope = %s", inner, quote(region))
	}
	var columns, keys []string
	for i, c := range m.Columns {
		switch {
		case !m.Returned(i) || len(m.Parts) > 0:
			return sql // ratios, regions below: rows by place, which the program adds up
		case c.Type.IsKey() || c.Type == TypeText:
			keys = append(keys, c.Name)
			columns = append(columns, c.Name)
		default:
			columns = append(columns, fmt.Sprintf("sum(%s) AS %s", c.Name, c.Name))
		}
	}
	out := fmt.Sprintf("SELECT %s\nFROM\n%s", strings.Join(columns, ", "), inner)
	switch level {
	case "county":
		out += fmt.Sprintf("\nWHERE place IN (SELECT code FROM regions FINAL WHERE code = %s OR parent = %s)", region, region)
	case "township":
		out += "\nWHERE place = " + region
	}
	if len(keys) > 0 {
		out += "\nGROUP BY " + strings.Join(keys, ", ")
	}
	return out
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(text, "\n", "\n    ")
}
