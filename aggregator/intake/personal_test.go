package intake

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"liaowang/queries"
)

// idOf makes an ID number that is valid in form: its check digit is computed.
func idOf(seventeen string) string {
	sum := 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(seventeen[i]-'0') * weight
	}
	return seventeen + "10X98765432"[sum%11:sum%11+1]
}

// cardOf adds the check digit of ISO/IEC 7812.
func cardOf(digits string) string {
	for d := '0'; d <= '9'; d++ {
		if isCard([]byte(digits + string(d))) {
			return digits + string(d)
		}
	}
	panic(digits)
}

func wide(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r - '0' + '０'
		}
		return r
	}, s)
}

func spaced(s, mark string) string { return strings.Join(strings.Split(s, ""), mark) }

func TestPersonalNumbersAreFoundInEveryDisguise(t *testing.T) {
	id, idX := idOf("46010519900307123"), ""
	for i := 100; i < 999 && idX == ""; i++ {
		if s := idOf("46010519900307" + fmt.Sprint(i)); strings.HasSuffix(s, "X") {
			idX = s
		}
	}
	card := cardOf("621700123456789012")
	for _, tt := range []struct{ value, want string }{
		{id, personalID}, {idX, personalID}, {strings.ToLower(idX), personalID}, {wide(idX), personalID}, {strings.ReplaceAll(wide(idX), "X", "Ｘ"), personalID},
		{"460105900307123", personalID}, {"HZ" + id, personalID}, {id + "号", personalID}, {"张三" + id, personalID}, {id[:6] + " " + id[6:14] + "-" + id[14:], personalID},
		{spaced(id, " "), personalID}, {spaced(id, "\u200b"), personalID}, {spaced(id, "－"), personalID}, {spaced(id, "_"), personalID}, {"2026-03-15 " + id, personalID},
		{"13812345678", personalPhone}, {"+86 138-1234-5678", personalPhone}, {"8613812345678", personalPhone}, {"008613812345678", personalPhone}, {"013812345678", personalPhone},
		{wide("13812345678"), personalPhone}, {"一三八一二三四五六七八", personalPhone}, {"幺三八1234五六七八", personalPhone}, {"٠١٣٨١٢٣٤٥٦٧٨", personalPhone}, {"12 13812345678", personalPhone},
		{"①③⑧①②③④⑤⑥⑦⑧", personalPhone}, {"tel:138 1234 5678, 08", personalPhone}, {"(138)12345678", personalPhone},
		{card, personalCard}, {card[:4] + " " + card[4:8] + " " + card[8:12] + " " + card[12:16] + " " + card[16:], personalCard}, {cardOf("621700123456789"), personalCard}, {cardOf("955880123456789012"), personalCard},
		{"户主:张三", personalLabel}, {"身份证号：见附件", personalLabel}, {"联系电话=无", personalLabel},
	} {
		if got := personal(tt.value); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.value, got, tt.want)
		}
	}
}

// What is kept in clear is held to more than what is hashed, and no value, however
// its marks and Xs stand, makes the search fail.
func TestPersonalNumbersInWhatIsKept(t *testing.T) {
	id := idOf("46010519900307123")
	for _, tt := range []struct{ value, want string }{
		{"0" + id, personalID}, {"预案" + id + "2026", personalID}, {"4111111111111111", personalCard}, {"4.6010519900307123E+17", reasonScientific}, {"编号4.6010519900307123e17", reasonScientific},
		{spaced("13812345678", "\ufe0f\u20e3"), personalPhone}, {spaced("13812345678", "\u0301"), personalPhone}, {spaced("13812345678", "\x01"), personalPhone}, {spaced("13812345678", "\u3164"), personalPhone},
		{"➀➂➇➀➁➂➃➄➅➆➇", personalPhone}, {"❶❸❽➀➁➂➃⓵⓶➅➆", personalPhone}, {"幺三八幺貳參肆伍陸拐勾", personalPhone}, {"〡〣〨〡〢〣〤〥〦〧〨", personalPhone},
		{"46010519900307123X13812345678", personalPhone}, {"台风2026年第15号", ""}, {"琼发〔2026〕12号 附件3", ""},
	} {
		if got := personalKept(tt.value); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.value, got, tt.want)
		}
	}
	draw := rand.New(rand.NewPCG(46, 2))
	for _, value := range []string{"12345678901234567 1x123456789", "12345678901234567 x12345678901234", "12345678901234567xxxxxxxxxxxxxxxxxxx"} {
		_ = personalKept(value)
	}
	for range 50_000 {
		b := make([]byte, 17+draw.IntN(30))
		for i := range b {
			b[i] = "0123456789119xX -"[draw.IntN(17)]
		}
		_ = personalKept(strings.Repeat("1", 17) + string(b))
	}
}

func TestNumbersOfThingsAreTaken(t *testing.T) {
	for _, value := range []string{
		"", "1", "H-000123", "460105100201", "460105100201-0001", "20260315001", "202603150001", "20260315-000123", "10000000001", "12345678901", "2026-03-15 10:30:00", "2026-03-15T10:30:00+08:00",
		"3f2504e0-4f89-11d3-9a0c-0305e82c3301", "460105199013071234", "4601051990030712345", "琼发〔2026〕12号", "海南省2021年防止返贫监测收入线", "台风摩羯", "每月5日前推送", "99999999999999999999", "61700123456789012345",
	} {
		if why := personal(value); why != "" {
			t.Errorf("%q is refused: %s", value, why)
		}
	}
}

// A number is looked at as it would be kept, not only as it is written.
func TestPersonalNumbersAmongAmounts(t *testing.T) {
	for _, tt := range []struct {
		kind  queries.FieldType
		value string
	}{
		{queries.FieldMoney, "0013812345678"}, {queries.FieldMoney, "00013812345678.00"}, {queries.FieldMoney, "13812345678"},
		{queries.FieldNumber, "1.38123456780E10"}, {queries.FieldNumber, "138123456780e-1"}, {queries.FieldNumber, "0x1.9bp33"}, {queries.FieldNumber, "4.60105199003071239E17"}, {queries.FieldNumber, "0013812345678"},
	} {
		f := field{Field: queries.Field{Name: "amount", Type: tt.kind}, limit: 1<<63 - 1}
		if _, _, _, reason := f.parse(cell{tt.value, true, false}, nil); reason == "" {
			t.Errorf("%s is taken as %s", tt.value, tt.kind)
		}
	}
}

// The same number of a thing, typed with a full-width keyboard, is the same thing;
// one with a character that nobody sees is refused.
func TestOneThingHasOneKey(t *testing.T) {
	h := (&Key{make([]byte, keyBytes)}).hasher()
	f := field{Field: queries.Field{Name: "household", Type: queries.FieldKey}}
	narrow, _, _, _ := f.parse(cell{"H-12", true, false}, h)
	if full, _, _, reason := f.parse(cell{"　Ｈ－１２ ", true, false}, h); reason != "" || full != narrow {
		t.Errorf("full-width: another key, %q", reason)
	}
	for _, value := range []string{"\ufeffH-12", "H-\u200b12", "H-12\u2060"} {
		if _, _, _, reason := f.parse(cell{value, true, false}, h); reason == "" {
			t.Errorf("%q is taken", value)
		}
	}
}

func TestColumnsOfPersonalDataAreKnown(t *testing.T) {
	for _, name := range []string{"姓名", "户主姓名", "身份证号", "公民身份号码", "手机", "联系电话", "银行卡号", "开户账号", "住址", "家庭地址", "name", "Name", "name_of_person", "id_card", "ID Number", "phone", "Mobile-No", "bank_account", "address", "full name", " 姓 名 "} {
		if !personalColumn(name) {
			t.Errorf("%q is not known", name)
		}
	}
	for _, name := range []string{"village", "户编号", "账户数", "weather", "region", "姓"} {
		if name != "账户数" && personalColumn(name) {
			t.Errorf("%q is taken for personal data", name)
		}
	}
}

// Of random serials of so many digits, at most this share is refused. 11 digits are the worst: a number that begins as mobile
// numbers do cannot be told from one.
func TestHowOftenASerialIsRefused(t *testing.T) {
	const n = 50_000
	for digits, most := range map[int]float64{8: 0, 10: 0, 11: 6.5e-2, 12: 7e-3, 13: 1e-3, 14: 1e-4, 15: 1.2e-2, 16: 1.5e-3, 17: 1.5e-3, 18: 1.5e-3, 19: 1.5e-3, 20: 0} {
		low := uint64(1)
		for range min(digits, 19) - 1 {
			low *= 10
		}
		refused := 0
		draw := rand.New(rand.NewPCG(46, uint64(digits))) // the same serials in every run
		for range n {
			s := fmt.Sprint(low + draw.Uint64N(min(low*9, 1<<63)))
			if digits == 20 {
				s = "1" + s
			}
			if personal(s) != "" {
				refused++
			}
		}
		rate := float64(refused) / n
		t.Logf("%2d digits: %.5f %%", digits, 100*rate)
		if rate > most {
			t.Errorf("%d digits: %.5f %% of random serials are refused", digits, 100*rate)
		}
	}
	// Serials that count up, as most do, and village codes with a number behind.
	for _, prefix := range []string{"", "1", "2026", "20260315", "460105100201", "H", "460105"} {
		for i := range 50_000 {
			if s := fmt.Sprintf("%s%05d", prefix, i); personal(s) != "" {
				t.Fatalf("%s is refused", s)
			}
		}
	}
}

func BenchmarkPersonal(b *testing.B) {
	for range b.N {
		_ = personal("460105100201-000123")
	}
}
