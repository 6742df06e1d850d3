package warehouse_test

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"liaowang/aggregator/engine/enginetest"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// catalogueWith is the real catalogue with one file in another form. Where that is a
// metric's, others and checks are left out: reading all takes a second.
func catalogueWith(t *testing.T, name string, change func(string) string) *queries.Catalogue {
	t.Helper()
	all := fstest.MapFS{}
	for _, folder := range []string{"tables", "views", "metrics", "checks", "codes", "schema"} {
		err := fs.WalkDir(os.DirFS(".."), folder, func(path string, d fs.DirEntry, err error) error {
			alone := strings.HasPrefix(name, "metrics/") && (folder == "metrics" && path != "metrics/"+queries.RegionsMetric+".sql" || folder == "checks")
			if err != nil || d.IsDir() || alone && path != name {
				return err
			}
			text, err := os.ReadFile("../" + path)
			all[path] = &fstest.MapFile{Data: text}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if name != "" {
		before := string(all[name].Data)
		after := change(before)
		if before == after {
			t.Fatalf("nothing changed in %s", name)
		}
		all[name] = &fstest.MapFile{Data: []byte(after)}
	}
	c, err := queries.LoadFS(all)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestVerifySaysWhatIsWrongAndWhere(t *testing.T) {
	w := enginetest.Open(t, enginetest.Start(t).URL())
	found := func(c *queries.Catalogue) string {
		t.Helper()
		var all []string
		err := w.Verify(t.Context(), c, "check", time.Now().In(time.FixedZone("Asia/Shanghai", 8*60*60)), func(v warehouse.Verified) {
			for _, f := range v.Faults {
				all = append(all, f.Error())
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(all, "\n")
	}
	if got := found(catalogueWith(t, "", nil)); !strings.Contains(got, "tables/leads.yaml:1: the database has no table leads") {
		t.Fatalf("on an empty database it says %q", got)
	}
	if err := w.Migrate(t.Context(), queries.Migrations()); err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{
		"INSERT INTO regions (code, level, parent, name, version) VALUES (460000, 'province', 0, '海南省', 1), (460100, 'county', 460000, '海口市', 1), (460105100, 'township', 460100, '长流镇', 1)",
		"INSERT INTO leads (lead, village, channel, reported_at, version) VALUES (1, 460105100001, 'other', 0, 1)",
		"INSERT INTO work_orders (work_order, village, door, topic, opened_at, due_at, answered_at, version) SELECT 1, 460105100001, 'qr', 'policy', now64() - 3600, now64(), now64(), 1",
	} {
		if err := w.Conn().Exec(t.Context(), row); err != nil {
			t.Fatal(err)
		}
	}
	if got := found(catalogueWith(t, "", nil)); got != "" {
		t.Errorf("the real catalogue on a migrated database: %s", got)
	}
	lineOf := func(c *queries.Catalogue, id, words string) int {
		m, _ := c.Metric(id)
		before, _, _ := strings.Cut(m.SQL, words)
		return m.Line + strings.Count(before, "\n")
	}
	const places, regions = "leads.by_channel", "orders.answer_time"
	for _, tt := range []struct{ name, metric, from, to, words, at string }{
		{"syntax", places, "GROUP BY place, channel", "GROUP BYE place, channel", "Syntax error", "BYE"},
		{"a column that is not there", places, "       channel,\n", "       chanel,\n", "chanel", "chanel"},
		{"a code that no list knows", places, "       channel,\n", "       'post' AS channel,\n", `column channel holds "post", which code list channel does not know`, "SELECT"},
		{"columns of places in another order", places, "       channel,\n       count() AS households", "       count() AS households,\n       channel", "its header says", "SELECT"},
		{"a number where a code is due, of places", places, "       channel,\n", "       toUInt8(1) AS channel,\n", "column channel holds 1, text is expected", "SELECT"},
		{"a text that cannot be summed", places, "count() AS households", "'five' AS households", `column households holds "five", a number is expected`, "SELECT"},
		{"a level that is not promised", regions, "regions: [province, county, township]", "regions: [province, county]", "answers for a township (460105100)", "WITH"},
		{"columns in another order", regions, "toString(t.door) AS door,\n       count() AS orders", "count() AS orders,\n       toString(t.door) AS door", "its header says", "WITH"},
		{"a number where a code is due", regions, "toString(t.door) AS door", "toUInt8(1) AS door", "which is not of type code", "WITH"},
		{"two rows of a key", regions, "GROUP BY scope, door", "GROUP BY scope, door LIMIT 1\nUNION ALL SELECT '460000', 'petition', 1, 1 UNION ALL SELECT '460000', 'petition', 2, 2", `two rows for "petition"`, "WITH"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := "metrics/" + tt.metric + ".sql"
			c := catalogueWith(t, file, func(s string) string { return strings.Replace(s, tt.from, tt.to, 1) })
			got := found(c.Only(tt.metric)) // the others are well
			if want := fmt.Sprintf("%s:%d: ", file, lineOf(c, tt.metric, tt.at)); !strings.Contains(got, want) || !strings.Contains(got, tt.words) {
				t.Errorf("it says %q, want %q and %q", got, want, tt.words)
			}
		})
	}
	c := catalogueWith(t, "checks/assets.reported.sql", func(s string) string { return strings.Replace(s, "AS expected,", "AS due,", 1) })
	if got := found(c); !strings.Contains(got, "checks/assets.reported.sql:") || !strings.Contains(got, "due") {
		t.Errorf("a check's columns: %q", got)
	}
	var left uint64
	if err := w.Conn().QueryRow(t.Context(), "SELECT count() FROM system.databases WHERE name LIKE '%_cut_%'").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d cuts are left, %v", left, err)
	}
}
