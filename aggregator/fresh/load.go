package fresh

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"liaowang/queries/warehouse"
)

// loader changes rows of households that are there, and reports visits to them, at a
// steady rate. It changes no figure that a change is waited for by.
//
// It writes as intake does: two deliverers, each with a table of its own, whose
// deliveries are landed as one block of rows, column by column, without asking for the
// types of the columns again. A changed row is a row of such a block.
type loader struct {
	conn    driver.Conn
	block   int           // rows of one insert
	every   time.Duration // from one insert of a deliverer to its next
	now     func() time.Time
	all     []household
	visits  []clickhouse.ColumnNameAndType
	changes []clickhouse.ColumnNameAndType
	done    chan struct{}
	rows    int
	err     error
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

// DefaultBlock is how many rows an insert of the load holds unless the options say
// something else. Intake lands up to 100,000 in one.
const DefaultBlock = 500

func newLoader(ctx context.Context, o Options) (*loader, error) {
	block := o.Block
	if block == 0 {
		block = DefaultBlock
	}
	l := &loader{conn: o.Warehouse.Conn(), block: block, every: 2 * time.Second * time.Duration(block) / time.Duration(o.Load), now: o.Now, done: make(chan struct{})}
	var err error
	if l.changes, err = columns(ctx, o.Warehouse, "households", "household", "village", "type", "causes", "persons", "state", "recognised_at", "version"); err != nil {
		return nil, err
	}
	if l.visits, err = columns(ctx, o.Warehouse, "visits", "visit", "household", "village", "at", "kind", "result"); err != nil {
		return nil, err
	}
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

// columns gives the columns of a table that are written, with their types.
func columns(ctx context.Context, w *warehouse.Warehouse, table string, names ...string) ([]clickhouse.ColumnNameAndType, error) {
	rows, err := w.Conn().Query(ctx, "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String}", clickhouse.Named("table", table))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := make([]clickhouse.ColumnNameAndType, len(names))
	for rows.Next() {
		var c clickhouse.ColumnNameAndType
		if err := rows.Scan(&c.Name, &c.Type); err != nil {
			return nil, err
		}
		if i := slices.Index(names, c.Name); i >= 0 {
			all[i] = c
		}
	}
	for i, c := range all {
		if c.Name == "" {
			return nil, fmt.Errorf("table %s has no column %s", table, names[i])
		}
	}
	return all, rows.Err()
}

// run inserts until ctx is done: one deliverer changes households, the other reports
// visits, half an interval later.
func (l *loader) run(ctx context.Context) {
	defer close(l.done)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var mu sync.Mutex
	deliver := func(seed uint64, first time.Time, write func(context.Context, *rand.Rand) error) {
		r := rand.New(rand.NewPCG(46, seed))
		// By the clock and not by the last insert: who is late catches up.
		for next := first; ; next = next.Add(l.every) {
			if err := pause(ctx, next.Sub(l.now())); err != nil {
				return
			}
			err := write(ctx, r)
			mu.Lock()
			if err != nil {
				if l.err == nil && ctx.Err() == nil {
					l.err = err
				}
				mu.Unlock()
				stop()
				return
			}
			l.rows += l.block
			mu.Unlock()
		}
	}
	var both sync.WaitGroup
	begin := l.now()
	both.Go(func() { deliver(4, begin, l.change) })
	both.Go(func() { deliver(5, begin.Add(l.every/2), l.visit) })
	both.Wait()
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
	n := l.block
	keys, villages, versions := make([]uint64, n), make([]uint64, n), make([]uint64, n)
	kinds, states, causes := make([]string, n), make([]string, n), make([][]string, n)
	persons, recognised := make([]uint8, n), make([]time.Time, n)
	for i := range n {
		h := &l.all[r.IntN(len(l.all))]
		if h.version++; h.hasOneMore {
			h.persons--
		} else {
			h.persons++
		}
		h.hasOneMore = !h.hasOneMore
		keys[i], villages[i], versions[i] = h.key, h.village, h.version
		kinds[i], states[i], causes[i] = h.kind, h.state, h.causes
		persons[i], recognised[i] = h.persons, h.recognised
	}
	return l.insert(ctx, "INSERT INTO households (household, village, type, causes, persons, state, recognised_at, version)", l.changes,
		keys, villages, kinds, causes, persons, states, recognised, versions)
}

func (l *loader) visit(ctx context.Context, r *rand.Rand) error {
	n := l.block
	visits, keys, villages := make([]uint64, n), make([]uint64, n), make([]uint64, n)
	at, kinds, results := make([]time.Time, n), make([]string, n), make([]string, n)
	now := l.now()
	for i := range n {
		// Only what never changes of a household: the other deliverer changes the rest.
		h := &l.all[r.IntN(len(l.all))]
		visits[i], keys[i], villages[i] = r.Uint64(), h.key, h.village
		at[i], kinds[i], results[i] = now, "survey", "no_risk"
	}
	return l.insert(ctx, "INSERT INTO visits (visit, household, village, at, kind, result)", l.visits,
		visits, keys, villages, at, kinds, results)
}

// insert sends one block of rows, given by columns.
func (l *loader) insert(ctx context.Context, statement string, types []clickhouse.ColumnNameAndType, data ...any) error {
	insert, err := l.conn.PrepareBatch(clickhouse.Context(ctx, clickhouse.WithColumnNamesAndTypes(types)), statement)
	if err != nil {
		return err
	}
	defer insert.Close()
	for i, column := range data {
		if err := insert.Column(i).Append(column); err != nil {
			return fmt.Errorf("column %s: %w", types[i].Name, err)
		}
	}
	return insert.Send()
}
