package run

import (
	"strings"
	"testing"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/verify/run/witness"
)

// pair is a small workload on two tiers, and the worlds that keep what their files say.
func pair(t *testing.T) (a, b view, c comparison, original deploy.App, l *ledger.Lowering) {
	t.Helper()
	set := func(app *deploy.App, path, text string) {
		if err := deploy.Set(app, deploy.Path(path), text); err != nil {
			t.Fatal(err)
		}
	}
	for _, kv := range [][2]string{
		{"workloads.web.command.argv", "web --all"},
		{"workloads.web.umask", "0027"},
		{"workloads.web.env.LEVEL.value", "info"},
		{"workloads.web.user.id", "990"},
		{"workloads.web.resources.pids", "64"},
	} {
		set(&original, kv[0], kv[1])
	}
	lowered := deploy.Clone(original)
	world := func() *witness.World {
		w := &witness.World{
			Nonce: "n", Argv: []string{"web", "--all"}, Env: map[string]string{"LEVEL": "info"}, UID: 990, Umask: "0027", Seccomp: "filter", Zone: "UTC+00:00",
			Limits: map[string][2]string{"nofile": {"1024", "4096"}},
		}
		w.Cgroup.Pids = "64"
		return w
	}
	a = view{tier: "processes", w: original.Workloads[0], world: world(), deeds: map[string]string{}}
	b = view{tier: "docker", w: lowered.Workloads[0], world: world(), deeds: map[string]string{}}
	l = &ledger.Lowering{}
	return a, b, comparison{tier: "docker", original: "processes", mask: func(s string) string { return s }}, original, l
}

// verdicts compares the two and returns the statuses by aspect.
func verdicts(t *testing.T, a, b view, c comparison, original deploy.App, l ledger.Lowering) map[string]Finding {
	t.Helper()
	var err error
	if c.fates, err = newFates(original, []Hop{{Lowering: l}}, nil); err != nil {
		t.Fatal(err)
	}
	out := map[string]Finding{}
	for _, f := range c.worlds("web", a, b) {
		out[f.Aspect] = f
	}
	return out
}

func TestSameWorlds(t *testing.T) {
	a, b, c, original, l := pair(t)
	for name, f := range verdicts(t, a, b, c, original, *l) {
		if f.Status != Same && f.Status != NotTested {
			t.Errorf("%s: %s: %s", name, f.Status, f.Reason)
		}
	}
}

// What differs without a word is found, whatever it is, and a declared loss is told from it.
func TestDifferences(t *testing.T) {
	for _, tc := range []struct {
		name, aspect string
		change       func(a, b *view, l *ledger.Lowering)
		want         Status
		reason       string
	}{
		{"argument", "argv", func(_, b *view, _ *ledger.Lowering) { b.world.Argv = []string{"web"} }, Undeclared, "files of this tier say"},
		{"variable is gone", "env.LEVEL", func(_, b *view, _ *ledger.Lowering) { delete(b.world.Env, "LEVEL") }, Undeclared, "files of this tier say info"},
		{"variable nobody wrote", "env.EXTRA", func(_, b *view, _ *ledger.Lowering) { b.world.Env["EXTRA"] = "1" }, Undeclared, "nothing says"},
		{"variable of the machine", "env.LEAK", func(a, _ *view, _ *ledger.Lowering) { a.world.Env["LEAK"] = "1" }, Undeclared, "nothing says"},
		{"variable of the platform", "env.HOSTNAME", func(_, b *view, _ *ledger.Lowering) { b.world.Env["HOSTNAME"] = "x" }, Declared, "host name"},
		{"umask that the original did not give", "umask", func(a, _ *view, _ *ledger.Lowering) { a.world.Umask = "0022" }, Undeclared, "original's own files"},
		{"umask lost without a word", "umask", func(_, b *view, _ *ledger.Lowering) {
			b.w.Umask = deploy.Opt[deploy.Mode]{}
			b.world.Umask = "0022"
		}, Undeclared, "nothing says"},
		{"umask lost as declared", "umask", func(_, b *view, l *ledger.Lowering) {
			b.w.Umask = deploy.Some(deploy.Mode(0o022))
			b.world.Umask = "0022"
			l.Drop("workloads.web.umask", "a container has none", "")
		}, Declared, "a container has none"},
		{"umask becomes another than the files say", "umask", func(_, b *view, l *ledger.Lowering) {
			b.w.Umask = deploy.Some(deploy.Mode(0o022))
			b.world.Umask = "0000"
			l.Drop("workloads.web.umask", "a container has none", "")
		}, Undeclared, "files of this tier say 0022"},
		{"lost, and yet the same", "cgroup.pids", func(_, b *view, l *ledger.Lowering) {
			b.w.Resources.Pids = deploy.Opt[deploy.Limit[int64]]{}
			l.Drop("workloads.web.resources.pids", "bounded for a node", "")
		}, Same, "declared as lost"},
		{"ignored signals, with a setting that has no place in the model", "signals.ignored", func(a, _ *view, _ *ledger.Lowering) { a.world.Ignored = []string{"SIGPIPE"} }, Undeclared, "nothing says"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a, b, c, original, l := pair(t)
			tc.change(&a, &b, l)
			f := verdicts(t, a, b, c, original, *l)[tc.aspect]
			if f.Status != tc.want || !strings.Contains(f.Reason, tc.reason) {
				t.Errorf("%s: %q, %q; want %q, %q", tc.aspect, f.Status, f.Reason, tc.want, tc.reason)
			}
		})
	}
}

// A setting without a place in the model declares a difference by its key, at the step where the ledger says so.
func TestDeclaredByKey(t *testing.T) {
	a, b, c, original, l := pair(t)
	a.world.Ignored = []string{"SIGPIPE"}
	c.entries = []ledger.Entry{{Setting: ledger.Setting{Key: "IgnoreSIGPIPE=yes"}, Tiers: []ledger.Tier{{Outcome: ledger.Dropped, Reason: "SIGPIPE is deadly there"}}}}
	if f := verdicts(t, a, b, c, original, *l)["signals.ignored"]; f.Status != Declared || f.Reason != "SIGPIPE is deadly there" {
		t.Errorf("%+v", f)
	}
}

func TestUntestedBeforehand(t *testing.T) {
	a, b, c, original, l := pair(t)
	b.world.Limits["nofile"] = [2]string{"1", "1"}
	c.untested = []Untested{{"", "limits.", "the engine cannot raise it"}, {"other", "umask", "not this one"}}
	got := verdicts(t, a, b, c, original, *l)
	if f := got["limits.nofile.soft"]; f.Status != NotTested || f.Reason != "the engine cannot raise it" {
		t.Errorf("%+v", f)
	}
	if f := got["umask"]; f.Status != Same {
		t.Errorf("%+v", f)
	}
}

func TestAddressesStandAlone(t *testing.T) {
	for _, tc := range []struct {
		text, address string
		want          bool
	}{
		{"http://orders:8002/x", "orders:8002", true},
		{"postgres://u:p@orders:8002", "orders:8002", true},
		{"http://preorders:8002", "orders:8002", false},
		{"http://orders:80021", "orders:8002", false},
		{"my-orders:8002, orders:8002", "orders:8002", true},
		{"", "orders:8002", false},
	} {
		if got := standsIn(tc.text, tc.address); got != tc.want {
			t.Errorf("standsIn(%q, %q) = %v", tc.text, tc.address, got)
		}
	}
}

func TestNothingComparedIsNotEquivalent(t *testing.T) {
	if (Verdict{}).Equivalent() {
		t.Error("an empty verdict passes")
	}
	if (Verdict{Findings: []Finding{{Status: NotTested}}}).Equivalent() {
		t.Error("a verdict without a comparison passes")
	}
	if !(Verdict{Findings: []Finding{{Status: Same}, {Status: Declared}}}).Equivalent() {
		t.Error("what is the same or declared does not pass")
	}
	if (Verdict{Findings: []Finding{{Status: Same}, {Status: Undeclared}}}).Equivalent() {
		t.Error("an undeclared difference passes")
	}
}
