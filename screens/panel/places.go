package panel

import (
	"encoding/json"
	"sync"

	"liaowang/static"
)

// place is what the map file says of a county beside its shape.
type place struct {
	Code   string     `json:"code"`
	Name   string     `json:"name"`
	Short  string     `json:"short"`
	Anchor [2]float64 `json:"anchor"`
	Layers []string   `json:"layers"`
}

// places are the counties of a map by their codes, and the corners of its inset.
type places struct {
	places map[string]place
	inset  [][2]float64
}

// hainan reads the embedded map once. A map that cannot be read is a broken
// build, not a state of the program.
var hainan = sync.OnceValue(func() places {
	text, err := static.Files.ReadFile("maps/hainan.json")
	if err != nil {
		panic(err)
	}
	var file struct {
		Inset    [][2]float64 `json:"inset"`
		Features []struct {
			Properties place `json:"properties"`
		} `json:"features"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		panic(err)
	}
	p := places{places: map[string]place{}, inset: file.Inset}
	for _, f := range file.Features {
		if f.Properties.Short != "" {
			p.places[f.Properties.Code] = f.Properties
		}
	}
	return p
})
