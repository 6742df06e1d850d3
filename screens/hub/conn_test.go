package hub

import (
	"testing"
	"time"
)

// A node reads about a thousand acks a second, whatever the number of its displays, as
// long as each says within a beat what it has drawn.
func TestTheMoreDisplaysTheLongerThePauseBetweenAcks(t *testing.T) {
	const beat = 5 * time.Second
	for displays, want := range map[int]time.Duration{
		0: time.Second, 200: time.Second, 1000: time.Second, 2500: 2500 * time.Millisecond, 5000: beat, 20_000: beat,
	} {
		if got := ackPause(displays, beat); got != want {
			t.Errorf("%d displays: %s, want %s", displays, got, want)
		}
	}
	if got := ackPause(20_000, 200*time.Millisecond); got != time.Second {
		t.Errorf("where beats are quick: %s, want a second", got)
	}
}
