package aggregator_test

import (
	"testing"
	"time"

	"liaowang/aggregator/batch"
)

// A check's statement is judged by what the metric says now, also after batches in which
// only columns changed that it does not read, so that it was not asked.
func TestAStatementIsJudgedByWhatItReads(t *testing.T) {
	h := newHall(t, "")
	h.cat = h.cat.Only("monitored.total")
	h.regions()
	for day := range 3 { // whichever of them is yesterday when it is judged
		h.exec("INSERT INTO daily_figures (metric, day, region, line, figure, value, version) VALUES ('monitored.total', ?, '460000', '', 'households', 1, 1)",
			time.Now().In(batch.Hall).AddDate(0, 0, day-1).Format(time.DateOnly))
	}
	h.run("one")
	household := func(key uint64, persons int, state, rows string) batch.Check {
		t.Helper()
		h.household(key, 460105100001, "unstable_lifted", persons, state)
		b, _ := h.next("it shows "+rows, func(_ batch.Header, f frames) bool { return f.rows("monitored.total", "460000") == rows })
		for _, k := range b.Checks {
			if k.ID == "monitored.daily_change" {
				return k
			}
		}
		t.Fatal("the check is not among those of the batch")
		return batch.Check{}
	}
	if k := household(1, 3, "monitored", "1 3; "); !k.OK {
		t.Fatalf("as many as yesterday: %+v", k)
	}
	if k := household(1, 4, "monitored", "1 4; "); !k.OK {
		t.Fatalf("only persons differ: %+v", k)
	}
	doubled := household(2, 2, "monitored", "2 6; ")
	if doubled.OK || doubled.Unknown {
		t.Fatalf("twice as many: %+v", doubled)
	}
	if k := household(2, 5, "monitored", "2 9; "); k.OK || k.Words != doubled.Words {
		t.Fatalf("only persons differ: %+v, before %+v", k, doubled)
	}
	if k := household(2, 5, "removed", "1 4; "); !k.OK {
		t.Fatalf("as many as yesterday again: %+v", k)
	}
}
