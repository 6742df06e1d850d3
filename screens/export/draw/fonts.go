package draw

import (
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// fonts are the two weights that pictures are set in, of which only the widths are used:
// whoever shows the SVG draws the letters.
type fonts struct {
	regular, bold *face
}

// face is one font file. Only what is asked for is read of it.
type face struct {
	file            *os.File
	font            *sfnt.Font
	ascent, descent float64 // of an em

	mu       sync.Mutex
	buffer   sfnt.Buffer
	advances map[rune]float64 // of an em
}

// families are the files of the fonts that the page asks for (static/css/tokens.css), in
// its order.
var families = []struct{ regular, bold []string }{
	{[]string{"notosanscjk-regular.ttc", "notosanscjksc-regular.otf"}, []string{"notosanscjk-bold.ttc", "notosanscjksc-bold.otf"}},
	{[]string{"sourcehansans-regular.ttc", "sourcehansanssc-regular.otf", "sourcehansanscn-regular.otf"}, []string{"sourcehansans-bold.ttc", "sourcehansanssc-bold.otf", "sourcehansanscn-bold.otf"}},
	{[]string{"notosanssc-regular.otf", "notosanssc-regular.ttf"}, []string{"notosanssc-bold.otf", "notosanssc-bold.ttf"}},
	{[]string{"wqy-microhei.ttc"}, nil},
}

// fontPlaces is where fonts are looked for: in what is named, then where systems keep theirs.
func fontPlaces(named []string) []string {
	places := slices.Clone(named)
	if home, err := os.UserHomeDir(); err == nil {
		places = append(places, filepath.Join(home, ".fonts"), filepath.Join(home, ".local/share/fonts"))
	}
	return append(places, "/usr/local/share/fonts", "/usr/share/fonts")
}

// openFonts opens the first of families that is in one of the places.
func openFonts(places []string) (*fonts, error) {
	found := map[string]string{} // by the lower case name of the file
	for _, place := range places {
		_ = filepath.WalkDir(place, func(path string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				if name := strings.ToLower(e.Name()); found[name] == "" {
					found[name] = path
				}
			}
			return nil // a folder that cannot be read has no font for us
		})
	}
	pick := func(names []string) string {
		for _, name := range names {
			if found[name] != "" {
				return found[name]
			}
		}
		return ""
	}
	for _, family := range families {
		regular := pick(family.regular)
		if regular == "" {
			continue
		}
		f := &fonts{}
		var err error
		if f.regular, err = openFace(regular); err != nil {
			return nil, err
		}
		f.bold = f.regular
		if bold := pick(family.bold); bold != "" {
			if f.bold, err = openFace(bold); err != nil {
				f.close()
				return nil, err
			}
		}
		return f, nil
	}
	return nil, ErrNoFont
}

func openFace(path string) (*face, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("draw: font: %w", err)
	}
	f := &face{file: file, advances: map[rune]float64{}}
	if f.font, err = simplified(file); err == nil {
		var m font.Metrics
		if m, err = f.font.Metrics(&f.buffer, em, font.HintingNone); err == nil {
			f.ascent, f.descent = float64(m.Ascent)/float64(em), float64(m.Descent)/float64(em)
			return f, nil
		}
	}
	file.Close()
	return nil, fmt.Errorf("draw: font %s: %w", path, err)
}

// simplified is the font of simplified Chinese in a collection, or the only font.
func simplified(file *os.File) (*sfnt.Font, error) {
	c, err := sfnt.ParseCollectionReaderAt(file)
	if err != nil {
		return nil, err
	}
	for i := range c.NumFonts() {
		f, err := c.Font(i)
		if err != nil {
			return nil, err
		}
		if name, err := f.Name(nil, sfnt.NameIDFamily); err == nil && strings.HasSuffix(name, " SC") {
			return f, nil
		}
	}
	return c.Font(0)
}

func (f *fonts) close() {
	f.regular.file.Close()
	if f.bold != f.regular {
		f.bold.file.Close()
	}
}

// em is the size that advances are asked for at: of a fine grid.
const em = fixed.Int26_6(1000 << 6)

func (f *face) advance(r rune) float64 {
	if a, ok := f.advances[r]; ok {
		return a
	}
	a := 1.0 // what the font does not have, another one will, mostly as wide
	if i, err := f.font.GlyphIndex(&f.buffer, r); err == nil && i != 0 {
		if w, err := f.font.GlyphAdvance(&f.buffer, i, em, font.HintingNone); err == nil {
			a = float64(w) / float64(em)
		}
	}
	f.advances[r] = a
	return a
}

// style is how a text is set: its size in units, its weight, its colour.
type style struct {
	size   float64
	bold   bool
	colour string
	// tight is by how much letters stand closer than the font says, of an em.
	tight float64
}

func (f *fonts) face(bold bool) *face {
	if bold {
		return f.bold
	}
	return f.regular
}

// width is how wide a text is, in units.
func (f *fonts) width(text string, s style) float64 {
	face := f.face(s.bold)
	face.mu.Lock()
	defer face.mu.Unlock()
	var w float64
	for _, r := range text {
		w += face.advance(r) - s.tight
	}
	return w * s.size
}

// line says how far a line of a height reaches above and below the baseline of a text of a
// size, as Chromium lays it out: the letters in the middle of the line, on whole pixels.
func (f *fonts) line(size, height float64) (up, down float64) {
	a, d := math.Round(f.regular.ascent*size), math.Round(f.regular.descent*size)
	up = math.Floor((height-a-d)/2) + a
	return up, height - up
}

// central is the way from the middle of a text to its baseline, of an em.
func (f *fonts) central() float64 { return (f.regular.ascent - f.regular.descent) / 2 }

// cssFont reads size and weight of a font as CSS writes it: "bold 16px sans-serif".
func cssFont(text string) style {
	s := style{size: 12}
	for word := range strings.FieldsSeq(text) {
		if n, ok := strings.CutSuffix(word, "px"); ok {
			if size, err := strconv.ParseFloat(n, 64); err == nil {
				s.size = size
				break // what follows is the family
			}
		}
		weight, err := strconv.Atoi(word)
		s.bold = s.bold || word == "bold" || word == "bolder" || err == nil && weight >= 600
	}
	return s
}
