package examples

import "testing"

// Six rural households. 1 moved from 儋州市 to 海口市 and became relatively poor
// on the way; its old row came late once more. 6 is of a village in no region.
func ruralHouseholds(t *testing.T) *world {
	x := at(t, "2026-03-15 10:30:00")
	x.insert("rural_households",
		ruralHousehold(1, nadaVillage, columns{"standing": "screened", "persons": 3}),
		ruralHousehold(2, xiuyingVillage, columns{"persons": 4}),
		ruralHousehold(3, xiuyingVillage, columns{"standing": "monitored"}),
		ruralHousehold(4, longhuaVillage, columns{"standing": "screened", "persons": 1}),
		ruralHousehold(5, nadaVillage, columns{"persons": 5}),
		ruralHousehold(6, nowhereVillage, columns{"persons": 6}))
	x.insert("rural_households", ruralHousehold(1, xiuyingVillage, columns{"standing": "relative", "persons": 3, "version": 2}))
	x.insert("rural_households", ruralHousehold(1, nadaVillage, columns{"standing": "screened", "persons": 3}))
	return x
}

func TestPath(t *testing.T) {
	x := ruralHouseholds(t)
	x.answers("path.by_standing",
		province+" general 3 15", province+" screened 1 1", province+" relative 1 3", province+" monitored 1 2",
		haikou+" general 1 4", haikou+" screened 1 1", haikou+" relative 1 3", haikou+" monitored 1 2",
		xiuying+" general 1 4", xiuying+" relative 1 3", xiuying+" monitored 1 2",
		longhua+" screened 1 1",
		danzhou+" general 1 5", nada+" general 1 5")
	// region, all, general, screened, relative, monitored
	x.answers("path.by_region",
		province+" 460100 4 1 1 1 1", province+" 460400 1 1 0 0 0",
		haikou+" 460105100 3 1 0 1 1", haikou+" 460106100 1 0 1 0 0",
		danzhou+" 460400100 1 1 0 0 0")
	// 6 is in the province and in no county.
	x.fails("path.regions", province+" 不平, 一般农户差1户")
	// A county whose townships were forgotten misses them kind by kind.
	x.failsWhen("path.regions", without("path.by_region", haikou),
		province+" 不平, 一般农户差1户", haikou+" 不平, 一般农户差1户, 初选对象差1户, 相对贫困对象差1户, 监测对象差1户")
}

// Household 3 stands as monitored, 1 as relatively poor; the other systems must know them.
func TestPathAgainstOtherSystems(t *testing.T) {
	x := ruralHouseholds(t)
	x.fails("path.monitored", province+" 不平, 差1户2人", haikou+" 不平, 差1户2人", xiuying+" 不平, 差1户2人")
	x.insert("households", monitoredHousehold(3, xiuyingVillage, nil))
	x.fails("path.monitored")
	// Once its risk is eliminated it is no longer to be monitored.
	x.insert("households", monitoredHousehold(3, xiuyingVillage, columns{"state": "eliminated", "version": 2}))
	x.fails("path.monitored", province+" 不平, 差1户2人", haikou+" 不平, 差1户2人", xiuying+" 不平, 差1户2人")

	x.fails("path.relative", province+" 不平, 差1户3人", haikou+" 不平, 差1户3人", xiuying+" 不平, 差1户3人")
	// It entered with two persons there, while three live in it.
	x.insert("relative_poverty", relativeEvent(1, xiuyingVillage, "2026-01-02 02:00:00", "entered", nil))
	x.fails("path.relative", province+" 不平, 差0户1人", haikou+" 不平, 差0户1人", xiuying+" 不平, 差0户1人")
}

func TestNoRuralHouseholds(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	for _, metric := range []string{"path.by_standing", "path.by_region", "rural.by_income"} {
		x.answers(metric)
	}
	for _, check := range []string{"path.regions", "path.monitored", "path.relative", "rural.bands"} {
		x.fails(check)
	}
}

// The line of 2026 is 8,400 yuan: half of it 4,200, one and a half 12,600, twice
// 16,800; what is just on an edge is below it.
func TestRuralByIncome(t *testing.T) {
	x := at(t, "2026-01-01 00:30:00") // still 2025 in UTC, where the line is 8,000
	incomes := []int{0, 4200, 4201, 8400, 8401, 12600, 12601, 16800, 16801, 90000}
	x.insertN("rural_households", len(incomes), func(i int) string {
		return ruralHousehold(i+1, xiuyingVillage, columns{"income_per_head": incomes[i]})
	})
	// A line of a later year says nothing yet.
	x.insert("income_lines", `{"year":2027,"yuan":100000,"basis":"省定","version":1}`)
	x.answers("rural.by_income", in([]string{province, haikou, xiuying},
		"to_half 2 4", "to_line 2 4", "to_one_and_half 2 4", "to_double 2 4", "above_double 2 4")...)
	x.fails("rural.bands")
	x.failsWhen("rural.bands", without("rural.by_income", xiuying), xiuying+" 不平, 差10户20人")
	// The line was put right to 50,000: half is 25,000, all but 90,000 are below; that is below twice.
	x.insert("income_lines", `{"year":2026,"yuan":50000,"basis":"省定","version":2}`)
	x.answers("rural.by_income", in([]string{province, haikou, xiuying}, "to_half 9 18", "to_double 1 2")...)
}

func TestRuralByIncomeOfOtherYears(t *testing.T) {
	// No line was set for 2028: the newest one before, of 2026, is used.
	x := at(t, "2028-06-01 08:00:00")
	x.insert("rural_households", ruralHousehold(1, nadaVillage, columns{"income_per_head": 8400}))
	x.answers("rural.by_income", in([]string{province, danzhou, nada}, "to_line 1 2")...)
	// Before the first line, of 2021, nobody can say.
	x.now = x.now.AddDate(-8, 0, 0)
	x.answers("rural.by_income", in([]string{province, danzhou, nada},
		"to_half 缺报 缺报", "to_line 缺报 缺报", "to_one_and_half 缺报 缺报", "to_double 缺报 缺报", "above_double 缺报 缺报")...)
	x.fails("rural.bands")
}
