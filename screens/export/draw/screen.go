package draw

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"liaowang/aggregator/batch"
)

// Margin is what a picture of one panel keeps free around it, CSS pixels.
const Margin = 16

// The size of a screen where a look has none.
const (
	screenWidth  = 1920
	screenHeight = 1080
)

// mostPixels bounds the width and height of a picture, CSS pixels.
const mostPixels = 16384

func (l *Look) check() error {
	if l.Theme == "" {
		l.Theme = Light
	}
	if l.Theme != Light && l.Theme != Dark {
		return fmt.Errorf("draw: theme %q is unknown: must be %s or %s", l.Theme, Light, Dark)
	}
	if l.Width < 0 || l.Height < 0 || l.Width > mostPixels || l.Height > mostPixels {
		return fmt.Errorf("draw: a picture of %d × %d: at most %d × %d can be drawn", l.Width, l.Height, mostPixels, mostPixels)
	}
	return nil
}

func (d *Drawer) pen(ctx context.Context, s *Scene, look Look) *pen {
	return &pen{canvas: &canvas{fonts: d.fonts, colours: d.themes.of(look.Theme)}, ctx: ctx, d: d, scene: s, theme: look.Theme}
}

// Panel draws one panel of a scene as SVG. What needs more room than the look gives it is
// drawn smaller, so that nothing is cut; rows of a table that have none are counted.
func (d *Drawer) Panel(ctx context.Context, s *Scene, id string, look Look) ([]byte, error) {
	ctx, done, err := d.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := look.check(); err != nil {
		return nil, err
	}
	plan, err := s.plan(id)
	if err != nil {
		return nil, err
	}
	p := d.pen(ctx, s, look)
	least := plan.least(p)
	width := float64(look.Width)
	height := float64(look.Height) - 2*Margin
	if look.Width == 0 || look.Height == 0 {
		place := d.usual(s, id)
		if look.Width == 0 {
			width = max(place.Width, least) + 2*Margin
			look.Width = int(width + 0.5)
		}
		if look.Height == 0 {
			height = max(place.Height, plan.height(p, max(width-2*Margin, least)))
		}
	}
	p.narrow = width
	foot := p.foot(look)
	if look.Height == 0 {
		// A panel that is drawn smaller is as much lower.
		look.Height = int((height+foot.height+2*Margin)*min(1, (width-2*Margin)/least) + 0.5)
	}
	scale := 1.0
	if inner := width - 2*Margin; inner < least {
		scale = (least + 2*Margin) / width
	}
	if need := plan.need(p, width*scale-2*Margin) + foot.height + 2*Margin; need > float64(look.Height)*scale+1 {
		scale = need / float64(look.Height)
	}
	w, h := float64(look.Width)*scale, float64(look.Height)*scale
	if scale > 1 {
		p.narrow = w
		foot = p.foot(look)
	}
	p.begin(look.Width, look.Height, w, h, titled(s, plan))
	p.group(Margin, Margin, "", func() { err = p.panel(plan, w-2*Margin, h-2*Margin-foot.height) })
	if err != nil {
		return nil, err
	}
	foot.draw(p, Margin, h-foot.height, w-2*Margin)
	return p.finish(), nil
}

// titled is what a picture is of.
func titled(s *Scene, plan *plan) string {
	title := plan.head.Title
	if title == "" {
		title = plan.spec.Title
	}
	return s.RegionName + " " + title
}

// usual is the size of a panel on a wall of 1920 × 1080.
func (d *Drawer) usual(s *Scene, id string) Rect {
	look := Look{Theme: Light, Width: screenWidth, Height: screenHeight}
	if sheet, err := d.pen(d.ctx, s, look).lay(&s.Screen, look); err == nil {
		return sheet.places[id]
	}
	return Rect{Width: 640, Height: 400}
}

// Places says where Screen puts each panel, by the panels' ids, title included.
func (d *Drawer) Places(s *Scene, look Look) (map[string]Rect, error) {
	if err := look.screen(); err != nil {
		return nil, err
	}
	p := d.pen(d.ctx, s, look)
	p.narrow, p.headed = screenWidth, true
	sheet, err := p.lay(&s.Screen, look)
	if err != nil {
		return nil, err
	}
	out := map[string]Rect{}
	for id, r := range sheet.places {
		out[id] = Rect{r.X * sheet.unit, r.Y * sheet.unit, r.Width * sheet.unit, r.Height * sheet.unit}
	}
	return out, nil
}

// screen fills in the size of a screen.
func (l *Look) screen() error {
	if l.Width == 0 && l.Height == 0 {
		l.Width, l.Height = screenWidth, screenHeight
	}
	if l.Width == 0 {
		l.Width = l.Height * screenWidth / screenHeight
	}
	if l.Height == 0 {
		l.Height = l.Width * screenHeight / screenWidth
	}
	return l.check()
}

// Screen draws the whole scene as one SVG: the head, every panel in its place, and the
// foot. Each panel is a group whose id is "panel-" and the panel's.
func (d *Drawer) Screen(ctx context.Context, s *Scene, look Look) ([]byte, error) {
	ctx, done, err := d.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := look.screen(); err != nil {
		return nil, err
	}
	p := d.pen(ctx, s, look)
	p.narrow, p.headed = screenWidth, true
	sheet, err := p.lay(&s.Screen, look)
	if err != nil {
		return nil, err
	}
	p.begin(look.Width, look.Height, sheet.width, sheet.height, s.RegionName+" "+s.Screen.Title)
	p.screenHead(sheet)
	parts := make([]*canvas, len(s.Screen.Panels))
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(d.options.Workers)
	for i, spec := range s.Screen.Panels {
		one := func() error {
			plan, err := s.plan(spec.ID)
			if err != nil {
				return err
			}
			q := *p
			q.ctx, q.canvas = ctx, &canvas{fonts: d.fonts, colours: p.colours}
			parts[i] = q.canvas
			place := sheet.places[spec.ID]
			q.group(place.X, place.Y, "panel-"+spec.ID, func() { err = q.fit(plan, place.Width, place.Height) })
			return err
		}
		if d.options.Workers > 1 {
			work.Go(one)
		} else if err := one(); err != nil { // on the caller's thread, which others may go before
			return nil, err
		}
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	for _, part := range parts {
		p.Write(part.Bytes())
	}
	sheet.foot.draw(p, gap, sheet.height-sheet.foot.height, sheet.width-2*gap)
	return p.finish(), nil
}

// slack is by how much a panel may be over before it is drawn smaller, units: what hangs
// over is the empty part of a line.
const slack = 6

// fit draws a panel into its place, smaller where it needs more room.
func (p *pen) fit(plan *plan, width, height float64) error {
	scale := max(1, plan.least(p)/width)
	if need := plan.need(p, width*scale); need > height*scale+slack {
		scale = need / height
	}
	if scale == 1 {
		return p.panel(plan, width, height)
	}
	fmt.Fprintf(p, `<g transform="scale(%.4f)">`+"\n", 1/scale)
	err := p.panel(plan, width*scale, height*scale)
	p.WriteString("</g>\n")
	return err
}

// screenHead writes where we are, what is asked, and of when the figures are.
func (p *pen) screenHead(s *sheet) {
	h, right := s.headHeight(), s.width-gap
	p.rect(0, h-1, s.width, 1, "line")
	big := style{size: sizeScreen, bold: true, colour: "text"}
	var where []run
	for i, place := range p.scene.Path {
		if i < len(p.scene.Path)-1 {
			where = append(where, run{text: place.Name, style: style{size: sizeScreen, colour: "label"}, gap: min(float64(i), 1) * 10}, run{text: "›", style: style{size: sizeScreen, colour: "quiet"}, gap: 10})
			continue
		}
		space := 0.0
		if i > 0 {
			space = 10
		}
		where = append(where, run{text: place.Name, style: big, gap: space})
	}
	where = append(where, run{text: p.scene.Screen.Title, style: big, gap: 16})

	b := &p.scene.Batch
	// A picture is read on other days, too.
	stamp := []run{
		{text: fmt.Sprintf("第 %d 批", b.Number), style: style{size: sizeNumber, colour: "text"}},
		{text: "数据截至 " + b.AsOf.In(batch.Hall).Format("2006年1月2日 15:04:05"), style: numberLabel, gap: 16},
	}
	demo := run{text: "演示数据", style: style{size: sizeTitle, bold: true, colour: "yellow"}}
	demoWidth := 0.0
	if b.Demo {
		demoWidth = p.runsWidth(demo) + 2*14
	}
	// frame writes the plate of 演示数据 so that it ends at x, its middle at y.
	frame := func(x, y float64) {
		if !b.Demo {
			return
		}
		up, down := p.fonts.line(sizeTitle, 37)
		p.frame(x-demoWidth, y-(up+down)/2, demoWidth, up+down, 2, "yellow")
		p.runs(x-demoWidth+14, y-(up+down)/2+up, demo)
	}
	upBig, downBig := p.fonts.line(sizeScreen, sizeScreen*lineHeight)
	upSmall, downSmall := p.fonts.line(sizeNumber, sizeNumber*lineHeight)
	if p.upright {
		baseline := 38 - (upBig+downBig)/2 + upBig
		p.runs(gap, baseline, where...)
		frame(right, 38)
		p.text(gap, 86+upSmall/2, p.cut(p.scene.Screen.Question, titleQuiet, s.width-3*gap-p.runsWidth(stamp...)), titleQuiet, start)
		p.runsEnd(right, 86+upSmall/2, stamp...)
		return
	}
	baseline := (h-upBig-downBig)/2 + upBig
	x := gap + p.runs(gap, baseline, where...) + 28
	p.runsEnd(right, (h-upSmall-downSmall)/2+upSmall, stamp...)
	left := right - p.runsWidth(stamp...) - 28
	frame(left, h/2)
	if b.Demo {
		left -= demoWidth + 28
	}
	upTitle, downTitle := p.fonts.line(sizeTitle, sizeTitle*lineHeight)
	p.text(x, (h-upTitle-downTitle)/2+upTitle, p.cut(p.scene.Screen.Question, titleQuiet, left-x), titleQuiet, start)
}
