package examples

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fiveHouseholds are, of 海口市:
//
//	1  four persons, marginal, ill and schooling; moved from 儋州市: its newer version counts
//	2  three persons, unstable, ill; risk eliminated: still counted, the total is cumulative
//	4  two persons, unstable, disabled; eliminated and rolled back, and the row of the
//	   elimination came late once more: monitored
//
// and 3 of 儋州市, taken off the list: counted nowhere; and 5, one person,
// marginal, ill, of a village in no region: counted for the province alone.
func fiveHouseholds(t *testing.T) *world {
	x := at(t, "2026-03-15 10:30:00")
	four := columns{"type": "unstable_lifted", "causes": []string{"disability"}, "state": "eliminated"}
	x.insert("households",
		monitoredHousehold(1, nadaVillage, columns{"persons": 4}),
		monitoredHousehold(1, xiuyingVillage, columns{"persons": 4, "causes": []string{"illness", "schooling"}, "version": 2}),
		monitoredHousehold(2, longhuaVillage, columns{"type": "unstable_lifted", "persons": 3, "state": "eliminated"}),
		monitoredHousehold(3, nadaVillage, columns{"type": "sudden_hardship", "causes": []string{"disaster"}, "persons": 5, "state": "removed"}),
		monitoredHousehold(4, xiuyingVillage, four),
		monitoredHousehold(5, nowhereVillage, columns{"persons": 1}))
	x.insert("households", monitoredHousehold(4, xiuyingVillage, columns{"type": "unstable_lifted", "causes": []string{"disability"}, "version": 2}))
	x.insert("households", monitoredHousehold(4, xiuyingVillage, four))
	return x
}

func TestMonitored(t *testing.T) {
	x := fiveHouseholds(t)
	// 1, 2, 4 and 5: 4+3+2+1 persons; 海口市 without 5.
	x.answers("monitored.total",
		province+" 4 10", haikou+" 3 9", xiuying+" 2 6", longhua+" 1 3")
	// 1 and 5 are marginal, 2 and 4 unstable.
	x.answers("monitored.by_type",
		province+" marginal_poor 2 5", province+" unstable_lifted 2 5",
		haikou+" marginal_poor 1 4", haikou+" unstable_lifted 2 5",
		xiuying+" marginal_poor 1 4", xiuying+" unstable_lifted 1 2",
		longhua+" unstable_lifted 1 3")
	// What is in no region has no row of its own.
	x.answers("monitored.by_region",
		province+" 460100 3 9", haikou+" 460105100 2 6", haikou+" 460106100 1 3")
	x.fails("monitored.types")
	x.failsWhen("monitored.types", without("monitored.by_type", longhua), longhua+" 不平, 差1户3人")
	// 5 is in the province and in no county: the check says so.
	x.fails("monitored.regions", province+" 不平, 差1户1人")
}

func TestMonitoredByCause(t *testing.T) {
	x := fiveHouseholds(t)
	// All causes: 1 has two.
	x.answers("monitored.by_cause",
		province+" illness 3", province+" schooling 1", province+" disability 1",
		haikou+" illness 2", haikou+" schooling 1", haikou+" disability 1",
		xiuying+" illness 1", xiuying+" schooling 1", xiuying+" disability 1",
		longhua+" illness 1")
	// The first alone: 1, 2 and 5 are ill, 4+3+1 persons; nobody counts twice.
	x.answers("monitored.by_first_cause",
		province+" illness 3 8", province+" disability 1 2",
		haikou+" illness 2 7", haikou+" disability 1 2",
		xiuying+" illness 1 4", xiuying+" disability 1 2",
		longhua+" illness 1 3")
	x.fails("monitored.first_causes")
	x.failsWhen("monitored.first_causes", without("monitored.by_first_cause", xiuying), xiuying+" 不平, 差2户6人")
}

// The cross table has all 3 × 11 cells, also those that are zero, in the order of
// the code lists; none for townships and 三沙市.
func TestMonitoredByTypeAndCause(t *testing.T) {
	x := fiveHouseholds(t)
	got := x.rows("monitored.by_type_and_cause", haikou)
	if len(got) != 33 {
		t.Fatalf("%d cells, 33 are expected", len(got))
	}
	if got[0] != "unstable_lifted illness 1 3" || got[32] != "sudden_hardship other 0 0" {
		t.Errorf("first and last cell are %q and %q", got[0], got[32])
	}
	filled := slices.DeleteFunc(got, func(line string) bool { return strings.HasSuffix(line, " 0 0") })
	// 2; 4; 1 by its first cause.
	if diff := cmp.Diff([]string{"unstable_lifted illness 1 3", "unstable_lifted disability 1 2", "marginal_poor illness 1 4"}, filled); diff != "" {
		t.Error(diff)
	}
	for _, scope := range []string{sansha, xiuying} {
		if got := x.rows("monitored.by_type_and_cause", scope); len(got) != 0 {
			t.Errorf("%s has rows: %q", scope, got)
		}
	}
	// A region with nobody has its zeros.
	if got := x.rows("monitored.by_type_and_cause", danzhou); len(got) != 33 || got[0] != "unstable_lifted illness 0 0" {
		t.Errorf("儋州市: %q", got)
	}
	x.fails("monitored.types_by_causes")
	// A row of 三沙市, where monitoring does not apply, must not hold the wall.
	x.insert("households", monitoredHousehold(6, "460300100201", nil))
	x.fails("monitored.types_by_causes")
	// Had the types forgotten 海口市, its cells would stand against nothing.
	x.failsWhen("monitored.types_by_causes", without("monitored.by_type", haikou), haikou+" 不平, 脱贫不稳定户差2户, 边缘易致贫户差1户")
}

// 2 is eliminated; 4 was, and was rolled back.
func TestRisk(t *testing.T) {
	x := fiveHouseholds(t)
	x.answers("risk.eliminated", province+" 1 3", haikou+" 1 3", longhua+" 1 3")
	x.answers("risk.remaining", province+" 3 7", haikou+" 2 6", xiuying+" 2 6")
	x.fails("risk.balance")
	x.failsWhen("risk.balance", without("risk.remaining", haikou), haikou+" 不平, 差2户6人")
}

func TestNobodyMonitored(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	for _, metric := range []string{"monitored.total", "monitored.by_type", "monitored.by_region", "monitored.by_cause", "monitored.by_first_cause", "risk.eliminated", "risk.remaining"} {
		x.answers(metric)
	}
	for _, check := range []string{"monitored.types", "monitored.regions", "monitored.first_causes", "monitored.types_by_causes", "monitored.daily_change", "risk.balance"} {
		x.fails(check)
	}
}

// On 15 March 2026 the twelve months are April 2025 to March 2026.
func TestMonitoredNewByMonth(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	recognised := func(n int, moment string) string {
		return monitoredHousehold(n, longhuaVillage, columns{"recognised_at": moment})
	}
	x.insert("households",
		recognised(1, "2025-03-31 15:59:59"), // the last second of March 2025 there: too old
		recognised(2, "2025-03-31 16:00:00"), // the first of April
		recognised(3, "2026-02-28 15:59:59"), // the last of February
		recognised(4, "2026-02-28 16:00:00"), // the first of March
		monitoredHousehold(5, longhuaVillage, columns{"recognised_at": "2026-03-02 02:00:00", "persons": 5}),
		// Taken off the list: counted in no month.
		monitoredHousehold(6, longhuaVillage, columns{"recognised_at": "2026-03-02 02:00:00", "state": "removed"}),
		// The county corrected the day of 7 from January to December.
		recognised(7, "2026-01-02 02:00:00"),
		monitoredHousehold(7, longhuaVillage, columns{"recognised_at": "2025-12-02 02:00:00", "version": 2}))
	want := []string{
		"2025-04-01 1 2", "2025-05-01 0 0", "2025-06-01 0 0", "2025-07-01 0 0", "2025-08-01 0 0", "2025-09-01 0 0",
		"2025-10-01 0 0", "2025-11-01 0 0", "2025-12-01 1 2", "2026-01-01 0 0", "2026-02-01 1 2", "2026-03-01 2 7"}
	for _, scope := range []string{province, haikou, longhua} {
		if diff := cmp.Diff(want, x.rows("monitored.new_by_month", scope)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", scope, diff)
		}
	}
	// 儋州市 has twelve zeros, 三沙市 no months at all.
	if got := x.rows("monitored.new_by_month", danzhou); len(got) != 12 || got[11] != "2026-03-01 0 0" {
		t.Errorf("儋州市: %q", got)
	}
	if got := x.rows("monitored.new_by_month", sansha); len(got) != 0 {
		t.Errorf("三沙市: %q", got)
	}
}

// Yesterday is 14 March; five households stand against what was kept for it.
func TestMonitoredDailyChange(t *testing.T) {
	x := at(t, "2026-03-15 00:10:00")
	x.insertN("households", 5, func(i int) string { return monitoredHousehold(i+1, longhuaVillage, nil) })
	kept := func(day, region, figure string, value, version int) string {
		return row(columns{"metric": "monitored.total", "day": day, "region": region, "line": "", "figure": figure, "value": value, "version": version})
	}
	// Kept for the day before yesterday, or of another column: nothing to compare with.
	x.insert("daily_figures", kept("2026-03-13", province, "households", 50, 1), kept("2026-03-14", province, "persons", 50, 1))
	x.fails("monitored.daily_change")
	// 5 after 4 is 25% more; 5 after 6 is 16.7% less, within 20%; 儋州市 had 3 and has none.
	x.insert("daily_figures", kept("2026-03-14", province, "households", 4, 1), kept("2026-03-14", haikou, "households", 6, 1), kept("2026-03-14", danzhou, "households", 3, 1))
	x.fails("monitored.daily_change", province+" 较昨日增25%, 超过20%", danzhou+" 较昨日减100%, 超过20%")
	// What was kept was put right: 5 after 5 is no change, 5 after none is one without a rate.
	x.insert("daily_figures", kept("2026-03-14", province, "households", 5, 2), kept("2026-03-14", haikou, "households", 0, 2), kept("2026-03-14", danzhou, "households", 0, 2))
	x.fails("monitored.daily_change", haikou+" 昨日为0, 今日不为0")
	// Exactly the limit is within it: 5 after 4 with a limit of 25.
	x.insert("daily_figures", kept("2026-03-14", province, "households", 4, 3), kept("2026-03-14", haikou, "households", 4, 3))
	x.insert("parameters", `{"name":"change.daily_limit","value":25,"unit":"%","basis":"省定","version":2}`)
	x.fails("monitored.daily_change")
}

// Yesterday is 14 March. Figures of lists and of other days are not yesterday's single ones.
func TestFiguresYesterday(t *testing.T) {
	x := at(t, "2026-03-15 00:10:00")
	kept := func(day, region, line string, value, version int) string {
		return row(columns{"metric": "monitored.total", "day": day, "region": region, "line": line, "figure": "households", "value": value, "version": version})
	}
	x.insert("daily_figures", kept("2026-03-14", province, "", 50, 1), kept("2026-03-14", province, "", 51, 2), kept("2026-03-14", danzhou, "", 3, 1),
		kept("2026-03-13", province, "", 9, 1), kept("2026-03-14", province, "illness", 7, 1))
	if got := x.rows("figures.yesterday", province); len(got) != 1 || got[0] != "monitored.total/households 51" {
		t.Errorf("%q", got)
	}
	if got := x.rows("figures.yesterday", danzhou); len(got) != 1 || got[0] != "monitored.total/households 3" {
		t.Errorf("儋州市: %q", got)
	}
}
