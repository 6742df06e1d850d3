package hub

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/screens"
	"liaowang/screens/panel"
)

const (
	// alarmed is how long after an alarm was found the walls are interrupted: so long the word of it
	// may take to the last display.
	alarmed = time.Second
	// alarmKept is for how long displays are told of an alarm: several may wait for their turn.
	alarmKept = 15 * time.Minute
	// mostPlaces is how many counties are named; more are one alarm.
	mostPlaces = 3

	alarmNotes = "alarm/" // alarm/ID/KEY
	overNotes  = "over/"  // over/ID/KEY: its cause is gone
)

// alarm is what a note says of one, and what displays are told of it.
type alarm struct {
	ID    string `json:"id"`
	Key   string `json:"key"`
	Level string `json:"level"`
	Title string `json:"title"`
	Words string `json:"words"`
	// Where is the region's name, Region its code.
	Where  string `json:"where"`
	Region string `json:"region"`
	Screen string `json:"screen"`
	// ScreenTitle names the screen that shows more.
	ScreenTitle string `json:"screen_title"`
	// Since is the as_of of the batch that showed it first, Batch its number; 0: it is not shown, since
	// a check holds it back.
	Since  time.Time `json:"since"`
	Batch  uint64    `json:"batch"`
	ShowMS int64     `json:"show_ms"`
	Sound  bool      `json:"sound"`
	// Base is what the number was before.
	Base float64 `json:"base"`
	// From is when displays show it, Over when its cause was found to be gone, Unix milliseconds of
	// this node's clock; Over is 0 while it lasts.
	From int64 `json:"from"`
	Over int64 `json:"over"`
}

func (a *alarm) name() string { return a.ID + "/" + a.Key }

type alarmsMessage struct {
	Type   string   `json:"type"`
	Alarms []*alarm `json:"alarms"`
}

// alarms are what this node knows of them. All but news is the follower's alone.
type alarms struct {
	// found are those that are to be told the other nodes, over those whose cause is gone.
	found map[string]*alarm
	over  map[string]bool
	// left is when the alarm of a name was left last.
	left map[string]time.Time
	// said are the moments that displays were told of notes: what the clocks learn afterwards moves
	// none, since a display takes an alarm of another moment for another alarm.
	said map[moment]int64
	// open are those that go on.
	open map[string]*alarm
	seq  uint64
	text string
}

// moment is when a note was left, by the clock of Redis.
type moment struct {
	note string
	left int64
}

func newAlarms() *alarms {
	return &alarms{found: map[string]*alarm{}, over: map[string]bool{}, left: map[string]time.Time{}, open: map[string]*alarm{}, said: map[moment]int64{}}
}

// alarmNews is never changed: there is newer news, with another seq.
type alarmNews struct {
	seq     uint64
	message *message
}

// watchFor compares a picture with the one before it. It is called by the follower alone.
func (h *Hub) watchFor(was, is *picture) {
	all := h.Programme().Alarms
	for i := range all {
		rule := &all[i]
		var found []*alarm
		switch {
		case rule.Metric == "":
			found = h.failing(rule, was, is)
		case rule.Regions == string(panel.County):
			for _, r := range is.regions.Children(h.Province) {
				found = append(found, h.rowsOf(rule, was, is, r.Code)...)
			}
			if len(found) == 0 || len(found) > mostPlaces {
				found = h.rowsOf(rule, was, is, h.Province)
			}
		default:
			found = h.rowsOf(rule, was, is, h.Province)
		}
		for _, a := range found {
			h.alarms.found[a.name()] = a
		}
	}
	for name, a := range h.alarms.open {
		if h.isOver(a, is) {
			h.alarms.over[name] = true
		}
	}
}

// holding compares what holds the next batch back with what did.
func (h *Hub) holding(was, is []batch.Hold, since time.Time) {
	for _, rule := range h.Programme().Alarms {
		if !slices.Contains(rule.Checks, string(batch.PolicyHold)) {
			continue
		}
		for _, hold := range is {
			if !slices.ContainsFunc(was, func(w batch.Hold) bool { return w.Check == hold.Check }) {
				a := h.alarmOf(&rule, hold.Check, hold.Title+"："+hold.Words+"，新批次未上屏", h.Province, nil)
				a.Since = since
				h.alarms.found[a.name()] = a
			}
		}
	}
	for name, a := range h.alarms.open {
		if a.Batch == 0 && !slices.ContainsFunc(is, func(w batch.Hold) bool { return w.Check == a.Key }) {
			h.alarms.over[name] = true
		}
	}
}

// alarmOf makes one of a rule; p is nil where it is of no picture.
func (h *Hub) alarmOf(rule *screens.Alarm, key, words, region string, p *picture) *alarm {
	a := &alarm{
		ID: rule.ID, Key: key, Level: rule.Level, Title: rule.Title, Words: words, Region: region, Screen: rule.Screen,
		ShowMS: rule.Show.Milliseconds(), Sound: rule.Sound,
	}
	if s := screens.Find(h.Story(), rule.Screen); s != nil {
		a.ScreenTitle = s.Title
	}
	if p == nil {
		p = h.picture.Load()
	} else {
		a.Since, a.Batch = p.header.AsOf, p.header.Number
	}
	if p != nil {
		if r, ok := p.regions.Get(region); ok {
			a.Where = r.Name
		}
	}
	return a
}

// failing are the checks of a rule that held before and do not now.
func (h *Hub) failing(rule *screens.Alarm, was, is *picture) (found []*alarm) {
	for _, c := range is.header.Checks {
		if c.OK || c.Unknown || !slices.Contains(rule.Checks, string(c.Policy)) {
			continue
		}
		i := slices.IndexFunc(was.header.Checks, func(b batch.Check) bool { return b.ID == c.ID })
		if i < 0 || !was.header.Checks[i].OK {
			continue
		}
		region := h.Province
		if len(c.Failures) > 0 {
			region = c.Failures[0].Region
		}
		found = append(found, h.alarmOf(rule, c.ID, c.Title+"："+c.Words, region, is))
	}
	return found
}

// rowsOf are the alarms of a rule in a region: a number that has risen, or rows that are new.
func (h *Hub) rowsOf(rule *screens.Alarm, was, is *picture, region string) (found []*alarm) {
	before, now := was.frame(rule.Metric, region), is.frame(rule.Metric, region)
	if before == nil || now == nil || before == now {
		return nil
	}
	m, ok := h.Catalogue.Metric(rule.Metric)
	if !ok {
		return nil
	}
	if rule.New == "" {
		a, b := numberOf(rule, m.Column(rule.Column), before), numberOf(rule, m.Column(rule.Column), now)
		if a == nil || b == nil || *b-*a < rule.Rises {
			return nil
		}
		words := rule.Fill(map[string]string{"now": inWords(*b), "before": inWords(*a), "more": inWords(*b - *a)})
		one := h.alarmOf(rule, region, words, region, is)
		one.Base = *a
		return []*alarm{one}
	}
	by := m.Column(rule.New)
	for _, row := range now.Rows {
		if has(before, by, row[by]) || row[by].State != batch.IsText {
			continue
		}
		values := map[string]string{}
		for i, c := range m.Columns {
			values[c.Name] = row[i].Text
		}
		found = append(found, h.alarmOf(rule, region+" "+row[by].Text, rule.Fill(values), region, is))
	}
	return found
}

// isOver says whether the cause of an alarm is gone in a picture.
func (h *Hub) isOver(a *alarm, p *picture) bool {
	i := slices.IndexFunc(h.Programme().Alarms, func(r screens.Alarm) bool { return r.ID == a.ID })
	if i < 0 {
		return true
	}
	rule := &h.Programme().Alarms[i]
	if rule.Metric == "" {
		k := slices.IndexFunc(p.header.Checks, func(c batch.Check) bool { return c.ID == a.Key })
		return a.Batch > 0 && (k < 0 || p.header.Checks[k].OK)
	}
	f := p.frame(rule.Metric, a.Region)
	m, ok := h.Catalogue.Metric(rule.Metric)
	if !ok || f == nil {
		return true
	}
	if rule.New == "" {
		n := numberOf(rule, m.Column(rule.Column), f)
		return n != nil && *n <= a.Base
	}
	_, name, _ := strings.Cut(a.Key, " ")
	return !has(f, m.Column(rule.New), batch.Text(name))
}

// numberOf is the number that a rule looks at; nil where there is none to be shown.
func numberOf(rule *screens.Alarm, column int, f *batch.Frame) *float64 {
	for _, row := range f.Rows {
		if rule.Row != "" && row[0].Text != rule.Row {
			continue
		}
		if c := row[column]; c.State == batch.IsNumber {
			return &c.Number
		}
		return nil
	}
	return nil
}

func has(f *batch.Frame, column int, cell batch.Cell) bool {
	return slices.ContainsFunc(f.Rows, func(row []batch.Cell) bool { return row[column] == cell })
}

func inWords(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// acts are the notes that this node leaves of alarms: the same one not again for a while.
func (a *alarms) acts(h *Hub, now time.Time) (acts []batch.Act) {
	again := map[string]time.Duration{}
	for _, rule := range h.Programme().Alarms {
		again[rule.ID] = rule.Again
	}
	for name, one := range a.found {
		left, known := a.left[name]
		if known && now.Sub(left) < again[one.ID] {
			continue
		}
		text, err := json.Marshal(one)
		if err != nil {
			h.Logger.Error("alarm not told", "alarm", name, "err", err)
			continue
		}
		// Every node that finds it says so: the first that does is heard.
		acts = append(acts, batch.Act{Name: overNotes + name, Drop: true}, batch.Act{Name: alarmNotes + name, Text: string(text), Once: !known})
	}
	for name := range a.over {
		acts = append(acts, batch.Act{Name: overNotes + name, Once: true})
	}
	return acts
}

// hear makes of notes what displays are told, and says whether that is new to them.
func (a *alarms) hear(h *Hub, notes map[string]batch.Note, now time.Time) *alarmNews {
	clear(a.found)
	clear(a.over)
	clear(a.left)
	clear(a.open)
	list, said := []*alarm{}, map[moment]int64{}
	// here is a moment after a note was left, by this node's clock, as it was told the first time.
	here := func(note string, left time.Time, after time.Duration) int64 {
		at := moment{note, left.UnixNano()}
		ms, known := a.said[at]
		if !known {
			local, _ := h.redis.here(left.Add(after))
			ms = local.UnixMilli()
		}
		said[at] = ms
		return ms
	}
	for name, note := range notes {
		name, is := strings.CutPrefix(name, alarmNotes)
		if !is {
			continue
		}
		a.left[name] = note.Left
		one := &alarm{}
		if now.Sub(note.Left) > alarmKept || json.Unmarshal([]byte(note.Text), one) != nil {
			continue
		}
		one.From, one.Over = here(alarmNotes+name, note.Left, alarmed), 0
		if over, is := notes[overNotes+name]; is {
			one.Over = here(overNotes+name, over.Left, 0)
		} else {
			a.open[name] = one
		}
		list = append(list, one)
	}
	slices.SortFunc(list, func(x, y *alarm) int { return cmp.Or(cmp.Compare(x.From, y.From), cmp.Compare(x.name(), y.name())) })
	a.said = said
	names := ""
	for _, one := range list {
		names += one.name() + " " + a.left[one.name()].String() + strconv.FormatBool(one.Over > 0) + "\n"
	}
	if names == a.text {
		return nil
	}
	message, err := h.deflater.encode(alarmsMessage{"alarms", list})
	if err != nil {
		h.Logger.Error("alarms not told", "err", err)
		return nil
	}
	a.text, a.seq = names, a.seq+1
	return &alarmNews{a.seq, message}
}
