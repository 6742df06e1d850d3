package panel_test

import (
	"testing"

	"liaowang/aggregator/batch"
	"liaowang/screens/panel"
)

func TestASheetKeepsTheFourStatesApart(t *testing.T) {
	w := newWorld()
	w.set("monitored.by_region", province, rows{
		{text(danzhou), num(0), num(0)},
		{text(sansha), na, na},
		{text("469029"), batch.Hidden(), batch.Hidden()},
	})
	in := w.input(t, province)
	s := panel.Tabulate(spec(t, "ranking"), in)
	got := map[string]batch.State{}
	for _, r := range s.Rows {
		got[r.Key] = r.Cells[1].State
	}
	if got[danzhou] != batch.IsNumber || got[sansha] != batch.NotApplicable || got["469029"] != batch.Suppressed || s.Footnote == "" {
		t.Errorf("the sheet of the ranking: %+v", s)
	}
	// Nothing at all was reported: each cause is missing, none is 0.
	for _, r := range panel.Tabulate(spec(t, "cause"), in).Rows {
		if r.Cells[1].State != batch.Missing || r.Cells[1].Shown != "缺报" {
			t.Errorf("%s: %+v", r.Key, r.Cells[1])
		}
	}
}

func TestMoneyIsInYuanAndShownInLargerUnits(t *testing.T) {
	w := newWorld()
	w.set("assets.by_class", province, rows{
		{text("public_welfare"), num(3), num(123_456_789), num(1)}, {text("operating"), num(4), num(2e8), num(2)}, {text("household"), num(5), num(3e8), num(3)},
	})
	s := panel.Tabulate(spec(t, "assets"), w.input(t, province))
	value := s.Rows[0].Cells[2]
	if s.Columns[2].Unit != "元" || s.Columns[2].ShownUnit != "亿元" || value.Number != 123_456_789 || value.Shown != "1.23" {
		t.Errorf("the value is %+v of %+v", value, s.Columns[2])
	}
	if sum := s.Rows[len(s.Rows)-1]; !sum.Sum || sum.Cells[1].Number != 12 {
		t.Errorf("the sum: %+v", sum)
	}
}

// Every panel of every screen has a sheet, in a province, county and township, whatever is
// there: its rows are as long as its header.
func TestEverySheetIsATable(t *testing.T) {
	for _, region := range []string{province, danzhou, nada, sansha} {
		in := newWorld().input(t, region)
		for _, p := range panels(t) {
			s := panel.Tabulate(p, in)
			if s.Title == "" {
				t.Errorf("%s has no title", p.ID)
			}
			for _, r := range s.Rows {
				if len(r.Cells) != len(s.Columns) {
					t.Errorf("%s in %s: row %q has %d cells for %d columns", p.ID, region, r.Key, len(r.Cells), len(s.Columns))
				}
			}
		}
	}
}
