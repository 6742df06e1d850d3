package examples

import "testing"

// Three households of two townships of 海口市: one monitored, one whose risk is
// eliminated (still counted, the total is cumulative), one taken off the list
// (counted nowhere). The first moved from 儋州市: its newer version counts.
func TestMonitored(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.insert("households",
		`{"household":1,"village":`+nadaVillage+`,"type":"marginal_poor","causes":["illness"],"persons":4,"state":"monitored","recognised_at":"2026-01-02 02:00:00","version":1}`,
		`{"household":1,"village":`+xiuyingVillage+`,"type":"marginal_poor","causes":["illness","schooling"],"persons":4,"state":"monitored","recognised_at":"2026-01-02 02:00:00","version":2}`,
		`{"household":2,"village":`+longhuaVillage+`,"type":"unstable_lifted","causes":["illness"],"persons":3,"state":"eliminated","recognised_at":"2026-01-02 02:00:00","version":1}`,
		`{"household":3,"village":`+nadaVillage+`,"type":"sudden_hardship","causes":["disaster"],"persons":5,"state":"removed","recognised_at":"2026-01-02 02:00:00","version":1}`,
	)
	x.answers("monitored.total",
		province+" 2 7", haikou+" 2 7", xiuying+" 1 4", longhua+" 1 3")
	x.fails("monitored.types")
}
