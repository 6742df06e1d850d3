package demo

import (
	"math"
	"math/rand/v2"
	"time"
)

// asset is one row of the table assets. Values are in yuan.
type asset struct {
	key, village  uint64
	class         string
	original, net uint64
	state         string
	registered    time.Time
	version       uint64

	kind                               string
	project                            uint64 // 0 where unknown
	confirmed, transferred, maintained bool
	condition                          string
	income, distributed                uint64 // yuan a year
}

// assetClass is what the assets of one class are like. No figures of assets are
// published: these are working values of the demo.
type assetClass struct {
	code string
	// count is the number of assets in the still province.
	count int
	// median is the middle original value in yuan; half of the values' natural
	// logarithms lie within 0.67 spreads of its logarithm.
	median, spread float64
	// life is the years in which the value is written off.
	life float64
}

func assetClasses() []assetClass {
	return []assetClass{
		{code: "public_welfare", count: 9640, median: 380_000, spread: 1.0, life: 20},
		{code: "operating", count: 4715, median: 620_000, spread: 1.1, life: 15},
		{code: "household", count: 14_830, median: 9_000, spread: 0.7, life: 8},
	}
}

// value draws an original value in whole hundreds of yuan.
func (c assetClass) value(rng *rand.Rand) uint64 {
	yuan := c.median * math.Exp(c.spread*rng.NormFloat64())
	return max(uint64(min(yuan, 60*c.median)/100), 1) * 100
}

// netAfter is what is left of an original value after some years: never less
// than a salvage value.
func (c assetClass) netAfter(original uint64, years float64) uint64 {
	const salvage = 0.05
	return uint64(float64(original)*max(1-years/c.life, salvage)) / 100 * 100
}

// assets draws the assets, registered over the five years before the reference.
func (g *generator) assets() []asset {
	rng := g.stream(streamAssets)
	var assets []asset
	for _, c := range assetClasses() {
		for _, village := range g.geography.spread(rng, c.count) {
			a := asset{
				key:     g.keys.key(keyAsset, uint64(len(assets))),
				village: village, class: c.code, original: c.value(rng), state: assetInUse,
				registered: g.calendar.ago(rng, 5, 5*365), version: firstVersion,
			}
			a.net = c.netAfter(a.original, g.calendar.reference.Sub(a.registered).Hours()/24/365)
			assets = append(assets, a)
		}
	}
	return assets
}

// assetKind is a kind of a class and its weight.
type assetKind struct {
	code   string
	weight float64
}

func assetKinds(class string) []assetKind {
	switch class {
	case "public_welfare":
		return []assetKind{{"road", 46}, {"water", 24}, {"school", 7},
			{"clinic", 8}, {"power", 5}, {"other_public", 10}}
	case "operating":
		return []assetKind{{"production_base", 44}, {"processing", 15}, {"tourism", 7},
			{"ecommerce", 4}, {"solar", 8}, {"shares", 22}}
	}
	return []assetKind{{"household_goods", 1}}
}

// describeAssets draws what assets are, their rights and upkeep, what they bring, and
// which project of their village made them.
func (g *generator) describeAssets(assets []asset, projects []project) {
	rng := g.stream(streamAssetDetails)
	of := map[uint64][]*project{}
	for i := range projects {
		of[projects[i].village] = append(of[projects[i].village], &projects[i])
	}
	for i := range assets {
		a := &assets[i]
		a.describe(rng)
		made := rng.IntN(1 << 20)
		var possible []uint64
		for _, p := range of[a.village] {
			if p.started.Before(a.registered) {
				possible = append(possible, p.key)
			}
		}
		if len(possible) > 0 {
			a.project = possible[made%len(possible)]
		}
	}
}

// describe draws all of an asset but its value and its project.
func (a *asset) describe(rng *rand.Rand) {
	kinds := assetKinds(a.class)
	weights := make([]float64, len(kinds))
	for i, k := range kinds {
		weights[i] = k.weight
	}
	a.kind = kinds[draw(rng, weights)].code
	a.confirmed = rng.Float64() < 0.965
	a.transferred = rng.Float64() < 0.97 && a.confirmed
	a.maintained = rng.Float64() < 0.95
	a.condition = []string{"normal", "idle", "inefficient"}[draw(rng, []float64{945, 22, 33})]
	yield := 0.02 + 0.07*rng.Float64()
	shared := 0.6 + 0.4*rng.Float64()
	if a.class == "operating" && a.condition != "idle" {
		if a.condition == "inefficient" {
			yield /= 10
		}
		a.income = uint64(yield * float64(a.original))
		a.distributed = uint64(shared * float64(a.income))
	}
}
