package panel

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"liaowang/aggregator/batch"
	"liaowang/queries"
)

// state is the JSON form of what an amount is.
type state string

const (
	stateOK         state = "ok"
	stateMissing    state = "missing"
	stateNA         state = "na"
	stateSuppressed state = "suppressed"
)

// Words for what is no number.
const (
	textMissing    = "缺报"
	textNA         = "不适用"
	textSuppressed = "＊"
)

// amount is a number as it is shown: its value, its text and unit apart, so
// that a view may set them in two sizes, and its state.
type amount struct {
	Value *float64 `json:"value"`
	Text  string   `json:"text"`
	Unit  string   `json:"unit"`
	State state    `json:"state"`
}

// String is text and unit in one.
func (a amount) String() string { return a.Text + a.Unit }

// drawn is the length that stands for the amount: nothing for what is no number.
func (a amount) drawn() float64 {
	if a.Value == nil {
		return 0
	}
	return *a.Value
}

var (
	missing       = amount{Text: textMissing, State: stateMissing}
	notApplicable = amount{Text: textNA, State: stateNA}
	suppressed    = amount{Text: textSuppressed, State: stateSuppressed}
)

// footnote says what ＊ means on a panel that shows one, else nothing. Not every
// suppressed number is small: some would give a small one away.
func (in *Input) footnote(shown ...amount) string {
	if !slices.ContainsFunc(shown, func(a amount) bool { return a.State == stateSuppressed }) {
		return ""
	}
	few := "户数过少"
	if in.LeastCell > 0 {
		few = fmt.Sprintf("少于%d户", in.LeastCell)
	}
	return textSuppressed + " " + few + "或可据以推算，按规定不显示"
}

// format gives the amount of a cell of a column.
func format(c batch.Cell, col queries.Column) amount {
	switch {
	case c.State == batch.NotApplicable:
		return notApplicable
	case c.State == batch.Suppressed:
		return suppressed
	case c.State != batch.IsNumber || math.IsNaN(c.Number) || math.IsInf(c.Number, 0):
		return missing
	case col.Type == queries.TypeMoney:
		text, unit := money(c.Number, moneyUnit(c.Number))
		return amount{Value: &c.Number, Text: text, Unit: unit, State: stateOK}
	case col.Type == queries.TypeNumber:
		return amount{Value: &c.Number, Text: decimal(c.Number, col.Unit == "%"), Unit: col.Unit, State: stateOK}
	}
	return amount{Value: &c.Number, Text: count(c.Number), Unit: col.Unit, State: stateOK}
}

// count writes a number with thousands separators: whole numbers whole, others
// with two decimals.
func count(v float64) string {
	decimals := 2
	if v == math.Trunc(v) {
		decimals = 0
	}
	return separated(v, decimals)
}

// decimal writes a rate or an average with one decimal, whole ones whole. What is not
// zero never reads as zero, and what is not all never as 100 %.
func decimal(v float64, percent bool) string {
	switch {
	case v == math.Trunc(v):
		return separated(v, 0)
	case math.Abs(v) < 0.05:
		return "<0.1"
	case percent && v < 100 && v >= 99.95:
		return ">99.9"
	}
	return separated(v, 1)
}

// moneyUnit is the unit in which people say an amount of yuan.
func moneyUnit(yuan float64) float64 {
	switch v := math.Abs(yuan); {
	case v >= 99_999_500: // would round to 10,000.0万
		return 1e8
	case v >= 1e4:
		return 1e4
	}
	return 1
}

// money writes an amount of yuan in a unit of 1, 1e4 (万元) or 1e8 (亿元). What is
// not zero never reads as zero.
func money(yuan, unit float64) (text, name string) {
	decimals, name := 0, "元"
	switch unit {
	case 1e4:
		decimals, name = 1, "万元"
	case 1e8:
		decimals, name = 2, "亿元"
	}
	if yuan == 0 {
		return "0", name
	}
	least := math.Pow10(-decimals)
	if v := math.Abs(yuan / unit); v > 0 && v < least/2 {
		return "<" + strconv.FormatFloat(least, 'f', decimals, 64), name
	}
	return separated(yuan/unit, decimals), name
}

// inYuan writes amounts of money in whole yuan, as people say an income, and gives the unit.
func inYuan(amounts []amount) string {
	for i, a := range amounts {
		if a.Value != nil {
			amounts[i].Text, amounts[i].Unit = money(math.Round(*a.Value), 1)
		}
	}
	return "元"
}

// percent writes a share of 0 to 1. Only nothing reads 0% and only all 100%.
func percent(share float64) string {
	switch {
	case share == 0 || share == 1:
		return strconv.Itoa(int(share*100)) + "%"
	case share > 0 && share < 0.0005:
		return "<0.1%"
	case share < 1 && share >= 0.9995:
		return ">99.9%"
	}
	return strconv.FormatFloat(share*100, 'f', 1, 64) + "%"
}

func separated(v float64, decimals int) string {
	digits := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, fraction, hasFraction := strings.Cut(digits, ".")
	var b strings.Builder
	if v < 0 && strings.Trim(digits, "0.") != "" {
		b.WriteByte('-')
	}
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	if hasFraction {
		b.WriteString("." + fraction)
	}
	return b.String()
}

// sum adds amounts of one column. Where one is missing the sum is missing, and else
// where one is suppressed so is the sum; what is not applicable adds nothing, and
// where nothing applies neither does the sum.
func sum(amounts []amount, col queries.Column) amount {
	var total float64
	applies, hidden := false, false
	for _, a := range amounts {
		switch a.State {
		case stateMissing:
			return missing
		case stateSuppressed:
			hidden = true
		case stateOK:
			total += *a.Value
			applies = true
		}
	}
	if hidden {
		return suppressed
	}
	if !applies && len(amounts) > 0 {
		return notApplicable
	}
	if len(amounts) == 0 {
		return missing
	}
	return format(batch.Num(total), col)
}

// ems estimates the width of a text in units of its size: a Chinese character
// is one, a Latin letter or digit a little more than a half.
func ems(text string) float64 {
	var w float64
	for _, r := range text {
		if r < 0x2000 {
			w += 0.57
		} else {
			w++
		}
	}
	return w
}

// list joins names for a message that says what is allowed.
func list[T ~string](names []T) string {
	var b strings.Builder
	for i, n := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s", string(n))
	}
	return b.String()
}
