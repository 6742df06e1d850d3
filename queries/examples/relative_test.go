package examples

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// relativeEvent is a row of relative_poverty; two persons where its columns do not say.
func relativeEvent(n int, village, at, event string, c columns) string {
	return row(columns{"household": n, "village": village, "at": at, "event": event, "persons": 2}, c)
}

func TestRelativeStock(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.answers("relative.stock")
	x.answers("relative.all_events")
	x.fails("relative.balance")
	x.insert("relative_poverty",
		// 1 entered, improved and entered again, with three persons by then: once in stock.
		relativeEvent(1, xiuyingVillage, "2024-05-01 02:00:00", "entered", nil),
		relativeEvent(1, xiuyingVillage, "2025-05-01 02:00:00", "improved", nil),
		relativeEvent(1, xiuyingVillage, "2026-02-01 02:00:00", "entered", columns{"persons": 3}),
		// 2 entered in 儋州市, moved, and was handed on by 海口市: nowhere in stock.
		relativeEvent(2, nadaVillage, "2024-05-01 02:00:00", "entered", nil),
		relativeEvent(2, longhuaVillage, "2025-05-01 02:00:00", "handed_on", nil),
		// 3 of a village in no region.
		relativeEvent(3, nowhereVillage, "2024-05-01 02:00:00", "entered", nil),
		// 4 was entered and handed on at one moment: it has left.
		relativeEvent(4, nadaVillage, "2024-05-01 02:00:00", "entered", nil),
		relativeEvent(4, nadaVillage, "2024-05-01 02:00:00", "handed_on", nil))
	// An event that is sent again, put right, is one event: 3 has five persons.
	x.insert("relative_poverty", relativeEvent(3, nowhereVillage, "2024-05-01 02:00:00", "entered", columns{"persons": 5}))
	// An event of long ago that comes late does not undo what followed.
	x.insert("relative_poverty",
		relativeEvent(2, nadaVillage, "2022-05-01 02:00:00", "entered", nil),
		relativeEvent(2, nadaVillage, "2023-05-01 02:00:00", "improved", nil))
	x.answers("relative.stock", province+" 2 8", haikou+" 1 3", xiuying+" 1 3")
	// Entered: 1 twice, 2 twice, 3, 4. Persons are those of each event.
	x.answers("relative.all_events",
		province+" entered 6 16", province+" improved 2 4", province+" handed_on 2 4",
		haikou+" entered 2 5", haikou+" improved 1 2", haikou+" handed_on 1 2",
		xiuying+" entered 2 5", xiuying+" improved 1 2",
		longhua+" handed_on 1 2",
		danzhou+" entered 3 6", danzhou+" improved 1 2", danzhou+" handed_on 1 2",
		nada+" entered 3 6", nada+" improved 1 2", nada+" handed_on 1 2")
	// 6 − 2 − 2 = 2; the move of 2 is no fault of either county.
	x.fails("relative.balance")
	// 5 improved and had never entered.
	x.insert("relative_poverty", relativeEvent(5, nadaVillage, "2026-01-01 02:00:00", "improved", nil))
	x.fails("relative.balance", province+" 不平, 差1户")
}

// Of 2026 in Asia/Shanghai: from 2025-12-31 16:00:00 UTC.
func TestRelativeByEvent(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.answers("relative.by_event")
	x.insert("relative_poverty",
		relativeEvent(1, longhuaVillage, "2025-12-31 15:59:59", "entered", nil), // last year
		relativeEvent(2, longhuaVillage, "2025-12-31 16:00:00", "entered", nil),
		// 3 left and entered again this year: each counts.
		relativeEvent(3, longhuaVillage, "2026-01-05 02:00:00", "improved", nil),
		relativeEvent(3, longhuaVillage, "2026-03-05 02:00:00", "entered", nil))
	x.answers("relative.by_event", in([]string{province, haikou, longhua}, "entered 2 4", "improved 1 2")...)
}

// On 15 March 2026 the twelve months are April 2025 to March 2026.
func TestRelativeByMonth(t *testing.T) {
	x := at(t, "2026-03-15 10:30:00")
	x.insert("relative_poverty",
		relativeEvent(1, nadaVillage, "2025-03-31 15:59:59", "entered", nil), // March 2025 there
		relativeEvent(2, nadaVillage, "2025-03-31 16:00:00", "entered", nil), // April
		relativeEvent(1, nadaVillage, "2026-02-28 15:59:59", "improved", nil),
		relativeEvent(2, nadaVillage, "2026-02-28 16:00:00", "handed_on", nil),
		relativeEvent(3, nadaVillage, "2026-03-02 02:00:00", "entered", nil))
	// month, entered, improved, handed on
	want := []string{
		"2025-04-01 1 0 0", "2025-05-01 0 0 0", "2025-06-01 0 0 0", "2025-07-01 0 0 0", "2025-08-01 0 0 0", "2025-09-01 0 0 0",
		"2025-10-01 0 0 0", "2025-11-01 0 0 0", "2025-12-01 0 0 0", "2026-01-01 0 0 0", "2026-02-01 0 1 0", "2026-03-01 1 0 1"}
	for _, scope := range []string{province, danzhou, nada} {
		if diff := cmp.Diff(want, x.rows("relative.by_month", scope)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", scope, diff)
		}
	}
	if got := x.rows("relative.by_month", haikou); len(got) != 12 || got[0] != "2025-04-01 0 0 0" {
		t.Errorf("海口市: %q", got)
	}
	if got := x.rows("relative.by_month", sansha); len(got) != 0 {
		t.Errorf("三沙市: %q", got)
	}
}
