package queries

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Required reports whether every row of a delivery must have a value.
func (f Field) Required() bool { return !f.Optional && f.Default == nil }

// typeWords says what a delivery holds, for the people who fill it.
func (f Field) typeWords() string {
	switch f.Type {
	case FieldKey:
		return "编号 (文本或数字, 须含数字; 接入时即作密钥散列)"
	case FieldVillage:
		return "12位行政村代码"
	case FieldRegion:
		return "6、9或12位区划代码"
	case FieldCode:
		return "代码 " + f.Codes
	case FieldCodes:
		return "代码 " + f.Codes + ", 可多个, 以 | 分隔"
	case FieldCount:
		return "整数"
	case FieldMoney:
		return "整数, 元"
	case FieldNumber:
		return "小数"
	case FieldBool:
		return "是/否 (true/false, 1/0)"
	case FieldYear:
		return "年份"
	case FieldDate:
		return "日期 YYYY-MM-DD"
	case FieldTime:
		return "时间 YYYY-MM-DD HH:MM:SS (北京时间) 或 RFC 3339"
	}
	return "文本"
}

// rangeWords says between what bounds a value lies.
func (f Field) rangeWords() string {
	switch f.Type {
	case FieldCount, FieldMoney:
		return fmt.Sprintf("%d 至 %d", f.Min, f.Limit())
	case FieldNumber:
		if f.Max != 0 {
			return fmt.Sprintf("%d 至 %d", f.Min, f.Max)
		}
	case FieldCodes:
		return fmt.Sprintf("%d 至 %d 个", f.Min, f.Max)
	case FieldYear:
		return "1949 至 2100"
	case FieldVillage, FieldRegion:
		if f.Zero {
			return "须在区划表内; 0 表示无上级"
		}
		return "须在区划表内"
	}
	return ""
}

// example is a value that the contract admits on that day.
func (s *Schema) example(t *Table, f Field, day time.Time) string {
	if t.Name == "regions" {
		switch f.Name { // a tree's root, which any other example hangs on
		case "code":
			return "460000"
		case "level":
			return "province"
		case "parent":
			return "0"
		case "name":
			return "海南省"
		}
	}
	switch f.Type {
	case FieldKey:
		return strings.ToUpper(f.Name[:1]) + "-0001"
	case FieldVillage:
		return "460105100201"
	case FieldRegion:
		return "460100"
	case FieldCode:
		return s.Codes[f.Codes][0].Code
	case FieldCodes:
		n := min(2, len(s.Codes[f.Codes]), int(f.Max))
		var codes []string
		for _, c := range s.Codes[f.Codes][:n] {
			codes = append(codes, c.Code)
		}
		return strings.Join(codes, "|")
	case FieldCount, FieldMoney:
		return strconv.FormatUint(max(f.Min, 1), 10)
	case FieldNumber:
		return "1.5"
	case FieldBool:
		return "true"
	case FieldYear:
		return day.Format("2006")
	case FieldDate:
		return day.Format(time.DateOnly)
	case FieldTime:
		// An odd second: at a whole minute the demo province has events of its own.
		return day.Format(time.DateOnly) + " 10:30:17"
	}
	return "示例"
}

// defaultWords is what an absent value means.
func (f Field) defaultWords() string {
	switch {
	case f.Default != nil:
		return fmt.Sprintf("否, 缺省 %v", f.Default)
	case f.Optional:
		return "否, 可空"
	}
	return "是"
}

// contractFields are the columns of a delivery: those of the table, and the
// version that rows of states may bring.
func (t *Table) contractFields() []Field {
	fields := slices.Clone(t.Fields)
	if t.Kind == KindState {
		fields = append(fields, Field{Name: "version", Title: "版本", Type: FieldCount, Optional: true, Max: 1<<63 - 1,
			About: "the highest version of a key is its state; without one, the moment of the delivery"})
	}
	return fields
}

// Markdown is a table's contract for the people who fill it. Its examples are of
// that day.
func (s *Schema) Markdown(t *Table, day time.Time) string {
	var b strings.Builder
	kind := "状态表: 同一键以版本最高者为准"
	if t.Kind == KindEvent {
		kind = "事件表: 发生一次记一行, 不改不删"
	}
	system := t.System
	if c, ok := find(s.Codes["system"], t.System); ok {
		system = c.ZH
	}
	fmt.Fprintf(&b, "# %s `%s`\n\n%s\n\n- 子系统: %s\n- %s\n- 主键: %s\n", t.Title, t.Name, t.About, system, kind, strings.Join(t.Key, ", "))
	for _, c := range t.Check {
		_, expression, _ := strings.Cut(c, " CHECK ")
		fmt.Fprintf(&b, "- 约束: `%s`\n", expression)
	}
	if t.Keep != "" {
		fmt.Fprintf(&b, "- 保留: `%s`\n", t.Keep)
	}
	b.WriteString("\n列名可用英文或中文。不收姓名、身份证号、电话、银行卡号、住址。\n\n| 列 | 中文名 | 类型 | 必填 | 范围 | 示例 | 说明 |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	lists := []string{}
	for _, f := range t.contractFields() {
		example := s.example(t, f, day)
		if f.Name == "version" {
			example = ""
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", f.Name, f.Title, escape(f.typeWords()), f.defaultWords(), f.rangeWords(), escape(example), escape(f.About))
		if f.Codes != "" && !slices.Contains(lists, f.Codes) {
			lists = append(lists, f.Codes)
		}
	}
	for _, name := range lists {
		fmt.Fprintf(&b, "\n代码 `%s` (代码与名称都可用):\n\n| 代码 | 名称 |\n| --- | --- |\n", name)
		for _, c := range s.Codes[name] {
			fmt.Fprintf(&b, "| %s | %s |\n", c.Code, c.ZH)
		}
	}
	return b.String()
}

func escape(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

func find(list []Code, code string) (Code, bool) {
	i := slices.IndexFunc(list, func(c Code) bool { return c.Code == code })
	if i < 0 {
		return Code{}, false
	}
	return list[i], true
}

// JSONSchema is a table's contract for programs: JSON Schema 2020-12 of one row
// as NDJSON with the English names. It cannot say which regions there are, nor
// hold columns against each other.
func (s *Schema) JSONSchema(t *Table) ([]byte, error) {
	properties := map[string]any{}
	required := []string{}
	for _, f := range t.contractFields() {
		properties[f.Name] = s.property(f)
		if f.Required() {
			required = append(required, f.Name)
		}
	}
	return json.MarshalIndent(map[string]any{
		"$schema":              "https://json-schema.org/draft/2020-12/schema",
		"$id":                  "urn:liaowang:contract:" + t.Name,
		"title":                t.Title,
		"description":          t.About,
		"type":                 "object",
		"properties":           properties,
		"required":             required,
		"additionalProperties": false,
	}, "", "  ")
}

func (s *Schema) property(f Field) map[string]any {
	p := map[string]any{}
	text := func(pattern string) map[string]any { return map[string]any{"type": "string", "pattern": pattern} }
	switch f.Type {
	case FieldKey:
		p["anyOf"] = []any{map[string]any{"type": "integer"}, map[string]any{"type": "string", "pattern": `\d`, "maxLength": 128}}
	case FieldVillage:
		p["anyOf"] = []any{map[string]any{"type": "integer", "minimum": 100_000_000_000, "maximum": 999_999_999_999}, text(`^[1-9]\d{11}$`)}
	case FieldRegion:
		forms := []any{text(`^[1-9]\d{5}(\d{3}(\d{3})?)?$`)}
		for _, digits := range []int{6, 9, 12} {
			low := 1
			for range digits - 1 {
				low *= 10
			}
			forms = append(forms, map[string]any{"type": "integer", "minimum": low, "maximum": low*10 - 1})
		}
		if f.Zero {
			forms = append(forms, map[string]any{"enum": []any{0, "0"}})
		}
		p["anyOf"] = forms
	case FieldCode:
		p["enum"] = s.admitted(f)
	case FieldCodes:
		p["type"], p["items"] = "array", map[string]any{"enum": s.admitted(f)}
		p["minItems"], p["maxItems"], p["uniqueItems"] = f.Min, f.Max, true
	case FieldCount, FieldMoney:
		p["anyOf"] = []any{map[string]any{"type": "integer", "minimum": f.Min, "maximum": f.Limit()}, text(`^\d{1,19}$`)}
	case FieldNumber:
		number := map[string]any{"type": "number"}
		if f.Max != 0 {
			number["minimum"], number["maximum"] = f.Min, f.Max
		}
		p["anyOf"] = []any{number, text(`^-?\d+(\.\d+)?$`)}
	case FieldBool:
		p["enum"] = []any{true, false, 0, 1, "true", "false", "0", "1", "是", "否"}
	case FieldYear:
		p["anyOf"] = []any{map[string]any{"type": "integer", "minimum": 1949, "maximum": 2100}, text(`^\d{4}$`)}
	case FieldDate:
		p["type"], p["pattern"] = "string", `^\d{4}-\d{2}-\d{2}$`
	case FieldTime:
		p["type"], p["pattern"] = "string", `^\d{4}-\d{2}-\d{2}[ Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})?$`
	default:
		p["type"], p["maxLength"] = "string", 4096
	}
	if !f.Required() {
		p = map[string]any{"anyOf": []any{p, map[string]any{"type": "null"}}}
	}
	p["title"], p["description"] = f.Title, f.About
	if f.Default != nil {
		p["default"] = f.Default
	}
	return p
}

// admitted are the codes of a column's list and their names.
func (s *Schema) admitted(f Field) []any {
	var all []any
	for _, c := range s.Codes[f.Codes] {
		all = append(all, c.Code)
	}
	for _, c := range s.Codes[f.Codes] {
		if !slices.Contains(all, any(c.ZH)) {
			all = append(all, c.ZH)
		}
	}
	return all
}

// ExampleCSV is a file that a department can start from: the headings in English
// and one row, of that day, that intake takes.
func (s *Schema) ExampleCSV(t *Table, day time.Time) ([]byte, error) {
	var head, row []string
	for _, f := range t.Fields {
		head, row = append(head, f.Name), append(row, s.example(t, f, day))
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.WriteAll([][]string{head, row}); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// ExampleNDJSON is the same row as a JSON object.
func (s *Schema) ExampleNDJSON(t *Table, day time.Time) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range t.Fields {
		if i > 0 {
			b.WriteByte(',')
		}
		var value any = s.example(t, f, day)
		switch f.Type {
		case FieldCount, FieldMoney, FieldNumber, FieldYear, FieldVillage, FieldRegion, FieldBool:
			value = json.RawMessage(s.example(t, f, day))
		case FieldCodes:
			value = strings.Split(s.example(t, f, day), "|")
		}
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%q:%s", f.Name, text)
	}
	b.WriteString("}\n")
	return b.Bytes(), nil
}
