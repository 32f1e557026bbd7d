package verify_test

import (
	"strings"
	"testing"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/verify"
)

func two() deploy.App {
	return deploy.App{
		Workloads: []deploy.Workload{
			{Name: "my_db", Kind: deploy.Some(deploy.Service), Scale: deploy.Scale{Replicas: deploy.Some(int64(1))}, Env: []deploy.Env{{Name: "A", Value: deploy.Plain("1")}, {Name: "B", Value: deploy.Secret("s3")}}},
			{Name: "web", Kind: deploy.Some(deploy.Service), Scale: deploy.Scale{Replicas: deploy.Some(int64(2))}},
		},
	}
}

// Each case is a lowering that lies. The check must say so, and name the place.
func TestLoweringFails(t *testing.T) {
	path := func(names ...string) deploy.Path { return deploy.At(append([]string{"workloads"}, names...)...) }
	for name, c := range map[string]struct {
		change func(*deploy.App)
		l      ledger.Lowering
		want   string
	}{
		"a leaf is lost without a word": {
			change: func(a *deploy.App) { a.Workloads[1].Kind = deploy.Opt[deploy.Kind]{} },
			want:   "workloads.web.kind: lost without a word",
		},
		"a leaf is changed without a word": {
			change: func(a *deploy.App) { a.Workloads[1].Scale.Replicas = deploy.Some(int64(3)) },
			want:   "workloads.web.scale.replicas: changed without a word",
		},
		"a leaf is invented without a word": {
			change: func(a *deploy.App) { a.Workloads[1].Dir = deploy.Some("/srv") },
			want:   "workloads.web.dir: invented without a word",
		},
		"an element is lost without a word": {
			change: func(a *deploy.App) { a.Workloads[0].Env = a.Workloads[0].Env[:1] },
			want:   "workloads.my_db.env.B: lost without a word",
		},
		"a leaf of an invented element is not declared": {
			change: func(a *deploy.App) {
				a.Workloads[1].Ports = []deploy.Port{{Number: "80/tcp", Name: deploy.Some("http"), Reachable: deploy.Some(true)}}
			},
			l:    ledger.Lowering{Assumed: []ledger.Assumption{{Field: path("web", "ports", "80/tcp", "name"), Value: "http", Why: "x"}}},
			want: "workloads.web.ports.80/tcp.reachable: invented without a word",
		},
		"a stale turn": {
			l:    ledger.Lowering{Turns: []ledger.Turn{{From: path("web", "kind"), Outcome: ledger.Dropped, Reason: "x"}}},
			want: "workloads.web.kind: stale turn",
		},
		"dropped, but it is there": {
			change: func(a *deploy.App) { a.Workloads[1].Scale.Replicas = deploy.Some(int64(3)) },
			l:      ledger.Lowering{Turns: []ledger.Turn{{From: path("web", "scale", "replicas"), Outcome: ledger.Dropped, Reason: "x"}}},
			want:   "declared dropped, but it is there",
		},
		"a turn that leads nowhere": {
			change: func(a *deploy.App) { a.Workloads[1].Kind = deploy.Opt[deploy.Kind]{} },
			l:      ledger.Lowering{Turns: []ledger.Turn{{From: path("web", "kind"), To: []deploy.Path{path("web", "dir")}, Outcome: ledger.Converted}}},
			want:   "its turn leads to workloads.web.dir, which is not there",
		},
		"a loss without a reason": {
			change: func(a *deploy.App) { a.Workloads[1].Kind = deploy.Opt[deploy.Kind]{} },
			l:      ledger.Lowering{Turns: []ledger.Turn{{From: path("web", "kind"), Outcome: ledger.Dropped}}},
			want:   "dropped without a reason",
		},
		"a stale assumption": {
			l:    ledger.Lowering{Assumed: []ledger.Assumption{{Field: path("web", "dir"), Value: "/", Why: "x"}}},
			want: "workloads.web.dir: stale assumption",
		},
		"a stale move": {
			l:    ledger.Lowering{Moves: []deploy.Move{{From: path("ghost"), To: path("web")}}},
			want: "workloads.ghost: stale move",
		},
		"a rename without a move": {
			change: func(a *deploy.App) { a.Workloads[0].Name = "my-db" },
			want:   "workloads.my_db: lost without a word",
		},
		"a collision": {
			change: func(a *deploy.App) { a.Workloads = a.Workloads[1:] },
			l:      ledger.Lowering{Moves: []deploy.Move{{From: path("my_db"), To: path("web")}}},
			want:   "collides",
		},
		"a swap": {
			change: func(a *deploy.App) { a.Workloads[0].Name, a.Workloads[1].Name = "web", "my_db" },
			want:   "changed without a word",
		},
		"a secret that changed": {
			change: func(a *deploy.App) { a.Workloads[0].Env[1].Value = deploy.Secret("other") },
			want:   "workloads.my_db.env.B.value: changed without a word",
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := two()
			b := deploy.Clone(a)
			if c.change != nil {
				c.change(&b)
			}
			got := verify.Lowering(a, b, c.l)
			found := false
			for _, p := range got {
				found = found || strings.Contains(p.String(), c.want)
				if strings.Contains(p.String(), "s3") {
					t.Errorf("a secret is printed: %s", p)
				}
			}
			if !found {
				t.Errorf("want %q, got %v", c.want, got)
			}
		})
	}
	if got := verify.Lowering(two(), two(), ledger.Lowering{}); len(got) != 0 {
		t.Errorf("an honest lowering fails: %v", got)
	}
}

// Each case is a reader that lies about its documents.
func TestClaimsFail(t *testing.T) {
	for name, c := range map[string]struct {
		lie  func(r *detect.Recorder)
		want string
	}{
		"a setting is unaccounted": {
			func(r *detect.Recorder) { r.Setting(ledger.Pos{File: "f", Line: 1}, "K", deploy.Plain("v")) }, "f:1: K unaccounted",
		},
		"a field is claimed, but not set": {
			func(r *detect.Recorder) {
				r.Convert(r.Setting(ledger.Pos{File: "f", Line: 1}, "K", deploy.Plain("v")), "workloads.web.dir")
			}, "workloads.web.dir: f:1: K claims it, but it is not set",
		},
		"a field is set by nobody": {
			func(r *detect.Recorder) { r.App.Workloads[0].Dir = deploy.Some("/") }, "workloads.web.dir: set by no setting",
		},
		"two claim one field": {
			func(r *detect.Recorder) {
				r.App.Workloads[0].Dir = deploy.Some("/")
				for i := range 2 {
					s := r.Setting(ledger.Pos{File: "f", Line: i + 1}, "K", deploy.Plain("v"))
					r.Doc.Reads = append(r.Doc.Reads, ledger.Read{Setting: s, Outcome: ledger.Converted, Fields: []deploy.Path{"workloads.web.dir"}})
				}
			}, "claimed by f:2 and by f:1",
		},
		"a loss without a reason": {
			func(r *detect.Recorder) {
				r.Drop(r.Setting(ledger.Pos{File: "f", Line: 1}, "K", deploy.Plain("v")), "", "")
			}, "dropped without a reason",
		},
		"an element that nobody speaks of": {
			func(r *detect.Recorder) { r.App.Volumes = []deploy.Volume{{Name: "v"}} }, "volumes.v: there, but no setting says so",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := honest()
			if got := verify.Claims(r.App, r.Doc); len(got) != 0 {
				t.Fatalf("an honest reader fails: %v", got)
			}
			c.lie(r)
			got := verify.Claims(r.App, r.Doc)
			for _, p := range got {
				if strings.Contains(p.String(), c.want) {
					return
				}
			}
			t.Errorf("want %q, got %v", c.want, got)
		})
	}
}

func honest() *detect.Recorder {
	r := &detect.Recorder{}
	r.App.Workloads = []deploy.Workload{{Name: "web", Kind: deploy.Some(deploy.Service)}}
	r.Convert(r.Setting(ledger.Pos{File: "f", Line: 9}, "Type", deploy.Plain("simple")), "workloads.web.kind")
	return r
}

// What is read back must be what was meant.
func TestReadBackFails(t *testing.T) {
	a := two()
	for _, p := range deploy.Paths(a) {
		b := deploy.Clone(a)
		if err := deploy.Unset(&b, p); err != nil {
			t.Fatal(err)
		}
		if got := verify.ReadBack(a, b); len(got) != 1 || got[0].At() != p {
			t.Errorf("without %s: %v", p, got)
		}
	}
}
