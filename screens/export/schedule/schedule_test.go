package schedule_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
	"liaowang/aggregator/engine/enginetest"
	"liaowang/queries"
	"liaowang/queries/warehouse"
	"liaowang/screens"
	"liaowang/screens/export"
	"liaowang/screens/export/schedule"
	"liaowang/screens/hub"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// friday is when briefings of half past seven have been due for a minute.
var friday = time.Date(2030, 3, 15, 7, 31, 0, 0, time.FixedZone("Asia/Shanghai", 8*60*60))

// hall is all that two schedulers share, and what they have done.
type hall struct {
	w       *warehouse.Warehouse
	store   *batch.Store
	shown   *hub.Shown
	cat     *queries.Catalogue
	list    []screens.Screen
	now     atomic.Pointer[time.Time]
	exports *export.Exporter
}

// TestBriefings is of one database: each part has briefings of its own.
func TestBriefings(t *testing.T) {
	w := enginetest.Open(t, enginetest.StartMigrated(t).URL())
	t.Run("each is delivered once, whoever looks", func(t *testing.T) { deliveredOnce(t, w) })
	t.Run("a letter that may have been sent is not sent again", func(t *testing.T) { notSentAgain(t, w) })
	t.Run("only working days count, and not long past", func(t *testing.T) { workingDays(t, w) })
}

func newHall(t *testing.T, w *warehouse.Warehouse, files fstest.MapFS) *hall {
	t.Helper()
	h := &hall{w: w}
	h.at(friday)
	h.store = redistest.Store(t, redistest.Local(t).URL())
	var err error
	if h.cat, err = queries.Load(); err != nil {
		t.Fatal(err)
	}
	if h.list, err = screens.Load(h.cat); err != nil {
		t.Fatal(err)
	}
	h.shown, err = hub.NewShown(&batch.Header{History: "h", Term: 1, Number: 7, AsOf: friday.UTC(), Demo: true}, []*batch.Frame{
		{Metric: queries.RegionsMetric, Region: "460000", Rows: [][]batch.Cell{{batch.Text("460000"), batch.Text("0"), batch.Text("province"), batch.Text("海南省"), batch.Num(1)}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.exports = export.New(export.Options{
		Catalogue: h.cat, Screens: func() []screens.Screen { return h.list }, Log: h.w, Files: files, Now: h.clock,
		Pictures: func() (export.Pictures, error) { return nil, os.ErrNotExist }, // sheets need none
	})
	t.Cleanup(h.exports.Close)
	return h
}

func (h *hall) at(t time.Time)   { h.now.Store(&t) }
func (h *hall) clock() time.Time { return *h.now.Load() }

// look lets several processes look for what is due, all at once.
func (h *hall) look(t *testing.T, files fstest.MapFS) {
	t.Helper()
	var all sync.WaitGroup
	for range 3 {
		s := schedule.New(schedule.Options{
			Exports: h.exports, Files: files, Newest: func() export.Batch { return h.shown }, Region: "460000", Runs: h.w,
			Claim: h.store.Claim, Password: func(string) string { return "secret" }, Now: h.clock, Logger: slog.New(slog.DiscardHandler),
		})
		all.Go(func() {
			for range 2 {
				s.Look(context.Background())
			}
		})
	}
	all.Wait()
}

func (h *hall) run(t *testing.T, name string) *warehouse.BriefingRun {
	t.Helper()
	r, err := h.w.BriefingRun(t.Context(), name, time.Date(2030, 3, 15, 7, 30, 0, 0, friday.Location()).UTC())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func briefing(deliver string) *fstest.MapFile {
	return &fstest.MapFile{Data: fmt.Appendf(nil, "title: 晨报\nscenes: [{screen: overview}]\ndeliver: {cron: \"30 7 * * *\", working_days: true, format: xlsx, %s}\n", deliver)}
}

func deliveredOnce(t *testing.T, w *warehouse.Warehouse) {
	folder := t.TempDir()
	letters := newPostOffice(t)
	var put, refusals atomic.Int32
	dav := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if body, err := io.ReadAll(r.Body); err != nil || len(body) < 1000 || user != "hall" || password != "secret" || r.URL.Path != "/reports/dav-20300315-0730.xlsx" {
			t.Errorf("%s %s by %s with %d bytes", r.Method, r.URL, user, len(body))
		}
		if refusals.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		put.Add(1)
		w.WriteHeader(http.StatusCreated)
	}))
	t.Cleanup(dav.Close)
	files := fstest.MapFS{
		"morning.yaml": briefing(fmt.Sprintf("folder: %q", folder)),
		"dav.yaml":     briefing("webdav: " + strings.Replace(dav.URL, "://", "://hall@", 1) + "/reports"),
		"letter.yaml":  briefing("mail: {server: \"smtp://" + letters.address + "\", from: hall@example.org, to: [a@example.org, b@example.org]}"),
	}
	h := newHall(t, w, files)
	h.look(t, files)
	if r := h.run(t, "morning"); r == nil || r.State != warehouse.RunDelivered || r.Tries != 1 || export.ReadCode(r.Code) == "" {
		t.Errorf("into a folder: %+v", r)
	}
	if body, err := os.ReadFile(filepath.Join(folder, "morning-20300315-0730.xlsx")); err != nil || len(body) < 1000 {
		t.Errorf("the file has %d bytes: %v", len(body), err)
	}
	if r := h.run(t, "letter"); r == nil || r.State != warehouse.RunDelivered || letters.taken.Load() != 1 {
		t.Errorf("%d letters: %+v", letters.taken.Load(), r)
	}
	if r := h.run(t, "dav"); r == nil || r.State != warehouse.RunFailed || r.Words == "" || put.Load() != 0 {
		t.Errorf("a server that refuses: %+v", r)
	}
	// What has failed is tried again, not at once; what is done is not done again.
	h.look(t, files)
	if refusals.Load() != 1 {
		t.Errorf("it was tried %d times at once", refusals.Load())
	}
	h.at(friday.Add(2 * time.Minute))
	h.look(t, files)
	h.look(t, files)
	if r := h.run(t, "dav"); r.State != warehouse.RunDelivered || r.Tries != 2 || put.Load() != 1 || letters.taken.Load() != 1 {
		t.Errorf("tried again: %+v, put %d times, %d letters", r, put.Load(), letters.taken.Load())
	}
}

func notSentAgain(t *testing.T, w *warehouse.Warehouse) {
	letters := newPostOffice(t)
	files := fstest.MapFS{"doubt.yaml": briefing("mail: {server: \"smtp://" + letters.address + "\", from: hall@example.org, to: [a@example.org]}")}
	h := newHall(t, w, files)
	// A process has ended while it sent.
	due := friday.Add(-time.Minute).UTC()
	if err := h.w.RecordBriefingRun(t.Context(), warehouse.BriefingRun{Briefing: "doubt", Due: due, State: warehouse.RunUnderWay, Tries: 1, At: due}); err != nil {
		t.Fatal(err)
	}
	h.look(t, files)
	if r := h.run(t, "doubt"); r.State != warehouse.RunUnderWay {
		t.Errorf("while another may be at it: %+v", r)
	}
	h.at(friday.Add(time.Hour))
	h.look(t, files)
	if r := h.run(t, "doubt"); r.State != warehouse.RunDoubtful || letters.taken.Load() != 0 {
		t.Errorf("%d letters: %+v", letters.taken.Load(), r)
	}
}

func workingDays(t *testing.T, w *warehouse.Warehouse) {
	folder := t.TempDir()
	files := fstest.MapFS{
		"daily.yaml":       briefing(fmt.Sprintf("folder: %q", folder)),
		"working-days.yml": &fstest.MapFile{Data: []byte("rest: [2030-03-18]\nwork: [2030-03-16]\n")},
	}
	h := newHall(t, w, files)
	for day, want := range map[int]bool{15: true, 16: true, 17: false, 18: false, 19: true} {
		h.at(time.Date(2030, 3, day, 8, 0, 0, 0, friday.Location()))
		h.look(t, files)
		_, err := os.Stat(filepath.Join(folder, fmt.Sprintf("daily-203003%d-0730.xlsx", day)))
		if (err == nil) != want {
			t.Errorf("on the %dth: %v", day, err)
		}
	}
	h.at(time.Date(2030, 3, 20, 18, 0, 0, 0, friday.Location()))
	h.look(t, files)
	if _, err := os.Stat(filepath.Join(folder, "daily-20300320-0730.xlsx")); err == nil {
		t.Error("a briefing of the morning came in the evening")
	}
}

func TestWhatIsWrongWithADeliveryIsSaid(t *testing.T) {
	for deliver, want := range map[string]string{
		`{cron: "30 7 * *", format: xlsx, folder: /srv}`:                                                     "minute, hour",
		`{cron: "30 7 * * *", format: csv, folder: /srv}`:                                                    "pptx, pdf or xlsx",
		`{cron: "30 7 * * *", format: pdf, folder: reports}`:                                                 "absolute path",
		`{cron: "30 7 * * *", format: pdf}`:                                                                  "one of folder, webdav and mail",
		`{cron: "30 7 * * *", format: pdf, webdav: "ftp://x"}`:                                               "https://user@host",
		`{cron: "30 7 * * *", format: pdf, mail: {server: "smtp://x", from: a@example.org, to: ["nobody"]}}`: "is no address",
	} {
		x := export.New(export.Options{Files: fstest.MapFS{"a.yaml": {Data: []byte("title: 晨报\nscenes: [{screen: overview}]\ndeliver: " + deliver + "\n")}}})
		list, err := x.FileBriefings()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := schedule.Plans(list); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "briefings/a.yaml") {
			t.Errorf("%s: %v", deliver, err)
		}
		x.Close()
	}
}

// postOffice takes letters by SMTP.
type postOffice struct {
	address string
	taken   atomic.Int32
}

func newPostOffice(t *testing.T) *postOffice {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &postOffice{address: l.Addr().String()}
	var all sync.WaitGroup
	t.Cleanup(func() { l.Close(); all.Wait() })
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.serve(c) })
		}
	})
	return p
}

func (p *postOffice) serve(c net.Conn) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	say := func(text string) { fmt.Fprintf(c, "%s\r\n", text) }
	say("220 post office")
	lines := bufio.NewScanner(c)
	lines.Buffer(nil, 1<<20)
	letter := false
	for lines.Scan() {
		line := lines.Text()
		switch {
		case letter && line == ".":
			letter = false
			p.taken.Add(1)
			say("250 taken")
		case letter:
		case strings.HasPrefix(line, "EHLO"), strings.HasPrefix(line, "MAIL"), strings.HasPrefix(line, "RCPT"), line == "NOOP", line == "RSET":
			say("250 ok")
		case line == "DATA":
			letter = true
			say("354 go on")
		case line == "QUIT":
			say("221 bye")
			return
		default:
			say("500 what?")
		}
	}
}
