package engine

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestPing(t *testing.T) {
	p := sharedEngine(t)
	for _, path := range []string{"/ping", "/"} {
		r, _ := http.NewRequest(http.MethodGet, p.URL()+path, nil)
		do(t, r).want(t, "Ok.\n")
	}
	r, _ := http.NewRequest(http.MethodGet, p.URL()+"/nowhere", nil)
	if got := do(t, r); got.status != http.StatusNotFound {
		t.Errorf("unknown path: %d", got.status)
	}
}

func TestForeignRequestsAreRefused(t *testing.T) {
	p := sharedEngine(t)
	for _, change := range []func(*http.Request){
		func(r *http.Request) { r.Host = "evil.example:8123" },
		func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
	} {
		r, _ := http.NewRequest(http.MethodPost, p.URL()+"/", strings.NewReader("SELECT 1"))
		change(r)
		if got := do(t, r); got.status != http.StatusForbidden {
			t.Errorf("got %d %q", got.status, got.body)
		}
	}
}

func TestPlainQueries(t *testing.T) {
	p := sharedEngine(t)
	post(t, p, "SELECT 1").want(t, "1\n")
	post(t, p, "", "query", "SELECT 1 AS x FORMAT JSONEachRow").want(t, "{\"x\":1}\n")
	post(t, p, "SELECT 1 AS x, 'a' AS y", "default_format", "CSVWithNames").want(t, "\"x\",\"y\"\n1,\"a\"\n")
	post(t, p, "+ 1", "query", "SELECT 1").want(t, "2\n")
	post(t, p, "SELECT {x:UInt8} + 1;", "param_x", "41").want(t, "42\n")
	post(t, p, "SHOW DATABASES LIKE 'default'").want(t, "default\n")
	post(t, p, "WITH 5 AS five SELECT five").want(t, "5\n")
	post(t, p, "SELECT currentDatabase()", "database", "system", "user", "u", "password", "p", "session_id", "s").want(t, "system\n")
	r, _ := http.NewRequest(http.MethodPost, p.URL()+"/", strings.NewReader("SELECT currentDatabase() AS d"))
	r.Header.Set("X-ClickHouse-Format", "JSONEachRow")
	r.Header.Set("X-ClickHouse-Database", "system")
	r.Header.Set("X-ClickHouse-User", "default")
	do(t, r).want(t, "{\"d\":\"system\"}\n")

	got := post(t, p, "SELECT number FROM numbers(10)", "query_id", "my-id")
	var summary map[string]string
	if err := json.Unmarshal([]byte(got.header.Get("X-ClickHouse-Summary")), &summary); err != nil || summary["read_rows"] != "10" || summary["result_rows"] != "10" {
		t.Errorf("summary %v, %v", summary, err)
	}
	for name, want := range map[string]string{"X-ClickHouse-Query-Id": "my-id", "X-ClickHouse-Format": "TabSeparated",
		"Content-Type": "text/tab-separated-values; charset=UTF-8"} {
		if got.header.Get(name) != want {
			t.Errorf("%s is %q", name, got.header.Get(name))
		}
	}
	if got.header.Get("X-ClickHouse-Timezone") == "" {
		t.Error("no time zone")
	}
}

func TestExceptions(t *testing.T) {
	p := sharedEngine(t)
	post(t, p, "SELEC 1").wantCode(t, 400, "62")
	post(t, p, "").wantCode(t, 400, "62")
	post(t, p, "SELECT * FROM no_such_table").wantCode(t, 404, "60")
	post(t, p, "SELECT 1", "database", "no_such_database").wantCode(t, 404, "81")
	post(t, p, "SELECT 1", "no_such_setting", "1").wantCode(t, 404, "115")
	post(t, p, "SELECT 1", "max_threads=1, readonly", "1").wantCode(t, 404, "115")
	post(t, p, "SELECT throwIf(1)").wantCode(t, 500, "395")
	post(t, p, "SELECT {x:UInt8}").wantCode(t, 400, "456")
	post(t, p, "SELECT {x:UInt8}", "param_x", "'1'); DROP").wantCode(t, 400, "457")
	post(t, p, "INSERT INTO no_such_table FORMAT CSV\n1\n").wantCode(t, 404, "60")
	post(t, p, "SELECT 1 INTO OUTFILE '/tmp/x'").wantCode(t, 501, "48")
	post(t, p, "INSERT INTO t SELECT * FROM input('a Int8') FORMAT CSV\n1\n").wantCode(t, 501, "48")
	post(t, p, "SELECT '"+strings.Repeat("a", maxScript)+"'").wantCode(t, 413, "229")
	post(t, p, "SELECT 1", "max_execution_time", "x").wantCode(t, 400, "72")
	r, _ := http.NewRequest(http.MethodGet, p.URL()+"/?query=CREATE+DATABASE+by_get", nil)
	do(t, r).wantCode(t, 403, "164")
}

func TestMaxExecutionTime(t *testing.T) {
	p := sharedEngine(t)
	started := time.Now()
	post(t, p, "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1", "max_execution_time", "0.3").wantCode(t, 408, "159")
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestInsertFormats(t *testing.T) {
	p := sharedEngine(t)
	post(t, p, "CREATE OR REPLACE TABLE formats (a UInt32, s String) ENGINE = MergeTree ORDER BY a").want(t, "")
	got := post(t, p, "{\"a\":1,\"s\":\"eins; 'x'\"}\n{\"a\":2,\"s\":\"\\u0000\"}\n", "query", "INSERT INTO formats FORMAT JSONEachRow")
	got.want(t, "")
	if !strings.Contains(got.header.Get("X-ClickHouse-Summary"), `"written_rows":"2"`) {
		t.Errorf("summary %s", got.header.Get("X-ClickHouse-Summary"))
	}
	post(t, p, "INSERT INTO formats FORMAT CSV\n3,\"d;rei\"\n4,vier\n").want(t, "")
	post(t, p, "(5, 'fünf'), (2 * 3, 'a;b')", "query", "INSERT INTO formats (a, s) VALUES").want(t, "")
	post(t, p, "INSERT INTO formats SETTINGS max_insert_block_size = 1 VALUES (7, 'x'), (8, 'y');").want(t, "")
	post(t, p, "\x09\x00\x00\x00\x03;\x00\n", "query", "INSERT INTO {t:Identifier} FORMAT RowBinary", "param_t", "formats").want(t, "")
	post(t, p, "INSERT INTO formats SELECT number + 10, 'n' FROM numbers(2)").want(t, "")
	post(t, p, "SELECT a, s FROM formats ORDER BY a").want(t,
		"1\teins; \\'x\\'\n2\t\\0\n3\td;rei\n4\tvier\n5\tfünf\n6\ta;b\n7\tx\n8\ty\n9\t;\\0\\n\n10\tn\n11\tn\n")
	post(t, p, "INSERT INTO formats FORMAT JSONEachRow\n{\"a\":\"zz\"}").wantCode(t, 400, "27")
}

func TestInsertLargerThanTheScript(t *testing.T) {
	p := sharedEngine(t)
	post(t, p, "CREATE OR REPLACE TABLE large (a UInt32) ENGINE = MergeTree ORDER BY a").want(t, "")
	var b strings.Builder
	b.WriteString("INSERT INTO large VALUES ")
	n := 0
	for ; b.Len() < maxScript+1<<20; n++ {
		fmt.Fprintf(&b, "(%d),", n)
	}
	post(t, p, strings.TrimSuffix(b.String(), ",")+";").want(t, "")
	post(t, p, "SELECT count(), max(a) FROM large").want(t, fmt.Sprintf("%d\t%d\n", n, n-1))
}

func TestInsertCutOffStoresNothing(t *testing.T) {
	p := sharedEngine(t)
	post(t, p, "CREATE OR REPLACE TABLE cut_off (a UInt32) ENGINE = MergeTree ORDER BY a").want(t, "")
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(context.Background())
	request, _ := http.NewRequestWithContext(ctx, http.MethodPost, p.URL()+"/?query=INSERT+INTO+cut_off+FORMAT+CSV", r)
	done := make(chan error, 1)
	go func() {
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			response.Body.Close()
		}
		done <- err
	}()
	if _, err := io.WriteString(w, strings.Repeat("1\n", 100_000)); err != nil {
		t.Fatal(err)
	}
	cancel()
	w.CloseWithError(errors.New("cut off"))
	if err := <-done; err == nil {
		t.Fatal("the request went well")
	}
	eventually(t, "the insert is gone", func() bool {
		return post(t, p, "SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO cut_off%'").body == "0\n"
	})
	post(t, p, "SELECT count() FROM cut_off").want(t, "0\n")
}

func TestScript(t *testing.T) {
	p := sharedEngine(t)
	post(t, p, `-- a comment; with a semicolon
		CREATE OR REPLACE TABLE script (a UInt32, `+"`b;c`"+` String DEFAULT ';') ENGINE = MergeTree ORDER BY a; /* ; */ ;
		INSERT INTO script VALUES (1, 'x;''y\';'), (2, ';');
		INSERT INTO script (a) VALUES (3);
		SELECT * FROM script ORDER BY a;
	`).want(t, "1\tx;\\'y\\';\n2\t;\n3\t;\n")
	post(t, p, "CREATE OR REPLACE TABLE script (z Int8) ENGINE = Memory; SELECT nonsense; DROP TABLE script").wantCode(t, 404, "47")
	post(t, p, "DESCRIBE TABLE script FORMAT TSVRaw").want(t, "z\tInt8\t\t\t\t\t\n")
	post(t, p, "INSERT INTO script VALUES (1); INSERT INTO script FORMAT CSV\n2\n3;\n").wantCode(t, 400, "117")
}

func TestNothingLeaksBetweenRequests(t *testing.T) {
	p := sharedEngine(t)
	post(t, p, "CREATE DATABASE IF NOT EXISTS elsewhere").want(t, "")
	for range 2 * 4 { // more often than there are connections
		post(t, p, "SELECT getSetting('max_block_size'), {x:String}, currentDatabase()",
			"max_block_size", "123", "param_x", "secret", "database", "elsewhere").want(t, "123\tsecret\telsewhere\n")
		post(t, p, "SET max_block_size = 124; SET param_x = 'secret'; USE elsewhere; CREATE TEMPORARY TABLE mine (a Int8); SELECT getSetting('max_block_size')").want(t, "124\n")
	}
	for range 2 * 4 {
		post(t, p, "SELECT getSetting('max_block_size'), currentDatabase()").want(t, "65409\tdefault\n")
		post(t, p, "SELECT {x:String}").wantCode(t, 400, "456")
		post(t, p, "SELECT * FROM mine").wantCode(t, 404, "60")
	}
}

func TestAKeptSessionBringsNothing(t *testing.T) {
	p := sharedEngine(t)
	// One place after the other, so that each request could have the session of the last.
	ask := func(what, database, threads string, args ...string) reply {
		return post(t, p, what, append([]string{"database", database, "max_threads", threads}, args...)...)
	}
	for range 3 {
		ask("SELECT {x:UInt8}, getSetting('max_threads')", "default", "3", "param_x", "41").want(t, "41\t3\n")
		if got := ask("SELECT {x:UInt8}", "default", "3"); got.status == http.StatusOK {
			t.Fatalf("a parameter of the request before: %q", got.body)
		}
		ask("SELECT getSetting('max_threads'), currentDatabase()", "system", "2").want(t, "2\tsystem\n")
		ask("SELECT getSetting('max_block_size') SETTINGS max_block_size = 77", "default", "2").want(t, "77\n")
		ask("SELECT getSetting('max_block_size') = 77, getSetting('max_threads')", "default", "4").want(t, "0\t4\n")
		ask("SET max_block_size = 78", "default", "2")
		ask("SELECT getSetting('max_block_size') = 78", "default", "2").want(t, "0\n")
		ask("CREATE TEMPORARY TABLE of_one (x UInt8)", "default", "2")
		ask("USE system", "default", "2")
		ask("SELECT currentDatabase()", "default", "2").want(t, "default\n")
		if got := ask("SELECT * FROM of_one", "default", "2"); got.status == http.StatusOK {
			t.Fatal("a temporary table of another request")
		}
		ask("SELECT throwIf(1)", "default", "2")
		ask("SELECT getSetting('max_threads')", "default", "2").want(t, "2\n")
		ask("SELECT getSetting('readonly')", "default", "2").want(t, "0\n")
		ask("SELECT getSetting('max_threads')", "default", "5", "readonly", "1").want(t, "5\n")
		ask("SELECT getSetting('max_threads'), getSetting('readonly')", "default", "6", "readonly", "0").want(t, "6\t0\n")
		r, _ := http.NewRequest(http.MethodGet, p.URL()+"/?database=default&max_threads=2&query="+url.QueryEscape("SELECT getSetting('readonly')"), nil)
		do(t, r).want(t, "2\n")
	}
}

func TestFormatsInPieces(t *testing.T) {
	p := sharedEngine(t)
	const query = "SELECT number AS `a\n\"b`, toString(number) AS s FROM numbers(%d) SETTINGS max_block_size = 3 FORMAT %s"
	for _, format := range []string{"TSV", "TSVWithNames", "TabSeparatedWithNamesAndTypes", "CSV", "CSVWithNames", "CSVWithNamesAndTypes",
		"JSONEachRow", "JSONCompactEachRowWithNames", "RowBinaryWithNames", "RowBinaryWithNamesAndTypes", "JSON", "JSONCompact",
		"Values", "Parquet", "Markdown", "Vertical"} {
		for _, rows := range []int{0, 1, 10} {
			// One big block cannot come in pieces.
			whole := post(t, p, strings.Replace(fmt.Sprintf(query, rows, format), "= 3", "= 100", 1))
			pieces := post(t, p, fmt.Sprintf(query, rows, format))
			if format == "JSON" || format == "JSONCompact" {
				whole.body, _, _ = strings.Cut(whole.body, "statistics")
				pieces.body, _, _ = strings.Cut(pieces.body, "statistics")
			}
			if format == "Parquet" {
				if whole.status != 200 || pieces.status != 200 {
					t.Errorf("Parquet, %d rows: %d %d", rows, whole.status, pieces.status)
				}
				continue
			}
			if rows > 0 && whole.body == "" || whole.body != pieces.body {
				t.Errorf("%s, %d rows: got %q, want %q", format, rows, pieces.body, whole.body)
			}
		}
	}
}

func TestResultInOnePieceIsBounded(t *testing.T) {
	p := sharedEngine(t)
	post(t, p, "SELECT number FROM numbers(10000000) FORMAT JSON").wantCode(t, 500, "396")
	post(t, p, "CREATE OR REPLACE TABLE n (a UInt64) ENGINE = Memory; INSERT INTO n SELECT number FROM numbers(10000000); SELECT count() FROM n FORMAT Values; DROP TABLE n").want(t, "(10000000)")
}

func TestErrorWithinAStream(t *testing.T) {
	p := sharedEngine(t)
	response, err := http.Post(p.URL()+"/", "", strings.NewReader("SELECT number, throwIf(number = 300000) FROM numbers(400000) SETTINGS max_threads = 1, max_block_size = 10000"))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("status %d: not a stream", response.StatusCode)
	}
	var b bytes.Buffer
	if _, err := io.Copy(&b, response.Body); err == nil {
		t.Error("the body ended well")
	}
	tail := b.String()[max(0, b.Len()-1000):]
	if !strings.Contains(tail, "\r\n__exception__\r\n"+response.Header.Get("X-ClickHouse-Exception-Tag")+"\r\nCode: 395. ") {
		t.Errorf("no exception in %q", tail)
	}
	post(t, p, "SELECT number, throwIf(number = 300000) FROM numbers(400000)", "wait_end_of_query", "1").wantCode(t, 500, "395")
}

func TestHTTPCompression(t *testing.T) {
	p := sharedEngine(t)
	var body bytes.Buffer
	z := gzip.NewWriter(&body)
	io.WriteString(z, "SELECT * FROM numbers(100000)")
	z.Close()
	r, _ := http.NewRequest(http.MethodPost, p.URL()+"/?enable_http_compression=1", &body)
	r.Header.Set("Content-Encoding", "gzip")
	r.Header.Set("Accept-Encoding", "gzip")
	got := do(t, r)
	if got.header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("encoding %q, %d", got.header.Get("Content-Encoding"), got.status)
	}
	u, err := gzip.NewReader(strings.NewReader(got.body))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(u)
	if err != nil || bytes.Count(plain, []byte("\n")) != 100_000 {
		t.Errorf("%d lines, %v", bytes.Count(plain, []byte("\n")), err)
	}
	for _, encoding := range []string{"gzip", "zstd", "lz4", "deflate", "br"} {
		r, _ := http.NewRequest(http.MethodPost, p.URL()+"/", strings.NewReader("garbage"))
		r.Header.Set("Content-Encoding", encoding)
		if got := do(t, r); got.status != http.StatusBadRequest {
			t.Errorf("%s: %d %q", encoding, got.status, got.body)
		}
	}
	post(t, p, "garbage that is not compressed at all, though it says so", "decompress", "1").wantCode(t, 400, "117")
}

func TestClientThatLeavesFreesItsPlace(t *testing.T) {
	p := sharedEngine(t)
	var gone sync.WaitGroup
	for range 8 { // twice the places
		gone.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
			defer cancel()
			r, _ := http.NewRequestWithContext(ctx, http.MethodPost, p.URL()+"/",
				strings.NewReader("SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"))
			if response, err := http.DefaultClient.Do(r); err == nil {
				response.Body.Close()
				t.Error("an answer")
			}
		})
	}
	gone.Wait()
	started := time.Now()
	post(t, p, "SELECT 1").want(t, "1\n")
	eventually(t, "no query runs", func() bool {
		return post(t, p, "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%processes%'").body == "0\n"
	})
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestSlowReaderThatLeaves(t *testing.T) {
	p := sharedEngine(t)
	response, err := http.Post(p.URL()+"/", "", strings.NewReader("SELECT number FROM numbers(1000000000)"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(response.Body, make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	eventually(t, "the query is gone", func() bool {
		return post(t, p, "SELECT count() FROM system.processes WHERE query LIKE '%1000000000%' AND query NOT LIKE '%processes%'").body == "0\n"
	})
}

func TestMemoryStaysBounded(t *testing.T) {
	p := sharedEngine(t)
	const query = "SELECT number, toString(number), repeat('x', 100) FROM numbers(2000000)"
	read := func() int64 {
		response, err := http.Post(p.URL()+"/", "", strings.NewReader(query))
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		n, err := io.Copy(io.Discard, response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	read()
	before := residentMiB(t, p.PID())
	n := read() >> 20
	if grown := residentMiB(t, p.PID()) - before; n < 200 || grown > 60 {
		t.Errorf("%d MiB of output made the engine grow by %d MiB", n, grown)
	}
}

func residentMiB(t *testing.T, pid int) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	// The peak, so that nothing is missed between two looks.
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kib >> 10
}
