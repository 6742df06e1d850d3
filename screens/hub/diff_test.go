package hub

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
)

func parsed[T any](t *testing.T, text []byte) T {
	t.Helper()
	var v T
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func marshalled(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestDiffSaysWhatChanged(t *testing.T) {
	for _, tt := range []struct{ old, fresh, want string }{
		{`{"a":1}`, `{"a":1}`, `{}`},
		{`{"a":[1,2,{"b":"x"}]}`, `{"a":[1,2,{"b":"y"}]}`, `{"/a/2/b":"y"}`},
		{`{"figures":[{"value":1,"text":"1","unit":"户","state":"ok"}]}`, `{"figures":[{"value":2,"text":"2","unit":"户","state":"ok"}]}`, `{"/figures/0/value":2,"/figures/0/text":"2"}`},
		{`{"long":"………","a":1}`, `{"long":"………","new":2,"a":1}`, `{"/new":2}`},
		{`{"a":1,"b":"………………"}`, `{"b":"………………"}`, `{"":{"b":"………………"}}`}, // something went away
		{`{"rows":[1],"b":"………………"}`, `{"rows":[1,2],"b":"………………"}`, `{"/rows":[1,2]}`},
		{`[["a",1,1,1],"………………"]`, `[["b",2,3,4],"………………"]`, `{"/0":["b",2,3,4]}`}, // shorter whole
		{`{"a/b~c":"………………","x":1}`, `{"a/b~c":"","x":1}`, `{"/a~1b~0c":""}`},
		{`{"x":"………………","\"":1}`, `{"x":"………………","\"":2}`, `{"":{"x":"………………","\"":2}}`},
		{`"a"`, `{"a":1}`, `{"":{"a":1}}`},
		{`{}`, `{"a":"}]\\\""}`, `{"/a":"}]\\\""}`},
	} {
		if got := string(diff(nil, []byte(tt.old), []byte(tt.fresh))); got != tt.want {
			t.Errorf("%s → %s: %s, expected %s", tt.old, tt.fresh, got, tt.want)
		}
	}
}

// TestDiffsGiveTheSame: whatever the documents, laying the diff gives the fresh one.
func TestDiffsGiveTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 20_000 {
		old := document(r, 3)
		fresh := changed(r, parsed[any](t, marshalled(t, old)), 3)
		check(t, marshalled(t, old), marshalled(t, fresh))
	}
}

func check(t *testing.T, old, fresh []byte) {
	t.Helper()
	set := diff(nil, old, fresh)
	got, err := Lay(parsed[any](t, old), parsed[map[string]any](t, set))
	if err != nil {
		t.Fatalf("%s\n→ %s\nby %s: %v", old, fresh, set, err)
	}
	if want := parsed[any](t, fresh); !reflect.DeepEqual(got, want) {
		t.Fatalf("%s\n→ %s\nby %s\ngives %s", old, fresh, set, marshalled(t, got))
	}
	if len(set) > len(fresh)+len(`{"":}`) {
		t.Fatalf("%s → %s: %s is longer than the whole", old, fresh, set)
	}
}

func document(r *rand.Rand, depth int) any {
	switch n := r.IntN(9); {
	case n < 2 && depth > 0:
		m := map[string]any{}
		for range r.IntN(5) {
			m[[]string{"a", "b/c", "d~1", "值", "<&>", "quote\""}[r.IntN(6)]] = document(r, depth-1)
		}
		return m
	case n < 4 && depth > 0:
		a := []any{}
		for range r.IntN(5) {
			a = append(a, document(r, depth-1))
		}
		return a
	case n < 6:
		return []string{"", "海南省", `a "quoted" \ ]}{[,:`, "<script>"}[r.IntN(4)]
	case n < 8:
		return r.IntN(1000)
	}
	return []any{nil, true, 1.5e300}[r.IntN(3)]
}

// changed changes a document in some places.
func changed(r *rand.Rand, v any, depth int) any {
	if r.IntN(6) == 0 {
		return document(r, depth)
	}
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = changed(r, v[k], depth-1)
		}
		if r.IntN(4) == 0 {
			v[fmt.Sprint("new", r.IntN(3))] = document(r, depth-1)
		}
		return v
	case []any:
		for i := range v {
			v[i] = changed(r, v[i], depth-1)
		}
		return v
	}
	return v
}

func FuzzDiff(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":"c"}]}`), []byte(`{"a":[2,{"b":"\\\"d"}],"e":null}`))
	f.Fuzz(func(t *testing.T, old, fresh []byte) {
		var a, b any
		if json.Unmarshal(old, &a) != nil || json.Unmarshal(fresh, &b) != nil {
			return
		}
		check(t, marshalled(t, a), marshalled(t, b))
	})
}
