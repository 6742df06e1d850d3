package export

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"regexp"
	"strings"

	"liaowang/screens/export/draw"
	"liaowang/screens/panel"
)

// picture says that a kind is a picture in Office, which has no chart like it.
func picture(k panel.Kind) bool {
	switch k {
	case panel.KindMap, panel.KindFlow, panel.KindHeat, panel.KindMonths:
		return true
	}
	return false
}

// look is how the pages of a document are drawn, with their proof.
func (d *document) look(p *page) draw.Look {
	l := draw.Look{
		Theme:  d.Theme,
		Footer: fmt.Sprintf("%s · 第 %d 批 · 数据截至 %s · %s · %s 导出于 %s", p.where(), d.header.Number, moment(d.header.AsOf), judged(d.header), d.By, moment(d.proof.at)),
		Code:   d.proof.code,
	}
	if d.Verify != "" {
		l.QR = d.Verify + d.proof.code
	}
	return l
}

// svg draws a page: the screen, or the one panel that is asked for.
func (x *Exporter) svg(ctx context.Context, d *document, p *page) ([]byte, error) {
	pictures, err := x.Pictures()
	if err != nil {
		return nil, err
	}
	s, err := x.scene(d, p)
	if err != nil {
		return nil, err
	}
	if p.Panel != "" {
		return pictures.Panel(ctx, s, p.Panel, d.look(p))
	}
	return pictures.Screen(ctx, s, d.look(p))
}

// panelPNG draws one panel of a page without a proof, for a file that has its own.
func (x *Exporter) panelPNG(ctx context.Context, d *document, p *page, one *part, look draw.Look) ([]byte, error) {
	pictures, err := x.Pictures()
	if err != nil {
		return nil, err
	}
	s, err := x.scene(d, p)
	if err != nil {
		return nil, err
	}
	svg, err := pictures.Panel(ctx, s, one.spec.ID, look)
	if err != nil {
		return nil, err
	}
	return pictures.PNG(ctx, svg, 2)
}

// writePicture makes SVG, PNG or PDF, which say in themselves by which code they are found.
func (x *Exporter) writePicture(ctx context.Context, d *document, step func(done, of int)) ([]byte, error) {
	pictures, err := x.Pictures()
	if err != nil {
		return nil, err
	}
	all := len(d.pages) + 1
	var pages [][]byte
	if d.Title != "" && d.Format == PDF {
		pages = append(pages, d.cover(), d.contents())
	}
	for i := range d.pages {
		svg, err := x.svg(ctx, d, &d.pages[i])
		if err != nil {
			return nil, err
		}
		pages = append(pages, svg)
		step(i+1, all)
	}
	switch d.Format {
	case SVG:
		return markSVG(pages[0], d.proof.code), nil
	case PNG:
		if len(pages) != 1 {
			return nil, refuse("bad_request", "png holds one scene: take pdf or pptx for several")
		}
		png, err := pictures.PNG(ctx, pages[0], d.Scale)
		if err != nil {
			return nil, err
		}
		return markPNG(png, d.proof.code), nil
	}
	pdf, err := pictures.PDF(ctx, pages)
	if err != nil {
		return nil, err
	}
	return markPDF(pdf, d.proof.code), nil
}

// cover is the title page of a briefing.
func (d *document) cover() []byte {
	c := d.paper()
	c.line(120, 430, 84, true, d.Title)
	c.line(120, 530, 34, false, of(d.header))
	c.line(120, 590, 34, false, d.taken())
	return c.bytes()
}

// contents lists the pages of a briefing.
func (d *document) contents() []byte {
	c := d.paper()
	c.line(120, 150, 56, true, "目录")
	step := min(76, 860/float64(len(d.pages)))
	for i := range d.pages {
		p := &d.pages[i]
		c.line(120, 250+step*float64(i), min(34, step*0.6), false, fmt.Sprintf("%d　%s　%s", i+3, p.name(), p.where()))
	}
	return c.bytes()
}

// name is the title of a page.
func (p *page) name() string {
	if p.Panel != "" {
		return p.parts[0].sheet.Title
	}
	return p.screen.Title
}

// paper is a page of 1920 × 1080 with lines of text.
type paper struct {
	b   strings.Builder
	ink string
}

func (d *document) paper() *paper {
	c := &paper{ink: "#14202a"}
	ground := "#ffffff"
	if d.Theme == draw.Dark {
		c.ink, ground = "#f2f5f7", "#0c1216"
	}
	fmt.Fprintf(&c.b, `<svg xmlns="http://www.w3.org/2000/svg" width="1920" height="1080" viewBox="0 0 1920 1080"><rect width="1920" height="1080" fill="%s"/>`, ground)
	return c
}

func (c *paper) line(x, y, size float64, bold bool, text string) {
	weight := "400"
	if bold {
		weight = "700"
	}
	fmt.Fprintf(&c.b, `<text x="%g" y="%g" font-family="Noto Sans CJK SC,Noto Sans SC,sans-serif" font-size="%g" font-weight="%s" fill="%s">%s</text>`, x, y, size, weight, c.ink, escapeXML(text))
}

func (c *paper) bytes() []byte { return []byte(c.b.String() + "</svg>") }

func escapeXML(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(text)
}

// The word before the code in a picture, which is not read by people: letters that every
// format holds.
const mark = "liaowang-code:"

var marked = regexp.MustCompile(mark + `([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})`)

// markSVG puts the code into the metadata of a drawing.
func markSVG(svg []byte, code string) []byte {
	end := bytes.LastIndex(svg, []byte("</svg>"))
	if end < 0 {
		return svg
	}
	return bytes.Join([][]byte{svg[:end], []byte("<metadata>" + mark + code + "</metadata>"), svg[end:]}, nil)
}

// markPNG puts the code into a text of a picture, before its end.
func markPNG(png []byte, code string) []byte {
	const end = 12 // the chunk IEND
	if len(png) < end {
		return png
	}
	body := []byte("tEXtComment\x00" + mark + code)
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(body)-4))
	chunk = binary.BigEndian.AppendUint32(append(chunk, body...), crc32.ChecksumIEEE(body))
	at := len(png) - end
	return bytes.Join([][]byte{png[:at], chunk, png[at:]}, nil)
}

// markPDF puts the code into a comment behind a document's end, where readers still find
// the end.
func markPDF(pdf []byte, code string) []byte {
	return fmt.Appendf(bytes.TrimRight(pdf, "\r\n"), "\n%%%s%s\n%%%%EOF\n", mark, code)
}
