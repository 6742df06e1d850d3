package main

import (
	"strings"
	"testing"
	"time"
)

func TestDemoLoadLoadsOnceAndUpGoesOnWithIt(t *testing.T) {
	data := loaded(t)
	if said := province.said; !strings.Contains(said, "demo, standard, up to ") {
		t.Errorf("it says %s", said)
	}
	again, err := command("demo", "load", "--data", data, "--seed", "46").CombinedOutput()
	if err != nil || !strings.Contains(string(again), "is there already") {
		t.Errorf("the second time: %v, %s", err, again)
	}
	p := up(t, "--data", data, "--demo", "still")
	if said := p.said(); !strings.Contains(said, "demo, still") {
		t.Errorf("up says %s", said)
	}
	t.Run("check", func(t *testing.T) { checksTheProvince(t, p) })
}

func TestDemoLoadSaysWhatIsWrong(t *testing.T) {
	tomorrow := time.Now().AddDate(0, 0, 2).Format(time.DateOnly)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"demo", "load"}, "give --clickhouse URL or --data DIR"},
		{[]string{"demo", "load", "--data", "x", "--size", "huge"}, "must be one of"},
		{[]string{"demo", "load", "--data", "x", "--reference", "1 May"}, "a day as"},
		{[]string{"demo", "load", "--data", "x", "--reference", tomorrow}, "lies in the future"},
	} {
		out, err := command(c.args...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), c.want) {
			t.Errorf("%v: %v, %s; want one that says %q", c.args, err, out, c.want)
		}
	}
}
