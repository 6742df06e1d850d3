package demo

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// state is what the table demo_province says of the province.
type state string

const (
	stateLoading state = "loading" // rows are missing, or those of an earlier province remain
	stateStill   state = "still"   // exactly the published figures
	stateMoved   state = "moved"   // live events have been written
)

// marker is the state of the province in a database.
type marker struct {
	seed    uint64
	state   state
	version uint64
}

// readMarker returns the marker; ok is false where no province was ever loaded.
func readMarker(ctx context.Context, conn driver.Conn) (m marker, ok bool, err error) {
	var s string
	err = conn.QueryRow(ctx, statement("marker")).Scan(&m.seed, &s, &m.version)
	if errors.Is(err, sql.ErrNoRows) {
		return marker{}, false, nil
	}
	if err != nil {
		return marker{}, false, fmt.Errorf("read demo_province: %w", err)
	}
	m.state = state(s)
	return m, true, nil
}

// next writes the marker of a new state over this one.
func (m marker) next(ctx context.Context, conn driver.Conn, to state) (marker, error) {
	m.state = to
	m.version++
	one := sheet{"demo_province", 1, func(int) []any { return []any{m.seed, string(m.state), m.version} }}
	return m, one.insert(ctx, conn, 1, nil)
}

// SeedError says that a database holds the province of another seed.
type SeedError struct {
	Stored, Wanted uint64
}

// Error says it to the operator.
func (e *SeedError) Error() string {
	return fmt.Sprintf("this data folder holds the demo province of seed %d, but seed %d is asked for: use seed %d or another --data folder", e.Stored, e.Wanted, e.Stored)
}

// checkSeed compares the marker with the seed that is asked for.
func (m marker) checkSeed(seed uint64) error {
	if m.seed != seed {
		return &SeedError{Stored: m.seed, Wanted: seed}
	}
	return nil
}
