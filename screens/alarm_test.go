package screens

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

func TestAnAlarmNamesFileLineAndWhatIsAllowed(t *testing.T) {
	programme := overTheProgram(t)
	for _, tt := range []struct{ file, from, to, want string }{
		{"red", "level: red", "level: orange", `alarms/x.yaml:4: level: level "orange" is unknown: must be red or yellow`},
		{"red", "metric: risk.by_level", "metric: risk.by_mood", `metric: metric "risk.by_mood" is unknown: must be one of `},
		{"red", "row: red", "row: blue", `row: row "blue" is unknown: must be one of red, yellow, green`},
		{"red", "column: households", "column: cats", `column: column "cats" is no number of metric risk.by_level: must be one of households`},
		{"red", "rises: 1", "rises: 0", "rises: must be above 0"},
		{"red", "regions: county", "regions: village", `regions: "village" is none of province, county`},
		{"red", "{more}", "{much}", "words: {much} is unknown: must be one of {now}, {before}, {more}"},
		{"red", "screen: routine", "screen: mood", `screen: screen "mood" is unknown: must be one of overview`},
		{"red", "show: 30s", "show: 1h", "show: 1h0m0s must be from 5s to 10m0s"},
		{"red", "again: 1h", "again: 1s", "again: 1s must be from 1m0s"},
		{"red", "sound: true", "sounds: true", `"sounds"`},
		{"emergency", "new: name", "new: households", `new: column "households" holds no words of metric emergency.current: must be one of name, kind`},
		{"emergency", "new: name", "new: name\nrises: 1", "not of both"},
		{"emergency", `"{name}，{level}响应"`, `"{households}"`, "words: {households} is unknown: must be one of {name}, {kind}"},
		{"checks", "[warn, hold]", "[warn, halt]", `checks[1]: policy "halt" is unknown: must be one of note, warn, hold`},
		{"checks", "checks: [warn, hold]", "", "metric: is empty: an alarm is of a metric, or of checks"},
	} {
		t.Run(tt.want, func(t *testing.T) {
			text, err := os.ReadFile("alarms/" + tt.file + ".yaml")
			if err != nil {
				t.Fatal(err)
			}
			changed := strings.Replace(string(text), tt.from, tt.to, 1)
			if changed == string(text) {
				t.Fatal("the change changes nothing")
			}
			_, err = programme(fstest.MapFS{"alarms/x.yaml": {Data: []byte(changed)}})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is\n%v\nwant one that says %q", err, tt.want)
			}
		})
	}
}
