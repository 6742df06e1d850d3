package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// checksTheProvince checks a running province, as an operator does; whoever changes a metric
// checks the changed folder against it before it is built.
func checksTheProvince(t *testing.T, p *process) {
	said, err := command("check", "--clickhouse", p.engine+"/liaowang").CombinedOutput()
	if err != nil || !strings.Contains(string(said), "no fault") {
		t.Fatalf("check: %v\n%s", err, said)
	}
	changed := t.TempDir()
	if err := os.CopyFS(changed, os.DirFS("../../queries")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(changed, "metrics", "leads.by_channel.sql")
	text, err := fs.ReadFile(os.DirFS(changed), "metrics/leads.by_channel.sql")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), "FROM leads FINAL", "FROM leeds FINAL, leads", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	said, err = command("check", "--clickhouse", p.engine+"/liaowang", "--queries", changed).CombinedOutput()
	if err == nil || !strings.Contains(string(said), "metrics/leads.by_channel.sql:") || !strings.Contains(string(said), "leeds") {
		t.Errorf("check of a broken metric: %v\n%s", err, said)
	}
	said, err = command("check", "--clickhouse", "http://127.0.0.1:1/liaowang").CombinedOutput()
	if err == nil || !strings.Contains(string(said), "127.0.0.1:1 does not answer") {
		t.Errorf("check of no database: %v\n%s", err, said)
	}
}

func TestSchemaPrintsBothLayouts(t *testing.T) {
	one, err := command("schema").Output()
	if err != nil || !strings.Contains(string(one), "ENGINE = ReplacingMergeTree(version)") {
		t.Fatalf("%v\n%.300s", err, one)
	}
	many, err := command("schema", "--cluster", "province").Output()
	if err != nil || !strings.Contains(string(many), "ON CLUSTER 'province'") || !strings.Contains(string(many), "ENGINE = Distributed('province'") {
		t.Fatalf("%v\n%.300s", err, many)
	}
}
