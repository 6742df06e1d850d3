package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"liaowang/screens/browsertest"
)

// A person with a tablet looks something up, compares, asks the checks and goes along the story,
// with a finger and without.
func TestATabletInTheHand(t *testing.T) {
	t.Parallel() // it waits more than it works
	p := up(t, "--data", loaded(t), "--demo", "still")
	tab := browsertest.Open(t, 1024, 768)
	tab.Touch(1024, 768)
	drawn(tab, p.url+"/wall/overview")
	t.Run("search", func(t *testing.T) { looksUp(t, tab) })
	t.Run("checks", func(t *testing.T) { asksChecks(t, tab) })
	t.Run("swipe and drill", func(t *testing.T) { swipes(t, tab, p) })
	t.Run("readers and keys", func(t *testing.T) { readers(t, tab, p) })
	t.Run("compare", func(t *testing.T) { compares(t, tab, p) })
	if e := tab.Errors(); len(e) > 0 {
		t.Errorf("the page complains: %q", e)
	}
}

// pictured takes a picture where pictures are asked for.
func pictured(tab *browsertest.Tab, name string) {
	if *lookDir != "" && !*lookSmall {
		tab.Screenshot(filepath.Join(*lookDir, name+".png"))
	}
}

// inHand asserts that what is open can be touched and read.
func inHand(t *testing.T, tab *browsertest.Tab, within string) {
	t.Helper()
	legible(t, tab, within, 16)
	var small []string
	tab.Eval(fmt.Sprintf(`[...document.querySelectorAll('%[1]s :is(button, a, input, select, summary)')].filter((e) => e.checkVisibility() && Math.min(e.offsetWidth, e.offsetHeight) < 44).map((e) => e.className + e.textContent)`, within), &small)
	if len(small) > 0 {
		t.Errorf("too small for a finger in %s: %q", within, small)
	}
	var wide []string
	tab.Eval(fmt.Sprintf(`[...document.querySelectorAll('%[1]s *')].filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.className + e.textContent.slice(0, 20))`, within), &wide)
	if len(wide) > 0 {
		t.Errorf("%s leaves the window: %q", within, wide)
	}
}

// foundBy is an expression for the names that a search has found.
const foundBy = `[...document.querySelectorAll('dialog.search .found b')].map((e) => e.textContent)`

func looksUp(t *testing.T, tab *browsertest.Tab) {
	search := func(text, want string) {
		t.Helper()
		tab.Eval(`(() => { const i = document.querySelector('dialog.search input'); i.value = ''; i.focus(); return true; })()`, new(bool))
		tab.Type(text)
		tab.Until(foundBy+`[0] === '`+want+`'`, patience)
	}
	tab.Eval(`(document.querySelector('#story .tool').click(), true)`, new(bool))
	tab.Until(`document.querySelector('dialog.search[open]') !== null && document.activeElement.type === 'search'`, patience)
	search("danzhou", "儋州市")
	search("lg", "临高县")
	search("jiandang", "建档立卡户")
	search("致贫", "致贫返贫风险")
	pictured(tab, "search-tablet")
	inHand(t, tab, "dialog.search")
	search("nada", "那大镇")
	// A region opens at its level.
	tab.Press(kb.Enter)
	tab.Until(`document.documentElement.dataset.region === '460400100' && document.querySelector('dialog[open]') === null`, patience)
	// A figure opens its card, for the region on the glass.
	tab.Press("/")
	search("monitored", "监测对象")
	search("jiancedx", "监测对象")
	tab.Eval(`([...document.querySelectorAll('dialog.search .found b')].find((e) => e.textContent === '监测对象').click(), true)`, new(bool))
	tab.Until(cardOpen+` && document.querySelector('dialog.card').dataset.metric === 'monitored.total'`, patience)
	says(t, tab, "那大镇")
	tab.Press(kb.Escape)
	tab.Until(cardShut, patience)
	// Or its screen, with the panel brought forward.
	tab.Press("/")
	tab.Until(`document.querySelector('dialog.search[open]') !== null`, patience)
	tab.Eval(`(document.querySelector('dialog.search input').value = '', true)`, new(bool))
	tab.Type("nianling")
	tab.Until(`[...document.querySelectorAll('dialog.search .to')].some((e) => e.textContent === '看 谁被监测')`, patience)
	tab.Eval(`([...document.querySelectorAll('dialog.search .to')].find((e) => e.textContent === '看 谁被监测').click(), true)`, new(bool))
	tab.Until(`document.documentElement.dataset.screen === 'people' && document.querySelector('.panel.forward') !== null`, patience)
	var seen bool
	if tab.Eval(`(() => { const r = document.querySelector('.panel.forward').getBoundingClientRect(); return r.top < innerHeight && r.bottom > 0; })()`, &seen); !seen {
		t.Error("the panel that was looked up is not in view")
	}
	pictured(tab, "forward-tablet")
	// What is nowhere is said.
	tab.Press("/")
	tab.Eval(`(document.querySelector('dialog.search input').value = '', true)`, new(bool))
	tab.Type("qqqq")
	tab.Until(`document.querySelector('dialog.search .said').textContent === '没有找到'`, patience)
	tab.Press(kb.Escape)
	tab.Until(`document.querySelector('dialog[open]') === null`, patience)
}

// asksChecks opens the card behind the strip of checks.
func asksChecks(t *testing.T, tab *browsertest.Tab) {
	tab.Eval(`(document.querySelector('.panel.checks .summary').click(), true)`, new(bool))
	tab.Until(`document.querySelector('dialog.checklist[open] .unheld') !== null && !document.querySelector('dialog.checklist [aria-busy]')`, patience)
	var text string
	tab.Eval(`document.querySelector('dialog.checklist').innerText`, &text)
	for _, want := range []string{"2 项不平", "建档立卡：分项合计 = 上报总数", "不平, 差1户2人", "151,432户", "151,431户", "逐户计数的三档之和等于上报总数", "照报不改", "海南省", "起，已", "近几批", "批不平", "三类合计 = 总数", "演示数据", "第 "} {
		if !strings.Contains(text, want) {
			t.Errorf("the card of the checks does not say %s: %s", want, text)
		}
	}
	inHand(t, tab, "dialog.checklist")
	pictured(tab, "checks-tablet")
	tab.Touch(390, 844)
	pictured(tab, "checks-phone")
	inHand(t, tab, "dialog.checklist")
	tab.Touch(1024, 768)
	tab.Press(kb.Escape)
	tab.Until(`document.querySelector('dialog[open]') === null`, patience)
}

// swipes goes along the story and down the tree with a finger, and back.
func swipes(t *testing.T, tab *browsertest.Tab, p *process) {
	tab.Goto(p.url + "/wall/people?region=460400100")
	shown := func(screen, region string) {
		t.Helper()
		tab.Until(fmt.Sprintf("document.documentElement.dataset.screen === %q && document.documentElement.dataset.region === %q && document.documentElement.dataset.truth === 'ok'", screen, region), patience)
	}
	tap := func(expression string) {
		t.Helper()
		tab.Until(expression, patience)
		tab.Eval(`(`+expression+`.scrollIntoView({block: 'center'}), true)`, new(bool))
		// What still glides after a swipe is stopped by a finger, and nothing is touched.
		tab.Until(`(() => { const [y, t] = [scrollY, performance.now()]; if (window.stood?.y !== y) window.stood = {y, t}; return t - stood.t > 300; })()`, patience)
		var at [2]float64
		tab.Eval(`(() => { const e = `+expression+`; const r = e.getBoundingClientRect(); return [r.left + Math.min(r.width / 2, 60), r.top + r.height / 2]; })()`, &at)
		tab.Tap(at[0], at[1])
	}
	tap(`[...document.querySelectorAll('#path button')].at(-1)`) // up to the county
	shown("people", "460400")
	tap(`document.querySelector('#path button')`)
	shown("people", "460000")
	tab.Swipe(800, 400, 300, 410)
	shown("routine", "460000")
	tab.Swipe(200, 400, 800, 390)
	shown("people", "460000")
	tap(`[...document.querySelectorAll('#panel-counties tr.region')].find((r) => r.textContent.startsWith('儋州市'))?.cells[0]`)
	shown("people", "460400")
	tap(`[...document.querySelectorAll('#panel-counties tr.region')].find((r) => r.textContent.startsWith('那大镇'))?.cells[0]`)
	shown("people", "460400100")
	tab.Eval(`(history.back(), true)`, new(bool))
	shown("people", "460400")
	tab.Eval(`(history.back(), true)`, new(bool))
	shown("people", "460000")
	// On a map, too.
	tap(`[...document.querySelectorAll('#story a')].find((e) => e.textContent === '防返贫监测总览')`)
	shown("overview", "460000")
	tap(`[...document.querySelectorAll('#panel-map svg text')].find((e) => e.textContent === '文昌')`)
	shown("overview", "469005")
	tap(`document.querySelector('#path button')`)
	shown("overview", "460000")
	tab.Swipe(500, 600, 480, 200) // up and down is no way along the story
	shown("overview", "460000")
}

// readers holds what a screen reader is told of a wall, and walks it with a keyboard alone.
func readers(t *testing.T, tab *browsertest.Tab, p *process) {
	tab.Touch(1920, 1080)
	for _, screen := range []string{"overview", "prevention", "routine"} {
		tab.Goto(p.url + "/wall/" + screen)
		tab.Until(isLive+` && [...document.querySelectorAll('#screen .canvas')].every((e) => e.getAttribute('aria-label'))`, patience)
		var charts int
		tab.Eval(`document.querySelectorAll('#screen .canvas').length`, &charts)
		images := 0
		for _, part := range tab.Parts() {
			switch part.Role {
			case "button", "link", "textbox", "searchbox", "combobox", "slider", "dialog", "region", "navigation", "image":
				if strings.TrimSpace(part.Name) == "" {
					t.Errorf("%s: a %s has no name", screen, part.Role)
				}
			}
			if part.Role == "image" {
				images++
				if _, figures, ok := strings.Cut(part.Name, "："); !ok || !strings.ContainsAny(figures, "0123456789") && !strings.Contains(figures, "没有") {
					t.Errorf("%s: a chart says only %q", screen, part.Name)
				}
			}
		}
		if images < charts {
			t.Errorf("%s: %d of %d charts are told", screen, images, charts)
		}
	}
	tab.Goto(p.url + "/wall/overview")
	tab.Until(isLive+` && document.querySelector('#panel-cause .canvas')?.getAttribute('aria-label')`, patience)
	var cause string
	if tab.Eval(`document.querySelector('#panel-cause .canvas').getAttribute('aria-label')`, &cause); !contains(cause, "致贫返贫风险：", "因病 6,309户", "因残 2,695户") {
		t.Errorf("the chart of causes says %s", cause)
	}
	// Every control in its turn, each to be seen, and the dialogs that they open give the keyboard back.
	const where = `(() => { const e = document.activeElement; if (!e || e === document.body) return ['', '', '']; const s = getComputedStyle(e);
		return [e.tagName + ' ' + (e.id || e.getAttribute('aria-label') || e.textContent).slice(0, 40), s.outlineStyle === 'none' || parseFloat(s.outlineWidth) < 1.5 ? 'unseen' : '', e.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}) ? '' : 'hidden']; })()`
	tab.Eval(`(document.activeElement.blur(), true)`, new(bool))
	walked := map[string]bool{}
	for range 80 {
		tab.Press(kb.Tab)
		var at [3]string
		if tab.Eval(where, &at); at[0] == "" || walked[at[0]] {
			break
		}
		walked[at[0]] = true
		if at[1] != "" || at[2] != "" {
			t.Errorf("the keyboard is on %s, which is %s%s", at[0], at[1], at[2])
		}
	}
	var asks int
	if tab.Eval(`document.querySelectorAll('#screen .ask').length`, &asks); len(walked) < asks+2 {
		t.Errorf("the keyboard reaches %d controls, the screen has %d ways to a card beside the head: %v", len(walked), asks, walked)
	}
	tab.Eval(`(document.querySelector('.panel.checks .ask').focus(), true)`, new(bool))
	tab.Press(kb.Enter)
	tab.Until(`document.querySelector('dialog.checklist[open] .unheld') !== null`, patience)
	inHandOrWall(t, tab, "dialog.checklist")
	pictured(tab, "checks-wall")
	tab.Press(kb.Escape)
	tab.Until(`document.querySelector('dialog[open]') === null && document.activeElement.matches('.panel.checks .ask')`, patience)
	tab.Press("/")
	tab.Until(`document.querySelector('dialog.search[open]') !== null`, patience)
	tab.Type("hk")
	tab.Until(foundBy+`[0] === '海口市'`, patience)
	pictured(tab, "search-wall")
	tab.Press(kb.ArrowDown)
	var on string
	if tab.Eval(`document.activeElement.textContent`, &on); !strings.HasPrefix(on, "海口市") {
		t.Errorf("the arrow leads to %s", on)
	}
	tab.Press(kb.Enter)
	tab.Until(`document.documentElement.dataset.region === '460100'`, patience)
	// Nothing moves for those who do not want it, and little for others.
	var moving int
	if tab.Eval(`document.getAnimations().filter((a) => a.effect.getTiming().iterations === Infinity || a.effect.getKeyframes().some((k) => 'transform' in k)).length`, &moving); moving > 0 {
		t.Errorf("%d things move", moving)
	}
	tab.Touch(1024, 768)
}

// inHandOrWall asserts that what is open on a wall can be read and stays within it.
func inHandOrWall(t *testing.T, tab *browsertest.Tab, within string) {
	t.Helper()
	legible(t, tab, within, 16)
	var out bool
	if tab.Eval(fmt.Sprintf(`(() => { const r = document.querySelector(%q).getBoundingClientRect(); return r.left < 0 || r.top < 0 || r.right > innerWidth || r.bottom > innerHeight; })()`, within), &out); out {
		t.Errorf("%s leaves the wall", within)
	}
}

// compares stands counties side by side.
func compares(t *testing.T, tab *browsertest.Tab, p *process) {
	tab.Goto(p.url + "/wall/overview?region=460400")
	tab.Until(`document.querySelector('#story a.tool')?.search.includes('regions=460400')`, patience)
	tab.Eval(`(document.querySelector('#story a.tool').click(), true)`, new(bool))
	tab.Until(`location.pathname === '/compare' && document.querySelectorAll('#choose button').length > 15`, patience)
	pick := func(name string) {
		t.Helper()
		tab.Eval(fmt.Sprintf(`([...document.querySelectorAll('#choose button')].find((b) => b.textContent === %q).click(), true)`, name), new(bool))
	}
	pick("临高县")
	pick("三沙市")
	tab.Until(`document.querySelectorAll('#table thead th').length === 4`, patience)
	type cell struct{ Text, State, Difference string }
	row := func(label string) (cells []cell) {
		tab.Eval(fmt.Sprintf(`[...[...document.querySelectorAll('#table tr')].find((r) => r.querySelector('.label')?.textContent === %q).querySelectorAll('td')].map((td) => ({Text: td.querySelector('b').textContent, State: td.dataset.state, Difference: td.querySelector('.difference')?.textContent ?? ''}))`, label), &cells)
		return cells
	}
	// What the API says of each, and the difference of just these.
	var households [2]float64
	for i, region := range []string{"460400", "469024"} {
		var frame struct{ Rows [][]any }
		p.get("/api/metrics/monitored.total?region="+region, &frame)
		households[i] = frame.Rows[0][0].(float64)
	}
	want := []cell{{thousands(int(households[0])) + "户", "ok", ""}, {thousands(int(households[1])) + "户", "ok", "少" + thousands(int(households[0]-households[1])) + "户"}, {"不适用", "na", "无从比较"}}
	if got := row("累计监测对象"); !slices.Equal(got, want) {
		t.Errorf("side by side they are %+v, want %+v", got, want)
	}
	// A zero, a report that is due, a number that must not be shown and one that does not apply stay four things.
	var states []string
	if tab.Eval(`[...new Set([...document.querySelectorAll('#table td')].map((td) => td.dataset.state + ' ' + (td.dataset.state === 'ok' ? '' : td.querySelector('b').textContent)))].sort()`, &states); !slices.Equal(states, []string{"missing 缺报", "na 不适用", "ok ", "suppressed ＊"}) {
		t.Errorf("states side by side: %q", states)
	}
	inHand(t, tab, "body")
	pictured(tab, "compare-tablet")
	var at string
	if tab.Eval(`location.search`, &at); !strings.Contains(at, "regions=460400,469024,460300") {
		t.Errorf("the address is %s", at)
	}
	pick("三沙市")
	tab.Until(`document.querySelectorAll('#table thead th').length === 3`, patience)
	tab.Touch(390, 844)
	tab.Goto(p.url + "/compare?regions=460100,460200,460400,469024")
	tab.Until(`document.querySelectorAll('#table thead th').length === 5`, patience)
	pictured(tab, "compare-phone")
	inHand(t, tab, "main")
	for _, address := range []string{"460100,469999", "460100,460100", "460100", "460100,460400100"} {
		var refused struct {
			Error struct{ Code, Message string }
		}
		if status := p.get("/api/compare?regions="+address, &refused); status < 400 || refused.Error.Message == "" {
			t.Errorf("%s is answered with %d %+v", address, status, refused)
		}
	}
}
