//go:build linux

package main

import (
	"os"
	"slices"
	"sort"
	"strings"
	"syscall"
	"time"

	"github.com/deploylift/lift/verify/run/witness/report"
)

// world looks around. Peers are looked at by whoever has the time for it.
func (w *witness) world() report.World {
	st := status()
	lines := mountLines()
	dir, err := os.Getwd()
	if err != nil {
		dir = reason(err)
	}
	host, _ := os.Hostname()
	return report.World{
		Nonce:        w.plan.Nonce,
		Side:         w.plan.Side,
		Workload:     w.plan.Workload,
		Started:      w.start.time.Format(time.RFC3339Nano),
		Argv:         w.shownArgv(),
		Env:          w.shownEnv(),
		Dir:          dir,
		Pid:          os.Getpid(),
		UID:          os.Geteuid(),
		GID:          os.Getegid(),
		Groups:       supplementary(),
		Umask:        st.umask(),
		Limits:       limits(w.start.nofile),
		Bounding:     st.capabilities("CapBnd"),
		Effective:    st.capabilities("CapEff"),
		NoNewPrivs:   st["NoNewPrivs"] == "1",
		Seccomp:      st.seccomp(),
		Ignored:      w.start.ignored,
		Blocked:      w.start.blocked,
		Stdin:        w.start.standard[0],
		Stdout:       w.start.standard[1],
		Stderr:       w.start.standard[2],
		Descriptors:  w.start.descriptors,
		OOMScore:     readInt("/proc/self/oom_score_adj"),
		Nice:         nice(),
		Cgroup:       readCgroup(),
		RootReadOnly: rootReadOnly(),
		Mounts:       mounts(lines),
		Write:        each(w.plan.Write, func(path string) string { return tryWrite(path, w.plan.Nonce) }),
		Read:         each(w.plan.Read, tryRead),
		Bind:         w.bound(),
		Peers:        map[string]report.PeerResult{},
		Hostname:     host,
		Zone:         time.Now().Format("MST-07:00"),
		Locale:       locale(),
	}
}

func each(list []string, f func(string) string) map[string]string {
	all := make(map[string]string, len(list))
	for _, e := range list {
		all[e] = f(e)
	}
	return all
}

// shownEnv is the environment; values that may be secrets are hashed.
func (w *witness) shownEnv() map[string]string {
	env := map[string]string{}
	for _, e := range os.Environ() {
		name, value, _ := strings.Cut(e, "=")
		if !slices.Contains(w.plan.Show, name) {
			value = report.Hash(w.plan.Nonce, value)
		}
		env[name] = value
	}
	return env
}

// shortest is the length from which on a value in an argument is taken for more than a coincidence.
const shortest = 4

// shownArgv is the command line; words into which a secret was expanded are hashed.
func (w *witness) shownArgv() []string {
	argv := append([]string{}, w.argv...)
	for _, e := range os.Environ() {
		name, value, _ := strings.Cut(e, "=")
		if len(value) < shortest || !w.hides(name) {
			continue
		}
		for i, word := range w.argv {
			if strings.Contains(word, value) {
				argv[i] = report.Hash(w.plan.Nonce, word)
			}
		}
	}
	return argv
}

// hides tells whether the value of a variable is a secret. Who has not said which ones are gets all hidden that may not be shown.
func (w *witness) hides(name string) bool {
	if w.plan.Hide != nil {
		return slices.Contains(w.plan.Hide, name)
	}
	return !slices.Contains(w.plan.Show, name)
}

func supplementary() []int {
	groups := []int{}
	all, _ := os.Getgroups()
	for _, g := range all {
		if g != os.Getegid() {
			groups = append(groups, g)
		}
	}
	sort.Ints(groups)
	return slices.Compact(groups)
}

// nice is the priority; the system call returns 20 less it, so as not to return a negative number.
func nice() int {
	n, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0)
	if err != nil {
		return 0
	}
	return 20 - n
}

// locale is what decides about characters, setlocale(3): the first variable that is set and not empty. POSIX is another name of C.
func locale() string {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		switch value := os.Getenv(name); value {
		case "":
		case "C", "POSIX":
			return ""
		default:
			return value
		}
	}
	return ""
}
