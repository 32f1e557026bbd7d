package language

import (
	"path"
	"slices"
	"strings"
)

// python scans Python.
func (s *scan) python(app Fact) {
	entry := s.scripted()
	if app.File != "" && strings.HasSuffix(app.File, ".py") {
		entry = append(entry, app.File)
	}
	for _, name := range []string{"gunicorn.conf.py", "gunicorn_config.py", "gunicorn_conf.py"} {
		if f, ok := s.within(s.dir, name); ok && len(entry) > 0 {
			entry = append(entry, f)
		}
	}
	// Modules that are imported by name are looked for where python does: in
	// the directory of the script, and in those of the project.
	roots := []string{s.dir, path.Join(s.dir, "src")}
	for _, f := range entry {
		if d, _ := split(f); !slices.Contains(roots, d) {
			roots = append(roots, d)
		}
	}
	byConvention := s.framework == "django" || s.framework == "celery"
	rest := func() []string {
		return s.sources(func(base string) bool { return isPythonSource(base) && base != "setup.py" },
			"pyproject.toml", "requirements.txt", "Pipfile", "setup.py")
	}
	files := s.load(entry, byConvention, rest, python, func(f source) ([]string, bool) { return s.pythonImports(f, roots) })
	var helpers []string
	for _, f := range files {
		helpers = append(helpers, pyHelpers(f.toks)...)
	}
	for _, f := range files {
		newPyFile(s, f, helpers).facts()
	}
	if s.framework == "celery" {
		s.spawns = append(s.spawns, Fact{Value: "celery prefork", Why: "celery starts a process for each unit of -c"})
	}
}

// pythonImports returns the files of the program that a file imports, and
// whether it may load others by names that are computed.
func (s *scan) pythonImports(f source, roots []string) (files []string, dynamic bool) {
	dir, base := split(f.file)
	find := func(module string) {
		if strings.HasPrefix(module, ".") {
			pkg := strings.ReplaceAll(dir, "/", ".")
			if dir == "." {
				pkg = ""
			}
			// Seen from the root of the tree, the file is module pkg.base.
			module = absolute(module, strings.TrimPrefix(pkg+"."+strings.TrimSuffix(base, ".py"), "."), false)
			if m, ok := moduleFile(s.tree, ".", module); ok {
				files = append(files, m)
			}
			return
		}
		for _, r := range roots {
			if m, ok := moduleFile(s.tree, r, module); ok {
				files = append(files, m)
				return
			}
		}
	}
	toks := f.toks
	for i, t := range toks {
		switch {
		case t.is("import") && t.nl:
			for k := i + 1; k < len(toks) && toks[k].kind != newline; {
				name, end := dottedName(toks, k)
				find(name)
				for k = end; k < len(toks) && toks[k].kind != newline && !toks[k].is(","); k++ {
				}
				if k < len(toks) && toks[k].is(",") {
					k++
				}
			}
		case t.is("from") && t.nl:
			module, end := dottedName(toks, i+1)
			if !at(toks, end).is("import") {
				continue
			}
			find(module)
			for k := end + 1; k < len(toks) && toks[k].kind != newline; k++ {
				if toks[k].kind == ident && !at(toks, k-1).is("as") && !toks[k].is("as") {
					sep := "."
					if strings.HasSuffix(module, ".") {
						sep = ""
					}
					find(module + sep + toks[k].text)
				}
			}
		case (t.is("import_module") || t.is("__import__")) && at(toks, i+1).is("("):
			dynamic = dynamic || !at(toks, i+2).isString()
		case t.isString() && strings.Contains(t.text, ".") && len(t.text) < 128 && !strings.ContainsAny(t.text, " /\n"):
			module, _, _ := strings.Cut(t.text, ":")
			find(module) // include("shop.urls"), uvicorn.run("shop.app:app")
		case t.isString() && strings.HasSuffix(t.text, ":app"):
			find(strings.TrimSuffix(t.text, ":app"))
		}
	}
	return files, dynamic
}

// pyFile is one file while it is scanned.
type pyFile struct {
	*scan
	source
	pyEnv   []string // names for os.environ
	getenv  []string // names for os.getenv, and functions that come to the same
	vars    map[string][]token
	imports []string // first elements of the modules it imports
}

func newPyFile(s *scan, f source, helpers []string) *pyFile {
	p := &pyFile{scan: s, source: f, getenv: helpers, vars: map[string][]token{}}
	toks := f.toks
	for i, t := range toks {
		switch {
		case t.is("from") && t.nl:
			module, end := dottedName(toks, i+1)
			p.imports = append(p.imports, module)
			if module != "os" && module != "decouple" && module != "starlette.config" {
				break
			}
			for k := end; k < len(toks) && toks[k].kind != newline; k++ {
				name := toks[k].text
				if at(toks, k+1).is("as") {
					name = at(toks, k+2).text
				}
				switch toks[k].text {
				case "environ":
					p.pyEnv = append(p.pyEnv, name)
				case "getenv", "config":
					p.getenv = append(p.getenv, name)
				}
			}
		case t.is("import") && t.nl:
			for k := i + 1; k < len(toks) && toks[k].kind != newline; k++ {
				if name, _ := dottedName(toks, k); toks[k].kind == ident && (at(toks, k-1).is("import") || at(toks, k-1).is(",")) {
					p.imports = append(p.imports, name)
				}
			}
		case t.kind == ident && t.nl:
			k := i + 1
			if at(toks, k).is(":") {
				for k < len(toks) && toks[k].kind != newline && !toks[k].is("=") {
					k++
				}
			}
			if !at(toks, k).is("=") {
				break
			}
			end := k + 1
			for end < len(toks) && toks[end].kind != newline && end < k+60 {
				end++
			}
			expr := toks[k+1 : end]
			if _, ok := p.vars[t.text]; !ok {
				p.vars[t.text] = expr
			}
			if len(expr) == 3 && expr[0].is("os") && expr[2].is("environ") {
				p.pyEnv = append(p.pyEnv, t.text)
			}
			// env = environ.Env(…), env = Env()
			if len(expr) > 1 && (expr[0].is("Env") || at(expr, 2).is("Env")) {
				p.getenv = append(p.getenv, t.text)
			}
		}
	}
	return p
}

// pyHelpers finds the functions that read the variable whose name they are
// given: def need(name): return os.environ[name].
func pyHelpers(toks []token) []string {
	var out []string
	for i := range toks {
		if !toks[i].is("def") || at(toks, i+1).kind != ident || !at(toks, i+2).is("(") || at(toks, i+3).kind != ident {
			continue
		}
		param := toks[i+3].text
		for k := i + 4; k < min(len(toks), i+120) && !(toks[k].nl && (toks[k].is("def") || toks[k].is("class"))); k++ {
			if toks[k].is(param) && (at(toks, k-1).is("[") && at(toks, k-2).is("environ") ||
				at(toks, k-1).is("(") && (at(toks, k-2).is("getenv") || at(toks, k-2).is("get") && at(toks, k-4).is("environ"))) {
				out = append(out, toks[i+1].text)
				break
			}
		}
	}
	return out
}
