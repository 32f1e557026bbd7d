//go:build linux && liftwitness && (amd64 || arm64)

package main

import "syscall"

// startFlags holds what fcntl(fd, F_GETFD) said of descriptors 0, 1 and 2 at the very first instruction: entry, in the assembly file of the architecture, asks before it jumps to where the runtime begins.
// The runtime itself puts /dev/null where one of them is closed, so it is too late afterwards. Build makes entry the program's entry point (the linker's option -E).
var startFlags [3]int32

//lint:ignore U1000 nobody calls it: it is known to the linker alone
func entry()

func startClosed() (closed [3]bool) {
	for fd, flags := range startFlags {
		closed[fd] = flags == -int32(syscall.EBADF)
	}
	return closed
}
