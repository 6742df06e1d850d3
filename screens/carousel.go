package screens

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Carousel is what a wall shows by itself: screens, one after the other.
type Carousel struct {
	ID    string `yaml:"id"`
	Title string `yaml:"title"`
	// Rest is for how long after the last touch a wall stays where a person has taken it.
	Rest  time.Duration `yaml:"rest"`
	Turns []Turn        `yaml:"screens"`
	// Edition names what the file says.
	Edition string `yaml:"-"`
}

// Turn is a screen that is shown for a while.
type Turn struct {
	Screen string `yaml:"screen"`
	// Region is what it is shown for; empty: what the display's address names.
	Region string        `yaml:"region"`
	For    time.Duration `yaml:"for"`
	// Hours are when it is shown, in Asia/Shanghai, as 07:00-22:00; one that ends before it begins
	// goes over midnight. None: always.
	Hours []string `yaml:"hours"`
}

const (
	leastTurn, mostTurn = 5 * time.Second, time.Hour
	leastRest, mostRest = 10 * time.Second, time.Hour
	defaultRest         = 2 * time.Minute
)

var (
	hoursForm  = regexp.MustCompile(`^([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]|24):([0-5][0-9])$`)
	regionForm = regexp.MustCompile(`^[1-9][0-9]{5}([0-9]{3})?$`)
)

// span gives hours as minutes of the day.
func span(hours string) (from, until int, ok bool) {
	found := hoursForm.FindStringSubmatch(hours)
	if found == nil {
		return 0, 0, false
	}
	var n [4]int
	for i := range n {
		n[i], _ = strconv.Atoi(found[i+1]) // the form has digits only
	}
	from, until = 60*n[0]+n[1], 60*n[2]+n[3]
	return from, until, from != until && until <= 24*60
}

// shown says whether the turn is one at a minute of the day.
func (t Turn) shown(minute int) bool {
	if len(t.Hours) == 0 {
		return true
	}
	return slices.ContainsFunc(t.Hours, func(hours string) bool {
		from, until, ok := span(hours)
		if !ok {
			return false
		}
		if from < until {
			return from <= minute && minute < until
		}
		return from <= minute || minute < until
	})
}

// MarshalJSON is the form that the browser gets: times in milliseconds, hours in minutes of the day.
func (c Carousel) MarshalJSON() ([]byte, error) {
	type turn struct {
		Screen string   `json:"screen"`
		Region string   `json:"region,omitempty"`
		ForMS  int64    `json:"for_ms"`
		Hours  [][2]int `json:"hours"`
	}
	out := struct {
		ID      string `json:"id"`
		Title   string `json:"title"`
		Edition string `json:"edition"`
		RestMS  int64  `json:"rest_ms"`
		Turns   []turn `json:"turns"`
	}{c.ID, c.Title, c.Edition, c.Rest.Milliseconds(), nil}
	for _, t := range c.Turns {
		one := turn{t.Screen, t.Region, t.For.Milliseconds(), [][2]int{}}
		for _, hours := range t.Hours {
			if from, until, ok := span(hours); ok {
				one.Hours = append(one.Hours, [2]int{from, until})
			}
		}
		out.Turns = append(out.Turns, one)
	}
	return json.Marshal(out)
}

// carousel checks one against the screens that there are.
func (c *checker) carousel(one *Carousel, ids []string) {
	if !idForm.MatchString(one.ID) {
		c.fault("$.id", "%q must be lower case letters, digits and hyphens", one.ID)
	}
	if one.Title == "" {
		c.fault("$.title", "is empty")
	}
	if one.Rest == 0 {
		one.Rest = defaultRest
	}
	if one.Rest < leastRest || one.Rest > mostRest {
		c.fault("$.rest", "%s must be from %s to %s", one.Rest, leastRest, mostRest)
	}
	if len(one.Turns) == 0 {
		c.fault("$.screens", "is empty")
		return
	}
	for i, t := range one.Turns {
		base := fmt.Sprintf("$.screens[%d]", i)
		if !slices.Contains(ids, t.Screen) {
			c.fault(base+".screen", "screen %q is unknown: must be one of %s", t.Screen, strings.Join(ids, ", "))
		}
		if t.Region != "" && !regionForm.MatchString(t.Region) {
			c.fault(base+".region", "%q must be a code of six digits, or nine for a township", t.Region)
		}
		if t.For < leastTurn || t.For > mostTurn {
			c.fault(base+".for", "%s must be from %s to %s", t.For, leastTurn, mostTurn)
		}
		for k, hours := range t.Hours {
			if _, _, ok := span(hours); !ok {
				c.fault(fmt.Sprintf("%s.hours[%d]", base, k), "%q must be like 07:00-22:00", hours)
			}
		}
	}
	for minute := range 24 * 60 {
		if !slices.ContainsFunc(one.Turns, func(t Turn) bool { return t.shown(minute) }) {
			c.fault("$.screens", "none is shown at %02d:%02d: a wall must always show one", minute/60, minute%60)
			return
		}
	}
}
