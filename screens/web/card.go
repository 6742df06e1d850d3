package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/screens"
	"liaowang/screens/hub"
	"liaowang/screens/panel"
)

// card is what stands behind a number (口径卡): what it means, where it comes from, what
// the checks say of it. All of it is of one batch.
type card struct {
	Metric     string   `json:"metric"`
	Title      string   `json:"title"`
	Unit       string   `json:"unit"`
	Definition string   `json:"definition"`
	Policy     string   `json:"policy"`
	Source     string   `json:"source"`
	Note       string   `json:"note,omitempty"`
	Levels     []string `json:"levels"`
	// Tables are those that the metric depends on, each with the system that fills it.
	Tables []cardTable `json:"tables"`

	Region cardRegion `json:"region"`
	// Path leads from the province to the region.
	Path []cardRegion `json:"path"`

	History   string    `json:"history"`
	Batch     uint64    `json:"batch"`
	AsOf      time.Time `json:"as_of"`
	Demo      bool      `json:"demo"`
	LeastCell int       `json:"least_cell"`
	// Newest says that no later batch has been shown; Shown is that of the header
	// Liaowang-Shown.
	Newest bool   `json:"newest"`
	Shown  string `json:"shown"`

	Answer panel.Answer `json:"answer"`
	// States explains, in words, what is no plain number in the answer.
	States []cardState `json:"states"`
	Checks []cardCheck `json:"checks"`

	// SQL is the statement for any client; absent where SQLHidden says why.
	SQL       string `json:"sql,omitempty"`
	SQLHidden string `json:"sql_hidden,omitempty"`

	// Link is the address of the same card on another screen, QR that of its code; both
	// absent where LinkHidden says why.
	Link       string `json:"link,omitempty"`
	QR         string `json:"qr,omitempty"`
	LinkHidden string `json:"link_hidden,omitempty"`
	// Days is where the days before are asked for.
	Days string `json:"days,omitempty"`
}

type cardTable struct {
	Name   string `json:"name"`
	Title  string `json:"title"`
	System string `json:"system"`
}

type cardRegion struct {
	Code  string      `json:"code"`
	Name  string      `json:"name"`
	Level panel.Level `json:"level"`
}

type cardState struct {
	State string `json:"state"` // missing, na, suppressed, failing
	Words string `json:"words"`
}

// cardCheck is what a check that reads the metric says of the region.
type cardCheck struct {
	ID         string       `json:"id"`
	Title      string       `json:"title"`
	Definition string       `json:"definition"`
	Policy     batch.Policy `json:"policy"`
	// State is holds; fails: in this region; elsewhere: not here, but in others; or
	// unknown: it could not be evaluated, or too many regions fail to list them.
	State string `json:"state"`
	// Words are those of this region, else of Where.
	Words string `json:"words,omitempty"`
	Where string `json:"where,omitempty"`
	// Failed is how many regions fail.
	Failed   int             `json:"failed,omitempty"`
	Since    *time.Time      `json:"since,omitempty"`
	Releases []batch.Release `json:"releases,omitempty"`
}

// asked is a metric in a region that a card is asked for.
type asked struct {
	metric *queries.Metric
	region string
}

// onBatch finds metric, region and batch of a request and hands them over: from memory
// where this node has shown the batch lately, else from the record, where few may read.
func (s *server) onBatch(next func(w http.ResponseWriter, r *http.Request, a asked, shown *hub.Shown, word string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := chi.URLParam(r, "metric")
		m, ok := s.Catalogue.Metric(id)
		if !ok {
			writeError(w, http.StatusNotFound, "unknown_metric", "there is no metric "+id)
			return
		}
		q := r.URL.Query()
		a := asked{m, cmp.Or(q.Get("region"), s.Province)}
		number, err := strconv.ParseUint(cmp.Or(q.Get("batch"), "0"), 10, 63)
		if !q.Has("at") && err == nil {
			if shown := s.Hub.Recent(number); shown != nil {
				s.answer(w, r, a, shown, "yes", next)
				return
			} else if number == 0 {
				noBatch(w)
				return
			}
		}
		s.past.waiting(func(w http.ResponseWriter, r *http.Request) {
			b, err := s.find(r.Context(), q.Get("batch"), q.Get("at"))
			var shown *hub.Shown
			if err == nil {
				shown, err = s.rebuilt(r.Context(), b, []batch.Key{{Metric: m.ID, Region: a.region}})
			}
			if err != nil {
				s.past.fail(w, err)
				return
			}
			w.Header().Set(shownHeader, shownWord(b))
			s.answer(w, r, a, shown, shownWord(b), next)
		})(w, r)
	}
}

func (s *server) answer(w http.ResponseWriter, r *http.Request, a asked, shown *hub.Shown, word string, next func(http.ResponseWriter, *http.Request, asked, *hub.Shown, string)) {
	in := shown.Input(s.Catalogue, a.region)
	number := shown.Header().Number
	if _, ok := in.Regions.Get(a.region); !ok {
		writeError(w, http.StatusNotFound, "unknown_region", fmt.Sprintf("there is no region %.40s in batch %d", a.region, number))
		return
	}
	if f := shown.Frame(a.metric.ID, a.region); f != nil {
		for _, row := range f.Rows {
			if len(row) != len(a.metric.Columns) {
				writeError(w, http.StatusGone, "other_columns", fmt.Sprintf("metric %s had other columns in batch %d: /api/batch/%d/frames?metric=%s gives its rows without them", a.metric.ID, number, number, a.metric.ID))
				return
			}
		}
	}
	next(w, r, a, shown, word)
}

// card is the card behind a number.
func (s *server) card(w http.ResponseWriter, r *http.Request, a asked, shown *hub.Shown, word string) {
	m, h := a.metric, shown.Header()
	in := shown.Input(s.Catalogue, a.region)
	c := card{
		Metric: m.ID, Title: m.Title, Unit: m.Unit, Definition: m.Definition, Policy: m.Policy, Source: m.Source, Note: m.Note, Levels: m.Regions,
		History: h.History, Batch: h.Number, AsOf: h.AsOf, Demo: h.Demo, LeastCell: h.LeastCell, Shown: word,
		Tables: s.tables(m), Answer: panel.Answered(m, in), States: []cardState{}, Checks: []cardCheck{},
	}
	for _, step := range in.Regions.Path(a.region) {
		c.Region = cardRegion{step.Code, step.Name, step.Level}
		c.Path = append(c.Path, c.Region)
	}
	newest, _ := s.Hub.Newest("", "")
	c.Newest = newest != nil && newest.History == h.History && newest.Number == h.Number
	c.States = s.states(m, h, &c, in)
	for _, k := range s.Catalogue.Checks {
		if slices.Contains(k.Metrics, m.ID) {
			if i := slices.IndexFunc(h.Checks, func(found batch.Check) bool { return found.ID == k.ID }); i >= 0 {
				c.Checks = append(c.Checks, judged(k, h.Checks[i], a.region, in))
			}
		}
	}
	slices.SortStableFunc(c.Checks, func(a, b cardCheck) int { return cmp.Compare(weight(a.State), weight(b.State)) })
	if viewer, _ := ViewerOf(r.Context()); viewer.SQL {
		c.SQL = m.Statement(a.region, string(c.Region.Level), h.AsOf, batch.Hall)
	} else {
		c.SQLHidden = "只在本机显示"
	}
	place := "region=" + url.QueryEscape(a.region) + "&batch=" + strconv.FormatUint(h.Number, 10)
	if base := s.public(r); base != "" {
		c.Link = base + "/card/" + m.ID + "?" + place
		c.QR = "/api/card/" + m.ID + "/qr.svg?" + place
	} else {
		c.LinkHidden = "平板打不开本机地址：启动时用 --public-url 写明平板可用的地址"
	}
	if len(trends(m)) > 0 {
		c.Days = "/api/card/" + m.ID + "/days?" + place
	}
	writeJSON(w, http.StatusOK, c)
}

func weight(state string) int {
	return slices.Index([]string{"fails", "elsewhere", "unknown", "holds"}, state)
}

func (s *server) tables(m *queries.Metric) []cardTable {
	all := []cardTable{}
	for _, name := range m.Tables {
		t, ok := s.Catalogue.Schema.Table(name)
		if !ok {
			continue
		}
		entry := cardTable{Name: name, Title: t.Title, System: t.System}
		if i := slices.IndexFunc(s.Catalogue.Codes["system"], func(c queries.Code) bool { return c.Code == t.System }); i >= 0 {
			entry.System = s.Catalogue.Codes["system"][i].ZH
		}
		all = append(all, entry)
	}
	return all
}

// states says in words why there is something else than a number, and whether all of the
// answer is old.
func (s *server) states(m *queries.Metric, h *batch.Header, c *card, in panel.Input) []cardState {
	all := []cardState{}
	add := func(state, words string) { all = append(all, cardState{state, words}) }
	for _, f := range h.Failing {
		if f.Metric == m.ID {
			add("failing", fmt.Sprintf("自 %s 起未能计算（%s），所示为此前批次的数", f.Since.In(batch.Hall).Format("1月2日 15:04:05"), f.Words))
		}
	}
	region, _ := in.Regions.Get(c.Region.Code)
	for _, state := range c.Answer.States() {
		switch {
		case state == "missing" && m.Absent == queries.AbsentMissing:
			add(state, "缺报：应报而未报，不是 0")
		case state == "missing":
			add(state, "缺报：没有可计算的数，不是 0")
		case state == "suppressed":
			add(state, c.Answer.Footnote)
		case state == "na" && !region.Applicable:
			add(state, "不适用："+region.Name+"不统计农户")
		case state == "na" && !slices.Contains(m.Regions, string(region.Level)):
			add(state, "不适用：此指标不算到这一级区划")
		case state == "na":
			add(state, "不适用：部分下级区划不统计农户")
		}
	}
	return all
}

// judged is what a check says of a region.
func judged(k queries.Check, found batch.Check, region string, in panel.Input) cardCheck {
	c := cardCheck{
		ID: k.ID, Title: k.Title, Definition: k.Definition, Policy: found.Policy, State: "holds",
		Failed: found.Failed, Since: found.Since, Releases: found.Releases,
	}
	name := func(code string) string {
		if r, ok := in.Regions.Get(code); ok {
			return r.Name
		}
		return code
	}
	here := slices.IndexFunc(found.Failures, func(f batch.Failure) bool { return f.Region == region })
	switch {
	case found.OK:
	case found.Unknown:
		c.State, c.Words = "unknown", found.Words
	case here >= 0:
		c.State, c.Words = "fails", found.Failures[here].Words
	case found.Failed > len(found.Failures):
		c.State, c.Words = "unknown", fmt.Sprintf("%d 个区划不平，未逐一列出", found.Failed)
	case len(found.Failures) > 0:
		c.State, c.Words, c.Where = "elsewhere", found.Failures[0].Words, name(found.Failures[0].Region)
	default:
		c.State, c.Words = "fails", found.Words
	}
	return c
}

// cardPage is the card alone, for a tablet.
func (s *server) cardPage(w http.ResponseWriter, r *http.Request) {
	if id := chi.URLParam(r, "metric"); !s.known(id) {
		writeError(w, http.StatusNotFound, "unknown_metric", "there is no metric "+id)
		return
	}
	s.page("card.html")(w, r)
}

func (s *server) known(metric string) bool { _, ok := s.Catalogue.Metric(metric); return ok }

// cardRef is a metric that a panel's card can be asked for.
type cardRef struct {
	Metric string `json:"metric"`
	// Label is the figure's on a strip of figures, else the metric's title.
	Label string `json:"label"`
	// Figure is the id of the figure on a strip.
	Figure string `json:"figure,omitempty"`
}

// withCards is a screen's layout, and which cards stand behind its panels.
type withCards struct {
	*screens.Screen
	Cards map[string][]cardRef `json:"cards"`
}

func (s *server) withCards(v *screens.Screen) withCards {
	out := withCards{v, map[string][]cardRef{}}
	for _, p := range v.Panels {
		for _, f := range panel.Metrics(p) {
			ref := cardRef{f.Metric, f.Label, f.ID}
			if m, ok := s.Catalogue.Metric(f.Metric); ok && ref.Label == "" {
				ref.Label = m.Title
			}
			out.Cards[p.ID] = append(out.Cards[p.ID], ref)
		}
	}
	return out
}

// public is the address under which others reach this server, without a slash at its end;
// empty where none is known.
func (s *server) public(r *http.Request) string {
	if s.PublicURL != "" {
		return s.PublicURL
	}
	if loopbackHost(r.Host) {
		return ""
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}
