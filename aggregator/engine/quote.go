package engine

import "strings"

var literalEscapes = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\x00", `\0`)

// quoteLiteral writes s as a string literal of SQL.
func quoteLiteral(s string) string { return "'" + literalEscapes.Replace(s) + "'" }

var identifierEscapes = strings.NewReplacer(`\`, `\\`, "`", "\\`", "\x00", `\0`)

// quoteIdentifier writes s as the name of a table, database or column.
func quoteIdentifier(s string) string { return "`" + identifierEscapes.Replace(s) + "`" }

// unquote takes the marks off the name of a format. Such names hold nothing
// that needs an escape.
func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '`') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

// isSettingName reports whether s can be the name of a setting. Names stand in
// SQL unquoted, so nothing else may.
func isSettingName(s string) bool {
	if s == "" || '0' <= s[0] && s[0] <= '9' {
		return false
	}
	for i := range len(s) {
		if !isWord(s[i]) && s[i] != '.' {
			return false
		}
	}
	return true
}
