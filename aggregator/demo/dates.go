package demo

import (
	"math/rand/v2"
	"time"
)

// shanghai is the province's clock; the hall's, too. It has had no daylight
// saving since 1991, and a fixed zone needs no database of zones.
func shanghai() *time.Location { return time.FixedZone("Asia/Shanghai", 8*60*60) }

// DefaultReference is the moment that the rows of the still province lead up to
// unless another is given: the published figures are of late 2021.
func DefaultReference() time.Time { return time.Date(2021, 12, 1, 0, 0, 0, 0, shanghai()) }

// Today is the reference of a province that is loaded at a moment: the beginning of
// the day in Asia/Shanghai.
func Today(now time.Time) time.Time {
	local := now.In(shanghai())
	return time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, shanghai())
}

// calendar draws moments before a reference.
type calendar struct{ reference time.Time }

// ago draws a moment of an office day between most and least days before the
// reference.
func (c calendar) ago(rng *rand.Rand, least, most int) time.Time {
	days := least + rng.IntN(most-least+1)
	return c.office(rng, c.reference.AddDate(0, 0, -days-1))
}

// between draws a moment of an office day that lies after from and before the
// reference. from must be at least five days before the reference.
func (c calendar) between(rng *rand.Rand, from time.Time) time.Time {
	// Three days on, the way back over a weekend still ends after from.
	const least = 3
	most := int(c.reference.Sub(from)/(24*time.Hour)) - 2
	return c.office(rng, from.AddDate(0, 0, least+rng.IntN(max(most-least+1, 1))))
}

// office moves to a moment of the working hours of the same day or, on a
// weekend, of the Friday before.
func (c calendar) office(rng *rand.Rand, day time.Time) time.Time {
	day = day.In(shanghai())
	if late := (int(day.Weekday()) + 1) % 7; late < 2 { // Saturday 0, Sunday 1
		day = day.AddDate(0, 0, -1-late)
	}
	open := time.Date(day.Year(), day.Month(), day.Day(), 8, 30, 0, 0, shanghai())
	return open.Add(time.Duration(rng.IntN(9*60*60)) * time.Second).UTC()
}
