package hub

import (
	"slices"
	"time"
)

// A wall of several displays shows a batch when the slowest of them has drawn its charts: a
// moment that lies before that finds each of them ready at another.
const (
	// slowest is how long after its publishing a batch is shown at the latest: who needs longer
	// comes late, and nobody waits for him.
	slowest = 400 * time.Millisecond
	// paces are how many batches of a display are remembered; of those the slowest is let pass.
	paces = 8
	// unpaced is how long a display is taken to need of which nothing is known yet: a page that has just
	// been opened is slower than ever after.
	unpaced = 250 * time.Millisecond
	// paceStep is what the moment moves by, so that it seldom does.
	paceStep = 50 * time.Millisecond
)

// pace is how long after their publishing a display was ready to show the last batches.
type pace struct {
	all [paces]time.Duration
	n   int
}

func newPace() (p pace) {
	for i := range p.all {
		p.all[i] = unpaced
	}
	return p
}

func (p *pace) add(ready time.Duration) {
	p.all[p.n%paces] = ready
	p.n++
}

// needs is after how long the display is ready, in steps.
func (p *pace) needs() time.Duration {
	sorted := p.all
	slices.Sort(sorted[:])
	need := sorted[paces-2]
	return min((need+paceStep-1)/paceStep*paceStep, slowest)
}

// later is how much later than others a wall shows a batch, by what its tiles need: what is left
// out, missing, or does not draw counts for nothing, and a display that is alone waits for nobody.
func (h *Hub) later(w Wall) time.Duration {
	displays := 0
	need := h.ShowAfter
	for _, t := range w.Tiles {
		if t.State != TileShown || t.Out {
			continue
		}
		displays += t.Displays
		need = max(need, time.Duration(t.NeedsMS)*time.Millisecond)
	}
	if displays < 2 {
		return 0
	}
	return need - h.ShowAfter
}
