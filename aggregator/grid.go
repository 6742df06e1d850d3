package aggregator

import (
	"slices"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// answers are the rows of each metric for each region, by their ids and codes.
type answers map[string]map[string][][]batch.Cell

// lay lays a metric's answer over the grid of regions and keys, so that every
// region has its rows and every code its row, and notes whether any has moved. Rows of a
// region that are those which its last rows were laid from, on the same grid, are not laid
// again. They are of the answer that belongs to the last round, not of the last one that was
// given: that may be of a batch which was held, or failed.
func (c *calculator) lay(m *queries.Metric, answer warehouse.Answer, res *result) {
	before, laid := c.truth[m.ID], c.laid[m.ID]
	res.laid[m.ID] = answer
	same := before != nil && laid != nil && !res.regrid
	if same && identicalAnswer(laid, answer) {
		res.truth[m.ID] = before
		return
	}
	rows := make(map[string][][]batch.Cell, len(before))
	for _, r := range res.tree.Regions {
		if !slices.Contains(m.Regions, r.Level) {
			continue
		}
		old, ok := before[r.Code]
		if found := answer[r.Code]; !ok || !same || !identical(laid[r.Code], found) {
			if rows[r.Code] = c.rows(m, r, found, res.tree.Regions); !ok || !stayed(rows[r.Code], old) {
				res.moved[m.ID] = true
				continue
			}
		}
		rows[r.Code] = old
	}
	res.truth[m.ID] = rows
}

// layOld gives a metric that could not be asked the rows that it had, on a grid that
// may be another now. What it never had is missing, and not 0.
func (c *calculator) layOld(m *queries.Metric, res *result) {
	delete(res.laid, m.ID)
	missing := *m
	missing.Absent = queries.AbsentMissing
	rows := map[string][][]batch.Cell{}
	for _, r := range res.tree.Regions {
		if !slices.Contains(m.Regions, r.Level) {
			continue
		}
		if old, ok := c.truth[m.ID][r.Code]; ok {
			rows[r.Code] = old
			continue
		}
		res.moved[m.ID] = true
		rows[r.Code] = c.rows(&missing, r, nil, res.tree.Regions)
		if len(rows[r.Code]) == 0 {
			rows[r.Code] = [][]batch.Cell{c.absent(&missing, r.Applicable, nil)}
		}
	}
	res.truth[m.ID] = rows
}

// stayed puts the rows of old in the place of those that are equal, so that whoever compares
// them next sees at once which did not change, and reports whether none did.
func stayed(rows, old [][]batch.Cell) bool {
	all := len(rows) == len(old)
	for i := range min(len(rows), len(old)) {
		if slices.Equal(rows[i], old[i]) {
			rows[i] = old[i]
		} else {
			all = false
		}
	}
	return all
}

func (c *calculator) rows(m *queries.Metric, r queries.Region, found []warehouse.Row, regions []queries.Region) [][]batch.Cell {
	if !m.Gridded() {
		if len(found) == 0 && r.Applicable && m.Columns[0].Type == queries.TypeText {
			// A list of what there is, as the emergencies that go on: none found is no
			// row, and not a nameless one with zeros.
			return [][]batch.Cell{}
		}
		if len(found) == 0 {
			return [][]batch.Cell{c.absent(m, r.Applicable, nil)}
		}
		rows := make([][]batch.Cell, len(found))
		for i, row := range found {
			if rows[i] = cells(row); !r.Applicable {
				rows[i] = c.absent(m, false, nil)
			}
		}
		return rows
	}
	byKey := map[string]warehouse.Row{}
	for _, row := range found {
		if key, ok := row[0].(string); ok {
			byKey[key] = row
		}
	}
	var rows [][]batch.Cell
	put := func(key string, applicable bool) {
		row, ok := byKey[key]
		delete(byKey, key)
		if !ok || !applicable {
			text := batch.Text(key)
			rows = append(rows, c.absent(m, applicable, &text))
			return
		}
		rows = append(rows, cells(row))
	}
	if m.Columns[0].Type == queries.TypeCode {
		for _, code := range c.catalogue.Codes[m.Columns[0].Codes] {
			put(code.Code, r.Applicable)
		}
	} else {
		for _, child := range regions {
			if child.Parent == r.Code {
				put(child.Code, child.Applicable)
			}
		}
	}
	// A key that no list knows is shown under its own code rather than lost.
	for _, key := range sortedKeys(byKey) {
		put(key, r.Applicable)
	}
	return rows
}

// absent is the row of a key that the data does not hold. None found is 0 where
// things are counted; a rate or an average of nothing is no number, and text none.
func (c *calculator) absent(m *queries.Metric, applicable bool, key *batch.Cell) []batch.Cell {
	row := make([]batch.Cell, len(m.Columns))
	for i := range row {
		switch {
		case i == 0 && key != nil:
			row[i] = *key
		case !applicable:
			row[i] = batch.NA()
		case m.Absent == queries.AbsentZero && m.Columns[i].Ratio == nil && (m.Columns[i].Type == queries.TypeCount || m.Columns[i].Type == queries.TypeMoney):
			row[i] = batch.Num(0)
		}
	}
	return row
}

func cells(row warehouse.Row) []batch.Cell {
	out := make([]batch.Cell, len(row))
	for i, v := range row {
		switch v := v.(type) {
		case string:
			out[i] = batch.Text(v)
		case float64:
			out[i] = batch.Num(v)
		}
	}
	return out
}
