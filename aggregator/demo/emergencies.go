package demo

import (
	"fmt"
	"time"
)

// emergency is one row of the table emergencies, and whom it hit.
type emergency struct {
	key                    uint64
	name, kind, level      string
	started, cutoff, ended time.Time
	plan, excludes         string
	// counties were hit, households of them at full size.
	counties   []uint64
	households uint64
	version    uint64
}

// open is the share of the households hit that nobody has helped or assessed yet.
func (e *emergency) open() float64 {
	if e.ended.IsZero() {
		return 0.36
	}
	return 0
}

// hit is how many households an emergency hits in a province of a size: in a small one
// more of them, since there must be some in every county.
func (e *emergency) hit(s Size) uint64 {
	return min(e.households, e.households*8*s.Households/FullSize().Households)
}

// emergencies lists the one that goes on and those of the years before. No figures of
// emergencies are published: these are working values of the demo.
func (g *generator) emergencies() []emergency {
	ref := g.calendar.reference
	day := func(ago, hour int) time.Time {
		return ref.AddDate(0, 0, -ago).Add(time.Duration(hour) * time.Hour).UTC()
	}
	named := func(ago int, what string) string {
		at := day(ago, 0).In(shanghai())
		return fmt.Sprintf("%d年%d月%s", at.Year(), int(at.Month()), what)
	}
	east := []uint64{460100, 469002, 469005, 469006}
	all := []emergency{
		{name: named(4, "台风"), kind: "typhoon", level: "third", started: day(4, 10), cutoff: day(1, 18), plan: "防汛防风防旱应急预案", excludes: "渔船、网箱损失和尚未通电行政村的数据", counties: east, households: 11_000},
		{name: named(130, "强降雨洪涝"), kind: "flood", level: "fourth", started: day(130, 9), cutoff: day(108, 18), ended: day(108, 20), plan: "防汛防风防旱应急预案", counties: []uint64{469021, 469023, 469030, 460400}, households: 6000},
		{name: named(210, "槟榔黄化病害"), kind: "areca", level: "fourth", started: day(210, 9), cutoff: day(150, 18), ended: day(149, 10), plan: "农业生物灾害应急预案", counties: []uint64{469029, 469030, 469022, 469006}, households: 5200},
		{name: named(330, "农产品价格波动"), kind: "price", level: "fourth", started: day(330, 9), cutoff: day(280, 18), ended: day(279, 10), plan: "农产品价格异常波动应急预案", counties: []uint64{469027, 469007, 469024}, households: 3800},
		{name: named(420, "旱情"), kind: "drought", level: "fourth", started: day(420, 9), cutoff: day(370, 18), ended: day(369, 10), plan: "防汛防风防旱应急预案", counties: []uint64{469026, 469007, 469025}, households: 2600},
		{name: named(460, "台风"), kind: "typhoon", level: "second", started: day(460, 6), cutoff: day(430, 18), ended: day(429, 9), plan: "防汛防风防旱应急预案", counties: east, households: 14_000},
	}
	for i := range all {
		all[i].key, all[i].version = g.keys.key(keyEmergency, uint64(i)), firstVersion
	}
	return all
}

func emergencySheet(rows []emergency) sheet {
	return sheet{"emergencies", len(rows), func(i int) []any {
		r := &rows[i]
		return []any{r.key, r.name, r.kind, r.level, r.started, r.cutoff, known(r.ended), r.plan, r.excludes, r.version}
	}}
}
