package fresh

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"liaowang/aggregator/batch"
	"liaowang/queries"
)

// change is a kind of change to the province that one figure tells of.
type change struct {
	name string
	// metric and column are the figure of the province that goes up by one.
	metric, column string
	insert         func(ctx context.Context, p *prober) error
}

// changes are taken in turn: of eight tables' rows one each, from households, of which
// some forty metrics tell, to sales.
func changes() []change {
	return []change{
		{"household recognised", "monitored.total", "households", func(ctx context.Context, p *prober) error {
			p.households++
			return p.household(ctx, "monitored")
		}},
		{"lead reported", "leads.by_channel", "households", func(ctx context.Context, p *prober) error {
			return p.put(ctx, "INSERT INTO leads (lead, village, channel, reported_at, department, level, version)",
				p.key(), p.village, "department", p.now(), "civil_affairs", nil, p.version())
		}},
		{"household eliminated", "risk.eliminated", "households", func(ctx context.Context, p *prober) error {
			return p.household(ctx, "eliminated")
		}},
		{"household visited", "visits.by_year", "visits", func(ctx context.Context, p *prober) error {
			return p.put(ctx, "INSERT INTO visits (visit, household, village, at, kind, result)",
				p.key(), p.first+p.households, p.village, p.now(), "visit", "no_risk")
		}},
		{"work order opened", "orders.by_door", "opened", func(ctx context.Context, p *prober) error {
			return p.put(ctx, "INSERT INTO work_orders (work_order, village, door, topic, opened_at, due_at, version)",
				p.key(), p.village, "qr", "policy", p.now(), p.now().Add(72*time.Hour), p.version())
		}},
		{"measure planned", "measures.by_kind", "planned", func(ctx context.Context, p *prober) error {
			return p.put(ctx, "INSERT INTO measures (measure, household, village, kind, planned_at, version)",
				p.key(), p.first+p.households, p.village, "industry", p.now(), p.version())
		}},
		{"asset registered", "assets.total", "assets", func(ctx context.Context, p *prober) error {
			return p.put(ctx, "INSERT INTO assets (asset, village, class, original_value, net_value, state, registered_at, version)",
				p.key(), p.village, "operating", uint64(100_000), uint64(100_000), "in_use", p.now(), p.version())
		}},
		{"product sold", "sales.by_channel", "sales", func(ctx context.Context, p *prober) error {
			return p.put(ctx, "INSERT INTO sales (sale, product, village, at, channel, amount)",
				p.key(), uint64(1), p.village, p.now(), "online", uint64(100))
		}},
	}
}

// Kinds names the kinds of change, in the order in which they are made.
func Kinds() []string {
	var names []string
	for _, k := range changes() {
		names = append(names, k.name)
	}
	return names
}

// prober inserts changes whose keys are like no other's.
type prober struct {
	conn    driver.Conn
	village uint64
	now     func() time.Time
	first   uint64 // the keys of this run are above it
	keys    uint64
	// households is the number of the household that was recognised last.
	households uint64
	versions   uint64
}

func newProber(conn driver.Conn, village uint64, now func() time.Time) *prober {
	return &prober{conn: conn, village: village, now: now, first: uint64(now().UnixNano())}
}

func (p *prober) key() uint64 { p.keys++; return p.first + 1<<20 + p.keys }

func (p *prober) version() uint64 { p.versions++; return p.first + p.versions }

func (p *prober) household(ctx context.Context, state string) error {
	return p.put(ctx, "INSERT INTO households (household, village, type, causes, persons, state, recognised_at, version)",
		p.first+p.households, p.village, "marginal_poor", []string{"illness"}, uint8(3), state, p.now(), p.version())
}

func (p *prober) put(ctx context.Context, statement string, row ...any) error {
	insert, err := p.conn.PrepareBatch(ctx, statement)
	if err != nil {
		return err
	}
	defer insert.Close()
	if err := insert.Append(row...); err != nil {
		return err
	}
	return insert.Send()
}

// Reader is where changes are waited for.
type Reader interface {
	// Read takes what is new and reports whether there are any figures yet.
	Read(ctx context.Context) (bool, error)
	// Sum adds up a column of a metric's figures for the province, as read last.
	Sum(metric, column string) (float64, error)
	// News hints that there is something to read.
	News() <-chan struct{}
}

// reader holds the frames of the newest batch, as a hub does.
type reader struct {
	store     *batch.Store
	catalogue *queries.Catalogue
	province  string
	news      <-chan struct{}
	header    *batch.Header
	frames    map[batch.Key]*batch.Frame
}

func (r *reader) Read(ctx context.Context) (bool, error) {
	var since uint64
	if r.header != nil {
		since = r.header.Number
	}
	snap, err := r.store.LoadOnto(ctx, since, r.frames)
	if err != nil || snap.Header == nil || snap.Header.Number == since {
		return r.header != nil, err
	}
	r.header = snap.Header
	for _, f := range snap.Frames {
		r.frames[f.Key()] = f
	}
	return true, nil
}

func (r *reader) Sum(metric, column string) (float64, error) {
	m, ok := r.catalogue.Metric(metric)
	if !ok {
		return 0, fmt.Errorf("there is no metric %s", metric)
	}
	f := r.frames[batch.Key{Metric: metric, Region: r.province}]
	if f == nil {
		return 0, fmt.Errorf("batch %d has no frame of %s for %s", r.header.Number, metric, r.province)
	}
	total, at := 0., m.Column(column)
	for _, row := range f.Rows {
		if row[at].State == batch.IsNumber {
			total += row[at].Number
		}
	}
	return total, nil
}

func (r *reader) News() <-chan struct{} { return r.news }
