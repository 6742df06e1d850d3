package examples

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"liaowang/queries/warehouse"
)

// nowhere is a village of a township that no region names: it counts for the
// province alone.
const nowhere = "460999100201"

// scopes are all regions that household metrics apply to: 三沙市 is not among them.
var scopes = []string{province, haikou, danzhou, xiuying, longhua, nada}

// days gives n lines that begin with the days from the first on.
func days(first string, n int, figures func(day string) string) []string {
	day, err := time.Parse(time.DateOnly, first)
	if err != nil {
		panic(err)
	}
	lines := make([]string, n)
	for i := range lines {
		d := day.AddDate(0, 0, i).Format(time.DateOnly)
		lines[i] = d + " " + figures(d)
	}
	return lines
}

// figuresOf gives the figures of the days that are named, and zero for all others.
func figuresOf(zero string, named map[string]string) func(string) string {
	return func(day string) string {
		if f, ok := named[day]; ok {
			return f
		}
		return zero
	}
}

// reads compares the rows of one region, in their order.
func (x *world) reads(metric, scope string, want []string) {
	x.t.Helper()
	if diff := cmp.Diff(want, x.rows(metric, scope)); diff != "" {
		x.t.Errorf("%s of %s (-want +got):\n%s", metric, scope, diff)
	}
}

// clock moves the world to another moment in Asia/Shanghai.
func (x *world) clock(now string) {
	x.t.Helper()
	moment, err := time.ParseInLocation(time.DateTime, now, zone)
	if err != nil {
		x.t.Fatal(err)
	}
	x.now = moment
}

// someLeads are five leads around the edges of the last 30 days, which are
// 14 February to 15 March:
//
//	1  14 March, its last second in Asia/Shanghai
//	2  15 March, its first moment
//	3  14 February, its first moment: the first day of the window; moved from 儋州市
//	4  13 February, its last second: outside
//	5  1 March, of a village that no region names
func someLeads(x *world) {
	x.insert("leads",
		`{"lead":1,"village":`+xiuyingVillage+`,"channel":"self_report","reported_at":"2026-03-14 15:59:59","version":1}`,
		`{"lead":2,"village":`+xiuyingVillage+`,"channel":"department","department":"medical_insurance","level":"red","reported_at":"2026-03-14 16:00:00","version":1}`,
		`{"lead":3,"village":`+nadaVillage+`,"channel":"other","level":"green","reported_at":"2026-02-13 16:00:00","version":1}`,
		`{"lead":4,"village":`+nadaVillage+`,"channel":"other","level":"green","reported_at":"2026-02-13 15:59:59","version":1}`,
		`{"lead":5,"village":`+nowhere+`,"channel":"department","department":"health","reported_at":"2026-03-01 02:00:00","version":1}`,
	)
	x.insert("leads",
		`{"lead":3,"village":`+longhuaVillage+`,"channel":"grassroots","level":"yellow","reported_at":"2026-02-13 16:00:00","version":2}`,
		// A version that comes late is not the state.
		`{"lead":1,"village":`+nadaVillage+`,"channel":"other","reported_at":"2026-03-01 02:00:00","version":0}`,
	)
}

func TestLeadsOfAnEmptyProvince(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.answers("leads.by_channel")
	x.answers("leads.by_level")
	x.answers("leads.settled")
	x.reads("leads.by_day", nada, days("2026-02-14", 30, figuresOf("0 0 0 0", nil)))
	for _, check := range []string{"leads.levels", "leads.days", "leads.workflow", "leads.change"} {
		x.fails(check)
	}
}

// All leads count, however old; each once, where its newest version says.
func TestLeadsByChannelAndLevel(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	someLeads(x)
	x.answers("leads.by_channel",
		province+" self_report 1", province+" grassroots 1", province+" department 2", province+" other 1",
		haikou+" self_report 1", haikou+" grassroots 1", haikou+" department 1", danzhou+" other 1",
		xiuying+" self_report 1", xiuying+" department 1", longhua+" grassroots 1", nada+" other 1")
	// Leads 1 and 5 were given no level.
	x.answers("leads.by_level",
		province+" red 1", province+" yellow 1", province+" green 1", province+" ungraded 2",
		haikou+" red 1", haikou+" yellow 1", haikou+" ungraded 1", danzhou+" green 1",
		xiuying+" red 1", xiuying+" ungraded 1", longhua+" yellow 1", nada+" green 1")
	x.fails("leads.levels")
	// 儋州市 loses its only level.
	x.failsWhen("leads.levels", func(metric string, answer warehouse.Answer) {
		if metric == "leads.by_level" {
			delete(answer, danzhou)
		}
	}, danzhou+" 不平, 差1条")
}

func TestLeadsByDay(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	someLeads(x)
	// Columns: self report, grassroots, department, other.
	x.reads("leads.by_day", province, days("2026-02-14", 30, figuresOf("0 0 0 0", map[string]string{
		"2026-02-14": "0 1 0 0", "2026-03-01": "0 0 1 0", "2026-03-14": "1 0 0 0", "2026-03-15": "0 0 1 0"})))
	x.reads("leads.by_day", longhua, days("2026-02-14", 30, figuresOf("0 0 0 0", map[string]string{"2026-02-14": "0 1 0 0"})))
	// Lead 4 was reported the day before the window.
	x.reads("leads.by_day", danzhou, days("2026-02-14", 30, figuresOf("0 0 0 0", nil)))
	x.reads("leads.by_day", sansha, nil)
	x.fails("leads.days")
	// The first day of the province is lost: three leads are left of four.
	x.failsWhen("leads.days", func(_ string, answer warehouse.Answer) { answer[province] = answer[province][1:] },
		province+" 不平, 差1条")
}

// Departments of the example, on 15 March: 医保 delivered; 卫健 delivered an empty
// batch, which is no silence; 教育 delivered only for February and is silent; 住建 is
// due today, which has not passed; 农业农村 is due on the 20th; all others are not
// expected.
func someDeliveries(x *world) {
	for _, d := range []string{"civil_affairs", "human_resources", "water", "disabled_federation", "emergency", "public_security"} {
		x.insert("push_schedule", `{"department":"`+d+`","due_day":5,"expected":false,"basis":"example","version":2}`)
	}
	x.insert("push_schedule",
		`{"department":"housing","due_day":15,"basis":"example","version":2}`,
		`{"department":"agriculture","due_day":20,"basis":"example","version":2}`)
	x.insert("exchange_deliveries",
		`{"delivery":1,"department":"medical_insurance","period":"2026-03-01","delivered_at":"2026-03-04 02:00:00","records":100,"rejected":4,"compared":90,"matched":81}`,
		`{"delivery":2,"department":"health","period":"2026-03-01","delivered_at":"2026-03-05 02:00:00","records":0,"rejected":0,"compared":0,"matched":0}`,
		`{"delivery":3,"department":"education","period":"2026-02-01","delivered_at":"2026-03-03 02:00:00","records":7,"rejected":7,"compared":10,"matched":0}`,
	)
}

func TestLeadsByDepartment(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	someLeads(x)
	someDeliveries(x)
	x.insert("leads",
		// The first moment of March and the last second of February.
		`{"lead":6,"village":`+nadaVillage+`,"channel":"department","department":"health","reported_at":"2026-02-28 16:00:00","version":1}`,
		`{"lead":7,"village":`+nadaVillage+`,"channel":"department","department":"health","reported_at":"2026-02-28 15:59:59","version":1}`,
		// A lead that came by another way does not make 教育 any less silent.
		`{"lead":8,"village":`+nadaVillage+`,"channel":"department","department":"education","reported_at":"2026-03-02 02:00:00","version":1}`,
	)
	want := []string{
		province + " medical_insurance 1", haikou + " medical_insurance 1", xiuying + " medical_insurance 1",
		province + " health 2", danzhou + " health 1", nada + " health 1",
	}
	for _, scope := range scopes {
		want = append(want, scope+" education 缺报")
	}
	x.answers("leads.by_department", want...)
	// On the 5th itself nothing is late yet: what 教育 pushed so far is counted.
	x.clock("2026-03-05 23:59:59")
	x.answers("leads.by_department",
		province+" health 2", danzhou+" health 1", nada+" health 1",
		province+" education 1", danzhou+" education 1", nada+" education 1")
}

func TestLeadsAndWorkflow(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	someLeads(x)
	x.insert("workflow",
		`{"lead":1,"village":`+xiuyingVillage+`,"stage":"household_check","entered_at":"2026-03-14 16:00:00","version":1}`,
		`{"lead":2,"village":`+xiuyingVillage+`,"stage":"recognised","entered_at":"2026-03-14 16:00:00","version":1}`,
		`{"lead":3,"village":`+longhuaVillage+`,"stage":"closed","entered_at":"2026-03-14 16:00:00","version":1}`,
		`{"lead":5,"village":`+nowhere+`,"stage":"village_review","entered_at":"2026-03-14 16:00:00","version":1}`,
	)
	x.answers("leads.settled",
		province+" 1 1", haikou+" 1 1", xiuying+" 1 0", longhua+" 0 1")
	// Lead 4, of 那大镇, has no stage.
	x.fails("leads.workflow",
		province+" 不平, 差1条, 线索多于环节记录", danzhou+" 不平, 差1条, 线索多于环节记录", nada+" 不平, 差1条, 线索多于环节记录")
	x.insert("workflow", `{"lead":4,"village":`+nadaVillage+`,"stage":"closed","entered_at":"2026-03-14 16:00:00","version":1}`)
	x.fails("leads.workflow")
	x.insert("workflow", `{"lead":9,"village":`+nowhere+`,"stage":"closed","entered_at":"2026-03-14 16:00:00","version":1}`)
	x.fails("leads.workflow", province+" 不平, 差1条, 环节记录多于线索")
}

// The limit is 20 %. The province has 5 leads: 4 yesterday would be 25 % less, of
// which half were self-reports and half of another channel. What was kept the day
// before yesterday is not looked at.
func TestLeadsChange(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	someLeads(x)
	kept := func(day, region, line string, value int) string {
		return fmt.Sprintf(`{"metric":"leads.by_channel","day":"%s","region":"%s","line":"%s","figure":"households","value":%d,"version":1}`, day, region, line, value)
	}
	x.insert("daily_figures", kept("2026-03-13", province, "self_report", 1000))
	x.fails("leads.change")
	x.insert("daily_figures",
		kept("2026-03-14", province, "self_report", 2), kept("2026-03-14", province, "other", 2),
		kept("2026-03-14", haikou, "self_report", 3),
		kept("2026-03-14", sansha, "self_report", 2), kept("2026-03-14", danzhou, "other", 0))
	// 海口市 has 3 as yesterday; 三沙市 has none any more; 儋州市 had none.
	x.fails("leads.change",
		province+" 较昨日增25%, 超过20%", sansha+" 较昨日减100%, 超过20%", danzhou+" 昨日为0, 今日不为0")
	// 25 % is not above a limit of 25 %.
	x.insert("parameters", `{"name":"change.daily_limit","value":25,"unit":"%","basis":"example","version":2}`)
	x.fails("leads.change", sansha+" 较昨日减100%, 超过25%", danzhou+" 昨日为0, 今日不为0")
}

// zeros gives a line for every scope and key, with the figures of those named.
func zeros(keys []string, zero string, named map[string]string) []string {
	var lines []string
	for _, scope := range scopes {
		for _, key := range keys {
			name := scope
			if key != "" {
				name += " " + key
			}
			figures, ok := named[name]
			if !ok {
				figures = zero
			}
			lines = append(lines, name+" "+figures)
		}
	}
	slices.Sort(lines)
	return lines
}
