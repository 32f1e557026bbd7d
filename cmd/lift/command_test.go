package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/deploylift/lift/report"
)

type finding = report.Finding

// ran is what a run of the command says.
type ran struct {
	code     int
	out, err string
}

// command runs the command line in this process, as on a pipe.
func command(args ...string) ran {
	var out, err bytes.Buffer
	code := (&app{out: &out, err: &err}).run(args)
	return ran{code, out.String(), err.String()}
}

// wants runs the command and wants an exit code.
func wants(t *testing.T, code int, args ...string) ran {
	t.Helper()
	r := command(args...)
	if r.code != code {
		t.Fatalf("lift %s: exit %d, want %d\n%s\n%s", strings.Join(args, " "), r.code, code, r.out, r.err)
	}
	return r
}

// told runs the command with --format json and returns the report.
func told(t *testing.T, code int, args ...string) report.Report {
	t.Helper()
	r := wants(t, code, append(args, "--format", "json")...)
	var out report.Report
	if err := json.Unmarshal([]byte(r.out), &out); err != nil {
		t.Fatalf("lift %s: no JSON: %v\n%s", strings.Join(args, " "), err, r.out)
	}
	return out
}

// bookshop makes a copy of the example system in a fresh directory, with a place for the output beside it that does not exist yet.
func bookshop(t *testing.T) (tree, out string) {
	t.Helper()
	base := t.TempDir()
	tree = filepath.Join(base, "bookshop")
	if err := os.CopyFS(tree, sourceFiles{os.DirFS(fixtures + "/apps/bookshop")}); err != nil {
		t.Fatal(err)
	}
	return tree, filepath.Join(base, "out")
}

// program is a small tree of which every stated setting can be converted; extra lines go into its unit, [Service] first.
func program(t *testing.T, extra ...string) (tree, out string) {
	t.Helper()
	base := t.TempDir()
	tree = filepath.Join(base, "shop")
	lines := append([]string{"[Service]", "WorkingDirectory=/srv/web", "User=1000", "Group=1000", "ExecStart=/usr/bin/node server.js"}, extra...)
	write(t, tree, map[string]string{
		"deploy/web.service": strings.Join(lines, "\n") + "\n",
		"web/package.json":   `{"name": "web", "version": "1.0.0", "main": "server.js", "engines": {"node": "22"}}` + "\n",
		"web/server.js":      "require('http').createServer((q, s) => s.end()).listen(3000)\n",
	})
	return tree, filepath.Join(base, "out")
}

// unitOf is the unit that program writes, and extraLine the line of its first extra one.
const (
	unitOf    = "deploy/web.service"
	extraLine = 6
)

// write writes files below a directory.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for p, text := range files {
		writeFile(t, filepath.Join(dir, filepath.FromSlash(p)), []byte(text))
	}
}

// edit replaces a text that occurs in a file exactly once.
func edit(t *testing.T, file, old, now string) {
	t.Helper()
	text := slurp(t, file)
	if n := strings.Count(text, old); n != 1 {
		t.Fatalf("%s contains %q %d times", file, old, n)
	}
	writeFile(t, file, []byte(strings.Replace(text, old, now, 1)))
}

func slurp(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// line returns a line of a text, counted from 1.
func line(text string, n int) string {
	lines := strings.Split(text, "\n")
	if n < 1 || n > len(lines) {
		return ""
	}
	return lines[n-1]
}

// tree describes all that is in a directory: of each path the kind, mode, content and, if asked for, the time of its last change. A directory that is not there is empty.
func state(t *testing.T, dir string, times bool) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text := info.Mode().String()
		switch {
		case d.Type().IsRegular():
			data, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			text += fmt.Sprintf(" %x", sha256.Sum256(data))
		case d.Type()&fs.ModeSymlink != 0:
			to, err := os.Readlink(p)
			if err != nil {
				return err
			}
			text += " → " + to
		}
		if times {
			text += " " + info.ModTime().String()
		}
		rel, err := filepath.Rel(dir, p)
		out[filepath.ToSlash(rel)] = text
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return out
}

// same complains of everything that differs between two states.
func same(t *testing.T, what string, before, after map[string]string) {
	t.Helper()
	all := maps.Clone(before)
	maps.Copy(all, after)
	for _, p := range slices.Sorted(maps.Keys(all)) {
		if before[p] != after[p] {
			t.Errorf("%s: %s was %q, is %q", what, p, before[p], after[p])
		}
	}
}

// untouched runs the command and wants that it leaves the directory as it is, times included.
func untouched(t *testing.T, dir string, code int, args ...string) ran {
	t.Helper()
	before := state(t, dir, true)
	r := wants(t, code, args...)
	same(t, "lift "+strings.Join(args, " "), before, state(t, dir, true))
	return r
}

// files returns the paths of the regular files in a state.
func files(s map[string]string) []string {
	var out []string
	for p, text := range s {
		if strings.HasPrefix(text, "-") {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}
