package panel_test

import (
	"strings"
	"testing"

	"liaowang/aggregator/batch"
	"liaowang/screens/panel"
)

var star = batch.Hidden()

const footnote = "＊ 少于5户或可据以推算，按规定不显示"

// strict is the input of a batch that shows no fewer than five households.
func (w world) strict(t testing.TB, region string) panel.Input {
	in := w.input(t, region)
	in.LeastCell = 5
	return in
}

func TestASuppressedFigureIsAStarWithoutUnitAndSaysWhy(t *testing.T) {
	w := newWorld()
	w.set("monitored.total", nada, rows{{star, star}})
	w.set("risk.eliminated", nada, rows{{num(0), num(0)}})
	got := draw[struct {
		Figures  []amount
		Footnote string
	}](t, spec(t, "monitored"), w.strict(t, nada))
	if f := got.Figures[0]; f.Text != "＊" || f.Unit != "" || f.Value != nil || f.State != "suppressed" {
		t.Errorf("got %+v", f)
	}
	if f := got.Figures[1]; f.Text != "0" || f.State != "ok" {
		t.Errorf("zero tells of nobody and is shown, got %+v", f)
	}
	if got.Footnote != footnote {
		t.Errorf("the footnote is %q", got.Footnote)
	}
	w.set("monitored.total", nada, rows{{num(9), num(30)}})
	w.set("risk.remaining", nada, rows{{none, none}})
	if got := draw[struct{ Footnote string }](t, spec(t, "monitored"), w.strict(t, nada)); got.Footnote != "" {
		t.Errorf("without a star there is a footnote: %q", got.Footnote)
	}
}

func TestARankingPutsSuppressedRegionsLastAndTellsNothingOfTheirOrder(t *testing.T) {
	w := newWorld()
	w.set("monitored.by_region", danzhou, rows{
		{text("460400102"), star, star}, {text(nada), star, star}, {text("460400101"), num(5), num(9)}, {text("460400103"), none, none},
	})
	s := spec(t, "ranking")
	s.Total = true
	got := draw[chart](t, s, w.strict(t, danzhou))
	if want := "460400101 460400103 460400100 460400102"; got.keys() != want {
		t.Errorf("order is %s, want %s", got.keys(), want)
	}
	if r := got.row(t, nada); r["text"] != "＊" || r["state"] != "suppressed" || r["households"] != nil || r["bar"] != 0.0 {
		t.Errorf("got %v", r)
	}
	if got.Total.State != "missing" {
		t.Errorf("the sum is %+v", got.Total)
	}
	w.set("monitored.by_region", danzhou, rows{{text(nada), star, star}, {text("460400101"), num(5), num(9)}})
	if got := draw[chart](t, s, w.strict(t, danzhou)); got.Total.Text != "＊" || got.Total.State != "suppressed" {
		t.Errorf("a sum over a suppressed part must be suppressed, is %+v", got.Total)
	}
	s.Limit = 3
	w.set("monitored.by_region", danzhou, rows{
		{text("460400101"), num(9), num(9)}, {text("460400102"), num(8), num(9)}, {text("460400103"), num(7), num(9)}, {text(nada), star, star},
	})
	if r := draw[chart](t, s, w.strict(t, danzhou)).row(t, "rest"); r["text"] != "＊" {
		t.Errorf("what is folded gives the suppressed one away: %v", r)
	}
}

func TestNoShareIsComputedOverSuppressedParts(t *testing.T) {
	w := newWorld()
	w.set("monitored.by_type", nada, rows{
		{text("unstable_lifted"), star, star}, {text("marginal_poor"), star, star}, {text("sudden_hardship"), num(31), num(100)},
	})
	in := w.strict(t, nada)
	raw, err := panel.Data(spec(t, "type"), in)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(raw), "%") {
		t.Errorf("a share would give the rest away: %s", raw)
	}
	got := draw[chart](t, spec(t, "type"), in)
	if r := got.row(t, "unstable_lifted"); r["text"] != "＊" || r["detail"] != "" || r["share"] != 0.0 {
		t.Errorf("got %v", r)
	}
	if r := got.row(t, "sudden_hardship"); r["text"] != "31户" || r["detail"] != "100人" {
		t.Errorf("got %v", r)
	}
}

func TestTheMapTellsSuppressedFromBare(t *testing.T) {
	w := newWorld()
	w.set("monitored.by_region", province, rows{{text(danzhou), star, star}, {text("469029"), none, none}})
	s := spec(t, "map")
	got := draw[chart](t, s, w.strict(t, province))
	for key, want := range map[string][]any{danzhou: {danzhou, -1.0, "＊"}, "469029": {"", nil, "缺报"}, sansha: {"", nil, "不适用"}} {
		r := got.row(t, key)
		if r["area"] != want[0] || r["shade"] != want[1] || r["text"] != want[2] {
			t.Errorf("%s is %v, want area, shade and text %v", key, r, want)
		}
	}
	option, err := panel.Option(s, w.strict(t, province))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(option), `"outOfRange":{"color":"#4c565d"}`) || !strings.Contains(string(option), `{"gte":0,"lt":300,`) {
		t.Errorf("a shade below zero must not be the lowest step: %s", option)
	}
}

func TestATableWithASuppressedCellHasNoSum(t *testing.T) {
	w := newWorld()
	s := spec(t, "assets")
	s.Metric, s.Columns = "registered.by_stability", []string{"households", "persons"}
	w.set(s.Metric, nada, rows{{text("monitored_after_lifting"), star, star}, {text("relatively_stable"), num(0), num(0)}, {text("stable"), star, star}})
	got := draw[struct {
		Rows []struct {
			Key   string
			Cells []amount
		}
		Footnote string
	}](t, s, w.strict(t, nada))
	for _, r := range got.Rows {
		want := map[string]string{"relatively_stable": "0"}[r.Key]
		if want == "" {
			want = "＊"
		}
		if r.Cells[0].Text != want || r.Cells[1].Text != want {
			t.Errorf("row %s: %+v", r.Key, r.Cells)
		}
	}
	if got.Footnote != footnote {
		t.Errorf("the footnote is %q", got.Footnote)
	}
}
