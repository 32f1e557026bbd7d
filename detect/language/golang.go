package language

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	gotoken "go/token"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// isGoSource leaves out tests, what the go command ignores, and files for
// other systems than Linux.
func isGoSource(base string) bool {
	stem, ok := strings.CutSuffix(base, ".go")
	if !ok || stem == "" || stem[0] == '_' || stem[0] == '.' || strings.HasSuffix(stem, "_test") {
		return false
	}
	elems := strings.Split(stem, "_")
	for _, e := range elems[max(1, len(elems)-2):] {
		switch e {
		case "windows", "darwin", "freebsd", "netbsd", "openbsd", "dragonfly", "solaris", "illumos", "aix", "plan9", "js", "wasip1", "ios", "android", "wasm":
			return false
		}
	}
	return true
}

// goModule is a go.mod with what of it matters.
type goModule struct {
	dir, file, path string
	version         Fact
	requires        bool
	framework       Fact
	work            Fact              // the go.work that uses it; Value is its directory
	local           map[string]string // module path → directory, for replacements and workspace members
}

// findGo returns a program for each package main of a module.
func findGo(t *tree, b buildFiles) []Program {
	modules := goModules(t, b)
	var out []Program
	for _, dir := range b.goDirs {
		m := moduleOf(modules, dir)
		if m == nil {
			if len(modules) == 0 && t.has(path.Join(dir, "main.go")) && packageName(t, dir) == "main" {
				t.found(path.Join(dir, "main.go"), 0, "package main outside of any module", "run go mod init at the root of the code")
			}
			continue
		}
		if packageName(t, dir) != "main" {
			continue
		}
		out = append(out, goProgram(t, m, dir))
	}
	return out
}

func moduleOf(modules map[string]*goModule, dir string) *goModule {
	for d, ok := dir, true; ok; d, ok = parent(d) {
		if m := modules[d]; m != nil {
			return m
		}
	}
	return nil
}

func goModules(t *tree, b buildFiles) map[string]*goModule {
	modules := map[string]*goModule{}
	for _, dir := range b.goMod {
		modules[dir] = readModule(t, dir)
	}
	for _, dir := range b.goWork {
		readWork(t, dir, modules)
	}
	return modules
}

func readModule(t *tree, dir string) *goModule {
	m := &goModule{dir: dir, file: path.Join(dir, "go.mod"), local: map[string]string{}}
	m.version = Fact{Value: defaultGo, Why: "default: go.mod names no version of Go"}
	data, ok := t.build(m.file)
	if !ok {
		return m
	}
	f, err := modfile.Parse(m.file, data, nil)
	if err != nil {
		t.syntax(m.file, err)
		// What a later Go may have added does not matter here.
		if f, err = modfile.ParseLax(m.file, data, nil); err != nil {
			m.path = modfile.ModulePath(data)
			return m
		}
	}
	if f.Module != nil {
		m.path = f.Module.Mod.Path
	}
	m.requires = len(f.Require) > 0
	m.framework = goFramework(m.file, f.Require)
	m.version = goVersion(m.version, m.file, f.Go, f.Toolchain)
	for _, r := range f.Replace {
		if modfile.IsDirectoryPath(r.New.Path) && !path.IsAbs(r.New.Path) {
			m.local[r.Old.Path] = path.Join(dir, r.New.Path)
		}
	}
	return m
}

// goVersion prefers the toolchain directive: it is what the go command runs.
func goVersion(f Fact, file string, g *modfile.Go, tc *modfile.Toolchain) Fact {
	if g != nil {
		f = Fact{goMinor(g.Version), file, g.Syntax.Start.Line, "go " + g.Version}
	}
	if tc != nil && strings.HasPrefix(tc.Name, "go1") {
		f = Fact{goMinor(tc.Name), file, tc.Syntax.Start.Line, "toolchain " + tc.Name}
	}
	return f
}

// readWork applies a go.work to the modules that it uses.
func readWork(t *tree, dir string, modules map[string]*goModule) {
	file := path.Join(dir, "go.work")
	data, ok := t.build(file)
	if !ok {
		return
	}
	f, err := modfile.ParseWork(file, data, nil)
	if err != nil {
		t.syntax(file, err)
		return
	}
	version := goVersion(Fact{}, file, f.Go, f.Toolchain)
	local := map[string]string{}
	var used []*goModule
	for _, u := range f.Use {
		m := modules[path.Join(dir, u.Path)]
		if m == nil {
			t.found(file, u.Syntax.Start.Line, "use "+u.Path+": no go.mod there", "remove the line or add the module")
			continue
		}
		used = append(used, m)
		local[m.path] = m.dir
	}
	for _, m := range used {
		m.work = Fact{dir, file, 0, "go.work"}
		if version.Why != "" && compareGo(version.Value, m.version.Value) > 0 {
			m.version = version
		}
		for p, d := range local {
			if p != m.path {
				m.local[p] = d
			}
		}
	}
}

func compareGo(a, b string) int {
	va, _, _ := parseVersion(a)
	vb, _, _ := parseVersion(b)
	switch {
	case va.less(vb):
		return -1
	case vb.less(va):
		return 1
	}
	return 0
}

// syntax turns the errors of modfile into findings.
func (t *tree) syntax(file string, err error) {
	const remedy = "mend the line; the go command refuses it too"
	var list modfile.ErrorList
	if !errors.As(err, &list) {
		t.found(file, 0, err.Error(), remedy)
		return
	}
	for _, e := range list {
		what := fmt.Sprint(e.Err)
		if e.Verb != "" {
			what = e.Verb + ": " + what
		}
		t.found(file, e.Pos.Line, what, remedy)
	}
}

// packageName reads package clauses until one is not excluded by its build
// constraint; all files of a directory share it.
func packageName(t *tree, dir string) string {
	files := t.files(dir)
	if main := path.Join(dir, "main.go"); t.has(main) {
		files = append([]string{main}, files...)
	}
	tries := 0
	for _, f := range files {
		if _, base := split(f); !isGoSource(base) {
			continue
		}
		if tries++; tries > 20 {
			break
		}
		for _, limit := range []int64{4 << 10, maxFile} { // licences can be long
			data, err := t.head(f, limit)
			if err != nil {
				break
			}
			file, err := parser.ParseFile(gotoken.NewFileSet(), f, data, parser.PackageClauseOnly|parser.ParseComments|parser.SkipObjectResolution)
			if err != nil || file.Name == nil {
				if int64(len(data)) < limit {
					break
				}
				continue
			}
			if !buildable(file) {
				break
			}
			return file.Name.Name
		}
	}
	return ""
}

// buildable evaluates //go:build as a plain build for Linux does.
func buildable(file *ast.File) bool {
	for _, group := range file.Comments {
		if group.Pos() > file.Package {
			break
		}
		for _, c := range group.List {
			if !constraint.IsGoBuild(c.Text) {
				continue
			}
			expr, err := constraint.Parse(c.Text)
			if err != nil {
				return true
			}
			return expr.Eval(func(tag string) bool {
				switch tag {
				case "linux", "unix", "amd64", "arm64", "cgo", "gc":
					return true
				}
				return strings.HasPrefix(tag, "go1.")
			})
		}
	}
	return true
}

func goProgram(t *tree, m *goModule, dir string) Program {
	p := Program{Dir: m.dir, Language: Fact{"go", m.file, 0, "go.mod"}, Version: m.version}
	rel := relative(dir, m.dir)
	mainFile := dir
	if f := path.Join(dir, "main.go"); t.has(f) {
		mainFile = f
	}
	if rel == "." {
		p.Name = moduleBase(m.path)
		if p.Name == "" {
			p.Name = baseName(m.dir, "app")
		}
		p.Main = Fact{".", mainFile, 0, "package main"}
	} else {
		p.Name = path.Base(rel)
		p.Main = Fact{"./" + rel, mainFile, 0, "package main"}
	}
	p.Manager = Fact{"go", m.file, 0, "go.mod"}
	if sum := path.Join(m.dir, "go.sum"); t.has(sum) {
		p.Lockfile = Fact{sum, sum, 0, "go.sum"}
	}
	p.Manifests = []string{"go.mod"}
	if p.Lockfile.Value != "" {
		p.Manifests = append(p.Manifests, "go.sum")
	}
	p.Install = Fact{File: m.file, Why: "no dependencies"}
	if m.requires {
		p.Install = Fact{"go mod download", m.file, 0, "require in go.mod"}
		if p.Lockfile.Value == "" {
			p.Install.Why += ", without a go.sum: what is built is not checked"
		}
	}
	dirs := []string{m.dir}
	if m.work.Why != "" && m.work.Value != m.dir {
		dirs = append(dirs, m.work.Value)
	}
	for _, d := range dirs {
		if v := path.Join(d, "vendor/modules.txt"); t.has(v) {
			p.Vendor = Fact{path.Join(d, "vendor"), v, 0, "vendor/modules.txt"}
			p.Install = Fact{File: v, Why: "dependencies are in vendor"}
			break
		}
	}
	p.Build = Fact{"go build -o bin/" + p.Name + " " + p.Main.Value, p.Main.File, 0, "package main in " + p.Main.Value}
	p.Start = Fact{"bin/" + p.Name, p.Main.File, 0, "what the build makes"}
	p.Framework = m.framework
	return p
}

// goFrameworks are looked up among the requirements of the module.
var goFrameworks = []struct{ path, name string }{
	{"github.com/gin-gonic/gin", "gin"},
	{"github.com/labstack/echo", "echo"},
	{"github.com/gofiber/fiber", "fiber"},
	{"github.com/go-chi/chi", "chi"},
	{"github.com/gorilla/mux", "gorilla"},
	{"google.golang.org/grpc", "grpc"},
	{"connectrpc.com/connect", "connect"},
}

func goFramework(file string, require []*modfile.Require) Fact {
	for _, fw := range goFrameworks {
		for _, r := range require {
			if !r.Indirect && (r.Mod.Path == fw.path || strings.HasPrefix(r.Mod.Path, fw.path+"/")) {
				return Fact{fw.name, file, r.Syntax.Start.Line, "require " + r.Mod.Path}
			}
		}
	}
	return Fact{}
}

// moduleBase is the last element of a module path that is not a major version.
func moduleBase(modulePath string) string {
	elems := strings.Split(modulePath, "/")
	if n := len(elems); n > 1 && len(elems[n-1]) > 1 && elems[n-1][0] == 'v' && strings.Trim(elems[n-1][1:], "0123456789") == "" {
		elems = elems[:n-1]
	}
	base := elems[len(elems)-1]
	if before, _, ok := strings.Cut(base, ".v"); ok && slices.Contains(elems, "gopkg.in") {
		base = before
	}
	return base
}
