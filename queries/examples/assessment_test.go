package examples

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"liaowang/queries/warehouse"
)

var indicators = []string{"income_below_line", "rigid_expense", "serious_illness", "disability", "no_labour", "no_employment",
	"schooling_not_secured", "medical_not_secured", "housing_not_secured", "water_not_secured"}

// remaining is a monitored household's row; its elimination may have been rolled back.
func remaining(household int, village, state string, version int) string {
	return fmt.Sprintf(`{"household":%d,"village":%s,"type":"marginal_poor","causes":["illness"],"persons":2,"state":"%s","recognised_at":"2025-01-02 02:00:00","version":%d}`, household, village, state, version)
}

// Weights are 25 for income, 15 for expense, illness and no labour, 10 for all
// others; red is from 60, yellow from 30; the line of 2026 is 8,400 yuan a head.
//
//	1  长流镇: 8,399.5 yuan a head (25), expense at the limit (15), a chronic
//	   illness (15), a worker and nobody employed (10): 65, red
//	2  长流镇: exactly 8,400, expense just below the limit, one disabled (10), no
//	   worker (15), not insured (10): 35, yellow
//	3  moved from 那大镇 to 城西镇: nothing holds: 0, green
//	4  那大镇: no profile
//	5  那大镇, elimination rolled back: 10,000 − 2,000 of business = 8,000 (25), school,
//	   housing and water not secured (30): 55, yellow
//	6  eliminated, and 7 removed: not assessed, though profiled
func someProfiles(x *world) {
	x.insert("households",
		remaining(1, xiuyingVillage, "monitored", 1), remaining(2, xiuyingVillage, "monitored", 1), remaining(3, nadaVillage, "monitored", 1),
		remaining(4, nadaVillage, "monitored", 1), remaining(5, nadaVillage, "eliminated", 1), remaining(6, nadaVillage, "eliminated", 1), remaining(7, nadaVillage, "removed", 1))
	x.insert("households", remaining(3, longhuaVillage, "monitored", 2), remaining(5, nadaVillage, "monitored", 2))
	x.insert("profiles",
		`{"household":1,"village":`+xiuyingVillage+`,"persons":2,"wage_income":16000,"transfer_income":799,"rigid_expense":20000,"chronic":1,"labour_ordinary":1,"version":1}`,
		`{"household":2,"village":`+xiuyingVillage+`,"persons":2,"business_income":16000,"property_income":800,"rigid_expense":19999,"disabled":1,"labour_lost":1,"labour_none":1,"medical_secured":false,"version":1}`,
		// The village of a profile does not matter, the household's does.
		`{"household":3,"village":`+nadaVillage+`,"persons":1,"wage_income":20000,"labour_skilled":1,"employed":1,"version":1}`,
		`{"household":5,"village":`+nadaVillage+`,"persons":1,"wage_income":100,"version":1}`,
		`{"household":6,"village":`+nadaVillage+`,"persons":1,"version":1}`,
		`{"household":7,"village":`+nadaVillage+`,"persons":1,"version":1}`,
	)
	x.insert("profiles",
		`{"household":5,"village":`+nadaVillage+`,"persons":1,"wage_income":4000,"business_income":6000,"business_expense":2000,"labour_weak":1,"employed":1,"schooling_secured":false,"housing_secured":false,"water_secured":false,"version":2}`)
}

func TestAssessmentOfAnEmptyProvince(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.none("risk.assessed", "risk.by_level", "risk.by_score", "risk.by_region")
	x.fails("risk.levels")
	x.fails("risk.profiles")
}

// sorted gives the wanted rows in the order in which the metric has them, where
// that order means nothing; rows that it has not come last.
func (x *world) sorted(metric, scope string, want ...string) []string {
	x.t.Helper()
	got := x.rows(metric, scope)
	slices.SortStableFunc(want, func(a, b string) int {
		place := func(s string) int {
			if i := slices.Index(got, s); i >= 0 {
				return i
			}
			return len(got)
		}
		return place(a) - place(b)
	})
	return want
}

func TestAssessment(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	someProfiles(x)
	// Means: (65 + 35 + 0 + 55) / 4, (65 + 35 + 0) / 3, (65 + 35) / 2.
	x.answers("risk.assessed",
		province+" 4 1 38.75", haikou+" 3 0 33.3333", danzhou+" 1 1 55",
		xiuying+" 2 0 50", longhua+" 1 0 0", nada+" 1 1 55")
	x.answers("risk.by_level",
		province+" red 1", province+" yellow 2", province+" green 1",
		haikou+" red 1", haikou+" yellow 1", haikou+" green 1", danzhou+" yellow 1",
		xiuying+" red 1", xiuying+" yellow 1", longhua+" green 1", nada+" yellow 1")
	x.answers("risk.by_score",
		province+" from_60 1", province+" from_30 1", province+" from_0 1", province+" from_50 1",
		haikou+" from_60 1", haikou+" from_30 1", haikou+" from_0 1", danzhou+" from_50 1")
	// Households, red, yellow, green, mean.
	x.answers("risk.by_region",
		province+" "+haikou+" 3 1 1 1 33.3333", province+" "+danzhou+" 1 0 1 0 55",
		haikou+" "+xiuying+" 2 1 1 0 50", haikou+" "+longhua+" 1 0 0 1 0", danzhou+" "+nada+" 1 0 1 0 55")
	// Four were assessed and one not; five households remain.
	x.fails("risk.levels")
	x.fails("risk.profiles")
	x.failsWhen("risk.levels", func(metric string, answer warehouse.Answer) {
		if metric == "risk.by_level" {
			delete(answer, nada)
		}
	}, nada+" 不平, 差1户")
	x.failsWhen("risk.profiles", func(metric string, answer warehouse.Answer) {
		if metric == "risk.assessed" {
			answer[nada][0][1] = float64(0) // the household without a profile is forgotten
		}
	}, nada+" 不平, 差1户")
}

func TestAssessmentByIndicator(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	someProfiles(x)
	weights := map[string]string{"income_below_line": "25", "rigid_expense": "15", "serious_illness": "15", "no_labour": "15"}
	holds := map[string]int{
		province + " income_below_line": 2, haikou + " income_below_line": 1, xiuying + " income_below_line": 1, danzhou + " income_below_line": 1, nada + " income_below_line": 1,
		province + " rigid_expense": 1, haikou + " rigid_expense": 1, xiuying + " rigid_expense": 1,
		province + " serious_illness": 1, haikou + " serious_illness": 1, xiuying + " serious_illness": 1,
		province + " disability": 1, haikou + " disability": 1, xiuying + " disability": 1,
		province + " no_labour": 1, haikou + " no_labour": 1, xiuying + " no_labour": 1,
		province + " no_employment": 1, haikou + " no_employment": 1, xiuying + " no_employment": 1,
		province + " medical_not_secured": 1, haikou + " medical_not_secured": 1, xiuying + " medical_not_secured": 1,
		province + " schooling_not_secured": 1, danzhou + " schooling_not_secured": 1, nada + " schooling_not_secured": 1,
		province + " housing_not_secured": 1, danzhou + " housing_not_secured": 1, nada + " housing_not_secured": 1,
		province + " water_not_secured": 1, danzhou + " water_not_secured": 1, nada + " water_not_secured": 1,
	}
	var want []string
	for _, scope := range scopes {
		for _, indicator := range indicators {
			weight, ok := weights[indicator]
			if !ok {
				weight = "10"
			}
			want = append(want, fmt.Sprintf("%s %s %d %s", scope, indicator, holds[scope+" "+indicator], weight))
		}
	}
	x.answers("risk.by_indicator", want...)
}

// The province sets its own thresholds, weights and lines: scores are 65, 35, 0 and 55.
func TestAssessmentFollowsTheParameters(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	someProfiles(x)
	level := func(want ...string) {
		t.Helper()
		got := x.rows("risk.by_level", province)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("risk.by_level of the province (-want +got):\n%s", diff)
		}
	}
	// At the threshold is red and yellow.
	x.insert("parameters", `{"name":"risk.red","value":65,"unit":"分","basis":"example","version":2}`,
		`{"name":"risk.yellow","value":35,"unit":"分","basis":"example","version":2}`)
	level("red 1", "yellow 2", "green 1")
	x.insert("parameters", `{"name":"risk.red","value":65.5,"unit":"分","basis":"example","version":3}`,
		`{"name":"risk.yellow","value":35.5,"unit":"分","basis":"example","version":3}`)
	level("yellow 2", "green 2")
	// Medical is worth 90 now: household 2 has 115.
	x.insert("risk_indicators", `{"indicator":"medical_not_secured","weight":90,"basis":"example","version":2}`)
	level("red 1", "yellow 2", "green 1")
	x.reads("risk.by_score", province, x.sorted("risk.by_score", province, "from_100 1", "from_60 1", "from_50 1", "from_0 1"))
	// Nobody has set a line for 2027 yet: that of 2026 is the last one. With one
	// of 8,401 yuan household 2 is below it, too: two of three in 海口市.
	x.clock("2027-01-01 00:00:00")
	x.reads("risk.assessed", xiuying, []string{"2 0 90"}) // (65 + 115) / 2
	x.insert("income_lines", `{"year":2027,"yuan":8401,"basis":"example","version":1}`)
	x.reads("risk.assessed", xiuying, []string{"2 0 102.5"}) // (65 + 140) / 2
	x.clock("2026-12-31 23:59:59")
	x.reads("risk.assessed", xiuying, []string{"2 0 90"})
	// Without the scores of red and yellow nobody is green: no level is known.
	x.exec("parameters", "TRUNCATE TABLE parameters")
	level("red 缺报", "yellow 缺报", "green 缺报")
	for _, line := range x.rows("risk.by_region", haikou) {
		if !strings.Contains(line, " 缺报 缺报 缺报 ") {
			t.Errorf("no level is expected to be known, got %q", line)
		}
	}
	x.fails("risk.levels")
}
