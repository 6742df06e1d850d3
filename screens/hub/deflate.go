package hub

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/gorilla/websocket"
	"github.com/klauspost/compress/flate"
)

// message is a frame that many displays get, in the forms that they may have agreed on.
// Each is made once.
type message struct {
	plain frame
	// deflated is nil where it would be hardly shorter.
	deflated frame
}

// form is the frame for a display, which may have agreed on permessage-deflate.
func (m *message) form(deflates bool) frame {
	if deflates && m.deflated != nil {
		return m.deflated
	}
	return m.plain
}

// behind is the message with a control frame before it, in one piece.
func (m *message) behind(control frame) *message {
	both := &message{plain: slices.Concat(control, m.plain)}
	if m.deflated != nil {
		both.deflated = slices.Concat(control, m.deflated)
	}
	return both
}

// one makes a message that a single display gets: it is not worth deflating.
func one(body any) (*message, error) {
	f, err := encode(body)
	if err != nil {
		return nil, err
	}
	return &message{plain: f}, nil
}

// deflater deflates messages, each by itself (RFC 7692 without context takeover): so a
// message is deflated once for all displays, and none of them costs memory for it. A
// lock stands before the one writer, which is large.
type deflater struct {
	mu     sync.Mutex
	writer *flate.Writer
	out    bytes.Buffer
}

// deflateFrom is the length from which a message may be deflated, and deflateLevel how hard
// that is tried: the best that there is saves three in a hundred more and clears half a
// megabyte of tables for each message.
const (
	deflateFrom  = 128
	deflateLevel = 5
)

// flushed ends what a deflate writer has flushed, and is not sent.
const flushed = "\x00\x00\xff\xff"

// encode makes a message for many displays.
func (d *deflater) encode(body any) (*message, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("hub: encode: %w", err)
	}
	return d.message(text), nil
}

// message makes a message of its text.
func (d *deflater) message(text []byte) *message {
	m := &message{plain: newFrame(websocket.TextMessage, text)}
	if len(text) < deflateFrom {
		return m
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.out.Reset()
	if d.writer == nil {
		d.writer, _ = flate.NewWriter(&d.out, deflateLevel) // a level that there is
	} else {
		d.writer.Reset(&d.out)
	}
	// Into memory nothing fails.
	_, _ = d.writer.Write(text)
	_ = d.writer.Flush()
	short := bytes.TrimSuffix(d.out.Bytes(), []byte(flushed))
	if len(short)*10 < len(text)*9 {
		m.deflated = newFrame(websocket.TextMessage|deflatedBit, short)
	}
	return m
}
