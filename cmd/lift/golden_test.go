package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/deploylift/lift/internal/unified"
	"github.com/deploylift/lift/report"
	"github.com/deploylift/lift/runbook"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the golden cases; read the diff as a reviewer")

const fixtures = "../../fixtures"

// TestGolden runs every case of fixtures/<step>/*.txtar: a sentence of intent, the command's arguments, the input files below in/, and what is wanted: the exit code, what is printed to
// standard error, the files and the ledger.
//
//	-- args --      arguments of lift; IN and OUT stand for the directories
//	-- show --      patterns of the written files that the case is about; none: all
//	-- in/PATH --   input files; "in/PATH -> TARGET" is a link
//	-- want/… --    exit, stderr, stdout (of verbs that write nothing), ledger, files/PATH
func TestGolden(t *testing.T) {
	cases, err := filepath.Glob(fixtures + "/*/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range cases {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(file), fixtures+"/"), ".txtar")
		t.Run(name, func(t *testing.T) { golden(t, file) })
	}
}

func golden(t *testing.T, file string) {
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	ar := txtar.Parse(src)
	if len(strings.TrimSpace(string(ar.Comment))) == 0 {
		t.Error("the case does not say in a sentence what it shows")
	}
	base := t.TempDir()
	in, out := filepath.Join(base, "in"), filepath.Join(base, "out")
	if err := os.MkdirAll(in, 0o755); err != nil {
		t.Fatal(err)
	}
	var kept []txtar.File
	want := map[string][]byte{}
	args, show := "", []string{}
	for _, f := range ar.Files {
		switch {
		case f.Name == "args":
			args = strings.TrimSpace(string(f.Data))
		case f.Name == "show":
			show = strings.Fields(string(f.Data))
		case strings.HasPrefix(f.Name, "in/"):
			if name, to, ok := strings.Cut(f.Name, " -> "); ok {
				writeLink(t, filepath.Join(base, name), to)
				break
			}
			writeFile(t, filepath.Join(base, f.Name), f.Data)
		case strings.HasPrefix(f.Name, "want/"):
			want[f.Name] = f.Data
			continue
		default:
			t.Fatalf("unknown section %q", f.Name)
		}
		kept = append(kept, f)
	}
	got := run(t, args, in, out, show)
	if strings.TrimSpace(string(got["want/exit"])) == strconv.Itoa(exitInternal) {
		t.Fatalf("a bug in lift is nothing to want:\n%s", got["want/stderr"])
	}
	if *update {
		for _, name := range slices.Sorted(keys(got)) {
			kept = append(kept, txtar.File{Name: name, Data: got[name]})
		}
		if err := os.WriteFile(file, txtar.Format(&txtar.Archive{Comment: ar.Comment, Files: kept}), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	compare(t, want, got)
}

func keys[V any](m map[string]V) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func compare(t *testing.T, want, got map[string][]byte) {
	t.Helper()
	for _, name := range slices.Sorted(keys(got)) {
		if d := unified.Diff("want", "got", want[name], got[name], 3); len(d) > 0 {
			t.Errorf("%s:\n%s", name, d)
		}
	}
	for name := range want {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is not there any more", name)
		}
	}
}

func writeFile(t *testing.T, p string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func writeLink(t *testing.T, p, to string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(to, p); err != nil {
		t.Fatal(err)
	}
}

// run executes the command line of a case and collects what it leaves behind.
func run(t *testing.T, args, in, out string, show []string) map[string][]byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	words := strings.Fields(args)
	isMigrate := len(words) > 0 && words[0] == "migrate"
	if isMigrate {
		words = append(words, "--format", "json")
	}
	for i, w := range words {
		switch w {
		case "IN":
			words[i] = in
		case "OUT":
			words[i] = out
		}
	}
	a := &app{out: &stdout, err: &stderr}
	code := a.run(words)
	got := map[string][]byte{"want/exit": fmt.Appendf(nil, "%d\n", code)}
	clean := func(b []byte) []byte {
		s := strings.NewReplacer(in, "IN", out, "OUT").Replace(string(b))
		return []byte(s)
	}
	if stderr.Len() > 0 {
		got["want/stderr"] = clean(stderr.Bytes())
	}
	if !isMigrate {
		got["want/stdout"] = clean(stdout.Bytes())
		return got
	}
	if code == exitUsage || code == exitInternal {
		if _, err := os.Stat(out); err == nil {
			t.Errorf("exit %d, but something was written", code)
		}
		return got
	}
	var r report.Report
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatalf("the report is no JSON: %v\n%s", err, stdout.Bytes())
	}
	got["want/ledger"] = ledgerText(r)
	for _, e := range r.Ledger {
		if lossy(e) && !e.Implied && e.Remedy == "" {
			t.Errorf("%s %s is %s, and nobody says what to do about it: %s", position(e.File, e.Line), e.Key, e.Outcome, e.Reason)
		}
	}
	err := fs.WalkDir(os.DirFS(out), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(p, ".lift/") || !shown(show, p) {
			return err
		}
		data, err := os.ReadFile(filepath.Join(out, p))
		got["want/files/"+p] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func shown(patterns []string, p string) bool {
	if len(patterns) == 0 {
		return p != runbook.File // it says again what the other files say; cases about it name it
	}
	return slices.ContainsFunc(patterns, func(pat string) bool {
		ok, _ := filepath.Match(pat, p)
		return ok || strings.HasPrefix(p, strings.TrimSuffix(pat, "*")) && strings.HasSuffix(pat, "/*")
	})
}

// ledgerText prints the ledger of a report so that a reviewer can read it: one line for each setting that stands in the source, and what of the platform's defaults is lost.
func ledgerText(r report.Report) []byte {
	var b bytes.Buffer
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s %s: %s", f.Severity, position(f.File, f.Line), f.What)
		if f.Remedy != "" {
			fmt.Fprintf(&b, "; %s", f.Remedy)
		}
		b.WriteByte('\n')
	}
	for _, e := range r.Ledger {
		if e.Implied && !lossy(e) {
			continue
		}
		at := position(e.File, e.Line)
		if e.Implied {
			at = "(" + e.Spec + ")"
		}
		fmt.Fprintf(&b, "%-12s %s %s", e.Outcome, at, e.Key)
		for i, t := range e.Targets {
			if i == 0 {
				b.WriteString(" →")
			}
			fmt.Fprintf(&b, " %s:%d", t.File, t.Line)
		}
		if e.Outcome != "converted" {
			fmt.Fprintf(&b, "; %s", e.Reason)
			if e.Remedy != "" {
				fmt.Fprintf(&b, "; %s", e.Remedy)
			}
		}
		b.WriteByte('\n')
	}
	for _, a := range r.Assumptions {
		fmt.Fprintf(&b, "assumed      %s = %s; %s\n", a.Key, a.Value, a.Why)
	}
	return b.Bytes()
}

func lossy(e report.Entry) bool { return e.Outcome == "dropped" || e.Outcome == "approximated" }

func position(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// TestSystems migrates the example systems to each target; fixtures/systems/NAME/TARGET holds the wanted files and the wanted ledger.
func TestSystems(t *testing.T) {
	apps, err := filepath.Glob(fixtures + "/apps/*")
	if err != nil || len(apps) == 0 {
		t.Fatalf("no systems: %v", err)
	}
	for _, dir := range apps {
		for _, target := range targetNames() {
			name := filepath.Base(dir)
			t.Run(name+"/"+target, func(t *testing.T) {
				// the output lies beside a copy of the tree, so that the way between them is the same everywhere
				base := t.TempDir()
				in, out := filepath.Join(base, name), filepath.Join(base, "out")
				if err := os.CopyFS(in, sourceFiles{os.DirFS(dir)}); err != nil {
					t.Fatal(err)
				}
				got := run(t, "migrate IN --to "+target+" --out OUT", in, out, map[string][]string{"compose": {"*", "*/*", "*/*/*"}, "kubernetes": {"kubernetes/*", runbook.File}, "knative": {"knative/*", runbook.File}, "lambda": {"lambda/*", "lambda/*/*", runbook.File}}[target])
				golden := filepath.Join(fixtures, "systems", name, target)
				if *update {
					if err := os.RemoveAll(golden); err != nil {
						t.Fatal(err)
					}
					for p, data := range got {
						writeFile(t, filepath.Join(golden, strings.TrimPrefix(p, "want/")), data)
					}
					return
				}
				want := map[string][]byte{}
				err := fs.WalkDir(os.DirFS(golden), ".", func(p string, d fs.DirEntry, err error) error {
					if err != nil || d.IsDir() {
						return err
					}
					want["want/"+p], err = os.ReadFile(filepath.Join(golden, p))
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				compare(t, want, got)
			})
		}
	}
}

// sourceFiles leaves out what running a system leaves behind in its tree.
type sourceFiles struct{ fs.FS }

func (s sourceFiles) ReadLink(name string) (string, error)   { return fs.ReadLink(s.FS, name) }
func (s sourceFiles) Lstat(name string) (fs.FileInfo, error) { return fs.Lstat(s.FS, name) }

func (s sourceFiles) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(s.FS, name)
	return slices.DeleteFunc(list, func(d fs.DirEntry) bool {
		return slices.Contains([]string{"node_modules", "__pycache__", "data"}, d.Name())
	}), err
}
