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
	"syscall"
	"time"
)

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
