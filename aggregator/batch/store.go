package batch

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

//go:embed lua/acquire.lua
var acquireLua string

//go:embed lua/publish.lua
var publishLua string

//go:embed lua/load.lua
var loadLua string

// Why a batch was not published.
var (
	// ErrDeposed: another aggregator holds the lease, or this one's has run out.
	ErrDeposed = errors.New("batch: this aggregator no longer holds the lease")
	// ErrOld: the number is not above the last one published.
	ErrOld = errors.New("batch: the number is not above the last one published")
	// ErrIncomplete: Redis holds no batch that the changed frames could be laid
	// over; publish all frames.
	ErrIncomplete = errors.New("batch: Redis has lost the frames that did not change")
)

// Store is the form of one province's batches in Redis. Its keys share a hash
// slot, so that each step is one script on one node:
//
//	liaowang:{460000}:lease    hash: node and term of the aggregator that may publish; expires
//	liaowang:{460000}:head     hash: term, number, header (JSON) of the newest batch
//	liaowang:{460000}:frames   hash: "metric/region" → frame (JSON)
//	liaowang:{460000}:changed  sorted set: "metric/region" by the number that it last changed in
//	liaowang:{460000}:status   what the aggregator says of itself (JSON); expires
//	liaowang:{460000}:news     channel: a hint that head or status changed
type Store struct {
	client                                      redis.UniversalClient
	lease, head, frames, changed, status, news  string
	acquireScript, publishScript, loadNewScript *redis.Script
}

// NewStore makes a store for the province with the given code.
func NewStore(client redis.UniversalClient, province string) *Store {
	prefix := "liaowang:{" + province + "}:"
	return &Store{
		client: client,
		lease:  prefix + "lease", head: prefix + "head", frames: prefix + "frames",
		changed: prefix + "changed", status: prefix + "status", news: prefix + "news",
		acquireScript: redis.NewScript(acquireLua),
		publishScript: redis.NewScript(publishLua),
		loadNewScript: redis.NewScript(loadLua),
	}
}

// Lease is the right to publish.
type Lease struct {
	Node string
	// Term is 0 when another node holds the lease.
	Term uint64
	// Number is the last one published, or the floor.
	Number uint64
}

// Floor is the highest term and number that are remembered outside Redis.
type Floor struct{ Term, Number uint64 }

// Acquire takes the lease for ttl, or renews it. A lease with Term 0 means that
// another node holds it. A new term is above the floor and every earlier term.
func (s *Store) Acquire(ctx context.Context, node string, floor Floor, ttl time.Duration) (Lease, error) {
	got, err := s.acquireScript.Run(ctx, s.client, []string{s.lease, s.head},
		node, ttl.Milliseconds(), floor.Term, floor.Number).Int64Slice()
	if err != nil {
		return Lease{}, fmt.Errorf("batch: acquire: %w", err)
	}
	if len(got) != 2 {
		return Lease{}, fmt.Errorf("batch: acquire: the script returned %d values, expected 2", len(got))
	}
	return Lease{Node: node, Term: uint64(got[0]), Number: uint64(got[1])}, nil
}

// release frees the lease only for its holder.
var release = redis.NewScript(`if redis.call('HGET', KEYS[1], 'node') == ARGV[1] then redis.call('DEL', KEYS[1], KEYS[2]) end return 'OK'`)

// Release gives the lease back, so that another node need not wait for it to
// run out, and takes the status with it.
func (s *Store) Release(ctx context.Context, l Lease) error {
	return release.Run(ctx, s.client, []string{s.lease, s.status}, l.Node).Err()
}

// Publish makes a batch the newest one, in one atomic step: header and changed
// frames. With whole, the frames are all there are and replace the old ones.
// It fails with ErrDeposed, ErrOld or ErrIncomplete, and then nothing changed.
func (s *Store) Publish(ctx context.Context, l Lease, h Header, changed []*Frame, whole bool) error {
	header, err := json.Marshal(h)
	if err != nil {
		return err
	}
	all := "0"
	if whole {
		all = "1"
	}
	args := make([]any, 0, 6+3*len(changed))
	args = append(args, l.Node, l.Term, h.Number, header, s.news, all)
	for _, f := range changed {
		body, err := json.Marshal(f)
		if err != nil {
			return fmt.Errorf("batch: frame %s: %w", f.Key(), err)
		}
		args = append(args, f.Key().String(), f.Changed, body)
	}
	said, err := s.publishScript.Run(ctx, s.client, []string{s.lease, s.head, s.frames, s.changed}, args...).Text()
	if err != nil {
		return fmt.Errorf("batch: publish: %w", err)
	}
	switch said {
	case "OK":
		return nil
	case "DEPOSED":
		return ErrDeposed
	case "OLD":
		return ErrOld
	case "INCOMPLETE":
		return ErrIncomplete
	}
	return fmt.Errorf("batch: publish: the script returned %q", said)
}

// SetStatus says how the aggregator is, until ttl has passed; with hint,
// readers are told at once.
func (s *Store) SetStatus(ctx context.Context, status Status, ttl time.Duration, hint bool) error {
	body, err := json.Marshal(status)
	if err != nil {
		return err
	}
	if err := s.client.Set(ctx, s.status, body, ttl).Err(); err != nil {
		return fmt.Errorf("batch: status: %w", err)
	}
	if hint {
		return s.client.Publish(ctx, s.news, "status").Err()
	}
	return nil
}

// Snapshot is the newest batch as a reader finds it.
type Snapshot struct {
	// Header is nil when nothing has been published yet.
	Header *Header
	// Status is nil when the aggregator is silent.
	Status *Status
	// Frames are those that changed after the number the reader had.
	Frames []*Frame
}

// Load reads the newest batch, with the frames that changed after number since,
// in one atomic step. Since 0 gives every frame; when nothing newer than since
// is there, Frames is empty and Header is the one that is there.
func (s *Store) Load(ctx context.Context, since uint64) (Snapshot, error) {
	var snap Snapshot
	out, err := s.loadNewScript.Run(ctx, s.client, []string{s.head, s.frames, s.changed, s.status}, since).StringSlice()
	if err != nil {
		return snap, fmt.Errorf("batch: load: %w", err)
	}
	if len(out) < 2 {
		return snap, fmt.Errorf("batch: load: the script returned %d values, expected at least 2", len(out))
	}
	if out[0] != "" {
		snap.Header = &Header{}
		if err := json.Unmarshal([]byte(out[0]), snap.Header); err != nil {
			return snap, fmt.Errorf("batch: header in Redis: %w", err)
		}
	}
	if out[1] != "" {
		snap.Status = &Status{}
		if err := json.Unmarshal([]byte(out[1]), snap.Status); err != nil {
			return snap, fmt.Errorf("batch: status in Redis: %w", err)
		}
	}
	for _, body := range out[2:] {
		f := &Frame{}
		if err := json.Unmarshal([]byte(body), f); err != nil {
			return snap, fmt.Errorf("batch: frame in Redis: %w", err)
		}
		snap.Frames = append(snap.Frames, f)
	}
	return snap, nil
}

// News subscribes to hints that a batch or status is new. A hint may be lost:
// what is stored is the truth, and a reader looks from time to time anyway.
func (s *Store) News(ctx context.Context) *redis.PubSub { return s.client.Subscribe(ctx, s.news) }

// Ping asks Redis for an answer.
func (s *Store) Ping(ctx context.Context) error { return s.client.Ping(ctx).Err() }
