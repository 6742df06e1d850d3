package intake

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"liaowang/queries"
)

// standing is how a row of a delivery compares with what is there.
type standing uint8

const (
	standingNew standing = iota
	// standingChanged: a state whose content or version is another.
	standingChanged
	// standingSame: an event that is there, or a state that says nothing new.
	standingSame
	// standingStale: a state that is older than what is there, and other.
	standingStale
	// standingTwice: a state that contradicts another of the same version.
	standingTwice
	// standingConflict: an event whose key is there with other content.
	standingConflict
)

// Reasons of a row that is refused for what is there.
const (
	reasonStale    = "is older than what is there: a row with a higher version says otherwise"
	reasonTwice    = "contradicts another row with the same key and version"
	reasonConflict = "contradicts the row with the same key that is there already: what happened is not changed, and the first row stays. Was one number given to two, or was a row corrected afterwards?"
)

// asNumber is a column as chunk holds it: a UInt64.
func (f *field) asNumber() string {
	name := f.Name
	if f.Optional && f.Type != queries.FieldCodes {
		name = "assumeNotNull(" + f.Name + ")"
	}
	switch f.Type {
	case queries.FieldCode:
		return "toUInt64(toInt8(" + name + "))"
	case queries.FieldCodes:
		return "bitOr(bitShiftLeft(toUInt64(length(" + name + ")), 56), arraySum(arrayMap((x, i) -> bitShiftLeft(toUInt64(toInt8(x)), 8 * (i - 1)), " + name + ", arrayEnumerate(" + name + "))))"
	case queries.FieldNumber:
		return "reinterpretAsUInt64(toFloat64(" + name + "))"
	case queries.FieldDate:
		return "toUInt64(toUInt16(" + name + "))"
	case queries.FieldTime:
		return "toUInt64(toUnixTimestamp64Milli(" + name + "))"
	}
	return "toUInt64(" + name + ")"
}

// there says what stands under the keys of a chunk's good rows, rows of the chunk
// itself included: the later of two with one key meets the earlier.
func (c *contract) there(ctx context.Context, conn driver.Conn, k *chunk) ([]standing, error) {
	first := make(map[rowKey]int32, len(k.good))
	for n := range k.good {
		key := c.key(k, n)
		if _, ok := first[key]; !ok {
			first[key] = int32(n)
		}
	}
	found, err := c.lookUp(ctx, conn, k, first)
	if err != nil {
		return nil, err
	}
	all := make([]standing, len(k.good))
	for n := range k.good {
		key := c.key(k, n)
		have := found[key]
		switch {
		case c.table.Kind == queries.KindEvent:
			if have == nil && first[key] != int32(n) {
				earlier := c.state(k, int(first[key]))
				have = &earlier
			}
			if have != nil {
				all[n] = standingConflict
				if c.sameEvent(k, n, have) {
					all[n] = standingSame
				}
			}
			continue
		case have != nil:
			all[n] = c.compare(k, n, have)
		}
		if all[n] == standingNew || all[n] == standingChanged {
			// From here on this row is what is there.
			mine := c.state(k, n)
			found[key] = &mine
		}
	}
	return all, nil
}

// state is what a row that is there says besides its key, or one that is about to be.
type state struct {
	version uint64
	nums    []uint64 // of columns that are not the key's, absent ones with their bit
	texts   []string
}

// state is the n-th good row in the form of those that are there.
func (c *contract) state(k *chunk, n int) state {
	var s state
	if c.version >= 0 {
		s.version = k.nums[c.version][n]
	}
	for i := range c.fields {
		f := &c.fields[i]
		switch {
		case f.isKey || i == c.version:
		case f.Type == queries.FieldText:
			s.texts = append(s.texts, k.texts[i][n])
		default:
			v := k.nums[i][n]
			s.nums = append(s.nums, v)
			if f.Optional {
				s.nums = append(s.nums, boolNumber(k.nulls[i][n]))
				if k.nulls[i][n] {
					s.nums[len(s.nums)-2] = 0
				}
			}
		}
	}
	return s
}

func boolNumber(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// sameEvent reports whether the n-th good row says what is there.
func (c *contract) sameEvent(k *chunk, n int, have *state) bool {
	mine := c.state(k, n)
	return mine.says(have)
}

func (s *state) says(t *state) bool {
	return slices.Equal(s.nums, t.nums) && slices.Equal(s.texts, t.texts)
}

func (c *contract) compare(k *chunk, n int, have *state) standing {
	mine := c.state(k, n)
	same := mine.says(have)
	switch {
	case same && (mine.version <= have.version || !k.explicit[n]):
		return standingSame
	case mine.version > have.version:
		return standingChanged
	case mine.version == have.version:
		return standingTwice
	}
	return standingStale
}

// lookUp reads what is there under the chunk's keys. Only granules of the sorting
// key that may hold them are read.
func (c *contract) lookUp(ctx context.Context, conn driver.Conn, k *chunk, keys map[rowKey]int32) (map[rowKey]*state, error) {
	found := map[rowKey]*state{}
	if len(k.good) == 0 {
		return found, nil
	}
	keyNumbers, keyTexts, nums, texts := []string{}, []string{}, []string{}, []string{}
	for _, place := range c.keys {
		if f := &c.fields[place]; f.Type == queries.FieldText {
			keyTexts = append(keyTexts, f.Name)
		} else {
			keyNumbers = append(keyNumbers, f.asNumber())
		}
	}
	from, version := c.table.Name, "toUInt64(0)"
	if c.table.Kind == queries.KindState {
		from, version = c.table.Name+" FINAL", "version"
	}
	for i := range c.fields {
		f := &c.fields[i]
		switch {
		case f.isKey || i == c.version:
		case f.Type == queries.FieldText:
			texts = append(texts, f.Name)
		case f.Optional:
			nums = append(nums, "if(isNull("+f.Name+"), 0, "+f.asNumber()+")", "toUInt64(isNull("+f.Name+"))")
		default:
			nums = append(nums, f.asNumber())
		}
	}
	statement := fmt.Sprintf("SELECT [%s]::Array(UInt64), [%s]::Array(String), [%s]::Array(UInt64), [%s]::Array(String), %s FROM %s WHERE %s",
		strings.Join(keyNumbers, ", "), strings.Join(keyTexts, ", "), strings.Join(nums, ", "), strings.Join(texts, ", "), version, from, c.where(k))
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"max_query_size": maxLookup, "log_comment": "liaowang:intake lookup"}))
	rows, err := conn.Query(ctx, statement)
	if err != nil {
		return nil, fmt.Errorf("look up keys: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var kn, n []uint64
		var kt, t []string
		var version uint64
		if err := rows.Scan(&kn, &kt, &n, &t, &version); err != nil {
			return nil, fmt.Errorf("look up keys: %w", err)
		}
		var key rowKey
		for i, place := range c.keys {
			if c.fields[place].Type == queries.FieldText {
				key[i], kt = wordKey(kt[0]), kt[1:]
			} else {
				key[i], kn = kn[0], kn[1:]
			}
		}
		if _, mine := keys[key]; mine {
			found[key] = &state{version, n, t}
		}
	}
	return found, rows.Err()
}

// maxLookup bounds the statement of a lookup; 100,000 keys take 1.1 MB.
const maxLookup = 4 << 20

// where narrows a table to rows that may have a key of the chunk: sets of hashed
// keys, and ranges of all else.
func (c *contract) where(k *chunk) string {
	var conditions []string
	for _, place := range c.keys {
		f := &c.fields[place]
		if f.Type == queries.FieldText {
			continue // tables whose keys are words are small
		}
		if f.Type == queries.FieldKey {
			conditions = append(conditions, f.Name+" IN (SELECT k FROM format('RowBinary', 'k UInt64', base64Decode('"+packed(k.nums[place])+"')))")
			continue
		}
		low, high := slices.Min(k.nums[place]), slices.Max(k.nums[place])
		if f.Type == queries.FieldTime {
			// Sorting keys hold the day in the province's zone.
			conditions = append(conditions,
				fmt.Sprintf("%s BETWEEN fromUnixTimestamp64Milli(%d, 'UTC') AND fromUnixTimestamp64Milli(%d, 'UTC')", f.Name, low, high),
				fmt.Sprintf("toDate(%[1]s, 'Asia/Shanghai') BETWEEN toDate(fromUnixTimestamp64Milli(%[2]d, 'Asia/Shanghai')) AND toDate(fromUnixTimestamp64Milli(%[3]d, 'Asia/Shanghai'))", f.Name, low, high))
			continue
		}
		if f.Type != queries.FieldNumber {
			conditions = append(conditions, fmt.Sprintf("%s BETWEEN %d AND %d", f.asNumber(), low, high))
		}
	}
	if len(conditions) == 0 {
		return "true"
	}
	return strings.Join(conditions, " AND ")
}

func packed(numbers []uint64) string {
	set := slices.Compact(slices.Sorted(slices.Values(numbers)))
	b := make([]byte, 0, 8*len(set))
	for _, n := range set {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	return base64.StdEncoding.EncodeToString(b)
}
