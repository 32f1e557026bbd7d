//go:build linux

package processes

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
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
	in.tended, in.short, in.fault, in.ended = true, 0, nil, nil
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

// launch starts the program or a command that accompanies it. read is closed when its output has ended.
func (in *instance) launch(o order, c command, main bool) (*process, <-chan struct{}, error) {
	out, read, err := in.journal.connect(in.k.Systemd)
	if err != nil {
		return nil, nil, err
	}
	defer out.Close()
	o.Argv = c.arguments(o.Env)
	if len(o.Argv) == 0 {
		return nil, nil, errors.New("its command is empty")
	}
	var handed []int
	if main && len(in.k.handed) > 0 {
		handed = in.k.handed
		o.Names = in.k.names()
	}
	p, err := in.s.nursery.start(o, streams{in.s.null, out, out}, handed)
	if err != nil {
		return nil, nil, err
	}
	in.know(p.pid)
	return p, read, nil
}

// names of the sockets, as sd_listen_fds_with_names(3) reads them.
func (k *keeper) names() string {
	var out []string
	for _, s := range k.Sockets {
		out = append(out, s.Name)
	}
	return strings.Join(out, ":")
}

// know remembers the mounts of a process of this instance.
func (in *instance) know(pid int) {
	if ns, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/ns/mnt"); err == nil {
		in.mu.Lock()
		in.spaces[ns] = true
		in.mu.Unlock()
	}
}

// task runs a command beside the program to its end.
func (in *instance) task(o order, t task, main int, late <-chan time.Time) error {
	if main != 0 {
		o.Env = append(slices.Clone(o.Env), "MAINPID="+strconv.Itoa(main))
	}
	if t.Privileged {
		o.UID, o.GID, o.Groups, o.Bounding, o.Ambient, o.NoNew, o.ReadOnly = 0, 0, nil, everyCapability, 0, false, false
	}
	p, _, err := in.launch(o, t.Command, false)
	if err != nil {
		return err
	}
	select {
	case <-p.done:
	case <-in.quit:
		if main == 0 {
			tell(p.pid, syscall.SIGKILL)
			<-p.done
			return errors.New("it was stopped")
		}
		<-p.done
	case <-late:
		tell(p.pid, syscall.SIGKILL)
		<-p.done
		return errors.New("its time was over")
	}
	switch e := p.end(); {
	case e.Signal != "":
		return fmt.Errorf("ended by %s", e.Signal)
	case e.Code != 0:
		return fmt.Errorf("ended with status %d", e.Code)
	}
	return nil
}

// members lists the living processes of the instance.
func (in *instance) members() []int {
	g := in.s.side.Groups
	if _, ok := g.Dirs[tracking]; ok {
		return g.members(ownGroups, in.group)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	entries, _ := os.ReadDir("/proc")
	var out []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || in.visitors[pid] {
			continue
		}
		if ns, err := os.Readlink("/proc/" + e.Name() + "/ns/mnt"); err == nil && in.spaces[ns] {
			out = append(out, pid)
		}
	}
	return out
}

// visit runs a program of ours in the world of the program that runs, under its user, and returns its exit status.
func (in *instance) visit(argv []string, out, errs io.Writer, patience time.Duration) (int, error) {
	in.mu.Lock()
	main := in.main
	in.mu.Unlock()
	if main == nil {
		return 0, errors.New("it does not run")
	}
	o := order{world: in.k.World, Argv: argv, Enter: main.pid}
	o.Env = in.environment()
	o.Mounts, o.Dir = nil, "/"
	var wg sync.WaitGroup
	files := make([]*os.File, 2)
	for i, w := range []io.Writer{out, errs} {
		r, f, err := os.Pipe()
		if err != nil {
			return 0, err
		}
		defer r.Close()
		defer f.Close()
		files[i] = f
		wg.Go(func() { _, _ = io.Copy(w, r) })
	}
	p, err := in.s.nursery.start(o, streams{in.s.null, files[0], files[1]}, nil)
	if err != nil {
		return 0, err
	}
	in.mu.Lock()
	if in.visitors == nil {
		in.visitors = map[int]bool{}
	}
	in.visitors[p.pid] = true
	in.mu.Unlock()
	defer func() {
		in.mu.Lock()
		delete(in.visitors, p.pid)
		in.mu.Unlock()
	}()
	files[0].Close()
	files[1].Close()
	select {
	case <-p.done:
	case <-time.After(patience):
		tell(p.pid, syscall.SIGKILL)
		<-p.done
		return 0, fmt.Errorf("no answer within %s", patience)
	}
	wg.Wait()
	if p.status.Signaled() {
		return 0, fmt.Errorf("ended by %s", p.end().Signal)
	}
	return p.status.ExitStatus(), nil
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
