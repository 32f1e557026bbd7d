//go:build linux

package main

import (
	"sort"
	"syscall"
	"time"
)

// start is what is known of the moment when the witness was started, and cannot be found out later: Go's runtime installs handlers for signals and raises the limit of open files before main.
type start struct {
	time        time.Time
	ignored     []string
	blocked     []string
	nofile      syscall.Rlimit
	standard    [3]string // kinds of standard input, output and error
	descriptors []int     // those that were handed over
}

func readStart() start {
	s := start{time: time.Now(), nofile: startNofile(), descriptors: handedOver()}
	ignored, blocked := startSignals()
	s.ignored, s.blocked = signalNames(ignored), signalNames(blocked)
	closed := startClosed()
	for fd := range s.standard {
		s.standard[fd] = "closed"
		if !closed[fd] {
			s.standard[fd] = kind(fd)
		}
	}
	return s
}

// signalSet has signal n as bit n-1, like the masks in /proc/self/status.
type signalSet uint64

func signalNames(set signalSet) []string {
	names := []string{}
	for n := 1; n <= 64; n++ {
		if set&(1<<(n-1)) != 0 {
			names = append(names, signalName(syscall.Signal(n)))
		}
	}
	sort.Strings(names)
	return names
}
