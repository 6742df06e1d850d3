package queries

import (
	"fmt"
	"regexp"
	"time"
)

// Refresh says when a metric is asked again: always when one of its tables
// changes, and at each tick of its clock.
type Refresh string

// The clocks of a metric. The statement of one that has a clock takes
// {now:DateTime('Asia/Shanghai')}: the beginning of the day, hour or minute that
// the batch falls into there.
const (
	RefreshChange Refresh = "change"
	RefreshDay    Refresh = "day"
	RefreshHour   Refresh = "hour"
	RefreshMinute Refresh = "minute"
)

var nowParameter = regexp.MustCompile(`\{now:DateTime\('Asia/Shanghai'\)\}`)

// fits says what is wrong between the clock and the statement, or nothing.
func (r Refresh) fits(sql string) string {
	takes := nowParameter.MatchString(sql)
	switch r {
	case RefreshChange:
		if takes {
			return "the statement takes {now}; say day, hour or minute"
		}
	case RefreshDay, RefreshHour, RefreshMinute:
		if !takes {
			return fmt.Sprintf("it is %s, but the statement does not take {now:DateTime('Asia/Shanghai')}", r)
		}
	default:
		return fmt.Sprintf("it is %q: must be change, day, hour or minute", r)
	}
	return ""
}

// Tick is the beginning of the clock's day, hour or minute that t falls into in
// the zone; the zero time for RefreshChange.
func (r Refresh) Tick(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	switch r {
	case RefreshDay:
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
	case RefreshHour:
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), 0, 0, 0, zone)
	case RefreshMinute:
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, zone)
	}
	return time.Time{}
}
