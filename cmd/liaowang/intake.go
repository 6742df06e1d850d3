package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"liaowang/aggregator/intake"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

type intakeCommand struct {
	Files      []string `arg:"" name:"file" help:"Files of rows: CSV, NDJSON or Parquet, plain, .gz or .zst." type:"existingfile"`
	Table      string   `help:"Table that the files are for; default: the file's name before the first dot."`
	Delivery   string   `help:"Id of the delivery: sent again, it counts once; for one file. Default: made of the file's content." placeholder:"ID"`
	DryRun     bool     `help:"Compare with what is there (数据比对), and let nothing in."`
	To         string   `help:"Address of a running liaowang up that takes the files, with its own key." default:"http://127.0.0.1:8080" placeholder:"URL"`
	ClickHouse string   `name:"clickhouse" help:"Write to this ClickHouse instead, with --key." env:"LIAOWANG_CLICKHOUSE" placeholder:"URL"`
	Key        string   `help:"File with the key that numbers of households are hashed with, for --clickhouse; liaowang up makes one in its data folder." placeholder:"FILE"`
	serialFlags
}

// Help is the long help.
func (c *intakeCommand) Help() string {
	return "With --clickhouse this process writes the database itself. Two processes never write one table at a time: " +
		"while liaowang up, or another liaowang intake, takes a delivery for the table, this one is refused and says so. " +
		"On a cluster of ClickHouse, whose servers answer for themselves, that is not ensured: deliver through one process there."
}

// intakeMemory is where the collector starts to work harder: a delivery's chunks
// need half of it.
const intakeMemory = 192 << 20

// Run delivers the files, one after the other.
func (c *intakeCommand) Run(ctx context.Context, log *slog.Logger) error {
	if c.Delivery != "" && len(c.Files) > 1 {
		return errors.New("--delivery: one id is for one file; leave it out, and each file gets one of its content")
	}
	take := c.post
	if len(c.Serials) > 0 && c.ClickHouse == "" {
		return errors.New("--serials: the server that takes the files must be told, liaowang up --serials; or write to ClickHouse with --clickhouse")
	}
	if c.ClickHouse != "" {
		if c.Key == "" {
			return errors.New("--key: the key file that the province's deliveries are hashed with is needed with --clickhouse")
		}
		debug.SetMemoryLimit(intakeMemory)
		in, done, err := c.open(ctx, log)
		if err != nil {
			return err
		}
		defer done()
		take = in.Take
	}
	var errs []error
	refused := uint64(0)
	for _, file := range c.Files {
		a, err := c.deliver(ctx, file, take)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", file, err))
			continue
		}
		refused += a.Rejected
		c.report(file, a)
	}
	if refused > 0 {
		errs = append(errs, fmt.Errorf("%d rows are refused; correct them and send them in a new file", refused))
	}
	return errors.Join(errs...)
}

// open makes an intake that writes to ClickHouse.
func (c *intakeCommand) open(ctx context.Context, log *slog.Logger) (*intake.Intake, func(), error) {
	s, err := queries.LoadSchema()
	if err != nil {
		return nil, nil, err
	}
	if err := c.serialFlags.check(s); err != nil {
		return nil, nil, err
	}
	key, err := intake.ReadKey(c.Key)
	if err != nil {
		return nil, nil, err
	}
	w, err := warehouse.Open(ctx, warehouse.Options{URL: c.ClickHouse})
	if err != nil {
		return nil, nil, err
	}
	in := intake.New(intake.Options{Conn: w.Conn(), Schema: s, Key: key, Serials: c.Serials, Logger: log})
	if err := in.Clean(ctx); err != nil {
		return nil, nil, errors.Join(err, w.Close())
	}
	return in, func() { _ = w.Close() }, nil
}

func (c *intakeCommand) deliver(ctx context.Context, file string, take func(context.Context, intake.Delivery) (*intake.Answer, error)) (*intake.Answer, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	d := intake.Delivery{ID: c.Delivery, Table: c.Table, File: filepath.Base(file), Content: f, DryRun: c.DryRun}
	var known bool
	if d.Format, known = intake.FormatOf(file); !known {
		return nil, errors.New("the name says no format: it must end in .csv, .ndjson or .parquet, and then .gz or .zst if it is compressed")
	}
	if d.Table == "" {
		d.Table, _, _ = strings.Cut(d.File, ".")
	}
	if d.ID == "" {
		sum := sha256.New()
		if _, err := io.Copy(sum, f); err != nil {
			return nil, err
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		d.ID = "file-" + letters(sum.Sum(nil)[:10])
	}
	bar := newBar(os.Stderr, d.File, info.Size())
	d.Progress = bar.at
	defer bar.stop()
	return take(ctx, d)
}

// letters writes bytes in the letters a to p: a hash in digits looks, once in some
// thousand files, like a phone number.
func letters(b []byte) string {
	var s []byte
	for _, c := range b {
		s = append(s, 'a'+c>>4, 'a'+c&15)
	}
	return string(s)
}

// report says what became of a file.
func (c *intakeCommand) report(file string, a *intake.Answer) {
	if a.Comparison != nil {
		line := fmt.Sprintf("%s: table %s, dry run: new %d, changed %d, unchanged %d", file, a.Table, a.Comparison.New, a.Comparison.Changed, a.Comparison.Unchanged)
		if a.Comparison.Gone != nil {
			line += fmt.Sprintf(", gone %d", *a.Comparison.Gone)
		}
		fmt.Println(line)
	}
	fmt.Printf("%s: table %s, delivery %s: accepted %d, rejected %d, duplicate %d", file, a.Table, a.Delivery, a.Accepted, a.Rejected, a.Duplicate)
	if a.Repeated {
		fmt.Print(" (taken before; it counts once)")
	}
	fmt.Println()
	for _, f := range a.Quarantine {
		if f.Column == "" {
			f.Column = "the row"
		}
		fmt.Printf("  line %d: %s %s\n", f.Line, f.Column, f.Reason)
	}
	if more := a.Rejected; more > uint64(len(a.Quarantine)) && len(a.Quarantine) > 0 && a.Comparison == nil {
		fmt.Printf("  the others are in table quarantine: SELECT line, field, reason FROM quarantine FINAL WHERE delivery = '%s'\n", a.Delivery)
	}
}

// mediaTypes are how the formats are called over HTTP.
var mediaTypes = map[intake.Format]string{intake.CSV: "text/csv", intake.NDJSON: "application/x-ndjson", intake.Parquet: "application/vnd.apache.parquet"}

// post hands a delivery to a running server.
func (c *intakeCommand) post(ctx context.Context, d intake.Delivery) (*intake.Answer, error) {
	query := url.Values{"delivery": {d.ID}}
	if d.DryRun {
		query.Set("dry", "1")
	}
	sent := int64(0)
	body := progressReader{d.Content, func(n int) { sent += int64(n); d.Progress(0, sent) }}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.To, "/")+"/intake/"+url.PathEscape(d.Table)+"?"+query.Encode(), body)
	if err != nil {
		return nil, fmt.Errorf("--to: %w", err)
	}
	r.Header.Set("Content-Type", mediaTypes[d.Format])
	r.Header.Set("X-File-Name", url.PathEscape(d.File))
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, fmt.Errorf("%w; is liaowang up running there?", err)
	}
	defer response.Body.Close()
	var answer struct {
		intake.Answer
		Error struct{ Code, Message string } `json:"error"`
	}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || kind != "application/json" {
		return nil, fmt.Errorf("--to %s: the answer is not one of liaowang's: status %s", c.To, response.Status)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s (%s)", answer.Error.Message, answer.Error.Code)
	}
	return &answer.Answer, nil
}

type progressReader struct {
	io.Reader
	moved func(n int)
}

func (p progressReader) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	p.moved(n)
	return n, err
}

// bar shows how far a file is, on a terminal; elsewhere a line now and then.
type bar struct {
	name  string
	size  int64
	bar   *progressbar.ProgressBar
	out   io.Writer
	spoke time.Time
}

// quiet is how long a bar that is no terminal's says nothing.
const quiet = 10 * time.Second

func newBar(out *os.File, name string, size int64) *bar {
	b := &bar{name: name, size: size, out: out, spoke: time.Now()}
	if newProgress(out).terminal {
		b.bar = progressbar.NewOptions64(size, progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(name), progressbar.OptionShowBytes(true),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionFullWidth(), progressbar.OptionUseANSICodes(true))
	}
	return b
}

func (b *bar) at(rows, read int64) {
	if b.bar != nil {
		_ = b.bar.Set64(min(read, b.size)) // a bar that cannot be drawn stops nothing
		return
	}
	if time.Since(b.spoke) >= quiet {
		b.spoke = time.Now()
		fmt.Fprintf(b.out, "%s: %d of %d bytes, %d rows\n", b.name, read, b.size, rows)
	}
}

func (b *bar) stop() {
	if b.bar != nil {
		_ = b.bar.Finish()
	}
}
