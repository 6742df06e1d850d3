package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"liaowang/screens/browsertest"
)

// hallTime is a moment as the address of a page takes it.
func hallTime(t time.Time) string {
	return t.In(time.FixedZone("Asia/Shanghai", 8*60*60)).Format("2006-01-02T15:04:05")
}

const (
	replays = `document.documentElement.dataset.truth === 'past'`
	isLive  = `document.documentElement.dataset.truth === 'ok'`
)

// more says that the glass shows so many households more than a total.
func more(total string, n int) string {
	return fmt.Sprintf(`Number(%s.replaceAll(',', '')) === %s + %d`, figure("total", "value"), strings.ReplaceAll(total, ",", ""), n)
}

func contains(text string, all ...string) bool {
	return !slices.ContainsFunc(all, func(one string) bool { return !strings.Contains(text, one) })
}

// goesBack shows what was on a wall and a tablet, and what has changed since.
func goesBack(t *testing.T, p *process) {
	wall := browsertest.Open(t, 1920, 1080)
	drawn(wall, p.url+"/wall/overview")
	var total string
	wall.Eval(figure("total", "value"), &total)
	time.Sleep(1100 * time.Millisecond) // a time of the page is to the second
	back := hallTime(time.Now())
	insert := func(key, n int) {
		for i := range n {
			p.exec(fmt.Sprintf(`INSERT INTO households (household, village, type, causes, persons, state, recognised_at, version) VALUES (%d, 460106100200, 'marginal_poor', ['illness'], 3, '%s', '2026-11-23 00:00:00', 1)`,
				key+i, []string{"monitored", "eliminated"}[i%2]))
		}
	}
	insert(5000, 12)
	wall.Until(more(total, 12), patience)

	// What has changed since, over figures and map, live.
	wall.Goto(p.url + "/wall/overview?since=" + back)
	wall.Until(isLive+` && document.querySelector('[data-figure=total] .since-then')?.textContent === '+12户　+36人' && document.querySelector('#panel-map .canvas').textContent.includes('+12')`, patience)
	var since struct{ Strip, Map, Truth string }
	wall.Eval(`({Strip: document.querySelector('.since').innerText, Map: document.querySelector('#panel-map .canvas').textContent, Truth: document.documentElement.dataset.truth})`, &since)
	if !contains(since.Strip, "较上次调度会", "第 ") || !contains(since.Map, "+12") || since.Truth != "ok" {
		t.Errorf("compared it says %+v", since)
	}
	legible(t, wall, ".since", 16)

	// What was, on the whole glass.
	wall.Goto(p.url + "/wall/overview?at=" + back)
	wall.Until(replays, patience)
	var shown struct{ Total, Text, Frame string }
	wall.Eval(`({Total: `+figure("total", "value")+`, Text: document.body.innerText, Frame: getComputedStyle(document.body, '::after').borderTopWidth})`, &shown)
	if shown.Total != total || !contains(shown.Text, "回放", "不是现在", "演示数据", "回到实时") || shown.Frame == "0px" || shown.Frame == "" {
		t.Errorf("at %s the glass showed %s, it replays %+v", back, total, shown)
	}
	legible(t, wall, "#head", 16)
	legible(t, wall, ".foot", 16)
	// It has no stream: what is live owes it nothing.
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		var list struct{ Displays []any }
		if p.get("/api/displays", &list); len(list.Displays) == 0 {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("a display that replays is still fed: %+v", list)
		}
	}
	// The card is of the batch that is replayed.
	wall.Eval(`document.querySelector('[data-figure=total] .value b').click()`, new(any))
	wall.Until(cardOpen+` && document.querySelector('dialog.card').dataset.batch === document.documentElement.dataset.batch`, patience)
	says(t, wall, total)
	wall.Press(kb.Escape)
	wall.Until(cardShut, patience)
	var still bool
	if wall.Eval(replays, &still); !still {
		t.Error("closing the card ended the replay")
	}
	// The day in a minute begins and comes to what is there now.
	wall.Eval(`document.querySelector('.foot .play').click()`, new(any))
	wall.Until(more(total, 12), patience)
	wall.Until(replays+` && document.querySelector('.foot .play').dataset.state === 'paused'`, patience)
	// One key, and it is live; what comes is drawn.
	wall.Press(kb.Escape)
	wall.Until(isLive+` && !document.querySelector('.foot .past').checkVisibility() && !location.search.includes('at=')`, patience)
	insert(6000, 6)
	wall.Until(more(total, 18), patience)
	if e := wall.Errors(); len(e) > 0 {
		t.Errorf("the page complains: %q", e)
	}

	tablet := browsertest.Open(t, 1024, 768)
	drawn(tablet, p.url+"/wall/overview")
	tablet.Eval(`document.querySelector('#times').click()`, new(any))
	tablet.Eval(`(() => { const i = document.querySelector('dialog.times input'); i.value = '2999-01-01T09:00'; [...document.querySelectorAll('dialog.times button')].find((b) => b.textContent === '看那时').click(); return true; })()`, new(any))
	tablet.Until(`document.querySelector('dialog.times .fault').textContent === '那时还没有到'`, patience)
	legible(t, tablet, "dialog.times", 16)
	tablet.Goto(p.url + "/wall/overview?at=" + back)
	tablet.Until(replays, patience)
	// Down to a county, in the same batch.
	var batches [2]string
	tablet.Eval(`document.documentElement.dataset.batch`, &batches[0])
	tablet.Eval(`(() => { history.pushState(null, '', location.pathname + '?region=460100'); dispatchEvent(new PopStateEvent('popstate')); return true; })()`, new(any))
	tablet.Until(replays+` && document.documentElement.dataset.region === '460100'`, patience)
	if tablet.Eval(`document.documentElement.dataset.batch`, &batches[1]); batches[0] != batches[1] {
		t.Errorf("the county is of batch %s, the province was of %s", batches[1], batches[0])
	}
	var small []string
	tablet.Eval(`[...document.querySelectorAll('.foot :is(button, input), #times')].filter((e) => e.checkVisibility() && Math.min(e.offsetWidth, e.offsetHeight) < 44).map((e) => e.textContent + e.type)`, &small)
	if len(small) > 0 {
		t.Errorf("too small for a finger: %q", small)
	}
	legible(t, tablet, "#head", 16)
	tablet.Eval(`document.querySelector('.foot .live').click()`, new(any))
	tablet.Until(isLive, patience)
	if e := tablet.Errors(); len(e) > 0 {
		t.Errorf("the page complains: %q", e)
	}
}

// replaysLeaveLiveAlone plays before a live display what was, four at once and without a
// pause: figures and batches move on under it, and the record is read by a few at a time.
func replaysLeaveLiveAlone(t *testing.T, p *process) {
	tab := browsertest.Open(t, 1920, 1080)
	drawn(tab, p.url+"/wall/overview")
	tab.Eval(watch, new(bool))
	var total string
	tab.Eval(figure("total", "value"), &total)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var playing sync.WaitGroup
	var pictures, busy atomic.Int64
	get := func(path string, into any) int {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+path, nil)
		if err != nil {
			t.Error(err)
			return 0
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0 // it ends
		}
		defer answer.Body.Close()
		if err := json.NewDecoder(answer.Body).Decode(into); err != nil && ctx.Err() == nil {
			t.Errorf("%s: %v", path, err)
		}
		return answer.StatusCode
	}
	day := hallTime(time.Now())[:len(time.DateOnly)]
	for range 4 {
		playing.Go(func() {
			for ctx.Err() == nil {
				var reel struct{ Batches []struct{ Batch uint64 } }
				get("/api/reel?from="+day+"T00:00:00&until="+day+"T23:59:59&most=60", &reel)
				for _, b := range reel.Batches {
					switch status := get(fmt.Sprintf("/api/scene/people/460000?batch=%d", b.Batch), new(any)); status {
					case http.StatusOK:
						pictures.Add(1)
					case http.StatusTooManyRequests:
						busy.Add(1)
					case 0:
					default:
						t.Errorf("batch %d is answered with %d", b.Batch, status)
					}
				}
			}
		})
	}
	const rounds, each = 6, 12
	for n := 1; n <= rounds; n++ {
		for i := range each {
			p.exec(fmt.Sprintf(`INSERT INTO households (household, village, type, causes, persons, state, recognised_at, version) VALUES (%d, 460106100200, 'marginal_poor', ['illness'], 3, '%s', '2026-11-23 00:00:00', 1)`,
				20_000+n*each+i, []string{"monitored", "eliminated"}[i%2]))
		}
		tab.Until(more(total, n*each), patience)
	}
	for begun := time.Now(); pictures.Load() < 8 && time.Since(begun) < patience; time.Sleep(10 * time.Millisecond) {
	}
	stop()
	playing.Wait()
	t.Logf("%d pictures of before were given, %d times others were being served", pictures.Load(), busy.Load())
	if pictures.Load() < 8 {
		t.Errorf("the replays got %d pictures", pictures.Load())
	}
	var s seen
	tab.Eval("seen", &s)
	for i := 1; i < len(s.Batches); i++ {
		if s.Batches[i] <= s.Batches[i-1] {
			t.Errorf("batch %d was shown after %d", s.Batches[i], s.Batches[i-1])
		}
	}
	if len(s.Batches) < rounds || len(s.Wrong) > 0 || slices.Contains(s.States, "old") {
		t.Errorf("beside the replays the live display showed %d batches, pictures that do not fit %v, states %q", len(s.Batches), s.Wrong, s.States)
	}
}
