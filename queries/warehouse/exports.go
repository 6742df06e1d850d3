package warehouse

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Export is one file that was made of what the walls show.
type Export struct {
	Code string
	// At is when it was made, UTC.
	At     time.Time
	By     string
	Format string
	// Scenes are what it holds, JSON.
	Scenes string
	// History and Number name the batch that it is of.
	History string
	Number  uint64
	// Digest is the SHA-256 of its figures, File that of the file, hexadecimal.
	Digest, File string
	// Build names the program that made it.
	Build string
}

// ErrNoExport says that no file was made under a code.
var ErrNoExport = errors.New("no export has this code")

var exportColumns = columns(
	"code", "String", "taken_at", "DateTime64(3, 'UTC')", "taken_by", "String", "format", "String", "scenes", "String",
	"history", "String", "number", "UInt64", "digest", "String", "file", "String", "build", "String", "version", "UInt64")

// RecordExport keeps what was exported. It is called before the file is handed out.
func (w *Warehouse) RecordExport(ctx context.Context, e Export) error {
	return w.insert(ctx, "insert_export", exportColumns, func(insert driver.Batch) error {
		return insert.Append(e.Code, e.At, e.By, e.Format, e.Scenes, e.History, e.Number, e.Digest, e.File, e.Build, uint64(1))
	})
}

// Export finds an export by its code, or fails with ErrNoExport.
func (w *Warehouse) Export(ctx context.Context, code string) (*Export, error) {
	ctx, cancel := w.context(ctx, "export", nil)
	defer cancel()
	rows, err := w.conn.Query(ctx, statement("export"), clickhouse.Named("code", code))
	if err != nil {
		return nil, w.fail("export", err)
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return nil, w.fail("export", err)
		}
		return nil, fmt.Errorf("%s: %w", code, ErrNoExport)
	}
	var e Export
	err = rows.Scan(&e.Code, &e.At, &e.By, &e.Format, &e.Scenes, &e.History, &e.Number, &e.Digest, &e.File, &e.Build)
	return &e, w.fail("export", err)
}

// Briefing is scenes in an order under a name.
type Briefing struct {
	Name, Title string
	// Scenes are JSON; empty: the briefing is removed.
	Scenes string
	At     time.Time
	By     string
}

// mostBriefings is how many saved briefings are given.
const mostBriefings = 1000

// Briefings gives the briefings that are saved, by name.
func (w *Warehouse) Briefings(ctx context.Context) ([]Briefing, error) {
	ctx, cancel := w.context(ctx, "briefings", nil)
	defer cancel()
	rows, err := w.conn.Query(ctx, statement("briefings"), clickhouse.Named("most", mostBriefings))
	if err != nil {
		return nil, w.fail("briefings", err)
	}
	defer rows.Close()
	var all []Briefing
	for rows.Next() {
		var b Briefing
		if err := rows.Scan(&b.Name, &b.Title, &b.Scenes, &b.At, &b.By); err != nil {
			return nil, w.fail("briefings", err)
		}
		all = append(all, b)
	}
	return all, w.fail("briefings", rows.Err())
}

var briefingColumns = columns("name", "String", "title", "String", "scenes", "String", "saved_at", "DateTime64(3, 'UTC')", "saved_by", "String", "version", "UInt64")

// SaveBriefing saves a briefing under its name; without scenes it is removed.
func (w *Warehouse) SaveBriefing(ctx context.Context, b Briefing) error {
	return w.insert(ctx, "insert_briefing", briefingColumns, func(insert driver.Batch) error {
		return insert.Append(b.Name, b.Title, b.Scenes, b.At, b.By, uint64(b.At.UnixMilli()))
	})
}

// RunState says how the delivery of a briefing is; its values are codes of the list
// briefing_state.
type RunState string

// The states of a delivery.
const (
	RunUnderWay  RunState = "under_way"
	RunDelivered RunState = "delivered"
	RunFailed    RunState = "failed"
	// RunDoubtful: it may have been sent, and is not sent again.
	RunDoubtful RunState = "doubtful"
)

// BriefingRun is the delivery of a briefing at one of its times.
type BriefingRun struct {
	Briefing string
	Due      time.Time
	Title    string
	State    RunState
	Tries    int
	// At is when this was noted, UTC.
	At     time.Time
	Target string
	// Code is that of the file; empty: it was not made.
	Code string
	// Words say why it was not delivered.
	Words string
}

// BriefingRun gives what was noted last of a delivery; nil where it has not begun.
func (w *Warehouse) BriefingRun(ctx context.Context, briefing string, due time.Time) (*BriefingRun, error) {
	ctx, cancel := w.context(ctx, "briefing_run", nil)
	defer cancel()
	rows, err := w.conn.Query(ctx, statement("briefing_run"), clickhouse.Named("briefing", briefing), clickhouse.Named("due", due.UnixMilli()))
	if err != nil {
		return nil, w.fail("briefing_run", err)
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, w.fail("briefing_run", rows.Err())
	}
	r := BriefingRun{Briefing: briefing, Due: due}
	var state string
	var tries uint32
	if err := rows.Scan(&r.Title, &state, &tries, &r.At, &r.Target, &r.Code, &r.Words); err != nil {
		return nil, w.fail("briefing_run", err)
	}
	r.State, r.Tries, r.At = RunState(state), int(tries), r.At.UTC()
	return &r, nil
}

// RecordBriefingRun notes how a delivery is; what is noted later holds.
func (w *Warehouse) RecordBriefingRun(ctx context.Context, r BriefingRun) error {
	ctx, cancel := w.context(ctx, "insert_briefing_run", nil)
	defer cancel()
	insert, err := w.conn.PrepareBatch(ctx, statement("insert_briefing_run"))
	if err != nil {
		return w.fail("insert_briefing_run", err)
	}
	defer insert.Close()
	// A try and its end may be noted in one millisecond.
	version := uint64(r.At.UnixMilli())*2 + 1
	if r.State == RunUnderWay {
		version--
	}
	if err := insert.Append(r.Briefing, r.Due, r.Title, string(r.State), uint32(r.Tries), r.At, r.Target, r.Code, r.Words, version); err != nil {
		return w.fail("insert_briefing_run", err)
	}
	return w.fail("insert_briefing_run", insert.Send())
}
