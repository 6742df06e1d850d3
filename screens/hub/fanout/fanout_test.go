package fanout

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"liaowang/aggregator/batch"
	"liaowang/screens/hub"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestARecordingReadsAsItWasWritten(t *testing.T) {
	step := func(n int) Step {
		s := Step{Header: &batch.Header{History: "h", Number: uint64(n), AsOf: time.Unix(int64(n), 0).UTC(), Checks: []batch.Check{}}}
		for i := range n {
			s.Frames = append(s.Frames, &batch.Frame{Metric: "monitored.total", Region: "460000", Changed: uint64(n),
				Rows: [][]batch.Cell{{batch.Num(float64(i)), batch.Text("一\n二"), batch.Hidden(), batch.NA(), {}}}})
		}
		return s
	}
	want := &Recording{First: step(3), Steps: []Step{step(1), step(0), step(2)}}
	var b bytes.Buffer
	if err := want.Write(&b); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	got, err := ReadRecording(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	if _, err := ReadRecording(bytes.NewReader(whole[:len(whole)/2])); err == nil || !strings.Contains(err.Error(), "remove it") {
		t.Errorf("half of it: %v, want words on what to do", err)
	}
	if _, err := ReadRecording(strings.NewReader("")); err == nil {
		t.Error("nothing reads as a recording")
	}
}

// The light session sees in each message what the whole one does: which batch it brings.
func TestTheLightSessionAgreesWithTheWholeOne(t *testing.T) {
	files, err := filepath.Glob("../vectors/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	// Scenes change and pictures are refused in the others, which the crowd does not do.
	for _, name := range []string{"patches.json", "recorded.json", "returning.json"} {
		var v struct {
			Scene hub.Scene
			Steps []struct{ Server json.RawMessage }
		}
		text, err := os.ReadFile(filepath.Join("../vectors", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatal(err)
		}
		light, whole := Hub{}.Session(v.Scene, false), Hub{}.Session(v.Scene, true)
		for i, step := range v.Steps {
			if step.Server == nil {
				continue
			}
			m := typeFirst(t, step.Server)
			a, saidA, err := light.Take(m)
			if err != nil {
				t.Fatal(err)
			}
			b, saidB, err := whole.Take(m)
			if err != nil {
				t.Fatal(err)
			}
			if a != b || (saidA == nil) != (saidB == nil) {
				t.Errorf("%s, step %d: the light one has %d and says %s, the whole one %d and %s", name, i+1, a, saidA, b, saidB)
			}
		}
	}
}

// typeFirst writes a message's members in the order in which the server does.
func typeFirst(t *testing.T, text []byte) []byte {
	t.Helper()
	var m map[string]json.RawMessage
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for _, name := range []string{"type", "base", "batch"} {
		if v, ok := m[name]; ok {
			if b.Len() > 0 {
				b.WriteString(",")
			}
			b.WriteString(`"` + name + `":` + string(v))
			delete(m, name)
		}
	}
	rest, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if len(m) > 0 {
		b.WriteString("," + string(rest[1:len(rest)-1]))
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte("{"+b.String()+"}")); err != nil {
		t.Fatal(err)
	}
	return compact.Bytes()
}

func TestQuantiles(t *testing.T) {
	var times []time.Duration
	for n := range 100 {
		times = append(times, time.Duration(n+1))
	}
	for share, want := range map[float64]time.Duration{0: 1, 0.5: 50, 0.99: 99, 0.999: 100, 1: 100} {
		if got := quantile(times, share); got != want {
			t.Errorf("the share %v is not above %d, want %d", share, got, want)
		}
	}
	if quantile(nil, 0.5) != 0 {
		t.Error("a quantile of none")
	}
}
