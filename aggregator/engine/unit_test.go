package engine

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestSplitScript(t *testing.T) {
	type want struct {
		texts []string
		kind  statementKind // of the last
		f     string        // format of the last
		data  string
	}
	for src, w := range map[string]want{
		"":                         {},
		" ;; -- x\n;":              {},
		"SELECT 1":                 {texts: []string{"SELECT 1"}, kind: kindSelect},
		"SELECT ';' ; b":           {texts: []string{"SELECT ';'", "b"}},
		"a; /* ; /* ; */ */ b;":    {texts: []string{"a", "b"}},
		"a -- ;\n+ b; # ;\nc // ;": {texts: []string{"a -- ;\n+ b", "c"}},
		"a \";\" `;` '\\';' ''';'": {texts: []string{"a \";\" `;` '\\';' ''';'"}},
		"a $x$;$x$ $ ; b":          {texts: []string{"a $x$;$x$ $", "b"}},
		"a ‘;’ “;”;b":              {texts: []string{"a ‘;’ “;”", "b"}},
		"a 'open ; ":               {texts: []string{"a 'open ; "}},
		"SELECT 1 FORMAT CSV":      {texts: []string{"SELECT 1 FORMAT CSV"}, kind: kindSelect, f: "CSV"},
		"SELECT 1 format `CSV` SETTINGS max_threads = 1":                 {texts: []string{"SELECT 1 format `CSV` SETTINGS max_threads = 1"}, kind: kindSelect, f: "CSV"},
		"SELECT format FROM t":                                           {texts: []string{"SELECT format FROM t"}, kind: kindSelect},
		"SELECT a FROM t ORDER BY format DESC":                           {texts: []string{"SELECT a FROM t ORDER BY format DESC"}, kind: kindSelect},
		"SELECT a AS format":                                             {texts: []string{"SELECT a AS format"}, kind: kindSelect},
		"INSERT INTO t FORMAT CSV\n1;2":                                  {texts: []string{"INSERT INTO t "}, kind: kindInsert, f: "CSV", data: "1;2"},
		"INSERT INTO t FORMAT CSV  \r\n\n1":                              {texts: []string{"INSERT INTO t "}, kind: kindInsert, f: "CSV", data: "\n1"},
		"INSERT INTO `values`.format (a, `b`) SETTINGS x = 1 FORMAT CSV": {texts: []string{"INSERT INTO `values`.format (a, `b`) SETTINGS x = 1 "}, kind: kindInsert, f: "CSV"},
		"insert into table function file('a;b', 'CSV') values (1)":       {texts: []string{"insert into table function file('a;b', 'CSV') values (1)"}, f: "Values"},
		"INSERT INTO values VALUES (';'); b":                             {texts: []string{"INSERT INTO values VALUES (';')", "b"}},
		"INSERT INTO {t:Identifier} FORMAT TSV 1":                        {texts: []string{"INSERT INTO {t:Identifier} "}, kind: kindInsert, f: "TSV", data: "1"},
		"INSERT INTO t SELECT 1; b":                                      {texts: []string{"INSERT INTO t SELECT 1", "b"}},
		"INSERT INTO t (a) WITH 1 AS x SELECT x FORMAT CSV":              {texts: []string{"INSERT INTO t (a) WITH 1 AS x SELECT x FORMAT CSV"}},
		"INSERT INTO t":                                                  {texts: []string{"INSERT INTO t"}},
		"INSERT":                                                         {texts: []string{"INSERT"}},
	} {
		s, ok := splitScript(src, true)
		if !ok {
			t.Errorf("%q: not settled", src)
		}
		var texts []string
		var last statement
		for _, st := range s.statements {
			texts = append(texts, st.text)
			last = st
		}
		if !slices.Equal(texts, w.texts) || last.kind != w.kind || last.format != w.f || src[s.data:] != w.data {
			t.Errorf("%q: got %q, kind %d, format %q, data %q", src, texts, last.kind, last.format, src[s.data:])
		}
	}
}

func TestSplitScriptOfABeginning(t *testing.T) {
	for src, want := range map[string]bool{"SELECT 1": false, "INSERT INTO t FORMAT CSV": true, "a; INSERT INTO t FORMAT CSV 'x": true,
		"INSERT INTO t VALUES (1": false, "": false} {
		if _, ok := splitScript(src, false); ok != want {
			t.Errorf("%q: %v", src, ok)
		}
	}
}

func TestRefusedStatements(t *testing.T) {
	for _, src := range []string{"SELECT 1 INTO OUTFILE 'x'", "insert into t from infile 'x' format CSV", "INSERT INTO t SELECT * FROM input('a Int8') FORMAT CSV 1"} {
		s, _ := splitScript(src, true)
		if len(s.statements) != 1 || s.statements[0].refusal == "" {
			t.Errorf("%q: %+v", src, s)
		}
	}
}

func FuzzSplitScript(f *testing.F) {
	for _, s := range []string{"SELECT 1; SELECT 2", "INSERT INTO t (a) VALUES (1); b", "INSERT INTO t FORMAT CSV\n1", "'\\", "/*/**/", "$a$b$a$", "‘", "--", "a\x00;\xff"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, src string, complete bool) {
		for at := 0; at < len(src); {
			k := nextToken(src, at)
			if k.start != at || k.end <= at || k.end > len(src) {
				t.Fatalf("token %+v at %d of %q", k, at, src)
			}
			at = k.end
		}
		s, ok := splitScript(src, complete)
		if s.data < 0 || s.data > len(src) || complete && !ok && s.statements == nil {
			t.Fatalf("%q: %+v, %v", src, s, ok)
		}
		at := 0
		for _, st := range s.statements {
			i := strings.Index(src[at:], st.text)
			if st.text == "" || i < 0 {
				t.Fatalf("%q: statement %q is not a part of it, in order", src, st.text)
			}
			at += i + len(st.text)
		}
	})
}

func TestQuote(t *testing.T) {
	if got := quoteLiteral("a'\\\x00\n"); got != "'a\\'\\\\\\0\n'" {
		t.Errorf("literal %q", got)
	}
	if got := quoteIdentifier("a`\\"); got != "`a\\`\\\\`" {
		t.Errorf("identifier %q", got)
	}
	for name, want := range map[string]bool{"max_threads": true, "a.b": true, "": false, "1a": false, "a=1, b": false, "a;": false, "é": false} {
		if isSettingName(name) != want {
			t.Errorf("%q", name)
		}
	}
}

func TestNewException(t *testing.T) {
	for text, want := range map[string]Exception{
		"Code: 60. DB::Exception: x":                                 {60, "x"},
		"Error: Code: 1. DB::Exception: Code: 1. DB::Exception: x\n": {1, "x"},
		"plain": {codeStdException, "plain"},
		"Code: 99999999999999999999. DB::Exception: x": {codeStdException, "x"},
	} {
		if got := newException(text); *got != want {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestHeadLength(t *testing.T) {
	for _, c := range []struct {
		format, piece string
		want          int
	}{
		{"CSVWithNames", "\"a\n\"\"b\",\"c\"\n1\n", 12},
		{"CSVWithNamesAndTypes", "\"a\"\n\"Int8\"\n1\n", 11},
		{"TSVWithNames", "a\\nb\n1\n", 5},
		{"TSVWithNames", "no line", 7},
		{"RowBinaryWithNames", "\x02\x01a\x02bcX", 6},
		{"RowBinaryWithNamesAndTypes", "\x01\x01a\x04Int8X", 8},
		{"RowBinaryWithNames", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01a", 11},
		{"CSV", "1\n", 0},
	} {
		if got := headLength(c.format, framingOf(c.format), []byte(c.piece)); got != c.want {
			t.Errorf("%s %q: %d, want %d", c.format, c.piece, got, c.want)
		}
	}
}

func TestFindLibrary(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv(LibraryVariable, "")
	if _, err := FindLibrary(""); err == nil || !strings.Contains(err.Error(), "make engine") || !strings.Contains(err.Error(), dir) {
		t.Errorf("nothing there: %v", err)
	}
	arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	file := filepath.Join(dir, "node_modules", "@chdb", "lib-linux-"+arch+"-gnu", "libchdb.so")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	below := filepath.Join(dir, "a", "b")
	if err := os.MkdirAll(below, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(below)
	if got, err := FindLibrary(""); err != nil || got != file {
		t.Errorf("upwards: %q, %v", got, err)
	}
	t.Setenv(LibraryVariable, filepath.Join(dir, "other.so"))
	if _, err := FindLibrary(""); err == nil || !strings.Contains(err.Error(), LibraryVariable) {
		t.Errorf("variable: %v", err)
	}
	if got, err := FindLibrary(file); err != nil || got != file {
		t.Errorf("explicit: %q, %v", got, err)
	}
}

func TestAcceptedEncoding(t *testing.T) {
	for header, want := range map[string]string{"": "", "gzip": "gzip", "gzip, deflate, br": "br", "gzip;q=0": "", "identity": "", "ZSTD ; q=0.5": "zstd"} {
		if got := acceptedEncoding(header); got != want {
			t.Errorf("%q: %q", header, got)
		}
	}
}

func TestLinesAreBounded(t *testing.T) {
	var l lastLines
	for range 100 {
		l.add("before")
	}
	l.add("SIGSEGV: segmentation violation")
	for range 100 {
		l.add("goroutine")
	}
	lines := l.lines()
	if lines[0] != "SIGSEGV: segmentation violation" || len(lines) > firstKept+lastKept {
		t.Errorf("%d lines, first %q", len(lines), lines[0])
	}
	if got := oneLine(strings.Repeat("语", 1000) + "\n"); len(got) > 1010 || !strings.HasSuffix(got, "…") || bytes.ContainsRune([]byte(got), '\uFFFD') {
		t.Errorf("%d bytes", len(got))
	}
}
