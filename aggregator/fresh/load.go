package fresh

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// loadedRows is how many rows one insert of the load holds.
const loadedRows = 100

// loader changes rows of households that are there, and reports visits to them, at a
// steady rate. It changes no figure that a change is waited for by.
type loader struct {
	conn driver.Conn
	rate int
	now  func() time.Time
	all  []household
	done chan struct{}
	rows int
	err  error
}

type household struct {
	key, village uint64
	kind, state  string
	causes       []string
	persons      uint8
	recognised   time.Time
	version      uint64
	hasOneMore   bool
}

func newLoader(ctx context.Context, o Options) (*loader, error) {
	l := &loader{conn: o.Warehouse.Conn(), rate: o.Load, now: o.Now, done: make(chan struct{})}
	rows, err := l.conn.Query(ctx, "SELECT household, village, toString(type), arrayMap(c -> toString(c), causes), toUInt8(persons), toString(state), recognised_at, version FROM households FINAL WHERE state IN ('monitored', 'eliminated') AND persons < 30")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var h household
		if err := rows.Scan(&h.key, &h.village, &h.kind, &h.causes, &h.persons, &h.state, &h.recognised, &h.version); err != nil {
			return nil, err
		}
		l.all = append(l.all, h)
	}
	return l, rows.Err()
}

// run inserts until ctx is done: of every two inserts one changes households, and
// one reports visits.
func (l *loader) run(ctx context.Context) {
	defer close(l.done)
	r := rand.New(rand.NewPCG(46, 4))
	tick := time.NewTicker(time.Second * loadedRows / time.Duration(l.rate))
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		write := l.change
		if n%2 == 1 {
			write = l.visit
		}
		if l.err = write(ctx, r); l.err != nil {
			return
		}
		l.rows += loadedRows
	}
}

// end waits for the last insert.
func (l *loader) end() (int, error) {
	<-l.done
	if errors.Is(l.err, context.Canceled) {
		return l.rows, nil
	}
	return l.rows, l.err
}

func (l *loader) change(ctx context.Context, r *rand.Rand) error {
	insert, err := l.conn.PrepareBatch(ctx, "INSERT INTO households (household, village, type, causes, persons, state, recognised_at, version)")
	if err != nil {
		return err
	}
	defer insert.Close()
	for range loadedRows {
		h := &l.all[r.IntN(len(l.all))]
		if h.version++; h.hasOneMore {
			h.persons--
		} else {
			h.persons++
		}
		h.hasOneMore = !h.hasOneMore
		if err := insert.Append(h.key, h.village, h.kind, h.causes, h.persons, h.state, h.recognised, h.version); err != nil {
			return err
		}
	}
	return insert.Send()
}

func (l *loader) visit(ctx context.Context, r *rand.Rand) error {
	insert, err := l.conn.PrepareBatch(ctx, "INSERT INTO visits (visit, household, village, at, kind, result)")
	if err != nil {
		return err
	}
	defer insert.Close()
	for range loadedRows {
		h := l.all[r.IntN(len(l.all))]
		if err := insert.Append(r.Uint64(), h.key, h.village, l.now(), "survey", "no_risk"); err != nil {
			return err
		}
	}
	return insert.Send()
}
