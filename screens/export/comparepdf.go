package export

import (
	"context"
	"fmt"
	"strings"
)

// comparePDF compares the texts of the pages in their order, and whether all else that is
// drawn is the same.
func (x *Exporter) comparePDF(ctx context.Context, r *Report, want, got []byte) error {
	if x.ReadPDF == nil {
		r.unchecked("PDF 只能核对整个文件，不能逐个核对数字")
		return nil
	}
	a, err := x.ReadPDF(ctx, want)
	if err != nil {
		return err
	}
	b, err := x.ReadPDF(ctx, got)
	if err != nil {
		return err
	}
	if len(a.Pages) != len(b.Pages) {
		r.compare("页数", fmt.Sprint(len(a.Pages)), fmt.Sprint(len(b.Pages)))
		return nil
	}
	alike := a.Rest == b.Rest
	for i, page := range a.Pages {
		if b.Pages[i].Foreign && !page.Foreign {
			r.unchecked("第 %d 页有读不成文字的字体", i+1)
			continue
		}
		r.compareTexts(fmt.Sprintf("第 %d 页 ", i+1), page.Texts, b.Pages[i].Texts)
		alike = alike && page.Drawing == b.Pages[i].Drawing
	}
	if r.Different == 0 && !alike {
		r.unchecked("文字都是这一批的；图形、字形和批注与导出时不同，未逐一核对")
	}
	return nil
}

// compareTexts compares texts in their order. A program that writes a file anew may cut them
// otherwise: that is told, since a digit may then stand with another number.
func (r *Report) compareTexts(where string, want, got []string) {
	same := 0
	for same < len(want) && same < len(got) && want[same] == got[same] {
		same++
	}
	tail := 0
	for tail < len(want)-same && tail < len(got)-same && want[len(want)-1-tail] == got[len(got)-1-tail] {
		tail++
	}
	r.Checked += same + tail
	want, got = want[same:len(want)-tail], got[same:len(got)-tail]
	switch {
	case len(want) == len(got):
		for i := range want {
			r.compare(fmt.Sprintf("%s第 %d 处文字", where, same+i+1), want[i], got[i])
		}
	case unbroken(want) == unbroken(got):
		r.Checked += len(want)
		r.unchecked("%s文字连起来是这一批的，断开处与导出时不同", where)
	default:
		r.compare(fmt.Sprintf("%s第 %d 处文字起", where, same+1), strings.Join(want, " / "), strings.Join(got, " / "))
	}
}

// unbroken is what texts say, however they are cut.
func unbroken(texts []string) string {
	return strings.Join(strings.Fields(strings.Join(texts, "")), "")
}
