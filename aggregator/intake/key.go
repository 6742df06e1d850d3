package intake

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"net/http"
	"os"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
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

// OpenKey reads the key file of a server, and makes one where there is none. It does
// not where the database was filled under a key already: the file then is lost, not
// yet to be made, and under a new key every household would count twice.
func OpenKey(ctx context.Context, conn driver.Conn, path string) (*Key, error) {
	key, err := ReadKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	recorded, err := recordedKey(ctx, conn)
	if err != nil {
		return nil, err
	}
	if recorded != "" {
		return nil, refuse("key_lost", "the key file %s is not there, and this database was filled under key %s: bring the file back from its backup and start again. No delivery is taken: under a new key every household would be another", path, recorded).status(http.StatusServiceUnavailable)
	}
	return ReadOrMakeKey(path)
}

// recordedKey tells which key the database's hashes were made with, "" if none were.
func recordedKey(ctx context.Context, conn driver.Conn) (string, error) {
	var fingerprint string
	err := conn.QueryRow(ctx, "SELECT fingerprint FROM intake_keys FINAL ORDER BY recorded_at, fingerprint LIMIT 1").Scan(&fingerprint)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	var exception *clickhouse.Exception
	if errors.As(err, &exception) && exception.Code == 60 { // no such table
		return "", errors.New("the database has no table intake_keys: the schema is older than this program; start liaowang up or aggregate, which bring it up to date")
	}
	if err != nil {
		return "", fmt.Errorf("key of the database: %w", err)
	}
	return fingerprint, nil
}

// checkKey refuses a delivery under another key than the database's.
func (in *Intake) checkKey(ctx context.Context) error {
	recorded, err := recordedKey(ctx, in.Conn)
	if err == nil && recorded != "" && recorded != in.Key.ID() {
		err = refuse("other_key", "this database was filled under key %s, and the key file holds key %s: under it every household would be another, and count twice. Bring the right key file back from its backup; only an empty database takes a new key", recorded, in.Key.ID()).status(http.StatusServiceUnavailable)
	}
	return err
}

// keyLease is the lease under which a database is given its key.
const keyLease = "intake_keys"

// recordKey gives the database its key where it has none.
func (in *Intake) recordKey(ctx context.Context) error {
	recorded, err := recordedKey(ctx, in.Conn)
	if err != nil || recorded != "" {
		return errors.Join(err, in.checkKey(ctx))
	}
	_, done, err := in.borrow(ctx, keyLease)
	if err != nil {
		return err
	}
	defer done()
	if recorded, err = recordedKey(ctx, in.Conn); err != nil || recorded != "" {
		return errors.Join(err, in.checkKey(ctx))
	}
	if err := in.Conn.Exec(ctx, "INSERT INTO intake_keys (fingerprint, recorded_at, version) VALUES ({fingerprint:String}, now64(3), 1)", clickhouse.Named("fingerprint", in.Key.ID())); err != nil {
		return fmt.Errorf("key of the database: %w", err)
	}
	in.Logger.Info("the database has a key now: back its file up", "fingerprint", in.Key.ID())
	return nil
}
