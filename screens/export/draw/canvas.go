package draw

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"

	"github.com/rivo/uniseg"
)

// canvas is the SVG that is being written. All lengths are units.
type canvas struct {
	bytes.Buffer
	fonts   *fonts
	colours colours
}

// anchor says which end of a text stands at its place.
type anchor string

const (
	start  anchor = "start"
	middle anchor = "middle"
	end    anchor = "end"
)

// fontFamily is that of static/css/tokens.css.
const fontFamily = `'Noto Sans CJK SC','Source Han Sans SC','Source Han Sans CN','Noto Sans SC','PingFang SC','Microsoft YaHei','WenQuanYi Micro Hei',sans-serif`

// num writes a length with at most two decimals.
func num(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}

// escaped is a text as XML; characters that XML cannot have become �.
func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes everything
	return b.String()
}

// begin opens a picture of width × height CSS pixels that shows w × h units.
func (c *canvas) begin(width, height int, w, h float64, title string) {
	fmt.Fprintf(c, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %s %s" font-family="%s">`, width, height, num(w), num(h), fontFamily)
	fmt.Fprintf(c, "<title>%s</title>\n", escaped(title))
	c.rect(0, 0, w, h, "ground")
}

func (c *canvas) finish() []byte {
	c.WriteString("</svg>\n")
	return c.Bytes()
}

// group moves what f draws, and what has a name can be found by it.
func (c *canvas) group(x, y float64, id string, f func()) {
	c.WriteString("<g")
	if x != 0 || y != 0 {
		fmt.Fprintf(c, ` transform="translate(%s %s)"`, num(x), num(y))
	}
	if id != "" {
		fmt.Fprintf(c, ` id="%s"`, escaped(id))
	}
	c.WriteString(">\n")
	f()
	c.WriteString("</g>\n")
}

// rect fills a rectangle with a colour of the theme.
func (c *canvas) rect(x, y, w, h float64, name string) {
	if w <= 0 || h <= 0 {
		return
	}
	fmt.Fprintf(c, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s"/>`+"\n", num(x), num(y), num(w), num(h), c.colours[name])
}

// frame draws the border of a rectangle, inside it.
func (c *canvas) frame(x, y, w, h, border float64, name string) {
	fmt.Fprintf(c, `<rect x="%s" y="%s" width="%s" height="%s" fill="none" stroke="%s" stroke-width="%s"/>`+"\n",
		num(x+border/2), num(y+border/2), num(w-border), num(h-border), c.colours[name], num(border))
}

// text writes a text on a baseline and gives its width.
func (c *canvas) text(x, baseline float64, s string, st style, at anchor) float64 {
	if s == "" {
		return 0
	}
	fmt.Fprintf(c, `<text x="%s" y="%s" font-size="%s" fill="%s"`, num(x), num(baseline), num(st.size), c.colours[st.colour])
	if st.bold {
		c.WriteString(` font-weight="600"`)
	}
	if st.tight != 0 {
		fmt.Fprintf(c, ` letter-spacing="%s"`, num(-st.tight*st.size))
	}
	if at != start {
		fmt.Fprintf(c, ` text-anchor="%s"`, at)
	}
	fmt.Fprintf(c, ">%s</text>\n", escaped(s))
	return c.fonts.width(s, st)
}

func (c *canvas) width(s string, st style) float64 { return c.fonts.width(s, st) }

// run is a piece of a line, gap units after the piece before it.
type run struct {
	text string
	style
	gap float64
}

// runs writes pieces of a line one after the other, from the left; those without a text
// take no room.
func (c *canvas) runs(x, baseline float64, list ...run) float64 {
	from := x
	for _, r := range list {
		if r.text != "" {
			x += r.gap
			x += c.text(x, baseline, r.text, r.style, start)
		}
	}
	return x - from
}

// runsWidth is how wide runs are.
func (c *canvas) runsWidth(list ...run) float64 {
	var w float64
	for _, r := range list {
		if r.text != "" {
			w += r.gap + c.width(r.text, r.style)
		}
	}
	return w
}

// runsEnd writes pieces of a line so that the last ends at x.
func (c *canvas) runsEnd(x, baseline float64, list ...run) {
	c.runs(x-c.runsWidth(list...), baseline, list...)
}

// wrap breaks a text into lines of at most a width, where Chinese and Latin allow it.
func (c *canvas) wrap(text string, st style, width float64) []string {
	var lines []string
	line, state := "", -1
	for text != "" {
		var piece string
		var must bool
		piece, text, must, state = uniseg.FirstLineSegmentInString(text, state)
		if line != "" && c.width(strings.TrimRight(line+piece, " \n"), st) > width {
			lines = append(lines, strings.TrimRight(line, " \n"))
			line = ""
		}
		line += piece
		if must && text != "" {
			lines = append(lines, strings.TrimRight(line, " \n"))
			line = ""
		}
	}
	if line = strings.TrimRight(line, " \n"); line != "" {
		lines = append(lines, line)
	}
	return lines
}

// cut shortens a text to a width, with an ellipsis where something is left out.
func (c *canvas) cut(text string, st style, width float64) string {
	if c.width(text, st) <= width {
		return text
	}
	runes := []rune(text)
	for len(runes) > 0 && c.width(string(runes)+"…", st) > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}
