package export

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"liaowang/queries/warehouse"
	"liaowang/screens"
	"liaowang/screens/export/office"
)

// Verdict says in a word what came of verifying a file.
type Verdict string

// The verdicts.
const (
	// Intact: the file is, byte for byte, the one that was given out.
	Intact Verdict = "intact"
	// SameFigures: the file has been changed since, and every figure of it is the batch's.
	SameFigures Verdict = "same_figures"
	// Changed: figures are not those of the batch.
	Changed Verdict = "changed"
	// Unproven: it is not the file that was given out, and its figures cannot be compared.
	Unproven Verdict = "unproven"
	// Unknown: it has no code, or one that no export has.
	Unknown Verdict = "unknown"
	// Kept is of a code alone: the record still says what the log says.
	Kept Verdict = "kept"
)

// Report is what verifying a file, or a code alone, has found.
type Report struct {
	Verdict Verdict `json:"verdict"`
	// Words say it in a sentence.
	Words  string    `json:"words"`
	Code   string    `json:"code,omitempty"`
	Format Format    `json:"format,omitempty"`
	Title  string    `json:"title,omitempty"`
	Scenes []Scene   `json:"scenes,omitempty"`
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at,omitzero"`
	Batch  uint64    `json:"batch,omitempty"`
	AsOf   time.Time `json:"as_of,omitzero"`
	Demo   bool      `json:"demo,omitempty"`
	Digest string    `json:"digest,omitempty"`
	// Checked is how many cells, texts and points were compared, Different how many are
	// not the batch's; Differences are the first of them.
	Checked     int          `json:"checked"`
	Different   int          `json:"different"`
	Differences []Difference `json:"differences,omitempty"`
	// Unchecked says what could not be compared, and why.
	Unchecked []string `json:"unchecked,omitempty"`
}

// Difference is a figure that is not the batch's.
type Difference struct {
	Where string `json:"where"`
	Batch string `json:"batch"`
	File  string `json:"file"`
}

// mostDifferences is how many differences a report tells.
const mostDifferences = 100

func (r *Report) compare(where, batch, file string) {
	if r.Checked++; batch == file {
		return
	}
	if r.Different++; len(r.Differences) < mostDifferences {
		r.Differences = append(r.Differences, Difference{where, batch, file})
	}
}

func (r *Report) unchecked(format string, args ...any) {
	r.Unchecked = append(r.Unchecked, fmt.Sprintf(format, args...))
}

// Finder gives a batch that was shown again, with what some scenes show.
type Finder func(ctx context.Context, number uint64, scenes []Scene) (Batch, error)

// logged is what the log keeps of a request.
type logged struct {
	Request
	// Editions are those of its screens: a screen that says something else today cannot be
	// made again.
	Editions map[string]string `json:"editions"`
}

func (d *document) logged() (string, error) {
	l := logged{d.Request, map[string]string{}}
	for i := range d.pages {
		l.Editions[d.pages[i].Screen] = d.pages[i].screen.Edition
	}
	text, err := json.Marshal(l)
	return string(text), err
}

// Lookup says what was exported under a code, and whether the record of batches still says
// the same figures.
func (x *Exporter) Lookup(ctx context.Context, code string, find Finder) (*Report, error) {
	r, _, _, err := x.recall(ctx, code, find)
	return r, err
}

// recall finds an export and makes its document again; nil where that is no longer to be had.
func (x *Exporter) recall(ctx context.Context, code string, find Finder) (*Report, *document, *warehouse.Export, error) {
	r := &Report{Code: code}
	e, err := x.Log.Export(ctx, code)
	if errors.Is(err, warehouse.ErrNoExport) {
		r.Verdict, r.Words = Unknown, "没有这个验证码的导出"
		return r, nil, nil, nil
	} else if err != nil {
		return nil, nil, nil, err
	}
	var l logged
	if err := json.Unmarshal([]byte(e.Scenes), &l); err != nil {
		return nil, nil, nil, fmt.Errorf("export: log of %s: %w", code, err)
	}
	r.Format, r.Title, r.Scenes, r.By, r.At, r.Batch, r.Digest = Format(e.Format), l.Title, l.Scenes, e.By, e.At.UTC(), e.Number, e.Digest
	r.Verdict, r.Words = Unproven, "存证在，按当时的批次已无法重算"
	for id, edition := range l.Editions {
		if s := screens.Find(x.Screens(), id); s == nil || s.Edition != edition {
			r.unchecked("屏 %s 的定义在导出以后改过，数字无法按当时的定义重算", id)
			return r, nil, e, nil
		}
	}
	shown, err := find(ctx, e.Number, l.Scenes)
	switch {
	case errors.Is(err, warehouse.ErrNotKept), errors.Is(err, warehouse.ErrNoBatch):
		r.unchecked("第 %d 批已不再保存，只能按存证核对整个文件", e.Number)
		return r, nil, e, nil
	case err != nil:
		return nil, nil, nil, err
	}
	h := shown.Header()
	if h.History != e.History {
		r.unchecked("存证是另一个库的：%s", e.History)
		return r, nil, e, nil
	}
	l.Batch, l.Format, l.By = shown, Format(e.Format), e.By
	d, err := x.compose(l.Request)
	if err != nil {
		return nil, nil, nil, err
	}
	d.fill()
	d.proof = proof{code: code, at: e.At}
	r.AsOf, r.Demo = h.AsOf, h.Demo
	if d.digest() != e.Digest {
		r.unchecked("按第 %d 批重算的数与存证的摘要不同", e.Number)
		if e.Build != x.Build {
			r.unchecked("导出以后程序换过，口径可能不同")
		}
		return r, nil, e, nil
	}
	r.Verdict, r.Words = Kept, fmt.Sprintf("存证在；按第 %d 批重算，数与存证一致", e.Number)
	return r, d, e, nil
}

// Verify says whether the figures of a file are those of the batch that it names. It takes
// its turn among the exports, since it makes the file again.
func (x *Exporter) Verify(ctx context.Context, body []byte, find Finder) (*Report, error) {
	var r *Report
	job, err := x.queue.submit(func(ctx context.Context, _ func(done, of int)) (*File, error) {
		var err error
		r, err = x.verify(ctx, body, find)
		return nil, err
	})
	if err != nil {
		return nil, err
	}
	if _, err := job.Wait(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

func (x *Exporter) verify(ctx context.Context, body []byte, find Finder) (*Report, error) {
	format, code := identify(body)
	if code == "" {
		return &Report{Verdict: Unknown, Format: format, Words: "文件里没有验证码：不是这里导出的文件，或已被抹去"}, nil
	}
	r, d, e, err := x.recall(ctx, code, find)
	if err != nil || e == nil {
		return r, err
	}
	if format != Format(e.Format) {
		r.Verdict, r.Words = Unproven, fmt.Sprintf("文件是 %s，这个验证码当时导出的是 %s", format, e.Format)
		return r, nil
	}
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) == e.File {
		r.Verdict, r.Words = Intact, fmt.Sprintf("与当时导出的文件逐字节相同，数是第 %d 批的", e.Number)
		if d == nil {
			r.Words = "与当时导出的文件逐字节相同"
		}
		return r, nil
	}
	r.Verdict, r.Words = Unproven, "不是当时导出的那个文件，数无法逐一核对"
	if d == nil {
		return r, nil
	}
	want, err := x.make(ctx, d, func(int, int) {})
	if err != nil {
		return nil, err
	}
	switch format {
	case CSV:
		err = compareCSV(r, want, body)
	case XLSX:
		err = compareXLSX(r, d, want, body)
	case PPTX:
		err = x.comparePPTX(r, e, want, body)
	case SVG:
		compareSVG(r, want, body)
	case PNG:
		x.compareImages(r, e, "图片", want, body)
	case PDF:
		err = x.comparePDF(ctx, r, want, body)
	}
	switch {
	case err != nil:
		r.unchecked("文件读不出来：%v", err)
	case r.Different > 0:
		r.Verdict, r.Words = Changed, fmt.Sprintf("核对 %d 处，有 %d 处不是第 %d 批的", r.Checked, r.Different, e.Number)
	case r.Checked > 0 && len(r.Unchecked) == 0:
		r.Verdict, r.Words = SameFigures, fmt.Sprintf("文件在导出后改动过；核对 %d 处，都是第 %d 批的数", r.Checked, e.Number)
	case r.Checked > 0:
		r.Words = fmt.Sprintf("核对 %d 处都是第 %d 批的数，其余未能核对", r.Checked, e.Number)
	}
	return r, nil
}

// identify finds what a file is and by which code it is known, "" where it has none.
func identify(body []byte) (Format, string) {
	last := func() string {
		if all := marked.FindAllSubmatch(body, -1); len(all) > 0 {
			return ReadCode(string(all[len(all)-1][1]))
		}
		return ""
	}
	switch {
	case bytes.HasPrefix(body, []byte("%PDF")):
		return PDF, last()
	case bytes.HasPrefix(body, []byte("\x89PNG")):
		return PNG, last()
	case bytes.HasPrefix(body, []byte("PK")):
		z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
		if err != nil {
			return XLSX, ""
		}
		format := XLSX
		for _, f := range z.File {
			if strings.TrimPrefix(f.Name, "/") == "ppt/presentation.xml" {
				format = PPTX
			}
		}
		if format == PPTX {
			if file, err := office.Read(body); err == nil {
				return PPTX, ReadCode(file.Properties[propertyCode])
			}
			return PPTX, ""
		}
		f, err := openXLSX(body)
		if err != nil {
			return XLSX, ""
		}
		defer f.Close()
		custom, _ := f.GetCustomProps()
		for _, p := range custom {
			if text, ok := p.Value.(string); ok && p.Name == propertyCode {
				return XLSX, ReadCode(text)
			}
		}
		return XLSX, ""
	case bytes.Contains(body[:min(len(body), 4096)], []byte("<svg")):
		return SVG, last()
	}
	for line := range bytes.Lines(body) {
		if rest, ok := bytes.CutPrefix(bytes.TrimLeft(line, `"`), []byte("#"+propertyCode)); ok {
			return CSV, ReadCode(strings.Trim(string(rest), "\",;\t \r\n"))
		}
	}
	return CSV, ""
}

// openXLSX reads a workbook of anybody's within bounds.
func openXLSX(body []byte) (*excelize.File, error) {
	return excelize.OpenReader(bytes.NewReader(body), excelize.Options{UnzipSizeLimit: 256 << 20, UnzipXMLSizeLimit: 64 << 20})
}
