package intake

import (
	"testing"

	"liaowang/queries"
)

func TestLandlinesInWhatIsKept(t *testing.T) {
	for _, value := range []string{"0898-65332222", "089865332222", "(0898)65332222", "（0898）6533 2222", "联系0898 6533-2222", "+86 898 65332222", "0086-10-65332222", "010-65332222", "02165332222", "0312-3456789",
		"０８９８－６５３３２２２２", "零八九八六五三三二二二二", "预案0898-20260001，0898-65332222"} {
		if got := personalKept(value); got != personalLandline {
			t.Errorf("%q: %q", value, got)
		}
	}
	for _, value := range []string{"琼府〔2026〕12号", "0315-20260315", "2026-03-15 10:30:00", "460105100201", "visits-2026-03.csv", "0898", "00898653322220", "0998-1234567", "GB/T 2260-2007", "0.3 2345678", "2026年第0312号"} {
		if got := personalKept(value); got != "" {
			t.Errorf("%q is refused: %s", value, got)
		}
	}
}

func TestBareNames(t *testing.T) {
	s, err := queries.LoadSchema()
	if err != nil {
		t.Fatal(err)
	}
	known := codeNames(s)
	for _, value := range []string{"张三", "王小明", " 符 某 ", "欧阳春花", "司马光", "李·娜", "陈某某", "“吉春”"} {
		if !bareName(value, known) {
			t.Errorf("%q is taken", value)
		}
	}
	// Words of events, plans and policies, and what the demo and the examples say.
	for _, value := range []string{"", "无", "示例", "台风", "台风摩羯", "预案", "洪涝", "干旱", "暴雨", "高温", "雷暴", "龙卷风", "余震", "方案", "工作值", "高温天气过程", "张三李四王五", "海南省自然灾害救助应急预案", "其他", "黄色预警", "Zhang"} {
		if bareName(value, known) {
			t.Errorf("%q is refused", value)
		}
	}
	// No name of a code would be refused, should somebody write it into a text.
	for _, value := range known {
		if bareName(value, known) {
			t.Errorf("%q is refused", value)
		}
	}
	for table, columns := range map[string][]string{"emergencies": {"name", "plan", "excludes"}, "regions": nil, "parameters": {"basis"}, "push_schedule": {"basis"}} {
		c, err := newContract(s, table)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range c.fields {
			if c.fields[i].words {
				got = append(got, c.fields[i].Name)
			}
		}
		if len(got) != len(columns) {
			t.Errorf("%s: %v are held to it, want %v", table, got, columns)
		}
	}
}
