package examples

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// series writes leads of 长流镇: n(day) of each day from the one "from" days ago to
// the one "to" days ago, at noon. Leads of a day have keys of their own.
func (x *world) series(from, to int, n func(day time.Time) int) {
	x.t.Helper()
	var rows []string
	for ago := from; ago >= to; ago-- {
		day := x.now.AddDate(0, 0, -ago)
		for i := range n(day) {
			rows = append(rows, fmt.Sprintf(`{"lead":%d,"village":%s,"channel":"other","reported_at":"%s 04:00:00","version":1}`, 1000*ago+i+1, xiuyingVillage, day.Format(time.DateOnly)))
		}
	}
	x.insert("leads", rows...)
}

func always(n int) func(time.Time) int { return func(time.Time) int { return n } }

// next are the 30 days of a forecast made on 15 March.
func next(figures func(day string) string) []string { return days("2026-03-15", 30, figures) }

func weekday(day string) time.Weekday {
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	return d.Weekday()
}

const unknown = "缺报 缺报 缺报"

// Nothing is made up where nothing is known.
func TestForecastOfAnEmptyProvince(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	for _, scope := range []string{province, haikou, danzhou} {
		x.reads("forecast.leads", scope, next(figuresOf(unknown, nil)))
		x.reads("forecast.recognised", scope, next(figuresOf(unknown, nil)))
	}
	x.answers("forecast.leads_error", province+" "+unknown, haikou+" "+unknown, danzhou+" "+unknown)
	x.answers("forecast.recognised_error", province+" "+unknown, haikou+" "+unknown, danzhou+" "+unknown)
}

// Two leads every day: two are expected every day, without any error. 儋州市 has had
// none in all this time and expects none; an error in per cent of 0 there is none.
// What came today does not count: the day is not over.
func TestForecastOfAConstant(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.series(144, 1, always(2))
	x.series(0, 0, always(50))
	for _, scope := range []string{province, haikou} {
		x.reads("forecast.leads", scope, next(figuresOf("2 2 2", nil)))
	}
	x.reads("forecast.leads", danzhou, next(figuresOf("0 0 0", nil)))
	x.reads("forecast.leads", sansha, nil)
	x.answers("forecast.leads_error", province+" 0 0 100", haikou+" 0 0 100", danzhou+" 0 缺报 100")
}

// Three on working days and one at weekends, exactly: no error either.
func TestForecastOfAWeek(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.series(144, 1, func(day time.Time) int {
		if day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
			return 1
		}
		return 3
	})
	x.reads("forecast.leads", province, next(func(day string) string {
		if weekday(day) == time.Saturday || weekday(day) == time.Sunday {
			return "1 1 1"
		}
		return "3 3 3"
	}))
	x.answers("forecast.leads_error", province+" 0 0 100", haikou+" 0 0 100", danzhou+" 0 缺报 100")
}

// One a day, and four since 30 days ago (13 February, a Friday). Thirty days ago the
// method said 1: it was off by 3 each day, 75 % of 4. The interval of that time had
// no width, since it had never been off before: no day was inside.
//
// Now the 84 days hold 12 of each weekday. Of the last 30 days five were Fridays and
// five Saturdays: (5 × 4 + 7 × 1) / 12 = 2.25; four of all others: (4 × 4 + 8 × 1) /
// 12 = 2. The interval is ± 1.28 × 3 = 3.84, and no count is below 0.
func TestForecastAfterAJump(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.series(144, 31, always(1))
	x.series(30, 1, always(4))
	x.reads("forecast.leads", province, next(func(day string) string {
		if weekday(day) == time.Friday || weekday(day) == time.Saturday {
			return "2.25 0 6.09"
		}
		return "2 0 5.84"
	}))
	x.answers("forecast.leads_error", province+" 3 75 0", haikou+" 3 75 0", danzhou+" 0 缺报 100")
}

// A province whose records begin later gets what they allow and no more: 84 days for
// what is expected, 30 more for the error and the interval, 30 more for how often the
// interval of that time held.
func TestForecastNeedsHistory(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	says := func(line, errors string) {
		t.Helper()
		x.reads("forecast.leads", province, next(figuresOf(line, nil)))
		x.answers("forecast.leads_error", province+" "+errors, haikou+" "+errors, danzhou+" "+strings.Replace(errors, "0 0", "0 缺报", 1))
	}
	x.series(83, 1, always(1))
	says(unknown, unknown)
	x.series(84, 84, always(1))
	x.reads("forecast.leads", province, next(figuresOf("1 缺报 缺报", nil)))
	x.series(113, 85, always(1))
	says("1 缺报 缺报", unknown)
	x.series(114, 114, always(1))
	x.reads("forecast.leads", province, next(figuresOf("1 1 1", nil)))
	x.series(143, 115, always(1))
	says("1 1 1", "0 0 缺报")
	x.series(144, 144, always(1))
	says("1 1 1", "0 0 100")
}

// With a history of less than a week some weekday would have no mean: nothing is said.
func TestForecastFollowsTheParameters(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	// 1 a day, and 2 since two weeks ago.
	x.series(144, 15, always(1))
	x.series(14, 1, always(2))
	set := func(name string, value float64, version int) {
		x.insert("parameters", fmt.Sprintf(`{"name":"%s","value":%g,"unit":"日","basis":"example","version":%d}`, name, value, version))
	}
	// Of two weeks the mean is 2. The method was off by 1 on 14 of 30 days:
	// √(14/30) = 0.6831, twice that is 1.3663.
	set("forecast.history_days", 14, 2)
	set("forecast.z", 2, 2)
	x.reads("forecast.leads", province, next(figuresOf("2 0.6337 3.3663", nil)))
	// Off by 14/30 = 0.4667 on average; 50 % on 14 days, 0 on 16: 23.3333 %; the 16 days were inside.
	x.answers("forecast.leads_error", province+" 0.4667 23.3333 53.3333", haikou+" 0.4667 23.3333 53.3333", danzhou+" 0 缺报 100")
	set("forecast.history_days", 6, 3)
	x.reads("forecast.leads", province, next(figuresOf(unknown, nil)))
}

// Recognitions: one each day of 那大镇, two on Mondays; the day is that of
// Asia/Shanghai, 16:00 UTC is the next one. A household that was removed counts
// nowhere; one that moved counts where it lives now.
func TestForecastOfRecognitions(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	household := 0
	row := func(at, village, state string) string {
		household++
		return fmt.Sprintf(`{"household":%d,"village":%s,"type":"marginal_poor","causes":["illness"],"persons":2,"state":"%s","recognised_at":"%s","version":1}`, household, village, state, at)
	}
	var rows []string
	for ago := 144; ago >= 1; ago-- {
		day := x.now.AddDate(0, 0, -ago)
		rows = append(rows, row(day.Format(time.DateOnly)+" 15:59:59", nadaVillage, "eliminated"),
			row(day.Format(time.DateOnly)+" 04:00:00", xiuyingVillage, "removed"))
		if day.Weekday() == time.Monday {
			rows = append(rows, row(day.AddDate(0, 0, -1).Format(time.DateOnly)+" 16:00:00", nadaVillage, "monitored"))
		}
	}
	x.insert("households", rows...)
	want := next(func(day string) string {
		if weekday(day) == time.Monday {
			return "2 2 2"
		}
		return "1 1 1"
	})
	x.reads("forecast.recognised", province, want)
	x.reads("forecast.recognised", danzhou, want)
	x.reads("forecast.recognised", haikou, next(figuresOf("0 0 0", nil)))
	x.answers("forecast.recognised_error", province+" 0 0 100", danzhou+" 0 0 100", haikou+" 0 缺报 100")
}
