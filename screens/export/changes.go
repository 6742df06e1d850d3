package export

import (
	"liaowang/aggregator/batch"
	"liaowang/screens"
	"liaowang/screens/panel"
)

// Change is a figure that two batches show otherwise.
type Change struct {
	Screen string `json:"screen"`
	// Title is the screen's, Panel that of the panel.
	Title string `json:"title"`
	ID    string `json:"id"`
	Panel string `json:"panel"`
	// Row and Column name the figure; From and To are how it is written, "" where one of
	// the batches has no such row.
	Row    string `json:"row"`
	Column string `json:"column"`
	From   string `json:"from"`
	To     string `json:"to"`
}

// Changes lists what a screen shows otherwise in a later batch, panel by panel.
func (x *Exporter) Changes(from, to Batch, s Scene) ([]Change, error) {
	screen := screens.Find(x.Screens(), s.Screen)
	if screen == nil {
		return nil, refuse("unknown_screen", "there is no screen %.40q", s.Screen)
	}
	a, b := from.Input(x.Catalogue, s.Region), to.Input(x.Catalogue, s.Region)
	for _, in := range []panel.Input{a, b} {
		if _, ok := in.Regions.Get(s.Region); !ok {
			return nil, refuse("unknown_region", "there is no region %.40q in one of the batches", s.Region)
		}
	}
	out := []Change{}
	for _, spec := range screen.Panels {
		then, now := panel.Tabulate(spec, a), panel.Tabulate(spec, b)
		if spec.Kind == panel.KindChecks {
			then, now = checked(then, from.Header()), checked(now, to.Header())
		}
		for _, c := range compared(then, now) {
			c.Screen, c.Title, c.ID, c.Panel = screen.ID, screen.Title, spec.ID, now.Title
			out = append(out, c)
		}
	}
	return out, nil
}

// compared lists the cells that differ, by the keys of rows and the names of columns.
func compared(then, now panel.Sheet) (out []Change) {
	type key struct{ row, column string }
	cells := func(t panel.Sheet) (map[key]panel.SheetCell, []key) {
		all, order := map[key]panel.SheetCell{}, []key(nil)
		for _, r := range t.Rows {
			for i, c := range r.Cells {
				if i > 0 && i < len(t.Columns) {
					k := key{r.Key, t.Columns[i].Name}
					all[k] = c
					order = append(order, k)
				}
			}
		}
		return all, order
	}
	labels := map[string]string{}
	titles := map[string]panel.SheetColumn{}
	for _, t := range []panel.Sheet{then, now} {
		for _, r := range t.Rows {
			labels[r.Key] = asText(r.Cells[0])
		}
		for _, c := range t.Columns {
			titles[c.Name] = c
		}
	}
	was, before := cells(then)
	is, order := cells(now)
	for _, k := range before {
		if _, stays := is[k]; !stays {
			order = append(order, k)
		}
	}
	for _, k := range order {
		a, there := was[k]
		b, here := is[k]
		if there && here && a.Cell == b.Cell {
			continue
		}
		c := Change{Row: labels[k.row], Column: titles[k.column].Title}
		unit := titles[k.column].Unit
		if there {
			c.From = asText(a) + unitOf(a, unit)
		}
		if here {
			c.To = asText(b) + unitOf(b, unit)
		}
		out = append(out, c)
	}
	return out
}

// unitOf is the unit behind a number; what is none has none.
func unitOf(c panel.SheetCell, unit string) string {
	if c.State == batch.IsNumber {
		return unit
	}
	return ""
}
