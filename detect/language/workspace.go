package language

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// workspace is a directory whose lockfile and package manager count for the
// packages below it.
type workspace struct {
	dir      string
	file     string // its package.json
	patterns []string
}

// workspaceRoots reads the workspaces of npm, yarn and bun (package.json) and
// of pnpm (pnpm-workspace.yaml).
func workspaceRoots(t *tree, b buildFiles, packages map[string]value) []workspace {
	var out []workspace
	for _, p := range b.node {
		v, ok := packages[p]
		if !ok {
			continue
		}
		w, ok := v.get("workspaces")
		if ok && w.kind == '{' { // yarn v1: {"packages": [...], "nohoist": [...]}
			w, ok = w.get("packages")
		}
		if ok {
			dir, _ := split(p)
			out = append(out, workspace{dir, p, w.strings()})
		}
	}
	for _, p := range b.pnpm {
		data, ok := t.build(p)
		if !ok {
			continue
		}
		var ws struct {
			Packages []string `yaml:"packages"`
		}
		if err := yaml.Unmarshal(data, &ws); err != nil {
			msg := strings.TrimPrefix(err.Error(), "yaml: ")
			t.found(p, 0, "not a list of packages: "+strings.Join(strings.Fields(msg), " "), "mend the syntax; lift takes its packages for programs on their own")
			continue
		}
		dir, _ := split(p)
		out = append(out, workspace{dir, path.Join(dir, "package.json"), ws.Packages})
	}
	return out
}

// rootOf returns the nearest workspace that dir is the root or a member of.
func rootOf(roots []workspace, dir string) *workspace {
	var best *workspace
	for i := range roots {
		w := &roots[i]
		if !inside(dir, w.dir) || best != nil && len(w.dir) <= len(best.dir) {
			continue
		}
		if dir == w.dir || w.member(relative(dir, w.dir)) {
			best = w
		}
	}
	return best
}

func (w *workspace) member(rel string) bool {
	in := false
	for _, p := range w.patterns {
		p, not := strings.CutPrefix(p, "!")
		if glob(strings.Split(path.Clean(p), "/"), strings.Split(rel, "/")) {
			in = !not
		}
	}
	return in
}

// glob matches path elements; ** stands for any number of them. Only the last
// ** that was met has to try again, so that the cost stays quadratic.
func glob(pattern, elems []string) bool {
	p, e := 0, 0
	star, from := -1, 0
	for e < len(elems) {
		if p < len(pattern) && pattern[p] == "**" {
			star, from = p, e
			p++
			continue
		}
		if p < len(pattern) {
			if ok, err := path.Match(pattern[p], elems[e]); ok && err == nil {
				p++
				e++
				continue
			}
		}
		if star < 0 {
			return false
		}
		from++
		p, e = star+1, from
	}
	for p < len(pattern) && pattern[p] == "**" {
		p++
	}
	return p == len(pattern)
}

var nodeManagers = []string{"npm", "yarn", "pnpm", "bun"}

// nodeLockfiles in the order in which they are believed where there are
// several, which is a finding.
var nodeLockfiles = []struct{ file, manager string }{
	{"package-lock.json", "npm"}, {"npm-shrinkwrap.json", "npm"}, {"yarn.lock", "yarn"}, {"pnpm-lock.yaml", "pnpm"}, {"bun.lock", "bun"}, {"bun.lockb", "bun"},
}

// nodeManager goes by the packageManager field, then by the lockfile; of the
// package itself first, then of its workspace.
func nodeManager(t *tree, dir, file string, root *workspace, packages map[string]value) (manager, lock Fact) {
	dirs, files := []string{dir}, []string{file}
	if root != nil && root.dir != dir {
		dirs, files = append(dirs, root.dir), append(files, root.file)
	}
	for _, f := range files {
		pm, line := packages[f].str("packageManager")
		name, _, _ := strings.Cut(pm, "@")
		if slices.Contains(nodeManagers, name) {
			manager = Fact{name, f, line, "packageManager " + pm}
			break
		}
		if pm != "" {
			t.found(f, line, "packageManager "+pm+": not a package manager that lift knows", "use npm, yarn, pnpm or bun")
		}
	}
	for _, d := range dirs {
		var locks []string
		for _, l := range nodeLockfiles {
			p := path.Join(d, l.file)
			if !t.has(p) {
				continue
			}
			locks = append(locks, l.file)
			// The lockfile of another manager than the declared one is stale.
			if lock.Value == "" && (manager.Why == "" || manager.Value == l.manager) {
				lock = Fact{p, p, 0, l.file}
				if manager.Why == "" {
					manager = Fact{l.manager, p, 0, l.file}
				}
			}
		}
		if len(locks) > 1 && lock.Value != "" && d == dir {
			t.found(lock.File, 0, "one of several lockfiles: "+strings.Join(locks, ", "), "delete the stale ones; lift takes "+manager.Value)
		}
		if lock.Value != "" {
			break
		}
	}
	if manager.Why == "" {
		manager = Fact{Value: "npm", Why: "default: neither packageManager nor a lockfile"}
	}
	return manager, lock
}

// nodeInstall is the command that installs exactly what the lockfile says.
func nodeInstall(t *tree, v value, manager, lock Fact, file string, root *workspace, packages map[string]value) Fact {
	needs := false
	for _, table := range dependencyTables {
		d, _ := v.get(table)
		needs = needs || len(d.keys) > 0
		if root != nil {
			d, _ = packages[root.file].get(table)
			needs = needs || len(d.keys) > 0
		}
	}
	if !needs {
		return Fact{File: file, Why: "no dependencies"}
	}
	if lock.Value == "" {
		return Fact{manager.Value + " install", manager.File, manager.Line, "no lockfile of " + manager.Value + ": what is installed changes with time"}
	}
	f := Fact{File: lock.File, Why: path.Base(lock.File)}
	switch manager.Value {
	case "npm":
		f.Value = "npm ci"
	case "pnpm", "bun":
		f.Value = manager.Value + " install --frozen-lockfile"
	case "yarn":
		f.Value = "yarn install --frozen-lockfile"
		if why := yarnBerry(t, manager, lock.File); why != "" {
			f.Value, f.Why = "yarn install --immutable", why
		}
	}
	return f
}

// yarnBerry says why the lockfile is one of Yarn 2 or later, whose options
// differ from those of Yarn 1.
func yarnBerry(t *tree, manager Fact, lock string) string {
	if _, v, ok := strings.Cut(manager.Why, "packageManager yarn@"); ok {
		if n, _, ok := parseVersion(v); ok {
			if n[0] >= 2 {
				return manager.Why
			}
			return ""
		}
	}
	dir, _ := split(lock)
	if t.has(path.Join(dir, ".yarnrc.yml")) {
		return ".yarnrc.yml"
	}
	if data, err := t.head(lock, 4096); err == nil && bytes.Contains(data, []byte("__metadata:")) {
		return "__metadata in yarn.lock"
	}
	return ""
}
