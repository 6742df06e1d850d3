package demo

import (
	"math"
	"math/rand/v2"
	"time"
)

// project is one row of the table projects. A zero end says that it is under way.
type project struct {
	key, village   uint64
	kind           string
	budget         uint64
	progress       uint32
	started, ended time.Time
	effect         string
	version        uint64
}

// projects draws the projects of the years before the reference.
func (g *generator) projects(n, years int) []project {
	rng := g.stream(streamProjects)
	all := make([]project, 0, n)
	for i, village := range g.geography.spread(rng, n) {
		p := project{
			key: g.keys.key(keyProject, uint64(i)), village: village, effect: "unassessed", version: firstVersion,
			kind:    []string{"industry", "infrastructure", "public_service", "employment", "housing", "other"}[draw(rng, []float64{46, 22, 9, 8, 10, 5})],
			budget:  uint64(min(420_000*math.Exp(0.8*rng.NormFloat64()), 20_000_000)/1000+30) * 1000,
			started: g.calendar.ago(rng, 20, years*365),
		}
		g.pursue(rng, &p)
		all = append(all, p)
	}
	return all
}

// pursue draws how far a project has come. One in fifty is stuck.
func (g *generator) pursue(rng *rand.Rand, p *project) {
	planned := time.Duration(60+rng.IntN(340)) * 24 * time.Hour
	elapsed := g.calendar.reference.Sub(p.started)
	effect := []string{"good", "fair", "poor"}[draw(rng, []float64{82, 15, 3})]
	stuck := rng.Float64() < 0.02
	done := min(float64(elapsed)/float64(planned), 1) * (0.75 + 0.2*rng.Float64())
	p.progress = uint32(100 * done)
	if elapsed < planned || stuck {
		return
	}
	p.progress = 100
	p.ended = g.calendar.office(rng, p.started.Add(planned-24*time.Hour))
	if p.ended.Before(g.calendar.reference.AddDate(0, 0, -60)) {
		p.effect = effect
	}
}

func projectSheet(rows []project) sheet {
	return sheet{"projects", len(rows), func(i int) []any {
		r := &rows[i]
		return []any{r.key, r.village, r.kind, r.budget, r.progress, r.started, known(r.ended), r.effect, r.version}
	}}
}
