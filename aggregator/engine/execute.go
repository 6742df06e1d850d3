package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// notStreamable is how the engine refuses, before it runs anything, to stream a
// statement that is not a SELECT, such as WITH ... INSERT.
const notStreamable = "Streaming query is not supported for query"

// execution runs the statements of one request in one session.
type execution struct {
	session *session
	request *request
	out     *response
	body    *body
	stored  func()
}

// run executes the statements in order and stops at the first error.
func (e *execution) run() error {
	for _, st := range e.request.script.statements {
		if st.refusal != "" {
			return &Exception{Code: codeNotImplemented, Message: st.refusal + ". (NOT_IMPLEMENTED)"}
		}
		var err error
		switch {
		case st.kind == kindInsert:
			err = e.insert(st)
		case st.kind == kindSelect && !e.request.whole(st):
			err = e.stream(st)
		default:
			err = e.exec(st)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// exec runs a statement whose answer comes in one piece.
func (e *execution) exec(st statement) error {
	format := e.request.outputFormat(st)
	write := e.writer(st, format)
	p, err := e.session.exec(st.text, e.request.format, e.request.parameters, func(b []byte) error {
		return write(b)
	})
	e.out.total.add(p)
	return err
}

// writer returns a function that hands pieces of output in a format on.
func (e *execution) writer(st statement, format string) func([]byte) error {
	if e.request.revision == 0 || !strings.EqualFold(format, "Native") {
		return func(b []byte) error {
			_, err := e.out.Write(b)
			return err
		}
	}
	var types func() []string
	if st.kind == kindSelect {
		types = func() []string { return e.columnTypes(st) }
	}
	transcoder := newNativeTranscoder(e.request.revision, types)
	return func(b []byte) error {
		b, err := transcoder.transcode(b)
		if err != nil {
			return err
		}
		_, err = e.out.Write(b)
		return err
	}
}

// columnTypes returns the types of the columns that a SELECT gives, nil if they
// cannot be known. It takes a session of its own, because that of the request
// is busy with the SELECT. What the script changed before in its session is not
// known there; then time zones are lost, not values.
func (e *execution) columnTypes(st statement) []string {
	pool := e.session.pool
	c, err := pool.lib.connectTo("clickhouse", "--path="+pool.path)
	if err != nil {
		return nil
	}
	defer c.close()
	side := &session{connection: c, pool: pool, id: e.session.id}
	if err := side.prepare(e.request); err != nil {
		return nil
	}
	var types []string
	_, err = side.exec("DESCRIBE TABLE ("+st.query+"\n)", "JSONCompactEachRow", e.request.parameters, func(b []byte) error {
		for d := json.NewDecoder(bytes.NewReader(b)); d.More(); {
			var row []string
			if err := d.Decode(&row); err != nil || len(row) < 2 {
				return errors.New("the description cannot be read")
			}
			types = append(types, row[1])
		}
		return nil
	})
	if err != nil {
		return nil
	}
	return types
}

// stream runs a SELECT and hands its rows on while they are produced.
func (e *execution) stream(st statement) error {
	format := e.request.outputFormat(st)
	framing := framingOf(format)
	s, err := e.session.stream(st.text, e.request.format, e.request.parameters)
	if err != nil {
		var ex *Exception
		if errors.As(err, &ex) && ex.Code == codeBadArguments && strings.HasPrefix(ex.Message, notStreamable) {
			return e.exec(st)
		}
		return err
	}
	defer s.close()
	write := e.writer(st, format)
	for first := true; ; first = false {
		p, more, err := s.next(func(b []byte) error {
			if !first {
				b = b[headLength(format, framing, b):]
			}
			return write(b)
		})
		e.out.total.add(p)
		if err != nil {
			return err
		}
		if !more {
			if first && (framing == framedNames || framing == framedNamesTypes) {
				// No rows, so no piece and no head: it takes the whole result,
				// which is small.
				s.close()
				return e.exec(st)
			}
			return nil
		}
	}
}

// insert hands the data that follows the statement to the engine as it comes.
func (e *execution) insert(st statement) error {
	ins, err := e.session.insert(st.text, st.format, e.request.parameters)
	if err != nil {
		return err
	}
	defer ins.close()
	buffer := make([]byte, 256<<10)
	for {
		n, err := fill(e.request.data, buffer)
		if !ins.append(buffer[:n]) {
			break // finish says why
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			if e.body.failure != nil {
				return fmt.Errorf("%w: %w", errClientGone, e.body.failure)
			}
			return badBody(err)
		}
	}
	p, err := ins.finish()
	e.out.total.add(p)
	if err == nil && p.writtenRows > 0 {
		e.stored()
	}
	return err
}

// fill reads until buffer is full or the reader fails. Unlike io.ReadFull it
// tells a reader that was cut off from one that has ended.
func fill(r io.Reader, buffer []byte) (n int, err error) {
	for n < len(buffer) && err == nil {
		var m int
		m, err = r.Read(buffer[n:])
		n += m
	}
	return n, err
}
