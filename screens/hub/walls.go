package hub

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"liaowang/aggregator/batch"
)

const (
	// mostTiles is how many columns and how many rows a wall may have.
	mostTiles = 16
	// rearranged is how long after an operator has said so a wall has another shape: so long it
	// may take to reach the last display.
	rearranged = time.Second
	// tileLost is after how many beats without a word of it a tile counts as missing.
	tileLost = 3
	// tileForgotten is after how long a tile that does not come back is no part of its wall.
	tileForgotten = 7 * 24 * time.Hour
)

// ErrUnknownWall: no display has said lately that it is a part of the wall.
var ErrUnknownWall = errors.New("hub: there is no such wall")

// Place is what a display shows of a wall. Columns and rows count from 1, at the top left.
type Place struct {
	Wall string `json:"wall"`
	// Tile is the display's column and row, Of how many columns and rows the wall has.
	Tile [2]int `json:"tile"`
	Of   [2]int `json:"of"`
}

var wallForm = regexp.MustCompile(`^[\p{L}\p{N}_-]{1,40}$`)

func (p *Place) check() *Error {
	switch {
	case !wallForm.MatchString(p.Wall):
		return &Error{Code: BadMessage, Message: "place.wall must be 1 to 40 letters, digits, - or _"}
	case min(p.Of[0], p.Of[1]) < 1 || max(p.Of[0], p.Of[1]) > mostTiles:
		return &Error{Code: BadMessage, Message: fmt.Sprintf("place.of must be columns and rows from 1 to %d", mostTiles)}
	case min(p.Tile[0], p.Tile[1]) < 1 || p.Tile[0] > p.Of[0] || p.Tile[1] > p.Of[1]:
		return &Error{Code: BadMessage, Message: "place.tile must be a column and a row of place.of"}
	}
	return nil
}

// Out is what is left out of a wall: the rest is its canvas.
type Out struct {
	Columns []int `json:"columns"`
	Rows    []int `json:"rows"`
}

// Wall is what an operator is told of a wall, by all nodes.
type Wall struct {
	Wall  string `json:"wall"`
	Of    [2]int `json:"of"`
	Out   Out    `json:"out"`
	Tiles []Tile `json:"tiles"`
	// LaterMS is how much later than others it shows a batch, so that its slowest tile is ready, milliseconds.
	LaterMS int64 `json:"later_ms"`
	// Odd are displays that take the wall for one of another shape: their addresses are wrong.
	Odd []Place `json:"odd"`
}

// Tile is a place of a wall, and who is there.
type Tile struct {
	Tile [2]int `json:"tile"`
	// State is shown, behind (it is connected and does not draw) or missing.
	State string `json:"state"`
	// Out says that it is left out.
	Out bool `json:"out"`
	// Seen is when something was known of it last; null where it was never there.
	Seen *time.Time `json:"seen"`
	// Displays is how many are there: on a wall of tiles more than one is one too many.
	Displays int `json:"displays"`
	// Node and Remote are where it is, or was, connected.
	Node   string `json:"node,omitempty"`
	Remote string `json:"remote,omitempty"`
	Screen string `json:"screen,omitempty"`
	Region string `json:"region,omitempty"`
	// NeedsMS is how long after its publishing the tile is ready to show a batch, as far as others
	// wait for it, milliseconds; 0 where that is not known.
	NeedsMS int64 `json:"needs_ms,omitempty"`
}

// The states of a tile.
const (
	TileShown   = "shown"
	TileBehind  = "behind"
	TileMissing = "missing"
)

// tileNote is what a node says of a place.
type tileNote struct {
	Displays int    `json:"displays"` // 0: it has gone
	Behind   bool   `json:"behind,omitempty"`
	Remote   string `json:"remote,omitempty"`
	Screen   string `json:"screen,omitempty"`
	Region   string `json:"region,omitempty"`
	NeedsMS  int64  `json:"needs_ms,omitempty"`
}

// Notes have these names: tile/WALL/COLUMNSxROWS/COLUMN,ROW/NODE, out/WALL and steer/WALL.
const (
	tileNotes = "tile/"
	outNotes  = "out/"
)

// walls is what this node knows of walls, and what it tells their displays.
type walls struct {
	poke chan struct{} // holds one token: something here is to be told the other nodes

	mu    sync.Mutex
	conns map[*conn]Place
	// said are this node's own notes as they were left last, and when.
	said map[string]string
	at   time.Time
	// looked is when notes were read last, read the same by the clock of Redis.
	looked, read time.Time
	// missing is how many tiles are missing that nobody has left out, of all nodes.
	missing int
	// kept are the notes of all that only people can say again.
	kept map[string]batch.Note
	// stale are the names of notes of which nothing has been heard for long.
	stale []string
	// news is what displays of a wall are told, by walls; known says that it has been read.
	news  map[string]*wallNews
	known bool
}

// wallNews is never changed: there are newer ones, with another seq.
type wallNews struct {
	seq  uint64
	body wallMessage
}

type wallMessage struct {
	Type string `json:"type"`
	Wall string `json:"wall"`
	Out  Out    `json:"out"`
	// OutAt is when the wall has this shape, Unix milliseconds of this node's clock.
	OutAt int64 `json:"out_at"`
	// LaterMS is added to the moment at which a batch is to be shown.
	LaterMS int64         `json:"later_ms,omitempty"`
	Steer   *steerMessage `json:"steer,omitempty"`
	// left is when the wall was steered, by the clock of Redis.
	left time.Time
}

func newWalls() *walls {
	return &walls{poke: make(chan struct{}, 1), conns: map[*conn]Place{}, said: map[string]string{}, news: map[string]*wallNews{}, kept: map[string]batch.Note{}}
}

func (w *walls) wake() {
	select {
	case w.poke <- struct{}{}:
	default:
	}
}

// place notes where a connection hangs; nil: nowhere.
func (w *walls) place(c *conn, p *Place) {
	w.mu.Lock()
	defer w.mu.Unlock()
	was, had := w.conns[c]
	if p == nil {
		delete(w.conns, c)
	} else {
		w.conns[c] = *p
	}
	if had != (p != nil) || p != nil && was != *p {
		w.wake()
	}
}

// told is what displays of a wall are told; nil while that is not known.
func (w *walls) told(wall string) *wallNews {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.known {
		return nil
	}
	n := w.news[wall]
	if n == nil {
		n = &wallNews{seq: 1, body: wallMessage{Type: "wall", Wall: wall, Out: Out{[]int{}, []int{}}}}
		w.news[wall] = n
	}
	return n
}

// own says what this node knows of its displays, as notes.
func (w *walls) own(h *Hub) map[string]string {
	w.mu.Lock()
	conns := maps.Clone(w.conns)
	w.mu.Unlock()
	now := h.Now()
	all := map[string]tileNote{}
	for c, p := range conns {
		d := c.describe(now)
		name := fmt.Sprintf("%s%s/%dx%d/%d,%d/%s", tileNotes, p.Wall, p.Of[0], p.Of[1], p.Tile[0], p.Tile[1], h.Node)
		n := all[name]
		n.Displays, n.Behind = n.Displays+1, n.Behind || d.Behind || d.Stuck
		n.Remote, n.Screen, n.Region = d.Remote, d.Screen, d.Region
		n.NeedsMS = max(n.NeedsMS, d.needs.Milliseconds())
		all[name] = n
	}
	out := map[string]string{}
	for name, n := range all {
		text, err := json.Marshal(n)
		if err != nil {
			h.Logger.Error("wall not told", "note", name, "err", err)
			continue
		}
		out[name] = string(text)
	}
	return out
}

// meet tells the other nodes of this node's tiles, and learns what they and operators say.
// It is called by the follower alone.
func (h *Hub) meet(ctx context.Context) {
	w := h.walls
	own := w.own(h)
	w.mu.Lock()
	again := h.Now().Sub(w.at) >= h.Beat
	acts := h.alarms.acts(h, w.read)
	// Without tiles only alarms are to be heard of, by whichever node they were found.
	idle := len(own) == 0 && len(w.said) == 0 && len(acts) == 0 && (len(h.Programme().Alarms) == 0 || h.Now().Sub(w.looked) < h.Look)
	for name, text := range own {
		if again || w.said[name] != text {
			acts = append(acts, batch.Act{Name: name, Text: text})
		}
	}
	for name, text := range w.said {
		if _, there := own[name]; !there {
			acts = append(acts, batch.Act{Name: name, Text: gone(text)})
		}
	}
	for name, note := range w.kept {
		acts = append(acts, batch.Act{Name: name, Text: note.Text, Once: true}) // a Redis that was lost has forgotten it
	}
	if len(own) == 0 {
		w.known = false // what others say meanwhile may not be heard
	}
	for _, name := range w.stale {
		acts = append(acts, batch.Act{Name: name, Drop: true})
	}
	w.mu.Unlock()
	if idle {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	notes, now, err := h.Store.Notes(ctx, acts, false)
	if err != nil {
		return // that Redis is lost is told by who follows the batches
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said, w.looked, w.read = own, h.Now(), now
	w.missing = 0
	changed := !w.known && len(own) > 0 // then displays wait for it
	for _, wall := range h.wallsOf(notes, now) {
		if w.news[wall.Wall] != nil || wall.LaterMS > 0 {
			changed = w.hear(wall.Wall, func(m *wallMessage) { m.LaterMS = wall.LaterMS }) || changed
		}
		for _, t := range wall.Tiles {
			if t.State == TileMissing && !t.Out {
				w.missing++
			}
		}
	}
	if again {
		w.at = w.looked
	}
	w.known = len(own) > 0
	if alarms := h.alarms.hear(h, notes, now); alarms != nil {
		h.alarmNews.Store(alarms)
		changed = true
	}
	w.kept = map[string]batch.Note{}
	w.stale = nil
	for name, note := range notes {
		if now.Sub(note.Left) > tileForgotten && !strings.HasPrefix(name, outNotes) {
			w.stale = append(w.stale, name)
			continue
		}
		if wall, is := strings.CutPrefix(name, steerNotes); is {
			if s := h.steer(note); s != nil {
				changed = w.hear(wall, func(m *wallMessage) { m.Steer, m.left = s, note.Left }) || changed
			}
			continue
		}
		wall, is := strings.CutPrefix(name, outNotes)
		var out Out
		if !is || now.Sub(note.Left) > tileForgotten && !hasTiles(notes, wall) || json.Unmarshal([]byte(note.Text), &out) != nil {
			continue
		}
		w.kept[name] = note
		at, _ := h.redis.here(note.Left.Add(rearranged))
		changed = w.hear(wall, func(m *wallMessage) { m.Out, m.OutAt = out, at.UnixMilli() }) || changed
	}
	if changed {
		h.wakeAll()
	}
}

// gone is a note of a place where nobody is any more: who was there stays known.
func gone(text string) string {
	var n tileNote
	_ = json.Unmarshal([]byte(text), &n) // it is this node's own
	n.Displays, n.Behind, n.NeedsMS = 0, false, 0
	out, _ := json.Marshal(n)
	return string(out)
}

func hasTiles(notes map[string]batch.Note, wall string) bool {
	for name := range notes {
		if strings.HasPrefix(name, tileNotes+wall+"/") {
			return true
		}
	}
	return false
}

// hear changes what displays of a wall are told, and says whether that is new to them. It is
// called under the lock.
func (w *walls) hear(wall string, change func(*wallMessage)) bool {
	next := wallNews{seq: 1, body: wallMessage{Type: "wall", Wall: wall, Out: Out{[]int{}, []int{}}}}
	was := w.news[wall]
	if was != nil {
		next.seq, next.body = was.seq+1, was.body
	}
	change(&next.body)
	if was != nil && was.body.same(next.body) {
		return false
	}
	w.news[wall] = &next
	return true
}

// same says that two messages ask for the same. When this node's clock has learnt better what
// the time of another is, that is nothing new.
func (m wallMessage) same(o wallMessage) bool {
	return m.Wall == o.Wall && slices.Equal(m.Out.Columns, o.Out.Columns) && slices.Equal(m.Out.Rows, o.Out.Rows) && m.LaterMS == o.LaterMS && m.left.Equal(o.left)
}

// owed is what the display of a wall has not been told, or nil. It is called under the
// connection's lock.
func (w *walls) owed(c *conn) (*message, error) {
	n := w.told(c.tile.Wall)
	if n == nil || n.seq == c.wallSeq {
		return nil, nil
	}
	c.wallSeq = n.seq
	return one(n.body)
}

// Walls lists the walls that displays of any node are a part of, by their names.
func (h *Hub) Walls(ctx context.Context) ([]Wall, error) {
	notes, now, err := h.Store.Notes(ctx, nil, false)
	if err != nil {
		return nil, err
	}
	return h.wallsOf(notes, now), nil
}

// wallsOf reads notes; a tile that was not spoken of for some beats is missing.
func (h *Hub) wallsOf(notes map[string]batch.Note, now time.Time) []Wall {
	type seen struct {
		tileNote
		place Place
		node  string
		left  time.Time
	}
	all := map[string][]seen{}
	for name, note := range notes {
		var s seen
		rest, is := strings.CutPrefix(name, tileNotes)
		parts := strings.SplitN(rest, "/", 4)
		if !is || len(parts) < 4 || json.Unmarshal([]byte(note.Text), &s.tileNote) != nil || now.Sub(note.Left) > tileForgotten {
			continue
		}
		p := &s.place
		p.Wall = parts[0]
		if _, err := fmt.Sscanf(parts[1]+" "+parts[2], "%dx%d %d,%d", &p.Of[0], &p.Of[1], &p.Tile[0], &p.Tile[1]); err != nil || p.check() != nil {
			continue
		}
		s.node, s.left = parts[3], note.Left
		if now.Sub(note.Left) > tileLost*h.Beat {
			s.Displays = 0
		}
		all[s.place.Wall] = append(all[s.place.Wall], s)
	}
	list := []Wall{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		// Who is there before who was, and of each the newest.
		slices.SortFunc(all[name], func(a, b seen) int {
			return cmp.Or(cmp.Compare(min(b.Displays, 1), min(a.Displays, 1)), b.left.Compare(a.left), cmp.Compare(a.node, b.node))
		})
		w := Wall{Wall: name, Out: Out{[]int{}, []int{}}, Odd: []Place{}}
		shapes := map[[2]int]int{}
		for _, s := range all[name] {
			shapes[s.place.Of] += s.Displays
			// What most of them say is the shape; of two that are equal, the one that was said last.
			if w.Of[0] == 0 || shapes[s.place.Of] > shapes[w.Of] {
				w.Of = s.place.Of
			}
		}
		_ = json.Unmarshal([]byte(notes[outNotes+name].Text), &w.Out) // none: nothing is out
		w.Out = w.Out.within(w.Of)
		for row := 1; row <= w.Of[1]; row++ {
			for column := 1; column <= w.Of[0]; column++ {
				t := Tile{Tile: [2]int{column, row}, State: TileMissing, Out: slices.Contains(w.Out.Columns, column) || slices.Contains(w.Out.Rows, row)}
				for _, s := range all[name] {
					if s.place.Tile != t.Tile || s.place.Of != w.Of {
						continue
					}
					if t.Seen == nil {
						t.Seen, t.Node, t.Remote, t.Screen, t.Region = &s.left, s.node, s.Remote, s.Screen, s.Region
					}
					if t.Displays += s.Displays; s.Displays > 0 && t.State != TileBehind {
						t.NeedsMS = max(t.NeedsMS, s.NeedsMS)
						t.State = map[bool]string{false: TileShown, true: TileBehind}[s.Behind]
					}
				}
				w.Tiles = append(w.Tiles, t)
			}
		}
		for _, s := range all[name] {
			if s.place.Of != w.Of && s.Displays > 0 {
				w.Odd = append(w.Odd, s.place)
			}
		}
		w.LaterMS = h.later(w).Milliseconds()
		list = append(list, w)
	}
	return list
}

// within is what of it a wall of a shape has; nothing where nothing would be left.
func (o Out) within(of [2]int) Out {
	some := func(list []int, most int) []int {
		out := []int{}
		for _, n := range list {
			if n >= 1 && n <= most && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
		slices.Sort(out)
		return out
	}
	next := Out{some(o.Columns, of[0]), some(o.Rows, of[1])}
	if len(next.Columns) == of[0] || len(next.Rows) == of[1] {
		return Out{[]int{}, []int{}}
	}
	return next
}

// LeaveOut leaves columns and rows out of a wall, and puts all others back, on every node: its
// displays change to the canvas that is left in the same frame. It fails with ErrUnknownWall.
func (h *Hub) LeaveOut(ctx context.Context, wall string, out Out) error {
	list, err := h.Walls(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(w Wall) bool { return w.Wall == wall })
	if i < 0 {
		return ErrUnknownWall
	}
	of := list[i].Of
	kept := out.within(of)
	if len(kept.Columns) != len(out.Columns) || len(kept.Rows) != len(out.Rows) {
		return &Error{Code: BadMessage, Message: fmt.Sprintf("columns must be some of 1 to %d and rows some of 1 to %d, each once; one of each must be left", of[0], of[1])}
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	_, _, err = h.Store.Notes(ctx, []batch.Act{{Name: outNotes + wall, Text: string(text)}}, true)
	return err
}
