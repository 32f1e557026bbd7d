package language

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/internal/lazyregexp"
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
		var stale []string
		for _, l := range nodeLockfiles {
			p := path.Join(d, l.file)
			if !t.has(p) {
				continue
			}
			switch {
			case manager.Why == "":
				manager = Fact{l.manager, p, 0, l.file}
				lock = Fact{p, p, 0, l.file}
			case manager.Value != l.manager:
				stale = append(stale, p)
			case lock.Value == "":
				lock = Fact{p, p, 0, l.file}
			}
		}
		for _, p := range stale {
			t.contradiction(p, manager)
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

// contradiction tells of a lockfile of another package manager than the one that counts.
func (t *tree) contradiction(lock string, manager Fact) {
	at := manager.File
	if manager.Line > 0 {
		at += ":" + strconv.Itoa(manager.Line)
	}
	what := "contradicts " + at + ": two package managers"
	if manager.Why != path.Base(manager.File) {
		what = "contradicts " + at + ": " + manager.Why
	}
	if slices.ContainsFunc(t.findings, func(f Finding) bool { return f.File == lock && f.What == what }) {
		return // members of a workspace meet it again
	}
	t.found(lock, 0, what, "delete the stale one; lift takes "+manager.Value)
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
			plugNPlay(t, path.Dir(lock.File))
		}
	}
	return f
}

// plugNPlay warns of packages that stay in yarn's own cache, where the image does not have them.
func plugNPlay(t *tree, dir string) {
	file := path.Join(dir, ".yarnrc.yml")
	data, err := t.read(file)
	text := string(data)
	if err == nil && (strings.Contains(text, "nodeLinker: node-modules") || strings.Contains(text, "nodeLinker: pnpm") || strings.Contains(text, "enableGlobalCache: false")) {
		return
	}
	if !t.has(file) {
		file = path.Join(dir, "yarn.lock")
	}
	t.found(file, 0, "yarn keeps the packages in a cache outside of the tree (Plug'n'Play), of which the image gets nothing", "write nodeLinker: node-modules into .yarnrc.yml")
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

// nodeManifests are the files of a directory that an install reads.
func nodeManifests(t *tree, dir, manager, lock string) []string {
	out := []string{"package.json"}
	if d, base := split(lock); lock != "" && d == dir {
		out = append(out, base)
	}
	also := []string{".npmrc"}
	switch manager {
	case "pnpm":
		also = append(also, "pnpm-workspace.yaml", ".pnpmfile.cjs")
	case "yarn":
		also = append(also, ".yarnrc", ".yarnrc.yml", ".yarn")
	case "bun":
		also = append(also, "bunfig.toml")
	}
	for _, name := range also {
		if p := path.Join(dir, name); t.has(p) || name == ".yarn" && (t.hasDir(path.Join(p, "releases")) || t.hasDir(path.Join(p, "patches"))) {
			if name == ".npmrc" && tokenIn(t, p) {
				continue
			}
			out = append(out, name)
		}
	}
	return out
}

// tokenIn reports whether a .npmrc holds credentials, which never go into an image.
func tokenIn(t *tree, file string) bool {
	data, err := t.read(file)
	if err != nil {
		return false
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		key, _, _ := strings.Cut(line, "=")
		key = strings.TrimSpace(key)
		for _, end := range []string{"_authToken", "_auth", "_password"} {
			if strings.HasSuffix(key, end) {
				t.found(file, n, "holds credentials ("+end+") and is not copied into the image", "give it to the build as a secret: RUN --mount=type=secret,id=npmrc,target=/root/.npmrc")
				return true
			}
		}
	}
	return false
}

// member makes the program one of a workspace: it is installed from the workspace's lockfile with what it depends on, and built after the packages of the workspace that it uses.
func (p *Program) member(t *tree, v value, root *workspace, packages map[string]value) {
	p.Context = Fact{root.dir, p.Lockfile.File, p.Lockfile.Line, "workspace of " + path.Base(p.Lockfile.Value)}
	if p.Lockfile.Value == "" {
		p.Context = Fact{root.dir, root.file, 0, "workspaces of " + root.file}
	}
	p.Manifests = nodeManifests(t, root.dir, p.Manager.Value, p.Lockfile.Value)
	byName := map[string]string{} // package → its package.json
	var files []string
	for file, pkg := range packages {
		dir, _ := split(file)
		if file != root.file && inside(dir, root.dir) && root.member(relative(dir, root.dir)) {
			files = append(files, file)
			if name, _ := pkg.str("name"); name != "" {
				byName[name] = file
			}
		}
	}
	slices.Sort(files)
	for _, f := range files {
		p.Manifests = append(p.Manifests, relative(f, root.dir))
	}
	// Dependencies first: what the program uses of the workspace is built before it.
	var order []string
	seen := map[string]bool{}
	var visit func(file string)
	visit = func(file string) {
		if seen[file] {
			return
		}
		seen[file] = true
		for _, table := range dependencyTables {
			deps, _ := packages[file].get(table)
			for _, name := range deps.keys {
				if f, ok := byName[name]; ok {
					visit(f)
				}
			}
		}
		order = append(order, file)
	}
	visit(path.Join(p.Dir, "package.json"))
	p.Install.Value = p.filtered(p.Install.Value, v, relative(p.Dir, root.dir))
	var builds []string
	for _, f := range order {
		dir, _ := split(f)
		rel := relative(dir, root.dir)
		p.Parts = append(p.Parts, rel)
		text, line := packages[f].str("scripts", "build")
		if text == "" {
			continue
		}
		if name, _ := packages[f].str("name"); p.Manager.Value == "npm" || name == "" {
			builds = append(builds, "npm run build --workspace="+rel)
		} else {
			builds = append(builds, fmt.Sprintf(map[string]string{"pnpm": "pnpm --filter %s run build", "yarn": "yarn workspace %s run build", "bun": "bun run --filter %s build"}[p.Manager.Value], name))
		}
		p.Build = Fact{strings.Join(builds, " && "), f, line, "scripts.build: " + text}
	}
}

// filtered installs one member of a workspace with what it depends on, where the manager can.
func (p *Program) filtered(install string, v value, rel string) string {
	name, _ := v.str("name")
	switch {
	case install == "":
		return ""
	case p.Manager.Value == "npm":
		return install + " --workspace=" + rel
	case p.Manager.Value == "pnpm" && name != "":
		return install + " --filter " + name + "..."
	}
	return install
}

var lockfileVersion = lazyregexp.New(`(?m)^lockfileVersion: '?(\d+)(\.\d+)?'?`)

// nodeRelease is the version of the package manager: of packageManager, which corepack follows, or the major that writes such a lockfile.
func nodeRelease(t *tree, manager, lock Fact) string {
	if _, v, ok := strings.Cut(manager.Why, "packageManager "+manager.Value+"@"); ok {
		v, _, _ = strings.Cut(v, "+")
		return v
	}
	if manager.Value != "pnpm" || lock.Value == "" {
		return ""
	}
	data, err := t.head(lock.Value, 256)
	if err != nil {
		return ""
	}
	m := lockfileVersion.FindStringSubmatch(string(data))
	if m == nil {
		return ""
	}
	return map[string]string{"5": "7", "6": "8", "9": "9"}[m[1]]
}
