package engine

import (
	"errors"
	"runtime"
	"unsafe"
)

// A parameter is one value for a {name:Type} placeholder, in the escaped text
// form that ClickHouse's HTTP interface takes too.
type parameter struct{ name, value string }

// progress is what the engine counted while it ran one statement.
type progress struct {
	readRows, readBytes       uint64
	resultRows, resultBytes   uint64
	writtenRows, writtenBytes uint64
}

func (p *progress) add(q progress) {
	p.readRows += q.readRows
	p.readBytes += q.readBytes
	p.resultRows += q.resultRows
	p.resultBytes += q.resultBytes
	p.writtenRows += q.writtenRows
	p.writtenBytes += q.writtenBytes
}

// connection is one session of the engine: it has settings, a current database
// and temporary tables of its own, and runs one statement at a time. Its
// methods must not be called concurrently.
type connection struct {
	lib *library
	// owner is what chdb_connect returned and chdb_close_conn takes; session,
	// which it points to, is what every other function takes.
	owner   unsafe.Pointer
	session unsafe.Pointer
}

var errConnect = errors.New("the engine refused the connection")

// connectTo opens a session on the data in path. The engine holds one path a
// process.
func (l *library) connectTo(arguments ...string) (*connection, error) {
	argv := newCStrings(arguments...)
	defer argv.unpin()
	owner := l.connect(int32(len(arguments)), argv.vector())
	if owner == nil {
		return nil, errConnect
	}
	session := *(*unsafe.Pointer)(owner)
	if session == nil {
		return nil, errConnect
	}
	return &connection{lib: l, owner: owner, session: session}, nil
}

func (c *connection) close() {
	if c.owner != nil {
		c.lib.closeConn(c.owner)
		c.owner, c.session = nil, nil
	}
}

type statementCall func(conn, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr,
	names, nameLens, values, valueLens unsafe.Pointer, count uintptr) unsafe.Pointer

func (c *connection) call(f statementCall, sql, format string, params []parameter) unsafe.Pointer {
	names := make([]string, len(params))
	values := make([]string, len(params))
	for i, p := range params {
		names[i], values[i] = p.name, p.value
	}
	n, v := newCStrings(names...), newCStrings(values...)
	defer n.unpin()
	defer v.unpin()
	text := newCStrings(sql, format)
	defer text.unpin()
	return f(c.session, text.pointers[0], text.lengths[0], text.pointers[1], text.lengths[1],
		n.vector(), n.sizes(), v.vector(), v.sizes(), uintptr(len(params)))
}

// exec runs one statement and hands its whole output to use, which must not
// keep it. Meant for statements whose output is small or none.
func (c *connection) exec(sql, format string, params []parameter, use func([]byte) error) (progress, error) {
	r := c.call(c.lib.query, sql, format, params)
	return c.lib.consume(r, use)
}

// consume reads and destroys a result.
func (l *library) consume(r unsafe.Pointer, use func([]byte) error) (progress, error) {
	if r == nil {
		return progress{}, errors.New("the engine gave no result")
	}
	defer l.resultDestroy(r)
	if message := l.resultError(r); message != "" {
		return progress{}, newException(message)
	}
	p := progress{
		readRows:     l.storageRowsRead(r),
		readBytes:    l.storageBytesRead(r),
		resultRows:   l.resultRowsRead(r),
		resultBytes:  l.resultBytesRead(r),
		writtenRows:  l.resultRowsWritten(r),
		writtenBytes: l.resultBytesWritten(r),
	}
	n := l.resultLength(r)
	if n == 0 || use == nil {
		return p, nil
	}
	return p, use(unsafe.Slice((*byte)(l.resultBuffer(r)), n))
}

// stream is a running SELECT. It must be closed before the connection runs
// anything else.
type stream struct {
	conn   *connection
	handle unsafe.Pointer
	ended  bool
}

// stream starts a SELECT. Other statements are refused by the engine.
func (c *connection) stream(sql, format string, params []parameter) (*stream, error) {
	h := c.call(c.lib.streamQuery, sql, format, params)
	if h == nil {
		return nil, errors.New("the engine gave no result")
	}
	if message := c.lib.resultError(h); message != "" {
		c.lib.resultDestroy(h)
		return nil, newException(message)
	}
	return &stream{conn: c, handle: h}, nil
}

// next hands the next piece of output to use, which must not keep it. It
// returns false when the stream has ended.
func (s *stream) next(use func([]byte) error) (progress, bool, error) {
	if s.ended {
		return progress{}, false, nil
	}
	got := false
	p, err := s.conn.lib.consume(s.conn.lib.streamFetch(s.conn.session, s.handle), func(b []byte) error {
		got = true
		return use(b)
	})
	var ex *Exception
	s.ended = errors.As(err, &ex) || (err == nil && !got)
	return p, got && err == nil, err
}

// close ends the stream, cancelling what still runs.
func (s *stream) close() {
	if s.handle == nil {
		return
	}
	if !s.ended {
		s.conn.lib.streamCancel(s.conn.session, s.handle)
	}
	s.conn.lib.resultDestroy(s.handle)
	s.handle = nil
}

// insertion is a running INSERT whose data the caller appends. It must be
// closed before the connection runs anything else.
type insertion struct {
	lib    *library
	handle unsafe.Pointer
	done   bool
}

// insert starts an INSERT; sql has neither FORMAT nor data.
func (c *connection) insert(sql, format string, params []parameter) (*insertion, error) {
	h := c.call(c.lib.streamInsert, sql, format, params)
	if h == nil {
		return nil, errors.New("the engine gave no insert stream")
	}
	if message := c.lib.insertError(h); message != "" {
		c.lib.insertDestroy(h)
		return nil, newException(message)
	}
	return &insertion{lib: c.lib, handle: h}, nil
}

// append hands a piece of data to the engine, which copies it, and blocks
// while the engine is behind. It returns false if the engine has given up;
// finish says why.
func (i *insertion) append(data []byte) bool {
	if len(data) == 0 {
		return true
	}
	defer runtime.KeepAlive(data)
	return i.lib.insertAppend(i.handle, unsafe.Pointer(&data[0]), uintptr(len(data))) == 0
}

// finish says that the data is complete and waits until it is stored.
func (i *insertion) finish() (progress, error) {
	i.done = true
	return i.lib.consume(i.lib.insertDone(i.handle), nil)
}

// close releases the insertion and abandons it if it was not finished.
func (i *insertion) close() {
	if i.handle == nil {
		return
	}
	if !i.done {
		i.lib.insertCancel(i.handle)
	}
	i.lib.insertDestroy(i.handle)
	i.handle = nil
}
