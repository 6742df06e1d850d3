package draw

import (
	"fmt"

	"liaowang/aggregator/batch"
)

// ticker tells what has just changed on a display. A picture is of one batch, as a display
// that has just come is.
type ticker struct{}

func (ticker) runs(p *pen) []run {
	return []run{
		{text: p.scene.Batch.AsOf.In(batch.Hall).Format("15:04:05"), style: style{size: sizeNumber, colour: "quiet"}},
		{text: "尚无变动", style: style{size: sizeNumber, colour: "text"}, gap: 8},
	}
}

func (t ticker) least(p *pen) float64 { return p.runsWidth(t.runs(p)...) }

func (ticker) height(*pen, float64) float64 { return sizeNumber * lineHeight }

func (t ticker) draw(p *pen, _, height float64) error {
	up, down := p.fonts.line(sizeNumber, sizeNumber*lineHeight)
	p.runs(0, (height-up-down)/2+up, t.runs(p)...)
	return nil
}

// checks is the strip along the foot: how many hold, and what does not.
type checks struct{}

const (
	checksGap  = 28
	checksLine = sizeTitle * lineHeight
)

// parts are the summary, each check that does not hold, and the systems behind the screen.
func (checks) parts(p *pen) (summary run, failed []run, sources run) {
	all := p.scene.Batch.Checks
	wrong := failing(all)
	holding := len(all) - len(wrong)
	summary = run{text: fmt.Sprintf("%d/%d 平", holding, len(all)), style: titleLabel}
	if len(wrong) > 0 {
		summary = run{text: fmt.Sprintf("%d/%d 平，%d 项不平", holding, len(all), len(wrong)), style: style{size: sizeTitle, bold: true, colour: "yellow"}}
	}
	for _, c := range wrong {
		words := c.Words
		if words == "" {
			words = "不平"
		}
		if len(c.Releases) > 0 {
			words = "已放行：" + words
		}
		failed = append(failed, run{text: c.Title + "　" + words, style: style{size: sizeNumber, bold: c.Policy == "hold", colour: "text"}})
	}
	if list := p.scene.Screen.Sources; len(list) > 0 {
		sources = run{text: "来源 " + joined(list), style: smallQuiet}
	}
	return summary, failed, sources
}

func joined(list []string) string {
	out := ""
	for i, s := range list {
		if i > 0 {
			out += "、"
		}
		out += s
	}
	return out
}

func (c checks) least(p *pen) float64 {
	summary, _, _ := c.parts(p)
	return p.runsWidth(summary)
}

// sign stands before a check that does not hold.
var sign = run{text: "≠ ", style: style{size: sizeNumber, bold: true, colour: "yellow"}}

// flow lays the strip out in lines of a width: where each part begins and on which line.
func (c checks) flow(p *pen, width float64) (at []struct{ x, line float64 }, lines float64) {
	summary, failed, sources := c.parts(p)
	x := p.runsWidth(summary) + checksGap
	for _, f := range failed {
		w := min(p.runsWidth(sign, f), width)
		if x+w > width {
			x = 0
			lines++
		}
		at = append(at, struct{ x, line float64 }{x, lines})
		x += w + checksGap
	}
	if sources.text != "" {
		w := p.runsWidth(sources)
		if x+w > width {
			lines++
		}
		at = append(at, struct{ x, line float64 }{width - w, lines})
	}
	return at, lines + 1
}

func (c checks) height(p *pen, width float64) float64 {
	_, lines := c.flow(p, width-14-p.width("勾稽", numberLabel))
	return lines * checksLine
}

// draw fills the lines that there are; what has no room is left out, and the summary says
// how many there are.
func (c checks) draw(p *pen, width, height float64) error {
	summary, failed, sources := c.parts(p)
	at, lines := c.flow(p, width)
	most := max(float64(int((height+1)/checksLine)), 1)
	top := 0.0
	if lines <= most {
		top = (height - lines*checksLine) / 2
	}
	up, _ := p.fonts.line(sizeTitle, checksLine)
	p.runs(0, top+up, summary)
	for i, f := range failed {
		if y := top + at[i].line*checksLine + up; at[i].line < most {
			w := p.runs(at[i].x, y, sign)
			f.text = p.cut(f.text, f.style, width-at[i].x-w)
			p.runs(at[i].x+w, y, f)
		}
	}
	if last := len(failed); sources.text != "" && at[last].line < most {
		p.runs(max(at[last].x, 0), top+at[last].line*checksLine+up, sources)
	}
	return nil
}

// text is words: the panel's own, or those of a metric, row by row.
type text struct {
	own        string
	Empty      string `json:"empty"`
	Paragraphs []struct {
		Title string `json:"title"`
		Lines []struct {
			Label string `json:"label"`
			amount
		} `json:"lines"`
	} `json:"paragraphs"`
}

const (
	paragraphHead = 28 * 1.4
	paragraphLine = sizeTitle * lineHeight
	paragraphGap  = 32
)

func (*text) least(*pen) float64 { return 320 }

func (t *text) height(p *pen, width float64) float64 { return t.lay(p, width, false) }

func (t *text) draw(p *pen, width, _ float64) error {
	t.lay(p, width, true)
	return nil
}

// lay writes the text from the top, or only works out its height.
func (t *text) lay(p *pen, width float64, write bool) float64 {
	y := 0.0
	lines := func(list []string, st style) {
		if write {
			p.lines(0, y, list, st, lineHeight)
		}
		y += float64(len(list)) * st.size * lineHeight
	}
	lines(p.wrap(t.own, titleLabel, width), titleLabel)
	title := style{size: 28, bold: true, colour: "text"}
	titleUp, _ := p.fonts.line(28, paragraphHead)
	up, _ := p.fonts.line(sizeTitle, paragraphLine)
	for i, paragraph := range t.Paragraphs {
		if i > 0 {
			if write {
				p.rect(0, y, width, 1, "track")
			}
			y++
		}
		if write {
			p.text(0, y+titleUp, paragraph.Title, title, start)
		}
		// The lines stand behind the title where they all fit there, else below it.
		total := 0.0
		for _, l := range paragraph.Lines {
			total += p.width(l.Label, smallQuiet) + 8 + p.width(l.Text+l.Unit, style{size: sizeTitle}) + paragraphGap
		}
		x, from, baseline := p.width(paragraph.Title, title)+paragraphGap, 0.0, y+titleUp
		if x+total-paragraphGap > width {
			x, baseline = 0, y+paragraphHead+6+up
		} else {
			from = x
		}
		for k, l := range paragraph.Lines {
			st := style{size: sizeTitle, colour: "text"}
			if l.State == "missing" || l.State == "na" {
				st.colour = "quiet"
			}
			name := p.width(l.Label, smallQuiet) + 8
			words := p.wrap(l.Text+l.Unit, st, width-name)
			if len(words) == 1 && x > from && x+name+p.width(words[0], st) > width || len(words) > 1 && k > 0 {
				x, baseline = from, baseline+paragraphLine+4
			}
			if write {
				p.text(x, baseline, l.Label, smallQuiet, start)
			}
			for n, w := range words {
				if n > 0 {
					baseline += paragraphLine
				}
				if write {
					p.text(x+name, baseline, w, st, start)
				}
			}
			if len(words) > 0 {
				x += name + p.width(words[len(words)-1], st) + paragraphGap
			}
			if len(words) > 1 {
				x = width // the next begins on a line of its own
			}
		}
		y = max(y+paragraphHead, baseline-up+paragraphLine)
	}
	lines(p.wrap(t.Empty, titleQuiet, width), titleQuiet)
	return y
}
