package demo

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// sheet is rows for one table, in the order of the columns that its INSERT
// statement names. ingested_at is left to the server, as a customer would.
type sheet struct {
	table string
	rows  int
	row   func(i int) []any
}

// insert writes the sheet in batches of at most size rows and reports each
// batch that the server has taken. Rows have keys and versions: writing them
// again changes nothing.
func (s sheet) insert(ctx context.Context, conn driver.Conn, size int, written func(rows int)) error {
	for from := 0; from < s.rows; from += size {
		to := min(from+size, s.rows)
		if err := s.send(ctx, conn, from, to); err != nil {
			return fmt.Errorf("insert into %s: %w", s.table, err)
		}
		if written != nil {
			written(to - from)
		}
	}
	return nil
}

func (s sheet) send(ctx context.Context, conn driver.Conn, from, to int) error {
	batch, err := conn.PrepareBatch(ctx, statement("insert/"+s.table))
	if err != nil {
		return err
	}
	defer batch.Close()
	for i := from; i < to; i++ {
		if err := batch.Append(s.row(i)...); err != nil {
			return err
		}
	}
	return batch.Send()
}

// sheets lists the still province. Regions come first: figures need them.
// Leads come before their stages, so that no stage is ever without its lead.
func (p *province) sheets() []sheet {
	return []sheet{
		regionSheet(p.regions),
		householdSheet(p.households),
		eliminationSheet(p.eliminations),
		leadSheet(p.leads),
		workflowSheet(p.leads),
		registeredSheet(p.registered),
		p.totalSheet(),
		assetSheet(p.assets),
		profileSheet(p.profiles),
		measureSheet(p.measures),
		passageSheet(p.passages),
		projectSheet(p.projects),
		exchangeSheet(p.exchanges),
		emergencySheet(p.emergencies),
	}
}

func regionSheet(rows []region) sheet {
	return sheet{"regions", len(rows), func(i int) []any {
		r := &rows[i]
		return []any{r.code, r.level, r.parent, r.name, r.applicable, r.ruralHouseholds, codeSet, firstVersion}
	}}
}

func householdSheet(rows []household) sheet {
	return sheet{"households", len(rows), func(i int) []any {
		r := &rows[i]
		return []any{r.key, r.village, r.kind, r.causes, r.persons, r.state, r.recognised, r.version}
	}}
}

func eliminationSheet(rows []elimination) sheet {
	return sheet{"eliminations", len(rows), func(i int) []any {
		r := &rows[i]
		return []any{r.household, r.at, r.event, r.kind, r.village, r.persons, known(r.perHead)}
	}}
}

func leadSheet(rows []lead) sheet {
	return sheet{"leads", len(rows), func(i int) []any {
		r := &rows[i]
		return []any{r.key, r.village, r.channel, r.reported, known(r.department), known(r.level), r.version}
	}}
}

func workflowSheet(rows []lead) sheet {
	return sheet{"workflow", len(rows), func(i int) []any {
		r := &rows[i]
		return []any{r.key, r.village, r.stage, r.entered, r.version}
	}}
}

func registeredSheet(rows []registered) sheet {
	return sheet{"registered", len(rows), func(i int) []any {
		r := &rows[i]
		return []any{r.key, r.village, r.stability, r.persons, r.version}
	}}
}

func (p *province) totalSheet() sheet {
	return sheet{"reported_totals", len(p.totals), func(i int) []any {
		r := &p.totals[i]
		return []any{"registered", r.region, r.households, r.persons, p.reference.UTC(), firstVersion}
	}}
}

func assetSheet(rows []asset) sheet {
	return sheet{"assets", len(rows), func(i int) []any {
		r := &rows[i]
		return []any{r.key, r.village, r.class, r.original, r.net, r.state, r.registered, known(r.kind), known(r.project),
			r.confirmed, r.transferred, r.maintained, known(r.condition), r.income, r.distributed, r.version}
	}}
}

// known is a value, or nothing where it is zero: not known.
func known[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}
