package intake_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"liaowang/aggregator/engine/enginetest"
	"liaowang/aggregator/intake"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// childVariable makes the test binary one delivery: url, key file, table, id, file.
const childVariable = "LIAOWANG_TEST_INTAKE_CHILD"

func child() {
	args := os.Args[1:]
	if err := deliver(args[0], args[1], args[2], args[3], args[4]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func deliver(url, keyFile, table, id, file string) error {
	ctx := context.Background()
	w, err := warehouse.Open(ctx, warehouse.Options{URL: url})
	if err != nil {
		return err
	}
	defer w.Close()
	s, err := queries.LoadSchema()
	if err != nil {
		return err
	}
	key, err := intake.ReadKey(keyFile)
	if err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	format, _ := intake.FormatOf(file)
	a, err := intake.New(intake.Options{Conn: w.Conn(), Schema: s, Key: key, ChunkRows: killChunk}).Take(ctx, intake.Delivery{ID: id, Table: table, File: filepath.Base(file), Format: format, Content: f})
	if err == nil {
		fmt.Printf("%d %d %d\n", a.Accepted, a.Rejected, a.Duplicate)
	}
	return err
}

// start begins a delivery in a process of its own.
func (p *province) start(table, id, file string) (*exec.Cmd, *strings.Builder) {
	p.t.Helper()
	cmd := exec.Command(os.Args[0], p.url, p.key, table, id, file)
	// Under the race detector a process waits for a second at its end, otherwise.
	cmd.Env = append(os.Environ(), childVariable+"=1", "GORACE=atexit_sleep_ms=0")
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	return cmd, &out
}

// visitsFile writes rows of which every tenth is bad and every tenth repeats the
// row before it. A delivery of it begins after those of the rounds before.
func visitsFile(t testing.TB, round, rows int) (file string, accepted, rejected, duplicate uint64) {
	t.Helper()
	var b strings.Builder
	b.WriteString(visitHead)
	for i := range rows {
		visit, village := fmt.Sprintf("%d-%d", round, i), "460105100201"
		switch i % 10 {
		case 3:
			village = "46010510"
			rejected++
		case 7:
			visit = fmt.Sprintf("%d-%d", round, i-1)
			duplicate++
		default:
			accepted++
		}
		same := i
		if i%10 == 7 {
			same = i - 1
		}
		fmt.Fprintf(&b, "%s,%d,%s,2026-03-%02d 10:00:00,visit,no_risk\n", visit, same%977, village, same%28+1)
	}
	file = filepath.Join(t.TempDir(), "visits.csv")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, accepted, rejected, duplicate
}

// exact compares table, rollup, ledger and quarantine with what was delivered.
func (p *province) exact(id string, accepted, rejected, duplicate, all uint64) {
	p.t.Helper()
	if n := p.number("SELECT count() FROM visits"); n != all {
		p.t.Errorf("%s: the table holds %d visits, %d are delivered", id, n, all)
	}
	if n := p.number("SELECT uniqExact(visit) FROM visits"); n != all {
		p.t.Errorf("%s: the table holds %d different visits, %d are delivered", id, n, all)
	}
	if n := p.number("SELECT sum(visits) FROM visits_daily"); n != all {
		p.t.Errorf("%s: the rollup counts %d visits, %d are delivered", id, n, all)
	}
	if n := p.number(fmt.Sprintf("SELECT count() FROM deliveries FINAL WHERE delivery = '%s' AND state = 'done' AND accepted = %d AND rejected = %d AND duplicate = %d", id, accepted, rejected, duplicate)); n != 1 {
		p.t.Errorf("%s: the ledger does not say done with %d, %d, %d", id, accepted, rejected, duplicate)
	}
	if n := p.number(fmt.Sprintf("SELECT count() FROM quarantine FINAL WHERE delivery = '%s'", id)); n != rejected {
		p.t.Errorf("%s: %d rows are in quarantine, %d were refused", id, n, rejected)
	}
}

// killRounds is how many deliveries each of the two tests kills (and eight times as
// many with -soak), of killRows rows in chunks of killChunk, so that there are many
// moments to be killed at.
const (
	killRounds = 4
	killRows   = 16_000
	killChunk  = 2_000
)

func rounds() int {
	if *soak > 0 {
		return 8 * killRounds
	}
	return killRounds
}

func TestADeliveryThatIsKilledAtAnyMomentIsExact(t *testing.T) {
	p := newProvince(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	draw := rand.New(rand.NewPCG(seed, 1))
	all, kills := uint64(0), 0
	// How long a delivery takes when nobody disturbs it.
	begun := time.Now()
	file, accepted, rejected, duplicate := visitsFile(t, -1, killRows)
	cmd, out := p.start("visits", "calm", file)
	if err := cmd.Wait(); err != nil {
		t.Fatal(err, out)
	}
	span := time.Since(begun)
	all += accepted
	p.exact("calm", accepted, rejected, duplicate, all)
	for round := range rounds() {
		file, accepted, rejected, duplicate := visitsFile(t, round, killRows)
		id := fmt.Sprintf("round-%d", round)
		for done := false; !done; {
			cmd, out := p.start("visits", id, file)
			timer := time.AfterFunc(time.Duration(draw.Float64()*1.2*float64(span)), func() { _ = cmd.Process.Kill() })
			err := cmd.Wait()
			timer.Stop()
			var exit *exec.ExitError
			if errors.As(err, &exit) && exit.ExitCode() >= 0 {
				t.Fatal(out)
			}
			if done = err == nil; !done {
				kills++
			}
		}
		all += accepted
		p.exact(id, accepted, rejected, duplicate, all)
	}
	t.Logf("%d kills in %d deliveries", kills, rounds())
}

func TestADeliveryIsExactWhenTheEngineIsKilled(t *testing.T) {
	process := enginetest.StartMigrated(t)
	p := provinceAt(t, process.URL())
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	draw := rand.New(rand.NewPCG(seed, 2))
	all := uint64(0)
	for round := range rounds() {
		file, accepted, rejected, duplicate := visitsFile(t, round, killRows)
		id := fmt.Sprintf("round-%d", round)
		kills := 0
		for done := false; !done; {
			cmd, out := p.start("visits", id, file)
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			for waiting := true; waiting; {
				select {
				case err := <-ended:
					waiting = false
					// An engine that is killed while a run begins ends the run; it is begun again.
					if done = err == nil; !done && kills == 0 {
						t.Fatalf("%v: %s", err, out)
					}
				case <-time.After(time.Duration(50+draw.IntN(1500)) * time.Millisecond):
					if pid := process.PID(); kills < 2 && pid > 0 && syscall.Kill(pid, syscall.SIGKILL) == nil {
						kills++
					}
				}
			}
		}
		all += accepted
		p.exact(id, accepted, rejected, duplicate, all)
	}
}

// An engine that is killed between a table and its rollup is killed once more while
// the rollup is mended.
func TestARollupIsMendedThoughTheEngineIsKilledAgain(t *testing.T) {
	process := enginetest.Start(t)
	p := provinceAt(t, process.URL()+"/mended", "regions", "deliveries", "quarantine", "intake_keys", "intake_leases", "visits", "visits_daily", "visits_yearly")
	csv := visitHead + "1,1,460105100201,2026-03-15 10:00:00,visit,no_risk\n2,1,460105100201,2026-03-16 10:00:00,visit,no_risk\n"
	p.exec("ALTER TABLE visits_daily ADD CONSTRAINT shut CHECK visits = 0")
	if _, err := p.take("d", "visits", "v.csv", []byte(csv)); err == nil {
		t.Fatal("the rollup took rows that its constraint forbids")
	}
	p.exec("ALTER TABLE visits_daily DROP CONSTRAINT shut")
	killed := make(chan bool, 1)
	go func() {
		defer close(killed)
		for range 1000 {
			var rows uint64
			err := p.w.Conn().QueryRow(context.Background(), "SELECT sum(total_rows) FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'intake_mend_')").Scan(&rows)
			if err == nil && rows > 0 {
				_ = syscall.Kill(process.PID(), syscall.SIGKILL)
				killed <- true
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	p.taken("d", "visits", "v.csv", csv, 2, 0, 0)
	if !<-killed {
		t.Fatal("the engine was not killed in time")
	}
	p.exact("d", 2, 0, 0, 2)
}
