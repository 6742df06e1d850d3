package main

import (
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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

// noting makes a page note each batch and when it was drawn, by the server's clock.
const noting = `(() => {
  window.noted = [];
  new MutationObserver(() => {
    const { batch, drawn } = document.documentElement.dataset;
    noted.push([Number(batch), Number(drawn)]);
  }).observe(document.documentElement, { attributeFilter: ['data-drawn'] });
  return true;
})()`

// tilesOfAWall puts four browsers together to one canvas.
func tilesOfAWall(t *testing.T, p *process) {
	const width, height = 960, 540
	var tabs []*browsertest.Tab
	for i := range 4 {
		tabs = append(tabs, browsertest.Open(t, width, height))
		tabs[i].Goto(tileURL(p, 1+i%2, 1+i/2, ""))
	}
	canvas := browsertest.Open(t, 2*width+bezel, 2*height+bezel)
	canvas.Goto(p.url + "/wall/overview")
	for _, tab := range append([]*browsertest.Tab{canvas}, tabs...) {
		tab.Until(isLive+` && document.querySelector('.panel')`, patience)
		settle(tab)
	}

	// Each draws its part of what one display of that size would show, and nothing else.
	var whole map[string][]float64
	canvas.Eval(boxes, &whole)
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
	canvas.Goto("about:blank")
	together(t, p, tabs)
	if *lookDir != "" {
		putTogether(t, filepath.Join(*lookDir, "tiles-2x2.png"), tabs, width, height)
	}

	// A tile that dies is seen, and left out; what is left stands together.
	keeper := browsertest.Open(t, 1100, 1000)
	keeper.Goto(p.url + "/")
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

	// What is wrong with an address is said on the display.
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
	const batches = 8
	for i := range batches {
		p.exec(fmt.Sprintf(`INSERT INTO households (household, village, type, causes, persons, state, recognised_at, version) VALUES (%d, 460106100200, 'marginal_poor', ['illness'], 3, 'monitored', '2026-11-23 00:00:00', 1)`, 9000+i))
		tabs[0].Until(fmt.Sprintf("noted.length > %d", i), patience)
	}
	at := map[uint64][]float64{}
	var last uint64
	tabs[0].Eval("Number(document.documentElement.dataset.batch)", &last)
	for _, tab := range tabs {
		tab.Until(fmt.Sprintf("noted.at(-1)?.[0] >= %d", last), patience)
		var noted [][]float64
		tab.Eval("noted", &noted)
		for _, n := range noted {
			at[uint64(n[0])] = append(at[uint64(n[0])], n[1])
		}
	}
	var apart []float64
	for _, drawn := range at {
		if len(drawn) == len(tabs) {
			apart = append(apart, slices.Max(drawn)-slices.Min(drawn))
		}
	}
	if len(apart) == 0 {
		t.Fatalf("no batch was drawn by all tiles: %v", at)
	}
	slices.Sort(apart)
	t.Logf("%d batches on %d tiles: their frames were %.0f ms apart at the median, %.0f ms at most", len(apart), len(tabs), apart[len(apart)/2], apart[len(apart)-1])
}

// putTogether writes a picture of a wall from those of its tiles.
func putTogether(t *testing.T, file string, tabs []*browsertest.Tab, width, height int) {
	t.Helper()
	all := image.NewRGBA(image.Rect(0, 0, 2*width+bezel, 2*height+bezel))
	for i, tab := range tabs {
		one, err := png.Decode(strings.NewReader(string(tab.Picture())))
		if err != nil {
			t.Fatal(err)
		}
		x, y := (i%2)*(width+bezel), (i/2)*(height+bezel)
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
