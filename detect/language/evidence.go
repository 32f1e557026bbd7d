package language

import (
	"path"
	"slices"
	"strings"
)

// byScript looks for the file or the module that the runtime is given.
func (m *matcher) byScript(e *evidence, p Program) {
	switch {
	case m.inv.script != "":
		rel, k := m.suffix(p, m.subject)
		if k == 0 && p.Language.Value == "node" {
			// node takes "server" for server.js and "." for the main file.
			rel, k = m.loaded(p)
		}
		if k == 0 {
			m.built(e, p)
			return
		}
		m.located(e, p, rel, "%s exists in %s", m.inv.script)
	case m.inv.module != "":
		for _, file := range moduleFiles(m.inv.module) {
			for _, under := range []string{"", "src/"} {
				if full := path.Join(p.Dir, under+file); m.has(full) && m.owns(p, full) {
					e.found = true
					e.Script = under + file
					e.add(scoreScript+scoreElement*(strings.Count(file, "/")), "module %s is %s", m.inv.module, full)
					if e.Root == "" && m.dir != "" {
						e.Root = strings.TrimSuffix(m.dir, "/src")
					}
					m.sameEnd(e, p, e.Root)
					m.isMain(e, p)
					return
				}
			}
		}
	}
}

// moduleFiles are the files that a Python module may be, and for celery -A
// and huey the ones around an attribute.
func moduleFiles(module string) []string {
	p := strings.ReplaceAll(module, ".", "/")
	out := []string{p + ".py", p + "/__init__.py", p + "/__main__.py", p + "/celery.py"}
	if before, _, ok := cutLast(p, "/"); ok {
		out = append(out, before+".py")
	}
	return out
}

// loaded resolves what node adds to the name of a script.
func (m *matcher) loaded(p Program) (string, int) {
	elems := strings.Split(strings.TrimPrefix(m.subject, "/"), "/")
	if len(elems) > 64 {
		return "", 0
	}
	for i := range elems {
		name := path.Join(elems[i:]...)
		if rel, ok := resolveModule(m.tree, p.Dir, name); ok && m.owns(p, path.Join(p.Dir, rel)) && path.Ext(rel) != ".ts" && path.Ext(rel) != ".tsx" {
			m.subject = path.Join("/", path.Join(elems[:i]...), rel)
			return rel, len(elems) - i
		}
	}
	if path.Base(m.inv.script) == "." && p.Main.Value != "" && (p.Dir == "." || path.Base(m.dir) == path.Base(p.Dir)) {
		m.subject = path.Join(m.dir, p.Main.Value)
		return p.Main.Value, 1
	}
	return "", 0
}

// built recognises a script that is not in the tree because the build makes
// it: dist/server.js, where package.json names the same.
func (m *matcher) built(e *evidence, p Program) {
	main := p.Main.Value
	if p.Language.Value != "node" || main == "" || m.subject != main && !strings.HasSuffix(m.subject, "/"+main) {
		return
	}
	if !m.has(path.Join(p.Dir, main)) {
		m.located(e, p, main, "%s is the main file of %s, made by its build", m.inv.script)
	}
}

// located notes that the script is rel in p.Dir.
func (m *matcher) located(e *evidence, p Program, rel, format, script string) {
	root, ok := strings.CutSuffix(m.subject, "/"+rel)
	if ok && !strings.Contains(rel, "/") && commonEnd(root, p.Dir) == 0 && path.IsAbs(m.subject) {
		// Nothing but the name of the file agrees.
		if m.system(m.subject) {
			return
		}
		if p.Dir != "." {
			e.Score -= scoreScript / 2
		}
	}
	e.found = true
	e.Script = rel
	e.add(scoreScript+scoreElement*min(strings.Count(rel, "/"), 3), format, script, describe(p.Dir))
	if ok {
		if e.Root == "" {
			e.Root = root
			if root == "" && path.IsAbs(m.subject) {
				e.Root = "/"
			}
		}
		m.sameEnd(e, p, root)
	}
	m.isMain(e, p)
}

func describe(dir string) string {
	if dir == "." {
		return "the root of the tree"
	}
	return dir
}

func (m *matcher) isMain(e *evidence, p Program) {
	if e.Script == p.Main.Value && p.Main.Value != "" {
		e.add(scoreLike, "it is the main file of %s", p.Name)
	}
}

// sameEnd notes how many last elements a directory of the machine shares with
// the program's.
func (m *matcher) sameEnd(e *evidence, p Program, dir string) {
	if n := commonEnd(dir, p.Dir); n > 0 {
		e.add(scoreElement*min(n, 3), "%s on the machine ends like %s", dir, p.Dir)
	}
}

func commonEnd(a, b string) int {
	if b == "." {
		return 0
	}
	x, y := strings.Split(strings.Trim(a, "/"), "/"), strings.Split(b, "/")
	n := 0
	for n < len(x) && n < len(y) && x[len(x)-1-n] == y[len(y)-1-n] && x[len(x)-1-n] != "" {
		n++
	}
	return n
}

// byTask looks at npm start, yarn serve and the like.
func (m *matcher) byTask(e *evidence, p Program) {
	task := m.inv.task
	if p.Language.Value != "node" || task == "" {
		return
	}
	i := slices.IndexFunc(p.Tasks, func(t Task) bool { return t.Name == task })
	if i < 0 {
		return
	}
	if m.inv.pkg != "" && m.inv.pkg != p.Name && m.inv.pkg != path.Base(p.Dir) {
		return
	}
	switch {
	case m.inv.pkg != "":
		e.add(scoreScript, "package %s is named, and has scripts.%s", m.inv.pkg, task)
	case commonEnd(m.dir, p.Dir) > 0 || m.named(p) > 0 || p.Dir == ".":
		e.add(scoreTask, "%s has scripts.%s", p.Tasks[i].File, task)
	default:
		return
	}
	e.found = true
	m.sameEnd(e, p, m.dir)
	if e.Root == "" && m.inv.pkg == "" {
		e.Root = m.dir
	}
	if script := scriptOf(p.Tasks[i].Value); script != "" && e.Script == "" {
		if rel, ok := resolveModule(m.tree, p.Dir, script); ok {
			e.Script = rel
		}
	} else if task == "start" && e.Script == "" {
		e.Script = p.Main.Value
	}
}

// byBinary compares the executable's name with the program's.
func (m *matcher) byBinary(e *evidence, p Program) {
	base := m.inv.name
	for _, ext := range []string{".bin", ".exe", "-linux-amd64", "-linux-arm64", "_linux_amd64", "_linux_arm64"} {
		base = strings.TrimSuffix(base, ext)
	}
	what := p.Name
	if p.Main.Value != "." && p.Main.Value != "" {
		what = strings.TrimPrefix(p.Main.Value, "./")
	}
	switch {
	case base == "":
	case base == p.Name:
		e.found = true
		e.add(scoreBinary, "the executable is called %s, like %s", m.inv.name, what)
	case p.Main.Value == "." && base == path.Base(p.Dir):
		e.found = true
		e.add(scoreBinary, "the executable is called %s, like the directory", m.inv.name)
	case alike(base, p.Name) && !m.system(m.inv.exec):
		e.found = true
		e.add(scoreLike+scoreElement, "the executable is called %s, nearly like %s", m.inv.name, what)
	}
}

// system reports whether a file came with the system: a service of the
// distribution does not belong to the tree because its unit has a like name.
func (m *matcher) system(file string) bool {
	dir := path.Dir(file)
	for _, d := range []string{"/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/lib", "/usr/libexec", "/usr/share", "/lib"} {
		if dir == d || strings.HasPrefix(dir, d+"/") {
			return true
		}
	}
	return false
}

// command looks for the executable among the commands that a package of
// Python or Node installs.
func (m *matcher) command(e *evidence, p Program) bool {
	i := slices.IndexFunc(p.Commands, func(f Fact) bool { return f.Value == m.inv.name })
	if i < 0 {
		return false
	}
	e.found = true
	e.add(scoreCommand, "%s:%d: %s installs the command %s", p.Commands[i].File, p.Commands[i].Line, p.Name, m.inv.name)
	if e.Root == "" {
		e.Root = m.dir
	}
	return true
}

// byNames compares the name of the service with the program's names. Alone it
// is enough where the service runs no program of the system and the file that
// it runs is not known.
func (m *matcher) byNames(e *evidence, p Program) {
	switch n := m.named(p); n {
	case 2:
		e.add(scoreUnit, "the service is called %s, like the program", m.unit)
	case 1:
		e.add(scoreLike, "the service is called %s, nearly like %s", m.unit, p.Name)
	default:
		return
	}
	if p.Language.Value == "go" {
		e.found = e.found || !m.system(m.inv.exec) && m.named(p) == 2
		return
	}
	e.found = e.found || m.inv.runtime == p.Language.Value && m.named(p) == 2
}

// named is 2 if the service has a name of the program, 1 if nearly.
func (m *matcher) named(p Program) int {
	if m.unit == "" {
		return 0
	}
	names := []string{p.Name}
	if p.Language.Value != "go" && p.Dir != "." || p.Main.Value == "." && p.Dir != "." {
		names = append(names, path.Base(p.Dir))
	}
	best := 0
	for _, n := range names {
		switch {
		case n == m.unit:
			return 2
		case alike(n, m.unit):
			best = 1
		}
	}
	return best
}

// alike reports that one name is the other one with something before or after
// it: orders, bookshop-orders, orders-api.
func alike(a, b string) bool {
	a, b = strings.ReplaceAll(a, "_", "-"), strings.ReplaceAll(b, "_", "-")
	if len(a) > len(b) {
		a, b = b, a
	}
	return a != "" && (a == b || strings.HasSuffix(b, "-"+a) || strings.HasPrefix(b, a+"-"))
}

// byDir compares the working directory with the program's.
func (m *matcher) byDir(e *evidence, p Program) {
	n := commonEnd(m.dir, p.Dir)
	if n == 0 {
		return
	}
	e.add(scoreElement*min(n, 3), "the %s %s ends like %s", m.where, m.dir, p.Dir)
	if p.Language.Value != "go" {
		e.found = true
		if e.Root == "" {
			e.Root = m.dir
		}
	}
}
