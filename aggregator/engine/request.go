package engine

import (
	"cmp"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
)

const (
	// headSize is how much of a request is read before it is decided whether it
	// leads to an INSERT whose data can be streamed.
	headSize = 64 << 10
	// maxScript bounds SQL text, the rows of an INSERT ... VALUES that is
	// followed by other statements included.
	maxScript = 4 << 20
)

// request is what a client asks, taken apart.
type request struct {
	script     script
	data       io.Reader // what follows the script: the data of its last INSERT
	database   string
	format     string // for statements without a FORMAT clause
	queryID    string
	settings   []parameter // sorted by name
	parameters []parameter
	readOnly   bool // a GET may not change anything
	revision   uint64
	frames     string // method of ClickHouse's own compression; empty for none
	encoding   string // Content-Encoding of the response; empty for none
	waitForEnd bool
	release    func()
}

// protocolParameters are the parameters in the URL that are no settings.
var protocolParameters = map[string]bool{
	"query": true, "database": true, "default_format": true, "query_id": true, "user": true, "password": true,
	"quota_key": true, "role": true, "session_id": true, "session_check": true, "session_timeout": true,
	"close_session": true, "stacktrace": true, "buffer_size": true, "wait_end_of_query": true,
	"compress": true, "decompress": true, "client_protocol_version": true,
}

// parseRequest reads a request up to where the data of an INSERT begins. body
// is the body as it comes over the wire.
func parseRequest(r *http.Request, body io.Reader) (*request, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, &Exception{Code: codeBadArguments, Message: "Cannot parse the query of the URL: " + err.Error()}
	}
	q := &request{
		database: cmp.Or(values.Get("database"), r.Header.Get("X-ClickHouse-Database")),
		format:   cmp.Or(values.Get("default_format"), r.Header.Get("X-ClickHouse-Format"), "TabSeparated"),
		queryID:  values.Get("query_id"),
		readOnly: r.Method == http.MethodGet || r.Method == http.MethodHead,
		release:  func() {},
	}
	if v := values.Get("client_protocol_version"); v != "" {
		if q.revision, err = strconv.ParseUint(v, 10, 32); err != nil {
			return nil, &Exception{Code: codeBadArguments, Message: "client_protocol_version is not a number"}
		}
	}
	q.waitForEnd = isOn(values.Get("wait_end_of_query")) || isOn(values.Get("http_wait_end_of_query"))
	if isOn(values.Get("compress")) {
		q.frames = cmp.Or(values.Get("network_compression_method"), "LZ4")
	} else if isOn(values.Get("enable_http_compression")) {
		// Accept-Encoding alone does not do: many clients send it unasked, and on
		// one machine compression costs more than it saves.
		q.encoding = acceptedEncoding(r.Header.Get("Accept-Encoding"))
	}
	for name := range values {
		switch p, isParameter := strings.CutPrefix(name, "param_"); {
		case isParameter:
			q.parameters = append(q.parameters, parameter{p, values.Get(name)})
		case protocolParameters[name]:
		case !isSettingName(name):
			return nil, &Exception{Code: codeUnknownSetting, Message: "Unknown setting " + quoteLiteral(name)}
		default:
			q.settings = append(q.settings, parameter{name, values.Get(name)})
		}
	}
	slices.SortFunc(q.settings, func(a, b parameter) int { return cmp.Compare(a.name, b.name) })
	if err := q.openBody(r, values, body); err != nil {
		q.release()
		return nil, err
	}
	return q, nil
}

func isOn(v string) bool { return v == "1" || strings.EqualFold(v, "true") }

// openBody undoes the encodings of the body and reads the SQL, which may stand
// in the URL, in the body, or begin in the one and go on in the other.
func (q *request) openBody(r *http.Request, values url.Values, body io.Reader) error {
	if t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); t == "multipart/form-data" {
		return &Exception{Code: codeNotImplemented, Message: "External tables and multipart forms are not supported by the embedded engine"}
	}
	body, release, err := decodeBody(r.Header.Get("Content-Encoding"), body)
	if err != nil {
		return err
	}
	q.release = release
	if isOn(values.Get("decompress")) {
		body = compress.NewReader(body)
	}
	if sql := values.Get("query"); sql != "" {
		body = io.MultiReader(strings.NewReader(sql+"\n"), body)
	}
	return q.readScript(body)
}

// readScript reads as much as it takes to know the statements, and leaves the
// data of an INSERT to be read.
func (q *request) readScript(body io.Reader) error {
	var head []byte
	for size := headSize; ; size = min(size*8, maxScript) {
		more, err := io.ReadAll(io.LimitReader(body, int64(size-len(head))))
		head = append(head, more...)
		if err != nil && !errors.Is(err, io.EOF) {
			return badBody(err)
		}
		complete := len(head) < size
		s, settled := splitScript(string(head), complete)
		if size == maxScript && !settled {
			// Too long to be SQL. Unless these are rows, which need not be held.
			n := len(s.statements)
			if n == 0 || s.statements[n-1].kind != kindInsert {
				return &Exception{Code: codeQueryTooLarge, Message: "The query is longer than 4 MiB"}
			}
			settled = true
		}
		if !settled {
			continue
		}
		if len(s.statements) == 0 {
			return &Exception{Code: codeSyntaxError, Message: "Empty query. (SYNTAX_ERROR)"}
		}
		q.script = s
		q.data = io.MultiReader(strings.NewReader(string(head[s.data:])), body)
		return nil
	}
}

// setting returns the value of a setting in the URL, empty if it is not there.
func (q *request) setting(name string) string {
	for _, s := range q.settings {
		if s.name == name {
			return s.value
		}
	}
	return ""
}

// outputFormat returns the format in which a statement answers.
func (q *request) outputFormat(st statement) string { return cmp.Or(st.format, q.format) }

// whole reports whether the answer of a statement is produced in one piece.
func (q *request) whole(st statement) bool {
	return st.whole || framingOf(q.outputFormat(st)) == framedWhole ||
		isOn(q.setting("extremes")) || isOn(q.setting("output_format_json_array_of_rows"))
}
