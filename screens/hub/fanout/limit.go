package fanout

import (
	"fmt"
	"syscall"
)

// spareFiles are those that a process has open beside its connections.
const spareFiles = 200

// NeedFiles raises this process's limit of open files to what so many connections
// take. Processes that are started from it inherit the limit.
func NeedFiles(connections int) error {
	need := uint64(connections + spareFiles)
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return err
	}
	if l.Cur >= need {
		return nil
	}
	l.Cur, l.Max = max(need, l.Cur), max(need, l.Max) // only root may raise the second
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return fmt.Errorf("%d connections need %d open files, and this process may not have so many: raise the limit (ulimit -n): %w", connections, need, err)
	}
	return nil
}
