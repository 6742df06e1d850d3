package office_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"liaowang/screens/export/office"
)

// made is a presentation with one of everything, and texts that XML has words for.
func made(t *testing.T) []byte {
	t.Helper()
	v := func(f float64) *float64 { return &f }
	d := office.NewDeck(office.About{Title: "监测 <&> 简报", Creator: "local", At: time.Unix(1_790_000_000, 0), Properties: []office.Property{{Name: "验证码", Value: "A&B"}}})
	contents := d.Slide()
	s := d.Slide()
	contents.Text("目录", office.Box{Width: 100, Height: 20}, true, office.Paragraph{Runs: []office.Run{{Text: "去", Size: 12, Colour: office.Ink, To: s}}})
	s.Plate("面板", office.Box{Width: 100, Height: 100}, office.Panel)
	s.Text("LW_1 数", office.Box{Width: 100, Height: 20}, false, office.Line("12,534户", 20, office.Ink), office.Line("a < b & c", 9, office.Quiet))
	s.Table("LW_2 表", office.Box{Width: 300, Height: 90}, office.Table{Widths: []float64{2, 1}, Size: 8, Rows: [][]office.Cell{{{Text: "项"}, {Text: "数"}}, {{Text: "甲"}, {Text: "＊"}}, {{Text: ""}, {Text: "0"}}}})
	for i, kind := range []office.ChartKind{office.Bars, office.Columns, office.Lines} {
		s.Chart("LW_3 图", office.Box{X: float64(100 * i), Width: 90, Height: 90}, office.Chart{
			Kind: kind, Sheet: "图表", Size: 9, Workbook: []byte("workbook"), Categories: []string{"甲", "乙（缺报）", "丙"},
			Series: []office.Series{{Name: "户数（户）", Format: "#,##0", Values: []*float64{v(1), nil, v(0)}}},
		})
	}
	s.Picture("LW_4 图", office.Box{Width: 10, Height: 10}, []byte("\x89PNG picture"), "地图")
	var out bytes.Buffer
	if err := d.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	f, err := office.Read(made(t))
	if err != nil {
		t.Fatal(err)
	}
	if f.Properties["验证码"] != "A&B" {
		t.Errorf("properties: %v", f.Properties)
	}
	byName := map[string]office.Shape{}
	for _, s := range f.Shapes {
		byName[s.Name] = s
	}
	if s := byName["LW_1 数"]; s.Slide != 2 || !slices.Equal(s.Lines, []string{"12,534户", "a < b & c"}) {
		t.Errorf("text: %+v", s)
	}
	if diff := cmp.Diff([][]string{{"项", "数"}, {"甲", "＊"}, {"", "0"}}, byName["LW_2 表"].Rows); diff != "" {
		t.Error(diff)
	}
	c := byName["LW_3 图"].Chart
	if c == nil || !slices.Equal(c.Categories, []string{"甲", "乙（缺报）", "丙"}) || string(c.Workbook) != "workbook" || len(c.Series) != 1 ||
		c.Series[0].Name != "户数（户）" || *c.Series[0].Values[0] != 1 || c.Series[0].Values[1] != nil || *c.Series[0].Values[2] != 0 {
		t.Errorf("chart: %+v", c)
	}
	if string(byName["LW_4 图"].Picture) != "\x89PNG picture" {
		t.Errorf("picture: %q", byName["LW_4 图"].Picture)
	}
}

// Each part is XML, has a type, and is what a relation leads to; and no relation leads nowhere.
func TestAPresentationHoldsTogether(t *testing.T) {
	body := made(t)
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if parts[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	types := string(parts["[Content_Types].xml"])
	led := map[string]bool{"[Content_Types].xml": true}
	for name, text := range parts {
		if !strings.HasSuffix(name, ".xml") && !strings.HasSuffix(name, ".rels") {
			continue
		}
		d := xml.NewDecoder(bytes.NewReader(text))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if strings.HasSuffix(name, ".xml") && name != "[Content_Types].xml" && !strings.Contains(types, `"/`+name+`"`) {
			t.Errorf("%s has no type", name)
		}
		if !strings.HasSuffix(name, ".rels") {
			continue
		}
		led[name] = true
		of := strings.TrimSuffix(strings.Replace(name, "_rels/", "", 1), ".rels")
		if _, ok := parts[of]; !ok && of != "" {
			t.Errorf("%s is of no part", name)
		}
		var rels struct {
			Relationship []struct {
				ID     string `xml:"Id,attr"`
				Target string `xml:"Target,attr"`
			}
		}
		if err := xml.Unmarshal(text, &rels); err != nil {
			t.Fatal(err)
		}
		for _, r := range rels.Relationship {
			target := path.Join(path.Dir(of), r.Target)
			if led[target] = true; parts[target] == nil {
				t.Errorf("%s leads to %s, which is not there", name, target)
			}
			if of != "" && !strings.Contains(string(parts[of]), `"`+r.ID+`"`) && !slices.Contains([]string{"slideLayout", "slideMaster", "theme", "presProps", "tableStyles"}, strings.TrimRight(strings.TrimSuffix(path.Base(target), ".xml"), "1")) {
				t.Errorf("%s of %s is not used", r.ID, of)
			}
		}
	}
	for name := range parts {
		if !led[name] {
			t.Errorf("nothing leads to %s", name)
		}
	}
}

func TestWhatIsNoPresentationIsSaidToBeNone(t *testing.T) {
	for _, body := range []string{"", "PK", "text"} {
		if _, err := office.Read([]byte(body)); err == nil {
			t.Errorf("%q is read", body)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(_ *testing.T, body []byte) { _, _ = office.Read(body) })
}
