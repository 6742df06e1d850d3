package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/screens/export"
	"liaowang/screens/export/draw"
	"liaowang/screens/export/pdf"
	"liaowang/screens/export/schedule"
	"liaowang/screens/hub"
	"liaowang/screens/web"
)

// kept is what a server reads and writes in ClickHouse: batches that were shown, and what
// was exported of them.
type kept interface {
	web.Record
	export.Log
	schedule.Runs
}

// exports makes what makes files. Pictures are prepared when one is first wanted.
func (a *app) exports(h *hub.Hub, log export.Log, f glassFlags, cat *queries.Catalogue, build string) *export.Exporter {
	var mu sync.Mutex
	var drawer *draw.Drawer
	var files fs.FS
	if f.Screens != "" {
		files = briefingFiles(f.Screens)
	}
	x := export.New(export.Options{
		Catalogue: cat, Screens: h.Story, Log: log, Files: files, MapApproval: f.MapApproval, Build: build, Logger: a.log,
		Pictures: func() (export.Pictures, error) {
			mu.Lock()
			defer mu.Unlock()
			if drawer == nil {
				made, err := draw.New(draw.Options{Workers: 1}) // a fault may be mended without a new start
				if err != nil {
					return nil, err
				}
				drawer = made
			}
			return drawer, nil
		},
		ReadPDF: func(ctx context.Context, body []byte) (*pdf.Document, error) {
			program, err := os.Executable()
			if err != nil {
				return nil, err
			}
			return pdf.Outside(ctx, exec.Command(program, "read-pdf"), body)
		},
	})
	a.onStop("exports", func(context.Context) error {
		x.Close()
		mu.Lock()
		defer mu.Unlock()
		if drawer != nil {
			return drawer.Close()
		}
		return nil
	})
	return x
}

// briefingFiles are the briefings in a folder of screens; it need not have any.
func briefingFiles(folder string) fs.FS { return os.DirFS(filepath.Join(folder, "briefings")) }

// briefings delivers briefings of files at their times.
func (a *app) briefings(x *export.Exporter, h *hub.Hub, runs schedule.Runs, store *batch.Store, province, folder, public string) *schedule.Scheduler {
	o := schedule.Options{
		Exports: x, Files: briefingFiles(folder), Region: province, Runs: runs, Claim: store.Claim, Password: os.Getenv, Now: time.Now, Logger: a.log,
		Newest: func() export.Batch {
			if shown := h.Recent(0); shown != nil {
				return shown
			}
			return nil
		},
	}
	if public != "" {
		o.Verify = public + "/verify/"
	}
	return schedule.New(o)
}

// serverFlag is of commands that ask a running server.
type serverFlag struct {
	URL string `name:"url" help:"Address of a running liaowang up or serve." default:"http://127.0.0.1:8080" placeholder:"URL"`
}

// ask sends a request and gives the answer, or its error in words.
func (f serverFlag) ask(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(f.URL, "/")+path, body)
	if err != nil {
		return nil, fmt.Errorf("--url %s: http://host:port is expected", f.URL)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, fmt.Errorf("%s does not answer: %w; is liaowang up running there?", f.URL, cause(err))
	}
	if response.StatusCode == http.StatusOK {
		return response, nil
	}
	defer response.Body.Close()
	var told struct {
		Error struct{ Code, Message string }
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&told); err != nil || told.Error.Message == "" {
		return nil, fmt.Errorf("%s: %s", f.URL, response.Status)
	}
	return nil, errors.New(told.Error.Message)
}

type exportCommand struct {
	What   string  `arg:"" help:"What is exported: SCREEN.FORMAT, SCREEN/PANEL.FORMAT or briefing/NAME.FORMAT; svg, png, pdf, xlsx, csv or pptx. briefing/story is every screen."`
	Region string  `help:"Code of the region; default: the province." placeholder:"CODE"`
	Batch  uint64  `help:"Number of a batch that was shown; default: the newest." placeholder:"N"`
	At     string  `help:"Moment whose batch is meant, as 2026-03-14T09:30:00 (Asia/Shanghai)." placeholder:"TIME"`
	Theme  string  `help:"light, for paper, or dark." enum:"light,dark" default:"light"`
	Scale  float64 `help:"Pixels of a PNG for each of the screen, 1 to 4." default:"2"`
	Output string  `short:"o" help:"File or folder to write to; - is standard output; default: the file's own name, here." placeholder:"FILE"`
	serverFlag
}

// Run asks for the file and writes it.
func (c *exportCommand) Run(ctx context.Context, _ *slog.Logger) error {
	q := url.Values{"theme": {c.Theme}, "scale": {fmt.Sprint(c.Scale)}}
	if c.Region != "" {
		q.Set("region", c.Region)
	}
	if c.Batch > 0 {
		q.Set("batch", fmt.Sprint(c.Batch))
	}
	if c.At != "" {
		q.Set("at", c.At)
	}
	path := (&url.URL{Path: "/export/" + strings.TrimPrefix(c.What, "/")}).EscapedPath()
	response, err := c.ask(ctx, http.MethodGet, path+"?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if c.Output == "-" {
		_, err := io.Copy(os.Stdout, response.Body)
		return err
	}
	_, named, err := mime.ParseMediaType(response.Header.Get("Content-Disposition"))
	if err != nil {
		return fmt.Errorf("%s gives no file", c.URL)
	}
	to := c.Output
	if info, err := os.Stat(to); to == "" || err == nil && info.IsDir() {
		to = filepath.Join(to, filepath.Base(named["filename"]))
	}
	// Whole or not at all: what is cut off is no file.
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("%s: %w", c.URL, err)
	}
	if err := os.WriteFile(to, body, 0o644); err != nil {
		return err
	}
	_, err = fmt.Fprintf(os.Stdout, "%s (%d bytes, 验证码 %s)\n", to, len(body), response.Header.Get("Liaowang-Code"))
	return err
}

type verifyCommand struct {
	File string `arg:"" help:"File that was exported, or a code alone, as 7Q2M-XK04-9TBC."`
	serverFlag
}

// Help is the long help.
func (c *verifyCommand) Help() string {
	return "Says whether the figures of an exported file are those of the batch that it names, and precisely what could be checked. " +
		"The exit code is 0 where the file is the one that was given out or all of its figures are the batch's, and 1 otherwise."
}

// Run sends the file to the server and says what it has found.
func (c *verifyCommand) Run(ctx context.Context, _ *slog.Logger) error {
	method, path, body := http.MethodPost, "/api/verify", io.Reader(nil)
	file, err := os.ReadFile(c.File)
	code := export.ReadCode(c.File)
	switch {
	case err == nil:
		body = bytes.NewReader(file)
	case code == "":
		return err
	default:
		method, path = http.MethodGet, "/api/verify/"+code
	}
	response, err := c.ask(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var r export.Report
	if err := json.NewDecoder(response.Body).Decode(&r); err != nil {
		return fmt.Errorf("%s: %w", c.URL, err)
	}
	fmt.Fprintln(os.Stdout, r.Words)
	if r.Code != "" && r.Batch > 0 {
		fmt.Fprintf(os.Stdout, "验证码 %s · %s · 第 %d 批 · %s 导出于 %s\n", r.Code, r.Format, r.Batch, r.By, hall(r.At))
	}
	for _, d := range r.Differences {
		fmt.Fprintf(os.Stdout, "  %s：批次 %q，文件 %q\n", d.Where, d.Batch, d.File)
	}
	for _, u := range r.Unchecked {
		fmt.Fprintln(os.Stdout, "  未核对："+u)
	}
	switch r.Verdict {
	case export.Intact, export.SameFigures, export.Kept:
		return nil
	}
	return &exitError{code: 1}
}

type readPDFCommand struct{}

// Run reads standard input and writes what the PDF says as JSON.
func (readPDFCommand) Run() error { return pdf.Serve(os.Stdin, os.Stdout) }
