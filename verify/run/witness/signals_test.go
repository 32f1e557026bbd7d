//go:build linux

package witness

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestStop(t *testing.T) {
	for name, s := range map[string]syscall.Signal{
		"SIGTERM": syscall.SIGTERM, "SIGINT": syscall.SIGINT, "SIGQUIT": syscall.SIGQUIT, "SIGHUP": syscall.SIGHUP, "SIGUSR1": syscall.SIGUSR1, "SIGWINCH": syscall.SIGWINCH, "SIGRTMIN+3": 37, "SIGABRT": syscall.SIGABRT,
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, launch{})
			r.world()
			before := time.Now()
			r.kill(s)
			if code := r.end(); code != 0 {
				t.Errorf("it ends with status %d", code)
			}
			e := r.signalled(name, false)
			if e.Time.Before(before.Add(-time.Millisecond)) || e.Time.After(time.Now()) || e.Pid != r.cmd.Process.Pid || e.Nonce != nonce {
				t.Errorf("%+v", e)
			}
			events := r.printed()
			if last := events[len(events)-1]; last.Kind != "exit" || last.Code != 0 {
				t.Errorf("the last event is %+v", last)
			}
		})
	}
}

func TestSignalsThatEndNothing(t *testing.T) {
	r := start(t, launch{})
	r.world()
	for _, s := range []struct {
		syscall.Signal
		name string
	}{{syscall.SIGTSTP, "SIGTSTP"}, {syscall.SIGCONT, "SIGCONT"}, {syscall.SIGTTIN, "SIGTTIN"}} {
		r.kill(s.Signal)
		r.signalled(s.name, false)
	}
	for _, s := range []syscall.Signal{syscall.SIGPIPE, syscall.SIGCHLD, syscall.SIGURG} {
		r.kill(s)
	}
	var events []Event
	r.ask(&events, "events")
	want(t, "events", kinds(events), "world signal:SIGTSTP signal:SIGCONT signal:SIGTTIN")
}

func kinds(events []Event) string {
	var all []string
	for _, e := range events {
		text := e.Kind
		if e.Name != "" {
			text += ":" + e.Name
		}
		if e.Child {
			text = "child:" + text
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

// A supervisor may have ignored or blocked a signal; a program that sees to it gets it all the same.
func TestStopBySignalThatWasIgnored(t *testing.T) {
	r := start(t, launch{setup: setup{Ignore: []int{int(syscall.SIGTERM), int(syscall.SIGHUP)}, Block: []int{int(syscall.SIGTERM)}}})
	r.world()
	r.kill(syscall.SIGTERM)
	want(t, "status", r.end(), 0)
}

func TestWindowChangeOnTerminal(t *testing.T) {
	master, slave := pty(t)
	defer master.Close()
	defer slave.Close()
	r := start(t, launch{stdin: slave})
	r.world()
	r.kill(syscall.SIGWINCH)
	r.signalled("SIGWINCH", false)
	r.kill(syscall.SIGTERM)
	want(t, "status", r.end(), 0)
	r.signalled("SIGTERM", false)
}

func TestStubborn(t *testing.T) {
	t.Parallel()
	r := start(t, launch{plan: Plan{Stubborn: true}})
	r.world()
	r.kill(syscall.SIGTERM)
	r.signalled("SIGTERM", false)
	alive := func() int { return strings.Count(kinds(r.printed()), "alive") }
	time.Sleep(1100 * time.Millisecond)
	if n := alive(); n < 2 || n > 5 {
		t.Errorf("%d signs of life in 1.1 s", n)
	}
	r.kill(syscall.SIGINT)
	r.signalled("SIGINT", false)
	var events []Event
	r.ask(&events, "events")
	want(t, "events that are kept", kinds(events), "world signal:SIGTERM signal:SIGINT")
	r.kill(syscall.SIGKILL)
	r.end()
	if st := r.cmd.ProcessState.Sys().(syscall.WaitStatus); st.Signal() != syscall.SIGKILL {
		t.Errorf("it ends with %v", st)
	}
}

// childOf finds the child of a process.
func childOf(t *testing.T, pid int) int {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		n, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if _, parent, _ := statOf(n); parent == pid {
			return n
		}
	}
	return 0
}

// statOf is the state of a process, its parent and its group.
func statOf(pid int) (state string, parent, group int) {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	_, after, _ := strings.Cut(string(text), ") ")
	f := strings.Fields(after)
	if len(f) < 3 {
		return "", 0, 0
	}
	parent, _ = strconv.Atoi(f[1])
	group, _ = strconv.Atoi(f[2])
	return f[0], parent, group
}

func gone(pid int) bool {
	state, _, _ := statOf(pid)
	return state == "" || state == "Z" || state == "X"
}

func startWithChild(t *testing.T, stubborn bool) (*running, int) {
	t.Helper()
	r := start(t, launch{plan: Plan{Children: true, Stubborn: stubborn}, attr: syscall.SysProcAttr{Setpgid: true}})
	r.world()
	child := childOf(t, r.cmd.Process.Pid)
	if child == 0 {
		t.Fatal("it has no child")
	}
	return r, child
}

func TestChildren(t *testing.T) {
	t.Run("a signal to the group", func(t *testing.T) {
		r, child := startWithChild(t, false)
		if _, _, group := statOf(child); group != r.cmd.Process.Pid {
			t.Errorf("the child is in group %d, the witness is %d", group, r.cmd.Process.Pid)
		}
		begin := time.Now()
		if err := syscall.Kill(-r.cmd.Process.Pid, syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		want(t, "status", r.end(), 0)
		if e := r.signalled("SIGTERM", true); e.Pid != child || e.Nonce != nonce {
			t.Errorf("%+v; the child is %d", e, child)
		}
		r.signalled("SIGTERM", false)
		if took := time.Since(begin); took > time.Second {
			t.Errorf("it took %s", took)
		}
	})
	t.Run("a signal to the witness alone", func(t *testing.T) {
		r, child := startWithChild(t, false)
		r.kill(syscall.SIGTERM)
		want(t, "status", r.end(), 0)
		want(t, "events", kinds(r.printed()), "world signal:SIGTERM exit")
		awaitGone(t, child)
	})
	t.Run("signals to the child alone", func(t *testing.T) {
		r, child := startWithChild(t, false)
		for name, s := range map[string]syscall.Signal{"SIGHUP": syscall.SIGHUP, "SIGPIPE": syscall.SIGPIPE, "SIGRTMIN+3": 37} {
			if err := syscall.Kill(child, s); err != nil {
				t.Fatal(err)
			}
			r.signalled(name, true)
		}
		if err := syscall.Kill(child, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		r.await("exit", func(e Event) bool { return e.Kind == "exit" && e.Child && e.Name == "SIGKILL" && e.Pid == child })
		r.kill(syscall.SIGTERM)
		want(t, "status", r.end(), 0)
	})
	t.Run("the witness is killed", func(t *testing.T) {
		r, child := startWithChild(t, true)
		if err := syscall.Kill(-r.cmd.Process.Pid, syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		r.signalled("SIGTERM", true)
		r.signalled("SIGTERM", false)
		if gone(child) {
			t.Error("a stubborn child has ended")
		}
		r.kill(syscall.SIGKILL)
		r.end()
		awaitGone(t, child)
	})
	t.Run("signals that were ignored", func(t *testing.T) {
		r := start(t, launch{plan: Plan{Children: true}, setup: setup{Ignore: []int{int(syscall.SIGTERM)}, Block: []int{int(syscall.SIGTERM)}}})
		r.world()
		child := childOf(t, r.cmd.Process.Pid)
		if err := syscall.Kill(child, syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		r.signalled("SIGTERM", true)
	})
}

func awaitGone(t *testing.T, pid int) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !gone(pid); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the child %d lives on", pid)
		}
	}
}
