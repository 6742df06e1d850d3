package batch

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// The form of frames in Redis. A line break never stands inside a JSON string, so
// that a script can take rows out and put others in without reading them, and
// no number passes through Lua's floating point:
//
//	{"metric":"monitored.by_type","region":"460000","changed":17}
//	["marginal_poor",12,40]
//	["sudden_hardship",3,9]
//
// Lines are parted, not ended, by "\n". Equal frames are equal bytes. A delta
// begins with the number that it applies to. Each of its splices says in which of the
// old rows it begins, how many of them it drops and how many come in; and the same
// for the script, which need not count rows then: how many bytes are kept since the
// splice before, are dropped, and come in, each row with the line break before it:
//
//	16
//	{"metric":"monitored.by_type","region":"460000","changed":17}
//	1 1 1 24 24 24
//	["sudden_hardship",3,9]

const (
	headMetric  = `{"metric":`
	headRegion  = `,"region":`
	headChanged = `,"changed":`
)

// AppendLines appends the form that the frame has in Redis: its head, and a line
// for each row. It fails where a cell holds what cannot be shown.
func (f *Frame) AppendLines(b []byte) ([]byte, error) {
	b = appendHead(b, f.Key(), f.Changed)
	if len(f.Rows) > 0 {
		b = slices.Grow(b, len(f.Rows)*(2+8*len(f.Rows[0])))
	}
	for i, row := range f.Rows {
		var err error
		if b, err = appendRow(append(b, '\n'), row); err != nil {
			return b, fmt.Errorf("frame %s, row %d: %w", f.Key(), i+1, err)
		}
	}
	return b, nil
}

// AppendRows appends the rows as one JSON list. It fails as AppendLines does.
func (f *Frame) AppendRows(b []byte) ([]byte, error) {
	b = append(b, '[')
	for i, row := range f.Rows {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendRow(b, row); err != nil {
			return b, fmt.Errorf("frame %s, row %d: %w", f.Key(), i+1, err)
		}
	}
	return append(b, ']'), nil
}

// AppendLines appends the form that the delta has in Redis. It fails as that of
// a frame does.
func (d *Delta) AppendLines(b []byte) ([]byte, error) {
	b = strconv.AppendUint(b, d.From, 10)
	b = appendHead(append(b, '\n'), d.Key(), d.Changed)
	var rows []byte
	for _, s := range d.Splices {
		rows = rows[:0]
		for i, row := range s.Rows {
			var err error
			if rows, err = appendRow(append(rows, '\n'), row); err != nil {
				return b, fmt.Errorf("frame %s, row %d of those that change from row %d: %w", d.Key(), i+1, s.At+1, err)
			}
		}
		for i, n := range []int{s.At, s.Drop, len(s.Rows), s.Kept, s.Cut, len(rows)} {
			b = append(b, "\n     "[i])
			b = strconv.AppendInt(b, int64(n), 10)
		}
		b = append(b, rows...)
	}
	return b, nil
}

func appendHead(b []byte, k Key, changed uint64) []byte {
	b = appendText(append(b, headMetric...), k.Metric)
	b = appendText(append(b, headRegion...), k.Region)
	b = strconv.AppendUint(append(b, headChanged...), changed, 10)
	return append(b, '}')
}

func appendRow(b []byte, row []Cell) ([]byte, error) {
	b = append(b, '[')
	for i, c := range row {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = c.appendJSON(b); err != nil {
			return b, err
		}
	}
	return append(b, ']'), nil
}

// appendText quotes a text; what is not UTF-8 in it becomes U+FFFD, as in encoding/json.
func appendText(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s)
	return b
}

// exact bounds the integers that are all exact as float64.
const exact = 1 << 53

// appendJSON appends what MarshalJSON writes, but for characters that only HTML
// needs escaped.
func (c Cell) appendJSON(b []byte) ([]byte, error) {
	switch c.State {
	case Missing:
		return append(b, "null"...), nil
	case NotApplicable:
		return append(b, `"`+notApplicable+`"`...), nil
	case Suppressed:
		return append(b, `"`+suppressed+`"`...), nil
	case IsNumber:
		if math.IsNaN(c.Number) || math.IsInf(c.Number, 0) {
			return b, fmt.Errorf("batch: a cell holds %v, which is no number to show", c.Number)
		}
		// Most are counts, and faster written as such; a zero has no sign then, so that
		// cells that are equal are equal bytes.
		if n := int64(c.Number); float64(n) == c.Number && -exact < n && n < exact {
			return strconv.AppendInt(b, n, 10), nil
		}
		return strconv.AppendFloat(b, c.Number, 'f', -1, 64), nil
	case IsText:
		if c.Text == notApplicable || c.Text == suppressed {
			return b, fmt.Errorf("batch: a text cell reads %q, which is kept for a cell that is not applicable or suppressed", c.Text)
		}
		return appendText(b, c.Text), nil
	}
	return b, fmt.Errorf("batch: cell state %d is unknown", c.State)
}

// ParseFrame reads what Frame.AppendLines writes.
func ParseFrame(text string) (*Frame, error) {
	r := reader{rest: text}
	f := &Frame{}
	var err error
	if f.Metric, f.Region, f.Changed, err = r.head(); err != nil {
		return nil, err
	}
	f.Rows, err = r.rows(strings.Count(r.rest, "\n"))
	if err == nil && !r.ended() {
		err = r.expected("the end")
	}
	if err != nil {
		return nil, fmt.Errorf("frame %s, row %d: %w", f.Key(), len(f.Rows)+1, err)
	}
	return f, nil
}

// ParseDelta reads what Delta.AppendLines writes.
func ParseDelta(text string) (*Delta, error) {
	r := reader{rest: text}
	d := &Delta{}
	var err error
	if d.From, err = r.number(); err != nil {
		return nil, err
	}
	if !r.take("\n") {
		return nil, r.expected("the head of a frame in a line of its own")
	}
	if d.Metric, d.Region, d.Changed, err = r.head(); err != nil {
		return nil, err
	}
	for r.rest != "" {
		s, err := r.splice()
		if err != nil {
			return nil, fmt.Errorf("delta of %s, splice %d: %w", d.Key(), len(d.Splices)+1, err)
		}
		d.Splices = append(d.Splices, s)
	}
	return d, nil
}

// reader reads the lines of a frame or a delta from the front.
type reader struct {
	rest string
	buf  []byte // for texts on their way
}

// take takes s off the front if it stands there.
func (r *reader) take(s string) bool {
	var ok bool
	r.rest, ok = strings.CutPrefix(r.rest, s)
	return ok
}

func (r *reader) ended() bool { return r.rest == "" }

func (r *reader) expected(what string) error {
	return fmt.Errorf("batch: expected %s, found %.40q", what, r.rest)
}

func (r *reader) head() (metric, region string, changed uint64, err error) {
	if !r.take(headMetric) {
		return "", "", 0, r.expected(headMetric)
	}
	if metric, err = r.text(); err != nil {
		return "", "", 0, err
	}
	if !r.take(headRegion) {
		return "", "", 0, r.expected(headRegion)
	}
	if region, err = r.text(); err != nil {
		return "", "", 0, err
	}
	if !r.take(headChanged) {
		return "", "", 0, r.expected(headChanged)
	}
	if changed, err = r.number(); err != nil {
		return "", "", 0, err
	}
	if !r.take("}") {
		return "", "", 0, r.expected("}")
	}
	return metric, region, changed, nil
}

func (r *reader) splice() (s Splice, err error) {
	var n [6]uint64
	for i := range n {
		if !r.take("\n     "[i : i+1]) {
			return s, r.expected("a line of six numbers, as 1 1 1 24 24 24")
		}
		if n[i], err = r.number(); err != nil {
			return s, err
		}
		if n[i] > math.MaxInt32 {
			return s, fmt.Errorf("batch: %d is more than a frame has rows or bytes", n[i])
		}
	}
	s.At, s.Drop, s.Kept, s.Cut = int(n[0]), int(n[1]), int(n[3]), int(n[4])
	s.Rows, err = r.rows(int(n[2]))
	return s, err
}

// rows reads n rows, each after a line break.
func (r *reader) rows(n int) ([][]Cell, error) {
	rows := make([][]Cell, 0, min(n, len(r.rest)/len("\n[]")))
	for range n {
		if !r.take("\n") {
			return rows, r.expected("a row in a line of its own")
		}
		width := 0
		if len(rows) > 0 {
			width = len(rows[len(rows)-1])
		}
		row, err := r.row(width)
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// row reads a row of probably width cells.
func (r *reader) row(width int) ([]Cell, error) {
	if !r.take("[") {
		return nil, r.expected("[")
	}
	row := make([]Cell, 0, width)
	if r.take("]") {
		return row, nil
	}
	for {
		c, err := r.cell()
		if err != nil {
			return nil, fmt.Errorf("column %d: %w", len(row)+1, err)
		}
		row = append(row, c)
		if r.take("]") {
			return row, nil
		}
		if !r.take(",") {
			return nil, r.expected(", or ]")
		}
	}
}

func (r *reader) cell() (Cell, error) {
	if strings.HasPrefix(r.rest, `"`) {
		s, err := r.text()
		return textCell(s), err
	}
	if r.take("null") {
		return Cell{}, nil
	}
	n := 0
	for n < len(r.rest) && strings.IndexByte("0123456789+-.eE", r.rest[n]) >= 0 {
		n++
	}
	v, err := strconv.ParseFloat(r.rest[:n], 64)
	if err != nil {
		return Cell{}, r.expected("a number, a string or null")
	}
	r.rest = r.rest[n:]
	return Num(v), nil
}

// textCell is the cell that a JSON string stands for.
func textCell(s string) Cell {
	switch s {
	case notApplicable:
		return NA()
	case suppressed:
		return Hidden()
	}
	return Text(s)
}

// text reads a JSON string.
func (r *reader) text() (string, error) {
	if !strings.HasPrefix(r.rest, `"`) {
		return "", r.expected("a string")
	}
	end := 1
	for {
		i := strings.IndexAny(r.rest[end:], `"\`)
		if i < 0 {
			return "", r.expected("a string that ends")
		}
		if end += i + 1; r.rest[end-1] == '"' {
			break
		}
		if end++; end > len(r.rest) {
			return "", r.expected("a string that ends")
		}
	}
	buf, err := jsontext.AppendUnquote(r.buf[:0], r.rest[:end])
	if err != nil {
		return "", errors.Join(r.expected("a string"), err)
	}
	r.buf, r.rest = buf, r.rest[end:]
	return string(buf), nil
}

func (r *reader) number() (uint64, error) {
	n := 0
	for n < len(r.rest) && r.rest[n] >= '0' && r.rest[n] <= '9' {
		n++
	}
	v, err := strconv.ParseUint(r.rest[:n], 10, 64)
	if err != nil {
		return 0, r.expected("a number")
	}
	r.rest = r.rest[n:]
	return v, nil
}
