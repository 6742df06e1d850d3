package client

import (
	"encoding/json"
	"fmt"
)

// message is any message of the server; its type says which fields it has.
type message struct {
	Type string `json:"type"`
	Scene
	RegionName  string          `json:"region_name"`
	Path        []Place         `json:"path"`
	MapApproval string          `json:"map_approval"`
	Edition     string          `json:"edition"`
	ShowAt      float64         `json:"show_at"` // Unix milliseconds of the server's clock
	Base        uint64          `json:"base"`
	Batch       json.RawMessage `json:"batch"` // a header, or a number
	Set         map[string]any  `json:"set"`
	Panels      json.RawMessage `json:"panels"` // of a snapshot and a batch a list, of a patch an object
	Status      *Status         `json:"status"`

	Time   float64 `json:"time"`
	BeatMS int64   `json:"beat_ms"`
	AckMS  int64   `json:"ack_ms"`
	Node   string  `json:"node"`

	Code    string `json:"code"`
	Message string `json:"message"`
	Retry   bool   `json:"retry"`

	T0 float64 `json:"t0"`
	T1 float64 `json:"t1"`
	T2 float64 `json:"t2"`
}

// number is the batch's number, of a header or by itself; 0 where there is none.
func (m *message) number() uint64 {
	var n uint64
	if json.Unmarshal(m.Batch, &n) == nil {
		return n
	}
	var h struct {
		Batch uint64 `json:"batch"`
	}
	_ = json.Unmarshal(m.Batch, &h) // 0 then, and the message is refused as a whole
	return h.Batch
}

func (m *message) history() string {
	var h struct {
		History string `json:"history"`
	}
	_ = json.Unmarshal(m.Batch, &h) // as above
	return h.History
}

// subscribe is what the client asks for.
type subscribe struct {
	Type string `json:"type"`
	Scene
	Have   *have    `json:"have,omitempty"`
	Accept []string `json:"accept"`
}

type have struct {
	History string `json:"history"`
	Term    uint64 `json:"term"`
	Batch   uint64 `json:"batch"`
	Edition string `json:"edition,omitempty"`
}

// asking is what the client does because of a message.
type asking int

const (
	askNothing asking = iota
	askNow            // subscribe, with what is held
	askLater          // subscribe after a pause
)

// Refusal is an error that the server told of and that asking again does not mend.
type Refusal struct {
	Code    string // of PROTOCOL.md: unknown_screen, unknown_region, bad_message
	Message string
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("the server refuses: %s (%s)", r.Message, r.Code)
}

// missedBeats are beats that name a batch which does not come before it is asked for.
const missedBeats = 2

// State is what a client holds of a scene, and how messages change it. It knows nothing
// of connections and time: Client has both, and State is for programs that have their own.
// It is not safe for concurrent use.
type State struct{ state state }

// NewState holds nothing yet.
func NewState(s Scene) *State { return &State{state{scene: s}} }

// Subscribe is the message that asks for what takes the state to the newest batch.
func (s *State) Subscribe() []byte {
	text, err := json.Marshal(s.state.ask())
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return text
}

// Take reads a message of the server's. changed says that the picture is another; ask
// that Subscribe is to be sent now. An error is a *Refusal.
func (s *State) Take(text []byte) (changed, ask bool, err error) {
	var m message
	if decode(text, &m) != nil {
		return false, false, nil // not ours
	}
	if m.Type == "hello" {
		return false, true, nil
	}
	was := s.state.picture
	_, do, err := s.state.take(&m)
	return s.state.picture != was, do == askNow, err
}

// Picture is the picture with its status, nil where there is none.
func (s *State) Picture() *Picture {
	if s.state.picture == nil {
		return nil
	}
	p := *s.state.picture
	p.Status = s.state.status
	return &p
}

// state is State's inside, which Client shares.
type state struct {
	scene   Scene
	acks    bool // what is drawn is acked
	picture *Picture
	status  Status
	// newest is the highest batch that was ever shown, over all scenes.
	newest have
	// waiting says that a subscription has not been answered: patches are of before it.
	waiting bool
	behind  int
}

// ask is the subscription that takes the client from what it holds to the newest.
func (s *state) ask() subscribe {
	s.waiting, s.behind = true, 0
	ask := subscribe{Type: "subscribe", Scene: s.scene, Accept: []string{"patch"}}
	if s.acks {
		ask.Accept = append(ask.Accept, "ack")
	}
	if p := s.picture; p != nil {
		ask.Have = &have{p.Batch.History, p.Batch.Term, p.Batch.Number, p.Edition}
	}
	return ask
}

// watch changes the scene.
func (s *state) watch(scene Scene) {
	if s.scene != scene {
		s.scene, s.picture = scene, nil
	}
}

// take lets a message change what is held. news says that it has.
func (s *state) take(m *message) (news bool, do asking, err error) {
	switch m.Type {
	case "snapshot":
		return s.snapshot(m)
	case "batch":
		return s.batch(m)
	case "patch":
		return s.patch(m)
	case "current":
		return s.current(m)
	case "beat":
		return s.beat(m)
	case "status":
		return s.told(m), askNothing, nil
	case "error":
		return s.fault(m)
	}
	return false, askNothing, nil // a newer server may say more
}

func (s *state) snapshot(m *message) (bool, asking, error) {
	if m.Scene != s.scene {
		return false, askNothing, nil // of a scene left behind
	}
	s.waiting = false
	if m.history() == s.newest.History && m.number() < s.newest.Batch {
		return false, askLater, nil // this node is not as far yet as what has been shown
	}
	p, err := newPicture(m)
	if err != nil {
		return false, askLater, nil // no server of ours; a picture of it would be wrong
	}
	s.show(p)
	s.told(m)
	return true, askNothing, nil
}

func (s *state) batch(m *message) (bool, asking, error) {
	if m.Scene != s.scene || s.picture == nil {
		return false, askNothing, nil
	}
	if m.history() != s.picture.Batch.History {
		s.picture = nil // numbers of two histories cannot be compared: ask for all
		return false, askNow, nil
	}
	s.waiting = false
	if m.number() <= s.picture.Batch.Number {
		return false, askNothing, nil
	}
	return s.change(s.picture.batch(m))
}

func (s *state) patch(m *message) (bool, asking, error) {
	if s.waiting || s.picture == nil {
		return false, askNothing, nil
	}
	if m.Base != s.picture.Batch.Number {
		return false, askNow, nil
	}
	if m.number() <= m.Base {
		return false, askNothing, nil
	}
	return s.change(s.picture.patch(m))
}

// change shows what became of the picture. Where the message did not fit it, the picture
// is not what it should be.
func (s *state) change(p *Picture, err error) (bool, asking, error) {
	if err != nil {
		s.picture = nil
		return false, askNow, nil
	}
	s.show(p)
	return true, askNothing, nil
}

func (s *state) current(m *message) (bool, asking, error) {
	if m.Scene != s.scene || s.picture == nil {
		return false, askNothing, nil
	}
	s.waiting = false
	var header map[string]any
	p := s.picture.copied()
	err := decode(m.Batch, &header)
	if err == nil {
		err = p.withHeader(header)
	}
	s.told(m)
	return s.change(p, err)
}

func (s *state) show(p *Picture) {
	s.picture, s.behind = p, 0
	s.newest = have{History: p.Batch.History, Batch: p.Batch.Number}
}

func (s *state) told(m *message) bool {
	if m.Status == nil {
		return false
	}
	s.status = *m.Status
	return true
}

// beat notes the status. Connected is not yet current: where beats name a batch that
// does not come, it is asked for.
func (s *state) beat(m *message) (bool, asking, error) {
	news := s.told(m)
	if s.picture == nil || m.number() <= s.picture.Batch.Number {
		s.behind = 0
		return news, askNothing, nil
	}
	if s.behind++; s.behind >= missedBeats {
		return news, askNow, nil
	}
	return news, askNothing, nil
}

func (s *state) fault(m *message) (bool, asking, error) {
	if m.Retry {
		return false, askLater, nil
	}
	return false, askNothing, &Refusal{m.Code, m.Message}
}
