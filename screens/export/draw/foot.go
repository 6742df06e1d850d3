package draw

import (
	"fmt"
	"strings"

	qr "github.com/piglig/go-qr"
)

// foot is the line of provenance along the foot of a picture.
type foot struct {
	lines  []string
	code   string
	qr     *qr.QrCode
	demo   bool
	height float64
}

const (
	footLine = sizeSmall * 1.4
	footCode = 64 // the square code, units
	footPad  = 10
)

// foot lays out the foot for the width that the picture has, in units; its height is 0
// where there is nothing to say.
func (p *pen) foot(look Look) foot {
	f := foot{demo: p.scene.Batch.Demo && !p.headed}
	if look.Code != "" {
		f.code = "核验码 " + look.Code
	}
	if look.QR != "" {
		// What is too long for a square code is said by the code in letters alone.
		if made, err := qr.EncodeText(look.QR, qr.Medium); err == nil {
			f.qr = made
		}
	}
	if look.Footer == "" && f.code == "" && f.qr == nil && !f.demo {
		return f
	}
	width := p.narrow - 2*Margin
	if f.qr != nil {
		width -= footCode + gap/2
	}
	if f.code != "" && p.narrow >= wideFoot {
		width -= p.width(f.code, smallLabel) + gap
	}
	if f.demo && p.narrow >= wideFoot {
		width -= p.demoPlate() + gap/2
	}
	f.lines = p.parts(look.Footer, width)
	lines := float64(len(f.lines))
	if p.narrow < wideFoot { // below each other
		if f.demo {
			lines++
		}
		if f.code != "" {
			lines++
		}
	}
	f.height = 2*footPad + max(lines, 1)*footLine
	if f.qr != nil {
		f.height = max(f.height, 2*footPad/2+footCode)
	}
	return f
}

// between parts the facts of a foot.
const between = " · "

// parts breaks a foot into lines between its facts, and within one that is longer than a line.
func (p *pen) parts(text string, width float64) []string {
	var lines []string
	line := ""
	for part := range strings.SplitSeq(text, between) {
		switch longer := line + between + part; {
		case line == "":
			line = part
		case p.width(longer, smallQuiet) <= width:
			line = longer
		default:
			lines = append(lines, p.wrap(line, smallQuiet, width)...)
			line = part
		}
	}
	return append(lines, p.wrap(line, smallQuiet, width)...)
}

// wideFoot is the width from which on everything of the foot stands side by side, units.
const wideFoot = 900

func (p *pen) demoPlate() float64 { return p.width("演示数据", smallLabel) + 2*8 }

// draw writes the foot from a left top corner over a width.
func (f *foot) draw(p *pen, x, y, width float64) {
	if f.height == 0 {
		return
	}
	p.rect(x, y, width, 1, "line")
	right := x + width
	if f.qr != nil {
		f.square(p, right-footCode, y+(f.height-footCode)/2)
		right -= footCode + gap/2
	}
	lines := float64(len(f.lines))
	stacked := p.narrow < wideFoot
	if stacked && f.demo {
		lines++
	}
	if stacked && f.code != "" {
		lines++
	}
	top := y + (f.height-max(lines, 1)*footLine)/2
	up, down := p.fonts.line(sizeSmall, footLine)
	if f.demo {
		plate := p.demoPlate()
		p.frame(x, top+1, plate, up+down-2, 1.5, "yellow")
		p.text(x+8, top+up, "演示数据", style{size: sizeSmall, bold: true, colour: "yellow"}, start)
		if stacked {
			top += footLine
		} else {
			x += plate + gap/2
		}
	}
	if f.code != "" && !stacked {
		p.text(right, y+(f.height-footLine)/2+up, f.code, smallLabel, end)
	}
	top += p.lines(x, top, f.lines, smallQuiet, footLine/sizeSmall)
	if f.code != "" && stacked {
		p.text(x, top+up, f.code, smallLabel, start)
	}
}

// square draws the square code black on white, as readers need it in either theme, with
// the four modules of quiet around it.
func (f *foot) square(p *pen, x, y float64) {
	n := f.qr.Size()
	module := footCode / float64(n+8)
	fmt.Fprintf(p, `<rect x="%s" y="%s" width="%d" height="%d" fill="#ffffff"/>`+"\n", num(x), num(y), footCode, footCode)
	var d strings.Builder
	for row := range n {
		for col := range n {
			if f.qr.Module(col, row) {
				fmt.Fprintf(&d, "M%d %dh1v1h-1z", col, row)
			}
		}
	}
	fmt.Fprintf(p, `<path transform="translate(%.3f %.3f) scale(%.5f)" d="%s" fill="#000000" shape-rendering="crispEdges"/>`+"\n", x+4*module, y+4*module, module, d.String())
}
