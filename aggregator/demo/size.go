package demo

import "fmt"

// Size says how much of everything that is not published a province has.
type Size struct {
	// Households are the rural households besides the monitored ones.
	Households uint64
	// Years are those of incomes, projects and the history of relative poverty.
	Years int
	// Projects are the projects of assistance; Flows the movements of money of each.
	Projects, Flows uint64
	// Rows of the tables, and over how many days before the reference they lie.
	Visits, VisitDays   uint64
	SignIns, SignInDays uint64
	Sales, SaleDays     uint64
	Orders, OrderDays   uint64
	Archives            uint64
}

// StandardSize is what a laptop loads in seconds: all tables filled, the last years.
func StandardSize() Size {
	return Size{
		Households: 40_000, Years: 5, Projects: 4000, Flows: 24,
		Visits: 400_000, VisitDays: 730, SignIns: 240_000, SignInDays: 60,
		Sales: 60_000, SaleDays: 730, Orders: 24_000, OrderDays: 365, Archives: 20_000,
	}
}

// FullSize is a province as it stands: 1.27 million rural households and ten years,
// more than 50 million events.
func FullSize() Size {
	return Size{
		Households: 1_269_900 - monitoredHouseholds(), Years: 10, Projects: 60_000, Flows: 200,
		Visits: 26_000_000, VisitDays: 3650, SignIns: 9_000_000, SignInDays: 1190,
		Sales: 3_000_000, SaleDays: 3650, Orders: 200_000, OrderDays: 3650, Archives: 60_000,
	}
}

func monitoredHouseholds() uint64 {
	n, _ := sum(published().types)
	return uint64(n)
}

// times is a province of n/d of a size, over as many days.
func (s Size) times(n, d uint64) Size {
	for _, rows := range []*uint64{&s.Households, &s.Projects, &s.Visits, &s.SignIns, &s.Sales, &s.Orders, &s.Archives} {
		*rows = *rows * n / d
	}
	return s
}

// SizeNamed gives the size that a person names: standard, or a tenth of a full
// province, a full one, or ten of them.
func SizeNamed(name string) (Size, error) {
	switch name {
	case "standard":
		return StandardSize(), nil
	case "full":
		return FullSize(), nil
	case "tenth":
		return FullSize().times(1, 10), nil
	case "ten":
		return FullSize().times(10, 1), nil
	}
	return Size{}, fmt.Errorf("size %q is unknown: must be standard, tenth, full or ten", name)
}

// Published and working figures of the province's organisation.
const (
	accountCount     = 71_000 // published
	responsibleCount = 38_000 // published: the members of the assisting units
	assistingUnits   = 5926   // published
	organisations    = assistingUnits + 430
	entityCount      = 3200
	lotteryCount     = 1800
	ticketCount      = 6000
	probeCount       = 2 * 24 * 60 * 6 // of six services, a minute, over two days
	// monitoredVisits is the share of all visits that monitored households get, per cent.
	monitoredVisits = 30
	// relativeDays is how long before the reference relative poverty was first watched.
	relativeDays = 700
	// relativeShare is the share of general households that ever entered relative poverty.
	relativeShare = 0.028
)
