package panel

import (
	"slices"

	"liaowang/aggregator/batch"
	"liaowang/queries"
)

// Answer is all that a metric says for a region, as text: what the card behind a number
// shows. Rows are those of the frame; a row's cells are in the order of Columns.
type Answer struct {
	Columns []AnswerColumn `json:"columns"`
	Rows    []AnswerRow    `json:"rows"`
	// Footnote says what ＊ means where there is one.
	Footnote string `json:"footnote,omitempty"`
	// Changed is the batch in which the rows were first shown; 0 without a frame.
	Changed uint64 `json:"changed"`
}

// AnswerColumn is a column of an answer. One that names rows is a Key.
type AnswerColumn struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Key   bool   `json:"key,omitempty"`
}

// AnswerRow is a row of an answer.
type AnswerRow struct {
	// Key joins what names the row, as daily figures do; empty in the only row of a metric.
	Key   string   `json:"key"`
	Cells []amount `json:"cells"`
}

// stateText is the state of a cell that is no number: a name, a day.
const stateText state = "text"

// Answered gives the answer of a metric for the region shown.
func Answered(m *queries.Metric, in Input) Answer {
	out := Answer{Rows: []AnswerRow{}}
	for _, c := range m.Columns {
		out.Columns = append(out.Columns, AnswerColumn{c.Name, c.Title, c.Type.IsKey() || c.Type == queries.TypeText})
	}
	f := in.Frame(m.ID, in.Region)
	var rows [][]batch.Cell
	if f != nil {
		rows, out.Changed = f.Rows, f.Changed
	}
	if m.Gridded() {
		rows = nil
		for _, r := range in.records(m.ID, in.Region) {
			if len(r.cells) == 0 {
				r.cells = make([]batch.Cell, len(m.Columns))
			}
			rows = append(rows, slices.Concat([]batch.Cell{batch.Text(r.key)}, r.cells[1:]))
		}
	} else if len(rows) == 0 && !out.Columns[0].Key {
		cells := make([]batch.Cell, len(m.Columns))
		if !in.Regions.applicable(in.Region) || !answers(m, in.Regions.level(in.Region)) {
			cells = slices.Repeat([]batch.Cell{batch.NA()}, len(m.Columns))
		}
		rows = [][]batch.Cell{cells}
	}
	var shown []amount
	for _, cells := range rows {
		row := AnswerRow{Key: RowKey(cells)}
		for i, c := range cells[:min(len(cells), len(m.Columns))] {
			row.Cells = append(row.Cells, in.answer(c, m.Columns[i]))
		}
		shown = append(shown, row.Cells...)
		out.Rows = append(out.Rows, row)
	}
	out.Footnote = in.footnote(shown...)
	return out
}

// answer gives a cell as text: names of codes and regions, numbers as they are shown.
func (in *Input) answer(c batch.Cell, col queries.Column) amount {
	if c.State != batch.IsText {
		return format(c, col)
	}
	text := c.Text
	switch col.Type {
	case queries.TypeCode:
		if i := slices.IndexFunc(in.Catalogue.Codes[col.Codes], func(code queries.Code) bool { return code.Code == text }); i >= 0 {
			text = in.Catalogue.Codes[col.Codes][i].ZH
		}
	case queries.TypeRegion:
		text = in.Regions.name(text)
	}
	return amount{Text: text, State: stateText}
}

// RowKey joins the names in a row, as the daily figures' line does.
func RowKey(row []batch.Cell) string {
	key, any := "", false
	for _, c := range row {
		if c.State == batch.IsText {
			if any {
				key += "/"
			}
			key, any = key+c.Text, true
		}
	}
	return key
}

// Written is a cell of a column as it is shown, for what was shown before.
func Written(c batch.Cell, col queries.Column) any { return format(c, col) }

// States lists the states of an answer's numbers, each once.
func (a *Answer) States() []string {
	var all []string
	for _, r := range a.Rows {
		for _, c := range r.Cells {
			if c.State != stateText && !slices.Contains(all, string(c.State)) {
				all = append(all, string(c.State))
			}
		}
	}
	return all
}

// Metrics lists the metrics that a panel is drawn from, in the order in which it shows
// them.
func Metrics(s Spec) []Figure {
	var all []Figure
	add := func(f Figure) {
		if f.Metric != "" && !slices.ContainsFunc(all, func(o Figure) bool { return o.Metric == f.Metric && o.ID == f.ID }) {
			all = append(all, f)
		}
	}
	for _, f := range s.Figures {
		add(f)
	}
	add(Figure{Metric: s.Metric, Value: s.Value})
	if len(all) == 0 { // a kind that names its metrics in a way of its own
		for _, k := range Needs(s, "", nil) {
			add(Figure{Metric: k.Metric})
		}
	}
	return all
}
