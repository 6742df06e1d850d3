package intake

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"liaowang/queries"
)

// mendPause is how long a rollup that lacks a chunk is given before it is believed
// to lack it: another writer's rows reach a table a moment before its rollups.
const mendPause = 300 * time.Millisecond

// mend brings the rollups of a table up to a chunk that is in the table, but of
// which a rollup may lack the sums: the engine was killed between the two, or
// between noting the insert and keeping it. Tokens cannot tell, so sums do: a group
// lacks the chunk if the table's rows of the group say exactly as much more than
// the rollup as the chunk brings.
func (r *run) mend(ctx context.Context, k *chunk, m marks) error {
	var rollups []*queries.Table
	for i := range r.Schema.Tables {
		if t := &r.Schema.Tables[i]; t.Kind == queries.KindRollup && t.From == r.contract.table.Name {
			rollups = append(rollups, t)
		}
	}
	if len(rollups) == 0 {
		return nil
	}
	name := fmt.Sprintf("%s%s_%d", mendPrefix, r.contract.table.Name, r.Now().UnixNano())
	// On disk: one in memory is empty when the engine is killed once more, and a chunk
	// without rows lacks nothing.
	if err := r.Conn.Exec(ctx, "CREATE TABLE "+name+" AS "+r.contract.table.Name+" ENGINE = MergeTree ORDER BY tuple()"); err != nil {
		return fmt.Errorf("mend rollups: %w", err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if err := r.Conn.Exec(ctx, "DROP TABLE IF EXISTS "+name); err != nil {
			r.Logger.Warn("a table of intake's stays", "table", name, "err", err)
		}
	}()
	if err := r.insertInto(ctx, name, k, m); err != nil {
		return err
	}
	for _, t := range rollups {
		if err := r.mendOne(ctx, t, name); err != nil {
			return fmt.Errorf("mend rollup %s: %w", t.Name, err)
		}
	}
	return nil
}

// mendOne adds what a rollup lacks of the chunk in table brought.
func (r *run) mendOne(ctx context.Context, t *queries.Table, brought string) error {
	lacking := lacking(t, r.contract.table.Name, brought)
	for range 2 {
		var groups uint64
		if err := r.Conn.QueryRow(ctx, "SELECT count() FROM ("+lacking+")").Scan(&groups); err != nil {
			return err
		}
		if groups == 0 {
			return nil
		}
		select {
		case <-time.After(mendPause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	r.Logger.Warn("a rollup lacked rows that are in its table", "rollup", t.Name, "delivery", r.delivery.ID)
	// One block, so one part; a token of its own, since the rollup may have noted
	// the chunk's and not kept it.
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"insert_deduplication_token": brought, "max_insert_threads": 1, "min_insert_block_size_rows": chunkRows, "log_comment": "liaowang:intake mend",
	}))
	return r.Conn.Exec(ctx, "INSERT INTO "+t.Name+" ("+names(t)+") "+lacking)
}

// lacking is the statement that gives the groups of a chunk which a rollup lacks.
func lacking(t *queries.Table, from, brought string) string {
	sum := strings.TrimSpace(t.Select)
	of := func(table string) string { return strings.Replace(sum, "FROM "+from+"\n", "FROM "+table+" FINAL\n", 1) }
	mine := strings.Replace(sum, "FROM "+from+"\n", "FROM "+brought+"\n", 1)
	keys := strings.Join(t.Key, ", ")
	groups := "(" + keys + ") IN (SELECT " + keys + " FROM (" + mine + "))"
	var kept, same, out []string
	for _, f := range t.Fields {
		if f.Type == queries.FieldSum {
			kept = append(kept, "sum("+f.Name+") AS "+f.Name)
			same = append(same, "rows."+f.Name+" = rollup."+f.Name+" + mine."+f.Name)
		}
		out = append(out, "mine."+f.Name+" AS "+f.Name)
	}
	return "SELECT " + strings.Join(out, ", ") + " FROM (" + mine + ") AS mine" +
		" LEFT JOIN (SELECT * FROM (" + of(from) + ") WHERE " + groups + ") AS rows USING (" + keys + ")" +
		" LEFT JOIN (SELECT " + keys + ", " + strings.Join(kept, ", ") + " FROM " + t.Name + " WHERE " + groups + " GROUP BY " + keys + ") AS rollup USING (" + keys + ")" +
		" WHERE " + strings.Join(same, " AND ")
}

func names(t *queries.Table) string {
	var all []string
	for _, f := range t.Fields {
		all = append(all, f.Name)
	}
	return strings.Join(all, ", ")
}
