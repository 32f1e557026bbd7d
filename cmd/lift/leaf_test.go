package main

import (
	"strings"
	"testing"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/merge"
	"github.com/deploylift/lift/pipeline"
	"github.com/deploylift/lift/verify"
)

// systems are models in which every leaf is set, as a source of the process tier could have them, for the kinds that the steps tell apart; each also with the other answer to every yes or no.
func systems() map[string]deploy.App {
	out := map[string]deploy.App{}
	for _, kind := range []deploy.Kind{deploy.Service, deploy.Job, deploy.Cron} {
		for _, lang := range []string{"node", "python", "go"} {
			a := deploy.Full()
			for i := range a.Workloads {
				system(&a.Workloads[i], kind, lang)
				a.Workloads[i].Needs[0].Workload = a.Workloads[1-i].Name
			}
			if lang == "python" {
				if a.Ingress = (deploy.Opt[string]{}); kind != deploy.Cron {
					a.Volumes = nil
				}
				a.Routes = nil
				for _, r := range []deploy.Route{{Match: "http://shop.example"}, {Match: "http://shop.example/api/", Prefix: deploy.Some("/")}, {Match: "http://shop.example=/exact"}} {
					r.Workload, r.Port = deploy.Some(deploy.Ref("workloads.web")), deploy.Some(int64(8080))
					a.Routes = append(a.Routes, r)
				}
			} else {
				for i := range a.Routes {
					a.Routes[i].Via, a.Routes[i].Prefix, a.Routes[i].Match = deploy.Opt[deploy.Ref]{}, deploy.Opt[string]{}, []string{"http://shop.example", "http://shop.example/api"}[i]
				}
			}
			deploy.Sort(&a)
			out[string(kind)+"/"+lang] = a
			out[string(kind)+"/"+lang+"/other"] = other(a)
		}
	}
	return out
}

func system(w *deploy.Workload, kind deploy.Kind, lang string) {
	script := func(c *deploy.Command) { c.Entrypoint, c.Argv = nil, deploy.Args("exec node server.js") }
	w.Kind, w.Source.Language = deploy.Some(kind), deploy.Some(lang)
	w.Build, w.Image = deploy.Build{}, deploy.Opt[string]{}
	script(&w.Command)
	w.Started, w.Stopping = w.Started[:1], w.Stopping[:1]
	for _, tasks := range [][]deploy.Task{w.Before, w.Started, w.Stopping} {
		for i := range tasks {
			script(&tasks[i].Command)
		}
	}
	script(&w.Probes.Startup.Command)
	script(&w.Probes.Liveness.Command)
	w.Probes.Readiness.Command = deploy.Command{}
	w.Mounts = append(w.Mounts[:1:1], deploy.Mount{Path: "/tmp", Kind: deploy.Some(deploy.MountTmpfs), ReadOnly: deploy.Some(false), Size: deploy.Some(deploy.Bytes(1 << 20))})
	w.Mounts[0].Host, w.Mounts[0].Size = deploy.Opt[string]{}, deploy.Opt[deploy.Bytes]{}
	w.Ports[0].Published = deploy.Some("127.0.0.1:9090")
	w.Env[1].Value = deploy.Secret("hunter2-canary")
	if lang == "python" { // one that a Knative Service can be, and a Lambda function
		if kind != deploy.Cron {
			w.Mounts = w.Mounts[1:]
		}
		w.Files, w.Env[1].Value, w.Start.Run = nil, deploy.Plain("/srv/data/log"), deploy.Some(deploy.Bound(10*time.Minute))
		w.Before, w.Started, w.Stopping = nil, nil, nil
		w.Placement, w.User.Groups, w.Security.Capabilities = deploy.Placement{}, nil, deploy.List{"none"}
	}
}

// other gives the other answer to every yes or no: what a platform does by default in one system it does not in the other.
func other(a deploy.App) deploy.App {
	b := deploy.Clone(a)
	for _, p := range deploy.Paths(b) {
		switch text, _ := deploy.Text(b, p); text {
		case "true":
			_ = deploy.Set(&b, p, "false") // a boolean
		case "false":
			_ = deploy.Set(&b, p, "true")
		case "started":
			_ = deploy.Set(&b, p, "ready")
		}
	}
	for i := range b.Workloads {
		if b.Workloads[i].Source.Language.Is("python") { // Knative refuses privileges
			b.Workloads[i].Security.Privileged = deploy.Some(false)
		}
	}
	return b
}

// alike are leaves that are lowered to one value always, which is the platform's own default: leaving them out changes nothing.
var alike = map[string]string{
	"kubernetes workloads.*.probes.readiness.delay": "always 0: until it answers, a pod is only kept out of its Service",
	"knative workloads.*.probes.readiness.delay":    "always 0, as on Kubernetes",
	"compose workloads.*.ports.*.address":           "always 0.0.0.0: whatever else a program binds cannot be reached in a container",
	"compose workloads.*.ports.*.reachable":         "always true: services reach one another",
	"compose workloads.*.started.*.mayFail":         "always false: a hook that fails counts as one",
	"compose workloads.*.stopping.*.mayFail":        "always false: a hook that fails counts as one",
}

// For each path that survives Lower: removing it before Write fails a structural check that names it, unless the target's default is just what was removed, and that in no more than some
// of the systems. Otherwise a writer could forget a leaf, or write it where nobody reads it.
func TestEveryLeafMatters(t *testing.T) {
	noticed := map[string]bool{}
	for name, app := range systems() {
		cur := app
		for _, s := range steps {
			lowered, l, _ := s.Lower(cur)
			t.Run(name+"/"+s.Name, func(t *testing.T) {
				for _, p := range verify.Lowering(cur, lowered, l) {
					t.Error(p)
				}
				if d, err := backFrom(s, lowered); err != nil || len(d) != 0 {
					t.Fatalf("unchanged, the read-back differs: %v %v", d, err)
				}
				for _, p := range deploy.Paths(lowered) {
					key := s.Name + " " + pattern(p)
					noticed[key] = without(t, s, lowered, p) || noticed[key]
				}
			})
			if s.Tier < detect.Serverless { // the platforms of that tier stand beside each other
				cur = ledger.Next(cur, lowered, l)
			}
		}
	}
	count := map[string]int{}
	for key, ok := range noticed {
		target, _, _ := strings.Cut(key, " ")
		count[target]++
		if _, excused := alike[key]; ok == excused {
			t.Errorf("%s: noticed %v, excused %v", key, ok, excused)
		}
	}
	for target, least := range map[string]int{"compose": 75, "kubernetes": 70, "knative": 45, "lambda": 25} {
		if count[target] < least {
			t.Errorf("%s: only %d kinds of leaves were tried", target, count[target])
		}
	}
}

// pattern replaces the names of elements by "*".
func pattern(p deploy.Path) string {
	names := p.Names()
	for i := 1; i < len(names); i++ {
		switch names[i-1] {
		case "routes", "workloads", "volumes", "env", "ports", "mounts", "files", "needs", "stages", "steps", "before", "started", "stopping":
			names[i] = "*"
		}
	}
	return strings.Join(names, ".")
}

// without removes one place from what is to be written. It reports whether a check names it: the writer itself, or the comparison with what is read back.
func without(t *testing.T, s pipeline.Step, lowered deploy.App, p deploy.Path) bool {
	t.Helper()
	b := deploy.Clone(lowered)
	if err := deploy.Unset(&b, p); err != nil {
		t.Fatal(err)
	}
	set, err := s.Write(b)
	if err != nil {
		if !strings.Contains(err.Error(), p.Base()) && !strings.Contains(err.Error(), p.Parent().Base()) {
			t.Errorf("without %s the writer complains of something else: %v", p, err)
		}
		return true
	}
	back, err := read(s, pipeline.TreeOf(set))
	if err != nil {
		t.Errorf("without %s: %v", p, err)
		return true
	}
	changes := verify.ReadBack(lowered, back.App)
	for _, c := range changes {
		for _, at := range []deploy.Path{c.From, c.To} {
			if at != "" && (at.Under(p) || p.Under(at) || at.Parent() == p.Parent()) {
				return true
			}
		}
	}
	for _, f := range back.Findings {
		if f.Severity == ledger.Error && strings.Contains(f.What, p.Base()) {
			return true // the reader refuses the file
		}
	}
	if len(changes) > 0 {
		t.Errorf("without %s something else is missing: %v", p, changes)
	}
	return false
}

func backFrom(s pipeline.Step, lowered deploy.App) ([]deploy.Change, error) {
	set, err := s.Write(lowered)
	if err != nil {
		return nil, err
	}
	back, err := read(s, pipeline.TreeOf(set))
	return verify.ReadBack(lowered, back.App), err
}

// read reads files with the source of the step's format.
func read(s pipeline.Step, t detect.Tree) (detect.Result, error) {
	src, _ := sourceNamed(s.Reader)
	inputs, err := pipeline.Read(sources, src, t, src.Match(t.Paths))
	if err != nil {
		return detect.Result{}, err
	}
	return merge.Merge(inputs...), nil
}
