package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Mode says what the province is loaded for.
type Mode string

// The modes.
const (
	// ModeStill wants exactly the published figures: a province that has moved
	// is started again.
	ModeStill Mode = "still"
	// ModeLive goes on from where the province is.
	ModeLive Mode = "live"
)

// Options says which province Load loads.
type Options struct {
	// Mode must be ModeStill or ModeLive.
	Mode Mode
	// Seed is what every row follows from. 0 is a seed like any other.
	Seed uint64
	// Reference is the moment that the dates of the rows lead up to, by default
	// DefaultReference. Give the same one every time: a province that is already
	// loaded keeps the dates it has.
	Reference time.Time
	// Size is how much there is of what is not published, by default StandardSize.
	Size Size
	// Progress is called after every batch that is stored, with the rows stored
	// so far and the rows in all; it must be quick. nil: nobody is told.
	// Nothing is called where the province is there already.
	Progress func(done, total int)
}

// batchRows is the number of rows of one insert of a load.
const batchRows = 50_000

// Load makes conn's database hold the demo province. It can be cut off at any
// moment and run again.
//
//   - no province, or one whose load was cut off: it is loaded;
//   - a still one: nothing happens;
//   - one that has moved: nothing happens in ModeLive; in ModeStill it is
//     started again.
//
// Loading from the beginning is refused with a *ForeignRowsError if the database
// holds rows that are not the demo's, and any load with a *SeedError if it holds
// the province of another seed.
func Load(ctx context.Context, conn driver.Conn, o Options) error {
	if o.Mode != ModeStill && o.Mode != ModeLive {
		return fmt.Errorf("demo mode %q is unknown: must be %s or %s", o.Mode, ModeStill, ModeLive)
	}
	if o.Reference.IsZero() {
		o.Reference = DefaultReference()
	}
	m, found, err := readMarker(ctx, conn)
	if err != nil {
		return err
	}
	if !found {
		m = marker{seed: o.Seed}
	}
	if err := m.checkSeed(o.Seed); err != nil {
		return err
	}
	if m.state == stateStill || m.state == stateMoved && o.Mode == ModeLive {
		return nil
	}
	if o.Size == (Size{}) {
		o.Size = StandardSize()
	}
	l, err := readLines(ctx, conn)
	if err != nil {
		return err
	}
	p, err := newProvince(o.Seed, o.Reference, o.Size, l)
	if err != nil {
		return err
	}
	if m, err = prepare(ctx, conn, m, p); err != nil {
		return err
	}
	if err := p.insert(ctx, conn, o.Progress); err != nil {
		return fmt.Errorf("load the demo province: %w", err)
	}
	_, err = m.next(ctx, conn, stateStill)
	return err
}

// prepare empties the tables and marks the province as loading. A load that was cut
// off, with the same reference, goes on with what is there. Rows that are not the
// demo's are never deleted; they are let be only where they arrived during such a load,
// which goes on around them.
func prepare(ctx context.Context, conn driver.Conn, m marker, p *province) (marker, error) {
	own := codes(p.regions)
	if m.version == 0 {
		// Nothing was ever loaded: regions that are there are somebody's.
		own = nil
	}
	if m.state == stateLoading {
		goesOn, err := p.goesOn(ctx, conn)
		if err != nil || goesOn {
			return m, err
		}
	}
	if err := foreignRows(ctx, conn, own); err != nil {
		return m, err
	}
	// Marked first: a province that is half emptied must not pass for one that
	// has moved.
	if m.state != stateLoading {
		var err error
		if m, err = m.next(ctx, conn, stateLoading); err != nil {
			return m, err
		}
	}
	return m, empty(ctx, conn)
}

// goesOn reports whether the rows that a load left when it was cut off are of this
// province, and have not moved since.
func (p *province) goesOn(ctx context.Context, conn driver.Conn) (bool, error) {
	moved, err := hasMoved(ctx, conn)
	if err != nil || moved {
		return false, err
	}
	var reference int64
	if err := conn.QueryRow(ctx, statement("loaded_reference")).Scan(&reference); err != nil {
		return false, fmt.Errorf("read the reference of the load that was cut off: %w", err)
	}
	return reference == p.reference.Unix(), nil
}

// insert writes every row of the province.
func (p *province) insert(ctx context.Context, conn driver.Conn, progress func(done, total int)) error {
	sheets, fills := p.sheets(), p.fills()
	done, total := 0, 0
	for _, s := range sheets {
		total += s.rows
	}
	for _, f := range fills {
		total += int(f.rows)
	}
	written := func(rows int) {
		done += rows
		if progress != nil {
			progress(done, total)
		}
	}
	for _, s := range sheets {
		if err := s.insert(ctx, conn, batchRows, written); err != nil {
			return err
		}
	}
	skip := map[string]bool{}
	for i, f := range fills {
		if f.exact && (i == 0 || fills[i-1].table != f.table) {
			// Sums would count a row twice that is written twice: such a table is
			// whole, or begins again.
			exact := uint64(0)
			for _, other := range fills {
				if other.table == f.table {
					exact += other.rows
				}
			}
			whole, err := tableNamed(f.table).complete(ctx, conn, exact)
			if err != nil {
				return err
			}
			if whole {
				skip[f.table] = true
			}
		}
		if skip[f.table] {
			written(int(f.rows))
			continue
		}
		if err := f.run(ctx, conn, p, written); err != nil {
			return err
		}
	}
	return nil
}
