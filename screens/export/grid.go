package export

import (
	"strconv"
	"strings"

	"liaowang/screens"
	"liaowang/screens/export/office"
	"liaowang/screens/panel"
)

// gap is what lies between two panels of a slide.
const gap = 10

// placed gives each panel of a screen its place in a box, by the layout of a wall. Panels
// that a page does not need have none, and rows of nothing else go.
func placed(s *screens.Screen, in office.Box, leave func(panel.Kind) bool) map[string]office.Box {
	var layout *screens.Layout
	for i := range s.Grid {
		if s.Grid[i].Name == "wall" {
			layout = &s.Grid[i]
		}
	}
	out := map[string]office.Box{}
	if layout == nil {
		return out
	}
	stays := map[string]string{} // panels by their areas
	for _, p := range s.Panels {
		if !leave(p.Kind) {
			stays[p.Area] = p.ID
		}
	}
	var rows []string
	var areas [][]string
	for i, line := range layout.Areas {
		names := strings.Fields(line)
		for _, name := range names {
			if stays[name] != "" {
				rows, areas = append(rows, layout.Rows[i]), append(areas, names)
				break
			}
		}
	}
	x := tracks(layout.Columns, in.Width)
	y := tracks(rows, in.Height)
	for area, id := range stays {
		first := true
		var left, right, top, bottom int
		for r, names := range areas {
			for c, name := range names {
				if name != area {
					continue
				}
				if first {
					left, top, first = c, r, false
				}
				right, bottom = c, r
			}
		}
		if first {
			continue
		}
		out[id] = office.Box{X: in.X + x[left], Y: in.Y + y[top], Width: x[right+1] - gap - x[left], Height: y[bottom+1] - gap - y[top]}
	}
	return out
}

// tracks gives where the tracks of a grid begin, and where one behind the last would. Units
// of a wall are two thirds of one here; what is as high as it needs counts as a share.
func tracks(sizes []string, whole float64) []float64 {
	fixed, shares := float64(gap*(len(sizes)-1)), 0.0
	parse := func(size string) (units, share float64) {
		if text, ok := strings.CutSuffix(size, "u"); ok {
			v, _ := strconv.ParseFloat(text, 64)
			return v * office.Height / 1080, 0
		}
		text, ok := strings.CutSuffix(size, "fr")
		if v, err := strconv.ParseFloat(text, 64); ok && err == nil {
			return 0, v
		}
		return 0, 1
	}
	for _, s := range sizes {
		u, f := parse(s)
		fixed, shares = fixed+u, shares+f
	}
	left := max(whole-fixed, 0)
	scale := 1.0 // where there are fixed tracks alone they fill the whole
	if shares == 0 && fixed > 0 {
		scale = whole / fixed
	}
	at := []float64{0}
	for i, s := range sizes {
		u, f := parse(s)
		size := u * scale
		if shares > 0 {
			size += left * f / shares
		}
		at = append(at, at[i]+size+gap)
	}
	return at
}
