package language

import (
	"path"
	"slices"
	"strings"
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
	if p := path.Join(dir, "pyproject.toml"); t.has(p) {
		pr.pyproject, _ = t.table(p)
	}
	if p := path.Join(dir, "Pipfile"); t.has(p) {
		pr.pipfile, _ = t.table(p)
	}
	if !pr.isProgram(t) {
		return Program{}, false
	}
	pr.deps = pr.dependencies(t)

	_, base := split(file)
	p := Program{Dir: dir, Language: Fact{"python", file, 0, base}}
	p.Version = pr.version(t)
	p.Manager, p.Lockfile = pr.manager(t)
	p.Install = pr.install(t, p.Manager, p.Lockfile, file)
	p.Build = Fact{File: file, Why: "Python needs no build"}
	p.Framework = framework(pr.deps)
	p.Commands = pr.commands()
	entryPoints(t, &p)
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
		if p := path.Join(pr.dir, l.file); t.has(p) {
			return Fact{l.manager, p, 0, l.file}, Fact{p, p, 0, l.file}
		}
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
		f.Value = "uv sync --frozen --no-dev"
	case manager.Value == "poetry" && lock.Value != "":
		f.Value = "poetry install --only main --no-interaction"
	case manager.Value == "pdm":
		f.Value = "pdm sync --prod --no-editable"
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
