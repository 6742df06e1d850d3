package hub

import (
	"encoding/json"
	"strconv"
	"time"

	"liaowang/aggregator/batch"
)

// Version is the protocol's version; Subprotocol is what a client asks for.
const (
	Version     = 1
	Subprotocol = "liaowang.v1"
)

// Scene is what a display shows: a screen for a region.
type Scene struct {
	Screen string `json:"screen"`
	Region string `json:"region"`
}

// have is the picture that a display already has of a scene.
type have struct {
	History string `json:"history"`
	Batch   uint64 `json:"batch"`
	Edition string `json:"edition"`
}

// request is any message of a client; Type says which fields it has.
type request struct {
	Type string `json:"type"`
	// Of subscribe.
	Scene
	Have   *have    `json:"have"`
	Accept []string `json:"accept"`
	Place  *Place   `json:"place"`
	// Of ack: times in milliseconds, Ready and Drawn since 1970 by this server's clock; Ready 0: not known.
	Batch   uint64  `json:"batch"`
	Ready   float64 `json:"ready"`
	Drawn   float64 `json:"drawn"`
	FrameMS float64 `json:"frame_ms"`
	Heap    float64 `json:"heap"`
	// Of time: a number that goes back as it came.
	T0 json.RawMessage `json:"t0"`
	// Of steer.
	Steer *Steer `json:"steer"`
}

// What a client may accept beside what every client does.
const (
	acceptPatch = "patch" // patches instead of batches
	acceptAck   = "ack"   // it acks what it draws
	acceptAlarm = "alarm" // it is told of alarms
)

// status is how fresh the picture can be trusted to be.
type status struct {
	Source   string    `json:"source"`
	Since    time.Time `json:"since"`
	Verified time.Time `json:"verified"`
	Words    string    `json:"words,omitempty"`
	// Holds are the checks that hold the next batch back.
	Holds []batch.Hold `json:"holds,omitempty"`
	// leader is the node that said so.
	leader string
}

// What the hub itself adds to batch.SourceState.
const (
	sourceSilent    = "silent"     // no aggregator says anything
	sourceStoreLost = "store_lost" // Redis does not answer this node
)

type helloMessage struct {
	Type     string `json:"type"`
	Protocol int    `json:"protocol"`
	Build    string `json:"build"`
	Node     string `json:"node"`
	Time     int64  `json:"time"`
	BeatMS   int64  `json:"beat_ms"`
	AckMS    int64  `json:"ack_ms"`
	Limits   limits `json:"limits"`
}

// limits are what a client may send.
type limits struct {
	MessageBytes      int `json:"message_bytes"`
	MessagesAtOnce    int `json:"messages_at_once"`
	MessagesPerSecond int `json:"messages_per_second"`
}

// place is one step of the way from the province to a region.
type place struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// panelMessage is one panel: its option once, its data with every change.
type panelMessage struct {
	ID     string          `json:"id"`
	Option json.RawMessage `json:"option,omitempty"`
	Data   json.RawMessage `json:"data"`
}

// snapshotMessage is a whole picture.
type snapshotMessage struct {
	Type string `json:"type"`
	Scene
	Edition     string         `json:"edition"`
	RegionName  string         `json:"region_name"`
	ShowAt      int64          `json:"show_at,omitempty"`
	Path        []place        `json:"path"`
	MapApproval string         `json:"map_approval"`
	Batch       *batch.Header  `json:"batch"`
	Status      status         `json:"status"`
	Panels      []panelMessage `json:"panels"`
}

// batchMessage is what changed since the picture that the display has.
type batchMessage struct {
	Type string `json:"type"`
	Scene
	// RegionName and Path are there where names changed.
	RegionName string         `json:"region_name,omitempty"`
	Path       []place        `json:"path,omitempty"`
	ShowAt     int64          `json:"show_at,omitempty"`
	Batch      *batch.Header  `json:"batch"`
	Panels     []panelMessage `json:"panels"`
}

type currentMessage struct {
	Type string `json:"type"`
	Scene
	Batch  *batch.Header `json:"batch"`
	Status status        `json:"status"`
}

type beatMessage struct {
	Type   string `json:"type"`
	Time   int64  `json:"time"`
	Batch  uint64 `json:"batch"`
	Status status `json:"status"`
}

type statusMessage struct {
	Type   string `json:"type"`
	Status status `json:"status"`
}

type errorMessage struct {
	Type string `json:"type"`
	*Error
}

// timeMessage has the server's clock at getting a question and at answering it, Unix
// milliseconds with fractions.
type timeMessage struct {
	Type string          `json:"type"`
	T0   json.RawMessage `json:"t0"`
	T1   json.Number     `json:"t1"`
	T2   json.Number     `json:"t2"`
}

// milliseconds is a moment as the protocol says it where fractions count.
func milliseconds(t time.Time) json.Number {
	return json.Number(strconv.FormatFloat(float64(t.UnixMicro())/1000, 'f', 3, 64))
}
