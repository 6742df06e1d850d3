package screens

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"liaowang/queries"
)

func TestAFolderIsLaidOverTheScreensOfTheProgram(t *testing.T) {
	cat, text := overview(t)
	file := func(change ...string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(strings.NewReplacer(change...).Replace(text))}
	}
	dir := fstest.MapFS{"a.yaml": file("title: 防返贫监测总览", "title: 本省总览"), "b.yaml": file("id: overview", "id: county-hall", "place: 1", "place: 20")}
	f, list, err := OpenFolder(dir, cat)
	if err != nil {
		t.Fatal(err)
	}
	if s := Find(list, "overview"); s.Title != "本省总览" {
		t.Errorf("the customer's screen does not take the place of the built-in one: %s", s.Title)
	}
	if last := list[len(list)-1]; last.ID != "county-hall" || len(list) != len(f.builtIn)+1 {
		t.Errorf("the customer's own screen is not the last of %d: %s", len(list), last.ID)
	}
	if _, changed, err := f.Look(); changed || err != nil {
		t.Errorf("nothing was touched, and it says changed=%v %v", changed, err)
	}

	// What is wrong keeps what was right before, and does not keep others from changing.
	dir["a.yaml"] = file("metric: monitored.total", "metric: monitored.mood")
	dir["b.yaml"] = file("id: overview", "id: county-hall", "title: 防返贫监测总览", "title: 县厅")
	list, changed, err := f.Look()
	if !changed || err == nil || !strings.Contains(err.Error(), "a.yaml:") || !strings.Contains(err.Error(), "must be one of") {
		t.Errorf("changed=%v, error %v", changed, err)
	}
	if a, b := Find(list, "overview"), Find(list, "county-hall"); a.Title != "本省总览" || b.Title != "县厅" {
		t.Errorf("shown are %s and %s", a.Title, b.Title)
	}

	// A file that is gone gives its place back.
	delete(dir, "a.yaml")
	list, changed, err = f.Look()
	if s := Find(list, "overview"); !changed || err != nil || s.Title != "防返贫监测总览" {
		t.Errorf("changed=%v, %v, shown is %s", changed, err, s.Title)
	}
}

func TestAFolderThatIsWrongAtTheStartIsAnError(t *testing.T) {
	cat, err := queries.Load()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := OpenFolder(fstest.MapFS{"x.yaml": {Data: []byte("id: x\n")}}, cat); err == nil || !strings.Contains(err.Error(), "x.yaml:1: title: is empty") {
		t.Errorf("error is %v", err)
	}
	if _, _, err := OpenFolder(os.DirFS(t.TempDir()+"/none"), cat); err == nil {
		t.Error("a folder that is not there is no error")
	}
}
