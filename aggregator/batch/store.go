package batch

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
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

//go:embed lua/status.lua
var statusLua string

//go:embed lua/yield.lua
var yieldLua string

//go:embed lua/promoted.lua
var promotedLua string

//go:embed lua/notes.lua
var notesLua string

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
//	liaowang:{460000}:able     a run that stands by and finds the source; expires
//	liaowang:{460000}:claim:N  something that one process at a time does; expires
//	liaowang:{460000}:probe    written to see whether Redis takes anything; expires
//	liaowang:{460000}:head     hash: term, number, header (JSON) of the newest batch; which frames ("fields")
//	                           changed in it since batch "from"; "at" when it was published by the
//	                           server's clock, microseconds
//	liaowang:{460000}:frames   hash: "metric/region" → frame (lines.go)
//	liaowang:{460000}:changed  sorted set: "metric/region" by the number that it last changed in
//	liaowang:{460000}:deltas   hash: "metric/region" → the delta (lines.go) that it last changed by, where there is one
//	liaowang:{460000}:status   what the aggregator says of itself (JSON); expires
//	liaowang:{460000}:notes    hash: what nodes that serve walls leave for each other (notes.go)
//	liaowang:{460000}:news     channel: a hint that head, status or notes changed; in a cluster a sharded one
type Store struct {
	client redis.UniversalClient

	lease, node, able, claim, probe, head, frames, changed, deltas, status, notes, news string
	// hint is how news is sent. In a cluster a sharded channel reaches those who listen at the
	// keys' own servers, another would be sent to every server.
	hint string

	acquireScript, publishScript, loadScript, releaseScript, statusScript, yieldScript, promotedScript, notesScript *redis.Script

	sent atomic.Uint64 // bytes of headers and frames
}

const hintSharded = "SPUBLISH"

// Sent is how many bytes of headers and frames Publish has handed to Redis.
func (s *Store) Sent() uint64 { return s.sent.Load() }

// NewStore makes a store for the province with the given code.
func NewStore(client redis.UniversalClient, province string) *Store {
	prefix := "liaowang:{" + province + "}:"
	hint := "PUBLISH"
	if _, cluster := client.(*redis.ClusterClient); cluster {
		hint = hintSharded
	}
	return &Store{
		client: client, hint: hint,
		lease: prefix + "lease", node: prefix + "node:", able: prefix + "able", claim: prefix + "claim:", probe: prefix + "probe", head: prefix + "head", frames: prefix + "frames",
		changed: prefix + "changed", deltas: prefix + "deltas", status: prefix + "status", notes: prefix + "notes", news: prefix + "news",
		acquireScript: redis.NewScript(acquireLua), publishScript: redis.NewScript(publishLua),
		loadScript: redis.NewScript(loadLua), releaseScript: redis.NewScript(releaseLua),
		statusScript: redis.NewScript(statusLua), yieldScript: redis.NewScript(yieldLua),
		promotedScript: redis.NewScript(promotedLua), notesScript: redis.NewScript(notesLua),
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
	// Left is how long the other run holds the lease unless it renews it. 0 when this
	// run has it.
	Left time.Duration
}

// Floor is the highest term and number that are remembered outside Redis.
type Floor struct{ Term, Number uint64 }

// Acquire takes the lease for ttl, or renews it. A lease with Term 0 means that
// another run holds it. A new term is above the floor and every earlier term.
// It fails with ErrNameTaken.
func (s *Store) Acquire(ctx context.Context, node, run string, floor Floor, ttl time.Duration) (Lease, error) {
	got, err := s.acquireScript.Run(ctx, s.client, []string{s.lease, s.head, s.node + node},
		run, ttl.Milliseconds(), floor.Term, floor.Number).Int64Slice()
	if err != nil {
		return Lease{}, explain("acquire", err)
	}
	if len(got) != 2 {
		return Lease{}, fmt.Errorf("batch: acquire: the script returned %d values, expected 2", len(got))
	}
	if got[0] < 0 {
		return Lease{}, ErrNameTaken
	}
	if got[0] == 0 {
		return Lease{Node: node, Run: run, Left: time.Duration(max(got[1], 0)) * time.Millisecond}, nil
	}
	return Lease{Node: node, Run: run, Term: uint64(got[0]), Number: uint64(got[1])}, nil
}

// Release gives the lease and the node's name back, so that nobody need wait
// for them to run out, and takes the status with the lease.
func (s *Store) Release(ctx context.Context, l Lease) error {
	return s.releaseScript.Run(ctx, s.client, []string{s.lease, s.status, s.node + l.Node}, l.Run, l.Term).Err()
}

// Volunteer says for ttl that a run which stands by finds the source.
func (s *Store) Volunteer(ctx context.Context, run string, ttl time.Duration) error {
	return explain("volunteer", s.client.Set(ctx, s.able, run, ttl).Err())
}

// Writable reports why Redis takes nothing now, as ErrOutOfMemory; nil when it does.
func (s *Store) Writable(ctx context.Context) error {
	return explain("write", s.client.Set(ctx, s.probe, 1, time.Second).Err())
}

// Promoted reports whether this Redis took over from another, which may have shown
// batches that this one never got.
func (s *Store) Promoted(ctx context.Context) (bool, error) {
	promoted, err := s.promotedScript.Run(ctx, s.client, []string{s.head}).Bool()
	return promoted, explain("promoted", err)
}

// Yield gives the lease up where another run has volunteered, and reports whether it
// did. It is for a leader that does not find the source.
func (s *Store) Yield(ctx context.Context, l Lease) (bool, error) {
	yielded, err := s.yieldScript.Run(ctx, s.client, []string{s.lease, s.able}, l.Run, l.Term).Bool()
	return yielded, explain("yield", err)
}

// Publish makes a batch the newest one, in one atomic step. The frames are what
// changed since batch base, or with base 0 all there are, replacing the old ones.
// All frames are taken only over the batch that the lease says was published last,
// so that nothing shown is missing from what is recorded of it. Of a frame that
// stands in before, as batch base has it, only a delta travels where that is
// clearly shorter; before may be nil.
// It fails with ErrDeposed, ErrOld, ErrMoved, ErrIncomplete or ErrOutOfMemory, and then
// nothing changed; after any other error it is not known whether it did.
func (s *Store) Publish(ctx context.Context, l Lease, h Header, base uint64, frames []*Frame, before map[Key]*Frame) error {
	if base == 0 {
		before = nil
	}
	p, err := Pack(frames, before)
	if err != nil {
		return fmt.Errorf("batch %d: %w", h.Number, err)
	}
	return s.PublishPacked(ctx, l, h, base, p)
}

// Packed is the frames of a batch as they travel.
type Packed struct {
	args []any // three of each frame: key, number of its last change, body
	size int   // of all bodies, bytes
}

// Pack gives frames the form in which Publish sends them: of one that stands in before a
// delta where that is clearly shorter; before may be nil. It asks nobody, so that it can be
// done while a batch is recorded.
func Pack(frames []*Frame, before map[Key]*Frame) (Packed, error) {
	p := Packed{args: make([]any, 0, 3*len(frames))}
	for _, f := range frames {
		body, err := encode(f, before[f.Key()])
		if err != nil {
			return Packed{}, err
		}
		p.args = append(p.args, f.Key().String(), f.Changed, body)
		p.size += len(body)
	}
	return p, nil
}

// PublishPacked is Publish with frames that have been packed; for base 0 without a before.
func (s *Store) PublishPacked(ctx context.Context, l Lease, h Header, base uint64, p Packed) error {
	header, err := json.Marshal(h)
	if err != nil {
		return err
	}
	args := append([]any{l.Run, l.Term, h.Number, header, s.news, base, l.Number, s.hint}, p.args...)
	s.sent.Add(uint64(len(header) + p.size))
	said, err := s.publishScript.Run(ctx, s.client, []string{s.lease, s.head, s.frames, s.changed, s.deltas}, args...).Text()
	if err != nil {
		return explain("publish", err)
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

// encode gives the form in which a frame travels: as a delta from old where that is
// at most half as long. old may be nil.
func encode(f, old *Frame) ([]byte, error) {
	if old != nil {
		if d := f.DeltaFrom(old); d != nil {
			short, err := d.AppendLines(nil)
			if err != nil || 2*len(short) <= size(f.Rows) {
				return short, err
			}
		}
	}
	return f.AppendLines(nil)
}

// SetStatus says how the aggregator that holds the lease is, until ttl has passed; with
// hint, readers are told at once. It fails with ErrDeposed, and then nothing is said.
func (s *Store) SetStatus(ctx context.Context, l Lease, status Status, ttl time.Duration, hint bool) error {
	body, err := json.Marshal(status)
	if err != nil {
		return err
	}
	news := ""
	if hint {
		news = "status"
	}
	said, err := s.statusScript.Run(ctx, s.client, []string{s.lease, s.status}, l.Run, l.Term, body, ttl.Milliseconds(), s.news, news, s.hint).Text()
	if err == nil && said == "DEPOSED" {
		return ErrDeposed
	}
	return explain("status", err)
}

// Snapshot is the newest batch as a reader finds it.
type Snapshot struct {
	// Header is nil when nothing has been published yet.
	Header *Header
	// Status is nil when the aggregator is silent.
	Status *Status
	// Published is when the batch was published, Now when it was read, both by the
	// clock of Redis, which is one for all. Published is zero where nobody noted it.
	Published, Now time.Time
	// Frames are those that changed after the number the reader had.
	Frames []*Frame
	// Deltas counts those of the frames that travelled as deltas.
	Deltas int
}

// Load reads the newest batch, with the frames that changed after number since,
// in one atomic step. Since 0 gives every frame; when nothing newer than since
// is there, Frames is empty and Header is the one that is there.
func (s *Store) Load(ctx context.Context, since uint64) (Snapshot, error) {
	return s.load(ctx, since, nil)
}

// LoadOnto reads what Load reads, for a reader who holds the frames of batch since:
// where a frame has changed by a delta, only that travels and is applied. held
// is not changed.
func (s *Store) LoadOnto(ctx context.Context, since uint64, held map[Key]*Frame) (Snapshot, error) {
	if held == nil {
		return s.Load(ctx, since)
	}
	return s.LoadOver(ctx, since, func(k Key) *Frame { return held[k] })
}

// LoadOver is LoadOnto for a reader who keeps frames in another way: held gives the
// one that it has, nil for none.
func (s *Store) LoadOver(ctx context.Context, since uint64, held func(Key) *Frame) (Snapshot, error) {
	snap, err := s.load(ctx, since, held)
	if errors.Is(err, errMisfit) {
		// The reader holds something else than it thinks, as the frames of another
		// history that has the same numbers.
		return s.load(ctx, since, nil)
	}
	return snap, err
}

// errMisfit: the reader does not hold what a delta applies to.
var errMisfit = errors.New("batch: a delta does not apply to the frame that the reader holds")

func (s *Store) load(ctx context.Context, since uint64, held func(Key) *Frame) (Snapshot, error) {
	var snap Snapshot
	var from uint64
	if held != nil {
		from = since
	}
	out, err := s.loadScript.Run(ctx, s.client, []string{s.head, s.frames, s.changed, s.status, s.deltas}, since, from).StringSlice()
	if err != nil {
		return snap, explain("load", err)
	}
	if len(out) < 4 {
		return snap, fmt.Errorf("batch: load: the script returned %d values, expected at least 4", len(out))
	}
	if out[0] != "" {
		snap.Header = &Header{}
		if err := jsonv2.Unmarshal([]byte(out[0]), snap.Header); err != nil { // in half the time
			return snap, fmt.Errorf("batch: header in Redis: %w", err)
		}
	}
	if out[1] != "" {
		snap.Status = &Status{}
		if err := json.Unmarshal([]byte(out[1]), snap.Status); err != nil {
			return snap, fmt.Errorf("batch: status in Redis: %w", err)
		}
	}
	if snap.Published, err = serverTime(out[2]); err != nil {
		return snap, err
	}
	if snap.Now, err = serverTime(out[3]); err != nil {
		return snap, err
	}
	for _, body := range out[4:] {
		var f *Frame
		if strings.HasPrefix(body, "{") {
			f, err = ParseFrame(body)
		} else {
			snap.Deltas++
			f, err = catchUp(body, held)
		}
		if err != nil {
			return Snapshot{}, fmt.Errorf("batch %d in Redis: %w", snap.Header.Number, err)
		}
		snap.Frames = append(snap.Frames, f)
	}
	return snap, nil
}

// serverTime reads a time of the scripts; zero for none.
func serverTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	micro, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("batch: %q in Redis: microseconds are expected", text)
	}
	return time.UnixMicro(micro).UTC(), nil
}

// catchUp applies a delta to the frame that the reader holds.
func catchUp(body string, held func(Key) *Frame) (*Frame, error) {
	d, err := ParseDelta(body)
	if err != nil {
		return nil, err
	}
	old := held(d.Key())
	if old == nil {
		return nil, fmt.Errorf("%s: %w", d.Key(), errMisfit)
	}
	f, err := old.Apply(d)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMisfit, err)
	}
	return f, nil
}

// Claim takes the right to do something for a while; false: another process has it. It is
// not given back: what is done then must be noted elsewhere.
func (s *Store) Claim(ctx context.Context, name string, during time.Duration) (bool, error) {
	got, err := s.client.SetNX(ctx, s.claim+name, 1, during).Result()
	return got, explain("claim", err)
}
