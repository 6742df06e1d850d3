package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"liaowang/queries"
)

// Comparison (数据比对) is a delivery beside what is there.
type Comparison struct {
	// New keys are not there yet; Changed ones are, and the delivery says something
	// newer of them; Unchanged ones are, and it does not.
	New       uint64 `json:"new"`
	Changed   uint64 `json:"changed"`
	Unchanged uint64 `json:"unchanged"`
	// Gone are keys of the whole table that the delivery does not have. They are
	// counted for tables of states alone: events do not go.
	Gone *uint64 `json:"gone,omitempty"`
}

// compare is the dry run: rows are validated and looked up as ever, keys go into
// a table of their own, and nothing else is written but the lease of that table.
func (r *run) compare(ctx context.Context, s *source) (*Answer, error) {
	c := r.contract
	if err := r.Clean(ctx); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(r.delivery.ID))
	table := fmt.Sprintf("%s%s_%s_%d", comparePrefix, c.table.Name, hex.EncodeToString(sum[:6]), r.Now().UnixNano())
	var columns, order []string
	for i, place := range c.keys {
		kind := "UInt64"
		if c.fields[place].Type == queries.FieldText {
			kind = "String"
		}
		order = append(order, fmt.Sprintf("k%d", i))
		columns = append(columns, fmt.Sprintf("k%d %s", i, kind))
	}
	keys := strings.Join(order, ", ")
	_, done, err := r.hold(ctx, table) // or another process would take the table for one that was left
	if err != nil {
		return nil, err
	}
	defer done()
	err = r.Conn.Exec(ctx, "CREATE TABLE "+table+" ("+strings.Join(columns, ", ")+", standing UInt8) ENGINE = MergeTree ORDER BY ("+keys+")")
	if err != nil {
		return nil, fmt.Errorf("dry run: %w", err)
	}
	defer func() {
		// Also when the caller has gone away.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if err := r.Conn.Exec(ctx, "DROP TABLE IF EXISTS "+table+" SYNC"); err != nil {
			r.Logger.Warn("table of a dry run stays until the next one", "table", table, "err", err)
		}
	}()
	a := &Answer{Delivery: r.delivery.ID, Table: r.delivery.Table, Quarantine: []Flaw{}, Comparison: &Comparison{}}
	rows := uint64(0)
	err = s.each(func(k *chunk) error {
		r.judge(k)
		all, err := c.there(ctx, r.Conn, k)
		if err != nil {
			return err
		}
		k.refuseStanding(all)
		rows += uint64(k.rows)
		a.Rejected += uint64(k.bad)
		for _, f := range k.flaws {
			if len(a.Quarantine) < shownFlaws {
				a.Quarantine = append(a.Quarantine, f)
			}
		}
		r.progress(k)
		return r.stage(ctx, table, k, all)
	})
	if err != nil {
		return nil, err
	}
	if err := r.count(ctx, table, order, a.Comparison); err != nil {
		return nil, err
	}
	a.Accepted = a.Comparison.New + a.Comparison.Changed
	a.Duplicate = rows - a.Rejected - a.Accepted
	return a, nil
}

// stage keeps the keys of a chunk and how they stand.
func (r *run) stage(ctx context.Context, table string, k *chunk, all []standing) error {
	if len(k.good) == 0 {
		return nil
	}
	b, err := r.Conn.PrepareBatch(ctx, "INSERT INTO "+table)
	if err != nil {
		return fmt.Errorf("dry run: %w", err)
	}
	defer b.Close()
	for i, place := range r.contract.keys {
		if r.contract.fields[place].Type == queries.FieldText {
			err = b.Column(i).Append(k.texts[place])
		} else {
			err = b.Column(i).Append(k.nums[place])
		}
		if err != nil {
			return fmt.Errorf("dry run: %w", err)
		}
	}
	standings := make([]uint8, len(all))
	for n, s := range all {
		standings[n] = uint8(s)
	}
	if err := b.Column(len(r.contract.keys)).Append(standings); err != nil {
		return fmt.Errorf("dry run: %w", err)
	}
	if err := b.Send(); err != nil {
		return fmt.Errorf("dry run: %w", err)
	}
	return nil
}

// count sums up what was staged, each key once, and what the table has besides.
// Groups that do not fit into memory go to disk.
func (r *run) count(ctx context.Context, table string, order []string, c *Comparison) error {
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"max_bytes_before_external_group_by": 128 << 20, "log_comment": "liaowang:intake compare"}))
	keys := strings.Join(order, ", ")
	err := r.Conn.QueryRow(ctx, fmt.Sprintf(`SELECT countIf(least = %d), countIf(least = %d), countIf(least = %d)
		FROM (SELECT min(standing) AS least FROM %s WHERE standing <= %d GROUP BY %s)`,
		standingNew, standingChanged, standingSame, table, standingSame, keys)).Scan(&c.New, &c.Changed, &c.Unchanged)
	if err != nil {
		return fmt.Errorf("dry run: %w", err)
	}
	if r.contract.table.Kind != queries.KindState {
		return nil
	}
	var have []string
	for i, place := range r.contract.keys {
		f := &r.contract.fields[place]
		expression := f.Name
		if f.Type != queries.FieldText {
			expression = f.asNumber()
		}
		have = append(have, fmt.Sprintf("%s AS k%d", expression, i))
	}
	c.Gone = new(uint64)
	err = r.Conn.QueryRow(ctx, fmt.Sprintf(`SELECT countIf(here = 0) FROM (SELECT max(delivered) AS here FROM (
		SELECT %s, 0 AS delivered FROM %s UNION ALL SELECT %s, 1 AS delivered FROM %s) GROUP BY %s)`,
		strings.Join(have, ", "), r.contract.table.Name, keys, table, keys)).Scan(c.Gone)
	if err != nil {
		return fmt.Errorf("dry run: %w", err)
	}
	return nil
}
