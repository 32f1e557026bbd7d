//go:build linux

package processes

import (
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// answer starts the program anew for each connection to its sockets (systemd.socket(5), Accept=yes), until it is to end.
func (in *instance) answer() {
	w := in.k.World
	w.Mounts = slices.Clone(w.Mounts)
	if err := in.memories(&w); err != nil {
		in.mu.Lock()
		in.fault = err
		in.mu.Unlock()
		return
	}
	defer in.forget()
	in.mu.Lock()
	in.spaces = map[string]bool{}
	in.mu.Unlock()
	var wg sync.WaitGroup
	for !in.quitting() {
		for _, fd := range in.k.handed {
			if !awaited([]int{fd}, 100/len(in.k.handed)) {
				continue
			}
			c, _, err := unix.Accept4(fd, unix.SOCK_CLOEXEC)
			if err != nil {
				continue
			}
			wg.Go(func() { in.connection(w, c) })
		}
	}
	for _, pid := range in.members() {
		tell(pid, syscall.Signal(in.k.Stop.Signal))
	}
	asked, over := time.Now(), in.k.Stop.Grace.after()
	gone := make(chan struct{})
	go func() { wg.Wait(); close(gone) }()
	var e end
	select {
	case <-gone:
	case <-over:
		e.Killed = true
		in.killRest()
		<-gone
	}
	e.Took, e.To = time.Since(asked), in.journal.len()
	in.mu.Lock()
	in.ended = &e
	in.mu.Unlock()
}

// connection is the life of the program for one connection.
func (in *instance) connection(w world, fd int) {
	c := os.NewFile(uintptr(fd), "connection")
	defer c.Close()
	w.Env = in.environment()
	join, err := in.s.side.Groups.make(ownGroups, in.group, in.k.Limits)
	if err != nil {
		in.s.progress("%s: %s", in.k.Name, err)
		return
	}
	o := order{world: w, Join: join, NoPipe: in.k.Systemd, Stamped: in.k.Systemd, Argv: in.k.Command.arguments(w.Env)}
	log, read, err := in.journal.connect(in.k.Systemd)
	if err != nil {
		return
	}
	st, handed := streams{in.s.null, log, log}, []int(nil)
	if in.k.Accept == "stdio" {
		st.in, st.out = c, c
	} else {
		handed, o.Names = []int{fd}, "connection"
	}
	p, err := in.s.nursery.start(o, st, handed)
	log.Close()
	if err != nil {
		in.s.progress("%s: %s", in.k.Name, err)
		return
	}
	in.know(p.pid)
	c.Close()
	<-p.done
	within(read, time.Second)
}
