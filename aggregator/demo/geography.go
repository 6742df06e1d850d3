package demo

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strconv"
	"strings"
)

//go:embed regions.csv
var regionsCSV string

// region is one row of the table regions.
type region struct {
	code, parent    uint64
	level, name     string
	applicable      bool
	ruralHouseholds uint32
}

const codeSet = 2023

// readRegions reads the embedded regions, sorted by level and code.
func readRegions() ([]region, error) {
	lines, err := csv.NewReader(strings.NewReader(regionsCSV)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("regions.csv: %w", err)
	}
	regions := make([]region, 0, len(lines))
	for i, line := range lines[1:] {
		r := region{level: line[1], name: line[3]}
		code, err1 := strconv.ParseUint(line[0], 10, 64)
		parent, err2 := strconv.ParseUint(line[2], 10, 64)
		applicable, err3 := strconv.ParseBool(line[4])
		rural, err4 := strconv.ParseUint(line[5], 10, 32)
		for _, err := range []error{err1, err2, err3, err4} {
			if err != nil {
				return nil, fmt.Errorf("regions.csv: line %d: %w", i+2, err)
			}
		}
		r.code, r.parent, r.applicable, r.ruralHouseholds = code, parent, applicable, uint32(rural)
		regions = append(regions, r)
	}
	return regions, nil
}

// county is a county with what its villages weigh.
type county struct {
	code     uint64
	weight   float64 // rural households, leaning to the poorer counties
	villages []uint64
	upTo     []float64 // running sum of the villages' weights
}

// geography says where things happen. Counties without rural households are
// not in it.
type geography struct{ counties []county }

// poverty is how much more often than its rural households say a county is met
// in the data: the former poverty counties of the middle and west, and the west
// coast; the two cities less. Working values of the demo.
func poverty(code uint64) float64 {
	switch code {
	case 469001, 469030: // 五指山市, 琼中
		return 2.6
	case 469025, 469029: // 白沙, 保亭
		return 2.4
	case 469024: // 临高县
		return 2.0
	case 469007, 469026, 469027: // 东方市, 昌江, 乐东
		return 1.4
	case 460400, 469022: // 儋州市, 屯昌县
		return 1.2
	case 460100, 460200: // 海口市, 三亚市
		return 0.6
	}
	return 1
}

// newGeography weighs counties and villages. Noise makes no two villages alike.
func newGeography(regions []region, rng *rand.Rand) geography {
	var g geography
	countyOf, at := map[uint64]uint64{}, map[uint64]int{}
	for _, r := range regions {
		switch r.level {
		case "county":
			if r.applicable && r.ruralHouseholds > 0 {
				at[r.code] = len(g.counties)
				noise := 0.9 + 0.2*rng.Float64()
				g.counties = append(g.counties, county{code: r.code, weight: float64(r.ruralHouseholds) * poverty(r.code) * noise})
			}
		case "township":
			countyOf[r.code] = r.parent
		case "village":
			i, ok := at[countyOf[r.parent]]
			if !ok {
				continue
			}
			c := &g.counties[i]
			total := 0.0
			if n := len(c.upTo); n > 0 {
				total = c.upTo[n-1]
			}
			c.villages = append(c.villages, r.code)
			c.upTo = append(c.upTo, total+math.Exp(0.5*rng.NormFloat64()))
		}
	}
	return g
}

// village draws a village of a county.
func (c *county) village(rng *rand.Rand) uint64 {
	x := rng.Float64() * c.upTo[len(c.upTo)-1]
	return c.villages[min(sort.SearchFloat64s(c.upTo, x), len(c.villages)-1)]
}

// spread draws the villages of n things, in random order. Every county gets its
// share, and at least one if there are enough.
func (g geography) spread(rng *rand.Rand, n int) []uint64 {
	weights := make([]float64, len(g.counties))
	for i, c := range g.counties {
		weights[i] = c.weight
	}
	villages := make([]uint64, 0, n)
	for i, share := range apportion(n, weights) {
		for range share {
			villages = append(villages, g.counties[i].village(rng))
		}
	}
	rng.Shuffle(n, func(i, j int) { villages[i], villages[j] = villages[j], villages[i] })
	return villages
}

// village draws one village of the province.
func (g geography) village(rng *rand.Rand) uint64 {
	weights := make([]float64, len(g.counties))
	for i, c := range g.counties {
		weights[i] = c.weight
	}
	return g.counties[draw(rng, weights)].village(rng)
}

// codes lists the codes of regions, sorted.
func codes(regions []region) []uint64 {
	all := make([]uint64, len(regions))
	for i, r := range regions {
		all[i] = r.code
	}
	slices.Sort(all)
	return all
}
