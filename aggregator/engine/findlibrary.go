package engine

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/cpu"
	"golang.org/x/sys/unix"
)

// LibraryVariable is the environment variable that names the library's file.
const LibraryVariable = "LIAOWANG_ENGINE_LIBRARY"

// FindLibrary finds libchdb.so: the explicit path if it is not empty, else the
// path in the environment variable LIAOWANG_ENGINE_LIBRARY, else
// node_modules/@chdb/lib-linux-{x64,arm64}-gnu/libchdb.so in the folder of the
// executable, the working directory, or any folder above them. The error says
// where it looked. The file is not opened.
func FindLibrary(explicit string) (string, error) {
	if explicit != "" {
		return named(explicit, "the path given")
	}
	if path := os.Getenv(LibraryVariable); path != "" {
		return named(path, LibraryVariable)
	}
	arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	if arch == "" {
		return "", fmt.Errorf("there is no embedded engine for %s/%s; use a ClickHouse server", runtime.GOOS, runtime.GOARCH)
	}
	file := filepath.Join("node_modules", "@chdb", "lib-linux-"+arch+"-gnu", "libchdb.so")
	var starts []string
	if exe, err := os.Executable(); err == nil {
		starts = append(starts, filepath.Dir(exe))
	}
	if wd, err := os.Getwd(); err == nil {
		starts = append(starts, wd)
	}
	for _, start := range starts {
		for dir := start; ; dir = filepath.Dir(dir) {
			path := filepath.Join(dir, file)
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
				return path, nil
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return "", fmt.Errorf("the engine's library was not found: no %s in %s or above; run `make engine`, or set %s",
		file, strings.Join(starts, ", "), LibraryVariable)
}

func named(path, by string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("the engine's library (%s): %w", by, err)
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return "", fmt.Errorf("the engine's library was not found: there is no file %s (%s); run `make engine`", path, by)
	}
	return path, nil
}

// loadLibrary loads libchdb after looking at it from outside: the dynamic
// linker would crash on a truncated file, and the engine on a processor that
// lacks instructions.
func loadLibrary(path string) (*library, error) {
	if err := checkProcessor(); err != nil {
		return nil, err
	}
	if err := checkLibrary(path); err != nil {
		return nil, err
	}
	lib, err := openLibrary(path)
	if err != nil {
		return nil, configError(fmt.Sprintf("the engine's library %s cannot be loaded", path), err)
	}
	// Go turns some faults into panics by handlers of its own, and they need a
	// stack of their own, which those of the engine do not ask for.
	lib.setSignalHandlers(0)
	return lib, nil
}

// checkLibrary makes sure that path is a whole shared library for this machine.
func checkLibrary(path string) error {
	broken := func(what string) error {
		return configError(fmt.Sprintf("the engine's library %s %s; run `make engine`", path, what), nil)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist), err == nil && !info.Mode().IsRegular():
		return broken("does not exist")
	case err != nil:
		return configError("the engine's library cannot be read", err)
	}
	f, err := elf.Open(path)
	if err != nil {
		if errors.Is(err, os.ErrPermission) {
			return configError("the engine's library cannot be read", err)
		}
		return broken("is broken: it is not a shared library, or not the whole of it")
	}
	defer f.Close()
	machine := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[runtime.GOARCH]
	if f.Machine != machine {
		return broken(fmt.Sprintf("is for another kind of processor (%s, this machine has %s)", f.Machine, runtime.GOARCH))
	}
	if f.Type != elf.ET_DYN {
		return broken("is broken: it is not a shared library")
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && p.Off+p.Filesz > uint64(info.Size()) {
			return broken("is broken: it is incomplete")
		}
	}
	return nil
}

// checkProcessor makes sure that the processor has the instructions that the
// engine is compiled for.
func checkProcessor() error {
	ok := true
	switch runtime.GOARCH {
	case "amd64":
		ok = cpu.X86.HasSSE42 && cpu.X86.HasPOPCNT && cpu.X86.HasSSSE3
	case "arm64":
		ok = cpu.ARM64.HasATOMICS
	}
	if !ok {
		return configError("this machine's processor lacks instructions that the engine needs (x86-64-v2 or ARMv8.1); use a ClickHouse server", nil)
	}
	return nil
}

// faultHandlers returns the addresses of the handlers of the signals by which
// Go notices faults and preempts goroutines.
func faultHandlers() (handlers [4]uint64) {
	for i, s := range []unix.Signal{unix.SIGSEGV, unix.SIGBUS, unix.SIGFPE, unix.SIGURG} {
		handlers[i] = signalHandler(s)
	}
	return handlers
}
