package examples

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"liaowang/queries/warehouse"
)

// columns are a row's values by the names of their columns.
type columns map[string]any

// nowhereVillage is of a township that is in no region: it counts for the province alone.
const nowhereVillage = "469001100201"

// row is one JSON object of the columns, later ones over earlier ones.
func row(all ...columns) string {
	whole := columns{}
	for _, c := range all {
		maps.Copy(whole, c)
	}
	text, err := json.Marshal(whole)
	if err != nil {
		panic(err) // a test wrote what JSON cannot hold
	}
	return string(text)
}

// monitoredHousehold is a row of households. What its columns do not say: two
// persons, marginal, ill, monitored, recognised on 2 January 2026.
func monitoredHousehold(n int, village string, c columns) string {
	return row(columns{"household": n, "village": village, "type": "marginal_poor", "causes": []string{"illness"}, "persons": 2,
		"state": "monitored", "recognised_at": "2026-01-02 02:00:00", "version": 1}, c)
}

// ruralHousehold is a row of rural_households. What its columns do not say: two
// persons, general, 20,000 yuan per head.
func ruralHousehold(n int, village string, c columns) string {
	return row(columns{"household": n, "village": village, "persons": 2, "standing": "general", "income_per_head": 20000, "version": 1}, c)
}

// without makes a metric forget a region, as if it did not count right.
func without(metric, region string) func(string, warehouse.Answer) {
	return func(id string, answer warehouse.Answer) {
		if id == metric {
			delete(answer, region)
		}
	}
}

// in gives the same lines for several scopes.
func in(scopes []string, lines ...string) []string {
	var all []string
	for _, scope := range scopes {
		for _, line := range lines {
			all = append(all, scope+" "+line)
		}
	}
	return all
}

// sorted lays lines in the order of their first words.
func sorted(lines []string, first ...string) []string {
	place := func(line string) int { return slices.Index(first, strings.Fields(line)[0]) }
	slices.SortFunc(lines, func(a, b string) int { return place(a) - place(b) })
	return lines
}
