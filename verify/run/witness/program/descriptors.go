//go:build linux

package main

import (
	"os"
	"sort"
	"strconv"
	"syscall"
	"unsafe"
)

// kind tells what a standard descriptor is.
func kind(fd int) string {
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil {
		return "closed"
	}
	switch st.Mode & syscall.S_IFMT {
	case syscall.S_IFIFO:
		return "pipe"
	case syscall.S_IFSOCK:
		return "socket"
	case syscall.S_IFCHR:
		if st.Rdev == 1<<8|3 { // null(4)
			return "null"
		}
		if isTerminal(fd) {
			return "terminal"
		}
	}
	return "file"
}

func isTerminal(fd int) bool {
	var attributes [64]byte // struct termios of the kernel
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.TCGETS, uintptr(unsafe.Pointer(&attributes)))
	return errno == 0
}

// handedOver lists the open descriptors from 3 on that came through exec: all that Go opens by itself are closed there. From now on these are, too, so that no child gets them.
func handedOver() []int {
	list := []int{}
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil || fd < 3 {
			continue
		}
		flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFD, 0)
		if errno == 0 && flags&syscall.FD_CLOEXEC == 0 {
			syscall.CloseOnExec(fd)
			list = append(list, fd)
		}
	}
	sort.Ints(list)
	return list
}

// option reads an option of a socket; an error if it is none.
func option(fd, name int) (int, error) { return syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, name) }
