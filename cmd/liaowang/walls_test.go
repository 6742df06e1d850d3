package main

import (
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"maps"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"liaowang/screens/browsertest"
	"liaowang/screens/hub"
)

// bezel is what lies between two tiles, CSS pixels.
const bezel = 20

// tileURL is the address of a tile of a wall that is 2 × 2.
func tileURL(p *process, column, row int, more string) string {
	return fmt.Sprintf("%s/wall/overview?wall=hall&tile=%d,%d&of=2x2&bezel=%d%s", p.url, column, row, bezel, more)
}

// boxes are where panels are on the canvas, and who draws them.
const boxes = `(() => {
  const at = new DOMMatrix(getComputedStyle(document.body).transform);
  return Object.fromEntries([...document.querySelectorAll('.panel')].map((p) => {
    const r = p.getBoundingClientRect();
    return [p.id, [r.left - at.e, r.top - at.f, r.width, r.height].map((n) => Math.round(n * 10) / 10)];
  }));
})()`

// noting makes a page note of each drawing the batch, when it began and when it was done, by the
// server's clock in milliseconds, and the screen.
const noting = `(() => {
  window.noted = [];
  new MutationObserver(() => {
    const { batch, drawn, screen } = document.documentElement.dataset;
    const [done, took] = drawn.split(' ').map(Number);
    noted.push({ Batch: Number(batch), Begun: done - took, Done: done, Screen: screen });
  }).observe(document.documentElement, { attributeFilter: ['data-drawn'] });
  return true;
})()`

// tilesOfAWall puts four browsers together to one canvas.
func tilesOfAWall(t *testing.T, p *process, dir string) {
	const width, height = 960, 540
	var tabs []*browsertest.Tab
	for i := range 4 {
		tabs = append(tabs, browsertest.Open(t, width, height))
		tabs[i].Goto(tileURL(p, 1+i%2, 1+i/2, ""))
	}
	keeper := browsertest.Open(t, 2*width+bezel, 2*height+bezel)
	keeper.Goto(p.url + "/wall/overview") // one display of the canvas's size
	for _, tab := range append([]*browsertest.Tab{keeper}, tabs...) {
		tab.Until(isLive+` && document.querySelector('.panel')`, patience)
		settle(tab)
	}

	// Each draws its part of what one display of that size would show, and nothing else.
	var whole map[string][]float64
	keeper.Eval(boxes, &whole)
	drawnBy := map[string]int{}
	for i, tab := range tabs {
		var part map[string][]float64
		tab.Eval(boxes, &part)
		left, top := float64(i%2)*(width+bezel), float64(i/2)*(height+bezel)
		for id, b := range whole {
			here := b[0] < left+width && b[0]+b[2] > left && b[1] < top+height && b[1]+b[3] > top
			switch got, drawn := part[id]; {
			case drawn != here:
				t.Errorf("tile %d: it draws %s: %v, and its part of the canvas has it: %v", i+1, id, drawn, here)
			case drawn && !slices.Equal(got, b):
				t.Errorf("tile %d: %s is at %v of the canvas, one display has it at %v", i+1, id, got, b)
			}
			if here {
				drawnBy[id]++
			}
		}
	}
	if drawnBy["panel-type"] != 1 || drawnBy["panel-map"] < 2 {
		t.Errorf("the panels are drawn by so many tiles: %v", drawnBy)
	}
	keeper.Goto(p.url + "/")
	together(t, p, tabs)
	if *lookDir != "" {
		putTogether(t, filepath.Join(*lookDir, "tiles-2x2.png"), tabs, 2, width, height)
	}

	// A tile that dies is seen, and left out; what is left stands together.
	keeper.Until(`[...document.querySelectorAll('[data-wall=hall] [data-tile]')].filter((e) => e.textContent.includes('正常')).length === 4`, patience)
	tabs[1].Goto("about:blank")
	keeper.Until(`document.querySelector('[data-wall=hall] [data-tile="2,1"]').textContent.includes('缺，自 ')`, patience)
	if *lookDir != "" {
		keeper.Screenshot(filepath.Join(*lookDir, "tiles-keeper.png"))
	}
	var list struct{ Walls []hub.Wall }
	if p.get("/api/walls", &list); len(list.Walls) != 1 || list.Walls[0].Tiles[1].State != hub.TileMissing || list.Walls[0].Tiles[0].State != hub.TileShown {
		t.Errorf("the API says %+v", list)
	}
	press := func(words string) {
		t.Helper()
		keeper.Eval(fmt.Sprintf(`([...document.querySelectorAll('[data-wall=hall] button')].find((b) => b.textContent === %q).click(), true)`, words), new(bool))
	}
	press("移出第2列")
	for _, tab := range []*browsertest.Tab{tabs[0], tabs[2]} {
		tab.Until(fmt.Sprintf(`getComputedStyle(document.body).width === '%dpx' && document.querySelector('#panel-ranking, #panel-assets')`, width), patience)
	}
	tabs[3].Until(`document.documentElement.dataset.tile === 'out' && document.querySelector('.off').checkVisibility() && !document.querySelector('.panel')`, patience)
	// Put back, with a tile that has come back.
	tabs[1].Goto(tileURL(p, 2, 1, ""))
	press("放回第2列")
	for i, tab := range tabs {
		tab.Until(isLive+` && document.documentElement.dataset.tile === 'on'`, patience)
		var part map[string][]float64
		tab.Until(fmt.Sprintf(`getComputedStyle(document.body).width === '%dpx'`, 2*width+bezel), patience)
		if tab.Eval(boxes, &part); len(part) == 0 || len(part) == len(whole) {
			t.Errorf("put back, tile %d draws %d panels of %d", i+1, len(part), len(whole))
		}
		if e := tab.Errors(); len(e) > 0 {
			t.Errorf("tile %d complains: %q", i+1, e)
		}
	}
	if e := keeper.Errors(); len(e) > 0 {
		t.Errorf("the hall's page complains: %q", e)
	}

	turning(t, p, dir, tabs[2:], tabs[:2])

	// What is wrong with an address is said on the display.
	tabs[0].Goto(p.url + "/wall/overview?carousel=none")
	tabs[0].Until(`document.body.innerText.includes('没有叫 none 的轮播；有：duty（值班轮播）')`, patience)
	tabs[0].Goto(p.url + "/wall/overview?wall=hall&tile=5,1&of=4x2")
	tabs[0].Until(`document.body.innerText.includes('只有第 1 至 4 列、第 1 至 2 行')`, patience)
	// A page of another site changes nothing.
	request, err := http.NewRequest(http.MethodPost, p.url+"/api/walls/hall/out", strings.NewReader(`{"columns":[1],"rows":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", "http://elsewhere.example")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusForbidden {
		t.Errorf("a page of another site is answered %s", answer.Status)
	}
}

// together holds that all tiles show the same batches, each at the moment that the stream names,
// and says how far apart their frames were.
func together(t *testing.T, p *process, tabs []*browsertest.Tab) {
	t.Helper()
	for _, tab := range tabs {
		tab.Eval(noting, new(bool))
	}
	const batches = 5
	for i := range batches {
		p.exec(fmt.Sprintf(`INSERT INTO households (household, village, type, causes, persons, state, recognised_at, version) VALUES (%d, 460106100200, 'marginal_poor', ['illness'], 3, 'monitored', '2026-11-23 00:00:00', 1)`, 9000+i))
		tabs[0].Until(fmt.Sprintf("noted.length > %d", i), patience)
	}
	at := map[uint64][]note{}
	var last uint64
	tabs[0].Eval("Number(document.documentElement.dataset.batch)", &last)
	for _, tab := range tabs {
		tab.Until(fmt.Sprintf("noted.at(-1)?.Batch >= %d", last), patience)
		var noted []note
		tab.Eval("noted", &noted)
		for _, n := range noted {
			at[n.Batch] = append(at[n.Batch], n)
		}
	}
	apart(t, "batches", slices.Collect(maps.Values(at)), len(tabs))
	// So far apart as they are ready: the wall waits for the slowest of them.
	var list struct{ Walls []hub.Wall }
	p.get("/api/walls", &list)
	for _, tile := range list.Walls[0].Tiles {
		if tile.NeedsMS == 0 {
			t.Errorf("tile %v does not say after how long it is ready", tile.Tile)
		}
	}
	t.Logf("the wall shows a batch %d ms later than one display", list.Walls[0].LaterMS)
}

// note is one drawing of a page.
type note struct {
	Batch       uint64
	Begun, Done float64
	Screen      string
}

// apart says how far apart displays drew the same.
func apart(t *testing.T, what string, all [][]note, displays int) {
	t.Helper()
	var begun, done []float64
	for _, notes := range all {
		if len(notes) == displays {
			by := func(f func(note) float64) float64 {
				var times []float64
				for _, n := range notes {
					times = append(times, f(n))
				}
				return slices.Max(times) - slices.Min(times)
			}
			begun, done = append(begun, by(func(n note) float64 { return n.Begun })), append(done, by(func(n note) float64 { return n.Done }))
		}
	}
	if len(done) == 0 {
		t.Fatalf("no %s were drawn by all displays: %v", what, all)
	}
	slices.Sort(begun)
	slices.Sort(done)
	middle, last := len(done)/2, len(done)-1
	if begun[middle] > 500 {
		t.Errorf("%s: displays begin to draw %.0f ms apart", what, begun[middle])
	}
	t.Logf("%d %s on %d displays: drawing began %.0f ms apart at the median and %.0f at most, and was done %.0f and %.0f ms apart", len(done), what, displays, begun[middle], begun[last], done[middle], done[last])
}

// putTogether writes a picture of a wall from those of its tiles.
func putTogether(t *testing.T, file string, tabs []*browsertest.Tab, columns, width, height int) {
	t.Helper()
	rows := len(tabs) / columns
	all := image.NewRGBA(image.Rect(0, 0, columns*(width+bezel)-bezel, rows*(height+bezel)-bezel))
	for i, tab := range tabs {
		one, err := png.Decode(strings.NewReader(string(tab.Picture())))
		if err != nil {
			t.Fatal(err)
		}
		x, y := (i%columns)*(width+bezel), (i/columns)*(height+bezel)
		draw.Draw(all, image.Rect(x, y, x+width, y+height), one, image.Point{}, draw.Src)
	}
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := png.Encode(out, all); err != nil {
		t.Fatal(err)
	}
}

// turning lets two displays of a wall go through a carousel, and takes it over.
// Tiles are looked at, where pictures are taken.
func turning(t *testing.T, p *process, dir string, tabs, tiles []*browsertest.Tab) {
	show := map[bool]string{false: "5s", true: "15s"}[*lookDir != ""]
	for file, text := range map[string]string{
		"alarms/emergency.yaml": `{id: emergency, title: 新的应急事件, level: red, metric: emergency.current, new: name, words: "{name}，{level}响应", screen: emergency, show: ` + show + `}`,
		"carousels/short.yaml":  `{id: short, title: 短, rest: 10s, screens: [{screen: people, for: 5s}, {screen: assets, for: 6s}]}`,
	} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(file)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		var list []struct{ ID string }
		if p.get("/api/carousels", &list); len(list) == 2 {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("a carousel that was added is not told: %v", list)
		}
	}
	shows := func(screen string) {
		t.Helper()
		for _, tab := range tabs {
			tab.Until(fmt.Sprintf("document.documentElement.dataset.screen === %q", screen), patience)
		}
	}
	held := func(how string) {
		t.Helper()
		for _, tab := range tabs {
			tab.Until(fmt.Sprintf("document.documentElement.dataset.held === %q", how), patience)
		}
	}
	press := func(key string) {
		t.Helper()
		tabs[0].Eval(fmt.Sprintf("(dispatchEvent(new KeyboardEvent('keydown', {key: %q, cancelable: true})), true)", key), new(bool))
	}
	for _, tab := range tabs {
		tab.Goto(p.url + "/wall/overview?wall=lobby&carousel=short")
		tab.Until(isLive, patience)
		tab.Eval(noting, new(bool))
	}
	// Both turn together, by themselves.
	for _, tab := range tabs {
		tab.Until(`noted.some((n, i) => i > 0 && n.Screen !== noted[i - 1].Screen)`, patience)
	}
	var turns [2][]note
	var same [][]note
	for i, tab := range tabs {
		tab.Eval("noted.filter((n, i) => i > 0 && n.Screen !== noted[i - 1].Screen)", &turns[i])
	}
	for _, a := range turns[0] {
		for _, b := range turns[1] {
			if a.Screen == b.Screen && math.Abs(a.Begun-b.Begun) < 2500 {
				same = append(same, []note{a, b})
			}
		}
	}
	apart(t, "turns", same, 2)

	// A person takes over, at one display for both; then it goes on.
	press("4")
	shows("emergency")
	held("hand")
	press("ArrowRight")
	held("")
	shows("people")
	press(" ")
	held("paused")
	if *lookDir != "" {
		tabs[1].Screenshot(filepath.Join(*lookDir, "carousel-paused.png"))
	}
	press(" ")
	held("")
	interrupted(t, p, tabs, tiles)
	for _, tab := range tabs {
		if e := tab.Errors(); len(e) > 0 {
			t.Errorf("a display of a carousel complains: %q", e)
		}
	}
}

// interrupted lets an emergency begin: both displays say so at the same moment, and give way.
func interrupted(t *testing.T, p *process, tabs, tiles []*browsertest.Tab) {
	t.Helper()
	if *lookDir != "" {
		for i, tab := range tiles {
			tab.Goto(fmt.Sprintf("%s/wall/overview?wall=hall&tile=%d,1&of=2x1&bezel=%d&carousel=short", p.url, i+1, bezel))
			tab.Until(isLive, patience)
		}
	}
	for _, tab := range tabs {
		tab.Resize(1920, 1080)
		tab.Until(`document.documentElement.dataset.hand === 'false' && !document.documentElement.dataset.alarm && !document.querySelector('.alarm').checkVisibility()`, patience)
		tab.Eval(`(() => {
		  window.began = [];
		  new MutationObserver(() => began.push({ At: Date.now(), Level: document.documentElement.dataset.alarm ?? '', Text: document.querySelector('.alarm').textContent })).observe(document.documentElement, { attributeFilter: ['data-alarm'] });
		  window.screens = [];
		  new MutationObserver(() => screens.push(document.documentElement.dataset.screen)).observe(document.documentElement, { attributeFilter: ['data-screen'] });
		  return true;
		})()`, new(bool))
	}
	p.exec(`INSERT INTO emergencies (emergency, name, kind, level, started_at, cutoff_at, plan, excludes, version) VALUES (77, '强台风红霞', 'typhoon', 'second', '2026-11-24 00:00:00', '2026-11-24 00:00:00', '防汛防风防旱应急预案', '', 1)`)
	tabs[0].Until(`document.querySelector('.alarm').checkVisibility()`, patience)
	legible(t, tabs[0], ".alarm", 16)
	legible(t, tabs[0], "#head", 16)
	if *lookDir != "" {
		tabs[0].Screenshot(filepath.Join(*lookDir, "alarm.png"))
		putTogether(t, filepath.Join(*lookDir, "alarm-2x1.png"), tiles, 2, 960, 540)
		tabs[0].Until(`!document.querySelector('.alarm').checkVisibility()`, patience)
		tabs[0].Screenshot(filepath.Join(*lookDir, "alarm-band.png"))
	}
	type state struct {
		At          float64
		Level, Text string
	}
	var began [2][]state
	for i, tab := range tabs {
		tab.Until(`!document.documentElement.dataset.alarm && document.documentElement.dataset.screen !== 'emergency' && screens.includes('emergency')`, patience)
		if tab.Eval("began", &began[i]); len(began[i]) != 2 {
			t.Fatalf("display %d was interrupted like this: %v", i+1, began[i])
		}
		if text := began[i][0].Text; !contains(text, "红色警报", "海南省", "新的应急事件", "强台风红霞，Ⅱ级响应", "自 ", "第 ", "详见“") {
			t.Errorf("the alarm says %s", text)
		}
	}
	t.Logf("the alarm came %.0f ms apart", began[0][0].At-began[1][0].At)
}
