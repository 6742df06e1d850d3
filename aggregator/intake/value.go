package intake

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"liaowang/queries"
)

// cell is one value of a row as its file has it.
type cell struct {
	text string
	// here is false where the file has no value (NULL, or no such column).
	here bool
	// list says that text holds several values, divided by |.
	list bool
}

const (
	// maxExact is the largest whole number up to which a Float64 holds all.
	maxExact     = 1 << 53
	maxKeyBytes  = 128
	maxTextBytes = 4096
)

// Reasons for refusing a value.
const (
	reasonRequired   = "is required and empty"
	reasonScientific = "is in scientific notation, as a spreadsheet shortens long numbers, and its digits are lost: format the column as text and export again"
	reasonUTF8       = "is not UTF-8 text"
	reasonNested     = "must be a single value, not a list"
)

// parse turns a cell into the number that stands for it in every type but text,
// which stays. A reason says what is wrong, without the value.
func (f *field) parse(c cell, h *hasher) (n uint64, text string, null bool, reason string) {
	s := c.text
	if f.Type != queries.FieldText {
		s = strings.TrimSpace(s)
	}
	if c.list && f.Type != queries.FieldCodes {
		return 0, "", false, firstOf(personal(s), reasonNested)
	}
	if !c.here || s == "" && !c.list && (f.Type != queries.FieldText || f.Optional || f.isKey) {
		switch {
		case f.absentOK:
			return f.absent, "", false, ""
		case f.Optional:
			return 0, "", true, ""
		case f.Type == queries.FieldText && !c.here:
			return 0, "", false, reasonRequired
		}
		return 0, "", false, reasonRequired
	}
	n, text, reason = f.value(s, h)
	if reason != "" {
		// Whatever is wrong with it besides, personal data is said to be that.
		if why := personal(s); why != "" && reason != reasonScientific && !strings.HasPrefix(reason, why) {
			reason = why
		}
	}
	return n, text, false, reason
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (f *field) value(s string, h *hasher) (n uint64, text, reason string) {
	switch f.Type {
	case queries.FieldKey:
		return f.key(s, h)
	case queries.FieldVillage:
		n, reason = digits(s, "must be a village code of 12 digits")
		if reason == "" && (n < 100_000_000_000 || n > 999_999_999_999) {
			reason = "must be a village code of 12 digits"
		}
	case queries.FieldRegion:
		n, reason = digits(s, "must be a region code of 6, 9 or 12 digits")
		ok := n >= 1e5 && n < 1e6 || n >= 1e8 && n < 1e9 || n >= 1e11 && n < 1e12 || n == 0 && f.Zero
		if reason == "" && !ok {
			reason = "must be a region code of 6, 9 or 12 digits"
		}
	case queries.FieldCode:
		if n = f.codes[s]; n == 0 {
			reason = "is neither a code nor a name of code list " + f.Codes
		}
	case queries.FieldCodes:
		n, reason = f.list(s)
	case queries.FieldCount, queries.FieldMoney:
		if n, reason = digits(s, "must be a whole number, at least 0, without unit or separators"); reason != "" {
			return 0, "", reason
		}
		if n < f.Min || n > f.limit {
			reason = "must be from " + strconv.FormatUint(f.Min, 10) + " to " + strconv.FormatUint(f.limit, 10)
		} else if n >= 1e10 {
			// As it is written, and as it would be kept: 0013812345678 is a phone too.
			reason = firstOf(personal(s), personal(strconv.FormatUint(n, 10)))
		}
	case queries.FieldNumber:
		v, err := strconv.ParseFloat(s, 64)
		switch {
		case err != nil || math.IsNaN(v) || math.IsInf(v, 0) || strings.ContainsAny(s, "xX"):
			reason = "must be a decimal number"
		case math.Abs(v) > maxExact:
			reason = "is larger than a number is kept exactly"
		case v < float64(f.Min) && f.Min != 0 || f.Max != 0 && (v < float64(f.Min) || v > float64(f.Max)):
			reason = "must be from " + strconv.FormatUint(f.Min, 10) + " to " + strconv.FormatUint(f.limit, 10)
		default:
			// As it is written, and as it would be kept: 1.38123456780E10 is a phone too.
			reason = firstOf(personal(s), personal(strconv.FormatFloat(v, 'f', -1, 64)))
		}
		n = math.Float64bits(v)
	case queries.FieldBool:
		switch strings.ToLower(s) {
		case "true", "1", "是":
			n = 1
		case "false", "0", "否":
		default:
			reason = "must be true or false, 1 or 0, 是 or 否"
		}
	case queries.FieldYear:
		if n, reason = digits(s, "must be a year of four digits"); reason == "" && (n < 1949 || n > 2100) {
			reason = "must be a year from 1949 to 2100"
		}
	case queries.FieldDate:
		n, reason = parseDate(s)
	case queries.FieldTime:
		n, reason = parseTime(s)
	case queries.FieldText:
		if reason = textFlaw(s); reason == "" && f.words && bareName(s, f.known) {
			reason = personalName
		}
		return 0, s, reason
	}
	return n, "", reason
}

// key hashes the sender's number of a thing. A word without a digit is more
// likely somebody's name than a number.
func (f *field) key(s string, h *hasher) (uint64, string, string) {
	if len(s) > maxKeyBytes {
		return 0, "", "is longer than " + strconv.Itoa(maxKeyBytes) + " bytes"
	}
	digit, ascii, point := false, true, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			digit = true
		case c >= 0x80:
			ascii = false
		case c < 0x20 || c == 0x7f:
			return 0, "", "holds a control character"
		case c == '.':
			point = true
		}
	}
	if !ascii {
		if !utf8.ValidString(s) {
			return 0, "", reasonUTF8
		}
		// One thing has one number, whatever the keyboard was set to.
		s = strings.TrimSpace(width.Fold.String(s))
		if strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Cf, r) || unicode.IsControl(r) }) {
			return 0, "", "holds an invisible character: the thing would be another than without it"
		}
		digit, point = strings.ContainsFunc(s, unicode.IsDigit), strings.Contains(s, ".")
	}
	if !digit {
		return 0, "", "must be a number or code with digits: a word alone may be a person's name"
	}
	if point && scientific(s) {
		return 0, "", reasonScientific
	}
	if point {
		s = wholeNumber(s)
	}
	why := personal(s)
	if why == personalPhone && isSerial(s) {
		if why = personalSerial + f.Name; f.serial {
			why = ""
		}
	}
	if why != "" {
		return 0, "", why
	}
	return h.hash(f.Name, s), "", ""
}

// wholeNumber writes 123.0 as 123: spreadsheets, JSON and Parquet's doubles write a
// whole number either way, and the thing is the same.
func wholeNumber(s string) string {
	whole, zeros, _ := strings.Cut(s, ".")
	if zeros == "" || strings.Trim(zeros, "0") != "" || strings.Trim(strings.TrimPrefix(whole, "-"), "0123456789") != "" || whole == "" || whole == "-" {
		return s
	}
	return whole
}

// digits reads a whole number; ".0" at its end, as some exports write, is let be.
func digits(s, expected string) (uint64, string) {
	if whole, zeros, ok := strings.Cut(s, "."); ok && zeros != "" && strings.Trim(zeros, "0") == "" {
		s = whole
	}
	if len(s) == 0 || len(s) > 19 {
		return 0, expected
	}
	var n uint64
	for i := 0; i < len(s); i++ {
		d := s[i] - '0'
		if d > 9 {
			if scientific(s) {
				return 0, reasonScientific
			}
			return 0, expected
		}
		n = n*10 + uint64(d)
	}
	return n, ""
}

// scientific is the form 4.60105E+11.
func scientific(s string) bool {
	i := strings.IndexAny(s, "eE")
	if i < 1 || i+1 >= len(s) {
		return false
	}
	if _, err := strconv.ParseFloat(s, 64); err != nil {
		return false
	}
	return !strings.ContainsAny(s, "xXpP")
}

// list reads several codes, divided by any usual mark.
func (f *field) list(s string) (uint64, string) {
	var n uint64
	count := 0
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune("|,;、，；", r) }) {
		code := f.codes[strings.TrimSpace(part)]
		if code == 0 {
			return 0, "holds what is neither a code nor a name of code list " + f.Codes
		}
		if uint64(count) >= f.Max {
			return 0, "holds more than " + strconv.FormatUint(f.Max, 10) + " codes"
		}
		for i := range count {
			if n>>(8*i)&0xff == code {
				return 0, "holds a code twice"
			}
		}
		n |= code << (8 * count)
		count++
	}
	if uint64(count) < f.Min {
		return 0, "holds fewer than " + strconv.FormatUint(f.Min, 10) + " codes"
	}
	return n | uint64(count)<<56, ""
}

func textFlaw(s string) string {
	switch {
	case len(s) > maxTextBytes:
		return "is longer than " + strconv.Itoa(maxTextBytes) + " bytes"
	case !utf8.ValidString(s):
		return reasonUTF8
	case strings.ContainsRune(s, 0):
		return "holds a NUL character"
	}
	return personalKept(s)
}

const (
	reasonDate = "must be a day as 2026-03-15, from 1970 on"
	reasonTime = "must be a moment as 2026-03-15 10:30:00 (Asia/Shanghai) or 2026-03-15T10:30:00+08:00, from 1970 to 2090"
)

// parseDate gives days since 1970.
func parseDate(s string) (uint64, string) {
	y, m, d, ok := ymd(s)
	if !ok || len(s) != 10 || y < 1970 || y > 2148 {
		return 0, reasonDate
	}
	return uint64(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400), ""
}

// maxYear is the last whose moments ClickHouse keeps: what is to be deleted after
// years is compared as a DateTime, which ends in 2106 and begins again in 1970.
const maxYear = 2090

// parseTime gives milliseconds since 1970.
func parseTime(s string) (uint64, string) {
	y, m, d, ok := ymd(s)
	if !ok || len(s) < 19 || s[10] != ' ' && s[10] != 'T' && s[10] != 't' || s[13] != ':' || s[16] != ':' || y < 1970 || y > maxYear {
		return 0, reasonTime
	}
	hour, ok1 := two(s[11:])
	minute, ok2 := two(s[14:])
	second, ok3 := two(s[17:])
	if !ok1 || !ok2 || !ok3 || hour > 23 || minute > 59 || second > 59 {
		return 0, reasonTime
	}
	rest := s[19:]
	ms := 0
	if strings.HasPrefix(rest, ".") {
		i, scale := 1, 100
		for ; i < len(rest) && rest[i]-'0' <= 9; i++ {
			ms += int(rest[i]-'0') * scale
			scale /= 10
		}
		if i == 1 || i > 10 {
			return 0, reasonTime
		}
		rest = rest[i:]
	}
	offset := 8 * 3600
	switch {
	case rest == "":
	case rest == "Z" || rest == "z":
		offset = 0
	case len(rest) == 6 && (rest[0] == '+' || rest[0] == '-') && rest[3] == ':':
		oh, ok1 := two(rest[1:])
		om, ok2 := two(rest[4:])
		if !ok1 || !ok2 || oh > 23 || om > 59 {
			return 0, reasonTime
		}
		if offset = oh*3600 + om*60; rest[0] == '-' {
			offset = -offset
		}
	default:
		return 0, reasonTime
	}
	unix := time.Date(y, m, d, hour, minute, second, 0, time.UTC).Unix() - int64(offset)
	if unix < 0 {
		return 0, reasonTime
	}
	return uint64(unix)*1000 + uint64(ms), ""
}

func ymd(s string) (int, time.Month, int, bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return 0, 0, 0, false
	}
	a, ok1 := two(s)
	b, ok2 := two(s[2:])
	m, ok3 := two(s[5:])
	d, ok4 := two(s[8:])
	y := a*100 + b
	if !ok1 || !ok2 || !ok3 || !ok4 || m < 1 || m > 12 || d < 1 || d > time.Date(y, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day() {
		return 0, 0, 0, false
	}
	return y, time.Month(m), d, true
}

func two(s string) (int, bool) {
	a, b := s[0]-'0', s[1]-'0'
	return int(a)*10 + int(b), a <= 9 && b <= 9
}
