package intake

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"strings"
)

// Key is the province's secret that numbers of things are hashed with.
type Key struct{ secret []byte }

// keyBytes is the length of a key that NewKeyFile makes, and the least of any.
const keyBytes = 32

// ReadKey reads a key file: at least 64 hexadecimal digits. It refuses one that
// others than its owner can read.
func ReadKey(path string) (*Key, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("key file %s: others can read it (mode %04o): chmod 600 it, and make a new key if anybody may have read it", path, mode)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	secret, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(secret) < keyBytes {
		return nil, fmt.Errorf("key file %s: %d hexadecimal digits or more are expected, as 'openssl rand -hex %d' makes", path, 2*keyBytes, keyBytes)
	}
	return &Key{secret}, nil
}

// ReadOrMakeKey reads a key file, and makes one with a random key where there is none.
func ReadOrMakeKey(path string) (*Key, error) {
	key, err := ReadKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	secret := make([]byte, keyBytes)
	_, _ = rand.Read(secret) // never fails
	// Written aside and linked, so that a start that is cut off leaves no half key
	// and two that begin together agree on one.
	f, err := os.CreateTemp(dir(path), ".intake-key-*")
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(hex.EncodeToString(secret) + "\n")
	if err = errors.Join(err, f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("key file: %w", err)
	}
	return ReadKey(path)
}

func dir(path string) string {
	if i := strings.LastIndexByte(path, os.PathSeparator); i >= 0 {
		return path[:i+1]
	}
	return "."
}

// ID tells keys apart without telling anything about them.
func (k *Key) ID() string {
	sum := sha256.Sum256(append([]byte("liaowang intake key\x00"), k.secret...))
	return hex.EncodeToString(sum[:8])
}

// hashLimit keeps the range that begins with byte 0xDE free for the demo province.
const hashLimit uint64 = 0xDE << 56

// hasher hashes numbers of things. It is for one goroutine.
type hasher struct {
	mac hash.Hash
	buf []byte
	sum [sha256.Size]byte
}

func (k *Key) hasher() *hasher { return &hasher{mac: hmac.New(sha256.New, k.secret)} }

// hash is the key of the thing that its sender calls by number. kind, a column's
// name, keeps things of different kinds apart.
func (h *hasher) hash(kind, number string) uint64 {
	h.buf = append(append(append(h.buf[:0], kind...), 0), number...)
	h.mac.Reset()
	h.mac.Write(h.buf)
	v := binary.BigEndian.Uint64(h.mac.Sum(h.sum[:0])) % hashLimit
	return max(v, 1) // 0 is no key
}
