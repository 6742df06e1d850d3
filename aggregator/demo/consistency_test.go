package demo

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

// small is a size for tests of what does not hang on it.
func small() Size {
	return Size{
		Households: 3000, Years: 2, Projects: 200, Flows: 24, Visits: 5000, VisitDays: 200, SignIns: 3000, SignInDays: 20,
		Sales: 1000, SaleDays: 100, Orders: 1000, OrderDays: 90, Archives: 600,
	}
}

// moment is the reference in SQL, line the income line of its year.
func (h *hall) moment() string {
	return fmt.Sprintf("toDateTime64('%s', 3, 'UTC')", h.reference.UTC().Format(time.DateTime))
}

func (h *hall) line() uint64 {
	h.t.Helper()
	l, err := readLines(h.t.Context(), h.conn)
	if err != nil {
		h.t.Fatal(err)
	}
	return l.at(h.reference)
}

// none fails for each statement that finds something.
func (h *hall) none(rules map[string]string) {
	h.t.Helper()
	for what, sql := range rules {
		if n := h.number(sql); n != 0 {
			h.t.Errorf("%s: not for %d", what, n)
		}
	}
}

// about compares a count with bounds.
func (h *hall) about(what, sql string, least, most uint64) {
	h.t.Helper()
	if n := h.number(sql); n < least || n > most {
		h.t.Errorf("%s: %d, want %d to %d", what, n, least, most)
	}
}

// isConsistent holds the rules that rows of the standard province keep.
func (h *hall) isConsistent() {
	for _, group := range []struct {
		name  string
		rules func(*hall)
	}{
		{"every table", everyTable}, {"profiles", profileRules}, {"rural households", ruralRules}, {"leads", leadRules},
		{"exchange", exchangeRules}, {"measures", measureRules}, {"money", moneyRules}, {"organisation", organisationRules},
		{"emergencies", emergencyRules}, {"services", serviceRules}, {"rollups", rollupRules}, {"reported totals", totalRules},
	} {
		h.t.Run(group.name, func(t *testing.T) {
			in := *h
			in.t = t
			group.rules(&in)
		})
	}
}

// Of each table that a department may deliver there are rows.
func everyTable(h *hall) {
	for _, table := range h.catalogue.Schema.Tables {
		if table.Delivered() && h.number("SELECT count() FROM "+table.Name) == 0 {
			h.t.Errorf("table %s is empty", table.Name)
		}
	}
	for _, table := range tables() {
		if table.key == "" {
			continue
		}
		if n := h.number(fmt.Sprintf("SELECT count() FROM %s WHERE bitShiftRight(%s, 56) != 0xDE", table.name, table.key)); n > 0 {
			h.t.Errorf("%s: %d keys are not the demo's", table.name, n)
		}
	}
	h.none(map[string]string{"nothing happens after the reference": `SELECT count() FROM (
		SELECT at FROM visits UNION ALL SELECT at FROM fund_flows UNION ALL SELECT at FROM sign_ins UNION ALL SELECT at FROM sales
		UNION ALL SELECT at FROM service_health UNION ALL SELECT at FROM lotteries UNION ALL SELECT at FROM relative_poverty
		UNION ALL SELECT delivered_at FROM exchange_deliveries UNION ALL SELECT at FROM emergency_responses UNION ALL SELECT opened_at FROM work_orders
		UNION ALL SELECT answered_at FROM work_orders WHERE isNotNull(answered_at) UNION ALL SELECT delivered_at FROM measures WHERE isNotNull(delivered_at)
		UNION ALL SELECT archived_at FROM archives WHERE isNotNull(archived_at) UNION ALL SELECT returned_at FROM archive_loans WHERE isNotNull(returned_at)
	) WHERE at >= ` + h.moment()})
}

func profileRules(h *hall) {
	line := fmt.Sprint(h.line())
	const risk = "FROM (SELECT * FROM profiles FINAL) AS p INNER JOIN (SELECT household, state, causes, persons AS members FROM households FINAL) AS h USING (household) WHERE "
	h.none(map[string]string{
		"each household has a profile":        "SELECT count() FROM households FINAL WHERE (household, village, persons) NOT IN (SELECT household, village, persons FROM profiles FINAL)",
		"no profile is of nobody":             "SELECT count() FROM profiles FINAL WHERE household NOT IN (SELECT household FROM households)",
		"ages add up":                         "SELECT count() FROM profiles FINAL WHERE age_under_7 + age_7_15 + age_16_59 + age_60_up != persons",
		"labour adds up":                      "SELECT count() FROM profiles FINAL WHERE labour_skilled + labour_ordinary + labour_weak + labour_lost + labour_none != persons",
		"schooling adds up":                   "SELECT count() FROM profiles FINAL WHERE education_none + education_primary + education_junior + education_senior + education_college != persons",
		"health fits":                         "SELECT count() FROM profiles FINAL WHERE healthy + greatest(chronic, serious_illness, disabled) > persons OR healthy + chronic + serious_illness + disabled < persons",
		"only who can work is employed":       "SELECT count() FROM profiles FINAL WHERE employed > labour_skilled + labour_ordinary + labour_weak",
		"because of illness somebody is ill":  "SELECT count() " + risk + "has(causes, 'illness') AND chronic + serious_illness = 0",
		"because of disability":               "SELECT count() " + risk + "has(causes, 'disability') AND disabled = 0",
		"because of school there is a child":  "SELECT count() " + risk + "state = 'monitored' AND has(causes, 'schooling') AND age_7_15 = 0",
		"where hands are short there are few": "SELECT count() " + risk + "state = 'monitored' AND has(causes, 'labour_shortage') AND labour_skilled + labour_ordinary > 0",
		"because of housing":                  "SELECT count() " + risk + "state = 'monitored' AND has(causes, 'housing') AND housing_secured",
		"because of water":                    "SELECT count() " + risk + "state = 'monitored' AND has(causes, 'drinking_water') AND water_secured",
		"where risk is eliminated all is secured": "SELECT count() " + risk + `state = 'eliminated' AND (NOT (food_secured AND clothing_secured AND schooling_secured AND medical_secured AND housing_secured AND water_secured)
			OR labour_skilled + labour_ordinary + labour_weak = 0 OR wage_income + business_income + property_income + transfer_income - business_expense < ` + line + ` * persons)`,
	})
	h.about("households below the line", "SELECT count() FROM profiles FINAL WHERE wage_income + business_income + property_income + transfer_income - business_expense < "+line+" * persons", 3000, 6500)
	h.about("incomes", "SELECT uniqExact(year) FROM incomes FINAL", 5, 5)
	h.none(map[string]string{"each year has everybody's income": "SELECT count() FROM (SELECT year FROM incomes FINAL GROUP BY year HAVING count() != 151431 + 12534)"})
	h.about("eliminations below the line", "SELECT count() FROM eliminations AS e FINAL INNER JOIN income_lines AS l FINAL ON toYear(at, 'Asia/Shanghai') = l.year WHERE event = 'eliminated' AND income_per_head < yuan", 20, 120)
}

func ruralRules(h *hall) {
	h.none(map[string]string{
		"monitored are the households at risk": `SELECT count() FROM (SELECT household, village, persons FROM households FINAL WHERE state = 'monitored') AS h
			FULL JOIN (SELECT household, village, persons FROM rural_households FINAL WHERE standing = 'monitored') AS r USING (household) WHERE h.persons != r.persons OR h.village != r.village`,
		"relative are those that entered last": `SELECT count() FROM (SELECT household, 1 AS is FROM rural_households FINAL WHERE standing = 'relative') AS r
			FULL JOIN (SELECT household, 1 AS is FROM relative_poverty FINAL GROUP BY household HAVING argMax(event, at) = 'entered') AS e USING (household) WHERE r.is != e.is`,
		"an income is that of the profile": `SELECT count() FROM rural_households AS r FINAL INNER JOIN profiles AS p FINAL USING (household)
			WHERE r.income_per_head != intDiv(wage_income + business_income + property_income + transfer_income - business_expense, p.persons)`,
		"nobody leaves before entering":   "SELECT count() FROM (SELECT household FROM relative_poverty FINAL GROUP BY household HAVING countIf(event = 'entered') != 1 OR minIf(at, event = 'entered') != min(at))",
		"the same people":                 "SELECT count() FROM relative_poverty AS e FINAL LEFT JOIN rural_households AS r FINAL USING (household) WHERE e.persons != r.persons OR e.village != r.village",
		"visits are paid to who is there": "SELECT count() FROM visits WHERE (household, village) NOT IN (SELECT household, village FROM rural_households FINAL)",
		"counties have their general shares": `SELECT count() FROM (SELECT parent, count() AS n FROM rural_households AS r FINAL INNER JOIN regions AS t ON intDiv(r.village, 1000) = t.code WHERE household NOT IN (SELECT household FROM households) GROUP BY parent) AS c
			INNER JOIN regions AS g ON c.parent = g.code WHERE abs(n - 40000 * rural_households / 1269900) > 2`,
	})
	h.about("rural households", "SELECT count() FROM rural_households FINAL", 40000+12534, 40000+12534)
}

func leadRules(h *hall) {
	h.none(map[string]string{
		"who pushed is known of what was pushed": "SELECT count() FROM leads FINAL WHERE (channel = 'department') != isNotNull(department)",
		"a lead that moved on has a passage":     "SELECT count() FROM workflow FINAL WHERE (stage != 'household_check') != (lead IN (SELECT lead FROM stage_passages))",
		"the last passage led here":              "SELECT count() FROM workflow AS w FINAL INNER JOIN (SELECT lead, max(left_at) AS left FROM stage_passages FINAL GROUP BY lead) AS p USING (lead) WHERE left != entered_at",
		"passages follow each other": `SELECT count() FROM (SELECT lead, arraySort(groupArray((entered_at, left_at))) AS p FROM stage_passages FINAL GROUP BY lead)
			WHERE arrayExists(i -> p[i].2 != p[i + 1].1, range(1, length(p))) OR arrayExists(x -> x.1 > x.2, p)`,
		"a report comes first": "SELECT count() FROM stage_passages AS p FINAL INNER JOIN leads AS l FINAL USING (lead) WHERE entered_at <= reported_at",
		"closed leads were closed": `SELECT count() FROM (SELECT lead, argMax(outcome, left_at) = 'closed' AS closed FROM stage_passages FINAL GROUP BY lead) AS p
			INNER JOIN workflow AS w FINAL USING (lead) WHERE closed != (stage = 'closed')`,
	})
	h.about("leads with a level", "SELECT countIf(isNotNull(level)) FROM leads FINAL", 11000, 14000)
}

func exchangeRules(h *hall) {
	h.about("deliveries of the months before", "SELECT count() FROM exchange_deliveries FINAL WHERE period < toStartOfMonth(toDate("+h.moment()+", 'Asia/Shanghai'))", 23*11-1, 23*11)
	h.about("records of the first month", "SELECT sum(records) FROM exchange_deliveries FINAL WHERE period = (SELECT min(period) FROM exchange_deliveries)", 13000, 18000)
	h.about("accuracy, of 10,000", "SELECT toUInt64(10000 * sum(matched) / sum(compared)) FROM exchange_deliveries FINAL", 9850, 9940)
	g, _, err := newGenerator(1, time.Date(2026, 11, 23, 0, 0, 0, 0, shanghai()))
	if err != nil {
		h.t.Fatal(err)
	}
	heard, empty := map[string]bool{}, 0
	for _, e := range g.exchanges() {
		if e.period.Month() == 11 && e.period.Year() == 2026 {
			heard[e.department] = true
			if e.records == 0 {
				empty++
			}
		}
	}
	equal(h.t, "departments heard", len(heard), 10)
	equal(h.t, "the silent one", heard[silentDepartment], false)
	equal(h.t, "deliveries of nothing", empty, 1)
}

func measureRules(h *hall) {
	h.none(map[string]string{
		"measures are for households":         "SELECT count() FROM measures FINAL WHERE (household, village) NOT IN (SELECT household, village FROM households FINAL)",
		"planned after recognition":           "SELECT count() FROM measures AS m FINAL INNER JOIN households AS h FINAL USING (household) WHERE planned_at < recognised_at",
		"delivered after planned":             "SELECT count() FROM measures FINAL WHERE delivered_at < planned_at OR ended_at < delivered_at",
		"what is not delivered costs nothing": "SELECT count() FROM measures FINAL WHERE isNull(delivered_at) AND (delivered_amount > 0 OR effect != 'unassessed' OR isNotNull(ended_at))",
		"not more than planned":               "SELECT count() FROM measures FINAL WHERE delivered_amount > planned_amount",
	})
	h.about("not delivered", "SELECT count() FROM measures FINAL WHERE isNull(delivered_at)", 800, 3000)
	h.about("households with none", "SELECT count() FROM households FINAL WHERE household NOT IN (SELECT household FROM measures)", 50, 400)
	h.about("ill and no fitting measure", `SELECT count() FROM households FINAL WHERE has(causes, 'illness')
		AND household NOT IN (SELECT household FROM measures FINAL WHERE kind IN ('health', 'social_assistance', 'comprehensive_security'))`, 150, 900)
}

func moneyRules(h *hall) {
	h.none(map[string]string{
		"no step moves more than the one before": `SELECT count() FROM (SELECT sumIf(amount, step = 'issued') AS a, sumIf(amount, step = 'allocated') AS b, sumIf(amount, step = 'paid') AS c, sumIf(amount, step = 'granted') AS d
			FROM fund_flows FINAL GROUP BY project) WHERE b > a OR c > b OR d > c`,
		"nor the first more than the budget":    "SELECT count() FROM (SELECT project, sum(amount) AS a FROM fund_flows FINAL WHERE step = 'issued' GROUP BY project) AS f INNER JOIN projects AS p FINAL USING (project) WHERE a > budget",
		"money flows where the project is":      "SELECT count() FROM fund_flows FINAL WHERE (project, village) NOT IN (SELECT project, village FROM projects FINAL)",
		"nor before it began":                   "SELECT count() FROM fund_flows AS f FINAL INNER JOIN projects AS p FINAL USING (project) WHERE f.at < started_at",
		"assets are of projects of the village": "SELECT count() FROM assets FINAL WHERE isNotNull(project) AND (assumeNotNull(project), village) NOT IN (SELECT project, village FROM projects FINAL)",
		"finished projects are done":            "SELECT count() FROM projects FINAL WHERE isNotNull(finished_at) != (progress = 100) OR finished_at < started_at",
		"only operating assets earn":            "SELECT count() FROM assets FINAL WHERE annual_income > 0 AND class != 'operating'",
	})
	h.about("assets of a project", "SELECT countIf(isNotNull(project)) FROM assets FINAL", 10000, 25000)
	h.about("idle or inefficient", "SELECT countIf(condition != 'normal') FROM assets FINAL", 800, 3000)
}

func organisationRules(h *hall) {
	h.about("assisting units", "SELECT count() FROM organisations FINAL WHERE kind = 'assisting_unit' AND state = 'active'", 5926, 5926)
	h.about("responsible persons", "SELECT sum(members) FROM organisations FINAL WHERE kind = 'assisting_unit'", 38000, 38000)
	h.about("accounts", "SELECT count() FROM accounts FINAL", 71000, 71000)
	h.about("of responsible persons", "SELECT count() FROM accounts FINAL WHERE role = 'responsible'", 38000, 38000)
	h.none(map[string]string{
		"regions are there": `SELECT count() FROM (SELECT region FROM organisations UNION ALL SELECT region FROM accounts UNION ALL SELECT region FROM archives UNION ALL SELECT region FROM tickets)
			WHERE region NOT IN (SELECT code FROM regions WHERE level != 'village')`,
		"sign-ins are of accounts": "SELECT count() FROM sign_ins WHERE (account, region) NOT IN (SELECT account, region FROM accounts FINAL WHERE state = 'enabled')",
		"products are of entities": "SELECT count() FROM products FINAL WHERE (entity, village) NOT IN (SELECT entity, village FROM entities FINAL)",
		"sales are of products":    "SELECT count() FROM sales WHERE (product, village) NOT IN (SELECT product, village FROM products FINAL)",
	})
}

func emergencyRules(h *hall) {
	h.about("going on", "SELECT count() FROM emergencies FINAL WHERE isNull(ended_at) AND kind = 'typhoon' AND excludes != '' AND cutoff_at > started_at", 1, 1)
	h.about("past", "SELECT count() FROM emergencies FINAL WHERE isNotNull(ended_at)", 3, 20)
	h.none(map[string]string{
		"each hit somebody":        "SELECT count() FROM emergencies FINAL WHERE emergency NOT IN (SELECT emergency FROM emergency_households)",
		"who was hit is there":     "SELECT count() FROM emergency_households FINAL WHERE (household, village, persons) NOT IN (SELECT household, village, persons FROM rural_households FINAL)",
		"monitored are so":         "SELECT count() FROM emergency_households FINAL WHERE (reassessment = 'monitored') != (household IN (SELECT household FROM rural_households FINAL WHERE standing = 'monitored'))",
		"relief adds up":           "SELECT count() FROM (SELECT emergency, sum(relief) AS given FROM emergency_households FINAL GROUP BY emergency) AS h INNER JOIN (SELECT emergency, sum(amount) AS paid FROM emergency_responses FINAL WHERE action = 'relief' GROUP BY emergency) AS r USING (emergency) WHERE given != paid",
		"no relief above the loss": "SELECT count() FROM emergency_households FINAL WHERE relief > loss",
		"what is over is assessed": "SELECT count() FROM emergency_households AS h FINAL INNER JOIN emergencies AS e FINAL USING (emergency) WHERE isNotNull(ended_at) AND reassessment = 'pending'",
	})
	h.about("pending in the one that goes on", "SELECT count() FROM emergency_households FINAL WHERE reassessment = 'pending'", 100, 5000)
}

func serviceRules(h *hall) {
	h.none(map[string]string{
		"orders have a term":         "SELECT count() FROM work_orders FINAL WHERE due_at <= opened_at OR answered_at < opened_at",
		"only answers satisfy":       "SELECT count() FROM work_orders FINAL WHERE isNull(answered_at) AND isNotNull(satisfaction)",
		"loans are of archived ones": "SELECT count() FROM archive_loans FINAL WHERE volume NOT IN (SELECT volume FROM archives FINAL WHERE state = 'archived')",
		"loans go in order":          "SELECT count() FROM archive_loans FINAL WHERE approved_at < requested_at OR due_at < approved_at OR returned_at < approved_at",
		"volumes are archived after": "SELECT count() FROM archives FINAL WHERE archived_at < collected_at OR isNotNull(archived_at) != (state IN ('archived', 'destroyed'))",
		"tickets close after":        "SELECT count() FROM tickets FINAL WHERE closed_at < opened_at",
		"a probe a minute":           "SELECT count() FROM (SELECT service FROM service_health FINAL GROUP BY service HAVING count() != 2880)",
		"every day has visits":       "SELECT toUInt64(30 - uniqExact(toDate(at, 'Asia/Shanghai'))) FROM visits WHERE at >= " + h.moment() + " - toIntervalDay(30)",
		"every day has sign-ins":     "SELECT toUInt64(30 - uniqExact(toDate(at, 'Asia/Shanghai'))) FROM sign_ins WHERE at >= " + h.moment() + " - toIntervalDay(30)",
	})
	h.about("open orders", "SELECT countIf(isNull(answered_at)) FROM work_orders FINAL", 100, 1500)
	h.about("late orders", "SELECT countIf(isNull(answered_at) AND due_at < "+h.moment()+") FROM work_orders FINAL", 20, 600)
	h.about("visits", "SELECT count() FROM visits", 400_000, 400_000)
}

func rollupRules(h *hall) {
	for _, table := range tables() {
		for _, r := range table.rollups {
			equal(h.t, r.name, h.number(fmt.Sprintf("SELECT sum(%s) FROM %s", r.counts, r.name)), h.number("SELECT count() FROM "+table.name+" FINAL"))
		}
	}
}

func totalRules(h *hall) {
	for subject, sql := range map[string]string{
		"monitored": "SELECT count() FROM households FINAL", "rural_households": "SELECT count() FROM rural_households FINAL",
		"assets": "SELECT count() FROM assets FINAL WHERE state = 'in_use'",
	} {
		for _, level := range []string{"province", "county", "township"} {
			equal(h.t, subject+" by "+level, h.number("SELECT sum(households) FROM reported_totals FINAL WHERE subject = '"+subject+"' AND region IN (SELECT code FROM regions WHERE level = '"+level+"')"), h.number(sql))
		}
	}
}

// sums hashes what every table holds; rows of another order hash the same.
func (h *hall) sums() map[string]uint64 {
	h.t.Helper()
	all := map[string]uint64{}
	for _, table := range tables() {
		all[table.name] = h.number("SELECT sum(cityHash64(*)) + count() FROM (SELECT * EXCEPT ingested_at FROM " + table.name + " FINAL)")
		for _, r := range table.rollups {
			all[r.name] = h.number("SELECT sum(cityHash64(*)) FROM (SELECT * FROM " + r.name + " FINAL)")
		}
	}
	return all
}

// The same seed, reference and size give the same rows, whether a load was cut off or
// not; another seed gives others.
func TestLoadIsDeterministicAndGoesOn(t *testing.T) {
	if testing.Short() {
		t.Skip("make soak runs it")
	}
	load := func(seed uint64, cutAt int) map[string]uint64 {
		h := newHall(t)
		o := Options{Mode: ModeLive, Seed: seed, Size: small(), Reference: Today(time.Now())}
		if cutAt > 0 {
			ctx, cancel := context.WithCancel(t.Context())
			o.Progress = func(done, total int) {
				if done*100 > total*cutAt {
					cancel()
				}
			}
			if err := Load(ctx, h.conn, o); !errors.Is(err, context.Canceled) {
				t.Fatalf("error is %v", err)
			}
			// A chunk was written by half, its sums with it.
			h.exec("INSERT INTO sign_ins SELECT sign_in, account, region, at, client, ingested_at FROM sign_ins LIMIT 10 SETTINGS insert_deduplicate = 0")
			o.Progress = nil
		}
		if err := Load(t.Context(), h.conn, o); err != nil {
			t.Fatal(err)
		}
		return h.sums()
	}
	first := load(5, 0)
	equal(t, "after it was cut off", load(5, 97), first)
	for table, sum := range load(6, 0) {
		if sum == first[table] && table != "regions" {
			t.Errorf("%s is the same for two seeds", table)
		}
	}
}
