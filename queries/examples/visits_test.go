package examples

import (
	"fmt"
	"testing"
)

// visit is a row of a visit; the time is UTC.
func visit(id, household int, village, at, kind, result string) string {
	return fmt.Sprintf(`{"visit":%d,"household":%d,"village":%s,"at":"%s","kind":"%s","result":"%s"}`, id, household, village, at, kind, result)
}

func TestVisitsOfAnEmptyProvince(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.answers("visits.by_kind")
	x.answers("visits.by_result")
	x.answers("visits.by_year", zeros([]string{"2026-01-01"}, "0", nil)...)
	x.answers("visits.recent_rows", province+" 0 0")
	x.none("visits.coverage")
	x.reads("visits.by_day", nada, days("2026-02-14", 30, figuresOf("0", nil)))
	x.fails("visits.rollup")
}

// The last 30 days are 14 February to 15 March in Asia/Shanghai.
func TestVisits(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.insert("visits",
		visit(1, 1, xiuyingVillage, "2026-02-13 16:00:00", "survey", "no_risk"),    // first moment of the window
		visit(2, 1, xiuyingVillage, "2026-02-13 15:59:59", "survey", "no_risk"),    // last second before
		visit(3, 2, longhuaVillage, "2026-03-14 16:00:00", "visit", "risk_found"),  // first moment of today
		visit(4, 3, nadaVillage, "2026-03-14 15:59:59", "visit", "help_needed"),    // last second of yesterday
		visit(5, 4, nowhere, "2026-03-15 02:29:00", "self_report", "risk_found"),   // just now, of no region
		visit(6, 3, nadaVillage, "2024-12-31 16:00:00", "visit", "help_needed"),    // first moment of 2025
		visit(7, 3, nadaVillage, "2024-12-31 15:59:59", "follow_up", "no_risk"),    // last second of 2024
		visit(8, 3, xiuyingVillage, "2026-03-15 01:00:00", "follow_up", "no_risk"), // 9:00 today
	)
	x.answers("visits.by_kind",
		province+" survey 1", province+" visit 2", province+" self_report 1", province+" follow_up 1",
		haikou+" survey 1", haikou+" visit 1", haikou+" follow_up 1", danzhou+" visit 1",
		xiuying+" survey 1", xiuying+" follow_up 1", longhua+" visit 1", nada+" visit 1")
	x.answers("visits.by_result",
		province+" no_risk 2", province+" risk_found 2", province+" help_needed 1",
		haikou+" no_risk 2", haikou+" risk_found 1", danzhou+" help_needed 1",
		xiuying+" no_risk 2", longhua+" risk_found 1", nada+" help_needed 1")
	x.reads("visits.by_day", province, days("2026-02-14", 30, figuresOf("0", map[string]string{"2026-02-14": "1", "2026-03-14": "1", "2026-03-15": "3"})))
	x.reads("visits.by_day", danzhou, days("2026-02-14", 30, figuresOf("0", map[string]string{"2026-03-14": "1"})))
	x.reads("visits.by_day", sansha, nil)
	// Every region has every year since the first one of the province.
	x.answers("visits.by_year",
		province+" 2024-01-01 1", province+" 2025-01-01 1", province+" 2026-01-01 6",
		haikou+" 2024-01-01 0", haikou+" 2025-01-01 0", haikou+" 2026-01-01 4",
		danzhou+" 2024-01-01 1", danzhou+" 2025-01-01 1", danzhou+" 2026-01-01 1",
		xiuying+" 2024-01-01 0", xiuying+" 2025-01-01 0", xiuying+" 2026-01-01 3",
		longhua+" 2024-01-01 0", longhua+" 2025-01-01 0", longhua+" 2026-01-01 1",
		nada+" 2024-01-01 1", nada+" 2025-01-01 1", nada+" 2026-01-01 1")
	x.answers("visits.recent_rows", province+" 5 5")
	x.fails("visits.rollup")
	// A visit is delivered again with another result: one row, but the rollup
	// had counted it already.
	x.insert("visits", visit(8, 3, xiuyingVillage, "2026-03-15 01:00:00", "follow_up", "risk_found"))
	x.answers("visits.recent_rows", province+" 5 6")
	x.fails("visits.rollup", province+" 不平, 差1条, 日汇总多于逐条")
}

// At 10:30 the last whole hours are from 10:00 yesterday to 9:59:59.999 today.
func TestVisitsByHour(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.insert("visits",
		visit(1, 1, xiuyingVillage, "2026-03-14 01:59:59.999", "visit", "no_risk"), // before the first hour
		visit(2, 1, xiuyingVillage, "2026-03-14 02:00:00", "visit", "no_risk"),     // 10:00 yesterday
		visit(3, 1, xiuyingVillage, "2026-03-14 15:59:59.999", "visit", "no_risk"), // 23:59:59 yesterday
		visit(4, 1, nadaVillage, "2026-03-14 16:00:00", "visit", "no_risk"),        // 0:00 today
		visit(5, 1, nadaVillage, "2026-03-15 01:59:59.999", "visit", "no_risk"),    // 9:59:59 today
		visit(6, 1, nadaVillage, "2026-03-15 02:00:00", "visit", "no_risk"),        // 10:00 today: this hour is not over
	)
	want := func(named map[string]string) []string {
		var lines []string
		for i := range 24 {
			day := "2026-03-14"
			if i >= 14 {
				day = "2026-03-15"
			}
			key := fmt.Sprintf("h%02d %s", (10+i)%24, day)
			figure, ok := named[key]
			if !ok {
				figure = "0"
			}
			lines = append(lines, key+" "+figure)
		}
		return lines
	}
	x.reads("visits.by_hour", province, want(map[string]string{"h10 2026-03-14": "1", "h23 2026-03-14": "1", "h00 2026-03-15": "1", "h09 2026-03-15": "1"}))
	x.reads("visits.by_hour", haikou, want(map[string]string{"h10 2026-03-14": "1", "h23 2026-03-14": "1"}))
	x.reads("visits.by_hour", longhua, want(nil))
	x.reads("visits.by_hour", sansha, nil)
}

// A household must be visited within 90 days: since 16 December.
func TestVisitsCoverage(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	monitored := func(household int, village, state string, version int) string {
		return fmt.Sprintf(`{"household":%d,"village":%s,"type":"marginal_poor","causes":["illness"],"persons":3,"state":"%s","recognised_at":"2025-01-02 02:00:00","version":%d}`, household, village, state, version)
	}
	x.insert("households",
		monitored(1, nadaVillage, "monitored", 1), monitored(2, xiuyingVillage, "monitored", 1), monitored(3, xiuyingVillage, "monitored", 1),
		monitored(4, nadaVillage, "eliminated", 1), monitored(5, nadaVillage, "eliminated", 1), monitored(6, nadaVillage, "removed", 1),
		monitored(7, longhuaVillage, "monitored", 1))
	x.insert("households",
		monitored(1, xiuyingVillage, "monitored", 2), // moved to 海口市
		monitored(5, nadaVillage, "monitored", 2))    // its elimination was rolled back
	x.insert("visits",
		visit(1, 1, nadaVillage, "2025-12-15 16:00:00", "visit", "no_risk"),          // 16 December, where it lived then: visited
		visit(2, 2, xiuyingVillage, "2025-12-15 15:59:59", "visit", "no_risk"),       // 15 December: too long ago
		visit(3, 3, xiuyingVillage, "2026-03-01 02:00:00", "self_report", "no_risk"), // nobody went there
		visit(4, 4, nadaVillage, "2026-03-01 02:00:00", "visit", "no_risk"),          // no risk remains
		visit(5, 5, nadaVillage, "2026-03-01 02:00:00", "survey", "no_risk"),
		visit(6, 5, nadaVillage, "2026-03-02 02:00:00", "follow_up", "no_risk"), // twice is once
		visit(7, 99, nadaVillage, "2026-03-02 02:00:00", "visit", "no_risk"),    // not monitored
	)
	x.answers("visits.coverage", zeros([]string{""}, "0 0 缺报", map[string]string{
		province: "2 3 40", haikou: "1 3 25", xiuying: "1 2 33.3333", longhua: "0 1 0", danzhou: "1 0 100", nada: "1 0 100"})...)
	x.insert("parameters", `{"name":"visit.due_days","value":91,"unit":"日","basis":"example","version":2}`)
	x.reads("visits.coverage", xiuying, []string{"2 1 66.6667"})
	// Nobody can say who is due where nobody said how often.
	x.exec("parameters", "TRUNCATE TABLE parameters")
	x.reads("visits.coverage", xiuying, []string{"缺报 缺报 缺报"})
}
