package examples

import (
	"testing"

	"liaowang/queries/warehouse"
)

// Five assets on 15 March 2026:
//
//	1 长流镇, operating, moved there from 那大镇: its newer version counts
//	2 城西镇, public, of a project that nobody knows, registered one second before 2026
//	3 那大镇, given to a household, registered in the first second of 2026, of no kind, project or condition
//	4 那大镇, disposed: counted among the disposals and nowhere else
//	5 in a village that is in no region: counted for the province alone, registered one second before 2017
func assetsOfMarch(t *testing.T) *world {
	x := at(t, "2026-03-15 10:30:00")
	x.insert("assets",
		`{"asset":1,"village":`+xiuyingVillage+`,"class":"operating","original_value":1000,"net_value":800,"state":"in_use","registered_at":"2026-01-20 02:00:00","kind":"tourism","project":7,"confirmed":true,"transferred":true,"maintained":true,"condition":"normal","annual_income":100,"distributed_income":40,"version":2}`,
		`{"asset":2,"village":`+longhuaVillage+`,"class":"public_welfare","original_value":500,"net_value":300,"state":"in_use","registered_at":"2025-12-31 15:59:59","kind":"road","project":9,"confirmed":true,"condition":"idle","version":1}`,
		`{"asset":3,"village":`+nadaVillage+`,"class":"household","original_value":50,"net_value":20,"state":"in_use","registered_at":"2025-12-31 16:00:00","version":1}`,
		`{"asset":4,"village":`+nadaVillage+`,"class":"public_welfare","original_value":900,"net_value":0,"state":"disposed","registered_at":"2020-05-01 02:00:00","kind":"school","project":7,"confirmed":true,"condition":"idle","version":3}`,
		`{"asset":5,"village":460999999201,"class":"operating","original_value":2000,"net_value":1000,"state":"in_use","registered_at":"2016-12-31 15:59:59","kind":"solar","condition":"inefficient","version":1}`,
	)
	// A version that arrives late is not the state.
	x.insert("assets",
		`{"asset":1,"village":`+nadaVillage+`,"class":"operating","original_value":1000,"net_value":900,"state":"in_use","registered_at":"2026-01-20 02:00:00","kind":"tourism","project":7,"version":1}`,
		`{"asset":4,"village":`+nadaVillage+`,"class":"public_welfare","original_value":900,"net_value":400,"state":"in_use","registered_at":"2020-05-01 02:00:00","kind":"school","project":7,"version":2}`,
	)
	x.insert("projects",
		`{"project":7,"village":`+xiuyingVillage+`,"kind":"industry","budget":1000,"progress":100,"started_at":"2025-01-01 00:00:00","version":1}`)
	return x
}

func TestAssets(t *testing.T) {
	x := assetsOfMarch(t)
	// The province has 1, 2, 3 and 5: 1000+500+50+2000 and 800+300+20+1000 yuan; of 3 the kind is not known.
	x.answers("assets.total",
		province+" 4 3550 2120 1", haikou+" 2 1500 1100 0", xiuying+" 1 1000 800 0", longhua+" 1 500 300 0",
		danzhou+" 1 50 20 1", nada+" 1 50 20 1")
	x.answers("assets.by_class",
		province+" operating 2 3000 1800", province+" public_welfare 1 500 300", province+" household 1 50 20",
		haikou+" operating 1 1000 800", haikou+" public_welfare 1 500 300",
		xiuying+" operating 1 1000 800", longhua+" public_welfare 1 500 300",
		danzhou+" household 1 50 20", nada+" household 1 50 20")
	x.answers("assets.by_kind",
		province+" tourism 1 1000 800", province+" road 1 500 300", province+" solar 1 2000 1000",
		haikou+" tourism 1 1000 800", haikou+" road 1 500 300",
		xiuying+" tourism 1 1000 800", longhua+" road 1 500 300")
	x.answers("assets.by_region",
		province+" "+haikou+" 2 1500 1100", province+" "+danzhou+" 1 50 20",
		haikou+" "+xiuying+" 1 1000 800", haikou+" "+longhua+" 1 500 300",
		danzhou+" "+nada+" 1 50 20")
	x.answers("assets.condition",
		province+" normal 1 800", province+" idle 1 300", province+" inefficient 1 1000",
		haikou+" normal 1 800", haikou+" idle 1 300", xiuying+" normal 1 800", longhua+" idle 1 300")
	// Only 1 is of a project that is known.
	x.answers("assets.linked",
		province+" 1 1000 3 2550", haikou+" 1 1000 1 500", xiuying+" 1 1000 0 0", longhua+" 0 0 1 500",
		danzhou+" 0 0 1 50", nada+" 0 0 1 50")
	x.fails("assets.classes")
	x.fails("assets.kinds")
	x.fails("assets.values")
	// 5 is in no county; the counties themselves add up.
	x.fails("assets.regions", province+" 不平, 资产差1项, 原值差2000元, 净值差1000元")
}

func TestAssetLife(t *testing.T) {
	x := assetsOfMarch(t)
	// 1 has gone all the way, 2 is confirmed, 3 and 5 are registered, 4 is disposed
	// and with that no longer among the confirmed.
	x.answers("assets.life",
		province+" registered 4", province+" confirmed 2", province+" transferred 1", province+" maintained 1", province+" distributed 1", province+" disposed 1",
		haikou+" registered 2", haikou+" confirmed 2", haikou+" transferred 1", haikou+" maintained 1", haikou+" distributed 1",
		xiuying+" registered 1", xiuying+" confirmed 1", xiuying+" transferred 1", xiuying+" maintained 1", xiuying+" distributed 1",
		longhua+" registered 1", longhua+" confirmed 1",
		danzhou+" registered 1", danzhou+" disposed 1", nada+" registered 1", nada+" disposed 1")
	// Province: 2, 1 and 1 of 4; 100 yuan of 3000 that operating assets cost; 40 of the 100.
	// 城西镇 and 儋州市 have no operating assets, so nothing that could yield.
	x.answers("assets.rates",
		province+" 50 25 25 3.3333 40", haikou+" 100 50 50 10 40", xiuying+" 100 100 100 10 40",
		longhua+" 100 0 0 缺报 缺报", danzhou+" 0 0 0 缺报 缺报", nada+" 0 0 0 缺报 缺报")
	x.fails("assets.steps")
	x.failsWhen("assets.steps", func(_ string, answer warehouse.Answer) {
		for _, row := range answer[longhua] {
			if row[0] == "confirmed" {
				row[1] = 3.0
			}
		}
	}, longhua+" 确权多于登记, 多2项")
	// Steps that are reached where nothing is registered.
	x.failsWhen("assets.steps", func(_ string, answer warehouse.Answer) {
		answer[xiuying] = []warehouse.Row{{"transferred", 1.0}}
	}, xiuying+" 移交多于登记, 多1项")
}

// The ten years are 2017 to 2026 in Asia/Shanghai. 2 is of 2025 and 3 of 2026
// though a second lies between them; 5 is of 2016, which is over the edge.
func TestAssetYears(t *testing.T) {
	x := assetsOfMarch(t)
	years := []string{"2017-01-01 0 0 0", "2018-01-01 0 0 0", "2019-01-01 0 0 0", "2020-01-01 0 0 0", "2021-01-01 0 0 0",
		"2022-01-01 0 0 0", "2023-01-01 0 0 0", "2024-01-01 0 0 0"}
	x.inOrder("assets.by_year", province, append(years[:8:8], "2025-01-01 1 500 300", "2026-01-01 2 1050 820")...)
	x.inOrder("assets.by_year", haikou, append(years[:8:8], "2025-01-01 1 500 300", "2026-01-01 1 1000 800")...)
	x.inOrder("assets.by_year", nada, append(years[:8:8], "2025-01-01 0 0 0", "2026-01-01 1 50 20")...)
	x.inOrder("assets.by_year", sansha)
}

func TestAssetChecks(t *testing.T) {
	x := assetsOfMarch(t)
	lose := func(metric, scope string) func(string, warehouse.Answer) {
		return func(id string, answer warehouse.Answer) {
			if id == metric {
				delete(answer, scope)
			}
		}
	}
	// A township without its classes: one asset, its 500 and its 300 yuan.
	x.failsWhen("assets.classes", lose("assets.by_class", longhua), longhua+" 不平, 资产差1项, 原值差500元, 净值差300元")
	// Only the money differs.
	x.failsWhen("assets.classes", func(id string, answer warehouse.Answer) {
		if id == "assets.total" {
			answer[longhua][0][2] = 299.0
		}
	}, longhua+" 不平, 净值差1元")
	// 那大镇 has one asset, of no kind: it is still counted as such.
	x.failsWhen("assets.kinds", lose("assets.by_kind", xiuying), xiuying+" 不平, 差1项")
	x.failsWhen("assets.values", func(_ string, answer warehouse.Answer) {
		for _, row := range answer[nada] {
			for i := range row {
				if row[i] == 20.0 {
					row[i] = 51.0
				}
			}
		}
	}, nada+" 资产总量净值高于原值, 高1元", nada+" 到户类资产净值高于原值, 高1元")
	// 海口市 reports what is counted. The province reports 5 where 4 are counted,
	// 城西镇 0 where 1 is. 儋州市 reports nothing, so nothing is said of it.
	x.insert("reported_totals",
		`{"subject":"assets","region":460000,"households":5,"persons":0,"reported_at":"2026-03-01 00:00:00","version":1}`,
		`{"subject":"assets","region":460100,"households":2,"persons":0,"reported_at":"2026-03-01 00:00:00","version":1}`,
		`{"subject":"assets","region":460106100,"households":0,"persons":0,"reported_at":"2026-03-01 00:00:00","version":1}`,
		`{"subject":"monitored","region":460400,"households":9,"persons":9,"reported_at":"2026-03-01 00:00:00","version":1}`)
	x.fails("assets.reported", province+" 不平, 差1项", longhua+" 不平, 差1项")
}

func TestNoAssets(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.none("assets.total", "assets.by_class", "assets.by_kind", "assets.by_region", "assets.life", "assets.rates", "assets.condition", "assets.linked")
	x.quiet("assets.by_year", 10, "2017-01-01", "2026-01-01", " 0 0 0")
	for _, check := range []string{"assets.classes", "assets.kinds", "assets.regions", "assets.steps", "assets.values", "assets.reported"} {
		x.fails(check)
	}
	// A report is due to the wall as it was made, also where nothing is counted.
	x.insert("reported_totals",
		`{"subject":"assets","region":460400,"households":3,"persons":0,"reported_at":"2026-03-01 00:00:00","version":1}`)
	x.fails("assets.reported", danzhou+" 不平, 差3项")
}
