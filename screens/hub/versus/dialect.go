package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/centrifugal/fdelta"

	"liaowang/screens/hub"
	"liaowang/screens/hub/fanout"
)

// dialect is centrifuge's JSON protocol, as far as a display needs it. A batch's number
// is the offset of its publication, which each message carries.
type dialect struct{ delta bool }

func (dialect) Path() string        { return path }
func (dialect) Subprotocol() string { return "centrifuge-json" }

func (d dialect) Session(scene hub.Scene, whole bool) fanout.Session {
	return &session{dialect: d, channel: channel(scene), whole: whole}
}

type session struct {
	dialect
	channel string
	whole   bool
	data    []byte // the scene, of a whole session
}

// Opened connects and subscribes in one message.
func (s *session) Opened() []byte {
	delta := ""
	if s.delta {
		delta = `,"delta":"fossil"`
	}
	return []byte(`{"id":1,"connect":{}}` + "\n" + `{"id":2,"subscribe":{"channel":` + strconv.Quote(s.channel) + delta + `}}`)
}

var (
	atOffset = []byte(`"offset":`)
	ping     = []byte(`{}`)
)

// Take reads a message, which may be several lines.
func (s *session) Take(m []byte) (number uint64, answer []byte, err error) {
	for len(m) > 0 {
		var line []byte
		line, m, _ = bytes.Cut(m, []byte("\n"))
		if bytes.Equal(line, ping) {
			answer = ping
			continue
		}
		if s.whole {
			n, err := s.read(line)
			if err != nil {
				return 0, nil, err
			}
			number = max(number, n)
			continue
		}
		// The offset stands behind the data, in which there is none.
		if i := bytes.LastIndex(line, atOffset); i >= 0 {
			number = max(number, leading(line[i+len(atOffset):]))
		}
	}
	return number, answer, nil
}

type publication struct {
	Data   json.RawMessage `json:"data"`
	Offset uint64          `json:"offset"`
	Delta  bool            `json:"delta"`
}

// read reads a line whole and keeps the scene.
func (s *session) read(line []byte) (uint64, error) {
	var reply struct {
		Error     *struct{ Message string }
		Subscribe *struct {
			Delta        bool
			Publications []publication
		}
		Push *struct{ Pub *publication }
	}
	if err := json.Unmarshal(line, &reply); err != nil {
		return 0, fmt.Errorf("%w in %.200s", err, line)
	}
	if reply.Error != nil {
		return 0, fmt.Errorf("the server says: %s", reply.Error.Message)
	}
	var number uint64
	if reply.Subscribe != nil {
		if reply.Subscribe.Delta != s.delta {
			return 0, fmt.Errorf("delta is %v, and not %v as was asked for", reply.Subscribe.Delta, s.delta)
		}
		for _, p := range reply.Subscribe.Publications {
			if err := s.apply(p); err != nil {
				return 0, err
			}
			number = p.Offset
		}
	}
	if reply.Push != nil && reply.Push.Pub != nil {
		if err := s.apply(*reply.Push.Pub); err != nil {
			return 0, err
		}
		number = reply.Push.Pub.Offset
	}
	return number, nil
}

func (s *session) apply(p publication) error {
	if !s.delta {
		s.data = bytes.Clone(p.Data)
		return nil
	}
	var text string // where delta is negotiated data is always a string
	if err := json.Unmarshal(p.Data, &text); err != nil {
		return err
	}
	if !p.Delta {
		s.data = []byte(text)
		return nil
	}
	data, err := fdelta.Apply(s.data, []byte(text))
	if err != nil {
		return fmt.Errorf("publication %d: %w", p.Offset, err)
	}
	s.data = data
	return nil
}

func (s *session) Picture() ([]byte, error) { return s.data, nil }

// leading reads the number that a text begins with; 0 for none.
func leading(text []byte) uint64 {
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	n, _ := strconv.ParseUint(string(text[:end]), 10, 64) // no digits: 0
	return n
}
