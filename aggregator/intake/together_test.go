package intake_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"liaowang/aggregator/intake"
)

// beside is another intake of the same province, as another process has it.
func (p *province) beside(change func(*intake.Options)) *province {
	o := p.in.Options
	if change != nil {
		change(&o)
	}
	other := *p
	other.in = intake.New(o)
	return &other
}

// slow is a file whose first rows are there, and whose end comes when it is let go.
// Blank lines, which say nothing, fill what is read ahead.
func slow(first string) (content io.Reader, letGo func()) {
	ended := make(chan struct{})
	wait := readerFunc(func([]byte) (int, error) { <-ended; return 0, io.EOF })
	return io.MultiReader(strings.NewReader(first+strings.Repeat("\n", 256<<10)), wait), sync.OnceFunc(func() { close(ended) })
}

// begin starts a delivery and waits until it holds its table.
func (p *province) begin(id string, content io.Reader) (answer func() error) {
	p.t.Helper()
	done := make(chan error, 1)
	go func() {
		_, err := p.in.Take(context.Background(), intake.Delivery{ID: id, Table: "visits", Format: intake.CSV, Content: content})
		done <- err
	}()
	p.begun(id)
	return func() error { return <-done }
}

// begun waits until a delivery is in the ledger.
func (p *province) begun(id string) {
	p.t.Helper()
	p.until("delivery "+id+" has begun", "SELECT count() FROM deliveries WHERE delivery = '"+id+"'", 1)
}

// until waits for a number.
func (p *province) until(what, sql string, want uint64) {
	p.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); p.number(sql) != want; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("not within 30 seconds: %s", what)
		}
	}
}

const oneVisit = visitHead + "1,1,460105100201,2026-03-15 10:00:00,visit,no_risk\n"

// A process that writes a table keeps others from it as long as it goes on, and no longer.
func TestTwoProcessesDoNotWriteOneTable(t *testing.T) {
	p := newProvince(t)
	short := func(o *intake.Options) { o.LeaseLife = time.Second }
	first, second := p.beside(short), p.beside(short)
	content, letGo := slow(oneVisit)
	answer := first.begin("first", content)
	r := second.refused("second", "visits", "v.csv", oneVisit, "written_elsewhere")
	if want := fmt.Sprintf("table visits is being written by process %d on ", os.Getpid()); !strings.HasPrefix(r.Message, want) || !strings.Contains(r.Message, "Wait until") {
		t.Errorf("%s", r.Message)
	}
	second.taken("registered", "registered", "r.csv", "household,village,stability,persons\n1,460105100201,stable,3\n", 1, 0, 0)
	// The same process may deliver for the table beside it.
	first.taken("beside", "visits", "v.csv", strings.Replace(oneVisit, "\n1,", "\n2,", 1), 1, 0, 0)
	letGo()
	if err := answer(); err != nil {
		t.Fatal(err)
	}
	second.taken("second", "visits", "v.csv", oneVisit, 0, 0, 1)
	if n := p.number("SELECT count() FROM intake_leases FINAL WHERE NOT released"); n != 0 {
		t.Errorf("%d leases are held though nothing is delivered", n)
	}
}

// A claim of a process that has died does not hold up its table: at once where this
// host knows that it is dead, and else when the claim is not renewed.
func TestTheDeadHoldNoTable(t *testing.T) {
	p := newProvince(t)
	cmd := exec.Command("sleep", "0")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	claim := func(holder, process string) {
		p.exec(fmt.Sprintf("INSERT INTO intake_leases (target, holder, place, process, renewed_at, version) VALUES ('visits', '%s', 'somewhere', '%s', now64(3), 1)", holder, process))
	}
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	space, _ := os.Readlink("/proc/self/ns/pid")
	claim("dead", fmt.Sprintf("%s %s %d 1", strings.TrimSpace(string(boot)), space, cmd.Process.Pid))
	begun := time.Now()
	p.taken("a", "visits", "v.csv", oneVisit, 1, 0, 0)
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("a dead process on this host is waited for: %s", took)
	}
	claim("far", "another-boot pid:[1] 1 1")
	begun = time.Now()
	p.beside(func(o *intake.Options) { o.LeaseLife = 1500 * time.Millisecond }).taken("b", "visits", "v.csv", oneVisit, 0, 0, 1)
	if took := time.Since(begun); took < time.Second {
		t.Errorf("a process elsewhere, which may live, is waited for %s only", took)
	}
}

// Several processes bring the same new rows at the same moment, as fast as they can,
// in many small chunks: every row counts once, in the rollup too.
func TestTheSameRowsThroughManyProcessesCountOnce(t *testing.T) {
	p := newProvince(t)
	const processes, files, rows = 3, 3, 21
	var wg sync.WaitGroup
	var mu sync.Mutex
	accepted, refused := uint64(0), 0
	for n := range processes {
		in := p.beside(func(o *intake.Options) { o.LeaseLife, o.ChunkRows = time.Second, 7 }).in
		wg.Go(func() {
			for file := range files {
				var b strings.Builder
				b.WriteString(visitHead)
				for i := range rows {
					fmt.Fprintf(&b, "%d-%d,1,460105100201,2026-03-15 10:00:00,visit,no_risk\n", file, i)
				}
				for {
					a, err := in.Take(t.Context(), intake.Delivery{ID: fmt.Sprintf("p%d-f%d", n, file), Table: "visits", Format: intake.CSV, Content: strings.NewReader(b.String())})
					var r *intake.Refusal
					mu.Lock()
					if err == nil {
						accepted += a.Accepted
					} else if refused++; !errors.As(err, &r) || r.Code != "written_elsewhere" {
						t.Error(err)
					}
					mu.Unlock()
					if err == nil || t.Failed() {
						break
					}
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d times one was refused", refused)
	if n, m := p.number("SELECT count() FROM visits"), p.number("SELECT sum(visits) FROM visits_daily"); n != files*rows || m != n || accepted != n {
		t.Errorf("%d visits, %d in the rollup, %d accepted; %d are delivered", n, m, accepted, files*rows)
	}
}

// A real other process and this one bring the same file.
func TestTheSameFileThroughTwoProcessesCountsOnce(t *testing.T) {
	p := newProvince(t)
	file, accepted, rejected, duplicate := visitsFile(t, 0, killChunk*2)
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cmd, out := p.start("visits", "theirs", file)
	for {
		_, err := p.take("ours", "visits", "v.csv", content)
		var r *intake.Refusal
		if err == nil {
			break
		}
		if !errors.As(err, &r) || r.Code != "written_elsewhere" {
			t.Fatal(err)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err, out)
	}
	if n := p.number("SELECT sum(accepted) FROM deliveries FINAL"); n != accepted {
		t.Errorf("%d rows are accepted by two, %d are in the file", n, accepted)
	}
	if n := p.number("SELECT sum(duplicate) FROM deliveries FINAL"); n != accepted+2*duplicate {
		t.Errorf("%d rows are duplicate, want %d", n, accepted+2*duplicate)
	}
	if n, m := p.number("SELECT count() FROM visits"), p.number("SELECT sum(visits) FROM visits_daily"); n != accepted || m != n {
		t.Errorf("%d visits, %d in the rollup, %d in the file (%d are bad)", n, m, accepted, rejected)
	}
}

// What a killed delivery left is gone after the next start; what one that runs
// works with is not.
func TestWhatDeliveriesLeftIsCleanedAtTheStart(t *testing.T) {
	p := newProvince(t)
	tables := func() uint64 {
		return p.number("SELECT count() FROM system.tables WHERE database = currentDatabase() AND (startsWith(name, 'intake_mend_') OR startsWith(name, 'intake_compare_'))")
	}
	p.exec("CREATE TABLE intake_mend_visits_1790000000000000000 AS visits ENGINE = MergeTree ORDER BY tuple()")
	p.exec("CREATE TABLE intake_compare_registered_0123456789ab_1790000000000000000 (k0 UInt64, standing UInt8) ENGINE = MergeTree ORDER BY k0")
	content, letGo := slow(oneVisit)
	answer := p.begin("runs", content)
	dry, letDryGo := slow("household,village,stability,persons\n1,460105100201,stable,3\n")
	dryDone := make(chan error, 1)
	go func() {
		_, err := p.in.Take(context.Background(), intake.Delivery{ID: "dry", Table: "registered", Format: intake.CSV, Content: dry, DryRun: true})
		dryDone <- err
	}()
	// A dry run cleans too, before it makes its table.
	p.until("the dry run has its table, and the one that was left is gone", "SELECT count() FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'intake_compare_registered_') AND name NOT LIKE '%0123456789ab%'", 1)
	started := p.beside(nil)
	if err := started.in.Clean(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := tables(); n != 2 {
		t.Errorf("%d tables, want 2: that of the dry run, and one that the delivery which runs may need", n)
	}
	letGo()
	letDryGo()
	if err := errors.Join(answer(), <-dryDone); err != nil {
		t.Fatal(err)
	}
	if err := started.in.Clean(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := tables(); n != 0 {
		t.Errorf("%d tables are left", n)
	}
}

// Four deliveries are taken at a time; a fifth is asked to come again, and may.
func TestMoreDeliveriesThanAreTakenAtATime(t *testing.T) {
	p := newProvince(t)
	server := httptest.NewServer(p.in.Handler())
	defer server.Close()
	var letGo []func()
	answers := make(chan int, 4)
	for i := range 4 {
		content, end := slow(strings.Replace(oneVisit, "\n1,", fmt.Sprintf("\n%d,", i+1), 1))
		letGo = append(letGo, end)
		id := fmt.Sprintf("slow-%d", i)
		go func() {
			r, err := server.Client().Post(server.URL+"/intake/visits?delivery="+id, "text/csv", content)
			if err != nil {
				answers <- 0
				return
			}
			r.Body.Close()
			answers <- r.StatusCode
		}()
		p.begun(id)
	}
	fifth := strings.Replace(oneVisit, "\n1,", "\n5,", 1)
	r, err := server.Client().Post(server.URL+"/intake/visits?delivery=fifth", "text/csv", strings.NewReader(fifth))
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(r.Body)
	r.Body.Close()
	if r.StatusCode != 503 || r.Header.Get("Retry-After") == "" || !strings.Contains(string(text), `"busy"`) {
		t.Errorf("a fifth: %d %s", r.StatusCode, text)
	}
	letGo[0]()
	if status := <-answers; status != 200 {
		t.Errorf("the first: %d", status)
	}
	if status, text := p.post(t, server.URL, "/intake/visits?delivery=fifth", fifth, "Content-Type", "text/csv"); status != 200 || !strings.Contains(text, `"accepted":1`) {
		t.Errorf("the fifth again: %d %s", status, text)
	}
	for _, end := range letGo[1:] {
		end()
	}
	for range 3 {
		if status := <-answers; status != 200 {
			t.Errorf("a slow one: %d", status)
		}
	}
}
