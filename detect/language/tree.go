package language

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"
)

// Bounds that keep a hostile or a huge tree from costing more than its worth.
const (
	maxFile    = 1 << 20 // bytes of one file
	maxSources = 400     // source files looked at for one program
)

// tree is a source tree: its paths, sorted, and the file system behind them.
type tree struct {
	fsys     fs.FS
	paths    []string
	findings []Finding
}

func newTree(fsys fs.FS, paths []string) *tree {
	if !slices.IsSorted(paths) {
		paths = slices.Sorted(slices.Values(paths))
	}
	return &tree{fsys: fsys, paths: paths}
}

func (t *tree) has(p string) bool {
	_, ok := slices.BinarySearch(t.paths, p)
	return ok
}

// under returns the paths below dir: a run of the sorted list.
func (t *tree) under(dir string) []string {
	if dir == "." {
		return t.paths
	}
	prefix := dir + "/"
	lo := sort.SearchStrings(t.paths, prefix)
	hi := sort.SearchStrings(t.paths, dir+"0") // '0' follows '/'
	return t.paths[lo:max(lo, hi)]
}

// files returns the paths that lie directly in dir.
func (t *tree) files(dir string) []string {
	files, _ := t.list(dir)
	return files
}

// list returns the files and the names of the directories directly in dir.
func (t *tree) list(dir string) (files, dirs []string) {
	in := t.under(dir)
	start := 0
	if dir != "." {
		start = len(dir) + 1
	}
	for i := 0; i < len(in); {
		slash := strings.IndexByte(in[i][start:], '/')
		if slash < 0 {
			files = append(files, in[i])
			i++
			continue
		}
		dirs = append(dirs, in[i][start:start+slash])
		// Step over the whole subdirectory.
		next := in[i][:start+slash] + "0"
		i += max(1, sort.SearchStrings(in[i:], next))
	}
	return files, dirs
}

func (t *tree) hasDir(dir string) bool { return dir == "." || len(t.under(dir)) > 0 }

// within returns the files of dir among names that exist, as paths.
func (t *tree) within(dir string, names ...string) (string, bool) {
	for _, n := range names {
		if p := path.Join(dir, n); t.has(p) {
			return p, true
		}
	}
	return "", false
}

// nearest looks for a file called name in dir, then in the directories above.
func (t *tree) nearest(dir, name string) (string, bool) {
	for d := dir; ; d = path.Dir(d) {
		if p := path.Join(d, name); t.has(p) {
			return p, true
		}
		if d == "." || d == "/" || d == "" {
			return "", false
		}
	}
}

var errLarge = fmt.Errorf("larger than %d KiB", maxFile>>10)

// read returns a file's content.
func (t *tree) read(p string) ([]byte, error) {
	data, err := t.head(p, maxFile+1)
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, errLarge
	}
	return bytes.TrimPrefix(data, []byte("\ufeff")), nil
}

// head returns the first bytes of a file. It refuses what is not a regular
// file: to open a pipe would wait for its writer.
func (t *tree) head(p string, limit int64) ([]byte, error) {
	info, err := fs.Stat(t.fsys, p)
	if err != nil {
		return nil, reason(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	f, err := t.fsys.Open(p)
	if err != nil {
		return nil, reason(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit))
	if err != nil {
		return nil, reason(err)
	}
	return data, nil
}

// build reads a build file; what cannot be read is a finding.
func (t *tree) build(p string) ([]byte, bool) {
	data, err := t.read(p)
	if err != nil {
		t.found(p, 0, err.Error(), "lift needs this file to know how the program is built")
		return nil, false
	}
	return data, true
}

func (t *tree) found(file string, line int, what, remedy string) {
	t.findings = append(t.findings, Finding{file, line, what, remedy})
}

// lastFault returns the last finding about a file as a fact.
func (t *tree) lastFault(file string) Fact {
	for i := len(t.findings) - 1; i >= 0; i-- {
		if f := t.findings[i]; f.File == file {
			return Fact{File: f.File, Line: f.Line, Why: f.What}
		}
	}
	return Fact{File: file, Why: "cannot be read"}
}

// reason is an error without the path, which the finding has already.
func reason(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// firstLine returns the first line of a file that is neither empty nor a
// comment, and its number: the form of .nvmrc, .python-version and the like.
func (t *tree) firstLine(p string) (string, int) {
	data, err := t.read(p)
	if err != nil {
		return "", 0
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			return line, n
		}
	}
	return "", 0
}

// toolVersion looks a tool up in the .tool-versions file of asdf and mise.
func (t *tree) toolVersion(dir string, names ...string) (version, file string, line int) {
	p, ok := t.nearest(dir, ".tool-versions")
	if !ok {
		return "", "", 0
	}
	data, err := t.read(p)
	if err != nil {
		return "", "", 0
	}
	n := 0
	for text := range strings.Lines(string(data)) {
		n++
		text, _, _ = strings.Cut(text, "#")
		if f := strings.Fields(text); len(f) > 1 && slices.Contains(names, f[0]) {
			return f[1], p, n
		}
	}
	return "", "", 0
}

func split(p string) (dir, base string) {
	i := strings.LastIndexByte(p, '/')
	if i < 0 {
		return ".", p
	}
	return p[:i], p[i+1:]
}

// parent returns the directory above dir; ok is false for the root.
func parent(dir string) (string, bool) {
	if dir == "." || dir == "" || dir == "/" {
		return "", false
	}
	return path.Dir(dir), true
}

// inside reports whether p is dir or lies below it.
func inside(p, dir string) bool {
	return dir == "." || p == dir || len(p) > len(dir) && p[len(dir)] == '/' && p[:len(dir)] == dir
}

// relative returns p as seen from dir, which must contain it.
func relative(p, dir string) string {
	if dir == "." {
		return p
	}
	if p == dir {
		return "."
	}
	return p[len(dir)+1:]
}

// skipped reports whether dir holds what others wrote, what a build made, or
// tests: none of it is a program of this tree.
func skipped(dir string) bool {
	for e := range strings.SplitSeq(dir, "/") {
		switch e {
		case "node_modules", "vendor", "bower_components", "dist", "build", "out", "target",
			"__pycache__", "site-packages", "venv", "env", "testdata", "test", "tests", "__tests__", "__mocks__":
			return true
		}
		if hidden(e) {
			return true
		}
	}
	return false
}

// skippedGo is skipped with the go command's own idea of what to leave out:
// cmd/build and internal/env are ordinary packages to it.
func skippedGo(dir string) bool {
	prev := ""
	for e := range strings.SplitSeq(dir, "/") {
		switch e {
		case "node_modules", "vendor", "testdata":
			return true
		case "test", "tests":
			if prev != "cmd" {
				return true
			}
		}
		if hidden(e) || strings.HasPrefix(e, "_") {
			return true
		}
		prev = e
	}
	return false
}

// hidden covers .git, .venv, .tox, .next, .nuxt, .yarn.
func hidden(e string) bool { return len(e) > 1 && e[0] == '.' && e != ".." }
