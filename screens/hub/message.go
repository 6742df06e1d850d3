package hub

import (
	"encoding/json"
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
}

// request is all that a client may send.
type request struct {
	Type string `json:"type"`
	Scene
	Have *have `json:"have,omitempty"`
}

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
	RegionName  string         `json:"region_name"`
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
	Batch  *batch.Header  `json:"batch"`
	Panels []panelMessage `json:"panels"`
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

// errorCode is the closed set of what can be wrong with a request.
type errorCode string

const (
	errUnknownScreen errorCode = "unknown_screen"
	errUnknownRegion errorCode = "unknown_region"
	errBadMessage    errorCode = "bad_message"
	errNoDataYet     errorCode = "no_data_yet"
	errNotDrawn      errorCode = "not_drawn"
)

type errorMessage struct {
	Type    string    `json:"type"`
	Code    errorCode `json:"code"`
	Message string    `json:"message"`
	// Retry says whether the same request may succeed later.
	Retry bool `json:"retry"`
}

// Close codes: 4000–4099 say do not come back, 4100–4199 come back.
const (
	closeFlood    = 4001
	closeDraining = 4100
	closeUnheard  = 4101
)
