package demo

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// afterReference is a clock that goes on from the day after the reference; the next
// Live on the same hall goes on with it.
func (h *hall) afterReference() func() time.Time {
	return func() time.Time { return DefaultReference().AddDate(0, 0, 1).Add(time.Since(h.began)) }
}

// live runs Live until the test stops it.
func (h *hall) live(rate float64, conn driver.Conn) (stop func()) {
	h.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- Live(ctx, conn, LiveOptions{
			Rate: rate, Seed: 1, Now: h.afterReference(), Logger: slog.New(slog.NewTextHandler(testWriter{h.t}, nil)),
			finish: time.Minute, // a busy machine completes its ticks too
		})
	}()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		select {
		case err := <-done:
			if err != nil {
				h.t.Errorf("Live: %v", err)
			}
		case <-time.After(2 * time.Minute):
			h.t.Error("Live did not end with its context")
		}
	}
	h.t.Cleanup(stop)
	return stop
}

// written counts the rows that live events wrote.
func (h *hall) written() uint64 {
	h.t.Helper()
	return h.number(`SELECT sum(n) FROM (
		SELECT count() AS n FROM households WHERE version > 1 UNION ALL SELECT count() FROM workflow WHERE version > 1
		UNION ALL SELECT count() FROM registered WHERE version > 1 UNION ALL SELECT count() FROM assets WHERE version > 1)`)
}

// until waits for a condition; it asks again at once, so that it also checks
// the database all the while.
func (h *hall) until(what string, ok func() bool) {
	h.t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			h.t.Fatalf("%s did not happen", what)
		}
	}
}

// identities checks in one statement, and so in one state of each table, what
// must hold between any two inserts.
func (h *hall) identities() {
	h.t.Helper()
	for what, sql := range map[string]string{
		"types and states add up": `SELECT toUInt64(abs(toInt64(count()) - toInt64(countIf(type = 'unstable_lifted') + countIf(type = 'marginal_poor') + countIf(type = 'sudden_hardship')))
			+ abs(toInt64(sum(persons)) - toInt64(sumIf(persons, state = 'monitored') + sumIf(persons, state = 'eliminated')))) FROM households FINAL`,
		"a stage has its lead":            "SELECT count() FROM (SELECT lead FROM workflow) WHERE lead NOT IN (SELECT lead FROM leads)",
		"registered households stay":      "SELECT toUInt64(abs(count() - 151431) + abs(toInt64(sum(persons)) - 648071)) FROM registered FINAL",
		"no net value above its original": "SELECT count() FROM assets FINAL WHERE net_value > original_value",
	} {
		if n := h.number(sql); n != 0 {
			h.t.Fatalf("%s: not for %d", what, n)
		}
	}
}

// wholeState checks what must hold when no event is under way.
func (h *hall) wholeState() {
	h.t.Helper()
	h.identities()
	h.checksHold()
	for what, sql := range map[string]string{
		"a lead has its stage": "SELECT count() FROM leads WHERE lead NOT IN (SELECT lead FROM workflow)",
		"an eliminated household has one elimination more than rollbacks, others as many": `SELECT count() FROM households AS h FINAL
			LEFT JOIN (SELECT household, countIf(event = 'eliminated') - countIf(event = 'rolled_back') AS net FROM eliminations FINAL GROUP BY household) AS e USING (household)
			WHERE net != (state = 'eliminated')`,
		"a recognised household is of a recognised lead": `SELECT toUInt64(abs(toInt64((SELECT count() FROM households FINAL)) - 12534
			- toInt64((SELECT countIf(version > 1) FROM workflow FINAL WHERE stage = 'recognised'))))`,
		"a lead left its last stage when it entered the one it stands at": `SELECT count() FROM workflow AS w FINAL
			INNER JOIN (SELECT lead, max(left_at) AS left FROM stage_passages FINAL GROUP BY lead) AS p USING (lead) WHERE left != entered_at`,
		"a lead that moved on has a passage": `SELECT count() FROM workflow FINAL WHERE stage != 'household_check' AND lead NOT IN (SELECT lead FROM stage_passages)`,
		"a household has its profile":        "SELECT count() FROM households AS h FINAL LEFT JOIN profiles AS p FINAL USING (household) WHERE h.version != p.version OR h.persons != p.persons OR h.village != p.village",
		"monitored rural households are the households at risk": `SELECT count() FROM (SELECT household, village, persons FROM households FINAL WHERE state = 'monitored') AS h
			FULL JOIN (SELECT household, village, persons FROM rural_households FINAL WHERE standing = 'monitored') AS r USING (household) WHERE h.persons != r.persons OR h.village != r.village`,
		"no step of a chain moves more than the one before": `SELECT count() FROM (SELECT sumIf(amount, step = 'issued') AS a, sumIf(amount, step = 'allocated') AS b, sumIf(amount, step = 'paid') AS c, sumIf(amount, step = 'granted') AS d
			FROM project_funds GROUP BY project) WHERE b > a OR c > b OR d > c`,
		"keys are the demo's": "SELECT count() FROM (SELECT household AS k FROM households UNION ALL SELECT lead FROM leads UNION ALL SELECT asset FROM assets) WHERE bitShiftRight(k, 56) != 0xDE",
	} {
		if n := h.number(sql); n != 0 {
			h.t.Errorf("%s: not for %d", what, n)
		}
	}
}

func TestLiveMovesTheProvince(t *testing.T) {
	h := loadedHall(t)
	events := uint64(400)
	if testing.Short() {
		events = 200
	}
	stop := h.live(2000, h.conn)
	h.until("events", func() bool { h.identities(); return h.written() >= events })
	stop()
	equal(t, "state", h.number("SELECT toUInt64(toInt8(state)) FROM demo_province FINAL"), uint64(3))
	h.wholeState()
	for table, sql := range map[string]string{
		"leads":        "SELECT countIf(version > 1) FROM leads FINAL",
		"stages":       "SELECT uniqExact(stage) FROM workflow FINAL WHERE version > 1",
		"eliminations": "SELECT countIf(version > 1 AND state = 'eliminated') FROM households FINAL",
		"registered":   "SELECT countIf(version > 1) FROM registered FINAL",
		"assets":       "SELECT countIf(version > 1) FROM assets FINAL",
	} {
		if n := h.number(sql); n < 2 {
			t.Errorf("%s: only %d moved", table, n)
		}
	}

	// The next process goes on, and still starts again.
	before := h.written()
	stop = h.live(2000, h.conn)
	h.until("a quarter as many more", func() bool { return h.written() >= before+events/4 })
	stop()
	h.wholeState()
	h.load(ModeStill, 1)
	h.wantFigures()
}

func TestLiveSurvivesTheEngine(t *testing.T) {
	if testing.Short() {
		t.Skip("make soak runs it")
	}
	h := loadedHall(t)
	stop := h.live(1000, h.conn)
	crashed := h.process.Restarts()
	for range 3 {
		before := h.written()
		h.until("events", func() bool { return h.written() >= before+50 })
		if err := syscall.Kill(h.process.PID(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		h.until("a new engine", func() bool { time.Sleep(5 * time.Millisecond); return h.answers() })
		h.identities()
	}
	before := h.written()
	h.until("events after the last crash", func() bool { return h.written() >= before+50 })
	stop()
	equal(t, "crashes", h.process.Restarts()-crashed >= 3, true)
	h.wholeState()
}

func (h *hall) answers() bool {
	ctx, cancel := context.WithTimeout(h.t.Context(), 5*time.Second)
	defer cancel()
	var n uint64
	return h.conn.QueryRow(ctx, "SELECT count() FROM households").Scan(&n) == nil
}

// lossy is a connection that fails now and then, before or after the server has
// taken an insert: the client cannot tell which.
type lossy struct {
	driver.Conn
	calls  int
	failed atomic.Int64
}

type lossyBatch struct {
	driver.Batch
	after bool
}

func (l *lossy) PrepareBatch(ctx context.Context, query string, o ...driver.PrepareBatchOption) (driver.Batch, error) {
	b, err := l.Conn.PrepareBatch(ctx, query, o...)
	l.calls++
	// A tick writes to a dozen tables and is repeated when one of them fails: it
	// must get through now and then.
	if err == nil && l.calls%31 == 0 {
		l.failed.Add(1)
		return lossyBatch{b, l.calls%62 == 0}, nil
	}
	return b, err
}

func (b lossyBatch) Send() error {
	if b.after {
		if err := b.Batch.Send(); err != nil {
			return err
		}
	}
	return context.DeadlineExceeded
}

func TestLiveLosesAndDoublesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("make soak runs it")
	}
	h := loadedHall(t)
	conn := &lossy{Conn: h.conn}
	stop := h.live(1000, conn)
	h.until("100 events and six failures", func() bool { h.identities(); return h.written() >= 100 && conn.failed.Load() >= 6 })
	stop()
	// The last insert may have failed: what it was to write is completed by the
	// next Live.
	before := h.written()
	stop = h.live(1, h.conn)
	h.until("a first event", func() bool { return h.written() > before })
	stop()
	h.wholeState()
}

// A household that was written without its profile, by a process that ended there, is
// of a lead that is not recognised yet: the next process recognises it again.
func TestLiveCompletesAHouseholdWithoutItsProfile(t *testing.T) {
	h := loadedHall(t)
	conn := &profileless{Conn: h.conn}
	stop := h.live(2000, conn)
	h.until("a household without its profile", func() bool { return conn.refused.Load() > 0 })
	stop()
	before := h.written()
	stop = h.live(1, h.conn)
	h.until("a first event", func() bool { return h.written() > before })
	stop()
	h.wholeState()
}

// profileless is a connection that takes no profile.
type profileless struct {
	driver.Conn
	refused atomic.Int64
}

func (p *profileless) PrepareBatch(ctx context.Context, query string, o ...driver.PrepareBatchOption) (driver.Batch, error) {
	if strings.Contains(query, "INTO profiles") {
		p.refused.Add(1)
		return nil, context.DeadlineExceeded
	}
	return p.Conn.PrepareBatch(ctx, query, o...)
}

// A process that is killed leaves an event half written.
func TestLiveCompletesWhatWasCutOff(t *testing.T) {
	h := loadedHall(t)
	h.exec("INSERT INTO demo_province VALUES (1, 'moved', 100)")
	h.exec("INSERT INTO leads (lead, village, channel, reported_at, version) SELECT max(lead) + 1, max(village), 'department', max(reported_at), 2 FROM leads")
	h.exec("INSERT INTO households SELECT household, village, type, causes, persons, 'eliminated', recognised_at, 2, now64(3) FROM households FINAL WHERE state = 'monitored' ORDER BY household LIMIT 1")
	h.exec("INSERT INTO households SELECT household, village, type, causes, persons, 'monitored', recognised_at, 2, now64(3) FROM households FINAL WHERE state = 'eliminated' ORDER BY household DESC LIMIT 1")
	before := h.written()
	stop := h.live(1, h.conn)
	// One row completes the lead; the next is an event.
	h.until("an event", func() bool { return h.written() > before+1 })
	stop()
	h.wholeState()
}

func TestLiveRefuses(t *testing.T) {
	h := newHall(t)
	refused := func(o LiveOptions, want string) {
		t.Helper()
		if err := Live(t.Context(), h.conn, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Fatalf("error is %v, want one that says %q", err, want)
		}
	}
	refused(LiveOptions{Seed: 1}, "Now is missing")
	refused(LiveOptions{Seed: 1, Now: time.Now, Rate: -1}, "must not be negative")
	refused(LiveOptions{Seed: 1, Now: time.Now}, "no province is loaded")
	h.exec("INSERT INTO demo_province VALUES (1, 'loading', 1)")
	refused(LiveOptions{Seed: 1, Now: time.Now}, "not loaded completely")
	h.copySmall()
	refused(LiveOptions{Seed: 2, Now: time.Now}, "holds the demo province of seed 1")
}

func TestLiveReturnsNilWhenItIsDone(t *testing.T) {
	h := loadedHall(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Live(ctx, h.conn, LiveOptions{Seed: 1, Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	equal(t, "state", h.number("SELECT toUInt64(toInt8(state)) FROM demo_province FINAL"), uint64(2))
}
