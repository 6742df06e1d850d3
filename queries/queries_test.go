package queries

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestEmbeddedCatalogueIsValid(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{
		"monitored.total", "monitored.by_type", "monitored.by_region", "monitored.by_cause",
		"risk.eliminated", "risk.remaining", "registered.total", "registered.by_stability",
		"leads.by_channel", "backlog.by_stage", "assets.by_class",
	} {
		if _, ok := c.Metric(id); !ok {
			t.Errorf("metric %s of the contract is missing", id)
		}
	}
}

func TestLoadNamesFileAndFault(t *testing.T) {
	good := "/*\ntitle: t\nunit: 户\ndefinition: d\npolicy: p\nsource: s\ntables: [a]\nregions: [province]\nabsent: zero\ndisclosure: {shown: test}\ncolumns:\n  - {name: n, title: n, type: count, unit: 户}\n*/\nSELECT 1 FROM a"
	for _, tt := range []struct{ name, file, text, want string }{
		{"no header", "metrics/a.b.sql", "SELECT 1", "metrics/a.b.sql:1: must begin with a header"},
		{"unknown key", "metrics/a.b.sql", strings.Replace(good, "unit:", "unti:", 1), "unti"},
		{"no unit", "metrics/a.b.sql", strings.Replace(good, "unit: 户\n", "", 1), "metrics/a.b.sql:1: unit is empty"},
		{"a table that is not read", "metrics/a.b.sql", strings.Replace(good, "[a]", "[a, b]", 1), "does not read b"},
		{"clock", "metrics/a.b.sql", good + " WHERE t > now()", "reads the server's clock"},
		{"a table that is not there", "metrics/a.b.sql", strings.ReplaceAll(strings.Replace(good, "[a]", "[c]", 1), "FROM a", "FROM c"), "there is no table or view c"},
		{"a clock that is not taken", "metrics/a.b.sql", strings.Replace(good, "absent: zero", "absent: zero\nrefresh: day", 1), "does not take {now:"},
		{"a clock that is not said", "metrics/a.b.sql", good + " WHERE t > {now:DateTime('Asia/Shanghai')}", "say day, hour or minute"},
		{"small cells", "metrics/a.b.sql", strings.Replace(good, "disclosure: {shown: test}\n", "", 1), "either shown with its reason, or counts"},
		{"a table's type", "tables/a.yaml", "title: t\nsystem: s\nkind: state\nabout: a\nkey: [k]\ncolumns:\n  - {name: k, type: kay, title: t, about: a}\n", `type "kay" is unknown`},
		{"code list", "metrics/a.b.sql", strings.Replace(good, "type: count, unit: 户", "type: code, codes: nope", 1), `metrics/a.b.sql:12: column n: code list "nope" is unknown`},
		{"level", "metrics/a.b.sql", strings.Replace(good, "[province]", "[street]", 1), `"street" is unknown`},
		{"file name", "metrics/Total.sql", good, "metrics/Total.sql:1: the name must be like"},
		{"check policy", "checks/a.b.sql", "/*\ntitle: t\ndefinition: d\npolicy: shout\nmetrics: [regions.list]\n*/\nSELECT 1", `policy is "shout"`},
		{"check metric", "checks/a.b.sql", "/*\ntitle: t\ndefinition: d\npolicy: note\nmetrics: [x.y]\n*/\nSELECT 1", `metric "x.y" is unknown`},
		{"an identity with a statement", "checks/a.b.sql", "/*\ntitle: t\ndefinition: d\npolicy: note\nequal:\n  expected: [{metric: regions.list}]\n  actual: [{metric: regions.list}]\n  figures: [{name: n, unit: 户}]\n*/\nSELECT 1", "checks/a.b.sql:5: a check has either equal or a statement"},
		{"an identity's metric", "checks/a.b.sql", "/*\ntitle: t\ndefinition: d\npolicy: note\nequal:\n  expected: [{metric: x.y}]\n  actual: [{metric: regions.list}]\n  figures: [{name: n, unit: 户}]\n*/\n", `equal: metric "x.y" is unknown`},
		{"an identity's column", "checks/a.b.sql", "/*\ntitle: t\ndefinition: d\npolicy: note\nequal:\n  expected: [{metric: regions.list}]\n  actual: [{metric: regions.list, take: {n: n + m}}]\n  figures: [{name: n, unit: 户}]\n*/\n", `no column of numbers "m" for figure n`},
		{"an identity's side", "checks/a.b.sql", "/*\ntitle: t\ndefinition: d\npolicy: note\nequal:\n  expected: [{metric: regions.list}]\n  actual: []\n  figures: [{name: n, unit: 户}]\n*/\n", "expected and actual need a term each"},
		{"an identity's code", "checks/a.b.sql", "/*\ntitle: t\ndefinition: d\npolicy: note\nequal:\n  expected: [{metric: regions.list, where: {n: s}}]\n  actual: [{metric: regions.list}]\n  figures: [{name: n, unit: 户}]\n*/\n", "n is no column of codes of regions.list"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fsys := fstest.MapFS{
				"codes/codes.yaml":         {Data: []byte("system:\n  - {code: s, zh: 甲}\n")},
				"tables/a.yaml":            {Data: []byte("title: t\nsystem: s\nkind: state\nabout: a\nkey: [k]\ncolumns:\n  - {name: k, type: key, title: t, about: a}\n")},
				"metrics/regions.list.sql": {Data: []byte(good)},
				tt.file:                    {Data: []byte(tt.text)},
			}
			_, err := LoadFS(fsys)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error is %v, want one that says %q", err, tt.want)
			}
		})
	}
}
