package warehouse

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// HoldRelease lets a check of policy hold pass although it fails.
type HoldRelease struct {
	Check string
	// Region is the failing region that is let pass; empty: whatever fails.
	Region string
	// At is when it was released, UTC.
	At      time.Time
	By, Why string
	// Until is when it is over by itself; zero: not before it is revoked.
	Until time.Time
	// RevokedAt is zero while it is not revoked.
	RevokedAt time.Time
	RevokedBy string
}

// Active reports whether the release lets the check pass at a moment.
func (r HoldRelease) Active(at time.Time) bool {
	return r.RevokedAt.IsZero() && (r.Until.IsZero() || at.Before(r.Until))
}

// HoldReleasesTable is where releases are kept. A row there is a change that the
// aggregator sees as any other.
const HoldReleasesTable = "hold_releases"

// HoldReleases gives the releases that let a check pass at now or will end later, the
// newest first.
func (w *Warehouse) HoldReleases(ctx context.Context, now time.Time) ([]HoldRelease, error) {
	return w.holdReleases(ctx, "hold_releases", HoldReleasesTable, clickhouse.Named("now", now.UnixMilli()))
}

// HoldReleases gives what Warehouse.HoldReleases does, as the servers have it that the
// cut is made on.
func (c *Cut) HoldReleases(ctx context.Context, now time.Time) ([]HoldRelease, error) {
	found := make([][]HoldRelease, len(c.shards))
	err := c.each(ctx, func(ctx context.Context, i int, shard *Warehouse) (err error) {
		found[i], err = shard.holdReleases(ctx, "hold_releases", HoldReleasesTable+c.suffix, clickhouse.Named("now", now.UnixMilli()))
		return err
	})
	all := slices.Concat(found...)
	slices.SortStableFunc(all, func(a, b HoldRelease) int { return b.At.Compare(a.At) })
	return all, err
}

// AllHoldReleases gives the last releases, at most so many, those that are over as
// well, the newest first.
func (w *Warehouse) AllHoldReleases(ctx context.Context, most int) ([]HoldRelease, error) {
	return w.holdReleases(ctx, "all_hold_releases", HoldReleasesTable, clickhouse.Named("most", most))
}

func (w *Warehouse) holdReleases(ctx context.Context, name, table string, params ...any) ([]HoldRelease, error) {
	ctx, cancel := w.context(ctx, name, nil)
	defer cancel()
	rows, err := w.conn.Query(ctx, names{"table": table}.in(statement(name)), params...)
	if err != nil {
		return nil, w.fail(name, err)
	}
	defer rows.Close()
	var all []HoldRelease
	for rows.Next() {
		var r HoldRelease
		var until, revoked *time.Time
		if err := rows.Scan(&r.Check, &r.Region, &r.At, &r.By, &r.Why, &until, &revoked, &r.RevokedBy); err != nil {
			return nil, w.fail(name, err)
		}
		r.At = r.At.UTC()
		if until != nil {
			r.Until = until.UTC()
		}
		if revoked != nil {
			r.RevokedAt = revoked.UTC()
		}
		all = append(all, r)
	}
	return all, w.fail(name, rows.Err())
}

// ReleaseHold lets a check pass from now on.
func (w *Warehouse) ReleaseHold(ctx context.Context, r HoldRelease) error {
	return w.putHoldReleases(ctx, 1, []HoldRelease{r})
}

// RevokeHold ends the releases of a check, or with a region those of that region alone,
// and gives those that it ended.
func (w *Warehouse) RevokeHold(ctx context.Context, check, region, by string, at time.Time) ([]HoldRelease, error) {
	all, err := w.HoldReleases(ctx, at)
	if err != nil {
		return nil, err
	}
	var ended []HoldRelease
	for _, r := range all {
		if r.Check == check && (region == "" || r.Region == region) {
			r.RevokedAt, r.RevokedBy = at, by
			ended = append(ended, r)
		}
	}
	if len(ended) == 0 {
		return nil, nil
	}
	return ended, w.putHoldReleases(ctx, 2, ended)
}

var holdReleaseColumns = columns(
	"check_id", "String", "region", "UInt64", "released_at", "DateTime64(3, 'UTC')", "released_by", "String", "why", "String",
	"until", "Nullable(DateTime64(3, 'UTC'))", "revoked_at", "Nullable(DateTime64(3, 'UTC'))", "revoked_by", "String", "version", "UInt64")

func (w *Warehouse) putHoldReleases(ctx context.Context, version uint64, all []HoldRelease) error {
	return w.insert(ctx, "insert_hold_release", holdReleaseColumns, func(insert driver.Batch) error {
		for _, r := range all {
			var region uint64
			if r.Region != "" {
				var err error
				if region, err = strconv.ParseUint(r.Region, 10, 64); err != nil {
					return fmt.Errorf("region %q: a code of digits is expected", r.Region)
				}
			}
			if err := insert.Append(r.Check, region, r.At, r.By, r.Why, optional(r.Until), optional(r.RevokedAt), r.RevokedBy, version); err != nil {
				return err
			}
		}
		return nil
	})
}

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
