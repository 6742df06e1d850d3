package hub_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"liaowang/aggregator/batch"
	"liaowang/screens/hub"
)

// viewer is a client that keeps a picture as PROTOCOL.md says.
type viewer struct {
	*display
	region  string
	header  any
	panels  map[string]any
	options map[string]any
	number  uint64
	patches int
}

func (h *hall) view(region string) *viewer {
	v := &viewer{display: h.open()}
	v.enter(region, "")
	return v
}

func (v *viewer) enter(region, have string) {
	v.t.Helper()
	v.region = region
	if have != "" {
		have = `,"have":` + have
	}
	v.say(fmt.Sprintf(`{"type":"subscribe","screen":"overview","region":%q%s,"accept":["patch","ack","dance"]}`, region, have))
}

// comeBack is a viewer on another connection, with the picture of before.
func (v *viewer) comeBack(h *hall) *viewer {
	v.t.Helper()
	v.ws.Close()
	again := *v
	again.display = h.open()
	again.enter(v.region, fmt.Sprintf(`{"history":"history","batch":%d}`, v.number))
	return &again
}

// until reads to the batch with the number.
func (v *viewer) until(number uint64) {
	v.t.Helper()
	for v.number < number {
		v.take()
	}
}

// take reads a message and keeps what it says.
func (v *viewer) take() (kind string) {
	v.t.Helper()
	_ = v.ws.SetReadDeadline(time.Now().Add(time.Minute))
	var m struct {
		Type, Region, Code string
		Base               uint64
		Batch, Panels      json.RawMessage
		Set                map[string]any
	}
	if err := v.ws.ReadJSON(&m); err != nil {
		v.t.Fatalf("no message: %v", err)
	}
	switch m.Type {
	case "snapshot", "batch":
		if m.Region != v.region {
			return m.Type // of the scene before
		}
		if m.Type == "snapshot" {
			v.panels, v.options = map[string]any{}, map[string]any{}
		}
		var panels []struct {
			ID           string
			Option, Data any
		}
		v.decode(m.Panels, &panels)
		for _, p := range panels {
			v.panels[p.ID] = p.Data
			if p.Option != nil {
				v.options[p.ID] = p.Option
			}
		}
		v.decode(m.Batch, &v.header)
		v.number = uint64(v.header.(map[string]any)["batch"].(float64))
	case "patch":
		if m.Base != v.number {
			v.t.Fatalf("a patch of batch %d, the picture is batch %d", m.Base, v.number)
		}
		v.patches++
		v.decode(m.Batch, &v.number)
		v.lay(&v.header, m.Set)
		v.header.(map[string]any)["batch"] = float64(v.number)
		panels := map[string]map[string]any{}
		if m.Panels != nil {
			v.decode(m.Panels, &panels)
		}
		for id, set := range panels {
			data, ok := v.panels[id]
			if !ok {
				v.t.Fatalf("a patch of panel %s, which there is not", id)
			}
			v.lay(&data, set)
			v.panels[id] = data
		}
	case "error":
		if m.Code != "no_data_yet" {
			v.t.Fatalf("error %s", m.Code)
		}
	}
	return m.Type
}

func (v *viewer) lay(document *any, set map[string]any) {
	v.t.Helper()
	after, err := hub.Lay(*document, set)
	if err != nil {
		v.t.Fatal(err)
	}
	*document = after
}

func (v *viewer) decode(text json.RawMessage, into any) {
	v.t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		v.t.Fatalf("%s: %v", text, err)
	}
}

// same fails unless two viewers of a scene see the same.
func (v *viewer) same(other *viewer) {
	v.t.Helper()
	if v.number != other.number {
		v.t.Fatalf("batch %d and batch %d", v.number, other.number)
	}
	for _, d := range []string{cmp.Diff(other.header, v.header), cmp.Diff(other.panels, v.panels), cmp.Diff(other.options, v.options)} {
		if d != "" {
			v.t.Fatalf("batch %d is not what a snapshot gives (-snapshot +patched):\n%s", v.number, d)
		}
	}
}

// chance publishes batch after batch in which something changed, or nothing.
func (h *hall) chance(r *rand.Rand, number uint64) {
	h.t.Helper()
	var frames []*batch.Frame
	some := func(metric, region string, rows ...[]batch.Cell) {
		if r.IntN(3) == 0 {
			frames = append(frames, &batch.Frame{Metric: metric, Region: region, Changed: number, Rows: rows})
		}
	}
	num := func() batch.Cell {
		if r.IntN(5) == 0 {
			return batch.Cell{State: batch.Missing}
		}
		return batch.Num(float64(r.IntN(20_000)))
	}
	for _, region := range []string{province, "469001"} {
		some("monitored.total", region, []batch.Cell{num(), num()})
		some("risk.eliminated", region, []batch.Cell{num(), num()})
		var causes [][]batch.Cell
		for i := range r.IntN(4) {
			causes = append(causes, []batch.Cell{batch.Text(fmt.Sprint("cause_", i)), num()})
		}
		some("monitored.by_cause", region, causes...)
		some("leads.by_channel", region, []batch.Cell{batch.Text("department"), num()})
	}
	if r.IntN(20) == 0 {
		name := fmt.Sprint("五指山", r.IntN(3))
		frames = append(frames, regionsFrame(number, name))
	}
	header := batch.Header{History: "history", Term: h.lease.Term, Number: number, AsOf: time.Unix(int64(number), 0).UTC(), Checks: []batch.Check{}}
	for i := range 3 {
		c := batch.Check{ID: fmt.Sprint("check_", i), Title: "甲 <乙>", Policy: batch.PolicyNote, OK: true}
		for range r.IntN(3) {
			c.Fail(batch.Failure{Region: province, Words: fmt.Sprint("不平, 差", r.IntN(9)), Expected: float64(r.IntN(9))})
		}
		header.Checks = append(header.Checks, c)
	}
	if r.IntN(4) == 0 {
		header.Failing = []batch.Failing{{Metric: "a.b", Title: "丙", Words: "超时"}}
	}
	if err := h.store.Publish(h.t.Context(), h.lease, header, h.base, frames, nil); err != nil {
		h.t.Fatal(err)
	}
	h.base = number
}

// TestPatchesGiveWhatASnapshotGives: whoever joins, comes back, changes the scene or
// stays, at whatever moment, sees what a fresh snapshot shows.
func TestPatchesGiveWhatASnapshotGives(t *testing.T) {
	h := newHall(t, "", calm)
	h.publish(1, 10)
	r := rand.New(rand.NewPCG(3, 5))
	regions := []string{province, "469001"}
	viewers := make([]*viewer, 6)
	for i := range viewers {
		viewers[i] = h.view(regions[i%2])
	}
	patches := 0
	const batches = 120
	for n := uint64(2); n <= batches; n++ {
		h.chance(r, n)
		i := r.IntN(len(viewers))
		switch v := viewers[i]; r.IntN(4) {
		case 0:
			if v.number > 0 {
				viewers[i] = v.comeBack(h)
			}
		case 1:
			patches += v.patches
			v.ws.Close()
			viewers[i] = h.view(regions[r.IntN(2)])
		case 2:
			v.until(n - uint64(r.IntN(3))) // whoever reads late gets the newest
		}
		if n%15 != 0 {
			continue
		}
		fresh := map[string]*viewer{}
		for _, region := range regions {
			fresh[region] = h.view(region)
			fresh[region].until(n)
		}
		for _, v := range viewers {
			v.until(n)
			v.same(fresh[v.region])
		}
		for _, v := range fresh {
			v.ws.Close()
		}
	}
	for _, v := range viewers {
		patches += v.patches
	}
	if patches < batches/4 {
		t.Fatalf("%d patches in %d batches: the test tells nothing", patches, batches)
	}
	t.Logf("%d patches", patches)
}

func TestAPatchIsShort(t *testing.T) {
	h := newHall(t, "", calm)
	h.publish(1, 10)
	v := h.view(province)
	v.until(1)
	whole, err := json.Marshal(v.panels)
	if err != nil {
		t.Fatal(err)
	}
	h.publish(2, 11)
	_ = v.ws.SetReadDeadline(time.Now().Add(time.Minute))
	for {
		kind, text, err := v.ws.ReadMessage()
		if err != nil || kind != websocket.TextMessage {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), `{"type":"patch"`) {
			continue
		}
		t.Logf("%d bytes of %d: %s", len(text), len(whole), text)
		if len(text) > len(whole)/3 {
			t.Fatal("it is longer than a third of the data")
		}
		return
	}
}

// TestWhoeverKnowsNoPatchesGetsBatches: protocol 1 as it was.
func TestWhoeverKnowsNoPatchesGetsBatches(t *testing.T) {
	h := newHall(t, "", calm)
	h.publish(1, 10)
	d := h.open()
	d.subscribe(province, "")
	d.until("snapshot")
	for n := uint64(2); n < 5; n++ {
		h.publish(n, float64(n))
		d.until("batch")
	}
}
