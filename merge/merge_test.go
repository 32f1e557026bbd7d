package merge_test

import (
	"strings"
	"testing"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/merge"
	"github.com/deploylift/lift/verify"
)

type fact struct {
	line    int
	field   string
	value   string
	implied bool
}

func result(file string, owns bool, facts ...fact) detect.Result {
	r := &detect.Recorder{}
	for _, f := range facts {
		p := deploy.Path("workloads.web." + f.field)
		if err := deploy.Set(&r.App, p, f.value); err != nil {
			panic(err)
		}
		var s int
		if f.implied {
			s = r.Implied(file, f.field, f.value)
		} else {
			s = r.Setting(ledger.Pos{File: file, Line: f.line}, f.field, deploy.Plain(f.value))
		}
		r.Convert(s, p)
	}
	if owns {
		r.Owns = []deploy.Path{"workloads.web"}
	}
	return r.Result
}

func text(t *testing.T, a deploy.App, field string) string {
	t.Helper()
	s, _ := deploy.Text(a, deploy.Path("workloads.web."+field))
	return s
}

func TestMerge(t *testing.T) {
	strong := result("compose.yaml", true, fact{1, "dir", "/srv", false}, fact{2, "user.id", "990", false}, fact{0, "scale.replicas", "1", true})
	weak := result("Dockerfile", true, fact{5, "dir", "/app", false}, fact{6, "user.id", "990", false}, fact{7, "stop.signal", "SIGINT", false}, fact{8, "scale.replicas", "3", false}, fact{0, "umask", "022", true})
	stranger := result("guess", false, fact{0, "stop.scope", "main", true})
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
		all := []merge.Input{{Rank: merge.Configured, Result: strong}, {Rank: merge.Packaged, Result: weak}, {Rank: merge.Suggested, Result: stranger}}
		got := merge.Merge(all[order[0]], all[order[1]], all[order[2]])
		for field, want := range map[string]string{
			"dir":            "/srv",   // the stronger evidence
			"user.id":        "990",    // both agree
			"stop.signal":    "SIGINT", // only the weaker one speaks
			"scale.replicas": "3",      // a stated value beats an implied one
			"umask":          "022",    // the default of a source that starts the workload
			"stop.scope":     "",       // the default of one that does not
		} {
			if s := text(t, got.App, field); s != want && s != "0"+strings.TrimLeft(want, "0") {
				t.Errorf("order %v: %s is %q, want %q", order, field, s, want)
			}
		}
		if ps := verify.Claims(got.App, got.Doc); len(ps) != 0 {
			t.Errorf("order %v: %v", order, ps)
		}
		if len(got.Findings) != 1 || got.Findings[0].At.String() != "Dockerfile:5" || !strings.Contains(got.Findings[0].What, "compose.yaml:1") {
			t.Errorf("order %v: the contradiction is reported as %v", order, got.Findings)
		}
		if _, err := ledger.Join(got.Doc); err != nil {
			t.Error(err)
		}
	}
}

// Of two sources that start one program under two names one is left; what the weaker one would add is named, not taken.
func TestMergeSameProgram(t *testing.T) {
	unit := result("shop-web.service", true, fact{3, "command.argv", "/usr/bin/node web.js", false}, fact{4, "env.PORT.value", "8080", false})
	file := result("Procfile", true, fact{1, "command.argv", "node web.js", false}, fact{2, "env.PORT.value", "5000", false}, fact{3, "env.DEBUG.value", "1", false}, fact{0, "umask", "022", true})
	rename := func(r detect.Result, to string) detect.Result {
		r.App = deploy.Clone(r.App)
		r.App.Workloads[0].Name = to
		r.Owns = []deploy.Path{deploy.At("workloads", to)}
		for i := range r.Doc.Reads {
			for k, f := range r.Doc.Reads[i].Fields {
				r.Doc.Reads[i].Fields[k] = f.Rebase("workloads.web", deploy.At("workloads", to))
			}
		}
		r.Doc.Places = []ledger.Place{{Path: deploy.At("workloads", to), At: r.Doc.Settings[0].At}}
		return r
	}
	got := merge.Merge(merge.Input{Rank: merge.Configured, Result: rename(unit, "shop-web")}, merge.Input{Rank: merge.Configured, Result: file})
	if len(got.App.Workloads) != 1 || got.App.Workloads[0].Name != "shop-web" {
		t.Fatalf("%v", deploy.Paths(got.App))
	}
	w := got.App.Workloads[0]
	if len(w.Env) != 1 || w.Umask.IsSet() {
		t.Errorf("%+v: the unit starts it without DEBUG and umask", w)
	}
	var found []string
	for _, f := range got.Findings {
		found = append(found, f.String())
	}
	text := strings.Join(found, "\n")
	if len(found) != 2 || !strings.Contains(text, "Procfile:2: env.PORT.value says 5000 for shop-web, but env.PORT.value at shop-web.service:4 says 8080") || !strings.Contains(text, "would get DEBUG") {
		t.Errorf("findings:\n%s", text)
	}
	if ps := verify.Claims(got.App, got.Doc); len(ps) != 0 {
		t.Error(ps)
	}
}
