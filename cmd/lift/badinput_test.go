package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// message is the form of a complaint: file:line: what; how to mend it.
var message = regexp.MustCompile(`^([^\s:]+):([1-9][0-9]*): \S.*; \S.*[^.]$`)

// Bad input ends with 2 in each verb, names file and line, says how to mend it, and writes nothing. Each case also bounds the memory that the run may ask for, which a clock would do worse.
func TestBadInput(t *testing.T) {
	const big = 50 << 20
	unit := func(extra ...string) map[string]string {
		return map[string]string{"deploy/x.service": "[Service]\nExecStart=/usr/bin/node server.js\n" + strings.Join(extra, "\n") + "\n"}
	}
	compose := func(text string) map[string]string { return map[string]string{"compose.yaml": text} }
	binary := make([]byte, 4096)
	random := rand.NewChaCha8([32]byte{'l'})
	_, _ = random.Read(binary)
	var bomb strings.Builder
	bomb.WriteString("x-0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&bomb, "x-%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	bomb.WriteString("services:\n  web:\n    image: x\n    command: *a11\n")

	for _, c := range []struct {
		name  string
		files map[string]string
		to    string
		want  []string // all messages
		alloc uint64   // bytes, at most; 0: 32 MiB
	}{
		{name: "MemoryMax of an unknown unit", files: unit("MemoryMax=2Q"), want: []string{`deploy/x.service:3: MemoryMax=2Q: unknown unit "Q"; use K, M, G or T`}},
		{name: "all faults in one run", files: unit("MemoryMax=2Q", "CPUQuota=2", "Restart=perhaps"), want: []string{"deploy/x.service:3: MemoryMax=2Q", "deploy/x.service:4: CPUQuota=2", "deploy/x.service:5: Restart=perhaps"}},
		{name: "a line without =", files: unit("MemoryMax 2G"), want: []string{"deploy/x.service:3: missing '='; write Key=value"}},
		{name: "a section without ]", files: unit("[Install"), want: []string{"deploy/x.service:3: section header without ']'"}},
		{name: "a drop-in", files: map[string]string{"x.service": "[Service]\nExecStart=/bin/true\n", "x.service.d/10.conf": "[Service]\n\nMemoryMax=2Q\n"}, want: []string{"x.service.d/10.conf:3: MemoryMax=2Q"}},
		{name: "two files", files: map[string]string{"a.service": "[Service]\nExecStart=/bin/true\nMemoryMax=2Q\n", "b.service": "[Service]\nExecStart=/bin/true\nCPUQuota=2\n"}, want: []string{"a.service:3: MemoryMax=2Q", "b.service:3: CPUQuota=2"}},
		{name: "a Procfile line without a colon", files: map[string]string{"Procfile": "web: node web.js\nworker node worker.js\n"}, want: []string{`Procfile:2: a process type needs "name: command"; write for example`}},
		{name: "a binary file", files: map[string]string{"x.service": string(binary)}, want: []string{"x.service:2: not a unit file: it contains NUL bytes", "x.service:1: has no ExecStart="}},
		{name: "a binary Procfile", files: map[string]string{"Procfile": string(binary)}, want: []string{"Procfile:"}},
		{name: "a binary compose file", files: compose(string(binary)), to: "kubernetes", want: []string{"compose.yaml:"}},
		{name: "an empty unit", files: map[string]string{"x.service": ""}, want: []string{"x.service:1: has no ExecStart="}},
		{name: "a unit of 50 MB", files: unit(strings.Repeat("Environment=A=1\n", big/16)), want: []string{"deploy/x.service:1: not a unit file: larger than 1 MiB", "deploy/x.service:1: has no ExecStart="}, alloc: 4 * big},
		{name: "a unit with one line of 50 MB", files: unit("Environment=A=" + strings.Repeat("x", big)), want: []string{"deploy/x.service:1: not a unit file: larger than 1 MiB", "deploy/x.service:1: has no ExecStart="}, alloc: 4 * big},
		{name: "a Procfile of 50 MB", files: map[string]string{"Procfile": strings.Repeat("web: node web.js\n", big/17)}, want: []string{"Procfile:1: not a Procfile: larger than 1 MiB"}, alloc: 4 * big},
		{name: "a compose file of 50 MB", files: compose("services:\n  web:\n    image: x\n    environment:\n" + strings.Repeat("      A: b\n", big/11)), to: "kubernetes", want: []string{"compose.yaml:1: the file has 50 MiB"}, alloc: 4 * big},
		{name: "an alias bomb", files: compose(bomb.String()), to: "kubernetes", want: []string{"compose.yaml:1: aliases or nesting expand beyond all bounds; write the values out"}, alloc: 96 << 20},
		{name: "an alias to itself", files: compose("services: &a\n  web: *a\n"), to: "kubernetes", want: []string{"compose.yaml:"}},
		{name: "merge keys without end", files: compose("x-a: &a\n  <<: *a\nservices:\n  web: *a\n"), to: "kubernetes", want: []string{"compose.yaml:"}},
		{name: "deep nesting", files: compose("services: " + strings.Repeat("{a: ", 3000) + strings.Repeat("}", 3000) + "\n"), to: "kubernetes", want: []string{"compose.yaml:1: aliases or nesting expand beyond all bounds"}},
		{name: "brackets that nobody closes", files: compose("services: " + strings.Repeat("[", 1_000_000) + "\n"), to: "kubernetes", want: []string{"compose.yaml:1: "}, alloc: 256 << 20},
		{name: "deep nesting in a manifest", files: map[string]string{"k8s/web.yaml": "apiVersion: apps/v1\nkind: Deployment\nspec: " + strings.Repeat("[", 3000) + strings.Repeat("]", 3000) + "\n"}, to: "knative", want: []string{"k8s/web.yaml:3: aliases or nesting expand beyond all bounds"}},
		{name: "tabs in YAML", files: compose("services:\n\tweb:\n"), to: "kubernetes", want: []string{"compose.yaml:2: "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			base := t.TempDir()
			tree, out := filepath.Join(base, "tree"), filepath.Join(base, "out")
			write(t, tree, c.files)
			if c.to == "" {
				c.to = "compose"
			}
			if c.alloc == 0 {
				c.alloc = 32 << 20
			}
			var faults []string
			fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
			before := state(t, base, true)
			for _, args := range [][]string{
				{"detect", tree},
				{"diff", tree, "--to", c.to, "--out", out},
				{"migrate", tree, "--to", c.to, "--out", out, "--force"},
				{"migrate", tree, "--to", c.to, "--strict"},
			} {
				var m0, m1 runtime.MemStats
				runtime.ReadMemStats(&m0)
				r := wants(t, exitUsage, args...)
				runtime.ReadMemStats(&m1)
				if n := m1.TotalAlloc - m0.TotalAlloc; n > c.alloc {
					fault("%s: %d MiB are asked for, more than %d", args[0], n>>20, c.alloc>>20)
				}
				if r.out != "" {
					fault("%s prints to standard output: %.200s", args[0], r.out)
				}
				lines := strings.Split(strings.TrimSuffix(r.err, "\n"), "\n")
				for i, l := range lines {
					if len(l) > 400 {
						fault("%s: a message of %d bytes", args[0], len(l))
					}
					if i >= len(c.want) {
						fault("%s: not expected: %.400s", args[0], l)
					} else if !strings.HasPrefix(l, c.want[i]) {
						fault("%s: want %q, got %.400s", args[0], c.want[i], l)
					}
					m := message.FindStringSubmatch(l)
					if m == nil {
						fault("%s: not of the form file:line: what; remedy: %.400s", args[0], l)
						continue
					}
					if _, err := os.Stat(filepath.Join(tree, m[1])); err != nil {
						fault("%s: %s is no file of the tree", args[0], m[1])
					}
				}
				if len(lines) < len(c.want) {
					fault("%s: only %q", args[0], lines)
				}
			}
			same(t, "bad input", before, state(t, base, true))
			for _, f := range faults {
				t.Error(f)
			}
		})
	}
}

// An unknown directive is no bad input: it is dropped, with the line and a suggestion, and the rest is migrated.
func TestUnknownDirective(t *testing.T) {
	t.Parallel()
	tree, out := program(t, "MemoryMx=64M", "Zzz=1")
	r := told(t, exitClean, "migrate", tree, "--to", "kubernetes", "--out", out)
	found := map[int]string{}
	for _, f := range r.Findings {
		if f.Severity == "warning" && f.File == unitOf {
			found[f.Line] += f.What + "; " + f.Remedy
		}
	}
	for n, want := range map[int]string{extraLine: "did you mean MemoryMax=?", extraLine + 1: "unknown directive"} {
		if !strings.Contains(found[n], want) {
			t.Errorf("line %d: %q", n, found[n])
		}
	}
	dropped := map[string]int{}
	for _, e := range r.Ledger {
		if e.Outcome == "dropped" && !e.Implied {
			dropped[e.Key] = e.Line
			if e.Reason == "" {
				t.Errorf("%s is dropped without a reason", e.Key)
			}
		}
	}
	if len(dropped) != 2 || dropped["MemoryMx"] != extraLine || dropped["Zzz"] != extraLine+1 {
		t.Errorf("dropped: %v", dropped)
	}
	if _, err := os.Stat(filepath.Join(out, "kubernetes/base/web/deployment.yaml")); err != nil {
		t.Error(err)
	}
	wants(t, exitLoss, "diff", tree, "--to", "kubernetes", "--out", out, "--strict")
	text := wants(t, exitClean, "diff", tree, "--to", "kubernetes", "--out", out).out
	if want := unitOf + ":6: MemoryMx dropped: unknown directive, which systemd ignores; did you mean MemoryMax=?"; !strings.Contains(text, want) {
		t.Errorf("not printed: %s\n%.600s", want, text)
	}
}
