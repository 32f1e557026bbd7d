package language

import (
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/internal/lazyregexp"
)

func pythonBuildFile(base string) bool {
	switch base {
	case "pyproject.toml", "requirements.txt", "Pipfile", "setup.py", "uv.lock", "poetry.lock", "manage.py":
		return true
	}
	return false
}

func isPythonSource(base string) bool {
	return strings.HasSuffix(base, ".py") && !strings.HasPrefix(base, "test_") && !strings.HasSuffix(base, "_test.py") && base != "conftest.py"
}

// maxScripts bounds how many files are opened to find scripts that come
// without any build file.
const maxScripts = 400

// findPython returns the programs of the directories with a build file, and
// of those with scripts only that no build file covers.
func findPython(t *tree, b buildFiles) []Program {
	var out []Program
	taken := map[string]bool{}
	for _, dir := range b.python {
		if manageOnly(t, dir) && coveredBy(dir, b.python) {
			continue // the build file above is the program's: requirements.txt, shop/manage.py
		}
		if p, ok := pythonProject(t, dir); ok {
			out = append(out, p)
			taken[dir] = true
		}
	}
	opened := 0
	for _, dir := range b.pyDirs {
		if _, ok := slices.BinarySearch(b.python, dir); ok || taken[dir] || coveredBy(dir, b.python) {
			continue
		}
		if p, ok := pythonScripts(t, dir, &opened); ok {
			out = append(out, p)
		}
	}
	return out
}

// manageOnly reports that a directory's only build file is Django's manage.py,
// which says nothing about dependencies.
func manageOnly(t *tree, dir string) bool {
	_, other := t.within(dir, "pyproject.toml", "requirements.txt", "Pipfile", "setup.py", "uv.lock", "poetry.lock")
	return !other
}

// coveredBy reports whether one of the sorted directories lies above dir.
func coveredBy(dir string, dirs []string) bool {
	for d, ok := parent(dir); ok; d, ok = parent(d) {
		if _, found := slices.BinarySearch(dirs, d); found {
			return true
		}
	}
	return false
}

// pyProject is what the build files of one directory say.
type pyProject struct {
	dir       string
	pyproject table
	pipfile   table
	deps      []Fact // Value is the normalised name
}

func pythonProject(t *tree, dir string) (Program, bool) {
	pr := pyProject{dir: dir}
	file, ok := t.within(dir, "pyproject.toml", "Pipfile", "setup.py", "requirements.txt", "uv.lock", "poetry.lock", "manage.py")
	if !ok {
		return Program{}, false
	}
	broken := Fact{}
	for name, tab := range map[string]*table{"pyproject.toml": &pr.pyproject, "Pipfile": &pr.pipfile} {
		if p := path.Join(dir, name); t.has(p) {
			var ok bool
			if *tab, ok = t.table(p); !ok {
				broken = t.lastFault(p)
			}
		}
	}
	if !pr.isProgram(t) {
		return Program{}, false
	}
	pr.deps = pr.dependencies(t)

	_, base := split(file)
	p := Program{Dir: dir, Language: Fact{"python", file, 0, base}, Broken: broken}
	p.Version = pr.version(t)
	p.Manager, p.Lockfile = pr.manager(t)
	p.Install = pr.install(t, p.Manager, p.Lockfile, file)
	p.Manifests, p.Release = pr.manifests(t, p.Manager, p.Lockfile)
	p.Build = Fact{File: file, Why: "Python needs no build"}
	p.Framework = framework(pr.deps)
	p.Commands = pr.commands()
	entryPoints(t, &p)
	pr.extras(t)
	pr.start(&p)
	for _, k := range []string{"project.name", "tool.poetry.name"} {
		if e, ok := pr.pyproject.get(k); ok && p.Name == "" {
			p.Name = e.text
		}
	}
	if p.Name == "" {
		p.Name = baseName(dir, nameAfterMain(p.Main.Value))
	}
	return p, true
}

// isProgram leaves out build files that only configure tools (ruff, black) or
// build documentation.
func (pr *pyProject) isProgram(t *tree) bool {
	if t.has(path.Join(pr.dir, "manage.py")) {
		return true
	}
	if t.has(path.Join(pr.dir, "conf.py")) && (path.Base(pr.dir) == "docs" || path.Base(pr.dir) == "doc") {
		return false
	}
	if pr.pyproject.any("project", "tool.poetry", "tool.pdm", "build-system") {
		return true
	}
	if pr.pyproject.any("tool.uv.workspace") {
		return false // the root of a workspace, and nothing else
	}
	if _, ok := t.within(pr.dir, "Pipfile", "setup.py", "uv.lock", "poetry.lock"); ok {
		return true
	}
	return slices.ContainsFunc(t.under(pr.dir), func(p string) bool {
		dir, base := split(p)
		return isPythonSource(base) && base != "setup.py" && !skipped(relative(dir, pr.dir))
	})
}

// version goes by .python-version, runtime.txt, Pipfile, pyproject.toml, then
// .tool-versions.
func (pr *pyProject) version(t *tree) Fact {
	var evidence []Fact
	if p, ok := t.nearest(pr.dir, ".python-version"); ok {
		if s, line := t.firstLine(p); s != "" {
			evidence = append(evidence, Fact{s, p, line, ".python-version"})
		}
	}
	if p := path.Join(pr.dir, "runtime.txt"); t.has(p) {
		if s, line := t.firstLine(p); strings.HasPrefix(s, "python-") {
			evidence = append(evidence, Fact{s, p, line, "runtime.txt"})
		}
	}
	for _, k := range []string{"requires.python_full_version", "requires.python_version"} {
		if e, ok := pr.pipfile.get(k); ok && e.text != "" {
			evidence = append(evidence, Fact{e.text, path.Join(pr.dir, "Pipfile"), e.line, k})
		}
	}
	for _, k := range []string{"project.requires-python", "tool.poetry.dependencies.python"} {
		if e, ok := pr.pyproject.get(k); ok && e.text != "" {
			evidence = append(evidence, Fact{e.text, path.Join(pr.dir, "pyproject.toml"), e.line, strings.TrimPrefix(k, "project.")})
		}
	}
	if s, p, line := t.toolVersion(pr.dir, "python"); s != "" {
		evidence = append(evidence, Fact{s, p, line, ".tool-versions"})
	}
	return t.chooseVersion(evidence, pythonMinor, defaultPythonFact, "python")
}

var defaultPythonFact = Fact{Value: defaultPython, Why: "default: the tree names no version of Python"}

// manager goes by the lockfile, then by the build file.
func (pr *pyProject) manager(t *tree) (manager, lock Fact) {
	for _, l := range []struct{ file, manager string }{
		{"uv.lock", "uv"}, {"poetry.lock", "poetry"}, {"pdm.lock", "pdm"}, {"Pipfile.lock", "pipenv"},
	} {
		p := path.Join(pr.dir, l.file)
		switch {
		case !t.has(p):
		case lock.Value == "":
			manager, lock = Fact{l.manager, p, 0, l.file}, Fact{p, p, 0, l.file}
		default:
			t.contradiction(p, manager)
		}
	}
	if lock.Value != "" {
		return manager, lock
	}
	if p, ok := uvWorkspace(t, pr.dir); ok {
		return Fact{"uv", p, 0, "uv.lock of the workspace"}, Fact{p, p, 0, "uv.lock of the workspace"}
	}
	pyproject := path.Join(pr.dir, "pyproject.toml")
	switch {
	case t.has(path.Join(pr.dir, "requirements.txt")):
		p := path.Join(pr.dir, "requirements.txt")
		return Fact{"pip", p, 0, "requirements.txt"}, Fact{}
	case t.has(path.Join(pr.dir, "Pipfile")):
		return Fact{"pipenv", path.Join(pr.dir, "Pipfile"), 0, "Pipfile"}, Fact{}
	case pr.pyproject.any("tool.poetry.dependencies"):
		e, _ := pr.pyproject.get("tool.poetry.dependencies")
		return Fact{"poetry", pyproject, e.line, "tool.poetry"}, Fact{}
	case len(pr.deps) > 0:
		return Fact{"pip", pr.deps[0].File, pr.deps[0].Line, "dependencies without a lockfile"}, Fact{}
	}
	return Fact{Why: "no dependencies"}, Fact{}
}

// uvWorkspace returns the uv.lock of the workspace above that names dir as a
// member.
func uvWorkspace(t *tree, dir string) (string, bool) {
	for d, ok := parent(dir); ok; d, ok = parent(d) {
		lock, file := path.Join(d, "uv.lock"), path.Join(d, "pyproject.toml")
		if !t.has(lock) || !t.has(file) {
			continue
		}
		data, err := t.read(file)
		if err != nil {
			continue
		}
		tab, _, err := parseTOML(data)
		if err != nil {
			continue
		}
		if e, ok := tab.get("tool.uv.workspace.members"); ok {
			w := workspace{dir: d, patterns: e.items}
			return lock, w.member(relative(dir, d))
		}
	}
	return "", false
}

func (pr *pyProject) install(t *tree, manager, lock Fact, file string) Fact {
	if len(pr.deps) == 0 {
		return Fact{File: file, Why: "no dependencies"}
	}
	f := Fact{File: manager.File, Line: manager.Line, Why: manager.Why}
	switch {
	case manager.Value == "uv":
		f.Value = "uv sync --frozen --no-dev" + pr.without(t, " --no-install-project")
	case manager.Value == "poetry" && lock.Value != "":
		f.Value = "poetry install --only main --no-interaction" + pr.without(t, " --no-root")
	case manager.Value == "pdm":
		f.Value = "pdm sync --prod" + pr.without(t, " --no-self")
	case manager.Value == "pipenv" && lock.Value != "":
		f.Value = "pipenv sync"
	case manager.Value == "poetry", manager.Value == "pipenv":
		f.Value, f.Why = manager.Value+" install", "no lockfile of "+manager.Value+": what is installed changes with time"
	case t.has(path.Join(pr.dir, "requirements.txt")):
		f.Value = "pip install -r requirements.txt"
		if hashed(t, path.Join(pr.dir, "requirements.txt")) {
			f.Value, f.Why = "pip install --require-hashes -r requirements.txt", "requirements.txt, with hashes"
		}
	default:
		f.Value = "pip install ."
	}
	return f
}

// commands are the programs that installing the project puts into bin.
func (pr *pyProject) commands() []Fact {
	var out []Fact
	for _, k := range []string{"project.scripts", "tool.poetry.scripts"} {
		for _, e := range pr.pyproject.below(k) {
			name := e.key[len(k)+1:]
			out = append(out, Fact{name, path.Join(pr.dir, "pyproject.toml"), e.line, k + " " + e.text})
		}
	}
	return out
}

// start says how such a program is usually started in production.
func (pr *pyProject) start(p *Program) {
	has := func(name string) (Fact, bool) {
		i := slices.IndexFunc(pr.deps, func(f Fact) bool { return f.Value == name })
		if i < 0 {
			return Fact{}, false
		}
		return pr.deps[i], true
	}
	if p.App.Value != "" {
		for _, server := range []string{"gunicorn", "uvicorn", "hypercorn", "granian", "waitress"} {
			d, ok := has(server)
			asgi := strings.Contains(p.App.Why, "ASGI")
			if !ok || asgi && server != "uvicorn" && server != "hypercorn" && server != "granian" || !asgi && server == "uvicorn" {
				continue
			}
			command := server
			if server == "waitress" {
				command = "waitress-serve"
			}
			// The module is named as seen from manage.py.
			if dir, base := split(p.Main.Value); base == "manage.py" && dir != "." {
				if server != "gunicorn" && server != "uvicorn" {
					continue
				}
				command += map[string]string{"gunicorn": " --chdir ", "uvicorn": " --app-dir "}[server] + dir
			}
			p.Start = Fact{command + " " + p.App.Value, d.File, d.Line, "dependency " + server + " and " + p.App.Why}
			return
		}
	}
	if len(p.Commands) == 1 {
		p.Start = p.Commands[0]
		return
	}
	if p.Main.Value != "" && path.Base(p.Main.Value) != "manage.py" {
		p.Start = Fact{"python " + p.Main.Value, p.Main.File, p.Main.Line, p.Main.Why}
		if dir, base := split(p.Main.Value); base == "__main__.py" && dir != "." {
			p.Start.Value = "python -m " + strings.ReplaceAll(strings.TrimPrefix(dir, "src/"), "/", ".")
		}
	}
}

// without returns the option that leaves the project itself out of an install, unless the program needs it installed: for its commands, or because its code lies in src. Else it is run
// from its directory.
func (pr *pyProject) without(t *tree, option string) string {
	if pr.pyproject.any("build-system", "tool.poetry") && (len(pr.commands()) > 0 || t.hasDir(path.Join(pr.dir, "src"))) {
		return ""
	}
	return option
}

var poetryRelease = lazyregexp.New(`@generated by Poetry (\d+\.\d+\.\d+)`)

// manifests are the files that the install reads; none where it reads the project's code as well. release is the manager's version, as far as its lockfile tells.
func (pr *pyProject) manifests(t *tree, manager, lock Fact) (files []string, release string) {
	if lock.Value != "" && !inside(lock.Value, pr.dir) {
		return nil, ""
	}
	if lock.Value != "" {
		_, base := split(lock.Value)
		files = []string{base}
	}
	switch manager.Value {
	case "pip":
		if !t.has(path.Join(pr.dir, "requirements.txt")) {
			return nil, "" // pip install . needs the code
		}
		files, ok := requirementFiles(t, path.Join(pr.dir, "requirements.txt"), nil)
		if !ok {
			return nil, ""
		}
		for i := range files {
			files[i] = relative(files[i], pr.dir)
		}
		return files, ""
	case "pipenv":
		files = append([]string{"Pipfile"}, files...)
	case "":
		return nil, ""
	default:
		files = append([]string{"pyproject.toml"}, files...)
	}
	if manager.Value == "poetry" && lock.Value != "" {
		if data, err := t.head(lock.Value, 512); err == nil {
			if m := poetryRelease.FindStringSubmatch(string(data)); m != nil {
				release = m[1]
			}
		}
	}
	return files, release
}

// extras tells of optional dependencies: which of them the machine has, nothing in the tree says.
func (pr *pyProject) extras(t *tree) {
	file := path.Join(pr.dir, "pyproject.toml")
	for _, table := range []string{"project.optional-dependencies", "tool.poetry.extras"} {
		for _, e := range pr.pyproject.below(table) {
			name := e.key[len(table)+1:]
			if slices.Contains([]string{"dev", "test", "tests", "testing", "docs", "doc", "lint", "typing"}, name) || len(e.items) == 0 {
				continue
			}
			t.found(file, e.line, "the extra "+name+" ("+strings.Join(e.items, ", ")+") is not installed: nothing says that the machine has it", "if it has, add the extra to the install in the Dockerfile, or make its packages plain dependencies")
		}
	}
}
