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
