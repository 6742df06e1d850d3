package demo

// registered is one row of the table registered.
type registered struct {
	key, village uint64
	stability    string
	persons      uint8
	version      uint64
}

// reportedTotal is one row of the table reported_totals, of the subject
// registered, reported at the province's reference.
type reportedTotal struct {
	region, households, persons uint64
}

// registered draws the registered households.
func (g *generator) registered() []registered {
	rng := g.stream(streamRegistered)
	total, _ := sum(g.figures.stabilities)
	rows := make([]registered, 0, total)
	for _, c := range g.figures.stabilities {
		members := sizes(rng, c.households, c.persons)
		for i, village := range g.geography.spread(rng, c.households) {
			rows = append(rows, registered{
				key:     g.keys.key(keyRegistered, uint64(len(rows))),
				village: village, stability: c.code, persons: members[i], version: firstVersion,
			})
		}
	}
	return rows
}

// reportedTotals counts the registered households of the province and of every
// county and township they apply to, as these report them. One township, and so
// its county and the province, reports what the figures do not explain.
func (g *generator) reportedTotals(regions []region, rows []registered) []reportedTotal {
	var totals []reportedTotal
	at, parent := map[uint64]int{}, map[uint64]uint64{}
	for _, r := range regions {
		if r.level != "village" && r.applicable {
			at[r.code], parent[r.code] = len(totals), r.parent
			totals = append(totals, reportedTotal{region: r.code})
		}
	}
	add := func(township uint64, households, persons int) {
		for code := township; code != 0; code = parent[code] {
			t := &totals[at[code]]
			t.households += uint64(households)
			t.persons += uint64(persons)
		}
	}
	for _, r := range rows {
		add(r.village/1000, 1, int(r.persons))
	}
	// The township of any one household will do; the first is as random as all.
	add(rows[0].village/1000, g.figures.unexplained.households, g.figures.unexplained.persons)
	return totals
}
