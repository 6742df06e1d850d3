package batch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// Frame is the answer of one metric for one region in one batch: a small typed
// table whose columns the metric's header names.
type Frame struct {
	Metric string `json:"metric"`
	// Region is the code of the region that the answer is for, e.g. "460000".
	Region string `json:"region"`
	// Changed is the number of the batch in which these rows were first true.
	// The frame holds for every batch from then on until it is replaced.
	Changed uint64   `json:"changed"`
	Rows    [][]Cell `json:"rows"`
}

// Key names a frame within a batch.
type Key struct{ Metric, Region string }

// Key returns the frame's key.
func (f *Frame) Key() Key { return Key{f.Metric, f.Region} }

// String gives the form "metric/region" that Redis fields use.
func (k Key) String() string { return k.Metric + "/" + k.Region }

// State says what a cell holds. Zero, missing, not applicable and suppressed are
// four different things, and a reader must never mix them up.
type State uint8

// The states of a cell.
const (
	// Missing: a value was due and has not been reported (缺报). JSON null.
	Missing State = iota
	// NotApplicable: the metric means nothing here, as households in 三沙市 (不适用). JSON "n/a".
	NotApplicable
	// IsNumber: a measured number, which may be zero. JSON number.
	IsNumber
	// IsText: a code or a name. JSON string.
	IsText
	// Suppressed: there is a number and it may not be shown, as it counts too few
	// households or would give away another that does. JSON "suppressed".
	Suppressed
)

// The JSON forms of cells that are not what they read. No code list may hold them.
const (
	notApplicable = "n/a"
	suppressed    = "suppressed"
)

// Cell is one value of a frame. The zero Cell is Missing.
type Cell struct {
	State State
	// Number is exact for integers up to 2^53: households, persons, yuan.
	Number float64
	Text   string
}

// Num makes a number cell.
func Num(v float64) Cell { return Cell{State: IsNumber, Number: v} }

// Text makes a text cell.
func Text(s string) Cell { return Cell{State: IsText, Text: s} }

// NA makes a cell that is not applicable.
func NA() Cell { return Cell{State: NotApplicable} }

// Hidden makes a cell that is suppressed.
func Hidden() Cell { return Cell{State: Suppressed} }

// MarshalJSON writes a number, a string, null for missing, "n/a" for not
// applicable, "suppressed" for suppressed. It fails on NaN, infinities and a text
// that reads "n/a" or "suppressed".
func (c Cell) MarshalJSON() ([]byte, error) { return c.appendJSON(nil) }

// UnmarshalJSON reads what MarshalJSON writes.
func (c *Cell) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	switch {
	case bytes.Equal(b, []byte("null")):
		*c = Cell{}
		return nil
	case len(b) > 0 && b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*c = textCell(s)
		return nil
	}
	v, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return fmt.Errorf("batch: a cell reads %.40q, expected a number, a string or null", b)
	}
	*c = Num(v)
	return nil
}
