package examples

import (
	"fmt"
	"testing"

	"liaowang/queries/warehouse"
)

// The examples of this file are of 2090: sign-ins and probes are kept for a limited
// time, by the server's own clock, and would be gone.

// Accounts 1 to 4 are enabled: of the province, 长流镇 (which it moved to), 海口市
// and 儋州市; 5 of 儋州市 is disabled.
func accountsOfMarch(t *testing.T) *world {
	x := at(t, "2090-03-15 10:30:00")
	x.insert("accounts",
		`{"account":1,"region":460000,"role":"province","state":"enabled","created_at":"2090-01-01 00:00:00","version":1}`,
		`{"account":2,"region":460105100,"role":"township","state":"enabled","created_at":"2090-01-01 00:00:00","version":2}`,
		`{"account":3,"region":460100,"role":"county","state":"enabled","created_at":"2090-01-01 00:00:00","version":1}`,
		`{"account":4,"region":460400,"role":"work_team","state":"enabled","created_at":"2090-01-01 00:00:00","version":1}`,
		`{"account":5,"region":460400,"role":"work_team","state":"disabled","created_at":"2090-01-01 00:00:00","version":2}`)
	x.insert("accounts",
		`{"account":2,"region":460400100,"role":"township","state":"disabled","created_at":"2090-01-01 00:00:00","version":1}`,
		`{"account":5,"region":460400,"role":"work_team","state":"enabled","created_at":"2090-01-01 00:00:00","version":1}`)
	return x
}

func TestAccounts(t *testing.T) {
	x := accountsOfMarch(t)
	x.answers("accounts.total", province+" 5 4", haikou+" 2 2", xiuying+" 1 1", danzhou+" 2 1")
	x.answers("accounts.by_role",
		province+" province 1 0", province+" county 1 0", province+" township 1 0", province+" work_team 1 1",
		haikou+" county 1 0", haikou+" township 1 0", xiuying+" township 1 0", danzhou+" work_team 1 1")
	x.fails("accounts.roles")
	x.failsWhen("accounts.roles", func(metric string, answer warehouse.Answer) {
		if metric == "accounts.by_role" {
			delete(answer, xiuying)
			answer[danzhou][0] = warehouse.Row{"work_team", 2.0, 0.0} // both enabled
		}
	}, xiuying+" 不平, 账号差1个, 启用差1个", danzhou+" 不平, 启用差1个")
}

// The thirty days begin on 14 February, the seven on 9 March.
func TestSignIns(t *testing.T) {
	x := accountsOfMarch(t)
	signIn := func(n, account int, region, at, client string) string {
		return fmt.Sprintf(`{"sign_in":%d,"account":%d,"region":%s,"at":%q,"client":%q}`, n, account, region, at, client)
	}
	x.insert("sign_ins",
		signIn(1, 1, province, "2090-03-15 02:00:00", "web"),
		signIn(2, 2, xiuying, "2090-03-08 16:00:00", "app"), // first second of 9 March
		signIn(3, 2, xiuying, "2090-03-15 01:00:00", "app"), // again: one account all the same
		signIn(4, 3, haikou, "2090-03-08 15:59:59", "web"),  // a second before the seven days
		signIn(5, 5, danzhou, "2090-03-10 00:00:00", "app"), // disabled since
		signIn(6, 4, danzhou, "2090-02-13 16:00:00", "web"), // first second of the thirty days
		signIn(7, 4, danzhou, "2090-02-13 15:59:59", "web"),
	)
	x.calendar("sign_ins.by_day", province, 30, "2090-02-14", "2090-03-15", " 0 0 0",
		"2090-02-14 1 1 0", "2090-03-08 1 1 0", "2090-03-09 1 0 1", "2090-03-10 1 0 1", "2090-03-15 2 1 1")
	x.calendar("sign_ins.by_day", haikou, 30, "2090-02-14", "2090-03-15", " 0 0 0",
		"2090-03-08 1 1 0", "2090-03-09 1 0 1", "2090-03-15 1 0 1")
	x.calendar("sign_ins.by_day", xiuying, 30, "2090-02-14", "2090-03-15", " 0 0 0",
		"2090-03-09 1 0 1", "2090-03-15 1 0 1")
	// 1 and 2 of the four enabled.
	x.answers("sign_ins.active",
		province+" 2 4 50", haikou+" 1 2 50", xiuying+" 1 1 100", danzhou+" 0 1 0")
	x.fails("sign_ins.clients")
	x.failsWhen("sign_ins.clients", func(_ string, answer warehouse.Answer) {
		answer[xiuying][29][2] = 4.0 // of 15 March: 4 from the web, which there were not
	}, xiuying+" 不平, 差4次")
}

func TestGridsAndTickets(t *testing.T) {
	x := at(t, "2090-03-15 10:30:00")
	x.insert("grids",
		`{"grid":1,"village":`+xiuyingVillage+`,"households":80,"members":2,"state":"active","version":2}`,
		`{"grid":1,"village":`+nadaVillage+`,"households":70,"members":1,"state":"active","version":1}`,
		`{"grid":2,"village":`+longhuaVillage+`,"households":101,"members":3,"state":"active","version":1}`,
		`{"grid":3,"village":`+nadaVillage+`,"households":90,"members":3,"state":"ended","version":1}`)
	x.answers("grids.total", province+" 2 5 181 90.5", haikou+" 2 5 181 90.5", xiuying+" 1 2 80 80", longhua+" 1 3 101 101")

	// Three days before today begins is the 12th: 1 was opened in its first
	// instant and is overdue, 2 a millisecond later and is not.
	x.insert("tickets",
		`{"ticket":1,"region":460105100,"kind":"fault","severity":"high","opened_at":"2090-03-11 16:00:00","version":1}`,
		`{"ticket":2,"region":460100,"kind":"fault","severity":"high","opened_at":"2090-03-11 16:00:00.001","version":1}`,
		`{"ticket":3,"region":460000,"kind":"data","severity":"low","opened_at":"2089-01-01 00:00:00","version":1}`,
		// Closed in the first second of the thirty days, and one before.
		`{"ticket":4,"region":460400,"kind":"advice","severity":"low","opened_at":"2090-02-01 00:00:00","closed_at":"2090-02-13 16:00:00","version":2}`,
		`{"ticket":5,"region":460400,"kind":"advice","severity":"low","opened_at":"2090-02-01 00:00:00","closed_at":"2090-02-13 15:59:59","version":2}`)
	x.insert("tickets",
		`{"ticket":4,"region":460400,"kind":"advice","severity":"low","opened_at":"2090-02-01 00:00:00","version":1}`)
	x.answers("tickets.by_kind",
		province+" fault 2 0", province+" data 1 0", province+" advice 0 1", haikou+" fault 2 0", xiuying+" fault 1 0", danzhou+" advice 0 1")
	x.answers("tickets.open",
		province+" high 2 1", province+" low 1 1", haikou+" high 2 1", xiuying+" high 1 1")
	// A day more, delivered as a parameter: 1 is in time now.
	x.insert("parameters", `{"name":"ticket.due_days","value":4,"unit":"日","basis":"工作值","version":2}`)
	x.answers("tickets.open",
		province+" high 2 0", province+" low 1 1", haikou+" high 2 0", xiuying+" high 1 0")
	x.exec("parameters", "TRUNCATE TABLE parameters")
	x.answers("tickets.open",
		province+" high 2 缺报", province+" low 1 缺报", haikou+" high 2 缺报", xiuying+" high 1 缺报")
}

// The minute begins at 10:30:00, 02:30 in UTC; ten minutes of silence are too long.
func TestServices(t *testing.T) {
	x := at(t, "2090-03-15 10:30:40")
	probe := func(service, at string, up bool, milliseconds int) string {
		return fmt.Sprintf(`{"service":%q,"at":%q,"up":%t,"milliseconds":%d}`, service, at, up, milliseconds)
	}
	x.insert("service_health",
		// Three of four answered, in 10, 20 and 90 milliseconds; what did not is no answer time.
		probe("intake", "2090-03-14 02:30:00", true, 90),
		probe("intake", "2090-03-15 02:10:00", false, 5000),
		probe("intake", "2090-03-15 02:25:00", true, 20),
		probe("intake", "2090-03-15 02:30:20", true, 10),
		// More than a day old.
		probe("intake", "2090-03-14 02:29:59", false, 5000),
		// Last heard of ten minutes ago to the second: still heard, and down.
		probe("wall", "2090-03-15 02:20:00", false, 5000),
		// One millisecond longer ago: silent, whatever it said then.
		probe("archive", "2090-03-15 02:19:59.999", true, 5),
		// Silent for more than a day: no row.
		probe("exchange", "2090-03-13 02:00:00", true, 5))
	x.answers("services.health",
		province+" intake 正常 2090-03-15 10:30:20 75 20",
		province+" wall 中断 2090-03-15 10:20:00 0 缺报",
		province+" archive 缺报 2090-03-15 10:19:59 缺报 缺报")
	x.insert("parameters", `{"name":"service.silent_minutes","value":11,"unit":"分钟","basis":"工作值","version":2}`)
	x.answers("services.health",
		province+" intake 正常 2090-03-15 10:30:20 75 20",
		province+" wall 中断 2090-03-15 10:20:00 0 缺报",
		province+" archive 正常 2090-03-15 10:19:59 100 5")
}

func TestOperations(t *testing.T) {
	x := accountsOfMarch(t)
	// Two assisting units still assist, with 10 and 5 persons; the foundation is none.
	x.insert("organisations",
		`{"organisation":1,"region":460000,"kind":"assisting_unit","members":10,"state":"active","version":1}`,
		`{"organisation":2,"region":460100,"kind":"assisting_unit","members":5,"state":"active","version":1}`,
		`{"organisation":3,"region":460100,"kind":"assisting_unit","members":9,"state":"ended","version":1}`,
		`{"organisation":4,"region":460100,"kind":"foundation","members":4,"state":"active","version":1}`)
	// One of the eleven departments is expected no longer.
	x.insert("push_schedule", `{"department":"water","due_day":5,"expected":false,"basis":"","version":2}`)
	// The first exchanges brought 700 and 300 records; 1170 of 1300 compared agreed.
	x.insert("exchange_deliveries",
		`{"delivery":1,"department":"health","period":"2089-01-01","delivered_at":"2089-02-03 00:00:00","records":700,"rejected":10,"compared":600,"matched":540}`,
		`{"delivery":2,"department":"health","period":"2089-02-01","delivered_at":"2089-03-03 00:00:00","records":100,"rejected":0,"compared":100,"matched":100}`,
		`{"delivery":3,"department":"education","period":"2089-02-01","delivered_at":"2089-03-04 00:00:00","records":300,"rejected":0,"compared":600,"matched":530}`)
	x.answers("operations.headline", province+" 5 15 2 10 1000 90")
}

func TestNoOperations(t *testing.T) {
	x := at(t, "2090-03-15 10:30:00")
	x.none("grids.total", "accounts.total", "accounts.by_role", "sign_ins.active", "tickets.by_kind", "tickets.open", "services.health")
	x.quiet("sign_ins.by_day", 30, "2090-02-14", "2090-03-15", " 0 0 0")
	// Eleven departments are expected from the start; nothing was compared, so there is no accuracy.
	x.answers("operations.headline", province+" 0 0 0 11 0 缺报")
	x.fails("accounts.roles")
	x.fails("sign_ins.clients")
}

// Deliveries are of the day on which they were due, in Asia/Shanghai; the last word holds.
func TestBriefingsOfToday(t *testing.T) {
	x := at(t, "2090-03-15 10:30:00")
	run := func(name, due, state string, version int) string {
		return fmt.Sprintf(`{"briefing":%q,"due_at":%q,"title":"晨报","state":%q,"tries":1,"noted_at":"2090-03-15 00:00:00","target":"/srv","code":"","words":"","version":%d}`, name, due, state, version)
	}
	x.insert("briefing_runs",
		run("a", "2090-03-14 23:30:00", "under_way", 1), // half past seven here
		run("a", "2090-03-14 23:30:00", "delivered", 2),
		run("b", "2090-03-15 00:00:00", "failed", 1),
		run("c", "2090-03-15 01:00:00", "doubtful", 1),
		run("d", "2090-03-15 02:00:00", "under_way", 1),
		run("e", "2090-03-14 15:59:59", "failed", 1)) // yesterday
	x.answers("briefings.today", province+" 1 2")
}
