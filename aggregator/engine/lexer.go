package engine

import "strings"

// tokenKind says what a piece of SQL is, as far as splitting a script needs.
type tokenKind uint8

const (
	tokenEnd    tokenKind = iota
	tokenSpace            // white space or a comment
	tokenWord             // keyword, bare identifier or number
	tokenString           // 'text', ‘text’ or $tag$text$tag$
	tokenQuoted           // "identifier", `identifier` or “identifier”
	tokenSymbol           // any other single byte
)

// token is the piece src[start:end].
type token struct {
	kind       tokenKind
	start, end int
	// open is set if the quotation or comment is not closed within the source.
	open bool
}

// nextToken reads the piece of src that begins at offset at, by the rules of
// ClickHouse's own lexer. It always makes progress, whatever the bytes.
func nextToken(src string, at int) token {
	if at >= len(src) {
		return token{kind: tokenEnd, start: at, end: at}
	}
	rest := src[at:]
	switch c := rest[0]; {
	case isSpace(c):
		n := 1
		for n < len(rest) && isSpace(rest[n]) {
			n++
		}
		return token{kind: tokenSpace, start: at, end: at + n}
	case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "//"),
		strings.HasPrefix(rest, "# "), strings.HasPrefix(rest, "#!"):
		return enclosed(tokenSpace, at, rest, "\n", true)
	case strings.HasPrefix(rest, "/*"):
		return blockComment(at, rest)
	case c == '\'':
		return quoted(tokenString, at, rest)
	case c == '"' || c == '`':
		return quoted(tokenQuoted, at, rest)
	case strings.HasPrefix(rest, "‘"):
		return enclosed(tokenString, at, rest, "’", false)
	case strings.HasPrefix(rest, "“"):
		return enclosed(tokenQuoted, at, rest, "”", false)
	case c == '$':
		return dollar(at, rest)
	case isWord(c):
		n := 1
		for n < len(rest) && (isWord(rest[n]) || rest[n] == '$') {
			n++
		}
		return token{kind: tokenWord, start: at, end: at + n}
	default:
		return token{kind: tokenSymbol, start: at, end: at + 1}
	}
}

// enclosed reads up to and including the closing mark; atEnd says whether the
// end of the source closes it too.
func enclosed(kind tokenKind, at int, rest, closing string, atEnd bool) token {
	i := strings.Index(rest[1:], closing)
	if i < 0 {
		return token{kind: kind, start: at, end: at + len(rest), open: !atEnd}
	}
	return token{kind: kind, start: at, end: at + 1 + i + len(closing)}
}

// blockComment reads a /* comment */, which may hold others.
func blockComment(at int, rest string) token {
	depth := 0
	for i := 0; i+1 < len(rest); {
		switch rest[i : i+2] {
		case "/*":
			depth++
			i += 2
		case "*/":
			depth--
			i += 2
			if depth == 0 {
				return token{kind: tokenSpace, start: at, end: at + i}
			}
		default:
			i++
		}
	}
	return token{kind: tokenSpace, start: at, end: at + len(rest), open: true}
}

// quoted reads a quotation that escapes its mark by a backslash or by doubling.
func quoted(kind tokenKind, at int, rest string) token {
	mark := rest[0]
	for i := 1; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case mark:
			if i+1 < len(rest) && rest[i+1] == mark {
				i++
				continue
			}
			return token{kind: kind, start: at, end: at + i + 1}
		}
	}
	return token{kind: kind, start: at, end: at + len(rest), open: true}
}

// dollar reads a heredoc, or the dollar sign alone if it is none.
func dollar(at int, rest string) token {
	n := 1
	for n < len(rest) && isWord(rest[n]) {
		n++
	}
	if n < len(rest) && rest[n] == '$' {
		tag := rest[:n+1]
		if i := strings.Index(rest[n+1:], tag); i >= 0 {
			return token{kind: tokenString, start: at, end: at + n + 1 + i + len(tag)}
		}
	}
	return token{kind: tokenSymbol, start: at, end: at + 1}
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
