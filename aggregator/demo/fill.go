package demo

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// fill is a statement that makes rows of a table inside ClickHouse, from numbers and
// from tables that were filled before: millions of rows need no way through a client.
// Every value follows from the seed and the row's number or key.
type fill struct {
	table string
	// name is that of the statement, table where empty.
	name string
	// rows is how many it makes; an estimate where exact is not set.
	rows  uint64
	exact bool
	// chunk is how many rows one run makes, all where 0: a run must end before the
	// client loses its patience, and fit into memory.
	chunk uint64
	// byKey divides the rows by their source's key rather than their number.
	byKey bool
	// more are parameters besides those that every statement gets.
	more clickhouse.Parameters
}

const (
	fillMemory = 1 << 30
	fillChunk  = 1_000_000
	// fillTimeout bounds one chunk on the server, seconds.
	fillTimeout = 120
)

// fills lists what is made inside ClickHouse, in order: a table comes after those
// that its statement reads.
func (p *province) fills() []fill {
	s, year := p.size, p.reference.In(shanghai()).Year()
	at := clickhouse.Parameters{"year": strconv.Itoa(year)}
	all := []fill{
		{table: "relative_poverty", rows: s.Households, chunk: fillChunk, more: clickhouse.Parameters{
			"households": number(s.Households), "relative_days": number(relativeDays), "relative_share": fmt.Sprint(relativeShare)}},
		{table: "relative_poverty", name: "relative_poverty_monitored", rows: 3000},
		{table: "rural_households", rows: s.Households, chunk: fillChunk, more: with(at, "households", number(s.Households))},
		{table: "rural_households", name: "rural_households_monitored", rows: uint64(len(p.households))},
	}
	for back := range s.Years {
		all = append(all, fill{table: "incomes", rows: uint64(len(p.registered) + len(p.households)), more: with(at, "of", strconv.Itoa(year-1-back))})
	}
	all = append(all,
		fill{table: "organisations", rows: organisations, more: clickhouse.Parameters{"units": number(assistingUnits), "responsible": number(responsibleCount)}},
		fill{table: "accounts", rows: accountCount, more: clickhouse.Parameters{"responsible": number(responsibleCount)}},
		fill{table: "entities", rows: entityCount},
		fill{table: "products", rows: 2 * entityCount},
		fill{table: "sales", rows: s.Sales, exact: true, chunk: fillChunk, more: clickhouse.Parameters{"sale_days": number(s.SaleDays)}},
		fill{table: "lotteries", rows: lotteryCount},
		fill{table: "work_orders", rows: s.Orders, more: clickhouse.Parameters{"order_days": number(s.OrderDays)}},
		fill{table: "archives", rows: s.Archives, more: clickhouse.Parameters{"today": p.reference.In(shanghai()).Format(time.DateOnly)}},
		fill{table: "archive_loans", rows: s.Archives / 12},
		fill{table: "grids", rows: 2 * 2750},
		fill{table: "sign_ins", rows: s.SignIns, exact: true, chunk: fillChunk, more: clickhouse.Parameters{"sign_in_days": number(s.SignInDays)}},
		fill{table: "tickets", rows: ticketCount},
		fill{table: "service_health", rows: probeCount},
		fill{table: "visits", rows: s.Visits - s.Visits*monitoredVisits/100, exact: true, chunk: fillChunk, more: clickhouse.Parameters{
			"visit_days": number(s.VisitDays), "households": number(s.Households)}},
		fill{table: "visits", name: "visits_monitored", rows: s.Visits * monitoredVisits / 100, exact: true, chunk: fillChunk, more: clickhouse.Parameters{"visit_days": number(s.VisitDays)}},
		fill{table: "fund_flows", rows: s.Projects * s.Flows, exact: true, chunk: fillChunk, byKey: true, more: clickhouse.Parameters{"flows": number(s.Flows)}},
	)
	for _, e := range p.emergencies {
		all = append(all, fill{table: "emergency_households", rows: e.hit(s), more: clickhouse.Parameters{
			"emergency": number(e.key), "counties": codeList(e.counties), "open": fmt.Sprint(e.open())}})
	}
	return append(all,
		fill{table: "emergency_responses", rows: 300},
		fill{table: "reported_totals", rows: 750},
	)
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }

func codeList(codes []uint64) string {
	text := make([]string, len(codes))
	for i, c := range codes {
		text[i] = number(c)
	}
	return "[" + strings.Join(text, ",") + "]"
}

func with(p clickhouse.Parameters, name, value string) clickhouse.Parameters {
	p = maps.Clone(p)
	p[name] = value
	return p
}

// run makes the rows and reports each chunk.
func (f fill) run(ctx context.Context, conn driver.Conn, p *province, written func(rows int)) error {
	name := f.name
	if name == "" {
		name = f.table
	}
	text, err := expand(statement("fill/" + name))
	if err != nil {
		return fmt.Errorf("fill %s: %w", name, err)
	}
	chunk := f.chunk
	if chunk == 0 {
		chunk = f.rows
	}
	chunks := uint64(1)
	for f.byKey && chunks*chunk < f.rows {
		chunks *= 2
	}
	for i, from := uint64(0), uint64(0); from < f.rows && (!f.byKey || i < chunks); i++ {
		n := min(chunk, f.rows-from)
		if f.byKey {
			n = (i+1)*f.rows/chunks - from
		}
		parameters := clickhouse.Parameters{
			"seed": number(p.seed), "reference": strconv.FormatInt(p.reference.Unix(), 10), "province": number(p.regions[0].code),
			"slots": number(slots(p.regions)), "low": number(keyLow), "high": number(keyHigh),
			"from": number(from), "rows": number(n), "total": number(f.rows), "chunk": number(i), "chunks": number(chunks),
		}
		maps.Copy(parameters, f.more)
		ctx := clickhouse.Context(ctx, clickhouse.WithParameters(used(parameters, text)), clickhouse.WithSettings(clickhouse.Settings{
			"max_memory_usage": fillMemory, "max_execution_time": fillTimeout, "max_insert_threads": 1,
			// A chunk that is made again is another one only to who remembers it.
			"insert_deduplicate": 0,
		}))
		if err := conn.Exec(ctx, text); err != nil {
			return fmt.Errorf("fill %s: %w", name, err)
		}
		written(int(n))
		from += n
	}
	return nil
}

// used are the parameters that a statement takes.
func used(all clickhouse.Parameters, text string) clickhouse.Parameters {
	some := clickhouse.Parameters{}
	for name, value := range all {
		if strings.Contains(text, "{"+name+":") {
			some[name] = value
		}
	}
	return some
}

// slotHouseholds is how many rural households a place on the wheel of villages stands for.
const slotHouseholds = 100

// slots is the number of places on the wheel of villages: each county has as many as
// its rural households say.
func slots(regions []region) (n uint64) {
	for _, r := range regions {
		if r.level == "county" && r.applicable {
			n += uint64(r.ruralHouseholds) / slotHouseholds
		}
	}
	return n
}

// expand writes out what the statements have in common.
func expand(text string) (string, error) {
	t, err := template.New("").Option("missingkey=error").Funcs(template.FuncMap{
		"key": keySQL, "hash": hashSQL, "below": belowSQL, "chance": chanceSQL, "weighted": weightedSQL,
		"size": sizeSQL, "moment": momentSQL, "daysago": daysAgoSQL,
		"wheel": func() string { return strings.TrimSpace(statement("wheel")) },
		"now":   func() string { return "fromUnixTimestamp64Milli({reference:Int64} * 1000, 'UTC')" },
	}).Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, nil)
	return b.String(), err
}

// hashSQL is a number that follows from the seed, a purpose and an expression.
func hashSQL(purpose, of string) string {
	return fmt.Sprintf("cityHash64({seed:UInt64}, '%s', toUInt64(%s))", purpose, of)
}

// keySQL is a key of the demo.
func keySQL(kind, of string) string {
	return fmt.Sprintf("bitOr(toUInt64(%d), bitShiftRight(%s, 8))", keyLow, hashSQL(kind, of))
}

// belowSQL is a whole number from 0 to less than n.
func belowSQL(purpose, of, n string) string { return "(" + hashSQL(purpose, of) + " % " + n + ")" }

// chanceSQL is a number from 0 to less than 1.
func chanceSQL(purpose, of string) string {
	return "(" + hashSQL(purpose, of) + " % 1000003 / 1000003)"
}

// weightedSQL is a code, drawn with the probability of the weight that follows it.
func weightedSQL(purpose, of string, codes ...any) (string, error) {
	total := 0
	for i := 1; i < len(codes); i += 2 {
		weight, ok := codes[i].(int)
		if !ok {
			return "", fmt.Errorf("weighted %q: %v is no weight", purpose, codes[i])
		}
		total += weight
	}
	var b strings.Builder
	b.WriteString("multiIf(")
	upTo := 0
	for i := 0; i < len(codes)-2; i += 2 {
		upTo += codes[i+1].(int)
		fmt.Fprintf(&b, "%s < %d, %s, ", belowSQL(purpose, of, strconv.Itoa(total)), upTo, literal(codes[i]))
	}
	b.WriteString(literal(codes[len(codes)-2]) + ")")
	return b.String(), nil
}

func literal(code any) string {
	if name, ok := code.(string); ok {
		return "'" + name + "'"
	}
	return fmt.Sprint(code)
}

// sizeSQL is the number of members of a general rural household, as householdSize draws it.
func sizeSQL(of string) (string, error) {
	return weightedSQL("size", of, 1, 6, 2, 13, 3, 21, 4, 26, 5, 18, 6, 10, 7, 4, 8, 2)
}

// daysAgoSQL is how many days before the reference the n-th of all rows lies, at least
// 1. Rows grow more frequent with time, and follow it, so that they go in as sorted.
func daysAgoSQL(of, days string) string {
	return fmt.Sprintf("toInt64(1 + %s * (1 - pow((%s + 0.5) / {total:UInt64}, 0.75)))", days, of)
}

// momentSQL is a moment of the day so many days before the reference: at daytime, and
// of a day in the week before where it would be on most weekends.
func momentSQL(ago, purpose, of string) string {
	day := fmt.Sprintf("toInt64(%s)", ago)
	weekday := fmt.Sprintf("((intDiv({reference:Int64} + 28800, 86400) - %s + 3) %% 7)", day) // 0 is Monday
	back := fmt.Sprintf("if(%s >= 5 AND %s < 0.65, %s - 4 + %s, 0)", weekday, chanceSQL(purpose+" weekend", of), weekday, belowSQL(purpose+" back", of, "5"))
	second := fmt.Sprintf("28800 + 21600 * (%s + %s)", chanceSQL(purpose, of), chanceSQL(purpose+" again", of))
	return fmt.Sprintf("fromUnixTimestamp64Milli(toInt64(({reference:Int64} - (%s + %s) * 86400 + %s) * 1000), 'UTC')", day, back, second)
}
