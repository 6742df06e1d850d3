package examples

import "testing"

// 三沙市 and its township are regions, too; whether a region applies is said, not left out.
func TestRegions(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	// A name that was corrected: the newer version stands. A village is no region of the wall.
	x.insert("regions",
		`{"code":460106100,"level":"township","parent":460100,"name":"城西","version":2}`,
		`{"code":460106100202,"level":"village","parent":460106100,"name":"丁村","version":1}`)
	x.answers("regions.list",
		"460000 460000 0 province 海南省 1",
		"460000 460100 460000 county 海口市 1",
		"460000 460300 460000 county 三沙市 0",
		"460000 460400 460000 county 儋州市 1",
		"460000 460105100 460100 township 长流镇 1",
		"460000 460106100 460100 township 城西 1",
		"460000 460300100 460300 township 永兴 0",
		"460000 460400100 460400 township 那大镇 1")
}
