//go:build linux

package processes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
	"golang.org/x/sys/unix"
)

// Start builds the programs, starts the system in a side of its own, and returns when it is ready.
func (r Runner) Start(ctx context.Context, sys run.System) (run.Running, error) {
	if err := r.Needs(ctx); err != nil {
		return nil, err
	}
	if sys.Progress == nil {
		sys.Progress = func(string, ...any) {}
	}
	sweep()
	return startIn(ctx, sys, findGroups())
}

// startIn starts the system with the control groups that can be used.
func startIn(ctx context.Context, sys run.System, g groups) (run.Running, error) {
	g.Name = runName(sys.Nonce)
	scratch, held, err := makeScratch(g.Name)
	if err != nil {
		return nil, err
	}
	s := &sideOf{sys: sys, scratch: scratch, held: held, groups: g, mask: maskOf(sys), waiting: map[int]chan answer{}, over: make(chan struct{})}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// sideOf is a side from lift's point of view.
type sideOf struct {
	sys     run.System
	scratch string
	held    *os.File // the scratch directory
	groups  groups
	mask    mask
	units   map[string]int // workload → number of its log

	child *child
	out   *tail

	mu      sync.Mutex // of all below
	wire    *os.File
	last    int
	waiting map[int]chan answer
	closed  bool
	over    chan struct{} // closed when the supervisor has ended
	fault   error
}

func (s *sideOf) start(ctx context.Context) error {
	d, err := prepare(ctx, s.sys, s.scratch, s.groups)
	if err != nil {
		return err
	}
	s.units = map[string]int{}
	for _, u := range d.Units {
		s.units[u.Name] = u.Index
	}
	s.out = &tail{}
	s.child, s.wire, err = spawn(partSupervisor, unix.CLONE_NEWPID|unix.CLONE_NEWNS|unix.CLONE_NEWNET|unix.CLONE_NEWIPC|unix.CLONE_NEWUTS, s.out)
	if err != nil {
		return err
	}
	go s.listen()
	_, err = s.call(ctx, call{Op: opStart, Side: &d})
	return err
}

// listen hands the supervisor's answers to who waits for them.
func (s *sideOf) listen() {
	in := json.NewDecoder(s.wire)
	for {
		var a answer
		if err := in.Decode(&a); err != nil {
			break
		}
		if a.ID == 0 {
			s.sys.Progress("processes: %s", s.mask.text(a.Progress))
			continue
		}
		s.mu.Lock()
		to := s.waiting[a.ID]
		delete(s.waiting, a.ID)
		s.mu.Unlock()
		if to != nil {
			to <- a
		}
	}
	s.child.kill()
	<-s.child.ended
	s.mu.Lock()
	s.fault = errors.New("the side has been closed")
	if !s.closed {
		s.fault = run.Error{What: "the supervisor of the processes has ended by itself" + s.words(s.out.bytes()), Remedy: "please report it"}
	}
	s.mu.Unlock()
	close(s.over)
}

func (s *sideOf) words(out []byte) string {
	if text := lastLines(out, 20); text != "" {
		return ":\n" + indent(s.mask.text(text))
	}
	return ""
}

// call asks the supervisor and waits for its answer.
func (s *sideOf) call(ctx context.Context, c call) (answer, error) {
	to := make(chan answer, 1)
	s.mu.Lock()
	s.last++
	c.ID = s.last
	s.waiting[c.ID] = to
	err := json.NewEncoder(s.wire).Encode(c)
	s.mu.Unlock()
	if err != nil {
		<-s.over
		return answer{}, s.ended()
	}
	select {
	case a := <-to:
		if a.Fault != nil {
			return a, s.told(*a.Fault)
		}
		return a, nil
	case <-s.over:
		return answer{}, s.ended()
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
}

func (s *sideOf) ended() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault
}

// told turns a fault into an error for the user, with the last words of the program.
func (s *sideOf) told(f fault) error {
	e := run.Error{What: s.mask.text(f.What), Remedy: f.Remedy}
	if i, ok := s.units[f.Log]; ok {
		log, _ := os.ReadFile(logFile(s.scratch, i, 0))
		e.What += s.words(log[min(f.From, int64(len(log))):])
		if strings.Contains(e.What, "\n") && e.Remedy == "see what it printed" {
			e.Remedy = ""
		}
	}
	return e
}

// Dial connects to a port on which the program itself listens.
func (s *sideOf) Dial(ctx context.Context, workload string, port int) (c net.Conn, err error) {
	w, err := s.workload(workload)
	if err != nil {
		return nil, err
	}
	network, host := "tcp", "127.0.0.1"
	for _, p := range w.Ports {
		if n, protocol, ok := portOf(p); ok && n == port {
			network, host = protocol, reachable(p.Address.Or(""))
		}
	}
	return s.dial(ctx, network, net.JoinHostPort(host, itoa(port)))
}

func (s *sideOf) dial(ctx context.Context, network, address string) (net.Conn, error) {
	return dialIn(ctx, s.child.pid, network, address)
}

func (s *sideOf) workload(name string) (deploy.Workload, error) {
	for _, w := range s.sys.App.Workloads {
		if w.Name == name {
			return w, nil
		}
	}
	return deploy.Workload{}, fmt.Errorf("there is no workload %s", name)
}

// Door connects to the port of the proxy that takes the route's requests, or of the workload itself where none stands before it.
func (s *sideOf) Door(ctx context.Context, r deploy.Route) (net.Conn, error) {
	to, port := r.Workload.Or("").Name(), int(r.Port.Or(0))
	t, ok := deploy.ParseTarget(r.Match)
	if !ok {
		return nil, run.NotHere{Why: "the route " + r.Match + " names no host"}
	}
	if via, ok := r.Via.Get(); ok {
		to, port = via.Name(), s.proxyPort(via, t)
	}
	if port == 0 {
		port = map[string]int{"http": 80, "https": 443}[t.Scheme]
	}
	return s.Dial(ctx, to, port)
}

// proxyPort is the port on which a proxy takes requests for a host.
func (s *sideOf) proxyPort(via deploy.Ref, t deploy.Target) int {
	for _, r := range s.sys.App.Routes {
		other, ok := deploy.ParseTarget(r.Match)
		if ok && other.Scheme == t.Scheme && other.Host == t.Host && other.Path == "" && r.Workload.Or("") == via && !r.Via.IsSet() {
			return int(r.Port.Or(0))
		}
	}
	return 0
}

// Published connects to where the machine offers a port: a process's port is one of the machine's own.
func (s *sideOf) Published(ctx context.Context, workload string, port int) (net.Conn, error) {
	w, err := s.workload(workload)
	if err != nil {
		return nil, err
	}
	for _, p := range w.Ports {
		n, protocol, ok := portOf(p)
		at, published := p.Published.Get()
		if !ok || n != port || !published {
			continue
		}
		if host := hostOf(at); host != "" {
			return s.dial(ctx, protocol, net.JoinHostPort(reachable(host), at[strings.LastIndexByte(at, ':')+1:]))
		}
		return s.dial(ctx, protocol, net.JoinHostPort("127.0.0.1", at[strings.LastIndexByte(at, ':')+1:]))
	}
	return s.Dial(ctx, workload, port)
}

// Ask runs the witness in the world of the first instance.
func (s *sideOf) Ask(ctx context.Context, workload string, args ...string) ([]byte, error) {
	if s.sys.Witness == nil {
		return nil, run.NotHere{Why: "the programs themselves run, and no witness"}
	}
	a, err := s.call(ctx, call{Op: opAsk, Unit: workload, Args: args})
	return a.Out, err
}

// Logs returns what the first instance has printed.
func (s *sideOf) Logs(_ context.Context, workload string) ([]byte, error) {
	i, ok := s.units[workload]
	if !ok {
		return nil, fmt.Errorf("there is no workload %s", workload)
	}
	return os.ReadFile(logFile(s.scratch, i, 0))
}

// State tells how the instances of a workload are.
func (s *sideOf) State(ctx context.Context, workload string) (run.State, error) {
	a, err := s.call(ctx, call{Op: opState, Unit: workload})
	return run.State(a.State), err
}

// Run runs a job once.
func (s *sideOf) Run(ctx context.Context, workload string) (run.Ended, error) {
	return s.end(ctx, call{Op: opRun, Unit: workload})
}

// Stop stops a workload.
func (s *sideOf) Stop(ctx context.Context, workload string) (run.Ended, error) {
	return s.end(ctx, call{Op: opStop, Unit: workload})
}

func (s *sideOf) end(ctx context.Context, c call) (run.Ended, error) {
	a, err := s.call(ctx, c)
	if err != nil {
		return run.Ended{}, err
	}
	e := run.Ended{Took: a.End.Took, Code: a.End.Code, Killed: a.End.Killed}
	f, err := os.Open(logFile(s.scratch, s.units[c.Unit], 0))
	if err != nil {
		return e, err
	}
	defer f.Close()
	e.Log, err = io.ReadAll(io.NewSectionReader(f, a.End.From, a.End.To-a.End.From))
	return e, err
}

// Begin starts a stopped workload again.
func (s *sideOf) Begin(ctx context.Context, workload string) error {
	_, err := s.call(ctx, call{Op: opBegin, Unit: workload})
	return err
}

// Close ends the supervisor, and with it every process, and removes what the run has made.
func (s *sideOf) Close() error {
	s.mu.Lock()
	closed := s.closed
	s.closed = true
	s.mu.Unlock()
	if s.child != nil {
		s.child.kill()
		<-s.over
		if !closed {
			s.wire.Close()
		}
	}
	var last error
	for range 50 { // a mount of the side may take a moment to go
		if last = removeAll(s.scratch); last == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.held.Close()
	return errors.Join(s.groups.remove(), last)
}
