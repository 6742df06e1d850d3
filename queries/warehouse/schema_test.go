package warehouse_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"liaowang/aggregator/engine/enginetest"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// described is what a database says of its tables: a line a column, sorted.
func described(t *testing.T, w *warehouse.Warehouse) []string {
	t.Helper()
	rows, err := w.Conn().Query(t.Context(), `
SELECT concat(table, '.', name, ' ', type, ' default ', default_expression)
FROM system.columns
WHERE database = currentDatabase() AND table NOT LIKE 'goose%'
ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// The migrations bring a database to what the tables' files say, whether it is a
// new one or one that holds the first schema with rows in it.
func TestMigrationsMakeWhatTheTablesFilesSay(t *testing.T) {
	url := enginetest.Start(t).URL()
	schema, err := queries.LoadSchema()
	if err != nil {
		t.Fatal(err)
	}
	wanted := enginetest.Open(t, url+"/wanted")
	statements, err := schema.DDL(queries.Layout{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if err := wanted.Conn().Exec(t.Context(), s); err != nil {
			t.Fatalf("%s\n%v", s, err)
		}
	}

	fresh := enginetest.Open(t, url+"/fresh")
	if err := fresh.Migrate(t.Context(), queries.Migrations()); err != nil {
		t.Fatal(err)
	}

	first, err := os.ReadFile("testdata/first_schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	old := enginetest.Open(t, url+"/old")
	if err := old.Migrate(t.Context(), fstest.MapFS{"0001_province.sql": {Data: first}}); err != nil {
		t.Fatal(err)
	}
	if err := old.Conn().Exec(t.Context(), "INSERT INTO leads (lead, village, channel, reported_at, version) VALUES (1, 460105100001, 'other', 0, 1)"); err != nil {
		t.Fatal(err)
	}
	if err := old.Migrate(t.Context(), queries.Migrations()); err != nil {
		t.Fatal(err)
	}
	var kept uint64
	if err := old.Conn().QueryRow(t.Context(), "SELECT count() FROM leads WHERE department IS NULL").Scan(&kept); err != nil || kept != 1 {
		t.Fatalf("%d rows of the older database are left, %v", kept, err)
	}

	want := described(t, wanted)
	own := func(line string) bool { // tables that the migrations make for the program
		return strings.HasPrefix(line, "batches.") || strings.HasPrefix(line, "batch_frames.") || strings.HasPrefix(line, "history.") || strings.HasPrefix(line, "demo_province.")
	}
	for name, w := range map[string]*warehouse.Warehouse{"fresh": fresh, "old": old} {
		got := slices.DeleteFunc(described(t, w), own)
		for _, line := range want {
			if !slices.Contains(got, line) {
				t.Errorf("the %s database lacks %s", name, line)
			}
		}
		for _, line := range got {
			if !slices.Contains(want, line) {
				t.Errorf("the %s database has %s, no table's file says so", name, line)
			}
		}
	}
}

// What the migrations make for the program itself, a cluster's schema makes, too.
func TestAClusterHasTheProgramsOwnTables(t *testing.T) {
	p := enginetest.Start(t)
	one, shard := enginetest.Open(t, p.URL()+"/one"), enginetest.Open(t, p.URL()+"/shard")
	if err := one.Migrate(t.Context(), queries.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := one.KeepBatches(t.Context(), 30); err != nil {
		t.Fatal(err)
	}
	schema, err := queries.LoadSchema()
	if err != nil {
		t.Fatal(err)
	}
	statements, err := schema.DDL(queries.Layout{Cluster: "province", Single: true, Apart: true})
	if err != nil {
		t.Fatal(err)
	}
	tables, err := schema.OnCluster()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if strings.Contains(s, "_local\n(") {
			if err := shard.Conn().Exec(t.Context(), s); err != nil {
				t.Fatalf("%s\n%v", s, err)
			}
		}
	}
	for _, table := range tables {
		var made [2]string
		for i, database := range []string{"one", "shard"} {
			name := table.Name + []string{"", "_local"}[i]
			err := one.Conn().QueryRow(t.Context(), `
				SELECT concat(any(engine_full), '\n', any(t.comment), '\n', arrayStringConcat(groupArray(concat(c.name, ' ', c.type, ' ', c.default_expression, ' ', c.comment, ' ', c.compression_codec)), '\n'))
				FROM (SELECT * FROM system.columns WHERE database = {d:String} AND table = {t:String} ORDER BY name) AS c
				JOIN system.tables AS t ON t.database = c.database AND t.name = c.table`, named("d", database), named("t", name)).Scan(&made[i])
			if err != nil {
				t.Fatal(err)
			}
		}
		if made[0] != made[1] || made[0] == "" {
			t.Errorf("%s: one machine has\n%s\na shard\n%s", table.Name, made[0], made[1])
		}
	}
}

// Every column of every table says what it is.
func TestEveryColumnHasAComment(t *testing.T) {
	w := enginetest.Open(t, enginetest.StartMigrated(t).URL())
	for _, what := range []string{
		"SELECT groupArray(concat(table, '.', name)) FROM system.columns WHERE database = currentDatabase() AND table NOT LIKE 'goose%' AND table IN (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine NOT LIKE '%View') AND comment = ''",
		"SELECT groupArray(name) FROM system.tables WHERE database = currentDatabase() AND name NOT LIKE 'goose%' AND name NOT LIKE '%_view' AND comment = ''",
	} {
		var without []string
		if err := w.Conn().QueryRow(t.Context(), what).Scan(&without); err != nil {
			t.Fatal(err)
		}
		if len(without) > 0 {
			t.Errorf("no comment on %v", without)
		}
	}
}

// Both layouts come from the same files. The engine here is one machine: it makes
// every table of the one, and reads every statement of the other.
func TestTheClusterLayoutIsReadByClickHouse(t *testing.T) {
	w := enginetest.Open(t, enginetest.Start(t).URL())
	schema, err := queries.LoadSchema()
	if err != nil {
		t.Fatal(err)
	}
	statements, err := schema.DDL(queries.Layout{Cluster: "province"})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, s := range statements {
		var formatted string
		if err := w.Conn().QueryRow(t.Context(), "SELECT formatQuery({statement:String})", named("statement", s)).Scan(&formatted); err != nil {
			t.Errorf("%s\n%v", s, err)
			continue
		}
		if !strings.Contains(formatted, "ON CLUSTER province") && !strings.Contains(formatted, "ON CLUSTER 'province'") {
			t.Errorf("not on the cluster: %s", formatted)
		}
		for _, kind := range []string{"ReplicatedMergeTree", "ReplicatedReplacingMergeTree", "ReplicatedSummingMergeTree", "Distributed(", "MATERIALIZED VIEW"} {
			if strings.Contains(formatted, kind) {
				kinds[kind]++
			}
		}
		// Without its cluster's own words the local table must be one that the
		// engine here makes.
		if strings.Contains(s, "ENGINE = Replicated") {
			local := strings.Replace(s, " ON CLUSTER 'province'", "", 1)
			local = unreplicated(local)
			if err := w.Conn().Exec(t.Context(), local); err != nil {
				t.Errorf("%s\n%v", local, err)
			}
		}
	}
	tables, rollups, own := 0, 0, 4
	for _, table := range schema.Tables {
		tables++
		if table.Kind == queries.KindRollup {
			rollups++
		}
	}
	want := map[string]int{"ReplicatedReplacingMergeTree": tables - rollups + 1, "ReplicatedMergeTree": own - 1, "ReplicatedSummingMergeTree": rollups, "Distributed(": tables + own, "MATERIALIZED VIEW": rollups}
	if fmt.Sprint(kinds) != fmt.Sprint(want) {
		t.Errorf("statements are %v, want %v", kinds, want)
	}
}

// unreplicated takes from ENGINE = ReplicatedX('path', 'replica', rest) what one
// machine cannot have.
func unreplicated(s string) string {
	before, after, _ := strings.Cut(s, "ENGINE = Replicated")
	engine, rest, _ := strings.Cut(after, "(")
	arguments, rest, _ := strings.Cut(rest, ")")
	parts := strings.SplitN(arguments, ", ", 3)
	last := ""
	if len(parts) == 3 {
		last = parts[2]
	}
	return before + "ENGINE = " + engine + "(" + last + ")" + rest
}

// Rows that arrive twice under one token count once, in the table and in the
// rollup that follows it; two visits that look alike to the rollup are two.
func TestARollupFollowsItsTable(t *testing.T) {
	w := enginetest.Open(t, enginetest.StartMigrated(t).URL())
	for _, at := range []string{"2026-03-14 15:59:58", "2026-03-14 15:59:59", "2026-03-14 16:00:00"} { // two before and one at midnight in Asia/Shanghai
		for range 2 {
			err := w.Conn().Exec(t.Context(), "INSERT INTO visits (visit, household, village, at, kind, result) SETTINGS insert_deduplication_token = '"+at+"', deduplicate_blocks_in_dependent_materialized_views = 1 VALUES (cityHash64('"+at+"'), 1, 460105100001, '"+at+"', 'visit', 'no_risk')")
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	var days []string
	if err := w.Conn().QueryRow(t.Context(), "SELECT groupArray(line) FROM (SELECT concat(toString(day), ' ', toString(sum(visits))) AS line FROM visits_daily GROUP BY day ORDER BY day)").Scan(&days); err != nil {
		t.Fatal(err)
	}
	if want := []string{"2026-03-14 2", "2026-03-15 1"}; !slices.Equal(days, want) {
		t.Errorf("the rollup says %v, want %v", days, want)
	}
}
