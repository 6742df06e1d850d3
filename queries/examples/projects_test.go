package examples

import (
	"fmt"
	"testing"

	"liaowang/queries/warehouse"
)

// Five projects: two of 产业发展 in 长流镇, of which one moved there from 那大镇
// with its newer version; one in 那大镇 that is finished; two in a village that no
// list of regions knows.
func TestProjects(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.insert("projects",
		`{"project":1,"village":`+nadaVillage+`,"kind":"industry","budget":100,"progress":0,"started_at":"2025-01-02 02:00:00","version":1}`,
		`{"project":1,"village":`+xiuyingVillage+`,"kind":"industry","budget":300,"progress":49,"started_at":"2025-01-02 02:00:00","version":2}`,
		`{"project":2,"village":`+xiuyingVillage+`,"kind":"industry","budget":100,"progress":50,"started_at":"2025-01-02 02:00:00","effect":"poor","version":1}`,
		`{"project":3,"village":`+nadaVillage+`,"kind":"housing","budget":700,"progress":100,"started_at":"2024-01-02 02:00:00","finished_at":"2025-06-01 02:00:00","effect":"good","version":1}`,
		// The work is done, but nobody has finished it.
		`{"project":4,"village":469099100201,"kind":"housing","budget":50,"progress":100,"started_at":"2024-01-02 02:00:00","version":1}`,
		`{"project":5,"village":469099100201,"kind":"other","budget":5,"progress":0,"started_at":"2026-03-01 02:00:00","version":1}`,
	)
	// 49 and 50 per cent are 49.5 on average; there is no average of no project.
	x.ofRegion("projects.by_kind", xiuying,
		"industry 2 400 49.5")
	x.ofRegion("projects.by_kind", province,
		"industry 2 400 49.5", "housing 2 750 100", "other 1 5 0")
	x.ofRegion("projects.by_kind", longhua)
	x.ofRegion("projects.by_kind", sansha)
	x.answers("projects.progress",
		province+" not_begun 1 5", province+" under_half 1 300", province+" over_half 1 100", province+" complete 2 750",
		haikou+" under_half 1 300", haikou+" over_half 1 100", xiuying+" under_half 1 300", xiuying+" over_half 1 100",
		danzhou+" complete 1 700", nada+" complete 1 700")
	x.answers("projects.by_effect",
		province+" unassessed 3", province+" poor 1", province+" good 1",
		haikou+" unassessed 1", haikou+" poor 1", xiuying+" unassessed 1", xiuying+" poor 1",
		danzhou+" good 1", nada+" good 1")
	// Finished, unfinished, of those at 100 per cent, rate.
	x.answers("projects.finished",
		province+" 1 4 1 20", haikou+" 0 2 0 0", xiuying+" 0 2 0 0", danzhou+" 1 0 0 100", nada+" 1 0 0 100")
}

func TestNoProjects(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	for _, metric := range []string{"projects.progress", "projects.by_effect", "funds.chain", "funds.by_step", "funds.by_project_kind"} {
		x.answers(metric)
	}
	x.none("projects.finished")
	// The year that is going on has a row, of zeros.
	x.ofRegion("funds.by_year", province, "2026-01-01 0 0 0 0")
	x.ofRegion("funds.by_year", sansha)
	x.answers("funds.recent_rows", province+" 0 0 0 0")
	for _, check := range []string{"funds.balance", "funds.order", "funds.rows", "projects.funds"} {
		x.fails(check)
	}
}

// flow is a movement of money for a project.
func flow(number, project int, village, step, at string, amount int) string {
	return fmt.Sprintf(`{"flow":%d,"project":%d,"village":%s,"step":"%s","at":"%s","amount":%d}`, number, project, village, step, at, amount)
}

// funded is a province with 1000 yuan that the province issued in 2026, of which
// 900 were allocated, 700 paid and 650 granted: 600, 550, 400, 400 of it for
// project 1 in 长流镇, the rest for project 2 in 那大镇. 80 more were granted in 那大镇 in
// the last second of 2025.
func funded(t *testing.T) *world {
	x := at(t, "2026-03-15 10:30:00")
	x.insert("projects",
		`{"project":1,"village":`+xiuyingVillage+`,"kind":"industry","budget":600,"progress":20,"started_at":"2026-01-02 02:00:00","version":1}`,
		`{"project":2,"village":`+nadaVillage+`,"kind":"housing","budget":600,"progress":20,"started_at":"2026-01-02 02:00:00","version":1}`)
	x.insert("fund_flows",
		flow(1, 1, xiuyingVillage, "issued", "2025-12-31 16:00:00", 600), // the first second of 2026
		flow(2, 2, nadaVillage, "issued", "2026-01-10 02:00:00", 400),
		flow(3, 1, xiuyingVillage, "allocated", "2026-01-20 02:00:00", 550),
		flow(4, 2, nadaVillage, "allocated", "2026-01-20 02:00:00", 350),
		flow(5, 1, xiuyingVillage, "paid", "2026-02-01 02:00:00", 400),
		flow(6, 2, nadaVillage, "paid", "2026-02-01 02:00:00", 300),
		flow(7, 1, xiuyingVillage, "granted", "2026-03-01 02:00:00", 300),
		flow(8, 1, xiuyingVillage, "granted", "2026-03-02 02:00:00", 100),
		flow(9, 2, nadaVillage, "granted", "2026-03-01 02:00:00", 250),
		flow(10, 2, nadaVillage, "granted", "2025-12-31 15:59:59", 80))
	return x
}

func TestFunds(t *testing.T) {
	x := funded(t)
	steps := func(scope string, lines ...string) []string {
		var all []string
		for _, line := range lines {
			all = append(all, scope+" "+line)
		}
		return all
	}
	here := []string{"issued 1 600", "allocated 1 550", "paid 1 400", "granted 2 400"}
	there := []string{"issued 1 400", "allocated 1 350", "paid 1 300", "granted 1 250"}
	want := steps(province, "issued 2 1000", "allocated 2 900", "paid 2 700", "granted 3 650")
	want = append(want, steps(haikou, here...)...)
	want = append(want, steps(xiuying, here...)...)
	want = append(want, steps(danzhou, there...)...)
	want = append(want, steps(nada, there...)...)
	x.answers("funds.by_step", want...)

	// Of 1000 yuan 100 wait to be allocated, of 900 200 to be paid, of 700 50 to be granted.
	x.ofRegion("funds.chain", province,
		"省级下达 市县划分 900", "省级下达 待划分 100",
		"市县划分 村级拨付 700", "市县划分 待拨付 200",
		"村级拨付 收益户发放 650", "村级拨付 待发放 50")
	// All that was paid in 长流镇 was granted: nothing waits.
	x.ofRegion("funds.chain", xiuying,
		"省级下达 市县划分 550", "省级下达 待划分 50", "市县划分 村级拨付 400", "市县划分 待拨付 150", "村级拨付 收益户发放 400")
	x.ofRegion("funds.chain", sansha)
	x.ofRegion("funds.by_year", province, "2025-01-01 0 0 0 80", "2026-01-01 1000 900 700 650")
	// A year in which a region moved no money has its row, too.
	x.ofRegion("funds.by_year", xiuying, "2025-01-01 0 0 0 0", "2026-01-01 600 550 400 400")
	// A project's money of all years.
	x.answers("funds.by_project_kind",
		province+" industry 600 550 400 400", haikou+" industry 600 550 400 400", xiuying+" industry 600 550 400 400",
		province+" housing 400 350 300 330", danzhou+" housing 400 350 300 330", nada+" housing 400 350 300 330")
	x.fails("funds.balance")
	x.fails("funds.order")
	x.failsWhen("funds.balance", func(metric string, answer warehouse.Answer) {
		if metric == "funds.chain" {
			answer[xiuying] = answer[xiuying][:len(answer[xiuying])-1]
		}
	}, xiuying+" 不平, 村级拨付应400元, 流入400元, 流出0元; 收益户发放应400元, 流入0元, 流出400元")
	x.fails("projects.funds",
		province+" 住房饮水收益户发放比村级拨付多30元", danzhou+" 住房饮水收益户发放比村级拨付多30元", nada+" 住房饮水收益户发放比村级拨付多30元")
	x.insert("fund_flows", flow(11, 2, nadaVillage, "paid", "2025-12-01 02:00:00", 30))
	x.fails("projects.funds")
	// A project that nobody registered has no kind, but its money is in the chain.
	x.insert("fund_flows", flow(12, 3, nadaVillage, "issued", "2026-03-01 02:00:00", 7))
	x.ofRegion("funds.by_project_kind", nada, "housing 400 350 330 330")
	x.ofRegion("funds.by_step", nada, "issued 2 407", "allocated 1 350", "paid 1 300", "granted 1 250")
}

// More was passed on in 2026 than came in: it came in before, and the wall says so.
func TestFundsOfEarlierYears(t *testing.T) {
	x := funded(t)
	x.insert("fund_flows",
		flow(11, 2, nadaVillage, "allocated", "2026-03-03 02:00:00", 60),
		flow(12, 2, nadaVillage, "granted", "2026-03-03 02:00:00", 90))
	// 那大镇: 400 issued, 410 allocated, 300 paid, 340 granted.
	x.ofRegion("funds.chain", nada,
		"省级下达 市县划分 400", "往年结转 市县划分 10", "市县划分 村级拨付 300", "市县划分 待拨付 110",
		"村级拨付 收益户发放 300", "往年结转 收益户发放 40")
	x.fails("funds.balance")
	// The province as a whole: 1000, 960, 700, 740.
	x.fails("funds.order",
		province+" 收益户发放比村级拨付多40元",
		danzhou+" 市县划分比省级下达多10元; 收益户发放比村级拨付多40元",
		nada+" 市县划分比省级下达多10元; 收益户发放比村级拨付多40元")
}

// The rollup sums what is sent; a movement that is sent again with other company
// is one in the table, but two in the sum.
func TestFundsRows(t *testing.T) {
	x := funded(t)
	// Five movements of February and March: 400 + 300 + 300 + 100 + 250.
	x.answers("funds.recent_rows", province+" 5 1350 5 1350")
	x.fails("funds.rows")
	x.insert("fund_flows",
		flow(9, 2, nadaVillage, "granted", "2026-03-01 02:00:00", 250),
		flow(11, 2, nadaVillage, "issued", "2026-03-14 02:00:00", 10))
	x.answers("funds.recent_rows", province+" 6 1360 7 1610")
	x.fails("funds.rows", province+" 不平, 差1笔250元")
}
