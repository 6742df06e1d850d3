package hub

import (
	"bytes"
	"strconv"
)

// diff appends to into what turns the JSON text old into fresh, as a JSON object of
// JSON Pointers (RFC 6901) and the values that stand there from now on; "{}" where they are
// the same. Both are as package encoding/json writes them: valid, without spaces. Whatever is as
// short to say whole is said whole. No pointer lies within another.
func diff(into, old, fresh []byte) []byte {
	d := differ{out: append(into, '{')}
	begin := len(d.out)
	d.value(old, fresh)
	if len(d.out) > begin { // each pair has a comma before it
		d.out = append(d.out[:begin], d.out[begin+1:]...)
	}
	return append(d.out, '}')
}

type differ struct {
	out  []byte
	path []byte // the pointer of the value that is looked at, as it stands in a JSON string
}

// value tells what differs between two values at the path.
func (d *differ) value(old, fresh []byte) {
	if bytes.Equal(old, fresh) {
		return
	}
	begin := len(d.out)
	inside := false
	switch {
	case old[0] == '{' && fresh[0] == '{':
		inside = d.members(old, fresh)
	case old[0] == '[' && fresh[0] == '[':
		inside = d.elements(old, fresh)
	}
	if whole := len(`,"":`) + len(d.path) + len(fresh); inside && len(d.out)-begin < whole {
		return
	}
	d.out = d.out[:begin]
	d.set(fresh)
}

func (d *differ) set(v []byte) {
	d.out = append(d.out, `,"`...)
	d.out = append(d.out, d.path...)
	d.out = append(d.out, `":`...)
	d.out = append(d.out, v...)
}

// members compares two objects, and gives up where one went away or moved.
func (d *differ) members(old, fresh []byte) bool {
	o, f := part{text: old, at: 1}, part{text: fresh, at: 1}
	more := o.member()
	for f.member() {
		if bytes.IndexByte(f.key, '\\') >= 0 {
			return false
		}
		was := len(d.path)
		d.path = append(d.path, '/')
		for _, c := range f.key {
			switch c {
			case '~':
				d.path = append(d.path, "~0"...)
			case '/':
				d.path = append(d.path, "~1"...)
			default:
				d.path = append(d.path, c)
			}
		}
		if more && bytes.Equal(o.key, f.key) {
			d.value(o.value, f.value)
			more = o.member()
		} else {
			d.set(f.value)
		}
		d.path = d.path[:was]
	}
	return !more
}

// elements compares two arrays, and gives up where they are not as long.
func (d *differ) elements(old, fresh []byte) bool {
	o, f := part{text: old, at: 1}, part{text: fresh, at: 1}
	for i := 0; ; i++ {
		a, b := o.element(), f.element()
		if a != b {
			return false
		}
		if !a {
			return true
		}
		if bytes.Equal(o.value, f.value) {
			continue
		}
		was := len(d.path)
		d.path = strconv.AppendInt(append(d.path, '/'), int64(i), 10)
		d.value(o.value, f.value)
		d.path = d.path[:was]
	}
}

// part walks through the members of an object or the elements of an array.
type part struct {
	text       []byte
	at         int // behind the bracket or the last value
	key, value []byte
}

// element goes to the next element and says whether there is one.
func (p *part) element() bool {
	if p.text[p.at] == ',' {
		p.at++
	}
	if c := p.text[p.at]; c == ']' || c == '}' {
		return false
	}
	end := skip(p.text, p.at)
	p.value = p.text[p.at:end]
	p.at = end
	return true
}

// member goes to the next member and says whether there is one.
func (p *part) member() bool {
	if !p.element() {
		return false
	}
	p.key = p.value[1 : len(p.value)-1]
	p.at++ // the colon
	return p.element()
}

// skip gives where the value that begins at i ends.
func skip(text []byte, i int) int {
	depth := 0
	for ; i < len(text); i++ {
		switch text[i] {
		case '"':
			for i++; text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ':':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}
