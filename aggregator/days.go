package aggregator

import (
	"slices"
	"strings"

	"liaowang/aggregator/batch"
	"liaowang/queries/warehouse"
)

// dayFigures are the numbers of the daily metrics as they were last published,
// for the province and its counties. What was suppressed stays so.
func (c *calculator) dayFigures() []warehouse.DayFigure {
	level := map[string]string{}
	for _, r := range c.tree.Regions {
		level[r.Code] = r.Level
	}
	var figures []warehouse.DayFigure
	for _, f := range sortedFrames(c.frames) {
		m, ok := c.catalogue.Metric(f.Metric)
		if !ok || !m.Daily || !slices.Contains([]string{"province", "county"}, level[f.Region]) {
			continue
		}
		for _, row := range f.Rows {
			var keys []string
			for i, cell := range row {
				switch {
				case cell.State == batch.IsText:
					keys = append(keys, cell.Text)
				case cell.State == batch.IsNumber:
					figures = append(figures, warehouse.DayFigure{Metric: f.Metric, Region: f.Region, Line: strings.Join(keys, "/"), Figure: m.Columns[i].Name, Value: cell.Number})
				}
			}
		}
	}
	return figures
}
