package engine

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// library is the table of the C functions of one loaded libchdb. It is a value
// and not a set of package variables, so that loading is a step that can fail
// and whose result is handed on.
//
// Every handle is an opaque pointer owned by the library; only the functions
// here may follow it. Calls that run SQL block the calling thread until the
// engine is done.
type library struct {
	version func() string

	setSignalHandlers func(enabled int32)

	connect   func(argc int32, argv unsafe.Pointer) unsafe.Pointer
	closeConn func(conn unsafe.Pointer)
	shutdown  func() int32

	query func(conn, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr,
		names, nameLens, values, valueLens unsafe.Pointer, count uintptr) unsafe.Pointer
	streamQuery func(conn, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr,
		names, nameLens, values, valueLens unsafe.Pointer, count uintptr) unsafe.Pointer
	streamFetch  func(conn, stream unsafe.Pointer) unsafe.Pointer
	streamCancel func(conn, stream unsafe.Pointer)

	streamInsert func(conn, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr,
		names, nameLens, values, valueLens unsafe.Pointer, count uintptr) unsafe.Pointer
	insertAppend  func(insert, data unsafe.Pointer, n uintptr) int32
	insertDone    func(insert unsafe.Pointer) unsafe.Pointer
	insertCancel  func(insert unsafe.Pointer)
	insertError   func(insert unsafe.Pointer) string
	insertDestroy func(insert unsafe.Pointer)

	resultBuffer       func(result unsafe.Pointer) unsafe.Pointer
	resultLength       func(result unsafe.Pointer) uintptr
	resultError        func(result unsafe.Pointer) string
	resultElapsed      func(result unsafe.Pointer) float64
	resultRowsRead     func(result unsafe.Pointer) uint64
	resultBytesRead    func(result unsafe.Pointer) uint64
	storageRowsRead    func(result unsafe.Pointer) uint64
	storageBytesRead   func(result unsafe.Pointer) uint64
	resultRowsWritten  func(result unsafe.Pointer) uint64
	resultBytesWritten func(result unsafe.Pointer) uint64
	resultDestroy      func(result unsafe.Pointer)
}

// openLibrary loads libchdb from path and resolves every function that the
// engine uses. A library that lacks one of them is refused as a whole: finding
// out in the middle of a query would be too late.
func openLibrary(path string) (*library, error) {
	// Local scope and immediate binding: nothing of the library may shadow a
	// symbol of the process, and a missing symbol must show now.
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, err
	}
	lib := &library{}
	for _, f := range []struct {
		name string
		into any
	}{
		{"chdb_version", &lib.version},
		{"chdb_set_signal_handlers_enabled", &lib.setSignalHandlers},
		{"chdb_connect", &lib.connect},
		{"chdb_close_conn", &lib.closeConn},
		{"chdb_shutdown", &lib.shutdown},
		{"chdb_query_with_params_n", &lib.query},
		{"chdb_stream_query_with_params_n", &lib.streamQuery},
		{"chdb_stream_fetch_result", &lib.streamFetch},
		{"chdb_stream_cancel_query", &lib.streamCancel},
		{"chdb_stream_insert_with_params_n", &lib.streamInsert},
		{"chdb_stream_append", &lib.insertAppend},
		{"chdb_stream_done", &lib.insertDone},
		{"chdb_stream_cancel_insert", &lib.insertCancel},
		{"chdb_stream_insert_error", &lib.insertError},
		{"chdb_destroy_insert_stream", &lib.insertDestroy},
		{"chdb_result_buffer", &lib.resultBuffer},
		{"chdb_result_length", &lib.resultLength},
		{"chdb_result_error", &lib.resultError},
		{"chdb_result_elapsed", &lib.resultElapsed},
		{"chdb_result_rows_read", &lib.resultRowsRead},
		{"chdb_result_bytes_read", &lib.resultBytesRead},
		{"chdb_result_storage_rows_read", &lib.storageRowsRead},
		{"chdb_result_storage_bytes_read", &lib.storageBytesRead},
		{"chdb_result_rows_written", &lib.resultRowsWritten},
		{"chdb_result_bytes_written", &lib.resultBytesWritten},
		{"chdb_destroy_query_result", &lib.resultDestroy},
	} {
		symbol, err := purego.Dlsym(handle, f.name)
		if err != nil {
			return nil, fmt.Errorf("function %s is missing: the library is not libchdb 26.7 or newer", f.name)
		}
		purego.RegisterFunc(f.into, symbol)
	}
	return lib, nil
}

// cStrings is an argument vector for C. The pinner keeps every string where it
// is until unpin.
type cStrings struct {
	pointers []unsafe.Pointer
	lengths  []uintptr
	pinner   runtime.Pinner
}

// newCStrings copies the strings with a closing NUL each, so that the vector
// serves both functions that take lengths and those that do not.
func newCStrings(values ...string) *cStrings {
	c := &cStrings{}
	for _, v := range values {
		b := append([]byte(v), 0)
		c.pinner.Pin(&b[0])
		c.pointers = append(c.pointers, unsafe.Pointer(&b[0]))
		c.lengths = append(c.lengths, uintptr(len(v)))
	}
	if len(values) > 0 {
		c.pinner.Pin(&c.pointers[0])
		c.pinner.Pin(&c.lengths[0])
	}
	return c
}

func (c *cStrings) vector() unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(c.pointers)) }
func (c *cStrings) sizes() unsafe.Pointer  { return unsafe.Pointer(unsafe.SliceData(c.lengths)) }
func (c *cStrings) unpin()                 { c.pinner.Unpin() }
