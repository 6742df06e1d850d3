package warehouse

import (
	"context"
	"encoding/json"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// ShownDay is what a metric showed for a region at the end of a day.
type ShownDay struct {
	// Day is YYYY-MM-DD in Asia/Shanghai.
	Day string
	// Number is the batch, and Rows are the rows of its frame, JSON; nil where only
	// figures of the day are kept.
	Number uint64
	Rows   json.RawMessage
	// Figures are those that a daily metric is kept with, where there are no rows.
	Figures []DayFigure
}

// Days gives what a metric showed for a region in the last batch that is known to have been
// shown on each day from the first of two to before the second, and at or before a batch:
// by the record of batches, and where that has nothing by the daily figures. Days of which
// neither tells are left out.
func (w *Warehouse) Days(ctx context.Context, metric, region string, from, until time.Time, number uint64) ([]ShownDay, error) {
	params := []any{
		clickhouse.Named("metric", metric), clickhouse.Named("region", region), clickhouse.Named("number", number),
		clickhouse.Named("from", from.Format(time.DateOnly)), clickhouse.Named("until", until.Format(time.DateOnly)),
	}
	at := map[string]*ShownDay{}
	err := w.each(ctx, "recorded_days", params, func(scan func(...any) error) error {
		var day time.Time
		var found ShownDay
		var rows string
		if err := scan(&day, &found.Number, &rows); err != nil {
			return err
		}
		found.Day, found.Rows = day.Format(time.DateOnly), []byte(rows)
		at[found.Day] = &found
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = w.each(ctx, "kept_figures", params, func(scan func(...any) error) error {
		var day time.Time
		f := DayFigure{Metric: metric, Region: region}
		if err := scan(&day, &f.Line, &f.Figure, &f.Value); err != nil {
			return err
		}
		key := day.Format(time.DateOnly)
		if at[key] == nil {
			at[key] = &ShownDay{Day: key}
		}
		if at[key].Rows == nil {
			at[key].Figures = append(at[key].Figures, f)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var all []ShownDay
	for day := from; day.Before(until); day = day.AddDate(0, 0, 1) {
		if found := at[day.Format(time.DateOnly)]; found != nil {
			all = append(all, *found)
		}
	}
	return all, nil
}

// ReelBatch is one of the batches that were shown over a time.
type ReelBatch struct {
	Number uint64 `json:"batch"`
	// AsOf is the moment of its cut, ShownAt that of recording, just before it was shown.
	AsOf    time.Time `json:"as_of"`
	ShownAt time.Time `json:"shown_at"`
}

// Reel gives of each of at most most equal spans between two moments the last batch that is
// known to have been shown by its end, each once, the oldest first. Spans in which nothing was
// recorded have none.
func (w *Warehouse) Reel(ctx context.Context, from, until time.Time, most int) ([]ReelBatch, error) {
	span := max((until.UnixMilli()-from.UnixMilli()+int64(most)-1)/int64(most), 1)
	shown := map[BatchID]bool{}
	var numbers []uint64
	err := w.each(ctx, "recorded_reel", []any{
		clickhouse.Named("from", from.UnixMilli()), clickhouse.Named("until", until.UnixMilli()), clickhouse.Named("span", span),
	}, func(scan func(...any) error) error {
		var place int64
		var id BatchID
		if err := scan(&place, &id.Term, &id.Number); err != nil {
			return err
		}
		shown[id] = true
		numbers = append(numbers, id.Number)
		return nil
	})
	if err != nil || len(numbers) == 0 {
		return nil, err
	}
	var all []ReelBatch
	err = w.each(ctx, "recorded_times", []any{clickhouse.Named("numbers", numbers)}, func(scan func(...any) error) error {
		var b ReelBatch
		var term, full uint64
		if err := scan(&b.Number, &term, &b.AsOf, &b.ShownAt, &full); err != nil {
			return err
		}
		if shown[BatchID{Term: term, Number: b.Number}] {
			all = append(all, b)
		}
		return nil
	})
	return all, err
}

// each runs a statement of this package and hands over each row.
func (w *Warehouse) each(ctx context.Context, name string, params []any, row func(scan func(...any) error) error) error {
	ctx, cancel := w.context(ctx, name, nil)
	defer cancel()
	rows, err := w.conn.Query(ctx, statement(name), params...)
	if err != nil {
		return w.fail(name, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return w.fail(name, err)
		}
	}
	return w.fail(name, rows.Err())
}
