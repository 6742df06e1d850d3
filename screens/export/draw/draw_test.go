package draw

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"liaowang/queries"
	"liaowang/screens"
	"liaowang/screens/panel"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorded are the nine screens of the demo province, of a county and of 三沙市, which has
// no figures: snapshots of /api/scene, one a line.
var recorded = sync.OnceValues(func() (map[string]*Scene, error) {
	cat, err := queries.Load()
	if err != nil {
		return nil, err
	}
	all, err := screens.Load(cat)
	if err != nil {
		return nil, err
	}
	file, err := os.Open("testdata/scenes.ndjson.gz")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	out := map[string]*Scene{}
	lines := bufio.NewScanner(unzipped)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var of struct{ Screen, Region string }
		if err := json.Unmarshal(lines.Bytes(), &of); err != nil {
			return nil, err
		}
		s, err := Read(*screens.Find(all, of.Screen), lines.Bytes())
		if err != nil {
			return nil, err
		}
		out[of.Screen+"/"+of.Region] = s
	}
	return out, lines.Err()
})

// scene is a screen of the province, "overview", or of another region, "overview/460400".
func scene(t testing.TB, name string) *Scene {
	t.Helper()
	all, err := recorded()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(name, "/") {
		name += "/460000"
	}
	if all[name] == nil {
		t.Fatalf("no scene %s is recorded", name)
	}
	return all[name]
}

func drawer(t testing.TB, o Options) *Drawer {
	t.Helper()
	d, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// common is the drawer of all tests that need no other: to make one takes long under the
// race detector. It has no goroutines.
var common = sync.OnceValues(func() (*Drawer, error) { return New(Options{}) })

func shared(t testing.TB) *Drawer {
	t.Helper()
	d, err := common()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// texts reads a picture and gives what is written on it; what is no XML fails the test.
func texts(t testing.TB, svg []byte) []string {
	t.Helper()
	var out []string
	writing := false
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatalf("%v in %.300s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			writing = token.Name.Local == "text"
		case xml.CharData:
			if writing && strings.TrimSpace(string(token)) != "" {
				out = append(out, strings.TrimSpace(string(token)))
			}
		case xml.EndElement:
			writing = false
		}
	}
}

// Every panel that ECharts has no part in says all its words and numbers, in every region
// and at every width; where it is narrow they are smaller, and rows are counted.
func TestAPanelSaysAllThatItHas(t *testing.T) {
	all, err := recorded()
	if err != nil {
		t.Fatal(err)
	}
	d := shared(t)
	for name, s := range all {
		for _, spec := range s.Screen.Panels {
			_, content, err := s.panel(spec.ID)
			if err != nil || content.Option != nil {
				continue
			}
			looks := []Look{{}}
			if strings.HasSuffix(name, "/460400") {
				looks = append(looks, Look{Theme: Dark, Width: 240, Footer: "第 2 批", Code: "7K3M"})
			}
			for _, look := range looks {
				svg, err := d.Panel(context.Background(), s, spec.ID, look)
				if err != nil {
					t.Fatalf("%s/%s: %v", name, spec.ID, err)
				}
				said := texts(t, svg)
				for _, want := range words(t, content.Data) {
					if !slices.ContainsFunc(said, func(text string) bool { return strings.Contains(text, want) }) {
						t.Errorf("%s/%s, %d wide: %q is not there: %q", name, spec.ID, look.Width, want, said)
					}
				}
			}
		}
	}
}

// words are the texts of a panel's data that are to be read in its picture.
func words(t *testing.T, data json.RawMessage) []string {
	t.Helper()
	var d struct {
		Empty   string
		Figures []figure
		Columns []struct{ Label string }
		Rows    []tableRow
		Steps   []struct{ Label, Text, Percent string }
	}
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	out := []string{d.Empty}
	for _, f := range d.Figures {
		out = append(out, f.Label, f.Text, f.Unit)
	}
	for _, s := range d.Steps {
		out = append(out, s.Label, s.Text, s.Percent)
	}
	if len(d.Rows) > 0 {
		for _, c := range d.Columns {
			out = append(out, c.Label)
		}
	}
	for _, r := range d.Rows {
		out = append(out, r.Label)
		for _, c := range r.Cells {
			out = append(out, c.Text)
		}
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

func TestRowsWithoutRoomAreCounted(t *testing.T) {
	d, s := shared(t), scene(t, "people")
	svg, err := d.Panel(context.Background(), s, "counties", Look{Width: 500, Height: 300})
	if err != nil {
		t.Fatal(err)
	}
	said := texts(t, svg)
	rows := 0
	var data struct{ Rows []tableRow }
	_, content, _ := s.panel("counties")
	if err := json.Unmarshal(content.Data, &data); err != nil {
		t.Fatal(err)
	}
	for _, r := range data.Rows {
		if slices.Contains(said, r.Label) {
			rows++
		}
	}
	if want := "另有 " + count(len(data.Rows)-rows) + " 行未列出"; rows < 3 || rows == len(data.Rows) || !slices.Contains(said, want) {
		t.Errorf("%d of %d rows are there, and %q is not said: %q", rows, len(data.Rows), want, said)
	}
}

// Words, ids and colours of a screen, in either theme.
func TestAScreenIsOnePicture(t *testing.T) {
	d := shared(t)
	for name, theme := range map[string]Theme{"overview/460400": Light, "prevention": Dark} {
		s := scene(t, name)
		svg, err := d.Screen(context.Background(), s, Look{Theme: theme, Footer: "王秘书 <导出>", Code: "7K3M-Q9TD", QR: "http://hall.example/verify/7K3M-Q9TD"})
		if err != nil {
			t.Fatal(err)
		}
		said := texts(t, svg)
		for _, want := range []string{s.Screen.Title, s.Screen.Question, fmt.Sprintf("第 %d 批", s.Batch.Number), "演示数据", "王秘书 <导出>", "核验码 7K3M-Q9TD"} {
			if !slices.Contains(said, want) {
				t.Errorf("%s: %q is not on it", name, want)
			}
		}
		seen := map[string]bool{}
		for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllSubmatch(svg, -1) {
			if id := string(m[1]); id != "0" && seen[id] {
				t.Errorf("%s: id %s stands twice", name, id)
			} else {
				seen[id] = true
			}
		}
		other := d.themes.light
		if theme == Light {
			other = d.themes.dark
		}
		for _, token := range []string{"text", "accent", "shade-2", "line"} {
			if bytes.Contains(svg, []byte(other[token])) {
				t.Errorf("%s: --%s is of the other theme", name, token)
			}
		}
		for _, wrong := range []string{"NaN", "undefined", "Infinity", "url(#zr", "<style"} {
			if bytes.Contains(svg, []byte(wrong)) {
				t.Errorf("%s: there is %s in it", name, wrong)
			}
		}
	}
}

// On walls of every shape the panels stand on the picture and none on another.
func TestPanelsHaveTheirPlaces(t *testing.T) {
	d := shared(t)
	all, err := recorded()
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range all {
		if !strings.HasSuffix(name, "/460000") {
			continue // no other has other places
		}
		for _, size := range [][2]int{{1920, 1080}, {7680, 2160}, {1080, 1920}, {1024, 768}} {
			places, err := d.Places(s, Look{Width: size[0], Height: size[1], Footer: "第 2 批", QR: "x"})
			if err != nil {
				t.Fatal(err)
			}
			for id, a := range places {
				if a.X < 0 || a.Y < 0 || a.X+a.Width > float64(size[0])+.5 || a.Y+a.Height > float64(size[1])+.5 || a.Width < 60 || a.Height < 12 {
					t.Errorf("%s, %v: %s is at %v", name, size, id, a)
				}
				for other, b := range places {
					if other < id && a.X < b.X+b.Width && b.X < a.X+a.Width && a.Y < b.Y+b.Height && b.Y < a.Y+a.Height {
						t.Errorf("%s, %v: %s lies on %s", name, size, id, other)
					}
				}
			}
		}
	}
}

// The map's outlines stand where ECharts would draw them; else it draws them itself.
func TestOutlinesTakeThePlaceOfTheirBounds(t *testing.T) {
	d := shared(t)
	m, err := newMachine(d.programs, d.fonts)
	if err != nil {
		t.Fatal(err)
	}
	spec, content, err := scene(t, "overview/460400").panel("map")
	if err != nil {
		t.Fatal(err)
	}
	c := chart{option: string(content.Option), data: string(content.Data), kind: string(spec.Kind), id: spec.ID, width: 900, height: 480}
	whole, err := m.call(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	c.option = strings.ReplaceAll(c.option, "hainan.", "bounds.")
	bounds, err := m.call(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	traced, ok := d.programs.outlines.trace(bounds)
	if !ok {
		t.Fatal("the rectangles are not known again")
	}
	if a, b := strings.Count(whole, "<path"), strings.Count(traced, "<path"); a != b {
		t.Errorf("ECharts draws %d shapes, here there are %d", a, b)
	}
	if _, ok := d.programs.outlines.trace(strings.Replace(bounds, "L", "L9", 1)); ok {
		t.Error("a rectangle that is another is taken for its region")
	}
}

func TestADrawingThatIsNotWantedEnds(t *testing.T) {
	d, s := drawer(t, Options{Workers: 1}), scene(t, "overview")
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	for range 1000 { // whatever of it is under way
		if _, err := d.Screen(ctx, s, Look{}); err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			break
		}
	}
	if _, err := d.Panel(context.Background(), s, "type", Look{}); err != nil {
		t.Errorf("after it: %v", err)
	}
	if _, err := d.Panel(context.Background(), s, "typ", Look{}); !errors.As(err, new(*UnknownPanelError)) {
		t.Errorf("an unknown panel: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Panel(context.Background(), s, "type", Look{}); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed drawer: %v", err)
	}
}

func TestPNGAndPDF(t *testing.T) {
	ctx, d := context.Background(), shared(t)
	svg, err := d.Panel(ctx, scene(t, "overview"), "assets", Look{Width: 480, Height: 260, Footer: "第 2 批"})
	if err != nil {
		t.Fatal(err)
	}
	for _, scale := range []float64{1, 2.5, 4} {
		picture, err := d.PNG(ctx, svg, scale)
		if err != nil {
			t.Fatal(err)
		}
		if at, err := png.DecodeConfig(bytes.NewReader(picture)); err != nil || at.Width != int(480*scale) || at.Height != int(260*scale) {
			t.Errorf("%g times as large it is %d × %d, %v", scale, at.Width, at.Height, err)
		}
	}
	pdf, err := d.PDF(ctx, [][]byte{svg, svg})
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF")) || !bytes.Contains(pdf, []byte("/FontFile")) {
		t.Errorf("the PDF is %d bytes, %v", len(pdf), err)
	}
	if _, err := d.PNG(ctx, svg, 5); err == nil {
		t.Error("a picture five times as large is made")
	}
	if _, err := d.PNG(ctx, []byte("<svg"), 1); err == nil || !strings.Contains(err.Error(), "rsvg-convert") {
		t.Errorf("what is no SVG: %v", err)
	}
	if _, err := drawer(t, Options{Patience: time.Nanosecond}).PNG(ctx, svg, 1); err == nil || !strings.Contains(err.Error(), "was not done") {
		t.Errorf("without patience: %v", err)
	}
	if _, err := drawer(t, Options{Memory: 1 << 20}).PNG(ctx, svg, 4); err == nil {
		t.Error("a limit of 1 MB is none")
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	if _, err := openFonts([]string{t.TempDir()}); !errors.Is(err, ErrNoFont) || !strings.Contains(err.Error(), "fonts-noto-cjk") {
		t.Errorf("without a font: %v", err)
	}
	d := drawer(t, Options{RSVG: t.TempDir() + "/rsvg-convert"})
	if _, err := d.PNG(context.Background(), []byte("<svg/>"), 1); !errors.Is(err, ErrNoRSVG) || !strings.Contains(err.Error(), "librsvg2-bin") {
		t.Errorf("without rsvg-convert: %v", err)
	}
}

// Every kind that a screen may name has a way to be drawn.
func TestEveryKindIsDrawn(t *testing.T) {
	for _, kind := range panel.Kinds() {
		s := &Scene{Screen: screens.Screen{ID: "s", Panels: []panel.Spec{{ID: "p", Kind: kind}}}, Panels: []Content{{ID: "p", Option: json.RawMessage(`{}`), Data: json.RawMessage(`{}`)}}}
		if _, err := s.plan("p"); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// What stands in the data is written, whatever it is.
func TestMarkupInDataIsText(t *testing.T) {
	d, s := shared(t), *scene(t, "overview")
	const name = `<script>&"病'`
	s.Panels = slices.Clone(s.Panels)
	for i, c := range s.Panels {
		s.Panels[i].Data = bytes.ReplaceAll(bytes.ReplaceAll(c.Data, []byte("因病"), []byte(`<script>&\"病'`)), []byte("公益性资产"), []byte(`<script>&\"病'`))
	}
	for _, id := range []string{"cause", "assets"} {
		svg, err := d.Panel(context.Background(), &s, id, Look{})
		if err != nil {
			t.Fatal(err)
		}
		if said := texts(t, svg); !slices.Contains(said, name) || bytes.Contains(svg, []byte("<script")) {
			t.Errorf("%s: %q", id, said)
		}
	}
}
