package demo

import (
	"crypto/sha256"
	"encoding/binary"
)

// Every key of the demo lies between keyLow and keyHigh, both inclusive.
const (
	keyLow  uint64 = 0xDE << 56
	keyHigh uint64 = keyLow | (1<<56 - 1)
)

// keyring makes the demo's keys. Kinds are apart: the same number gives
// unrelated keys for two kinds.
type keyring struct{ seed uint64 }

// Kinds of keys.
const (
	keyHousehold  = "household"
	keyLead       = "lead"
	keyRegistered = "registered"
	keyAsset      = "asset"
	// keyRecognised is the household of a lead, numbered by the lead's key: a
	// recognition that is written twice is still one household.
	keyRecognised = "recognised"
	keyMeasure    = "measure"
	keyProject    = "project"
	keyExchange   = "exchange"
	keyEmergency  = "emergency"
)

// key is the n-th key of a kind.
func (k keyring) key(kind string, n uint64) uint64 {
	b := make([]byte, 16, 32)
	binary.BigEndian.PutUint64(b, k.seed)
	binary.BigEndian.PutUint64(b[8:], n)
	h := sha256.Sum256(append(b, kind...))
	return keyLow | binary.BigEndian.Uint64(h[:])>>8
}
