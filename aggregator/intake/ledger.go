package intake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// entry is what the ledger, table deliveries, says of a delivery.
type entry struct {
	delivery, target, file      string
	fingerprint                 string // of the content up to the end of the last chunk
	done                        bool
	accepted, rejected, repeats uint64
	begun, ended                time.Time
	chunks                      uint64
	attempt                     uint32
	landing                     []byte // a bit a row of the last chunk
	version                     uint64
}

// marks says which rows of a chunk are accepted, a bit a row.
type marks []byte

func newMarks(rows int) marks      { return make(marks, (rows+7)/8) }
func (m marks) set(row int32)      { m[row/8] |= 1 << (row % 8) }
func (m marks) has(row int32) bool { return int(row/8) < len(m) && m[row/8]&(1<<(row%8)) != 0 }

// read finds a delivery in the ledger.
func readEntry(ctx context.Context, conn driver.Conn, delivery, target string) (*entry, error) {
	e := &entry{delivery: delivery, target: target}
	var state, landing string
	var ended *time.Time
	err := conn.QueryRow(ctx, `SELECT file, fingerprint, toString(state), toUInt64(accepted), toUInt64(rejected), toUInt64(duplicate), begun_at, ended_at,
		toUInt64(chunks), toUInt32(attempt), landing, version FROM deliveries FINAL WHERE delivery = {delivery:String} AND target = {target:String}`,
		clickhouse.Named("delivery", delivery), clickhouse.Named("target", target)).
		Scan(&e.file, &e.fingerprint, &state, &e.accepted, &e.rejected, &e.repeats, &e.begun, &ended, &e.chunks, &e.attempt, &landing, &e.version)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	e.done, e.landing = state == "done", []byte(landing)
	if ended != nil {
		e.ended = *ended
	}
	return e, nil
}

// write makes the entry what the ledger says.
func (e *entry) write(ctx context.Context, conn driver.Conn) error {
	e.version++
	state, ended := "begun", (*time.Time)(nil)
	if e.done {
		state, ended = "done", &e.ended
	}
	b, err := conn.PrepareBatch(ctx, "INSERT INTO deliveries (delivery, target, file, fingerprint, state, accepted, rejected, duplicate, begun_at, ended_at, chunks, attempt, landing, version)")
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	defer b.Close()
	err = b.Append(e.delivery, e.target, e.file, e.fingerprint, state, e.accepted, e.rejected, e.repeats, e.begun, ended, uint32(e.chunks), e.attempt, string(e.landing), e.version)
	if err == nil {
		err = b.Send()
	}
	if err != nil {
		e.version--
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}

// quarantineRows is how many flaws are written at a time: each takes some hundred
// bytes on its way.
const quarantineRows = 20_000

// quarantine keeps what is wrong with rows, by place and reason.
func (e *entry) quarantine(ctx context.Context, conn driver.Conn, flaws []Flaw, at time.Time) error {
	for some := range slices.Chunk(flaws, quarantineRows) {
		if err := e.quarantineSome(ctx, conn, some, at); err != nil {
			return fmt.Errorf("quarantine: %w", err)
		}
	}
	return nil
}

func (e *entry) quarantineSome(ctx context.Context, conn driver.Conn, flaws []Flaw, at time.Time) error {
	b, err := conn.PrepareBatch(ctx, "INSERT INTO quarantine (delivery, target, file, line, field, reason, at)")
	if err != nil {
		return err
	}
	defer b.Close()
	for _, f := range flaws {
		if err := b.Append(e.delivery, e.target, e.file, f.Line, f.Column, f.Reason, at); err != nil {
			return err
		}
	}
	return b.Send()
}

// shownFlaws is how many of its flaws the answer to a delivery holds.
const shownFlaws = 20

func readFlaws(ctx context.Context, conn driver.Conn, delivery, target string) ([]Flaw, error) {
	rows, err := conn.Query(ctx, "SELECT toUInt64(line), field, reason FROM quarantine FINAL WHERE delivery = {delivery:String} AND target = {target:String} ORDER BY line, field LIMIT {n:UInt64}",
		clickhouse.Named("delivery", delivery), clickhouse.Named("target", target), clickhouse.Named("n", shownFlaws))
	if err != nil {
		return nil, fmt.Errorf("quarantine: %w", err)
	}
	defer rows.Close()
	flaws := []Flaw{}
	for rows.Next() {
		var f Flaw
		if err := rows.Scan(&f.Line, &f.Column, &f.Reason); err != nil {
			return nil, fmt.Errorf("quarantine: %w", err)
		}
		flaws = append(flaws, f)
	}
	return flaws, rows.Err()
}
