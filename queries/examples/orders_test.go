package examples

import (
	"fmt"
	"testing"

	"liaowang/queries/warehouse"
)

// order is a work order; answered and satisfaction are empty where there is none.
func order(n int, village, door, topic, opened, due, answered, satisfaction string) string {
	text := func(s string) string {
		if s == "" {
			return "null"
		}
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf(`{"work_order":%d,"village":%s,"door":%q,"topic":%q,"opened_at":%q,"due_at":%q,"answered_at":%s,"satisfaction":%s,"version":1}`,
		n, village, door, topic, opened, due, text(answered), text(satisfaction))
}

// Work orders on 15 March 2026, half past ten. The last 30 days begin on 14
// February in Asia/Shanghai, the last 90 on 16 December 2025.
func ordersOfMarch(t *testing.T) *world {
	x := at(t, "2026-03-15 10:30:00")
	x.insert("work_orders",
		// Opened in the first second of the 30 days, answered after 2 hours.
		order(1, xiuyingVillage, "qr", "policy", "2026-02-13 16:00:00", "2026-02-20 16:00:00", "2026-02-13 18:00:00", "satisfied"),
		// Opened a second before them, answered within them after 4 days.
		order(2, xiuyingVillage, "qr", "policy", "2026-02-13 15:59:59", "2026-02-20 16:00:00", "2026-02-17 15:59:59", "dissatisfied"),
		// Due at nine today: overdue when the hour begins at ten. Open.
		order(3, longhuaVillage, "line_12345", "assistance", "2026-03-10 02:00:00", "2026-03-15 01:00:00", "", ""),
		// Due at 10:15, after the beginning of the hour: not overdue yet.
		order(4, longhuaVillage, "line_12345", "complaint", "2026-03-15 01:00:00", "2026-03-15 02:15:00", "", ""),
		// Opened long ago and still open.
		order(5, nadaVillage, "petition", "complaint", "2025-10-01 02:00:00", "2025-10-08 02:00:00", "", ""),
		// Answered in the first second of the 90 days after one hour, and a second before them.
		order(6, nadaVillage, "petition", "complaint", "2025-12-15 15:00:00", "2025-12-20 16:00:00", "2025-12-15 16:00:00", "neutral"),
		order(7, nadaVillage, "petition", "complaint", "2025-12-15 14:00:00", "2025-12-20 16:00:00", "2025-12-15 15:59:59", "neutral"),
	)
	// 3 came from 那大镇 at first: an older version that arrives late.
	x.insert("work_orders",
		`{"work_order":3,"village":`+nadaVillage+`,"door":"qr","topic":"report","opened_at":"2026-03-10 02:00:00","due_at":"2026-03-15 01:00:00","version":0}`)
	return x
}

func TestOrders(t *testing.T) {
	x := ordersOfMarch(t)
	// 1, 3 and 4 were opened within 30 days; 1 of them is answered.
	x.answers("orders.by_door",
		province+" qr 1 1", province+" line_12345 2 0", haikou+" qr 1 1", haikou+" line_12345 2 0",
		xiuying+" qr 1 1", longhua+" line_12345 2 0")
	x.answers("orders.by_topic",
		province+" policy 1 0", province+" assistance 1 1", province+" complaint 1 1",
		haikou+" policy 1 0", haikou+" assistance 1 1", haikou+" complaint 1 1",
		xiuying+" policy 1 0", longhua+" assistance 1 1", longhua+" complaint 1 1")
	// 3, 4 and 5 are open, whenever they were opened; 3 and 5 are late.
	x.answers("orders.open",
		province+" line_12345 2 1", province+" petition 1 1", haikou+" line_12345 2 1", longhua+" line_12345 2 1",
		danzhou+" petition 1 1", nada+" petition 1 1")
	// 2 was answered on 17 February, though opened before the first day.
	x.calendar("orders.by_day", province, 30, "2026-02-14", "2026-03-15", " 0 0",
		"2026-02-14 1 1", "2026-02-17 0 1", "2026-03-10 1 0", "2026-03-15 1 0")
	x.calendar("orders.by_day", longhua, 30, "2026-02-14", "2026-03-15", " 0 0", "2026-03-10 1 0", "2026-03-15 1 0")
	x.answers("orders.satisfaction",
		province+" satisfied 1", province+" dissatisfied 1", province+" neutral 1",
		haikou+" satisfied 1", haikou+" dissatisfied 1", xiuying+" satisfied 1", xiuying+" dissatisfied 1",
		danzhou+" neutral 1", nada+" neutral 1")
	// 2 and 96 hours: the middle of two is 49.
	x.answers("orders.answer_time",
		province+" qr 2 49", haikou+" qr 2 49", xiuying+" qr 2 49",
		province+" petition 1 1", danzhou+" petition 1 1", nada+" petition 1 1")
	x.fails("orders.balance")
	x.failsWhen("orders.balance", func(metric string, answer warehouse.Answer) {
		if metric == "orders.by_topic" {
			delete(answer, longhua)
		}
	}, longhua+" 不平, 差2件")
}

func TestNoOrders(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.none("orders.by_door", "orders.by_topic", "orders.open", "orders.satisfaction", "orders.answer_time")
	x.quiet("orders.by_day", 30, "2026-02-14", "2026-03-15", " 0 0")
	x.fails("orders.balance")
}
