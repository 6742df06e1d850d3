package pdf

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

// made is a PDF of rsvg-convert, as exports are: a page for each text.
func made(t *testing.T, texts ...string) []byte {
	t.Helper()
	args := []string{"--format=pdf"}
	dir := t.TempDir()
	for i, text := range texts {
		name := filepath.Join(dir, fmt.Sprintf("%d.svg", i))
		svg := `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="100"><rect width="40" height="20" fill="#1d546e"/><text x="20" y="60" font-size="24" font-family="Noto Sans CJK SC">` + text + `</text></svg>`
		if err := os.WriteFile(name, []byte(svg), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	body, err := exec.Command("rsvg-convert", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestPagesSayWhatIsWrittenOnThem(t *testing.T) {
	texts := []string{"海口 784户", "三亚 500户", "海口 784户"}
	doc, err := Read(made(t, texts...))
	if err != nil {
		t.Fatal(err)
	}
	if len(doc.Pages) != len(texts) || doc.Rest == "" {
		t.Fatalf("%+v", doc)
	}
	for i, p := range doc.Pages {
		if !slices.Equal(p.Texts, texts[i:i+1]) || p.Foreign {
			t.Errorf("page %d: %+v", i+1, p)
		}
	}
	if again, err := Read(made(t, "海口 785户", "三亚 500户")); err != nil || again.Pages[0].Drawing == doc.Pages[0].Drawing {
		t.Errorf("another figure is the same drawing, %v", err)
	}
}

// What is read in another process is what is read here.
func TestADocumentComesBackWhole(t *testing.T) {
	body := made(t, "海口 784户")
	doc, err := Read(body)
	if err != nil {
		t.Fatal(err)
	}
	var written bytes.Buffer
	if err := Serve(bytes.NewReader(body), &written); err != nil {
		t.Fatal(err)
	}
	got, err := Outside(t.Context(), exec.Command("cat"), written.Bytes())
	if err != nil || !reflect.DeepEqual(got, doc) {
		t.Errorf("%+v, %v: want %+v", got, err, doc)
	}
	for _, program := range []string{"false", "echo"} {
		if _, err := Outside(t.Context(), exec.Command(program, "{"), body); err == nil {
			t.Errorf("what %s makes is a document", program)
		}
	}
}

func TestWhatIsBrokenIsRefused(t *testing.T) {
	body := made(t, "海口 784户")
	broken := map[string][]byte{
		"nothing":      nil,
		"no PDF":       []byte("<svg/>"),
		"half":         body[:len(body)/2],
		"without end":  body[:len(body)-8],
		"no such page": bytes.Replace(body, []byte("/Count 1"), []byte("/Count 2"), 1),
		"many pages":   bytes.Replace(body, []byte("/Count 1"), []byte("/Count 9999"), 1),
	}
	for name, b := range broken {
		if doc, err := Read(b); err == nil {
			t.Errorf("%s is read as %+v", name, doc)
		}
		if err := Serve(bytes.NewReader(b), &bytes.Buffer{}); err == nil {
			t.Errorf("%s is served", name)
		}
	}
}
