package hub

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/gorilla/websocket"
)

// frame is a message as it goes over the wire. It is made once for all displays that get
// it, and never written into afterwards.
type frame []byte

// final marks a frame that is a whole message, deflatedBit one whose body is deflated.
const (
	final       = 0x80
	deflatedBit = 0x40
)

// newFrame frames a body: a server's frames are not masked (RFC 6455, 5.2).
func newFrame(opcode byte, body []byte) frame {
	f := make(frame, 0, len(body)+10)
	f = append(f, final|opcode)
	switch n := len(body); {
	case n < 126:
		f = append(f, byte(n))
	case n <= 0xffff:
		f = binary.BigEndian.AppendUint16(append(f, 126), uint16(n))
	default:
		f = binary.BigEndian.AppendUint64(append(f, 127), uint64(n))
	}
	return append(f, body...)
}

// encode makes the frame of a message.
func encode(message any) (frame, error) {
	text, err := json.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("hub: encode: %w", err)
	}
	return newFrame(websocket.TextMessage, text), nil
}

// jsonString is a string as JSON.
func jsonString(text string) []byte {
	quoted, _ := json.Marshal(text) // there is no string that cannot be encoded
	return quoted
}

var pingFrame = newFrame(websocket.PingMessage, nil)
