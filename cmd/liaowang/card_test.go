package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	qr "github.com/piglig/go-qr"

	"liaowang/screens/browsertest"
)

// contrast is an expression for the texts within an element that stand out too little
// from what is behind them, or are smaller than a number of pixels.
func contrast(within string, least float64) string {
	return fmt.Sprintf(`(() => {
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const parts = (colour) => { const m = colour.match(/[\d.]+/g).map(Number); return m.length === 4 && m[3] === 0 ? null : m; };
  const bad = [];
  const walk = document.createTreeWalker(document.querySelector(%q), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim();
    const e = walk.currentNode.parentElement;
    if (!text || !e.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}) || ['OPTION', 'SCRIPT', 'NOSCRIPT'].includes(e.tagName)) continue;
    let behind = e; while (behind && !parts(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
    const [a, b] = [light(parts(getComputedStyle(e).color)), light(behind ? parts(getComputedStyle(behind).backgroundColor) : [12, 18, 22])];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5 || parseFloat(getComputedStyle(e).fontSize) < %g) bad.push([text.slice(0, 40), Math.round(ratio * 10) / 10, getComputedStyle(e).fontSize]);
  }
  return bad;
})()`, within, least)
}

// legible asserts that every text within an element can be read.
func legible(t *testing.T, tab *browsertest.Tab, within string, least float64) {
	t.Helper()
	var bad [][]any
	if tab.Eval(contrast(within, least), &bad); len(bad) > 0 {
		t.Errorf("too faint or too small in %s: %v", within, bad)
	}
}

const (
	cardOpen = `document.querySelector('dialog.card[open] .columns') !== null && !document.querySelector('dialog.card .body[aria-busy]')`
	cardText = `document.querySelector('dialog.card').innerText`
	cardShut = `document.querySelector('dialog.card[open]') === null`
)

// says asserts that the open card says all of it.
func says(t *testing.T, tab *browsertest.Tab, want ...string) {
	t.Helper()
	var text string
	tab.Eval(cardText, &text)
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("the card does not say %s: %s", w, text)
		}
	}
}

func TestTheCardBehindANumberAndWhatWas(t *testing.T) {
	t.Parallel() // it waits more than it works
	p := up(t, "--data", loaded(t), "--demo", "still", "--public-url", "http://hall.example:8080")
	t.Run("card", func(t *testing.T) { asksNumbers(t, p) })
	t.Run("every panel", func(t *testing.T) { everyPanel(t, p) })
	t.Run("statements", func(t *testing.T) { statements(t, p) })
	t.Run("replay", func(t *testing.T) { goesBack(t, p) })
	t.Run("replays beside a live display", func(t *testing.T) { replaysLeaveLiveAlone(t, p) })
	t.Run("exports", func(t *testing.T) { takesAlong(t, p) })
}

// asksNumbers opens the cards behind numbers, on a wall and a tablet.
func asksNumbers(t *testing.T, p *process) {
	for day, n := range []int{12_400, 12_480, 12_512} {
		p.exec(fmt.Sprintf("INSERT INTO daily_figures (metric, day, region, line, figure, value, version) VALUES ('monitored.total', toDate(now('Asia/Shanghai')) - %d, '460000', '', 'households', %d, 1)", 4-day, n))
	}
	total := thousands(figures(t).Monitored.Total.Households)

	wall := browsertest.Open(t, 1920, 1080)
	drawn(wall, p.url+"/wall/overview")
	wall.Eval(`document.querySelector('[data-figure=total] .value b').click()`, new(any))
	wall.Until(cardOpen, patience)
	wall.Until(`document.querySelector('dialog.card .trend path') !== null`, patience)
	wall.Until(`document.querySelector('dialog.card img.qr').complete`, patience)
	// A statement is folded away until it is asked for.
	wall.Eval(`document.querySelector('dialog.card details:has(pre)').open = true`, new(any))
	says(t, wall, "监测对象", total, "中农组发〔2021〕7号", "演示数据", "三类合计 = 总数", "SELECT")
	var batches [2]string
	if wall.Eval(`[document.querySelector('dialog.card').dataset.batch, document.documentElement.dataset.batch]`, &batches); batches[0] != batches[1] {
		t.Errorf("the card is of batch %s, the glass of %s", batches[0], batches[1])
	}
	legible(t, wall, "dialog.card", 16)
	// Whoever scans the glass comes to this batch's card.
	img, err := png.Decode(bytes.NewReader(wall.Picture()))
	if err != nil {
		t.Fatal(err)
	}
	if link, err := qr.Decode(img); err != nil || link != "http://hall.example:8080/card/monitored.total?region=460000&batch="+batches[0] {
		t.Errorf("the code on the glass says %q (%v)", link, err)
	}
	// Whether the picture is true stays in view.
	var head float64
	if wall.Eval(`document.querySelector('dialog.card').getBoundingClientRect().top - document.querySelector('#head').getBoundingClientRect().bottom`, &head); head < 0 {
		t.Errorf("the card lies %g px over the head", -head)
	}
	keyboard(t, wall)
	wall.Eval(`document.querySelector('#panel-registered b').click()`, new(any))
	wall.Until(cardOpen, patience)
	says(t, wall, "建档立卡：分项合计 = 上报总数", "不平, 差1户2人，自 ", "户数")
	// The row that is touched on a chart, and a region, which is gone to instead.
	wall.Press(kb.Escape)
	wall.Until(cardShut, patience)
	var place [2]float64
	wall.Eval(`(() => { const t = [...document.querySelectorAll('#panel-cause text')].find((t) => t.textContent === '因残').getBoundingClientRect(); return [document.querySelector('#panel-cause .canvas').getBoundingClientRect().left + 150, t.top + t.height / 2]; })()`, &place)
	wall.Click(place[0], place[1])
	wall.Until(cardOpen+` && document.querySelector('dialog.card .touched')?.innerText.startsWith('因残')`, patience)
	wall.Press(kb.Escape)
	wall.Eval(`(() => { const t = [...document.querySelectorAll('#panel-ranking text')].find((t) => t.textContent === '儋州市').getBoundingClientRect(); return [t.left + 200, t.top + t.height / 2]; })()`, &place)
	wall.Click(place[0], place[1])
	wall.Until(`document.documentElement.dataset.region === '460400'`, patience)
	var shut bool
	if wall.Eval(cardShut, &shut); !shut {
		t.Error("going to a region opens a card too")
	}
	if e := wall.Errors(); len(e) > 0 {
		t.Errorf("the page complains: %q", e)
	}

	tablet := browsertest.Open(t, 1024, 768)
	drawn(tablet, p.url+"/wall/overview?region=469024")
	tablet.Eval(`document.querySelector('#panel-type .ask').click()`, new(any))
	tablet.Until(cardOpen, patience)
	says(t, tablet, "口径卡　海南省 › 临高县", "脱贫不稳定户")
	legible(t, tablet, "dialog.card", 16)
	var small []string
	tablet.Eval(`[...document.querySelectorAll('.ask, dialog.card :is(button, select, summary)')].filter((e) => e.checkVisibility() && Math.min(e.offsetWidth, e.offsetHeight) < 44).map((e) => e.className + e.textContent)`, &small)
	if len(small) > 0 {
		t.Errorf("too small for a finger: %q", small)
	}
	// Another batch comes: the card stays what it is, and says so.
	p.exec(`INSERT INTO households (household, village, type, causes, persons, state, recognised_at, version) VALUES (77, 469024100200, 'marginal_poor', ['illness'], 3, 'monitored', '2026-11-23 00:00:00', 1)`)
	tablet.Until(`document.querySelector('dialog.card .newer').checkVisibility()`, patience)
	tablet.Eval(`document.querySelector('dialog.card .newer').click()`, new(any))
	tablet.Until(`document.querySelector('dialog.card').dataset.batch === document.documentElement.dataset.batch`, patience)

	tablet.Goto(p.url + "/card/monitored.by_region?batch=" + batches[0])
	tablet.Until(`document.querySelector('.columns') !== null && document.documentElement.dataset.batch === '`+batches[0]+`'`, patience)
	legible(t, tablet, "body", 16)
	tablet.Eval(`document.querySelector('#newest').click()`, new(any))
	tablet.Until(`document.documentElement.dataset.batch !== '`+batches[0]+`'`, patience)
	if e := tablet.Errors(); len(e) > 0 {
		t.Errorf("the page complains: %q", e)
	}
}

// keyboard walks through the open card without a hand on the glass, and opens another.
func keyboard(t *testing.T, tab *browsertest.Tab) {
	t.Helper()
	var inside bool
	for range 12 {
		tab.Press(kb.Tab)
		if tab.Eval(`document.activeElement === document.body || document.querySelector('dialog.card').contains(document.activeElement)`, &inside); !inside {
			t.Fatal("the keyboard leaves the card that is open")
		}
	}
	tab.Press(kb.Escape)
	tab.Until(cardShut, patience)
	tab.Eval(`document.querySelector('#panel-stability .ask').focus()`, new(any))
	var seen string
	if tab.Eval(`getComputedStyle(document.activeElement).opacity + document.activeElement.getAttribute('aria-label')`, &seen); seen != "1口径：建档立卡稳定程度" {
		t.Errorf("the focused way in is %s", seen)
	}
	tab.Press(kb.Enter)
	tab.Until(cardOpen+` && document.querySelector('dialog.card').dataset.metric === 'registered.by_stability'`, patience)
	tab.Press(kb.Escape)
	tab.Until(cardShut, patience)
	var back bool
	if tab.Eval(`document.activeElement.closest('#panel-stability') !== null`, &back); !back {
		t.Error("the keyboard does not come back to where it was")
	}
}

// everyPanel asks for the cards behind all panels of all screens, and for their days.
func everyPanel(t *testing.T, p *process) {
	var list []struct{ ID string }
	p.get("/api/screens", &list)
	seen := map[string]bool{}
	for _, entry := range list {
		var screen struct {
			Cards map[string][]struct{ Metric, Label string }
		}
		p.get("/api/screens/"+entry.ID, &screen)
		if len(screen.Cards) < 3 {
			t.Errorf("screen %s has cards behind %d panels", entry.ID, len(screen.Cards))
		}
		for id, refs := range screen.Cards {
			for _, ref := range refs {
				var c struct {
					Definition, Policy, Days string
					Answer                   struct{ Columns []any }
				}
				if status := p.get("/api/card/"+ref.Metric, &c); status != http.StatusOK || c.Definition == "" || c.Policy == "" || len(c.Answer.Columns) == 0 || ref.Label == "" {
					t.Errorf("%s/%s: %s: status %d, %+v", entry.ID, id, ref.Metric, status, c)
				}
				if c.Days == "" || seen[ref.Metric] {
					continue
				}
				seen[ref.Metric] = true
				var days struct{ Days, Series []any }
				if status := p.get(c.Days, &days); status != http.StatusOK || len(days.Days) != 30 {
					t.Errorf("%s: %s: status %d, %d days", entry.ID, c.Days, status, len(days.Days))
				}
			}
		}
	}
}

// statements runs what cards show, as a client of ClickHouse, and compares the answers.
func statements(t *testing.T, p *process) {
	t.Helper()
	for _, metric := range []string{"monitored.total", "monitored.by_type", "leads.by_department", "backlog.by_stage", "assets.by_class"} {
		for _, region := range []string{"460000", "460100", "460106100"} {
			var c struct {
				SQL  string
				Rows json.RawMessage
			}
			if status := p.get("/api/card/"+metric+"?region="+region, &c); status != http.StatusOK {
				t.Fatalf("%s %s: %d", metric, region, status)
			}
			var frame struct{ Rows [][]any }
			p.get("/api/metrics/"+metric+"?region="+region, &frame)
			rows := map[string]bool{}
			for line := range strings.Lines(p.ask(c.SQL + "\nFORMAT JSONCompactEachRow")) {
				rows[strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(line, ", ", ","), `"`, ""))] = true
			}
			for _, row := range frame.Rows {
				if slices.ContainsFunc(row, func(v any) bool { return v == "suppressed" || v == nil || v == 0.0 }) {
					continue // a client sees what the wall may not show, and no rows of nothing
				}
				text, err := json.Marshal(row)
				if err != nil {
					t.Fatal(err)
				}
				if line := strings.ReplaceAll(string(text), `"`, ""); !rows[line] {
					t.Errorf("%s in %s is %s, the card's statement gives %v:\n%s", metric, region, line, rows, c.SQL)
				}
			}
		}
	}
}
