package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// lines are the income lines by year. The migration seeds them, a province may have
// set its own: the demo takes those that are there.
type lines map[uint16]uint64

func readLines(ctx context.Context, conn driver.Conn) (lines, error) {
	rows, err := conn.Query(ctx, statement("income_lines"))
	if err != nil {
		return nil, fmt.Errorf("read the income lines: %w", err)
	}
	defer rows.Close()
	l := lines{}
	for rows.Next() {
		var year uint16
		var yuan uint64
		if err := rows.Scan(&year, &yuan); err != nil {
			return nil, fmt.Errorf("read the income lines: %w", err)
		}
		l[year] = yuan
	}
	return l, rows.Err()
}

// at is the line of the moment's year, else of the nearest year that has one, the
// earlier of two; 0 where there is none at all.
func (l lines) at(t time.Time) uint64 {
	year := t.In(shanghai()).Year()
	nearest, yuan := -1, uint64(0)
	for y, line := range l {
		away := 2 * (int(y) - year) // doubled, so that of two the earlier is nearer
		if away < 0 {
			away = -away - 1
		}
		if nearest < 0 || away < nearest {
			nearest, yuan = away, line
		}
	}
	return yuan
}
