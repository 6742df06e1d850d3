package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"liaowang/aggregator/intake"
	"liaowang/queries"
)

// A department's first day: it is given the contracts and examples, sends the
// examples as they are, sends them again, corrects a bad file, and the operator
// brings the same file in another way.
func TestADepartmentDelivers(t *testing.T) {
	data := loaded(t)
	p := up(t, "--data", data, "--demo", "still")
	schema, err := queries.LoadSchema()
	if err != nil {
		t.Fatal(err)
	}
	files := t.TempDir()
	var all []string
	given := func(table, format, ending string) string {
		t.Helper()
		example, err := command("contract", table, "--format", format).Output()
		if err != nil {
			t.Fatalf("contract %s: %v", table, err)
		}
		name := filepath.Join(files, table+ending)
		if err := os.WriteFile(name, example, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for _, table := range intake.Deliverable(schema) {
		all = append(all, given(table, "example", ".csv"))
	}
	for _, table := range []string{"households", "visits"} { // package intake takes all of them
		given(table, "example-ndjson", ".ndjson")
	}
	send := func(args ...string) (string, error) {
		said, err := command(append([]string{"intake", "--to", p.url}, args...)...).CombinedOutput()
		return string(said), err
	}
	const count = "SELECT sum(rows) FROM system.parts WHERE active AND database = 'liaowang' AND table NOT IN ('batches', 'batch_frames', 'goose_db_version', 'daily_figures', 'intake_leases')"
	before, there := p.number("SELECT count() FROM households FINAL"), p.number(count)
	if said, err := send(append([]string{"--dry-run"}, all...)...); err != nil {
		t.Fatalf("dry run of the examples: %v\n%s", err, said)
	}
	if now := p.number(count); now != there {
		t.Fatalf("a dry run has written %d rows", now-there)
	}
	if said, err := send(all...); err != nil {
		t.Fatalf("the examples: %v\n%s", err, said)
	}
	households := p.number("SELECT count() FROM households FINAL")
	if households <= before {
		t.Fatal("no household of the example is there")
	}
	// The same rows in another format are another delivery of what is there already.
	for _, again := range []string{"households.csv", "households.ndjson", "visits.ndjson"} {
		if said, err := send(filepath.Join(files, again)); err != nil {
			t.Fatalf("%s again: %v\n%s", again, err, said)
		}
	}
	if now := p.number("SELECT count() FROM households FINAL"); now != households {
		t.Errorf("%d households were there, after the same again %d", households, now)
	}
	if rows, rolled := p.number("SELECT count() FROM visits FINAL"), p.number("SELECT sum(visits) FROM visits_daily"); rows == 0 || rows != rolled {
		t.Errorf("%d visits, rolled up %d", rows, rolled)
	}

	bad := filepath.Join(files, "bad.csv")
	const phone = "13907551234"
	if err := os.WriteFile(bad, []byte("lead,village,channel,reported_at\nL-1,460105100201,rumour,2026-03-01 10:00:00\nL-2,460105100201,other,2026-03-01 10:00:00\n"+phone+",460105100201,other,2026-03-01 10:00:00\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := send("--table", "leads", bad)
	if err == nil || strings.Contains(said, phone) {
		t.Errorf("a file with two bad rows: %v\n%s", err, said)
	}
	if n := p.number("SELECT count() FROM quarantine FINAL WHERE file = 'bad.csv'"); n != 2 {
		t.Errorf("%d rows in quarantine, want 2", n)
	}

	// The operator, without the server: the same key makes the same households.
	said = ""
	out, err := command("intake", "--clickhouse", p.engine+"/liaowang", "--key", filepath.Join(data, "intake.key"), filepath.Join(files, "households.ndjson")).CombinedOutput()
	if said = string(out); err != nil {
		t.Fatalf("--clickhouse: %v\n%s", err, said)
	}
	if now := p.number("SELECT count() FROM households FINAL"); now != households {
		t.Errorf("through --clickhouse %d households become %d", households, now)
	}
}

func TestContractsAreForPeopleAndPrograms(t *testing.T) {
	text, err := command("contract").Output()
	if err != nil || !strings.Contains(string(text), "监测对象") || !strings.Contains(string(text), "因病") {
		t.Fatalf("%v\n%.400s", err, text)
	}
	schema, err := command("contract", "households", "--format", "json-schema").Output()
	if err != nil || !json.Valid(schema) {
		t.Fatalf("%v\n%.400s", err, schema)
	}
	said, err := command("contract", "batches").CombinedOutput()
	if err == nil || !strings.Contains(string(said), `no table "batches" that takes deliveries`) {
		t.Errorf("%v\n%s", err, said)
	}
}

// number asks the engine for one number.
func (p *process) number(sql string) (n int) {
	p.t.Helper()
	resp := p.ask(sql)
	if _, err := fmt.Sscan(resp, &n); err != nil {
		p.t.Fatalf("%s: %q", sql, resp)
	}
	return n
}

func TestAHashInLettersIsNoNumber(t *testing.T) {
	if got := letters([]byte{0x13, 0x81, 0x23, 0xff}); got != "bdibcdpp" || strings.ContainsAny(got, "0123456789") {
		t.Errorf("%q", got)
	}
}
