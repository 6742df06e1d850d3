package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/cenkalti/backoff/v5"

	"liaowang/queries"
)

// land takes the delivery in.
func (r *run) land(ctx context.Context, s *source) (*Answer, error) {
	e := r.entry
	repeated, resumed := e.done, e.chunks
	if e.version == 0 {
		if err := r.retry(ctx, func() error { return e.write(ctx, r.Conn) }); err != nil {
			return nil, err
		}
	}
	last := uint64(0)
	err := s.each(func(k *chunk) error {
		if k.rows == 0 {
			return nil
		}
		number := uint64(k.number)
		last = number
		switch {
		case number < resumed:
		case number == resumed:
			if k.fingerprint != e.fingerprint {
				return r.otherContent()
			}
			if !e.done {
				r.turn.Lock()
				err := r.settle(ctx, k, marks(e.landing))
				r.turn.Unlock()
				if err != nil {
					return err
				}
			}
		case repeated:
			return r.otherContent()
		default:
			if err := r.decide(ctx, k); err != nil {
				return err
			}
		}
		r.progress(k)
		return nil
	})
	if err == nil && last < resumed {
		err = r.otherContent()
	}
	if err != nil {
		return nil, err
	}
	if !e.done {
		e.done, e.ended, e.landing = true, r.Now(), nil
		if err := r.retry(ctx, func() error { return e.write(ctx, r.Conn) }); err != nil {
			return nil, err
		}
	}
	a := &Answer{Delivery: e.delivery, Table: e.target, Accepted: e.accepted, Rejected: e.rejected, Duplicate: e.repeats, Repeated: repeated}
	err = r.retry(ctx, func() (err error) {
		a.Quarantine, err = readFlaws(ctx, r.Conn, e.delivery, e.target)
		return err
	})
	return a, err
}

func (r *run) otherContent() error {
	return refuse("other_content", "delivery %s for %s was taken, or begun, with other content or under another key: give this file an id of its own, or send the same file again", r.entry.delivery, r.entry.target).status(409)
}

func (r *run) progress(k *chunk) {
	r.rows += int64(k.rows)
	if r.delivery.Progress != nil {
		r.delivery.Progress(r.rows, k.read)
	}
}

// decide judges a chunk that no run has judged yet, notes the judgement in the
// ledger, and lands what is accepted.
func (r *run) decide(ctx context.Context, k *chunk) error {
	// Between looking up and landing nobody else of this process may write the table.
	r.turn.Lock()
	defer r.turn.Unlock()
	r.judge(k)
	var all []standing
	var epoch int
	err := r.retry(ctx, func() (err error) {
		if epoch, err = r.lease.sure(ctx); err != nil {
			return err
		}
		all, err = r.contract.there(ctx, r.Conn, k)
		return err
	})
	if err != nil {
		return err
	}
	m := newMarks(k.rows)
	accepted, repeats := uint64(0), uint64(0)
	for n, s := range all {
		switch s {
		case standingNew, standingChanged:
			m.set(k.good[n])
			accepted++
		case standingSame:
			repeats++
		}
	}
	k.refuseStanding(all)
	e := *r.entry
	e.accepted += accepted
	e.repeats += repeats
	e.rejected += uint64(k.bad)
	e.chunks, e.attempt, e.fingerprint, e.landing = uint64(k.number), 1, k.fingerprint, m
	if err := r.retry(ctx, func() error { return e.quarantine(ctx, r.Conn, k.flaws, r.Now()) }); err != nil {
		return err
	}
	if err := r.retry(ctx, func() error { return e.write(ctx, r.Conn) }); err != nil {
		return err
	}
	*r.entry = e
	if err := r.insert(ctx, k, m, epoch); err != nil {
		if !transient(err) {
			return err
		}
		// Whether it landed is unknown now, as it is after a crash of our own, and so is
		// what others did if the lease lapsed.
		return r.settle(ctx, k, m)
	}
	return nil
}

// judge refuses good rows for what the province knows besides the contract:
// regions, and how long rows are kept.
func (r *run) judge(k *chunk) {
	c := r.contract
	refused := make([]bool, len(k.good))
	mark := func(n int, place int, reason string) {
		if reason != "" {
			k.flaws = append(k.flaws, Flaw{Line: k.lines[n], Column: c.fields[place].Name, Reason: reason})
			refused[n] = true
		}
	}
	for i := range c.fields {
		f := &c.fields[i]
		for n := range k.good {
			switch {
			case c.table.Name == "regions":
			case f.Type == queries.FieldVillage:
				mark(n, i, r.regions.village(k.nums[i][n]))
			case f.Type == queries.FieldRegion && !(f.Optional && k.nulls[i][n]):
				mark(n, i, r.regions.region(k.nums[i][n]))
			}
		}
	}
	if c.keepColumn >= 0 {
		oldest := uint64(max(0, r.Now().AddDate(0, 0, -c.keepDays).UnixMilli()))
		for n, at := range k.nums[c.keepColumn] {
			if at < oldest {
				mark(n, c.keepColumn, fmt.Sprintf("is longer ago than the %d days that rows of this table are kept", c.keepDays))
			}
		}
	}
	k.drop(refused)
}

// refuseStanding notes good rows as refused for what is there; they stay among the
// good ones, unmarked.
func (k *chunk) refuseStanding(all []standing) {
	for n, s := range all {
		f := Flaw{Line: k.lines[n]}
		switch s {
		case standingStale:
			f.Column, f.Reason = versionField.Name, reasonStale
		case standingTwice:
			f.Column, f.Reason = versionField.Name, reasonTwice
		case standingConflict:
			f.Reason = reasonConflict
		default:
			continue
		}
		k.flaws = append(k.flaws, f)
		k.bad++
	}
}

// drop takes refused rows out of the good ones.
func (k *chunk) drop(refused []bool) {
	if !slices.Contains(refused, true) {
		return
	}
	for _, r := range refused {
		if r {
			k.bad++
		}
	}
	k.good, k.lines, k.explicit = without(k.good, refused), without(k.lines, refused), without(k.explicit, refused)
	for i := range k.nums {
		k.nums[i], k.texts[i], k.nulls[i] = without(k.nums[i], refused), without(k.texts[i], refused), without(k.nulls[i], refused)
	}
}

func without[T any](s []T, refused []bool) []T {
	if len(s) == 0 {
		return s
	}
	kept := s[:0]
	for i, v := range s {
		if !refused[i] {
			kept = append(kept, v)
		}
	}
	return kept
}

// settle lands a chunk of which nobody knows whether it has landed.
func (r *run) settle(ctx context.Context, k *chunk, m marks) error {
	return r.retry(ctx, func() error {
		epoch, err := r.lease.sure(ctx)
		if err != nil {
			return err
		}
		if r.contract.table.Kind == queries.KindEvent {
			if err := r.quiet(ctx, k); err != nil {
				return err
			}
			there, accepted, err := r.landed(ctx, k, m)
			if err != nil {
				return err
			}
			if len(there) == accepted {
				return r.mend(ctx, k, m)
			}
			// They arrive as one part: what is there of them is another delivery's, that
			// was taken meanwhile, and is in the rollups by that.
			e := *r.entry
			m = newMarks(k.rows)
			var conflicts []Flaw
			for n, place := range k.good {
				if !marks(r.entry.landing).has(place) {
					continue
				}
				have := there[r.contract.key(k, n)]
				switch {
				case have == nil:
					m.set(place)
					continue
				case r.contract.sameEvent(k, n, have):
					e.repeats++
				default:
					conflicts = append(conflicts, Flaw{Line: k.lines[n], Reason: reasonConflict})
					e.rejected++
				}
				e.accepted--
			}
			if err := e.quarantine(ctx, r.Conn, conflicts, r.Now()); err != nil {
				return err
			}
			// ClickHouse may have noted the token and not kept the rows: a new one.
			e.attempt++
			e.landing = m
			if err := e.write(ctx, r.Conn); err != nil {
				return err
			}
			*r.entry = e
		}
		return r.insert(ctx, k, m, epoch)
	})
}

// quiet waits until no insert of the chunk runs any more: one goes on in ClickHouse
// when the process that sent it is killed, or its connection lost.
func (r *run) quiet(ctx context.Context, k *chunk) error {
	token := fmt.Sprintf("%s/%s/%d/", r.entry.delivery, r.entry.target, k.number)
	for {
		var running uint64
		if err := r.Conn.QueryRow(ctx, "SELECT count() FROM system.processes WHERE startsWith(Settings['insert_deduplication_token'], {token:String})", clickhouse.Named("token", token)).Scan(&running); err != nil {
			return fmt.Errorf("inserts that still run: %w", err)
		}
		if running == 0 {
			return nil
		}
		select {
		case <-time.After(quietPause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// quietPause is how often it is asked whether an insert still runs.
const quietPause = 100 * time.Millisecond

// landed looks up the accepted rows of a chunk: those that are in the table, and
// how many they are.
func (r *run) landed(ctx context.Context, k *chunk, m marks) (map[rowKey]*state, int, error) {
	keys := map[rowKey]int32{}
	for n, place := range k.good {
		if m.has(place) {
			keys[r.contract.key(k, n)] = int32(n)
		}
	}
	if len(keys) == 0 {
		return nil, 0, nil
	}
	found, err := r.contract.lookUp(ctx, r.Conn, k, keys)
	return found, len(keys), err
}

// insertComment marks an insert of intake's among what ClickHouse runs.
const insertComment = "liaowang:intake insert"

// insert writes the rows of a chunk that are marked, as one block under one token,
// if the lease has been held since the table was looked into.
func (r *run) insert(ctx context.Context, k *chunk, m marks, epoch int) error {
	if !r.lease.stands(epoch) {
		return errLapsed
	}
	return r.insertInto(ctx, r.contract.table.Name, k, m)
}

func (r *run) insertInto(ctx context.Context, table string, k *chunk, m marks) error {
	picked := make([]int, 0, len(k.good))
	for n, place := range k.good {
		if m.has(place) {
			picked = append(picked, n)
		}
	}
	if len(picked) == 0 {
		return nil
	}
	c := r.contract
	names := make([]string, len(c.fields))
	types := make([]clickhouse.ColumnNameAndType, len(c.fields))
	for i := range c.fields {
		names[i], types[i] = c.fields[i].Name, clickhouse.ColumnNameAndType{Name: c.fields[i].Name, Type: r.stored[i]}
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithColumnNamesAndTypes(types), clickhouse.WithSettings(clickhouse.Settings{
		"insert_deduplicate":                                 1,
		"insert_deduplication_token":                         fmt.Sprintf("%s/%s/%d/%d", r.entry.delivery, r.entry.target, k.number, r.entry.attempt),
		"deduplicate_blocks_in_dependent_materialized_views": 1,
		"async_insert":                                       0,
		// One block, so one part: all of it is there or nothing.
		"max_insert_threads":          1,
		"min_insert_block_size_rows":  chunkRows,
		"min_insert_block_size_bytes": 256 << 20,
		"log_comment":                 insertComment,
	}))
	b, err := r.Conn.PrepareBatch(ctx, "INSERT INTO "+table+" ("+strings.Join(names, ", ")+")")
	if err != nil {
		return fmt.Errorf("insert into %s: %w", c.table.Name, err)
	}
	defer b.Close()
	for i := range c.fields {
		if err := c.fields[i].append(b.Column(i), r.stored[i], k, i, picked); err != nil {
			return fmt.Errorf("insert into %s: column %s: %w", c.table.Name, c.fields[i].Name, err)
		}
	}
	if err := b.Send(); err != nil {
		return fmt.Errorf("insert into %s: %w", c.table.Name, err)
	}
	return nil
}

// patience is how long a run waits for a ClickHouse that does not answer.
const patience = 2 * time.Minute

// retry repeats a step that may be repeated while ClickHouse is away or overloaded.
func (r *run) retry(ctx context.Context, step func() error) error {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = 100*time.Millisecond, 3*time.Second
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := step()
		if err != nil && !transient(err) {
			return struct{}{}, backoff.Permanent(err)
		}
		if err != nil {
			r.Logger.Warn("intake waits for ClickHouse", "delivery", r.delivery.ID, "table", r.delivery.Table, "err", err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(pause), backoff.WithMaxElapsedTime(patience))
	return err
}

// transient reports whether an error may be gone the next time.
func transient(err error) bool {
	if errors.Is(err, errLapsed) {
		return true
	}
	var exception *clickhouse.Exception
	if errors.As(err, &exception) {
		// Timeout, memory, too many parts, too many queries, network, readonly for now.
		return slices.Contains([]int32{159, 202, 209, 210, 241, 252, 236, 394}, exception.Code)
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.EPIPE)
}
