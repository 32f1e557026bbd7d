//go:build linux

package processes

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/deploylift/lift/deploy"
	"golang.org/x/sys/unix"
)

// instance is one program of a unit, through all its lives.
type instance struct {
	s       *supervisor
	k       *keeper
	n       int
	replica replica
	journal *journal
	group   string // name of its control group

	mu       sync.Mutex
	tended   bool
	woken    atomic.Bool // it waits for a call of its sockets, and is to begin without one
	main     *process    // of the present life
	since    time.Time
	restarts int
	short    int             // lives that ended before anybody found the program ready
	stood    bool            // a life was long enough for a program that nobody can ask
	fault    error           // why the last life did not begin
	ended    *end            // of the last life
	quit     chan struct{}   // closed by who wants it to end
	gone     chan struct{}   // closed when nobody tends it any more
	spaces   map[string]bool // mount namespaces of its processes, where there are no control groups
	visitors map[int]bool    // processes of ours in its world
}

// begin starts it, if it is not started.
func (in *instance) begin() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.tended { // it may be waiting for a call
		in.woken.Store(in.main == nil)
		return
	}
	in.woken.Store(false)
	in.tended, in.short, in.stood, in.fault, in.ended = true, 0, false, nil, nil
	in.quit, in.gone = make(chan struct{}), make(chan struct{})
	go in.tend()
}

// stop ends it and waits for the end. Of one that has ended before, that end is told.
func (in *instance) stop() end {
	in.mu.Lock()
	if in.tended {
		select {
		case <-in.quit:
		default:
			close(in.quit)
		}
	}
	gone := in.gone
	in.mu.Unlock()
	if gone == nil {
		return end{Code: -1}
	}
	<-gone
	e, _ := in.last()
	return e
}

// over is closed when nobody tends it any more.
func (in *instance) over() <-chan struct{} {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.gone
}

// last tells how its last life has ended, or why it did not begin.
func (in *instance) last() (end, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.fault != nil {
		return end{Code: -1}, in.fault
	}
	if in.ended == nil {
		return end{Code: -1}, nil
	}
	return *in.ended, nil
}

func (in *instance) count() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.restarts
}

// runs reports whether the program is alive, or waits for its calls.
func (in *instance) runs() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.main != nil || in.tended && in.k.Accept != ""
}

func (in *instance) quitting() bool {
	select {
	case <-in.quit:
		return true
	default:
		return false
	}
}

// tend gives the program one life after the other, as long as its restart policy says so.
func (in *instance) tend() {
	defer func() {
		in.mu.Lock()
		in.tended, in.main = false, nil
		close(in.gone)
		in.mu.Unlock()
	}()
	if in.k.Accept != "" {
		in.answer()
		return
	}
	var again []time.Time
	if in.k.Systemd { // it counts starts, the first one included (systemd.unit(5), StartLimitBurst=)
		again = append(again, time.Now())
	}
	for {
		e, err := in.live()
		in.mu.Lock()
		in.main, in.fault, in.ended = nil, err, &e
		in.short++
		in.stood = in.stood || err == nil && !in.k.Ready.asks() && e.lived >= settled
		in.mu.Unlock()
		switch {
		case in.quitting() || once(in.k.Kind):
			return
		case !in.k.wanted(e, err):
			if len(in.k.handed) == 0 || err != nil {
				return
			}
			if !in.called() { // a program that is handed its sockets is started by the next call
				return
			}
			continue
		case !in.k.allowed(&again):
			return
		}
		select {
		case <-in.quit:
			return
		case <-time.After(in.k.Restart.Delay):
		}
		in.mu.Lock()
		in.restarts++
		in.mu.Unlock()
		in.s.follow(in.k)
	}
}

// called waits until somebody calls one of the program's sockets, or says that it is to begin; false: it is to end.
func (in *instance) called() bool {
	for !in.quitting() {
		if in.woken.Swap(false) || awaited(in.k.handed, 200) {
			return true
		}
	}
	return false
}

// wanted reports whether the policy starts a program anew that has ended so. Under systemd the signals that ask for an end make a clean one (systemd.service(5), SuccessExitStatus=).
func (k *keeper) wanted(e end, err error) bool {
	switch k.Restart.Policy {
	case deploy.RestartAlways:
		return true
	case deploy.RestartOnFailure:
		if err != nil || e.Code > 0 {
			return true
		}
		return e.Code < 0 && !(k.Systemd && slices.Contains([]string{"SIGHUP", "SIGINT", "SIGTERM", "SIGPIPE"}, e.Signal))
	}
	return false
}

// allowed reports whether another start lies within the limit, and takes note of it.
func (k *keeper) allowed(starts *[]time.Time) bool {
	if k.Restart.Attempts.Unlimited {
		return true
	}
	now := time.Now()
	*starts = append(*starts, now)
	n := int64(0)
	for _, t := range *starts {
		if k.Restart.Window == 0 || now.Sub(t) <= k.Restart.Window {
			n++
		}
	}
	return n <= k.Restart.Attempts.N
}

// environment is what the program finds, with what is made anew at each start.
func (in *instance) environment() []string {
	env := slices.Clone(in.k.World.Env)
	own := in.replica.Env
	if in.k.Systemd {
		own = append(slices.Clone(own), "INVOCATION_ID="+invocation())
	}
	for _, e := range own {
		name, value, _ := strings.Cut(e, "=")
		set(&env, name, value)
	}
	return env
}

// live is one life of the program: what runs before it, its run, and what it leaves. An error means that it was not to be started.
func (in *instance) live() (e end, err error) {
	from := in.journal.len()
	began := time.Now()
	in.woken.Store(false)
	defer func() {
		e.From, e.To = from, in.journal.len()
	}()
	e.Code = -1
	w := in.k.World
	w.Env = in.environment()
	w.Mounts = slices.Clone(w.Mounts)
	if err := in.memories(&w); err != nil {
		return e, err
	}
	defer in.forget()
	join, err := in.s.side.Groups.make(ownGroups, in.group, in.k.Limits)
	if err != nil {
		return e, err
	}
	o := order{world: w, Join: join, NoPipe: in.k.Systemd, Stamped: in.k.Systemd}
	in.mu.Lock()
	in.spaces = map[string]bool{}
	in.mu.Unlock()
	late := in.k.Timeout.after()
	for _, t := range in.k.Before {
		if err := in.task(o, t, 0, late); err != nil && !t.MayFail {
			in.killRest()
			if in.quitting() {
				return e, nil
			}
			return e, fmt.Errorf("before the start: %w", err)
		}
	}
	p, read, err := in.launch(o, in.k.Command, true)
	if err != nil {
		in.killRest()
		return e, err
	}
	in.mu.Lock()
	in.main, in.since = p, time.Now()
	in.mu.Unlock()
	defer within(read, time.Second)
	executed := time.Now()
	defer func() { e.lived = p.ended.Sub(executed) }()
	if !once(in.k.Kind) {
		for _, t := range in.k.Started {
			if err := in.task(o, t, p.pid, late); err != nil && !t.MayFail {
				if in.quitting() {
					break
				}
				in.s.progress("%s: after the start: %s", in.k.Name, err)
				e = in.terminate(o, p)
				e.Code = -1
				return e, nil
			}
		}
	}
	select {
	case <-p.done:
	case <-in.quit:
		return in.terminate(o, p), nil
	case <-in.k.Run.after():
		in.s.progress("%s: has run for %s and is stopped", in.k.Name, in.k.Run.For)
		e = in.terminate(o, p)
		return e, nil
	}
	e = p.end()
	e.Took = p.ended.Sub(began)
	in.clear(p)
	if once(in.k.Kind) && e.Code == 0 {
		for _, t := range in.k.Started {
			if err := in.task(o, t, p.pid, late); err != nil && !t.MayFail {
				return e, fmt.Errorf("after the run: %w", err)
			}
		}
	}
	return e, nil
}

// end is how the process has ended.
func (p *process) end() end {
	if p.status.Exited() {
		return end{Code: p.status.ExitStatus()}
	}
	return end{Code: -1, Signal: unix.SignalName(p.status.Signal())}
}

// after is a channel that fires when the span is over; never for one without end.
func (s span) after() <-chan time.Time {
	if s.Forever {
		return nil
	}
	return time.After(s.For)
}

// afoot waits until the program is executed; an error says why it cannot be.
func (in *instance) afoot() error {
	for {
		in.mu.Lock()
		why, tended, main, lives := in.fault, in.tended, in.main, in.short
		in.mu.Unlock()
		switch {
		case why != nil:
			return why
		case main != nil, lives > 0, !tended, in.k.Accept != "":
			return nil
		}
		time.Sleep(beat)
	}
}
