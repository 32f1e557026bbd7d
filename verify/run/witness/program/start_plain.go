//go:build linux && !liftwitness

package main

import "syscall"

// Without the tag that Build sets, the program compiles like any other, but what the runtime found at the start is not known.

func startSignals() (ignored, blocked signalSet) {
	return status().signals("SigIgn"), status().signals("SigBlk")
}

func startNofile() syscall.Rlimit { return limit(syscall.RLIMIT_NOFILE) }
