package client

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// put sets values in decoded JSON by JSON Pointer (RFC 6901) and gives the result; what
// it is given stays as it was, so that a set is taken whole or not at all and a picture
// that was handed out never changes. (The libraries for JSON Pointer change in place.)
// A pointer that leads nowhere is errUnfit.
func put(doc any, set map[string]any) (any, error) {
	for pointer, value := range set {
		var err error
		if doc, err = putOne(doc, pointer, value); err != nil {
			return nil, fmt.Errorf("%w: pointer %q", err, pointer)
		}
	}
	return doc, nil
}

func putOne(doc any, rest string, value any) (any, error) {
	if rest == "" {
		return value, nil
	}
	if rest[0] != '/' {
		return nil, errUnfit
	}
	step, rest, more := strings.Cut(rest[1:], "/")
	if more {
		rest = "/" + rest
	}
	step = unescape.Replace(step)
	switch node := doc.(type) {
	case map[string]any:
		child, ok := node[step]
		if !ok && rest != "" {
			return nil, errUnfit
		}
		child, err := putOne(child, rest, value)
		if err != nil {
			return nil, err
		}
		next := maps.Clone(node)
		next[step] = child
		return next, nil
	case []any:
		i, err := strconv.Atoi(step)
		if err != nil || i < 0 || i >= len(node) || strconv.Itoa(i) != step {
			return nil, errUnfit
		}
		child, err := putOne(node[i], rest, value)
		if err != nil {
			return nil, err
		}
		next := slices.Clone(node)
		next[i] = child
		return next, nil
	}
	return nil, errUnfit
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~")
