package intake_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// A delivery is cut off before its rows land; another one brings some of them; the
// first is sent again. Every row counts once, in the rollup too.
func TestWhatAnotherDeliveryBroughtMeanwhileCountsOnce(t *testing.T) {
	p := newProvince(t)
	rows := func(from, to int) string {
		var b strings.Builder
		b.WriteString(visitHead)
		for i := from; i <= to; i++ {
			fmt.Fprintf(&b, "v-%d,1,460105100201,2026-03-15 10:00:00,visit,no_risk\n", i)
		}
		return b.String()
	}
	p.taken("first", "visits", "v.csv", rows(1, 10), 10, 0, 0)
	// As it is when the process is killed after the ledger and before the rows.
	for _, table := range []string{"visits", "visits_daily", "visits_yearly"} {
		p.exec("TRUNCATE TABLE " + table)
	}
	p.exec("INSERT INTO deliveries (delivery, target, file, fingerprint, state, accepted, rejected, duplicate, begun_at, chunks, attempt, landing, version) " +
		"SELECT delivery, target, file, fingerprint, 'begun', accepted, rejected, duplicate, begun_at, chunks, attempt, unhex('ff03'), version + 1 FROM deliveries FINAL WHERE delivery = 'first'")
	p.taken("second", "visits", "v.csv", rows(6, 12), 7, 0, 0)
	p.taken("first", "visits", "v.csv", rows(1, 10), 5, 0, 5)
	for _, question := range []string{"SELECT count() FROM visits", "SELECT sum(visits) FROM visits_daily"} {
		if n := p.number(question); n != 12 {
			t.Errorf("%s: %d, want 12", question, n)
		}
	}
}

// A process is killed while ClickHouse works on its insert, which goes on; the next
// run does not insert the rows beside it.
func TestAnInsertThatOutlivesItsProcessIsWaitedFor(t *testing.T) {
	p := newProvince(t)
	content := visitHead + "v-1,1,460105100201,2026-03-15 10:00:00,visit,no_risk\nv-2,1,460105100201,2026-03-15 10:00:00,visit,no_risk\n"
	p.taken("first", "visits", "v.csv", content, 2, 0, 0)
	p.exec("CREATE TABLE kept ENGINE = Memory AS SELECT visit, household, village, at, kind, result FROM visits")
	for _, table := range []string{"visits", "visits_daily", "visits_yearly"} {
		p.exec("TRUNCATE TABLE " + table)
	}
	p.exec("INSERT INTO deliveries (delivery, target, file, fingerprint, state, accepted, rejected, duplicate, begun_at, chunks, attempt, landing, version) " +
		"SELECT delivery, target, file, fingerprint, 'begun', accepted, rejected, duplicate, begun_at, chunks, attempt, unhex('03'), version + 1 FROM deliveries FINAL WHERE delivery = 'first'")
	outlives := make(chan error, 1)
	go func() {
		ctx := clickhouse.Context(context.Background(), clickhouse.WithSettings(clickhouse.Settings{"insert_deduplication_token": "first/visits/1/1"}))
		outlives <- p.w.Conn().Exec(ctx, "INSERT INTO visits (visit, household, village, at, kind, result) SELECT visit, household, village, at, kind, result FROM kept WHERE sleepEachRow(0.7) = 0")
	}()
	for p.number("SELECT count() FROM system.processes WHERE Settings['insert_deduplication_token'] != ''") == 0 {
		select {
		case err := <-outlives:
			t.Fatalf("the insert is over too early: %v", err)
		default:
			time.Sleep(10 * time.Millisecond)
		}
	}
	p.taken("first", "visits", "v.csv", content, 2, 0, 0)
	if err := <-outlives; err != nil {
		t.Fatal(err)
	}
	for _, question := range []string{"SELECT count() FROM visits", "SELECT sum(visits) FROM visits_daily"} {
		if n := p.number(question); n != 2 {
			t.Errorf("%s: %d, want 2", question, n)
		}
	}
}
