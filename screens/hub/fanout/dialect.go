package fanout

import (
	"bytes"
	"encoding/json"
	"strconv"

	"liaowang/screens/hub"
	"liaowang/screens/hub/client"
)

// Dialect is how displays and a server under test speak with each other.
type Dialect interface {
	// Path is that of the WebSocket endpoint, Subprotocol what is asked for there; it
	// may be empty.
	Path() string
	Subprotocol() string
	// Session begins a display's session. It outlives a lost connection, so that it can
	// say what the display has. A whole one reads everything and keeps the picture; the
	// others find out no more than which batch a message brings.
	Session(scene hub.Scene, whole bool) Session
}

// Session is one display's side of the talk. It is used by one goroutine at a time.
type Session interface {
	// Opened is what the display says once a connection is up; it may be nil.
	Opened() []byte
	// Take reads a message. It gives the number of the batch that the display shows
	// because of it, 0 for none, and what the display answers; nil for nothing. The
	// message is valid until Take returns.
	Take(message []byte) (number uint64, answer []byte, err error)
	// Picture is what a whole session shows, in a form that can be compared with that
	// of another; nil before there is any.
	Picture() ([]byte, error)
}

// Hub is the dialect of this program's own stream (PROTOCOL.md of package hub).
type Hub struct{}

// Path implements Dialect.
func (Hub) Path() string { return "/ws" }

// Subprotocol implements Dialect.
func (Hub) Subprotocol() string { return hub.Subprotocol }

// Session implements Dialect.
func (Hub) Session(scene hub.Scene, whole bool) Session {
	if whole {
		return &hubWhole{client.NewState(client.Scene(scene))}
	}
	return &hubSession{scene: scene}
}

// hubSession knows the number that it has, and no more.
type hubSession struct {
	scene   hub.Scene
	history string
	number  uint64
}

func (s *hubSession) Opened() []byte { return nil }

var (
	isHello    = []byte(`{"type":"hello"`)
	isSnapshot = []byte(`{"type":"snapshot"`)
	isBatch    = []byte(`{"type":"batch"`)
	isCurrent  = []byte(`{"type":"current"`)
	isPatch    = []byte(`{"type":"patch"`)
	atHeader   = []byte(`"batch":{"history":"`)
	atBase     = []byte(`"base":`)
	atNumber   = []byte(`"batch":`)
)

func (s *hubSession) Take(m []byte) (uint64, []byte, error) {
	switch {
	case bytes.HasPrefix(m, isHello):
		return 0, s.subscribe(), nil
	case bytes.HasPrefix(m, isPatch):
		_, rest, _ := bytes.Cut(m, atBase)
		if leading(rest) != s.number {
			return 0, s.subscribe(), nil
		}
		_, rest, _ = bytes.Cut(rest, atNumber)
		s.number = leading(rest)
		return s.number, nil, nil
	case bytes.HasPrefix(m, isSnapshot), bytes.HasPrefix(m, isBatch), bytes.HasPrefix(m, isCurrent):
		_, header, _ := bytes.Cut(m, atHeader)
		history, rest, _ := bytes.Cut(header, []byte(`"`))
		_, rest, _ = bytes.Cut(rest, atNumber)
		if string(history) != s.history {
			s.history = string(history)
		}
		s.number = leading(rest)
		return s.number, nil, nil
	}
	return 0, nil, nil
}

func (s *hubSession) Picture() ([]byte, error) { return nil, nil }

func (s *hubSession) subscribe() []byte {
	type have struct {
		History string `json:"history"`
		Batch   uint64 `json:"batch"`
	}
	ask := struct {
		Type string `json:"type"`
		hub.Scene
		Have   *have    `json:"have,omitempty"`
		Accept []string `json:"accept"`
	}{Type: "subscribe", Scene: s.scene, Accept: []string{"patch"}}
	if s.number > 0 {
		ask.Have = &have{s.history, s.number}
	}
	text, err := json.Marshal(ask)
	if err != nil {
		panic(err) // strings and a number always encode
	}
	return text
}

// hubWhole is the Go client, without its connection.
type hubWhole struct{ state *client.State }

func (s *hubWhole) Opened() []byte { return nil }

func (s *hubWhole) Take(m []byte) (number uint64, answer []byte, err error) {
	changed, ask, err := s.state.Take(m)
	if err != nil {
		return 0, nil, err
	}
	if p := s.state.Picture(); changed && p != nil {
		number = p.Batch.Number
	}
	if ask {
		answer = s.state.Subscribe()
	}
	return number, answer, nil
}

func (s *hubWhole) Picture() ([]byte, error) {
	p := s.state.Picture()
	if p == nil {
		return nil, nil
	}
	return json.Marshal(p)
}

// leading reads the number that a text begins with; 0 for none.
func leading(text []byte) uint64 {
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	n, _ := strconv.ParseUint(string(text[:end]), 10, 64) // no digits: 0
	return n
}
