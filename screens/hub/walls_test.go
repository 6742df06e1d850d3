package hub_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
	"liaowang/screens/hub"
)

// hang subscribes as a tile of a wall.
func (d *display) hang(wall string, column, row, columns, rows int) {
	d.t.Helper()
	d.say(fmt.Sprintf(`{"type":"subscribe","screen":"overview","region":%q,"accept":["patch"],"place":{"wall":%q,"tile":[%d,%d],"of":[%d,%d]}}`, province, wall, column, row, columns, rows))
}

// walls waits until a node tells of walls what is wanted.
func (h *hall) walls(what string, want func([]hub.Wall) bool) []hub.Wall {
	h.t.Helper()
	var list []hub.Wall
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		var err error
		if list, err = h.hub.Walls(h.t.Context()); err != nil {
			h.t.Fatal(err)
		}
		if want(list) {
			return list
		}
	}
	h.t.Fatalf("%s: it is never told; the last is %+v", what, list)
	return nil
}

func states(list []hub.Wall) (all []string) {
	for _, w := range list {
		for _, t := range w.Tiles {
			all = append(all, t.State)
		}
	}
	return all
}

// shape is what displays of a wall are told.
type shape struct {
	Type, Wall string
	Out        hub.Out
	OutAt      int64 `json:"out_at"`
}

// shaped reads until the wall has another shape.
func (d *display) shaped(columns ...int) shape {
	d.t.Helper()
	for {
		var s shape
		if d.read(&s); s.Type == "wall" && slices.Equal(s.Out.Columns, columns) {
			return s
		}
	}
}

// Whichever nodes the tiles of a wall are at, every node knows which of them are there, and an
// operator changes what is left out for all of them at the same moment.
func TestAWallIsKnownToAllNodes(t *testing.T) {
	a := newHall(t, "", calm)
	a.publish(1, 10)
	b := a.join()
	left, right := a.open(), b.open()
	left.hang("hall", 1, 1, 2, 1)
	right.hang("hall", 2, 1, 2, 1)
	for _, n := range []*hall{a, b} {
		n.walls("two tiles", func(list []hub.Wall) bool { return slices.Equal(states(list), []string{"shown", "shown"}) })
	}
	left.shaped()
	right.shaped()

	right.ws.Close()
	list := a.walls("one that has gone", func(list []hub.Wall) bool { return slices.Equal(states(list), []string{"shown", "missing"}) })
	if gone := list[0].Tiles[1]; gone.Seen == nil || gone.Remote == "" || gone.Screen != "overview" {
		t.Errorf("of the tile that has gone is known %+v", gone)
	}

	for deadline := time.Now().Add(time.Minute); a.gauge("liaowang_wall_tiles_missing") != 1; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("Prometheus is not told of the tile that is missing")
		}
	}

	begun := time.Now()
	if err := b.hub.LeaveOut(t.Context(), "hall", hub.Out{Columns: []int{2}}); err != nil {
		t.Fatal(err)
	}
	right = b.open()
	right.hang("hall", 2, 1, 2, 1)
	one, two := left.shaped(2), right.shaped(2)
	if off := one.OutAt - two.OutAt; off < -20 || off > 20 || one.OutAt < begun.UnixMilli() {
		t.Errorf("the two change at %d and %d", one.OutAt, two.OutAt)
	}
	list = a.walls("back, and left out", func(list []hub.Wall) bool { return slices.Equal(states(list), []string{"shown", "shown"}) })
	if !list[0].Tiles[1].Out || list[0].Tiles[0].Out {
		t.Errorf("left out is column 2, it says %+v", list[0].Tiles)
	}
	for _, wrong := range []hub.Out{{Columns: []int{1, 2}}, {Columns: []int{3}}, {Rows: []int{0}}, {Rows: []int{1}}, {Columns: []int{1, 1}}} {
		var e *hub.Error
		if err := a.hub.LeaveOut(t.Context(), "hall", wrong); !errors.As(err, &e) {
			t.Errorf("%+v is taken: %v", wrong, err)
		}
	}
	if err := a.hub.LeaveOut(context.Background(), "none", hub.Out{}); !errors.Is(err, hub.ErrUnknownWall) {
		t.Errorf("a wall that is not there: %v", err)
	}
	if err := a.hub.LeaveOut(t.Context(), "hall", hub.Out{}); err != nil {
		t.Fatal(err)
	}
	left.shaped()

	// One whose address is wrong is told apart, and one of no wall says so.
	odd := a.open()
	odd.hang("hall", 1, 1, 1, 1)
	a.walls("a display of another shape", func(list []hub.Wall) bool {
		return len(list) == 1 && list[0].Of == [2]int{2, 1} && len(list[0].Odd) == 1
	})
	for _, place := range []string{`{"wall":"","tile":[1,1],"of":[1,1]}`, `{"wall":"h","tile":[2,1],"of":[1,1]}`, `{"wall":"h","tile":[1,1],"of":[1,17]}`, `{"wall":"a/b","tile":[1,1],"of":[1,1]}`} {
		odd.say(fmt.Sprintf(`{"type":"subscribe","screen":"overview","region":%q,"place":%s}`, province, place))
		var m message
		for m.Type != "error" {
			m = odd.next()
		}
		if m.Code != "bad_message" {
			t.Errorf("%s: %v", place, m)
		}
	}
}

// What an operator has left out survives a Redis that has lost all.
func TestWhatIsLeftOutSurvivesRedis(t *testing.T) {
	redis := redistest.Local(t)
	client, err := batch.Connect(redis.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	h := newHall(t, redis.URL())
	h.publish(1, 10)
	d := h.open()
	d.hang("hall", 1, 1, 2, 1)
	h.walls("a tile", func(list []hub.Wall) bool { return len(list) == 1 })
	if err := h.hub.LeaveOut(t.Context(), "hall", hub.Out{Columns: []int{2}}); err != nil {
		t.Fatal(err)
	}
	d.shaped(2)
	if err := client.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	h.walls("still left out", func(list []hub.Wall) bool { return len(list) == 1 && slices.Equal(list[0].Out.Columns, []int{2}) })
}

// What a person asks for at one display, all displays of the wall do at the same moment.
func TestAPersonSteersAllDisplaysOfAWall(t *testing.T) {
	a := newHall(t, "", calm)
	a.publish(1, 10)
	b := a.join()
	left, right, other := a.open(), b.open(), b.open()
	left.hang("hall", 1, 1, 2, 1)
	right.hang("hall", 2, 1, 2, 1)
	other.hang("lobby", 1, 1, 1, 1)
	left.shaped()
	right.shaped()
	type told struct {
		Type  string
		Steer *struct {
			At, Until      int64
			Screen, Region string
			Index          *int
		}
	}
	begun := time.Now().UnixMilli()
	left.say(`{"type":"steer","steer":{"screen":"people","region":"460000","hold_ms":60000,"index":2}}`)
	var both [2]told
	for i, d := range []*display{left, right} {
		for both[i].Steer == nil {
			d.read(&both[i])
		}
	}
	one, two := both[0].Steer, both[1].Steer
	if one.Screen != "people" || one.Region != "460000" || one.Until-one.At != 60_000 || one.At < begun || one.Index == nil || *one.Index != 2 {
		t.Errorf("it is told as %+v", one)
	}
	if off := one.At - two.At; off < -20 || off > 20 {
		t.Errorf("the two do it at %d and %d", one.At, two.At)
	}
	// Whoever comes later is told, other walls are not.
	late := a.open()
	late.hang("hall", 2, 1, 2, 1)
	var m told
	for m.Steer == nil {
		late.read(&m)
	}
	other.say(`{"type":"time","t0":1}`)
	for m = (told{}); m.Type != "time"; other.read(&m) {
		if m.Steer != nil {
			t.Errorf("another wall is steered: %+v", m)
		}
	}
	for _, wrong := range []string{`{"type":"steer"}`, `{"type":"steer","steer":{"hold_ms":-1}}`, `{"type":"steer","steer":{"screen":"mood","region":"460000","hold_ms":1}}`, `{"type":"steer","steer":{"screen":"people","region":"x","hold_ms":1}}`} {
		left.say(wrong)
		var m message
		for m.Type != "error" {
			m = left.next()
		}
	}
}
