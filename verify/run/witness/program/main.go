//go:build linux

// The witness takes a program's place and reports the world that the program would have found. Package report tells how it is called and what it says.
//
// It must fit where the program fits: into 16 MB of memory and 16 threads, without a shell, without a file system that can be written. Hence no net/http, one processor, and a small heap.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"github.com/deploylift/lift/verify/run/witness/report"
)

func init() {
	// Whatever GOMAXPROCS, GOGC and GOMEMLIMIT the program's environment holds: they are meant for the program.
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(50)
	debug.SetMemoryLimit(6 << 20)
}

func main() {
	started := readStart() // before anything touches signals, limits and descriptors
	signal.Ignore(syscall.SIGPIPE)
	args := os.Args[1:]
	switch {
	case len(args) > 0 && args[0] == "--":
		plan, err := takePlan()
		if err != nil {
			fail(2, err)
		}
		(&witness{plan: plan, argv: args[1:], start: started}).run()
	case len(args) > 2 && args[0] == "ask":
		out, err := ask(args[1], args[2:])
		if err != nil {
			fail(err.status, err)
		}
		os.Stdout.Write(append(out, '\n'))
	default:
		fail(2, fmt.Errorf("usage: %s -- ARGV…  or  %s ask SOCKET world|events|exit CODE|signal NAME|get URL [HOST]|connect HOST:PORT", os.Args[0], os.Args[0]))
	}
}

// takePlan takes the plan out of the environment, where the program would not have found it.
func takePlan() (report.Plan, error) {
	var plan report.Plan
	text, ok := os.LookupEnv(report.Variable)
	if !ok {
		return plan, fmt.Errorf("%s is not in the environment: the witness was not told what to do; start it with its plan as JSON", report.Variable)
	}
	os.Unsetenv(report.Variable)
	if err := json.Unmarshal([]byte(text), &plan); err != nil {
		return plan, fmt.Errorf("%s is no plan: %v; start the witness with its plan as JSON", report.Variable, err)
	}
	return plan, nil
}

func fail(status int, err error) {
	fmt.Fprintln(os.Stderr, "lift-witness:", err)
	os.Exit(status)
}
