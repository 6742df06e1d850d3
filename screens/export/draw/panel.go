package draw

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"liaowang/aggregator/batch"
	"liaowang/screens/panel"
)

// The sizes of static/css/tokens.css, in units.
const (
	sizeSmall  = 16
	sizeLabel  = 17
	sizeNumber = 18
	sizeTitle  = 20
	sizeScreen = 34
	sizeFigure = 76
	gap        = 24
	lineHeight = 1.35 // of a text that has none of its own
)

var (
	smallQuiet  = style{size: sizeSmall, colour: "quiet"}
	smallLabel  = style{size: sizeSmall, colour: "label"}
	labelStyle  = style{size: sizeLabel, colour: "label"}
	numberLabel = style{size: sizeNumber, colour: "label"}
	titleStyle  = style{size: sizeTitle, bold: true, colour: "text"}
	titleLabel  = style{size: sizeTitle, colour: "label"}
	titleQuiet  = style{size: sizeTitle, colour: "quiet"}
)

// amount is a number as panels have it.
type amount struct {
	Value *float64 `json:"value"`
	Text  string   `json:"text"`
	Unit  string   `json:"unit"`
	State string   `json:"state"`
}

const stateOK = "ok"

// head is what stands around the body of every panel.
type head struct {
	Title    string  `json:"title"`
	Unit     string  `json:"unit"`
	Total    *amount `json:"total"`
	Footnote string  `json:"footnote"`
	Empty    string  `json:"empty"`
}

// pen draws the panels of a scene on a canvas.
type pen struct {
	*canvas
	ctx   context.Context
	d     *Drawer
	scene *Scene
	theme Theme
	// upright says that the picture is higher than wide: a strip of figures has two lines.
	upright bool
	// narrow is the width of the picture, units: a foot that has no room stands on more lines.
	narrow float64
	// headed says that the picture has the head of a screen, where 演示数据 stands.
	headed bool
	// ids is what the ids of the picture begin with.
	ids string
}

// body is what a panel shows below its title.
type body interface {
	// least is the width that it needs, in units; a narrower picture is drawn smaller.
	least(p *pen) float64
	// height is what it needs at a width; 0: it takes what there is.
	height(p *pen, width float64) float64
	draw(p *pen, width, height float64) error
}

// plan is a panel that is ready to be drawn.
type plan struct {
	spec *panel.Spec
	head head
	body body
}

// plan reads what a panel shows.
func (s *Scene) plan(id string) (*plan, error) {
	spec, content, err := s.panel(id)
	if err != nil {
		return nil, err
	}
	p := &plan{spec: spec}
	read := func(to any) {
		if err == nil && len(content.Data) > 0 {
			err = json.Unmarshal(content.Data, to)
		}
	}
	read(&p.head)
	switch spec.Kind {
	case panel.KindFigure, panel.KindFigures:
		b := &strip{}
		read(b)
		p.body = b
	case panel.KindFacts:
		b := &facts{}
		read(b)
		p.body = b
	case panel.KindGauge:
		b := &gauge{}
		read(b)
		p.body = b
	case panel.KindPath:
		b := &path{}
		read(b)
		p.body = b
	case panel.KindTable, panel.KindList, panel.KindHeat, panel.KindMonths:
		b := &table{kind: spec.Kind}
		read(b)
		p.body = b
	case panel.KindText:
		b := &text{own: spec.Text}
		read(b)
		p.body = b
	case panel.KindChecks:
		p.body = &checks{}
	case panel.KindTicker:
		p.body = &ticker{}
	default:
		if len(content.Option) == 0 {
			return nil, fmt.Errorf("draw: panel %s: a panel of kind %s has no option", id, spec.Kind)
		}
		p.body = &picture{spec: spec, content: content}
	}
	if err != nil {
		return nil, fmt.Errorf("draw: panel %s: its data cannot be read: %w", id, err)
	}
	if p.head.Empty != "" && spec.Kind != panel.KindText {
		p.body = &empty{words: p.head.Empty}
	}
	return p, nil
}

// Where the body of a panel begins: a line, 8 units, a head of 30.
const (
	headTop    = 9
	headHeight = 30
	bodyTop    = headTop + headHeight
)

// inLine says that a panel is one line along the foot, its title before its body.
func (p *plan) inLine() bool {
	return p.spec.Kind == panel.KindChecks || p.spec.Kind == panel.KindTicker
}

// bare says that a panel has neither line nor title: the strips of headline figures.
func (p *plan) bare() bool {
	return p.spec.Kind == panel.KindFigure || p.spec.Kind == panel.KindFigures
}

// fault is what the panel's check says where it does not hold in the region shown.
func (p *plan) fault(s *Scene) string {
	for _, c := range s.Batch.Checks {
		if c.ID != p.spec.Check || c.OK {
			continue
		}
		for _, f := range c.Failures {
			if f.Region == s.Region && f.Words != "" {
				return f.Words
			}
		}
	}
	return ""
}

// headRuns is the left of the head, and its right.
func (p *plan) headRuns(s *Scene) (left []run, right run) {
	title := p.head.Title
	if title == "" {
		title = p.spec.Title
	}
	if !p.bare() {
		left = append(left, run{text: title, style: titleStyle})
	}
	for _, words := range []string{p.head.Unit, p.spec.Note} {
		if words != "" {
			left = append(left, run{text: words, style: smallQuiet, gap: 12})
		}
	}
	if fault := p.fault(s); fault != "" {
		warning := style{size: sizeTitle, bold: true, colour: "yellow"}
		left = append(left, run{text: "≠ ", style: warning, gap: 12}, run{text: fault, style: warning})
	}
	if p.head.Total != nil {
		right = run{text: "合计 " + p.head.Total.Text + p.head.Total.Unit, style: numberLabel}
	}
	return left, right
}

// least is the width that nothing of the panel is cut at.
func (p *plan) least(pen *pen) float64 {
	w := p.body.least(pen)
	left, right := p.headRuns(pen.scene)
	switch h := pen.runsWidth(left...) + pen.runsWidth(right) + gap; {
	case p.inLine():
		return 14 + pen.width(p.spec.Title, numberLabel) + w
	case p.bare():
		// What is said at the right stands on the line of the last figure's name.
		if s, ok := p.body.(*strip); ok && len(left) > 0 {
			w = max(w, s.beside(pen, pen.runsWidth(left...)))
		}
		return w
	default:
		return math.Max(math.Max(w, h), 160)
	}
}

// foot is the height of the footnote.
func (p *plan) foot(pen *pen, width float64) float64 {
	return float64(len(pen.wrap(p.head.Footnote, smallQuiet, width))) * sizeSmall * 1.3
}

// height is what the panel needs at a width; 0: it takes what there is.
func (p *plan) height(pen *pen, width float64) float64 {
	h := p.body.height(pen, width)
	switch {
	case h == 0:
		return 0
	case p.inLine():
		return h + 7
	case p.bare():
		return h + p.foot(pen, width)
	}
	return bodyTop + h + p.foot(pen, width)
}

// need is the height below which something would be cut; 0: there is none.
func (p *plan) need(pen *pen, width float64) float64 {
	if p.spec.Kind == panel.KindChecks {
		return 7 + checksLine // the summary says how many have no room
	}
	around := bodyTop + p.foot(pen, width)
	switch body := p.body.(type) {
	case *table: // rows that have no room are counted
		return around + tableHead + body.spacing() + float64(min(len(body.Rows), 3))*(tableLeast+body.spacing())
	case *picture:
		return around + body.lowest()
	}
	return p.height(pen, width)
}

// panel draws a panel into a place of a width and height; the place begins at 0, 0.
func (p *pen) panel(plan *plan, width, height float64) error {
	left, right := plan.headRuns(p.scene)
	up, _ := p.fonts.line(sizeTitle, sizeTitle*1.3)
	baseline := headTop + up
	footnote := p.wrap(plan.head.Footnote, smallQuiet, width)
	foot := plan.foot(p, width)
	if !plan.bare() {
		p.rect(0, 0, width, 1, "line")
	}
	var err error
	switch {
	case plan.inLine():
		up, down := p.fonts.line(sizeNumber, sizeNumber*1.3)
		line := height - 7
		if line >= 2*checksLine {
			line = checksLine // the first of several
		}
		w := p.text(0, 7+(line-up-down)/2+up, plan.spec.Title, numberLabel, start)
		p.group(w+14, 7, "", func() { err = plan.body.draw(p, width-w-14, height-7) })
		return err
	case plan.bare():
		// What the head of a strip says stands at its right.
		up, _ := p.fonts.line(sizeTitle, sizeTitle*lineHeight)
		p.runsEnd(width, up, left...)
		err = plan.body.draw(p, width, height)
		w := 0.0
		for _, line := range footnote {
			w = math.Max(w, p.width(line, smallQuiet))
		}
		p.lines(width-w, height-foot, footnote, smallQuiet, 1.3)
		return err
	}
	p.runs(0, baseline, left...)
	p.runsEnd(width, baseline, right)
	p.group(0, bodyTop, "", func() { err = plan.body.draw(p, width, height-bodyTop-foot) })
	p.lines(0, height-foot, footnote, smallQuiet, 1.3)
	return err
}

// lines writes lines from a top downwards and gives their height.
func (p *pen) lines(x, top float64, list []string, st style, spacing float64) float64 {
	h := st.size * spacing
	up, _ := p.fonts.line(st.size, h)
	for i, line := range list {
		p.text(x, top+float64(i)*h+up, line, st, start)
	}
	return h * float64(len(list))
}

// picture is a panel that ECharts draws.
type picture struct {
	spec    *panel.Spec
	content *Content
}

func (c *picture) least(*pen) float64 {
	switch c.spec.Kind {
	case panel.KindFlow:
		return 640 // as in the live view
	case panel.KindMap:
		return 480 // island and inset
	}
	return 160
}

// lowest is the height below which words of a chart would lie on each other.
func (c *picture) lowest() float64 {
	var data struct {
		Source []json.RawMessage `json:"source"`
	}
	_ = json.Unmarshal(c.content.Data, &data) // ECharts says what is wrong with it
	rows := float64(len(data.Source))         // with that of names, which is the margin
	switch c.spec.Kind {
	case panel.KindMap:
		return 290 // the inset has a size of its own
	case panel.KindBars:
		return rows * 15
	case panel.KindShare:
		return rows * 26
	}
	return 100
}

func (c *picture) height(*pen, float64) float64 { return 0 }

func (c *picture) draw(p *pen, width, height float64) error {
	if width < 1 || height < 1 {
		return nil
	}
	svg, err := p.d.chart(p.ctx, chart{
		option: p.d.themes.paint(p.theme, c.content.Option), data: p.d.themes.paint(p.theme, c.content.Data),
		kind: string(c.spec.Kind), id: c.spec.ID, width: int(math.Round(width)), height: int(math.Round(height)),
	})
	if err != nil {
		return err
	}
	p.WriteString(inner(svg, p.ids+c.spec.ID, p.fonts.central()))
	if c.spec.Kind == panel.KindMap {
		approval := "审图号：未配置"
		if p.scene.MapApproval != "" {
			approval = "审图号：" + p.scene.MapApproval
		}
		_, down := p.fonts.line(sizeSmall, sizeSmall*lineHeight)
		p.text(0, height-down, approval, smallQuiet, start)
	}
	return nil
}

// empty says why there is nothing.
type empty struct{ words string }

func (e *empty) least(p *pen) float64         { return p.width(e.words, titleQuiet) }
func (e *empty) height(*pen, float64) float64 { return 8 + sizeTitle*lineHeight }
func (e *empty) draw(p *pen, width, _ float64) error {
	p.lines(0, 8, p.wrap(e.words, titleQuiet, width), titleQuiet, lineHeight)
	return nil
}

// failing lists the checks that do not hold, those that weigh more first.
func failing(all []batch.Check) (failed []batch.Check) {
	for _, policy := range []batch.Policy{batch.PolicyHold, batch.PolicyWarn, batch.PolicyNote} {
		for _, c := range all {
			if !c.OK && c.Policy == policy {
				failed = append(failed, c)
			}
		}
	}
	return failed
}
