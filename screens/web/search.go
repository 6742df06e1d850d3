package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"

	"liaowang/screens/panel"
)

const (
	// longestSearch is how many characters of what is searched are looked at.
	longestSearch = 40
	// mostFound is how many regions and how many metrics an answer has at most.
	mostFound = 12
)

// found is what a search finds: places and figures, what fits best first.
type found struct {
	Query   string        `json:"query"`
	Regions []foundRegion `json:"regions"`
	Metrics []foundMetric `json:"metrics"`
}

type foundRegion struct {
	cardRegion
	// Above are the names of the regions that it lies in, without the province.
	Above []string `json:"above,omitempty"`
}

// foundMetric is a metric by one of its names: its title, or what a panel calls it.
type foundMetric struct {
	Metric string `json:"metric"`
	Label  string `json:"label"`
	Title  string `json:"title"`
	Unit   string `json:"unit,omitempty"`
	// Panels are where it is drawn.
	Panels []foundPanel `json:"panels,omitempty"`
}

type foundPanel struct {
	Screen string `json:"screen"`
	Title  string `json:"title"` // the screen's
	Panel  string `json:"panel"`
}

// search finds regions of the newest batch and metrics by characters, by pinyin or by its
// first letters.
func (s *server) search(w http.ResponseWriter, r *http.Request) {
	q := normal(r.URL.Query().Get("q"))
	out := found{Query: string(q), Regions: []foundRegion{}, Metrics: []foundMetric{}}
	if len(q) > 0 {
		out.Regions = s.regionsBy(q)
		out.Metrics = s.metricsBy(q)
	}
	writeJSON(w, http.StatusOK, out)
}

// ranked is something found, and how well it fits: less is better.
type ranked[T any] struct {
	what T
	rank int
}

func best[T any](all []ranked[T]) []T {
	slices.SortStableFunc(all, func(a, b ranked[T]) int { return cmp.Compare(a.rank, b.rank) })
	out := []T{}
	for _, one := range all[:min(len(all), mostFound)] {
		out = append(out, one.what)
	}
	return out
}

func (s *server) regionsBy(q []rune) []foundRegion {
	shown := s.Hub.Recent(0)
	if shown == nil {
		return []foundRegion{}
	}
	tree := shown.Input(s.Catalogue, s.Province).Regions
	var all []ranked[foundRegion]
	var walk func(r panel.Region, above []string)
	walk = func(r panel.Region, above []string) {
		rank, ok := fits(r.Name, q)
		if strings.HasPrefix(r.Code, string(q)) && len(q) > 2 {
			rank, ok = 0, true
		}
		if ok {
			level := slices.Index(panel.Levels(), r.Level)
			all = append(all, ranked[foundRegion]{foundRegion{cardRegion{r.Code, r.Name, r.Level}, above}, rank + 4*level + min(len([]rune(r.Name)), 3)})
		}
		if r.Level != panel.Province {
			above = append(slices.Clone(above), r.Name)
		}
		for _, child := range tree.Children(r.Code) {
			walk(child, above)
		}
	}
	if province, ok := tree.Get(s.Province); ok {
		walk(province, nil)
	}
	return best(all)
}

func (s *server) metricsBy(q []rune) []foundMetric {
	// Names of a metric: its title, and those under which panels show it.
	var all []ranked[foundMetric]
	for _, m := range s.Catalogue.Metrics {
		one := foundMetric{Metric: m.ID, Label: m.Title, Title: m.Title, Unit: m.Unit}
		rank, ok := fits(m.Title, q)
		if !ok && strings.HasPrefix(m.ID, string(q)) {
			rank, ok = far, true
		}
		for _, screen := range s.Hub.Story() {
			for _, p := range screen.Panels {
				for _, f := range panel.Metrics(p) {
					if f.Metric != m.ID {
						continue
					}
					place := foundPanel{screen.ID, screen.Title, p.ID}
					if !slices.Contains(one.Panels, place) {
						one.Panels = append(one.Panels, place)
					}
					// A panel's title is that of a metric where it draws no other.
					for _, name := range []string{f.Label, title(p, m.ID)} {
						if r, fit := fits(name, q); fit && (!ok || r < rank) {
							rank, ok, one.Label = r, true, name
						}
					}
				}
			}
		}
		if !ok {
			if !strings.Contains(m.Definition, string(q)) || len(q) < 2 {
				continue
			}
			rank = 2 * far
		}
		if len(one.Panels) == 0 {
			rank += far / 2 // nobody sees it on a screen
		}
		all = append(all, ranked[foundMetric]{one, rank + min(len([]rune(one.Label)), 20)})
	}
	return best(all)
}

// title is a panel's title where it stands for a metric.
func title(p panel.Spec, metric string) string {
	if p.Metric == metric {
		return p.Title
	}
	return ""
}

// normal is what is searched without blanks, marks and case.
func normal(text string) []rune {
	var out []rune
	for _, r := range text {
		if r >= '！' && r <= '～' {
			r -= '！' - '!' // as an input method writes letters full width
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '.' || r == '_' {
			out = append(out, unicode.ToLower(r))
		}
		if len(out) == longestSearch {
			break
		}
	}
	return out
}

// far is the rank of what fits only somewhere within.
const far = 40

// fits says whether a name has what is searched: characters, syllables or first letters, mixed
// as people mix them, in one run. Less is better: its beginning, and more of it.
func fits(name string, q []rune) (rank int, ok bool) {
	runes := normal(name)
	spelt := make([][]string, len(runes))
	for i, r := range runes {
		spelt[i] = syllables(r)
	}
	for start := range runes {
		if used, ok := run(runes[start:], spelt[start:], q); ok {
			rank := min(start, 5) * far / 10
			if used < len(runes) {
				rank++
			}
			return rank, true
		}
	}
	return 0, false
}

// run says whether a name begins with what is searched, and how many of its characters that are.
func run(name []rune, spelt [][]string, q []rune) (used int, ok bool) {
	if len(q) == 0 {
		return 0, true
	}
	if len(name) == 0 {
		return 0, false
	}
	next := func(taken int) bool {
		n, fit := run(name[1:], spelt[1:], q[taken:])
		used, ok = n+1, fit
		return fit
	}
	if q[0] == name[0] && next(1) {
		return used, true
	}
	for i, syllable := range spelt[0] {
		letters := []rune(syllable)
		n := 0
		for n < len(letters) && n < len(q) && letters[n] == q[n] {
			n++
		}
		// The whole syllable, or as much of it as has been typed, or its first letter. A rare
		// reading is told from others only by all of it.
		if n == len(letters) && next(n) || i == 0 && n > 0 && (n == len(q) && next(n) || next(1)) {
			return used, true
		}
	}
	return 0, false
}

// syllables are the readings of a character in pinyin, the common one first, without tones; none for what is no
// Chinese character. ü is typed v or u.
func syllables(r rune) []string {
	args := pinyin.NewArgs()
	args.Heteronym = true
	all := pinyin.SinglePinyin(r, args)
	for _, s := range all {
		if strings.Contains(s, "v") {
			all = append(all, strings.ReplaceAll(s, "v", "u"))
		}
	}
	return all
}
