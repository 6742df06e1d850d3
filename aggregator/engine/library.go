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
type library struct {
	version           func() string
	setSignalHandlers func(enabled int32)
	commandLine       func(argc int32, argv unsafe.Pointer) unsafe.Pointer
	resultError       func(result unsafe.Pointer) string
	resultDestroy     func(result unsafe.Pointer)
}

// openLibrary loads libchdb from path and resolves every function that the
// engine uses. A library that lacks one of them is refused as a whole: finding
// out later would be too late.
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
		{"chdb_query_cmdline", &lib.commandLine},
		{"chdb_result_error", &lib.resultError},
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

// run runs the library's command line to its end, on the calling thread. A process can
// do so once.
func (l *library) run(arguments ...string) error {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	argv := make([]*byte, len(arguments))
	for i, a := range arguments {
		b := append([]byte(a), 0)
		pinner.Pin(&b[0])
		argv[i] = &b[0]
	}
	pinner.Pin(&argv[0])
	result := l.commandLine(int32(len(argv)), unsafe.Pointer(&argv[0]))
	if result == nil {
		return fmt.Errorf("the library gave no result")
	}
	defer l.resultDestroy(result)
	if message := l.resultError(result); message != "" {
		return fmt.Errorf("%s", oneLine(message))
	}
	return nil
}
