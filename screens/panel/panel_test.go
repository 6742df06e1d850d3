package panel_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/screens"
	"liaowang/screens/panel"
)

const (
	province = "460000"
	danzhou  = "460400"
	sansha   = "460300"
	nada     = "460400100"
)

type rows = [][]batch.Cell

var (
	text = batch.Text
	num  = batch.Num
	na   = batch.NA()
	none = batch.Cell{}
)

// world is a province of three counties and what it reports.
type world map[batch.Key]*batch.Frame

func newWorld() world {
	w := world{}
	w.set(queries.RegionsMetric, province, rows{
		{text(province), text("0"), text("province"), text("海南省"), num(1)},
		{text(danzhou), text(province), text("county"), text("儋州市"), num(1)},
		{text(sansha), text(province), text("county"), text("三沙市"), num(0)},
		{text("469029"), text(province), text("county"), text("保亭黎族苗族自治县"), num(1)},
		{text(nada), text(danzhou), text("township"), text("那大镇"), num(1)},
		{text("460400101"), text(danzhou), text("township"), text("和庆镇"), num(1)},
		{text("460300100"), text(sansha), text("township"), text("永兴镇"), num(1)},
	})
	return w
}

func (w world) set(metric, region string, r rows) {
	w[batch.Key{Metric: metric, Region: region}] = &batch.Frame{Metric: metric, Region: region, Rows: r}
}

func (w world) input(t testing.TB, region string) panel.Input {
	t.Helper()
	cat, _ := loaded()
	regions, err := panel.NewRegions(w[batch.Key{Metric: queries.RegionsMetric, Region: province}])
	if err != nil {
		t.Fatal(err)
	}
	return panel.Input{Catalogue: cat, Regions: regions, Region: region,
		Frame: func(metric, region string) *batch.Frame { return w[batch.Key{Metric: metric, Region: region}] }}
}

// spec is a panel of the screen 总览.
func spec(t testing.TB, id string) panel.Spec {
	t.Helper()
	for _, s := range overview(t).Panels {
		if s.ID == id {
			return s
		}
	}
	t.Fatalf("no panel %s", id)
	return panel.Spec{}
}

// loaded is the catalogue and its screens, read once.
var loaded = sync.OnceValues(func() (*queries.Catalogue, []screens.Screen) {
	cat, err := queries.Load()
	if err != nil {
		panic(err)
	}
	list, err := screens.Load(cat)
	if err != nil {
		panic(err)
	}
	return cat, list
})

func overview(t testing.TB) *screens.Screen {
	t.Helper()
	_, list := loaded()
	return screens.Find(list, "overview")
}

// panels are those of all screens.
func panels(t testing.TB) []panel.Spec {
	t.Helper()
	_, list := loaded()
	var all []panel.Spec
	for _, s := range list {
		all = append(all, s.Panels...)
	}
	return all
}

// every finds a panel of any screen.
func every(t testing.TB, screen, id string) panel.Spec {
	t.Helper()
	_, list := loaded()
	for _, s := range screens.Find(list, screen).Panels {
		if s.ID == id {
			return s
		}
	}
	t.Fatalf("no panel %s/%s", screen, id)
	return panel.Spec{}
}

type amount struct {
	ID     string
	Value  *float64
	Text   string
	Unit   string
	State  string
	Beside *amount
}

type chart struct {
	Title  string
	Empty  string
	Total  *amount
	Source [][]any
}

// draw decodes what a panel shows.
func draw[T any](t testing.TB, s panel.Spec, in panel.Input) T {
	t.Helper()
	raw, err := panel.Data(s, in)
	if err != nil {
		t.Fatal(err)
	}
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return v
}

// row finds a row of a dataset by its key, as column → value.
func (c chart) row(t testing.TB, key string) map[string]any {
	t.Helper()
	for _, r := range c.Source[1:] {
		if r[0] == key {
			out := map[string]any{}
			for i, name := range c.Source[0] {
				out[name.(string)] = r[i]
			}
			return out
		}
	}
	t.Fatalf("no row %s in %v", key, c.Source)
	return nil
}

func (c chart) keys() string {
	var keys []string
	for _, r := range c.Source[1:] {
		keys = append(keys, r[0].(string))
	}
	return strings.Join(keys, " ")
}

func TestFigureTellsNumberMissingAndNotApplicableApart(t *testing.T) {
	for _, tt := range []struct {
		name, region string
		rows         rows
		text, state  string
		null         bool
	}{
		{"number", province, rows{{num(12534), num(47826)}}, "12,534", "ok", false},
		{"zero", province, rows{{num(0), num(0)}}, "0", "ok", false},
		{"missing", province, rows{{none, none}}, "缺报", "missing", true},
		{"cell not applicable", province, rows{{na, na}}, "不适用", "na", true},
		{"no frame", province, nil, "缺报", "missing", true},
		{"frame without rows", province, rows{}, "缺报", "missing", true},
		{"row too short", province, rows{{}}, "缺报", "missing", true},
		{"text where a number belongs", province, rows{{text("x"), num(1)}}, "缺报", "missing", true},
		{"region not applicable, whatever it reports", sansha, rows{{num(0), num(0)}}, "不适用", "na", true},
		{"township of it", "460300100", rows{{num(7), num(9)}}, "不适用", "na", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			if tt.rows != nil {
				w.set("monitored.total", tt.region, tt.rows)
			}
			got := draw[struct{ Figures []amount }](t, spec(t, "monitored"), w.input(t, tt.region)).Figures[0]
			if got.ID != "total" || got.Text != tt.text || got.State != tt.state || (got.Value == nil) != tt.null {
				t.Errorf("got %+v, want text %s, state %s", got, tt.text, tt.state)
			}
		})
	}
}

func TestFigureCarriesUnitAndWhatStandsBeside(t *testing.T) {
	w := newWorld()
	w.set("registered.total", province, rows{{num(151432), num(648073)}})
	got := draw[struct{ Figures []amount }](t, spec(t, "registered"), w.input(t, province)).Figures[0]
	if got.Unit != "户" || *got.Value != 151432 || got.Beside.Text != "648,073" || got.Beside.Unit != "人" {
		t.Errorf("got %+v beside %+v", got, got.Beside)
	}
}

func TestRankingSortsAndKeepsEveryRegion(t *testing.T) {
	w := newWorld()
	w.set("monitored.by_region", province, rows{
		{text("469029"), none, none},
		{text(danzhou), num(1361), num(5000)},
		{text("469999"), num(2000), num(1)},
	})
	got := draw[chart](t, spec(t, "ranking"), w.input(t, province))
	if want := "469999 460400 469029 460300"; got.keys() != want {
		t.Errorf("order is %s, want %s", got.keys(), want)
	}
	for key, want := range map[string]map[string]any{
		danzhou:  {"label": "儋州市", "text": "1,361户", "state": "ok", "households": 1361.0, "bar": 1361.0},
		"469029": {"text": "缺报", "state": "missing", "households": nil, "bar": 0.0},
		sansha:   {"text": "不适用", "state": "na", "households": nil, "bar": 0.0},
		"469999": {"label": "469999", "text": "2,000户"},
	} {
		for column, value := range want {
			if got := got.row(t, key)[column]; got != value {
				t.Errorf("%s: %s is %v, want %v", key, column, got, value)
			}
		}
	}
}

func TestRankingFollowsTheLevel(t *testing.T) {
	w := newWorld()
	w.set("monitored.by_region", danzhou, rows{{text(nada), num(3), num(9)}, {text("460400101"), num(5), num(9)}})
	county := draw[chart](t, spec(t, "ranking"), w.input(t, danzhou))
	if county.Title != "乡镇排序" || county.keys() != "460400101 460400100" {
		t.Errorf("county: %+v", county)
	}
	township := draw[chart](t, spec(t, "ranking"), w.input(t, nada))
	if township.Title != "本县乡镇排序" || township.row(t, nada)["label"] != "▸那大镇" {
		t.Errorf("township: %+v", township)
	}
	if got := draw[chart](t, spec(t, "ranking"), w.input(t, "469029")); got.Empty != "没有下一级" {
		t.Errorf("county without townships: %+v", got)
	}
}

// 460107 is a district, of which the tree knows nothing: the township lies in the city.
func TestRankingOfATownshipOfADistrictIsTheCitys(t *testing.T) {
	w := newWorld()
	w.set(queries.RegionsMetric, province, append(slices.Clone(w[batch.Key{Metric: queries.RegionsMetric, Region: province}].Rows),
		[]batch.Cell{text("460100"), text(province), text("county"), text("海口市"), num(1)},
		[]batch.Cell{text("460107004"), text("460100"), text("township"), text("滨江街道"), num(1)}))
	w.set("monitored.by_region", "460100", rows{{text("460107004"), num(3), num(9)}})
	s := spec(t, "ranking")
	if got := draw[chart](t, s, w.input(t, "460107004")); got.Empty != "" || got.row(t, "460107004")["label"] != "▸滨江街道" {
		t.Errorf("township of a district: %+v", got)
	}
	if !slices.Contains(panel.Needs(s, "460107004", w.input(t, province).Regions), batch.Key{Metric: s.Metric, Region: "460100"}) {
		t.Error("the frame of the city is not named")
	}
}

func TestRankingFoldsWhatIsTooMany(t *testing.T) {
	w := newWorld()
	s := spec(t, "ranking")
	s.Limit = 3
	var r rows
	for i := range 6 {
		r = append(r, []batch.Cell{text(fmt.Sprintf("46040010%d", i)), num(float64(10 - i)), num(1)})
	}
	w.set("monitored.by_region", danzhou, r)
	got := draw[chart](t, s, w.input(t, danzhou))
	rest := got.row(t, "rest")
	if len(got.Source) != 4 || rest["label"] != "其余4个" || rest["text"] != "26户" || rest["bar"] != 0.0 {
		t.Errorf("got %v", got.Source)
	}
	r[5][1] = none
	w.set("monitored.by_region", danzhou, r)
	if rest := draw[chart](t, s, w.input(t, danzhou)).row(t, "rest"); rest["text"] != "缺报" {
		t.Errorf("a sum over a missing part must be missing, is %v", rest)
	}
}

func TestShareGivesExactCountsAndShares(t *testing.T) {
	w := newWorld()
	w.set("leads.by_channel", province, rows{
		{text("self_report"), num(338)}, {text("grassroots"), num(8258)}, {text("department"), num(10168)}, {text("other"), num(2)},
	})
	got := draw[chart](t, spec(t, "channels"), w.input(t, province))
	if got.Total.Text != "18,766" {
		t.Errorf("total is %+v", got.Total)
	}
	if r := got.row(t, "other"); r["text"] != "2户" || r["percent"] != "<0.1%" {
		t.Errorf("the smallest channel is %v", r)
	}
	w.set("leads.by_channel", province, rows{{text("self_report"), num(338)}, {text("carrier_pigeon"), num(3)}})
	got = draw[chart](t, spec(t, "channels"), w.input(t, province))
	if r := got.row(t, "carrier_pigeon"); r["label"] != "carrier_pigeon" || r["text"] != "3户" || r["percent"] != "" {
		t.Errorf("an unknown code must be shown under its own name, without a share of a whole that is missing: %v", r)
	}
	if r := got.row(t, "grassroots"); r["text"] != "缺报" || got.Total.Text != "缺报" {
		t.Errorf("a code without a row is missing, and so is the sum: %v, %+v", r, got.Total)
	}
}

func TestStagesKeepTheOrderOfTheProcedure(t *testing.T) {
	w := newWorld()
	w.set("backlog.by_stage", province, rows{{text("county_decision"), num(10)}, {text("village_review"), num(8872)}, {text("household_check"), num(5776)}, {text("township_check"), num(125)}})
	got := draw[chart](t, spec(t, "backlog"), w.input(t, province))
	if got.keys() != "household_check village_review township_check county_decision" || got.Total.Text != "14,783" {
		t.Errorf("got %v, total %+v", got.keys(), got.Total)
	}
}

func TestMapShowsAllCountiesAndSanshaInTheInset(t *testing.T) {
	w := newWorld()
	w.set("monitored.by_region", province, rows{{text(danzhou), num(1361), num(1)}, {text("469029"), num(0), num(0)}})
	for _, region := range []string{province, danzhou, nada} {
		got := draw[chart](t, spec(t, "map"), w.input(t, region))
		if r := got.row(t, sansha); r["text"] != "不适用" || r["lng"] != nil || r["ilng"] == nil {
			t.Errorf("%s: 三沙市 is %v", region, r)
		}
		if r := got.row(t, "469029"); r["label"] != "保亭" || r["text"] != "0" || r["households"] != 0.0 || r["lng"] == nil {
			t.Errorf("%s: 保亭 is %v", region, r)
		}
	}
	option, err := panel.Option(spec(t, "map"), w.input(t, danzhou))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"hainan.main", "hainan.inset", "hainan.around", "南海诸岛"} {
		if !strings.Contains(string(option), want) {
			t.Errorf("the map's option lacks %s", want)
		}
	}
}

func TestTableWritesAColumnOfMoneyInOneUnit(t *testing.T) {
	w := newWorld()
	w.set("assets.by_class", province, rows{
		{text("public_welfare"), num(38214), num(9.1320456e9), num(0)},
		{text("operating"), num(9120), num(1000), num(0)},
		{text("household"), num(0), num(2.5e8), none},
	})
	got := draw[struct {
		Columns []struct{ Label, Unit string }
		Rows    []struct {
			Key   string
			Cells []amount
		}
	}](t, spec(t, "assets"), w.input(t, province))
	if got.Columns[1].Unit != "亿元" || len(got.Rows) != 4 {
		t.Fatalf("got %+v", got)
	}
	for row, want := range [][]string{{"38,214", "91.32", "0"}, {"9,120", "<0.01", "0"}, {"0", "2.50", "缺报"}, {"47,334", "93.82", "缺报"}} {
		for i, text := range want {
			if cell := got.Rows[row].Cells[i]; cell.Text != text {
				t.Errorf("row %d, column %d reads %q, want %q", row, i, cell.Text, text)
			}
		}
	}
}

func TestOptionHasNoDataNoFunctionsAndIsDrawnFromTheRegionOnly(t *testing.T) {
	full, empty := newWorld(), newWorld()
	full.set("monitored.by_type", province, rows{{text("marginal_poor"), num(4669), num(17693)}})
	full.set("monitored.by_region", province, rows{{text(danzhou), num(1361), num(1)}})
	for _, s := range panels(t) {
		a, err := panel.Option(s, full.input(t, province))
		if err != nil {
			t.Fatal(err)
		}
		b, _ := panel.Option(s, empty.input(t, province))
		if string(a) != string(b) {
			t.Errorf("%s: the option depends on figures", s.ID)
		}
		if strings.Contains(string(a), "function") || strings.Contains(string(a), "__f__") {
			t.Errorf("%s: the option holds a function", s.ID)
		}
		isChart := slices.Contains([]panel.Kind{panel.KindBars, panel.KindShare, panel.KindStages, panel.KindMap, panel.KindTrend, panel.KindFlow}, s.Kind)
		if (a != nil) != isChart {
			t.Errorf("%s: kind %s has option %s", s.ID, s.Kind, a)
		}
	}
}

func TestNeedsIsAllThatAPanelReads(t *testing.T) {
	for _, region := range []string{province, danzhou, nada} {
		for _, s := range panels(t) {
			needs := map[batch.Key]bool{}
			for _, k := range panel.Needs(s, region, newWorld().input(t, region).Regions) {
				needs[k] = true
			}
			in := newWorld().input(t, region)
			in.Frame = func(metric, region string) *batch.Frame {
				if !needs[batch.Key{Metric: metric, Region: region}] {
					t.Errorf("%s in %s reads %s/%s, which it does not name", s.ID, in.Region, metric, region)
				}
				return nil
			}
			if _, err := panel.Data(s, in); err != nil {
				t.Error(err)
			}
			if _, err := panel.Option(s, in); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestRegions(t *testing.T) {
	r := newWorld().input(t, province).Regions
	if path := r.Path(nada); len(path) != 3 || path[0].Name != "海南省" || path[2].Name != "那大镇" {
		t.Errorf("path is %v", path)
	}
	if r.Path("nowhere") != nil || len(r.Children(province)) != 3 {
		t.Errorf("unknown or children: %v", r.Children(province))
	}
	if n, ok := r.Get("460300100"); !ok || n.Applicable {
		t.Errorf("a township of 三沙 must not be applicable: %+v", n)
	}
	for name, bad := range map[string]rows{
		"short":         {{text("1")}},
		"number":        {{num(1), text("0"), text("province"), text("x"), num(1)}},
		"twice":         {{text("1"), text("0"), text("province"), text("x"), num(1)}, {text("1"), text("0"), text("province"), text("x"), num(1)}},
		"unknown level": {{text("1"), text("0"), text("street"), text("x"), num(1)}},
	} {
		if _, err := panel.NewRegions(&batch.Frame{Rows: bad}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := panel.NewRegions(nil); err == nil {
		t.Error("no frame: no error")
	}
	loop := rows{{text("1"), text("2"), text("county"), text("a"), num(1)}, {text("2"), text("1"), text("county"), text("b"), num(1)}}
	if r, err := panel.NewRegions(&batch.Frame{Rows: loop}); err != nil || len(r.Path("1")) > 3 {
		t.Errorf("a loop must end: %v", err)
	}
}

// FuzzData draws every panel from frames of random cells: nothing panics, and
// the same frames give the same bytes.
func FuzzData(f *testing.F) {
	f.Add([]byte("self_report"), 1.0, uint8(2), uint8(1))
	f.Add([]byte("n/a\xff"), math.Inf(1), uint8(0), uint8(3))
	f.Add([]byte(danzhou), -1e300, uint8(9), uint8(2))
	f.Fuzz(func(t *testing.T, key []byte, v float64, width, state uint8) {
		cell := []batch.Cell{none, na, num(v), text(string(key)), star}[state%5]
		w := newWorld()
		for _, s := range panels(t) {
			for _, k := range panel.Needs(s, province, newWorld().input(t, province).Regions) {
				row := []batch.Cell{text(string(key))}
				for range width % 6 {
					row = append(row, cell)
				}
				w.set(k.Metric, k.Region, rows{row, row[1:], {}})
			}
		}
		for _, region := range []string{province, danzhou, string(key)} {
			in := w.input(t, region)
			for _, s := range panels(t) {
				a, err := panel.Data(s, in)
				if err != nil {
					t.Fatalf("%s: %v", s.ID, err)
				}
				if b, _ := panel.Data(s, in); string(a) != string(b) {
					t.Fatalf("%s: two answers for the same frames", s.ID)
				}
			}
		}
	})
}

func TestChartsAndStylesAgreeOnColours(t *testing.T) {
	css, err := os.ReadFile("../../static/css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	theme, err := os.ReadFile("theme.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`colour(Text|Label|Quiet|Line|Track|Ground|Accent|Changed|NoData|Hidden|Red|Yellow|Green|Sea)\s*= "(#[0-9a-f]{6})"`).FindAllStringSubmatch(string(theme), -1) {
		name := strings.ToLower(strings.Replace(m[1], "NoData", "no-data", 1))
		if !strings.Contains(string(css), "--"+name+": "+m[2]+";") {
			t.Errorf("theme.go has %s = %s, tokens.css has another --%s", m[1], m[2], name)
		}
	}
	for i, shade := range regexp.MustCompile(`"(#[0-9a-f]{6})"[,}]`).FindAllStringSubmatch(string(theme), -1) {
		if want := fmt.Sprintf("--shade-%d: %s;", i, shade[1]); !strings.Contains(string(css), want) {
			t.Errorf("theme.go has shade %s, tokens.css has not %s", shade[1], want)
		}
	}
}

// Whoever reads from ten metres, or in the sun, sees what is written: 4.5 to 1 at least.
func TestTextStandsOutFromItsGround(t *testing.T) {
	css, err := os.ReadFile("../../static/css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	light := func(hex string) float64 {
		var l float64
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			v := float64(n) / 255
			if v <= 0.03928 {
				v /= 12.92
			} else {
				v = math.Pow((v+0.055)/1.055, 2.4)
			}
			l += weight * v
		}
		return l
	}
	dark, bright, ok := strings.Cut(string(css), `[data-theme="light"]`)
	if !ok {
		t.Fatal("there is no light theme")
	}
	for theme, text := range map[string]string{"dark": dark, "light": bright} {
		tokens := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z0-9-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(text, -1) {
			tokens[m[1]] = m[2]
		}
		for _, pair := range []string{
			"text ground", "label ground", "quiet ground", "yellow ground", "text track", "label track", "text changed", "text hidden", "label no-data",
			"text shade-0", "text shade-1", "text shade-2", "text shade-3", "text shade-4", "on-red red", "on-yellow yellow",
		} {
			on, ground, _ := strings.Cut(pair, " ")
			if tokens[on] == "" || tokens[ground] == "" {
				t.Fatalf("%s: there is no %s", theme, pair)
			}
			a, b := light(tokens[on]), light(tokens[ground])
			if ratio := (max(a, b) + 0.05) / (min(a, b) + 0.05); ratio < 4.5 {
				t.Errorf("%s: %s on %s is %.2f to 1", theme, on, ground, ratio)
			}
		}
	}
}
