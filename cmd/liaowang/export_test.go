package main

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"liaowang/queries"
	"liaowang/screens/browsertest"
	"liaowang/screens/export"
	"liaowang/screens/export/office"
)

// fetched is a file as the server exports it.
func (p *process) fetched(path string) []byte {
	p.t.Helper()
	r, err := http.Get(p.url + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		p.t.Fatalf("%s: %s %.300s %v", path, r.Status, body, err)
	}
	return body
}

// verified is what the server finds of a file.
func (p *process) verified(body []byte) (r export.Report) {
	p.t.Helper()
	answer, err := http.Post(p.url+"/api/verify", "application/octet-stream", bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&r); err != nil || answer.StatusCode != http.StatusOK {
		p.t.Fatalf("verify: %s %v", answer.Status, err)
	}
	return r
}

// causes are the households by cause as the API has them in a batch, names of causes first.
func (p *process) causes(number uint64) (rows [][2]string) {
	p.t.Helper()
	cat, err := queries.Load()
	if err != nil {
		p.t.Fatal(err)
	}
	var answer struct{ Rows [][]any }
	if status := p.get(fmt.Sprintf("/api/metrics/monitored.by_cause?batch=%d", number), &answer); status != http.StatusOK {
		p.t.Fatalf("batch %d: %d", number, status)
	}
	for _, c := range cat.Codes["cause"] {
		for _, row := range answer.Rows {
			if row[0] == c.Code {
				rows = append(rows, [2]string{c.ZH, fmt.Sprint(row[1])})
			}
		}
	}
	if len(rows) < 5 {
		p.t.Fatalf("causes of batch %d: %v", number, answer)
	}
	return rows
}

// takesAlong exports what is on the walls and reads it back.
func takesAlong(t *testing.T, p *process) {
	var now struct {
		Batch uint64
	}
	p.get("/api/batch", &now)
	at := fmt.Sprintf("?batch=%d", now.Batch)
	want := p.causes(now.Batch)
	files := map[string][]byte{}
	for _, name := range []string{"overview/cause.csv", "overview.xlsx", "overview.pptx", "overview/cause.svg", "overview/cause.png", "overview/cause.pdf"} {
		files[name] = p.fetched("/export/" + name + at)
	}
	for name, read := range map[string]func(*testing.T, []byte) [][2]string{"overview/cause.csv": causesOfCSV, "overview.xlsx": causesOfXLSX, "overview.pptx": causesOfPPTX} {
		if diff := cmp.Diff(want, read(t, files[name])); diff != "" {
			t.Errorf("%s does not hold the figures of the API: %s", name, diff)
		}
	}
	var names []string
	for _, row := range want {
		names = append(names, row[0])
	}
	if diff := cmp.Diff(want, causesOfPDF(t, files["overview/cause.pdf"], names)); diff != "" {
		t.Errorf("the PDF does not hold the figures of the API: %s", diff)
	}
	if text := string(files["overview/cause.csv"]); !contains(text, "演示数据", fmt.Sprintf("第 %d 批", now.Batch), "local 导出于") {
		t.Errorf("the file does not say what it is of: %s", text)
	}

	// Rows arrive; what is of a fixed batch stays, and what has changed can be told.
	for i := range 8 {
		p.exec(fmt.Sprintf(`INSERT INTO households (household, village, type, causes, persons, state, recognised_at, version) VALUES (%d, 460106100200, 'marginal_poor', ['illness'], 3, 'monitored', '2026-11-23 00:00:00', 1)`, 9000+i))
	}
	var changes struct{ Changes []export.Change }
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		p.get(fmt.Sprintf("/api/changes/overview/460000?from=%d", now.Batch), &changes)
		if slices.ContainsFunc(changes.Changes, func(c export.Change) bool {
			from, _ := strconv.Atoi(strings.TrimSuffix(c.From, "户"))
			return c.ID == "cause" && c.Row == want[0][0] && c.To == fmt.Sprintf("%d户", from+8)
		}) {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("eight households more are no change: %+v", changes)
		}
	}
	if diff := cmp.Diff(want, causesOfCSV(t, p.fetched("/export/overview/cause.csv"+at))); diff != "" {
		t.Errorf("batch %d is exported otherwise now: %s", now.Batch, diff)
	}
	if diff := cmp.Diff(want, causesOfCSV(t, p.fetched("/export/overview/cause.csv"))); diff == "" {
		t.Error("the newest batch is exported with figures of before")
	}

	for name, body := range files {
		if r := p.verified(body); r.Verdict != export.Intact || r.Batch != now.Batch {
			t.Errorf("%s as it was given out is %+v", name, r)
		}
		changed := tampered(t, name, body, want[0][1])
		if r := p.verified(changed); r.Verdict != export.Changed {
			t.Errorf("%s with another figure is %+v", name, r)
		}
	}
	// A PDF that was packed otherwise says and draws the same.
	packed := amended(t, files["overview/cause.pdf"], want[0][0], want[0][0])
	if r := p.verified(packed); r.Verdict != export.SameFigures {
		t.Errorf("a PDF that was only written anew is %+v", r)
	}
	if r := p.verified([]byte("a,b\r\n1,2\r\n")); r.Verdict != export.Unknown {
		t.Errorf("a file of somebody else is %+v", r)
	}

	// Errors say what there is; jobs say how far they are.
	var refused struct {
		Error struct{ Code, Message string }
	}
	if status := p.get("/export/overview/nothing.png", &refused); status != http.StatusNotFound || !contains(refused.Error.Message, "cause", "map") {
		t.Errorf("an unknown panel: %d %+v", status, refused)
	}
	if status := p.get("/export/overview.xlsx?batch=999999", &refused); status != http.StatusNotFound || refused.Error.Code != "not_yet" {
		t.Errorf("a batch that is not there: %d %+v", status, refused)
	}
	save, _ := http.NewRequest(http.MethodPut, p.url+"/api/briefings/morning", strings.NewReader(`{"title": "晨报", "scenes": [{"screen": "overview"}, {"screen": "people", "region": "460400", "panel": "causes"}]}`))
	if r, err := http.DefaultClient.Do(save); err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("briefing: %v %v", r, err)
	}
	deck, err := office.Read(p.fetched("/export/briefing/morning.pptx" + at))
	if err != nil {
		t.Fatal(err)
	}
	if last := deck.Shapes[len(deck.Shapes)-1]; last.Slide != 4 || !slices.ContainsFunc(deck.Shapes, func(s office.Shape) bool { return s.Slide == 1 && slices.Contains(s.Lines, "晨报") }) {
		t.Errorf("title, contents and two scenes make %d slides", last.Slide)
	}
	throughTheMenu(t, p)
}

// throughTheMenu takes a screen's file as a person does, of a batch that was fixed.
func throughTheMenu(t *testing.T, p *process) {
	tab := browsertest.Open(t, 1024, 768)
	drawn(tab, p.url+"/wall/overview")
	press := func(within, words string) {
		tab.Eval(fmt.Sprintf(`[...document.querySelectorAll('%s button')].find((b) => b.textContent.startsWith('%s')).click()`, within, words), new(any))
	}
	tab.Eval(`document.querySelector('#export').click()`, new(any))
	legible(t, tab, "dialog.export", 16)
	press("dialog.export", "定格这一批")
	press("dialog.export", "表格 XLSX")
	tab.Until(`document.querySelector('dialog.export .jobs a')?.textContent.endsWith('.xlsx')`, patience)
	press("dialog.export", "回到实时")
	tab.Until(`document.querySelector('dialog.changes[open]')?.innerText.includes('处变动')`, patience)
	var code string
	tab.Eval(`document.querySelector('.jobs li').textContent.split('验证码 ')[1].slice(0, 14)`, &code)
	tab.Goto(p.url + "/verify/" + code)
	tab.Until(`document.querySelector('.verdict')?.textContent.includes('数与存证一致')`, patience)
	if e := tab.Errors(); len(e) > 0 {
		t.Errorf("the page complains: %q", e)
	}
}

// blotted draws a bar over a picture; what else the file holds stays.
func blotted(t *testing.T, body []byte) []byte {
	t.Helper()
	read, err := png.Decode(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	picture := image.NewRGBA(read.Bounds())
	draw.Draw(picture, picture.Bounds(), read, image.Point{}, draw.Src)
	draw.Draw(picture, image.Rect(200, 200, 240, 220), image.Black, image.Point{}, draw.Src)
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	const chunk = "tEXtComment" // with the code
	at := bytes.Index(body, []byte(chunk)) - 4
	if at < 0 {
		t.Fatal("the picture does not say its code")
	}
	const end = 12
	return slices.Concat(out.Bytes()[:out.Len()-end], body[at:])
}

func causesOfCSV(t *testing.T, body []byte) (rows [][2]string) {
	t.Helper()
	c := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
	c.FieldsPerRecord = -1
	all, err := c.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range all[1:] {
		if strings.HasPrefix(row[0], "#") {
			return rows
		}
		rows = append(rows, [2]string{row[0], row[1]})
	}
	return rows
}

func causesOfXLSX(t *testing.T, body []byte) (rows [][2]string) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const header = 4
	all, err := f.GetRows("致贫返贫风险", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range all[header:] {
		if len(row) < 2 {
			return rows
		}
		rows = append(rows, [2]string{row[0], row[1]})
	}
	return rows
}

func causesOfPPTX(t *testing.T, body []byte) (rows [][2]string) {
	t.Helper()
	f, err := office.Read(body)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range f.Shapes {
		if strings.HasSuffix(s.Name, " 致贫返贫风险") && s.Chart != nil {
			for i, name := range s.Chart.Categories {
				rows = append(rows, [2]string{name, fmt.Sprint(*s.Chart.Series[0].Values[i])})
			}
		}
	}
	return rows
}

// tampered changes one figure of a file.
func tampered(t *testing.T, name string, body []byte, figure string) []byte {
	t.Helper()
	n, err := strconv.Atoi(figure)
	if err != nil {
		t.Fatal(err)
	}
	swap := func(b []byte, before, after string) []byte {
		b = bytes.Replace(b, []byte(before+figure+after), []byte(before+strconv.Itoa(n+1)+after), 1)
		return bytes.Replace(b, []byte(before+thousands(n)+after), []byte(before+thousands(n+1)+after), 1)
	}
	switch {
	case strings.HasSuffix(name, ".csv"):
		return swap(body, ",", "")
	case strings.HasSuffix(name, ".svg"):
		return swap(body, ">", "")
	case strings.HasSuffix(name, ".png"):
		return blotted(t, body)
	case strings.HasSuffix(name, ".pdf"):
		return amended(t, body, thousands(n), thousands(n+1))
	}
	return rezipped(t, body, func(part string, content []byte) []byte {
		if strings.HasPrefix(part, "ppt/charts/") || strings.HasPrefix(part, "xl/worksheets/") {
			return swap(content, "v>", "<")
		}
		return content
	})
}

// rezipped is a file of Office with some of its parts changed.
func rezipped(t *testing.T, body []byte, change func(part string, content []byte) []byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		part, err := w.Create(f.Name)
		if err == nil {
			_, err = part.Write(change(f.Name, content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// faultsOfOffice are what the validator of the Open XML SDK says of a file: it holds it
// against the schemas of Office and its rules. .ci/deps office installs it.
func faultsOfOffice(t *testing.T, file string) []json.RawMessage {
	t.Helper()
	out, err := exec.Command("../../bin/ooxml/node_modules/.bin/ooxml-validate", "--output-format", "json", file).Output()
	var faults []json.RawMessage
	if e := json.Unmarshal(out, &faults); e != nil {
		t.Fatalf("%s: %v, %v: %.500s", file, err, e, out)
	}
	return faults
}

var throughOffice = flag.Bool("office", false, "let LibreOffice open every kind of file that is exported, and hold Office's files against the schemas, which takes minutes")

// TestLibreOfficeOpensWhatIsExported converts files of every screen, and finds their figures
// on the pages; and Office's own validator finds nothing in them.
func TestLibreOfficeOpensWhatIsExported(t *testing.T) {
	if !*throughOffice {
		t.Skip("without -office; make soak does it")
	}
	p := up(t, "--data", loaded(t), "--demo", "still")
	dir := t.TempDir()
	total := thousands(figures(t).Monitored.Total.Households)
	for name, pages := range map[string]int{"briefing/story.pptx": 11, "briefing/story.xlsx": 0, "overview.pptx": 1, "overview/cause.csv": 0} {
		file := filepath.Join(dir, strings.ReplaceAll(name, "/", "-"))
		body := p.fetched("/export/" + name)
		if err := os.WriteFile(file, body, 0o600); err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(name) != ".csv" {
			if faults := faultsOfOffice(t, file); len(faults) > 0 {
				t.Errorf("%s is not as the schemas want it: %s", name, faults)
			}
			// What it would find is found.
			if err := os.WriteFile(file+".broken"+filepath.Ext(name), rezipped(t, body, func(part string, content []byte) []byte {
				if strings.HasSuffix(part, "1.xml") {
					content = bytes.Replace(bytes.Replace(content, []byte("<p:cSld"), []byte("<p:cSlide/><p:cSld"), 1), []byte("<sheetData"), []byte("<sheetDate/><sheetData"), 1)
				}
				return content
			}), 0o600); err != nil {
				t.Fatal(err)
			}
			if faults := faultsOfOffice(t, file+".broken"+filepath.Ext(name)); len(faults) == 0 {
				t.Errorf("%s with an element of no schema passes", name)
			}
		}
		out, err := exec.Command("soffice", "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", "pdf", "--outdir", dir, file).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v %s", name, err, out)
		}
		pdf := strings.TrimSuffix(file, filepath.Ext(file)) + ".pdf"
		text, err := exec.Command("pdftotext", "-layout", pdf, "-").Output()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n := bytes.Count(text, []byte{'\f'}); pages > 0 && n != pages {
			t.Errorf("%s has %d pages, not %d", name, n, pages)
		}
		if name != "overview/cause.csv" && !contains(string(text), total, "演示数据", "验证码") {
			t.Errorf("%s does not say %s: %.2000s", name, total, text)
		}
	}
}
