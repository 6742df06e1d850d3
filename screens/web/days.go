package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/screens/hub"
	"liaowang/screens/panel"
)

const (
	// daysBack is how many days a card looks back, its own among them.
	daysBack = 30
	// mostSeries bounds the rows of a metric whose days are told.
	mostSeries = 60
)

// series is one number of a metric over the days.
type series struct {
	// Key is that of the answer's row, Column the name of its column.
	Key    string `json:"key"`
	Column string `json:"column"`
	// Points has an amount for each day, null where nothing is kept of it.
	Points []any `json:"points"`
}

// trends lists the columns whose numbers can be followed from day to day: none where rows
// are days or months themselves.
func trends(m *queries.Metric) (columns []int) {
	for i, c := range m.Columns {
		switch c.Type {
		case queries.TypeDate:
			return nil
		case queries.TypeCount, queries.TypeMoney, queries.TypeNumber:
			columns = append(columns, i)
		}
	}
	return columns
}

// days is what a metric showed for a region at the end of each of the last days, and the
// batch itself for its own: {"days": […], "series": […]}.
func (s *server) days(w http.ResponseWriter, r *http.Request, a asked, shown *hub.Shown, _ string) {
	m, h := a.metric, shown.Header()
	own := queries.RefreshDay.Tick(h.AsOf, batch.Hall)
	from := own.AddDate(0, 0, 1-daysBack)
	kept, err := s.past.record.Days(r.Context(), m.ID, a.region, from, own, h.Number)
	if err != nil {
		s.past.fail(w, err)
		return
	}
	var days []string
	for day := from; !day.After(own); day = day.AddDate(0, 0, 1) {
		days = append(days, day.Format(time.DateOnly))
	}
	answer := panel.Answered(m, shown.Input(s.Catalogue, a.region))
	all := []series{}
	at := map[[2]string]int{}
	for n, row := range answer.Rows[:min(len(answer.Rows), mostSeries)] {
		for _, i := range trends(m) {
			one := series{row.Key, m.Columns[i].Name, make([]any, daysBack)}
			one.Points[daysBack-1] = answer.Rows[n].Cells[i]
			at[[2]string{one.Key, one.Column}] = len(all)
			all = append(all, one)
		}
	}
	put := func(day, key string, i int, c batch.Cell) {
		n, known := at[[2]string{key, m.Columns[i].Name}]
		if at := slices.Index(days, day); known && at >= 0 {
			all[n].Points[at] = panel.Written(c, m.Columns[i])
		}
	}
	for _, day := range kept {
		var rows [][]batch.Cell
		if day.Rows != nil && json.Unmarshal(day.Rows, &rows) == nil {
			for _, row := range rows {
				if len(row) == len(m.Columns) { // the metric had others then
					for _, i := range trends(m) {
						put(day.Day, panel.RowKey(row), i, row[i])
					}
				}
			}
		}
		for _, f := range day.Figures {
			if i := m.Column(f.Figure); i >= 0 {
				put(day.Day, f.Line, i, batch.Num(f.Value))
			}
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"metric": m.ID, "region": a.region, "batch": h.Number, "days": days, "series": all})
}
