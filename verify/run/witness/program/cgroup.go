//go:build linux

package main

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/deploylift/lift/verify/run/witness/report"
)

// hierarchy is one tree of control groups, as cgroups(7) numbers them: version 1 has one for each controller, or for several, version 2 has one for all.
type hierarchy struct {
	controllers []string // none: version 2
	path        string   // of the process, as its control group namespace shows it
}

// hierarchies reads /proc/self/cgroup. Named hierarchies without controllers (name=systemd) bound nothing.
func hierarchies(text string) (v1 []hierarchy, v2 *hierarchy) {
	for line := range strings.Lines(text) {
		parts := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(parts) != 3 {
			continue
		}
		switch {
		case parts[1] == "":
			v2 = &hierarchy{path: parts[2]}
		case !strings.HasPrefix(parts[1], "name="):
			v1 = append(v1, hierarchy{strings.Split(parts[1], ","), parts[2]})
		}
	}
	return v1, v2
}

// groups finds and reads the control groups of the process.
type groups struct {
	v1     []hierarchy
	v2     *hierarchy
	mounts []mountLine
	root   string // in front of every path; "" but in tests
}

func readCgroup() report.Cgroup {
	text, _ := os.ReadFile("/proc/self/cgroup")
	v1, v2 := hierarchies(string(text))
	return groups{v1: v1, v2: v2, mounts: mountLines()}.limits()
}

func (g groups) limits() report.Cgroup {
	_, unified := g.dir2()
	c := report.Cgroup{Version: "2"}
	switch {
	case len(g.v1) > 0 && unified:
		c.Version = "hybrid"
	case len(g.v1) > 0:
		c.Version = "1"
	case g.v2 == nil:
		return report.Cgroup{}
	}
	// A controller is in one hierarchy alone, even where both versions are in use.
	if dir, ok := g.dir1("memory"); ok {
		c.Memory = bound1(read(dir, "memory.limit_in_bytes"))
		c.Swap = swap1(c.Memory, read(dir, "memory.memsw.limit_in_bytes"))
	} else if !g.has1("memory") {
		if dir, ok := g.dir2(); ok {
			c.Memory = bound2(read(dir, "memory.max"))
			c.Swap = read(dir, "memory.swap.max") // missing: swap is not accounted for, or it is the root
			if c.Swap == absent {
				c.Swap = ""
			}
		}
	}
	if dir, ok := g.dir1("cpu"); ok {
		c.CPU = quota(read(dir, "cpu.cfs_quota_us"), read(dir, "cpu.cfs_period_us"))
	} else if !g.has1("cpu") {
		if dir, ok := g.dir2(); ok {
			max, period, _ := strings.Cut(bound2(read(dir, "cpu.max")), " ")
			c.CPU = quota(max, period)
		}
	}
	if dir, ok := g.dir1("pids"); ok {
		c.Pids = bound2(read(dir, "pids.max"))
	} else if !g.has1("pids") {
		if dir, ok := g.dir2(); ok {
			c.Pids = bound2(read(dir, "pids.max"))
		}
	}
	return c
}

func (g groups) has1(controller string) bool {
	for _, h := range g.v1 {
		for _, c := range h.controllers {
			if c == controller {
				return true
			}
		}
	}
	return false
}

// dir1 finds the directory of the process in the hierarchy of a controller of version 1.
func (g groups) dir1(controller string) (string, bool) {
	for _, h := range g.v1 {
		for _, c := range h.controllers {
			if c == controller {
				return g.dir("cgroup", controller, h.path)
			}
		}
	}
	return "", false
}

func (g groups) dir2() (string, bool) {
	if g.v2 == nil {
		return "", false
	}
	return g.dir("cgroup2", "", g.v2.path)
}

// dir finds where a control group can be seen. The mount shows the tree from its root on; in a container without a namespace of control groups that root is the container's own group, in one with a namespace
// (docker run --cgroupns=private) both are "/".
func (g groups) dir(kind, controller, own string) (string, bool) {
	for i := len(g.mounts) - 1; i >= 0; i-- {
		m := g.mounts[i]
		if m.kind != kind || controller != "" && !m.has(controller) {
			continue
		}
		below, inside := strings.CutPrefix(own, strings.TrimSuffix(m.root, "/"))
		if !inside || below != "" && below[0] != '/' || strings.Contains(below, "/..") {
			continue // another part of the tree is mounted; "/.." is how a namespace shows what is outside of it
		}
		dir := path.Join(g.root, m.path, below)
		if st, err := os.Stat(dir); err == nil && st.IsDir() {
			return dir, true
		}
	}
	return "", false
}

// absent is what read returns for a file that is not there: the root of the tree has none for its limits, and neither has a group for which a controller is not switched on.
const absent = "absent"

func read(dir, name string) string {
	text, err := os.ReadFile(path.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return absent
	}
	return strings.TrimSpace(string(text))
}

// unbounded1 is where version 1 has its "max": the biggest number of pages, whatever their size.
const unbounded1 = 1<<63 - 1<<16

func bound1(bytes string) string {
	if n, err := strconv.ParseUint(bytes, 10, 64); err == nil && n >= unbounded1 {
		return "max"
	}
	return bound2(bytes)
}

func bound2(value string) string {
	if value == absent {
		return "max"
	}
	return value
}

// swap1 is what is left of the limit of memory and swap together.
func swap1(memory, both string) string {
	if both == absent {
		return "" // swap is not accounted for
	}
	both = bound1(both)
	b, err := strconv.ParseInt(both, 10, 64)
	m, err2 := strconv.ParseInt(memory, 10, 64)
	if err != nil || err2 != nil {
		return both
	}
	return strconv.FormatInt(max(0, b-m), 10)
}

// quota is how many billionths of a CPU a quota of microseconds for each period is.
func quota(micros, period string) string {
	if micros == "max" || micros == absent || micros == "-1" {
		return "max"
	}
	q, err := strconv.ParseInt(micros, 10, 64)
	p, err2 := strconv.ParseInt(period, 10, 64)
	if err != nil || err2 != nil || p <= 0 || p > 1e9 || q > 1e9*p { // the kernel's periods are at most a second
		return ""
	}
	return strconv.FormatInt(q/p*1e9+q%p*1e9/p, 10)
}
