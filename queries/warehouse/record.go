package warehouse

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"
)

// BatchID names one batch. Two leaders may have recorded one number; only one of
// them has shown it. The zero BatchID is no batch.
type BatchID struct{ Term, Number uint64 }

// BatchRecord is a batch as it is recorded, before it is shown.
type BatchRecord struct {
	BatchID
	// AsOf is the moment of the cut, At that of recording by the leader's clock.
	AsOf, At time.Time
	// Base is the number of the batch that this one is published as a change of; 0
	// when all frames are published.
	Base uint64
	// Previous is the last batch known to have been shown.
	Previous BatchID
	// Doubt says that batches between Previous and this one may have been shown too.
	Doubt bool
	// Full is the number of the batch at or before this one, of the same term, of
	// which all frames are recorded; its own number where Frames are all there are.
	Full uint64
	// Header is the header as published, JSON.
	Header []byte
	// Frames are those that are recorded with this batch.
	Frames []RecordedFrame
}

// RecordedFrame is a frame as it was published; its JSON is the frame's.
type RecordedFrame struct {
	Metric  string          `json:"metric"`
	Region  string          `json:"region"`
	Changed uint64          `json:"changed"`
	Rows    json.RawMessage `json:"rows"`
}

// The columns of what is recorded. The client need not ask for them, which costs more
// than the insert.
var (
	batchColumns = columns(
		"term", "UInt64", "number", "UInt64", "as_of", "DateTime64(3, 'UTC')", "recorded_at", "DateTime64(3, 'UTC')",
		"base", "UInt64", "previous_term", "UInt64", "previous", "UInt64", "doubt", "Bool", "full", "UInt64",
		"frames", "UInt32", "header", "String")
	batchFrameColumns = columns(
		"full", "UInt64", "term", "UInt64", "metric", "LowCardinality(String)", "region", "LowCardinality(String)",
		"number", "UInt64", "changed", "UInt64", "as_of", "DateTime64(3, 'UTC')", "day", "Date", "rows", "String")
)

func columns(namesAndTypes ...string) []clickhouse.ColumnNameAndType {
	var all []clickhouse.ColumnNameAndType
	for i := 0; i < len(namesAndTypes); i += 2 {
		all = append(all, clickhouse.ColumnNameAndType{Name: namesAndTypes[i], Type: namesAndTypes[i+1]})
	}
	return all
}

// RecordBatch keeps a batch: header and frames side by side. It is called before the
// batch is published, so that nothing that was ever shown is missing here. When it
// fails, part of the batch may be there, which then counts as never shown.
func (w *Warehouse) RecordBatch(ctx context.Context, r BatchRecord) error {
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error { return w.recordFrames(ctx, r) })
	both.Go(func() error { return w.recordHeader(ctx, r) })
	return both.Wait()
}

// RecordShown notes that a batch was shown, where no later batch has said so yet.
func (w *Warehouse) RecordShown(ctx context.Context, id BatchID, at time.Time) error {
	return w.recordHeader(ctx, BatchRecord{BatchID: id, AsOf: at, At: at, Previous: id})
}

func (w *Warehouse) recordHeader(ctx context.Context, r BatchRecord) error {
	return w.insert(ctx, "insert_batch", batchColumns, func(insert driver.Batch) error {
		return insert.Append(r.Term, r.Number, r.AsOf, r.At, r.Base, r.Previous.Term, r.Previous.Number, r.Doubt, r.Full,
			uint32(len(r.Frames)), string(r.Header))
	})
}

func (w *Warehouse) recordFrames(ctx context.Context, r BatchRecord) error {
	n := len(r.Frames)
	if n == 0 {
		return nil
	}
	metrics, regions, rows := make([]string, n), make([]string, n), make([]string, n)
	changed := make([]uint64, n)
	for i, f := range r.Frames {
		metrics[i], regions[i], changed[i], rows[i] = f.Metric, f.Region, f.Changed, string(f.Rows)
	}
	return w.insert(ctx, "insert_batch_frames", batchFrameColumns, func(insert driver.Batch) error {
		for i, column := range []any{
			repeat(r.Full, n), repeat(r.Term, n), metrics, regions, repeat(r.Number, n), changed, repeat(r.AsOf, n), repeat(r.At.UTC(), n), rows,
		} {
			if err := insert.Column(i).Append(column); err != nil {
				return fmt.Errorf("column %s: %w", batchFrameColumns[i].Name, err)
			}
		}
		return nil
	})
}

func repeat[T any](v T, n int) []T {
	all := make([]T, n)
	for i := range all {
		all[i] = v
	}
	return all
}

// insert sends one block of rows.
func (w *Warehouse) insert(ctx context.Context, name string, columns []clickhouse.ColumnNameAndType, fill func(driver.Batch) error) error {
	ctx, cancel := w.context(Crowded(ctx), name, nil) // one block is one thread's work
	defer cancel()
	insert, err := w.conn.PrepareBatch(clickhouse.Context(ctx, clickhouse.WithColumnNamesAndTypes(columns)), statement(name))
	if err != nil {
		return w.fail(name, err)
	}
	defer insert.Close()
	if err := fill(insert); err != nil {
		return w.fail(name, err)
	}
	return w.fail(name, insert.Send())
}

// LastRecorded is where the record of batches ends.
type LastRecorded struct {
	// Term and Number are the highest that are recorded, 0 where none is.
	Term, Number uint64
	// Shown is the newest batch that the record knows to have been shown.
	Shown BatchID
}

// LastBatch says where the record of batches ends.
func (w *Warehouse) LastBatch(ctx context.Context) (LastRecorded, error) {
	ctx, cancel := w.context(ctx, "last_batch", nil)
	defer cancel()
	var l LastRecorded
	err := w.conn.QueryRow(ctx, statement("last_batch")).Scan(&l.Term, &l.Number, &l.Shown.Term, &l.Shown.Number)
	return l, w.fail("last_batch", err)
}

// beyond is how much longer than promised batches are kept, in days: a batch may have
// been shown for a day before the next came, and is rebuilt from one that is some
// hours older.
const beyond = 2

// KeepBatches sets for how many days from recording batches can be read; 0: for good.
// Their numbers stay.
func (w *Warehouse) KeepBatches(ctx context.Context, days int) error {
	if days > 0 {
		days += beyond
	}
	if w.cluster != "" {
		return w.onShards(ctx, func(shard *Warehouse) error { return shard.keepBatches(ctx, localSuffix, days) })
	}
	return w.keepBatches(ctx, "", days)
}

// keepBatches sets it for the tables with a suffix on one server.
func (w *Warehouse) keepBatches(ctx context.Context, suffix string, days int) error {
	have, err := w.keptDays(ctx, []string{"batches" + suffix, "batch_frames" + suffix})
	if err != nil {
		return err
	}
	for table, now := range have {
		switch {
		case now == days:
		case days == 0:
			err = w.alter(ctx, "keep_"+table+"_forever", names{"table": table + suffix})
		default:
			// Put into the text, as a literal: a server's parameter would stay a cast.
			err = w.alter(ctx, "keep_"+table+"_days", names{"table": table + suffix}, days)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *Warehouse) keptDays(ctx context.Context, tables []string) (map[string]int, error) {
	ctx, cancel := w.context(ctx, "kept_days", nil)
	defer cancel()
	rows, err := w.conn.Query(ctx, statement("kept_days"), clickhouse.Named("tables", tables))
	if err != nil {
		return nil, w.fail("kept_days", err)
	}
	defer rows.Close()
	have := map[string]int{}
	for rows.Next() {
		var table string
		var days uint32
		if err := rows.Scan(&table, &days); err != nil {
			return nil, w.fail("kept_days", err)
		}
		have[table] = int(days)
	}
	return have, w.fail("kept_days", rows.Err())
}

func (w *Warehouse) alter(ctx context.Context, name string, n names, params ...any) error {
	ctx, cancel := w.context(ctx, name, nil)
	defer cancel()
	return w.fail(name, w.conn.Exec(ctx, n.in(statement(name)), params...))
}
