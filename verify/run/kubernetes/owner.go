package kubernetes

import (
	"os"
	"strconv"
	"strings"
)

// owner is the process that a run belongs to, so that another one can tell whether it still lives: a number alone may be another process by now, in another container, on another machine, or before the last boot.
type owner struct {
	machine string // "" if the machine has no identity
	boot    string
	space   string // namespace in which pid counts
	pid     int
	started string // in the kernel's ticks
}

func (o owner) String() string {
	return strings.Join([]string{o.machine, o.boot, o.space, strconv.Itoa(o.pid), o.started}, ":")
}

func parseOwner(s string) (o owner, ok bool) {
	f := strings.Split(s, ":")
	if len(f) != 5 {
		return o, false
	}
	pid, err := strconv.Atoi(f[3])
	return owner{f[0], f[1], f[2], pid, f[4]}, err == nil && pid > 0
}

// self is this process.
func self() owner {
	o := here()
	o.pid = os.Getpid()
	o.started = startOf(o.pid)
	return o
}

// dead reports whether the process is known to have ended. What cannot be known lives.
func (o owner) dead() bool {
	h := here()
	switch {
	case o.boot == "" || h.boot == "":
		return false
	case o.boot != h.boot: // another machine with the same cluster, or this one before it was started anew
		return o.machine != "" && o.machine == h.machine
	case o.space != h.space:
		return false
	}
	return startOf(o.pid) != o.started
}
