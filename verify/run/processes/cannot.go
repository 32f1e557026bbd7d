//go:build linux

package processes

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
)

// Cannot tells what this machine cannot grant, and what the sources do not tell of the machine that they describe.
func (Runner) Cannot(_ context.Context, s run.System) []run.Untested {
	var out []run.Untested
	g := findGroups()
	here := boundingHere()
	most := mostFiles()
	for _, w := range s.App.Workloads {
		not := func(aspect, format string, args ...any) {
			out = append(out, run.Untested{Workload: w.Name, Aspect: aspect, Why: fmt.Sprintf(format, args...)})
		}
		if soft, hard := filesOf(w.Resources.Files); !w.Resources.Files.Soft.IsSet() && !w.Resources.Files.Hard.IsSet() {
			not("limits.nofile.hard", "the sources do not tell how many open files there may be")
			not("limits.nofile.soft", "the sources do not tell how many open files there may be")
		} else if hard > most {
			not("limits.nofile.hard", "nobody gets more than %d open files from here: that is the hard limit of lift itself", most)
			if soft > most {
				not("limits.nofile.soft", "nobody gets more than %d open files from here: that is the hard limit of lift itself", most)
			}
		}
		l := limitsOf(w.Resources)
		for _, c := range []struct {
			controller, aspect string
			asked              bool
		}{{"memory", "cgroup.memory", l.Memory != nil}, {"memory", "cgroup.swap", l.Swap != nil}, {"cpu", "cgroup.cpu", l.CPU != nil}, {"pids", "cgroup.pids", l.Pids != nil}} {
			if _, ok := g.Dirs[c.controller]; c.asked && !ok {
				not(c.aspect, "the controller %s of control groups cannot be used here", c.controller)
			} else if c.aspect == "cgroup.swap" && c.asked && !swapCounts(g) {
				not(c.aspect, "this kernel keeps no account of swap")
			}
		}
		if set, err := capabilitySet(w.Security.Capabilities); err == nil && set != everyCapability && set&^here != 0 {
			not("security.capabilities", "lift itself does not have all of the capabilities")
		}
		id, _ := identify(w)
		if !id.known {
			not("user", "only the machine that the sources describe knows the number of the user")
		}
		if !id.group {
			not("group", "only the machine that the sources describe knows the number of the group")
		}
		if _, why := instances(w); why != "" {
			not("replicas", "%s", why)
		}
		if underSystemd(s, w) && !has(w, "LANG") && !has(w, "LC_ALL") && !has(w, "LC_CTYPE") {
			not("locale", "only the machine that the sources describe knows the language that systemd gives its programs")
			not("env.LANG", "only the machine that the sources describe knows the language that systemd gives its programs")
		}
		if s.Witness != nil && s.Witness.Plans[w.Name].Socket != "" {
			for _, list := range []struct {
				aspect string
				tasks  []deploy.Task
			}{{"before", w.Before}, {"started", w.Started}, {"stopping", w.Stopping}} {
				for _, t := range list.tasks {
					if !independent(w, t) {
						not(list.aspect, "a command beside the program needs the program's files, whose place the witness takes")
						break
					}
				}
			}
		}
	}
	return out
}

func has(w deploy.Workload, variable string) bool {
	for _, e := range w.Env {
		if e.Name == variable {
			return true
		}
	}
	return false
}

// swapCounts reports whether swap can be bounded.
func swapCounts(g groups) bool {
	if g.V2["memory"] { // the root group has no limits of its own: a kernel that can swap has the account
		_, err := os.Stat("/proc/swaps")
		return err == nil
	}
	_, err := os.Stat(filepath.Join(cgroupRoot, g.Dirs["memory"], "memory.memsw.limit_in_bytes"))
	return err == nil
}
