//go:build linux

package main

import (
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/deploylift/lift/verify/run/witness/report"
)

// child is a process of the witness's group that does nothing but tell of the signals that it gets. It never ends by itself, but with the witness.
type child struct{ told chan struct{} } // closed at the first signal that would end it

func startChild(w *witness) *child {
	c := &child{told: make(chan struct{})}
	pid, out, err := forkChild()
	if err != nil {
		fmt.Fprintln(os.Stderr, "lift-witness: no child process:", err)
		close(c.told)
		return c
	}
	go func() {
		tell := func(kind string, s syscall.Signal) {
			w.tell(kind, func(e *report.Event) { e.Child, e.Pid, e.Name = true, pid, signalName(s) })
		}
		var number [1]byte
		first := true
		for {
			if n, err := out.Read(number[:]); n == 0 || err != nil {
				break
			}
			s := syscall.Signal(number[0])
			tell("signal", s)
			if ends(s, true) && first {
				first = false
				close(c.told)
			}
		}
		// Somebody has killed it.
		var st syscall.WaitStatus
		if _, err := syscall.Wait4(pid, &st, 0, nil); err == nil && st.Signaled() {
			tell("exit", st.Signal())
		}
		if first {
			close(c.told)
		}
	}()
	return c
}

// await gives the child a moment to tell of a signal.
func (c *child) await(patience time.Duration) {
	if c == nil {
		return
	}
	select {
	case <-c.told:
	case <-time.After(patience):
	}
}
