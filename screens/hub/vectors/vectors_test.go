package vectors_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
	"liaowang/queries"
	"liaowang/screens"
	"liaowang/screens/hub"
	"liaowang/screens/hub/client"
	"liaowang/screens/hub/fanout"
	"liaowang/screens/panel"
)

var update = flag.Bool("update", false, "write recorded.json as the server says it now")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const recorded = "recorded.json"

// vector is a file of this folder, as README.md says.
type vector struct {
	About string       `json:"about"`
	Scene client.Scene `json:"scene"`
	Steps []step       `json:"steps"`
}

type step struct {
	About   string            `json:"about,omitempty"`
	Server  json.RawMessage   `json:"server,omitempty"`
	Picture json.RawMessage   `json:"picture,omitempty"`
	Says    []json.RawMessage `json:"says,omitempty"`
	Later   []json.RawMessage `json:"later,omitempty"`
}

// server is a hub on a Redis that a feed publishes to.
type server struct {
	t    *testing.T
	url  string
	feed *fanout.Feed
}

// serve publishes the first of some batches. Its clock stands: what it says is the same
// in every run.
func serve(t *testing.T, rec *fanout.Recording) *server {
	t.Helper()
	connection, err := batch.Connect(redistest.Start(t).URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	store := batch.NewStore(connection, "460000")
	now := func() time.Time { return time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC) }
	s := &server{t: t}
	if s.feed, err = fanout.NewFeed(t.Context(), store, rec, now); err != nil {
		t.Fatal(err)
	}
	cat, err := queries.Load()
	if err != nil {
		t.Fatal(err)
	}
	all, err := screens.Load(cat)
	if err != nil {
		t.Fatal(err)
	}
	small := *screens.Find(all, "overview") // three panels say all that a vector needs
	small.Panels, small.Edition = nil, "e"  // whatever the screen is now
	for _, p := range screens.Find(all, "overview").Panels {
		if p.Kind == panel.KindFigures || p.Kind == panel.KindShare && len(small.Panels) < 2 || p.Kind == panel.KindChecks {
			small.Panels = append(small.Panels, p)
		}
	}
	h := hub.New(hub.Options{Store: store, Catalogue: cat, Screens: []screens.Screen{small}, Province: "460000", Build: "b", Node: "n", Beat: time.Hour, Now: now})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	web := httptest.NewServer(h)
	s.url = "ws" + strings.TrimPrefix(web.URL, "http")
	t.Cleanup(func() {
		ctx, end := context.WithTimeout(context.Background(), time.Minute)
		defer end()
		if err := h.Close(ctx); err != nil {
			t.Error(err)
		}
		web.Close()
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s
}

// batches are three, small, and made by hand: figures change, then a check fails, then
// regions get other names.
func batches() *fanout.Recording {
	header := func(checks ...batch.Check) *batch.Header {
		return &batch.Header{History: "h", Demo: true, LeastCell: 5, Checks: checks}
	}
	regions := func(whole, county string) *batch.Frame {
		row := func(code, parent, level, name string) []batch.Cell {
			return []batch.Cell{batch.Text(code), batch.Text(parent), batch.Text(level), batch.Text(name), batch.Num(1)}
		}
		return &batch.Frame{Metric: queries.RegionsMetric, Region: "460000", Rows: [][]batch.Cell{
			row("460000", "0", "province", whole), row("469001", "460000", "county", county),
		}}
	}
	total := func(households, persons float64) *batch.Frame {
		return &batch.Frame{Metric: "monitored.total", Region: "460000", Rows: [][]batch.Cell{{batch.Num(households), batch.Num(persons)}}}
	}
	types := func(unstable, marginal, sudden float64) *batch.Frame {
		row := func(code string, n float64) []batch.Cell {
			return []batch.Cell{batch.Text(code), batch.Num(n), batch.Num(3 * n)}
		}
		return &batch.Frame{Metric: "monitored.by_type", Region: "460000", Rows: [][]batch.Cell{
			row("unstable_lifted", unstable), row("marginal_poor", marginal), row("sudden_hardship", sudden),
		}}
	}
	holds := batch.Check{ID: "types.total", Title: "分类之和", Policy: batch.PolicyNote, OK: true}
	fails := holds
	fails.Fail(batch.Failure{Region: "460000", Words: "不平, 差1户", Expected: 102, Actual: 101})
	return &fanout.Recording{
		First: fanout.Step{Header: header(holds), Frames: []*batch.Frame{regions("海南", "五指山"), total(100, 300), types(40, 50, 10)}},
		Steps: []fanout.Step{
			{Header: header(holds), Frames: []*batch.Frame{total(101, 303), types(40, 51, 10)}},
			{Header: header(fails), Frames: []*batch.Frame{total(102, 306)}},
			{Header: header(holds), Frames: []*batch.Frame{types(40, 52, 10), regions("海南省", "五指山市")}},
		},
	}
}

// talk is a connection that knows no more than to read and to write.
type talk struct {
	t  *testing.T
	ws *websocket.Conn
}

func (s *server) talk() *talk {
	s.t.Helper()
	ws, response, err := websocket.DefaultDialer.DialContext(s.t.Context(), s.url, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	response.Body.Close()
	s.t.Cleanup(func() { ws.Close() })
	return &talk{s.t, ws}
}

func (c *talk) say(text []byte) {
	c.t.Helper()
	if err := c.ws.WriteMessage(websocket.TextMessage, text); err != nil {
		c.t.Fatal(err)
	}
}

// next is the next message, without the moment to show it, which follows Redis' clock.
func (c *talk) next() (kind string, text json.RawMessage) {
	c.t.Helper()
	_ = c.ws.SetReadDeadline(time.Now().Add(2 * time.Minute))
	_, body, err := c.ws.ReadMessage()
	if err != nil {
		c.t.Fatal(err)
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(body, &m); err != nil {
		c.t.Fatal(err)
	}
	delete(m, "show_at")
	_ = json.Unmarshal(m["type"], &kind) // the message is held against the file whole
	if text, err = json.Marshal(m); err != nil {
		c.t.Fatal(err)
	}
	return kind, text
}

func TestTheServerSaysWhatIsRecorded(t *testing.T) {
	s := serve(t, batches())
	scene := client.Scene{Screen: "overview", Region: "460000"}
	state := client.NewState(scene)
	got := vector{About: "What the server itself says: figures change, a check fails, regions get other names.", Scene: scene}
	c := s.talk()
	take := func(want string) {
		kind, text := c.next()
		for kind != want && (kind == "status" || kind == "error") { // a hub that has just started has nothing yet
			kind, text = c.next()
		}
		if kind != want {
			t.Fatalf("the server says %s, want %s", text, want)
		}
		one := step{Server: text}
		changed, ask, err := state.Take(text)
		if err != nil {
			t.Fatal(err)
		}
		if ask {
			one.Says = []json.RawMessage{state.Subscribe()}
			c.say(one.Says[0])
		}
		if changed {
			if one.Picture, err = json.Marshal(state.Picture()); err != nil {
				t.Fatal(err)
			}
		}
		got.Steps = append(got.Steps, one)
	}
	take("hello")
	take("snapshot")
	for _, want := range []string{"patch", "patch", "batch"} {
		if _, err := s.feed.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		take(want)
	}
	// A patch is no more than a short way to the same picture.
	late := s.talk()
	late.next() // hello
	fresh := client.NewState(scene)
	late.say(fresh.Subscribe())
	for fresh.Picture() == nil {
		_, text := late.next()
		if _, _, err := fresh.Take(text); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(plain(t, fresh.Picture()), plain(t, state.Picture())); diff != "" {
		t.Errorf("the picture of who has followed differs from that of who has just come:\n%s", diff)
	}
	if *update {
		write(t, got)
	}
	var want vector
	text, err := os.ReadFile(recorded)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plain(t, want), plain(t, got)); diff != "" {
		t.Errorf("the server says something else than is recorded; where that is meant, run go test ./screens/hub/vectors -update:\n%s", diff)
	}
}

func TestTheServerAcceptsWhatClientsSay(t *testing.T) {
	s := serve(t, batches())
	files, err := filepath.Glob("*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, file := range files {
		var v vector
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for i, step := range v.Steps {
			for _, said := range append(step.Says, step.Later...) {
				c := s.talk()
				c.next() // hello
				c.say(said)
				c.say([]byte(`{"type":"time","t0":1}`)) // its answer comes after what there is to say of the other
				for {
					kind, text := c.next()
					if kind == "time" {
						break
					}
					if kind == "error" && bytes.Contains(text, []byte(`"bad_message"`)) {
						t.Errorf("%s, step %d: to %s the server says %s", file, i+1, said, text)
					}
				}
			}
		}
	}
}

// plain is a value as JSON has it.
func plain(t *testing.T, v any) (out any) {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// write writes a vector, a step a line.
func write(t *testing.T, v vector) {
	t.Helper()
	var b bytes.Buffer
	line := func(v any) []byte {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	b.WriteString("{\n  \"about\": " + string(line(v.About)) + ",\n  \"scene\": " + string(line(v.Scene)) + ",\n  \"steps\": [\n")
	for i, s := range v.Steps {
		if i > 0 {
			b.WriteString(",\n")
		}
		b.WriteString("    " + string(line(s)))
	}
	b.WriteString("\n  ]\n}\n")
	if err := os.WriteFile(recorded, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
