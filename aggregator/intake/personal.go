package intake

import (
	"bytes"
	"regexp"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// What a value that is personal data looks like.
const (
	personalID      = "looks like an ID number of a person: personal data is not taken; deliver the number that your own system gives to the thing"
	personalPhone   = "looks like a mobile phone number: personal data is not taken; deliver the number that your own system gives to the thing"
	personalCard    = "looks like a bank card number: personal data is not taken; deliver the number that your own system gives to the thing"
	personalLabel   = "names a field of personal data (name, ID number, phone, card, address): personal data is not taken"
	minPersonal     = 11 // digits of the shortest number that is looked for
	longestPersonal = 19
)

// personal says why a value must not be taken, "" if it may. A number is found in
// any text around it, in full-width or Chinese digits too, and with spaces, dashes
// or other marks in between; but not within a longer row of digits, or every long
// serial would hold one.
func personal(s string) string { return personalIn(s, false) }

// personalKept is personal for what is kept as it is, not as a hash: texts, and
// the names of deliveries and files. It finds ID numbers within longer rows of
// digits too, cards of all issuers, telephones with an area code, and what is left
// of a number in scientific notation.
func personalKept(s string) string {
	folded := foldDigits(s)
	if shortened.MatchString(folded) {
		return reasonScientific
	}
	if isLandline(folded) || !isASCII(folded) && isLandline(chineseDigits.Replace(folded)) {
		return personalLandline
	}
	return personalIn(s, true)
}

var shortened = regexp.MustCompile(`\d\.\d{5,}[eE]\+?1\d`)

func personalIn(s string, kept bool) string {
	digits, plain := 0, true
	for i := 0; i < len(s); i++ {
		if c := s[i]; '0' <= c && c <= '9' {
			digits++
		} else if c >= 0x80 {
			plain = false
		}
	}
	if plain && digits < minPersonal {
		return ""
	}
	if !plain {
		s = foldDigits(s)
		if personalWords.MatchString(s) {
			return personalLabel
		}
		// 三 is a digit, or a name's end: both are looked at.
		if why := personalNumber(chineseDigits.Replace(s), kept); why != "" {
			return why
		}
	}
	return personalNumber(s, kept)
}

var personalWords = regexp.MustCompile(`(姓名|户主|联系人|身份证|证件号|手机|电话|银行卡|卡号|开户|住址)(号码|号|姓名|地址)?\s*[:=是为]`)

// chineseDigits are the numerals of everyday, of accounts (simplified and
// traditional), of traders, and those that are said over the telephone.
var chineseDigits = strings.NewReplacer("〇", "0", "○", "0", "零", "0", "一", "1", "二", "2", "三", "3", "四", "4", "五", "5", "六", "6", "七", "7", "八", "8", "九", "9",
	"壹", "1", "贰", "2", "叁", "3", "肆", "4", "伍", "5", "陆", "6", "柒", "7", "捌", "8", "玖", "9", "幺", "1",
	"貳", "2", "參", "3", "叄", "3", "陸", "6", "两", "2", "兩", "2", "洞", "0", "拐", "7", "勾", "9",
	"〡", "1", "〢", "2", "〣", "3", "〤", "4", "〥", "5", "〦", "6", "〧", "7", "〨", "8", "〩", "9")

// rings are rows of digits 1 to 9 in rings that Unicode does not fold.
var rings = []rune{'❶', '➀', '➊', '⓵'}

// foldDigits writes every digit of Unicode as an ASCII one.
func foldDigits(s string) string {
	s = norm.NFKC.String(s)
	return strings.Map(func(r rune) rune {
		if r < 0x80 {
			return r
		}
		for _, one := range rings {
			if one <= r && r < one+9 {
				return '1' + r - one
			}
		}
		if r == '⓿' || r == '🄋' || r == '🄌' {
			return '0'
		}
		if !unicode.Is(unicode.Nd, r) {
			return r
		}
		// Decimal digits stand in rows of ten, from 0 to 9.
		for v := rune(0); v < 10; v++ {
			if !unicode.Is(unicode.Nd, r-v-1) {
				return '0' + v
			}
		}
		return '0'
	}, s)
}

// divides reports whether a character only stands between digits: a space, a
// mark, or what is not seen at all, as characters that join, control or fill.
func divides(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// personalNumber looks at every row of digit groups that marks alone divide.
func personalNumber(s string, kept bool) string {
	var digits []byte // of the run, groups joined
	var starts []int  // where its groups begin
	apart := true
	check := func() string {
		starts = append(starts, len(digits))
		for i := 0; i+1 < len(starts); i++ {
			for j := i + 1; j < len(starts); j++ {
				part := digits[starts[i]:starts[j]]
				if len(part) > longestPersonal {
					break
				}
				if why := personalDigits(part, kept); why != "" {
					return why
				}
			}
		}
		for i := 0; kept && i+18 <= len(digits); i++ {
			if isID(digits[i : i+18]) {
				return personalID
			}
		}
		return ""
	}
	for _, r := range s {
		switch {
		case '0' <= r && r <= '9' || (r == 'x' || r == 'X') && len(digits) >= 17:
			if apart {
				starts = append(starts, len(digits))
			}
			digits = append(digits, byte(r))
			apart = r > '9' // an X ends a number
		case divides(r):
			apart = true
		default:
			if len(digits) >= minPersonal {
				if why := check(); why != "" {
					return why
				}
			}
			digits, starts, apart = digits[:0], starts[:0], true
		}
	}
	if len(digits) >= minPersonal {
		return check()
	}
	return ""
}

// personalDigits says whether exactly these digits are a number of a person. The
// last one may be the X of an ID number.
func personalDigits(d []byte, kept bool) string {
	if i := bytes.IndexAny(d, "xX"); i >= 0 && (i != 17 || len(d) != 18) {
		return ""
	}
	switch len(d) {
	case 11:
		if isMobile(d) {
			return personalPhone
		}
	case 12, 13, 14:
		for _, prefix := range []string{"0", "86", "086"} {
			if strings.HasPrefix(string(d), prefix) && len(d) == 11+len(prefix) && isMobile(d[len(prefix):]) {
				return personalPhone
			}
		}
	case 15:
		if isOldID(d) {
			return personalID
		}
		if strings.HasPrefix(string(d), "0086") && isMobile(d[4:]) {
			return personalPhone
		}
	case 18:
		if isID(d) {
			return personalID
		}
		fallthrough
	case 16, 17, 19:
		if isCard(d) || kept && isForeignCard(d) {
			return personalCard
		}
	}
	return ""
}

// mobilePrefixes are the second and third digits that are in use for mobile numbers.
var mobilePrefixes = func() (in [100]bool) {
	for _, p := range []struct{ from, to int }{{30, 39}, {45, 49}, {50, 53}, {55, 59}, {62, 62}, {65, 67}, {70, 78}, {80, 89}, {90, 93}, {95, 99}} {
		for i := p.from; i <= p.to; i++ {
			in[i] = true
		}
	}
	return in
}()

func isMobile(d []byte) bool { return d[0] == '1' && mobilePrefixes[(d[1]-'0')*10+d[2]-'0'] }

// isID is the ID number of 18 characters, GB 11643: region, day of birth, serial, check.
func isID(d []byte) bool {
	if bytes.ContainsAny(d[:17], "xX") {
		return false
	}
	sum := 0
	for i, weight := range [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(d[i]-'0') * weight
	}
	last := d[17]
	if last == 'x' {
		last = 'X'
	}
	return "10X98765432"[sum%11] == last && provinces[(d[0]-'0')*10+d[1]-'0'] && (d[6] == '1' && d[7] == '9' || d[6] == '2' && d[7] == '0') && isDay(string(d[6:14]))
}

// isOldID is the form of 15 digits, which ended with the year 1999 and has no check digit.
func isOldID(d []byte) bool {
	return provinces[(d[0]-'0')*10+d[1]-'0'] && string(d[2:4]) < "71" && string(d[4:6]) != "00" && isDay("19"+string(d[6:12]))
}

func isDay(s string) bool {
	_, err := time.Parse("20060102", s)
	return err == nil
}

// provinces are the first two digits of a GB/T 2260 code.
var provinces = func() (in [100]bool) {
	for _, p := range []struct{ from, to int }{{11, 15}, {21, 23}, {31, 37}, {41, 46}, {50, 54}, {61, 65}, {71, 71}, {81, 83}, {91, 91}} {
		for i := p.from; i <= p.to; i++ {
			in[i] = true
		}
	}
	return in
}()

// isCard is a card number with the check digit of ISO/IEC 7812, that begins as
// cards issued in China do: UnionPay's 62, and the older 9558 of 19 digits.
func isCard(d []byte) bool {
	p := string(d[:4])
	return (p[:2] == "62" || p == "9558" && len(d) == 19) && checkDigit(d)
}

// isForeignCard is a card of another issuer: among serials one in forty looks so.
func isForeignCard(d []byte) bool {
	return len(d) == 16 && (d[0] == '4' || d[0] == '5' || d[0] == '3' && d[1] == '5') && checkDigit(d)
}

// checkDigit is that of ISO/IEC 7812.
func checkDigit(d []byte) bool {
	sum := 0
	for i := range d {
		if d[len(d)-1-i] > '9' {
			return false
		}
		n := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

// personalColumns are words that a column of personal data is called by, without
// spaces and marks, in lower case.
var personalColumns = []string{"姓名", "户主", "联系人", "身份证", "证件号", "公民身份", "手机", "电话", "联系方式", "银行卡", "卡号", "开户", "银行账", "账户", "账号", "帐号", "住址", "地址", "门牌",
	"phone", "mobile", "telephone", "idcard", "idnumber", "identity", "nationalid", "passport", "bankcard", "bankaccount", "cardno", "cardnumber", "iban", "address", "fullname", "firstname", "lastname", "personname", "nameofperson", "headname", "surname", "xingming", "shenfenzheng", "shouji", "dianhua", "yinhangka", "zhuzhi", "email", "wechat", "微信"}

// personalColumn reports whether a column that is in no contract is called as
// personal data is.
func personalColumn(name string) bool {
	folded := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKC.String(name))
	if folded == "name" || folded == "tel" || folded == "idno" || folded == "id号" {
		return true
	}
	for _, word := range personalColumns {
		if strings.Contains(folded, word) {
			return true
		}
	}
	return false
}
