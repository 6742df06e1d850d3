package panel_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/screens/panel"
)

// Every kind that a screen may name stands on one.
func TestEveryKindStandsOnAScreen(t *testing.T) {
	for _, k := range panel.Kinds() {
		if !slices.ContainsFunc(panels(t), func(s panel.Spec) bool { return s.Kind == k }) && k != panel.KindFigure {
			t.Errorf("no screen has a panel of kind %s", k)
		}
	}
}

func TestATrendDrawsGapsAndNames(t *testing.T) {
	w := newWorld()
	w.set("eliminated.by_month", province, rows{
		{text("2026-01-01"), star, star}, {text("2026-02-01"), num(0), num(7)}, {text("2026-03-01"), none, num(8)}, {text("2026-04-01"), num(1418), num(9)},
	})
	got := draw[chart](t, every(t, "consolidation", "monthly"), w.strict(t, province))
	for key, want := range map[string]map[string]any{
		"2026-01-01": {"label": "26年1月", "eliminated": nil, "ground": 0.0, "gap": "＊"},
		"2026-02-01": {"label": "2月", "eliminated": 0.0, "ground": nil, "gap": "", "eliminated_text": ""},
		"2026-03-01": {"eliminated": nil, "rolled_back": 8.0, "ground": 0.0, "gap": "缺报"},
		"2026-04-01": {"eliminated": 1418.0, "eliminated_text": "消除 1,418户次", "rolled_back_text": "回退 9户次"},
	} {
		for column, value := range want {
			if got := got.row(t, key)[column]; got != value {
				t.Errorf("%s: %s is %v, want %v", key, column, got, value)
			}
		}
	}
	if draw[struct{ Footnote string }](t, every(t, "consolidation", "monthly"), w.strict(t, province)).Footnote != footnote {
		t.Error("the footnote does not say what ＊ means")
	}
	if got := draw[chart](t, every(t, "consolidation", "monthly"), w.input(t, sansha)); got.Empty != "不适用" {
		t.Errorf("三沙市: %+v", got)
	}
	if got := draw[chart](t, every(t, "consolidation", "monthly"), w.input(t, danzhou)); got.Empty != "缺报" {
		t.Errorf("without a frame: %+v", got)
	}
}

func TestATrendOfOneLineMarksItsHighestAndItsLast(t *testing.T) {
	w := newWorld()
	var r rows
	for i, v := range []float64{5, 9, 3, 3, 3, 3, 3, 3, 3, 4} {
		r = append(r, []batch.Cell{text(fmt.Sprintf("2026-11-%02d", i+1)), num(v)})
	}
	w.set("visits.by_day", province, r)
	got := draw[chart](t, every(t, "routine", "visits"), w.input(t, province))
	var written []string
	for _, row := range got.Source[1:] {
		if row[3] != "" {
			written = append(written, row[1].(string)+" "+row[3].(string))
		}
	}
	if s := strings.Join(written, ", "); s != "11月2日 9, 11月10日 4" {
		t.Errorf("written are %s", s)
	}
}

func TestIncomesAreWrittenInYuan(t *testing.T) {
	w := newWorld()
	w.set("income.by_year", province, rows{{text("2024-01-01"), num(1), num(1e6), num(12624), none}, {text("2025-01-01"), num(1), num(1e6), num(13380), num(5.99)}})
	got := draw[chart](t, every(t, "consolidation", "income"), w.input(t, province))
	if r := got.row(t, "2025-01-01"); r["label"] != "2025年" || r["per_head_text"] != "13,380" {
		t.Errorf("got %v", r)
	}
	figures := draw[struct{ Figures []amount }](t, every(t, "consolidation", "consolidation"), w.input(t, province)).Figures
	if last := figures[len(figures)-1]; last.Text != "13,380" || last.Unit != "元" || last.Beside.Text != "6.0" {
		t.Errorf("the figure of the last year is %+v, beside %+v", last, last.Beside)
	}
}

func TestAFigureOfARowOrOfAll(t *testing.T) {
	w := newWorld()
	w.set("risk.by_level", province, rows{{text("red"), num(301)}, {text("yellow"), num(5850)}, {text("green"), num(2688)}})
	w.set("backlog.overdue", province, rows{{text("household_check"), num(3), num(1)}, {text("village_review"), num(4), num(1)}, {text("township_check"), num(5), num(1)}, {text("county_decision"), num(6), num(1)}})
	s := every(t, "people", "people")
	if got := draw[struct{ Figures []amount }](t, s, w.input(t, province)).Figures[2]; got.Text != "301" {
		t.Errorf("red is %+v", got)
	}
	sum := func() amount {
		return draw[struct{ Figures []amount }](t, every(t, "routine", "routine"), w.input(t, province)).Figures[2]
	}
	if got := sum(); got.Text != "18" {
		t.Errorf("the sum is %+v", got)
	}
	w.set("backlog.overdue", province, rows{{text("household_check"), star, star}, {text("village_review"), num(4), num(1)}, {text("township_check"), num(5), num(1)}, {text("county_decision"), num(6), num(1)}})
	if got := sum(); got.State != "suppressed" {
		t.Errorf("a sum over a suppressed part is %+v", got)
	}
	if got := draw[struct{ Figures []amount }](t, s, w.input(t, sansha)).Figures[2]; got.State != "na" {
		t.Errorf("三沙市: %+v", got)
	}
}

func TestChangeSinceYesterday(t *testing.T) {
	type changed struct {
		Figures []struct {
			State  string
			Change *amount
		}
	}
	for _, tt := range []struct {
		name       string
		now, kept  []batch.Cell
		text       string
		unreported bool
	}{
		{"more", []batch.Cell{num(1534), num(3)}, []batch.Cell{text("monitored.total/households"), num(12)}, "+1,522", false},
		{"fewer", []batch.Cell{num(9), num(3)}, []batch.Cell{text("monitored.total/households"), num(12)}, "−3", false},
		{"as many", []batch.Cell{num(12), num(3)}, []batch.Cell{text("monitored.total/households"), num(12)}, "0", false},
		{"another figure was kept", []batch.Cell{num(12), num(3)}, []batch.Cell{text("monitored.total/persons"), num(12)}, "", false},
		{"suppressed now", []batch.Cell{star, star}, []batch.Cell{text("monitored.total/households"), num(12)}, "", false},
		{"missing now", []batch.Cell{none, none}, []batch.Cell{text("monitored.total/households"), num(12)}, "", false},
		{"nothing was kept", []batch.Cell{num(12), num(3)}, nil, "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			w.set("monitored.total", province, rows{tt.now})
			if !tt.unreported {
				w.set(panel.YesterdayMetric, province, rows{tt.kept})
			}
			got := draw[changed](t, spec(t, "monitored"), w.input(t, province)).Figures[0].Change
			if got == nil && tt.text != "" || got != nil && got.Text != tt.text {
				t.Errorf("got %+v, want %q", got, tt.text)
			}
		})
	}
}

type tableOf struct {
	Title, Empty, Footnote, Unit string
	Columns                      []struct{ Name, Label, Unit string }
	Rows                         []struct {
		Key, Label string
		Cells      []struct {
			Value *float64
			Text  string
			State string
			Words bool
			Shade *int
		}
	}
}

func (t tableOf) cells(key string) (texts []string, shades []int) {
	for _, r := range t.Rows {
		if r.Key != key {
			continue
		}
		for _, c := range r.Cells {
			texts = append(texts, c.Text)
			shade := -1
			if c.Shade != nil {
				shade = *c.Shade
			}
			shades = append(shades, shade)
		}
	}
	return texts, shades
}

func TestAHeatTableShadesNumbersAndNothingElse(t *testing.T) {
	w := newWorld()
	w.set("monitored.by_region", province, rows{{text(danzhou), num(1361), num(1)}, {text("469029"), num(0), num(0)}})
	w.set("risk.by_region", province, rows{{text(danzhou), num(990), star, num(636), num(9), num(33.95)}, {text("469029"), num(1), none, num(0), num(1), num(30)}})
	got := draw[tableOf](t, every(t, "people", "counties"), w.strict(t, province))
	if len(got.Rows) != 3 || got.Rows[0].Key != danzhou || got.Rows[2].Key != sansha || got.Footnote != footnote {
		t.Fatalf("got %+v", got)
	}
	for key, want := range map[string]struct {
		texts  string
		shades []int
	}{
		danzhou:  {"1,361 ＊ 636 34.0", []int{4, -1, 4, 2}},
		"469029": {"0 缺报 0 30.0", []int{0, -1, 0, 0}},
		sansha:   {"不适用 不适用 不适用 不适用", []int{-1, -1, -1, -1}},
	} {
		texts, shades := got.cells(key)
		if strings.Join(texts, " ") != want.texts || !slices.Equal(shades, want.shades) {
			t.Errorf("%s: %q %v, want %q %v", key, texts, shades, want.texts, want.shades)
		}
	}
	below := draw[tableOf](t, every(t, "people", "counties"), w.strict(t, danzhou))
	if below.Title != "各乡镇" || len(below.Rows) != 2 {
		t.Errorf("in a county: %+v", below)
	}
}

func TestAHeatTableLaysCodesAcross(t *testing.T) {
	w := newWorld()
	w.set("monitored.by_type_and_cause", province, rows{
		{text("marginal_poor"), text("illness"), num(1521), num(9)}, {text("unstable_lifted"), text("illness"), star, star}, {text("marginal_poor"), text("other"), num(0), num(0)},
	})
	got := draw[tableOf](t, every(t, "people", "causes"), w.strict(t, province))
	if texts, shades := got.cells("illness"); strings.Join(texts, " ") != "＊ 1,521 缺报" || !slices.Equal(shades, []int{-1, 4, -1}) {
		t.Errorf("illness: %q %v", texts, shades)
	}
	if texts, _ := got.cells("other"); texts[1] != "0" {
		t.Errorf("other: %q", texts)
	}
	// What is not counted for a township is that of its county, and says so.
	w.set("monitored.by_type_and_cause", danzhou, rows{{text("marginal_poor"), text("illness"), num(77), num(9)}})
	in := draw[tableOf](t, every(t, "people", "causes"), w.strict(t, nada))
	if texts, _ := in.cells("illness"); in.Title != "类型与首要风险（儋州市）" || texts[1] != "77" {
		t.Errorf("in a township: %+v", in)
	}
}

// 0 is a delivery without records, 缺报 is none, and what is not due yet is neither.
func TestMonthsTellAnEmptyDeliveryFromNone(t *testing.T) {
	w := newWorld()
	w.set("exchange.calendar", province, rows{
		{text("water"), text("2026-10-01"), num(288), text("已送达")}, {text("water"), text("2026-11-01"), num(0), text("空报")},
		{text("health"), text("2026-10-01"), none, text("缺报")}, {text("health"), text("2026-11-01"), num(0), text("未到期")},
	})
	got := draw[tableOf](t, every(t, "routine", "calendar"), w.input(t, province))
	for key, want := range map[string]string{"water": "288 0", "health": "缺报 未到期", "housing": "缺报 缺报"} {
		if texts, _ := got.cells(key); strings.Join(texts, " ") != want {
			t.Errorf("%s: %q, want %s", key, texts, want)
		}
	}
	for _, r := range got.Rows {
		if r.Key == "health" && (r.Cells[0].State != "missing" || r.Cells[1].State != "na") {
			t.Errorf("states are %+v", r.Cells)
		}
	}
	if got := draw[tableOf](t, every(t, "routine", "calendar"), w.input(t, danzhou)); got.Title != "部门数据交换（全省）" || len(got.Rows) != len(draw[tableOf](t, every(t, "routine", "calendar"), w.input(t, province)).Rows) {
		t.Errorf("in a county: %+v", got)
	}
	w.set("exchange.missing", province, rows{{num(1), num(10), num(11)}})
	figures := draw[struct {
		Figures []struct{ Label, Text string }
	}](t, every(t, "routine", "routine"), w.input(t, nada)).Figures
	if last := figures[len(figures)-1]; last.Label != "本月缺报部门（全省）" || last.Text != "1" {
		t.Errorf("the province's figure in a township is %+v", last)
	}
}

func TestAListHasWordsAndNumbers(t *testing.T) {
	w := newWorld()
	w.set("exchange.last", province, rows{
		{text("health"), text("2026-11-03"), num(2049), num(7), text("已送达")}, {text("water"), none, none, none, text("缺报")},
	})
	got := draw[tableOf](t, every(t, "operations", "exchange"), w.input(t, province))
	if texts, _ := got.cells("health"); strings.Join(texts, " ") != "2026-11-03 2,049 7 已送达" {
		t.Errorf("health: %q", texts)
	}
	if texts, _ := got.cells("water"); strings.Join(texts, " ") != "缺报 缺报 缺报 缺报" {
		t.Errorf("water: %q", texts)
	}
}

func TestAPathSaysSharesOfTheWhole(t *testing.T) {
	type steps struct {
		Footnote string
		Steps    []struct {
			Key, Text, State, Percent string
			Share                     float64
		}
	}
	w := newWorld()
	w.set("path.by_standing", province, rows{{text("general"), num(900), num(1)}, {text("screened"), num(0), num(0)}, {text("relative"), num(50), num(1)}, {text("monitored"), num(50), num(1)}})
	s := every(t, "people", "path")
	got := draw[steps](t, s, w.strict(t, province)).Steps
	if len(got) != 5 || got[0].Text != "1,000" || got[1].Percent != "90.0%" || got[2].Text != "0" || got[2].Percent != "0%" || got[4].Share != 0.05 {
		t.Errorf("got %+v", got)
	}
	w.set("path.by_standing", province, rows{{text("general"), num(900), num(1)}, {text("screened"), star, star}, {text("relative"), star, star}, {text("monitored"), num(50), num(1)}})
	hidden := draw[steps](t, s, w.strict(t, province))
	if hidden.Footnote != footnote {
		t.Errorf("the footnote is %q", hidden.Footnote)
	}
	for _, step := range hidden.Steps {
		if step.Percent != "" || step.Share != 0 && step.Key != "whole" {
			t.Errorf("a share over suppressed parts: %+v", step)
		}
	}
	w.set("assets.life", province, rows{{text("registered"), num(200), none}, {text("confirmed"), num(150), none}})
	if got := draw[steps](t, every(t, "assets", "life"), w.input(t, province)).Steps; got[0].Percent != "" || got[1].Percent != "75.0%" || got[2].State != "missing" {
		t.Errorf("got %+v", got)
	}
}

func TestAFlowIsNodesAndLinks(t *testing.T) {
	type flowOf struct {
		Empty, Footnote string
		Nodes           []struct {
			Name, Text string
			ItemStyle  struct{ Color string }
		}
		Links []struct {
			Source, Target string
			Value          float64
		}
	}
	s := every(t, "prevention", "chain")
	w := newWorld()
	w.set("funds.chain", province, rows{
		{text("省级下达"), text("市县划分"), num(373e6)}, {text("省级下达"), text("待划分"), num(8e6)},
		{text("市县划分"), text("收益户发放"), num(259e6)}, {text("市县划分"), text("待发放"), num(114e6)},
		{text("收益户发放"), text("省级下达"), num(1)}, // a circle is no flow
	})
	got := draw[flowOf](t, s, w.input(t, province))
	texts := map[string]string{}
	colours := map[string]string{}
	for _, n := range got.Nodes {
		texts[n.Name], colours[n.Name] = n.Text, n.ItemStyle.Color
	}
	if len(got.Links) != 4 || texts["省级下达"] != "3.81亿元" || texts["市县划分"] != "3.73亿元" || texts["待划分"] != "800.0万元" {
		t.Errorf("got %+v", got)
	}
	if colours["待发放"] != colours["待划分"] || colours["待发放"] == colours["收益户发放"] {
		t.Errorf("what has stayed behind is not told from what has gone on: %v", colours)
	}
	w.set("funds.chain", province, rows{})
	if got := draw[flowOf](t, s, w.input(t, province)); got.Empty != "本年尚无资金下达" {
		t.Errorf("without rows: %+v", got)
	}
	if got := draw[flowOf](t, s, w.input(t, danzhou)); got.Empty != "缺报" {
		t.Errorf("without a frame: %+v", got)
	}
	w.set("funds.chain", province, rows{{text("省级下达"), text("市县划分"), star}})
	if got := draw[flowOf](t, s, w.strict(t, province)); got.Nodes[0].Text != "＊" || got.Links[0].Value != 0 || got.Footnote != footnote {
		t.Errorf("suppressed: %+v", got)
	}
}

func TestTheWordsOfAnEmergency(t *testing.T) {
	type words struct {
		Empty      string
		Paragraphs []struct {
			Title string
			Lines []struct{ Label, Text, State string }
		}
	}
	s := every(t, "emergency", "event")
	w := newWorld()
	w.set("emergency.current", province, rows{{text("11月台风"), text("台风"), text("Ⅲ级"), text("2026-11-25 18:00"), text("预案"), text("渔船损失"), num(1), num(1), num(1), num(1)}})
	got := draw[words](t, s, w.input(t, province))
	if len(got.Paragraphs) != 1 || got.Paragraphs[0].Title != "11月台风" {
		t.Fatalf("got %+v", got)
	}
	lines := got.Paragraphs[0].Lines
	if last := lines[len(lines)-1]; last.Label != "数据暂不含" || last.Text != "渔船损失" {
		t.Errorf("what is not yet included reads %+v", last)
	}
	w.set("emergency.current", province, rows{{text("11月台风"), text("台风"), text("Ⅲ级"), text("2026-11-25 18:00"), text("预案"), text(""), num(7), num(9), num(1), num(1)}})
	lines = draw[words](t, s, w.input(t, province)).Paragraphs[0].Lines
	if last := lines[len(lines)-1]; last.Label != "数据截止" || lines[2].Text != "7" {
		t.Errorf("where all is included it reads %+v", lines)
	}
	w.set("emergency.current", province, rows{})
	if got := draw[words](t, s, w.input(t, province)); got.Empty != "当前没有应急事件" {
		t.Errorf("without an event: %+v", got)
	}
}

func TestPartsOfWholesOfTheirOwn(t *testing.T) {
	w := newWorld()
	w.set("backlog.overdue", province, rows{{text("household_check"), num(200), num(50)}, {text("village_review"), num(0), num(0)}, {text("township_check"), star, star}, {text("county_decision"), none, none}})
	got := draw[chart](t, every(t, "routine", "backlog"), w.strict(t, province))
	for key, want := range map[string]map[string]any{
		"household_check": {"share": 0.25, "text": "50条", "detail": "共200条", "percent": "25.0%"},
		"village_review":  {"share": 0.0, "text": "0条", "percent": ""},
		"township_check":  {"share": 0.0, "text": "＊", "detail": "", "percent": ""},
		"county_decision": {"share": 0.0, "text": "缺报", "detail": "", "percent": ""},
	} {
		for column, value := range want {
			if got := got.row(t, key)[column]; got != value {
				t.Errorf("%s: %s is %v, want %v", key, column, got, value)
			}
		}
	}
}

// The colours of warnings are for warnings: levels of risk have theirs, all else the accent.
func TestOnlyLevelsHaveColours(t *testing.T) {
	for _, s := range panels(t) {
		m, _ := newWorld().input(t, province).Catalogue.Metric(s.Metric)
		option, err := panel.Option(s, newWorld().input(t, province))
		if err != nil {
			t.Fatal(err)
		}
		level := m != nil && m.Columns[0].Type == queries.TypeCode && strings.HasSuffix(m.Columns[0].Codes, "_level") && m.Columns[0].Codes != "education_level"
		if strings.Contains(string(option), "#c8372d") != (level && option != nil) {
			t.Errorf("%s: red is where it means nothing, or is not where it does", s.ID)
		}
	}
}
