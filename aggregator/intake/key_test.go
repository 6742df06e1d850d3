package intake_test

import (
	"errors"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"liaowang/aggregator/intake"
)

// A database keeps to the key of its first delivery: under another every household
// would count twice.
func TestADatabaseKeepsToItsKey(t *testing.T) {
	p := newProvince(t)
	const households = "household,village,stability,persons\n1,460105100201,stable,3\n"
	if err := func() error {
		_, err := p.takeAs(intake.Delivery{ID: "dry", Table: "registered", File: "r.csv", Content: strings.NewReader(households), DryRun: true})
		return err
	}(); err != nil {
		t.Fatal(err)
	}
	if n := p.number("SELECT count() FROM intake_keys"); n != 0 {
		t.Error("a dry run has given the database a key")
	}
	p.taken("a", "registered", "r.csv", households, 1, 0, 0)
	other, err := intake.ReadOrMakeKey(t.TempDir() + "/other.key")
	if err != nil {
		t.Fatal(err)
	}
	stranger := p.beside(func(o *intake.Options) { o.Key = other })
	r := stranger.refused("b", "registered", "r.csv", households, "other_key")
	for _, want := range []string{p.in.Key.ID(), other.ID(), "backup"} {
		if !strings.Contains(r.Message, want) {
			t.Errorf("the refusal does not say %q: %s", want, r.Message)
		}
	}
	if _, err := stranger.takeAs(intake.Delivery{ID: "dry", Table: "registered", File: "r.csv", Content: strings.NewReader(households), DryRun: true}); err == nil {
		t.Error("a dry run compares hashes of two keys")
	}
	p.taken("b", "registered", "r.csv", households, 0, 0, 1)
	if n := p.number("SELECT count() FROM registered FINAL"); n != 1 {
		t.Errorf("%d households", n)
	}
}

// A key file is made for a database that has no key, and not for one that has:
// then it is lost.
func TestALostKeyFileIsNotMadeAnew(t *testing.T) {
	p := newProvince(t)
	path := t.TempDir() + "/intake.key"
	key, err := intake.OpenKey(t.Context(), p.w.Conn(), path)
	if err != nil {
		t.Fatal(err)
	}
	p.beside(func(o *intake.Options) { o.Key = key }).taken("a", "visits", "v.csv", oneVisit, 1, 0, 0)
	if again, err := intake.OpenKey(t.Context(), p.w.Conn(), path); err != nil || again.ID() != key.ID() {
		t.Fatalf("the key is another the second time: %v", err)
	}
	if err := os.Rename(path, path+".backup"); err != nil {
		t.Fatal(err)
	}
	_, err = intake.OpenKey(t.Context(), p.w.Conn(), path)
	var r *intake.Refusal
	if !errors.As(err, &r) || r.Code != "key_lost" || !strings.Contains(r.Message, path) || !strings.Contains(r.Message, key.ID()) {
		t.Fatalf("%v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a key file was made: %v", err)
	}
	server := httptest.NewServer(r)
	defer server.Close()
	if status, text := p.post(t, server.URL, "/intake/visits?delivery=b", oneVisit, "Content-Type", "text/csv"); status != 503 || !strings.Contains(text, `"key_lost"`) {
		t.Errorf("%d %s", status, text)
	}
	if err := os.Rename(path+".backup", path); err != nil {
		t.Fatal(err)
	}
	if again, err := intake.OpenKey(t.Context(), p.w.Conn(), path); err != nil || again.ID() != key.ID() {
		t.Errorf("the key is another after it was brought back: %v", err)
	}
}

// One thing has one key, however a file writes its number.
func TestAWholeNumberIsOneKeyInEveryFormat(t *testing.T) {
	p := newProvince(t)
	const head = "household,village,stability,persons\n"
	const row = `{"household":%,"village":460105100201,"stability":"stable","persons":3}`
	p.taken("csv", "registered", "r.csv", head+"123,460105100201,stable,3\n", 1, 0, 0)
	p.taken("csv0", "registered", "r.csv", head+"123.0,460105100201,stable,3\n１２３．００,460105100201,stable,3\n", 0, 0, 2)
	var lines []string
	for _, number := range []string{`123`, `123.0`, `"123"`, `"123.00"`} {
		lines = append(lines, strings.Replace(row, "%", number, 1))
	}
	p.taken("json", "registered", "r.ndjson", strings.Join(lines, "\n"), 0, 0, 4)
	type double struct {
		Household float64 `parquet:"household"`
		Village   int64   `parquet:"village"`
		Stability string  `parquet:"stability"`
		Persons   int32   `parquet:"persons"`
	}
	type text struct {
		Household string `parquet:"household"`
		Village   int64  `parquet:"village"`
		Stability string `parquet:"stability"`
		Persons   int32  `parquet:"persons"`
	}
	type whole struct {
		Household int64  `parquet:"household"`
		Village   int64  `parquet:"village"`
		Stability string `parquet:"stability"`
		Persons   int32  `parquet:"persons"`
	}
	p.taken("double", "registered", "r.parquet", string(parquetFile(t, []double{{123, 460105100201, "stable", 3}})), 0, 0, 1)
	p.taken("text", "registered", "r.parquet", string(parquetFile(t, []text{{"123", 460105100201, "stable", 3}, {"123.0", 460105100201, "stable", 3}})), 0, 0, 2)
	p.taken("whole", "registered", "r.parquet", string(parquetFile(t, []whole{{123, 460105100201, "stable", 3}})), 0, 0, 1)
	// What is no whole number is another, and so is one with zeros before it.
	p.taken("others", "registered", "r.csv", head+"123.5,460105100201,stable,3\n0123,460105100201,stable,3\n1.2.0,460105100201,stable,3\n1.2,460105100201,stable,3\n", 4, 0, 0)
}

// An event that is there stays as it is: one with its key and other content is
// refused and said, and is no duplicate.
func TestAnEventThatContradictsIsRefused(t *testing.T) {
	p := newProvince(t)
	row := func(visit, household, result string) string {
		return visit + "," + household + ",460105100201,2026-03-15 10:00:00,visit," + result + "\n"
	}
	p.taken("a", "visits", "v.csv", visitHead+row("1", "1", "no_risk")+row("2", "1", "no_risk"), 2, 0, 0)
	a := p.taken("b", "visits", "v.csv", visitHead+
		row("1", "1", "no_risk")+ // the same
		row("1", "1", "risk_found")+ // contradicts what is there
		row("2", "7", "no_risk")+
		row("3", "1", "no_risk")+
		row("3", "1", "no_risk")+ // the same as the row before
		row("3", "1", "risk_found"), 1, 3, 2) // contradicts it
	var lines []uint64
	for _, f := range a.Quarantine {
		if lines = append(lines, f.Line); f.Column != "" || !strings.Contains(f.Reason, "contradicts the row with the same key") {
			t.Errorf("%+v", f)
		}
	}
	if len(lines) != 3 || lines[0] != 3 || lines[1] != 4 || lines[2] != 7 {
		t.Errorf("refused lines %v", lines)
	}
	if n, m := p.number("SELECT countIf(result = 'no_risk') FROM visits FINAL"), p.number("SELECT sum(visits) FROM visits_daily"); n != 3 || m != 3 {
		t.Errorf("%d visits are as they came first, %d in the rollup", n, m)
	}
	dry, err := p.takeAs(intake.Delivery{ID: "dry", Table: "visits", File: "v.csv", Content: strings.NewReader(visitHead + row("1", "1", "risk_found") + row("4", "1", "no_risk")), DryRun: true})
	if err != nil || dry.Rejected != 1 || dry.Accepted != 1 || dry.Comparison.New != 1 {
		t.Errorf("%+v %v", dry, err)
	}
}

// A serial of 11 digits that looks like a phone is taken where the operator says
// what it is, and in no other form, column or place.
func TestSerialsOfElevenDigits(t *testing.T) {
	p := newProvince(t)
	row := "%s,%s,460105100201,2026-03-15 10:00:00,visit,no_risk\n"
	file := func(visit, household string) string {
		return visitHead + strings.Replace(strings.Replace(row, "%s", visit, 1), "%s", household, 1)
	}
	a := p.taken("a", "visits", "v.csv", file("13800001234", "1"), 0, 1, 0)
	if !strings.Contains(a.Quarantine[0].Reason, "--serials visit") {
		t.Errorf("the refusal does not say the way out: %+v", a.Quarantine)
	}
	told := p.beside(func(o *intake.Options) { o.Serials = []string{"visit"} })
	told.taken("b", "visits", "v.csv", file("13800001234", "1"), 1, 0, 0)
	told.taken("c", "visits", "v.csv", file("2", "13800001234"), 0, 1, 0)
	told.taken("d", "visits", "v.csv", file("138-0000-1234", "1"), 0, 1, 0)
	told.taken("e", "visits", "v.csv", file("张13800001234", "1"), 0, 1, 0)
	told.taken("f", "visits", "v.csv", file("460105199003071239", "1"), 0, 1, 0)
}
