package fileset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// put and read are for files in a folder; read is "" for none.
func put(t *testing.T, dir, name, data string) {
	t.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(data), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(data)
}

func set(t *testing.T, pathsAndData ...string) Set {
	t.Helper()
	var s Set
	for i := 0; i < len(pathsAndData); i += 2 {
		add(t, &s, pathsAndData[i], pathsAndData[i+1])
	}
	return s
}

// plan plans with the record that is there.
func plan(t *testing.T, out string, s Set, force bool) Planned {
	t.Helper()
	old, err := ReadRecord(out)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Plan(out, s, Record{Target: "test", Source: "."}, old, force)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func write(t *testing.T, out string, s Set, rec Record) {
	t.Helper()
	old, err := ReadRecord(out)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Plan(out, s, rec, old, false)
	if err == nil {
		err = p.Write()
	}
	if err != nil {
		t.Fatal(err)
	}
}

var simple = Record{Target: "test", Source: "."}

// snapshot is everything below a folder: content, mode and time of files, target
// of links, mode of folders.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == dir {
			return nil
		}
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		switch {
		case d.IsDir():
			out[rel] = info.Mode().String()
		case d.Type()&fs.ModeSymlink != 0:
			out[rel], err = os.Readlink(path)
		default:
			data, e := os.ReadFile(path)
			out[rel], err = fmt.Sprint(info.Mode(), info.ModTime(), string(data)), e
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func changes(p Planned) string {
	var out []string
	for _, c := range p.Changes {
		out = append(out, c.Kind+" "+c.Path)
	}
	return strings.Join(out, ", ")
}

func conflicts(list []Conflict) string {
	var out []string
	for _, c := range list {
		out = append(out, c.Path+" "+c.What)
	}
	return strings.Join(out, ", ")
}

func TestWrite(t *testing.T) {
	out := filepath.Join(t.TempDir(), "not", "yet")
	one := set(t, "Dockerfile", "FROM x\n", "k8s/a.yaml", "a", "k8s/deep/b.yaml", "b")
	p := plan(t, out, one, false)
	if got := changes(p); got != "create Dockerfile, create k8s/a.yaml, create k8s/deep/b.yaml" {
		t.Error(got)
	}
	if _, err := os.Stat(out); !errors.Is(err, fs.ErrNotExist) {
		t.Error("Plan made the folder")
	}
	if err := p.Write(); err != nil {
		t.Fatal(err)
	}
	first := snapshot(t, out)
	if len(first) != 8 || read(t, out, "k8s/deep/b.yaml") != "b" {
		t.Error(first)
	}

	// The same again touches nothing, not even .lift.
	info, _ := os.Stat(filepath.Join(out, ".lift"))
	p = plan(t, out, one, false)
	if got := changes(p); got != "unchanged Dockerfile, unchanged k8s/a.yaml, unchanged k8s/deep/b.yaml" {
		t.Error(got)
	}
	p.hook = func(op, path string) error { return fmt.Errorf("%s %s", op, path) }
	if err := p.Write(); err != nil {
		t.Error(err)
	}
	again, _ := os.Stat(filepath.Join(out, ".lift"))
	if d := cmp.Diff(first, snapshot(t, out)); d != "" || !info.ModTime().Equal(again.ModTime()) {
		t.Error(d)
	}

	// One changes, one goes, one comes, one stays.
	old := time.Now().Add(-time.Hour)
	_ = os.Chtimes(filepath.Join(out, "Dockerfile"), old, old)
	_ = os.Chmod(filepath.Join(out, "k8s/a.yaml"), 0o600)
	p = plan(t, out, set(t, "Dockerfile", "FROM x\n", "k8s/a.yaml", "A", "c", "c"), false)
	if got := changes(p); got != "unchanged Dockerfile, create c, update k8s/a.yaml, delete k8s/deep/b.yaml" {
		t.Error(got)
	}
	if err := p.Write(); err != nil {
		t.Fatal(err)
	}
	got := snapshot(t, out)
	if info, _ := os.Stat(filepath.Join(out, "Dockerfile")); !info.ModTime().Equal(old) {
		t.Error("an unchanged file was touched")
	}
	if info, _ := os.Stat(filepath.Join(out, "k8s/a.yaml")); info.Mode().Perm() != 0o600 {
		t.Error("an updated file lost its permissions")
	}
	if len(got) != 7 || read(t, out, "k8s/a.yaml") != "A" || read(t, out, "c") != "c" {
		t.Error(got)
	}

	// Two folders written from the same set are the same.
	other := t.TempDir()
	write(t, other, set(t, "c", "c", "k8s/a.yaml", "A", "Dockerfile", "FROM x\n"), simple)
	if read(t, other, recordPath) != read(t, out, recordPath) {
		t.Error("records differ")
	}

	// A changed input alone changes the record alone.
	p, err := Plan(out, set(t, "Dockerfile", "FROM x\n", "k8s/a.yaml", "A", "c", "c"), Record{Target: "other"}, nil, false)
	if err = errors.Join(err, p.Write()); err != nil || !strings.Contains(read(t, out, recordPath), "other") {
		t.Error(err)
	}
}

func TestUmask(t *testing.T) {
	out := t.TempDir()
	write(t, out, set(t, "d/x", "1"), simple)
	put(t, out, "e/y", "") // what the system makes of 0644 and 0755
	for a, b := range map[string]string{"d": "e", "d/x": "e/y", ".lift": "e", recordPath: "e/y"} {
		x, _ := os.Stat(filepath.Join(out, a))
		y, _ := os.Stat(filepath.Join(out, b))
		if x.Mode() != y.Mode() {
			t.Errorf("%s: %v, want %v", a, x.Mode(), y.Mode())
		}
	}
}

func TestConflicts(t *testing.T) {
	link := func(t *testing.T, out, to, name string) {
		if err := os.Symlink(filepath.FromSlash(to), filepath.Join(out, name)); err != nil {
			t.Skip(err)
		}
	}
	for name, c := range map[string]struct {
		before []string // what lift wrote
		then   func(t *testing.T, out string)
		set    []string
		// what is planned, without and with force; "!" means that force changes nothing
		changes, conflicts, notes, forced string
	}{
		"foreign file":        {nil, func(t *testing.T, out string) { put(t, out, "a", "mine") }, []string{"a", "1"}, "", "a was not written by lift", "", "update a"},
		"foreign, same":       {nil, func(t *testing.T, out string) { put(t, out, "a", "1") }, []string{"a", "1"}, "unchanged a", "", "", "!"},
		"edited":              {[]string{"a", "1"}, func(t *testing.T, out string) { put(t, out, "a", "mine") }, []string{"a", "2"}, "", "a was edited since lift wrote it", "", "update a"},
		"edited, not changed": {[]string{"a", "1"}, func(t *testing.T, out string) { put(t, out, "a", "mine") }, []string{"a", "1"}, "", "a was edited since lift wrote it", "", "update a"},
		"edited to the new":   {[]string{"a", "1"}, func(t *testing.T, out string) { put(t, out, "a", "2") }, []string{"a", "2"}, "unchanged a", "", "", "!"},
		"deleted by hand":     {[]string{"a", "1"}, func(t *testing.T, out string) { os.Remove(filepath.Join(out, "a")) }, []string{"a", "1"}, "create a", "", "", "!"},
		"gone, unchanged":     {[]string{"a", "1", "b", "2"}, nil, []string{"a", "1"}, "unchanged a, delete b", "", "", "!"},
		"gone, edited":        {[]string{"a", "1", "b", "2"}, func(t *testing.T, out string) { put(t, out, "b", "mine") }, []string{"a", "1"}, "unchanged a", "", "b is no longer generated, but was edited since lift wrote it; kept", "!"},
		"gone, gone":          {[]string{"a", "1", "b", "2"}, func(t *testing.T, out string) { os.Remove(filepath.Join(out, "b")) }, []string{"a", "1"}, "unchanged a", "", "", "!"},
		"gone, now a folder": {
			[]string{"a", "1", "b", "2"},
			func(t *testing.T, out string) { os.Remove(filepath.Join(out, "b")); put(t, out, "b/x", "") },
			[]string{"a", "1"},
			"unchanged a", "", "b is no longer generated, but b is now a folder; kept", "!",
		},
		"gone, behind a link out": {[]string{"a", "1", "d/b", "2"}, func(t *testing.T, out string) {
			os.RemoveAll(filepath.Join(out, "d"))
			link(t, out, "..", "d")
		}, []string{"a", "1"}, "unchanged a", "", "d/b is no longer generated and cannot be looked at; kept", "!"},
		"file for a folder":   {nil, func(t *testing.T, out string) { put(t, out, "d", "mine") }, []string{"d/a", "1", "d/b", "2"}, "", "d is a file, but d/a needs a folder there", "", "!"},
		"folder for a file":   {nil, func(t *testing.T, out string) { put(t, out, "a/x", "mine") }, []string{"a", "1"}, "", "a is a folder, but a file goes there", "", "!"},
		"empty folder":        {nil, func(t *testing.T, out string) { os.Mkdir(filepath.Join(out, "a"), 0o755) }, []string{"a", "1"}, "", "a is a folder, but a file goes there", "", "!"},
		"own file for folder": {[]string{"d", "1"}, nil, []string{"d/a", "1"}, "delete d, create d/a", "", "", "!"},
		"own folder for file": {[]string{"d/x/a", "1", "d/b", "2"}, nil, []string{"d", "1"}, "create d, delete d/b, delete d/x/a", "", "", "!"},
		"folder with foreign": {[]string{"d/x/a", "1"}, func(t *testing.T, out string) { put(t, out, "d/y", "mine") }, []string{"d", "1"}, "delete d/x/a", "d is a folder, but a file goes there", "", "!"},
		"link to a file":      {nil, func(t *testing.T, out string) { put(t, out, "x", "1"); link(t, out, "x", "a") }, []string{"a", "1"}, "", "a is a symbolic link, but a file goes there", "", "!"},
		"link to a folder":    {nil, func(t *testing.T, out string) { put(t, out, "x/y", "1"); link(t, out, "x", "d") }, []string{"d/a", "1"}, "", "d is a symbolic link, but d/a needs a folder there", "", "!"},
		"link to nothing":     {nil, func(t *testing.T, out string) { link(t, out, "x", "a") }, []string{"a", "1"}, "", "a is a symbolic link, but a file goes there", "", "!"},
		"link in a link": {nil, func(t *testing.T, out string) {
			put(t, out, "x/y", "1")
			link(t, out, "x", "e")
			link(t, out, "e", "d")
		}, []string{"d/a", "1"}, "", "d is a symbolic link, but d/a needs a folder there", "", "!"},
		"absolute link inside": {nil, func(t *testing.T, out string) { put(t, out, "x", "1"); link(t, out, filepath.Join(out, "x"), "a") }, []string{"a", "1"}, "", "a is a symbolic link, but a file goes there", "", "!"},
		"record is a folder": {nil, func(t *testing.T, out string) {
			put(t, out, "a", "1")
			os.MkdirAll(filepath.Join(out, recordPath), 0o755)
		}, []string{"a", "1"}, "unchanged a", ".lift/record.json is a folder, but lift keeps its record there", "", "!"},
		"all at once": {
			[]string{"a", "1"},
			func(t *testing.T, out string) { put(t, out, "a", "mine"); put(t, out, "b", "mine") },
			[]string{"a", "2", "b", "2", "c", "3"},
			"create c", "a was edited since lift wrote it, b was not written by lift", "", "update a, update b, create c",
		},
	} {
		t.Run(name, func(t *testing.T) {
			out := t.TempDir()
			if c.before != nil {
				write(t, out, set(t, c.before...), simple)
			}
			if c.then != nil {
				c.then(t, out)
			}
			old, err := ReadRecord(out)
			if err != nil && !strings.Contains(err.Error(), "is a folder") {
				t.Fatal(err)
			}
			before := snapshot(t, out)
			s := set(t, c.set...)
			p, err := Plan(out, s, simple, old, false)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([]string{c.changes, c.conflicts, c.notes}, []string{changes(p), conflicts(p.Conflicts), conflicts(p.Notes)}); d != "" {
				t.Error(d)
			}
			err = p.Write()
			if (err != nil) != (c.conflicts != "") {
				t.Errorf("Write: %v", err)
			}
			if err != nil {
				for _, l := range strings.Split(err.Error(), "\n") {
					if !strings.HasPrefix(l, show(out, "")+"/") || !strings.Contains(l, "; ") {
						t.Errorf("message %q", l)
					}
				}
				if d := cmp.Diff(before, snapshot(t, out)); d != "" {
					t.Error(d)
				}
			}
			f, err := Plan(out, s, simple, old, true)
			if err != nil {
				t.Fatal(err)
			}
			if c.forced == "!" {
				if c.conflicts != "" && conflicts(f.Conflicts) != c.conflicts {
					t.Errorf("force: %s, want %s", conflicts(f.Conflicts), c.conflicts)
				}
			} else if changes(f) != c.forced || len(f.Conflicts) > 0 {
				t.Errorf("force: %s, %s, want %s", changes(f), conflicts(f.Conflicts), c.forced)
			}
			if len(f.Conflicts) > 0 {
				return
			}
			if err := f.Write(); err != nil {
				t.Fatal(err)
			}
			for _, want := range s.Files() {
				if got := read(t, out, want.Path); got != string(want.Data) {
					t.Errorf("%s: %q", want.Path, got)
				}
			}
			clean(t, out)
		})
	}
}

// clean checks that only the record is left in .lift, no temporary file anywhere.
func clean(t *testing.T, out string) {
	t.Helper()
	for name := range snapshot(t, out) {
		if base := filepath.Base(name); strings.HasPrefix(base, ".lift-new") || strings.HasPrefix(base, "old-") || base == "lock" {
			t.Errorf("%s is left", name)
		}
	}
}

func TestLinksOut(t *testing.T) {
	for name, c := range map[string]struct{ link, to, set, want string }{
		"file":           {"x", "ELSEWHERE/victim", "x", "x"},
		"folder":         {"d", "ELSEWHERE", "d/e/x", "d"},
		"relative":       {"d", "../..", "d/x", "d"},
		"dangling":       {"x", "../nowhere", "x", "x"},
		"dangling chain": {"d", "/nowhere/at/all", "d/x", "d"},
		"deep":           {"a/b/l", "../../../..", "a/b/l/x", "a/b/l"},
	} {
		t.Run(name, func(t *testing.T) {
			out, elsewhere := filepath.Join(t.TempDir(), "o", "p"), t.TempDir()
			put(t, elsewhere, "victim", "1")
			at := filepath.Join(out, c.link)
			if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(strings.Replace(c.to, "ELSEWHERE", elsewhere, 1), at); err != nil {
				t.Skip(err)
			}
			before, there := snapshot(t, out), snapshot(t, elsewhere)
			_, err := Plan(out, set(t, c.set, "2", c.set+"2", "3"), simple, nil, true)
			if want := show(out, c.want) + ": symbolic link leads out of " + show(out, "") + "; remove it"; err == nil || err.Error() != want {
				t.Errorf("%v, want %s", err, want)
			}
			if d := cmp.Diff(before, snapshot(t, out)) + cmp.Diff(there, snapshot(t, elsewhere)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestLinkBetween puts a link in the way after Write has looked.
func TestLinkBetween(t *testing.T) {
	out, elsewhere := t.TempDir(), t.TempDir()
	put(t, out, "d/keep", "1")
	p := plan(t, out, set(t, "d/x", "1"), false)
	p.hook = func(op, path string) error {
		if op == "create" && strings.HasPrefix(path, "d/") {
			_ = os.Rename(filepath.Join(out, "d"), filepath.Join(out, "e"))
			return os.Symlink(elsewhere, filepath.Join(out, "d"))
		}
		return nil
	}
	err := p.Write()
	if got := snapshot(t, elsewhere); err == nil || len(got) != 1 {
		t.Errorf("%v: %v", err, got)
	}
}

func TestOutIsAFile(t *testing.T) {
	out := t.TempDir()
	put(t, out, "f", "1")
	f := filepath.Join(out, "f")
	if _, err := Plan(f, Set{}, simple, nil, false); err == nil || err.Error() != show(f, "")+": is a file; name a folder to write to" {
		t.Error(err)
	}
}

func TestOutIsALink(t *testing.T) {
	real := t.TempDir()
	out := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(real, out); err != nil {
		t.Skip(err)
	}
	write(t, out, set(t, "a/b", "1"), simple)
	if read(t, real, "a/b") != "1" {
		t.Error("not written")
	}
}

// scene has every kind of change at once.
func scene(t *testing.T) (out string, p Planned) {
	top := t.TempDir()
	out = filepath.Join(top, "out")
	write(t, out, set(t, "same", "1", "update", "1", "d/gone", "1", "d/deep/gone", "2", "file-to-dir", "1", "dir-to-file/x/y", "1", "stay/gone", "1"), simple)
	put(t, out, "stay/mine", "mine")
	put(t, out, "forced", "mine")
	_ = os.Chmod(filepath.Join(out, "d"), 0o700)
	p = plan(t, out, set(t, "same", "1", "update", "2", "new", "3", "n/e/w", "4", "n/f", "5", "file-to-dir/x", "6", "dir-to-file", "7", "forced", "8"), true)
	want := "create dir-to-file, delete d/deep/gone, delete d/gone, delete dir-to-file/x/y, delete file-to-dir, delete stay/gone, " +
		"create file-to-dir/x, update forced, create n/e/w, create n/f, create new, unchanged same, update update"
	got := strings.Split(changes(p), ", ")
	if d := cmp.Diff(len(strings.Split(want, ", ")), len(got)); d != "" || len(p.Conflicts)+len(p.Notes) > 0 {
		t.Fatal(got, p.Conflicts, p.Notes)
	}
	return out, p
}

// TestRollback lets each step fail in turn: the folder is as it was, or, in the
// last steps, entirely new.
func TestRollback(t *testing.T) {
	boom := errors.New("boom")
	steps := 0
	for n := 1; ; n++ {
		out, p := scene(t)
		before := snapshot(t, out)
		count, failed, committed := 0, "", false
		p.hook = func(op, path string) error {
			count++
			if count == n {
				failed = op + " " + path
				return boom
			}
			committed = committed || op == "syncdir" && path == ".lift" && failed == "" && strings.Contains(read(t, out, recordPath), `"new"`)
			return nil
		}
		err := p.Write()
		if failed == "" {
			if err != nil {
				t.Fatal(err)
			}
			clean(t, out)
			break
		}
		steps++
		after := snapshot(t, out)
		switch {
		case err == nil:
			// Only where there is another way to do it: without links.
			if !strings.HasPrefix(failed, "link ") {
				t.Errorf("%s: no error", failed)
			}
			clean(t, out)
			if read(t, out, "update") != "2" || read(t, out, "forced") != "8" {
				t.Errorf("%s: not written", failed)
			}
		case !errors.Is(err, boom):
			t.Errorf("%s: %v", failed, err)
		case strings.Contains(err.Error(), "everything is written"):
			if !committed || read(t, out, "n/e/w") != "4" || read(t, out, "dir-to-file") != "7" {
				t.Errorf("%s: %v\n%v", failed, err, after)
			}
		default:
			if d := cmp.Diff(before, after); d != "" || !strings.HasSuffix(err.Error(), "boom; nothing was written") {
				t.Errorf("%s: %v\n%s", failed, err, d)
			}
		}
	}
	t.Logf("%d steps", steps)
	if steps < 40 {
		t.Errorf("only %d steps", steps)
	}
}

// TestRollbackNewFolder is the same where the output did not exist.
func TestRollbackNewFolder(t *testing.T) {
	for n := 1; ; n++ {
		top := t.TempDir()
		out := filepath.Join(top, "a", "b")
		p := plan(t, out, set(t, "x/y", "1", "z", "2"), false)
		count, failed := 0, ""
		p.hook = func(op, path string) error {
			if count++; count == n {
				failed = op + " " + path
				return errors.New("boom")
			}
			return nil
		}
		err := p.Write()
		if failed == "" {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		if got := snapshot(t, top); err == nil || len(got) != 1 && !strings.Contains(err.Error(), "everything is written") {
			t.Errorf("%s: %v\n%v", failed, err, got)
		}
	}
}

// TestRollbackFails lets everything fail from some step on: nothing that the user
// had is lost, and the message says where it is.
func TestRollbackFails(t *testing.T) {
	for n := 1; n < 80; n++ {
		out, p := scene(t)
		count := 0
		p.hook = func(op, path string) error {
			if count++; count >= n {
				return errors.New("boom")
			}
			return nil
		}
		err := p.Write()
		if err == nil {
			continue
		}
		if strings.Contains(err.Error(), "everything is written") {
			continue
		}
		all := strings.Join(values(snapshot(t, out)), "\n")
		if strings.Count(all, "mine") < 2 {
			t.Fatalf("step %d: a file is lost: %v\n%v", n, err, snapshot(t, out))
		}
		if read(t, out, "forced") != "mine" && !strings.Contains(err.Error(), "its previous content is in") {
			t.Fatalf("step %d: %v", n, err)
		}
	}
}

func values(m map[string]string) (out []string) {
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

func TestChangedBetween(t *testing.T) {
	for name, change := range map[string]func(out string) error{
		"edited":      func(out string) error { return os.WriteFile(filepath.Join(out, "a"), []byte("mine"), 0o644) },
		"disappeared": func(out string) error { return os.Remove(filepath.Join(out, "a")) },
		"appeared":    func(out string) error { return os.WriteFile(filepath.Join(out, "b"), []byte("mine"), 0o644) },
		"unchanged one edited": func(out string) error {
			return os.WriteFile(filepath.Join(out, "same"), []byte("mine"), 0o644)
		},
		"deleted one edited": func(out string) error { return os.WriteFile(filepath.Join(out, "gone"), []byte("mine"), 0o644) },
		"record":             func(out string) error { return os.Remove(filepath.Join(out, recordPath)) },
		"became a link": func(out string) error {
			return errors.Join(os.Remove(filepath.Join(out, "a")), os.Symlink("same", filepath.Join(out, "a")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			out := t.TempDir()
			write(t, out, set(t, "a", "1", "same", "1", "gone", "1"), simple)
			p := plan(t, out, set(t, "a", "2", "b", "2", "same", "1"), false)
			if err := change(out); err != nil {
				t.Fatal(err)
			}
			before := snapshot(t, out)
			err := p.Write()
			if err == nil || !strings.Contains(err.Error(), ": changed while lift was running; run lift again") {
				t.Error(err)
			}
			if d := cmp.Diff(before, snapshot(t, out)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestAppearsLate has a file appear after Write has looked.
func TestAppearsLate(t *testing.T) {
	out := t.TempDir()
	p := plan(t, out, set(t, "a", "1", "b", "1"), false)
	p.hook = func(op, path string) error {
		if op == "rename" && path == "a" {
			put(t, out, "b", "mine")
		}
		return nil
	}
	if err := p.Write(); err == nil || !strings.Contains(err.Error(), "b: appeared while lift was running; run lift again") {
		t.Error(err)
	}
	if got := snapshot(t, out); len(got) != 2 || read(t, out, "b") != "mine" {
		t.Error(got)
	}
}

func TestLock(t *testing.T) {
	host, _ := os.Hostname()
	for name, c := range map[string]struct{ lock, want string }{
		"running":      {fmt.Sprintf("lift %d %s\n", os.Getppid(), host), fmt.Sprintf("lift is writing here (process %d); wait for it to end", os.Getppid())},
		"other host":   {"lift 1 elsewhere.example\n", "lift is writing here (process 1 on elsewhere.example); if it no longer runs, delete this file"},
		"killed":       {"lift 2147483000 " + host + "\n.lift/old-0 .lift/record.json\n.lift/old-1 a\n", "left by lift process 2147483000, which was killed (previous contents: .lift/old-1 was a); delete this file"},
		"killed early": {"lift 2147483000 " + host + "\n.lift/old-7 a\n", "left by lift process 2147483000, which was killed (it had not replaced anything yet); delete this file"},
		"empty":        {"", "another lift is writing here, or was killed; if none is running, delete this file"},
	} {
		t.Run(name, func(t *testing.T) {
			out := t.TempDir()
			put(t, out, lockPath, c.lock)
			put(t, out, ".lift/old-1", "previous")
			before := snapshot(t, out)
			err := plan(t, out, set(t, "a", "1"), false).Write()
			if err == nil || !strings.HasPrefix(err.Error(), show(out, lockPath)+": "+c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
			if d := cmp.Diff(before, snapshot(t, out)); d != "" {
				t.Error(d)
			}
			// Once the lock is gone the rest may stay: it is not overwritten.
			_ = os.Remove(filepath.Join(out, lockPath))
			if err := plan(t, out, set(t, "a", "1"), false).Write(); err != nil || read(t, out, ".lift/old-1") != "previous" {
				t.Error(err)
			}
		})
	}
}

// TestManyWriters starts several at once: one set is there in the end, whole.
func TestManyWriters(t *testing.T) {
	for round := range 20 {
		out := filepath.Join(t.TempDir(), "out")
		var wg sync.WaitGroup
		var plans []Planned
		for i := range 4 {
			v := fmt.Sprint(i)
			plans = append(plans, plan(t, out, set(t, "a/b", v, "c", v), false))
		}
		errs := make([]error, len(plans))
		for i, p := range plans {
			wg.Go(func() { errs[i] = p.Write() })
		}
		wg.Wait()
		won := ""
		for i, err := range errs {
			if err == nil {
				won += fmt.Sprint(i)
			}
		}
		if read(t, out, "a/b") != won || read(t, out, "c") != won || len(won) != 1 {
			t.Fatalf("round %d: %q won, files are %q and %q: %v", round, won, read(t, out, "a/b"), read(t, out, "c"), errs)
		}
		clean(t, out)
	}
}
