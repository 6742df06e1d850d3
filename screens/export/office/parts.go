package office

import (
	"fmt"
	"strings"
	"time"
)

// part is one file of a package.
type part struct {
	name string
	// kind is its content type, for those that have one of their own.
	kind string
	body []byte
}

const (
	xmlHead      = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	spaces       = `xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"`
	presentation = "application/vnd.openxmlformats-officedocument.presentationml."
	document     = "application/vnd.openxmlformats-officedocument."
	relSpace     = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
)

// parts is the whole package, its table of contents first.
func (d *Deck) parts() []part {
	var all []part
	add := func(name, kind, body string) { all = append(all, part{name, kind, []byte(xmlHead + body)}) }
	rels := func(of string, list []relation) {
		var b strings.Builder
		b.WriteString(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
		for i, r := range list {
			kind := r.kind
			if !strings.Contains(kind, "/") {
				kind = relSpace + kind
			} else if !strings.HasPrefix(kind, "http") {
				kind = "http://schemas.openxmlformats.org/" + kind
			}
			fmt.Fprintf(&b, `<Relationship Id="rId%d" Type="%s" Target="%s"/>`, i+1, kind, r.target)
		}
		b.WriteString(`</Relationships>`)
		dir, file := "", of
		if i := strings.LastIndex(of, "/"); i >= 0 {
			dir, file = of[:i+1], of[i+1:]
		}
		add(dir+"_rels/"+file+".rels", "", b.String())
	}
	rels("", []relation{{"officeDocument", "ppt/presentation.xml"}, {"package/2006/relationships/metadata/core-properties", "docProps/core.xml"}, {"extended-properties", "docProps/app.xml"}, {"custom-properties", "docProps/custom.xml"}})
	add("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml", d.core())
	add("docProps/app.xml", document+"extended-properties+xml", fmt.Sprintf(`<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>Liaowang</Application><Slides>%d</Slides></Properties>`, len(d.slides)))
	add("docProps/custom.xml", document+"custom-properties+xml", d.custom())

	list := []relation{{"slideMaster", "slideMasters/slideMaster1.xml"}}
	var ids strings.Builder
	for i := range d.slides {
		list = append(list, relation{"slide", fmt.Sprintf("slides/slide%d.xml", i+1)})
		fmt.Fprintf(&ids, `<p:sldId id="%d" r:id="rId%d"/>`, 256+i, i+2)
	}
	list = append(list, relation{"theme", "theme/theme1.xml"}, relation{"presProps", "presProps.xml"}, relation{"tableStyles", "tableStyles.xml"})
	add("ppt/presentation.xml", presentation+"presentation.main+xml", fmt.Sprintf(`<p:presentation %s saveSubsetFonts="1"><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId1"/></p:sldMasterIdLst><p:sldIdLst>%s</p:sldIdLst><p:sldSz cx="%d" cy="%d"/><p:notesSz cx="6858000" cy="9144000"/></p:presentation>`, spaces, ids.String(), Width*emu, Height*emu))
	rels("ppt/presentation.xml", list)
	add("ppt/presProps.xml", presentation+"presProps+xml", `<p:presentationPr `+spaces+`/>`)
	add("ppt/tableStyles.xml", presentation+"tableStyles+xml", `<a:tblStyleLst xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" def="{5C22544A-7EE6-4342-B048-85BDC9FD1C3A}"/>`)
	add("ppt/theme/theme1.xml", document+"theme+xml", theme(d.about.Dark))
	add("ppt/slideMasters/slideMaster1.xml", presentation+"slideMaster+xml", master(d.about.Dark))
	rels("ppt/slideMasters/slideMaster1.xml", []relation{{"slideLayout", "../slideLayouts/slideLayout1.xml"}, {"theme", "../theme/theme1.xml"}})
	add("ppt/slideLayouts/slideLayout1.xml", presentation+"slideLayout+xml", `<p:sldLayout `+spaces+` type="blank" preserve="1"><p:cSld name="空白">`+tree("")+`</p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sldLayout>`)
	rels("ppt/slideLayouts/slideLayout1.xml", []relation{{"slideMaster", "../slideMasters/slideMaster1.xml"}})
	for i, s := range d.slides {
		name := fmt.Sprintf("ppt/slides/slide%d.xml", i+1)
		add(name, presentation+"slide+xml", `<p:sld `+spaces+`><p:cSld>`+tree(s.shapes.String())+`</p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sld>`)
		rels(name, append([]relation{{"slideLayout", "../slideLayouts/slideLayout1.xml"}}, s.rels...))
	}
	for i, c := range d.charts {
		name := fmt.Sprintf("ppt/charts/chart%d.xml", i+1)
		add(name, document+"drawingml.chart+xml", c.xml)
		rels(name, []relation{{"package", fmt.Sprintf("../embeddings/Microsoft_Excel_Worksheet%d.xlsx", i+1)}})
		all = append(all, part{name: fmt.Sprintf("ppt/embeddings/Microsoft_Excel_Worksheet%d.xlsx", i+1), body: c.workbook})
	}
	for i, m := range d.media {
		all = append(all, part{name: fmt.Sprintf("ppt/media/image%d.png", i+1), body: m})
	}
	return append([]part{{name: "[Content_Types].xml", body: []byte(xmlHead + contents(all))}}, all...)
}

func contents(all []part) string {
	var b strings.Builder
	b.WriteString(`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/><Default Extension="xlsx" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"/>`)
	for _, p := range all {
		if p.kind != "" {
			fmt.Fprintf(&b, `<Override PartName="/%s" ContentType="%s"/>`, p.name, p.kind)
		}
	}
	b.WriteString(`</Types>`)
	return b.String()
}

func tree(shapes string) string {
	return `<p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/><a:chOff x="0" y="0"/><a:chExt cx="0" cy="0"/></a:xfrm></p:grpSpPr>` + shapes + `</p:spTree>`
}

func (d *Deck) core() string {
	at := d.about.At.UTC().Format(time.RFC3339)
	return fmt.Sprintf(`<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>%s</dc:title><dc:creator>%s</dc:creator><dcterms:created xsi:type="dcterms:W3CDTF">%s</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">%s</dcterms:modified></cp:coreProperties>`,
		escape(d.about.Title), escape(d.about.Creator), at, at)
}

func (d *Deck) custom() string {
	var b strings.Builder
	b.WriteString(`<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">`)
	for i, p := range d.about.Properties {
		fmt.Fprintf(&b, `<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="%d" name="%s"><vt:lpwstr>%s</vt:lpwstr></property>`, i+2, escape(p.Name), escape(p.Value))
	}
	b.WriteString(`</Properties>`)
	return b.String()
}

// font is that of offices here; where it is missing another Chinese one takes its place.
const font = "Microsoft YaHei"

// theme has the colours of the glass, and those of the same names for paper.
func theme(dark bool) string {
	colours := []struct{ name, light, dark string }{
		{"dk1", "14202A", "0C1216"}, {"lt1", "FFFFFF", "F2F5F7"}, {"dk2", "52636E", "121A20"}, {"lt2", "F3F6F8", "8A9AA4"},
		{"accent1", "25769B", "3F9CCC"}, {"accent2", "7C8E99", "B6C3CB"}, {"accent3", "9FB8C6", "8A9AA4"}, {"accent4", "BCC8CF", "4C565D"},
		{"accent5", "F0B43C", "F0B43C"}, {"accent6", "C8372D", "C8372D"}, {"hlink", "25769B", "3F9CCC"}, {"folHlink", "25769B", "3F9CCC"},
	}
	var b strings.Builder
	for _, c := range colours {
		value := c.light
		if dark {
			value = c.dark
		}
		fmt.Fprintf(&b, `<a:%s><a:srgbClr val="%s"/></a:%s>`, c.name, value, c.name)
	}
	face := fmt.Sprintf(`<a:latin typeface="%s"/><a:ea typeface="%s"/><a:cs typeface=""/>`, font, font)
	fill := `<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>`
	line := `<a:ln w="6350">` + fill + `</a:ln>`
	effect := `<a:effectStyle><a:effectLst/></a:effectStyle>`
	return `<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" name="瞭望"><a:themeElements><a:clrScheme name="瞭望">` + b.String() +
		`</a:clrScheme><a:fontScheme name="瞭望"><a:majorFont>` + face + `</a:majorFont><a:minorFont>` + face + `</a:minorFont></a:fontScheme><a:fmtScheme name="瞭望"><a:fillStyleLst>` + fill + fill + fill +
		`</a:fillStyleLst><a:lnStyleLst>` + line + line + line + `</a:lnStyleLst><a:effectStyleLst>` + effect + effect + effect + `</a:effectStyleLst><a:bgFillStyleLst>` + fill + fill + fill + `</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>`
}

// master maps the theme's colours to what is in front and behind.
func master(dark bool) string {
	colours := `bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2"`
	if dark {
		colours = `bg1="dk1" tx1="lt1" bg2="dk2" tx2="lt2"`
	}
	level := func(n int) string {
		return fmt.Sprintf(`<a:lvl%dpPr algn="l"><a:defRPr sz="1800"><a:solidFill><a:schemeClr val="tx1"/></a:solidFill><a:latin typeface="+mn-lt"/><a:ea typeface="+mn-ea"/></a:defRPr></a:lvl%dpPr>`, n, n)
	}
	return `<p:sldMaster ` + spaces + `><p:cSld><p:bg><p:bgPr><a:solidFill><a:schemeClr val="bg1"/></a:solidFill><a:effectLst/></p:bgPr></p:bg>` + tree("") +
		`</p:cSld><p:clrMap ` + colours + ` accent1="accent1" accent2="accent2" accent3="accent3" accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"/><p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="rId1"/></p:sldLayoutIdLst><p:txStyles><p:titleStyle>` +
		level(1) + `</p:titleStyle><p:bodyStyle>` + level(1) + `</p:bodyStyle><p:otherStyle>` + level(1) + `</p:otherStyle></p:txStyles></p:sldMaster>`
}
