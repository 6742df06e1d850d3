package engine

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// Exception is an error of ClickHouse, with the code of its catalogue
// (62 SYNTAX_ERROR, 60 UNKNOWN_TABLE, 159 TIMEOUT_EXCEEDED ...).
type Exception struct {
	Code    int
	Message string // without the leading "Code: N. DB::Exception: "
}

// Error is the exception as ClickHouse's HTTP interface writes it.
func (e *Exception) Error() string {
	return fmt.Sprintf("Code: %d. DB::Exception: %s", e.Code, e.Message)
}

// Codes of ClickHouse's catalogue that this package gives itself.
const (
	codeBadArguments    = 36
	codeNotImplemented  = 48
	codeCannotParseBody = 117 // INCORRECT_DATA
	codeUnknownSetting  = 115
	codeSyntaxError     = 62
	codeTooManyQueries  = 202 // TOO_MANY_SIMULTANEOUS_QUERIES
	codeQueryTooLarge   = 229
	codeResultTooLarge  = 396
	codeUnknownCodec    = 432
	codeStdException    = 1001
)

var exceptionPrefix = regexp.MustCompile(`^(?:(?:Error|Streaming query error): )?(?:Code: (\d+)\. DB::Exception: )+`)

// newException reads the text of an error as the engine gives it. On some ways
// through the engine the prefix is there several times; one is kept. Text
// without a prefix gets code 1001 (STD_EXCEPTION).
func newException(text string) *Exception {
	text = strings.TrimSpace(text)
	m := exceptionPrefix.FindStringSubmatchIndex(text)
	if m == nil {
		return &Exception{Code: codeStdException, Message: text}
	}
	code, err := strconv.Atoi(text[m[2]:m[3]])
	if err != nil {
		code = codeStdException
	}
	return &Exception{Code: code, Message: text[m[1]:]}
}

// status is the HTTP status that a ClickHouse server answers this exception
// with.
func (e *Exception) status() int {
	switch e.Code {
	case 6, 25, 26, 27, 36, 38, 41, 42, 43, 44, 49, 53, codeSyntaxError, 70, 72, codeCannotParseBody, 130, 131, 386, 441, 456, 457:
		return http.StatusBadRequest
	case 46, 47, 50, 56, 60, 63, 73, 81, codeUnknownSetting, codeUnknownCodec:
		return http.StatusNotFound
	case 159:
		return http.StatusRequestTimeout
	case codeQueryTooLarge:
		return http.StatusRequestEntityTooLarge
	case 164, 497:
		return http.StatusForbidden
	case codeNotImplemented:
		return http.StatusNotImplemented
	case codeTooManyQueries:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}
