package screens

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"liaowang/queries"
)

// overview gives the text of a screen's file.
func overview(t *testing.T) (*queries.Catalogue, string) {
	t.Helper()
	cat, err := queries.Load()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("overview.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return cat, string(text)
}

// loaded gives the screens of the program.
func loaded(t *testing.T) (*queries.Catalogue, []Screen) {
	t.Helper()
	cat, err := queries.Load()
	if err != nil {
		t.Fatal(err)
	}
	list, err := Load(cat)
	if err != nil {
		t.Fatal(err)
	}
	return cat, list
}

func load(t *testing.T, change func(string) string) error {
	t.Helper()
	cat, text := overview(t)
	changed := change(text)
	if changed == text {
		t.Fatal("the change changes nothing")
	}
	_, err := LoadFS(fstest.MapFS{"s.yaml": {Data: []byte(changed)}}, cat)
	return err
}

func TestLoadNamesFileLineAndWhatIsAllowed(t *testing.T) {
	swap := func(a, b string) func(string) string {
		return func(s string) string { return strings.Replace(s, a, b, 1) }
	}
	for _, tt := range []struct {
		name   string
		change func(string) string
		want   []string
	}{
		{"unknown key", swap("question:", "qestion:"), []string{"s.yaml:", `"qestion"`}},
		{"unknown metric", swap("metric: monitored.by_type", "metric: monitored.by_mood"), []string{"s.yaml:", `panels[2].metric: metric "monitored.by_mood" is unknown: must be one of `, ", monitored.by_type,"}},
		{"metric of a figure", swap("metric: risk.eliminated", "metric: risk.of"), []string{"panels[0].figures[1].metric", "is unknown"}},
		{"unknown column", swap("value: households", "value: cats"), []string{"figures[0].value", `column "cats" is not a number of monitored.total: must be one of households, persons`}},
		{"unknown kind", swap("kind: stages", "kind: funnel"), []string{`kind "funnel" is unknown: must be one of figure, figures, facts`}},
		{"field of another kind", swap("kind: stages", "kind: stages\n    steps: [1]"), []string{"steps: kind stages does not take it: takes metric, value, total"}},
		{"unknown check", swap("check: registered.reported", "check: registered.not"), []string{`"registered.not" is unknown: must be one of `, ", registered.reported,"}},
		{"area without panel", swap("area: ranking", "area: elsewhere"), []string{`area "ranking" has no panel`, `area "elsewhere" of a panel is not in the grid`}},
		{"doubled panel", swap("- id: cause", "- id: type"), []string{`panel "type" stands twice`}},
		{"bad size", swap("152u", "152px"), []string{`grid[0].rows[0]: "152px" is no size: must be like 150u, 1fr or auto`}},
		{"missing layout", swap("name: wide", "name: vast"), []string{`layout "vast" is unknown`, `layout "wide" is missing`}},
		{"no rectangle", swap("- type      map       map        ranking", "- type      map       map        checks"), []string{`area "checks" is not a rectangle`}},
		{"ragged grid", swap("- type      map       map        ranking", "- type      map       map"), []string{"3 areas for 4 columns"}},
		{"steps of the map", swap("steps: [300, 500, 800, 1200]", "steps: [300, 500]"), []string{"steps: there are 2: must be 4"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := load(t, tt.change)
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error is\n%v\nwant one that says %q", err, want)
				}
			}
		})
	}
}

func TestLoadGivesTheLineOfTheFault(t *testing.T) {
	var line int
	err := load(t, func(s string) string {
		before, _, _ := strings.Cut(s, "metric: monitored.by_cause")
		line = strings.Count(before, "\n") + 1
		return strings.Replace(s, "metric: monitored.by_cause", "metric: nothing.here", 1)
	})
	if want := "s.yaml:" + strconv.Itoa(line) + ":"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error is %v, want it at %s", err, want)
	}
}

func TestTwoScreensOfOneID(t *testing.T) {
	cat, text := overview(t)
	_, err := LoadFS(fstest.MapFS{"a.yaml": {Data: []byte(text)}, "b.yaml": {Data: []byte(text)}}, cat)
	if err == nil || !strings.Contains(err.Error(), `screen "overview" stands in a.yaml already`) {
		t.Errorf("error is %v", err)
	}
}

func TestFind(t *testing.T) {
	_, list := loaded(t)
	if s := Find(list, "overview"); s == nil || s.Question == "" {
		t.Errorf("overview is %v", s)
	}
	if Find(list, "none") != nil {
		t.Error("found what is not there")
	}
}

// The story is told in its order, and all sixteen systems of the source stand on the wall: a
// screen says that it shows a system, and a panel of it draws what that system's tables hold.
// Two have no tables that a panel could draw: analysis is what the figures are made of,
// and the wall itself is the visualisation.
func TestAllSystemsStandOnTheWall(t *testing.T) {
	cat, list := loaded(t)
	var titles []string
	shown := map[string]bool{}
	for _, s := range list {
		titles = append(titles, s.Title)
		drawn := map[string]bool{"analysis": true, "visualization": true}
		note := func(metric string) {
			m, ok := cat.Metric(metric)
			if !ok {
				return
			}
			for _, table := range m.Tables {
				if table, ok := cat.Schema.Table(table); ok {
					drawn[table.System] = true
				}
			}
		}
		for _, p := range s.Panels {
			note(p.Metric)
			for _, f := range p.Figures {
				note(f.Metric)
			}
		}
		for _, system := range s.Systems {
			shown[system] = true
			if !drawn[system] {
				t.Errorf("%s says that it shows %s, and no panel does", s.ID, system)
			}
		}
		if p := s.Panels[0].Kind; p != "figures" {
			t.Errorf("%s does not put the answer first: its first panel is %s", s.ID, p)
		}
	}
	if got := strings.Join(titles, " "); got != "防返贫监测总览 谁被监测 如何监测·常态 如何监测·应急 如何防止返贫致贫 成效巩固 扶贫资产 乡村治理与农户服务 运行保障" {
		t.Errorf("the story is told as %s", got)
	}
	for _, system := range cat.Codes["system"] {
		if !shown[system.Code] {
			t.Errorf("no screen shows %s", system.ZH)
		}
	}
}
