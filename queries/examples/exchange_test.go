package examples

import (
	"context"
	"slices"
	"testing"
)

// Before anything is delivered: on 15 March all eleven departments, due by the
// 5th, are silent.
func TestExchangeOfAnEmptyProvince(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.answers("exchange.missing", province+" 11 0 11")
	x.reads("exchange.last", province, []string{
		"medical_insurance 缺报 缺报 缺报 缺报", "health 缺报 缺报 缺报 缺报", "education 缺报 缺报 缺报 缺报", "civil_affairs 缺报 缺报 缺报 缺报",
		"human_resources 缺报 缺报 缺报 缺报", "housing 缺报 缺报 缺报 缺报", "water 缺报 缺报 缺报 缺报", "disabled_federation 缺报 缺报 缺报 缺报",
		"emergency 缺报 缺报 缺报 缺报", "public_security 缺报 缺报 缺报 缺报", "agriculture 缺报 缺报 缺报 缺报"})
	x.fails("exchange.due", province+" 缺报: 医保, 卫健, 教育, 民政, 人社, 住建, 水务, 残联, 应急, 公安, 农业农村")
	x.fails("exchange.rejects")
	// On the 5th nothing is late.
	x.clock("2026-03-05 23:59:59")
	x.answers("exchange.missing", province+" 0 0 11")
	x.fails("exchange.due")
}

func TestExchange(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	someDeliveries(x)
	x.insert("exchange_deliveries",
		// April of last year is the first of the twelve months, March of last year is outside.
		`{"delivery":11,"department":"medical_insurance","period":"2025-04-01","delivered_at":"2025-04-05 02:00:00","records":5,"rejected":0,"compared":10,"matched":9}`,
		`{"delivery":12,"department":"medical_insurance","period":"2025-03-01","delivered_at":"2025-04-06 02:00:00","records":6,"rejected":0,"compared":100,"matched":0}`,
		// A second batch for March, earlier that month: the calendar adds both up, the last one is the last one.
		`{"delivery":13,"department":"medical_insurance","period":"2026-03-01","delivered_at":"2026-03-01 02:00:00","records":20,"rejected":20,"compared":0,"matched":0}`,
		// A department that is not expected delivers all the same. 15:59:59 is still the 9th.
		`{"delivery":14,"department":"agriculture","period":"2026-02-01","delivered_at":"2026-02-09 15:59:59","records":3,"rejected":1,"compared":4,"matched":1}`,
	)
	// The first batch is delivered again, among others: a later row of the same batch is its state.
	x.insert("exchange_deliveries",
		`{"delivery":1,"department":"medical_insurance","period":"2026-03-01","delivered_at":"2026-03-04 02:00:00","records":101,"rejected":4,"compared":90,"matched":81}`,
		`{"delivery":15,"department":"water","period":"2026-03-01","delivered_at":"2026-03-01 02:00:00","records":8,"rejected":2,"compared":0,"matched":0}`)

	// Expected are 医保, 卫健, 教育, 住建, 农业农村; 教育 alone is late.
	x.answers("exchange.missing", province+" 1 2 5")
	x.reads("exchange.last", province, []string{
		"medical_insurance 2026-03-04 101 4 已送达",
		"health 2026-03-05 0 0 空报",
		"education 2026-03-03 7 7 缺报",
		"civil_affairs 缺报 缺报 缺报 不要求",
		"human_resources 缺报 缺报 缺报 不要求",
		"housing 缺报 缺报 缺报 未到期",
		"water 2026-03-01 8 2 已送达",
		"disabled_federation 缺报 缺报 缺报 不要求",
		"emergency 缺报 缺报 缺报 不要求",
		"public_security 缺报 缺报 缺报 不要求",
		"agriculture 2026-02-09 3 1 未到期"})
	x.fails("exchange.due", province+" 缺报: 教育")
	x.fails("exchange.rejects")

	// Months are from April of last year to March; each department has twelve.
	calendar := x.rows("exchange.calendar", province)
	if len(calendar) != 11*12 {
		t.Fatalf("the calendar has %d rows, 11 departments of 12 months are expected", len(calendar))
	}
	for _, want := range []string{
		"medical_insurance 2025-04-01 5 已送达", "medical_insurance 2025-05-01 缺报 缺报", "medical_insurance 2026-03-01 121 已送达",
		"health 2026-03-01 0 空报", "education 2026-02-01 7 已送达", "education 2026-03-01 缺报 缺报",
		"civil_affairs 2026-02-01 0 不要求", "housing 2026-03-01 0 未到期", "water 2026-03-01 8 已送达",
		"agriculture 2026-02-01 3 已送达", "agriculture 2026-03-01 0 未到期",
	} {
		if !slices.Contains(calendar, want) {
			t.Errorf("the calendar has no row %q:\n%q", want, calendar)
		}
	}
	if calendar[0] != "medical_insurance 2025-04-01 5 已送达" || calendar[12] != "health 2025-04-01 缺报 缺报" {
		t.Errorf("departments come in the order of their list, months in theirs; the calendar begins with %q", calendar[:13])
	}

	// 医保: (81 + 9) of (90 + 10). March of last year would make it 45 %.
	x.answers("exchange.accuracy",
		province+" medical_insurance 100 90 90", province+" health 0 0 缺报", province+" education 10 0 0",
		province+" civil_affairs 0 0 缺报", province+" human_resources 0 0 缺报", province+" housing 0 0 缺报",
		province+" water 0 0 缺报", province+" disabled_federation 0 0 缺报", province+" emergency 0 0 缺报",
		province+" public_security 0 0 缺报", province+" agriculture 4 1 25")
}

// The table refuses such a batch; a table of another make might not.
func TestExchangeRejects(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.exec("exchange_deliveries", "ALTER TABLE exchange_deliveries DROP CONSTRAINT rejected_not_above_records")
	t.Cleanup(func() {
		err := x.w.Conn().Exec(context.WithoutCancel(t.Context()), "ALTER TABLE exchange_deliveries ADD CONSTRAINT rejected_not_above_records CHECK rejected <= records")
		if err != nil {
			t.Error(err)
		}
	})
	x.insert("exchange_deliveries",
		`{"delivery":1,"department":"water","period":"2026-03-01","delivered_at":"2026-03-04 02:00:00","records":3,"rejected":4,"compared":0,"matched":0}`,
		`{"delivery":2,"department":"health","period":"2026-03-01","delivered_at":"2026-03-04 02:00:00","records":3,"rejected":5,"compared":0,"matched":0}`,
		`{"delivery":3,"department":"education","period":"2026-03-01","delivered_at":"2026-03-04 02:00:00","records":3,"rejected":3,"compared":0,"matched":0}`)
	x.fails("exchange.rejects", province+" 退回多于送达: 卫健, 水务")
}
