package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/screens"
)

const (
	// steered is how long after a person has asked for it all displays of a wall do it: so long
	// the next picture may take to the last of them.
	steered = 250 * time.Millisecond
	// longestHold is for how long a person may hold a wall.
	longestHold = 24 * time.Hour
)

// Steer is what a person asks of all displays of a wall: to hold a scene for a while, or to go
// on with a turn of their carousel.
type Steer struct {
	// Screen and Region are the scene that is held; empty: none is, and what is held is let go.
	Screen string `json:"screen"`
	Region string `json:"region"`
	// HoldMS is for how long, milliseconds.
	HoldMS int64 `json:"hold_ms"`
	// Paused says that the carousel was stopped, not that somebody looks for something.
	Paused bool `json:"paused"`
	// Index is the turn that comes afterwards, from 0; null: the one whose turn it is.
	Index *int `json:"index"`
}

// steerMessage is a Steer as displays are told of it, with times of this node's clock.
type steerMessage struct {
	At     int64  `json:"at"`
	Until  int64  `json:"until"`
	Screen string `json:"screen"`
	Region string `json:"region"`
	Paused bool   `json:"paused"`
	Index  *int   `json:"index"`
}

const steerNotes = "steer/"

var regionForm = regexp.MustCompile(`^[1-9][0-9]{5}([0-9]{3})?$`)

// steered hands on to all nodes what a person at a display asks of its wall.
func (c *conn) steered(r *request) *Error {
	c.mu.Lock()
	tile := c.tile
	c.mu.Unlock()
	s := r.Steer
	switch {
	case tile == nil:
		return &Error{Code: BadMessage, Message: "a display that is no part of a wall has nothing to steer"}
	case s == nil || s.HoldMS < 0 || s.HoldMS > longestHold.Milliseconds():
		return &Error{Code: BadMessage, Message: fmt.Sprintf("steer.hold_ms must be from 0 to %d", longestHold.Milliseconds())}
	case s.Index != nil && *s.Index < 0:
		return &Error{Code: BadMessage, Message: "steer.index must not be below 0"}
	case s.Screen != "" && screens.Find(c.hub.Story(), s.Screen) == nil:
		return &Error{Code: UnknownScreen, Message: "there is no screen " + s.Screen}
	case s.Screen != "" && !regionForm.MatchString(s.Region):
		return &Error{Code: UnknownRegion, Message: "there is no region " + s.Region}
	}
	text, err := json.Marshal(s)
	if err != nil {
		return &Error{Code: BadMessage, Message: err.Error()}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if _, _, err := c.hub.Store.Notes(ctx, []batch.Act{{Name: steerNotes + tile.Wall, Text: string(text)}}, true); err != nil {
		c.hub.Logger.Warn("wall not steered", "wall", tile.Wall, "err", err)
		return nil // the display acts alone
	}
	c.hub.walls.wake()
	return nil
}

// steer is what a note says, by this node's clock; nil where it says nothing.
func (h *Hub) steer(note batch.Note) *steerMessage {
	var s Steer
	if json.Unmarshal([]byte(note.Text), &s) != nil {
		return nil
	}
	at, _ := h.redis.here(note.Left.Add(steered))
	return &steerMessage{at.UnixMilli(), at.UnixMilli() + s.HoldMS, s.Screen, s.Region, s.Paused, s.Index}
}
