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
