package intake

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// leaseLife is how long a process that says nothing keeps a table to itself.
const leaseLife = 15 * time.Second

// errLapsed says that the lease was lost, or may have been, between a look into the
// table and the insert that follows it. What was seen may be true no more.
var errLapsed = errors.New("the lease of the table lapsed while a chunk was landing")

// holder is an Intake among those that write the same database.
type holder struct {
	name, place, process string
}

func newHolder() holder {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	host, _ := os.Hostname()
	if host == "" {
		host = "an unnamed host"
	}
	return holder{hex.EncodeToString(b), fmt.Sprintf("process %d on %s", os.Getpid(), host), thisProcess()}
}

// lease keeps other processes from writing what is called target: a table, or
// whatever else two must not do at a time. All deliveries of an Intake for a table
// share one.
//
// A process first writes its claim, then looks for claims of others: of two that
// begin together at least one sees the other, and goes back. A claim that is not
// renewed for leaseLife, by the server's clock, is void, and so is one of a process
// that this host knows to be dead.
type lease struct {
	in     *Intake
	target string
	users  int // guarded by Intake.mu

	mu sync.Mutex
	// renewed is when the last claim that is known to stand was sent.
	renewed time.Time
	// epoch grows whenever the lease was taken anew, since others may have held it
	// before.
	epoch int
	stop  context.CancelFunc
	ended chan struct{}
}

// claim is what the table intake_leases says of another holder.
type claim struct {
	holder, place, process string
	renewed                time.Time
	live                   bool
}

// borrow gives the Intake's lease of target, and what ends the use of it.
func (in *Intake) borrow(ctx context.Context, target string) (*lease, func(), error) {
	in.mu.Lock()
	l := in.leases[target]
	if l == nil {
		l = &lease{in: in, target: target}
		in.leases[target] = l
	}
	l.users++
	in.mu.Unlock()
	done := func() {
		in.mu.Lock()
		l.users--
		last := l.users == 0
		if last {
			delete(in.leases, target)
		}
		in.mu.Unlock()
		if last {
			l.release(ctx)
		}
	}
	if _, err := l.sure(ctx); err != nil {
		done()
		return nil, nil, err
	}
	return l, done, nil
}

// hold is borrow for a delivery: it waits for a ClickHouse that is away.
func (r *run) hold(ctx context.Context, target string) (l *lease, done func(), err error) {
	err = r.retry(ctx, func() (err error) {
		l, done, err = r.borrow(ctx, target)
		return err
	})
	return l, done, err
}

// stands reports whether the lease is held and has been since epoch.
func (l *lease) stands(epoch int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.epoch == epoch && l.fresh()
}

// fresh leaves a third of the lease's life to what is done under it.
func (l *lease) fresh() bool {
	return l.epoch > 0 && time.Since(l.renewed) < l.in.LeaseLife*2/3
}

// sure takes the lease where it is not held. It waits for a holder that may be dead
// until its claim is void, and refuses where another goes on renewing it.
func (l *lease) sure(ctx context.Context) (epoch int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fresh() {
		return l.epoch, nil
	}
	seen := map[string]time.Time{}
	for {
		others, err := l.in.claims(ctx, l.target)
		if err != nil {
			return 0, err
		}
		live := slices.IndexFunc(others, func(c claim) bool { return c.live })
		if live < 0 {
			sent := time.Now()
			if err := l.in.write(ctx, l.target, l.in.holder, false); err != nil {
				return 0, err
			}
			if others, err = l.in.claims(ctx, l.target); err != nil {
				return 0, err
			}
			if live = slices.IndexFunc(others, func(c claim) bool { return c.live }); live < 0 {
				if err := l.taken(ctx, others); err != nil {
					return 0, err
				}
				l.renewed = sent
				l.epoch++
				l.keep()
				return l.epoch, nil
			}
			// Both wrote at the same moment: both go back.
			if err := l.in.write(ctx, l.target, l.in.holder, true); err != nil {
				return 0, err
			}
		}
		c := others[live]
		if before, ok := seen[c.holder]; ok && c.renewed.After(before) {
			return 0, refuse("written_elsewhere", "table %s is being written by %s: two processes must not write one table at a time. Wait until it has finished and send the same file again, or deliver through that process", l.target, c.place).status(409)
		}
		for _, c := range others {
			if _, ok := seen[c.holder]; !ok {
				seen[c.holder] = c.renewed
			}
		}
		select {
		case <-time.After(l.in.LeaseLife/20 + mathrand.N(l.in.LeaseLife/20)): // not in step with the other
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// taken waits for inserts that outlived the processes that held the lease before,
// and makes their claims void for good.
func (l *lease) taken(ctx context.Context, dead []claim) error {
	for _, c := range dead {
		if err := l.in.write(ctx, l.target, holder{c.holder, c.place, c.process}, true); err != nil {
			return err
		}
	}
	for {
		var running uint64
		if err := l.in.Conn.QueryRow(ctx, "SELECT count() FROM system.processes WHERE Settings['log_comment'] = {comment:String} AND position(Settings['insert_deduplication_token'], {target:String}) > 0",
			clickhouse.Named("comment", insertComment), clickhouse.Named("target", "/"+l.target+"/")).Scan(&running); err != nil {
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

// keep begins to renew the claim. A lease that was not renewed in time is left to
// the next that asks for it: others may have taken it.
func (l *lease) keep() {
	if l.stop != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	l.stop, l.ended = cancel, make(chan struct{})
	go func() {
		defer close(l.ended)
		tick := time.NewTicker(l.in.LeaseLife / 4)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			l.mu.Lock()
			if l.fresh() {
				sent := time.Now()
				bounded, cancel := context.WithTimeout(ctx, l.in.LeaseLife/3)
				if err := l.in.write(bounded, l.target, l.in.holder, false); err == nil {
					l.renewed = sent
				} else if ctx.Err() == nil {
					l.in.Logger.Warn("a lease could not be renewed", "table", l.target, "err", err)
				}
				cancel()
			}
			l.mu.Unlock()
		}
	}()
}

// release ends the lease. A claim that cannot be withdrawn becomes void by itself.
func (l *lease) release(ctx context.Context) {
	if l.stop != nil {
		l.stop()
		<-l.ended
	}
	if l.epoch == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.in.LeaseLife/3)
	defer cancel()
	if err := l.in.write(ctx, l.target, l.in.holder, true); err != nil {
		l.in.Logger.Warn("a lease could not be given back; it ends by itself", "table", l.target, "err", err)
	}
}

// write makes a claim the newest of its holder. The moment is the server's: clocks
// of processes differ.
func (in *Intake) write(ctx context.Context, target string, h holder, released bool) error {
	err := in.Conn.Exec(ctx, `INSERT INTO intake_leases (target, holder, place, process, renewed_at, released, version)
		SELECT {target:String}, {holder:String}, {place:String}, {process:String}, now64(3), {released:Bool}, toUnixTimestamp64Nano(now64(9))`,
		clickhouse.Named("target", target), clickhouse.Named("holder", h.name), clickhouse.Named("place", h.place), clickhouse.Named("process", h.process), clickhouse.Named("released", released))
	if err != nil {
		return fmt.Errorf("lease of %s: %w", target, err)
	}
	return nil
}

// claims are those of others that have not been withdrawn.
func (in *Intake) claims(ctx context.Context, target string) ([]claim, error) {
	rows, err := in.Conn.Query(ctx, `SELECT holder, place, process, renewed_at, toUInt8(renewed_at > now64(3) - toIntervalMillisecond({life:UInt32}))
		FROM intake_leases FINAL WHERE target = {target:String} AND holder != {holder:String} AND NOT released ORDER BY renewed_at DESC`,
		clickhouse.Named("life", uint32(in.LeaseLife.Milliseconds())), clickhouse.Named("target", target), clickhouse.Named("holder", in.holder.name))
	if err != nil {
		return nil, fmt.Errorf("lease of %s: %w", target, err)
	}
	defer rows.Close()
	var all []claim
	for rows.Next() {
		var c claim
		var recent uint8
		if err := rows.Scan(&c.holder, &c.place, &c.process, &c.renewed, &recent); err != nil {
			return nil, fmt.Errorf("lease of %s: %w", target, err)
		}
		c.live = recent != 0 && !provedDead(c.process, in.holder.process)
		all = append(all, c)
	}
	return all, rows.Err()
}
