package demo

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// apportion divides n by weights: shares are whole numbers that add up to n, by
// largest remainder. If there is enough, nobody with a weight goes without.
func apportion(n int, weights []float64) []int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	shares, order := make([]int, len(weights)), make([]int, len(weights))
	rest := make([]float64, len(weights))
	left := n
	for i, w := range weights {
		exact := float64(n) * w / total
		shares[i], order[i] = int(exact), i
		rest[i] = exact - math.Floor(exact)
		left -= shares[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rest[b], rest[a]) })
	for i := range left {
		shares[order[i%len(order)]]++
	}
	if n < len(weights) {
		return shares
	}
	for i := range shares {
		if shares[i] == 0 && weights[i] > 0 {
			largest := slices.Index(shares, slices.Max(shares))
			shares[largest]--
			shares[i]++
		}
	}
	return shares
}

// draw picks an index with the probability of its weight.
func draw(rng *rand.Rand, weights []float64) int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	x := rng.Float64() * total
	last := 0
	for i, w := range weights {
		if w <= 0 {
			continue
		}
		last = i
		if x -= w; x < 0 {
			return i
		}
	}
	return last
}

const largestHousehold = 10

// householdSize draws the members of one rural household.
func householdSize(rng *rand.Rand) uint8 {
	return uint8(1 + draw(rng, []float64{6, 13, 21, 26, 18, 10, 4, 2}))
}

// sizes draws the members of n households that are total persons together.
// total must lie between n and n×largestHousehold.
func sizes(rng *rand.Rand, n, total int) []uint8 {
	members := make([]uint8, n)
	for i := range members {
		members[i] = householdSize(rng)
		total -= int(members[i])
	}
	for total != 0 {
		i := rng.IntN(n)
		switch {
		case total > 0 && members[i] < largestHousehold:
			members[i]++
			total--
		case total < 0 && members[i] > 1:
			members[i]--
			total++
		}
	}
	return members
}

// repeat lists every cell's code as often as it has households, in random order.
func repeat(rng *rand.Rand, cells []cell) []string {
	var all []string
	for _, c := range cells {
		for range c.households {
			all = append(all, c.code)
		}
	}
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}
