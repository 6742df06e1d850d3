package intake

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"liaowang/queries"
)

// What stands in words is kept as it is, and not all that is personal in it can be
// found. These are.
const (
	personalLandline = "looks like a telephone number with its area code: personal data is not taken; leave it out"
	personalName     = "is nothing but what may be a person's name: personal data is not taken. If it is none, say it in more words, as 高温天气 for 高温"
	// personalSerial ends with the column's name.
	personalSerial = personalPhone + ". If your system's own numbers have 11 digits, whoever runs the server can say so: --serials "
)

// landline is an area code, its 0 or the country before it, and a number as local
// exchanges have them: 7 or 8 digits, the first from 2 to 8.
var landline = regexp.MustCompile(`(?:^|\D)(?:0|(?:\+|00)86[\s()./-]*0?)(?:10|2[0-57-9]|[3-9]\d\d)[\s()./-]*([2-8]\d{2,3}[\s-]?\d{4})(?:\D|$)`)

// isLandline finds a telephone number with its area code in text whose digits are
// folded. Without area code it cannot be told from a date or a serial.
func isLandline(s string) bool {
	digits := 0
	for i := 0; i < len(s) && digits < minPersonal-1; i++ {
		if '0' <= s[i] && s[i] <= '9' {
			digits++
		}
	}
	if digits < minPersonal-1 {
		return false
	}
	for rest := s; ; {
		at := landline.FindStringSubmatchIndex(rest)
		if at == nil {
			return false
		}
		// 0315-20260315 is a day in many names of files.
		if _, err := time.Parse("20060102", rest[at[2]:at[3]]); err != nil {
			return true
		}
		rest = rest[at[3]:]
	}
}

// isSerial is a number of 11 digits and nothing else.
func isSerial(s string) bool { return len(s) == 11 && strings.Trim(s, "0123456789") == "" }

// surnames are the hundred most frequent, those of Hainan's Li and Miao, and those
// of two characters.
const surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤" +
	"符邢羊麦云蒙翁吉卓庞冼欧盘詹劳庄温" + "張劉陳楊黃趙吳孫馬許鄭謝馮鄧蕭蔣葉蘇呂盧鐘譚陸範賈韋鄒閆龍陶賀顧龔邵萬錢嚴湯歐龐莊溫"

var longSurnames = []string{"欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "司徒", "皇甫", "夏侯", "公孙", "尉迟", "令狐", "慕容", "长孙", "宇文", "东方", "东郭", "南宫"}

// plainWords begin as a name does and are none; they stand in texts of contracts.
var plainWords = strings.Fields("高温 高潮 高寒 洪涝 雷电 雷暴 雷雨 雷击 龙卷风 余震 江水 江河 海啸 方案 方法 文件 常规 白天 白露 黄色 黄灯 金额 金融 万元 钱款 石油 石化 夏季 夏收 秦岭 温度 向上 任务 任何 何时 程序 严重 严寒 陆地 田地 成本 云南 江苏 江西 贵州 吉林 马路 武装 毛重 毛利 高等 高于 于此 叶绿素 孔隙 汤药 万分率 万分比 方位 方面 石漠化 莫兰蒂 莫拉克 云娜 麦德姆 温比亚 蒙古 欧盟 向导 盘点 劳动 劳务 劳动力 庄稼 詹森")

// bareName reports whether a text is nothing but a name as Chinese persons have:
// one of the frequent surnames and one or two characters more. known are words that
// the contract's code lists use.
func bareName(s string, known []string) bool {
	s = strings.Join(strings.FieldsFunc(norm.NFKC.String(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }), "")
	n := utf8.RuneCountInString(s)
	if n < 2 || n > 4 || strings.ContainsFunc(s, func(r rune) bool { return !unicode.Is(unicode.Han, r) }) {
		return false
	}
	for _, word := range plainWords {
		if s == word {
			return false
		}
	}
	for _, word := range known {
		if utf8.RuneCountInString(word) > 1 && strings.Contains(s, word) {
			return false
		}
	}
	for _, long := range longSurnames {
		if given, ok := strings.CutPrefix(s, long); ok && given != "" {
			return true
		}
	}
	first, _ := utf8.DecodeRuneInString(s)
	return n <= 3 && strings.ContainsRune(surnames, first)
}

// ofPeople reports whether a text column could hold a person's name by mistake. A
// place's name begins with the same characters, and a unit or the name of a
// parameter is not where names are written.
func ofPeople(t *queries.Table, f *queries.Field) bool {
	return f.Type == queries.FieldText && t.Name != "regions" && t.Name != "parameters" || f.Type == queries.FieldText && f.Name == "basis"
}
