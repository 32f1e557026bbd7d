package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// What is wrong with the call ends with 2, says so, and changes nothing anywhere.
func TestWrongUsage(t *testing.T) {
	t.Parallel()
	tree, out := program(t)
	base := filepath.Dir(tree)
	missing := filepath.Join(base, "missing")
	write(t, base, map[string]string{"empty/README": "nothing to deploy\n"})
	for _, c := range []struct {
		args string
		want string // a part of the message
	}{
		{"undo TREE", `unknown command "undo"`},
		{"dif TREE", "diff"},
		{"--to compose", "unknown flag: --to"},
		{"diff TREE", "--to is missing; use one of compose, kubernetes, knative"},
		{"migrate TREE --out OUT", "--to is missing"},
		{"migrate TREE --to swarm --out OUT", "--to swarm: unknown target; use one of compose, kubernetes, knative"},
		{"migrate TREE --to", "--to"},
		{"migrate TREE --to compose --out OUT --overwrite", "unknown flag: --overwrite; see lift migrate --help"},
		{"migrate TREE MISSING --to compose --out OUT", "at most 1 arg"},
		{"migrate MISSING --to compose --out OUT", "MISSING: no such directory"},
		{"migrate TREE/web/server.js --to compose --out OUT", "not a directory; name the directory that contains it"},
		{"migrate TREE --to compose --out TREE/web/server.js", "server.js"},
		{"migrate EMPTY --to compose --out OUT", "EMPTY: nothing that lift can read; see lift formats"},
		{"migrate TREE --to compose --out OUT --source upstart", `unknown source "upstart"; see lift formats`},
		{"migrate TREE --to compose --out OUT --source procfile", "nothing that lift can read"},
		{"migrate TREE --to compose --out OUT --only nobody", "--only nobody: there is no such workload; there are web"},
		{"migrate TREE --to compose --out OUT --only web,nobody", "--only nobody"},
		{"migrate TREE --to compose --out OUT --format xml", "--format xml: unknown format; use text, markdown or json"},
		{"migrate TREE --to compose --out OUT --strict=perhaps", "strict"},
		{"detect MISSING", "no such directory"},
		{"detect TREE --to compose", "unknown flag: --to; see lift detect --help"},
		{"detect TREE --force", "unknown flag: --force"},
		{"diff TREE --to compose --force", "unknown flag: --force"},
		{"verify MISSING", "no such directory"},
		{"verify TREE --to compose", "unknown flag: --to; see lift verify --help"},
		{"verify TREE", "lift has written nothing here; run lift migrate first"},
		{"verify TREE --out OUT", "lift has written nothing here"},
		{"verify TREE --out MISSING", "lift has written nothing here"},
		{"explain nothing", "unknown source; see lift formats"},
		{"explain systemd:NoSuchThing", "unknown setting; lift explain systemd lists them"},
		{"explain a b", "at most 1 arg"},
		{"formats all", "unknown command"},
	} {
		t.Run(c.args, func(t *testing.T) {
			in := strings.NewReplacer("TREE", tree, "OUT", out, "MISSING", missing, "EMPTY", filepath.Join(base, "empty"))
			r := untouched(t, base, exitUsage, strings.Fields(in.Replace(c.args))...)
			if r.out != "" {
				t.Errorf("something is printed to standard output: %s", r.out)
			}
			if !strings.HasPrefix(r.err, "lift: ") || !strings.Contains(r.err, in.Replace(c.want)) {
				t.Errorf("want %q, got %q", in.Replace(c.want), r.err)
			}
		})
	}
}

// A tier's name means its default target.
func TestTierNames(t *testing.T) {
	t.Parallel()
	for tier, target := range map[string]string{"container": "compose", "orchestrator": "kubernetes", "serverless": "knative"} {
		tree, out := program(t)
		if r := told(t, exitClean, "diff", tree, "--to", tier, "--out", out); r.Target != target {
			t.Errorf("--to %s means %s", tier, r.Target)
		}
	}
}

// Without --strict losses end with 0, with it with 1; without losses --strict changes nothing. It is about what is printed, not about what is written.
func TestStrict(t *testing.T) {
	t.Parallel()
	whole, out := program(t)
	for _, args := range [][]string{
		{"detect", whole, "--strict"},
		{"diff", whole, "--to", "kubernetes", "--out", out, "--strict"},
		{"migrate", whole, "--to", "kubernetes", "--out", out, "--strict"},
		{"verify", whole, "--out", out, "--strict"},
	} {
		wants(t, exitClean, args...)
	}

	lossy, out := program(t, "MemoryMx=64M")
	for _, args := range [][]string{
		{"detect", lossy},
		{"diff", lossy, "--to", "compose", "--out", out},
		{"migrate", lossy, "--to", "compose", "--out", out},
		{"verify", lossy, "--out", out},
	} {
		r := wants(t, exitClean, args...)
		strict := wants(t, exitLoss, append(args, "--strict")...)
		if args[0] != "migrate" && r.out != strict.out || strict.err != "" {
			t.Errorf("%s prints something else with --strict:\n%s\n%s%s", args[0], r.out, strict.out, strict.err)
		}
	}
	lossy, out = program(t, "MemoryMx=64M")
	wants(t, exitLoss, "migrate", lossy, "--to", "compose", "--out", out, "--strict")
	wants(t, exitClean, "verify", lossy, "--out", out)

	// a workload that stays on the tier before is a loss, though its settings are kept
	worker, out := program(t)
	write(t, worker, map[string]string{"web/server.js": "setInterval(() => {}, 1000)\n"})
	r := told(t, exitLoss, "diff", worker, "--to", "knative", "--out", out, "--strict")
	if r.Summary.Stays != 1 {
		t.Errorf("%d workloads stay", r.Summary.Stays)
	}
	wants(t, exitClean, "diff", worker, "--to", "kubernetes", "--out", out, "--strict")
}
