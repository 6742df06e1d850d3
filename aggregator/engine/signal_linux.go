package engine

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// signalHandler returns the address of the handler of a signal, as the kernel
// has it.
func signalHandler(s unix.Signal) uint64 {
	// struct sigaction of the kernel: handler, flags, restorer, mask.
	var action [4]uint64
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(s), 0, uintptr(unsafe.Pointer(&action)), 8, 0, 0)
	if errno != 0 {
		return 0
	}
	return action[0]
}
