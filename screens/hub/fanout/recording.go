package fanout

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"

	"liaowang/aggregator/batch"
)

// Recording is a row of batches as an aggregator published them.
type Recording struct {
	// First holds all frames of the first batch, Steps what changed in each after it.
	First Step
	Steps []Step
}

// Step is one batch: its header and the frames that changed in it.
type Step struct {
	Header *batch.Header
	Frames []*batch.Frame
}

// Follow records what is published to a store until ctx is done. Batches that follow
// each other faster than they can be read are one step. All frames at once are not an
// ordinary batch: a leader that has lost the thread, on a busy machine, publishes them;
// they are left out.
func Follow(ctx context.Context, store *batch.Store) (*Recording, error) {
	r := &Recording{}
	held := map[batch.Key]*batch.Frame{}
	var since uint64
	for range store.News(ctx) {
		snap, err := store.LoadOnto(ctx, since, held)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return nil, err
		}
		if snap.Header == nil || snap.Header.Number == since {
			continue
		}
		for _, f := range snap.Frames {
			held[f.Key()] = f
		}
		step := Step{snap.Header, snap.Frames}
		switch {
		case since == 0:
			r.First = step
		case 2*len(snap.Frames) < len(held):
			r.Steps = append(r.Steps, step)
		}
		since = snap.Header.Number
	}
	if len(r.Steps) == 0 {
		return nil, errors.New("fanout: nothing to record: no batch followed the first")
	}
	return r, nil
}

// Frames is how many frames a step changes on average.
func (r *Recording) Frames() float64 {
	n := 0
	for _, s := range r.Steps {
		n += len(s.Frames)
	}
	return float64(n) / float64(len(r.Steps))
}

// Write writes the recording, compressed: of each step a line with the number of
// frames, the header, and the frames as they stand in Redis.
func (r *Recording) Write(w io.Writer) error {
	z, err := zstd.NewWriter(w)
	if err != nil {
		return err
	}
	for _, s := range append([]Step{r.First}, r.Steps...) {
		header, err := json.Marshal(s.Header)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(z, "%d\n%s\n", len(s.Frames), header); err != nil {
			return err
		}
		for _, f := range s.Frames {
			body, err := f.AppendLines(nil)
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(z, "%d\n%s\n", len(body), body); err != nil {
				return err
			}
		}
	}
	return z.Close()
}

// ReadRecording reads what Write wrote.
func ReadRecording(r io.Reader) (*Recording, error) {
	z, err := zstd.NewReader(r)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	in := bufio.NewReaderSize(z, 1<<16)
	rec := &Recording{}
	for first := true; ; first = false {
		s, err := readStep(in)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("fanout: the recording does not read, step %d: %w; remove it to have it made again", len(rec.Steps)+1, err)
		}
		if first {
			rec.First = s
		} else {
			rec.Steps = append(rec.Steps, s)
		}
	}
	if len(rec.Steps) == 0 {
		return nil, errors.New("fanout: the recording holds no changes; remove it to have it made again")
	}
	return rec, nil
}

func readStep(in *bufio.Reader) (s Step, err error) {
	var n int
	if _, err := fmt.Fscanf(in, "%d\n", &n); err != nil {
		return s, err // io.EOF where there is no further step
	}
	line, err := in.ReadBytes('\n')
	if err != nil {
		return s, io.ErrUnexpectedEOF
	}
	s.Header = &batch.Header{}
	if err := json.Unmarshal(bytes.TrimSpace(line), s.Header); err != nil {
		return s, err
	}
	for range n {
		var size int
		if _, err := fmt.Fscanf(in, "%d\n", &size); err != nil {
			return s, io.ErrUnexpectedEOF
		}
		body := make([]byte, size+1) // and the end of the line
		if _, err := io.ReadFull(in, body); err != nil {
			return s, io.ErrUnexpectedEOF
		}
		f, err := batch.ParseFrame(string(body[:size]))
		if err != nil {
			return s, err
		}
		s.Frames = append(s.Frames, f)
	}
	return s, nil
}

// OpenRecording reads a recording from a file.
func OpenRecording(file string) (*Recording, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadRecording(f)
}

// Save writes a recording to a file.
func (r *Recording) Save(file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(r.Write(f), f.Close())
}
