package web_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	qr "github.com/piglig/go-qr"

	"liaowang/queries/warehouse"
	"liaowang/screens/web"
)

// cardOf is what these tests look at of a card.
type cardOf struct {
	Metric, Title, Definition, Policy, Source, SQL, Link, QR, Days, Shown string
	SQLHidden                                                             string `json:"sql_hidden"`
	LinkHidden                                                            string `json:"link_hidden"`
	Batch                                                                 uint64
	AsOf                                                                  time.Time `json:"as_of"`
	Demo, Newest                                                          bool
	Region                                                                struct{ Code, Name, Level string }
	Tables                                                                []struct{ Name, Title, System string }
	Answer                                                                struct {
		Rows []struct {
			Key   string
			Cells []struct{ Text, Unit, State string }
		}
	}
	States []struct{ State, Words string }
	Checks []struct{ ID, State, Words, Where string }
}

// tree is the frame of the regions as it is recorded.
func tree() warehouse.RecordedFrame {
	return warehouse.RecordedFrame{Metric: "regions.list", Region: "460000", Changed: 1,
		Rows: []byte(`[["460000","0","province","海南省",1],["460300","460000","county","三沙市",0]]`)}
}

func askCard(t *testing.T, url string) (c cardOf) {
	t.Helper()
	r, body := get(t, url)
	if err := json.Unmarshal([]byte(body), &c); err != nil || r.StatusCode != 200 {
		t.Fatalf("%s: %d %s %v", url, r.StatusCode, body, err)
	}
	return c
}

func (c cardOf) texts() (all []string) {
	for _, row := range c.Answer.Rows {
		for _, cell := range row.Cells {
			all = append(all, cell.Text+cell.Unit)
		}
	}
	return all
}

func TestTheCardBehindANumber(t *testing.T) {
	s := serveBatch(t, 5, web.Options{Record: recorded(t, tree()), Now: clock, PublicURL: "http://hall.example:8080"})
	c := askCard(t, s.URL+"/api/card/registered.total")
	if c.Title == "" || c.Definition == "" || !strings.Contains(c.Policy, "国开办发〔2014〕24号") || c.Source == "" || c.Batch != 5 || !c.Demo || !c.Newest ||
		c.Shown != "yes" || c.Region.Name != "海南省" || c.AsOf.Unix() != 1_790_000_000 {
		t.Errorf("the card says %+v", c)
	}
	if len(c.Tables) != 1 || c.Tables[0].Name != "reported_totals" || c.Tables[0].System == "" {
		t.Errorf("tables %+v", c.Tables)
	}
	if diff := cmp.Diff([]string{"0户", "缺报"}, c.texts()); diff != "" {
		t.Error(diff)
	}
	if len(c.States) != 1 || c.States[0].State != "missing" {
		t.Errorf("states %+v", c.States)
	}
	if !strings.Contains(c.SQL, "SELECT") || c.Link != "http://hall.example:8080/card/registered.total?region=460000&batch=5" {
		t.Errorf("SQL %s, link %s", c.SQL, c.Link)
	}
	if c = askCard(t, s.URL+"/api/card/registered.total?region=460300&batch=5"); len(c.States) != 1 || c.States[0].Words != "不适用：三沙市不统计农户" {
		t.Errorf("of 三沙市: %+v", c.States)
	}
	// A batch of before, whole: its figures and its number.
	for range 2 {
		c = askCard(t, s.URL+"/api/card/registered.total?batch=2")
		if diff := cmp.Diff([]string{"11户", "＊"}, c.texts()); diff != "" || c.Batch != 2 || c.Newest || !strings.Contains(c.Link, "batch=2") || !strings.Contains(c.Days, "batch=2") {
			t.Errorf("batch 2: %s %+v", diff, c)
		}
	}
	if c = askCard(t, s.URL+"/api/card/registered.total?at=2030-03-14T12:01:30"); c.Batch != 1 {
		t.Errorf("of that time is batch %d", c.Batch)
	}
}

func TestWhatACardIsRefusedFor(t *testing.T) {
	s := serveBatch(t, 5, web.Options{Record: recorded(t), Now: clock})
	without, empty := serveBatch(t, 5, web.Options{}), serve(t, false)
	for _, tt := range []struct {
		url    string
		status int
		code   string
	}{
		{s.URL + "/api/card/no.such", 404, "unknown_metric"},
		{s.URL + "/card/no.such", 404, "unknown_metric"},
		{s.URL + "/card/registered.total", 200, ""},
		{s.URL + "/api/card/registered.total?region=1", 404, "unknown_region"},
		{s.URL + "/api/card/registered.total?batch=x", 400, "bad_number"},
		{s.URL + "/api/card/registered.total?batch=3", 404, "never_shown"},
		{s.URL + "/api/card/registered.total?batch=9", 404, "not_yet"},
		{s.URL + "/api/card/registered.total/days?batch=9", 404, "not_yet"},
		{without.URL + "/api/card/registered.total?batch=4", 501, "no_record"},
		{without.URL + "/api/card/registered.total?batch=5", 200, ""},
		{without.URL + "/api/card/registered.total/days", 501, "no_record"},
		{empty.URL + "/api/card/registered.total", 503, "no_data_yet"},
		// Nobody else reaches a name of this machine.
		{s.URL + "/api/card/registered.total/qr.svg", 404, "no_public_url"},
	} {
		r, body := get(t, tt.url)
		if r.StatusCode != tt.status || tt.code != "" && !strings.Contains(body, `"code":"`+tt.code+`"`) {
			t.Errorf("%s: %d %.200s, want %d %s", tt.url, r.StatusCode, body, tt.status, tt.code)
		}
	}
	if c := askCard(t, s.URL+"/api/card/registered.total"); c.Link != "" || c.QR != "" || !strings.Contains(c.LinkHidden, "--public-url") {
		t.Errorf("the card says %q, %q, %q", c.Link, c.QR, c.LinkHidden)
	}
}

// Statements are shown to this machine, and to others only by a flag of its own.
func TestWhoSeesTheStatements(t *testing.T) {
	for _, tt := range []struct {
		door      web.Door
		from      string
		forwarded string
		sees      bool
	}{
		{web.Door{}, "127.0.0.1:50000", "", true},
		{web.Door{Network: true}, "127.0.0.1:50000", "", true},
		{web.Door{Network: true}, "127.0.0.1:50000", "10.1.2.3", false}, // through a proxy on this machine
		{web.Door{Network: true}, "10.1.2.3:50000", "", false},
		{web.Door{Network: true, NetworkSQL: true}, "10.1.2.3:50000", "", true},
	} {
		sees := false
		h := tt.door.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			v, _ := web.ViewerOf(r.Context())
			sees = v.SQL
		}))
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8080/api/card/registered.total", nil)
		r.RemoteAddr = tt.from
		if tt.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tt.forwarded)
		}
		h.ServeHTTP(httptest.NewRecorder(), r)
		if sees != tt.sees {
			t.Errorf("%+v: sees them: %v", tt, sees)
		}
	}
	// Nothing gives them away on another path.
	s := serveBatch(t, 5, web.Options{Door: web.Door{Network: true}})
	for _, path := range []string{"/api/card/registered.total", "/api/metrics"} {
		_, body := get(t, s.URL+path, "Host", "hall.example")
		if strings.Contains(body, "SELECT") {
			t.Errorf("%s shows statements: %.300s", path, body)
		}
	}
	r, body := get(t, s.URL+"/api/card/registered.total", "Host", "hall.example:8080")
	if r.StatusCode != 200 || !strings.Contains(body, `"link":"http://hall.example:8080/card/`) {
		t.Errorf("%d %s", r.StatusCode, body)
	}
}

// A reader of codes finds the card's address in its code.
func TestTheCodeOfACard(t *testing.T) {
	s := serveBatch(t, 5, web.Options{PublicURL: "https://hall.example"})
	c := askCard(t, s.URL+"/api/card/registered.total?region=460300")
	r, svg := get(t, s.URL+c.QR)
	if r.Header.Get("Content-Type") != "image/svg+xml" {
		t.Fatalf("%s: %s", r.Header.Get("Content-Type"), svg)
	}
	if got := decode(t, svg); got != c.Link {
		t.Errorf("the code leads to %s, the card says %s", got, c.Link)
	}
}

// decode draws a code of squares and reads it.
func decode(t *testing.T, svg string) string {
	t.Helper()
	const scale = 4
	var size int
	if m := regexp.MustCompile(`viewBox="0 0 (\d+) `).FindStringSubmatch(svg); m != nil {
		size, _ = strconv.Atoi(m[1])
	}
	img := image.NewGray(image.Rect(0, 0, size*scale, size*scale))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for _, m := range regexp.MustCompile(`M(\d+),(\d+)h1v1h-1z`).FindAllStringSubmatch(svg, -1) {
		x, _ := strconv.Atoi(m[1])
		y, _ := strconv.Atoi(m[2])
		for dy := range scale {
			for dx := range scale {
				img.SetGray(x*scale+dx, y*scale+dy, color.Gray{})
			}
		}
	}
	text, err := qr.Decode(img)
	if err != nil {
		t.Fatalf("%v: %.300s", err, svg)
	}
	return text
}

func TestTheLastDaysOfANumber(t *testing.T) {
	w := recorded(t)
	keep := func(day string, value float64) {
		t.Helper()
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.RecordDay(t.Context(), at, 1, []warehouse.DayFigure{{Metric: "registered.total", Region: "460000", Figure: "households", Value: value}}); err != nil {
			t.Fatal(err)
		}
	}
	// The batch is of 21 September 2026 in these tests.
	keep("2026-08-22", 1) // thirty days before
	keep("2026-08-23", 2)
	keep("2026-09-20", 3)
	keep("2026-09-21", 4) // its own day: the batch itself is shown
	s := serveBatch(t, 5, web.Options{Record: w, Now: clock})
	_, body := get(t, s.URL+"/api/card/registered.total/days")
	var got struct {
		Days   []string
		Batch  uint64
		Series []struct {
			Key, Column string
			Points      []*struct{ Text, State string }
		}
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	if len(got.Days) != 30 || got.Days[0] != "2026-08-23" || got.Days[29] != "2026-09-21" || got.Batch != 5 || len(got.Series) != 2 || got.Series[0].Column != "households" {
		t.Fatal(body)
	}
	shown := map[string]string{}
	for i, p := range got.Series[0].Points {
		if p != nil {
			shown[got.Days[i]] = p.Text
		}
	}
	if diff := cmp.Diff(map[string]string{"2026-08-23": "2", "2026-09-20": "3", "2026-09-21": "0"}, shown); diff != "" {
		t.Error(diff)
	}
	if p := got.Series[1].Points; p[29] == nil || p[29].State != "missing" {
		t.Errorf("the day's own point of persons: %s", body)
	}
}

func TestAScreenSaysWhichCardsStandBehindItsPanels(t *testing.T) {
	s := serve(t, false)
	_, body := get(t, s.URL+"/api/screens/overview")
	var got struct {
		ID    string
		Cards map[string][]struct{ Metric, Label, Figure string }
	}
	if err := json.NewDecoder(bytes.NewReader([]byte(body))).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if c := got.Cards["monitored"]; got.ID != "overview" || len(c) != 3 || c[1].Metric != "risk.eliminated" || c[1].Figure != "eliminated" || c[1].Label != "其中 风险已消除" {
		t.Errorf("%s: %+v", got.ID, got.Cards)
	}
	if c := got.Cards["map"]; len(c) != 1 || c[0].Metric != "monitored.by_region" || c[0].Label != "监测对象分布" {
		t.Errorf("%+v", got.Cards["map"])
	}
}
