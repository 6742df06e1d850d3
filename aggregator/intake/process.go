package intake

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// thisProcess names this process so that others on the same host can tell whether
// it lives: boot, space of process ids, id, start. Empty where the system does not
// say these.
func thisProcess() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	begun, ok := startOf(os.Getpid())
	if !ok {
		return ""
	}
	return fmt.Sprintf("%s %s %d %s", bytes.TrimSpace(boot), space, os.Getpid(), begun)
}

// startOf is when a process began; false if there is none of that id, or it is dead.
func startOf(pid int) (string, bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return "", false
	}
	// The name stands in brackets, and may hold anything.
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) < 20 || fields[0][0] == 'Z' || fields[0][0] == 'X' {
		return "", false
	}
	return string(fields[19]), true
}

// provedDead reports whether a process is known to have ended. One on another host,
// or that has not said what it is, is not.
func provedDead(process, here string) bool {
	theirs, ours := strings.Fields(process), strings.Fields(here)
	if len(theirs) != 4 || len(ours) != 4 || theirs[0] != ours[0] || theirs[1] != ours[1] {
		return false
	}
	pid, err := strconv.Atoi(theirs[2])
	if err != nil {
		return false
	}
	begun, lives := startOf(pid)
	return !lives || begun != theirs[3]
}
