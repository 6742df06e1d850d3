package engine

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// lockName is the file in the folder of the data whose lock says that a
// process works with it. The lock goes with the process, the file stays.
const lockName = "engine.lock"

// lockPatience is how long the lock of another process is waited for. A process
// that was killed keeps it until the last of its threads is gone, and a new one
// may well be there before.
const lockPatience = 3 * time.Second

// minFree is how much room the engine must have to start at all.
const minFree = 16 << 20

// folder is a data folder that is locked by this process.
type folder struct {
	path string
	lock *os.File
}

// openFolder makes the folder of the data if need be, makes sure that it can be
// written and locks it. Its errors are *ConfigError: they are for a person.
func openFolder(path string) (*folder, error) {
	if path == "" {
		return nil, configError("no folder for the data was given", nil)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, configError("the data folder has no absolute path", err)
	}
	if err := os.MkdirAll(path, 0o750); err != nil {
		return nil, configError(fmt.Sprintf("the data folder %s cannot be made", path), err)
	}
	lock, err := os.OpenFile(filepath.Join(path, lockName), os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, configError(fmt.Sprintf("the data folder %s cannot be written", path), err)
	}
	f := &folder{path: path, lock: lock}
	if err := f.take(); err != nil {
		lock.Close()
		return nil, err
	}
	return f, nil
}

func (f *folder) take() error {
	fd := int(f.lock.Fd())
	err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
	for end := time.Now().Add(lockPatience); errors.Is(err, unix.EWOULDBLOCK) && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
		err = unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
	}
	if err != nil {
		if errors.Is(err, unix.EWOULDBLOCK) {
			holder, _ := io.ReadAll(io.LimitReader(f.lock, 32))
			return configError(fmt.Sprintf("the data folder %s is in use by another process%s", f.path, byProcess(string(holder))), nil)
		}
		return configError(fmt.Sprintf("the data folder %s cannot be locked", f.path), err)
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(f.path, &fs); err == nil && fs.Bavail*uint64(fs.Bsize) < minFree {
		return configError(fmt.Sprintf("the disk of the data folder %s is full: %d MiB are free, %d are needed",
			f.path, fs.Bavail*uint64(fs.Bsize)>>20, minFree>>20), nil)
	}
	// Whose lock it is, for the message above.
	_ = f.lock.Truncate(0)
	if _, err := fmt.Fprintf(f.lock, "%d\n", os.Getpid()); err != nil {
		return configError(fmt.Sprintf("the data folder %s cannot be written", f.path), err)
	}
	return nil
}

func byProcess(pid string) string {
	if pid = strings.TrimSpace(pid); pid == "" {
		return ""
	}
	return " (" + pid + ")"
}

func (f *folder) close() { _ = f.lock.Close() }
