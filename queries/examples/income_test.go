package examples

import (
	"fmt"
	"testing"

	"liaowang/queries/warehouse"
)

// income is a household's year: wage, business, property, transfer and expense.
func income(year, household int, village string, persons int, kinds [5]int, version int) string {
	return fmt.Sprintf(`{"year":%d,"household":%d,"village":%s,"persons":%d,"wage_income":%d,"business_income":%d,"property_income":%d,"transfer_income":%d,"business_expense":%d,"version":%d}`,
		year, household, village, persons, kinds[0], kinds[1], kinds[2], kinds[3], kinds[4], version)
}

// incomes is a province in which 2025 is the latest year: three households with
// records of two years, of which the third moved from 长流镇 to 那大镇, a new one,
// and what is older than the five years.
func incomes(t *testing.T) *world {
	x := at(t, "2026-03-15 10:30:00")
	x.insert("incomes",
		// 1 in 长流镇: 2 persons with 20000 in 2024, 24000 in 2025 as corrected by the newer version.
		income(2024, 1, xiuyingVillage, 2, [5]int{15000, 8000, 500, 1500, 5000}, 1),
		income(2025, 1, xiuyingVillage, 2, [5]int{90000, 0, 0, 0, 0}, 1),
		income(2025, 1, xiuyingVillage, 2, [5]int{18000, 10000, 0, 2000, 6000}, 2),
		// 2 in 城西镇: 4 persons with 40000, then 36000.
		income(2024, 2, longhuaVillage, 4, [5]int{40000, 0, 0, 0, 0}, 1),
		income(2025, 2, longhuaVillage, 4, [5]int{36000, 0, 0, 0, 0}, 1),
		// 3 moved: 1 person with 10000, then 12000 in 那大镇.
		income(2024, 3, xiuyingVillage, 1, [5]int{10000, 0, 0, 0, 0}, 1),
		income(2025, 3, nadaVillage, 1, [5]int{12000, 0, 0, 0, 0}, 1),
		// 4 is new, in a village that no list of regions knows, and earned less than it spent.
		income(2025, 4, "469099100201", 3, [5]int{0, 3000, 0, 0, 4000}, 1),
		// 2020 is compared with, but not shown; 2019 is nothing to anybody.
		income(2020, 2, longhuaVillage, 4, [5]int{20000, 0, 0, 0, 0}, 1),
		income(2021, 2, longhuaVillage, 4, [5]int{30000, 0, 0, 0, 0}, 1),
		income(2019, 2, longhuaVillage, 4, [5]int{80000, 0, 0, 0, 0}, 1),
	)
	return x
}

func TestIncomeByYear(t *testing.T) {
	x := incomes(t)
	// 2024: 20000 + 40000 + 10000 over 7 persons. 2025: 24000 + 36000 + 12000 − 1000 over 10: 7100, which is
	// 29 % less than 10000. 2021: 7500 after 5000 in 2020. Between them nothing was reported.
	x.ofRegion("income.by_year", province,
		"2021-01-01 1 30000 7500 50", "2022-01-01 0 0 缺报 缺报", "2023-01-01 0 0 缺报 缺报",
		"2024-01-01 3 70000 10000 缺报", "2025-01-01 4 71000 7100 -29")
	// A household counts where it was in each year: 长流镇 had 30000 over 3, then 24000 over 2.
	x.ofRegion("income.by_year", xiuying,
		"2021-01-01 0 0 缺报 缺报", "2022-01-01 0 0 缺报 缺报", "2023-01-01 0 0 缺报 缺报",
		"2024-01-01 2 30000 10000 缺报", "2025-01-01 1 24000 12000 20")
	x.ofRegion("income.by_year", nada,
		"2021-01-01 0 0 缺报 缺报", "2022-01-01 0 0 缺报 缺报", "2023-01-01 0 0 缺报 缺报",
		"2024-01-01 0 0 缺报 缺报", "2025-01-01 1 12000 12000 缺报")
	x.ofRegion("income.by_year", sansha)
}

func TestIncomeStructure(t *testing.T) {
	x := incomes(t)
	// 2025. 长流镇: 18000 of 30000 is 60 %. Expense is 20 % of them, and no income.
	x.ofRegion("income.structure", xiuying,
		"wage 1 18000 60", "business 1 10000 33.33", "property 0 0 0", "transfer 1 2000 6.67", "expense 1 6000 20")
	// 66000 of wages of three households, 13000 of two businesses: of 81000.
	x.ofRegion("income.structure", province,
		"wage 3 66000 81.48", "business 2 13000 16.05", "property 0 0 0", "transfer 1 2000 2.47", "expense 2 10000 12.35")
	x.ofRegion("income.structure", sansha)
	x.fails("income.total")
	x.failsWhen("income.total", func(metric string, answer warehouse.Answer) {
		if metric == "income.structure" {
			delete(answer, nada)
		}
	}, nada+" 不平, 差12000元")
	// Somebody delivers incomes for 三沙, where no years are listed: the wall is not held for that.
	x.failsWhen("income.total", func(metric string, answer warehouse.Answer) {
		if metric == "income.structure" {
			answer[sansha] = answer[nada]
		}
	})
}

func TestIncomeGrowth(t *testing.T) {
	x := incomes(t)
	// 1 and 2 have both years in one township: 60000 in both, over 6 persons. 3 moved, 4 is new: neither is
	// compared.
	x.answers("income.growth",
		province+" "+haikou+" 2 10000 10000 0",
		haikou+" "+xiuying+" 1 12000 10000 20", haikou+" "+longhua+" 1 9000 10000 -10")
	// Had 3 stayed, it would be.
	x.insert("incomes", income(2025, 3, xiuyingVillage, 1, [5]int{13000, 0, 0, 0, 0}, 2))
	x.ofRegion("income.growth", haikou, xiuying+" 2 12333 10000 23.33", longhua+" 1 9000 10000 -10")
}

func TestIncomeBelowLine(t *testing.T) {
	x := incomes(t)
	x.insert("registered",
		`{"household":1,"village":`+xiuyingVillage+`,"stability":"stable","persons":2,"version":1}`,
		// It has moved to 那大镇 since.
		`{"household":2,"village":`+longhuaVillage+`,"stability":"stable","persons":4,"version":1}`,
		`{"household":2,"village":`+nadaVillage+`,"stability":"stable","persons":4,"version":2}`,
		`{"household":4,"village":469099100201,"stability":"monitored_after_lifting","persons":3,"version":1}`,
		// Registered without an income of 2025: not judged.
		`{"household":9,"village":`+nadaVillage+`,"stability":"stable","persons":1,"version":1}`,
	)
	// The line of 2025 is 8000 a head: 4 is below with −1000 over 3, 1 (12000) and 2 (9000) are not; 3 is not registered.
	x.answers("income.below_line",
		province+" 3 1 33.33 8000", haikou+" 1 0 0 8000", xiuying+" 1 0 0 8000", danzhou+" 1 0 0 8000", nada+" 1 0 0 8000")
	// A household that has just the line is not below it.
	x.insert("income_lines", `{"year":2025,"yuan":9000,"basis":"test","version":2}`)
	x.ofRegion("income.below_line", nada, "1 0 0 9000")
	x.insert("income_lines", `{"year":2025,"yuan":9001,"basis":"test","version":3}`)
	x.ofRegion("income.below_line", nada, "1 1 100 9001")
	// A year without a line: nothing can be said.
	x.insert("incomes", income(2027, 1, xiuyingVillage, 2, [5]int{1, 0, 0, 0, 0}, 1))
	x.answers("income.below_line", province+" 1 缺报 缺报 缺报", haikou+" 1 缺报 缺报 缺报", xiuying+" 1 缺报 缺报 缺报")
}

func TestNoIncomes(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	for _, metric := range []string{"income.by_year", "income.structure", "income.growth", "income.below_line"} {
		x.answers(metric)
	}
	x.fails("income.total")
}

// Four registered households, one of them in a village that no list of regions
// knows; one was stable when it still lived in 那大镇.
func TestStability(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.none("consolidation.stability")
	x.insert("registered",
		`{"household":1,"village":`+nadaVillage+`,"stability":"stable","persons":2,"version":1}`,
		`{"household":1,"village":`+xiuyingVillage+`,"stability":"relatively_stable","persons":2,"version":2}`,
		`{"household":2,"village":`+xiuyingVillage+`,"stability":"stable","persons":4,"version":1}`,
		`{"household":3,"village":`+xiuyingVillage+`,"stability":"stable","persons":5,"version":1}`,
		`{"household":4,"village":469099100201,"stability":"monitored_after_lifting","persons":3,"version":1}`)
	x.ofRegion("consolidation.stability", province,
		"monitored_after_lifting 1 3 25", "relatively_stable 1 2 25", "stable 2 9 50")
	x.ofRegion("consolidation.stability", haikou,
		"monitored_after_lifting 0 0 0", "relatively_stable 1 2 33.33", "stable 2 9 66.67")
	x.ofRegion("consolidation.stability", nada)
	x.ofRegion("consolidation.stability", sansha)
}
