//go:build linux && liftwitness

package main

import (
	"os"
	"syscall"
	"unsafe"
)

//go:linkname beforeFork syscall.runtime_BeforeFork
func beforeFork()

//go:linkname afterFork syscall.runtime_AfterFork
func afterFork()

// forkChild makes a process that writes the number of each signal that it gets, one byte each, to the pipe that is returned.
//
// It is a copy of the witness that starts no program: a second Go runtime would need six threads, and there are sixteen for the witness, its child and whoever asks. As in syscall.forkAndExecInChild, which does the
// same up to its exec, the copy may not allocate, grow its stack or be preempted: raw system calls and nothing else.
func forkChild() (pid int, out *os.File, err error) {
	var pipe [2]int
	if err := syscall.Pipe2(pipe[:], syscall.O_CLOEXEC); err != nil {
		return 0, nil, err
	}
	defer syscall.Close(pipe[1])
	n, errno := fork(uintptr(pipe[1]), uintptr(pipe[0]))
	if errno != 0 {
		syscall.Close(pipe[0])
		return 0, nil, errno
	}
	syscall.SetNonblock(pipe[0], true) // reading it takes no thread
	return n, os.NewFile(uintptr(pipe[0]), "child"), nil
}

// pollFD is struct pollfd, poll(2).
type pollFD struct {
	fd              int32
	events, revents int16
}

//go:noinline
//go:norace
//go:nocheckptr
func fork(in, out uintptr) (int, syscall.Errno) {
	var (
		all     = ^uint64(0)
		watched [2]pollFD
		info    [128]byte // struct signalfd_siginfo; the number is its first word
	)
	beforeFork() // blocks all signals, and with them preemption
	pid, _, errno := syscall.RawSyscall6(syscall.SYS_CLONE, uintptr(syscall.SIGCHLD), 0, 0, 0, 0, 0)
	if errno != 0 || pid != 0 {
		afterFork()
		return int(pid), errno
	}
	syscall.RawSyscall(syscall.SYS_CLOSE, out, 0, 0)
	signals, _, errno := syscall.RawSyscall6(syscall.SYS_SIGNALFD4, ^uintptr(0), uintptr(unsafe.Pointer(&all)), 8, 0, 0, 0)
	for errno == 0 {
		watched[0] = pollFD{fd: int32(signals), events: 1} // POLLIN
		watched[1] = pollFD{fd: int32(in)}                 // POLLERR: nobody can read any more, the witness is gone
		syscall.RawSyscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&watched)), 2, 0, 0, 0, 0)
		if watched[1].revents != 0 {
			break
		}
		if watched[0].revents != 0 {
			_, _, errno = syscall.RawSyscall(syscall.SYS_READ, signals, uintptr(unsafe.Pointer(&info)), uintptr(len(info)))
			syscall.RawSyscall(syscall.SYS_WRITE, in, uintptr(unsafe.Pointer(&info)), 1) // the first byte of a little-endian word
		}
	}
	for {
		syscall.RawSyscall(syscall.SYS_EXIT_GROUP, 0, 0, 0)
	}
}
