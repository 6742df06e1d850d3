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

//go:embed lua/release.lua
var releaseLua string

// Why a batch was not published.
var (
	// ErrDeposed: another aggregator holds the lease, or this one's has run out.
	ErrDeposed = errors.New("batch: this aggregator no longer holds the lease")
	// ErrOld: the number is not above the last one published.
	ErrOld = errors.New("batch: the number is not above the last one published")
	// ErrIncomplete: Redis does not hold the batch that the frames are changes
	// of; publish all frames.
	ErrIncomplete = errors.New("batch: Redis does not hold the batch that these frames are changes of")
	// ErrMoved: another batch was published last than the lease says; renew it.
	ErrMoved = errors.New("batch: another batch was published last than the lease says")
	// ErrNameTaken: another living process has this node's name.
	ErrNameTaken = errors.New("batch: another process runs under this node's name; give each its own --node")
)

// Store is the form of one province's batches in Redis. Its keys share a hash
// slot, so that each step is one script on one node:
//
//	liaowang:{460000}:lease    hash: run and term of the aggregator that may publish; expires
//	liaowang:{460000}:node:N   the run that has the node's name N; expires
//	liaowang:{460000}:head     hash: term, number, header (JSON) of the newest batch
//	liaowang:{460000}:frames   hash: "metric/region" → frame (JSON)
//	liaowang:{460000}:changed  sorted set: "metric/region" by the number that it last changed in
//	liaowang:{460000}:status   what the aggregator says of itself (JSON); expires
//	liaowang:{460000}:news     channel: a hint that head or status changed
type Store struct {
	client redis.UniversalClient

	lease, node, head, frames, changed, status, news string

	acquire, publish, load, release *redis.Script
}

// NewStore makes a store for the province with the given code.
func NewStore(client redis.UniversalClient, province string) *Store {
	prefix := "liaowang:{" + province + "}:"
	return &Store{
		client: client,
		lease:  prefix + "lease", node: prefix + "node:", head: prefix + "head", frames: prefix + "frames",
		changed: prefix + "changed", status: prefix + "status", news: prefix + "news",
		acquire: redis.NewScript(acquireLua), publish: redis.NewScript(publishLua),
		load: redis.NewScript(loadLua), release: redis.NewScript(releaseLua),
	}
}

// Lease is the right to publish.
type Lease struct {
	// Node is the name among the aggregators, Run this process alone: a process
	// that is started again under its name is another run.
	Node, Run string
	// Term is 0 when another run holds the lease.
	Term uint64
	// Number is the last one published, or the floor.
	Number uint64
}

// Floor is the highest term and number that are remembered outside Redis.
type Floor struct{ Term, Number uint64 }

// Acquire takes the lease for ttl, or renews it. A lease with Term 0 means that
// another run holds it. A new term is above the floor and every earlier term.
// It fails with ErrNameTaken.
func (s *Store) Acquire(ctx context.Context, node, run string, floor Floor, ttl time.Duration) (Lease, error) {
	got, err := s.acquire.Run(ctx, s.client, []string{s.lease, s.head, s.node + node},
		run, ttl.Milliseconds(), floor.Term, floor.Number).Int64Slice()
	if err != nil {
		return Lease{}, fmt.Errorf("batch: acquire: %w", err)
	}
	if len(got) != 2 {
		return Lease{}, fmt.Errorf("batch: acquire: the script returned %d values, expected 2", len(got))
	}
	if got[0] < 0 {
		return Lease{}, ErrNameTaken
	}
	return Lease{Node: node, Run: run, Term: uint64(got[0]), Number: uint64(got[1])}, nil
}

// Release gives the lease and the node's name back, so that nobody need wait
// for them to run out, and takes the status with the lease.
func (s *Store) Release(ctx context.Context, l Lease) error {
	return s.release.Run(ctx, s.client, []string{s.lease, s.status, s.node + l.Node}, l.Run, l.Term).Err()
}

// Publish makes a batch the newest one, in one atomic step. The frames are what
// changed since batch base, or with base 0 all there are, replacing the old ones.
// All frames are taken only over the batch that the lease says was published last,
// so that nothing shown is missing from what is recorded of it.
// It fails with ErrDeposed, ErrOld, ErrMoved or ErrIncomplete, and then nothing
// changed; after any other error it is not known whether it did.
func (s *Store) Publish(ctx context.Context, l Lease, h Header, base uint64, frames []*Frame) error {
	header, err := json.Marshal(h)
	if err != nil {
		return err
	}
	args := make([]any, 0, 7+3*len(frames))
	args = append(args, l.Run, l.Term, h.Number, header, s.news, base, l.Number)
	for _, f := range frames {
		body, err := json.Marshal(f)
		if err != nil {
			return fmt.Errorf("batch: frame %s: %w", f.Key(), err)
		}
		args = append(args, f.Key().String(), f.Changed, body)
	}
	said, err := s.publish.Run(ctx, s.client, []string{s.lease, s.head, s.frames, s.changed}, args...).Text()
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
	case "MOVED":
		return ErrMoved
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
	out, err := s.load.Run(ctx, s.client, []string{s.head, s.frames, s.changed, s.status}, since).StringSlice()
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
