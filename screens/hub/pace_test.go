package hub_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"liaowang/screens/hub"
)

// tile is a display of a wall that says when it was ready.
type tile struct {
	*display
	later int64 // what its wall was told last
}

// tileMessage is a message as far as a tile reads it.
type tileMessage struct {
	Type    string
	LaterMS int64 `json:"later_ms"`
	ShowAt  int64 `json:"show_at"`
	Batch   json.RawMessage
}

func (d *tile) next() tileMessage {
	d.t.Helper()
	var m tileMessage
	if d.read(&m); m.Type == "wall" {
		d.later = m.LaterMS
	}
	return m
}

// draws takes a batch, and says that it was ready so many milliseconds after it was published;
// false where that moment is not known.
func (d *tile) draws(number uint64, ready int64) bool {
	d.t.Helper()
	for {
		m := d.next()
		if m.Type != "batch" && m.Type != "snapshot" || (message{Batch: m.Batch}).number() < number {
			continue
		}
		if m.ShowAt == 0 {
			return false
		}
		at := m.ShowAt - 50 + ready
		d.say(fmt.Sprintf(`{"type":"ack","batch":%d,"ready":%d,"drawn":%d,"frame_ms":1}`, number, at, at+1))
		return true
	}
}

// waits reads until the wall shows batches so much later.
func (d *tile) waits(later int64) {
	d.t.Helper()
	for d.later != later {
		d.next()
	}
}

// A wall shows batches when its slowest tile is ready, at whichever node each of them is; one
// that never is is waited for only so long, and not at all once it is left out or gone.
func TestAWallWaitsForItsSlowestTile(t *testing.T) {
	a := newHall(t, "", calm)
	a.publish(1, 10)
	b := a.join()
	hang := func(h *hall, column int) *tile {
		d := &tile{h.open(), -1}
		d.say(fmt.Sprintf(`{"type":"subscribe","screen":"overview","region":%q,"accept":["ack"],"place":{"wall":"hall","tile":[%d,1],"of":[2,1]}}`, province, column))
		return d
	}
	left := hang(a, 1)
	a.walls("one tile", func(list []hub.Wall) bool { return len(list) == 1 && list[0].Tiles[0].Displays == 1 })
	if list := a.walls("alone", func([]hub.Wall) bool { return true }); list[0].LaterMS != 0 {
		t.Errorf("a tile that is alone waits for %d ms", list[0].LaterMS)
	}
	right := hang(b, 2)
	tiles := []*tile{left, right}
	// Before anything is known they are given the time of a page that has just been opened.
	for _, d := range tiles {
		d.waits(200)
	}
	number := uint64(1)
	draw := func(batches int, ready ...int64) {
		for n := 0; n < batches; {
			number++
			a.publish(number, 10+float64(number))
			if left, right := tiles[0].draws(number, ready[0]), tiles[1].draws(number, ready[1]); left && right {
				n++
			}
		}
	}
	draw(8, 20, 130)
	for _, d := range tiles {
		d.waits(100)
	}
	for _, h := range []*hall{a, b} {
		h.walls("the slower tile", func(list []hub.Wall) bool {
			return list[0].LaterMS == 100 && list[0].Tiles[0].NeedsMS == 50 && list[0].Tiles[1].NeedsMS == 150
		})
	}
	draw(1, 20, 900) // once is an accident
	a.walls("the same", func(list []hub.Wall) bool { return list[0].LaterMS == 100 })
	draw(1, 20, 900)
	for _, d := range tiles {
		d.waits(350)
	}
	if err := a.hub.LeaveOut(t.Context(), "hall", hub.Out{Columns: []int{2}}); err != nil {
		t.Fatal(err)
	}
	for _, d := range tiles {
		d.waits(0)
	}
	if err := a.hub.LeaveOut(t.Context(), "hall", hub.Out{}); err != nil {
		t.Fatal(err)
	}
	left.waits(350)
	right.ws.Close()
	left.waits(0)
}
