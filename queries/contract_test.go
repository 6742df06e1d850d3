package queries

import (
	"strings"
	"testing"
	"time"
)

func TestAContractSaysEverythingThatADepartmentMustKnow(t *testing.T) {
	s, err := LoadSchema()
	if err != nil {
		t.Fatal(err)
	}
	for i := range s.Tables {
		table := &s.Tables[i]
		if !table.Delivered() {
			continue
		}
		text := s.Markdown(table, time.Now())
		for _, f := range table.Fields {
			if !strings.Contains(text, "| "+f.Name+" | "+f.Title+" | ") {
				t.Errorf("%s: column %s is not said", table.Name, f.Name)
			}
			for _, c := range s.Codes[f.Codes] {
				if f.Codes != "" && !strings.Contains(text, "| "+c.Code+" | "+c.ZH+" |") {
					t.Errorf("%s: code %s of %s is not said", table.Name, c.Code, f.Name)
				}
			}
		}
		if state := table.Kind == KindState; strings.Contains(text, "| version |") != state {
			t.Errorf("%s: the version is said to be there, or not, against its kind", table.Name)
		}
	}
}
