package hub

import (
	"fmt"
	"strconv"
	"strings"
)

// Lay sets in a document what a patch says, as a client would that knows only RFC 6901.
func Lay(document any, set map[string]any) (any, error) {
	for pointer, value := range set {
		if pointer == "" {
			return value, nil
		}
		steps := strings.Split(pointer, "/")[1:]
		at := document
		for i, step := range steps {
			step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
			last := i == len(steps)-1
			switch v := at.(type) {
			case map[string]any:
				if last {
					v[step] = value
				}
				at = v[step]
			case []any:
				n, err := strconv.Atoi(step)
				if err != nil || n >= len(v) {
					return nil, fmt.Errorf("%s leads nowhere", pointer)
				}
				if last {
					v[n] = value
				}
				at = v[n]
			default:
				return nil, fmt.Errorf("%s leads nowhere", pointer)
			}
		}
	}
	return document, nil
}
