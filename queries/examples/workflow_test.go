package examples

import (
	"testing"

	"liaowang/queries/warehouse"
)

// On 15 March: limits are 7 days for the check, 10 for the village's review, 5 for
// the township's check and 6 for the county's decision.
func someWorkflow(x *world) {
	x.insert("workflow",
		// Entered on the 8th, its first moment: 7 days, in time. On the 7th, its last second: 8, overdue.
		`{"lead":1,"village":`+xiuyingVillage+`,"stage":"household_check","entered_at":"2026-03-07 16:00:00","version":1}`,
		`{"lead":2,"village":`+xiuyingVillage+`,"stage":"household_check","entered_at":"2026-03-07 15:59:59","version":1}`,
		`{"lead":3,"village":`+nadaVillage+`,"stage":"village_review","entered_at":"2026-01-01 02:00:00","version":1}`,
		// Settled leads wait for nothing.
		`{"lead":4,"village":`+nadaVillage+`,"stage":"recognised","entered_at":"2026-01-01 02:00:00","version":1}`,
		`{"lead":5,"village":`+xiuyingVillage+`,"stage":"closed","entered_at":"2026-01-01 02:00:00","version":1}`,
		// 15, 28 and 29 days.
		`{"lead":6,"village":`+nadaVillage+`,"stage":"village_review","entered_at":"2026-02-28 02:00:00","version":1}`,
		`{"lead":7,"village":`+nadaVillage+`,"stage":"village_review","entered_at":"2026-02-15 02:00:00","version":1}`,
		`{"lead":8,"village":`+nadaVillage+`,"stage":"village_review","entered_at":"2026-02-14 02:00:00","version":1}`,
	)
	// Lead 3 went on, and turned out to be of 海口市: 14 days at the county.
	x.insert("workflow", `{"lead":3,"village":`+longhuaVillage+`,"stage":"county_decision","entered_at":"2026-03-01 02:00:00","version":2}`)
}

func TestBacklog(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.answers("backlog.by_stage")
	x.answers("backlog.overdue")
	x.answers("backlog.age")
	x.fails("backlog.limits")
	someWorkflow(x)
	x.answers("backlog.by_stage",
		province+" household_check 2", province+" village_review 3", province+" county_decision 1",
		haikou+" household_check 2", haikou+" county_decision 1", danzhou+" village_review 3",
		xiuying+" household_check 2", longhua+" county_decision 1", nada+" village_review 3")
	x.answers("backlog.overdue",
		province+" household_check 2 1", province+" village_review 3 3", province+" county_decision 1 1",
		haikou+" household_check 2 1", haikou+" county_decision 1 1", danzhou+" village_review 3 3",
		xiuying+" household_check 2 1", longhua+" county_decision 1 1", nada+" village_review 3 3")
	// Up to 7 days, 14, 28, longer.
	x.answers("backlog.age",
		province+" household_check 1 1 0 0", province+" village_review 0 0 2 1", province+" county_decision 0 1 0 0",
		haikou+" household_check 1 1 0 0", haikou+" county_decision 0 1 0 0", danzhou+" village_review 0 0 2 1",
		xiuying+" household_check 1 1 0 0", longhua+" county_decision 0 1 0 0", nada+" village_review 0 0 2 1")
	x.fails("backlog.limits")
	x.failsWhen("backlog.limits", func(metric string, answer warehouse.Answer) {
		if metric == "backlog.overdue" {
			delete(answer, nada)               // three that wait are not counted
			answer[longhua][0][2] = float64(3) // three of one are overdue
		}
	}, nada+" 不平, 差3条", longhua+" 超期多于待办, 多2条")
	// The province sets a limit of its own.
	x.insert("parameters", `{"name":"stage_limit.household_check","value":8,"unit":"日","basis":"example","version":2}`)
	x.reads("backlog.overdue", xiuying, []string{"household_check 2 0"})
	// Nobody can say what is overdue where there is no limit.
	x.exec("parameters", "TRUNCATE TABLE parameters")
	x.reads("backlog.overdue", xiuying, []string{"household_check 2 缺报"})
	x.fails("backlog.limits")
}

func TestStages(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.none("stages.timeliness")
	x.answers("stages.outcomes")
	x.insert("stage_passages",
		// 7 days, in time; 8 days, late.
		`{"lead":1,"village":`+xiuyingVillage+`,"stage":"household_check","entered_at":"2026-03-01 02:00:00","left_at":"2026-03-08 02:00:00","outcome":"passed"}`,
		`{"lead":2,"village":`+xiuyingVillage+`,"stage":"household_check","entered_at":"2026-03-01 02:00:00","left_at":"2026-03-09 02:00:00","outcome":"closed"}`,
		// Left in the first moment of the window: 4 to 14 February, 10 days. The last second before is outside.
		`{"lead":3,"village":`+nadaVillage+`,"stage":"village_review","entered_at":"2026-02-04 02:00:00","left_at":"2026-02-13 16:00:00","outcome":"returned"}`,
		`{"lead":4,"village":`+nadaVillage+`,"stage":"village_review","entered_at":"2026-02-04 02:00:00","left_at":"2026-02-13 15:59:59","outcome":"passed"}`,
	)
	// The first one is delivered again, among others: it counts once.
	x.insert("stage_passages",
		`{"lead":1,"village":`+xiuyingVillage+`,"stage":"household_check","entered_at":"2026-03-01 02:00:00","left_at":"2026-03-08 02:00:00","outcome":"passed"}`,
		`{"lead":3,"village":`+nadaVillage+`,"stage":"township_check","entered_at":"2025-02-04 02:00:00","left_at":"2025-02-05 16:00:00","outcome":"passed"}`,
	)
	// Half in time; (7 + 8) / 2 = 7.5 days.
	check, review := "2 1 50 7.5", "1 1 100 10"
	x.answers("stages.timeliness",
		province+" household_check "+check, haikou+" household_check "+check, xiuying+" household_check "+check,
		province+" village_review "+review, danzhou+" village_review "+review, nada+" village_review "+review)
	x.answers("stages.outcomes",
		province+" household_check 1 1 0", haikou+" household_check 1 1 0", xiuying+" household_check 1 1 0",
		province+" village_review 0 0 1", danzhou+" village_review 0 0 1", nada+" village_review 0 0 1")
	x.exec("parameters", "TRUNCATE TABLE parameters")
	// Without limits there is no rate, but the days are known.
	check, review = "2 缺报 缺报 7.5", "1 缺报 缺报 10"
	x.answers("stages.timeliness",
		province+" household_check "+check, haikou+" household_check "+check, xiuying+" household_check "+check,
		province+" village_review "+review, danzhou+" village_review "+review, nada+" village_review "+review)
}

// Working days are Monday to Friday; the day of the report does not count. The
// window of 90 days begins on 16 December.
func TestRecognitionTimeliness(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.none("recognition.timeliness")
	x.insert("leads",
		// Monday 2 February to Monday 2 March: four weeks of five, 20 days, in time.
		`{"lead":1,"village":`+xiuyingVillage+`,"channel":"other","reported_at":"2026-02-02 02:00:00","version":1}`,
		// To Tuesday: 21, late.
		`{"lead":2,"village":`+xiuyingVillage+`,"channel":"other","reported_at":"2026-02-02 02:00:00","version":1}`,
		// Friday to Sunday: none.
		`{"lead":3,"village":`+nadaVillage+`,"channel":"other","reported_at":"2026-03-06 02:00:00","version":1}`,
		// Recognised in the last second before the window, and in its first moment: Monday to Tuesday, 1 day.
		`{"lead":4,"village":`+nadaVillage+`,"channel":"other","reported_at":"2025-12-15 02:00:00","version":1}`,
		`{"lead":5,"village":`+nadaVillage+`,"channel":"other","reported_at":"2025-12-15 02:00:00","version":1}`,
		// Not recognised.
		`{"lead":6,"village":`+nadaVillage+`,"channel":"other","reported_at":"2026-03-06 02:00:00","version":1}`,
	)
	x.insert("workflow",
		`{"lead":1,"village":`+xiuyingVillage+`,"stage":"recognised","entered_at":"2026-03-02 02:00:00","version":1}`,
		`{"lead":2,"village":`+nadaVillage+`,"stage":"township_check","entered_at":"2026-02-20 02:00:00","version":1}`,
		`{"lead":2,"village":`+xiuyingVillage+`,"stage":"recognised","entered_at":"2026-03-03 02:00:00","version":2}`,
		`{"lead":3,"village":`+nadaVillage+`,"stage":"recognised","entered_at":"2026-03-08 02:00:00","version":1}`,
		`{"lead":4,"village":`+nadaVillage+`,"stage":"recognised","entered_at":"2025-12-15 15:59:59","version":1}`,
		`{"lead":5,"village":`+nadaVillage+`,"stage":"recognised","entered_at":"2025-12-15 16:00:00","version":1}`,
		`{"lead":6,"village":`+nadaVillage+`,"stage":"closed","entered_at":"2026-03-08 02:00:00","version":1}`,
		// A stage without its lead: nobody knows since when.
		`{"lead":7,"village":`+nadaVillage+`,"stage":"recognised","entered_at":"2026-03-08 02:00:00","version":1}`,
	)
	// 20, 21, 0 and 1 days: three of four in time, 10.5 on average.
	x.answers("recognition.timeliness",
		province+" 4 3 75 10.5", haikou+" 2 1 50 20.5", xiuying+" 2 1 50 20.5", danzhou+" 2 2 100 0.5", nada+" 2 2 100 0.5")
	x.insert("parameters", `{"name":"recognition.limit_working_days","value":21,"unit":"工作日","basis":"example","version":2}`)
	x.reads("recognition.timeliness", xiuying, []string{"2 2 100 20.5"})
}

func TestVerificationRate(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.none("verification.rate")
	x.insert("leads",
		`{"lead":1,"village":`+xiuyingVillage+`,"channel":"other","reported_at":"2025-12-15 16:00:00","version":1}`, // first moment of the window
		`{"lead":2,"village":`+xiuyingVillage+`,"channel":"other","reported_at":"2026-03-01 02:00:00","version":1}`, // still to be checked
		`{"lead":3,"village":`+nadaVillage+`,"channel":"other","reported_at":"2026-03-01 02:00:00","version":1}`,    // closed after the check
		`{"lead":4,"village":`+nadaVillage+`,"channel":"other","reported_at":"2026-03-01 02:00:00","version":1}`,    // returned to the check
		`{"lead":5,"village":`+nadaVillage+`,"channel":"other","reported_at":"2026-03-01 02:00:00","version":1}`,    // no stage yet
		`{"lead":6,"village":`+nadaVillage+`,"channel":"other","reported_at":"2025-12-15 15:59:59","version":1}`,    // before the window
	)
	x.insert("workflow",
		`{"lead":1,"village":`+xiuyingVillage+`,"stage":"village_review","entered_at":"2026-03-02 02:00:00","version":1}`,
		`{"lead":2,"village":`+xiuyingVillage+`,"stage":"household_check","entered_at":"2026-03-02 02:00:00","version":1}`,
		`{"lead":3,"village":`+nadaVillage+`,"stage":"closed","entered_at":"2026-03-02 02:00:00","version":1}`,
		`{"lead":4,"village":`+nadaVillage+`,"stage":"village_review","entered_at":"2026-03-02 02:00:00","version":1}`,
		`{"lead":4,"village":`+nadaVillage+`,"stage":"household_check","entered_at":"2026-03-03 02:00:00","version":2}`,
		`{"lead":6,"village":`+nadaVillage+`,"stage":"closed","entered_at":"2026-03-02 02:00:00","version":1}`,
	)
	x.answers("verification.rate",
		province+" 5 2 40", haikou+" 2 1 50", xiuying+" 2 1 50", danzhou+" 3 1 33.3333", nada+" 3 1 33.3333")
}
