//go:build linux

package processes

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/deploylift/lift/deploy"
	"golang.org/x/sys/unix"
)

// supervisor is the first process of a side: it makes the side's root and takes care of its units.
type supervisor struct {
	side    side
	nursery *nursery
	units   map[string]*keeper

	mu   sync.Mutex // of out
	out  *json.Encoder
	null *os.File
}

// keeper takes care of one unit.
type keeper struct {
	unit
	instances []*instance

	mu     sync.Mutex // held by whoever starts or stops the unit
	swept  []string   // units that a stop of this one has stopped as well
	handed []int      // sockets, open from the first start on
}

// supervise answers lift's calls until lift is gone; then everything is.
func supervise() error {
	unix.Umask(0o022)
	wire := os.NewFile(ordersAt, "orders")
	unix.CloseOnExec(ordersAt)
	in := json.NewDecoder(wire)
	s := &supervisor{out: json.NewEncoder(wire), units: map[string]*keeper{}}
	for {
		var c call
		if err := in.Decode(&c); err != nil {
			return nil // lift is gone
		}
		go s.answer(c)
	}
}

func (s *supervisor) send(a answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.out.Encode(a)
}

func (s *supervisor) progress(format string, args ...any) {
	s.send(answer{Progress: fmt.Sprintf(format, args...)})
}

func (s *supervisor) answer(c call) {
	a := answer{ID: c.ID}
	err := s.do(c, &a)
	if err != nil {
		var f *fault
		if !errors.As(err, &f) {
			f = &fault{What: err.Error()}
		}
		a.Fault = f
	}
	s.send(a)
}

func (s *supervisor) do(c call, a *answer) error {
	if c.Op == opStart {
		var f *fault
		if err := s.enter(*c.Side); errors.As(err, &f) {
			return f
		} else if err != nil {
			return &fault{What: "the surroundings of the processes cannot be made: " + err.Error(), Remedy: "run lift as root on the machine itself, or in a container that may mount (docker run --privileged)"}
		}
		return s.start()
	}
	k := s.units[c.Unit]
	if k == nil {
		return fmt.Errorf("there is no workload %s", c.Unit)
	}
	var err error
	switch c.Op {
	case opAsk:
		a.Out, err = s.ask(k, c.Args)
	case opState:
		a.State = k.state()
	case opRun:
		a.End, err = s.run(k)
	case opStop:
		a.End, err = s.stop(k)
	case opBegin:
		err = s.begin(k)
	default:
		err = fmt.Errorf("unknown call %q", c.Op)
	}
	return err
}

// enter makes the side's surroundings.
func (s *supervisor) enter(d side) error {
	s.side = d
	if err := enterRoot(d.Scratch, nil); err != nil {
		return err
	}
	if err := raiseLoopback(d.Addresses); err != nil {
		return err
	}
	if err := writeAccounts("/etc", d.Accounts); err != nil {
		return err
	}
	for _, l := range d.Copies {
		if err := layOver(filepath.Join(ownRun, l.From), l.To, l.Owner); err != nil {
			return err
		}
	}
	if d.Witness {
		if err := (place{From: ownRun + "/witness", To: ownWitness, File: true, ReadOnly: true}).show(); err != nil {
			return err
		}
	}
	for _, dir := range d.Dirs {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	for _, p := range d.Places {
		if err := p.show(); err != nil {
			return err
		}
	}
	for _, u := range d.Units { // a program with a read-only root finds its mount points made
		for _, p := range u.World.Mounts {
			if err := p.there(); err != nil {
				return err
			}
			if err := p.point(); err != nil {
				return err
			}
		}
		for _, m := range u.Memories {
			if err := (place{To: m.Path}).point(); err != nil {
				return err
			}
		}
	}
	for _, l := range d.Links {
		if _, err := os.Lstat(l[0]); err == nil {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(l[0]), 0o755); err != nil {
			return err
		}
		if err := os.Symlink(l[1], l[0]); err != nil {
			return err
		}
	}
	null, err := os.OpenFile("/dev/null", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	s.null, s.nursery = null, newNursery()
	for _, u := range d.Units {
		k := &keeper{unit: u}
		for n, r := range u.Replicas {
			j, err := openJournal(logFile(ownRun, u.Index, n))
			if err != nil {
				return err
			}
			k.instances = append(k.instances, &instance{s: s, k: k, n: n, replica: r, journal: j, group: strconv.Itoa(u.Index) + "-" + strconv.Itoa(n) + "-" + plain(u.Name)})
		}
		s.units[u.Name] = k
	}
	return nil
}

// plain makes a name of what may stand in a file's name.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '/' || r == 0 {
			return '-'
		}
		return r
	}, name)
}

// state looks at all instances.
func (k *keeper) state() state {
	var st state
	for _, in := range k.instances {
		st.Restarts += in.count()
		if !in.runs() {
			continue
		}
		st.Running++
		if in.ready() == nil {
			st.Ready++
		}
	}
	return st
}

// begin starts a unit that was stopped, with those that its stop has stopped, and waits until it is ready.
func (s *supervisor) begin(k *keeper) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := s.raise(k); err != nil {
		return err
	}
	if err := s.await(k); err != nil {
		return err
	}
	swept := k.swept
	k.swept = nil
	for _, name := range swept {
		if err := s.begin(s.units[name]); err != nil {
			return err
		}
	}
	return nil
}

// raise starts all instances that do not run.
func (s *supervisor) raise(k *keeper) error {
	if len(k.handed) == 0 {
		for _, so := range k.Sockets {
			fd, err := so.open()
			if err != nil {
				return &fault{What: k.Name + ": " + err.Error()}
			}
			k.handed = append(k.handed, fd)
		}
	}
	for _, in := range k.instances {
		in.begin()
	}
	return nil
}

// stop stops a unit, and before it those that follow it (systemd.unit(5), Requires=, PartOf=).
func (s *supervisor) stop(k *keeper) (end, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, f := range s.followers(k) {
		if !slices.ContainsFunc(f.instances, (*instance).runs) {
			continue
		}
		if _, err := s.stop(f); err != nil {
			return end{}, err
		}
		k.swept = append(k.swept, f.Name)
	}
	ends := make([]end, len(k.instances))
	var wg sync.WaitGroup
	for i, in := range k.instances {
		wg.Go(func() { ends[i] = in.stop() })
	}
	wg.Wait()
	return ends[0], nil
}

// followers are the units that are stopped and restarted together with another one.
func (s *supervisor) followers(k *keeper) []*keeper {
	var out []*keeper
	for _, u := range s.side.Units {
		if slices.ContainsFunc(u.Needs, func(n need) bool { return n.Unit == k.Name && n.Follow }) && !once(u.Kind) {
			out = append(out, s.units[u.Name])
		}
	}
	return out
}

// once reports whether such a workload runs to its end.
func once(k deploy.Kind) bool { return k == deploy.Job || k == deploy.Cron }

// follow restarts those that follow a unit that was started anew.
func (s *supervisor) follow(k *keeper) {
	for _, f := range s.followers(k) {
		go func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			for _, in := range f.instances {
				if in.runs() {
					in.stop()
					in.begin()
				}
			}
		}()
	}
}

// run runs a unit once, to its end.
func (s *supervisor) run(k *keeper) (end, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	in := k.instances[0]
	if in.runs() {
		return end{}, fmt.Errorf("%s runs already", k.Name)
	}
	in.begin()
	<-in.over()
	return in.last()
}

// ask runs the witness in the world of a unit's first instance.
func (s *supervisor) ask(k *keeper, args []string) ([]byte, error) {
	in := k.instances[0]
	var out, errs bytes.Buffer
	code, err := in.visit(append([]string{ownWitness}, args...), &out, &errs, 30*time.Second)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k.Name, err)
	}
	if code != 0 {
		return nil, fmt.Errorf("%s: the witness does not answer: %s", k.Name, strings.TrimSpace(errs.String()))
	}
	return out.Bytes(), nil
}
