package examples

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"liaowang/queries/warehouse"
)

// ofRegion asks a metric and compares the rows of one region: in their order where
// the first column is a day or a text, else in any.
func (x *world) ofRegion(metric, scope string, want ...string) {
	x.t.Helper()
	got := x.rows(metric, scope)
	if m, _ := x.catalogue.Metric(metric); m.Gridded() {
		slices.Sort(got)
		slices.Sort(want)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		x.t.Errorf("%s of %s (-want +got):\n%s", metric, scope, diff)
	}
}

// assisted is a province with seven households and eight measures, on 15 March
// 2026; a measure is due 30 days after it was planned.
//
//	1 长流镇, moved there from 那大镇   因病   two measures delivered
//	2 长流镇                            因学   one planned
//	3 城西镇                            因病   one planned, overdue
//	4 那大镇, risk eliminated           因病   two delivered
//	5 那大镇, taken off the list        因病   one delivered
//	6 a village that no list of regions knows   因残, then 因病   one delivered
//	7 那大镇                            因学, then 因病   none
func assisted(t *testing.T) *world {
	x := at(t, "2026-03-15 10:30:00")
	x.insert("households",
		`{"household":1,"village":`+nadaVillage+`,"type":"marginal_poor","causes":["illness"],"persons":4,"state":"monitored","recognised_at":"2025-01-02 02:00:00","version":1}`,
		`{"household":1,"village":`+xiuyingVillage+`,"type":"marginal_poor","causes":["illness"],"persons":4,"state":"monitored","recognised_at":"2025-01-02 02:00:00","version":2}`,
		`{"household":2,"village":`+xiuyingVillage+`,"type":"marginal_poor","causes":["schooling"],"persons":3,"state":"monitored","recognised_at":"2026-03-01 02:00:00","version":1}`,
		`{"household":3,"village":`+longhuaVillage+`,"type":"marginal_poor","causes":["illness"],"persons":2,"state":"monitored","recognised_at":"2026-03-01 02:00:00","version":1}`,
		`{"household":4,"village":`+nadaVillage+`,"type":"marginal_poor","causes":["illness"],"persons":5,"state":"eliminated","recognised_at":"2025-01-02 02:00:00","version":1}`,
		`{"household":5,"village":`+nadaVillage+`,"type":"marginal_poor","causes":["illness"],"persons":1,"state":"removed","recognised_at":"2025-01-02 02:00:00","version":1}`,
		`{"household":6,"village":469099100201,"type":"marginal_poor","causes":["disability","illness"],"persons":2,"state":"monitored","recognised_at":"2025-01-02 02:00:00","version":1}`,
		`{"household":7,"village":`+nadaVillage+`,"type":"marginal_poor","causes":["schooling","illness"],"persons":6,"state":"monitored","recognised_at":"2026-03-01 02:00:00","version":1}`,
	)
	x.insert("measures",
		// Planned when household 1 lived in 那大镇, and moved with it: the newer version counts. 31 January,
		// one second before midnight in Asia/Shanghai: 30 days after it was planned, in time.
		`{"measure":1,"household":1,"village":`+nadaVillage+`,"kind":"industry","planned_at":"2026-01-01 02:00:00","planned_amount":1000,"version":1}`,
		`{"measure":1,"household":1,"village":`+xiuyingVillage+`,"kind":"industry","planned_at":"2026-01-01 02:00:00","delivered_at":"2026-01-31 15:59:59","planned_amount":1000,"delivered_amount":900,"effect":"good","version":2}`,
		// One second later it is 1 February there: 31 days, late, and a month on.
		`{"measure":2,"household":1,"village":`+xiuyingVillage+`,"kind":"health","planned_at":"2026-01-01 02:00:00","delivered_at":"2026-01-31 16:00:00","planned_amount":500,"delivered_amount":500,"effect":"fair","version":1}`,
		// 30 days ago, so not overdue before tomorrow. What was paid already counts when it is delivered.
		`{"measure":3,"household":2,"village":`+xiuyingVillage+`,"kind":"compulsory_education","planned_at":"2026-02-13 02:00:00","planned_amount":200,"delivered_amount":50,"version":1}`,
		// 31 days ago: overdue.
		`{"measure":4,"household":3,"village":`+longhuaVillage+`,"kind":"insurance","planned_at":"2026-02-12 02:00:00","planned_amount":100,"version":1}`,
		// Delivered in the last second of March 2025, before the twelve months.
		`{"measure":5,"household":4,"village":`+nadaVillage+`,"kind":"housing","planned_at":"2025-03-01 02:00:00","delivered_at":"2025-03-31 15:59:59","version":1}`,
		// Delivered in the first second of April 2025, the first of the twelve months; 30 days: in time.
		`{"measure":6,"household":4,"village":`+nadaVillage+`,"kind":"social_assistance","planned_at":"2025-03-02 02:00:00","delivered_at":"2025-03-31 16:00:00","planned_amount":300,"delivered_amount":300,"version":1}`,
		// Delivered in the first second of 2026, after 31 days; more was spent than planned.
		`{"measure":7,"household":6,"village":469099100201,"kind":"consumption","planned_at":"2025-12-01 02:00:00","delivered_at":"2025-12-31 16:00:00","planned_amount":400,"delivered_amount":700,"version":1}`,
		`{"measure":8,"household":5,"village":`+nadaVillage+`,"kind":"relocation","planned_at":"2026-01-25 02:00:00","delivered_at":"2026-02-01 02:00:00","version":1}`,
	)
	return x
}

func TestMeasuresByKind(t *testing.T) {
	x := assisted(t)
	// 长流镇 has measures 1, 2 and 3. Of the kinds that nobody planned there is nothing.
	x.ofRegion("measures.by_kind", xiuying,
		"industry 1 1 100", "health 1 1 100", "compulsory_education 1 0 0")
	x.ofRegion("measures.by_kind", sansha)
	// The whole province: 1 and 7 are development; 4, 6 and 8 are other, of which 4 is not delivered.
	x.ofRegion("measures.by_group", province,
		"development 2 2 100", "health 1 1 100", "education 1 0 0", "security 1 1 100", "other 3 2 66.67")
	x.ofRegion("measures.by_group", nada,
		"security 1 1 100", "other 2 2 100")
	x.ofRegion("measures.by_group", sansha)
	x.answers("measures.amounts",
		xiuying+" development 1 1000 900", xiuying+" health 1 500 500", xiuying+" education 1 200 0",
		longhua+" other 1 100 0",
		haikou+" development 1 1000 900", haikou+" health 1 500 500", haikou+" education 1 200 0", haikou+" other 1 100 0",
		nada+" security 1 0 0", nada+" other 2 300 300", danzhou+" security 1 0 0", danzhou+" other 2 300 300",
		// Measure 7 is of no township that is known: 1000 + 400 planned, 900 + 700 delivered.
		province+" development 2 1400 1600", province+" health 1 500 500", province+" education 1 200 0",
		province+" security 1 0 0", province+" other 3 400 300")
	x.answers("measures.by_effect",
		xiuying+" good 1", xiuying+" fair 1", haikou+" good 1", haikou+" fair 1",
		nada+" unassessed 3", danzhou+" unassessed 3",
		province+" good 1", province+" fair 1", province+" unassessed 4")

	x.fails("measures.groups")
	x.failsWhen("measures.groups", func(metric string, answer warehouse.Answer) {
		if metric != "measures.by_kind" {
			return
		}
		for _, row := range answer[xiuying] {
			if row[0] == "industry" || row[0] == "health" {
				row[1] = row[1].(float64) + 2
			}
		}
	}, xiuying+" 不平, 开发式计划差2项落实差0项; 健康计划差2项落实差0项")
	// 1600 yuan delivered where 1400 were planned.
	x.fails("measures.delivered", province+" 开发式落实超计划200元")
	x.insert("measures", `{"measure":7,"household":6,"village":469099100201,"kind":"consumption","planned_at":"2025-12-01 02:00:00","delivered_at":"2025-12-31 16:00:00","planned_amount":400,"delivered_amount":400,"version":2}`)
	x.fails("measures.delivered")
}

func TestMeasuresCoverage(t *testing.T) {
	x := assisted(t)
	// At risk are 1, 2, 3, 6 and 7; only 1 and 6 have a measure that was delivered, a plan does not cover.
	x.answers("measures.coverage",
		province+" 5 2 3 40", haikou+" 3 1 2 33.33", xiuying+" 2 1 1 50", longhua+" 1 0 1 0",
		danzhou+" 1 0 1 0", nada+" 1 0 1 0")
	x.fails("measures.covered")
	x.failsWhen("measures.covered", func(metric string, answer warehouse.Answer) {
		if metric == "measures.coverage" {
			delete(answer, longhua)
		}
	}, longhua+" 不平, 差1户")
	// A household of 三沙, where no coverage is listed, is no fault of the coverage.
	x.failsWhen("measures.covered", func(metric string, answer warehouse.Answer) {
		if metric == "risk.remaining" {
			answer[sansha] = answer[longhua]
		}
	})
}

func TestMeasuresTimeliness(t *testing.T) {
	x := assisted(t)
	x.answers("measures.timeliness",
		xiuying+" 3 1 1 0 1 50",     // 1 in time, 2 late, 3 still within its days
		longhua+" 1 0 0 1 0 0",      // 4 overdue
		haikou+" 4 1 1 1 1 33.33",   // 1 of 3 that are delivered or due
		nada+" 3 3 0 0 0 100",       // 5, 6 and 8
		danzhou+" 3 3 0 0 0 100",    //
		province+" 8 4 2 1 1 57.14") // 7 is late, too: 4 of 7
	// A province that allows 31 days has neither late nor overdue measures.
	x.insert("parameters", `{"name":"measure.due_days","value":31,"unit":"日","basis":"test","version":2}`)
	x.ofRegion("measures.timeliness", province, "8 6 0 0 2 100")
	x.exec("parameters", "TRUNCATE TABLE parameters")
	x.ofRegion("measures.timeliness", province, "8 缺报 缺报 缺报 缺报 缺报")
}

func TestMeasuresMismatch(t *testing.T) {
	x := assisted(t)
	x.answers("measures.mismatch",
		province+" illness 2 1 50", province+" schooling 2 1 50",
		// 1 has health; 3 has an insurance only.
		haikou+" illness 2 1 50", xiuying+" illness 1 0 0", longhua+" illness 1 1 100",
		// A plan is enough for 2.
		haikou+" schooling 1 0 0", xiuying+" schooling 1 0 0",
		// 7 has nothing, and is asked for its first cause only. 4 and 5 are no longer at risk.
		danzhou+" schooling 1 1 100", nada+" schooling 1 1 100")
	// 社会帮扶 fits illness, but not schooling.
	x.insert("measures",
		`{"measure":9,"household":3,"village":`+longhuaVillage+`,"kind":"social_assistance","planned_at":"2026-03-01 02:00:00","version":1}`,
		`{"measure":10,"household":7,"village":`+nadaVillage+`,"kind":"social_assistance","planned_at":"2026-03-01 02:00:00","version":1}`)
	x.ofRegion("measures.mismatch", province, "illness 2 0 0", "schooling 2 1 50")
}

func TestMeasuresByMonth(t *testing.T) {
	x := assisted(t)
	// 6 in April 2025, 7 and 1 in January, 2 and 8 in February; 5 is out of the twelve months.
	x.ofRegion("measures.by_month", province,
		"2025-04-01 1", "2025-05-01 0", "2025-06-01 0", "2025-07-01 0", "2025-08-01 0", "2025-09-01 0",
		"2025-10-01 0", "2025-11-01 0", "2025-12-01 0", "2026-01-01 2", "2026-02-01 2", "2026-03-01 0")
	x.ofRegion("measures.by_month", xiuying,
		"2025-04-01 0", "2025-05-01 0", "2025-06-01 0", "2025-07-01 0", "2025-08-01 0", "2025-09-01 0",
		"2025-10-01 0", "2025-11-01 0", "2025-12-01 0", "2026-01-01 1", "2026-02-01 1", "2026-03-01 0")
	x.ofRegion("measures.by_month", sansha)
}

func TestBeneficiaries(t *testing.T) {
	x := assisted(t)
	// 1 counts once for its two measures, 6 since the first second of the year; 5 is taken off, 4 was helped in 2025.
	x.answers("measures.beneficiaries", province+" 2 6", haikou+" 1 4", xiuying+" 1 4")
	// One second earlier the measure of 6 is of the year before.
	x.insert("measures", `{"measure":7,"household":6,"village":469099100201,"kind":"consumption","planned_at":"2025-12-01 02:00:00","delivered_at":"2025-12-31 15:59:59","version":2}`)
	x.answers("measures.beneficiaries", province+" 1 4", haikou+" 1 4", xiuying+" 1 4")
}

// Nothing planned: nothing is answered but the months.
func TestNoMeasures(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	for _, metric := range []string{"measures.amounts", "measures.by_effect", "measures.beneficiaries", "quality.by_rule"} {
		x.answers(metric)
	}
	x.none("measures.coverage", "measures.timeliness", "measures.mismatch", "quality.rates")
	if rows := x.rows("measures.by_month", province); len(rows) != 12 || strings.Join(rows, " ") != "2025-04-01 0 2025-05-01 0 2025-06-01 0 2025-07-01 0 2025-08-01 0 2025-09-01 0 2025-10-01 0 2025-11-01 0 2025-12-01 0 2026-01-01 0 2026-02-01 0 2026-03-01 0" {
		t.Errorf("twelve months of 0 are expected, got %q", rows)
	}
	for _, check := range []string{"measures.groups", "measures.delivered", "measures.covered"} {
		x.fails(check)
	}
}
