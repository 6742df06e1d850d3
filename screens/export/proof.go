package export

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/screens/export/office"
	"liaowang/screens/panel"
)

// proof is what a file says of itself: by its code it is found in the log of exports, which
// has the digest of its figures.
type proof struct {
	code string
	at   time.Time
}

// crockford are digits and letters of which none is taken for another.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// newCode makes a code of twelve characters, as "7Q2M-XK04-9TBC": 60 bits.
func newCode(r io.Reader) (string, error) {
	raw := make([]byte, 8)
	if _, err := io.ReadFull(r, raw); err != nil {
		return "", fmt.Errorf("export: code: %w", err)
	}
	text := crockford.EncodeToString(raw)[:12]
	return text[:4] + "-" + text[4:8] + "-" + text[8:], nil
}

// ReadCode brings a code that a person has typed into its form; "" if it is none.
func ReadCode(text string) string {
	text = strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(text))
	if len(text) != 12 || strings.Trim(text, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" {
		return ""
	}
	return text[:4] + "-" + text[4:8] + "-" + text[8:]
}

// moment writes a time for people, in the hall's zone.
func moment(t time.Time) string { return t.In(batch.Hall).Format("2006-01-02 15:04:05") }

// judged says in a few words what the checks say.
func judged(h *batch.Header) string {
	var fails, unknown int
	for _, c := range h.Checks {
		switch {
		case c.Unknown:
			unknown++
		case !c.OK:
			fails++
		}
	}
	text := fmt.Sprintf("勾稽 %d 项", len(h.Checks))
	switch {
	case fails == 0 && unknown == 0:
		return text + "全部平"
	case unknown == 0:
		return text + fmt.Sprintf("，%d 项不平", fails)
	}
	return text + fmt.Sprintf("，%d 项不平，%d 项未能核对", fails, unknown)
}

// of says which batch a file is of.
func of(h *batch.Header) string {
	text := fmt.Sprintf("第 %d 批 · 数据截至 %s · %s", h.Number, moment(h.AsOf), judged(h))
	if h.Demo {
		text += " · 演示数据"
	}
	return text
}

// taken says who took a file, when, and by which code it is verified.
func (d *document) taken() string {
	return fmt.Sprintf("%s 导出于 %s · 验证码 %s", d.By, moment(d.proof.at), d.proof.code)
}

// Where a file of Office says what its proof is: custom properties.
const (
	propertyCode   = "瞭望验证码"
	propertyBatch  = "瞭望批次"
	propertyDigest = "瞭望数据摘要"
)

// digest is over every figure of a document: batch, scenes, rows, states and values. It
// does not depend on how they are written.
func (d *document) digest() string {
	h := sha256.New()
	fmt.Fprintf(h, "liaowang export 1\n%q %d\n", d.header.History, d.header.Number)
	for i := range d.pages {
		p := &d.pages[i]
		for k := range p.parts {
			fmt.Fprintf(h, "%q %q %q\n", p.Screen, p.Region, p.parts[k].spec.ID)
			digestSheet(h, &p.parts[k].sheet)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

func digestSheet(h hash.Hash, t *panel.Sheet) {
	for _, c := range t.Columns {
		fmt.Fprintf(h, "c %q %q\n", c.Name, c.Unit)
	}
	for _, r := range t.Rows {
		fmt.Fprintf(h, "r %q", r.Key)
		for _, c := range r.Cells {
			fmt.Fprintf(h, " %d %x %q", c.State, math.Float64bits(c.Number), c.Text)
		}
		fmt.Fprintln(h)
	}
}

// asText is a cell as a file without types writes it.
func asText(c panel.SheetCell) string {
	switch c.State {
	case batch.IsNumber:
		return number(c.Number)
	case batch.IsText:
		return c.Text
	}
	return c.Shown
}

// number writes a value with all its digits and none more.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// properties are what a file of Office says of itself beside what is read.
func (d *document) properties() []office.Property {
	return []office.Property{{Name: propertyCode, Value: d.proof.code}, {Name: propertyBatch, Value: fmt.Sprint(d.header.Number)}, {Name: propertyDigest, Value: d.digest()}}
}

// title is that of the briefing, the screen or the panel.
func (d *document) title() string {
	switch {
	case d.Title != "":
		return d.Title
	case d.pages[0].Panel != "":
		return d.pages[0].screen.Title + " · " + d.pages[0].parts[0].sheet.Title
	}
	return d.pages[0].screen.Title
}
