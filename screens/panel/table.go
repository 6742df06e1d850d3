package panel

import (
	"fmt"
	"math"
	"slices"

	"liaowang/aggregator/batch"
	"liaowang/queries"
)

// table is codes by measures: the classes of assets with count and values. Its
// last row is the sum, worked out from the rows that are shown.
type table struct{}

type tableData struct {
	Columns []tableColumn `json:"columns"`
	Rows    []tableRow    `json:"rows"`
	// Footnote stands below the rows.
	Footnote string `json:"footnote,omitempty"`
}

type tableColumn struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Unit  string `json:"unit"`
}

type tableRow struct {
	Key   string   `json:"key"`
	Label string   `json:"label"`
	Sum   bool     `json:"sum,omitempty"`
	Cells []amount `json:"cells"`
}

func (table) validate(s *Spec, v *validator) {
	v.takes(s, "metric", "columns", "total")
	m := v.keyed(s, queries.TypeCode, queries.TypeRegion)
	v.need(len(s.Columns) > 0, "columns", "is empty")
	for i, name := range s.Columns {
		v.measure(fmt.Sprintf("columns[%d]", i), m, name)
	}
}

func (table) needs(s *Spec, region string, _ *Regions) []batch.Key {
	return []batch.Key{{Metric: s.Metric, Region: region}}
}

func (table) option(*Spec, *Input) any { return nil }

func (table) data(s *Spec, in *Input) any {
	out := tableData{Columns: []tableColumn{}, Rows: []tableRow{}}
	m, ok := in.Catalogue.Metric(s.Metric)
	if !ok {
		return out
	}
	rows := in.records(s.Metric, in.Region)
	for _, r := range rows {
		out.Rows = append(out.Rows, tableRow{Key: r.key, Label: r.label})
	}
	if s.Total {
		out.Rows = append(out.Rows, tableRow{Key: "sum", Label: "合计", Sum: true})
	}
	for _, name := range s.Columns {
		i := m.Column(name)
		if i < 0 {
			continue
		}
		cells := column(rows, m, name)
		if s.Total {
			cells = append(cells, sum(cells, m.Columns[i]))
		}
		if note := in.footnote(cells...); note != "" {
			out.Footnote = note
		}
		unit := alike(cells, m.Columns[i])
		out.Columns = append(out.Columns, tableColumn{Name: name, Label: m.Columns[i].Title, Unit: unit})
		for k := range out.Rows {
			out.Rows[k].Cells = append(out.Rows[k].Cells, cells[k])
		}
	}
	return out
}

// alike writes a column of money in one unit, that of its largest amount, so
// that the rows can be compared, and gives the unit of the column,
// or none where no cell is a number.
func alike(cells []amount, col queries.Column) string {
	if !slices.ContainsFunc(cells, func(a amount) bool { return a.State == stateOK }) {
		return ""
	}
	if col.Type != queries.TypeMoney {
		return col.Unit
	}
	var largest float64
	for _, c := range cells {
		largest = math.Max(largest, math.Abs(c.drawn()))
	}
	unit := moneyUnit(largest)
	_, name := money(0, unit)
	for i, c := range cells {
		if c.Value != nil {
			cells[i].Text, cells[i].Unit = money(*c.Value, unit)
		}
	}
	return name
}
