package demo

import (
	"math/rand/v2"
	"time"
)

// lead is one row of the table leads and its row of the table workflow.
type lead struct {
	key, village uint64
	channel      string
	department   string // that pushed it, empty for other channels
	level        string // of the warning, empty where none was given
	reported     time.Time
	stage        string
	entered      time.Time
	version      uint64 // of both rows
}

// recognisedOfDone is the share of the leads that are done with that were
// recognised; the others were closed, most of them false alarms.
const recognisedOfDone = 0.58

// leads draws every lead with the stage it stands at.
func (g *generator) leads() []lead {
	rng := g.stream(streamLeads)
	total, _ := sum(g.figures.channels)
	open, _ := sum(g.figures.stages)
	done := apportion(total-open, []float64{recognisedOfDone, 1 - recognisedOfDone})
	stages := repeat(rng, append(g.figures.stages[:len(g.figures.stages):len(g.figures.stages)],
		cell{code: stageRecognised, households: done[0]}, cell{code: stageClosed, households: done[1]}))
	channels := repeat(rng, g.figures.channels)
	leads := make([]lead, total)
	for i, village := range g.geography.spread(rng, total) {
		l := lead{key: g.keys.key(keyLead, uint64(i)), village: village, channel: channels[i], stage: stages[i], version: firstVersion}
		l.reported, l.entered = g.progress(rng, l.stage)
		leads[i] = l
	}
	return leads
}

// progress draws when a lead was reported and entered its stage.
func (g *generator) progress(rng *rand.Rand, stage string) (reported, entered time.Time) {
	switch stage {
	case stageHouseholdCheck:
		reported = g.calendar.ago(rng, 0, 25)
		return reported, reported.Add(time.Duration(1+rng.IntN(30)) * time.Minute)
	case stageVillageReview:
		reported = g.calendar.ago(rng, 6, 60)
	case stageTownshipCheck, stageCountyDecision:
		reported = g.calendar.ago(rng, 12, 70)
	default:
		reported = g.calendar.ago(rng, 12, 330)
	}
	return reported, g.calendar.between(rng, reported)
}

// describeLeads draws which department pushed a lead, and how severe it looks.
func (g *generator) describeLeads(leads []lead) {
	rng := g.stream(streamLeadDetails)
	for i := range leads {
		leads[i].describe(rng)
	}
}

func (l *lead) describe(rng *rand.Rand) {
	all := departments()
	weights := make([]float64, len(all))
	for i, d := range all {
		weights[i] = d.leads
	}
	pushed := all[draw(rng, weights)].code
	if l.channel == channelDepartment {
		l.department = pushed
	}
	l.level = []string{"", "green", "yellow", "red"}[draw(rng, []float64{34, 22, 32, 12})]
}
