package hub

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"liaowang/aggregator/batch"
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

// A display takes an alarm of another moment for another alarm: what the clocks learn later moves none.
func TestAnAlarmKeepsTheMomentThatItWasToldFor(t *testing.T) {
	begin := time.Unix(1_790_000_000, 0)
	h, a := &Hub{}, newAlarms()
	notes := map[string]batch.Note{alarmNotes + "red/460000": {Text: `{"id":"red","key":"460000"}`, Left: begin}}
	tell := func() *alarm {
		t.Helper()
		news := a.hear(h, notes, begin)
		if news == nil {
			t.Fatal("nothing is told")
		}
		plain := news.message.plain // behind a header
		var m alarmsMessage
		if err := json.Unmarshal(plain[bytes.Index(plain, []byte(`{"`)):], &m); err != nil || len(m.Alarms) != 1 {
			t.Fatalf("told is %s (%v)", plain, err)
		}
		return m.Alarms[0]
	}
	h.redis.heard(begin, begin.Add(90*time.Millisecond), begin.Add(80*time.Millisecond))
	first := tell()
	h.redis.heard(begin, begin.Add(2*time.Millisecond), begin.Add(time.Millisecond))
	notes[overNotes+"red/460000"] = batch.Note{Left: begin.Add(time.Second)}
	over := tell()
	if over.From != first.From || over.Over != begin.Add(time.Second).UnixMilli() {
		t.Errorf("it was told for %d, and is for %d until %d", first.From, over.From, over.Over)
	}
	// Left again it is another.
	notes[alarmNotes+"red/460000"] = batch.Note{Text: `{"id":"red","key":"460000"}`, Left: begin.Add(2 * time.Second)}
	if again := tell(); again.From != begin.Add(2*time.Second+alarmed).UnixMilli() {
		t.Errorf("left again it is told for %d", again.From)
	}
}
