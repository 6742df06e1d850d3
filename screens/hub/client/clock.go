package client

import (
	"slices"
	"time"
)

// keptAnswers are those that the clock believes the best of.
const keptAnswers = 8

// clock knows how far the server's clock is ahead of this machine's.
type clock struct {
	now     func() time.Time
	answers []offset
}

// offset is by how much the server is ahead, wrong by at most half the delay. Both in
// milliseconds.
type offset struct{ ahead, delay float64 }

// milli is this machine's clock, Unix milliseconds with fractions.
func (c *clock) milli() float64 { return float64(c.now().UnixNano()) / 1e6 }

// heard takes the server's answer to a question.
func (c *clock) heard(m *message) {
	t3 := c.milli()
	if delay := (t3 - m.T0) - (m.T2 - m.T1); delay >= 0 {
		c.add(offset{((m.T1 - m.T0) + (m.T2 - t3)) / 2, delay})
	}
}

// guess takes the time of a hello or a beat, which says nothing of the delay.
func (c *clock) guess(server float64) {
	if len(c.answers) == 0 && server > 0 {
		c.add(offset{server - c.milli(), unknownDelay})
	}
}

// unknownDelay is worse than that of any answer, milliseconds.
const unknownDelay = 1e9

func (c *clock) add(o offset) {
	if len(c.answers) == keptAnswers {
		c.answers = slices.Delete(c.answers, 0, 1)
	}
	c.answers = append(c.answers, o)
}

// forget begins anew: another node may have another clock.
func (c *clock) forget() { c.answers = nil }

// best is the offset of the answer with the smallest delay, and whether there is one.
func (c *clock) best() (offset, bool) {
	if len(c.answers) == 0 {
		return offset{}, false
	}
	return slices.MinFunc(c.answers, func(a, b offset) int {
		switch {
		case a.delay < b.delay:
			return -1
		case a.delay > b.delay:
			return 1
		}
		return 0
	}), true
}

// here gives a moment of the server's clock, Unix milliseconds, by this machine's.
func (c *clock) here(server float64) time.Time {
	o, _ := c.best()
	return time.Unix(0, int64((server-o.ahead)*1e6))
}

// there gives a moment of this machine's clock by the server's, Unix milliseconds.
func (c *clock) there(t time.Time) float64 {
	o, _ := c.best()
	return float64(t.UnixNano())/1e6 + o.ahead
}
