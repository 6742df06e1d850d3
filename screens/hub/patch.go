package hub

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"liaowang/screens/panel"
)

// past is what displays of before may have. The panels are shared with what followed.
type past struct {
	number  uint64
	rest    json.RawMessage
	regions *panel.Regions
	panels  []stagePanel
}

// pastKept is how many pictures of before are kept: a display that is further back
// gets panels whole.
const pastKept = 8

// remember keeps what is shown, before it is replaced by a picture of a history.
func (s *stage) remember(history string) {
	if s.at == nil {
		return
	}
	if s.at.header.History != history {
		s.past = nil
		return
	}
	if len(s.past) == pastKept {
		s.past = append(s.past[:0], s.past[1:]...)
	}
	s.past = append(s.past, past{s.at.header.Number, s.at.rest, s.at.regions, s.panels})
}

// patch takes a display from a picture that the stage remembers to the newest. It is nil
// where there is none, and where there is nothing that is both right and shorter.
func (s *stage) patch(since uint64) *message {
	i := slices.IndexFunc(s.past, func(p past) bool { return p.number == since })
	if i < 0 || s.past[i].regions != s.at.regions {
		return nil // names stand in options too
	}
	from := s.past[i]
	set := diff(nil, from.rest, s.at.rest)
	if bytes.HasPrefix(set, []byte(`{"":`)) {
		return nil // something of the header went away
	}
	text := fmt.Appendf(nil, `{"type":"patch","base":%d,"batch":%d`, since, s.at.header.Number)
	if s.at.showAt != 0 {
		text = fmt.Appendf(text, `,"show_at":%d`, s.at.showAt)
	}
	text = append(append(text, `,"set":`...), set...)
	open := `,"panels":{`
	for i, p := range s.panels {
		if bytes.Equal(p.data, from.panels[i].data) {
			continue
		}
		text = append(append(text, open...), p.name...)
		text = diff(append(text, ':'), from.panels[i].data, p.data)
		open = ","
	}
	if open == "," {
		text = append(text, '}')
	}
	return s.hub.deflater.message(append(text, '}'))
}
