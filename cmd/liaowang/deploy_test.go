package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/prometheus/client_golang/prometheus"

	"liaowang/aggregator"
	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/queries/warehouse"
	"liaowang/screens/hub"
)

const (
	dashboardFile = "../../deploy/grafana/liaowang.json"
	rulesFile     = "../../deploy/prometheus/liaowang.rules.yml"
)

var describedName = regexp.MustCompile(`fqName: "([^"]+)"`)

// exported are the names of all metrics that up tells of.
func exported(t *testing.T) map[string]bool {
	t.Helper()
	registry := newRegistry()
	local, err := batch.StartLocal()
	if err != nil {
		t.Fatal(err)
	}
	defer local.Close()
	client, err := batch.Connect(local.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	store := batch.NewStore(client, "460000")
	cat, err := queries.Load()
	if err != nil {
		t.Fatal(err)
	}
	w, err := warehouse.Open(t.Context(), warehouse.Options{URL: "http://127.0.0.1:1/none", Existing: true, Registry: registry}) // is never asked
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	engineCrashes(registry)
	aggregator.New(aggregator.Options{Warehouse: w, Store: store, Catalogue: cat, Node: "one", Registry: registry})
	hub.New(hub.Options{Store: store, Catalogue: cat, Province: "460000", Registry: registry})
	all := make(chan *prometheus.Desc)
	go func() { defer close(all); registry.Describe(all) }()
	names := map[string]bool{}
	for d := range all {
		names[describedName.FindStringSubmatch(d.String())[1]] = true
	}
	return names
}

// shippedExpressions are the PromQL of dashboard and alerts, by where they stand.
func shippedExpressions(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	text, err := os.ReadFile(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	var rules struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	if err := yaml.Unmarshal(text, &rules); err != nil {
		t.Fatal(err)
	}
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			found["alert "+r.Alert] = r.Expr
		}
	}
	if text, err = os.ReadFile(dashboardFile); err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ RefID, Expr string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			found["panel "+p.Title+" "+target.RefID] = target.Expr
		}
	}
	return found
}

var usedName = regexp.MustCompile(`\bliaowang_[a-z_]+`)

// Dashboard and alerts ask for what the program tells, and for nothing else.
func TestDashboardAndAlertsNameMetricsThatAreThere(t *testing.T) {
	have := exported(t)
	used := map[string]bool{}
	for where, expression := range shippedExpressions(t) {
		for _, name := range usedName.FindAllString(expression, -1) {
			base := name
			for _, suffix := range []string{"_bucket", "_sum", "_count"} {
				if short := strings.TrimSuffix(name, suffix); !have[base] && short != name {
					base = short
				}
			}
			used[base] = true
			if !have[base] {
				t.Errorf("%s: there is no metric %s", where, name)
			}
		}
	}
	if len(used) < 15 {
		t.Errorf("only %d metrics are used: %v", len(used), slices.Sorted(maps.Keys(used)))
	}
}

// With promtool at hand (Debian's prometheus), every expression is parsed and the
// alerts' own tests are run.
func TestPrometheusReadsDashboardAndAlerts(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed")
	}
	type rule struct {
		Record string `yaml:"record"`
		Expr   string `yaml:"expr"`
	}
	var rules []rule
	expressions := shippedExpressions(t)
	for i, where := range slices.Sorted(maps.Keys(expressions)) {
		// What Grafana puts into an expression.
		expression := strings.NewReplacer("$__rate_interval", "1m", "$instance", ".*").Replace(expressions[where])
		rules = append(rules, rule{fmt.Sprintf("expression_%d", i), expression})
	}
	text, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "all", "rules": rules}}})
	if err != nil {
		t.Fatal(err)
	}
	all := filepath.Join(t.TempDir(), "all.yml")
	if err := os.WriteFile(all, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"check", "rules", all},
		{"check", "rules", "liaowang.rules.yml"},
		{"test", "rules", "liaowang.rules.test.yml"},
		{"check", "config", "prometheus.yml"},
	} {
		cmd := exec.Command(promtool, args...)
		cmd.Dir = filepath.Dir(rulesFile)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}
