package export

import (
	"bytes"
	"encoding/csv"
	"strings"

	"liaowang/aggregator/batch"
	"liaowang/screens/panel"
)

// bom makes Excel read a CSV file as UTF-8.
const bom = "\ufeff"

// writeCSV writes the sheet of one panel: a header, the rows, and behind an empty line what
// it is of, in lines that begin with #.
func writeCSV(d *document) ([]byte, error) {
	t := &d.pages[0].parts[0].sheet
	var out bytes.Buffer
	out.WriteString(bom)
	w := csv.NewWriter(&out)
	w.UseCRLF = true        // RFC 4180
	_ = w.WriteAll(grid(t)) // into memory
	about := [][]string{
		{"#", t.Title}, {"#", "区划", d.pages[0].where()}, {"#", of(d.header)}, {"#", d.taken()}, {"#" + propertyCode, d.proof.code},
	}
	for _, note := range []string{t.Note, t.Empty, t.Footnote} {
		if note != "" {
			about = append(about, []string{"#", note})
		}
	}
	w.Flush()
	out.WriteString("\r\n")
	_ = w.WriteAll(about)
	return out.Bytes(), w.Error()
}

// grid is a sheet as texts, its header first.
func grid(t *panel.Sheet) [][]string {
	var head []string
	for _, c := range t.Columns {
		head = append(head, guarded(heading(c)))
	}
	rows := [][]string{head}
	for _, r := range t.Rows {
		var row []string
		for _, c := range r.Cells {
			text := asText(c)
			if c.State == batch.IsText {
				text = guarded(text)
			}
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	return rows
}

// heading is the title of a column with the unit of its values.
func heading(c panel.SheetColumn) string {
	if c.Unit == "" {
		return c.Title
	}
	return c.Title + "（" + c.Unit + "）"
}

// guarded keeps a text from being a formula: spreadsheets take one that begins with these
// characters for one, and a number of ours is no text.
func guarded(text string) string {
	if text != "" && strings.ContainsAny(text[:1], "=+-@\t\r\n") || strings.HasPrefix(text, "＝") || strings.HasPrefix(text, "＋") || strings.HasPrefix(text, "－") || strings.HasPrefix(text, "＠") {
		return "'" + text
	}
	return text
}
