package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/deploylift/lift/runbook"
)

// A second run in place finds what it found before: what lift wrote is no source, and nothing is touched. So it is in a git repository, where git lists the files.
func TestAgainInPlace(t *testing.T) {
	t.Parallel()
	for _, git := range []bool{false, true} {
		tree, _ := bookshop(t)
		if git {
			if _, err := exec.LookPath("git"); err != nil {
				t.Skip("no git")
			}
			write(t, tree, map[string]string{".gitignore": ".lift/\nnode_modules/\n"})
			if out, err := exec.Command("git", "-C", tree, "init", "-q").CombinedOutput(); err != nil {
				t.Fatalf("%v %s", err, out)
			}
		}
		first := told(t, exitClean, "migrate", tree, "--to", "knative")
		for _, p := range []string{"compose.yaml", "worker/Dockerfile", "kubernetes/base/kustomization.yaml", "knative/kustomization.yaml", ".lift/record.json"} {
			if _, err := os.Stat(filepath.Join(tree, p)); err != nil {
				t.Error(err)
			}
		}
		before := state(t, tree, true)
		second := told(t, exitClean, "migrate", tree, "--to", "knative")
		same(t, "the second run in place", before, state(t, tree, true))
		if len(second.Files) != len(first.Files) || len(second.Files) < 20 {
			t.Errorf("%d files, then %d", len(first.Files), len(second.Files))
		}
		for _, f := range second.Files {
			if f.Change != "unchanged" {
				t.Errorf("%s: %s", f.Path, f.Change)
			}
		}
		if first.Summary != second.Summary || !slices.Equal(first.Workloads, second.Workloads) || !slices.Equal(first.Findings, second.Findings) {
			t.Errorf("the second run says something else: %+v, then %+v", first.Summary, second.Summary)
		}
		own := map[string]bool{}
		for _, f := range first.Files {
			own[f.Path] = true
		}
		for _, e := range second.Ledger {
			if own[e.File] {
				t.Errorf("%s:%d %s is read as a source", e.File, e.Line, e.Key)
			}
		}
		// asked for by name, it is no source either
		r := untouched(t, tree, exitUsage, "migrate", tree, "--source", "compose", "--to", "kubernetes")
		if !strings.Contains(r.err, "nothing that lift can read") {
			t.Error(r.err)
		}
		untouched(t, tree, exitClean, "diff", tree, "--to", "kubernetes")
		untouched(t, tree, exitClean, "verify", tree)
		if d := told(t, exitClean, "diff", tree, "--to", "knative").Diff; d != "" {
			t.Errorf("the files are current, but there is a diff:\n%s", d)
		}
	}
}

// diff and detect write nothing, in no format, whether or not there is something to write.
func TestDiffWritesNothing(t *testing.T) {
	t.Parallel()
	tree, out := bookshop(t)
	base := filepath.Dir(tree)
	for _, format := range []string{"text", "markdown", "json"} {
		untouched(t, base, exitClean, "detect", tree, "--format", format)
		untouched(t, base, exitClean, "diff", tree, "--to", "kubernetes", "--format", format)
		untouched(t, base, exitClean, "diff", tree, "--to", "kubernetes", "--format", format, "--out", out)
		untouched(t, base, exitLoss, "diff", tree, "--to", "kubernetes", "--format", format, "--out", out, "--strict")
	}
	wants(t, exitClean, "migrate", tree, "--to", "compose", "--out", out)
	if err := os.Remove(filepath.Join(out, "worker/Dockerfile")); err != nil {
		t.Fatal(err)
	}
	edit(t, filepath.Join(out, "compose.yaml"), "mem_limit: 96m", "mem_limit: 95m")
	untouched(t, base, exitClean, "diff", tree, "--to", "kubernetes", "--out", out)
	untouched(t, base, exitLoss, "verify", tree, "--out", out)
}

// What diff announces is what migrate does.
func TestDiffKeepsItsWord(t *testing.T) {
	t.Parallel()
	tree, out := bookshop(t)
	announced := told(t, exitClean, "diff", tree, "--to", "kubernetes", "--out", out)
	done := told(t, exitClean, "migrate", tree, "--to", "kubernetes", "--out", out)
	if !slices.Equal(announced.Files, done.Files) {
		t.Errorf("announced %v, done %v", announced.Files, done.Files)
	}
	var paths []string
	for _, f := range done.Files {
		if f.Change != "create" {
			t.Errorf("%s: %s", f.Path, f.Change)
		}
		paths = append(paths, f.Path)
		if !strings.Contains(announced.Diff, "+++ b/"+f.Path+"\n") {
			t.Errorf("the diff does not have %s", f.Path)
		}
	}
	written := slices.DeleteFunc(files(state(t, out, false)), func(p string) bool { return p == ".lift/record.json" })
	if !slices.Equal(paths, written) {
		t.Errorf("announced %v, written %v", paths, written)
	}
}

// A file that lift did not write, or that was edited since, is nobody's to overwrite: the run ends with 2 and nothing is written, unless it is forced.
func TestConflicts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, want string
		before     bool // there before the first migration
		make       func(t *testing.T, place string)
	}{
		{"a foreign compose.yaml", "was not written by lift", true, func(t *testing.T, place string) {
			write(t, place, map[string]string{"compose.yaml": "services: {}\n"})
		}},
		{"an edited compose.yaml", "was edited since lift wrote it", false, func(t *testing.T, place string) {
			edit(t, filepath.Join(place, "compose.yaml"), "mem_limit: 96m", "mem_limit: 95m")
		}},
	} {
		for _, inPlace := range []bool{true, false} {
			name := c.name + " beside the tree"
			tree, out := bookshop(t)
			base, place := filepath.Dir(tree), out
			if inPlace {
				name, place = c.name+" in place", tree
			}
			t.Run(name, func(t *testing.T) {
				args := func(verb string, more ...string) []string {
					return append([]string{verb, tree, "--to", "kubernetes", "--out", place}, more...)
				}
				if !c.before {
					wants(t, exitClean, args("migrate")...)
				}
				c.make(t, place)
				// there is something else to write, too
				unit := filepath.Join(tree, "deploy/etc/systemd/system/orders.service")
				edit(t, unit, "UMask=0027", "UMask=0077")
				r := untouched(t, base, exitUsage, args("migrate")...)
				if want := filepath.Join(place, "compose.yaml") + ": " + c.want; !strings.HasPrefix(r.err, want) || !strings.Contains(r.err, "; ") || !strings.Contains(r.err, "--force") || !strings.HasSuffix(r.err, "nothing was written\n") {
					t.Errorf("want %q, got %q", want, r.err)
				}
				d := told(t, exitClean, args("diff")...)
				if !slices.ContainsFunc(d.Findings, func(f finding) bool {
					return f.File == "compose.yaml" && strings.Contains(f.What, c.want) && f.Remedy != ""
				}) {
					t.Errorf("diff does not speak of it: %v", d.Findings)
				}
				wants(t, exitClean, args("migrate", "--force")...)
				if text := slurp(t, filepath.Join(place, "compose.yaml")); !strings.Contains(text, "mem_limit: 96m") {
					t.Error("--force did not overwrite it")
				}
				untouched(t, base, exitClean, args("migrate")...)
			})
		}
	}
}

// A symbolic link in the output never leads out of it, with --force neither.
func TestLinksLeadNowhere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ link, to string }{
		{"kubernetes", "../outside"},
		{"kubernetes/base", "../../outside"},
		{"kubernetes/base/kustomization.yaml", "../../../outside/victim"},
		{"compose.yaml", "../outside/victim"},
		{"compose.yaml", "../outside/new"},
		{"worker/Dockerfile", "ABSOLUTE/victim"},
		{".lift", "../outside"},
		{".lift/record.json", "../../outside/victim"},
	} {
		t.Run(c.link+" to "+c.to, func(t *testing.T) {
			tree, out := bookshop(t)
			base := filepath.Dir(tree)
			outside := filepath.Join(base, "outside")
			write(t, outside, map[string]string{"victim": "precious\n"})
			p := filepath.Join(out, filepath.FromSlash(c.link))
			if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(strings.Replace(c.to, "ABSOLUTE", outside, 1), p); err != nil {
				t.Fatal(err)
			}
			for _, force := range []string{"--force=false", "--force"} {
				r := untouched(t, base, exitUsage, "migrate", tree, "--to", "kubernetes", "--out", out, force)
				if !strings.Contains(r.err, c.link+": symbolic link leads out of") || !strings.Contains(r.err, "; remove it") {
					t.Error(r.err)
				}
			}
		})
	}
}

// A link in the tree that leads out of it is not followed: a unit file of the machine is not read through it.
func TestLinksOutOfTheTree(t *testing.T) {
	t.Parallel()
	tree, out := program(t)
	write(t, filepath.Dir(tree), map[string]string{"elsewhere/spy.service": "[Service]\nExecStart=/usr/bin/canary\n"})
	if err := os.Symlink("../../elsewhere/spy.service", filepath.Join(tree, "deploy/spy.service")); err != nil {
		t.Fatal(err)
	}
	r := command("migrate", tree, "--to", "compose", "--out", out)
	if strings.Contains(r.out+r.err, "canary") {
		t.Errorf("the file behind the link was read:\n%s%s", r.out, r.err)
	}
	if !strings.Contains(r.out+r.err, "spy.service") {
		t.Errorf("nobody speaks of the link (exit %d):\n%s%s", r.code, r.out, r.err)
	}
}

// The same tree gives the same bytes: in a second run, in another directory, through a link, from another working directory's point of view.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	var first map[string]string
	var report string
	for i := range 3 {
		tree, out := bookshop(t)
		if i == 2 { // the same relation between them, but far away
			base := filepath.Join(filepath.Dir(tree), "some", "where", "else")
			if err := os.MkdirAll(base, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(tree, filepath.Join(base, "bookshop")); err != nil {
				t.Fatal(err)
			}
			tree, out = filepath.Join(base, "bookshop"), filepath.Join(base, "out")
		}
		var reports []string
		for _, place := range []string{out, tree} { // beside the tree, and in place
			r := wants(t, exitClean, "migrate", tree, "--to", "knative", "--out", place, "--format", "json")
			reports = append(reports, r.out)
		}
		now := state(t, filepath.Dir(tree), false)
		text := strings.Join(reports, "")
		if first == nil {
			first, report = now, text
			continue
		}
		same(t, "another place", first, now)
		if text != report {
			t.Error("the reports differ")
		}
		for p := range now {
			if info, err := os.Stat(filepath.Join(filepath.Dir(tree), p)); err != nil {
				t.Error(err)
			} else if info.Mode().IsRegular() && strings.Contains(slurp(t, filepath.Join(filepath.Dir(tree), p)), filepath.Dir(tree)) {
				t.Errorf("%s names the place where the tree lies", p)
			}
		}
	}
}

// A migration to a lower target afterwards deletes what is no longer generated, and the directories that are empty then; what was edited since is kept, and said.
func TestLowerTargetAfterwards(t *testing.T) {
	t.Parallel()
	tree, out := bookshop(t)
	wants(t, exitClean, "migrate", tree, "--to", "compose", "--out", out)
	low := state(t, out, false)
	wants(t, exitClean, "migrate", tree, "--to", "knative", "--out", out)
	high := state(t, out, false)
	if len(high) < len(low)+20 {
		t.Fatalf("%d files, then %d", len(low), len(high))
	}
	write(t, out, map[string]string{"kubernetes/overlays/mine.yaml": "a: 1\n"})
	edit(t, filepath.Join(out, "kubernetes/base/worker/configmap.yaml"), `WORKER_INTERVAL: "5"`, `WORKER_INTERVAL: "6"`)
	kept := map[string]bool{"kubernetes": true, "kubernetes/overlays": true, "kubernetes/overlays/mine.yaml": true, "kubernetes/base": true, "kubernetes/base/worker": true, "kubernetes/base/worker/configmap.yaml": true}

	r := told(t, exitClean, "migrate", tree, "--to", "compose", "--out", out)
	changes := map[string]string{}
	for _, f := range r.Files {
		changes[f.Path] = f.Change
	}
	for _, p := range files(high) {
		want := "delete"
		switch _, stays := low[p]; {
		case p == ".lift/record.json":
			continue
		case p == runbook.File:
			want = "update" // it tells how to get to the target
		case stays:
			want = "unchanged"
		case kept[p]:
			want = "keep"
		}
		if changes[p] != want {
			t.Errorf("%s: %q, want %q", p, changes[p], want)
		}
	}
	now := state(t, out, false)
	maps.DeleteFunc(now, func(p, _ string) bool { return kept[p] })
	same(t, "the lower target", low, now)
	for p := range kept {
		if _, err := os.Stat(filepath.Join(out, p)); err != nil {
			t.Error(err)
		}
	}
	wants(t, exitClean, "verify", tree, "--out", out)
}

// A killed run, a damaged record, a record of a newer lift: 2, a remedy, nothing written.
func TestRecordThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{":                 "restore it, or delete it and run lift with --force",
		`{"version": 4711}`: "update lift",
		`{"version": 1, "target": "kubernetes", "source": ".", "sources": [], "files": [{"path": "../victim", "sha256": "49a506dd32096b010d75205acf3430c9ae6c40351888129499e5a5e487126c93"}]}`: "leads out of the output folder",
	} {
		tree, out := program(t)
		write(t, out, map[string]string{".lift/record.json": text})
		for _, args := range [][]string{{"migrate", tree, "--to", "compose"}, {"diff", tree, "--to", "compose"}, {"verify", tree}} {
			if r := untouched(t, filepath.Dir(tree), exitUsage, append(args, "--out", out)...); !strings.Contains(r.err, want) {
				t.Errorf("%s: want %q, got %q", args[0], want, r.err)
			}
		}
	}
	tree, out := program(t)
	write(t, out, map[string]string{".lift/lock": "lift 1 somewhere-else\n"})
	if r := untouched(t, filepath.Dir(tree), exitUsage, "migrate", tree, "--to", "compose", "--out", out); !strings.Contains(r.err, ".lift/lock: lift is writing here (process 1 on somewhere-else)") {
		t.Error(r.err)
	}
}
