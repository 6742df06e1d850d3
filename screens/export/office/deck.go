// Package office writes presentations (PPTX, ECMA-376) with native charts, tables and
// text, and reads them back. Sheets are written with excelize; there is no library of its
// kind for presentations under a licence that fits.
//
//	deck := office.NewDeck(office.About{Title: "…", At: now})
//	slide := deck.Slide()
//	slide.Text("title", office.Box{X: 40, Y: 20, Width: 800, Height: 40}, …)
//	slide.Chart("cause", box, office.Chart{…, Workbook: xlsx})
//	err := deck.Write(w)
//
// Lengths are in units of 1/720 of a slide's height; a slide is 1280 × 720. Sizes of type
// are in points, of which a slide is 540 high.
package office

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// The size of a slide, in the package's units and in those of the format.
const (
	Width  = 1280
	Height = 720
	emu    = 9525 // of a unit: a slide is 13⅓ × 7½ inches
)

// About is what a file says of itself.
type About struct {
	Title, Creator string
	At             time.Time
	// Dark puts light type on a dark ground.
	Dark bool
	// Properties are custom ones, in their order.
	Properties []Property
}

// Property is a custom property of a file.
type Property struct{ Name, Value string }

// Deck is a presentation that is being made.
type Deck struct {
	about  About
	slides []*Slide
	media  [][]byte
	charts []chartPart
}

// NewDeck makes a presentation without slides.
func NewDeck(a About) *Deck { return &Deck{about: a} }

// Slide is one page.
type Slide struct {
	deck   *Deck
	number int
	shapes strings.Builder
	ids    int
	rels   []relation
}

type relation struct{ kind, target string }

// Slide appends a page.
func (d *Deck) Slide() *Slide {
	s := &Slide{deck: d, number: len(d.slides) + 1, ids: 1}
	d.slides = append(d.slides, s)
	return s
}

// Box is a place on a slide.
type Box struct{ X, Y, Width, Height float64 }

func (b Box) xfrm(tag string) string {
	return fmt.Sprintf(`<%s><a:off x="%d" y="%d"/><a:ext cx="%d" cy="%d"/></%s>`, tag, long(b.X), long(b.Y), long(max(b.Width, 1)), long(max(b.Height, 1)), tag)
}

func long(units float64) int { return int(units*emu + 0.5) }

// Colour is a colour of the theme, or six hexadecimal digits.
type Colour string

// The colours of the theme.
const (
	Ink    Colour = "tx1"     // type
	Quiet  Colour = "tx2"     // type that may be overlooked
	Ground Colour = "bg1"     // behind all
	Panel  Colour = "bg2"     // behind a panel
	Accent Colour = "accent1" // what is drawn
	Second Colour = "accent2"
	Third  Colour = "accent3"
	Fourth Colour = "accent4"
)

func (c Colour) fill() string {
	switch {
	case c == "":
		return "<a:noFill/>"
	case len(c) == 6 && strings.Trim(string(c), "0123456789abcdefABCDEF") == "":
		return `<a:solidFill><a:srgbClr val="` + string(c) + `"/></a:solidFill>`
	}
	return `<a:solidFill><a:schemeClr val="` + string(c) + `"/></a:solidFill>`
}

// Run is text in one form.
type Run struct {
	Text   string
	Size   float64 // points
	Bold   bool
	Colour Colour
	// To is the slide that a click leads to.
	To *Slide
}

// Align is where text stands in its box.
type Align string

// The ways to align text.
const (
	Left   Align = "l"
	Centre Align = "ctr"
	Right  Align = "r"
)

// Paragraph is a line of runs, which may wrap.
type Paragraph struct {
	Runs  []Run
	Align Align
}

// Line is a paragraph of one run.
func Line(text string, size float64, c Colour) Paragraph {
	return Paragraph{Runs: []Run{{Text: text, Size: size, Colour: c}}}
}

// escape makes a text fit for XML: what XML cannot hold goes.
func escape(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // into memory
	return b.String()
}

func (s *Slide) rel(kind, target string) string {
	s.rels = append(s.rels, relation{kind, target})
	return "rId" + strconv.Itoa(len(s.rels)+1) // the first is the layout
}

func (s *Slide) name(name string) string {
	s.ids++
	return fmt.Sprintf(`id="%d" name="%s"`, s.ids, escape(name))
}

func (s *Slide) paragraphs(list []Paragraph) string {
	var b strings.Builder
	for _, p := range list {
		if p.Align == "" {
			p.Align = Left
		}
		fmt.Fprintf(&b, `<a:p><a:pPr algn="%s"/>`, p.Align)
		for _, r := range p.Runs {
			if r.Text == "" { // an empty line is as high as its type, which else is 18 points
				fmt.Fprintf(&b, `<a:endParaRPr lang="zh-CN" sz="%d"/>`, int(r.Size*100))
				break
			}
			bold := ""
			if r.Bold {
				bold = ` b="1"`
			}
			fmt.Fprintf(&b, `<a:r><a:rPr lang="zh-CN" sz="%d"%s dirty="0">%s`, int(r.Size*100), bold, r.Colour.fill())
			if r.To != nil {
				fmt.Fprintf(&b, `<a:hlinkClick r:id="%s" action="ppaction://hlinksldjump"/>`, s.rel("slide", fmt.Sprintf("slide%d.xml", r.To.number)))
			}
			fmt.Fprintf(&b, `</a:rPr><a:t>%s</a:t></a:r>`, escape(r.Text))
		}
		b.WriteString(`</a:p>`)
	}
	if len(list) == 0 {
		return "<a:p/>"
	}
	return b.String()
}

// Text puts paragraphs into a box, in the middle of its height where middle is set.
func (s *Slide) Text(name string, b Box, middle bool, list ...Paragraph) {
	anchor := "t"
	if middle {
		anchor = "ctr"
	}
	fmt.Fprintf(&s.shapes, `<p:sp><p:nvSpPr><p:cNvPr %s/><p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr><p:spPr>%s<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/></p:spPr><p:txBody><a:bodyPr wrap="square" lIns="0" tIns="0" rIns="0" bIns="0" anchor="%s"><a:normAutofit/></a:bodyPr><a:lstStyle/>%s</p:txBody></p:sp>`,
		s.name(name), b.xfrm("a:xfrm"), anchor, s.paragraphs(list))
}

// Plate lays a colour on a box.
func (s *Slide) Plate(name string, b Box, c Colour) {
	fmt.Fprintf(&s.shapes, `<p:sp><p:nvSpPr><p:cNvPr %s/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr>%s<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>%s<a:ln><a:noFill/></a:ln></p:spPr><p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:endParaRPr lang="zh-CN"/></a:p></p:txBody></p:sp>`,
		s.name(name), b.xfrm("a:xfrm"), c.fill())
}

// Picture puts a PNG into a box; alt says what it shows.
func (s *Slide) Picture(name string, b Box, png []byte, alt string) {
	s.deck.media = append(s.deck.media, png)
	id := s.rel("image", fmt.Sprintf("../media/image%d.png", len(s.deck.media)))
	fmt.Fprintf(&s.shapes, `<p:pic><p:nvPicPr><p:cNvPr %s descr="%s"/><p:cNvPicPr><a:picLocks noChangeAspect="1"/></p:cNvPicPr><p:nvPr/></p:nvPicPr><p:blipFill><a:blip r:embed="%s"/><a:stretch><a:fillRect/></a:stretch></p:blipFill><p:spPr>%s<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr></p:pic>`,
		s.name(name), escape(alt), id, b.xfrm("a:xfrm"))
}

// Cell is a cell of a table.
type Cell struct {
	Text   string
	Bold   bool
	Align  Align
	Colour Colour
}

// Table is a native table.
type Table struct {
	// Widths are the columns' parts of the box.
	Widths []float64
	// Rows begin with the header, unless the table is Headless.
	Rows     [][]Cell
	Headless bool
	Size     float64 // points
}

// Table puts a table into a box.
func (s *Slide) Table(name string, b Box, t Table) {
	var whole float64
	for _, w := range t.Widths {
		whole += w
	}
	w := &s.shapes
	fmt.Fprintf(w, `<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr %s/><p:cNvGraphicFramePr><a:graphicFrameLocks noGrp="1"/></p:cNvGraphicFramePr><p:nvPr/></p:nvGraphicFramePr>%s<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/table"><a:tbl><a:tblPr/><a:tblGrid>`,
		s.name(name), b.xfrm("p:xfrm"))
	for _, width := range t.Widths {
		fmt.Fprintf(w, `<a:gridCol w="%d"/>`, long(b.Width*width/max(whole, 1e-9)))
	}
	w.WriteString(`</a:tblGrid>`)
	for i, row := range t.Rows {
		fmt.Fprintf(w, `<a:tr h="%d">`, long(b.Height/float64(len(t.Rows))))
		for _, c := range row {
			fmt.Fprintf(w, `<a:tc><a:txBody><a:bodyPr/><a:lstStyle/>%s</a:txBody>%s</a:tc>`,
				s.paragraphs([]Paragraph{{Runs: []Run{{Text: c.Text, Size: t.Size, Bold: c.Bold, Colour: c.Colour}}, Align: c.Align}}), border(i == 0 && !t.Headless))
		}
		w.WriteString(`</a:tr>`)
	}
	w.WriteString(`</a:tbl></a:graphicData></a:graphic></p:graphicFrame>`)
}

// border is a cell's: a line below, a stronger one below the header.
func border(head bool) string {
	none := func(side string) string { return fmt.Sprintf(`<a:%s w="0"><a:noFill/></a:%s>`, side, side) }
	line := `<a:lnB w="6350">` + Fourth.fill() + `</a:lnB>`
	if head {
		line = `<a:lnB w="12700">` + Quiet.fill() + `</a:lnB>`
	}
	return `<a:tcPr marL="45720" marR="45720" marT="9144" marB="9144" anchor="ctr">` + none("lnL") + none("lnR") + none("lnT") + line + `<a:noFill/></a:tcPr>`
}

// Write writes the presentation.
func (d *Deck) Write(to io.Writer) error {
	z := zip.NewWriter(to)
	var failed error
	put := func(name string, body []byte) {
		if failed != nil {
			return
		}
		method := zip.Deflate
		if strings.HasSuffix(name, ".png") || strings.HasSuffix(name, ".xlsx") {
			method = zip.Store // they are deflated
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: d.about.At.UTC()})
		if err == nil {
			_, err = w.Write(body)
		}
		failed = err
	}
	for _, p := range d.parts() {
		put(p.name, p.body)
	}
	if failed != nil {
		return fmt.Errorf("office: presentation: %w", failed)
	}
	return z.Close()
}
