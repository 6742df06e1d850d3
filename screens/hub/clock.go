package hub

import "time"

// rounds is how many answers of Redis are remembered, and unsure how slow the quickest
// of them may have been if its clock is to be known by it.
const (
	rounds = 16
	unsure = 100 * time.Millisecond
)

// redisClock says what this node's clock shows when that of Redis shows a moment. Redis
// notes there when a batch was published, which is the same for all nodes, and each
// display knows the clock of its own node.
type redisClock struct {
	answers [rounds]answer
	n       int
}

type answer struct {
	ahead time.Duration // of Redis' clock, by half the delay at most more or less
	delay time.Duration
}

// heard learns from an answer in which Redis said now, asked for and got at two moments
// of this node's clock.
func (c *redisClock) heard(asked, got, now time.Time) {
	delay := got.Sub(asked)
	c.answers[c.n%rounds] = answer{ahead: now.Sub(asked.Add(delay / 2)), delay: delay}
	c.n++
}

// here is a moment of Redis' clock by this node's; false while that is not known.
func (c *redisClock) here(t time.Time) (time.Time, bool) {
	best := answer{delay: unsure}
	known := false
	for _, a := range c.answers[:min(c.n, rounds)] {
		if a.delay >= 0 && a.delay < best.delay {
			best, known = a, true
		}
	}
	return t.Add(-best.ahead), known && !t.IsZero()
}
