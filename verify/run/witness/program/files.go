//go:build linux

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"
)

// making is held while a file is made and removed, so that the witness does not end between the two.
var making sync.Mutex

// tryWrite tries whether a file can be made in a directory: "yes", or the error.
func tryWrite(dir, nonce string) string {
	making.Lock()
	defer making.Unlock()
	name := fmt.Sprintf("%s/.lift-%s-%d-%d", dir, nonce, os.Getpid(), time.Now().UnixNano())
	fd, err := syscall.Open(name, syscall.O_CREAT|syscall.O_EXCL|syscall.O_WRONLY|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return reason(err)
	}
	defer syscall.Close(fd)
	if err := syscall.Unlink(name); err != nil {
		return "made, but not removed: " + reason(err)
	}
	return "yes"
}

// tryRead hashes a file's content: sha256 in hex, or the error.
func tryRead(path string) string {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe without a writer does not keep it waiting
	if err != nil {
		return reason(err)
	}
	defer f.Close()
	if st, err := f.Stat(); err == nil && !st.Mode().IsRegular() {
		if st.IsDir() {
			return reason(syscall.EISDIR)
		}
		return "not a regular file"
	}
	h := sha256.New()
	if _, err := io.CopyBuffer(h, struct{ io.Reader }{f}, make([]byte, 16<<10)); err != nil {
		return reason(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// reason is an error in the words of the system, without the paths and addresses that differ from one tier to the next.
func reason(err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno.Error()
	}
	return err.Error()
}
