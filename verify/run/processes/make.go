//go:build linux

package processes

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/deploylift/lift/verify/run"
)

// atOnce is how many programs are built at the same time.
const atOnce = 2

// makeAll makes what the recipes say, each in a directory of its own.
func (p *plan) makeAll(ctx context.Context, list []*made) error {
	gate := make(chan struct{}, atOnce)
	errs := make([]error, len(list))
	var wg sync.WaitGroup
	for i, m := range list {
		m.dir = filepath.Join(p.scratch, "program", itoa(i))
		wg.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			if ctx.Err() != nil {
				return
			}
			began := time.Now()
			if errs[i] = p.make(ctx, m); errs[i] == nil && len(m.commands) > 0 {
				p.sys.Progress("processes: %s built in %s", strings.Join(p.users[m], ", "), time.Since(began).Round(100*time.Millisecond))
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errors.Join(errs...)
}

// make copies the tree and runs the commands in it, at the place where the machine has it.
func (p *plan) make(ctx context.Context, m *made) error {
	copied := filepath.Join(m.dir, "copy")
	if err := copyTree(filepath.Join(p.sys.Tree, filepath.FromSlash(m.tree)), copied); err != nil {
		return err
	}
	venv := filepath.Join(m.dir, "venv")
	if err := os.Mkdir(venv, 0o755); err != nil {
		return err
	}
	if m.bare {
		m.light = weight(copied) <= mostInMemory
		if m.file {
			return os.WriteFile(filepath.Join(m.dir, "program"), []byte("#!/bin/sh\nexit 1\n"), 0o755)
		}
		return p.own(m)
	}
	j := p.job(m)
	for _, c := range m.commands[:min(1, len(m.commands))] { // of Python, the virtual environment
		if err := p.command(ctx, m, j, c); err != nil {
			return err
		}
	}
	if m.install != "" {
		if err := p.pip(ctx, m, j); err != nil {
			return err
		}
	}
	for _, c := range m.commands[min(1, len(m.commands)):] {
		if err := p.command(ctx, m, j, c); err != nil {
			return err
		}
	}
	return p.own(m)
}

// mostInMemory is the size up to which a program's files are copied into the side's root, which is in memory.
const mostInMemory = 256 << 20

// weight is the size of a directory's files.
func weight(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if st, err := d.Info(); err == nil {
				n += st.Size()
			}
		}
		return nil
	})
	return n
}

// lay puts what was made into the side's root.
func (p *plan) lay(m *made) {
	all := *m
	all.light = false
	for _, pl := range all.places() {
		l := laid{From: strings.TrimPrefix(pl.From, ownRun+"/"), To: pl.To, Owner: m.owner}
		if !slices.Contains(p.side.Copies, l) {
			p.side.Copies = append(p.side.Copies, l)
		}
	}
}

// own gives the program's files to whoever owns them.
func (p *plan) own(m *made) error {
	if m.owner == [2]int{} {
		return nil
	}
	return filepath.WalkDir(m.dir, func(at string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(at, m.owner[0], m.owner[1])
	})
}

// job is the frame of a recipe's commands.
func (p *plan) job(m *made) job {
	j := job{Scratch: p.scratch, Keep: keep(p.scratch), Dir: m.at}
	j.Env = append(os.Environ(), m.env...)
	if os.Getenv("HOME") == "" {
		j.Env = append(j.Env, "HOME=/root")
	}
	if m.file {
		j.Dir = filepath.Join(m.dir, "copy", filepath.FromSlash(m.inside))
		j.Env = append(j.Env, "LIFT_OUT="+filepath.Join(m.dir, "program"))
		return j
	}
	j.Places = m.places()
	if m.venv != "" {
		j.Env = append(j.Env, "PATH="+m.venv+"/bin:"+os.Getenv("PATH"))
	}
	return j
}

// keep lists the directories of the machine that a build uses as they are.
func keep(scratch string) []string {
	list := []string{"/tmp", "/var/tmp", "/run", filepath.Dir(scratch)}
	if home, err := os.UserHomeDir(); err == nil && home != "/" {
		list = append(list, home)
	} else {
		list = append(list, "/root")
	}
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH", "XDG_CACHE_HOME", "npm_config_cache", "PIP_CACHE_DIR", "UV_CACHE_DIR", "POETRY_CACHE_DIR"} {
		if dir := os.Getenv(name); filepath.IsAbs(dir) && dir != "/" {
			list = append(list, dir)
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	return slices.DeleteFunc(list, func(dir string) bool { // what lies in another one is there with it
		return slices.ContainsFunc(list, func(other string) bool { return other != dir && other != "/" && under(dir, other) })
	})
}

// command runs one command of a recipe.
func (p *plan) command(ctx context.Context, m *made, j job, c string) error {
	j.Command = c
	out, err := j.run(ctx)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return run.Error{What: fmt.Sprintf("%s: `%s`: %s\n%s", strings.Join(p.users[m], ", "), p.mask.text(c), err, indent(p.mask.text(lastLines(out, 15)))), Remedy: "make it work on this machine by hand first"}
	}
	return nil
}

func indent(text string) string { return "    " + strings.ReplaceAll(text, "\n", "\n    ") }

// adopt looks which of the requirements this machine has, in any version, and makes the programs that their packages bring.
//
//go:embed adopt.py
var adopt string

// pip installs what Python needs: what the machine has is taken from it, the rest comes from the package index; where that cannot be reached, the versions that the machine has must do.
func (p *plan) pip(ctx context.Context, m *made, j job) error {
	python := quote(m.venv + "/bin/python3")
	try := func(options string) error {
		j.Command = python + " -m " + m.install + options
		_, err := j.run(ctx)
		return err
	}
	if try(" --no-index") == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	first := try("")
	if first == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	who := strings.Join(p.users[m], ", ")
	what := fmt.Sprintf("%s: `%s` does not come to an end on this machine", who, m.install)
	remedy := "give pip a package index that can be reached (PIP_INDEX_URL), or install the requirements as packages of the machine"
	file := requirements(m.install)
	if file == "" {
		return run.Error{What: what, Remedy: remedy}
	}
	j.Command = python + " - " + quote(file) + " " + quote(m.venv+"/bin") + " <<'END-OF-SCRIPT'\n" + adopt + "\nEND-OF-SCRIPT"
	out, err := j.run(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	text := strings.TrimSpace(string(out))
	if err != nil {
		if text == "" {
			text = err.Error()
		}
		return run.Error{What: what + ": " + text, Remedy: remedy}
	}
	p.sys.Progress("processes: %s runs with what this machine has, in its versions: %s", who, text)
	return nil
}

// requirements is the file that an install reads, "" for none.
func requirements(install string) string {
	f := strings.Fields(install)
	if i := slices.Index(f, "-r"); i >= 0 && i+1 < len(f) {
		return f[i+1]
	}
	return ""
}

// leftOut are names of the tree that no program is made of: what an install makes anew, and what version control keeps.
var leftOut = []string{".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", "venv", ".lift"}

// copyTree copies a directory of the source tree.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, at)
		if err != nil {
			return err
		}
		if rel != "." && slices.Contains(leftOut, d.Name()) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		return copyEntry(at, filepath.Join(to, rel), d)
	})
}

// copyEntry copies one entry of a directory, not what is in it.
func copyEntry(from, to string, d fs.DirEntry) error {
	switch {
	case d.IsDir():
		if err := os.MkdirAll(to, 0o755); err != nil {
			return err
		}
		return os.Chmod(to, 0o755)
	case d.Type() == fs.ModeSymlink:
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		_ = os.Remove(to)
		return os.Symlink(target, to)
	case d.Type().IsRegular():
		return copyFile(from, to)
	}
	return nil
}
