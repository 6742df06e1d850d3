package hub_test

import (
	"fmt"
	"testing"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/screens"
)

// told is what a display is told of alarms.
type told struct {
	Type   string
	Alarms []struct {
		ID, Key, Level, Title, Words, Where, Region, Screen string
		Batch                                               uint64
		From, Over                                          int64
	}
}

// alarmed reads until a display is told of so many alarms.
func (d *display) alarmed(n int) told {
	d.t.Helper()
	for {
		var m told
		if d.read(&m); m.Type == "alarms" && len(m.Alarms) == n {
			return m
		}
	}
}

// alone subscribes as a display that shows by itself.
func (d *display) alone() {
	d.t.Helper()
	d.say(fmt.Sprintf(`{"type":"subscribe","screen":"overview","region":%q,"accept":["alarm"]}`, province))
}

// publishRed publishes a batch in which so many households are at red risk, and a check may fail.
func (h *hall) publishRed(number uint64, red float64, holds bool) {
	h.t.Helper()
	check := batch.Check{ID: "risk.balance", Title: "风险", Policy: batch.PolicyWarn, OK: holds}
	if !holds {
		check.Words = "不平, 差1户"
		check.Fail(batch.Failure{Region: "469001", Words: "不平, 差1户"})
	}
	frames := []*batch.Frame{{Metric: "risk.by_level", Region: province, Changed: number, Rows: [][]batch.Cell{{batch.Text("red"), batch.Num(red)}, {batch.Text("green"), batch.Num(9)}}}}
	if h.base == 0 {
		frames = append(frames, regionsFrame(number, "五指山市"))
	}
	header := batch.Header{History: "history", Term: h.lease.Term, Number: number, AsOf: time.Now().UTC(), Checks: []batch.Check{check}}
	if err := h.store.Publish(h.t.Context(), h.lease, header, h.base, frames, nil); err != nil {
		h.t.Fatal(err)
	}
	h.base = number
}

// An alarm is what a picture shows that the one before did not; every node tells its displays the
// same of it, and when its cause is gone.
func TestAnAlarmIsToldByAllNodesAtTheSameMoment(t *testing.T) {
	cat, err := queries.Load()
	if err != nil {
		t.Fatal(err)
	}
	all, err := screens.Load(cat)
	if err != nil {
		t.Fatal(err)
	}
	p, err := screens.LoadProgramme(cat, all)
	if err != nil {
		t.Fatal(err)
	}
	a := newHall(t, "", calm, func(h *hall) { h.programme = p })
	a.publishRed(1, 3, false) // what is so from the beginning is no news
	b := a.join()
	one, two, plain := a.open(), b.open(), a.open()
	one.alone()
	two.alone()
	plain.subscribe(province, "")
	for _, n := range []*hall{a, b} {
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
			if h, _ := n.hub.Newest("", ""); h != nil {
				break
			} else if time.Now().After(deadline) {
				t.Fatal("there is no batch")
			}
		}
	}
	a.publishRed(2, 5, false)
	begun := time.Now().UnixMilli()
	x, y := one.alarmed(1).Alarms[0], two.alarmed(1).Alarms[0]
	if x.Words != "红色预警5户，增加2户" || x.Where != "海南省" || x.Level != "red" || x.Screen != "routine" || x.Over != 0 {
		t.Errorf("it says %+v", x)
	}
	if off := x.From - y.From; off < -20 || off > 20 || x.From < begun {
		t.Errorf("two nodes tell it for %d and %d", x.From, y.From)
	}
	// The same is not said again; when its cause is gone, that is.
	a.publishRed(3, 6, false)
	a.publishRed(4, 3, true)
	for _, d := range []*display{one, two} {
		if m := d.alarmed(1); m.Alarms[0].Over == 0 || m.Alarms[0].From != x.From && m.Alarms[0].From != y.From {
			t.Errorf("its cause is gone, and it says %+v", m.Alarms)
		}
	}
	// A check that holds no more is one.
	a.publishRed(5, 3, false)
	for _, d := range []*display{one, two} {
		var check bool
		for _, found := range d.alarmed(2).Alarms {
			check = check || found.ID == "checks" && found.Words == "风险：不平, 差1户" && found.Where == "五指山市" && found.Batch == 5
		}
		if !check {
			t.Error("a check that fails is no alarm")
		}
	}
	// Whoever comes later knows it; who did not ask for alarms is told of none.
	late := b.open()
	late.alone()
	late.alarmed(2)
	plain.say(`{"type":"time","t0":1}`)
	for m := (told{}); m.Type != "time"; plain.read(&m) {
		if m.Type == "alarms" {
			t.Error("a display is told of alarms that does not know them")
		}
	}
}
