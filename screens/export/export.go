// Package export makes files of what is on the walls: CSV, XLSX, PPTX, and pictures, each
// of one batch, with the proof of which. What a file holds of a panel is its sheet
// (panel.Tabulate), from the rows that the live view draws.
//
//	x := export.New(export.Options{…})
//	job, err := x.Submit(export.Request{Batch: shown, Scenes: …, Format: export.PPTX, By: "…"})
//	file, err := job.Wait(ctx)
//	report, err := x.Verify(ctx, body, find)       // are a file's figures those of its batch?
package export

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/queries/warehouse"
	"liaowang/screens"
	"liaowang/screens/export/draw"
	"liaowang/screens/export/pdf"
	"liaowang/screens/panel"
)

// Format names a kind of file.
type Format string

// The formats.
const (
	SVG  Format = "svg"
	PNG  Format = "png"
	PDF  Format = "pdf"
	XLSX Format = "xlsx"
	CSV  Format = "csv"
	PPTX Format = "pptx"
)

// Formats lists every format.
func Formats() []Format { return []Format{SVG, PNG, PDF, XLSX, CSV, PPTX} }

// mediaType is what a browser is told of a format.
func (f Format) mediaType() string {
	switch f {
	case SVG:
		return "image/svg+xml"
	case PNG:
		return "image/png"
	case PDF:
		return "application/pdf"
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case CSV:
		return "text/csv; charset=utf-8"
	}
	return "application/vnd.openxmlformats-officedocument.presentationml.presentation"
}

// Batch is a batch that was shown; a *hub.Shown is one.
type Batch interface {
	Header() *batch.Header
	Input(c *queries.Catalogue, region string) panel.Input
}

// Scene is a screen for a region, or with a panel that panel alone.
type Scene struct {
	Screen string `json:"screen" yaml:"screen"`
	Region string `json:"region" yaml:"region"`
	Panel  string `json:"panel,omitempty" yaml:"panel,omitempty"`
}

// Request is what is asked for: scenes in an order, all of one batch.
type Request struct {
	Batch  Batch   `json:"-"`
	Scenes []Scene `json:"scenes"`
	// Title is that of a briefing; empty: the scenes are no briefing.
	Title  string `json:"title,omitempty"`
	Format Format `json:"-"`
	// Theme is draw.Light where it is empty.
	Theme draw.Theme `json:"theme"`
	// Scale is how many pixels of a PNG a CSS pixel has, 1 to 4; 0: 2.
	Scale float64 `json:"scale"`
	// By is who takes it.
	By string `json:"-"`
	// Verify is the address that a code is looked up at, without the code; empty: none is known.
	Verify string `json:"verify,omitempty"`
}

// File is what came of a request.
type File struct {
	Name string
	Type string
	Body []byte
	Code string
}

// Pictures draws scenes; a *draw.Drawer does.
type Pictures interface {
	Panel(ctx context.Context, s *draw.Scene, id string, look draw.Look) ([]byte, error)
	Screen(ctx context.Context, s *draw.Scene, look draw.Look) ([]byte, error)
	Places(s *draw.Scene, look draw.Look) (map[string]draw.Rect, error)
	PNG(ctx context.Context, svg []byte, scale float64) ([]byte, error)
	PDF(ctx context.Context, pages [][]byte) ([]byte, error)
}

// Log keeps what was exported, and briefings; a *warehouse.Warehouse does.
type Log interface {
	RecordExport(ctx context.Context, e warehouse.Export) error
	// Export finds one by its code, or fails with warehouse.ErrNoExport.
	Export(ctx context.Context, code string) (*warehouse.Export, error)
	Briefings(ctx context.Context) ([]warehouse.Briefing, error)
	SaveBriefing(ctx context.Context, b warehouse.Briefing) error
}

// Options of an Exporter. All are needed but those that say otherwise.
type Options struct {
	Catalogue *queries.Catalogue
	// Screens gives the screens as they are now.
	Screens func() []screens.Screen
	// Pictures gives what draws, or says what is missing for it. It is asked when it is
	// first needed, and answers at once from then on.
	Pictures func() (Pictures, error)
	Log      Log
	// Files has briefings beside those that are saved, a file each (*.yaml); nil: none.
	Files fs.FS
	// MapApproval is the 审图号 of the map.
	MapApproval string
	// ReadPDF reads what a PDF says, whoever made it, in bounded time and memory; nil: a PDF
	// is only verified as a whole.
	ReadPDF func(ctx context.Context, body []byte) (*pdf.Document, error)
	// Build names the program that makes the files.
	Build string
	// Workers is how many files are made at once, Queue how many more may wait; 0: one
	// less than there are cores, at least one, and 24.
	Workers, Queue int
	// Now is the clock, Rand where codes come from. Default: time.Now and crypto/rand.
	Now    func() time.Time
	Rand   io.Reader
	Logger *slog.Logger
}

// Exporter makes files, a few at a time.
type Exporter struct {
	Options
	queue *queue
}

// New makes an exporter; Close ends it.
func New(o Options) *Exporter {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Exporter{Options: o, queue: newQueue(o.Workers, o.Queue, o.Now)}
}

// Close cancels what is being made and waits for it.
func (x *Exporter) Close() { x.queue.close() }

// Error is a request that cannot be met.
type Error struct {
	// Code is a word for programs: unknown_screen, unknown_panel, unknown_region,
	// unknown_format, unknown_briefing, unknown_code, bad_request, busy, gone.
	Code    string
	Message string
}

func (e *Error) Error() string { return e.Message }

func refuse(code, format string, args ...any) error {
	return &Error{code, fmt.Sprintf(format, args...)}
}

// Submit queues a request, or refuses it. The file is of the batch that is given now,
// however long it takes.
func (x *Exporter) Submit(r Request) (*Job, error) {
	d, err := x.compose(r)
	if err != nil {
		return nil, err
	}
	return x.queue.submit(func(ctx context.Context, step func(done, of int)) (*File, error) { return x.export(ctx, d, step) })
}

// Job finds a job by its id; nil where it is not known, or no longer.
func (x *Exporter) Job(id string) *Job { return x.queue.find(id) }

// export makes a file, logs it, and only then gives it out.
func (x *Exporter) export(ctx context.Context, d *document, step func(done, of int)) (*File, error) {
	code, err := newCode(x.Rand)
	if err != nil {
		return nil, err
	}
	d.fill()
	d.proof = proof{code: code, at: x.Now().UTC().Truncate(time.Millisecond)}
	body, err := x.make(ctx, d, step)
	if err != nil {
		return nil, err
	}
	scenes, err := d.logged()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	err = x.Log.RecordExport(ctx, warehouse.Export{
		Code: code, At: d.proof.at, By: d.By, Format: string(d.Format), Scenes: scenes, History: d.header.History, Number: d.header.Number,
		Digest: d.digest(), File: hex.EncodeToString(sum[:]), Build: x.Build,
	})
	if err != nil {
		return nil, fmt.Errorf("export: a file that cannot be logged is not given out: %w", err)
	}
	return &File{Name: d.fileName(), Type: d.Format.mediaType(), Body: body, Code: code}, nil
}

// fileName is what a file is saved as.
func (d *document) fileName() string {
	where := d.pages[0].path[len(d.pages[0].path)-1].Name
	clean := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '-'
		}
		return r
	}, strings.ReplaceAll(d.title(), " · ", "-"))
	return fmt.Sprintf("%s-%s-第%d批.%s", clean, where, d.header.Number, d.Format)
}

// document is a request with everything that it shows.
type document struct {
	Request
	header *batch.Header
	pages  []page
	proof  proof
}

// page is one scene.
type page struct {
	Scene
	screen *screens.Screen
	// path are the regions from the province down to the page's own.
	path  []panel.Region
	parts []part
}

// part is one panel of a page.
type part struct {
	spec  panel.Spec
	in    panel.Input
	sheet panel.Sheet
}

// where names a page for people.
func (p *page) where() string {
	var names []string
	for _, r := range p.path {
		names = append(names, r.Name)
	}
	return strings.Join(names, " · ")
}

// compose finds the screens and panels of a request, and refuses one that cannot be met.
// What the panels say is worked out when it is its turn.
func (x *Exporter) compose(r Request) (*document, error) {
	if !slices.Contains(Formats(), r.Format) {
		return nil, refuse("unknown_format", "format %q is unknown: must be one of %s", r.Format, listed(Formats()))
	}
	r.Theme = cmp.Or(r.Theme, draw.Light)
	if r.Theme != draw.Light && r.Theme != draw.Dark {
		return nil, refuse("bad_request", "theme %q is unknown: must be %s or %s", r.Theme, draw.Light, draw.Dark)
	}
	if r.Scale == 0 {
		r.Scale = 2
	}
	if r.Scale < 1 || r.Scale > 4 {
		return nil, refuse("bad_request", "scale %v: a number from 1 to 4 is expected", r.Scale)
	}
	if len(r.Scenes) == 0 || len(r.Scenes) > mostScenes {
		return nil, refuse("bad_request", "%d scenes: from 1 to %d are expected", len(r.Scenes), mostScenes)
	}
	if (r.Format == CSV || r.Format == SVG && len(r.Scenes) > 1) && (len(r.Scenes) != 1 || r.Scenes[0].Panel == "") {
		return nil, refuse("bad_request", "%s holds one panel: name it, or take xlsx, pptx or pdf", r.Format)
	}
	d := &document{Request: r, header: r.Batch.Header()}
	for _, s := range r.Scenes {
		p, err := x.page(d, s)
		if err != nil {
			return nil, err
		}
		d.pages = append(d.pages, *p)
	}
	return d, nil
}

// mostScenes is how many scenes one file holds at most.
const mostScenes = 40

func (x *Exporter) page(d *document, s Scene) (*page, error) {
	screen, err := x.find(s)
	if err != nil {
		return nil, err
	}
	p := &page{Scene: s, screen: screen}
	in := d.Batch.Input(x.Catalogue, s.Region)
	if p.path = in.Regions.Path(s.Region); len(p.path) == 0 {
		return nil, refuse("unknown_region", "there is no region %.40q in batch %d", s.Region, d.header.Number)
	}
	for _, spec := range screen.Panels {
		if s.Panel == "" || s.Panel == spec.ID {
			p.parts = append(p.parts, part{spec: spec, in: in})
		}
	}
	return p, nil
}

// find finds the screen of a scene, and refuses one whose panel is not there.
func (x *Exporter) find(s Scene) (*screens.Screen, error) {
	list := x.Screens()
	screen := screens.Find(list, s.Screen)
	var have []string
	if screen == nil {
		for _, one := range list {
			have = append(have, one.ID)
		}
		return nil, refuse("unknown_screen", "there is no screen %.40q: there are %s", s.Screen, strings.Join(have, ", "))
	}
	for _, p := range screen.Panels {
		if s.Panel == "" || s.Panel == p.ID {
			return screen, nil
		}
		have = append(have, p.ID)
	}
	return nil, refuse("unknown_panel", "screen %s has no panel %.40q: it has %s", s.Screen, s.Panel, strings.Join(have, ", "))
}

// fill works out what each panel says.
func (d *document) fill() {
	for i := range d.pages {
		for k := range d.pages[i].parts {
			one := &d.pages[i].parts[k]
			if one.sheet = panel.Tabulate(one.spec, one.in); one.spec.Kind == panel.KindChecks {
				one.sheet = checked(one.sheet, d.header)
			}
		}
	}
}

// listed joins names for a message.
func listed[T ~string](names []T) string {
	var all []string
	for _, n := range names {
		all = append(all, string(n))
	}
	return strings.Join(all, ", ")
}

// checked is the sheet of the checks, which stand in a batch's header.
func checked(t panel.Sheet, h *batch.Header) panel.Sheet {
	word := func(text string) panel.SheetCell { return panel.SheetCell{Cell: batch.Text(text), Shown: text} }
	for _, title := range []string{"勾稽", "结果", "说明"} {
		t.Columns = append(t.Columns, panel.SheetColumn{Name: title, Title: title, Type: queries.TypeText})
	}
	for _, c := range h.Checks {
		t.Rows = append(t.Rows, panel.SheetRow{Key: c.ID, Cells: []panel.SheetCell{word(c.Title), word(result(c)), word(c.Words)}})
	}
	return t
}

func result(c batch.Check) string {
	switch {
	case c.OK:
		return "平"
	case c.Unknown:
		return "未能核对"
	case len(c.Releases) > 0:
		return "不平，已放行"
	}
	return "不平"
}

// scene is a page as it is drawn.
func (x *Exporter) scene(d *document, p *page) (*draw.Scene, error) {
	s := &draw.Scene{Screen: *p.screen, Region: p.Region, MapApproval: x.MapApproval, Batch: *d.header}
	for _, r := range p.path {
		s.Path = append(s.Path, draw.Place{Code: r.Code, Name: r.Name})
		s.RegionName = r.Name
	}
	for _, one := range p.parts {
		option, err := panel.Option(one.spec, one.in)
		if err != nil {
			return nil, err
		}
		data, err := panel.Data(one.spec, one.in)
		if err != nil {
			return nil, err
		}
		s.Panels = append(s.Panels, draw.Content{ID: one.spec.ID, Option: option, Data: data})
	}
	return s, nil
}

// make makes the file of a document that has its proof.
func (x *Exporter) make(ctx context.Context, d *document, step func(done, of int)) ([]byte, error) {
	switch d.Format {
	case CSV:
		return writeCSV(d)
	case XLSX:
		return x.writeXLSX(ctx, d, step)
	case PPTX:
		return x.writePPTX(ctx, d, step)
	}
	return x.writePicture(ctx, d, step)
}
