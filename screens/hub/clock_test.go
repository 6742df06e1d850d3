package hub

import (
	"testing"
	"time"
)

func TestTheClockOfRedisIsKnownByTheQuickestAnswer(t *testing.T) {
	var c redisClock
	begin := time.Unix(1_790_000_000, 0)
	published := begin.Add(time.Hour)
	if _, known := c.here(published); known {
		t.Fatal("the clock is known before Redis has said anything")
	}
	// Redis is 3 s ahead. A slow answer tells little, and one slower still nothing.
	ask := func(delay, there time.Duration) {
		c.heard(begin, begin.Add(delay), begin.Add(there+3*time.Second))
		begin = begin.Add(time.Second)
	}
	ask(2*time.Second, 2*time.Second)
	if _, known := c.here(published); known {
		t.Fatal("the clock is known by an answer that took two seconds")
	}
	ask(90*time.Millisecond, 80*time.Millisecond)
	ask(2*time.Millisecond, time.Millisecond)
	for range 5 {
		ask(time.Second, 0)
	}
	if got, known := c.here(published); !known || got.Sub(published) != -3*time.Second {
		t.Fatalf("the moment is %s from Redis' own (known %v), expected -3s", got.Sub(published), known)
	}
	if _, known := c.here(time.Time{}); known {
		t.Fatal("a moment that nobody noted is known")
	}
	for range rounds { // the quick answer is forgotten: clocks drift
		ask(50*time.Millisecond, 20*time.Millisecond)
	}
	if got, _ := c.here(published); got.Sub(published) != -3*time.Second+5*time.Millisecond {
		t.Fatalf("the moment is %s from Redis' own, expected -2.995s", got.Sub(published))
	}
}
