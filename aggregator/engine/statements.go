package engine

import "strings"

// statementKind says by which door of the engine a statement goes.
type statementKind uint8

const (
	// kindOther runs to its end and gives little or no output: DDL, SET, SHOW,
	// INSERT ... SELECT, an INSERT with all its rows in the text.
	kindOther statementKind = iota
	// kindSelect gives rows, which can be fetched while they are produced.
	kindSelect
	// kindInsert takes data, which follows the text.
	kindInsert
)

// statement is one statement of a script.
type statement struct {
	kind statementKind
	// text is the SQL without the closing semicolon; for kindInsert without
	// FORMAT, VALUES and data.
	text string
	// format is the name in the FORMAT clause, empty if there is none.
	format string
	// query is the text before the FORMAT clause.
	query string
	// values is set for an INSERT ... VALUES.
	values bool
	// refusal says why a server does not run this statement, empty if it does.
	refusal string
	// whole is set if the output only makes sense in one piece.
	whole bool
}

// leavesNothing reports whether the statement leaves nothing in its session: no setting,
// database or temporary table.
func (st statement) leavesNothing() bool {
	if st.kind != kindOther {
		return true
	}
	word := nextToken(st.text, 0)
	return word.word(st.text, "INSERT") || word.word(st.text, "ALTER") || word.word(st.text, "TRUNCATE")
}

// script is what splitScript found.
type script struct {
	statements []statement
	// data is where the data of the last statement begins if that is an
	// INSERT that takes data; otherwise it is the length of the source.
	data int
}

// splitScript splits SQL text at its semicolons and says of each statement
// what it is. complete says that src is the whole text and not only the
// beginning of it. The script is settled (ok) if the text is complete, or if it
// leads to an INSERT ... FORMAT, whose data the rest of the text then is.
//
// It does not check the SQL: what is wrong stays wrong and is for the engine to
// complain about.
func splitScript(src string, complete bool) (s script, ok bool) {
	c := &cursor{src: src}
	for {
		first := c.next()
		switch {
		case first.kind == tokenEnd:
			s.data = len(src)
			return s, complete
		case first.symbol(src, ';'):
			continue
		}
		st := c.statement(first)
		if st.kind == kindInsert && st.values && complete {
			// All rows are here: the engine reads them from the text, and other
			// statements may follow.
			st.kind, st.text = kindOther, src[first.start:c.skipToEnd()]
		}
		s.statements = append(s.statements, st)
		if st.kind == kindInsert {
			s.data = c.at
			return s, !st.values
		}
	}
}

// cursor walks over the tokens of src that mean something.
type cursor struct {
	src string
	at  int
}

// next returns the next token that is neither space nor comment.
func (c *cursor) next() token {
	for {
		t := nextToken(c.src, c.at)
		c.at = t.end
		if t.kind != tokenSpace {
			return t
		}
	}
}

func (c *cursor) peek() token {
	ahead := *c
	return ahead.next()
}

// skipToEnd goes to the semicolon or the end and returns the offset there.
func (c *cursor) skipToEnd() int {
	for {
		if t := c.next(); t.kind == tokenEnd || t.symbol(c.src, ';') {
			return t.start
		}
	}
}

// statement reads the statement that first begins, up to its semicolon or to
// where its data begins.
func (c *cursor) statement(first token) statement {
	if first.word(c.src, "INSERT") {
		return c.insert(first)
	}
	st := statement{}
	if first.word(c.src, "SELECT") || first.word(c.src, "WITH") || first.word(c.src, "FROM") || first.symbol(c.src, '(') {
		st.kind = kindSelect
	}
	tokens := []token{first}
	for {
		t := c.next()
		if t.kind == tokenEnd || t.symbol(c.src, ';') {
			st.text = c.src[first.start:tokens[len(tokens)-1].end]
			st.query = st.text
			if i := outputFormat(c.src, tokens); i > 0 {
				st.format = unquote(c.src[tokens[i+1].start:tokens[i+1].end])
				st.query = c.src[first.start:tokens[i-1].end]
			}
			return st
		}
		if t.word(c.src, "OUTFILE") && tokens[len(tokens)-1].word(c.src, "INTO") {
			st.refusal = "INTO OUTFILE is not allowed over HTTP"
		}
		// Totals and extremes come after the last row, an array around all rows.
		if t.word(c.src, "TOTALS") || t.word(c.src, "extremes") || t.word(c.src, "output_format_json_array_of_rows") {
			st.whole = true
		}
		tokens = append(tokens, t)
	}
}

// insert reads INSERT [INTO] [TABLE] [FUNCTION] target [(columns)]
// [SETTINGS ...] and then VALUES, FORMAT name, or a SELECT.
func (c *cursor) insert(first token) statement {
	src := c.src
	t := c.next()
	for t.word(src, "INTO") || t.word(src, "TABLE") || t.word(src, "FUNCTION") {
		t = c.next()
	}
	// t is the target now, which may itself be called "values" or "format".
	depth := 0
	for previous := t; ; previous = t {
		if t.symbol(src, '(') || t.symbol(src, '{') {
			depth++
		} else if t.symbol(src, ')') || t.symbol(src, '}') {
			depth--
		}
		t = c.next()
		switch {
		case t.kind == tokenEnd || t.symbol(src, ';'):
			return statement{text: src[first.start:previous.end]}
		case previous.symbol(src, '.'):
			// A part of a name, whatever it looks like.
		case t.word(src, "SELECT") || t.word(src, "WITH"):
			return c.insertSelect(first)
		case depth > 0:
		case t.word(src, "INFILE"):
			return statement{text: src[first.start:c.skipToEnd()], refusal: "FROM INFILE is not allowed over HTTP"}
		case t.word(src, "VALUES"):
			return statement{kind: kindInsert, text: src[first.start:t.start], format: "Values", values: true}
		case t.word(src, "FORMAT"):
			name := c.peek()
			if name.kind != tokenWord && name.kind != tokenQuoted {
				continue
			}
			st := statement{kind: kindInsert, text: src[first.start:t.start], format: unquote(src[name.start:name.end])}
			st.values = strings.EqualFold(st.format, "Values")
			c.at = skipDataStart(src, name.end)
			return st
		}
	}
}

// insertSelect reads the rest of an INSERT ... SELECT.
func (c *cursor) insertSelect(first token) statement {
	st := statement{}
	for {
		t := c.next()
		if t.kind == tokenEnd || t.symbol(c.src, ';') {
			st.text = c.src[first.start:t.start]
			return st
		}
		if t.word(c.src, "input") && c.peek().symbol(c.src, '(') {
			// The engine would take the rows of input() for none, and say nothing.
			st.refusal = "the table function input is not supported by the embedded engine"
		}
	}
}

// skipDataStart skips what separates the name of a format from the data: blanks
// and one line break.
func skipDataStart(src string, at int) int {
	for at < len(src) && (src[at] == ' ' || src[at] == '\t' || src[at] == '\f') {
		at++
	}
	if at < len(src) && src[at] == '\r' {
		at++
	}
	if at < len(src) && src[at] == '\n' {
		at++
	}
	return at
}

// outputFormat finds the closing FORMAT clause, which SETTINGS may follow, and
// returns the index of its first token, or 0. "format" is not a reserved word,
// so what stands around it decides.
func outputFormat(src string, tokens []token) int {
	for i := len(tokens) - 2; i > 0; i-- {
		if !tokens[i].word(src, "FORMAT") {
			continue
		}
		name, previous := tokens[i+1], tokens[i-1]
		last := i+2 == len(tokens) || tokens[i+2].word(src, "SETTINGS")
		if !last || (name.kind != tokenWord && name.kind != tokenQuoted) || needsOperand(src, previous) ||
			name.word(src, "ASC") || name.word(src, "DESC") {
			continue
		}
		return i
	}
	return 0
}

// needsOperand reports whether an expression must follow t.
func needsOperand(src string, t token) bool {
	if t.kind == tokenSymbol {
		return !t.symbol(src, ')') && !t.symbol(src, ']') && !t.symbol(src, '}') && !t.symbol(src, '*')
	}
	for _, w := range []string{"SELECT", "DISTINCT", "WHERE", "PREWHERE", "HAVING", "BY", "AS", "AND", "OR", "NOT", "IN", "LIKE", "ON"} {
		if t.word(src, w) {
			return true
		}
	}
	return false
}

func (t token) symbol(src string, c byte) bool {
	return t.kind == tokenSymbol && src[t.start] == c
}

func (t token) word(src, word string) bool {
	return t.kind == tokenWord && strings.EqualFold(src[t.start:t.end], word)
}
