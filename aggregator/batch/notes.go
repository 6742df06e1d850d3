package batch

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Note is what a node leaves for the others, by a name: who is there, what an operator has
// said. Notes live as long as Redis does; nothing that cannot be said again is one.
type Note struct {
	// Left is when it was left, by the clock of Redis.
	Left time.Time
	Text string
}

// Act is what becomes of a note.
type Act struct {
	Name, Text string
	// Once leaves a note that is there already as it is.
	Once bool
	// Drop takes the note away; Text is nothing then.
	Drop bool
}

// Notes leaves notes and reads all that there are then, in one atomic step; now is when, by
// the clock of Redis. With hint, readers are told at once (see News).
func (s *Store) Notes(ctx context.Context, acts []Act, hint bool) (all map[string]Note, now time.Time, err error) {
	how := ""
	if hint {
		how = s.hint
	}
	args := make([]any, 0, 2+3*len(acts))
	args = append(args, s.news, how)
	for _, a := range acts {
		act := "set"
		switch {
		case a.Drop:
			act = "drop"
		case a.Once:
			act = "add"
		}
		args = append(args, act, a.Name, a.Text)
	}
	out, err := s.notesScript.Run(ctx, s.client, []string{s.notes}, args...).StringSlice()
	if err != nil {
		return nil, now, explain("notes", err)
	}
	if len(out)%2 != 1 {
		return nil, now, fmt.Errorf("batch: notes: the script returned %d values, expected an odd number", len(out))
	}
	if now, err = serverTime(out[0]); err != nil {
		return nil, now, err
	}
	all = make(map[string]Note, len(out)/2)
	for i := 1; i < len(out); i += 2 {
		left, text, _ := strings.Cut(out[i+1], " ")
		at, err := serverTime(left)
		if err != nil {
			return nil, now, err
		}
		all[out[i]] = Note{at, text}
	}
	return all, now, nil
}
