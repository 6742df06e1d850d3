package queries

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// tied is a catalogue of a population, its partition by kind, and one more metric
// whose disclosure is the case's.
func tied(disclosure, columns string) fstest.MapFS {
	metric := func(disclosure, columns string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("/*\ntitle: t\nunit: 户\ndefinition: d\npolicy: p\nsource: s\ntables: [a]\nregions: [province]\nabsent: zero\ndisclosure: " +
			disclosure + "\ncolumns:\n" + columns + "*/\nSELECT 1 FROM a")}
	}
	const n = "  - {name: n, title: n, type: count, unit: 户}\n  - {name: m, title: m, type: count, unit: 户}\n"
	const kind = "  - {name: kind, title: k, type: code, codes: kind}\n"
	return fstest.MapFS{
		"codes/codes.yaml":         {Data: []byte("system:\n  - {code: s, zh: 甲}\nkind:\n  - {code: x, zh: 甲}\n  - {code: y, zh: 乙}\n  - {code: z, zh: 丙}\ngroup:\n  - {code: g, zh: 甲}\n  - {code: h, zh: 乙}\n")},
		"tables/a.yaml":            {Data: []byte("title: t\nsystem: s\nkind: state\nabout: a\nkey: [k]\ncolumns:\n  - {name: k, type: key, title: t, about: a}\n")},
		"metrics/regions.list.sql": metric("{shown: test}", n),
		"metrics/b.risk.sql":       metric("{counts: [on = n, off = m], of: all_households, partition: risk}", n),
		"metrics/b.kind.sql":       metric("{counts: [n], of: all_households, partition: kind}", kind+n),
		"metrics/b.on_kind.sql":    metric("{counts: [n], of: all_households, within: on, partition: kind}", kind+n),
		"metrics/b.group.sql":      metric("{counts: [n], of: all_households, partition: group}", strings.ReplaceAll(kind, "kind", "group")+n),
		"metrics/c.d.sql":          metric(disclosure, strings.NewReplacer("KIND", kind, "GROUP", strings.ReplaceAll(kind, "kind", "group"), "N", n).Replace(columns)),
	}
}

func TestTiesThatDoNotHoldAreFaults(t *testing.T) {
	for _, tt := range []struct{ name, disclosure, columns, want string }{
		{"unknown part", "{counts: [n], of: all_households, within: nobody}", "N", "within: all_households has no part nobody; its parts are g, h, off, on, x, y, z"},
		{"unknown population", "{counts: [n], of: others, within: on}", "N", "within: others has no part on"},
		{"part of two divisions", "{counts: [n], of: all_households, within: x}", "N", "within: x is a part of several divisions of all_households: kind, kind within on"},
		{"part within itself", "{counts: [n], of: all_households, within: self, partition: p, part: self}", "N", "within: self lies within itself"},
		{"no such column", "{counts: [k], of: all_households}", "N", "counts: k is no column of type count"},
		{"no sum", "{counts: [n * m], of: all_households}", "N", `counts: "n * m" is not understood`},
		{"no such column in a difference", "{counts: [left = n - k], of: all_households}", "N", "counts: k is no column of type count"},
		{"ambiguous count", "{counts: [n, x = m], of: all_households}", "N", "counts: x is a part of several divisions"},
		{"part without partition", "{counts: [n], of: all_households, part: p}", "N", "part p needs a partition"},
		{"partial and overlapping", "{counts: [n], of: all_households, partition: p, part: q, partial: true, overlapping: true}", "N", "partial says how parts add up"},
		{"margins of one key", "{counts: [n], of: all_households, partition: table, margins: [kind]}", "KINDN", "margins: 1 partitions are named, the metric has 1 keys"},
		{"unknown margin", "{counts: [n], of: all_households, partition: table, margins: [kind, colour]}", "KINDGROUPN", "margins: no metric divides all_households by colour with the codes of column group"},
		{"margins in wrong order", "{counts: [n], of: all_households, partition: table, margins: [group, kind]}", "KINDGROUPN", "margins: no metric divides all_households by group with the codes of column kind"},
		{"unknown coarser partition", "{counts: [n], of: all_households, partition: kind, coarser: {colour: {g: [x, y, z]}}}", "KINDN", "coarser: no metric divides all_households by colour"},
		{"unknown coarser part", "{counts: [n], of: all_households, partition: kind, coarser: {group: {f: [x, y, z]}}}", "KINDN", "coarser: partition group has no part f"},
		{"a code that no coarser part has", "{counts: [n], of: all_households, partition: kind, coarser: {group: {g: [x], h: [y]}}}", "KINDN", "coarser: the parts of group are made of x, y; each of x, y, z is needed once"},
		{"unknown equal", "{counts: [n], of: others, partition: p, part: q, equals: {q: all_households.nobody}}", "N", "equals: all_households has no part nobody"},
		{"unknown told part", "{counts: [n], of: all_households, tells: [nobody]}", "N", "tells: all_households has no part nobody"},
		{"leading without keys", "{counts: [n], of: all_households, leading: true}", "N", "leading is for metrics with keys"},
		{"unknown way to repeat", "{counts: [n], of: all_households, repeats: nearly}", "N", `repeats is "nearly": must be near or equal`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := LoadFS(tied(tt.disclosure, tt.columns))
			if err == nil || !strings.Contains(err.Error(), "metrics/c.d.sql:10: disclosure: "+tt.want) {
				t.Fatalf("error is %v, want metrics/c.d.sql:10: disclosure: %s", err, tt.want)
			}
		})
	}
}

func TestTiesThatHold(t *testing.T) {
	for _, tt := range []struct{ disclosure, columns string }{
		{"{counts: [all = n, m], of: all_households, within: on, partition: p}", "N"},
		{"{counts: [n, on = m], of: all_households, partition: table, margins: [kind, group], tells: [off, all]}", "KINDGROUPN"},
		{"{counts: [n], of: all_households, partition: kind, coarser: {group: {g: [x, z], h: [y]}}}", "KINDN"},
		{"{counts: [q = n - m], of: others, partition: p, equals: {q: all_households.on}}", "N"},
	} {
		if _, err := LoadFS(tied(tt.disclosure, tt.columns)); err != nil {
			t.Errorf("%s: %v", tt.disclosure, err)
		}
	}
}

func TestPopulationsWithEqualPartsAreOneGroup(t *testing.T) {
	c, err := LoadFS(tied("{counts: [q = n - m], of: others, partition: p, equals: {q: all_households.on}}", "N"))
	if err != nil {
		t.Fatal(err)
	}
	if groups := c.Groups(); len(groups) != 1 || !slices.Equal(groups[0], []string{"all_households", "others"}) {
		t.Errorf("groups are %v", groups)
	}
}
