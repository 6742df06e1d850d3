package examples

import "testing"

// Four registered households: 1 moved from 儋州市 and became stable, and its old
// row came late once more; 4 is of a village in no region.
func TestRegistered(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	for _, metric := range []string{"registered.total", "registered.by_stability", "registered.by_region"} {
		x.answers(metric)
	}
	x.fails("registered.reported")
	x.fails("registered.regions")
	registered := func(n int, village, stability string, persons, version int) string {
		return row(columns{"household": n, "village": village, "stability": stability, "persons": persons, "version": version})
	}
	x.insert("registered",
		registered(1, nadaVillage, "relatively_stable", 3, 1),
		registered(2, longhuaVillage, "stable", 4, 1),
		registered(3, nadaVillage, "monitored_after_lifting", 5, 1))
	x.insert("registered", registered(1, xiuyingVillage, "stable", 3, 2))
	x.insert("registered", registered(1, nadaVillage, "relatively_stable", 3, 1))
	x.answers("registered.by_stability",
		province+" stable 2 7", province+" monitored_after_lifting 1 5",
		haikou+" stable 2 7", xiuying+" stable 1 3", longhua+" stable 1 4",
		danzhou+" monitored_after_lifting 1 5", nada+" monitored_after_lifting 1 5")
	x.answers("registered.by_region",
		province+" 460100 2 7", province+" 460400 1 5",
		haikou+" 460105100 1 3", haikou+" 460106100 1 4",
		danzhou+" 460400100 1 5")
	x.fails("registered.regions")
	x.insert("registered", registered(4, nowhereVillage, "stable", 2, 1))
	x.fails("registered.regions", province+" 不平, 差1户2人")
}

// What was reported is shown as reported, in its newest version, and never made
// equal to what is counted; who reported nothing is 缺报 and not compared.
func TestRegisteredReported(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	reported := func(subject, region string, households, persons, version int) string {
		return row(columns{"subject": subject, "region": region, "households": households, "persons": persons, "reported_at": "2026-01-01 00:00:00", "version": version})
	}
	x.insert("reported_totals",
		reported("registered", province, 9, 30, 1),
		reported("registered", province, 2, 9, 2),
		reported("registered", haikou, 1, 4, 1),
		reported("monitored", haikou, 77, 177, 1))
	x.insert("registered",
		`{"household":1,"village":`+longhuaVillage+`,"stability":"stable","persons":4,"version":1}`,
		`{"household":2,"village":`+nadaVillage+`,"stability":"stable","persons":5,"version":1}`)
	x.answers("registered.total", province+" 2 9", haikou+" 1 4")
	x.fails("registered.reported")
	// 海口市 reports one household of three persons more than there is.
	x.insert("reported_totals", reported("registered", haikou, 2, 7, 2))
	x.fails("registered.reported", haikou+" 不平, 差1户3人")
}
