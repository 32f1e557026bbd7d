package language

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

// A Command is what a machine runs for one service.
type Command struct {
	Exec  string   // the program, as the service names it: /usr/bin/node
	Args  []string // its arguments, without the program itself
	Dir   string   // working directory on the machine; "" if unknown
	Unit  string   // name of the service: storefront, storefront.service
	Pairs []Pair   // what the user says about where the tree lives
	Paths []string // all files of the tree, sorted
}

// A Pair says that a path of the machine holds what a path of the tree holds.
type Pair struct {
	Machine string // /opt/bookshop, or a single file such as /opt/bookshop/bin/orders
	Tree    string // ".", or the directory or file in the tree
}

// A Candidate is a program that a command may belong to.
type Candidate struct {
	Program int      // index in the programs given
	Score   int      // only good for comparison; see tied
	Why     []string // the evidence, strongest first
	Script  string   // the file that is run, relative to Program.Dir like Main
	Root    string   // directory of the machine that holds Program.Dir
	Binary  string   // Go: the program's file on the machine
}

// Scores. A pair given by the user outranks all other evidence together.
const (
	scorePair    = 1000 // the user's word, exact
	scorePairIn  = 600  // it leads into the program's directory
	scorePairOn  = 300  // the program lies below it
	scoreScript  = 60   // the script exists in the program
	scoreElement = 10   // each further path element that agrees
	scoreBinary  = 50   // the executable is called like the program
	scoreCommand = 45   // … like a command that it installs
	scoreUnit    = 20   // the service is called like the program
	scoreLike    = 10   // nearly so: bookshop-orders, orders
	scoreTask    = 15   // the package manager's task exists
	scoreLang    = 5    // the runtime fits
)

// Match returns the programs that a command may belong to, best first. Whoever
// asks should refuse two best ones with the same score.
func Match(c Command, programs []Program) []Candidate {
	m := matcher{Command: c, inv: unwrap(c.Exec, c.Args), programs: programs, tree: newTree(nil, c.Paths)}
	m.unit, _, _ = strings.Cut(strings.TrimSuffix(path.Base(c.Unit), ".service"), "@")
	if c.Unit == "" {
		m.unit = ""
	}
	m.place()
	var out []Candidate
	for i := range programs {
		if cand, ok := m.candidate(i); ok {
			out = append(out, cand)
		}
	}
	slices.SortStableFunc(out, func(a, b Candidate) int { return cmp.Compare(b.Score, a.Score) })
	return out
}

type matcher struct {
	Command
	*tree
	inv      invocation
	programs []Program
	unit     string
	dir      string // where the command runs, after its own cd
	where    string // how dir is known
	subject  string // the absolute path on the machine of what is run, if known
}

// place works out where the command runs, and what file it runs.
func (m *matcher) place() {
	m.dir, m.where = m.Dir, "working directory"
	if d := m.inv.chdir; d != "" {
		if !path.IsAbs(d) {
			d = path.Join(m.Dir, d)
		}
		m.dir, m.where = d, "directory that the command changes to"
	}
	if m.dir == "" {
		// /opt/shop/venv/bin/gunicorn: the project is around its environment.
		for _, env := range []string{"/venv/bin/", "/.venv/bin/", "/env/bin/"} {
			if before, _, ok := strings.Cut(m.inv.exec, env); ok && before != "" {
				m.dir, m.where = before, "directory of the virtual environment"
			}
		}
	}
	if path.IsAbs(m.dir) {
		m.dir = path.Clean(m.dir)
	}
	if m.inv.runtime == "" && m.inv.exec != "" {
		// An executable script without an extension: bin/www.
		if path.IsAbs(m.inv.exec) || strings.Contains(m.inv.exec, "/") {
			if i := m.scriptOwner(m.abs(m.inv.exec)); i >= 0 {
				m.inv.runtime, m.inv.script = m.programs[i].Language.Value, m.inv.exec
			}
		}
	}
	switch {
	case m.inv.script != "":
		m.subject = m.abs(m.inv.script)
	case m.inv.runtime == "":
		m.subject = m.abs(m.inv.exec)
	}
}

func (m *matcher) abs(p string) string {
	if path.IsAbs(p) {
		return path.Clean(p)
	}
	if m.dir == "" || !strings.Contains(p, "/") && p == m.inv.exec {
		return path.Clean(p)
	}
	return path.Join(m.dir, p)
}

// scriptOwner returns a program of node or python whose tree has the file.
func (m *matcher) scriptOwner(file string) int {
	base := path.Base(file)
	if slices.ContainsFunc(m.programs, func(p Program) bool { return p.Language.Value == "go" && p.Name == base }) {
		return -1 // a built program that lies in the tree too
	}
	for i, p := range m.programs {
		if p.Language.Value == "go" {
			continue
		}
		if _, k := m.suffix(p, file); k > 1 {
			return i
		}
	}
	return -1
}

// suffix finds the longest end of a machine path that exists below p.Dir and
// belongs to p, and the number of its elements.
func (m *matcher) suffix(p Program, file string) (string, int) {
	elems := strings.Split(strings.TrimPrefix(file, "/"), "/")
	if len(elems) > 64 {
		return "", 0
	}
	for i := range elems {
		rel := path.Join(elems[i:]...)
		if full := path.Join(p.Dir, rel); m.has(full) && m.owns(p, full) {
			return rel, len(elems) - i
		}
	}
	return "", 0
}

// owns reports whether p is the nearest program of its language around a file.
func (m *matcher) owns(p Program, file string) bool {
	if !inside(file, p.Dir) {
		return false
	}
	for _, q := range m.programs {
		if q.Language.Value == p.Language.Value && len(q.Dir) > len(p.Dir) && inside(file, q.Dir) && (p.Dir == "." || inside(q.Dir, p.Dir)) {
			return false
		}
		if p.Dir == "." && q.Dir != "." && q.Language.Value == p.Language.Value && inside(file, q.Dir) {
			return false
		}
	}
	return true
}

// evidence gathers what speaks for one program.
type evidence struct {
	Candidate
	found bool // by more than circumstance
}

func (e *evidence) add(score int, format string, args ...any) {
	e.Score += score
	e.Why = append(e.Why, fmt.Sprintf(format, args...))
}

func (m *matcher) candidate(i int) (Candidate, bool) {
	p := m.programs[i]
	e := &evidence{Candidate: Candidate{Program: i}}
	lang := p.Language.Value
	m.byPair(e, p)
	if m.inv.runtime != lang && !(m.inv.runtime == "" && lang == "go") {
		// Another runtime: only a command that the package installs can be.
		if m.inv.runtime == "" && m.command(e, p) {
			m.byNames(e, p)
			return e.Candidate, true
		}
		return e.Candidate, e.found
	}
	if lang == "go" {
		m.byBinary(e, p)
		m.byNames(e, p)
		if e.found {
			e.Binary = m.subject
			m.byDir(e, p)
			e.add(scoreLang, "no runtime is named: a native program, as go makes it")
		}
		return e.Candidate, e.found
	}
	m.byScript(e, p)
	m.byTask(e, p)
	m.byNames(e, p)
	if e.Root == "" {
		m.byDir(e, p)
	}
	if e.found {
		e.add(scoreLang, "%s runs %s programs", m.inv.name, lang)
	}
	return e.Candidate, e.found
}

// byPair applies what the user said. The longest pair that holds the file that
// is run, or else the directory it runs in, decides.
func (m *matcher) byPair(e *evidence, p Program) {
	subject := m.subject
	pair, ok := longestPair(m.Pairs, subject)
	if !ok {
		subject = m.dir
		if pair, ok = longestPair(m.Pairs, subject); !ok {
			return
		}
	}
	in := path.Join(path.Clean(pair.Tree), relative(subject, path.Clean(pair.Machine)))
	home := p.Dir
	if p.Language.Value == "go" {
		home = path.Join(p.Dir, p.Main.Value)
	}
	file := m.has(in)
	switch {
	case in == home || file && p.Language.Value == "go" && inside(in, home) || file && p.Language.Value != "go" && m.owns(p, in):
		e.add(scorePair, "given: %s is %s", pair.Machine, pair.Tree)
	case p.Language.Value == "go" && in == p.Dir && pair.Tree != ".":
		e.add(scorePairIn, "given: %s is %s, the program's module", pair.Machine, pair.Tree)
	case p.Language.Value != "go" && in != "." && m.owns(p, in) && p.Dir != ".":
		e.add(scorePairIn, "given: %s is %s, in the program's directory", pair.Machine, pair.Tree)
	case pair.Tree != "." && inside(home, path.Clean(pair.Tree)):
		e.add(scorePairOn, "given: %s is %s, around the program", pair.Machine, pair.Tree)
		return
	default:
		return
	}
	e.found = true
	if p.Language.Value != "go" {
		e.Root = rootByPair(pair, p.Dir)
		if file {
			e.Script = relative(in, p.Dir)
		}
	}
}

func longestPair(pairs []Pair, p string) (Pair, bool) {
	var best Pair
	found := false
	for _, q := range pairs {
		m := path.Clean(q.Machine)
		if p == "" || !path.IsAbs(p) || !(m == "/" || inside(p, m)) {
			continue
		}
		if !found || len(m) > len(path.Clean(best.Machine)) {
			best, found = q, true
		}
	}
	if found && path.Clean(best.Machine) == "/" {
		best.Machine = ""
	}
	return best, found
}

// rootByPair is where the machine has dir, by a pair.
func rootByPair(pair Pair, dir string) string {
	tree, machine := path.Clean(pair.Tree), path.Clean(pair.Machine)
	if inside(dir, tree) {
		return path.Join(machine, relative(dir, tree))
	}
	if inside(tree, dir) {
		if m, ok := strings.CutSuffix(machine, "/"+relative(tree, dir)); ok {
			return m
		}
	}
	return ""
}
