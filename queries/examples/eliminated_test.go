package examples

import (
	"strings"
	"testing"

	"liaowang/queries/warehouse"
)

// eliminations is a province with seven households on 15 March 2026:
//
//	1 长流镇, moved there from 那大镇   assisted in February
//	2 长流镇   assisted in January, rolled back in February: monitored again
//	3 城西镇   assisted in April 2025, rolled back in May, assisted again in March
//	4 那大镇   natural, in the month after its recognition
//	5 那大镇   assisted, then taken off the list
//	6 那大镇   never eliminated
//	7 a village that no list of regions knows   assisted, and nobody there can work
func eliminations(t *testing.T) *world {
	x := at(t, "2026-03-15 10:30:00")
	x.insert("households",
		`{"household":1,"village":`+nadaVillage+`,"type":"marginal_poor","causes":["illness"],"persons":4,"state":"monitored","recognised_at":"2025-01-02 02:00:00","version":1}`,
		`{"household":1,"village":`+xiuyingVillage+`,"type":"marginal_poor","causes":["illness","schooling"],"persons":4,"state":"eliminated","recognised_at":"2025-01-02 02:00:00","version":2}`,
		`{"household":2,"village":`+xiuyingVillage+`,"type":"marginal_poor","causes":["illness"],"persons":3,"state":"monitored","recognised_at":"2025-06-01 02:00:00","version":1}`,
		`{"household":3,"village":`+longhuaVillage+`,"type":"unstable_lifted","causes":["schooling"],"persons":2,"state":"eliminated","recognised_at":"2024-03-01 02:00:00","version":1}`,
		`{"household":4,"village":`+nadaVillage+`,"type":"sudden_hardship","causes":["disaster"],"persons":5,"state":"eliminated","recognised_at":"2026-01-31 15:59:59","version":1}`,
		`{"household":5,"village":`+nadaVillage+`,"type":"marginal_poor","causes":["illness"],"persons":1,"state":"removed","recognised_at":"2025-01-02 02:00:00","version":1}`,
		`{"household":6,"village":`+nadaVillage+`,"type":"marginal_poor","causes":["illness"],"persons":6,"state":"monitored","recognised_at":"2025-01-02 02:00:00","version":1}`,
		`{"household":7,"village":469099100201,"type":"marginal_poor","causes":["illness"],"persons":2,"state":"eliminated","recognised_at":"2025-10-01 02:00:00","version":1}`,
	)
	x.insert("eliminations",
		// Decided when household 1 still lived in 那大镇; 2 January 2025 to 1 February 2026 there: 395 days.
		`{"household":1,"at":"2026-01-31 16:00:00","event":"eliminated","kind":"assisted","village":`+nadaVillage+`,"persons":4,"income_per_head":9000}`,
		`{"household":2,"at":"2026-01-10 02:00:00","event":"eliminated","kind":"assisted","village":`+xiuyingVillage+`,"persons":3}`,
		`{"household":2,"at":"2026-02-10 02:00:00","event":"rolled_back","kind":"assisted","village":`+xiuyingVillage+`,"persons":3}`,
		// One second before April 2025, so before the twelve months.
		`{"household":3,"at":"2025-03-31 15:59:59","event":"eliminated","kind":"assisted","village":`+longhuaVillage+`,"persons":2}`,
		`{"household":3,"at":"2025-05-10 02:00:00","event":"rolled_back","kind":"assisted","village":`+longhuaVillage+`,"persons":2}`,
		// 1 March 2024 to 1 March 2026: 730 days.
		`{"household":3,"at":"2026-03-01 02:00:00","event":"eliminated","kind":"assisted","village":`+longhuaVillage+`,"persons":2,"income_per_head":8399}`,
		// 31 January to 28 February: 28 days.
		`{"household":4,"at":"2026-02-28 15:59:59","event":"eliminated","kind":"natural","village":`+nadaVillage+`,"persons":5,"income_per_head":8400}`,
		`{"household":5,"at":"2026-02-01 02:00:00","event":"eliminated","kind":"assisted","village":`+nadaVillage+`,"persons":1}`,
		// The last second of 2025; 1 October to 31 December: 91 days.
		`{"household":7,"at":"2025-12-31 15:59:59","event":"eliminated","kind":"assisted","village":469099100201,"persons":2,"income_per_head":7999}`,
	)
	x.insert("profiles",
		`{"household":1,"village":`+xiuyingVillage+`,"persons":4,"labour_ordinary":1,"version":1}`,
		`{"household":2,"village":`+xiuyingVillage+`,"persons":3,"labour_skilled":1,"version":1}`,
		// Half a worker is not nobody.
		`{"household":3,"village":`+longhuaVillage+`,"persons":2,"labour_weak":1,"labour_lost":1,"version":1}`,
		`{"household":6,"village":`+nadaVillage+`,"persons":6,"labour_weak":1,"version":1}`,
		`{"household":7,"village":469099100201,"persons":2,"labour_lost":1,"labour_none":1,"version":1}`,
	)
	return x
}

func TestEliminated(t *testing.T) {
	x := eliminations(t)
	// 1, 3 and 7 assisted, 4 natural. 2 is rolled back, 3 was, and is eliminated again; 5 is on no list.
	x.answers("eliminated.by_kind",
		province+" assisted 3 8", province+" natural 1 5",
		haikou+" assisted 2 6", xiuying+" assisted 1 4", longhua+" assisted 1 2",
		danzhou+" natural 1 5", nada+" natural 1 5")
	x.answers("eliminated.by_type",
		province+" marginal_poor 2 6", province+" unstable_lifted 1 2", province+" sudden_hardship 1 5",
		haikou+" marginal_poor 1 4", haikou+" unstable_lifted 1 2", xiuying+" marginal_poor 1 4", longhua+" unstable_lifted 1 2",
		danzhou+" sudden_hardship 1 5", nada+" sudden_hardship 1 5")
	// The first cause only: 1 is of illness, not of schooling.
	x.answers("eliminated.by_cause",
		province+" illness 2 6", province+" schooling 1 2", province+" disaster 1 5",
		haikou+" illness 1 4", haikou+" schooling 1 2", xiuying+" illness 1 4", longhua+" schooling 1 2",
		danzhou+" disaster 1 5", nada+" disaster 1 5")
	// 4 has no profile and is not judged.
	x.answers("eliminated.without_labour",
		province+" 1 2 25", haikou+" 0 0 0", xiuying+" 0 0 0", longhua+" 0 0 0", danzhou+" 0 0 0", nada+" 0 0 0")
	for _, check := range []string{"eliminated.kinds", "eliminated.causes", "eliminated.types"} {
		x.fails(check)
	}
	// A household is said to be eliminated, but nobody logged how.
	x.insert("households", `{"household":6,"village":`+nadaVillage+`,"type":"marginal_poor","causes":["illness"],"persons":6,"state":"eliminated","recognised_at":"2025-01-02 02:00:00","version":2}`)
	x.fails("eliminated.kinds", province+" 不平, 差1户6人", danzhou+" 不平, 差1户6人", nada+" 不平, 差1户6人")
	for check, metric := range map[string]string{"eliminated.causes": "eliminated.by_cause", "eliminated.types": "eliminated.by_type"} {
		x.failsWhen(check, func(id string, answer warehouse.Answer) {
			if id == metric {
				delete(answer, longhua)
			}
		}, longhua+" 不平, 差1户2人")
	}
}

func TestEliminatedDuration(t *testing.T) {
	x := eliminations(t)
	// 28, 91, 395 and 730 days: the median is between 91 and 395. 3 counts to its second elimination.
	x.answers("eliminated.duration",
		province+" 4 243", haikou+" 2 562.5", xiuying+" 1 395", longhua+" 1 730", danzhou+" 1 28", nada+" 1 28")
	x.answers("eliminated.by_duration",
		province+" to_90_days 1", province+" to_180_days 1", province+" to_730_days 2",
		haikou+" to_730_days 2", xiuying+" to_730_days 1", longhua+" to_730_days 1",
		danzhou+" to_90_days 1", nada+" to_90_days 1")
}

func TestEliminatedByMonth(t *testing.T) {
	x := eliminations(t)
	// The log counts, also of households taken off the list: May 2025 3's rollback, December 7, January 2,
	// February 1, 4, 5 and 2's rollback, March 3 again.
	x.ofRegion("eliminated.by_month", province,
		"2025-04-01 0 0", "2025-05-01 0 1", "2025-06-01 0 0", "2025-07-01 0 0", "2025-08-01 0 0", "2025-09-01 0 0",
		"2025-10-01 0 0", "2025-11-01 0 0", "2025-12-01 1 0", "2026-01-01 1 0", "2026-02-01 3 1", "2026-03-01 1 0")
	if rows := x.rows("eliminated.by_month", xiuying); len(rows) != 12 || rows[9] != "2026-01-01 1 0" || rows[10] != "2026-02-01 0 1" {
		t.Errorf("2 in January and its rollback in February are expected of %s, got %q", xiuying, rows)
	}
	x.ofRegion("eliminated.by_month", sansha)
	// In 2026: 1, 2, 3, 4 and 5 eliminated, 2 rolled back. 1 counts where it was decided.
	x.answers("eliminated.rollbacks",
		province+" 5 1 0 20", haikou+" 2 1 0 50", xiuying+" 1 1 0 100", longhua+" 1 0 0 0", danzhou+" 3 0 0 0", nada+" 3 0 0 0")
	// 2 is eliminated again: it still was rolled back, and counts once.
	x.insert("eliminations", `{"household":2,"at":"2026-03-14 02:00:00","event":"eliminated","kind":"assisted","village":`+xiuyingVillage+`,"persons":3}`)
	x.ofRegion("eliminated.rollbacks", xiuying, "1 1 1 100")
}

func TestEliminatedDailyChange(t *testing.T) {
	x := eliminations(t)
	x.fails("eliminated.daily_change")
	figure := func(day, region, value string) string {
		return `{"metric":"risk.eliminated","day":"` + day + `","region":"` + region + `","line":"","figure":"households","value":` + value + `,"version":1}`
	}
	x.insert("daily_figures",
		figure("2026-03-14", province, "5"), // 4 now: 20 %, not more
		figure("2026-03-14", haikou, "1"),   // 2 now: 100 %
		figure("2026-03-14", danzhou, "0"),  // nothing to compare 1 with
		figure("2026-03-13", danzhou, "9"),  // not yesterday's
		strings.Replace(figure("2026-03-14", danzhou, "9"), "households", "persons", 1),
	)
	x.fails("eliminated.daily_change", haikou+" 较昨日增100%, 超过20%")
}

func TestNobodyEliminated(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	for _, metric := range []string{"eliminated.by_kind", "eliminated.by_type", "eliminated.by_cause", "eliminated.by_duration"} {
		x.answers(metric)
	}
	x.ofRegion("eliminated.duration", province, "0 缺报")
	x.none("eliminated.without_labour", "eliminated.rollbacks")
	if rows := x.rows("eliminated.by_month", nada); len(rows) != 12 || rows[0] != "2025-04-01 0 0" || rows[11] != "2026-03-01 0 0" {
		t.Errorf("twelve months of 0 are expected, got %q", rows)
	}
	for _, check := range []string{"eliminated.kinds", "eliminated.causes", "eliminated.types", "eliminated.daily_change"} {
		x.fails(check)
	}
}

// The rules of quality, on the same households and these measures.
func TestQuality(t *testing.T) {
	x := eliminations(t)
	x.insert("measures",
		// 1 and 3 were helped; the help of 2 is of no development; 6 has a plan only.
		`{"measure":1,"household":1,"village":`+xiuyingVillage+`,"kind":"health","planned_at":"2025-02-01 02:00:00","delivered_at":"2025-02-02 02:00:00","version":1}`,
		`{"measure":2,"household":2,"village":`+xiuyingVillage+`,"kind":"social_assistance","planned_at":"2025-07-01 02:00:00","delivered_at":"2025-09-01 02:00:00","version":1}`,
		`{"measure":3,"household":3,"village":`+longhuaVillage+`,"kind":"industry","planned_at":"2025-02-01 02:00:00","delivered_at":"2025-02-02 02:00:00","version":1}`,
		`{"measure":4,"household":6,"village":`+nadaVillage+`,"kind":"industry","planned_at":"2026-03-01 02:00:00","version":1}`,
	)
	x.answers("quality.by_rule",
		// 6 has no measure that was delivered, and its plan does not fit 因病; its half worker is asked for no development.
		province+" no_measure_one_month 1", danzhou+" no_measure_one_month 1", nada+" no_measure_one_month 1",
		province+" cause_measure_mismatch 1", danzhou+" cause_measure_mismatch 1", nada+" cause_measure_mismatch 1",
		// 2 can work since June and got no development.
		province+" no_development_six_months 1", haikou+" no_development_six_months 1", xiuying+" no_development_six_months 1",
		// 4 and 7 never had a measure.
		province+" eliminated_without_measure 2", danzhou+" eliminated_without_measure 1", nada+" eliminated_without_measure 1",
		// 3 had 8399 where the line of 2026 is 8400, 4 had just that; 7 had 7999 in 2025, when it was 8000.
		province+" eliminated_below_line 2", haikou+" eliminated_below_line 1", longhua+" eliminated_below_line 1")
	// 4 was eliminated in the month after its recognition, but by itself. Were it by assistance, it was too soon.
	x.insert("eliminations", `{"household":4,"at":"2026-02-28 15:59:59","event":"eliminated","kind":"assisted","village":`+nadaVillage+`,"persons":5,"income_per_head":8400}`)
	x.ofRegion("quality.by_rule", nada,
		"no_measure_one_month 1", "cause_measure_mismatch 1", "eliminated_without_measure 1", "eliminated_too_soon 1")
	// One second later it is March, two months after January.
	x.insert("eliminations", `{"household":4,"at":"2026-02-28 16:00:00","event":"eliminated","kind":"assisted","village":`+nadaVillage+`,"persons":5,"income_per_head":8400}`)
	x.ofRegion("quality.by_rule", nada,
		"no_measure_one_month 1", "cause_measure_mismatch 1", "eliminated_without_measure 1")

	// Six households are listed: 1, 3, 4 and 7 eliminated, 2 covered, 6 not. Of measures 1, 2 and 3, which were
	// delivered, the second took 62 days; the fourth is not due yet.
	x.answers("quality.rates",
		province+" 6 50 66.67 66.67", haikou+" 3 100 66.67 66.67", xiuying+" 2 100 50 50", longhua+" 1 缺报 100 100",
		danzhou+" 2 0 缺报 50", nada+" 2 0 缺报 50")
}

// The days of the rules are counted on the calendar of Asia/Shanghai, and are parameters.
func TestQualityDays(t *testing.T) {
	x := at(t, "2026-03-15 00:00:00")
	x.insert("households",
		// 13 February there, 30 days ago; and one second later 14 February, 29 days ago.
		`{"household":1,"village":`+nadaVillage+`,"type":"marginal_poor","causes":["disaster"],"persons":4,"state":"monitored","recognised_at":"2026-02-13 15:59:59","version":1}`,
		`{"household":2,"village":`+nadaVillage+`,"type":"marginal_poor","causes":["disaster"],"persons":4,"state":"monitored","recognised_at":"2026-02-13 16:00:00","version":1}`,
	)
	x.ofRegion("quality.by_rule", nada, "no_measure_one_month 1")
	x.insert("parameters", `{"name":"measure.due_days","value":29,"unit":"日","basis":"test","version":2}`)
	x.ofRegion("quality.by_rule", nada, "no_measure_one_month 2")
	// Without the days nobody can say who is late, here or anywhere.
	x.exec("parameters", "TRUNCATE TABLE parameters")
	for _, region := range []string{nada, xiuying, province} {
		x.ofRegion("quality.by_rule", region, "no_measure_one_month 缺报", "no_development_six_months 缺报")
	}
}
