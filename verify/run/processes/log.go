//go:build linux

package processes

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// logLimit is how much of what an instance prints is kept.
const logLimit = 16 << 20

// logFile is where the log of a unit's instance lies in the scratch directory.
func logFile(scratch string, unit, instance int) string {
	return filepath.Join(scratch, "log", strconv.Itoa(unit)+"-"+strconv.Itoa(instance))
}

// journal takes what an instance prints, across its restarts.
type journal struct {
	mu   sync.Mutex
	file *os.File
	size int64
}

func openJournal(file string) (*journal, error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return &journal{file: f}, nil
}

// Write keeps what there is room for.
func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	part := b
	if room := logLimit - j.size; int64(len(part)) > room {
		part = part[:max(room, 0)]
	}
	n, err := j.file.Write(part)
	j.size += int64(n)
	if err != nil {
		return n, err
	}
	return len(b), nil
}

func (j *journal) len() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.size
}

// connect returns a descriptor for a program to print to. systemd's journal is a socket (systemd.exec(5), StandardOutput=journal), other supervisors have pipes. read is closed when all who hold it have ended.
func (j *journal) connect(socket bool) (f *os.File, read <-chan struct{}, err error) {
	var fds [2]int
	if socket {
		fds, err = unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err == nil {
			_ = unix.Shutdown(fds[1], unix.SHUT_RD)
		}
	} else {
		err = unix.Pipe2(fds[:], unix.O_CLOEXEC)
	}
	if err != nil {
		return nil, nil, err
	}
	_ = unix.SetNonblock(fds[0], true)
	from, done := os.NewFile(uintptr(fds[0]), "output"), make(chan struct{})
	go func() {
		defer close(done)
		defer from.Close()
		_, _ = io.Copy(j, from)
	}()
	return os.NewFile(uintptr(fds[1]), "log"), done, nil
}

// within waits for the end of what is read, but not for ever: who was left alone may print on.
func within(read <-chan struct{}, d time.Duration) {
	select {
	case <-read:
	case <-time.After(d):
	}
}
