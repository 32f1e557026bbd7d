//go:build linux

package processes

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
)

// interpreters are the programs that may lie elsewhere on this machine than on the one that the sources describe, with the names under which they may be found here.
var interpreters = map[string][]string{
	"node": {"node", "nodejs"}, "nodejs": {"nodejs", "node"}, "npm": {"npm"}, "npx": {"npx"}, "python3": {"python3"}, "python": {"python3", "python"},
}

// interpreter is the known interpreter that a word of a command names, "" for none.
func interpreter(word string) string {
	if base := path.Base(word); interpreters[base] != nil {
		return base
	}
	return ""
}

// interpreters sees to it that the interpreters that a workload calls are found where it calls them.
func (p *plan) interpreters(w deploy.Workload, u unit) {
	var calls []string
	argv := u.Command.arguments(u.World.Env)
	if u.Command.Shell != "" {
		calls = strings.Fields(u.Command.Script)
	} else if len(argv) > 0 {
		calls = argv[:1]
	}
	for _, call := range calls {
		name := interpreter(call)
		if name == "" || strings.HasPrefix(call, "./") {
			continue
		}
		at := call
		switch {
		case !strings.Contains(call, "/"):
			if found(call, u.World.Env) || p.inVenv(w, call) {
				continue
			}
			at = "/usr/local/bin/" + name
		case !path.IsAbs(call) || p.ofProgram(w, call):
			continue
		}
		if _, err := os.Stat(at); err == nil || slices.ContainsFunc(p.side.Links, func(l [2]string) bool { return l[0] == at }) {
			continue
		}
		for _, other := range interpreters[name] {
			here, err := exec.LookPath(other)
			if err != nil {
				continue
			}
			if here, err = filepath.EvalSymlinks(here); err != nil {
				continue
			}
			p.side.Links = append(p.side.Links, [2]string{at, here})
			p.sys.Progress("processes: %s: %s is %s on this machine", w.Name, at, here)
			break
		}
	}
}

// found reports whether the machine has a program in the search path of an environment.
func found(program string, env []string) bool {
	for dir := range strings.SplitSeq(variable(env, "PATH"), ":") {
		if st, err := os.Stat(path.Join(dir, program)); err == nil && st.Mode()&0o111 != 0 {
			return true
		}
	}
	return false
}

// inVenv reports whether a program comes with the workload's virtual environment.
func (p *plan) inVenv(w deploy.Workload, program string) bool {
	m := p.program[w.Name]
	return m != nil && m.venv != "" && strings.HasPrefix(program, "python")
}

// ofProgram reports whether a path lies in what was made for the workload.
func (p *plan) ofProgram(w deploy.Workload, at string) bool {
	m := p.program[w.Name]
	return m != nil && (under(at, m.at) || m.venv != "" && under(at, m.venv))
}
