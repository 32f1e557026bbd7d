//go:build linux

package main

import (
	"strconv"
	"syscall"
)

// limitNames are the resources by number, getrlimit(2); the numbers are the same on every architecture that Go knows but MIPS.
var limitNames = [...]string{"cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock", "as", "locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime"}

func limit(resource int) syscall.Rlimit {
	var l syscall.Rlimit
	syscall.Getrlimit(resource, &l)
	return l
}

// limits are those of the start: Go raises the soft limit of open files for itself.
func limits(nofile syscall.Rlimit) map[string][2]string {
	all := map[string][2]string{}
	for n, name := range limitNames {
		l := limit(n)
		if n == syscall.RLIMIT_NOFILE {
			l.Cur = nofile.Cur
		}
		all[name] = [2]string{limitText(l.Cur), limitText(l.Max)}
	}
	return all
}

func limitText(n uint64) string {
	if n == ^uint64(0) { // RLIM_INFINITY
		return "unlimited"
	}
	return strconv.FormatUint(n, 10)
}
