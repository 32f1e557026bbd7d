// Package owners tells whose a run is: what it made outlives a lift that is killed, and the next run takes it away.
package owners

import (
	"os"
	"strconv"
	"strings"
)

// Owner is the process that a run belongs to, so that another one can tell whether it still lives: a number alone may be another process by now, in another container, on another machine, or before the last boot.
type Owner struct {
	Machine string // "" if the machine has no identity
	Boot    string
	Space   string // namespace in which pid counts
	PID     int
	Started string // in the kernel's ticks
}

// String is the form in which labels hold it.
func (o Owner) String() string {
	return strings.Join([]string{o.Machine, o.Boot, o.Space, strconv.Itoa(o.PID), o.Started}, ":")
}

// Parse reads what String writes.
func Parse(s string) (o Owner, ok bool) {
	f := strings.Split(s, ":")
	if len(f) != 5 {
		return o, false
	}
	pid, err := strconv.Atoi(f[3])
	return Owner{f[0], f[1], f[2], pid, f[4]}, err == nil && pid > 0
}

// Self is this process.
func Self() Owner {
	o := here()
	o.PID = os.Getpid()
	o.Started = startOf(o.PID)
	return o
}

// Dead reports whether the process is known to have ended. What cannot be known lives.
func (o Owner) Dead() bool {
	h := here()
	switch {
	case o.Boot == "" || h.Boot == "":
		return false
	case o.Boot != h.Boot: // another machine with the same engine or cluster, or this one before it was started anew
		return o.Machine != "" && o.Machine == h.Machine
	case o.Space != h.Space:
		return false
	}
	return startOf(o.PID) != o.Started
}
