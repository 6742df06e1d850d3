package draw

import (
	"math"
	"strconv"
)

// figure is one figure with what stands beside it.
type figure struct {
	Label string `json:"label"`
	amount
	Beside *amount `json:"beside"`
	What   string  `json:"what"`
	Change *amount `json:"change"`
	Target float64 `json:"target"`
}

type figures struct {
	Figures []figure `json:"figures"`
}

// closer is by how much the digits of figures stand closer, of an em.
const closer = 0.01

// value is the number of a figure and its unit: a number in full, a star as light as a
// name, words quiet and smaller.
func (a amount) value(size, words, unit, gap, tight float64) []run {
	st := style{size: size, bold: true, colour: "text", tight: tight}
	switch a.State {
	case "suppressed":
		st = style{size: words, colour: "label"}
	case "missing", "na":
		st = style{size: words, colour: "quiet"}
	}
	return []run{{text: a.Text, style: st}, {text: a.Unit, style: style{size: unit, colour: "label"}, gap: gap}}
}

// beside is what stands with a figure: one word is enough where there is none.
func (f *figure) beside(size float64) []run {
	var list []run
	if b := f.Beside; b != nil && f.State == stateOK {
		colour := "label"
		if b.State == "missing" || b.State == "na" {
			colour = "quiet"
		}
		list = append(list, run{text: f.What, style: titleQuiet})
		space := 0.0
		if f.What != "" {
			space = 8
		}
		list = append(list, run{text: b.Text, style: style{size: size, colour: colour}, gap: space}, run{text: b.Unit, style: titleQuiet, gap: 6})
	}
	if f.Change != nil {
		space := 0.0
		if len(list) > 0 {
			space = 14
		}
		list = append(list, run{text: "较昨日 " + f.Change.Text, style: titleLabel, gap: space})
	}
	return list
}

// strip is the headline figures side by side, on two lines where they are upright.
type strip struct{ figures }

const (
	stripLabel  = sizeTitle * 1.3
	stripValue  = sizeFigure * 1.06
	stripBeside = 5 + 30*1.2
	stripGap    = 10
)

// columns is how many stand side by side.
func (s *strip) columns(p *pen) int {
	n := len(s.Figures)
	if !p.upright {
		return max(n, 1)
	}
	switch n {
	case 2, 4:
		return 2
	case 3, 5, 6:
		return 3
	}
	return 1
}

func (s *strip) value(f *figure) []run { return f.amount.value(sizeFigure, 48, 28, 8, closer) }

func (s *strip) least(p *pen) float64 {
	widest := 0.0
	for i := range s.Figures {
		f := &s.Figures[i]
		widest = max(widest, p.width(f.Label, titleLabel), p.runsWidth(s.value(f)...), p.runsWidth(f.beside(30)...))
	}
	n := float64(s.columns(p))
	return n*widest + (n-1)*gap
}

// line is the height of a line of figures: all have something beside them, or none needs it.
func (s *strip) line() float64 {
	for i := range s.Figures {
		if len(s.Figures[i].beside(30)) > 0 {
			return stripLabel + stripValue + stripBeside
		}
	}
	return stripLabel + stripValue
}

// beside is the width at which words of a width have room beside the name of the last figure.
func (s *strip) beside(p *pen, words float64) float64 {
	n := len(s.Figures)
	if n == 0 {
		return words
	}
	columns := float64(s.columns(p))
	return columns*(p.width(s.Figures[n-1].Label, titleLabel)+gap/2+words) + (columns-1)*gap
}

func (s *strip) height(p *pen, _ float64) float64 {
	lines := math.Ceil(float64(len(s.Figures)) / float64(s.columns(p)))
	return lines*s.line() + (lines-1)*stripGap
}

func (s *strip) draw(p *pen, width, _ float64) error {
	n := s.columns(p)
	each := (width - float64(n-1)*gap) / float64(n)
	labelUp, _ := p.fonts.line(sizeTitle, stripLabel)
	valueUp, _ := p.fonts.line(sizeFigure, stripValue)
	besideUp, _ := p.fonts.line(30, 36)
	for i := range s.Figures {
		f := &s.Figures[i]
		x, y := float64(i%n)*(each+gap), float64(i/n)*(s.line()+stripGap)
		p.text(x, y+labelUp, f.Label, titleLabel, start)
		value := s.value(f)
		up, below := valueUp, stripValue
		if f.State != stateOK { // words are smaller, and so is their line
			up, _ = p.fonts.line(48, 48*1.06)
			below = 48 * 1.06
		}
		p.runs(x, y+stripLabel+up, value...)
		beside := f.beside(30)
		up = besideUp
		if f.Beside == nil || f.State != stateOK {
			up, _ = p.fonts.line(sizeTitle, sizeTitle*1.2)
		}
		p.runs(x, y+stripLabel+below+5+up, beside...)
	}
	return nil
}

// evenly shares a height that n things of a height leave over, as much before the first as
// between two, and gives the top of the i-th.
func evenly(height float64, n int, each float64, i int) float64 {
	space := math.Max(0, (height-float64(n)*each)/float64(n+1))
	if total := float64(n) * each; total > height {
		return (height-total)/2 + float64(i)*each // as many as there are, from the middle
	}
	return space + float64(i)*(each+space)
}

// facts are figures one below the other.
type facts struct{ figures }

const factHeight = 26 * 1.06

func (f *facts) parts(fig *figure) (value, beside []run) {
	value = fig.amount.value(26, 22, sizeSmall, 5, closer)
	return value, append(beside, fig.beside(sizeNumber)...)
}

// unitWidth is the room of a unit, the same for all, so that numbers end below each other.
func unitWidth(p *pen, unit string) float64 {
	return math.Max(2.2*sizeSmall, p.width(unit, style{size: sizeSmall}))
}

func (f *facts) least(p *pen) float64 {
	w := 0.0
	for i := range f.Figures {
		value, beside := f.parts(&f.Figures[i])
		w = max(w, p.width(f.Figures[i].Label, labelStyle)+gap/2+p.width(value[0].text, value[0].style)+5+unitWidth(p, value[1].text)+12+p.runsWidth(beside...))
	}
	return w
}

func (f *facts) height(*pen, float64) float64 { return float64(len(f.Figures)) * 36 }

func (f *facts) draw(p *pen, width, height float64) error {
	n := len(f.Figures)
	labelUp, labelDown := p.fonts.line(sizeLabel, sizeLabel*1.3)
	valueUp, valueDown := p.fonts.line(26, factHeight)
	up, line := max(labelUp, valueUp), max(labelUp, valueUp)+max(labelDown, valueDown)
	for i := range f.Figures {
		fig := &f.Figures[i]
		top := evenly(height+1, n, line+1, i) - 1 // the first has no line over it
		if i > 0 {
			p.rect(0, top, width, 1, "track")
		}
		value, beside := f.parts(fig)
		baseline := top + 1 + up
		p.text(0, baseline, fig.Label, labelStyle, start)
		// The room of what stands beside is there, too, where nothing does.
		right := width - max(p.runsWidth(beside...), 6)
		p.runs(right, baseline, beside...)
		right -= 12 + unitWidth(p, value[1].text)
		p.text(right, baseline, value[1].text, value[1].style, start)
		p.text(right-5, baseline, value[0].text, value[0].style, end)
	}
	return nil
}

// gauge is rates on a track from 0 to 100 %, with what they should reach.
type gauge struct{ figures }

// each is the height of a rate: a line of label and number, and its track.
func (g *gauge) each(p *pen) (up, line float64) {
	labelUp, labelDown := p.fonts.line(sizeLabel, sizeLabel*1.3)
	valueUp, valueDown := p.fonts.line(26, factHeight)
	up = max(labelUp, valueUp)
	return up, up + max(labelDown, valueDown)
}

func (g *gauge) value(f *figure) []run { return f.amount.value(26, 26, sizeSmall, 3, closer) }

func (g *gauge) least(p *pen) float64 {
	w := 0.0
	for i := range g.Figures {
		w = max(w, p.width(g.Figures[i].Label, labelStyle)+gap/2+p.runsWidth(g.value(&g.Figures[i])...))
	}
	return w
}

func (g *gauge) height(p *pen, _ float64) float64 {
	_, line := g.each(p)
	return float64(len(g.Figures)) * (line + 12 + 14)
}

func (g *gauge) draw(p *pen, width, height float64) error {
	up, line := g.each(p)
	for i := range g.Figures {
		f := &g.Figures[i]
		top := evenly(height, len(g.Figures), line+12, i)
		p.text(0, top+up, f.Label, labelStyle, start)
		p.runsEnd(width, top+up, g.value(f)...)
		share := 0.0
		if f.Value != nil {
			share = min(max(*f.Value/100, 0), 1)
		}
		p.track(0, top+line+4, width, share)
		if f.Target > 0 {
			p.rect(width*f.Target/100-2, top+line, 2, 16, "text")
		}
	}
	return nil
}

// track draws a part of a whole.
func (p *pen) track(x, y, width, share float64) {
	p.rect(x, y, width, 8, "track")
	p.rect(x, y, width*share, 8, "accent")
}

// path leads from all to the few.
type path struct {
	Steps []struct {
		Key   string `json:"key"`
		Label string `json:"label"`
		amount
		Share   float64 `json:"share"`
		Percent string  `json:"percent"`
	} `json:"steps"`
}

const (
	pathGap    = 34
	pathLabel  = sizeLabel * 1.3
	pathValue  = 36 * 1.15
	pathHeight = pathLabel + pathValue + 6 + 8 + 3 + sizeSmall*1.3
)

func (s *path) least(p *pen) float64 {
	widest := 0.0
	for _, step := range s.Steps {
		widest = max(widest, p.width(step.Label, labelStyle), p.runsWidth(step.amount.value(36, 26, sizeLabel, 6, 0)...))
	}
	n := float64(len(s.Steps))
	return n*widest + (n-1)*pathGap
}

func (s *path) height(*pen, float64) float64 { return pathHeight }

func (s *path) draw(p *pen, width, height float64) error {
	n := len(s.Steps)
	if n == 0 {
		return nil
	}
	each := (width - float64(n-1)*pathGap) / float64(n)
	top := (height - pathHeight) / 2
	labelUp, _ := p.fonts.line(sizeLabel, pathLabel)
	valueUp, _ := p.fonts.line(36, pathValue)
	signUp, _ := p.fonts.line(28, 28)
	percentUp, _ := p.fonts.line(sizeSmall, sizeSmall*1.3)
	for i, step := range s.Steps {
		x := float64(i) * (each + pathGap)
		if i > 0 {
			sign := "›"
			if s.Steps[0].Key == "whole" {
				sign = map[bool]string{true: "=", false: "+"}[i == 1]
			}
			p.text(x-pathGap/2, top+29+signUp, sign, style{size: 28, colour: "quiet"}, middle)
		}
		p.text(x, top+labelUp, step.Label, labelStyle, start)
		p.runs(x, top+pathLabel+valueUp, step.amount.value(36, 26, sizeLabel, 6, 0)...)
		y := top + pathLabel + pathValue + 6
		p.track(x, y, each, step.Share)
		p.text(x, y+8+3+percentUp, step.Percent, smallLabel, start)
	}
	return nil
}

// count writes a number of rows.
func count(n int) string { return strconv.Itoa(n) }
