package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"liaowang/queries"
	"liaowang/screens"
	"liaowang/screens/browsertest"
	"liaowang/screens/export/draw"
	"liaowang/screens/panel"
)

// shapes are the displays that every screen is looked at on.
var shapes = []struct {
	name          string
	width, height int
	docs          int // width of the picture in docs; 0: there is none
}{
	{"1080", 1920, 1080, 1440}, {"2160", 3840, 2160, 1440}, {"wide", 7680, 2160, 1600}, {"odd", 11040, 2700, 0}, {"portrait", 1080, 1920, 720},
	{"tablet", 1024, 768, 800}, {"phone", 390, 844, 0},
}

// TestScreens looks at the screens in one browser at one page, which is never loaded again.
func TestScreens(t *testing.T) {
	dir := t.TempDir() // a customer's folder, empty at first
	p := up(t, "--data", loaded(t), "--demo", "still", "--screens", dir)
	tab := browsertest.Open(t, 1920, 1080)
	tab.Goto(p.url + "/wall/overview")
	tab.Eval("(window.untouched = true)", new(bool))
	t.Run("every screen on every display", func(t *testing.T) { everyScreen(t, p, tab) })
	t.Run("along the story and down", func(t *testing.T) { alongTheStory(t, tab) })
	t.Run("tiles of a wall", func(t *testing.T) { tilesOfAWall(t, p, dir) })
	t.Run("a thread that dies", func(t *testing.T) { threadThatDies(t, p) })
	t.Run("a folder that changes", func(t *testing.T) { changingFolder(t, p, tab, dir) })
	var untouched bool
	if tab.Eval("window.untouched === true", &untouched); !untouched {
		t.Error("the page was loaded again")
	}
	if e := tab.Errors(); len(e) > 0 {
		t.Errorf("the page complains: %q", e)
	}
}

// everyScreen holds that every panel is drawn, nothing leaves its panel, lies on something
// else or is too small, and the figures are those of the API.
func everyScreen(t *testing.T, p *process, tab *browsertest.Tab) {
	cat, err := queries.Load()
	if err != nil {
		t.Fatal(err)
	}
	all, err := screens.Load(cat)
	if err != nil {
		t.Fatal(err)
	}
	drawer, err := draw.New(draw.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { drawer.Close() })
	for i := range all {
		s := &all[i]
		t.Run(s.ID, func(t *testing.T) {
			if i > 0 { // along the story, as a person at a wall goes
				tab.Eval("(dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'})), true)", new(bool))
			}
			tab.Until(fmt.Sprintf("document.documentElement.dataset.screen === %q && document.documentElement.dataset.truth === 'ok'", s.ID), patience)
			compareFigures(t, tab, p, cat, s)
			settle(tab)
			exportIsTheGlass(t, p, tab, drawer, s)
			for _, shape := range shapes {
				tab.Resize(shape.width, shape.height)
				tab.Until(fmt.Sprintf("innerWidth === %d", shape.width), patience)
				settle(tab)
				lookAt(t, tab, s, shape.name)
				switch {
				case *lookDir != "" && *lookSmall && shape.docs > 0:
					tab.Small(filepath.Join(*lookDir, s.ID+"-"+shape.name+".webp"), shape.width, shape.height, shape.docs)
				case *lookDir != "" && !*lookSmall:
					tab.Screenshot(filepath.Join(*lookDir, s.ID+"-"+shape.name+".png"))
				}
			}
			tab.Resize(1920, 1080)
		})
	}
	// In a county some figures are suppressed, and some are the province's.
	tab.Eval("(dispatchEvent(new KeyboardEvent('keydown', {key: '2'})), true)", new(bool))
	tab.Until("document.querySelector('#panel-counties tr.region')", patience)
	tab.Eval("([...document.querySelectorAll('#panel-counties tr.region')].find((r) => r.textContent.startsWith('儋州市')).click(), true)", new(bool))
	for i := range all {
		tab.Eval(fmt.Sprintf("(dispatchEvent(new KeyboardEvent('keydown', {key: '%d'})), true)", i+1), new(bool))
		tab.Until(fmt.Sprintf("document.documentElement.dataset.screen === %q && document.documentElement.dataset.region === '460400'", all[i].ID), patience)
		settle(tab)
		lookAt(t, tab, &all[i], "a county")
	}
	tab.Eval("(document.querySelector('#path button').click(), true)", new(bool))
}

// settle waits until charts have followed their panels, some frames later.
func settle(tab *browsertest.Tab) {
	tab.Eval("(window.settled = false, requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => { window.settled = true; }, 60))), true)", new(bool))
	tab.Until("window.settled && !document.documentElement.dataset.charts", patience)
}

// lookAt tells what is wrong with a screen as it is drawn.
func lookAt(t *testing.T, tab *browsertest.Tab, s *screens.Screen, where string) {
	t.Helper()
	look, err := os.ReadFile("testdata/look.js")
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]string, len(s.Panels))
	for i, spec := range s.Panels {
		ids[i] = spec.ID
	}
	list, err := json.Marshal(ids)
	if err != nil {
		t.Fatal(err)
	}
	var wrong []string
	tab.Eval(string(look)+"("+string(list)+")", &wrong)
	for _, w := range wrong {
		t.Errorf("%s, %s: %s", s.ID, where, w)
	}
}

// compareFigures holds every figure on the glass against the API.
func compareFigures(t *testing.T, tab *browsertest.Tab, p *process, cat *queries.Catalogue, s *screens.Screen) {
	t.Helper()
	for _, spec := range s.Panels {
		if spec.Kind == panel.KindHeat {
			continue
		}
		for _, f := range spec.Figures {
			m, _ := cat.Metric(f.Metric)
			want, ok := figureByTheAPI(t, p, m, f)
			var shown []string
			tab.Eval(fmt.Sprintf("[...document.querySelectorAll('#panel-%s [data-figure=%q] .value > *')].map((e) => e.textContent)", spec.ID, f.ID), &shown)
			if len(shown) != 2 {
				t.Errorf("%s/%s: the glass shows %q", spec.ID, f.ID, shown)
				continue
			}
			if !ok {
				if shown[0] != "缺报" && shown[0] != "＊" {
					t.Errorf("%s/%s: the API has no number, the glass shows %q", spec.ID, f.ID, shown)
				}
				continue
			}
			got, err := strconv.ParseFloat(strings.ReplaceAll(shown[0], ",", ""), 64)
			unit := map[string]float64{"万元": 1e4, "亿元": 1e8}[shown[1]]
			if unit == 0 {
				unit = 1
			}
			last := 0.5 // of the last decimal that is written
			if _, decimals, cut := strings.Cut(shown[0], "."); cut {
				last = 0.5 * math.Pow10(-len(decimals))
			} else if m.Columns[m.Column(f.Value)].Type == queries.TypeCount {
				last = 0
			}
			if err != nil || math.Abs(got*unit-want) > last*unit*1.001 {
				t.Errorf("%s/%s: the glass shows %q, the API has %v", spec.ID, f.ID, shown, want)
			}
		}
	}
}

// figureByTheAPI is the number that a figure is of; false: it is none.
func figureByTheAPI(t *testing.T, p *process, m *queries.Metric, f panel.Figure) (float64, bool) {
	t.Helper()
	var frame struct{ Rows [][]any }
	p.get("/api/metrics/"+m.ID, &frame)
	i := m.Column(f.Value)
	var total float64
	for k, row := range frame.Rows {
		if f.Key != "" && f.Key != panel.KeySum && f.Key != row[0] && (f.Key != panel.KeyLast || k < len(frame.Rows)-1) {
			continue
		}
		v, ok := row[i].(float64)
		if !ok {
			return 0, false
		}
		total += v
	}
	return total, len(frame.Rows) > 0
}

// A person at a wall or with a tablet goes from screen to screen and from region to region
// on one page, and back.
func alongTheStory(t *testing.T, tab *browsertest.Tab) {
	tab.Resize(1024, 768)
	shown := func(screen, region string) {
		t.Helper()
		tab.Until(fmt.Sprintf("document.documentElement.dataset.screen === %q && document.documentElement.dataset.region === %q", screen, region), patience)
	}
	press := func(key string) {
		t.Helper()
		tab.Eval(fmt.Sprintf("(dispatchEvent(new KeyboardEvent('keydown', {key: %q})), true)", key), new(bool))
	}
	press("2")
	shown("people", "460000")
	tab.Eval("([...document.querySelectorAll('#story a')].find((a) => a.textContent === '扶贫资产').click(), true)", new(bool))
	shown("assets", "460000")
	tab.Eval("(history.back(), true)", new(bool))
	shown("people", "460000")
	tab.Until("document.querySelector('#panel-counties tr.region')", patience)
	tab.Eval("([...document.querySelectorAll('#panel-counties tr.region')].find((r) => r.textContent.startsWith('儋州市')).click(), true)", new(bool))
	shown("people", "460400")
	tab.Until("document.querySelector('#panel-counties h2').textContent === '各乡镇'", patience)
	press("6")
	shown("consolidation", "460400")
	var at string
	if tab.Eval("location.pathname + location.search", &at); at != "/wall/consolidation?region=460400" {
		t.Errorf("the address is %s", at)
	}
	tab.Eval("(document.querySelector('#path button').click(), true)", new(bool))
	shown("consolidation", "460000")
	press("1")
	shown("overview", "460000")
}

// A customer's folder changes a screen under a live wall; what is wrong with a file is said
// and changes nothing.
func changingFolder(t *testing.T, p *process, tab *browsertest.Tab, dir string) {
	text, err := os.ReadFile("../../screens/overview.yaml")
	if err != nil {
		t.Fatal(err)
	}
	write := func(change ...string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "hall.yaml"), []byte(strings.NewReplacer(change...).Replace(string(text))), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("title: 防返贫监测总览", "title: 本省总览")
	tab.Until("document.querySelector('#title').textContent === '本省总览'", patience)
	write("title: 防返贫监测总览", "title: 新的总览", "title: 市县排序", "title: 各市县", "  - name: narrow", "  - name: narow")
	var health struct{ Screens string }
	for begun := time.Now(); health.Screens == ""; time.Sleep(50 * time.Millisecond) {
		if p.get("/readyz", &health); time.Since(begun) > patience {
			t.Fatal("a screen that is wrong is not told")
		}
	}
	if !strings.Contains(health.Screens, "hall.yaml:") || !strings.Contains(health.Screens, `layout "narow" is unknown`) {
		t.Errorf("it says %s", health.Screens)
	}
	var title string
	if tab.Eval("document.querySelector('#title').textContent", &title); title != "本省总览" {
		t.Errorf("a screen that is wrong is shown: %s", title)
	}
	write("title: 防返贫监测总览", "title: 新的总览", "title: 市县排序", "title: 各市县")
	tab.Until("document.querySelector('#title').textContent === '新的总览' && document.querySelector('#panel-ranking h2').textContent === '各市县'", patience)
	tab.Until("document.querySelector('#panel-ranking svg text')", patience)
	for begun := time.Now(); health.Screens != ""; time.Sleep(50 * time.Millisecond) {
		health.Screens = ""
		if p.get("/readyz", &health); time.Since(begun) > patience {
			t.Fatalf("all is right again, and it says %s", health.Screens)
		}
	}
}
