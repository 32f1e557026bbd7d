//go:build linux

package processes

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// verb is the hidden word under which lift starts itself again.
const verb = "__processes"

// The parts that lift plays under the verb.
const (
	partSupervisor = "supervisor"
	partProgram    = "program" // the shim, until it has become the program
	partBuild      = "build"
)

// Child plays the part that the command line names, if lift was started by itself, and does not return then. It must be called before anything else in main.
func Child() {
	if len(os.Args) != 3 || os.Args[1] != verb {
		return
	}
	var err error
	switch os.Args[2] {
	case partSupervisor:
		closeRest()
		err = supervise()
	case partProgram:
		err = become()
	case partBuild:
		closeRest()
		err = build()
	default:
		err = fmt.Errorf("unknown part %q", os.Args[2])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "lift:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// closeRest lets nothing through to programs that lift itself was started with open: it is none of their business.
func closeRest() {
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, e := range entries {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > ordersAt {
			unix.CloseOnExec(fd)
		}
	}
}

// ordersAt is the descriptor over which the parts get their orders.
const ordersAt = 3
