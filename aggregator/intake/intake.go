package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"liaowang/queries"
)

// Options of an Intake. Conn, Schema and Key are needed.
type Options struct {
	Conn   driver.Conn
	Schema *queries.Schema
	Key    *Key
	// Now is the clock. Default time.Now.
	Now    func() time.Time
	Logger *slog.Logger
	// ChunkRows is how many rows land at a time. A delivery that was cut off goes on
	// only under the same. Default 100,000, which is the most too.
	ChunkRows int
	// Spool is the folder for Parquet files that come as a stream, SpoolLimit the
	// most that one may take there. Default: the system's, 20 GiB.
	Spool      string
	SpoolLimit int64
	// Idle is how long a sender over HTTP may pause. Default 60 seconds.
	Idle time.Duration
	// Serials are key columns (household, visit …) whose numbers are serials of 11
	// digits: of those one in sixteen looks like a mobile phone number, and is refused
	// where it is not said that it is none.
	Serials []string
	// LeaseLife is how long a process that says nothing keeps other processes from a
	// table that it was writing. Default 15 seconds.
	LeaseLife time.Duration
}

// Intake takes deliveries.
type Intake struct {
	Options
	mu     sync.Mutex
	tables map[string]*sync.Mutex // held while a table's chunk is looked up and landed
	active map[[2]string]bool
	leases map[string]*lease
	holder holder
}

// New makes an Intake.
func New(o Options) *Intake {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.ChunkRows <= 0 || o.ChunkRows > chunkRows {
		o.ChunkRows = chunkRows
	}
	if o.SpoolLimit == 0 {
		o.SpoolLimit = 20 << 30
	}
	if o.Idle == 0 {
		o.Idle = time.Minute
	}
	if o.LeaseLife == 0 {
		o.LeaseLife = leaseLife
	}
	return &Intake{Options: o, tables: map[string]*sync.Mutex{}, active: map[[2]string]bool{}, leases: map[string]*lease{}, holder: newHolder()}
}

// Delivery is a file for a table.
type Delivery struct {
	// ID is the sender's name for the delivery: sent again under the same, it counts once.
	ID    string
	Table string
	// File is the file's name, for people who look for a row.
	File   string
	Format Format
	// Content is the file, compressed or not. A Parquet file that is no io.ReaderAt
	// is spooled.
	Content io.Reader
	// DryRun compares the delivery with what is there, and writes nothing.
	DryRun bool
	// Progress is told how many rows are dealt with and bytes read; it must be quick.
	Progress func(rows, bytes int64)
}

// Answer says what became of a delivery. Accepted, rejected and duplicate rows
// are all its rows.
type Answer struct {
	Delivery  string `json:"delivery"`
	Table     string `json:"table"`
	Accepted  uint64 `json:"accepted"`
	Rejected  uint64 `json:"rejected"`
	Duplicate uint64 `json:"duplicate"`
	// Repeated: the delivery had been taken before, and counts once.
	Repeated bool `json:"repeated,omitempty"`
	// Comparison is that of a dry run.
	Comparison *Comparison `json:"comparison,omitempty"`
	// Quarantine are the first flaws.
	Quarantine []Flaw `json:"quarantine"`
}

var (
	idForm      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$`)
	maxFileName = 200
)

// Take takes a delivery. An error that is a *Refusal says why the file as a whole
// is not taken; after any other, the same delivery can be sent again.
func (in *Intake) Take(ctx context.Context, d Delivery) (*Answer, error) {
	c, err := newContract(in.Schema, d.Table)
	if err != nil {
		return nil, err
	}
	c.takeSerials(in.Serials)
	if !idForm.MatchString(d.ID) || personalKept(d.ID) != "" {
		return nil, refuse("bad_delivery", "the id of a delivery must be 1 to 100 letters, digits and . _ : - and no number of a person").status(400)
	}
	if len(d.File) > maxFileName || !utf8.ValidString(d.File) || personalKept(d.File) != "" || strings.ContainsFunc(d.File, unicode.IsControl) {
		d.File = "(name not kept)"
	}
	turn, release, err := in.begin(d)
	if err != nil {
		return nil, err
	}
	defer release()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &run{Intake: in, contract: c, delivery: d, turn: turn}
	if err := r.prepare(ctx); err != nil {
		return nil, err
	}
	source, err := r.open()
	if err != nil {
		return nil, err
	}
	defer close(source.stop)
	if d.DryRun {
		return r.compare(ctx, source)
	}
	lease, done, err := r.hold(ctx, d.Table)
	if err != nil {
		return nil, err
	}
	defer done()
	r.lease = lease
	if err := r.retry(ctx, func() error { return r.recordKey(ctx) }); err != nil {
		return nil, err
	}
	return r.land(ctx, source)
}

// begin notes that the delivery is being taken, so that it is not twice at a time.
// It gives the table's turn too.
func (in *Intake) begin(d Delivery) (*sync.Mutex, func(), error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	name := [2]string{d.ID, d.Table}
	if in.active[name] {
		return nil, nil, refuse("in_progress", "delivery %s for %s is being taken right now: wait for its answer", d.ID, d.Table).status(409)
	}
	in.active[name] = true
	if in.tables[d.Table] == nil {
		in.tables[d.Table] = &sync.Mutex{}
	}
	return in.tables[d.Table], func() {
		in.mu.Lock()
		defer in.mu.Unlock()
		delete(in.active, name)
	}, nil
}

// run is one delivery being taken.
type run struct {
	*Intake
	contract *contract
	delivery Delivery
	turn     *sync.Mutex
	lease    *lease
	entry    *entry
	stored   []string // types of the contract's columns in ClickHouse
	regions  *regions
	rows     int64
}

// prepare reads what must be known before the file is looked at.
func (r *run) prepare(ctx context.Context) error {
	return r.retry(ctx, func() (err error) {
		if r.stored, err = r.contract.storedTypes(ctx, r.Conn); err != nil {
			return err
		}
		if r.regions, err = readRegions(ctx, r.Conn); err != nil {
			return err
		}
		if err = r.checkKey(ctx); err != nil {
			return err
		}
		r.entry, err = readEntry(ctx, r.Conn, r.delivery.ID, r.delivery.Table)
		return err
	})
}

// source gives a file's chunks, one ahead of who takes them.
type source struct {
	chunks chan *chunk
	free   chan *chunk
	err    error         // once chunks is closed
	stop   chan struct{} // closed when nobody takes any more
}

// counted counts the bytes of the file that have been read.
type counted struct {
	io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

// open opens the file and refuses it if its columns are not the contract's.
// Nothing has been written then.
func (r *run) open() (*source, error) {
	moment := r.Now()
	if r.entry != nil {
		moment = r.entry.begun
	}
	in := &counted{Reader: r.delivery.Content}
	reader, done, err := r.reader(in)
	if err != nil {
		return nil, err
	}
	z := newChunker(r.contract, reader, r.Key, uint64(moment.UnixMilli()))
	z.rows = r.ChunkRows
	if r.entry == nil {
		r.entry = &entry{delivery: r.delivery.ID, target: r.delivery.Table, begun: moment.Truncate(time.Millisecond)}
	}
	r.entry.file = r.delivery.File
	s := &source{chunks: make(chan *chunk), free: make(chan *chunk, 2), stop: make(chan struct{})}
	s.free <- r.contract.newChunk()
	s.free <- r.contract.newChunk()
	go func() {
		defer close(s.chunks)
		defer done()
		// The process that takes deliveries feeds the wall too: no file may end it.
		defer func() {
			if v := recover(); v != nil {
				// What was thrown may quote the file; where it was does not.
				r.Logger.Error("reading a delivery panicked", "delivery", r.delivery.ID, "table", r.delivery.Table, "stack", string(debug.Stack()))
				s.err = refuse("unreadable", "the file cannot be read: tell those who run the server, whose log says where it failed. Rows before have been dealt with")
			}
		}()
		for {
			select {
			case k := <-s.free:
				s.err = z.next(k, func(err error) bool { return errors.Is(err, io.EOF) })
				k.read = in.n
				if s.err != nil {
					return
				}
				select {
				case s.chunks <- k:
					if k.last {
						return
					}
				case <-s.stop:
					return
				}
			case <-s.stop:
				return
			}
		}
	}()
	return s, nil
}

// reader opens the rows of the file.
func (r *run) reader(in *counted) (rowReader, func(), error) {
	d := &r.delivery
	if f, ok := d.Content.(*os.File); ok && d.Format == Parquet && startsWith(f, "PAR1") {
		info, err := f.Stat()
		if err != nil {
			return nil, nil, err
		}
		z, err := newParquet(f, info.Size(), r.contract)
		if err != nil {
			return nil, nil, err
		}
		return z, z.close, nil
	}
	plain, done, err := decompress(in)
	if err != nil {
		return nil, nil, err
	}
	if d.Format == Parquet {
		z, remove, err := r.spool(plain, in)
		done()
		if err != nil {
			return nil, nil, err
		}
		return z, func() { z.close(); remove() }, nil
	}
	z, err := openRows(d.Format, plain, r.contract)
	if err != nil {
		done()
		return nil, nil, err
	}
	return z, done, nil
}

func startsWith(f *os.File, magic string) bool {
	head := make([]byte, len(magic))
	_, err := f.ReadAt(head, 0)
	return err == nil && string(head) == magic
}

// spool keeps a Parquet file that comes as a stream: reading it begins at its end.
func (r *run) spool(in io.Reader, came *counted) (*parquetReader, func(), error) {
	f, err := os.CreateTemp(r.Spool, "liaowang-intake-*.parquet")
	if err != nil {
		return nil, nil, fmt.Errorf("spool: %w", err)
	}
	// The name goes at once, the file when it is closed, by a crash too.
	if err := os.Remove(f.Name()); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("spool: %w", err), f.Close())
	}
	remove := func() { _ = f.Close() }
	size, err := io.Copy(f, io.LimitReader(&inflated{Reader: in, came: came}, r.SpoolLimit+1))
	if err == nil && size > r.SpoolLimit {
		err = refuse("too_large", "the Parquet file is larger than %d bytes: divide it, or hand it over on the server with liaowang intake", r.SpoolLimit).status(413)
	}
	if err != nil {
		remove()
		return nil, nil, err
	}
	z, err := newParquet(f, size, r.contract)
	if err != nil {
		remove()
		return nil, nil, err
	}
	return z, remove, nil
}

// Parquet is compressed within; compressed again, it becomes little smaller. What
// grows beyond this is made to fill a disk.
const (
	inflateFree = 64 << 20
	inflateMost = 100
)

// inflated ends a stream that is much larger than what came of it.
type inflated struct {
	io.Reader
	came *counted
	size int64
}

func (i *inflated) Read(p []byte) (int, error) {
	n, err := i.Reader.Read(p)
	if i.size += int64(n); i.size > inflateFree && i.size/inflateMost > i.came.n {
		return n, refuse("too_large", "the compressed Parquet file becomes more than %d times as large: send it as it is", inflateMost).status(413)
	}
	return n, err
}

// each gives every chunk to f, in order.
func (s *source) each(f func(*chunk) error) error {
	for k := range s.chunks {
		if err := f(k); err != nil {
			return err
		}
		s.free <- k
	}
	return s.err
}
