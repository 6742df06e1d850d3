package office

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// mostPart bounds what one part of a file is read of, bytes: a file may say that it is
// small and be large.
const mostPart = 64 << 20

// File is a presentation that was read.
type File struct {
	Properties map[string]string
	// Shapes are those that have a name, slide after slide.
	Shapes []Shape
}

// Shape is a text, table, chart or picture on a slide.
type Shape struct {
	Name  string
	Slide int // from 1
	// Lines are the paragraphs of a text.
	Lines []string
	// Rows are the cells of a table.
	Rows [][]string
	// Chart is what a chart draws; nil: it is none.
	Chart *Drawn
	// Picture is what a picture shows.
	Picture []byte
}

// Drawn is what a chart draws, and the workbook that it is edited in.
type Drawn struct {
	Categories []string
	Series     []Series
	Workbook   []byte
}

// Read reads a presentation, whoever wrote it.
func Read(body []byte) (*File, error) {
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return nil, fmt.Errorf("office: this is no presentation: %w", err)
	}
	p := pack{}
	for _, f := range z.File {
		p[strings.TrimPrefix(f.Name, "/")] = f
	}
	out := &File{Properties: map[string]string{}}
	if text, err := p.read("docProps/custom.xml"); err == nil {
		var custom struct {
			Property []struct {
				Name  string `xml:"name,attr"`
				Value string `xml:"lpwstr"`
			} `xml:"property"`
		}
		if xml.Unmarshal(text, &custom) == nil {
			for _, one := range custom.Property {
				out.Properties[one.Name] = one.Value
			}
		}
	}
	slides, err := p.slides()
	if err != nil {
		return nil, err
	}
	for i, name := range slides {
		if err := p.slide(out, i+1, name); err != nil {
			return nil, fmt.Errorf("office: %s: %w", name, err)
		}
	}
	return out, nil
}

// pack is the parts of a file by their names.
type pack map[string]*zip.File

func (p pack) read(name string) ([]byte, error) {
	f := p[name]
	if f == nil {
		return nil, fmt.Errorf("there is no part %s", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	body, err := io.ReadAll(io.LimitReader(r, mostPart+1))
	if err == nil && len(body) > mostPart {
		err = fmt.Errorf("%s is larger than %d MiB", name, mostPart>>20)
	}
	return body, err
}

// relations gives the targets of a part's relations by their ids, and their kinds.
func (p pack) relations(of string) (targets, kinds map[string]string) {
	targets, kinds = map[string]string{}, map[string]string{}
	text, err := p.read(path.Join(path.Dir(of), "_rels", path.Base(of)+".rels"))
	if err != nil {
		return targets, kinds
	}
	var rels struct {
		Relationship []struct {
			ID     string `xml:"Id,attr"`
			Type   string `xml:"Type,attr"`
			Target string `xml:"Target,attr"`
		}
	}
	if xml.Unmarshal(text, &rels) != nil {
		return targets, kinds
	}
	for _, r := range rels.Relationship {
		target := strings.TrimPrefix(r.Target, "/")
		if target == r.Target {
			target = path.Join(path.Dir(of), r.Target)
		}
		targets[r.ID], kinds[r.ID] = target, path.Base(r.Type)
	}
	return targets, kinds
}

// slides lists the slides in their order.
func (p pack) slides() ([]string, error) {
	const main = "ppt/presentation.xml"
	text, err := p.read(main)
	if err != nil {
		return nil, fmt.Errorf("office: this is no presentation: %w", err)
	}
	var list struct {
		Slides []struct {
			Attrs []xml.Attr `xml:",any,attr"`
		} `xml:"sldIdLst>sldId"`
	}
	if err := xml.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("office: %s: %w", main, err)
	}
	targets, _ := p.relations(main)
	var names []string
	for _, s := range list.Slides {
		for _, a := range s.Attrs {
			if a.Name.Local == "id" && a.Name.Space != "" {
				names = append(names, targets[a.Value])
			}
		}
	}
	return names, nil
}

// slide reads the shapes of a slide.
func (p pack) slide(out *File, number int, name string) error {
	text, err := p.read(name)
	if err != nil {
		return err
	}
	targets, _ := p.relations(name)
	var s *Shape
	var line strings.Builder
	var inCell bool
	reader := xml.NewDecoder(bytes.NewReader(text))
	for {
		token, err := reader.Token()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "sp", "pic", "graphicFrame":
				s = &Shape{Slide: number}
			case "cNvPr":
				if s != nil {
					s.Name = attribute(t, "name")
				}
			case "t":
				var words string
				if err := reader.DecodeElement(&words, &t); err != nil {
					return err
				}
				line.WriteString(words)
			case "tr":
				if s != nil {
					s.Rows = append(s.Rows, nil)
				}
			case "tc":
				inCell = true
				line.Reset()
			case "p":
				if !inCell {
					line.Reset()
				}
			case "chart":
				if s != nil {
					s.Chart = p.chart(targets[attribute(t, "id")])
				}
			case "blip":
				if s != nil {
					s.Picture, _ = p.read(targets[attribute(t, "embed")])
				}
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "tc":
				inCell = false
				if s != nil && len(s.Rows) > 0 {
					last := len(s.Rows) - 1
					s.Rows[last] = append(s.Rows[last], line.String())
				}
			case "p":
				if s != nil && !inCell {
					s.Lines = append(s.Lines, line.String())
				}
			case "sp", "pic", "graphicFrame":
				if s != nil && s.Name != "" {
					out.Shapes = append(out.Shapes, *s)
				}
				s = nil
			}
		}
	}
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// points is the cache of a chart's texts or numbers.
type points struct {
	Format string `xml:"formatCode"`
	Count  struct {
		N int `xml:"val,attr"`
	} `xml:"ptCount"`
	Points []struct {
		At    int    `xml:"idx,attr"`
		Value string `xml:"v"`
	} `xml:"pt"`
}

// mostPoints bounds what a chart is read of.
const mostPoints = 100_000

// chart reads what a chart draws; what cannot be read of it is not there.
func (p pack) chart(name string) *Drawn {
	out := &Drawn{}
	targets, kinds := p.relations(name)
	for id, target := range targets {
		if kinds[id] == "package" {
			out.Workbook, _ = p.read(target)
		}
	}
	text, err := p.read(name)
	if err != nil {
		return out
	}
	type series struct {
		Name struct {
			Ref points `xml:"strRef>strCache"`
		} `xml:"tx"`
		Names  points `xml:"cat>strRef>strCache"`
		Values points `xml:"val>numRef>numCache"`
	}
	var space struct {
		Bars  []series `xml:"chart>plotArea>barChart>ser"`
		Lines []series `xml:"chart>plotArea>lineChart>ser"`
	}
	if xml.Unmarshal(text, &space) != nil {
		return out
	}
	for _, s := range append(space.Bars, space.Lines...) {
		one := Series{Format: s.Values.Format}
		if len(s.Name.Ref.Points) > 0 {
			one.Name = s.Name.Ref.Points[0].Value
		}
		one.Values = make([]*float64, min(max(s.Values.Count.N, 0), mostPoints))
		for _, pt := range s.Values.Points {
			if v, err := strconv.ParseFloat(pt.Value, 64); err == nil && pt.At >= 0 && pt.At < len(one.Values) {
				one.Values[pt.At] = &v
			}
		}
		if len(out.Categories) == 0 {
			out.Categories = make([]string, min(max(s.Names.Count.N, 0), mostPoints))
			for _, pt := range s.Names.Points {
				if pt.At >= 0 && pt.At < len(out.Categories) {
					out.Categories[pt.At] = pt.Value
				}
			}
		}
		out.Series = append(out.Series, one)
	}
	return out
}
