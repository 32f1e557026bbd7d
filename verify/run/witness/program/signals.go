//go:build linux

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// names of the signals 1 to 31, signal(7).
var names = [...]string{
	1: "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT",
	"SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
}

// firstRealTime is SIGRTMIN as C libraries count; 32 and 33 are their own.
const firstRealTime = 34

func signalName(s syscall.Signal) string {
	switch n := int(s); {
	case n > 0 && n < len(names):
		return names[n]
	case n == firstRealTime:
		return "SIGRTMIN"
	case n > firstRealTime && n <= 64:
		return fmt.Sprintf("SIGRTMIN+%d", n-firstRealTime)
	default:
		return strconv.Itoa(n)
	}
}

// signalNumber takes SIGTERM, TERM, SIGRTMIN+3 and 15.
func signalNumber(name string) (syscall.Signal, error) {
	if n, err := strconv.Atoi(name); err == nil && n > 0 && n <= 64 {
		return syscall.Signal(n), nil
	}
	full := strings.ToUpper(name)
	if !strings.HasPrefix(full, "SIG") {
		full = "SIG" + full
	}
	for n := 1; n <= 64; n++ {
		if signalName(syscall.Signal(n)) == full {
			return syscall.Signal(n), nil
		}
	}
	return 0, fmt.Errorf("%q is no signal; name one like TERM or SIGRTMIN+3", name)
}

// recorded are the signals that are reported. Not SIGURG, by which the runtime preempts itself; not SIGCHLD, which the child sends at its end; not SIGPIPE, which a broken standard output sends, and to tell of
// which would send the next one. Of the others that are missing, Go leaves SIGSTOP, SIGKILL and 32 to 34 to the kernel, SIGPROF to the profiler, and takes the last ones for faults of the program.
func recorded() []os.Signal {
	var all []os.Signal
	for n := syscall.Signal(1); n <= 64; n++ {
		switch n {
		case syscall.SIGURG, syscall.SIGCHLD, syscall.SIGPIPE, syscall.SIGKILL, syscall.SIGSTOP, 32, 33, 34, syscall.SIGPROF,
			syscall.SIGILL, syscall.SIGTRAP, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGSEGV, syscall.SIGSTKFLT, syscall.SIGSYS:
		default:
			all = append(all, n)
		}
	}
	return all
}

// ends reports whether the signal ends a program that has made no arrangements for it.
func ends(s os.Signal, terminal bool) bool {
	switch s {
	case syscall.SIGCONT, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU:
		return false
	case syscall.SIGWINCH:
		return !terminal // with one, it says that the window has another size
	}
	return true
}
