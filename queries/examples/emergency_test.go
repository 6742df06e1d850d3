package examples

import (
	"fmt"
	"testing"

	"liaowang/queries/warehouse"
)

// Three emergencies on 15 March 2026: a flood that is over, a price fall that goes
// on, and the newest, a typhoon, that goes on too. Households 1 to 4 were hit by
// the typhoon, 2 by the prices before it, 9 by the flood.
func emergencyOfMarch(t *testing.T) *world {
	x := at(t, "2026-03-15 10:30:00")
	x.insert("emergencies",
		`{"emergency":1,"name":"台风甲","kind":"typhoon","level":"second","started_at":"2026-03-13 20:00:00","cutoff_at":"2026-03-14 16:05:00","plan":"防风预案","excludes":"暂不含海上渔排","version":2}`,
		`{"emergency":2,"name":"价格下跌","kind":"price","level":"fourth","started_at":"2026-02-01 00:00:00","cutoff_at":"2026-03-01 00:00:00","plan":"保供稳价预案","excludes":"","version":1}`,
		`{"emergency":3,"name":"洪水","kind":"flood","level":"first","started_at":"2025-12-31 15:59:59","cutoff_at":"2026-01-10 00:00:00","ended_at":"2026-01-20 00:00:00","plan":"防汛预案","excludes":"","version":2}`)
	// Late versions: the flood was going on, the typhoon's figures went up to the 13th.
	x.insert("emergencies",
		`{"emergency":1,"name":"台风甲","kind":"typhoon","level":"third","started_at":"2026-03-13 20:00:00","cutoff_at":"2026-03-13 16:05:00","plan":"防风预案","excludes":"","version":1}`,
		`{"emergency":3,"name":"洪水","kind":"flood","level":"first","started_at":"2025-12-31 15:59:59","cutoff_at":"2026-01-10 00:00:00","plan":"防汛预案","excludes":"","version":1}`)
	x.insert("emergency_households",
		// 1 was first counted in 那大镇, with less loss.
		`{"emergency":1,"household":1,"village":`+xiuyingVillage+`,"persons":4,"loss":1000,"relief":300,"reassessment":"at_risk","version":2}`,
		`{"emergency":1,"household":2,"village":`+longhuaVillage+`,"persons":3,"loss":500,"relief":0,"reassessment":"pending","version":1}`,
		`{"emergency":1,"household":3,"village":`+longhuaVillage+`,"persons":2,"loss":200,"relief":200,"reassessment":"safe","version":1}`,
		// 4 lives in a village that is in no region: the province alone counts it.
		`{"emergency":1,"household":4,"village":460999999201,"persons":1,"loss":10,"relief":0,"reassessment":"pending","version":1}`,
		`{"emergency":2,"household":2,"village":`+longhuaVillage+`,"persons":3,"loss":50,"relief":50,"reassessment":"monitored","version":1}`,
		`{"emergency":3,"household":9,"village":`+nadaVillage+`,"persons":6,"loss":9000,"relief":0,"reassessment":"monitored","version":1}`)
	x.insert("emergency_households",
		`{"emergency":1,"household":1,"village":`+nadaVillage+`,"persons":4,"loss":100,"relief":0,"reassessment":"pending","version":1}`)
	return x
}

func TestEmergency(t *testing.T) {
	x := emergencyOfMarch(t)
	// Newest first. 00:05 on the 15th in Asia/Shanghai is 16:05 on the 14th in UTC.
	typhoon, prices := "台风甲 台风 Ⅱ级 2026-03-15 00:05 防风预案 暂不含海上渔排 ", "价格下跌 价格波动 Ⅳ级 2026-03-01 08:00 保供稳价预案  "
	x.inOrder("emergency.current", province, typhoon+"4 10 1710 500", prices+"1 3 50 50")
	x.inOrder("emergency.current", haikou, typhoon+"3 9 1700 500", prices+"1 3 50 50")
	x.inOrder("emergency.current", longhua, typhoon+"2 5 700 200", prices+"1 3 50 50")
	// An event goes on in 那大镇, too, where neither hit anybody.
	x.inOrder("emergency.current", nada, typhoon+"0 0 0 0", prices+"0 0 0 0")
	x.inOrder("emergency.current", sansha)
	x.answers("emergency.by_region",
		province+" "+haikou+" 3 9 1700", haikou+" "+xiuying+" 1 4 1000", haikou+" "+longhua+" 2 5 700")
	x.answers("emergency.reassessment",
		province+" pending 2 4", province+" safe 1 2", province+" at_risk 1 4",
		haikou+" pending 1 3", haikou+" safe 1 2", haikou+" at_risk 1 4",
		xiuying+" at_risk 1 4", longhua+" pending 1 3", longhua+" safe 1 2")
	// 1 and 3 have had relief: 2 of 4, of 3, of 1, and 1 of 2.
	x.answers("emergency.relief",
		province+" 4 2 1710 500 50", haikou+" 3 2 1700 500 66.6667", xiuying+" 1 1 1000 300 100", longhua+" 2 1 700 200 50")
	x.fails("emergency.reassessed")
	x.fails("emergency.regions", province+" 不平, 受影响差1户, 损失差10元")
	x.failsWhen("emergency.reassessed", func(metric string, answer warehouse.Answer) {
		if metric == "emergency.reassessment" {
			delete(answer, longhua)
		}
	}, longhua+" 不平, 差2户")
}

// The five years are 2022 to 2026. The flood began one second before 2026 there,
// the drought of 2022 in its first second, the epidemic one second before.
func TestEmergencyYears(t *testing.T) {
	x := emergencyOfMarch(t)
	x.insert("emergencies",
		`{"emergency":4,"name":"旱","kind":"drought","level":"third","started_at":"2021-12-31 16:00:00","cutoff_at":"2022-02-01 00:00:00","ended_at":"2022-03-01 00:00:00","plan":"","excludes":"","version":1}`,
		`{"emergency":5,"name":"疫","kind":"epidemic","level":"third","started_at":"2021-12-31 15:59:59","cutoff_at":"2022-02-01 00:00:00","ended_at":"2022-03-01 00:00:00","plan":"","excludes":"","version":1}`)
	// The drought hit nobody: an event of the province all the same.
	x.inOrder("emergency.by_year", province, "2022-01-01 1 0", "2023-01-01 0 0", "2024-01-01 0 0", "2025-01-01 1 1", "2026-01-01 2 5")
	// Typhoon and prices reached 城西镇 and with it 海口市; household 2 counts with each.
	x.inOrder("emergency.by_year", haikou, "2022-01-01 0 0", "2023-01-01 0 0", "2024-01-01 0 0", "2025-01-01 0 0", "2026-01-01 2 4")
	x.inOrder("emergency.by_year", longhua, "2022-01-01 0 0", "2023-01-01 0 0", "2024-01-01 0 0", "2025-01-01 0 0", "2026-01-01 2 3")
	x.inOrder("emergency.by_year", nada, "2022-01-01 0 0", "2023-01-01 0 0", "2024-01-01 0 0", "2025-01-01 1 1", "2026-01-01 0 0")
}

func TestEmergencyResponses(t *testing.T) {
	x := emergencyOfMarch(t)
	x.insert("emergency_responses",
		`{"response":1,"emergency":1,"region":460100,"department":"emergency","at":"2026-03-14 01:00:00","action":"dispatch","households":3,"amount":0}`,
		`{"response":2,"emergency":1,"region":460105100,"department":"civil_affairs","at":"2026-03-14 02:00:00","action":"relief","households":1,"amount":300}`,
		`{"response":3,"emergency":1,"region":460106100,"department":"civil_affairs","at":"2026-03-14 02:00:00","action":"relief","households":1,"amount":200}`,
		// Not the newest event.
		`{"response":4,"emergency":2,"region":460106100,"department":"agriculture","at":"2026-03-14 03:00:00","action":"restore","households":1,"amount":9}`)
	x.answers("emergency.by_department",
		province+" emergency 1 3 0", province+" civil_affairs 2 2 500", haikou+" emergency 1 3 0", haikou+" civil_affairs 2 2 500",
		xiuying+" civil_affairs 1 1 300", longhua+" civil_affairs 1 1 200")
	x.answers("emergency.by_action",
		province+" dispatch 1 3 0", province+" relief 2 2 500", haikou+" dispatch 1 3 0", haikou+" relief 2 2 500",
		xiuying+" relief 1 1 300", longhua+" relief 1 1 200")
	x.fails("emergency.responses")
	// A response to an event that nobody has registered shows with nothing else.
	x.insert("emergency_responses",
		`{"response":5,"emergency":8,"region":460106100,"department":"health","at":"2026-03-14 04:00:00","action":"assess","households":1,"amount":0}`,
		`{"response":6,"emergency":8,"region":460400,"department":"health","at":"2026-03-14 04:00:00","action":"assess","households":1,"amount":0}`)
	x.fails("emergency.responses",
		province+" 2次响应所属事件未登记", haikou+" 1次响应所属事件未登记", longhua+" 1次响应所属事件未登记", danzhou+" 1次响应所属事件未登记")
}

// The names of kinds and levels that the event's line shows are those of the code lists.
func TestEmergencyNames(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	kinds, levels := x.catalogue.Codes["emergency_kind"], x.catalogue.Codes["emergency_level"]
	var want []string
	x.insertN("emergencies", len(kinds), func(i int) string {
		level := levels[i%len(levels)]
		want = append(want, fmt.Sprintf("事件 %s %s 2026-03-01 08:00 预案  0 0 0 0", kinds[i].ZH, level.ZH))
		return fmt.Sprintf(`{"emergency":%d,"name":"事件","kind":%q,"level":%q,"started_at":"2026-02-01 00:00:%02d","cutoff_at":"2026-03-01 00:00:00","plan":"预案","excludes":"","version":1}`,
			i+1, kinds[i].Code, level.Code, 59-i)
	})
	if len(levels) > len(kinds) {
		t.Fatal("not every level is tried")
	}
	x.inOrder("emergency.current", nada, want...)
}

func TestNoEmergency(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	ongoing := []string{"emergency.current", "emergency.by_region", "emergency.by_department", "emergency.by_action", "emergency.reassessment", "emergency.relief"}
	x.none(ongoing...)
	x.quiet("emergency.by_year", 5, "2022-01-01", "2026-01-01", " 0 0")
	for _, check := range []string{"emergency.reassessed", "emergency.regions", "emergency.responses"} {
		x.fails(check)
	}
	// An event that is over is none.
	x.insert("emergencies",
		`{"emergency":3,"name":"洪水","kind":"flood","level":"first","started_at":"2026-01-01 00:00:00","cutoff_at":"2026-01-10 00:00:00","ended_at":"2026-01-20 00:00:00","plan":"防汛预案","excludes":"","version":1}`)
	x.insert("emergency_households",
		`{"emergency":3,"household":9,"village":`+nadaVillage+`,"persons":6,"loss":9000,"relief":0,"reassessment":"monitored","version":1}`)
	x.none(ongoing...)
}
