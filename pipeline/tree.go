package pipeline

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/fileset"
)

// OpenTree lists the files of a directory and opens it for reading. Nothing outside of the directory is ever read, whatever links it contains. In a git work tree the listing is git's,
// without what is ignored; elsewhere it is a walk that leaves out what is no source. What lift wrote itself is no source either. The caller closes it.
func OpenTree(dir string) (detect.Tree, func() error, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return detect.Tree{}, nil, plain(err)
	}
	paths, ok := gitFiles(dir)
	if !ok {
		paths, err = walk(root.FS())
		if err != nil {
			root.Close()
			return detect.Tree{}, nil, plain(err)
		}
	}
	if !slices.IsSorted(paths) {
		slices.Sort(paths)
		paths = slices.Compact(paths)
	}
	return detect.Tree{FS: root.FS(), Paths: withoutOwn(root.FS(), paths)}, root.Close, nil
}

// plain takes the operation's name out of an error of the file system: "DIR: no such file or directory".
func plain(err error) error {
	var pe *fs.PathError
	if e, ok := err.(*fs.PathError); ok {
		pe = e
		return &plainError{pe.Path + ": " + pe.Err.Error(), err}
	}
	return err
}

type plainError struct {
	text string
	err  error
}

func (e *plainError) Error() string { return e.text }
func (e *plainError) Unwrap() error { return e.err }

// gitFiles asks git for the tracked and the untracked files that are not ignored. Nothing that the repository configures is run.
func gitFiles(dir string) ([]string, bool) {
	cmd := exec.Command("git", "-C", dir, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "ls-files", "-z", "-co", "--exclude-standard")
	cmd.Env = append(os.Environ(), "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C")
	out, err := cmd.Output()
	if err != nil {
		return nil, false
	}
	n := bytes.Count(out, []byte{0})
	if n == 0 {
		return nil, false // an ignored directory, or an empty one: walk it
	}
	paths := make([]string, 0, n)
	text := string(out)
	for len(text) > 0 {
		i := strings.IndexByte(text, 0)
		paths = append(paths, text[:i])
		text = text[i+1:]
	}
	return paths, true
}

// walk lists the regular files and links below a directory.
func walk(fsys fs.FS) ([]string, error) {
	var paths []string
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && p == ".":
			return err
		case err != nil:
			return nil // unreadable: what a source needs of it is reported when it is read
		case d.IsDir():
			switch d.Name() {
			case ".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", ".lift":
				return fs.SkipDir
			}
		default:
			paths = append(paths, p)
		}
		return nil
	})
	return paths, err
}

// withoutOwn leaves out what lift wrote itself, here or in a directory below.
func withoutOwn(fsys fs.FS, paths []string) []string {
	own := map[string]bool{}
	note := func(record string) {
		src, err := fs.ReadFile(fsys, record)
		if err != nil {
			return
		}
		var r fileset.Record
		if json.Unmarshal(src, &r) != nil {
			return // a damaged record is reported by the command that writes there
		}
		base := path.Dir(path.Dir(record))
		for _, f := range r.Files {
			own[path.Join(base, f.Path)] = true
		}
	}
	note(recordPath)
	var records bool
	for _, p := range paths {
		if strings.HasSuffix(p, "/"+recordPath) {
			note(p)
			records = true
		}
	}
	if len(own) == 0 && !records {
		return paths
	}
	return slices.DeleteFunc(paths, func(p string) bool {
		return own[p] || strings.HasPrefix(p, ".lift/") || strings.Contains(p, "/.lift/")
	})
}

const recordPath = ".lift/record.json"

// Between returns how to reach the source tree from the place of the output, as a slash path, "." in place; and the last names of the output's path, as many as that leads up.
func Between(out, tree string) (rel, place string, err error) {
	a, err := real(out)
	if err != nil {
		return "", "", err
	}
	b, err := real(tree)
	if err != nil {
		return "", "", err
	}
	rel, err = filepath.Rel(a, b)
	rel = filepath.ToSlash(rel)
	var ups int
	for _, part := range strings.Split(rel, "/") {
		if part == ".." {
			ups++
		}
	}
	names := strings.Split(strings.Trim(filepath.ToSlash(a), "/"), "/")
	return rel, strings.Join(names[max(len(names)-ups, 0):], "/"), err
}

// real resolves links in the part of the path that exists.
func real(p string) (string, error) {
	abs, err := filepath.Abs(p)
	if err != nil {
		return "", err
	}
	rest := ""
	for cur := abs; ; {
		if r, err := filepath.EvalSymlinks(cur); err == nil {
			return filepath.Join(r, rest), nil
		}
		parent := filepath.Dir(cur)
		if parent == cur {
			return abs, nil
		}
		rest, cur = filepath.Join(filepath.Base(cur), rest), parent
	}
}
