package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"liaowang/aggregator/batch/redistest"
	"liaowang/screens/browsertest"
	"liaowang/screens/hub"
)

// published is what figures.json says.
type published struct {
	Monitored struct {
		Total  count
		ByType map[string]count `json:"by_type"`
	}
	RiskEliminated count `json:"risk_eliminated"`
	Registered     struct {
		Total       count
		ByStability map[string]count `json:"by_stability"`
	}
	LeadsByChannel json.RawMessage `json:"leads_by_channel"`
	BacklogByStage json.RawMessage `json:"backlog_by_stage"`
}

type count struct{ Households, Persons int }

func figures(t *testing.T) published {
	t.Helper()
	text, err := os.ReadFile("../../aggregator/demo/testdata/figures.json")
	if err != nil {
		t.Fatal(err)
	}
	var f published
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// thousands writes a number as the glass does.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// figure is the expression for what a headline figure says.
func figure(id, part string) string {
	return fmt.Sprintf(`(document.querySelector('[data-figure=%q] .%s b')?.textContent ?? '')`, id, part)
}

// drawn waits until the wall shows a batch.
func drawn(tab *browsertest.Tab, url string) {
	tab.Goto(url)
	tab.Until(`document.documentElement.dataset.truth === 'ok' && `+figure("total", "value")+` !== ''`, patience)
}

func TestTheGlassShowsThePublishedFiguresAndMovesWithTheRows(t *testing.T) {
	p := up(t, "--data", t.TempDir(), "--demo", "still")
	f := figures(t)
	tab := browsertest.Open(t, 1920, 1080)
	drawn(tab, p.url+"/wall/overview")
	remaining := count{f.Monitored.Total.Households - f.RiskEliminated.Households, f.Monitored.Total.Persons - f.RiskEliminated.Persons}
	for id, want := range map[string]count{
		"total": f.Monitored.Total, "eliminated": f.RiskEliminated, "remaining": remaining, "registered": f.Registered.Total,
	} {
		var households, persons string
		tab.Eval(figure(id, "value"), &households)
		tab.Eval(figure(id, "beside"), &persons)
		if households != thousands(want.Households) || persons != thousands(want.Persons) {
			t.Errorf("%s: the glass shows %s and %s, published are %d and %d", id, households, persons, want.Households, want.Persons)
		}
	}
	var page string
	tab.Eval("document.body.innerText", &page)
	for _, want := range []string{"演示数据", "不平, 差1户2人", "审图号", "第 1 批"} {
		if !strings.Contains(page, want) {
			t.Errorf("the glass does not say %s", want)
		}
	}
	compareFrames(t, p, f)

	// An ordinary client inserts; the figure moves, on the same page.
	tab.Eval("(window.untouched = true)", new(bool))
	// Six of each: what other tables do not say of them yet, as how the risk was
	// eliminated, is a small count of one or two, which may hide the headline with it.
	const each = 6
	var rows strings.Builder
	for i := range 2 * each {
		fmt.Fprintf(&rows, `{"household": %d, "village": 460106100200, "type": "marginal_poor", "causes": ["illness"], "persons": %d, "state": "%s", "recognised_at": "2026-11-23 00:00:00", "version": 1}`+"\n",
			i+1, 2+i%3, []string{"monitored", "eliminated"}[i%2])
	}
	p.exec("INSERT INTO households FORMAT JSONEachRow\n" + rows.String())
	took := tab.Until(figure("total", "value")+" === '"+thousands(f.Monitored.Total.Households+2*each)+"'", patience)
	t.Logf("insert returned → figure on the glass: %s", took.Round(time.Millisecond))
	for id, want := range map[string]int{"eliminated": f.RiskEliminated.Households + each, "remaining": remaining.Households + each} {
		var got string
		if tab.Eval(figure(id, "value"), &got); got != thousands(want) {
			t.Errorf("%s: the glass shows %s, want %d: all panels must move together", id, got, want)
		}
	}
	p.exec("INSERT INTO regions SELECT * REPLACE ('琼' AS name, version + 1 AS version) FROM regions FINAL WHERE code = 460000")
	tab.Until("document.querySelector('#path').textContent === '琼'", patience) // a new name, on the same page
	var untouched bool
	if tab.Eval("window.untouched === true", &untouched); !untouched {
		t.Error("the page was loaded again")
	}
	if e := tab.Errors(); len(e) > 0 {
		t.Errorf("the page complains: %q", e)
	}
	// What the page has drawn is known to operators.
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		var list struct{ Displays []hub.Display }
		if p.get("/api/displays", &list); len(list.Displays) == 1 && list.Displays[0].Ack != nil && list.Displays[0].Ack.Batch == list.Displays[0].Batch {
			t.Logf("the page drew batch %d in %.1f ms", list.Displays[0].Batch, list.Displays[0].Ack.FrameMS)
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("the page does not say what it has drawn: %+v", list)
		}
	}
}

// compareFrames holds the API against every published figure by code.
func compareFrames(t *testing.T, p *process, f published) {
	t.Helper()
	rows := func(metric string) map[string]count {
		var frame struct{ Rows [][]any }
		if status := p.get("/api/metrics/"+metric, &frame); status != http.StatusOK {
			t.Fatalf("%s: status %d", metric, status)
		}
		out := map[string]count{}
		for _, r := range frame.Rows {
			c := count{Households: int(r[1].(float64))}
			if len(r) > 2 {
				c.Persons = int(r[2].(float64))
			}
			out[r[0].(string)] = c
		}
		return out
	}
	counts := func(raw json.RawMessage) map[string]count {
		var all map[string]json.RawMessage
		if err := json.Unmarshal(raw, &all); err != nil {
			t.Fatal(err)
		}
		out := map[string]count{}
		for code, v := range all {
			var c count
			if json.Unmarshal(v, &c) == nil {
				out[code] = c
			}
		}
		return out
	}
	for metric, want := range map[string]map[string]count{
		"monitored.by_type": f.Monitored.ByType, "registered.by_stability": f.Registered.ByStability,
		"leads.by_channel": counts(f.LeadsByChannel), "backlog.by_stage": counts(f.BacklogByStage),
	} {
		got := rows(metric)
		if len(got) != len(want) {
			t.Errorf("%s: codes %v, published are %v", metric, got, want)
		}
		for code, c := range want {
			if got[code] != c {
				t.Errorf("%s: %s is %v, published is %v", metric, code, got[code], c)
			}
		}
	}
}

// watch makes the page note every batch that it shows, and whether the figures
// of a picture fit together.
const watch = `(() => {
  const number = (id) => Number(document.querySelector('[data-figure="' + id + '"] .value b').textContent.replaceAll(',', ''));
  window.seen = {batches: [], wrong: [], states: []};
  const look = () => {
    const b = Number(document.documentElement.dataset.batch);
    if (b !== seen.batches.at(-1)) seen.batches.push(b);
    const [t, e, r] = ['total', 'eliminated', 'remaining'].map(number);
    if (e + r !== t) seen.wrong.push([b, t, e, r]);
    const s = document.documentElement.dataset.truth;
    if (s !== seen.states.at(-1)) seen.states.push(s);
    if (seen.batches.length > 5000) seen.batches.splice(0, 1000);
    requestAnimationFrame(look);
  };
  look();
  return true;
})()`

type seen struct {
	Batches []uint64
	Wrong   [][]float64
	States  []string
}

// lossIsSeenAndSurvived breaks something under a live wall, again and again until the
// glass says so, and holds it to its word: a browser that draws without a GPU on a
// busy machine may sleep through what is mended in half a second.
func lossIsSeenAndSurvived(t *testing.T, p *process, words string, breakIt, mendIt func()) {
	t.Helper()
	tab := browsertest.Open(t, 1920, 1080)
	drawn(tab, p.url+"/wall/overview")
	tab.Eval(watch, new(bool))
	tab.Until("seen.batches.length > 3", patience)
	var before int
	said := fmt.Sprintf("seen.states.includes('old') || document.body.innerText.includes(%q)", words)
	for begun, ok := time.Now(), false; !ok; {
		breakIt()
		for again := time.Now().Add(3 * time.Second); !ok && time.Now().Before(again); time.Sleep(10 * time.Millisecond) {
			tab.Eval(said, &ok)
		}
		if !ok && time.Since(begun) > patience {
			t.Fatalf("the glass does not say %s, however long it is broken", words)
		}
	}
	mendIt()
	back := tab.Until("document.documentElement.dataset.truth === 'ok'", patience)
	tab.Eval("seen.batches.length", &before)
	tab.Until(fmt.Sprintf("seen.batches.length > %d + 3", before), patience)
	t.Logf("mended → the glass is current again: %s", back.Round(10*time.Millisecond))
	var s seen
	tab.Eval("seen", &s)
	for i := 1; i < len(s.Batches); i++ {
		if s.Batches[i] <= s.Batches[i-1] {
			t.Errorf("batch %d was shown after %d", s.Batches[i], s.Batches[i-1])
		}
	}
	if len(s.Wrong) > 0 {
		t.Errorf("pictures in which eliminated and remaining are not the total: %v", s.Wrong)
	}
	if e := tab.Errors(); len(e) > 0 {
		t.Errorf("the page complains: %q", e)
	}
}

func TestTheEngineKilledUnderALiveWall(t *testing.T) {
	// A Redis in the process, under the race detector, needs seconds for all frames.
	p := up(t, "--data", loaded(t), "--demo", "live", "--demo-rate", "20", "--redis", redistest.Start(t).URL())
	last := 0
	lossIsSeenAndSurvived(t, p, "数据源中断", func() {
		// Several in a row: each is mended a little later.
		for range 3 {
			for p.child() == last {
				time.Sleep(10 * time.Millisecond)
			}
			last = p.child()
			if err := syscall.Kill(last, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
	}, func() {}) // the supervisor mends it
}

func TestRedisKilledUnderALiveWall(t *testing.T) {
	server := redistest.Start(t)
	p := up(t, "--data", loaded(t), "--demo", "live", "--demo-rate", "20", "--redis", server.URL())
	lossIsSeenAndSurvived(t, p, "批次存储中断", server.Kill, server.Restart)
}

func TestTheWallComesBackAfterItsServer(t *testing.T) {
	data := loaded(t)
	p := up(t, "--data", data, "--demo", "still")
	address := strings.TrimPrefix(p.url, "http://")
	tab := browsertest.Open(t, 1920, 1080)
	drawn(tab, p.url+"/wall/overview")
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	p.ended()
	tab.Until(`document.body.innerText.includes('连接中断')`, patience)
	var total string
	if tab.Eval(figure("total", "value"), &total); total == "" {
		t.Error("the last good figures are gone from the glass")
	}
	up(t, "--data", data, "--demo", "still", "--listen", address)
	tab.Until(`document.documentElement.dataset.truth === 'ok'`, patience)
}
