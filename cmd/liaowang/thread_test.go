package main

import (
	"fmt"
	"testing"
	"time"

	"liaowang/screens/browsertest"
)

// charted is what the charts of a screen say.
const charted = `[...document.querySelectorAll('.view:not(.coming) .canvas svg')].map((svg) => [...svg.querySelectorAll('text')].map((t) => t.textContent).sort().join(' ')).join('\n')`

// threadThatDies ends the thread that draws charts in each way in which it can end, under a live wall:
// figures go on, and another thread draws the charts.
func threadThatDies(t *testing.T, p *process) {
	sound := browsertest.Open(t, 1920, 1080)
	sound.Goto(p.url + "/wall/overview")
	wall := browsertest.Open(t, 1920, 1080)
	thread := wall.Worker(func() { wall.Goto(p.url + "/wall/overview") })
	for _, tab := range []*browsertest.Tab{sound, wall} {
		tab.Until(isLive+` && document.querySelector('.canvas svg text')`, patience)
		settle(tab)
	}
	for i, end := range []struct{ how, statement string }{
		{"it fails", `(setTimeout(() => { throw new Error('broken') }), 0)`},
		{"it hangs", `(setTimeout(() => { for (;;) {} }), 0)`},
	} {
		t.Run(end.how, func(t *testing.T) {
			var before, moved string
			wall.Eval(figure("total", "value"), &before)
			thread = wall.Worker(func() {
				thread.Do(end.statement)
				p.exec(fmt.Sprintf(`INSERT INTO households (household, village, type, causes, persons, state, recognised_at, version) VALUES (%d, 460106100200, 'marginal_poor', ['illness'], 3, 'monitored', '2026-11-23 00:00:00', 1)`, 9500+i))
				wall.Until(fmt.Sprintf("%s !== %q", figure("total", "value"), before), patience)
			})
			wall.Eval(figure("total", "value"), &moved)
			sound.Until(fmt.Sprintf("%s === %q", figure("total", "value"), moved), patience)
			for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
				var want, got string
				sound.Eval(charted, &want)
				if wall.Eval(charted, &got); got == want && got != "" {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("the charts say\n%s\nand on a wall whose thread goes on\n%s", got, want)
				}
			}
		})
	}
	if e := wall.Errors(); len(e) > 0 {
		t.Errorf("the page complains: %q", e)
	}
}
