package main

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"liaowang/screens/export/pdf"
)

// causesOfPDF are the households by cause as a reader of the file finds them: names and
// numbers, each in the order in which they are written.
func causesOfPDF(t *testing.T, body []byte, names []string) (rows [][2]string) {
	t.Helper()
	doc, err := pdf.Read(body)
	if err != nil {
		t.Fatal(err)
	}
	var found, numbers []string
	for _, p := range doc.Pages {
		for _, text := range p.Texts {
			if slices.Contains(names, text) {
				found = append(found, text)
			} else if n, ok := strings.CutSuffix(text, "户"); ok && strings.Trim(n, "0123456789,") == "" {
				numbers = append(numbers, strings.ReplaceAll(n, ",", ""))
			}
		}
	}
	if len(found) != len(numbers) {
		t.Fatalf("the PDF has %d names and %d numbers: %+v", len(found), len(numbers), doc.Pages)
	}
	for i, name := range found {
		rows = append(rows, [2]string{name, numbers[i]})
	}
	return rows
}

var (
	pdfStream = regexp.MustCompile(`(?s)(\d+) 0 obj\s*<<[^>]*/FlateDecode[^>]*>>\s*stream\r?\n`)
	pdfLetter = regexp.MustCompile(`<([0-9a-f]{4})> <([0-9a-f]{4})>`)
	pdfStart  = regexp.MustCompile(`startxref\s+(\d+)`)
	pdfRoot   = regexp.MustCompile(`/Size (\d+)\s+/Root (\d+ 0 R)`)
)

// amended changes a number on the page of a PDF as programs do that edit one: what has
// changed is written behind the file.
func amended(t *testing.T, body []byte, before, after string) []byte {
	t.Helper()
	var contents []byte
	var object string
	var fonts []map[rune][]string // of each font the codes of its letters: figures in columns have glyphs of their own
	for _, m := range pdfStream.FindAllSubmatchIndex(body, -1) {
		r, err := zlib.NewReader(bytes.NewReader(body[m[1]:]))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case bytes.Contains(text, []byte("beginbfchar")):
			font := map[rune][]string{}
			for _, l := range pdfLetter.FindAllSubmatch(text, -1) {
				var r rune
				fmt.Sscanf(string(l[2]), "%x", &r)
				font[r] = append(font[r], string(l[1]))
			}
			fonts = append(fonts, font)
		case bytes.Contains(text, []byte(" Tf\n")):
			contents, object = text, string(body[m[2]:m[3]])
		}
	}
	for _, font := range fonts {
		if strings.ContainsFunc(before+after, func(r rune) bool { return font[r] == nil }) {
			continue
		}
		var from, to []string
		for _, r := range before {
			from = append(from, "(?:"+strings.Join(font[r], "|")+")")
		}
		for _, r := range after {
			to = append(to, font[r][0])
		}
		// Between letters there may be how far they are apart, and the end of a line.
		at := regexp.MustCompile(strings.Join(from, `((?:\s|>[-.\d\s]*<)*)`)).FindSubmatchIndex(contents)
		if at == nil {
			continue
		}
		changed := slices.Clone(contents[:at[0]])
		for i, code := range to {
			changed = append(changed, code...)
			if i < len(to)-1 {
				changed = append(changed, contents[at[2*i+2]:at[2*i+3]]...)
			}
		}
		contents = append(changed, contents[at[1]:]...)
		start, root := pdfStart.FindSubmatch(body), pdfRoot.FindSubmatch(body)
		out := bytes.NewBuffer(slices.Clone(body))
		offset := out.Len()
		fmt.Fprintf(out, "%s 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n", object, len(contents), contents)
		table := out.Len()
		fmt.Fprintf(out, "xref\n%s 1\n%010d 00000 n \ntrailer\n<< /Size %s /Root %s /Prev %s >>\nstartxref\n%d\n%%%%EOF\n", object, offset, root[1], root[2], start[1], table)
		return out.Bytes()
	}
	t.Fatalf("%s is not found on the page", before)
	return nil
}
