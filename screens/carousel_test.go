package screens

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// overTheProgram gives what reads a folder over that of the program.
func overTheProgram(t *testing.T) func(dir fstest.MapFS) (*Programme, error) {
	t.Helper()
	cat, list := loaded(t)
	return func(dir fstest.MapFS) (*Programme, error) {
		return new(programmeReader).read(cat, list, programmeFiles, dir)
	}
}

func TestACarouselNamesFileLineAndWhatIsAllowed(t *testing.T) {
	programme := overTheProgram(t)
	text, err := os.ReadFile("carousels/duty.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, from, to, want string }{
		{"unknown key", "rest: 2m", "rests: 2m", `"rests"`},
		{"unknown screen", "screen: people", "screen: peoples", `carousels/x.yaml:11: screens[1].screen: screen "peoples" is unknown: must be one of overview, people`},
		{"no time", "for: 60s", "for: 60", "carousels/x.yaml:"},
		{"too short", "for: 60s", "for: 2s", "screens[0].for: 2s must be from 5s to 1h0m0s"},
		{"no hours", `"07:00-22:00"`, `"7-22"`, `screens[1].hours[0]: "7-22" must be like 07:00-22:00`},
		{"a region", "screen: overview,", "screen: overview, region: \"46\",", `screens[0].region: "46" must be a code of six digits`},
		{"too long a rest", "rest: 2m", "rest: 2h", "rest: 2h0m0s must be from 10s to 1h0m0s"},
		{"no title", "title: 值班轮播", "title: ''", "title: is empty"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			changed := strings.Replace(string(text), tt.from, tt.to, 1)
			if changed == string(text) {
				t.Fatal("the change changes nothing")
			}
			_, err := programme(fstest.MapFS{"carousels/x.yaml": {Data: []byte(changed)}})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is\n%v\nwant one that says %q", err, tt.want)
			}
		})
	}
	night := `{id: day, title: 白天, screens: [{screen: overview, for: 1m, hours: ["08:00-18:00"]}, {screen: people, for: 1m, hours: ["17:00-07:30"]}]}`
	if _, err := programme(fstest.MapFS{"carousels/x.yaml": {Data: []byte(night)}}); err == nil || !strings.Contains(err.Error(), "none is shown at 07:30") {
		t.Errorf("a time at which nothing is shown: %v", err)
	}
}

func TestACustomersCarousel(t *testing.T) {
	own := `{id: duty, title: 本厅, screens: [{screen: overview, for: 1m}, {screen: emergency, region: "469001", for: 90s, hours: ["22:00-06:00"]}]}`
	p, err := overTheProgram(t)(fstest.MapFS{"carousels/hall.yaml": {Data: []byte(own)}})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Carousels) != 1 || p.Carousels[0].Title != "本厅" {
		t.Fatalf("the customer's does not take the place of the built-in one: %+v", p.Carousels)
	}
	p.Carousels[0].Edition = "e"
	got, err := json.Marshal(p.Carousels[0])
	want := `{"id":"duty","title":"本厅","edition":"e","rest_ms":120000,"turns":[{"screen":"overview","for_ms":60000,"hours":[]},{"screen":"emergency","region":"469001","for_ms":90000,"hours":[[1320,360]]}]}`
	if err != nil || string(got) != want {
		t.Errorf("the browser gets %s %v, want %s", got, err, want)
	}
}

// What is wrong keeps what was right before.
func TestAFolderOfCarouselsThatChanges(t *testing.T) {
	cat, _ := loaded(t)
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	dir := fstest.MapFS{"carousels/a.yaml": file(`{id: hall, title: 一, screens: [{screen: overview, for: 1m}]}`)}
	f, _, err := OpenFolder(dir, cat)
	if err != nil {
		t.Fatal(err)
	}
	titles := func() string {
		var all []string
		for _, c := range f.Programme().Carousels {
			all = append(all, c.Title)
		}
		return strings.Join(all, " ")
	}
	if got := titles(); got != "值班轮播 一" {
		t.Errorf("it has %s", got)
	}
	dir["carousels/a.yaml"] = file(`{id: hall, title: 二, screens: [{screen: mood, for: 1m}]}`)
	if _, changed, err := f.Look(); !changed || err == nil || !strings.Contains(err.Error(), "carousels/a.yaml:1") || titles() != "值班轮播 一" {
		t.Errorf("changed=%v, %v, it has %s", changed, err, titles())
	}
	dir["carousels/a.yaml"] = file(`{id: hall, title: 三, screens: [{screen: people, for: 1m}]}`)
	if _, changed, err := f.Look(); !changed || err != nil || titles() != "值班轮播 三" {
		t.Errorf("changed=%v, %v, it has %s", changed, err, titles())
	}
	delete(dir, "carousels/a.yaml")
	if _, changed, err := f.Look(); !changed || err != nil || titles() != "值班轮播" {
		t.Errorf("changed=%v, %v, it has %s", changed, err, titles())
	}
}
