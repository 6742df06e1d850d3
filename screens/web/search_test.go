package web

import "testing"

func TestASearchFitsNamesAsPeopleTypeThem(t *testing.T) {
	for _, tt := range []struct {
		name, typed string
		want        bool
	}{
		{"儋州市", "儋", true}, {"儋州市", "danzhou", true}, {"儋州市", "dz", true}, {"儋州市", "danz", true}, {"儋州市", "dan州", true},
		{"儋州市", "DanZhou Shi", true}, {"儋州市", "ｄｚ", true}, {"儋州市", "州市", true}, {"儋州市", "zhous", true}, {"儋州市", "zd", false}, {"儋州市", "danzhous1", false},
		{"乐东黎族自治县", "ledong", true}, {"乐东黎族自治县", "ldlz", true}, {"重庆", "chongqing", true}, {"重庆", "zq", true}, {"绿色", "lvse", true}, {"绿色", "luse", true},
		{"三沙市", "ss", true}, {"海口市", "haikou", true}, {"海口市", "haiko", true}, {"海口市", "haoko", false}, {"", "a", false},
		{"近90日线索核实率", "90日", true}, {"近90日线索核实率", "xianshuo", false}, {"近90日线索核实率", "xiansuo", true},
	} {
		if _, ok := fits(tt.name, normal(tt.typed)); ok != tt.want {
			t.Errorf("%s for %s: %v", tt.name, tt.typed, ok)
		}
	}
	whole, _ := fits("监测对象", normal("监测对象"))
	begins, _ := fits("监测对象类型", normal("监测对象"))
	within, _ := fits("累计监测对象", normal("监测对象"))
	if whole >= begins || begins >= within {
		t.Errorf("ranks %d, %d, %d: what fits whole comes first, then what begins so", whole, begins, within)
	}
	if q := normal("啊" + string(make([]rune, 100)) + "！？ a"); string(q) != "啊a" {
		t.Errorf("%q", string(q))
	}
	if q := normal(string(make([]byte, 0)) + "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三"); len(q) != longestSearch {
		t.Errorf("%d characters are looked at", len(q))
	}
}
