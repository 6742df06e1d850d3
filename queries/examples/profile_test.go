package examples

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// profileOf is a row of profiles. What its columns do not say: two persons, no
// income, everything secured, and no member of any kind.
func profileOf(n int, village string, c columns) string {
	return row(columns{"household": n, "village": village, "persons": 2, "version": 1}, c)
}

// profiled are four monitored households and their profiles:
//
//	1  of 海口市, 长流镇. Its profile still says 儋州市, and was made anew; the old one
//	   came late once more. Four members: a child under 7, one of 10, two at work age,
//	   of whom one is employed. 6,000 yuan a head.
//	2  of 海口市, 城西镇: eight members, three at work age and weak, none employed;
//	   expenses above income; schooling, medicine and housing not secured.
//	5  of 城西镇: monitored, risk eliminated, without a profile.
//	6  of 儋州市: one old member who cannot work, no income at all.
//
// and two profiles that count nowhere: 3 was taken off the list, 4 was never on it.
func profiled(t *testing.T) *world {
	x := at(t, "2026-03-15 10:30:00")
	x.insert("households",
		monitoredHousehold(1, xiuyingVillage, columns{"persons": 4}),
		monitoredHousehold(2, longhuaVillage, columns{"persons": 7}), // its profile knows of one more
		monitoredHousehold(3, nadaVillage, columns{"state": "removed"}),
		monitoredHousehold(5, longhuaVillage, columns{"persons": 3, "state": "eliminated"}),
		monitoredHousehold(6, nadaVillage, columns{"persons": 1}))
	old := profileOf(1, nadaVillage, columns{"persons": 3, "age_60_up": 3, "labour_lost": 3, "disabled": 3, "education_college": 3, "property_income": 77, "food_secured": false})
	x.insert("profiles", old,
		profileOf(2, longhuaVillage, columns{"persons": 8, "age_16_59": 3, "age_60_up": 5, "labour_weak": 3, "labour_lost": 5,
			"healthy": 2, "chronic": 6, "serious_illness": 1, "disabled": 2, "education_none": 5, "education_primary": 3,
			"transfer_income": 16000, "business_expense": 20000, "schooling_secured": false, "medical_secured": false, "housing_secured": false}),
		profileOf(3, nadaVillage, columns{"age_16_59": 2, "employed": 2, "wage_income": 5, "water_secured": false}),
		profileOf(4, nadaVillage, columns{"age_16_59": 2, "employed": 2, "wage_income": 5, "water_secured": false}),
		profileOf(6, nadaVillage, columns{"persons": 1, "age_60_up": 1, "labour_lost": 1, "chronic": 1, "education_none": 1}))
	x.insert("profiles", profileOf(1, nadaVillage, columns{"persons": 4, "age_under_7": 1, "age_7_15": 1, "age_16_59": 2,
		"labour_skilled": 1, "labour_ordinary": 1, "labour_none": 2, "employed": 1, "healthy": 4,
		"education_none": 1, "education_primary": 1, "education_junior": 1, "education_senior": 1,
		"wage_income": 20000, "business_income": 5000, "transfer_income": 1000, "business_expense": 2000, "version": 2}))
	x.insert("profiles", old)
	return x
}

func TestProfileCoverage(t *testing.T) {
	x := profiled(t)
	// Persons are those of the households' own rows: 4+7+1 with, 3 without.
	x.answers("profile.coverage",
		province+" with_profile 3 12", province+" without_profile 1 3",
		haikou+" with_profile 2 11", haikou+" without_profile 1 3",
		xiuying+" with_profile 1 4",
		longhua+" with_profile 1 7", longhua+" without_profile 1 3",
		danzhou+" with_profile 1 1", nada+" with_profile 1 1")
	x.fails("profile.covered")
	x.failsWhen("profile.covered", without("profile.coverage", nada), nada+" 不平, 差1户1人")
	// Persons are those of the profiles.
	x.answers("profile.by_size",
		province+" one 1 1", province+" four 1 4", province+" seven_up 1 8",
		haikou+" four 1 4", haikou+" seven_up 1 8",
		xiuying+" four 1 4", longhua+" seven_up 1 8", danzhou+" one 1 1", nada+" one 1 1")
	x.fails("profile.sizes")
	x.failsWhen("profile.sizes", without("profile.by_size", haikou), haikou+" 不平, 差2户")
}

// In each: members, then households that have one.
func TestProfileMembers(t *testing.T) {
	x := profiled(t)
	first := []string{province, haikou, danzhou, xiuying, longhua, nada}
	whole := func(lines map[string][]string) []string {
		var all []string
		for _, scope := range first {
			all = append(all, in([]string{scope}, lines[scope]...)...)
		}
		return all
	}
	one := []string{"under_seven 1 1", "seven_to_fifteen 1 1", "sixteen_to_fifty_nine 2 1", "sixty_up 0 0"}
	two := []string{"under_seven 0 0", "seven_to_fifteen 0 0", "sixteen_to_fifty_nine 3 1", "sixty_up 5 1"}
	six := []string{"under_seven 0 0", "seven_to_fifteen 0 0", "sixteen_to_fifty_nine 0 0", "sixty_up 1 1"}
	x.answers("profile.by_age", whole(map[string][]string{
		province: {"under_seven 1 1", "seven_to_fifteen 1 1", "sixteen_to_fifty_nine 5 2", "sixty_up 6 2"},
		haikou:   {"under_seven 1 1", "seven_to_fifteen 1 1", "sixteen_to_fifty_nine 5 2", "sixty_up 5 1"},
		xiuying:  one, longhua: two, danzhou: six, nada: six})...)
	x.fails("profile.ages")

	one = []string{"skilled 1 1", "ordinary 1 1", "weak 0 0", "lost 0 0", "none 2 1"}
	two = []string{"skilled 0 0", "ordinary 0 0", "weak 3 1", "lost 5 1", "none 0 0"}
	six = []string{"skilled 0 0", "ordinary 0 0", "weak 0 0", "lost 1 1", "none 0 0"}
	x.answers("profile.by_labour", whole(map[string][]string{
		province: {"skilled 1 1", "ordinary 1 1", "weak 3 1", "lost 6 2", "none 2 1"},
		haikou:   {"skilled 1 1", "ordinary 1 1", "weak 3 1", "lost 5 1", "none 2 1"},
		xiuying:  one, longhua: two, danzhou: six, nada: six})...)

	// 2 has eight members and eleven states of health: several hold.
	one = []string{"healthy 4 1", "chronic 0 0", "serious_illness 0 0", "disabled 0 0"}
	two = []string{"healthy 2 1", "chronic 6 1", "serious_illness 1 1", "disabled 2 1"}
	six = []string{"healthy 0 0", "chronic 1 1", "serious_illness 0 0", "disabled 0 0"}
	x.answers("profile.by_health", whole(map[string][]string{
		province: {"healthy 6 2", "chronic 7 2", "serious_illness 1 1", "disabled 2 1"},
		haikou:   {"healthy 6 2", "chronic 6 1", "serious_illness 1 1", "disabled 2 1"},
		xiuying:  one, longhua: two, danzhou: six, nada: six})...)

	one = []string{"none 1 1", "primary 1 1", "junior 1 1", "senior 1 1", "college 0 0"}
	two = []string{"none 5 1", "primary 3 1", "junior 0 0", "senior 0 0", "college 0 0"}
	six = []string{"none 1 1", "primary 0 0", "junior 0 0", "senior 0 0", "college 0 0"}
	x.answers("profile.by_education", whole(map[string][]string{
		province: {"none 7 3", "primary 4 2", "junior 1 1", "senior 1 1", "college 0 0"},
		haikou:   {"none 6 2", "primary 4 2", "junior 1 1", "senior 1 1", "college 0 0"},
		xiuying:  one, longhua: two, danzhou: six, nada: six})...)
}

// The sender forgot the age of one of three members.
func TestProfileAges(t *testing.T) {
	x := profiled(t)
	x.insert("profiles", profileOf(6, nadaVillage, columns{"persons": 3, "age_under_7": 1, "age_60_up": 1, "version": 2}))
	x.fails("profile.ages", province+" 不平, 差1人", danzhou+" 不平, 差1人", nada+" 不平, 差1人")
}

// 1 has a member in work; 2 has three weak workers and none in work; 6 has neither.
// Households, workers, members in work.
func TestProfileEmployment(t *testing.T) {
	x := profiled(t)
	x.answers("profile.employment",
		province+" employed 1 2 1", province+" idle 1 3 0", province+" no_labour 1 0 0",
		haikou+" employed 1 2 1", haikou+" idle 1 3 0",
		xiuying+" employed 1 2 1", longhua+" idle 1 3 0",
		danzhou+" no_labour 1 0 0", nada+" no_labour 1 0 0")
}

// Yuan, share of the four kinds of income, households that have any of it.
// 海口市: wages 20,000, business 5,000, transfers 1,000 + 16,000: 42,000 in all.
func TestProfileByIncomeKind(t *testing.T) {
	x := profiled(t)
	both := []string{"wage 20000 47.619 1", "business 5000 11.9048 1", "property 0 0 0", "transfer 17000 40.4762 2", "expense 22000 52.381 2"}
	// Who has no income has no shares of it; a county without profiles neither.
	nothing := []string{"wage 0 缺报 0", "business 0 缺报 0", "property 0 缺报 0", "transfer 0 缺报 0", "expense 0 缺报 0"}
	for scope, want := range map[string][]string{
		province: both, haikou: both, danzhou: nothing, nada: nothing, sansha: nil,
		xiuying: {"wage 20000 76.9231 1", "business 5000 19.2308 1", "property 0 0 0", "transfer 1000 3.8462 1", "expense 2000 7.6923 1"},
		longhua: {"wage 0 0 0", "business 0 0 0", "property 0 0 0", "transfer 16000 100 1", "expense 20000 125 1"},
	} {
		if diff := cmp.Diff(want, x.rows("profile.by_income_kind", scope)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", scope, diff)
		}
	}
}

// The line of 2026 is 8,400 yuan a head. 1 has 24,000 for four: 6,000. 2 has less
// than nothing, 6 nothing: below half of it.
func TestProfileByIncome(t *testing.T) {
	x := profiled(t)
	x.answers("profile.by_income",
		province+" to_half 2 9", province+" to_line 1 4",
		haikou+" to_half 1 8", haikou+" to_line 1 4",
		xiuying+" to_line 1 4", longhua+" to_half 1 8",
		danzhou+" to_half 1 1", nada+" to_half 1 1")
	// The edges, for the two persons of 6: half of the line is 8,400, the line
	// 16,800, one and a half 25,200, twice 33,600. What is on an edge is below it.
	for version, tt := range []struct {
		yuan int
		want string
	}{{8400, "to_half 1 2"}, {8401, "to_line 1 2"}, {16800, "to_line 1 2"}, {16801, "to_one_and_half 1 2"}, {25200, "to_one_and_half 1 2"},
		{25201, "to_double 1 2"}, {33600, "to_double 1 2"}, {33601, "above_double 1 2"}} {
		x.insert("profiles", profileOf(6, nadaVillage, columns{"property_income": tt.yuan, "version": version + 2}))
		if diff := cmp.Diff([]string{tt.want}, x.rows("profile.by_income", nada)); diff != "" {
			t.Errorf("%d yuan (-want +got):\n%s", tt.yuan, diff)
		}
	}
	// The first line is of 2021: before it nobody can say.
	x.now = x.now.AddDate(-6, 0, 0)
	if diff := cmp.Diff([]string{"to_half 缺报 缺报", "to_line 缺报 缺报", "to_one_and_half 缺报 缺报", "to_double 缺报 缺报", "above_double 缺报 缺报"},
		sorted(x.rows("profile.by_income", nada), "to_half", "to_line", "to_one_and_half", "to_double", "above_double")); diff != "" {
		t.Errorf("no line (-want +got):\n%s", diff)
	}
}

// 2 has three of the six not secured; 1's were put right by its new profile.
func TestSecurity(t *testing.T) {
	x := profiled(t)
	lacking := []string{"food 0", "clothing 0", "schooling 1", "medical 1", "housing 1", "drinking_water 0"}
	none := []string{"food 0", "clothing 0", "schooling 0", "medical 0", "housing 0", "drinking_water 0"}
	x.answers("security.by_kind", append(in([]string{province, haikou, longhua}, lacking...), in([]string{xiuying, danzhou, nada}, none...)...)...)
	// Secured, not secured, per cent of those with a profile.
	x.answers("security.secured",
		province+" 2 1 66.6667", haikou+" 1 1 50", xiuying+" 1 0 100", longhua+" 0 1 0", danzhou+" 1 0 100", nada+" 1 0 100")
}

func TestNoProfiles(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	for _, metric := range []string{"profile.coverage", "profile.by_size", "profile.by_age", "profile.by_labour", "profile.by_health", "profile.by_education", "profile.by_income", "profile.employment", "security.by_kind"} {
		x.answers(metric)
	}
	x.none("security.secured")
	for _, check := range []string{"profile.ages", "profile.covered", "profile.sizes"} {
		x.fails(check)
	}
}
