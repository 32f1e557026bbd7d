package language

import (
	"path"
	"slices"
	"strings"
)

// dependencies are the packages that the build files of the directory ask for
// at run time.
func (pr *pyProject) dependencies(t *tree) []Fact {
	var out []Fact
	add := func(name, file string, line int, why string) {
		name = distribution(name)
		if name == "" || slices.ContainsFunc(out, func(f Fact) bool { return f.Value == name }) {
			return
		}
		out = append(out, Fact{name, file, line, why})
	}
	file := path.Join(pr.dir, "pyproject.toml")
	if e, ok := pr.pyproject.get("project.dependencies"); ok {
		for _, d := range e.items {
			add(d, file, e.line, "project.dependencies")
		}
	}
	for _, e := range pr.pyproject.below("tool.poetry.dependencies") {
		if name := e.key[strings.LastIndexByte(e.key, '.')+1:]; name != "python" {
			add(name, file, e.line, "tool.poetry.dependencies")
		}
	}
	for _, e := range pr.pipfile.below("packages") {
		add(e.key[strings.LastIndexByte(e.key, '.')+1:], path.Join(pr.dir, "Pipfile"), e.line, "packages")
	}
	for _, r := range requirements(t, path.Join(pr.dir, "requirements.txt"), nil) {
		add(r.Value, r.File, r.Line, "requirement")
	}
	setup(t, pr.dir, add)
	return out
}

// distribution is the normalised name (PEP 503) at the head of a requirement:
// "Flask[async] >= 2 ; python_version > '3'" → flask.
func distribution(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || !letter(s[0]) && !digit(s[0]) {
		return ""
	}
	n := span(s, func(c byte) bool { return identByte(c) && c != '$' || c == '-' || c == '.' })
	var b strings.Builder
	sep := false
	for _, c := range strings.ToLower(s[:n]) {
		if c == '-' || c == '_' || c == '.' {
			sep = true
			continue
		}
		if sep && b.Len() > 0 {
			b.WriteByte('-')
		}
		sep = false
		b.WriteRune(c)
	}
	return b.String()
}

// requirements reads a requirements file with the ones that it includes.
func requirements(t *tree, file string, seen []string) []Fact {
	if slices.Contains(seen, file) || len(seen) > 8 || !t.has(file) {
		return nil
	}
	seen = append(seen, file)
	data, err := t.read(file)
	if err != nil {
		t.found(file, 0, err.Error(), "lift needs this file to know what the program depends on")
		return nil
	}
	dir, _ := split(file)
	var out []Fact
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		line = strings.TrimSpace(line)
		if i := strings.Index(line, " #"); i >= 0 {
			line = strings.TrimSpace(line[:i])
		}
		switch {
		case line == "" || line[0] == '#':
		case strings.HasPrefix(line, "-r") || strings.HasPrefix(line, "--requirement"):
			other := strings.TrimLeft(strings.TrimPrefix(strings.TrimPrefix(line, "--requirement"), "-r"), " =")
			out = append(out, requirements(t, path.Join(dir, other), seen)...)
		case line[0] == '-':
		case letter(line[0]) || digit(line[0]):
			if name := distribution(line); name != "" {
				out = append(out, Fact{name, file, n, "requirement"})
			}
		}
	}
	return out
}

// hashed reports whether a requirements file is locked with hashes.
func hashed(t *tree, file string) bool {
	data, err := t.read(file)
	return err == nil && strings.Contains(string(data), "--hash=")
}

// setup reads install_requires of setup.py, if it is a plain list, and of
// setup.cfg.
func setup(t *tree, dir string, add func(name, file string, line int, why string)) {
	if file := path.Join(dir, "setup.py"); t.has(file) {
		if data, err := t.read(file); err == nil {
			toks := python(string(data))
			for i := range toks {
				if !toks[i].is("install_requires") || i+2 >= len(toks) || !toks[i+1].is("=") || !toks[i+2].is("[") {
					continue
				}
				for _, tok := range toks[i+3:] {
					if tok.is("]") {
						break
					}
					if tok.isString() {
						add(tok.text, file, tok.line, "install_requires")
					}
				}
			}
		}
	}
	file := path.Join(dir, "setup.cfg")
	if !t.has(file) {
		return
	}
	data, err := t.read(file)
	if err != nil {
		return
	}
	section, in, n := "", false, 0
	for line := range strings.Lines(string(data)) {
		n++
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';':
		case trimmed[0] == '[':
			section, in = trimmed, false
		case line[0] != ' ' && line[0] != '\t':
			key, v, _ := strings.Cut(trimmed, "=")
			in = section == "[options]" && strings.TrimSpace(key) == "install_requires"
			if in {
				add(v, file, n, "install_requires")
			}
		case in:
			add(trimmed, file, n, "install_requires")
		}
	}
}

// pythonFrameworks in order of how much they say.
var pythonFrameworks = []string{
	"django", "fastapi", "flask", "starlette", "litestar", "sanic", "aiohttp", "tornado", "falcon", "pyramid", "bottle",
	"quart", "streamlit", "celery", "rq", "dramatiq", "huey",
}

func framework(deps []Fact) Fact {
	for _, name := range pythonFrameworks {
		for _, d := range deps {
			if d.Value == name {
				return Fact{name, d.File, d.Line, "dependency " + name}
			}
		}
	}
	return Fact{}
}

// requirementFiles lists a requirements file with those that it includes. ok is false where it names code of the project itself (-e ., ./lib), or files outside of its directory: then the
// install needs more than these files.
func requirementFiles(t *tree, file string, seen []string) (files []string, ok bool) {
	if slices.Contains(seen, file) || len(seen) > 8 || !t.has(file) {
		return nil, true
	}
	data, err := t.read(file)
	if err != nil {
		return nil, true
	}
	files = []string{file}
	seen = append(seen, file)
	dir, _ := split(file)
	home := dir
	if len(seen) > 1 {
		home, _ = split(seen[0])
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		opt, rest, _ := strings.Cut(strings.Replace(line, "=", " ", 1), " ")
		switch {
		case line == "" || line[0] == '#':
		case opt == "-r" || opt == "--requirement" || opt == "-c" || opt == "--constraint":
			other := path.Join(dir, strings.TrimSpace(rest))
			if !inside(other, home) {
				return nil, false
			}
			more, ok := requirementFiles(t, other, seen)
			if !ok {
				return nil, false
			}
			files = append(files, more...)
		case opt == "-e" || opt == "--editable":
			if !strings.Contains(rest, "://") {
				return nil, false
			}
		case line[0] == '.' || line[0] == '/':
			return nil, false
		}
	}
	return files, true
}
