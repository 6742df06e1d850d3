package demo

import (
	"math/rand/v2"
	"time"
)

// exchange is one row of the table exchange_deliveries.
type exchange struct {
	key                                  uint64
	department                           string
	period, at                           time.Time
	records, rejected, compared, matched uint32
}

const (
	exchangeMonths = 24
	// exchangeDue is the day of the month by which a department delivers.
	exchangeDue = 5
	// A department is silent in the month of the reference, another has nothing to say.
	silentDepartment = "human_resources"
	emptyDepartment  = "disabled_federation"
)

// department is who delivers, with how many records a month, about, and how many leads
// it pushes relative to the others.
type department struct {
	code    string
	records int
	leads   float64
}

// departments lists the eleven. The records of the first month, of all of them, are more
// than the 13,000 that were published of the first exchange.
func departments() []department {
	return []department{
		{"medical_insurance", 4200, 34}, {"health", 1900, 18}, {"education", 1300, 9}, {"civil_affairs", 2300, 11},
		{"human_resources", 1700, 9}, {"housing", 420, 4}, {"water", 300, 2}, {"disabled_federation", 560, 6},
		{"emergency", 190, 2}, {"public_security", 240, 2}, {"agriculture", 1500, 3},
	}
}

// exchanges draws what the departments delivered: each month by its fifth day, now and
// then late. What would come after the reference has not come.
func (g *generator) exchanges() []exchange {
	rng := g.stream(streamExchange)
	local := g.calendar.reference.In(shanghai())
	current := time.Date(local.Year(), local.Month(), 1, 0, 0, 0, 0, shanghai())
	var all []exchange
	for back := exchangeMonths - 1; back >= 0; back-- {
		month := current.AddDate(0, -back, 0)
		for _, d := range departments() {
			e := g.exchange(rng, d, month, uint64(len(all)))
			switch {
			case back == 0 && d.code == silentDepartment:
				continue
			case back == 0 && d.code == emptyDepartment:
				e.records, e.rejected, e.compared, e.matched = 0, 0, 0, 0
			}
			if e.at.Before(g.calendar.reference) {
				all = append(all, e)
			}
		}
	}
	return all
}

func (g *generator) exchange(rng *rand.Rand, d department, month time.Time, n uint64) exchange {
	day := rng.IntN(exchangeDue - 1)
	if rng.Float64() < 0.04 {
		day += exchangeDue // late
	}
	e := exchange{key: g.keys.key(keyExchange, n), department: d.code, period: month}
	e.at = month.AddDate(0, 0, day).Add(9*time.Hour + time.Duration(rng.IntN(8*60*60))*time.Second).UTC()
	e.count(rng, d)
	return e
}

// count draws what a delivery held: about one record in two hundred is refused, and 99
// of a hundred agree with what is known.
func (e *exchange) count(rng *rand.Rand, d department) {
	e.records = uint32(float64(d.records) * (0.92 + 0.3*rng.Float64()))
	e.rejected = uint32(float64(e.records) * 0.01 * rng.Float64())
	e.compared = e.records - e.rejected
	e.matched = e.compared - uint32(float64(e.compared)*(0.006+0.008*rng.Float64()))
}

func exchangeSheet(rows []exchange) sheet {
	return sheet{"exchange_deliveries", len(rows), func(i int) []any {
		r := &rows[i]
		return []any{r.key, r.department, r.period, r.at, r.records, r.rejected, r.compared, r.matched}
	}}
}
