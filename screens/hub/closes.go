package hub

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/websocket"
)

// ErrorCode is the closed set of what can be wrong with a request.
type ErrorCode string

// The codes of errors; PROTOCOL.md says what to do about each.
const (
	UnknownScreen ErrorCode = "unknown_screen"
	UnknownRegion ErrorCode = "unknown_region"
	BadMessage    ErrorCode = "bad_message"
	NoDataYet     ErrorCode = "no_data_yet"
	NotDrawn      ErrorCode = "not_drawn"
)

// Error tells a client what is wrong with its request; the connection stays open.
type Error struct {
	Code    ErrorCode `json:"code"`
	Message string    `json:"message"`
	// Retry says whether the same request may succeed later.
	Retry bool `json:"retry"`
}

func (e *Error) Error() string { return fmt.Sprintf("hub: %s: %s", e.Code, e.Message) }

// CloseReason is the closed set of why the server ends a connection.
type CloseReason string

// The reasons for ending a connection.
const (
	Flood    CloseReason = "flood"     // the client says more than it may
	TooLarge CloseReason = "too_large" // a message of the client is longer than it may be
	Draining CloseReason = "draining"  // the node is going away
	Unheard  CloseReason = "unheard"   // nothing was heard for three beats

	hungUp CloseReason = "hung_up" // the client closes; it is answered in kind
)

// Code is the reason's close code: 4000 to 4099 say do not come back, 4100 to 4199 come back.
func (r CloseReason) Code() int {
	switch r {
	case Flood:
		return 4001
	case TooLarge:
		return 4002
	case Draining:
		return 4100
	case Unheard:
		return 4101
	}
	return websocket.CloseNormalClosure
}

// Close is how the server ends a connection.
type Close struct {
	Reason CloseReason
	// Retry is how long to wait before coming back; 0 where nothing is said of it.
	Retry time.Duration
}

// frame is the close as it goes over the wire.
func (c Close) frame() frame {
	code := c.Reason.Code()
	if code == websocket.CloseNormalClosure {
		return newFrame(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""))
	}
	text, err := json.Marshal(struct {
		Reason  CloseReason `json:"reason"`
		RetryMS int64       `json:"retry_ms,omitempty"`
	}{c.Reason, c.Retry.Milliseconds()})
	if err != nil {
		text = nil // the code alone says whether to come back
	}
	return newFrame(websocket.CloseMessage, websocket.FormatCloseMessage(code, string(text)))
}

// Refusal is why a node takes no more displays, told before the upgrade.
type Refusal struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	// After is when to ask this node again; another may take the display at once.
	After time.Duration `json:"-"`
}

func (r *Refusal) Error() string { return "hub: " + r.Code + ": " + r.Message }

var (
	refusedDraining  = &Refusal{"draining", "this node is going away; another takes the display", time.Second}
	refusedFull      = &Refusal{"full", "this node has as many displays as it may have; another takes the display", 5 * time.Second}
	refusedStoreLost = &Refusal{"store_lost", "this node has not reached Redis for a while; another takes the display", 2 * time.Second}
)

// answer tells the refusal to whoever wanted to connect.
func (r *Refusal) answer(w http.ResponseWriter) {
	w.Header().Set("Retry-After", strconv.Itoa(int(r.After.Seconds())))
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusServiceUnavailable)
	// The client may be gone: there is nobody to tell.
	_ = json.NewEncoder(w).Encode(map[string]*Refusal{"error": r})
}
