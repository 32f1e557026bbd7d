//go:build linux

package processes

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// nursery starts processes and gathers what they leave. The first process of a pid namespace inherits every orphan; all ends are therefore gathered in one place.
type nursery struct {
	mu    sync.Mutex
	wards map[int]*process
	some  *sync.Cond // a process was started
}

// process is one that was started here.
type process struct {
	pid    int
	began  time.Time
	done   chan struct{} // closed at its end; status and ended are valid then
	status syscall.WaitStatus
	ended  time.Time
}

func newNursery() *nursery {
	n := &nursery{wards: map[int]*process{}}
	n.some = sync.NewCond(&n.mu)
	go n.gather()
	return n
}

// gather waits for all ends, for ever.
func (n *nursery) gather() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, syscall.ECHILD):
			n.mu.Lock()
			if len(n.wards) == 0 {
				n.some.Wait()
			}
			n.mu.Unlock()
			continue
		case err != nil:
			continue
		}
		n.mu.Lock() // whoever is being started is registered before it is looked for
		p := n.wards[pid]
		delete(n.wards, pid)
		n.mu.Unlock()
		if p != nil {
			p.status, p.ended = status, time.Now()
			close(p.done)
		}
	}
}

func (n *nursery) fork(attr *syscall.ProcAttr) (*process, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	pid, err := syscall.ForkExec("/proc/self/exe", []string{"lift", verb, partProgram}, attr)
	if err != nil {
		return nil, err
	}
	p := &process{pid: pid, began: time.Now(), done: make(chan struct{})}
	n.wards[pid] = p
	n.some.Signal()
	return p, nil
}

// streams are a program's standard descriptors.
type streams struct{ in, out, err *os.File }

// start starts a program with its surroundings and returns when it is executed. handed are descriptors that it gets from 3 on.
func (n *nursery) start(o order, s streams, handed []int) (*process, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	mine := os.NewFile(uintptr(pair[0]), "orders")
	defer mine.Close()
	attr := &syscall.ProcAttr{Dir: "/", Files: []uintptr{s.in.Fd(), s.out.Fd(), s.err.Fd(), uintptr(pair[1])}, Sys: &syscall.SysProcAttr{Setsid: true}}
	if o.Enter == 0 {
		attr.Sys.Cloneflags = unix.CLONE_NEWNS
	}
	for _, fd := range handed {
		attr.Files = append(attr.Files, uintptr(fd))
	}
	o.Handed = len(handed)
	p, err := n.fork(attr)
	unix.Close(pair[1])
	if err != nil {
		return nil, err
	}
	if err = json.NewEncoder(mine).Encode(o); err == nil {
		err = unix.Shutdown(pair[0], unix.SHUT_WR)
	}
	told, _ := io.ReadAll(mine) // ends when the program is executed, or with the shim
	switch {
	case len(told) > 0:
		err = errors.New(strings.TrimSpace(string(told)))
	case err != nil && !errors.Is(err, unix.EPIPE):
	default:
		select {
		case <-p.done:
			if p.status.Signaled() {
				return p, nil // as if it had been the program
			}
		default:
		}
		return p, nil
	}
	<-p.done
	return nil, fmt.Errorf("%w", err)
}

// tell sends a signal to a process that may have ended.
func tell(pid int, sig syscall.Signal) {
	if pid > 1 {
		_ = syscall.Kill(pid, sig)
	}
}
