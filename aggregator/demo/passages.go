package demo

import (
	"math/rand/v2"
	"slices"
	"time"
)

// passage is one row of the table stage_passages: a lead left a stage.
type passage struct {
	lead, village uint64
	stage         string
	entered, left time.Time
	outcome       string
}

const (
	outcomePassed   = "passed"
	outcomeClosed   = "closed"
	outcomeReturned = "returned"
)

// returnedShare is how often a lead went back from a village's review to the household once.
const returnedShare = 0.03

// passages draws how leads came to where they stand. The last passage ended when the
// lead entered its stage.
func (g *generator) passages(leads []lead) []passage {
	rng := g.stream(streamPassages)
	var all []passage
	for i := range leads {
		all = append(all, g.path(rng, &leads[i])...)
	}
	return all
}

func (g *generator) path(rng *rand.Rand, l *lead) []passage {
	stages := g.figures.stages
	n := len(stages)
	switch {
	case l.stage == stageClosed:
		n = 1 + draw(rng, []float64{0.58, 0.32, 0.05, 0.05})
	case l.stage != stageRecognised:
		n = slices.IndexFunc(stages, func(c cell) bool { return c.code == l.stage })
	}
	if n == 0 {
		return nil
	}
	path := make([]passage, 0, n+2)
	for _, c := range stages[:n] {
		path = append(path, passage{lead: l.key, village: l.village, stage: c.code, outcome: outcomePassed})
	}
	if l.stage == stageClosed {
		path[n-1].outcome = outcomeClosed
	}
	if n > 1 && rng.Float64() < returnedShare {
		back := path[1]
		back.outcome = outcomeReturned
		path = slices.Insert(path, 1, back, path[0])
	}
	g.pace(rng, l, path)
	return path
}

// pace divides the time between report and entry into the stages passed; each takes at
// least a minute.
func (g *generator) pace(rng *rand.Rand, l *lead, path []passage) {
	at := l.reported.Add(time.Duration(1+rng.IntN(30)) * time.Minute)
	weights, total := make([]float64, len(path)), 0.0
	for i := range path {
		weights[i] = 0.2 + rng.Float64()
		total += weights[i]
	}
	whole := l.entered.Sub(at)
	for i := range path {
		path[i].entered = at
		at = at.Add(time.Duration(weights[i] / total * float64(whole)).Truncate(time.Second))
		if i == len(path)-1 {
			at = l.entered
		}
		path[i].left = at
	}
}

func passageSheet(rows []passage) sheet {
	return sheet{"stage_passages", len(rows), func(i int) []any {
		r := &rows[i]
		return []any{r.lead, r.village, r.stage, r.entered, r.left, r.outcome}
	}}
}
