package aggregator_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"liaowang/aggregator"
	"liaowang/aggregator/batch"
	"liaowang/queries"
)

// Midnight in Asia/Shanghai is an event: what follows the day's clock is asked
// again though no row has changed, and the day's last figures are kept.
func TestMidnightIsAnEvent(t *testing.T) {
	h := newHall(t, "").few()
	h.regions()
	i := slices.IndexFunc(h.cat.Metrics, func(m queries.Metric) bool { return m.ID == "leads.by_channel" })
	m := &h.cat.Metrics[i]
	m.Refresh, m.Daily = queries.RefreshDay, true
	m.CutSQL = "SELECT '460000' AS place, 'other' AS channel, toDayOfMonth({now:DateTime('Asia/Shanghai')}) + 100 * toHour({now:DateTime('Asia/Shanghai')}) AS households FROM (SELECT 1 FROM leads RIGHT JOIN (SELECT 1 AS one) AS o ON true LIMIT 1)"

	var ahead atomic.Int64 // how far the test's clock is ahead of the real one
	before := time.Date(2026, 3, 14, 15, 59, 0, 0, time.UTC)
	begun := time.Now()
	clock := func() time.Time { return before.Add(time.Since(begun)).Add(time.Duration(ahead.Load())) }
	h.start(aggregator.Options{Node: "one", Gap: time.Millisecond, React: 10 * time.Millisecond, Lease: time.Second, Now: clock})

	_, f := h.next("the day is told", func(_ batch.Header, f frames) bool { return f.rows("leads.by_channel", "460000") != "none" })
	const at14 = "self_report 0; grassroots 0; department 0; other 14; "
	if got := f.rows("leads.by_channel", "460000"); got != at14 {
		t.Fatalf("on 14 March at 23:59 it says %q, want %q", got, at14)
	}
	ahead.Store(int64(2 * time.Minute))
	const at15 = "self_report 0; grassroots 0; department 0; other 15; "
	first, _ := h.next("the new day is told", func(_ batch.Header, f frames) bool { return f.rows("leads.by_channel", "460000") == at15 })

	// One batch for midnight, and one at most for the rows that it kept.
	time.Sleep(300 * time.Millisecond)
	if snap, err := h.store.Load(t.Context(), first.Number); err != nil || snap.Header.Number > first.Number+1 {
		t.Errorf("batch %d follows %d though nothing happened (%v)", snap.Header.Number, first.Number, err)
	}
	rows, err := h.w.Conn().Query(t.Context(), "SELECT concat(toString(day), ' ', region, ' ', line, ' ', figure, ' ', toString(value)) FROM daily_figures FINAL WHERE metric = 'leads.by_channel' AND value > 0 ORDER BY day")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var kept []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		kept = append(kept, line)
	}
	if diff := cmp.Diff([]string{"2026-03-14 460000 other households 14"}, kept); diff != "" {
		t.Errorf("kept of the day (-want +got):\n%s", diff)
	}
}
