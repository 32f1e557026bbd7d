// Package language finds which programs a source tree contains and how each
// one is built and started: Node.js, Python and Go.
//
// Find reads build files only. What must be looked up in code (ports, health
// routes, child processes, environment variables) costs more and is done by
// Program.Scan, for the programs that a caller wants to know about. Match says
// which of the programs a command of a running machine belongs to.
//
// Everything that is found carries the place where it was found, and nothing
// of a program is run.
package language

import (
	"cmp"
	"io/fs"
	"path"
	"slices"
)

// A Fact is one thing that was found out, with where and why. The zero Fact
// means that nothing is known; a Fact with a Why and no Value says why there
// is none.
type Fact struct {
	Value string
	File  string // slash path in the tree; "" when the fact is a default of lift
	Line  int    // 1-based; 0: the whole file
	Why   string // "engines.node", ".python-version", "literal listen(3000)"
}

// A Program is something in the tree that can be built and started.
type Program struct {
	Name string // package name's last element, directory, or cmd/<name>'s name
	Dir  string // directory of the build file, "." for the root

	Language  Fact   // node, python, go
	Version   Fact   // as image tags are written: 22, 3.13, 1.26
	Manager   Fact   // npm, yarn, pnpm, bun; uv, poetry, pdm, pipenv, pip; go
	Lockfile  Fact   // slash path in the tree, of the workspace root for a member
	Context   Fact   // directory of the workspace around Dir, without which it cannot be built; "" for none
	Release   string // of Manager, where the tree tells: 9.15.0, or the major that a lockfile is of
	Broken    Fact   // Why says what is wrong with its build file; nothing else is known then
	Install   Fact   // the frozen command, for the directory of Lockfile; "" if there are no dependencies
	Build     Fact
	Start     Fact // what the tree suggests; a running command outranks it
	Main      Fact // relative to Dir: server.js, shop/app.py, ./cmd/orders
	Framework Fact
	App       Fact // Python: the WSGI or ASGI object, shop.wsgi:application
	Vendor    Fact // Go: dependencies are in the tree

	Manifests []string // files that the install reads, relative to Context or else Dir
	Parts     []string // what of Context it needs when it runs

	Commands []Fact // commands that installing the package gives: bin, project.scripts
	Tasks    []Task // scripts of package.json

	// The rest is filled by Scan.

	Port   []Fact    // literal ports in the code, frameworks' defaults last
	Health []Fact    // routes that look like health endpoints, best first
	Spawns []Fact    // evidence that the program starts child processes
	Env    []Fact    // environment variables that the code reads, by name
	Cgo    Fact      // Go: the first import "C"
	Assets []string  // Go: files and directories that are read by relative names
	Bound  []Fact    // calls that listen on the machine's own address and on no other
	Open   []Fact    // calls that listen on all addresses
	Risks  []Finding // what the code counts on that a container has otherwise
	Texts  []Text    // strings of the code that speak of the machine itself
}

// A Text is a string in the code.
type Text struct {
	Value string
	File  string
	Line  int    // in which it begins
	Whole string // that line
}

// A Task is a named command of package.json's scripts.
type Task struct {
	Name string
	Fact // Value is the command
}

// A Finding is something the user should know. It prints as
// "file:line: what; remedy".
type Finding struct {
	File         string
	Line         int
	What, Remedy string
}

// Find returns the programs of the tree, by directory and name. paths is the
// list of all files as slash paths, sorted; fsys opens them.
func Find(fsys fs.FS, paths []string) ([]Program, []Finding) {
	t := newTree(fsys, paths)
	b := t.buildFiles()
	var programs []Program
	programs = append(programs, findNode(t, b)...)
	programs = append(programs, findPython(t, b)...)
	programs = append(programs, findGo(t, b)...)
	slices.SortStableFunc(programs, func(a, b Program) int {
		return cmp.Or(cmp.Compare(a.Dir, b.Dir), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Main.Value, b.Main.Value))
	})
	slices.SortStableFunc(t.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.What, b.What))
	})
	return programs, t.findings
}

// buildFiles are the files that tell of a program by their names.
type buildFiles struct {
	node   []string // package.json
	pnpm   []string // pnpm-workspace.yaml
	python []string // directories with a Python build file
	goMod  []string // directories with a go.mod
	goWork []string // directories with a go.work
	goDirs []string // directories with Go code
	pyDirs []string // directories with Python code
}

// buildFiles picks the build files in one pass over the paths.
func (t *tree) buildFiles() buildFiles {
	var b buildFiles
	// Files of one directory come in runs, broken only by its
	// subdirectories: the last one seen saves most look-ups in the sets.
	var lastGo, lastPy string
	goSet, pySet, buildSet := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, p := range t.paths {
		dir, base := split(p)
		switch base {
		case "package.json":
			if !skipped(dir) {
				b.node = append(b.node, p)
			}
			continue
		case "pnpm-workspace.yaml":
			b.pnpm = append(b.pnpm, p)
			continue
		case "go.mod":
			if !skippedGo(dir) {
				b.goMod = append(b.goMod, dir)
			}
			continue
		case "go.work":
			if !skippedGo(dir) {
				b.goWork = append(b.goWork, dir)
			}
			continue
		}
		if pythonBuildFile(base) && !buildSet[dir] && !skipped(dir) {
			buildSet[dir] = true
			b.python = append(b.python, dir)
		}
		switch {
		case isGoSource(base):
			if dir == lastGo || goSet[dir] {
				continue
			}
			lastGo, goSet[dir] = dir, true
			if !skippedGo(dir) {
				b.goDirs = append(b.goDirs, dir)
			}
		case isPythonSource(base):
			if dir == lastPy || pySet[dir] {
				continue
			}
			lastPy, pySet[dir] = dir, true
			if !skipped(dir) {
				b.pyDirs = append(b.pyDirs, dir)
			}
		}
	}
	// In the order of paths, "a-b" comes before "a".
	slices.Sort(b.python)
	slices.Sort(b.goMod)
	slices.Sort(b.goDirs)
	slices.Sort(b.pyDirs)
	return b
}

// baseName names a program after its directory; the root has no name of its
// own in the tree, so that it is called after other.
func baseName(dir, other string) string {
	if dir == "." {
		return other
	}
	return path.Base(dir)
}
