package demo

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// rural is one row of the table rural_households.
type rural struct {
	household, village uint64
	persons            uint8
	standing           string
	perHead            uint32
	version            uint64
}

// order is one row of the table work_orders.
type order struct {
	key, village          uint64
	door, topic           string
	opened, due, answered time.Time
	satisfaction          string
	version               uint64
}

// visit, signIn, flow, sale and probe are one row each of the tables visits, sign_ins,
// fund_flows, sales and service_health.
type visit struct {
	key, household, village uint64
	at                      time.Time
	kind, result            string
}

type signIn struct {
	key, account, region uint64
	at                   time.Time
	client               string
}

type flow struct {
	key, project, village uint64
	step                  string
	at                    time.Time
	amount                uint64
}

type sale struct {
	key, product, village uint64
	at                    time.Time
	channel               string
	amount                uint64
}

type probe struct {
	service      string
	at           time.Time
	up           bool
	milliseconds uint32
}

// follows brings what else is said of a household in line with its row.
func (l *live) follows(t *tick, h household) {
	p := l.generator.profile(&h, l.lines.at(t.at))
	r := rural{household: h.key, village: h.village, persons: h.persons, standing: "general", perHead: p.perHead(), version: h.version}
	if h.state == stateMonitored {
		r.standing = "monitored"
	}
	t.profiles, t.rural = append(t.profiles, p), append(t.rural, r)
}

// plans plans measures for a household that was recognised.
func (l *live) plans(t *tick, h household) {
	for i, kind := range plannedKinds(l.rng, &h) {
		t.measures = append(t.measures, measure{
			key: l.generator.keys.key(keyMeasure, h.key+uint64(i)), household: h.key, village: h.village, kind: kind,
			planned: t.at, budget: measureAmount(l.rng, kind), effect: "unassessed", version: firstVersion + 1,
		})
		l.stock["measure.open"]++
	}
}

// serve makes the events of the services: visits, sign-ins, sales, money, work orders,
// measures, deliveries, and the probe of each minute. They wait for each other, so that
// at a high rate, too, few rows are not scattered over many inserts.
func (l *live) serve(ctx context.Context, t *tick, planned []int) error {
	for kind := visitPaid; kind < eventKinds; kind++ {
		l.waiting[kind] += planned[kind]
		t.events += planned[kind] // they will have happened
	}
	if t.at.Sub(l.served) < serveEvery {
		return nil
	}
	planned, l.served = l.waiting[:], t.at
	defer func() { l.waiting = [eventKinds]int{} }()
	for _, kind := range []struct {
		eventKind
		happen func(context.Context, *tick, int) error
	}{{visitPaid, l.visit}, {signedIn, l.signIn}, {productSold, l.sell}, {fundsMoved, l.move}, {orderAnswered, l.answer}, {measureDelivered, l.deliver}} {
		if n := planned[kind.eventKind]; n > 0 {
			if err := kind.happen(ctx, t, n); err != nil {
				return err
			}
		}
	}
	for range planned[orderOpened] {
		l.open(t)
	}
	for range planned[departmentDelivered] {
		l.exchange(t)
	}
	l.probe(t)
	return nil
}

// number is the number of the i-th row of a tick: no two ticks are at one moment.
func (t *tick) number(i int) uint64 { return uint64(t.at.UnixMilli())*1000 + uint64(i) }

// nearby hands the range of keys, a thousandth of all, from a random one on to a
// statement: so little of a large table is read.
func (p picker) nearby(ctx context.Context, name string, n int, row func(driver.Rows) error) error {
	const part = 1 << 56 / 1000
	from := keyLow + p.rng.Uint64()>>8/1000*999
	return p.query(ctx, name, clickhouse.Parameters{
		"from": strconv.FormatUint(from, 10), "to": strconv.FormatUint(from+part, 10), "n": strconv.Itoa(n),
	}, row)
}

// visit pays visits: one in three to monitored households.
func (l *live) visit(ctx context.Context, t *tick, n int) error {
	add := func(household, village uint64, results []float64) {
		t.visits = append(t.visits, visit{
			key: l.generator.keys.key("visit", t.number(len(t.visits))), household: household, village: village, at: t.at,
			kind:   []string{"self_report", "survey", "verification", "visit", "follow_up"}[draw(l.rng, []float64{3, 40, 9, 38, 10})],
			result: []string{"no_risk", "risk_found", "help_needed"}[draw(l.rng, results)],
		})
	}
	if l.rng.IntN(100) < monitoredVisits {
		picked, err := l.picker.households(ctx, stateMonitored, t.at, n)
		for _, h := range picked {
			add(h.key, h.village, []float64{62, 9, 29})
		}
		return err
	}
	return l.picker.nearby(ctx, "pick_rural", n, func(r driver.Rows) error {
		var household, village uint64
		if err := r.Scan(&household, &village); err != nil {
			return err
		}
		add(household, village, []float64{974, 9, 17})
		return nil
	})
}

func (l *live) signIn(ctx context.Context, t *tick, n int) error {
	return l.picker.nearby(ctx, "pick_accounts", n, func(r driver.Rows) error {
		s := signIn{key: l.generator.keys.key("sign-in", t.number(len(t.signIns))), at: t.at, client: "app"}
		if l.rng.Float64() < 0.37 {
			s.client = "web"
		}
		if err := r.Scan(&s.account, &s.region); err != nil {
			return err
		}
		t.signIns = append(t.signIns, s)
		return nil
	})
}

func (l *live) sell(ctx context.Context, t *tick, n int) error {
	return l.picker.nearby(ctx, "pick_products", n, func(r driver.Rows) error {
		s := sale{
			key: l.generator.keys.key("sale", t.number(len(t.sales))), at: t.at, amount: uint64(20 + 900*math.Pow(l.rng.Float64(), 3)),
			channel: []string{"online", "canteen", "supermarket", "fair", "other"}[draw(l.rng, []float64{38, 27, 18, 11, 6})],
		}
		if err := r.Scan(&s.product, &s.village); err != nil {
			return err
		}
		t.sales = append(t.sales, s)
		return nil
	})
}

// move moves money along the chain of projects: the last step first that the step
// before has given something for.
func (l *live) move(ctx context.Context, t *tick, n int) error {
	year := clickhouse.Parameters{"year": strconv.Itoa(t.at.In(shanghai()).Year())}
	return l.picker.pick(ctx, "pick_projects", "", n, year, func(r driver.Rows) error {
		f := flow{key: l.generator.keys.key("flow", t.number(len(t.flows))), at: t.at}
		var budget, issued, allocated, paid, granted uint64
		if err := r.Scan(&f.project, &f.village, &budget, &issued, &allocated, &paid, &granted); err != nil {
			return err
		}
		chain := []uint64{budget, issued, allocated, paid, granted}
		steps := []string{"issued", "allocated", "paid", "granted"}
		for i := len(steps) - 1; i >= 0; i-- {
			if left := int64(chain[i]) - int64(chain[i+1]); left > 100 {
				f.step, f.amount = steps[i], uint64(float64(left)*(0.2+0.5*l.rng.Float64()))
				break
			}
		}
		if f.step != "" {
			t.flows = append(t.flows, f)
		}
		return nil
	})
}

func (l *live) open(t *tick) {
	o := order{
		key: l.generator.keys.key("work order", t.number(len(t.orders))), village: l.generator.geography.village(l.rng),
		door:   []string{"qr", "petition", "line_12317", "line_12345", "line_961017"}[draw(l.rng, []float64{46, 6, 13, 27, 8})],
		topic:  []string{"policy", "assistance", "complaint", "suggestion", "report"}[draw(l.rng, []float64{37, 26, 12, 10, 15})],
		opened: t.at, due: t.at.AddDate(0, 0, 7), version: firstVersion + 1,
	}
	if o.topic == "complaint" {
		o.due = t.at.AddDate(0, 0, 15)
	}
	t.orders = append(t.orders, o)
	l.stock["order.open"]++
}

// answer answers work orders that are open.
func (l *live) answer(ctx context.Context, t *tick, n int) error {
	return l.picker.pick(ctx, "pick_orders", "", n, nil, func(r driver.Rows) error {
		o := order{answered: t.at}
		if err := r.Scan(&o.key, &o.village, &o.door, &o.topic, &o.opened, &o.due, &o.version); err != nil {
			return err
		}
		o.version++
		o.satisfaction = []string{"", "satisfied", "neutral", "dissatisfied"}[draw(l.rng, []float64{30, 62, 6, 2})]
		t.orders = append(t.orders, o)
		return nil
	})
}

// deliver delivers measures that are planned.
func (l *live) deliver(ctx context.Context, t *tick, n int) error {
	return l.picker.pick(ctx, "pick_measures", "", n, nil, func(r driver.Rows) error {
		m := measure{delivered: t.at, effect: "unassessed"}
		if err := r.Scan(&m.key, &m.household, &m.village, &m.kind, &m.planned, &m.budget, &m.version); err != nil {
			return err
		}
		m.version++
		m.spent = m.budget * uint64(82+l.rng.IntN(19)) / 100
		t.measures = append(t.measures, m)
		return nil
	})
}

// exchange is a further delivery of a department, for the month that it is. The one that
// is silent stays so: the wall is to show it.
func (l *live) exchange(t *tick) {
	all := departments()
	d := all[l.rng.IntN(len(all))]
	if d.code != silentDepartment {
		local := t.at.In(shanghai())
		e := exchange{key: l.generator.keys.key(keyExchange, t.number(len(t.exchanges))), department: d.code, at: t.at,
			period: time.Date(local.Year(), local.Month(), 1, 0, 0, 0, 0, shanghai())}
		e.count(l.rng, department{records: d.records/10 + 1})
		t.exchanges = append(t.exchanges, e)
	}
}

// probe probes the services once a minute.
func (l *live) probe(t *tick) {
	minute := t.at.Truncate(time.Minute)
	if !minute.After(l.probed) {
		return
	}
	l.probed = minute
	for _, service := range []string{"intake", "aggregation", "wall", "field_app", "exchange", "archive"} {
		p := probe{service: service, at: minute, up: l.rng.Float64() > 0.0012, milliseconds: uint32(8 + l.rng.IntN(30))}
		if service == "exchange" {
			p.milliseconds += 90
		}
		if !p.up {
			p.milliseconds = 5000
		}
		t.probes = append(t.probes, p)
	}
}

func ruralSheet(rows []rural) sheet {
	return sheet{"rural_households", len(rows), func(i int) []any {
		r := &rows[i]
		return []any{r.household, r.village, r.persons, r.standing, r.perHead, r.version}
	}}
}

func orderSheet(rows []order) sheet {
	return sheet{"work_orders", len(rows), func(i int) []any {
		r := &rows[i]
		return []any{r.key, r.village, r.door, r.topic, r.opened, r.due, known(r.answered), known(r.satisfaction), r.version}
	}}
}

func visitSheet(rows []visit) sheet {
	return sheet{"visits", len(rows), func(i int) []any {
		r := &rows[i]
		return []any{r.key, r.household, r.village, r.at, r.kind, r.result}
	}}
}

func signInSheet(rows []signIn) sheet {
	return sheet{"sign_ins", len(rows), func(i int) []any {
		r := &rows[i]
		return []any{r.key, r.account, r.region, r.at, r.client}
	}}
}

func flowSheet(rows []flow) sheet {
	return sheet{"fund_flows", len(rows), func(i int) []any {
		r := &rows[i]
		return []any{r.key, r.project, r.village, r.step, r.at, r.amount}
	}}
}

func saleSheet(rows []sale) sheet {
	return sheet{"sales", len(rows), func(i int) []any {
		r := &rows[i]
		return []any{r.key, r.product, r.village, r.at, r.channel, r.amount}
	}}
}

func probeSheet(rows []probe) sheet {
	return sheet{"service_health", len(rows), func(i int) []any {
		r := &rows[i]
		return []any{r.service, r.at, r.up, r.milliseconds}
	}}
}
