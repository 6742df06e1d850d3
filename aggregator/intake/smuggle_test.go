package intake_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"liaowang/aggregator/intake"
)

// smuggled are values that must never be taken, nor kept anywhere. The numbers
// are made up; their check digits fit.
var smuggled = []string{"460105199003071239", "46010519900307 1239", "460105900307123", "13812345678", "+86 138-1234-5678", "１３８１２３４５６７８", "6217001234567890122", "张三460105199003071239", "张三", "欧阳春花", "0898-65332222"}

// emergency is a row whose columns are all text, so that any value fits in
// Parquet.
type emergency struct {
	Emergency string `parquet:"emergency"`
	Name      string `parquet:"name"`
	Kind      string `parquet:"kind"`
	Level     string `parquet:"level"`
	Started   string `parquet:"started_at"`
	Cutoff    string `parquet:"cutoff_at"`
	Plan      string `parquet:"plan"`
	Excludes  string `parquet:"excludes"`
}

func (e *emergency) at(i int) *string {
	return []*string{&e.Emergency, &e.Name, &e.Kind, &e.Level, &e.Started, &e.Cutoff, &e.Plan, &e.Excludes}[i]
}

var emergencyHead = []string{"emergency", "name", "kind", "level", "started_at", "cutoff_at", "plan", "excludes"}

// A value of a person is refused in every column of every format, the row goes to
// quarantine, and the value is in no table, answer or log.
func TestNothingPersonalIsSmuggledInByAnyFormat(t *testing.T) {
	p := newProvince(t)
	var log bytes.Buffer
	key, err := intake.ReadKey(p.key)
	if err != nil {
		t.Fatal(err)
	}
	p.in = intake.New(intake.Options{Conn: p.w.Conn(), Schema: loadSchema(t), Key: key, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	var rows []emergency
	for _, value := range smuggled {
		for i := range emergencyHead {
			// Where codes and moments are expected, whatever is none is refused as that.
			if words := i == 1 || i == 6 || i == 7; (value == "张三" || value == "欧阳春花") && !words && i != 0 || value == "0898-65332222" && !words {
				continue
			}
			row := emergency{"E-1", "台风", "typhoon", "first", "2026-03-15 10:00:00", "2026-03-15 10:00:00", "预案", "无"}
			*row.at(i) = value
			rows = append(rows, row)
		}
	}
	var asCSV, asNDJSON bytes.Buffer
	c := csv.NewWriter(&asCSV)
	_ = c.Write(emergencyHead)
	for i := range rows {
		var record []string
		object := map[string]string{}
		for j, name := range emergencyHead {
			record = append(record, *rows[i].at(j))
			object[name] = *rows[i].at(j)
		}
		_ = c.Write(record)
		text, _ := json.Marshal(object)
		asNDJSON.Write(append(text, '\n'))
	}
	c.Flush()
	var asParquet bytes.Buffer
	w := parquet.NewGenericWriter[emergency](&asParquet)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	w.Close()
	var answers strings.Builder
	for file, content := range map[string][]byte{"e.csv": asCSV.Bytes(), "e.ndjson": asNDJSON.Bytes(), "e.parquet": asParquet.Bytes()} {
		a := p.taken("smuggle-"+file, "emergencies", file, string(content), 0, uint64(len(rows)), 0)
		text, _ := json.Marshal(a)
		answers.Write(text)
	}
	if n := p.number("SELECT count() FROM emergencies"); n != 0 {
		t.Errorf("%d rows landed", n)
	}
	if n := p.number("SELECT countIf(reason LIKE '%personal data is not taken%' OR reason LIKE '%person''s name%') FROM quarantine FINAL"); n != 3*uint64(len(rows)) {
		t.Errorf("%d of %d rows are refused as personal", n, 3*len(rows))
	}
	for _, value := range smuggled {
		if strings.Contains(log.String()+answers.String(), value) {
			t.Errorf("%q is in a log or an answer", value)
		}
	}
	if n := p.number("SELECT countIf(match(concat(file, field, reason), '\\\\d{11}|张三')) FROM quarantine"); n != 0 {
		t.Errorf("quarantine holds %d values", n)
	}
}

// A column of personal data refuses the file, whatever it is called, and neither
// its name nor its content comes back.
func TestAColumnOfPersonalDataRefusesTheFile(t *testing.T) {
	p := newProvince(t)
	for _, name := range []string{"姓名", "身份证号码", "手机", "联系电话", "银行卡号", "住址", "name_of_person", "id_card", "phone", "Mobile"} {
		p.refused("csv", "visits", "v.csv", strings.TrimSpace(visitHead)+","+name+"\n", "personal_columns")
		p.refused("ndjson", "visits", "v.ndjson", `{"`+name+`":"张三"}`, "personal_columns")
		var b bytes.Buffer
		w := parquet.NewWriter(&b, parquet.NewSchema("v", parquet.Group{name: parquet.String()}))
		w.Close()
		p.refused("parquet", "visits", "v.parquet", b.String(), "personal_columns")
	}
	// A file without headings would have its first row quoted.
	for _, first := range smuggled {
		_, err := p.take("head", "visits", "v.csv", []byte(first+",1,2\n"))
		if err == nil || strings.Contains(err.Error(), first) {
			t.Errorf("%v", err)
		}
	}
	// Later rows of NDJSON may have columns of their own: these rows are refused.
	a := p.taken("later", "visits", "v.ndjson", `{"visit":1,"household":1,"village":460105100201,"at":"2026-03-15 10:00:00","kind":"visit","result":"no_risk"}`+"\n"+
		`{"visit":2,"household":1,"village":460105100201,"at":"2026-03-15 10:00:00","kind":"visit","result":"no_risk","姓名":"张三"}`, 1, 1, 0)
	if !strings.Contains(a.Quarantine[0].Reason, "personal data") {
		t.Errorf("%+v", a.Quarantine)
	}
}

func TestKeyFiles(t *testing.T) {
	path := t.TempDir() + "/intake.key"
	made, err := intake.ReadOrMakeKey(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := intake.ReadOrMakeKey(path)
	if err != nil || made.ID() != again.ID() {
		t.Fatalf("the key is another the second time: %v", err)
	}
	chmod(t, path, 0o640)
	if _, err := intake.ReadKey(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a key that others can read: %v", err)
	}
	write(t, path, "short")
	if _, err := intake.ReadOrMakeKey(path); err == nil || !strings.Contains(err.Error(), "hexadecimal") {
		t.Errorf("a key that is none: %v", err)
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
