package main

import (
	"io"
	"strings"
	"time"

	"github.com/rivo/uniseg"

	"liaowang/aggregator/batch"
)

// hall writes a moment as people in the hall read it.
func hall(t time.Time) string { return t.In(batch.Hall).Format(time.DateTime) }

// writeColumns writes rows with their columns below each other. A Chinese character is
// two columns of a terminal wide.
func writeColumns(out io.Writer, indent string, rows [][]string) error {
	var widths []int
	for _, row := range rows {
		for i, cell := range row[:max(len(row)-1, 0)] { // nothing stands behind the last
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], uniseg.StringWidth(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		line := indent
		for i, cell := range row {
			line += cell
			if i < len(row)-1 {
				line += strings.Repeat(" ", widths[i]-uniseg.StringWidth(cell)+2)
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}
