//go:build linux

package processes

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// groups are the control groups of a side. Each controller has a hierarchy of its own in version 1, all have one in version 2; on a hybrid machine both are there.
type groups struct {
	Name string            // of the directory of this side in each hierarchy
	Dirs map[string]string // controller → the hierarchy's directory below /sys/fs/cgroup
	V2   map[string]bool   // the controller is one of version 2
}

const cgroupRoot = "/sys/fs/cgroup"

// controllers are those whose limits a workload may have.
var controllers = []string{"memory", "cpu", "pids"}

// tracking is the name of the hierarchy by which the processes of a unit are told apart.
const tracking = "tracking"

// findGroups looks which controllers can be used.
func findGroups() groups {
	g := groups{Dirs: map[string]string{}, V2: map[string]bool{}}
	list, err := mountsOf("/proc/self/mountinfo")
	if err != nil {
		return g
	}
	for _, m := range list {
		if !under(m.at, cgroupRoot) || !writable(m.at) {
			continue
		}
		dir := strings.TrimPrefix(strings.TrimPrefix(m.at, cgroupRoot), "/")
		switch m.kind {
		case "cgroup":
			for _, c := range controllers {
				if slices.Contains(m.super, c) {
					g.Dirs[c] = dir
				}
			}
		case "cgroup2":
			text, _ := os.ReadFile(filepath.Join(m.at, "cgroup.controllers"))
			on, _ := os.ReadFile(filepath.Join(m.at, "cgroup.subtree_control"))
			for _, c := range controllers {
				if slices.Contains(strings.Fields(string(on)), c) || slices.Contains(strings.Fields(string(text)), c) && empty(m.at) {
					g.Dirs[c], g.V2[c] = dir, true
				}
			}
			g.Dirs[tracking] = dir
		}
	}
	if _, ok := g.Dirs[tracking]; !ok {
		for _, c := range controllers { // any hierarchy tells who belongs together
			if dir, ok := g.Dirs[c]; ok {
				g.Dirs[tracking] = dir
				break
			}
		}
	}
	return g
}

func writable(dir string) bool { return unix.Access(dir, unix.W_OK) == nil }

// empty reports whether controllers can be handed down from a group: it is the machine's root group, or no process is in it (cgroups(7), no internal processes).
func empty(dir string) bool {
	if _, err := os.Stat(filepath.Join(dir, "cgroup.type")); err != nil {
		return true // the root group has no type
	}
	text, err := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
	return err == nil && len(strings.TrimSpace(string(text))) == 0
}

// hierarchies lists the directories of all hierarchies that are used, each once.
func (g groups) hierarchies() []string {
	var out []string
	for _, d := range g.Dirs {
		out = append(out, d)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// make makes the control group of an instance below the root at, and sets its limits. It returns the directories that a process joins.
func (g groups) make(at, instance string, l limits) ([]string, error) {
	for _, c := range controllers {
		if g.V2[c] { // a failure shows at the limit
			hand(filepath.Join(at, g.Dirs[c]), c)
		}
	}
	var join []string
	for _, h := range g.hierarchies() {
		side := filepath.Join(at, h, g.Name)
		dir := filepath.Join(side, instance)
		if err := os.MkdirAll(side, 0o755); err != nil {
			return nil, err
		}
		for _, c := range controllers {
			if g.V2[c] && g.Dirs[c] == h {
				hand(side, c)
			}
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
		join = append(join, dir)
	}
	for _, w := range g.writes(l) {
		file := filepath.Join(at, g.Dirs[w.controller], g.Name, instance, w.file)
		if err := os.WriteFile(file, []byte(w.value), 0o644); err != nil {
			if w.optional && (errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission)) {
				continue
			}
			return nil, fmt.Errorf("%s of the control group cannot be set to %s: %w", w.file, w.value, errors.Unwrap(err))
		}
	}
	return join, nil
}

// hand hands a controller down to the groups below a group.
func hand(dir, controller string) {
	file := filepath.Join(dir, "cgroup.subtree_control")
	if text, err := os.ReadFile(file); err == nil && !slices.Contains(strings.Fields(string(text)), controller) {
		_ = os.WriteFile(file, []byte("+"+controller), 0o644)
	}
}

// setting is one file of a control group. An optional one is not there where the kernel does not keep account of it; Cannot says so beforehand.
type setting struct {
	controller, file, value string
	optional                bool
}

const period = 100_000 // microseconds, in which a quota of CPU time counts

// writes puts limits into the words of the hierarchies that are there.
func (g groups) writes(l limits) []setting {
	var out []setting
	add := func(controller string, n *int64, v2, v1 func(n int64) setting) {
		if n == nil || g.Dirs[controller] == "" && !g.V2[controller] {
			return
		}
		f := v1
		if g.V2[controller] {
			f = v2
		}
		s := f(*n)
		s.controller = controller
		out = append(out, s)
	}
	file := func(name string) func(int64) setting {
		return func(n int64) setting { return setting{file: name, value: strconv.FormatInt(n, 10)} }
	}
	add("memory", l.Memory, file("memory.max"), file("memory.limit_in_bytes"))
	if l.Swap != nil {
		both := *l.Swap
		if l.Memory != nil {
			both += *l.Memory
		}
		add("memory", l.Swap,
			func(n int64) setting { s := file("memory.swap.max")(n); s.optional = true; return s },
			func(int64) setting { s := file("memory.memsw.limit_in_bytes")(both); s.optional = true; return s })
	}
	quota := func(n int64) int64 { return max(n/(1_000_000_000/period), 1000) }
	add("cpu", l.CPU,
		func(n int64) setting { return setting{file: "cpu.max", value: fmt.Sprintf("%d %d", quota(n), period)} },
		func(n int64) setting { return file("cpu.cfs_quota_us")(quota(n)) })
	add("cpu", l.Weight, file("cpu.weight"), func(n int64) setting { return file("cpu.shares")(max(n*1024/100, 2)) })
	add("pids", l.Pids, file("pids.max"), file("pids.max"))
	return out
}

// members lists the processes of an instance's control group, as the caller numbers them.
func (g groups) members(at, instance string) []int {
	dir, ok := g.Dirs[tracking]
	if !ok {
		return nil
	}
	text, _ := os.ReadFile(filepath.Join(at, dir, g.Name, instance, "cgroup.procs"))
	var out []int
	for _, f := range strings.Fields(string(text)) {
		if n, err := strconv.Atoi(f); err == nil && n > 0 {
			out = append(out, n)
		}
	}
	return out
}

// remove removes the groups of a side from the machine. The kernel takes a moment to bury the dead.
func (g groups) remove() error {
	var last error
	for range 100 {
		last = nil
		for _, h := range g.hierarchies() {
			if err := removeGroup(filepath.Join(cgroupRoot, h, g.Name)); err != nil {
				last = err
			}
		}
		if last == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return last
}

func removeGroup(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := removeGroup(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
