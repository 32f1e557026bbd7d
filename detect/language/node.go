package language

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// findNode returns the programs that a package.json stands for.
func findNode(t *tree, b buildFiles) []Program {
	packages := map[string]value{}
	var broken []string
	for _, p := range b.node {
		if v, ok := t.object(p); ok {
			packages[p] = v
		} else {
			broken = append(broken, p)
		}
	}
	roots := workspaceRoots(t, b, packages)
	var out []Program
	for _, p := range broken { // a command may be found in its directory all the same, and must not be built then
		dir, _ := split(p)
		out = append(out, Program{Name: baseName(dir, ""), Dir: dir, Language: Fact{"node", p, 0, "package.json"}, Broken: t.lastFault(p)})
	}
	for _, p := range b.node {
		v, ok := packages[p]
		if !ok {
			continue
		}
		dir, _ := split(p)
		if !nodeProgram(t, v, dir) {
			continue
		}
		out = append(out, nodePackage(t, v, dir, p, rootOf(roots, dir), packages))
	}
	return out
}

// nodeProgram reports whether a package.json describes something to run, and
// not merely the root of a workspace or the tools of developers.
func nodeProgram(t *tree, v value, dir string) bool {
	for _, k := range [][]string{{"scripts", "start"}, {"main"}, {"bin"}} {
		if _, ok := v.get(k...); ok {
			return true
		}
	}
	if _, ok := t.within(dir, "server.js", "index.js", "app.js"); ok {
		return true
	}
	if _, ok := v.get("workspaces"); ok {
		return false
	}
	if t.has(path.Join(dir, "pnpm-workspace.yaml")) {
		return false
	}
	if deps, _ := v.get("dependencies"); len(deps.keys) > 0 {
		return true
	}
	return slices.ContainsFunc(t.files(dir), func(p string) bool { // a unit may name any script
		return slices.Contains([]string{".js", ".mjs", ".cjs"}, path.Ext(p)) && !strings.Contains(path.Base(p), ".config.")
	})
}

func nodePackage(t *tree, v value, dir, file string, root *workspace, packages map[string]value) Program {
	p := Program{Dir: dir, Language: Fact{"node", file, 0, "package.json"}}
	name, _ := v.str("name")
	p.Name = path.Base(name)
	if name == "" {
		p.Name = baseName(dir, "")
	}
	p.Version = nodeVersion(t, v, dir, file, root, packages)
	p.Manager, p.Lockfile = nodeManager(t, dir, file, root, packages)
	p.Install = nodeInstall(t, v, p.Manager, p.Lockfile, file, root, packages)
	p.Release = nodeRelease(t, p.Manager, p.Lockfile)
	p.Manifests = nodeManifests(t, dir, p.Manager.Value, p.Lockfile.Value)
	if root != nil && root.dir != dir && !inside(p.Lockfile.Value, dir) {
		p.member(t, v, root, packages)
	}
	if scripts, ok := v.get("scripts"); ok && scripts.kind == '{' {
		for i, k := range scripts.keys {
			if scripts.vals[i].kind == 's' {
				p.Tasks = append(p.Tasks, Task{k, Fact{scripts.vals[i].text, file, scripts.vals[i].line, "scripts." + k}})
			}
		}
	}
	if text, line := v.str("scripts", "build"); text != "" && p.Build.Value == "" {
		p.Build = Fact{p.Manager.Value + " run build", file, line, fmt.Sprintf("scripts.build: %s", text)}
	}
	p.Framework = nodeFramework(v, file)
	p.Commands = nodeCommands(v, file, p.Name)
	nodeStart(t, &p, v, file)
	if p.Name == "" {
		p.Name = nameAfterMain(p.Main.Value)
	}
	return p
}

// nameAfterMain names a program in the root of a tree that has no name.
func nameAfterMain(main string) string {
	base := path.Base(main)
	if base = strings.TrimSuffix(base, path.Ext(base)); base == "" {
		return "app"
	}
	return base
}

// nodeVersion goes by engines.node, .nvmrc, .node-version, then what volta,
// asdf, mise and the root of the workspace say.
func nodeVersion(t *tree, v value, dir, file string, root *workspace, packages map[string]value) Fact {
	var evidence []Fact
	if s, line := v.str("engines", "node"); s != "" {
		evidence = append(evidence, Fact{s, file, line, "engines.node"})
	}
	for _, name := range []string{".nvmrc", ".node-version"} {
		if p, ok := t.nearest(dir, name); ok {
			if s, line := t.firstLine(p); s != "" {
				evidence = append(evidence, Fact{s, p, line, name})
			}
		}
	}
	if s, line := v.str("volta", "node"); s != "" {
		evidence = append(evidence, Fact{s, file, line, "volta.node"})
	}
	if s, p, line := t.toolVersion(dir, "nodejs", "node"); s != "" {
		evidence = append(evidence, Fact{s, p, line, ".tool-versions"})
	}
	if root != nil && root.file != file {
		if s, line := packages[root.file].str("engines", "node"); s != "" {
			evidence = append(evidence, Fact{s, root.file, line, "engines.node of the workspace"})
		}
	}
	return t.chooseVersion(evidence, nodeMajor, Fact{Value: defaultNode, Why: "default: the tree names no version of Node.js"}, "node")
}

// chooseVersion takes the first evidence that can be understood. What it
// cannot understand, and a lower rank that contradicts a higher one, are
// findings: the machine may have followed the other one.
func (t *tree) chooseVersion(evidence []Fact, normal func(string) (string, bool), fallback Fact, what string) Fact {
	var best Fact
	var said string
	for _, e := range evidence {
		v, ok := normal(e.Value)
		switch {
		case !ok:
			t.found(e.File, e.Line, fmt.Sprintf("%s %q: no %s version that lift knows", e.Why, e.Value, what), "name a version, such as "+fallback.Value)
		case best.Why == "":
			best, said = Fact{v, e.File, e.Line, fmt.Sprintf("%s %s", e.Why, e.Value)}, e.Value
		case v != best.Value && !compatible(said, e.Value, what):
			t.found(e.File, e.Line, fmt.Sprintf("%s says %s, but %s has %s", e.Why, e.Value, best.File, best.Why),
				fmt.Sprintf("make them agree; lift takes %s %s", what, best.Value))
		}
	}
	if best.Why == "" {
		return fallback
	}
	return best
}

// compatible reports whether two statements leave a common line of releases.
func compatible(a, b, what string) bool {
	ra, ok1 := parseRange(a)
	rb, ok2 := parseRange(b)
	if !ok1 || !ok2 {
		return true // aliases such as lts/*: what they mean changes
	}
	lines := nodeMajors
	if what == "python" {
		lines = pythonMinors
	}
	return slices.ContainsFunc(lines, func(r release) bool {
		line := interval{triple{r[0]}, triple{r[0] + 1}}
		if what == "python" {
			line = interval{triple{r[0], r[1]}, triple{r[0], r[1] + 1}}
		}
		return ra.overlap(line) && rb.overlap(line)
	})
}

var dependencyTables = []string{"dependencies", "optionalDependencies", "devDependencies"}

// frameworks in order of how much they say: next brings its own server even
// where express is a dependency too.
var nodeFrameworks = []struct{ pkg, name string }{
	{"next", "next"},
	{"nuxt", "nuxt"},
	{"@nestjs/core", "nest"},
	{"@remix-run/serve", "remix"},
	{"@sveltejs/kit", "sveltekit"},
	{"astro", "astro"},
	{"@adonisjs/core", "adonis"},
	{"@strapi/strapi", "strapi"},
	{"fastify", "fastify"},
	{"express", "express"},
	{"koa", "koa"},
	{"@hapi/hapi", "hapi"},
	{"hono", "hono"},
	{"restify", "restify"},
	{"polka", "polka"},
	{"@feathersjs/feathers", "feathers"},
	{"meteor-node-stubs", "meteor"},
}

func nodeFramework(v value, file string) Fact {
	for _, f := range nodeFrameworks {
		if line, ok := v.has(f.pkg, dependencyTables...); ok {
			return Fact{f.name, file, line, "dependency " + f.pkg}
		}
	}
	return Fact{}
}

func nodeCommands(v value, file, name string) []Fact {
	bin, ok := v.get("bin")
	if !ok {
		return nil
	}
	if bin.kind == 's' {
		return []Fact{{name, file, bin.line, "bin " + bin.text}}
	}
	var out []Fact
	if bin.kind == '{' {
		for i, k := range bin.keys {
			out = append(out, Fact{k, file, bin.vals[i].line, "bin " + bin.vals[i].text})
		}
	}
	return out
}

// nodeStart fills Start and Main: the start script, then main, then the files
// that npm and people take for the beginning.
func nodeStart(t *tree, p *Program, v value, file string) {
	if text, line, chain := resolveScript(v, "start"); text != "" {
		p.Start = Fact{text, file, line, strings.Join(chain, ", ")}
		if script := scriptOf(text); script != "" {
			if m, ok := resolveModule(t, p.Dir, script); ok {
				p.Main = Fact{m, file, line, chain[len(chain)-1]}
			} else if !strings.ContainsAny(script, "$*") {
				// It is often made by the build: dist/server.js.
				p.Main = Fact{path.Clean(script), file, line, chain[len(chain)-1]}
			}
		}
		for _, hook := range []string{"prestart", "poststart"} {
			if text, line := v.str("scripts", hook); text != "" {
				t.found(file, line, fmt.Sprintf("scripts.%s (%s) runs with npm start only, not with %q", hook, text, p.Start.Value),
					"make it a step of the build or a job of its own")
			}
		}
	}
	if p.Main.Value == "" {
		if text, line := v.str("main"); text != "" {
			if m, ok := resolveModule(t, p.Dir, text); ok {
				p.Main = Fact{m, file, line, "main"}
			} else {
				p.Main = Fact{path.Clean(text), file, line, "main, not in the tree"}
			}
		}
	}
	if p.Main.Value == "" {
		for _, name := range []string{"server", "index", "app", "src/server", "src/index", "src/main", "src/app", "bin/www"} {
			if m, ok := resolveModule(t, p.Dir, name); ok {
				p.Main = Fact{m, path.Join(p.Dir, m), 0, "the file exists"}
				break
			}
		}
	}
	if p.Start.Value == "" && p.Main.Value != "" && path.Ext(p.Main.Value) != ".ts" {
		p.Start = Fact{"node " + p.Main.Value, p.Main.File, p.Main.Line, p.Main.Why}
	}
}

// resolveScript follows "npm run x" from script to script.
func resolveScript(v value, name string) (text string, line int, chain []string) {
	for range 5 {
		s, l := v.str("scripts", name)
		if s == "" {
			break
		}
		text, line, chain = s, l, append(chain, "scripts."+name)
		f := strings.Fields(s)
		switch {
		case len(f) == 3 && slices.Contains(nodeManagers, f[0]) && f[1] == "run":
			name = f[2]
		case len(f) == 2 && slices.Contains(nodeManagers, f[0]) && f[0] != "npm" && f[1] != "install":
			name = f[1]
		default:
			return text, line, chain
		}
	}
	return text, line, chain
}

// scriptOf returns the file that a one-command script gives to its runtime.
func scriptOf(text string) string {
	if strings.ContainsAny(text, "|;<>`\n") || strings.Contains(text, "&&") {
		return ""
	}
	words := strings.Fields(text)
	for i := range words {
		words[i] = strings.Trim(words[i], `"'`)
	}
	if len(words) == 0 {
		return ""
	}
	w := unwrap(words[0], words[1:])
	return w.script
}

// resolveModule finds the file that node loads for name, seen from dir:
// itself, with an extension, or the index of a directory. The result is
// relative to dir. TypeScript stands in for the JavaScript made from it.
func resolveModule(t *tree, dir, name string) (string, bool) {
	clean := path.Clean(name)
	if path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") {
		return "", false
	}
	stem := clean
	if ext := path.Ext(clean); ext == ".js" || ext == ".mjs" || ext == ".cjs" {
		stem = strings.TrimSuffix(clean, ext)
	}
	candidates := []string{clean}
	for _, ext := range sourceExtensions {
		candidates = append(candidates, clean+ext)
	}
	for _, ext := range sourceExtensions {
		candidates = append(candidates, path.Join(clean, "index"+ext))
	}
	if stem != clean {
		candidates = append(candidates, stem+".ts", stem+".mts", stem+".tsx", stem+".jsx")
	}
	for _, c := range candidates {
		if c != "." && t.has(path.Join(dir, c)) {
			return c, true
		}
	}
	return "", false
}

var sourceExtensions = []string{".js", ".mjs", ".cjs", ".ts", ".mts", ".tsx", ".jsx"}
